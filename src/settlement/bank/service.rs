//! Use cases: bringing a statement, looking at what it would add, confirming; ticking off; how bank and books stand.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{
    model::{Booked, Line, Match, Reconciliation, Span, Statement, StatementFile, StatementImport, StatementWritten},
    roster, rules,
    store::{self, LineRow, StatementRow, TickRow},
};
use crate::{
    access::{Allowed, Scope, may},
    db::{Result, Rx, Salt, Tx},
    imports::{self, IMPORT_REFUSED, Kind, NewUpload, Upload},
    kernel::{Fen, FieldError, Id, Problem, text::read_yuan},
    log::{By, Fact, Receipt, record},
    settlement::{Account, model::TransferId},
    sheets::{self, Report, Table},
    vault::{BlindIndex, Field, Vault},
};

/// The account whose statements an officer brings is that of the officer's region.
fn region(allowed: &Allowed<may::PrepareMoney>) -> String {
    allowed.actor.home.clone()
}

/// Keeps a file until it is confirmed.
///
/// Errors: what is wrong with the file as a whole, field errors of the balances.
pub fn stage(
    tx: &mut Tx<'_>,
    vault: &Vault,
    allowed: &Allowed<may::PrepareMoney>,
    file: &StatementFile,
) -> Result<Id<Upload>> {
    find_table(&file.bytes)?;
    let mut errors = Vec::new();
    for (field, typed) in [("opening", &file.opening), ("closing", &file.closing)] {
        if let Err(detail) = balance(typed) {
            errors.push(FieldError::new(field, Some(typed), detail));
        }
    }
    if !errors.is_empty() {
        return Err(Problem::fields(errors).into());
    }
    let new = NewUpload {
        kind: Kind::Statements,
        collective_code: region(allowed),
        file_name: file.name.clone(),
        options: json!({ "opening": file.opening, "closing": file.closing }),
        bytes: file.bytes.clone(),
    };
    imports::stage(tx, vault, &allowed.actor.account, &new)
}

/// A balance as it was typed; `None` where nothing was.
fn balance(typed: &str) -> std::result::Result<Option<Fen>, String> {
    match typed.trim() {
        "" => Ok(None),
        "0" | "0.00" => Ok(Some(Fen::ZERO)),
        text => read_yuan(text).map(Some).map_err(|e| e.to_string()),
    }
}

fn find_table(file: &[u8]) -> Result<Table> {
    let table = sheets::open(file, &roster::LIMITS).and_then(|sheets| Table::find(sheets, roster::COLUMNS));
    table.map_err(|fault| Problem::from(fault).into())
}

/// A waiting file, read against what is on record.
struct Found {
    report: Report,
    /// Where nothing is wrong with it as a whole.
    statement: std::result::Result<Statement, Problem>,
    known: BTreeSet<String>,
}

impl Found {
    fn read(rx: &mut Rx<'_>, vault: &Vault, region: &str, waiting: &imports::Waiting) -> Result<Found> {
        let table = find_table(&waiting.bytes)?;
        let (lines, report) = roster::read(&table);
        let told = |name: &str| waiting.options.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
        let (opening, closing) = (balance(&told("opening")).unwrap_or(None), balance(&told("closing")).unwrap_or(None));
        let kept = store::lines(rx, region)?;
        let known: BTreeSet<String> = kept.iter().map(|row| row.line_key.as_str().to_owned()).collect();
        let mut spans: Vec<Span> = store::statements(rx, region)?.iter().map(span_of).collect();
        let statement = roster::add_up(lines, opening, closing).and_then(|statement| {
            let new = statement.lines.iter().filter(|line| !known.contains(key(vault, &line.key).as_str()));
            let total = Fen::checked_sum(new.map(|line| line.amount).chain(kept.iter().map(|row| row.amount)));
            spans.extend(span(&statement));
            let is_whole = total.is_some_and(|total| rules::ends(&spans, total).is_some());
            if is_whole { Ok(statement) } else { Err((&roster::STATEMENT_GAP).into()) }
        });
        Ok(Found { report, statement, known })
    }

