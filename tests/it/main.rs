//! One test binary: the program as its people use it, over HTTP, on both databases.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

mod abuse;
mod access;
mod access_matrix;
mod append_faults;
mod architecture;
mod assets;
mod bidding_faults;
mod bank;
mod collectives;
mod contracts;
mod corrections;
mod crash;
mod disk_full;
mod documents;
mod erasure;
mod generated;
mod homesteads;
mod insider;
mod log;
mod log_commands;
mod meaning;
mod members;
mod methods;
mod sealed;
mod sealed_recipe;
mod migrations;
mod money;
mod notices;
mod outside;
mod own_record;
mod pages;
mod plain_text;
mod power_loss;
mod report;
mod sheets;
mod since;
mod slips;
mod succession;
mod tamper;
mod trading;
mod witness;
mod witness_foreign;
mod witness_program;
