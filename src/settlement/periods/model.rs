//! Months and balances as values. Pure.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::{Day, Fen, Id, Timestamp};

/// Marker of the identifiers of closed months.
#[derive(Debug)]
pub struct ClosedRecord;
pub type ClosedId = Id<ClosedRecord>;

/// A month of the calendar, `2026-03`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(Day);

impl Month {
    pub fn of(day: Day) -> Month {
        let number = day.as_number();
        Month(Day::from_number(number - number.rem_euclid(100) + 1).unwrap_or(day))
    }
    /// The first moment that is no longer of the month.
    pub fn end(self) -> Timestamp {
        self.0.plus_months(1).at(0, 0)
    }
}

impl FromStr for Month {
    type Err = ();
    fn from_str(text: &str) -> Result<Month, ()> {
        let day: Day = format!("{text}-01").parse().map_err(|_| ())?;
        Ok(Month(day)).and_then(|month| if month.to_string() == text { Ok(month) } else { Err(()) })
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.to_string().get(..7).unwrap_or_default())
    }
}

/// Which month is to be closed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    #[schema(example = "2026-03")]
    pub month: String,
}

/// A closed month.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Closed {
    #[schema(value_type = String)]
    pub id: ClosedId,
    /// Everything in this region.
    pub region_code: String,
    /// What it is called.
    #[schema(example = "杜阮镇")]
    pub region_name: String,
    #[schema(example = "2026-03")]
    pub month: String,
    /// Name of who closed it.
    pub closed_by: String,
    #[schema(value_type = String)]
    pub closed_at: Timestamp,
}

/// What the accounts of one collective came to; of a township what nobody has claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BalancesOf {
    pub code: String,
    #[schema(example = "杜阮镇上巷村股份合作经济联合社")]
    pub name: String,
    /// By account; one that came to nothing is left out.
    #[schema(value_type = BTreeMap<String, String>)]
    pub accounts: BTreeMap<String, Fen>,
}

/// What the books said.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AsOf {
    /// At the end of this day.
    #[schema(value_type = String)]
    pub on: Day,
    /// As it was known then; null: as it is known now.
    #[schema(value_type = Option<String>)]
    pub known_at: Option<Timestamp>,
    pub items: Vec<BalancesOf>,
}
