//! What a price means in money: a bid of 700.00 may be for a year, for a mu and year, for a square metre and month, for the
//! whole, or be no money at all but square metres.
//!
//! Promise: pure and in whole fen. A figure is rounded once, half up, from exact products: the unit price after each
//! increase to a fen, the rent of a year from that unit price, the total of the term from the exact rents (not from the
//! rounded ones, so the rents of single years may differ from it by a fen each; the last payment takes the difference).

mod model;
mod rules;
#[cfg(test)]
mod tests;

pub use model::{By, Increase, PriceFault, PriceTerms, PriceUnit};
pub use rules::{Value, in_proportion, total, unit_price, value, year_rent};
