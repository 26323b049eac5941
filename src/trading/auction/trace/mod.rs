//! The documents `xiangji-auction-trace/1` and `xiangji-auction-result/1`: a whole auction in one file, and what comes
//! out of it.
//!
//! Promise: strict about the document, patient with its commands. What makes the document unusable is one error of one
//! line that names the place; what is wrong with a single command is that command's `malformed`. Of a member that stands
//! twice the last counts, unknown members are skipped whatever they hold.

mod read;
mod terms;
mod write;

use std::{borrow::Cow, collections::HashMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::model::{Action, Bidder, Command, Rules, State};
use super::rules::{close, decide};
use crate::kernel::Timestamp;
pub use write::{write_result, write_trace};

const TRACE_FORMAT: &str = "xiangji-auction-trace/1";
const RESULT_FORMAT: &str = "xiangji-auction-result/1";

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
    let mut document = write::ResultDocument::new(&trace.rules, &trace.bidders, trace.commands.len());
    decisions.for_each(|(seq, decision)| document.decision(seq, &decision));
    Ok(document.finish(&close(&trace.rules, &trace.bidders, &state)))
}

/// `xiangji replay FILE`: the bytes of the file in, the result document or one line about the fault out (exit 2).
pub fn replay_main(file: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(file).map_err(|e| {
        format!("竞价记录应是 UTF-8 编码的 JSON，第 {} 个字节起不是 UTF-8", e.valid_up_to().saturating_add(1))
    })?;
    replay(text).map_err(|fault| format!("竞价记录不符合 {TRACE_FORMAT} 格式：{fault}"))
}

struct Trace {
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
        if document.format.and_then(read::text).as_deref() != Some(TRACE_FORMAT) {
            return Err(TraceError::new(format_args!("format 应为 \"{TRACE_FORMAT}\"")));
        }
        let (bidders, places) = bidders(document.bidders)?;
        let rules = terms::rules(document.rules, &places)?;
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
            before = (raw.seq, raw.at);
            let bidder = raw.bidder.and_then(|name| places.get(name.as_ref()).copied());
            commands.push(Command { seq: raw.seq, at: raw.at, bidder, action: raw.action });
        }
        Ok(Trace { rules, bidders, commands })
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

struct Document<'a> {
    format: Option<&'a RawValue>,
    rules: Option<&'a RawValue>,
    bidders: Option<&'a RawValue>,
    commands: Option<Vec<RawCommand<'a>>>,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum DocumentKey {
    Format,
    Rules,
    Bidders,
    Commands,
    #[serde(other)]
    Other,
}

impl<'de: 'a, 'a> Deserialize<'de> for Document<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Document<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a trace document (object)")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Document<'de>, A::Error> {
                let mut found = Document { format: None, rules: None, bidders: None, commands: None };
                while let Some(key) = map.next_key()? {
                    match key {
                        DocumentKey::Format => found.format = Some(map.next_value()?),
                        DocumentKey::Rules => found.rules = Some(map.next_value()?),
                        DocumentKey::Bidders => found.bidders = Some(map.next_value()?),
                        DocumentKey::Commands => found.commands = Some(map.next_value()?),
                        DocumentKey::Other => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(found)
            }
        }
        from.deserialize_map(Members)
    }
}

/// A command before its bidder's name is looked up.
struct RawCommand<'a> {
    seq: u64,
    at: Timestamp,
    bidder: Option<Cow<'a, str>>,
    action: Action,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum CommandKey {
    Seq,
    At,
    Bidder,
    Type,
    Amount,
    #[serde(other)]
    Other,
}

impl<'de: 'a, 'a> Deserialize<'de> for RawCommand<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = RawCommand<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a command (object)")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawCommand<'de>, A::Error> {
                let (mut seq, mut at, mut bidder, mut kind, mut amount) = (None, None, None, None, None);
                while let Some(key) = map.next_key()? {
                    let member: &'de RawValue = map.next_value()?;
                    match key {
                        CommandKey::Seq => seq = Some(member),
                        CommandKey::At => at = Some(member),
                        CommandKey::Bidder => bidder = Some(member),
                        CommandKey::Type => kind = Some(member),
                        CommandKey::Amount => amount = Some(member),
                        CommandKey::Other => {}
                    }
                }
                let seq = seq.and_then(read::count).ok_or_else(|| A::Error::custom("seq 应为从 1 起的整数"))?;
                let at = at.and_then(read::time).ok_or_else(|| {
                    A::Error::custom("at 应为带时区的 RFC 3339 时间，秒后至多六位小数，例如 2026-03-02T09:31:00+08:00")
                })?;
                let action = match kind.and_then(read::text).as_deref() {
                    Some("bid") => Action::Bid(amount.and_then(read::amount)),
                    Some("match") => Action::Match,
                    Some("accept") => Action::Accept,
                    Some("suspend") => Action::Suspend,
                    Some("resume") => Action::Resume,
                    Some("terminate") => Action::Terminate,
                    _ => Action::Unknown,
                };
                Ok(RawCommand { seq, at, bidder: bidder.and_then(read::text), action })
            }
        }
        from.deserialize_map(Members)
    }
}
