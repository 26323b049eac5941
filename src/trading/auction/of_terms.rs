//! The rules of a lot's auction, from its terms and hours. Nothing here looks anywhere else, so the notice says all of it.

use super::{
    AfterClock, AtCeiling, ClockTerms, Countdown, Criterion, Extension, ExtensionFrom, Mode, Offset, OutageTerms,
    Priority, Revisions, Rules, Step, StepMin, StepRow, Tie, Turns,
};
use crate::{
    kernel::Timestamp,
    trading::listing::{Method, Terms},
};

/// The rules as the terms tell them. Terms without a method are an open auction by plain steps, as they always were.
pub fn rules(terms: &Terms, opens_at: Timestamp, closes_at: Timestamp, priority: Option<Priority>) -> Rules {
    let plain = Rules {
        mode: Mode::Ascending,
        direction: terms.direction(),
        opening_price: terms.opening_price,
        reserve_price: terms.reserve_price,
        ceiling_price: terms.ceiling_price,
        at_ceiling: None,
        criterion: None,
        step: Some(Step { min: StepMin::Flat(terms.step_min), max: terms.step_max, multiple_of: terms.step_multiple }),
        opens_at,
        closes_at,
        offset: Offset::beijing(),
        extension: Some(Extension {
            window_s: i64::from(terms.window_s),
            from: ExtensionFrom::Bid,
            by_s: i64::from(terms.by_s),
            max_times: terms.max_extensions.map(u64::from),
            hard_close_at: None,
        }),
        priority,
        points: None,
        tie: Tie::Earliest,
        draw_seed: None,
        draw: None,
        called_off_at: None,
        min_bidders: u64::from(terms.min_bidders),
        fallback: None,
        leader_may_raise: false,
        revisions: None,
        clock: None,
        countdown: None,
        turns: None,
        after_clock: None,
        outage: None,
        // What is no money is never written as if it were.
        price: terms.price_terms().filter(|price| !price.unit.is_money()),
        practice: false,
    };
    match &terms.method {
        None => plain,
        Some(method) => by_method(plain, method, terms),
    }
}

fn by_method(plain: Rules, method: &Method, terms: &Terms) -> Rules {
    let closes_at = plain.closes_at;
    let hard_close_at = method.hard_close_after_s.map(|s| closes_at.plus_s(i64::from(s)));
    let raised = matches!(method.mode, Mode::Ascending | Mode::Proxy);
    let min = match method.steps.as_slice() {
        [] => StepMin::Flat(terms.step_min),
        rows => StepMin::Table(rows.iter().map(|row| StepRow { from: row.from, min: row.min }).collect()),
    };
    let clock = method.clock.map(|clock| ClockTerms {
        decrement: clock.decrement,
        tick_s: i64::from(clock.tick_s),
        floor: clock.floor,
    });
    let countdown = method.countdown.map(|countdown| Countdown {
        seconds: i64::from(countdown.seconds),
        wait_s: i64::from(countdown.wait_s),
        needs_bidders: u64::from(countdown.needs_bidders),
        hard_close_at,
    });
    let closed = method.sealed.as_ref().map(|sealed| sealed.revisions).or(method.turns.map(|turns| turns.revisions));
    let closed = closed.or(method.after_clock.map(|after| after.revisions));
    let revisions = closed.map(|most| match most {
        Some(most) => Revisions::AtMost(u64::from(most)),
        None => Revisions::Unlimited,
    });
    let turns = method.turns.map(|turns| Turns {
        rounds: i64::from(turns.rounds),
        turn_s: i64::from(turns.turn_s),
        first_pause_s: i64::from(turns.first_pause_s),
        pause_s: i64::from(turns.pause_s),
    });
    let after_clock = method.after_clock.map(|after| AfterClock {
        pause_s: i64::from(after.pause_s),
        sealed_s: i64::from(after.sealed_s),
        best_s: i64::from(after.best_s),
    });
    let outage = method.outage.map(|outage| OutageTerms {
        at_least_s: i64::from(outage.at_least_s),
        window_s: outage.window_s.map(i64::from),
    });
    Rules {
        mode: method.mode,
        step: plain
            .step
            .filter(|_| !matches!(method.mode, Mode::Clock | Mode::Sealed))
            .map(|step| Step { min, ..step }),
        extension: plain.extension.filter(|_| raised).map(|extension| Extension {
            from: method.extension_from,
            hard_close_at,
            ..extension
        }),
        fallback: method.fallback,
        leader_may_raise: method.leader_may_raise,
        revisions,
        clock,
        countdown,
        turns,
        after_clock,
        tie: if method.draw.is_some_and(|draw| draw.ties) { Tie::Draw } else { plain.tie },
        at_ceiling: match &method.ceiling_criterion {
            Some(_) => Some(AtCeiling::Criterion),
            None => method.draw.filter(|draw| draw.ceiling).map(|_| AtCeiling::Draw),
        },
        // What it came to is a fact of later.
        criterion: method.ceiling_criterion.clone().map(|text| Criterion { text, order: None }),
        // Whatever was drawn comes with the round that gave its seed; without a draw nothing hangs on it.
        draw_seed: method.draw.map(|_| Vec::new()),
        outage,
        price: terms.price_terms(),
        practice: method.practice,
        ..plain
    }
}
