//! A clock that can be turned through the past and then runs with the machine's.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use crate::kernel::{Timestamp, time::Clock};

/// Stands at the moment it was turned to, until it is let run.
pub struct DemoClock {
    present: Arc<dyn Clock>,
    /// The moment it stands at; `i64::MIN` while it runs.
    stands_at: AtomicI64,
}

impl DemoClock {
    pub fn new(present: Arc<dyn Clock>) -> DemoClock {
        DemoClock { present, stands_at: AtomicI64::new(i64::MIN) }
    }
    /// What the machine's clock says.
    pub fn present(&self) -> Timestamp {
        self.present.now()
    }
    pub fn turn_to(&self, moment: Timestamp) {
        self.stands_at.store(moment.0, Ordering::SeqCst);
    }
    pub fn run(&self) {
        self.stands_at.store(i64::MIN, Ordering::SeqCst);
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        match self.stands_at.load(Ordering::SeqCst) {
            i64::MIN => self.present.now(),
            moment => Timestamp(moment),
        }
    }
}
