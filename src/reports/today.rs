//! What waits for a person today, by the rights of the role: each line is a number of records, with the way to them.

use crate::{
    access::{Actor, Allowed, may},
    contracts,
    db::{Result, Rx},
    kernel::{Day, Timestamp},
    settlement::{orders, payees, unidentified},
    trading::{
        confirmation::{self, Due},
        enrolment,
        listing::{self, LotId, LotState},
        looks, negotiation, objections, ranking,
    },
    web::html::{Tone, filters},
};

/// Something to be done.
#[derive(Debug, Clone)]
pub struct Duty {
    pub label: String,
    /// What it is about, in a sentence.
    pub note: String,
    pub href: String,
    /// `3 宗`, or a time.
    pub amount: String,
    pub tone: Tone,
}

/// Days before its end from which a contract is looked at.
const CONTRACT_DAYS: u64 = 90;

fn duty(label: &str, note: &str, href: String, amount: String, tone: Tone) -> Duty {
    Duty { label: label.to_owned(), note: note.to_owned(), href, amount, tone }
}

/// Everything that waits for the actor, the most pressing first; what is not there is not listed.
pub fn today(rx: &mut Rx<'_>, actor: &Actor, now: Timestamp, due: &orders::Due<'_>) -> Result<Vec<Duty>> {
    let mut duties = Vec::new();
    money(rx, actor, due, &mut duties)?;
    trades(rx, actor, now, &mut duties)?;
    if actor.can::<may::ReadContracts>() && (actor.can::<may::DraftListings>() || actor.can::<may::ReviewListings>()) {
        let until = now.day().plus_days(CONTRACT_DAYS);
        let count = contracts::count_ending(rx, &actor.prove()?, until)?;
        if count > 0 {
            let note = "已过期的和 90 天内到期的，请安排续签、收回或重新交易";
            let href = format!("/contracts?state=running&ends_before={until}");
            duties.push(duty("合同到期", note, href, format!("{count} 份"), Tone::Warn));
        }
    }
    Ok(duties)
}

fn money(rx: &mut Rx<'_>, actor: &Actor, due: &orders::Due<'_>, duties: &mut Vec<Duty>) -> Result<()> {
    if !actor.can::<may::ReadMoney>() || !actor.can::<may::ConfirmMoney>() {
        return Ok(());
    }
    let waiting = orders::count_waiting(rx, &actor.prove()?, due)?;
    let mut add = |count: i64, label, note, tone| {
        if count > 0 {
            duties.push(duty(label, note, "/money".to_owned(), format!("{count} 笔"), tone));
        }
    };
    let overdue = i64::try_from(waiting.overdue).unwrap_or(i64::MAX);
    add(overdue, "保证金退还逾期", "过了规定的退还期限，请今天办理", Tone::Bad);
    if actor.can::<may::PrepareMoney>() {
        add(waiting.due, "保证金待退还", "项目已结束，请经办退款", Tone::Warn);
    }
    add(waiting.prepared, "保证金待复核", "一人经办，另一人复核后才动账", Tone::Warn);
    let (open, returning) = unidentified::count_open(rx, &actor.prove()?)?;
    let accounts = payees::count_prepared(rx, &actor.prove()?)?;
    let mut more = |count: i64, label, note, href: &str, unit| {
        if count > 0 {
            duties.push(duty(label, note, href.to_owned(), format!("{count} {unit}"), Tone::Warn));
        }
    };
    if actor.can::<may::PrepareMoney>() {
        more(open, "待查款", "到了账还不知道是谁的，请查明", "/money/unidentified", "笔");
    }
    more(returning, "待查款退回待复核", "一人经办，另一人复核后才动账", "/money/unidentified", "笔");
    more(accounts, "收款账户待复核", "一人登记，另一人复核后才启用", "/money/payees", "个");
    Ok(())
}

/// Objections to be answered and results to be confirmed or passed on.
fn results(rx: &mut Rx<'_>, reading: &Allowed<may::ReadListings>, today: Day, duties: &mut Vec<Duty>) -> Result<()> {
    let address = |lot: &LotId| format!("/listings/{lot}/confirmation");
    for objection in objections::waiting(rx, reading)? {
        let tone = if objection.answer_by < today { Tone::Bad } else { Tone::Warn };
        let amount = format!("{} 前", objection.answer_by);
        let lot = &objection.lot_id;
        let href = if negotiation::is_under_way(rx, lot)? { negotiated(lot) } else { address(lot) };
        duties.push(duty("答复异议", &objection.objection, href, amount, tone));
    }
    for result in confirmation::waiting(rx, reading, today)? {
        let (label, amount, tone) = match result.what {
            Due::Examine => ("审查资格材料", "等待审查".to_owned(), Tone::Warn),
            Due::Papers => ("竞得人没有交资格材料", "公示期满".to_owned(), Tone::Warn),
            Due::Confirm => ("确认成交", "公示期满".to_owned(), Tone::Warn),
            Due::Sign(by) => ("合同逾期未签", format!("应在 {by} 前"), Tone::Bad),
            Due::Answer(by) => ("递补逾期没有答复", format!("应在 {by} 前"), Tone::Bad),
        };
        duties.push(duty(label, &result.title, address(&result.lot), amount, tone));
    }
    Ok(())
}

