//! How an auction ended, and its result notice.
//!
//! Promise: an award is written once, by the close, from the engine's outcome; it is public from that moment. A person's
//! name is shown masked, an organisation's in full; the successors stand by bid number.

mod model;
pub(super) mod store;

pub use model::Award;
pub use store::find_public;
