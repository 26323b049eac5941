//! Waiting for what has to come.

use std::time::{Duration, Instant};

/// How long anything may take on a slow and busy machine before it counts as not coming. Nobody waits that long for what comes.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Asks until it is so; fails where it never is.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "never came: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
