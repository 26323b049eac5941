//! Statements, their lines and what was ticked off: the only writer of their tables.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
};
use serde::Serialize;

use super::model::{LineId, StatementId};
use crate::{
    access::Scope,
    db::{
        Result, Rx, Salt,
        schema::{bank_lines, bank_statements, bank_ticks, deposits, money_orders, transfers, unidentified_receipts},
    },
    kernel::{Day, Fen, Timestamp},
    settlement::{Account, DepositId, model::TransferId},
    vault::BlindIndex,
};

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = bank_statements, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct StatementRow {
    pub id: StatementId,
    pub region_code: String,
    pub file_name: String,
    pub opening: Fen,
    pub closing: Fen,
    pub first_on: Day,
    pub last_on: Day,
    /// Lines that this file added.
    pub lines: i32,
    pub imported_by: String,
    pub imported_at: Timestamp,
    pub salt: Salt,
}
crate::logged_table!(StatementRow in bank_statements, key id);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = bank_lines, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct LineRow {
    pub id: LineId,
    pub region_code: String,
    pub statement_id: StatementId,
    pub line_key: BlindIndex,
    pub on_day: Day,
    pub amount: Fen,
    pub counterparty: String,
    pub reference: String,
    pub match_id: Option<String>,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(LineRow in bank_lines, key id);

/// A transfer that was ticked off.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = bank_ticks, primary_key(transfer_id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct TickRow {
    pub transfer_id: String,
    pub region_code: String,
    pub match_id: String,
    pub ticked_by: String,
    pub ticked_at: Timestamp,
    pub salt: Salt,
}
crate::logged_table!(TickRow in bank_ticks, key transfer_id);

/// No scope: the statements of one account, which the caller has chosen.
pub(super) fn statements(rx: &mut Rx<'_>, region: &str) -> Result<Vec<StatementRow>> {
    Ok(bank_statements::table
        .filter(bank_statements::region_code.eq(region))
        .order(bank_statements::id)
        .load(rx.conn())?)
}

/// No scope: the lines of one account, which the caller has chosen, in the order of their days.
pub(super) fn lines(rx: &mut Rx<'_>, region: &str) -> Result<Vec<LineRow>> {
    Ok(bank_lines::table
        .filter(bank_lines::region_code.eq(region))
        .order((bank_lines::on_day, bank_lines::id))
        .load(rx.conn())?)
}

/// No scope: the lines of a match that the caller has found.
pub(super) fn lines_of(rx: &mut Rx<'_>, match_id: &str) -> Result<Vec<LineRow>> {
    Ok(bank_lines::table.filter(bank_lines::match_id.eq(match_id)).order(bank_lines::id).load(rx.conn())?)
}

/// No scope: a line by its key, for an unidentified receipt that the caller has found.
pub fn find_line(rx: &mut Rx<'_>, id: &str) -> Result<Option<LineRow>> {
    Ok(bank_lines::table.filter(bank_lines::id.eq(id)).first(rx.conn()).optional()?)
}

/// No scope: the match of a transfer that the caller has found.
pub(super) fn find_tick(rx: &mut Rx<'_>, transfer: &str) -> Result<Option<TickRow>> {
    Ok(bank_ticks::table.filter(bank_ticks::transfer_id.eq(transfer)).first(rx.conn()).optional()?)
}

/// A transfer over the bank account, with who paid or was paid and the number of the receipt.
#[derive(Debug, Queryable)]
pub(super) struct Moved {
    pub id: TransferId,
    pub debit: Account,
    pub amount: Fen,
    pub moved_at: Timestamp,
    /// When it really moved, where that month was closed.
    pub late_from: Option<Timestamp>,
    pub order: Option<String>,
    pub deposit: Option<DepositId>,
    /// Of the deposit: payer and number.
    pub paid: Option<(String, String)>,
    /// Of unidentified money: payer, number, and the number of its way back.
    pub unidentified: Option<(String, String, Option<String>)>,
    /// Where it is ticked off.
    pub match_id: Option<String>,
}

/// Transfers of the scope over the bank account, in their order.
pub(super) fn list_moved(rx: &mut Rx<'_>, scope: &Scope) -> Result<Vec<Moved>> {
    let (from, to) = scope.range();
    let over_the_bank = transfers::debit_account.eq(Account::Bank).or(transfers::credit_account.eq(Account::Bank));
    Ok(transfers::table
        .left_join(deposits::table.on(deposits::id.nullable().eq(transfers::deposit_id)))
        .left_join(unidentified_receipts::table.on(unidentified_receipts::id.nullable().eq(transfers::unidentified_id)))
        .left_join(bank_ticks::table.on(bank_ticks::transfer_id.eq(transfers::id)))
        .filter(transfers::collective_code.ge(from).and(transfers::collective_code.lt(to)))
        .filter(over_the_bank)
        .order((transfers::moved_at, transfers::id))
        .select((
            transfers::id,
            transfers::debit_account,
            transfers::amount,
            transfers::moved_at,
            transfers::late_from,
            transfers::order_id,
            transfers::deposit_id,
            (deposits::payer_name, deposits::reference).nullable(),
            (unidentified_receipts::payer_name, unidentified_receipts::reference, unidentified_receipts::payment)
                .nullable(),
            bank_ticks::match_id.nullable(),
        ))
        .load(rx.conn())?)
}

/// An order that was done: its key, its deposit, the number of its payment.
pub(super) type Payment = (String, DepositId, Option<String>);

/// The payments of the scope; those of refunds before others.
pub(super) fn list_payments(rx: &mut Rx<'_>, scope: &Scope) -> Result<Vec<Payment>> {
    let (from, to) = scope.range();
    Ok(money_orders::table
        .filter(money_orders::collective_code.ge(from).and(money_orders::collective_code.lt(to)))
        .filter(money_orders::reference.is_not_null())
        .order(money_orders::id)
        .select((money_orders::id, money_orders::deposit_id, money_orders::reference))
        .load(rx.conn())?)
}

/// No scope: a transfer's effect on the bank account, for a check of meaning.
pub(super) fn moved_by(rx: &mut Rx<'_>, transfer: &str) -> Result<Option<Fen>> {
    let found: Option<(Account, Account, Fen)> = transfers::table
        .filter(transfers::id.eq(transfer))
        .select((transfers::debit_account, transfers::credit_account, transfers::amount))
        .first(rx.conn())
        .optional()?;
    Ok(found.and_then(|(debit, credit, amount)| match (debit, credit) {
        (Account::Bank, _) => Some(amount),
        (_, Account::Bank) => Some(Fen(-amount.0)),
        _ => None,
    }))
}
