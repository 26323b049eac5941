//! The rules by example, in the words of the trace format.

mod closed;
mod document;
mod hours;
mod open;
mod phases;
mod platforms;
mod second;

use serde_json::{Value, json};

use super::*;

/// The contract's example with `commands` and nobody with priority.
fn ascending(commands: Value) -> Value {
    json!({
        "format": "xiangji-auction-trace/1",
        "rules": {
            "mode": "ascending", "opening_price": "700.00",
            "step": { "min": "10.00", "max": "100.00" },
            "opens_at": "2026-03-02T09:30:00+08:00", "closes_at": "2026-03-02T10:00:00+08:00",
            "extension": { "window_s": 300, "from": "bid", "by_s": 300 },
            "tie": "earliest", "min_bidders": 1, "leader_may_raise": false
        },
        "bidders": ["A", "B", "C", "P", "Q"],
        "commands": commands
    })
}

/// `09:31:00 A bid 700.00` per line; numbers `seq` itself.
fn commands(lines: &str) -> Value {
    let lines = lines.lines().map(str::trim).filter(|l| !l.is_empty());
    let command = |(i, line): (usize, &str)| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut command = json!({ "seq": i + 1, "at": format!("2026-03-02T{}+08:00", words[0]) });
        let kind = match words.as_slice() {
            [_, kind] => kind,
            [_, kind @ "outage", since] => {
                command["since"] = json!(format!("2026-03-02T{since}+08:00"));
                kind
            }
            [_, bidder, kind, rest @ ..] => {
                command["bidder"] = json!(bidder);
                if let [amount] = rest {
                    command["amount"] = json!(amount);
                }
                kind
            }
            _ => panic!("{line}"),
        };
        command["type"] = json!(kind);
        command
    };
    Value::Array(lines.enumerate().map(command).collect())
}

fn with(mut trace: Value, changes: &[(&str, Value)]) -> Value {
    for (path, value) in changes {
        let (parent, last) = path.rsplit_once('/').expect("a pointer");
        match trace.pointer_mut(parent).expect(path) {
            Value::Array(items) => items[last.parse::<usize>().expect("a place")] = value.clone(),
            object => object[last] = value.clone(),
        }
    }
    trace
}

fn run(trace: &Value) -> Value {
    let text = replay(&trace.to_string()).expect("a well-formed document");
    serde_json::from_str(&text).expect("JSON")
}

/// One word a decision: the reason with its bound, or leader, price and end.
fn told(result: &Value) -> Vec<String> {
    let text = |v: &Value| v.as_str().unwrap_or("-").to_owned();
    let decision = |d: &Value| {
        if d["accepted"] == true {
            return format!("{} {} {}", text(&d["leader"]), text(&d["price"]), time_of(&d["closes_at"]));
        }
        let bound = d.get("minimum").or(d.get("maximum")).map(|b| format!(" {}", text(b)));
        let bound = bound.or(d.get("from").map(|from| format!(" {}", time_of(from))));
        format!("{}{}", text(&d["reason"]), bound.unwrap_or_default())
    };
    result["decisions"].as_array().expect("a list").iter().map(decision).collect()
}

/// `10:02:30` of a time of the one day.
fn time_of(time: &Value) -> String {
    let time = time.as_str().expect("a time");
    time.split_once('T').map_or("", |(_, t)| t).trim_end_matches("+08:00").to_owned()
}

/// A document of the second format: the rules of [`ascending`] with `changes`.
fn second(lines: &str, changes: &[(&str, Value)]) -> Value {
    let mut trace = with(ascending(commands(lines)), changes);
    trace["format"] = json!("xiangji-auction-trace/2");
    trace
}

fn tell(trace: &Value, expected: &[&str]) -> Value {
    let result = run(trace);
    assert_eq!(told(&result), expected);
    result
}

fn award(result: &Value) -> String {
    let text = |v: &Value| v.as_str().unwrap_or("-").to_owned();
    let successors: Vec<String> = result["successors"].as_array().expect("a list").iter().map(text).collect();
    let (status, reason) = (text(&result["status"]), text(&result["reason"]));
    format!("{status} {reason} {} {} [{}]", text(&result["winner"]), text(&result["price"]), successors.join(" "))
}
