//! Those who look on: the log for everybody who wants to check it; what happened, in words, for auditors.
//!
//! Promise: changes nothing of the village's; the only thing it writes is that somebody verified, and what came of it. What
//! stands under `/log/` is public, needs no account, and is byte for byte what `xiangji export log` writes; the log's key is
//! not among it, because a key that comes from the place it checks proves nothing.

pub mod api;
mod board;
mod check_pages;
mod client_code;
mod log_files;
mod log_pages;
mod pages;
mod records;
mod service;
mod store;
mod verification;
mod verify_pages;
mod words;

pub use board::sheet as board_sheet;
pub use client_code::announce as announce_client_code;
pub use log_files::routes as log_routes;
pub use service::timeline;
pub use verification::Verifier;

/// Pages of auditors, and the log in words.
pub fn page_routes(config: &mut actix_web::web::ServiceConfig) {
    config
        .configure(pages::routes)
        .configure(verify_pages::routes)
        .configure(log_pages::routes)
        .configure(check_pages::routes);
}
