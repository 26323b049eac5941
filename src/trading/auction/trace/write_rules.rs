//! Writing the rules: the members of the first format, and after them those of the second.

use super::{
    Format,
    write::{name, quoted, text, time},
};
use crate::kernel::{Fen, Timestamp, hex};
use crate::trading::{
    auction::model::{Direction, Revisions, Rules, Step, StepMin},
    draw::Draw,
    price::{By, PriceTerms},
};

/// The rules as one JSON object of the second format, for whoever keeps them; [`read_rules`](super::read_rules) reads it.
pub fn write_rules(rules: &Rules, bidders: &[String]) -> String {
    let names: Vec<String> = bidders.iter().map(|name| quoted(name)).collect();
    let members = members(rules, &names, Format::Second).into_iter();
    let members: Vec<String> = members.map(|(rule, value)| format!("\"{rule}\": {value}")).collect();
    format!("{{ {} }}", members.join(", "))
}

/// The members of the rules in their order; `names` as JSON.
pub(super) fn members(rules: &Rules, names: &[String], format: Format) -> Vec<(&'static str, String)> {
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
        let draws = match format {
            Format::First => String::new(),
            _ => format!("\"draw_among_equals\": {}, ", p.draw_among_equals),
        };
        format!("{{ \"may_match\": {}, {draws}\"holders\": [{}] }}", p.may_match, holders.join(", "))
    });
    let sealed = rules.revisions.map(|r| match r {
        Revisions::AtMost(n) => format!("{{ \"revisions\": {n} }}"),
        Revisions::Unlimited => "{ \"revisions\": \"unlimited\" }".to_owned(),
    });
    let clock = rules.clock.map(|c| {
        format!("{{ \"decrement\": {}, \"tick_s\": {}, \"floor\": {} }}", yuan(c.decrement), c.tick_s, yuan(c.floor))
    });
    let ceiling = rules.ceiling_price.filter(|_| rules.direction == Direction::Up);
    let first = vec![
        ("mode", format!("\"{}\"", rules.mode)),
        ("opening_price", yuan(rules.opening_price)),
        ("reserve_price", or_null(rules.reserve_price.map(yuan))),
        ("ceiling_price", or_null(ceiling.map(yuan))),
        ("step", or_null(rules.step.as_ref().map(step))),
        ("opens_at", at(rules.opens_at)),
        ("closes_at", at(rules.closes_at)),
        ("extension", or_null(extension)),
        ("priority", or_null(priority)),
        ("tie", format!("\"{}\"", rules.tie)),
        ("draw_seed", text(rules.draw_seed.as_deref().map(hex))),
        ("min_bidders", rules.min_bidders.to_string()),
        ("leader_may_raise", rules.leader_may_raise.to_string()),
        ("sealed", or_null(sealed)),
        ("clock", or_null(clock)),
    ];
    match format {
        Format::First => first,
        Format::Second | Format::Practice => {
            first.into_iter().chain(second(rules)).chain(later(rules, names)).collect()
        }
    }
}

/// What the second format adds.
fn second(rules: &Rules) -> Vec<(&'static str, String)> {
    let floor = rules.ceiling_price.filter(|_| rules.direction == Direction::Down);
    let countdown = rules.countdown.map(|c| {
        format!(
            "{{ \"seconds\": {}, \"wait_s\": {}, \"needs_bidders\": {}, \"hard_close_at\": {} }}",
            c.seconds,
            c.wait_s,
            c.needs_bidders,
            text(c.hard_close_at.map(|hard| time(hard, &rules.offset))),
        )
    });
    let turns = rules.turns.map(|t| {
        format!(
            "{{ \"rounds\": {}, \"turn_s\": {}, \"first_pause_s\": {}, \"pause_s\": {} }}",
            t.rounds, t.turn_s, t.first_pause_s, t.pause_s
        )
    });
    let after_clock = rules
        .after_clock
        .map(|a| format!("{{ \"pause_s\": {}, \"sealed_s\": {}, \"best_s\": {} }}", a.pause_s, a.sealed_s, a.best_s));
    let outage = rules.outage.map(|o| {
        let window_s = or_null(o.window_s.map(|s| s.to_string()));
        format!("{{ \"at_least_s\": {}, \"window_s\": {window_s} }}", o.at_least_s)
    });
    vec![
        ("direction", format!("\"{}\"", rules.direction)),
        ("floor_price", or_null(floor.map(yuan))),
        ("at_ceiling", text(rules.at_ceiling.map(|by| by.to_string()))),
        ("fallback", text(rules.fallback.map(|next| next.to_string()))),
        ("countdown", or_null(countdown)),
        ("turns", or_null(turns)),
        ("after_clock", or_null(after_clock)),
        ("outage", or_null(outage)),
        ("price", or_null(rules.price.as_ref().map(price))),
        ("draw", or_null(rules.draw.as_ref().map(draw))),
    ]
}

/// What came to the second format later: written only where it is there, so that other documents stay as they were.
fn later(rules: &Rules, names: &[String]) -> Vec<(&'static str, String)> {
    let criterion = rules.criterion.as_ref().map(|criterion| {
        let order = criterion.order.as_ref().map(|order| {
            let order: Vec<&str> = order.iter().map(|bidder| name(names, *bidder)).collect();
            format!("[{}]", order.join(", "))
        });
        ("criterion", format!("{{ \"text\": {}, \"order\": {} }}", quoted(&criterion.text), or_null(order)))
    });
    let called_off = rules.called_off_at.map(|at| ("called_off_at", format!("\"{}\"", time(at, &rules.offset))));
    let points = rules.points.as_ref().map(|points| {
        let one = |(b, points): &(_, i64)| format!("{{ \"bidder\": {}, \"points\": {points} }}", name(names, *b));
        ("points", format!("[{}]", points.iter().map(one).collect::<Vec<_>>().join(", ")))
    });
    criterion.into_iter().chain(called_off).chain(points).collect()
}

fn price(terms: &PriceTerms) -> String {
    let increases = terms.increases.iter().map(|increase| {
        let by = match increase.by {
            By::Percent(hundredths) => format!("\"percent\": {}", yuan(Fen(hundredths))),
            By::Amount(amount) => format!("\"amount\": {}", yuan(amount)),
        };
        format!("{{ \"from_year\": {}, {by} }}", increase.from_year)
    });
    let increases: Vec<String> = increases.collect();
    format!(
        "{{ \"unit\": \"{}\", \"quantity\": {}, \"term_months\": {}, \"increases\": [{}] }}",
        terms.unit,
        or_null(terms.quantity.map(|hundredths| yuan(Fen(hundredths)))),
        terms.term_months,
        increases.join(", ")
    )
}

fn draw(draw: &Draw) -> String {
    let parties = draw.parties.iter().map(|party| {
        let value = text(party.value.map(|value| hex(&value)));
        let (name, commitment) = (quoted(&party.name), hex(&party.commitment));
        format!("{{ \"party\": {name}, \"commitment\": \"{commitment}\", \"value\": {value} }}")
    });
    let (parties, withheld): (Vec<String>, Vec<String>) =
        (parties.collect(), draw.withheld.iter().map(|name| quoted(name)).collect());
    format!(
        "{{ \"lot\": {}, \"round\": {}, \"checkpoint\": {}, \"closing_index\": {}, \"first_opening_index\": {}, \
         \"parties\": [{}], \"withheld\": [{}] }}",
        quoted(&draw.lot),
        draw.round,
        quoted(&draw.checkpoint),
        draw.closing_index,
        draw.first_opening_index,
        parties.join(", "),
        withheld.join(", ")
    )
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
