//! The `rules` member of a trace.

use std::{borrow::Cow, collections::HashMap};

use serde_json::value::RawValue;

use super::TraceError;
use super::read;
use crate::trading::auction::model::{
    Bidder, ClockTerms, Extension, ExtensionFrom, Mode, Priority, Revisions, Rules, Step, StepMin, StepRow, Tie,
};

/// Reads the rules as they are written; whether they fit together is for [`Rules::checked`].
pub(super) fn rules(raw: Option<&RawValue>, places: &HashMap<String, Bidder>) -> Result<Rules, TraceError> {
    let raw = raw.ok_or_else(|| TraceError::new("缺少 rules"))?;
    let rules = Members::read("rules", raw).ok_or_else(|| TraceError::new("rules 应为对象"))?;
    let (closes_at, offset) = rules.must("closes_at", TIME, read::time_and_offset)?;
    Ok(Rules {
        mode: rules.must("mode", "应为 ascending、proxy、sealed 或 clock", word(Mode::ALL, Mode::as_str))?,
        opening_price: rules.must("opening_price", AMOUNT, read::amount)?,
        reserve_price: rules.may("reserve_price", AMOUNT, read::amount)?,
        ceiling_price: rules.may("ceiling_price", AMOUNT, read::amount)?,
        step: rules.nested("step")?.map(|step| step_of(&step)).transpose()?,
        opens_at: rules.must("opens_at", TIME, read::time)?,
        closes_at,
        offset,
        extension: rules.nested("extension")?.map(|extension| extension_of(&extension)).transpose()?,
        priority: rules.nested("priority")?.map(|priority| priority_of(&priority, places)).transpose()?,
        tie: rules.must("tie", "应为 earliest 或 draw", word(Tie::ALL, Tie::as_str))?,
        draw_seed: rules.may("draw_seed", "应为十六进制文字，例如 \"00ff\"", hex)?,
        min_bidders: rules.must("min_bidders", COUNT, read::count)?,
        leader_may_raise: rules.must("leader_may_raise", TRUTH, read::truth)?,
        revisions: rules
            .nested("sealed")?
            .map(|sealed| sealed.must("revisions", "应为不小于 0 的整数或 \"unlimited\"", revisions))
            .transpose()?,
        clock: rules.nested("clock")?.map(|clock| clock_of(&clock)).transpose()?,
    })
}

fn step_of(step: &Members<'_>) -> Result<Step, TraceError> {
    let table = step.may("table", "应为 [{\"from\": \"0.00\", \"min\": \"0.05\"}] 样式的列表", objects)?;
    let min = match table {
        None => StepMin::Flat(step.must("min", AMOUNT, read::amount)?),
        Some(rows) => StepMin::Table(
            rows.iter()
                .map(|row| {
                    let row = step.item("table", row)?;
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
    Ok(Extension {
        window_s: extension.must("window_s", COUNT, seconds)?,
        from: extension.must("from", "应为 bid 或 close", word(ExtensionFrom::ALL, ExtensionFrom::as_str))?,
        by_s: extension.must("by_s", COUNT, seconds)?,
        max_times: extension.may("max_times", COUNT, read::count)?,
        hard_close_at: extension.may("hard_close_at", TIME, read::time)?,
    })
}

fn priority_of(priority: &Members<'_>, places: &HashMap<String, Bidder>) -> Result<Priority, TraceError> {
    let holders = priority.must("holders", "应为 [{\"bidder\": \"P\", \"rank\": 1}] 样式的列表", objects)?;
    let holders = holders
        .iter()
        .map(|holder| {
            let holder = priority.item("holders", holder)?;
            let known = |raw| read::text(raw).and_then(|name| places.get(name.as_ref()).copied());
            Ok((
                holder.must("bidder", "应为 bidders 名单中的竞买人", known)?,
                holder.must("rank", "应为整数", read::whole)?,
            ))
        })
        .collect::<Result<_, TraceError>>()?;
    Ok(Priority { may_match: priority.must("may_match", TRUTH, read::truth)?, holders })
}

fn clock_of(clock: &Members<'_>) -> Result<ClockTerms, TraceError> {
    Ok(ClockTerms {
        decrement: clock.must("decrement", AMOUNT, read::amount)?,
        tick_s: clock.must("tick_s", "应为不小于 1 的整数", seconds)?,
        floor: clock.must("floor", AMOUNT, read::amount)?,
    })
}

const AMOUNT: &str = "应写成元并带两位小数的文字，例如 \"820.00\"";
const TIME: &str = "应为带时区的 RFC 3339 时间，秒后至多六位小数，例如 \"2026-03-02T09:30:00+08:00\"";
const COUNT: &str = "应为不小于 0 的整数";
const TRUTH: &str = "应为 true 或 false";

fn seconds(raw: &RawValue) -> Option<i64> {
    read::count(raw).and_then(|n| i64::try_from(n).ok())
}

/// One of the words of a closed list; only the word, never its Chinese label.
fn word<T: Copy>(all: &'static [T], as_str: fn(&T) -> &'static str) -> impl Fn(&RawValue) -> Option<T> {
    move |raw| read::text(raw).and_then(|text| all.iter().copied().find(|one| as_str(one) == text))
}

fn revisions(raw: &RawValue) -> Option<Revisions> {
    match read::text(raw).as_deref() {
        Some("unlimited") => Some(Revisions::Unlimited),
        Some(_) => None,
        None => read::count(raw).map(Revisions::AtMost),
    }
}

fn hex(raw: &RawValue) -> Option<Vec<u8>> {
    let text = read::text(raw)?;
    let nibbles: Vec<u32> = text.chars().map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let (pairs, rest) = nibbles.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().filter_map(|[high, low]| u8::try_from(high * 16 + low).ok()).collect())
}

fn objects(raw: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(raw.get()).ok()
}

/// The members of one object, with its path for error messages.
struct Members<'a> {
    path: String,
    found: HashMap<Cow<'a, str>, &'a RawValue>,
}

impl<'a> Members<'a> {
    fn read(path: impl Into<String>, raw: &'a RawValue) -> Option<Members<'a>> {
        Some(Members { path: path.into(), found: serde_json::from_str(raw.get()).ok()? })
    }

    /// A member that may be null or left out.
    fn may<T>(
        &self,
        name: &str,
        expected: &str,
        read: impl Fn(&'a RawValue) -> Option<T>,
    ) -> Result<Option<T>, TraceError> {
        match self.found.get(name) {
            Some(raw) if !read::is_null(raw) => match read(raw) {
                Some(value) => Ok(Some(value)),
                None => Err(TraceError::new(format_args!("{}.{name} {expected}", self.path))),
            },
            _ => Ok(None),
        }
    }

    fn must<T>(&self, name: &str, expected: &str, read: impl Fn(&'a RawValue) -> Option<T>) -> Result<T, TraceError> {
        self.may(name, expected, read)?
            .ok_or_else(|| TraceError::new(format_args!("缺少 {}.{name}，{expected}", self.path)))
    }

    fn nested(&self, name: &str) -> Result<Option<Members<'a>>, TraceError> {
        self.may(name, "应为对象或 null", |raw| Members::read(format!("{}.{name}", self.path), raw))
    }

    /// A row of the list `name`.
    fn item(&self, name: &str, raw: &'a RawValue) -> Result<Members<'a>, TraceError> {
        let path = format!("{}.{name}[]", self.path);
        Members::read(path.clone(), raw).ok_or_else(|| TraceError::new(format_args!("{path} 应为对象")))
    }
}
