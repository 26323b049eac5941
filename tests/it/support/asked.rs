//! How many statements a piece of work asks of the database, counted by the database's own client.

use std::{cell::Cell, sync::Once};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

thread_local! {
    static ASKED: Cell<usize> = const { Cell::new(0) };
}

fn counter() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            ASKED.set(ASKED.get() + 1);
        }
    }))
}

/// Connections that are opened from now on are counted; those that are open are not.
pub fn count_from_now() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| set_default_instrumentation(counter).unwrap());
}

/// What `work` came to, and how many statements this thread asked for it.
pub fn asked<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = ASKED.get();
    let done = work();
    (done, ASKED.get() - before)
}
