//! Lots as people see them: terms, hours, live price and award together, on the public board and on the staff's desk.
//!
//! Promise: reads only. The public sees a lot from its notice on, never its reserve price before the end, never a name
//! behind a bid number; staff see the lots of their scope from the first draft.

pub mod api;
mod hall_pages;
mod compared_words;
mod model;
pub mod pages;
mod service;
mod stream;
mod notice_words;
mod part_words;
pub mod words;

pub use model::{Affair, BoardPart, LotSummary, LotView, Moment, OwnLot, SittingLot, Standing, standing};
pub use service::{LotFilter, Viewer, board, find_title, get, list, list_own, moment, sellers, sitting};
pub use stream::Halls;
