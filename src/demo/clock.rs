//! The story's clock: stands until it is turned.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::kernel::{Timestamp, time::Clock};

/// Turned through the past by whoever tells the story; nothing happens between its moments.
pub struct StoryClock(AtomicI64);

impl StoryClock {
    pub fn at(moment: Timestamp) -> StoryClock {
        StoryClock(AtomicI64::new(moment.0))
    }
    pub fn turn_to(&self, moment: Timestamp) {
        self.0.store(moment.0, Ordering::SeqCst);
    }
}

impl Clock for StoryClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}
