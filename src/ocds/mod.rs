//! Trades in the Open Contracting Data Standard (OCDS 1.1), for watchers whose tools read that.
//!
//! Promise: reads only, and only what the public pages show; one lot is one contracting process with one ocid and one package;
//! a release for every version of the notice, for the first answered question and for the end; the same data give the same
//! bytes, for no clock is asked; amounts are JSON numbers with exactly the digits of the books. What the standard, made for
//! buying, has no word for stands in our extension `disposal` (`docs/ocds.md`).

pub mod api;
mod disposal;
mod model;
mod rules;
mod service;

pub use rules::Imprint;
pub use service::{list_trades, package};
