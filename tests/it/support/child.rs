//! A child process of a test file, which is told to go and is killed while it is at work.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A program that is gone with its test, by its own id.
pub struct Ended(pub Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the ignored test `name` of this binary with these variables and kills it `after` the word; `None`: lets it end. How
/// long it took. The child says `ready`, waits for a line, works, and says `done`.
pub fn killed<'a>(
    name: &str,
    variables: impl IntoIterator<Item = (&'a str, String)>,
    after: Option<Duration>,
) -> Duration {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .envs(variables)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "ready"));
    let begun = Instant::now();
    child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    match after {
        Some(after) => {
            std::thread::sleep(after.saturating_sub(begun.elapsed()));
            // SIGKILL, by the child's own id.
            child.kill().unwrap();
        }
        None => assert!(lines.any(|line| line.unwrap() == "done")),
    }
    let took = begun.elapsed();
    child.wait().unwrap();
    took
}