    fn is_new(&self, vault: &Vault, line: &super::model::Read) -> bool {
        !self.known.contains(key(vault, &line.key).as_str())
    }
}

fn key(vault: &Vault, plain: &str) -> BlindIndex {
    vault.index(Field::BankAccount, &format!("line {plain}"))
}

fn span_of(row: &StatementRow) -> Span {
    Span { first_on: row.first_on, last_on: row.last_on, opening: row.opening, closing: row.closing }
}

fn span(statement: &Statement) -> Option<Span> {
    let (first, last) = (statement.lines.first()?, statement.lines.last()?);
    Some(Span { first_on: first.on, last_on: last.on, opening: statement.opening, closing: statement.closing })
}

/// What the waiting file would add.
///
/// Errors: `upload_gone`.
pub fn preview(
    rx: &mut Rx<'_>,
    vault: &Vault,
    allowed: &Allowed<may::PrepareMoney>,
    id: &Id<Upload>,
) -> Result<StatementImport> {
    let waiting = imports::find(rx, vault, &allowed.actor.account, Kind::Statements, id)?;
    let found = Found::read(rx, vault, &region(allowed), &waiting)?;
    let lines = found.statement.as_ref().map(|s| s.lines.as_slice()).unwrap_or_default();
    let new = lines.iter().filter(|line| found.is_new(vault, line)).count();
    let known = lines.len().saturating_sub(new);
    let balances = found.statement.as_ref().ok().map(|s| (s.opening, s.closing));
    Ok(StatementImport {
        id: waiting.id,
        file_name: waiting.file_name,
        opening: balances.map(|(opening, _)| opening),
        closing: balances.map(|(_, closing)| closing),
        new,
        known,
        // A row that cannot be read is the reason why the sum is wrong, too.
        refused: found.statement.err().filter(|_| found.report.refused.is_empty()).map(|problem| problem.detail),
        report: found.report,
    })
}

/// Adds the lines of the waiting file that are not on record, all of them or nothing.
///
/// Errors: `upload_gone`, `import_refused`, `statement_does_not_add_up`, `statement_gap`, `statement_empty`.
pub fn confirm(
    tx: &mut Tx<'_>,
    vault: &Vault,
    allowed: &Allowed<may::PrepareMoney>,
    id: &Id<Upload>,
) -> Result<(StatementWritten, Receipt)> {
    let region = region(allowed);
    tx.lock_row("regions", "code", &region)?;
    let waiting = imports::take(tx, vault, &allowed.actor.account, Kind::Statements, id)?;
    let found = Found::read(tx, vault, &region, &waiting)?;
    if !found.report.refused.is_empty() {
        return Err((&IMPORT_REFUSED).into());
    }
    let known = found.known.clone();
    let statement = found.statement?;
    let span = span(&statement).ok_or(&roster::STATEMENT_EMPTY)?;
    let statement_id: Id<super::model::StatementRecord> = tx.new_id("stm");
    let mut rows = Vec::new();
    for line in &statement.lines {
        let line_key = key(vault, &line.key);
        if known.contains(line_key.as_str()) {
            continue;
        }
        rows.push(LineRow {
            id: tx.new_id("lin"),
            region_code: region.clone(),
            statement_id: statement_id.clone(),
            line_key,
            on_day: line.on,
            amount: line.amount,
            counterparty: line.counterparty.clone(),
            reference: line.reference.clone(),
            match_id: None,
            version: 1,
            salt: Salt::fresh(),
        });
    }
    let written = StatementWritten { new: rows.len(), known: statement.lines.len().saturating_sub(rows.len()) };
    let row = StatementRow {
        id: statement_id,
        region_code: region.clone(),
        file_name: waiting.file_name,
        opening: statement.opening,
        closing: statement.closing,
        first_on: span.first_on,
        last_on: span.last_on,
        lines: i32::try_from(rows.len()).unwrap_or(i32::MAX),
        imported_by: allowed.actor.account.to_string(),
        imported_at: tx.now(),
        salt: Salt::fresh(),
    };
    row.insert(tx)?;
    LineRow::insert_all(&rows, tx)?;
    let fact = Fact::new("statement.imported", &region).data(json!({ "count": written.new }));
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok((written, receipt))
}