fn negotiated(lot: &LotId) -> String {
    format!("/lots/{lot}/negotiation")
}

/// Negotiations that the township looks at, the trading officer concludes or the collective signs.
fn negotiations(rx: &mut Rx<'_>, actor: &Actor, today: Day, duties: &mut Vec<Duty>) -> Result<()> {
    for one in negotiation::waiting(rx, &actor.prove()?, today)? {
        let (mine, label, amount, tone) = match one.what {
            negotiation::Due::Review => {
                (actor.can::<may::ReviewListings>(), "审核公开协商", "待审核".to_owned(), Tone::Warn)
            }
            negotiation::Due::Conclude => {
                (actor.can::<may::RunAuctions>(), "办结公开协商", "公示期满".to_owned(), Tone::Warn)
            }
            negotiation::Due::Sign(by) => {
                let tone = if by < today { Tone::Bad } else { Tone::Warn };
                (actor.can::<may::KeepContracts>(), "签协商成交的合同", format!("应在 {by} 前"), tone)
            }
        };
        if mine {
            duties.push(duty(label, &one.title, negotiated(&one.lot), amount, tone));
        }
    }
    Ok(())
}

/// Lots with several at the ceiling, which one officer puts in order and another confirms; nobody has won until then.
fn rankings(rx: &mut Rx<'_>, actor: &Actor, duties: &mut Vec<Duty>) -> Result<()> {
    for one in ranking::waiting(rx, &actor.prove()?)? {
        let (mine, label) = match one.state {
            ranking::State::Prepared => (actor.can::<may::ReviewListings>(), "复核同价评定"),
            _ => (actor.can::<may::RunAuctions>(), "拟定同价评定"),
        };
        if mine {
            let amount = format!("{} 起等结果", one.since.day());
            duties.push(duty(label, &one.title, format!("/lots/{}/ranking", one.lot), amount, Tone::Warn));
        }
    }
    Ok(())
}

fn trades(rx: &mut Rx<'_>, actor: &Actor, now: Timestamp, duties: &mut Vec<Duty>) -> Result<()> {
    if !actor.can::<may::ReadListings>() {
        return Ok(());
    }
    let reading = actor.prove::<may::ReadListings>()?;
    if actor.can::<may::RunAuctions>() {
        for (lot, title, opens) in listing::live_today(rx, &reading, now)? {
            let (amount, tone) = if opens <= now {
                ("正在竞价".to_owned(), Tone::Live)
            } else {
                (filters::deadline_text(opens), Tone::Info)
            };
            duties.push(duty(&title, "今天竞价", format!("/listings/{lot}"), amount, tone));
        }
    }
    if actor.can::<may::RunAuctions>() {
        results(rx, &reading, now.day(), duties)?;
    }
    if actor.can::<may::BreakGlass>() {
        for (lot, title) in looks::waiting(rx, &actor.prove()?)? {
            let href = format!("/listings/{lot}/break-glass");
            duties.push(duty("紧急查看竞买人的申请", &title, href, "等您同意".to_owned(), Tone::Warn));
        }
    }
    negotiations(rx, actor, now.day(), duties)?;
    rankings(rx, actor, duties)?;
    let waiting = listing::waiting(rx, &reading)?;
    let states: &[(bool, LotState, &str, &str, Tone)] = &[
        (actor.can::<may::DraftListings>(), LotState::Returned, "退回修改", "镇街写了意见，改好后重新提交", Tone::Bad),
        (actor.can::<may::ReviewListings>(), LotState::Submitted, "待审核", "村里提交的交易项目", Tone::Warn),
        (actor.can::<may::RunAuctions>(), LotState::Approved, "待公告", "审核已通过，定好时间就可以发布", Tone::Warn),
        (actor.can::<may::DraftListings>(), LotState::Draft, "没写完的草稿", "填完后提交镇街审核", Tone::Info),
    ];
    for (mine, state, label, note, tone) in states {
        let count = waiting.count(*state);
        if *mine && count > 0 {
            duties.push(duty(label, note, format!("/listings?state={state}"), format!("{count} 宗"), *tone));
        }
    }
    if actor.can::<may::ReceiveDeposits>() {
        for lot in enrolment::awaiting(rx, &actor.prove()?, now)? {
            // Neither a number of people nor whether there are any: that is hidden until the end.
            let href = format!("/listings/{}/enrolments", lot.lot);
            duties.push(duty("登记保证金", &lot.title, href, "照银行流水".to_owned(), Tone::Info));
        }
    }
    Ok(())
}
