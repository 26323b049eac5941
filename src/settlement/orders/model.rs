//! Orders as values. Pure.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    kernel::{Day, Fen, Id, Timestamp, codes::RegionCode},
    settlement::{DepositId, TransferKind},
};

/// Marker of order identifiers.
#[derive(Debug)]
pub struct OrderRecord;
pub type OrderId = Id<OrderRecord>;

crate::text_enum! {
    /// What is done with a deposit.
    pub enum OrderKind {
        Refund = "refund" => "退还保证金",
        Apply = "apply" => "抵作价款",
        Forfeit = "forfeit" => "不予退还",
        /// What was counted into the price or forfeited goes on to the collective.
        PayOn = "pay_on" => "付给村集体",
        /// The last transfer over the deposit was a mistake, or the bank sent the money back.
        Reverse = "reverse" => "更正冲销",
    }
}

crate::text_enum! {
    /// How far an order has come.
    pub enum OrderState {
        /// Nobody has prepared it yet.
        Due = "due" => "待经办",
        /// Waits for the second person.
        Prepared = "prepared" => "待复核",
        Done = "done" => "已办结",
        /// Sent back by the second person; the deposit stays as it was.
        Withdrawn = "withdrawn" => "已退回作废",
        /// Was done, and taken back by another order.
        Reversed = "reversed" => "已办结，后冲销",
    }
}

impl OrderState {
    pub const fn is_open(self) -> bool {
        matches!(self, OrderState::Due | OrderState::Prepared)
    }
}

impl OrderKind {
    /// Whether the deposit has its end by it, seen from the bidder.
    pub const fn keeps(self) -> bool {
        matches!(self, OrderKind::Apply | OrderKind::Forfeit)
    }
}

/// A lot that has ended, as far as its deposits are concerned.
#[derive(Debug, Clone)]
pub struct Ended {
    pub collective_code: RegionCode,
    pub lot_id: String,
    pub lot_title: String,
    /// The enrolment that won: its deposit stays held.
    pub winner: Option<String>,
    /// Working days for the refund are counted from this day, which is not counted itself.
    pub counts_from: Day,
}

/// What an officer asks for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    pub kind: OrderKind,
    /// Which decision, clause or contract it rests on; may be left out for a refund.
    #[serde(default)]
    #[schema(example = "2026年4月8日镇公共资源交易领导小组第3号决定：竞得人拒签合同，按公告第六条保证金不予退还")]
    pub grounds: String,
    /// Identifier of the uploaded decision, where there is one.
    #[serde(default)]
    pub decision_document: Option<String>,
    /// Whether a deposit that is counted into the price or kept goes on to the collective, by what the notice says; left out:
    /// by the rules of the place.
    #[serde(default)]
    pub pays_on: Option<bool>,
}

/// Somebody who had won and failed, as far as the deposit is concerned.
#[derive(Debug, Clone)]
pub struct Failed {
    pub enrolment_id: String,
    pub lot_title: String,
    /// Ground and decision of the failure, in one line.
    pub grounds: String,
    /// Whether the ground is one for which a deposit is not given back.
    pub is_forfeited: bool,
    /// Whether what is kept goes on to the collective.
    pub pays_on: bool,
}

/// How the money left the bank, or came back; only of orders by which money moves there.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Paid {
    /// The bank's number of the transfer.
    #[serde(default)]
    pub reference: String,
    /// When the bank sent it.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2026-03-20T10:00:00+08:00")]
    pub paid_at: Option<Timestamp>,
}

/// Which orders are wanted.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OrderFilter {
    pub state: Option<OrderState>,
    /// Only those of this lot.
    pub lot: Option<String>,
    /// Only refunds whose last day has passed.
    #[serde(default)]
    pub overdue: bool,
}

/// An order as the officers see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Order {
    #[schema(value_type = String)]
    pub id: OrderId,
    pub lot_id: String,
    pub enrolment_id: String,
    #[schema(value_type = String)]
    pub deposit_id: DepositId,
    pub kind: OrderKind,
    /// Of the lot.
    pub title: String,
    /// The deposit's payer: money goes back to the account from which it came.
    pub payee: String,
    /// Last four digits.
    pub payee_account: Option<String>,
    #[schema(value_type = String, example = "10000.00")]
    pub amount: Fen,
    /// Working days are counted from this day.
    #[schema(value_type = String)]
    pub counts_from: Day,
    /// Last day of the refund; null for other orders, and while the calendar of that year is not there.
    #[schema(value_type = Option<String>)]
    pub due_on: Option<Day>,
    /// Still open after its last day.
    pub overdue: bool,
    pub grounds: String,
    pub decision_document: Option<String>,
    pub state: OrderState,
    #[schema(value_type = String)]
    pub created_at: Timestamp,
    /// Name of the officer who prepared it.
    pub prepared_by: Option<String>,
    #[schema(value_type = Option<String>)]
    pub prepared_at: Option<Timestamp>,
    /// Name of the officer who confirmed it, or sent it back.
    pub confirmed_by: Option<String>,
    #[schema(value_type = Option<String>)]
    pub confirmed_at: Option<Timestamp>,
    /// The bank's number of the payment.
    pub reference: Option<String>,
    /// Whether money moves at the bank, so that the confirmation names its number and time.
    pub moves_bank: bool,
    /// What an order of reversal takes back.
    pub takes_back: Option<TransferKind>,
    /// Whether what is kept goes on to the collective.
    pub pays_on: Option<bool>,
    /// Why the second person refused.
    pub refusal: Option<String>,
    pub version: i32,
}
