//! Deposits as values. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::{Fen, Id, Timestamp, codes::RegionCode};

/// Marker of deposit identifiers.
#[derive(Debug)]
pub struct DepositRecord;
pub type DepositId = Id<DepositRecord>;

/// Marker of the identifiers of transfers.
#[derive(Debug)]
pub struct TransferRecord;
pub type TransferId = Id<TransferRecord>;

crate::text_enum! {
    /// Where the money is.
    pub enum DepositState {
        Held = "held" => "已到账",
        /// Nobody holds it against the bidder any more; it is still to be paid back.
        Owed = "owed" => "待退还",
        Returned = "returned" => "已退还",
        Applied = "applied" => "已抵作价款",
        Forfeited = "forfeited" => "不予退还",
        /// Had been recorded by mistake; two persons took that back.
        Cancelled = "cancelled" => "登记有误，已冲销",
    }
}

/// What the bank statement shows, as typed by the trading officer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Arrival {
    /// Yuan that arrived.
    #[schema(example = "10000.00")]
    pub amount: String,
    /// Name of the payer's account; must be the bidder's.
    pub payer_name: String,
    /// Number of the payer's account, for the way back; kept sealed.
    #[serde(default)]
    pub payer_account: String,
    /// The bank's number of the transfer.
    pub reference: String,
    /// When it arrived: the time of arrival counts, not that of sending.
    #[schema(value_type = String, example = "2026-03-10T15:20:00+08:00")]
    pub received_at: Timestamp,
}

/// What the deposit of an enrolment must be.
#[derive(Debug, Clone)]
pub struct Expected {
    pub collective_code: RegionCode,
    /// The region under which entries stand in the log: wider than the collective's while the lot is open, so that
    /// nobody counts its bidders there.
    pub log_scope: RegionCode,
    /// The lot's identifier.
    pub lot_id: String,
    /// The enrolment's identifier.
    pub enrolment_id: String,
    pub bidder_name: String,
    pub amount: Fen,
    pub until: Timestamp,
}

/// A deposit on record.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Deposit {
    #[schema(value_type = String)]
    pub id: DepositId,
    pub enrolment_id: String,
    #[schema(value_type = String, example = "10000.00")]
    pub amount: Fen,
    pub payer_name: String,
    /// Last four digits.
    pub payer_account: Option<String>,
    pub reference: String,
    #[schema(value_type = String)]
    pub received_at: Timestamp,
    #[schema(value_type = String)]
    pub recorded_at: Timestamp,
    pub state: DepositState,
}
