//! The `rules` member of a trace.

use std::collections::HashMap;

use serde_json::value::RawValue;

use super::members::{AMOUNT, COUNT, Members, TIME, TRUTH, hex, objects, revisions, seconds, word};
use super::{Format, TraceError, read};
use crate::kernel::Fen;
use crate::trading::{
    auction::model::{
        AfterClock, AtCeiling, Bidder, ClockTerms, Countdown, Criterion, Direction, Extension, ExtensionFrom, Fallback,
        Mode, OutageTerms, Priority, Revisions, Rules, Step, StepMin, StepRow, Tie, Turns,
    },
    draw::{self, Draw, Party},
    price::{By, Increase, PriceTerms, PriceUnit},
};

const MEMBERS: [&str; 28] = [
    "mode",
    "direction",
    "opening_price",
    "reserve_price",
    "ceiling_price",
    "floor_price",
    "at_ceiling",
    "criterion",
    "step",
    "opens_at",
    "closes_at",
    "extension",
    "priority",
    "points",
    "tie",
    "draw_seed",
    "draw",
    "called_off_at",
    "min_bidders",
    "fallback",
    "leader_may_raise",
    "sealed",
    "clock",
    "countdown",
    "turns",
    "after_clock",
    "outage",
    "price",
];

/// Reads the rules as they are written; whether they fit together is for [`Rules::checked`].
pub(super) fn rules(
    raw: Option<&RawValue>,
    places: &HashMap<String, Bidder>,
    format: Format,
) -> Result<Rules, TraceError> {
    let raw = raw.ok_or_else(|| TraceError::new("缺少 rules"))?;
    let strict = format != Format::First;
    let rules = Members::read("rules", raw, strict).ok_or_else(|| TraceError::new("rules 应为对象"))?;
    rules.only(&MEMBERS)?;
    let first = first_rules(&rules, places, format)?;
    if strict { second_rules(&rules, first, places, format) } else { Ok(first) }
}

/// What the first format says.
fn first_rules(rules: &Members<'_>, places: &HashMap<String, Bidder>, format: Format) -> Result<Rules, TraceError> {
    let (closes_at, offset) = rules.must("closes_at", TIME, read::time_and_offset)?;
    let (modes, expected) = match format {
        Format::First => (Mode::FIRST, "应为 ascending、proxy、sealed 或 clock"),
        _ => (Mode::ALL, "应为 ascending、proxy、sealed、clock、countdown、turns 或 clock_sealed"),
    };
    let tie = rules.must("tie", "应为 earliest 或 draw", word(Tie::ALL, Tie::as_str))?;
    Ok(Rules {
        mode: rules.must("mode", expected, word(modes, Mode::as_str))?,
        direction: Direction::Up,
        opening_price: rules.must("opening_price", AMOUNT, read::amount)?,
        reserve_price: rules.may("reserve_price", AMOUNT, read::amount)?,
        ceiling_price: rules.may("ceiling_price", AMOUNT, read::amount)?,
        at_ceiling: None,
        criterion: None,
        step: rules.nested("step")?.map(|step| step_of(&step)).transpose()?,
        opens_at: rules.must("opens_at", TIME, read::time)?,
        closes_at,
        offset,
        extension: rules.nested("extension")?.map(|extension| extension_of(&extension)).transpose()?,
        priority: rules
            .nested("priority")?
            .map(|priority| priority_of(&priority, places, format != Format::First && tie == Tie::Draw))
            .transpose()?,
        points: None,
        tie,
        draw_seed: rules.may("draw_seed", "应为十六进制文字，例如 \"00ff\"", hex)?,
        draw: None,
        called_off_at: None,
        min_bidders: rules.must("min_bidders", COUNT, read::count)?,
        fallback: None,
        leader_may_raise: rules.must("leader_may_raise", TRUTH, read::truth)?,
        revisions: rules.nested("sealed")?.map(|sealed| sealed_of(&sealed)).transpose()?,
        clock: rules.nested("clock")?.map(|clock| clock_of(&clock)).transpose()?,
        countdown: None,
        turns: None,
        after_clock: None,
        outage: None,
        price: None,
        practice: false,
    })
}