fn line(row: &LineRow) -> Line {
    Line {
        id: row.id.clone(),
        on: row.on_day,
        amount: row.amount,
        counterparty: row.counterparty.clone(),
        reference: row.reference.clone(),
    }
}

/// Every movement of the bank account in the books of the scope, with whether it is ticked off.
fn moved(rx: &mut Rx<'_>, scope: &Scope) -> Result<Vec<(Booked, bool)>> {
    let (mut by_order, mut by_deposit) = (BTreeMap::new(), BTreeMap::new());
    for (order, deposit, number) in store::list_payments(rx, scope)? {
        let number = number.unwrap_or_default();
        by_order.insert(order, number.clone());
        // A payment of before its transfer named the order was a refund.
        by_deposit.entry(deposit).or_insert(number);
    }
    let rows = store::list_moved(rx, scope)?.into_iter().map(|moved| {
        let is_out = moved.debit != Account::Bank;
        let (payer, receipt, way_back) = match (moved.paid, moved.unidentified) {
            (Some((payer, receipt)), _) => (payer, receipt, None),
            (None, Some(told)) => told,
            (None, None) => Default::default(),
        };
        let payment = match &moved.order {
            Some(order) => by_order.get(order).cloned(),
            None => way_back.or(moved.deposit.as_ref().and_then(|id| by_deposit.get(id).cloned())).filter(|_| is_out),
        };
        let entry = Booked {
            id: moved.id.to_string(),
            on: moved.late_from.unwrap_or(moved.moved_at).day(),
            amount: if is_out { Fen(-moved.amount.0) } else { moved.amount },
            counterparty: payer,
            reference: payment.unwrap_or(if is_out { String::new() } else { receipt }),
        };
        (entry, moved.match_id.is_some())
    });
    Ok(rows.collect())
}

/// How bank and books stand to each other, what is not ticked off, and what may belong together.
pub fn reconcile(rx: &mut Rx<'_>, allowed: &Allowed<may::PrepareMoney>) -> Result<Reconciliation> {
    let region = region(allowed);
    let statements = store::statements(rx, &region)?;
    let spans: Vec<Span> = statements.iter().map(span_of).collect();
    let rows = store::lines(rx, &region)?;
    let ends = Fen::checked_sum(rows.iter().map(|row| row.amount)).and_then(|total| rules::ends(&spans, total));
    let lines: Vec<Line> = rows.iter().filter(|row| row.match_id.is_none()).map(line).collect();
    let all = moved(rx, &allowed.scope)?;
    let out_of_range = || crate::db::Error::Internal("the books are out of range".into());
    let books = Fen::checked_sum(all.iter().map(|(entry, _)| entry.amount)).ok_or_else(out_of_range)?;
    let booked: Vec<Booked> = all.into_iter().filter(|(_, ticked)| !ticked).map(|(entry, _)| entry).collect();
    let (opening, bank) = ends.map_or((Fen::ZERO, Fen::ZERO), |(opening, closing)| (opening, closing));
    Ok(Reconciliation {
        bank: ends.map(|(_, closing)| closing),
        bank_on: spans.iter().map(|span| span.last_on).max(),
        opening,
        books,
        difference: bank.checked_sub(books).ok_or_else(out_of_range)?,
        explained: rules::explained(opening, &lines, &booked).ok_or_else(out_of_range)?,
        proposals: rules::propose(&lines, &booked),
        lines,
        booked,
    })
}

