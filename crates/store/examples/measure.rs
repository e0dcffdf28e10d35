//! What the store costs: `cargo run --release -p maru-store --example measure [FOLDER]`. Prints a line for each
//! figure; judges nothing.
#![allow(clippy::print_stdout, reason = "a measurement is read on a terminal")]

use std::path::Path;
use std::time::{Duration, Instant};

use maru_room::Draft;
use maru_store::{Store, StoreOptions};
use maru_wire::{
    Epoch, Happening, Keeps, Member, MemberId, MessageId, MessageText, Nickname, RoomId, SearchWords, Seq,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = match std::env::args_os().nth(1) {
        Some(folder) => tempfile::tempdir_in(folder)?,
        None => tempfile::tempdir()?,
    };
    let epoch = |text| Epoch::parse(text);
    let options = |keeps| -> Result<StoreOptions, Box<dyn std::error::Error>> {
        let (epoch_if_new, next_epoch) = (epoch("e1")?, epoch("e2")?);
        Ok(StoreOptions { room: RoomId::parse("room")?, keeps, epoch_if_new, next_epoch, at: 0 })
    };
    let (mut store, _) = Store::open(folder.path(), &options(Keeps::Everything)?)?;
    let mut texts = Texts { seed: 1, count: 0, ordered: false };
    writing(&mut store, &mut texts, folder.path())?;
    reading(&store)?;
    drop(store);
    let begun = Instant::now();
    let (mut store, restored) = Store::open(folder.path(), &options(Keeps::Last { entries: 190_000 })?)?;
    println!("open, with a tail of {}: {:?}", restored.tail.len(), begun.elapsed());
    trimming(&mut store, &mut texts)?;
    println!("the same with ids that begin with the time");
    let (mut store, _) = Store::open(&folder.path().join("ordered"), &options(Keeps::Everything)?)?;
    writing(&mut store, &mut Texts { seed: 1, count: 0, ordered: true }, folder.path())
}

fn writing(store: &mut Store, texts: &mut Texts, folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    println!("batches of 64, messages of about 120 bytes, 100 members");
    for round in 1..=4 {
        let (mut cpu, mut wall, mut longest) = (0, Duration::ZERO, Duration::ZERO);
        let (mut tending, mut tended, mut longest_step) = (0, 0, Duration::ZERO);
        for _ in 0..50_000 / 64 {
            let drafts = texts.drafts(64);
            let (before, begun) = (cpu_ns(), Instant::now());
            store.write(drafts)?;
            cpu += cpu_ns() - before;
            wall += begun.elapsed();
            longest = longest.max(begun.elapsed());
            let before = cpu_ns();
            loop {
                let begun = Instant::now();
                let more = store.tend(0)?.more;
                longest_step = longest_step.max(begun.elapsed());
                tended += 1;
                if !more {
                    break;
                }
            }
            tending += cpu_ns() - before;
        }
        let per_entry = |ns: u64| ns as f64 / 1_000.0 / (50_000 / 64 * 64) as f64;
        println!(
            "up to {}: write {:.1} us CPU an entry, commit {:?} mean {longest:?} longest; tend {:.1} us CPU an entry, \
             {longest_step:?} longest of {tended} steps",
            round * 50_000,
            per_entry(cpu),
            wall / (50_000 / 64),
            per_entry(tending),
        );
    }
    let bytes: u64 =
        std::fs::read_dir(folder)?.filter_map(|file| Some(file.ok()?.metadata().ok()?.len())).sum();
    println!("{} MB on disk for {} messages", bytes / 1_000_000, store.head().seq.0);
    Ok(())
}

fn reading(store: &Store) -> Result<(), Box<dyn std::error::Error>> {
    let reader = store.reader()?;
    let middle = Seq(store.head().seq.0 / 2);
    let timed = |what: &str, ask: &dyn Fn() -> Result<String, Box<dyn std::error::Error>>| {
        let mut times = Vec::new();
        let mut answer = String::new();
        for _ in 0..5 {
            let begun = Instant::now();
            answer = ask()?;
            times.push(begun.elapsed());
        }
        times.sort_unstable();
        println!("{what}: {:?} median of 5 ({answer})", times[2]);
        Ok::<(), Box<dyn std::error::Error>>(())
    };
    timed("a page from the middle", &|| Ok(format!("{} entries", reader.before(middle)?.entries.len())))?;
    for words in ["점심시간", "바늘", "늘", "needle", "eed", "xq", "가", "e", "없는말", "bcdefg 나다라"]
    {
        let words = SearchWords::parse(words)?;
        timed(&format!("search {}", words.as_str()), &|| {
            let found = reader.search(&words, None)?;
            Ok(format!("{} found, more: {}", found.entries.len(), found.more))
        })?;
    }
    Ok(())
}