/// What the second format adds.
fn second_rules(
    rules: &Members<'_>,
    first: Rules,
    places: &HashMap<String, Bidder>,
    format: Format,
) -> Result<Rules, TraceError> {
    let directions = word(Direction::ALL, Direction::as_str);
    let direction = rules.may("direction", "应为 up 或 down", directions)?.unwrap_or(Direction::Up);
    let floor_price = rules.may("floor_price", AMOUNT, read::amount)?;
    match (direction, first.ceiling_price, floor_price) {
        (Direction::Up, _, Some(_)) => return Err(rules.fault("floor_price", "价高者得时应写 ceiling_price")),
        (Direction::Down, Some(_), _) => return Err(rules.fault("ceiling_price", "价低者得时应写 floor_price")),
        _ => {}
    }
    let draw = rules.nested("draw")?.map(|draw| draw_of(&draw)).transpose()?;
    let seed = draw.as_ref().map(draw::seed).transpose().map_err(|fault| rules.fault("draw", fault))?;
    let seed = seed.map(|seed| seed.to_vec());
    if seed.is_some() && first.draw_seed.is_some() && seed != first.draw_seed {
        return Err(rules.fault("draw_seed", "与 draw 算出的种子不符"));
    }
    Ok(Rules {
        direction,
        ceiling_price: first.ceiling_price.or(floor_price),
        at_ceiling: rules.may("at_ceiling", "应为 draw 或 criterion", word(AtCeiling::ALL, AtCeiling::as_str))?,
        criterion: rules.nested("criterion")?.map(|criterion| criterion_of(&criterion, places)).transpose()?,
        points: points_of(rules, places)?,
        draw_seed: seed.or(first.draw_seed),
        draw,
        called_off_at: rules.may("called_off_at", TIME, read::time)?,
        fallback: rules.may(
            "fallback",
            "应为 second_round、negotiation 或 fail",
            word(Fallback::ALL, Fallback::as_str),
        )?,
        countdown: rules.nested("countdown")?.map(|countdown| countdown_of(&countdown)).transpose()?,
        turns: rules.nested("turns")?.map(|turns| turns_of(&turns)).transpose()?,
        after_clock: rules.nested("after_clock")?.map(|after| after_clock_of(&after)).transpose()?,
        outage: rules.nested("outage")?.map(|outage| outage_of(&outage)).transpose()?,
        price: rules.nested("price")?.map(|price| price_of(&price)).transpose()?,
        practice: format == Format::Practice,
        ..first
    })
}

fn step_of(step: &Members<'_>) -> Result<Step, TraceError> {
    step.only(&["min", "max", "multiple_of", "table"])?;
    let table = step.may("table", "应为 [{\"from\": \"0.00\", \"min\": \"0.05\"}] 样式的列表", objects)?;
    let min = match table {
        None => StepMin::Flat(step.must("min", AMOUNT, read::amount)?),
        Some(rows) => StepMin::Table(
            rows.iter()
                .map(|row| {
                    let row = step.item("table", row)?;
                    row.only(&["from", "min"])?;
                    Ok(StepRow {
                        from: row.must("from", AMOUNT, read::amount)?,
                        min: row.must("min", AMOUNT, read::amount)?,
                    })
                })
                .collect::<Result<_, TraceError>>()?,
        ),
    };
    Ok(Step {
        min,
        max: step.may("max", AMOUNT, read::amount)?,
        multiple_of: step.may("multiple_of", AMOUNT, read::amount)?,
    })
}

fn extension_of(extension: &Members<'_>) -> Result<Extension, TraceError> {
    extension.only(&["window_s", "from", "by_s", "max_times", "hard_close_at"])?;
    Ok(Extension {
        window_s: extension.must("window_s", COUNT, seconds)?,
        from: extension.must("from", "应为 bid 或 close", word(ExtensionFrom::ALL, ExtensionFrom::as_str))?,
        by_s: extension.must("by_s", COUNT, seconds)?,
        max_times: extension.may("max_times", COUNT, read::count)?,
        hard_close_at: extension.may("hard_close_at", TIME, read::time)?,
    })
}

