//! What `verify` says of a world's database.

use xiangji::{
    app::{self, App},
    db::Db,
    log::{
        self, Event, Fault, Summary, Verification, Witnesses,
        note::{Checkpoint, VerifierKey},
    },
};

use super::app::World;

/// With which of its parts a verification is run.
#[derive(Default)]
pub struct Parts<'a> {
    /// Rows, entries and signatures alone: what is named is what was touched, and nothing that follows from it.
    pub without_checks: bool,
    pub witnesses: Option<&'a Witnesses>,
    pub since: Option<&'a Checkpoint>,
}

pub fn verified(app: &App, parts: &Parts<'_>) -> (Summary, Vec<Fault>) {
    verified_in(&app.db, app.log_key.verifier(), parts)
}

/// The same of any database whose log this key signs.
pub fn verified_in(db: &Db, key: &VerifierKey, parts: &Parts<'_>) -> (Summary, Vec<Fault>) {
    let (tables, none) = (app::logged_tables(), Witnesses::none());
    let checks = if parts.without_checks { Vec::new() } else { app::checks() };
    let what = Verification {
        key,
        former: &[],
        witnesses: parts.witnesses.unwrap_or(&none),
        tables: &tables,
        checks: &checks,
        since: parts.since,
    };
    let mut faults = Vec::new();
    let summary = db.read_together(log::READERS, |rx, beside| {
        log::verify(rx, beside, &what, &mut |event| {
            if let Event::Fault(fault) = event {
                faults.push(fault);
            }
        })
    });
    let summary = summary.unwrap();
    assert_eq!(summary.faults, faults.len() as u64);
    (summary, faults)
}

/// What the whole of it says.
pub fn faults(world: &World) -> Vec<Fault> {
    verified(&world.app, &Parts::default()).1
}

/// What rows, entries and signatures say by themselves.
pub fn faults_of_rows(world: &World) -> Vec<Fault> {
    verified(&world.app, &Parts { without_checks: true, ..Parts::default() }).1
}

/// What it says after a head that somebody kept.
pub fn faults_since(world: &World, kept: &Checkpoint) -> Vec<Fault> {
    verified(&world.app, &Parts { since: Some(kept), ..Parts::default() }).1
}

/// The head of today, as somebody would keep it.
pub fn kept_head(world: &World) -> Checkpoint {
    Checkpoint::open(&world.nobody().get("/log/checkpoint").text, world.app.log_key.verifier()).unwrap()
}
