//! Those who look on: the log for everybody who wants to check it, timelines for auditors.
//!
//! Promise: reads only. What stands under `/log/` is public, needs no account, and is byte for byte what `xiangji export log`
//! writes; the log's key is not among it, because a key that comes from the place it checks proves nothing.

pub mod api;
mod log_files;
mod service;

pub use log_files::routes as log_routes;
pub use service::timeline;