fn trimming(store: &mut Store, texts: &mut Texts) -> Result<(), Box<dyn std::error::Error>> {
    let (before, begun, first) = (cpu_ns(), Instant::now(), store.head().seq.0);
    let (mut steps, mut longest) = (0, Duration::ZERO);
    loop {
        let begun = Instant::now();
        let more = store.tend(1_000_000)?.more;
        longest = longest.max(begun.elapsed());
        steps += 1;
        if !more {
            break;
        }
    }
    let count = (first - 190_000) as f64;
    let cpu = (cpu_ns() - before) as f64 / 1_000.0 / count;
    println!(
        "trim: {cpu:.1} us CPU an entry, {:?} for {count}, longest of {steps} steps {longest:?}",
        begun.elapsed()
    );
    let (mut cpu, begun) = (0, Instant::now());
    for round in 0..10_000 / 64 {
        let drafts = texts.drafts(64);
        let before = cpu_ns();
        store.write(drafts)?;
        while store.tend(round)?.more {}
        cpu += cpu_ns() - before;
    }
    let each = cpu as f64 / 1_000.0 / (10_000 / 64 * 64) as f64;
    println!("write, index and trim as many: {each:.1} us CPU an entry, {:?} in all", begun.elapsed());
    Ok(())
}

/// Messages that look like a chat's: Korean and Latin words of an uneven frequency, a few rare ones.
struct Texts {
    seed: u64,
    count: u64,
    /// Whether messages' ids follow each other.
    ordered: bool,
}

impl Texts {
    fn random(&mut self, below: u64) -> u64 {
        // xorshift64* (Vigna, 2016).
        self.seed ^= self.seed >> 12;
        self.seed ^= self.seed << 25;
        self.seed ^= self.seed >> 27;
        (self.seed.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % below
    }

    fn text(&mut self) -> String {
        let mut text = String::new();
        while text.len() < 110 {
            let common = self.random(3) == 0;
            let first = self.random(if common { 50 } else { 5_000 });
            for at in 0..2 + first % 4 {
                let number = first * 31 + at * 7;
                if first.is_multiple_of(3) {
                    text.push(char::from(b'a' + (number % 26) as u8));
                } else {
                    text.push(char::from_u32(0xAC00 + (number % 2_350 * 4) as u32).unwrap_or('가'));
                }
            }
            text.push(' ');
        }
        match self.count {
            count if count % 20_000 == 7 => text + "needle",
            count if count % 20_000 == 9 => text + "큰바늘을",
            count if count % 1_000 == 3 => text + "점심시간에",
            _ => text,
        }
    }

    fn drafts(&mut self, count: usize) -> Vec<Draft> {
        (0..count).map(|_| self.draft()).collect()
    }

    fn draft(&mut self) -> Draft {
        let number = self.random(100) as u32;
        let mut bits = [0; 16];
        bits[..8].copy_from_slice(&self.random(u64::MAX).to_be_bytes());
        bits[8..].copy_from_slice(&self.count.to_be_bytes());
        if self.ordered {
            bits.rotate_left(8);
        }
        let text = MessageText::parse(&self.text()).expect("a short text");
        let nickname = Nickname::parse(&format!("손님{number}")).expect("a name");
        let mut member = [7; 16];
        member[0] = number as u8;
        self.count += 1;
        let by = Member { id: MemberId::from_random(member), nickname, number, host: false };
        Draft { by, what: Happening::Said { id: MessageId::from_random(bits), text }, at: self.count }
    }
}

/// Nanoseconds of CPU that this thread has had (Linux, `Documentation/scheduler/sched-stats.rst`); 0 elsewhere.
fn cpu_ns() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or(0)
}
