//! Writing the two documents: pretty JSON with one command or decision a line.

use std::fmt::Write as _;

use chrono::{Datelike, NaiveDate};

use super::{Format, write_rules::members};
use crate::kernel::Timestamp;
use crate::trading::{
    auction::{
        model::{Accepted, Action, Bidder, Command, Compared, Offset, Outcome, Rules},
        rejection::Rejection,
    },
    price,
};

/// A result document under construction: decisions first, the outcome last.
pub(super) struct ResultDocument<'a> {
    format: Format,
    rules: &'a Rules,
    offset: &'a Offset,
    /// Each bidder's name as JSON.
    names: Vec<String>,
    out: String,
    first: bool,
    /// The last end written, with its text: it rarely moves.
    end: (Timestamp, String),
}

impl<'a> ResultDocument<'a> {
    pub(super) fn new(format: Format, rules: &'a Rules, bidders: &[String], commands: usize) -> ResultDocument<'a> {
        let mut out = String::with_capacity(commands.saturating_mul(128).saturating_add(512));
        let _ = write!(out, "{{\n  \"format\": \"{}\",\n  \"decisions\": [", format.result());
        ResultDocument {
            format,
            rules,
            offset: &rules.offset,
            names: bidders.iter().map(|name| quoted(name)).collect(),
            out,
            first: true,
            end: (rules.closes_at, time(rules.closes_at, &rules.offset)),
        }
    }

    pub(super) fn decision(&mut self, seq: u64, decision: &Result<Accepted, Rejection>) {
        let comma = if std::mem::take(&mut self.first) { "" } else { "," };
        let _ = write!(self.out, "{comma}\n    {{ \"seq\": {seq}, ");
        match decision {
            Ok(accepted) => self.accepted(accepted),
            Err(rejection) => {
                let _ = write!(self.out, "\"accepted\": false, \"reason\": \"{}\"", rejection.code());
                for (name, amount) in [("minimum", rejection.minimum()), ("maximum", rejection.maximum())] {
                    if let Some(amount) = amount {
                        let _ = write!(self.out, ", \"{name}\": \"{amount}\"");
                    }
                }
                if let Some(from) = rejection.from() {
                    let _ = write!(self.out, ", \"from\": \"{}\"", time(from, self.offset));
                }
                if let Some(at_least_s) = rejection.at_least_s() {
                    let _ = write!(self.out, ", \"at_least_s\": {at_least_s}");
                }
            }
        }
        self.out.push_str(" }");
    }

    fn accepted(&mut self, accepted: &Accepted) {
        let head = &accepted.head;
        if self.end.0 != head.end {
            self.end = (head.end, time(head.end, self.offset));
        }
        self.out.push_str("\"accepted\": true, \"leader\": ");
        match head.leading.filter(|_| !self.rules.mode.hides_prices()) {
            None => self.out.push_str("null, \"price\": null"),
            Some(leading) => {
                self.out.push_str(name(&self.names, leading.bidder));
                let _ = write!(self.out, ", \"price\": \"{}\"", leading.price);
            }
        }
        let _ = write!(self.out, ", \"closes_at\": \"{}\"", self.end.1);
    }

    pub(super) fn finish(mut self, outcome: &Outcome) -> String {
        let winner = outcome.winner.map_or("null", |bidder| name(&self.names, bidder));
        let list = |bidders: &[Bidder]| {
            let names: Vec<&str> = bidders.iter().map(|bidder| name(&self.names, *bidder)).collect();
            names.join(", ")
        };
        let tail = format!(
            "{}],\n  \"status\": \"{}\",\n  \"reason\": {},\n  \"winner\": {winner},\n  \"price\": {},\n  \
             \"closed_at\": {},\n  \"extensions\": {},\n  \"successors\": [{}]",
            if self.first { "" } else { "\n  " },
            outcome.status,
            text(outcome.reason.map(|reason| reason.to_string())),
            text(outcome.price.map(|price| price.to_string())),
            text(outcome.closed_at.map(|at| time(at, self.offset))),
            outcome.extensions,
            list(&outcome.successors),
        );
        let more = match self.format {
            Format::First => String::new(),
            Format::Second | Format::Practice => {
                let candidates = list(&outcome.candidates);
                format!(
                    ",\n  \"candidates\": [{candidates}],\n{}{}",
                    self.money_and_next(outcome),
                    self.compared(outcome)
                )
            }
        };
        self.out.push_str(&tail);
        self.out.push_str(&more);
        self.out.push_str("\n}\n");
        self.out
    }

    /// Every price as it was compared, where points are in the rules; documents without any stay as they were.
    fn compared(&self, outcome: &Outcome) -> String {
        if self.rules.points.is_none() {
            return String::new();
        }
        let line = |(bidder, one): &(Bidder, Compared)| {
            format!(
                "\n    {{ \"bidder\": {}, \"price\": \"{}\", \"points\": {}, \"compared\": {} }}",
                name(&self.names, *bidder),
                one.price,
                one.points,
                text(one.exact())
            )
        };
        let lines: Vec<String> = outcome.compared.iter().map(line).collect();
        let end = if lines.is_empty() { "" } else { "\n  " };
        format!(",\n  \"compared\": [{}{end}]", lines.join(","))
    }

    /// What the price comes to, and what follows.
    fn money_and_next(&self, outcome: &Outcome) -> String {
        let terms = self.rules.price.as_ref();
        let value = terms.zip(outcome.price).and_then(|(terms, price)| price::value(terms, price));
        format!(
            "  \"unit\": {},\n  \"first_year\": {},\n  \"total\": {},\n  \"next\": {}",
            text(terms.map(|terms| terms.unit.to_string())),
            text(value.and_then(|value| value.first_year).map(|rent| rent.to_string())),
            text(value.map(|value| value.total.to_string())),
            text(outcome.next.map(|next| next.to_string())),
        )
    }
}

/// The result document of an auction whose decisions are already known.
pub fn write_result(
    rules: &Rules,
    bidders: &[String],
    decisions: &[(u64, Result<Accepted, Rejection>)],
    outcome: &Outcome,
) -> String {
    let mut document = ResultDocument::new(Format::of(rules), rules, bidders, decisions.len());
    decisions.iter().for_each(|(seq, decision)| document.decision(*seq, decision));
    document.finish(outcome)
}

/// The trace document of a whole auction. It holds private maxima, sealed prices and the seed of a draw: only an ended
/// auction's may leave the house.
pub fn write_trace(rules: &Rules, bidders: &[String], commands: &[Command]) -> String {
    let format = Format::of(rules);
    let names: Vec<String> = bidders.iter().map(|name| quoted(name)).collect();
    let mut out = String::with_capacity(commands.len().saturating_mul(128).saturating_add(1024));
    let _ = write!(out, "{{\n  \"format\": \"{}\",\n  \"rules\": {{", format.trace());
    for (i, (rule, value)) in members(rules, &names, format).into_iter().enumerate() {
        let _ = write!(out, "{}\n    \"{rule}\": {value}", if i == 0 { "" } else { "," });
    }
    let _ = write!(out, "\n  }},\n  \"bidders\": [{}],\n  \"commands\": [", names.join(", "));
    for (i, command) in commands.iter().enumerate() {
        let comma = if i == 0 { "" } else { "," };
        let _ =
            write!(out, "{comma}\n    {{ \"seq\": {}, \"at\": \"{}\"", command.seq, time(command.at, &rules.offset));
        let (word, amount, personal) = match command.action {
            Action::Bid(amount) => ("bid", amount, true),
            Action::Match => ("match", None, true),
            Action::Accept => ("accept", None, true),
            Action::Suspend => ("suspend", None, false),
            Action::Resume => ("resume", None, false),
            Action::Terminate => ("terminate", None, false),
            Action::Outage(_) => ("outage", None, false),
            Action::Unknown => ("unknown", None, false),
        };
        if let Some(bidder) = command.bidder.filter(|_| personal) {
            let _ = write!(out, ", \"bidder\": {}", name(&names, bidder));
        }
        let _ = write!(out, ", \"type\": \"{word}\"");
        if let Some(amount) = amount {
            let _ = write!(out, ", \"amount\": \"{amount}\"");
        }
        if let Action::Outage(Some(since)) = command.action {
            let _ = write!(out, ", \"since\": \"{}\"", time(since, &rules.offset));
        }
        out.push_str(" }");
    }
    out.push_str(if commands.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
    out
}

pub(super) fn text(value: Option<String>) -> String {
    value.map_or("null".to_owned(), |value| format!("\"{value}\""))
}

pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

pub(super) fn name(names: &[String], bidder: Bidder) -> &str {
    names.get(bidder.0).map_or("null", String::as_str)
}

/// RFC 3339 in `offset`, decimals only where they are not zero and without trailing zeros. Beyond the four-digit years of
/// the format the nearest one stands.
pub(super) fn time(at: Timestamp, offset: &Offset) -> String {
    const FIRST: i64 = -62_167_219_200_000_000; // 0000-01-01T00:00:00
    const LAST: i64 = 253_402_300_799_999_999; // 9999-12-31T23:59:59.999999
    const DAY: i64 = 86_400;
    let local = at.plus_s(offset.seconds).0.clamp(FIRST, LAST);
    let (seconds, micros) = (local.div_euclid(1_000_000), local.rem_euclid(1_000_000));
    let date = i32::try_from(seconds.div_euclid(DAY)).ok().and_then(NaiveDate::from_epoch_days).unwrap_or_default();
    let of_day = seconds.rem_euclid(DAY);
    let mut out = String::with_capacity(32);
    let parts = [(i64::from(date.year()), 4, '-'), (date.month().into(), 2, '-'), (date.day().into(), 2, 'T')];
    let clock = [(of_day / 3600, 2, ':'), (of_day / 60 % 60, 2, ':'), (of_day % 60, 2, '.')];
    parts.into_iter().chain(clock).for_each(|(number, width, after)| {
        digits(&mut out, number, width);
        out.push(after);
    });
    digits(&mut out, micros, 6);
    // Without a fraction the point goes with its zeros.
    let kept = out.trim_end_matches('0').trim_end_matches('.').len();
    out.truncate(kept.max("0000-00-00T00:00:00".len()));
    out.push_str(&offset.text);
    out
}

/// `number` in `width` decimal digits; this is written more often than anything else.
fn digits(out: &mut String, number: i64, width: u32) {
    (0..width).rev().for_each(|place| {
        let digit = number / 10_i64.pow(place) % 10;
        out.push(u8::try_from(digit).map_or('0', |digit| char::from(b'0' + digit)));
    });
}
