//! The auction engine: four ways to find a price, one set of rules.
//!
//! Promise: pure. A decision depends on the rules, the state folded from the earlier commands and the command alone, so
//! a person with the exported trace gets the same award as the server. Amounts are whole fen and times whole
//! microseconds; nothing here reads a clock, draws a number or can panic on what it is given. Deciding one command takes
//! the same time however many came before.

mod model;
mod rejection;
mod rules;
mod trace;

#[cfg(test)]
mod schedules;
#[cfg(test)]
mod tests;

pub use model::{
    Accepted, Action, Bidder, ClockTerms, Command, Extension, ExtensionFrom, Failure, Head, Leading, Mode, Offset,
    Outcome, Priority, Revisions, RuleFault, Rules, Standing, State, Status, Step, StepMin, StepRow, Tie,
};
pub use rejection::{ALL as CODES, Rejection};
pub use rules::{Span, close, decide, span};
pub use trace::{TraceError, replay, replay_main, write_result, write_trace};
