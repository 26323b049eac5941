//! Writing the two documents: pretty JSON with one command or decision a line.

use std::fmt::Write as _;

use chrono::DateTime;

use super::{RESULT_FORMAT, TRACE_FORMAT};
use crate::kernel::{Fen, Timestamp};
use crate::trading::auction::model::{
    Accepted, Action, Bidder, Command, Mode, Offset, Outcome, Revisions, Rules, Step, StepMin,
};
use crate::trading::auction::rejection::Rejection;

/// A result document under construction: decisions first, the outcome last.
pub(super) struct ResultDocument<'a> {
    mode: Mode,
    offset: &'a Offset,
    /// Each bidder's name as JSON.
    names: Vec<String>,
    out: String,
    first: bool,
    /// The last end written, with its text: it rarely moves.
    end: (Timestamp, String),
}

impl<'a> ResultDocument<'a> {
    pub(super) fn new(rules: &'a Rules, bidders: &[String], commands: usize) -> ResultDocument<'a> {
        let mut out = String::with_capacity(commands.saturating_mul(128).saturating_add(512));
        let _ = write!(out, "{{\n  \"format\": \"{RESULT_FORMAT}\",\n  \"decisions\": [");
        ResultDocument {
            mode: rules.mode,
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
        match head.leading.filter(|_| self.mode != Mode::Sealed) {
            None => self.out.push_str("null, \"price\": null"),
            Some(leading) => {
                self.out.push_str(name(&self.names, leading.bidder));
                let _ = write!(self.out, ", \"price\": \"{}\"", leading.price);
            }
        }
        let _ = write!(self.out, ", \"closes_at\": \"{}\"", self.end.1);
    }

    pub(super) fn finish(mut self, outcome: &Outcome) -> String {
        let text = |value: Option<String>| value.map_or("null".to_owned(), |v| format!("\"{v}\""));
        let winner = outcome.winner.map_or("null", |bidder| name(&self.names, bidder));
        let successors: Vec<&str> = outcome.successors.iter().map(|bidder| name(&self.names, *bidder)).collect();
        let tail = format!(
            "{}],\n  \"status\": \"{}\",\n  \"reason\": {},\n  \"winner\": {winner},\n  \"price\": {},\n  \
             \"closed_at\": {},\n  \"extensions\": {},\n  \"successors\": [{}]\n}}\n",
            if self.first { "" } else { "\n  " },
            outcome.status,
            text(outcome.reason.map(|reason| reason.to_string())),
            text(outcome.price.map(|price| price.to_string())),
            text(outcome.closed_at.map(|at| time(at, self.offset))),
            outcome.extensions,
            successors.join(", "),
        );
        self.out.push_str(&tail);
        self.out
    }
}

/// The result document of an auction whose decisions are already known.
pub fn write_result(
    rules: &Rules,
    bidders: &[String],
    decisions: &[(u64, Result<Accepted, Rejection>)],
    outcome: &Outcome,
) -> String {
    let mut document = ResultDocument::new(rules, bidders, decisions.len());
    decisions.iter().for_each(|(seq, decision)| document.decision(*seq, decision));
    document.finish(outcome)
}

/// The trace document of a whole auction. It holds private maxima, sealed prices and the seed of a draw: only an ended
/// auction's may leave the house.
pub fn write_trace(rules: &Rules, bidders: &[String], commands: &[Command]) -> String {
    let names: Vec<String> = bidders.iter().map(|name| quoted(name)).collect();
    let mut out = String::with_capacity(commands.len().saturating_mul(128).saturating_add(1024));
    let _ = write!(out, "{{\n  \"format\": \"{TRACE_FORMAT}\",\n  \"rules\": {{");
    for (i, (rule, value)) in rules_members(rules, &names).into_iter().enumerate() {
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
            Action::Unknown => ("unknown", None, false),
        };
        if let Some(bidder) = command.bidder.filter(|_| personal) {
            let _ = write!(out, ", \"bidder\": {}", name(&names, bidder));
        }
        let _ = write!(out, ", \"type\": \"{word}\"");
        if let Some(amount) = amount {
            let _ = write!(out, ", \"amount\": \"{amount}\"");
        }
        out.push_str(" }");
    }
    out.push_str(if commands.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
    out
}

fn rules_members(rules: &Rules, names: &[String]) -> Vec<(&'static str, String)> {
    let at = |t: Timestamp| format!("\"{}\"", time(t, &rules.offset));
    let extension = rules.extension.map(|e| {
        format!(
            "{{ \"window_s\": {}, \"from\": \"{}\", \"by_s\": {}, \"max_times\": {}, \"hard_close_at\": {} }}",
            e.window_s,
            e.from,
            e.by_s,
            or_null(e.max_times.map(|n| n.to_string())),
            or_null(e.hard_close_at.map(at)),
        )
    });
    let priority = rules.priority.as_ref().map(|p| {
        let holders = p.holders.iter();
        let holders: Vec<String> =
            holders.map(|(b, rank)| format!("{{ \"bidder\": {}, \"rank\": {rank} }}", name(names, *b))).collect();
        format!("{{ \"may_match\": {}, \"holders\": [{}] }}", p.may_match, holders.join(", "))
    });
    let sealed = rules.revisions.map(|r| match r {
        Revisions::AtMost(n) => format!("{{ \"revisions\": {n} }}"),
        Revisions::Unlimited => "{ \"revisions\": \"unlimited\" }".to_owned(),
    });
    let clock = rules.clock.map(|c| {
        format!("{{ \"decrement\": {}, \"tick_s\": {}, \"floor\": {} }}", yuan(c.decrement), c.tick_s, yuan(c.floor))
    });
    let seed = rules.draw_seed.as_ref().map(|bytes| {
        let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        format!("\"{hex}\"")
    });
    vec![
        ("mode", format!("\"{}\"", rules.mode)),
        ("opening_price", yuan(rules.opening_price)),
        ("reserve_price", or_null(rules.reserve_price.map(yuan))),
        ("ceiling_price", or_null(rules.ceiling_price.map(yuan))),
        ("step", or_null(rules.step.as_ref().map(step))),
        ("opens_at", at(rules.opens_at)),
        ("closes_at", at(rules.closes_at)),
        ("extension", or_null(extension)),
        ("priority", or_null(priority)),
        ("tie", format!("\"{}\"", rules.tie)),
        ("draw_seed", or_null(seed)),
        ("min_bidders", rules.min_bidders.to_string()),
        ("leader_may_raise", rules.leader_may_raise.to_string()),
        ("sealed", or_null(sealed)),
        ("clock", or_null(clock)),
    ]
}

fn step(step: &Step) -> String {
    let (min, table) = match &step.min {
        StepMin::Flat(min) => (yuan(*min), "null".to_owned()),
        StepMin::Table(rows) => {
            let rows = rows.iter();
            let rows: Vec<String> =
                rows.map(|r| format!("{{ \"from\": {}, \"min\": {} }}", yuan(r.from), yuan(r.min))).collect();
            ("null".to_owned(), format!("[{}]", rows.join(", ")))
        }
    };
    let (max, multiple_of) = (or_null(step.max.map(yuan)), or_null(step.multiple_of.map(yuan)));
    format!("{{ \"min\": {min}, \"max\": {max}, \"multiple_of\": {multiple_of}, \"table\": {table} }}")
}

fn yuan(amount: Fen) -> String {
    format!("\"{amount}\"")
}

fn or_null(value: Option<String>) -> String {
    value.unwrap_or_else(|| "null".to_owned())
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn name(names: &[String], bidder: Bidder) -> &str {
    names.get(bidder.0).map_or("null", String::as_str)
}

/// RFC 3339 in `offset`, decimals only where they are not zero and without trailing zeros. Beyond the four-digit years of
/// the format the nearest one stands.
pub(super) fn time(at: Timestamp, offset: &Offset) -> String {
    const FIRST: i64 = -62_167_219_200_000_000; // 0000-01-01T00:00:00
    const LAST: i64 = 253_402_300_799_999_999; // 9999-12-31T23:59:59.999999
    let local = at.plus_s(offset.seconds).0.clamp(FIRST, LAST);
    let shown = DateTime::from_timestamp_micros(local).unwrap_or_default().format("%Y-%m-%dT%H:%M:%S").to_string();
    let fraction = format!("{:06}", local.rem_euclid(1_000_000));
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{shown}{point}{fraction}{}", offset.text)
}
