//! The documents `xiangji-auction-trace/1` and `/2` and their results: a whole auction in one file, and what comes out of
//! it (docs/auction-trace.md).
//!
//! Promise: strict about the document, patient with its commands. What makes the document unusable is one error of one
//! line that names the place; what is wrong with a single command is that command's `malformed`. Of a member that stands
//! twice the last counts. Unknown members are skipped whatever they hold, except in the rules of `/2`: a rule that the
//! reader does not know is never left out in silence. What `/1` can say is written as `/1`.

mod document;
mod members;
mod read;
mod terms;
mod write;
mod write_rules;

use std::{borrow::Cow, collections::HashMap, fmt};

use serde_json::value::RawValue;

use super::model::{Action, Bidder, Command, Rules, State};
use super::rules::{close, decide};
use crate::kernel::Timestamp;
use document::Document;
pub use write::{write_result, write_trace};
pub use write_rules::write_rules;

/// Which documents these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    First,
    Second,
    /// Of an exercise: its words are not those of a trade.
    Practice,
}

impl Format {
    const ALL: [Format; 3] = [Format::First, Format::Second, Format::Practice];

    fn of(rules: &Rules) -> Format {
        match rules.practice {
            true => Format::Practice,
            false if rules.fits_first_format() => Format::First,
            false => Format::Second,
        }
    }

    fn trace(self) -> &'static str {
        match self {
            Format::First => "xiangji-auction-trace/1",
            Format::Second => "xiangji-auction-trace/2",
            Format::Practice => "xiangji-practice-trace/2",
        }
    }

    fn result(self) -> &'static str {
        match self {
            Format::First => "xiangji-auction-result/1",
            Format::Second => "xiangji-auction-result/2",
            Format::Practice => "xiangji-practice-result/2",
        }
    }
}

/// The document is not well-formed: one line that says where and what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceError(String);

impl TraceError {
    fn new(text: impl fmt::Display) -> TraceError {
        TraceError(text.to_string().split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TraceError {}

/// Recomputes an auction: takes the trace, gives the result document (pretty JSON, one decision a line, with a newline
/// at the end).
pub fn replay(text: &str) -> Result<String, TraceError> {
    let trace = Trace::read(text)?;
    let mut state = State::new(&trace.rules, trace.bidders.len());
    let decisions = trace.commands.iter().map(|command| {
        let decision = decide(&trace.rules, &state, command);
        if let Ok(accepted) = &decision {
            state.apply(accepted);
        }
        (command.seq, decision)
    });
    let mut document = write::ResultDocument::new(trace.format, &trace.rules, &trace.bidders, trace.commands.len());
    decisions.for_each(|(seq, decision)| document.decision(seq, &decision));
    Ok(document.finish(&close(&trace.rules, &trace.bidders, &state)))
}

/// `xiangji replay FILE`: the bytes of the file in, the result document or one line about the fault out (exit 2).
pub fn replay_main(file: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(file).map_err(|e| {
        format!("竞价记录应是 UTF-8 编码的 JSON，第 {} 个字节起不是 UTF-8", e.valid_up_to().saturating_add(1))
    })?;
    replay(text).map_err(|fault| format!("竞价记录不符合 xiangji-auction-trace 格式：{fault}"))
}

/// Reads the rules of an auction as [`write_rules`] writes them; `bidders` are the names in order.
pub fn read_rules(text: &str, bidders: &[String], practice: bool) -> Result<Rules, TraceError> {
    let format = if practice { Format::Practice } else { Format::Second };
    let raw = serde_json::from_str(text).map_err(|fault| TraceError::new(format_args!("不是 JSON：{fault}")))?;
    let places = bidders.iter().cloned().zip((0..).map(Bidder)).collect();
    terms::rules(Some(raw), &places, format)?.checked(bidders.len()).map_err(TraceError::new)
}

struct Trace {
    format: Format,
    rules: Rules,
    bidders: Vec<String>,
    commands: Vec<Command>,
}

impl Trace {
    fn read(text: &str) -> Result<Trace, TraceError> {
        let document: Document<'_> = serde_json::from_str(text).map_err(|fault| match fault.classify() {
            serde_json::error::Category::Data => TraceError::new(fault),
            _ => TraceError::new(format_args!("不是 JSON：{fault}")),
        })?;
        let word = document.format.and_then(read::text);
        let format = Format::ALL.into_iter().find(|format| word.as_deref() == Some(format.trace()));
        let format = format.ok_or_else(|| {
            let words = Format::ALL.map(|format| format!("\"{}\"", format.trace()));
            TraceError::new(format_args!("format 应为 {}", words.join("、")))
        })?;
        let (bidders, places) = bidders(document.bidders)?;
        let rules = terms::rules(document.rules, &places, format)?;
        let rules = rules.checked(bidders.len()).map_err(TraceError::new)?;
        let mut commands = Vec::with_capacity(document.commands.as_ref().map_or(0, Vec::len));
        let mut before = (0, Timestamp(i64::MIN));
        for raw in document.commands.ok_or_else(|| TraceError::new("缺少 commands"))? {
            if raw.seq != before.0 + 1 {
                return Err(TraceError::new(format_args!(
                    "commands 的 seq 应从 1 起逐一递增：{} 之后是 {}",
                    before.0, raw.seq
                )));
            }
            if raw.at < before.1 {
                return Err(TraceError::new(format_args!("commands 的 at 不应早于前一条：seq {}", raw.seq)));
            }
            let action = match raw.action {
                Action::Outage(_) if format == Format::First => Action::Unknown,
                // The system took the command before, so it stood.
                Action::Outage(Some(since)) if since < before.1 => {
                    return Err(TraceError::new(format_args!("停机的 since 不应早于前一条的 at：seq {}", raw.seq)));
                }
                action => action,
            };
            before = (raw.seq, raw.at);
            let bidder = raw.bidder.and_then(|name| places.get(name.as_ref()).copied());
            commands.push(Command { seq: raw.seq, at: raw.at, bidder, action });
        }
        Ok(Trace { format, rules, bidders, commands })
    }
}

/// The names in order, and where each stands.
fn bidders(raw: Option<&RawValue>) -> Result<(Vec<String>, HashMap<String, Bidder>), TraceError> {
    let fault = || TraceError::new("bidders 应为竞买人名称的列表，例如 [\"A\", \"B\"]");
    let items: Vec<&RawValue> = raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).ok_or_else(fault)?;
    let names: Vec<String> =
        items.into_iter().map(|raw| read::text(raw).map(Cow::into_owned)).collect::<Option<_>>().ok_or_else(fault)?;
    let mut places = HashMap::with_capacity(names.len());
    for (i, name) in names.iter().enumerate() {
        if places.insert(name.clone(), Bidder(i)).is_some() {
            return Err(TraceError::new(format_args!("bidders 中有重复：{name:?}")));
        }
    }
    Ok((names, places))
}
