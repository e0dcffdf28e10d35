//! The store and a room in memory agree on everything, whatever is said, forgotten and restarted in between.

use maru_room::log::LogBounds;
use maru_room::{Command, Log, Room};
use maru_wire::{ChainHash, Cursor};
use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Say {
        by: u8,
        id: u8,
        text: u8,
    },
    Rename {
        by: u8,
        to: u8,
    },
    /// All that was drafted since the last one, in one transaction.
    Write,
    Tend {
        after_ms: u32,
    },
    Restart {
        keeps: u8,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        12 => (0u8..4, any::<u8>(), 0u8..2).prop_map(|(by, id, text)| Step::Say { by, id: id % 40, text }),
        2 => (0u8..4, 0u8..8).prop_map(|(by, to)| Step::Rename { by, to }),
        4 => Just(Step::Write),
        2 => (0u32..20_000).prop_map(|after_ms| Step::Tend { after_ms }),
        1 => (0u8..30).prop_map(|keeps| Step::Restart { keeps }),
    ];
    proptest::collection::vec(step, 1..120)
}

/// A store, and a room that keeps everything in memory.
struct Pair {
    rig: Rig,
    store: Option<Store>,
    room: Room,
    drafts: Vec<Draft>,
    expected: Vec<Written>,
    keeps: Keeps,
    trimmed: Seq,
    now: u64,
}

impl Pair {
    fn new() -> Self {
        let rig = Rig::new();
        let store = Some(rig.open().0);
        let bounds = LogBounds { entries_max: usize::MAX, bytes_max: usize::MAX };
        let mut room = Room::new(Epoch::parse("e1").unwrap(), bounds);
        for by in 0..4 {
            room.enter(&who(by), &Nickname::parse(&format!("손님{by}")).unwrap(), by == 0, 0).unwrap();
        }
        let (drafts, expected) = (Vec::new(), Vec::new());
        Self { rig, store, room, drafts, expected, keeps: Keeps::Everything, trimmed: Seq(0), now: 0 }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Say { by, id, text } => {
                let id = MessageId::parse(&format!("m{id}")).unwrap();
                let text = MessageText::parse(&format!("말 {text}")).unwrap();
                self.draft(*by, Command::Say { id, text });
            }
            Step::Rename { by, to } => {
                let nickname = Nickname::parse(&format!("이름{to}")).unwrap();
                self.draft(*by, Command::Rename { nickname });
            }
            Step::Write => self.write(),
            Step::Tend { after_ms } => {
                self.now += u64::from(*after_ms);
                self.store.as_mut().unwrap().tend(self.now).unwrap();
            }
            Step::Restart { keeps } => self.restart(*keeps),
        }
    }

    fn draft(&mut self, by: u8, command: Command) {
        if let Ok(Some(draft)) = self.room.draft(&who(by), command, self.now) {
            self.drafts.push(draft.clone());
            self.expected.push(self.room.write(draft));
        }
    }

    fn write(&mut self) {
        let written = self.store.as_mut().unwrap().write(std::mem::take(&mut self.drafts)).unwrap();
        assert_eq!(written, std::mem::take(&mut self.expected));
        if let Keeps::Last { entries } = self.keeps {
            let head = self.room.log().head().seq.0;
            self.trimmed = self.trimmed.max(Seq(head.saturating_sub(entries.into())));
        }
    }

    fn restart(&mut self, keeps: u8) {
        self.write();
        self.store = None;
        self.keeps = if keeps == 0 { Keeps::Everything } else { Keeps::Last { entries: keeps.into() } };
        let (store, restored) = Store::open(self.rig.path(), &options(self.keeps)).unwrap();
        self.store = Some(store);
        if let Keeps::Last { entries } = self.keeps {
            let head = self.room.log().head().seq.0;
            self.trimmed = self.trimmed.max(Seq(head.saturating_sub(entries.into())));
        }
        assert_eq!(restored, self.expected_restored());
    }

    /// Every entry that was ever written.
    fn entries(&self) -> Vec<Entry> {
        let head = self.room.log().head().seq.0;
        (1..=head).map(|seq| self.room.log().entry(Seq(seq)).unwrap().clone()).collect()
    }

    fn expected_restored(&self) -> Restored {
        let mut entries = self.entries();
        let mut members: Vec<(MemberId, u32)> = Vec::new();
        for entry in &entries {
            if !members.iter().any(|(id, _)| *id == entry.by.id) {
                members.push((entry.by.id.clone(), entry.by.number));
            }
        }
        members.sort_by_key(|(_, number)| *number);
        let tail = entries.split_off(usize::try_from(self.trimmed.0).unwrap());
        let first = maru_room::log::first_hash(&Epoch::parse("e1").unwrap());
        Restored {
            head: self.room.log().head(),
            formers: Vec::new(),
            base: entries.last().map_or(first, |entry| entry.hash),
            tail,
            trimmed: self.trimmed,
            members,
        }
    }

    fn check(&self) {
        let reader = self.rig.reader();
        let expected = self.expected_restored();
        assert_eq!(all(&reader), expected.tail);
        let (mut backward, mut place) = (Vec::new(), Seq(u64::MAX));
        loop {
            let page = reader.before(place).unwrap();
            place = page.entries.first().map_or(place, |entry| entry.seq);
            let mut entries = page.entries;
            entries.extend(backward);
            backward = entries;
            if !page.more {
                break;
            }
        }
        assert_eq!(backward, expected.tail);
        let found = reader.search(&SearchWords::parse("말 1").unwrap(), None).unwrap().entries;
        let said =
            |entry: &&Entry| matches!(&entry.what, Happening::Said { text, .. } if text.as_str() == "말 1");
        let there: Vec<u64> = expected.tail.iter().filter(said).map(|entry| entry.seq.0).collect();
        assert_eq!(seqs(&found), there[there.len().saturating_sub(50)..]);
        self.check_places(&reader, expected);
    }

    fn check_places(&self, reader: &Reader, restored: Restored) {
        let first = maru_room::log::first_hash(&Epoch::parse("e1").unwrap());
        let hashes: Vec<ChainHash> =
            std::iter::once(first).chain(self.entries().iter().map(|entry| entry.hash)).collect();
        let bounds = LogBounds { entries_max: usize::MAX, bytes_max: usize::MAX };
        let log = Log::restored(restored, bounds);
        for seq in 0..=hashes.len() + 1 {
            for hash in [hashes.get(seq).copied().unwrap_or_default(), ChainHash([9; 16])] {
                for epoch in ["e1", "e9"] {
                    let epoch = Epoch::parse(epoch).unwrap();
                    let cursor = Cursor { epoch, seq: Seq(seq as u64), hash };
                    assert_eq!(reader.standing(&cursor).unwrap(), log.standing(&cursor), "{cursor:?}");
                }
            }
        }
    }
}

fn who(by: u8) -> MemberId {
    MemberId::parse(&format!("member{by}")).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_store_is_the_room(steps in steps()) {
        let mut pair = Pair::new();
        for step in &steps {
            pair.take(step);
        }
        pair.write();
        pair.check();
        pair.restart(0);
        pair.check();
    }
}
