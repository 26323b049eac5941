//! The shell around every domain: how pages look, how refusals are shown, what is served as it is. It knows no domain.

pub mod html;
pub mod static_files;
