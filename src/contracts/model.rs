//! A contract as values. Pure.

use std::{fmt, str::FromStr};

use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, Serialize};

use crate::{
    assets::AssetId,
    kernel::{
        Area, Day, Fen, Id,
        text::{half_width, mask_name},
    },
    text_enum,
};

/// Marker of contract identifiers.
#[derive(Debug)]
pub struct Contract;
pub type ContractId = Id<Contract>;

text_enum! {
    /// What is agreed.
    pub enum Kind as "ContractKind" {
        /// Lease of shops, workshops, land (Civil Code art. 703).
        Lease = "lease" => "租赁合同",
        /// Contracting out of land, water, woods other than to the own households (RLCL ch. 3).
        LandContract = "land_contract" => "发包合同",
        Transfer = "transfer" => "转让合同",
        Cooperation = "cooperation" => "合作经营合同",
        Works = "works" => "工程和采购合同",
        Other = "other" => "其他合同",
    }
}

impl Kind {
    /// The collective's property comes back at the end, so there must be one.
    pub const fn has_term(self) -> bool {
        matches!(self, Kind::Lease | Kind::LandContract | Kind::Cooperation)
    }
}

text_enum! {
    /// Who stands on the other side.
    pub enum LesseeKind {
        Person = "person" => "自然人",
        Organisation = "organisation" => "单位",
    }
}

text_enum! {
    /// How the other side was found (the modes of the provincial trading platform).
    pub enum Method {
        OpenBidding = "open_bidding" => "公开竞价",
        SealedBids = "sealed_bids" => "书面竞投",
        Tender = "tender" => "招标",
        OpenNegotiation = "open_negotiation" => "公开协商",
        FixedPrice = "fixed_price" => "定价招租",
        Renewal = "renewal" => "续约",
        SmallDeal = "small_deal" => "小额交易",
        Other = "other" => "其他方式",
    }
}

text_enum! {
    /// Where the contract stands.
    pub enum State as "ContractState" {
        Running = "running" => "履行中",
        /// The term is over.
        Ended = "ended" => "已到期",
        /// Over before its term.
        Terminated = "terminated" => "已解除",
    }
}

/// How much is let, in ten-thousandths of the unit: 23.5 of 亩, 3 of 间. At most 10 000 000 000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Quantity(pub i64);

impl Quantity {
    const MOST: i64 = 100_000_000_000_000;

    /// Square metres; `None` beyond what a quantity can be.
    pub fn of_area(area: Area) -> Option<Quantity> {
        area.0.checked_mul(100).map(Quantity).filter(|quantity| (1..=Self::MOST).contains(&quantity.0))
    }
}

impl FromStr for Quantity {
    type Err = String;
    fn from_str(text: &str) -> Result<Quantity, String> {
        let tidy = half_width(text).trim().replace(',', "");
        let read = Decimal::from_str_exact(&tidy).ok().and_then(|d| d.checked_mul(Decimal::from(10_000)));
        match read.filter(Decimal::is_integer).and_then(|d| d.to_i64()) {
            Some(n) if (1..=Self::MOST).contains(&n) => Ok(Quantity(n)),
            _ => Err("数量应是大于 0 的数，最多四位小数，例如 23.5".into()),
        }
    }
}
impl TryFrom<String> for Quantity {
    type Error = String;
    fn try_from(text: String) -> Result<Quantity, String> {
        text.parse()
    }
}
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Decimal::new(self.0, 4).normalize())
    }
}
impl From<Quantity> for String {
    fn from(quantity: Quantity) -> String {
        quantity.to_string()
    }
}

/// Everything that is written down about a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ContractFacts {
    /// The collective's own number (合同编码); unique within the collective.
    #[serde(default)]
    pub code: Option<String>,
    pub name: String,
    pub kind: Kind,
    /// The asset that it is about, where it is in the ledger.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub asset: Option<AssetId>,
    /// What it is about in words (标的).
    #[serde(default)]
    pub subject: String,
    /// The other side's name; personal where it is a natural person.
    pub lessee: String,
    pub lessee_kind: LesseeKind,
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2026-01-05")]
    pub signed_on: Option<Day>,
    #[schema(value_type = String, example = "2026-01-05")]
    pub starts_on: Day,
    /// The last day; a lease always has one.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2028-12-31")]
    pub ends_on: Option<Day>,
    /// At most four decimals, in `unit`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "23.5")]
    pub quantity: Option<Quantity>,
    #[serde(default)]
    pub unit: Option<String>,
    /// Yuan a year, of the first year where it grows.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "820.00")]
    pub annual_rent: Option<Fen>,
    /// Yuan over the whole term.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "820.00")]
    pub total: Option<Fen>,
    #[serde(default)]
    pub method: Option<Method>,
    #[serde(default)]
    pub payment_terms: String,
    pub state: State,
    #[serde(default)]
    pub note: String,
}

impl ContractFacts {
    /// How much of what; empty where it is not on record.
    pub fn measure(&self) -> String {
        self.quantity.map(|q| format!("{q} {}", self.unit.as_deref().unwrap_or(""))).unwrap_or_default()
    }

    /// The other side as outsiders may read it: a natural person's name masked (PIPL art. 6: no more than needed).
    pub fn lessee_for_the_public(&self) -> String {
        match self.lessee_kind {
            LesseeKind::Person => mask_name(&self.lessee),
            LesseeKind::Organisation => self.lessee.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_keep_four_decimals_and_nothing_else_passes() {
        for (text, ten_thousandths, shown) in
            [("23.5", 235_000, "23.5"), ("３", 30_000, "3"), ("1,000.1250", 10_001_250, "1000.125")]
        {
            let read: Quantity = text.parse().expect("a quantity");
            assert_eq!((read.0, read.to_string().as_str()), (ten_thousandths, shown));
        }
        for text in ["", "0", "-1", "1.23456", "约3", "1e3", "99999999999999999999", "NaN"] {
            assert!(text.parse::<Quantity>().is_err(), "{text}");
        }
    }
}
