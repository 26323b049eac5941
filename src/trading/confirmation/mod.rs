//! What becomes of a result: it is confirmed for the winner, passed on to the next in line where the winner fails, or void.
//!
//! Promise: nothing is confirmed while the result is still published or an objection waits. Each of those in line has a row
//! of its own, in the order of the award, at the price of the own last bid; who failed, why and by which decision stays on
//! record. Where nobody is left the lot may be offered anew. The award itself is never changed.

pub mod api;
mod check;
mod defaults;
mod model;
pub mod pages;
mod papers;
mod rules;
mod sale;
mod service;
pub(super) mod store;

pub(super) use check::CHECK;
pub(super) use defaults::check as check_defaults;
pub use defaults::{ALL as DEFAULT_CODES, Shortfall};
pub use model::{Answer, Confirmation, Due, Failing, Ground, How, Sale, State, Waiting};
pub(super) use papers::{ask_anew, next_to_confirm};
pub use rules::ALL as CODES;
pub(super) use rules::{NOT_CONFIRMED, OBJECTION_UPHELD, OBJECTIONS_OPEN, RESULT_NOTICE_RUNNING};
pub use sale::{sale_of, sale_signed_by, signed};
pub(super) use service::published_until;
pub use service::{Days, answer, confirm, fail, list_public, void, waiting};
