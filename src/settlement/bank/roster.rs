//! A bank statement from a spreadsheet: what its columns may be called, what its cells mean, whether it adds up. Pure.

use std::collections::BTreeMap;

use super::model::{Read, Statement};
use crate::{
    kernel::{
        Fen, Problem,
        text::{half_width, read_day, read_yuan},
    },
    sheets::{Column, Limits, Report, Table, TableRow},
};

crate::codes! {
    STATEMENT_DOES_NOT_ADD_UP 422 "statement_does_not_add_up" "期初余额加各笔发生额不等于期末余额，可能少了行或改了数，请向银行重新导出";
    STATEMENT_GAP 409 "statement_gap" "这份对账单与已导入的接不上，中间还缺一段，请先导入缺的那一段";
    STATEMENT_EMPTY 422 "statement_empty" "对账单里没有交易明细，没有导入";
    NOT_ONE_SUM 409 "not_one_sum" "所选流水和账的金额合计不相等，不能勾对";
    TICKED_OFF 409 "already_ticked_off" "所选的流水或账已经勾对过，请刷新后再看";
}

/// A year of a township's account.
pub const LIMITS: Limits = Limits { file_bytes: 16 << 20, unpacked_bytes: 256 << 20, rows: 100_000, columns: 256 };

const fn column(key: &'static str, title: &'static str, required: bool, synonyms: &'static [&'static str]) -> Column {
    Column { key, title, synonyms, required }
}

/// The columns of the statements of the usual banks.
pub const COLUMNS: &[Column] = &[
    column("on", "交易日期", true, &["日期", "记账日期", "记账日", "交易日", "入账日期", "交易时间", "入账时间"]),
    column(
        "in",
        "收入",
        false,
        &["贷方发生额", "贷方金额", "贷方", "收入金额", "转入金额", "存入", "存入金额", "贷方发生额(收入)"],
    ),
    column(
        "out",
        "支出",
        false,
        &["借方发生额", "借方金额", "借方", "支出金额", "转出金额", "支取", "支取金额", "借方发生额(支取)"],
    ),
    column("amount", "发生额", false, &["交易金额", "金额"]),
    column("sign", "借贷标志", false, &["借贷方向", "借贷", "收支", "方向", "收付标志"]),
    column("balance", "余额", false, &["账户余额", "本次余额", "交易后余额"]),
    column(
        "counterparty",
        "对方户名",
        false,
        &["对方名称", "对方账户名称", "对方单位", "交易对手", "户名", "付款人", "收款人"],
    ),
    column("reference", "流水号", false, &["交易流水号", "银行流水号", "凭证号", "交易号", "核心流水号", "业务编号"]),
];

/// Reads the rows; whatever cannot be read stands in the report.
pub fn read(table: &Table) -> (Vec<Read>, Report) {
    let mut report = table.report();
    let (mut lines, mut times) = (Vec::new(), BTreeMap::new());
    for row in table.rows() {
        report.rows += 1;
        if let Some(line) = line(&row, &mut report, &mut times) {
            lines.push(line);
        }
    }
    (lines, report)
}

/// Numbers the repetitions of what looks alike.
type Times = BTreeMap<String, u32>;

fn line(row: &TableRow<'_>, report: &mut Report, times: &mut Times) -> Option<Read> {
    // A time behind the day is not needed: `2026-03-10 15:20:00`.
    let day = row.get("on").split([' ', 'T']).next().unwrap_or_default();
    let on = read_day(day).map_err(|e| report.refused.push(row.fault("on", row.get("on"), e)));
    let amount = signed(row).map_err(|(key, detail)| report.refused.push(row.fault(key, row.get(key), detail)));
    let balance = yuan(row.get("balance"))
        .map_err(|detail| report.refused.push(row.fault("balance", row.get("balance"), detail)));
    let (on, amount, balance) = (on.ok()?, amount.ok()?, balance.ok()?);
    let text = |key: &str| half_width(row.get(key)).chars().filter(|c| !c.is_control()).take(100).collect::<String>();
    let (counterparty, reference) = (text("counterparty"), text("reference").trim_start_matches('\'').to_owned());
    // The bank's number is the key; one number may stand at several amounts (a fee beside its payment). Without a number it
    // is all that the line says. What is repeated in every respect is counted.
    let alike = if reference.is_empty() {
        format!("{on}|{amount}|{counterparty}|{}", balance.map_or(String::new(), |b| b.to_string()))
    } else {
        format!("{reference}|{amount}")
    };
    let ordinal = times.entry(alike.clone()).and_modify(|n| *n += 1).or_insert(1);
    let key = format!("{alike}|{ordinal}");
    Some(Read { row: row.number(), on, amount, counterparty, reference, balance, key })
}

