//! Pages as people meet them: in a browser, on a phone and on an office screen, with scripts and without.

mod access;
mod audit;
mod desk;
mod members;
mod merits;
mod messages;
mod modes;
mod ledgers;
pub mod market;
mod money;
mod paddles;
mod style_guide;
