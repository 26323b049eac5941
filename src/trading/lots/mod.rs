//! Lots as people see them: terms, hours, live price and award together, on the public board and on the staff's desk.
//!
//! Promise: reads only. The public sees a lot from its notice on, never its reserve price before the end, never a name
//! behind a bid number; staff see the lots of their scope from the first draft.

pub mod api;
mod model;
mod service;
mod stream;

pub use model::{LotSummary, LotView, Moment};
pub use service::{LotFilter, Viewer, find_title, get, list, moment};
