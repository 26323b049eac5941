//! What a run takes of the processor. Who else uses the machine changes how many bids a second there are, and this far less.

use std::{collections::HashMap, fs, iter::successors, process::id, time::Duration};

/// Time on the processor so far: of this process, and of those it has started. Nothing where the system does not tell.
#[derive(Clone, Copy)]
pub struct Taken {
    pub own: Duration,
    pub started: Duration,
}

impl Taken {
    pub fn so_far() -> Taken {
        let pids = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let parents: HashMap<u32, u32> = pids.filter_map(|pid| Some((pid, parent(pid)?))).collect();
        let is_ours = |pid: u32| successors(parents.get(&pid), |pid| parents.get(pid)).any(|pid| *pid == id());
        let started = parents.keys().copied().filter(|pid| is_ours(*pid)).map(of_process).sum();
        Taken { own: of_process(id()), started }
    }

    pub fn since(self, before: Taken) -> Taken {
        Taken { own: self.own.saturating_sub(before.own), started: self.started.saturating_sub(before.started) }
    }
}

/// Of the thread that asks.
pub fn of_this_thread() -> Duration {
    of_task("/proc/thread-self")
}

fn of_process(pid: u32) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    tasks.map(|task| of_task(&task.path().display().to_string())).sum()
}

fn of_task(task: &str) -> Duration {
    let told = fs::read_to_string(format!("{task}/schedstat")).unwrap_or_default();
    Duration::from_nanos(told.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or_default())
}

/// Who has started the process.
fn parent(pid: u32) -> Option<u32> {
    let told = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    told.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
