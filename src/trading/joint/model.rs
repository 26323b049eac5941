//! Partners and their shares. Pure.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;

use crate::{
    kernel::{Id, Timestamp, text::half_width},
    trading::{enrolment::BidderKind, listing::LotId},
};

/// Marker of identifiers of partners.
#[derive(Debug)]
pub struct JointBidder;
pub type PartnerId = Id<JointBidder>;

/// A part of the whole in ten-thousandths of a per cent: exact, so that shares can come to a hundred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(pub i64);

impl Share {
    pub const WHOLE: Share = Share(1_000_000);
    const DECIMALS: usize = 4;
    const UNIT: i64 = 10_000;
}

/// The text is no share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAShare;
impl fmt::Display for NotAShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("请填写大于 0、不超过 100 的百分数，最多四位小数，例如 33.3333")
    }
}
impl std::error::Error for NotAShare {}

impl FromStr for Share {
    type Err = NotAShare;
    fn from_str(typed: &str) -> Result<Share, NotAShare> {
        let text = half_width(typed);
        let text = text.trim().trim_end_matches('%').trim_end();
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        let dangling = text.ends_with('.');
        if whole.is_empty()
            || whole.len() > 3
            || part.len() > Self::DECIMALS
            || dangling
            || !digits(whole)
            || !digits(part)
        {
            return Err(NotAShare);
        }
        let read = |t: &str| t.parse::<i64>().map_err(|_| NotAShare);
        let share = Share(read(whole)?.saturating_mul(Self::UNIT).saturating_add(read(&format!("{part:0<4}"))?));
        if share > Share(0) && share <= Share::WHOLE { Ok(share) } else { Err(NotAShare) }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / Self::UNIT, self.0 % Self::UNIT);
        let part = format!("{part:04}");
        match part.trim_end_matches('0') {
            "" => write!(f, "{whole}"),
            part => write!(f, "{whole}.{part}"),
        }
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

/// Somebody who bids together with who enrols.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewJointBidder)]
pub struct NewPartner {
    pub kind: BidderKind,
    pub name: String,
    /// Resident ID number or unified social credit code; kept sealed.
    pub id_number: String,
    /// Per cent, with at most four decimals.
    #[schema(example = "33.3333")]
    pub share: String,
}

/// A partner as the lead and, after the end, the trading officer see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = JointBidder)]
pub struct Partner {
    pub kind: BidderKind,
    pub name: String,
    /// Masked.
    pub id_number: String,
    #[schema(value_type = String, example = "33.3333")]
    pub share: Share,
    /// Null while the partner has not agreed; then the group has no bid number.
    #[schema(value_type = Option<String>)]
    pub agreed_at: Option<Timestamp>,
    /// What the lead hands over to the partner, who agrees with it; null once it was used, and for everybody but the lead.
    pub code: Option<String>,
}

impl Partner {
    /// In one line, for the trading officer.
    pub fn told(&self) -> String {
        let standing = if self.agreed_at.is_some() { "已同意" } else { "还没同意" };
        format!("{}（{}），{}%，{standing}", self.name, self.id_number, self.share)
    }
}

/// A partner agrees, from its own account.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = JointAgreement)]
pub struct Agreement {
    /// The twelve digits that the lead was shown.
    #[schema(example = "1234 5678 9012")]
    pub code: String,
    /// The last four characters of the own ID number or credit code.
    #[schema(example = "1234")]
    pub id_tail: String,
    /// The partner has read the notice and accepts its terms.
    pub accepts_terms: bool,
    /// The declaration that nothing in the law stands against bidding.
    #[serde(default)]
    pub declares_no_conflict: bool,
}

/// What a partner has agreed to.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = JointAgreed)]
pub struct Agreed {
    #[schema(value_type = String)]
    pub lot_id: LotId,
    /// The own name, as the lead gave it.
    pub name: String,
    pub lead: String,
    #[schema(value_type = String, example = "33.3333")]
    pub share: Share,
    #[schema(value_type = Option<String>)]
    pub agreed_at: Option<Timestamp>,
    /// Of the group; null until all have agreed and the deposit is in.
    pub bid_number: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact() {
        let read = |text: &str| text.parse::<Share>().map(|share| (share.0, share.to_string()));
        for (text, value, shown) in [
            ("33.3333", 333_333, "33.3333"),
            ("50", 500_000, "50"),
            ("０.５％", 5_000, "0.5"),
            ("100.0000", 1_000_000, "100"),
            (" 12.5 % ", 125_000, "12.5"),
        ] {
            assert_eq!(read(text), Ok((value, shown.to_owned())), "{text}");
        }
        for wrong in ["", "0", "100.0001", "33.33333", "-5", "1/3", "50.", ".5", "1e1", "三十"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
