//! The document as JSON: typed, without a tree of values, members in any order.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::read;
use crate::{kernel::Timestamp, trading::auction::model::Action};

/// The document's members, the commands read already.
pub(super) struct Document<'a> {
    pub format: Option<&'a RawValue>,
    pub rules: Option<&'a RawValue>,
    pub bidders: Option<&'a RawValue>,
    pub commands: Option<Vec<RawCommand<'a>>>,
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
pub(super) struct RawCommand<'a> {
    pub seq: u64,
    pub at: Timestamp,
    pub bidder: Option<Cow<'a, str>>,
    pub action: Action,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum CommandKey {
    Seq,
    At,
    Bidder,
    Type,
    Amount,
    Since,
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
                let (mut seq, mut at, mut bidder) = (None, None, None);
                let (mut kind, mut amount, mut since) = (None, None, None);
                while let Some(key) = map.next_key()? {
                    let member: &'de RawValue = map.next_value()?;
                    match key {
                        CommandKey::Seq => seq = Some(member),
                        CommandKey::At => at = Some(member),
                        CommandKey::Bidder => bidder = Some(member),
                        CommandKey::Type => kind = Some(member),
                        CommandKey::Amount => amount = Some(member),
                        CommandKey::Since => since = Some(member),
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
                    Some("outage") => Action::Outage(since.and_then(read::time)),
                    _ => Action::Unknown,
                };
                Ok(RawCommand { seq, at, bidder: bidder.and_then(read::text), action })
            }
        }
        from.deserialize_map(Members)
    }
}
