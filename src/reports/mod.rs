//! What people look at first: the home page of each role. Reads other domains, writes nothing.

pub mod pages;
mod today;