/// In the second format a draw between ties is one between holders of one rank, unless the rules say otherwise.
fn priority_of(priority: &Members<'_>, places: &HashMap<String, Bidder>, draws: bool) -> Result<Priority, TraceError> {
    priority.only(&["may_match", "draw_among_equals", "holders"])?;
    let holders = priority.must("holders", "应为 [{\"bidder\": \"P\", \"rank\": 1}] 样式的列表", objects)?;
    let holders = holders
        .iter()
        .map(|holder| {
            let holder = priority.item("holders", holder)?;
            holder.only(&["bidder", "rank"])?;
            let known = |raw| read::text(raw).and_then(|name| places.get(name.as_ref()).copied());
            Ok((
                holder.must("bidder", "应为 bidders 名单中的竞买人", known)?,
                holder.must("rank", "应为整数", read::whole)?,
            ))
        })
        .collect::<Result<_, TraceError>>()?;
    let draws = if priority.is_strict() {
        priority.may("draw_among_equals", TRUTH, read::truth)?.unwrap_or(draws)
    } else {
        false
    };
    Ok(Priority { may_match: priority.must("may_match", TRUTH, read::truth)?, draw_among_equals: draws, holders })
}

fn sealed_of(sealed: &Members<'_>) -> Result<Revisions, TraceError> {
    sealed.only(&["revisions"])?;
    sealed.must("revisions", "应为不小于 0 的整数或 \"unlimited\"", revisions)
}

fn clock_of(clock: &Members<'_>) -> Result<ClockTerms, TraceError> {
    clock.only(&["decrement", "tick_s", "floor"])?;
    Ok(ClockTerms {
        decrement: clock.must("decrement", AMOUNT, read::amount)?,
        tick_s: clock.must("tick_s", "应为不小于 1 的整数", seconds)?,
        floor: clock.must("floor", AMOUNT, read::amount)?,
    })
}

fn countdown_of(countdown: &Members<'_>) -> Result<Countdown, TraceError> {
    countdown.only(&["seconds", "wait_s", "needs_bidders", "hard_close_at"])?;
    Ok(Countdown {
        seconds: countdown.must("seconds", COUNT, seconds)?,
        wait_s: countdown.may("wait_s", COUNT, seconds)?.unwrap_or(0),
        needs_bidders: countdown.may("needs_bidders", COUNT, read::count)?.unwrap_or(0),
        hard_close_at: countdown.may("hard_close_at", TIME, read::time)?,
    })
}

fn turns_of(turns: &Members<'_>) -> Result<Turns, TraceError> {
    turns.only(&["rounds", "turn_s", "first_pause_s", "pause_s"])?;
    Ok(Turns {
        rounds: turns.must("rounds", COUNT, seconds)?,
        turn_s: turns.must("turn_s", COUNT, seconds)?,
        first_pause_s: turns.may("first_pause_s", COUNT, seconds)?.unwrap_or(0),
        pause_s: turns.may("pause_s", COUNT, seconds)?.unwrap_or(0),
    })
}

fn after_clock_of(after: &Members<'_>) -> Result<AfterClock, TraceError> {
    after.only(&["pause_s", "sealed_s", "best_s"])?;
    Ok(AfterClock {
        pause_s: after.may("pause_s", COUNT, seconds)?.unwrap_or(0),
        sealed_s: after.must("sealed_s", COUNT, seconds)?,
        best_s: after.may("best_s", COUNT, seconds)?.unwrap_or(0),
    })
}

fn outage_of(outage: &Members<'_>) -> Result<OutageTerms, TraceError> {
    outage.only(&["at_least_s", "window_s"])?;
    Ok(OutageTerms {
        at_least_s: outage.must("at_least_s", COUNT, seconds)?,
        window_s: outage.may("window_s", COUNT, seconds)?,
    })
}

