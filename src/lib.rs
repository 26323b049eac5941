//! Xiangji (乡集): the village ledger and market that anyone can verify.
//!
//! The map, in the order in which modules may use each other: none imports one that stands below it.

/// Money, areas, time, identifiers, codes, refusals: pure values.
pub mod kernel;
/// Working days and due dates by the State Council's calendar.
pub mod calendar;
/// Two databases, one binary: transactions, lanes, logged rows.
pub mod db;
/// Configuration from the environment.
pub mod config;
/// Requests to other servers.
pub mod outward;
/// The transparency log.
pub mod log;
/// Being a witness for the logs of others: a server of its own, without a database.
pub mod witness;
/// Personal data, sealed by type.
pub mod vault;
/// The HTTP shell: errors, bodies, limits, look. Knows no domain.
pub mod web;
/// Who may do what, and where.
pub mod access;
/// Papers and photos by content hash.
pub mod documents;
/// Rule sets by region and date.
pub mod policy;
/// Spreadsheets that people bring: XLSX and CSV as rows of text.
pub mod sheets;
/// Files waiting for an import to be confirmed.
pub mod imports;
/// The region tree and the collective organisations.
pub mod collectives;
/// What collectives own: resources, operating and public-service assets.
pub mod assets;
/// Households, persons, memberships, rosters.
pub mod members;
/// Parcels: geometry, homestead rights, the map.
pub mod homesteads;
/// Money that the township holds for others: deposits.
pub mod settlement;
/// Trades: from an asset to an award that anyone can recompute.
pub mod trading;
/// Contracts: who uses what, until when, for how much.
pub mod contracts;
/// Trades in the Open Contracting Data Standard. Reads only.
pub mod ocds;
/// Erasing a person's data: who asks, what stands against it, what is left.
pub mod erasures;
/// The public side: front page, notices. Reads only.
pub mod disclosure;
/// Home pages and statistics. Reads only.
pub mod reports;
/// Messages: what happened, told to whom it concerns, on a page and on request by mail or text message.
pub mod notify;
/// Auditors: timelines, and the log for everybody who wants to check it.
pub mod supervision;
/// The timetable of due work.
pub mod jobs;
/// The composition root: the only place that names every domain.
pub mod app;
/// A village to try everything on, from a fresh database.
pub mod demo;
/// Imports and exports from the command line.
pub mod console;
/// What operators and auditors do from the command line: export, verify, back up, restore.
pub mod maintain;

/// A verification hands millions of small pieces from thread to thread, and so does a busy auction; the system's allocator
/// spends a third of the time of `verify` on them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
