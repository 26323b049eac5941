//! Objects of the rules, member by member.

use std::{borrow::Cow, collections::HashMap};

use serde_json::value::RawValue;

use super::{TraceError, read};
use crate::trading::auction::model::Revisions;

pub(super) const AMOUNT: &str = "应写成带两位小数的文字，例如 \"820.00\"";
pub(super) const TIME: &str = "应为带时区的 RFC 3339 时间，秒后至多六位小数，例如 \"2026-03-02T09:30:00+08:00\"";
pub(super) const COUNT: &str = "应为不小于 0 的整数";
pub(super) const TRUTH: &str = "应为 true 或 false";

pub(super) fn seconds(raw: &RawValue) -> Option<i64> {
    read::count(raw).and_then(|n| i64::try_from(n).ok())
}

/// One of the words of a closed list; only the word, never its Chinese label.
pub(super) fn word<T: Copy>(all: &'static [T], as_str: fn(&T) -> &'static str) -> impl Fn(&RawValue) -> Option<T> {
    move |raw| read::text(raw).and_then(|text| all.iter().copied().find(|one| as_str(one) == text))
}

pub(super) fn revisions(raw: &RawValue) -> Option<Revisions> {
    match read::text(raw).as_deref() {
        Some("unlimited") => Some(Revisions::Unlimited),
        Some(_) => None,
        None => read::count(raw).map(Revisions::AtMost),
    }
}

pub(super) fn hex(raw: &RawValue) -> Option<Vec<u8>> {
    let text = read::text(raw)?;
    let nibbles: Vec<u32> = text.chars().map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let (pairs, rest) = nibbles.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().filter_map(|[high, low]| u8::try_from(high * 16 + low).ok()).collect())
}

pub(super) fn objects(raw: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(raw.get()).ok()
}

/// The members of one object, with its path for error messages.
pub(super) struct Members<'a> {
    path: String,
    /// Whether a member that nobody asked for is a fault.
    strict: bool,
    found: HashMap<Cow<'a, str>, &'a RawValue>,
}

impl<'a> Members<'a> {
    pub(super) fn read(path: impl Into<String>, raw: &'a RawValue, strict: bool) -> Option<Members<'a>> {
        Some(Members { path: path.into(), strict, found: serde_json::from_str(raw.get()).ok()? })
    }

    pub(super) fn is_strict(&self) -> bool {
        self.strict
    }

    /// These are all members there may be.
    pub(super) fn only(&self, names: &[&str]) -> Result<(), TraceError> {
        let unknown = self.found.keys().find(|name| self.strict && !names.contains(&name.as_ref()));
        unknown.map_or(Ok(()), |name| Err(TraceError::new(format_args!("{} 中有不认识的 {name:?}", self.path))))
    }

    /// A fault of the member `name` or, where that is empty, of the whole.
    pub(super) fn fault(&self, name: &str, fault: impl std::fmt::Display) -> TraceError {
        let point = if name.is_empty() { "" } else { "." };
        TraceError::new(format_args!("{}{point}{name}：{fault}", self.path))
    }

    /// A member that may be null or left out.
    pub(super) fn may<T>(
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

    pub(super) fn must<T>(
        &self,
        name: &str,
        expected: &str,
        read: impl Fn(&'a RawValue) -> Option<T>,
    ) -> Result<T, TraceError> {
        self.may(name, expected, read)?
            .ok_or_else(|| TraceError::new(format_args!("缺少 {}.{name}，{expected}", self.path)))
    }

    pub(super) fn nested(&self, name: &str) -> Result<Option<Members<'a>>, TraceError> {
        self.may(name, "应为对象或 null", |raw| Members::read(format!("{}.{name}", self.path), raw, self.strict))
    }

    /// A row of the list `name`.
    pub(super) fn item(&self, name: &str, raw: &'a RawValue) -> Result<Members<'a>, TraceError> {
        let path = format!("{}.{name}[]", self.path);
        Members::read(path.clone(), raw, self.strict).ok_or_else(|| TraceError::new(format_args!("{path} 应为对象")))
    }

    /// The rows of the list `name`; none where it is null or left out.
    pub(super) fn items(&self, name: &str, sample: &str) -> Result<Vec<Members<'a>>, TraceError> {
        let rows = self.may(name, &format!("应为 {sample} 样式的列表"), objects)?.unwrap_or_default();
        rows.into_iter().map(|row| self.item(name, row)).collect()
    }
}