fn price_of(price: &Members<'_>) -> Result<PriceTerms, TraceError> {
    price.only(&["unit", "quantity", "term_months", "increases"])?;
    let increases = price.items("increases", "[{\"from_year\": 2, \"percent\": \"5.00\"}]")?;
    let increase = |row: &Members<'_>| {
        row.only(&["from_year", "percent", "amount"])?;
        let (percent, amount) = (row.may("percent", AMOUNT, hundredths)?, row.may("amount", AMOUNT, read::amount)?);
        let by = match (percent, amount) {
            (Some(percent), None) => By::Percent(percent),
            (None, Some(amount)) => By::Amount(amount),
            _ => return Err(row.fault("", "应写明 percent 或 amount 之一")),
        };
        Ok(Increase { from_year: row.must("from_year", COUNT, seconds)?, by })
    };
    let units = "应为 yuan_per_year、yuan_per_month、yuan_per_mu_year、yuan_per_m2_month、yuan_per_m2_year、yuan 或 m2";
    let terms = PriceTerms {
        unit: price.must("unit", units, word(PriceUnit::ALL, PriceUnit::as_str))?,
        quantity: price.may("quantity", "应为带两位小数的文字，例如 \"23.50\"", hundredths)?,
        term_months: price.may("term_months", COUNT, seconds)?.unwrap_or(0),
        increases: increases.iter().map(increase).collect::<Result<_, TraceError>>()?,
    };
    terms.checked().map_err(|fault| price.fault("", fault))
}

fn draw_of(draw: &Members<'_>) -> Result<Draw, TraceError> {
    draw.only(&["lot", "round", "checkpoint", "closing_index", "first_opening_index", "parties", "withheld"])?;
    let party = |row: &Members<'_>| {
        row.only(&["party", "commitment", "value"])?;
        Ok(Party {
            name: row.must("party", "应为文字", text)?,
            commitment: row.must("commitment", "应为 64 位十六进制文字", bytes)?,
            value: row.may("value", "应为 64 位十六进制文字", bytes)?,
        })
    };
    let parties = draw.items("parties", "[{\"party\": \"01\", \"commitment\": \"…\", \"value\": \"…\"}]")?;
    Ok(Draw {
        lot: draw.must("lot", "应为标的编号", text)?,
        round: draw.must("round", COUNT, read::count)?,
        checkpoint: draw.must("checkpoint", "应为日志检查点的三行文字", text)?,
        closing_index: draw.must("closing_index", COUNT, read::count)?,
        first_opening_index: draw.must("first_opening_index", COUNT, read::count)?,
        parties: parties.iter().map(party).collect::<Result<_, TraceError>>()?,
        withheld: draw.may("withheld", "应为名称的列表", names)?.unwrap_or_default(),
    })
}

fn criterion_of(criterion: &Members<'_>, places: &HashMap<String, Bidder>) -> Result<Criterion, TraceError> {
    criterion.only(&["text", "order"])?;
    let known = |raw| read::text(raw).and_then(|name| places.get(name.as_ref()).copied());
    let order = |raw| objects(raw)?.into_iter().map(known).collect::<Option<Vec<Bidder>>>();
    Ok(Criterion {
        text: criterion.must("text", "应为文字", text)?,
        order: criterion.may("order", "应为 bidders 名单中竞买人的列表", order)?,
    })
}

/// Null is no points at all, an empty list that nobody was granted any.
fn points_of(rules: &Members<'_>, places: &HashMap<String, Bidder>) -> Result<Option<Vec<(Bidder, i64)>>, TraceError> {
    const SAMPLE: &str = "[{\"bidder\": \"03\", \"points\": 500}]";
    if rules.may("points", "应为列表或 null", objects)?.is_none() {
        return Ok(None);
    }
    let one = |row: Members<'_>| {
        let known = |raw| read::text(raw).and_then(|name| places.get(name.as_ref()).copied());
        row.only(&["bidder", "points"])?;
        let bidder = row.must("bidder", "应为 bidders 名单中的竞买人", known)?;
        Ok((bidder, row.must("points", "应为整数，以万分之一计", read::whole)?))
    };
    rules.items("points", SAMPLE)?.into_iter().map(one).collect::<Result<_, TraceError>>().map(Some)
}

/// A quantity or a rate with two decimals.
fn hundredths(raw: &RawValue) -> Option<i64> {
    read::amount(raw).map(|Fen(hundredths)| hundredths)
}

fn text(raw: &RawValue) -> Option<String> {
    read::text(raw).map(String::from)
}

fn bytes(raw: &RawValue) -> Option<[u8; 32]> {
    hex(raw)?.try_into().ok()
}

fn names(raw: &RawValue) -> Option<Vec<String>> {
    objects(raw)?.into_iter().map(text).collect()
}
