//! From a bid to money.

use super::model::{By, PriceTerms};
use crate::kernel::Fen;

/// What a price comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value {
    /// The rent of the first year; `None` where the price is no rent.
    pub first_year: Option<Fen>,
    pub total: Fen,
}

/// What `price` comes to; `None` where it is no money or beyond every amount.
pub fn value(terms: &PriceTerms, price: Fen) -> Option<Value> {
    Some(Value { first_year: year_rent(terms, price, 1), total: total(terms, price)? })
}

/// `value` × `price` ÷ `of`, half up: what a price is worth where `value` is what `of` is worth.
pub fn in_proportion(value: Fen, price: Fen, of: Fen) -> Option<Fen> {
    rounded(i128::from(value.0).checked_mul(i128::from(price.0))?, i128::from(of.0))
}

/// The unit price in a contract year, counted from 1.
pub fn unit_price(terms: &PriceTerms, price: Fen, year: i64) -> Option<Fen> {
    let due = terms.increases.iter().take_while(|increase| increase.from_year <= year);
    due.map(|increase| increase.by).try_fold(price, |price, by| match by {
        By::Amount(amount) => price.checked_add(amount),
        By::Percent(hundredths) => rounded(i128::from(price.0) * (10_000 + i128::from(hundredths)), 10_000),
    })
}

/// The rent of one whole contract year.
pub fn year_rent(terms: &PriceTerms, price: Fen, year: i64) -> Option<Fen> {
    rounded(exact(terms, unit_price(terms, price, year)?, terms.unit.times_a_year()?)?, scale(terms))
}

/// The money of the whole term; a last year that is not whole counts by months.
pub fn total(terms: &PriceTerms, price: Fen) -> Option<Fen> {
    use super::PriceUnit as U;
    let Some(times) = terms.unit.times_a_year() else {
        return Some(price).filter(|price| terms.unit == U::Whole && *price <= Fen::MAX);
    };
    let mut sum = 0_i128;
    // Between two increases every year is the same.
    let starts = std::iter::once(1).chain(terms.increases.iter().map(|increase| increase.from_year));
    let ends = terms.increases.iter().map(|increase| Some(increase.from_year)).chain([None]);
    for (from, until) in starts.zip(ends) {
        let begins = from.saturating_sub(1).saturating_mul(12).min(terms.term_months);
        let ends =
            until.map_or(terms.term_months, |year| year.saturating_sub(1).saturating_mul(12).min(terms.term_months));
        let a_year = exact(terms, unit_price(terms, price, from)?, times)?;
        sum = sum.checked_add(a_year.checked_mul(i128::from(ends.saturating_sub(begins)))?)?;
    }
    rounded(sum, scale(terms).checked_mul(12)?)
}

/// Unit price × times × quantity, in fen times [`scale`].
fn exact(terms: &PriceTerms, price: Fen, times: i128) -> Option<i128> {
    let quantity = if terms.unit.needs_quantity() { terms.quantity? } else { 1 };
    i128::from(price.0).checked_mul(times)?.checked_mul(i128::from(quantity))
}

/// Quantities are hundredths.
fn scale(terms: &PriceTerms) -> i128 {
    if terms.unit.needs_quantity() { 100 } else { 1 }
}

/// `exact / of`, half up; `None` beyond every amount of a document. Prices are not negative.
fn rounded(exact: i128, of: i128) -> Option<Fen> {
    let doubled = exact.checked_mul(2)?.checked_add(of)?.checked_div(of.checked_mul(2)?)?;
    i64::try_from(doubled).ok().map(Fen).filter(|amount| *amount <= Fen::MAX)
}
