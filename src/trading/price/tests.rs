//! The examples of domain facts 10.6, each unit once, and what cannot be computed.

use super::*;
use crate::kernel::Fen;

fn fen(yuan: &str) -> Fen {
    yuan.parse().expect("an amount")
}

fn terms(unit: PriceUnit, quantity: Option<i64>, term_months: i64, increases: &[(i64, By)]) -> PriceTerms {
    let increases = increases.iter().map(|(from_year, by)| Increase { from_year: *from_year, by: *by }).collect();
    PriceTerms { unit, quantity, term_months, increases }.checked().expect("terms that fit")
}

/// 23.50 mu × 700.00, 8 years, +10 % from year 5 and from year 8.
#[test]
fn two_increases_of_ten_per_cent() {
    let t = terms(PriceUnit::PerMuYear, Some(2_350), 96, &[(5, By::Percent(1_000)), (8, By::Percent(1_000))]);
    let rents: Vec<String> =
        (1..=8).map(|year| year_rent(&t, fen("700.00"), year).expect("a rent").to_string()).collect();
    let expected = ["16450.00"; 4].into_iter().chain(["18095.00"; 3]).chain(["19904.50"]);
    assert_eq!(rents, expected.collect::<Vec<_>>());
    assert_eq!(value(&t, fen("700.00")), Some(Value { first_year: Some(fen("16450.00")), total: fen("139989.50") }));
}

/// 467.00 mu × 2000.00, +5 % every second year.
#[test]
fn five_per_cent_every_second_year() {
    let t = terms(PriceUnit::PerMuYear, Some(46_700), 72, &[(3, By::Percent(500)), (5, By::Percent(500))]);
    let rent = |year| year_rent(&t, fen("2000.00"), year).expect("a rent").to_string();
    assert_eq!(
        [1, 2, 3, 4, 5, 6].map(rent),
        ["934000.00", "934000.00", "980700.00", "980700.00", "1029735.00", "1029735.00"]
    );
    assert_eq!(total(&t, fen("2000.00")), Some(fen("5888870.00")));
}

/// "每五年递增50元/亩".
#[test]
fn an_amount_a_unit_every_fifth_year() {
    let fifty = By::Amount(fen("50.00"));
    let t = terms(PriceUnit::PerMuYear, Some(1_000), 144, &[(6, fifty), (11, fifty)]);
    assert_eq!(
        [1, 5, 6, 10, 11].map(|year| unit_price(&t, fen("700.00"), year)),
        [700, 700, 750, 750, 800].map(|y| Some(Fen(y * 100)))
    );
    assert_eq!(total(&t, fen("700.00")), Some(fen("88500.00"))); // 5 × 7000 + 5 × 7500 + 2 × 8000
}

#[test]
fn every_unit() {
    let price = fen("30.00");
    let told = |unit, quantity, months| value(&terms(unit, quantity, months, &[]), price);
    let both = |year: &str, total: &str| Some(Value { first_year: Some(fen(year)), total: fen(total) });
    assert_eq!(told(PriceUnit::PerYear, None, 30), both("30.00", "75.00"));
    assert_eq!(told(PriceUnit::PerMonth, None, 30), both("360.00", "900.00"));
    assert_eq!(told(PriceUnit::PerMuYear, Some(1_250), 24), both("375.00", "750.00"));
    assert_eq!(told(PriceUnit::PerSquareMetreMonth, Some(12_050), 36), both("43380.00", "130140.00"));
    assert_eq!(told(PriceUnit::PerSquareMetreYear, Some(12_050), 36), both("3615.00", "10845.00"));
    assert_eq!(told(PriceUnit::Whole, None, 0), Some(Value { first_year: None, total: price }));
    // Thirty square metres of floor are no money.
    assert_eq!(told(PriceUnit::FloorArea, None, 0), None);
}

