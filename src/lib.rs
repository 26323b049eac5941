//! Xiangji (乡集): the village ledger and market that anyone can verify.
//!
//! The map, in the order in which modules may use each other (left of the list never imports right of it):

/// Who may do what, and where.
pub mod access;
/// The composition root: the only place that names every domain.
pub mod app;
/// Working days and due dates by the State Council's calendar.
pub mod calendar;
/// Configuration from the environment.
pub mod config;
/// Two databases, one binary: transactions, lanes, logged rows.
pub mod db;
/// Parcels: geometry, homestead rights, the map.
pub mod homesteads;
/// Files waiting for an import to be confirmed.
pub mod imports;
/// The timetable of due work.
pub mod jobs;
/// Money, areas, time, identifiers, codes, refusals: pure values.
pub mod kernel;
/// The transparency log.
pub mod log;
/// Rule sets by region and date.
pub mod policy;
/// Spreadsheets that people bring: XLSX and CSV as rows of text.
pub mod sheets;
/// Personal data, sealed by type.
pub mod vault;
/// The HTTP shell: errors, bodies, limits, look. Knows no domain.
pub mod web;
