//! What a release package holds, as far as this program fills it in; names and shapes are those of OCDS 1.1. Pure.
//!
//! A field that has nothing to say is left out, or null where an earlier release of the trade may have said something: that is how
//! the standard's merging takes a value back.

use rust_decimal::Decimal;
use serde::{Serialize, Serializer, ser::Error};
use serde_json::value::RawValue;

use super::disposal::{Disposal, DisposalAward};
use crate::kernel::{Area, Fen, Timestamp};

/// A JSON number with exactly these digits. The standard wants amounts as numbers where our own API has text; a binary
/// fraction would lose the last fen of 15-digit amounts, so the digits are written as they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number(String);

impl From<Fen> for Number {
    fn from(fen: Fen) -> Number {
        Number(fen.to_string())
    }
}
impl From<Area> for Number {
    fn from(area: Area) -> Number {
        Number(area.to_string())
    }
}
impl From<Decimal> for Number {
    fn from(decimal: Decimal) -> Number {
        Number(decimal.normalize().to_string())
    }
}
impl Serialize for Number {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.clone()).map_err(S::Error::custom)?.serialize(s)
    }
}

/// An amount of yuan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Value {
    pub amount: Number,
    pub currency: &'static str,
}

impl From<Fen> for Value {
    fn from(fen: Fen) -> Value {
        Value { amount: fen.into(), currency: "CNY" }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Period {
    pub start_date: Timestamp,
    pub end_date: Timestamp,
}

/// One trade.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Package {
    pub uri: String,
    /// Of the standard.
    pub version: &'static str,
    pub extensions: Vec<String>,
    /// Of the last release: the same data give the same bytes.
    pub published_date: Timestamp,
    pub publisher: Publisher,
    /// In the order of their dates.
    pub releases: Vec<Release>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Publisher {
    pub name: String,
}

/// How the trade stood after something happened; each release is whole.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Release {
    pub ocid: String,
    pub id: String,
    pub date: Timestamp,
    pub tag: Vec<&'static str>,
    /// The standard has this one word only.
    pub initiation_type: &'static str,
    pub language: &'static str,
    pub parties: Vec<Party>,
    pub tender: Tender,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bids: Option<Bids>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub awards: Vec<Award>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contracts: Vec<Contract>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related_processes: Vec<RelatedProcess>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Party {
    pub id: String,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<Identifier>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_identifiers: Vec<Identifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_point: Option<ContactPoint>,
    pub roles: Vec<&'static str>,
}

impl Party {
    pub fn reference(&self) -> PartyReference {
        PartyReference { id: self.id.clone(), name: self.name.clone() }
    }
}

/// Points to one of the parties.
#[derive(Debug, Clone, Serialize)]
pub struct PartyReference {
    pub id: String,
    pub name: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Identifier {
    pub scheme: &'static str,
    pub id: String,
    pub legal_name: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub street_address: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub locality: String,
    pub country_name: &'static str,
}

/// An office, as it stands in the notice.
#[derive(Debug, Clone, Serialize)]
pub struct ContactPoint {
    pub name: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tender {
    pub id: String,
    pub title: String,
    pub description: String,
    pub status: &'static str,
    pub procuring_entity: PartyReference,
    pub items: Vec<Item>,
    /// What the highest price allowed comes to, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// What the opening price comes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_value: Option<Value>,
    pub procurement_method: &'static str,
    pub procurement_method_details: String,
    pub award_criteria: &'static str,
    pub award_criteria_details: String,
    pub submission_method: Vec<&'static str>,
    pub submission_method_details: &'static str,
    pub tender_period: Period,
    pub enquiry_period: Period,
    pub has_enquiries: bool,
    /// Null where a correction has taken it back.
    pub eligibility_criteria: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub award_period: Option<Period>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract_period: Option<Period>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number_of_tenderers: Option<u32>,
    pub documents: Vec<Document>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amendments: Vec<Amendment>,
    /// What the standard has no word for; nothing where the collective buys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disposal: Option<Disposal>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Item {
    pub id: String,
    pub description: String,
    pub classification: Classification,
    /// Left out where it has no end in decimals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Number>,
    pub unit: Unit,
}

#[derive(Debug, Clone, Serialize)]
pub struct Classification {
    pub scheme: &'static str,
    pub id: String,
    pub description: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Unit {
    pub name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    pub id: String,
    pub document_type: &'static str,
    pub title: String,
    pub url: String,
    pub date_published: Timestamp,
    pub format: &'static str,
    pub language: &'static str,
    /// Of the encrypted contents, as the log names them; from our extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logged_digest: Option<String>,
}

/// A correction of the notice.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Amendment {
    pub id: String,
    pub date: Timestamp,
    pub rationale: String,
    #[serde(rename = "amendsReleaseID")]
    pub amends_release_id: String,
    #[serde(rename = "releaseID")]
    pub release_id: String,
}

/// Of the extension `bids`: numbers only, and only after the end.
#[derive(Debug, Clone, Serialize)]
pub struct Bids {
    pub statistics: Vec<Statistic>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Statistic {
    pub id: &'static str,
    pub measure: &'static str,
    pub date: Timestamp,
    pub value: u32,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Award {
    pub id: String,
    pub title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<&'static str>,
    pub status: &'static str,
    pub date: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suppliers: Vec<PartyReference>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract_period: Option<Period>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Document>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disposal: Option<DisposalAward>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Contract {
    pub id: String,
    #[serde(rename = "awardID")]
    pub award_id: String,
    pub title: String,
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
}

#[derive(Debug, Clone, Serialize)]
pub struct RelatedProcess {
    pub id: String,
    pub relationship: Vec<&'static str>,
    pub title: String,
    pub scheme: &'static str,
    pub identifier: String,
    pub uri: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_every_digit() {
        let json = |number: Number| serde_json::to_string(&number).expect("JSON");
        // As a binary fraction the greatest amount is 1000000000000000.0.
        assert_eq!(json(Fen::MAX.into()), "999999999999999.99");
        assert_eq!(json(Fen(82_000).into()), "820.00");
        assert_eq!(json(Decimal::new(2_350_000, 4).into()), "235");
        assert_eq!(json(Decimal::new(1, 4).into()), "0.0001");
        assert_eq!(json(Decimal::from(10_000_000_000_i64).into()), "10000000000");
        let value = serde_json::to_string(&Value::from(Fen(5))).expect("JSON");
        assert_eq!(value, r#"{"amount":0.05,"currency":"CNY"}"#);
    }
}
