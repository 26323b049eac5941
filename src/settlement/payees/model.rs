//! Accounts to which money goes, as values. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::{Id, Timestamp, codes::RegionCode};

/// Marker of the identifiers of accounts to which money goes.
#[derive(Debug)]
pub struct PayeeRecord;
pub type PayeeId = Id<PayeeRecord>;

crate::text_enum! {
    /// How far an account has come.
    pub enum PayeeState {
        /// Waits for the second person.
        Prepared = "prepared" => "待复核",
        InForce = "in_force" => "在用",
        /// Another one has taken its place.
        Replaced = "replaced" => "已被更改",
        Refused = "refused" => "未通过复核",
    }
}

/// An account as an officer writes it down.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPayee {
    /// The collective whose account it is.
    #[schema(value_type = String, example = "440703103213")]
    pub collective_code: RegionCode,
    /// Identifier of a deposit of that collective that cannot go back to the account from which it came; left out for the
    /// collective's own account.
    #[serde(default)]
    pub deposit_id: Option<String>,
    /// Name of the account.
    pub holder: String,
    /// Number of the account; kept sealed.
    pub number: String,
    /// Name of the bank and its branch.
    #[schema(example = "农商银行杜阮支行")]
    pub bank: String,
    /// What it rests on.
    #[schema(example = "村集体开户许可证，2026年3月1日收件")]
    pub grounds: String,
}

/// Why the second person does not confirm.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// In one sentence.
    #[serde(default)]
    #[schema(example = "与开户许可证的账号不一致")]
    pub reason: String,
}

/// An account as the officers see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Payee {
    #[schema(value_type = String)]
    pub id: PayeeId,
    #[schema(value_type = String)]
    pub collective_code: RegionCode,
    pub collective_name: String,
    pub deposit_id: Option<String>,
    pub holder: String,
    /// Last four digits.
    pub number: String,
    pub bank: String,
    pub grounds: String,
    pub state: PayeeState,
    pub prepared_by: String,
    #[schema(value_type = String)]
    pub prepared_at: Timestamp,
    /// Who confirmed or refused it.
    pub confirmed_by: Option<String>,
    #[schema(value_type = Option<String>)]
    pub confirmed_at: Option<Timestamp>,
    /// Why it was refused.
    pub refusal: Option<String>,
    pub version: i32,
}
