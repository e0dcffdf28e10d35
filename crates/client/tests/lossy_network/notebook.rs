//! Where a member's machine keeps a room. What holds a line is written at once, the rest after a while, always in
//! order; what was not written is gone with the program.

use std::collections::VecDeque;

use maru_client::session::{Keeping, Restored};
use maru_wire::RoomId;

pub(crate) struct Notebook {
    written: Restored,
    unwritten: VecDeque<Keeping>,
}

impl Notebook {
    pub(crate) fn empty(room: RoomId) -> Self {
        let written = Restored { room, kept: None, waiting: Vec::new(), failed: Vec::new() };
        Self { written, unwritten: VecDeque::new() }
    }

    pub(crate) fn take(&mut self, keeping: Keeping) {
        let is_of_a_line = keeping.is_of_a_line();
        self.unwritten.push_back(keeping);
        if is_of_a_line {
            self.write();
        }
    }

    /// Everything so far is on the disk from here on.
    pub(crate) fn write(&mut self) {
        while let Some(keeping) = self.unwritten.pop_front() {
            self.apply(keeping);
        }
    }

    /// The program has ended: what a new one finds.
    pub(crate) fn after_a_crash(&mut self) -> Restored {
        self.unwritten.clear();
        self.written.clone()
    }

    fn apply(&mut self, keeping: Keeping) {
        let Restored { kept, waiting, failed, .. } = &mut self.written;
        match keeping {
            Keeping::Begun(all) => *kept = Some(all),
            Keeping::Nothing => *kept = None,
            Keeping::Known(known) => {
                if let Some(kept) = kept {
                    kept.known = known;
                }
            }
            Keeping::Heard { cursor, entries, oldest } => {
                let kept = kept.as_mut().expect("what is heard follows a beginning");
                kept.cursor = cursor;
                kept.entries.extend(entries);
                kept.entries.retain(|entry| entry.seq >= oldest);
            }
            Keeping::Earlier { mut entries, older } => {
                let kept = kept.as_mut().expect("what is earlier precedes a beginning");
                entries.append(&mut kept.entries);
                (kept.entries, kept.older) = (entries, older);
            }
            Keeping::Queued(line) => {
                waiting.retain(|known| known.id != line.id);
                waiting.push(line);
            }
            Keeping::Settled(id) => {
                waiting.retain(|line| line.id != id);
                failed.retain(|(line, _)| line.id != id);
            }
            Keeping::Failed { id, code } => panic!("{id} failed: {code:?}"),
        }
    }
}