/// An officer ticks lines and transfers off against each other.
///
/// Errors: field errors, `not_one_sum`, `already_ticked_off`.
pub fn tick(tx: &mut Tx<'_>, allowed: &Allowed<may::PrepareMoney>, wanted: &Match) -> Result<Receipt> {
    let region = region(allowed);
    tx.lock_row("regions", "code", &region)?;
    let unique = |ids: &[String]| ids.iter().cloned().collect::<BTreeSet<String>>();
    let (line_ids, booked_ids) = (unique(&wanted.lines), unique(&wanted.booked));
    // A booking and its reversal, or a payment and its return by the bank, explain each other.
    if line_ids.len() + booked_ids.len() < 2 {
        let field = if line_ids.is_empty() { "lines" } else { "booked" };
        return Err(Problem::field(field, None, "请至少选一笔银行流水和一笔账，或者互相抵消的两笔").into());
    }
    let rows: Vec<LineRow> =
        store::lines(tx, &region)?.into_iter().filter(|row| line_ids.contains(row.id.as_str())).collect();
    let entries = moved(tx, &allowed.scope)?;
    let entries: Vec<(Booked, bool)> = entries.into_iter().filter(|(e, _)| booked_ids.contains(&e.id)).collect();
    if rows.len() != line_ids.len() || entries.len() != booked_ids.len() {
        let field = if rows.len() == line_ids.len() { "booked" } else { "lines" };
        return Err(Problem::field(field, None, "所选的流水或账不在您的管理范围内，请刷新后再选").into());
    }
    if rows.iter().any(|row| row.match_id.is_some()) || entries.iter().any(|(_, ticked)| *ticked) {
        return Err((&roster::TICKED_OFF).into());
    }
    let (lines, booked): (Vec<Line>, Vec<Booked>) =
        (rows.iter().map(line).collect(), entries.into_iter().map(|(entry, _)| entry).collect());
    if !rules::is_one_sum(&lines, &booked) {
        return Err((&roster::NOT_ONE_SUM).into());
    }
    let total = Fen::checked_sum(booked.iter().map(|entry| entry.amount)).unwrap_or_default();
    let count = lines.len().max(booked.len());
    let transfers: Vec<TransferId> = booked.iter().map(|entry| Id::from_trusted(entry.id.as_str())).collect();
    tick_off(tx, &allowed.by(), &region, rows, &transfers)?;
    let fact = Fact::new("statement.ticked", &region).data(json!({ "count": count, "paid": total }));
    record(tx, &allowed.by(), fact)
}

/// Ticks off what is one sum. The caller has locked the region and records the entry.
///
/// Errors: `already_ticked_off`.
pub(in crate::settlement) fn tick_off(
    tx: &mut Tx<'_>,
    by: &By,
    region: &str,
    lines: Vec<LineRow>,
    transfers: &[TransferId],
) -> Result<()> {
    let match_id: Id<Match> = tx.new_id("mat");
    let now = tx.now();
    for mut row in lines {
        row.match_id = Some(match_id.to_string());
        row.version += 1;
        row.update(tx)?;
    }
    for transfer in transfers {
        let row = TickRow {
            transfer_id: transfer.to_string(),
            region_code: region.to_owned(),
            match_id: match_id.to_string(),
            ticked_by: by.account.clone(),
            ticked_at: now,
            salt: Salt::fresh(),
        };
        row.insert(tx).map_err(|e| if e.is_unique_violation() { (&roster::TICKED_OFF).into() } else { e })?;
    }
    Ok(())
}

/// A line of money that came in and is not ticked off, with its region locked; `None`: the line is no such one.
///
/// Errors: a field error for a line that is not there.
pub(in crate::settlement) fn take_line(tx: &mut Tx<'_>, region: &str, id: &str) -> Result<Option<LineRow>> {
    tx.lock_row("regions", "code", region)?;
    let Some(row) = store::find_line(tx, id)?.filter(|row| row.region_code == region) else {
        return Err(Problem::field("line", Some(id), "没有这笔银行流水，请刷新后再选").into());
    };
    Ok(Some(row).filter(|row| row.match_id.is_none() && row.amount > Fen::ZERO))
}

/// The other side's name goes from the lines that were ticked off against a transfer.
pub fn erase(tx: &mut Tx<'_>, transfer: &str) -> Result<()> {
    let Some(tick) = store::find_tick(tx, transfer)? else { return Ok(()) };
    for mut row in store::lines_of(tx, &tick.match_id)? {
        row.counterparty = crate::vault::ERASED_NAME.to_owned();
        row.reference = String::new();
        row.version += 1;
        row.salt = Salt::fresh();
        row.update(tx)?;
    }
    Ok(())
}
