//! Unidentified receipts as values. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::{Day, Fen, Id, Timestamp};

/// Marker of the identifiers of unidentified receipts.
#[derive(Debug)]
pub struct UnidentifiedRecord;
pub type UnidentifiedId = Id<UnidentifiedRecord>;

crate::text_enum! {
    /// What is known of money that fitted nobody.
    pub enum UnidentifiedState {
        Open = "open" => "待查明",
        /// Somebody wants it to go back; waits for the second person.
        Returning = "returning" => "退回待复核",
        /// A deposit has taken it over.
        Identified = "identified" => "已查明，转作保证金",
        Returned = "returned" => "已退回付款人",
    }
}

impl UnidentifiedState {
    /// Whether the money still lies in the account of what nobody has claimed.
    pub const fn is_here(self) -> bool {
        matches!(self, UnidentifiedState::Open | UnidentifiedState::Returning)
    }
}

/// Which line of the bank fits nobody.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUnidentified {
    /// Identifier of the line.
    pub line: String,
}

/// Why it goes back, or why it does not.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Grounds {
    #[schema(example = "付款人来电说明转错账户，已核对其付款回单")]
    pub grounds: String,
}

/// Money that fitted nobody, as the officers see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Unidentified {
    #[schema(value_type = String)]
    pub id: UnidentifiedId,
    #[schema(value_type = String, example = "10000.00")]
    pub amount: Fen,
    pub payer_name: String,
    /// The bank's number, or one of our own where the bank gave none: the deposit that takes the money over names it.
    pub reference: String,
    #[schema(value_type = String)]
    pub received_on: Day,
    pub state: UnidentifiedState,
    /// The deposit that took it over.
    pub deposit_id: Option<String>,
    /// Why it is to go back; after a refusal, why it is not.
    pub grounds: String,
    #[schema(value_type = String)]
    pub booked_at: Timestamp,
    pub booked_by: String,
    pub prepared_by: Option<String>,
    #[schema(value_type = Option<String>)]
    pub prepared_at: Option<Timestamp>,
    pub settled_by: Option<String>,
    #[schema(value_type = Option<String>)]
    pub settled_at: Option<Timestamp>,
    /// The bank's number of the payment by which it went back.
    pub payment: Option<String>,
    pub version: i32,
}
