//! Trades: from a collective's asset to an award that anyone can recompute.
//!
//! Promise: who may bid, what a bid must be and who wins is decided by pure functions from facts handed in as values; the
//! live lot, `xiangji replay` and the tests run the very same ones.

pub mod auction;
