//! Deposits and the transfers of the ledger: the only writer of their tables.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
};
use serde::Serialize;

use super::{
    ledger::{Account, TransferKind},
    model::{DepositId, DepositState, TransferId},
    unidentified::UnidentifiedId,
};
use crate::{
    access::Scope,
    db::{
        Error, Result, Rx, Salt,
        schema::{deposits, transfers},
    },
    kernel::{Fen, Timestamp, codes::RegionCode},
    vault::{BlindIndex, Sealed},
};

crate::text_column!(DepositState, Account, TransferKind);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = deposits, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct DepositRow {
    pub id: DepositId,
    pub collective_code: RegionCode,
    pub lot_id: String,
    pub enrolment_id: String,
    pub amount: Fen,
    pub payer_name: String,
    pub payer_account: Option<Sealed>,
    pub reference: String,
    pub received_at: Timestamp,
    pub recorded_by: String,
    pub recorded_at: Timestamp,
    pub state: DepositState,
    pub settled_at: Option<Timestamp>,
    pub version: i32,
    pub salt: Salt,
    /// Of the payer's account. A deposit of before it was kept has none, and its state in the log does not name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer_index: Option<BlindIndex>,
}
crate::logged_table!(DepositRow in deposits, key id);

/// One amount from one account to another: written once, never changed.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = transfers, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct TransferRow {
    pub id: TransferId,
    pub collective_code: RegionCode,
    pub kind: TransferKind,
    pub debit_account: Account,
    pub credit_account: Account,
    pub amount: Fen,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enrolment_id: Option<String>,
    /// To which it belongs; of money that nobody has claimed `unidentified_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deposit_id: Option<DepositId>,
    /// The transfers of a deposit are numbered from 1.
    pub step: i32,
    /// When the money moved, or what decided over it was done.
    pub moved_at: Timestamp,
    /// When it was written into the books.
    pub recorded_at: Timestamp,
    pub recorded_by: String,
    pub salt: Salt,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unidentified_id: Option<UnidentifiedId>,
    /// The order by which it moved; a transfer of before this was kept has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The transfer that it takes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reverses: Option<TransferId>,
    /// When the money really moved, where the books of that month were closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late_from: Option<Timestamp>,
}
crate::logged_table!(TransferRow in transfers, key id);

/// No scope: the transfers of a deposit that the caller has found, in their order.
pub(super) fn transfers_of(rx: &mut Rx<'_>, deposit: &DepositId) -> Result<Vec<TransferRow>> {
    Ok(transfers::table.filter(transfers::deposit_id.eq(deposit)).order(transfers::step).load(rx.conn())?)
}

/// No scope: the transfers of unclaimed money that the caller has found, in their order.
pub(super) fn transfers_of_unidentified(rx: &mut Rx<'_>, id: &UnidentifiedId) -> Result<Vec<TransferRow>> {
    Ok(transfers::table.filter(transfers::unidentified_id.eq(id)).order(transfers::step).load(rx.conn())?)
}

/// The transfers of the scope, as they moved, a page after `after`.
pub(super) fn list_transfers(
    rx: &mut Rx<'_>,
    scope: &Scope,
    after: Option<(Timestamp, TransferId)>,
    limit: i64,
) -> Result<Vec<TransferRow>> {
    let (from, to) = scope.range();
    let mut query = transfers::table
        .filter(transfers::collective_code.ge(from).and(transfers::collective_code.lt(to)))
        .order((transfers::moved_at, transfers::id))
        .limit(limit)
        .into_boxed();
    if let Some((at, id)) = after {
        let later = transfers::moved_at.gt(at).or(transfers::moved_at.eq(at).and(transfers::id.gt(id)));
        query = query.filter(later);
    }
    Ok(query.load(rx.conn())?)
}

/// No scope: whether anything was ever posted.
pub(super) fn is_ledger_open(rx: &mut Rx<'_>) -> Result<bool> {
    let first: Option<TransferId> = transfers::table.select(transfers::id).limit(1).first(rx.conn()).optional()?;
    Ok(first.is_some())
}

/// No scope: deposits that the ledger does not know, of before there was one.
pub(super) fn list_unbooked(rx: &mut Rx<'_>) -> Result<Vec<DepositRow>> {
    Ok(deposits::table
        .left_join(transfers::table.on(transfers::deposit_id.eq(deposits::id.nullable())))
        .filter(transfers::id.is_null())
        .order(deposits::id)
        .select(deposits::all_columns)
        .load(rx.conn())?)
}

/// No scope: a transfer by its key, for another one that names it.
pub(super) fn find_transfer(rx: &mut Rx<'_>, id: &TransferId) -> Result<Option<TransferRow>> {
    Ok(transfers::table.filter(transfers::id.eq(id)).first(rx.conn()).optional()?)
}

/// A deposit of the scope.
pub(super) fn find(rx: &mut Rx<'_>, scope: &Scope, id: &DepositId) -> Result<Option<DepositRow>> {
    let (from, to) = scope.range();
    Ok(deposits::table
        .filter(deposits::id.eq(id))
        .filter(deposits::collective_code.ge(from).and(deposits::collective_code.lt(to)))
        .first(rx.conn())
        .optional()?)
}

/// No scope: a deposit by its key, for an order that the caller has found.
pub(super) fn get(rx: &mut Rx<'_>, id: &DepositId) -> Result<DepositRow> {
    let found = deposits::table.filter(deposits::id.eq(id)).first(rx.conn()).optional()?;
    found.ok_or_else(|| Error::Internal(format!("deposit {id} is not there")))
}

/// No scope: the enrolment of another deposit of this lot that came from the same account.
pub(super) fn find_shared_payer(rx: &mut Rx<'_>, lot_id: &str, payer: &BlindIndex) -> Result<Option<String>> {
    Ok(deposits::table
        .filter(deposits::lot_id.eq(lot_id).and(deposits::payer_index.eq(payer)))
        .select(deposits::enrolment_id)
        .first(rx.conn())
        .optional()?)
}

/// No scope: the enrolment was found in one.
pub(super) fn find_by_enrolment(rx: &mut Rx<'_>, enrolment_id: &str) -> Result<Option<DepositRow>> {
    Ok(deposits::table.filter(deposits::enrolment_id.eq(enrolment_id)).first(rx.conn()).optional()?)
}

/// No scope: the lot was found in one.
pub(super) fn list_by_lot(rx: &mut Rx<'_>, lot_id: &str) -> Result<Vec<DepositRow>> {
    Ok(deposits::table.filter(deposits::lot_id.eq(lot_id)).order(deposits::id).load(rx.conn())?)
}

/// No scope: lots of which a deposit is still held, in order.
pub(super) fn list_holding(rx: &mut Rx<'_>) -> Result<Vec<String>> {
    Ok(deposits::table
        .filter(deposits::state.eq(DepositState::Held))
        .select(deposits::lot_id)
        .distinct()
        .order(deposits::lot_id)
        .load(rx.conn())?)
}

/// No scope: whether a bank reference was ever recorded.
pub(super) fn knows_reference(rx: &mut Rx<'_>, reference: &str) -> Result<bool> {
    let found: Option<DepositId> =
        deposits::table.filter(deposits::reference.eq(reference)).select(deposits::id).first(rx.conn()).optional()?;
    Ok(found.is_some())
}
