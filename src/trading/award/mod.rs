//! How an auction ended, and its result notice.
//!
//! Promise: an award is written once, by the close, from the engine's outcome; it is public from that moment. A person's
//! name is shown masked, an organisation's in full; the successors stand by bid number. Everybody who did not win has a refund ordered in the transaction of the close.

mod deposits;
mod model;
pub(super) mod store;

pub(super) use deposits::refund_losers;
pub use deposits::{has_price, may_order, open_books, order_deposit};
pub use model::Award;
pub use store::{find_public, list_public_prices};