/// The amount of a line, from whichever columns the bank uses.
fn signed(row: &TableRow<'_>) -> Result<Fen, (&'static str, String)> {
    let read = |key: &'static str| yuan(row.get(key)).map(Option::unwrap_or_default).map_err(|detail| (key, detail));
    let (money_in, money_out, amount) = (read("in")?, read("out")?, read("amount")?);
    let amount = match half_width(row.get("sign")).trim() {
        "借" | "支" | "支出" | "付" | "出" | "D" | "借方" | "往" => Fen(-amount.0.abs()),
        "贷" | "收" | "收入" | "入" | "C" | "贷方" | "来" => Fen(amount.0.abs()),
        "" => amount,
        other => return Err(("sign", format!("“{other}”不是借贷方向，应写借或贷"))),
    };
    let total = money_in.checked_sub(money_out).and_then(|sum| sum.checked_add(amount)).unwrap_or_default();
    if total == Fen::ZERO || total.0.unsigned_abs() > Fen::MAX.0.unsigned_abs() {
        return Err((
            if row.get("amount").is_empty() { "in" } else { "amount" },
            "这一行没有发生额，请核对收入、支出或发生额".to_owned(),
        ));
    }
    Ok(total)
}

/// An amount with a sign; `None` for an empty cell or a dash.
fn yuan(cell: &str) -> Result<Option<Fen>, String> {
    let text = half_width(cell);
    let text = text.trim();
    if text.is_empty() || text == "-" || text == "--" {
        return Ok(None);
    }
    let (negative, digits) = match text.strip_prefix('-').or_else(|| text.strip_prefix('−')) {
        Some(rest) => (true, rest),
        None => (false, text.trim_start_matches('+')),
    };
    let plain: String = digits.chars().filter(|c| !c.is_whitespace()).collect();
    // Zero is what an empty column of a bank often holds.
    if !plain.is_empty() && plain.chars().all(|c| matches!(c, '0' | '.')) {
        return Ok(None);
    }
    let amount = read_yuan(&plain).map_err(|e| e.to_string())?;
    Ok(Some(if negative { Fen(-amount.0) } else { amount }))
}

/// Puts the lines in order and holds them against what the account came to (MON-10).
///
/// Errors: `statement_does_not_add_up`, `statement_empty`.
pub fn add_up(mut lines: Vec<Read>, opening: Option<Fen>, closing: Option<Fen>) -> Result<Statement, Problem> {
    // Banks print the newest first as often as the oldest.
    if lines.first().zip(lines.last()).is_some_and(|(first, last)| first.on > last.on) {
        lines.reverse();
    }
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return Err((&STATEMENT_EMPTY).into()) };
    let before = first.balance.and_then(|balance| balance.checked_sub(first.amount));
    let (Some(opening), Some(closing)) = (opening.or(before), closing.or(last.balance)) else {
        let detail = "表里没有余额列，请在下面填写对账单上印的期初余额和期末余额";
        return Err(Problem::field("opening", None, detail));
    };
    let mut running = opening;
    for line in &lines {
        running = running.checked_add(line.amount).ok_or_else(|| Problem::from(&STATEMENT_DOES_NOT_ADD_UP))?;
        if line.balance.is_some_and(|balance| balance != running) {
            let detail = format!(
                "第 {} 行的余额应为 {} 元，表里是 {} 元：可能少了行或改了数，请向银行重新导出",
                line.row,
                running.grouped(),
                line.balance.unwrap_or_default().grouped()
            );
            return Err(Problem::new(&STATEMENT_DOES_NOT_ADD_UP, detail).with("balance", running.to_string()));
        }
    }
    if running != closing {
        let detail = format!(
            "期初余额 {} 元加各笔发生额是 {} 元，不等于期末余额 {} 元：可能少了行或改了数，请向银行重新导出",
            opening.grouped(),
            running.grouped(),
            closing.grouped()
        );
        return Err(Problem::new(&STATEMENT_DOES_NOT_ADD_UP, detail).with("closing", running.to_string()));
    }
    Ok(Statement { opening, closing, lines })
}
