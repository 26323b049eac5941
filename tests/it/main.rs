//! One test binary: the program as its people use it, over HTTP, on both databases.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

mod abuse;
mod access;
mod access_matrix;
mod append_faults;
mod architecture;
mod assets;
mod collectives;
mod contracts;
mod crash;
mod documents;
mod erasure;
mod generated;
mod homesteads;
mod log;
mod log_commands;
mod members;
mod migrations;
mod outside;
mod own_record;
mod pages;
mod plain_text;
mod sheets;
mod tamper;
mod trading;
mod witness;
