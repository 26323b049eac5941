//! Auctions: the engine, and the live lots that run on it.
//!
//! Promise of the engine (`model`, `rules`, `rejection`, `trace`): seven ways to find a price, up or down, one set of rules, pure. A
//! decision depends on the rules, the state folded from the earlier commands and the command alone, so a person with the
//! exported trace gets the same award as the server. Amounts are whole fen and times whole microseconds; nothing there
//! reads a clock, draws a number or can panic on what it is given. Deciding one command takes the same time however many
//! came before.
//!
//! Promise of the live part: every command, refused ones too, is a row that never changes and an entry of the log, numbered
//! without a gap in the order of the server's lock; an award is written only if replaying all rows gives every stored
//! decision again.

mod after_clock;
pub mod api;
mod check;
mod closing;
mod compared;
mod facts;
mod grounds;
mod history;
mod live;
mod model;
mod of_terms;
mod opened;
mod own;
pub mod pages;
pub(super) mod own_pages;
mod rejection;
mod reschedule;
mod rules;
mod scene;
mod seen;
mod service;
mod steering;
pub(super) mod steering_pages;
pub(super) mod store;
mod trace;
mod turns;
mod way;

#[cfg(test)]
mod schedules;
#[cfg(test)]
mod tests;

pub(super) use check::CHECK;
pub(super) use closing::close_locked;
pub use closing::{close_due, close_ended};
pub use compared::{ComparedBid, compared};
pub(super) use facts::{drawn_in_order, equals_at_ceiling};
pub use grounds::{Ground, Halted};
pub use history::{Exported, History, export, history, list_closed, reason_given_up, since};
pub use live::{BidView, FallingPrice, Live, Mine, PartNow, Turn, TurnState, TurnsNow, Via};
pub use model::{
    Accepted, Action, AfterClock, AtCeiling, Before, Bidder, ClockTerms, Command, Compared, Countdown, Criterion,
    Direction, Extension, ExtensionFrom, FULL, Failure, Fallback, Head, Leading, Mode, Offset, OutageTerms, Outcome,
    Priority, Revisions, RuleFault, Rules, Standing, State, Status, Step, StepMin, StepRow, Tie, Turns,
};
pub(super) use opened::Floor;
pub use own::{Preview, mine, preview};
pub use rejection::{ALL as CODES, Bound, CLOSED, Rejection};
pub(super) use reschedule::reschedule;
pub use rules::{
    Asking, Part, Parts, Rounds, Slot, Span, asking, close, decide, drawn, offers, parts, rounds, span, waits,
};
pub use seen::{live, live_of};
pub use service::{
    ALL as LIVE_CODES, AUCTION_NOT_ENDED, Bid, DEPOSIT_MISSING, NOT_ENROLLED, Taken, place_bid, place_seen_bid, topic,
};
pub(super) use service::{Locked, locked, place_entered_bid, prepare};
pub use steering::{Steer, Steering, halted, steer};
pub(super) use steering::{find_paper, keep_paper};
pub use store::CommandKind;
pub(in crate::trading) use store::last_price;
pub use trace::{TraceError, read_rules, replay, replay_main, write_result, write_rules, write_trace};