/// 333.33 yuan × 23.57 mu = 7856.5881 yuan a year.
#[test]
fn a_figure_is_rounded_once() {
    let t = terms(PriceUnit::PerMuYear, Some(2_357), 96, &[]);
    assert_eq!(value(&t, fen("333.33")), Some(Value { first_year: Some(fen("7856.59")), total: fen("62852.70") }));
    // Half a fen goes up, less than half goes down.
    assert_eq!(total(&terms(PriceUnit::PerMuYear, Some(50), 12, &[]), Fen(1)), Some(Fen(1)));
    assert_eq!(total(&terms(PriceUnit::PerMuYear, Some(49), 12, &[]), Fen(1)), Some(Fen(0)));
    assert_eq!(unit_price(&terms(PriceUnit::PerYear, None, 24, &[(2, By::Percent(5_000))]), Fen(1), 2), Some(Fen(2)));
}

#[test]
fn an_increase_after_the_term_does_not_count() {
    let t = terms(PriceUnit::PerYear, None, 18, &[(2, By::Percent(1_000)), (3, By::Percent(1_000))]);
    assert_eq!(total(&t, fen("100.00")), Some(fen("155.00"))); // 100 + half of 110
}

#[test]
fn what_does_not_belong_together() {
    let fault = |unit, quantity, term_months, years: &[i64]| {
        let increases = years.iter().map(|y| Increase { from_year: *y, by: By::Percent(1) }).collect();
        PriceTerms { unit, quantity, term_months, increases }.checked().expect_err("a fault")
    };
    assert_eq!(fault(PriceUnit::PerMuYear, None, 12, &[]), PriceFault::NoQuantity);
    assert_eq!(fault(PriceUnit::PerMuYear, Some(0), 12, &[]), PriceFault::NoQuantity);
    assert_eq!(fault(PriceUnit::PerYear, None, 0, &[]), PriceFault::NoTerm);
    assert_eq!(fault(PriceUnit::PerYear, None, 12, &[1]), PriceFault::IncreaseYear);
    assert_eq!(fault(PriceUnit::PerYear, None, 12, &[3, 3]), PriceFault::IncreaseYear);
    assert_eq!(fault(PriceUnit::Whole, None, 12, &[2]), PriceFault::IncreaseOfNoRent);
}

#[test]
fn enormous_figures_are_no_money() {
    let t = terms(PriceUnit::PerSquareMetreMonth, Some(i64::MAX), i64::MAX, &[(2, By::Percent(i64::MAX))]);
    assert_eq!(value(&t, Fen::MAX), None);
}

#[test]
fn a_price_is_read_in_its_own_measure() {
    let (area, money) = (PriceUnit::FloorArea, PriceUnit::PerMuYear);
    for (typed, hundredths) in [("3240", 324_000), ("3,240.55㎡", 324_055), ("３２４０ 平方米", 324_000)] {
        assert_eq!(area.read(typed), Ok(Fen(hundredths)), "{typed}");
    }
    for wrong in ["3240元", "3240.555", "5亩", "", "-1", "1.2万"] {
        assert!(area.read(wrong).is_err(), "{wrong}");
    }
    assert!(area.read("3240元").is_err_and(|why| why.contains("不报元")));
    // Controls: yuan are read where money is bid, and square metres are not.
    assert_eq!(money.read("3240元"), Ok(Fen(324_000)));
    assert!(money.read("3240平方米").is_err());
}

#[test]
fn what_is_in_proportion() {
    assert_eq!(in_proportion(fen("9720000.00"), fen("3402.00"), fen("3240.00")), Some(fen("10206000.00")));
    assert_eq!(in_proportion(Fen(1), Fen(1), Fen(2)), Some(Fen(1)), "half up");
    assert_eq!(in_proportion(Fen(1), Fen(1), Fen(3)), Some(Fen(0)));
    assert_eq!(in_proportion(Fen(1), Fen(1), Fen(0)), None);
}
