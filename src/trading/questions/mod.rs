//! Questions about a notice and their answers, for everybody to read.
//!
//! Promise: what one bidder is told, all are told. A question stands on the notice once it is answered, without the name of
//! who asked or answered; what was answered is not changed.

pub mod api;
mod model;
pub mod pages;
mod rules;
mod service;
pub(super) mod store;

pub use model::{Answer, Question, QuestionId, QuestionView};
pub use rules::ALL as CODES;
pub use service::{answer, ask, count_open, list, list_public};
