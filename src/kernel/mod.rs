//! The words every domain shares: money, areas, time, identifiers, codes, text, refusals.
//!
//! Promise: everything here is pure. No clock is read (time comes in as a value), no random number drawn, nothing
//! touches a database, a file or the network. Rules may use all of it.

pub mod codes;
pub mod error;
pub mod hex;
pub mod id;
pub mod measure;
pub mod money;
pub mod page;
pub mod text;
pub mod text_enum;
pub mod time;

pub use error::{Code, FieldError, Problem};
pub use hex::hex;
pub use id::Id;
pub use measure::Area;
pub use money::Fen;
pub use page::{Page, PageRequest};
pub use time::{Day, Timestamp};
