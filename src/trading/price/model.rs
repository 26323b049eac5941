//! Units, quantities, terms and increases.

use crate::kernel::{
    Fen,
    text::{self, AreaFault, AreaUnit},
};

crate::text_enum! {
    /// What a price of 1.00 is. A price without its unit is no price.
    pub enum PriceUnit {
        PerYear = "yuan_per_year" => "元/年",
        PerMonth = "yuan_per_month" => "元/月",
        PerMuYear = "yuan_per_mu_year" => "元/亩/年",
        PerSquareMetreMonth = "yuan_per_m2_month" => "元/平方米/月",
        PerSquareMetreYear = "yuan_per_m2_year" => "元/平方米/年",
        /// Once, for the whole.
        Whole = "yuan" => "元",
        /// No money: the floor area that the bidder gives the collective.
        FloorArea = "m2" => "平方米",
    }
}

impl PriceUnit {
    /// Whether a price is an amount of yuan.
    pub const fn is_money(self) -> bool {
        !matches!(self, PriceUnit::FloorArea)
    }

    /// What a difference of two prices is counted in, such as a step.
    pub const fn counted_in(self) -> &'static str {
        if self.is_money() { "元" } else { "平方米" }
    }

    /// The unit where it is chosen, beside the others.
    pub fn choice(&self) -> &'static str {
        if self.is_money() { self.label() } else { "建筑面积（平方米）" }
    }

    /// Reads a price as people type it, in hundredths of the unit; text that names another measure is none.
    pub fn read(self, typed: &str) -> Result<Fen, String> {
        if self.is_money() {
            return text::read_yuan(typed).map_err(|fault| fault.to_string());
        }
        if typed.contains('亩') {
            return Err("建筑面积按平方米填写，不按亩，例如 3240.00".to_owned());
        }
        text::read_area(typed, AreaUnit::SquareMetre).map(|area| Fen(area.0)).map_err(|fault| match fault {
            AreaFault::Empty => "请填写建筑面积，单位为平方米，例如 3240.00".to_owned(),
            AreaFault::NotAFigure => "这一宗按建筑面积报，不报元：应写成数字，单位为平方米，例如 3240.00".to_owned(),
            other => other.to_string(),
        })
    }

    /// Whether the money depends on a quantity of land or floor.
    pub fn needs_quantity(self) -> bool {
        matches!(self, PriceUnit::PerMuYear | PriceUnit::PerSquareMetreMonth | PriceUnit::PerSquareMetreYear)
    }

    /// How many times in a year the price falls due; `None`: it is no rent.
    pub fn times_a_year(self) -> Option<i128> {
        match self {
            PriceUnit::PerYear | PriceUnit::PerMuYear | PriceUnit::PerSquareMetreYear => Some(1),
            PriceUnit::PerMonth | PriceUnit::PerSquareMetreMonth => Some(12),
            PriceUnit::Whole | PriceUnit::FloorArea => None,
        }
    }
}

/// What a price is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceTerms {
    pub unit: PriceUnit,
    /// In hundredths of a mu or of a square metre, as the unit says.
    pub quantity: Option<i64>,
    pub term_months: i64,
    /// In the order of their years.
    pub increases: Vec<Increase>,
}

/// From a contract year on the unit price is higher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Increase {
    /// Counted from 1; the first increase can be in year 2.
    pub from_year: i64,
    pub by: By,
}

/// By how much a unit price rises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// In hundredths of a per cent: 10 % is 1000.
    Percent(i64),
    /// So many fen a unit.
    Amount(Fen),
}

/// Terms that cannot be computed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriceFault {
    NoQuantity,
    NoTerm,
    IncreaseYear,
    IncreaseOfNoRent,
}

impl std::fmt::Display for PriceFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            PriceFault::NoQuantity => "按面积计价应写明面积（quantity），大于零",
            PriceFault::NoTerm => "租金应写明期限月数（term_months），至少 1 个月",
            PriceFault::IncreaseYear => "递增年份（from_year）应从第 2 年起，依次递增",
            PriceFault::IncreaseOfNoRent => "一次性价款和面积不递增，increases 应为空",
        })
    }
}

impl std::error::Error for PriceFault {}

impl PriceTerms {
    /// Whether the terms belong together.
    pub fn checked(self) -> Result<PriceTerms, PriceFault> {
        if self.unit.needs_quantity() && self.quantity.is_none_or(|quantity| quantity <= 0) {
            return Err(PriceFault::NoQuantity);
        }
        if self.unit.times_a_year().is_none() {
            return if self.increases.is_empty() { Ok(self) } else { Err(PriceFault::IncreaseOfNoRent) };
        }
        if self.term_months <= 0 {
            return Err(PriceFault::NoTerm);
        }
        let years = std::iter::once(1).chain(self.increases.iter().map(|i| i.from_year));
        if years.clone().zip(years.skip(1)).any(|(one, next)| next <= one) {
            return Err(PriceFault::IncreaseYear);
        }
        Ok(self)
    }
}
