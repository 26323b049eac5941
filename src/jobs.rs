//! The timetable: work that falls due without a request. One thread looks every quarter of a second; on PostgreSQL each
//! instance has one, and the row locks of the work itself decide who does it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crate::db::{Db, Result};

/// What a job does at its time.
pub type Work = Box<dyn Fn(&Db) -> Result<()> + Send + Sync>;

/// A piece of due work. It finds out by itself whether there is something to do, and does it in write transactions.
pub struct Job {
    pub name: &'static str,
    pub every: Duration,
    pub run: Work,
}

/// The running timetable; stops when told or dropped.
pub struct Timetable {
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Timetable {
    /// Starts the thread. A job that fails is logged and tried again at its next time.
    pub fn start(db: Db, jobs: Vec<Job>) -> std::io::Result<Timetable> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::Builder::new().name("timetable".into()).spawn(move || {
            let mut due: Vec<(Instant, Job)> = jobs.into_iter().map(|j| (Instant::now(), j)).collect();
            while !stopped.load(Ordering::Relaxed) {
                for (at, job) in &mut due {
                    if *at <= Instant::now() {
                        if let Err(e) = (job.run)(&db) {
                            tracing::error!(job = job.name, error = %e, "due work failed; it is tried again");
                        }
                        *at = Instant::now() + job.every;
                    }
                }
                std::thread::sleep(Duration::from_millis(100));
            }
        })?;
        Ok(Timetable { stop, thread: Some(thread) })
    }

    pub fn stop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the timetable had panicked");
        }
    }
}

impl Drop for Timetable {
    fn drop(&mut self) {
        self.stop();
    }
}
