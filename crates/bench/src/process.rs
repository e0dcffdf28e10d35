//! What a server costs, as the kernel counts it, and on which cores anything runs.

use std::collections::VecDeque;
use std::fs;
use std::io;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Seconds of CPU (user and system) that a process, all its threads and its children have taken.
pub fn cpu_seconds(process: u32) -> f64 {
    let ticks: u64 = family(process).into_iter().filter_map(cpu_ticks).sum();
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}

/// Memory of a process and its children, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Memory {
    /// Resident now.
    pub resident: u64,
    /// Resident at the most so far.
    pub peak: u64,
}

/// Memory of a process and its children.
pub fn memory(process: u32) -> Memory {
    let mut memory = Memory::default();
    for process in family(process) {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        memory.resident += kibibytes(&status, "VmRSS:") * 1024;
        memory.peak += kibibytes(&status, "VmHWM:") * 1024;
    }
    memory
}

/// Where the server and the generator run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cores {
    /// The server's, alone.
    pub server: usize,
    /// The generator's.
    pub generator: usize,
    /// Of those who disturb: the generator's again where there is no third.
    pub disturbers: usize,
}

impl Cores {
    /// The first cores this process may use. None where there is only one: a figure of it would mean nothing.
    pub fn choose() -> Option<Self> {
        let allowed = sched_getaffinity(None).ok()?;
        let mut cores = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
        let (server, generator) = (cores.next()?, cores.next()?);
        Some(Self { server, generator, disturbers: cores.next().unwrap_or(generator) })
    }
}

/// Keeps this thread, and what it starts from now on, on one core.
pub fn stay_on(core: usize) -> io::Result<()> {
    let mut cores = CpuSet::new();
    cores.set(core);
    Ok(sched_setaffinity(None, &cores)?)
}

/// Lets this process and what it starts hold that many sockets, as far as the system allows. Returns how many it may.
pub fn allow_sockets(wanted: u64) -> io::Result<u64> {
    rlimit::increase_nofile_limit(wanted)
}

fn family(process: u32) -> Vec<u32> {
    let mut known = Vec::new();
    let mut next = VecDeque::from([process]);
    while let Some(process) = next.pop_front() {
        known.push(process);
        let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
        for task in tasks {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            next.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        }
    }
    known
}

/// proc(5): user and system time are the 14th and 15th field, those of children waited for the 16th and 17th. The name,
/// the second one, may hold blanks and brackets.
fn cpu_ticks(process: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    Some(after_name.split_whitespace().skip(11).take(4).filter_map(|ticks| ticks.parse::<u64>().ok()).sum())
}

fn kibibytes(status: &str, field: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_and_a_peak_that_is_not_below_it() {
        let memory = memory(std::process::id());
        assert!(memory.resident > 0 && memory.peak >= memory.resident, "{memory:?}");
        assert!(cpu_ticks(std::process::id()).is_some());
    }

    #[test]
    fn a_process_that_is_not_there_has_nothing() {
        assert_eq!(memory(u32::MAX).resident, 0);
        assert!(cpu_seconds(u32::MAX).abs() < 1e-9);
    }
}
