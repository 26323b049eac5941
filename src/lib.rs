//! Xiangji (乡集): the village ledger and market that anyone can verify.
pub mod calendar;
pub mod homesteads;
pub mod kernel;
pub mod log;
pub mod policy;
pub mod sheets;
pub mod web;
