//! Closed months: never opened, never booked into; what comes late says what it corrects; every past day comes out the same
//! (MON-13).

use std::{
    collections::BTreeMap,
    hash::{BuildHasher, RandomState},
};

use serde_json::{Value, json};
use xiangji::kernel::{Day, Timestamp};

use crate::{
    both_backends,
    money::{confirm, ended, hledger, ids, journal, order, orders, prepare, winner},
    support::{
        app::{Client, World},
        behind::Behind,
        verified::faults,
    },
    trading::{Trade, ok},
};

fn close(who: &Client<'_>, month: &str) -> crate::support::app::Answer {
    who.post("/api/v1/money/months", &json!({ "month": month }))
}

fn balances(who: &Client<'_>, query: &str) -> Value {
    ok(who.get(&format!("/api/v1/money/balances?{query}"))).json["items"].clone()
}

/// `2026-03-20T10:00:00+08:00` in a query.
fn escaped(at: &str) -> String {
    at.replace('+', "%2B")
}

both_backends!(a_closed_month_stays_as_it_is_and_what_comes_late_says_what_it_corrects, |world| {
    let trade = ended(world);
    world.set_time("2026-03-20T10:00:00+08:00");
    let (trader, second, reviewer) = (trade.as_("trader"), trade.as_("second"), trade.as_("reviewer"));
    let due = ids(&orders(&trader, "state=due"));
    ok(prepare(&trader, &due[0]));
    ok(confirm(&second, &due[0], "out-1", "2026-03-20T09:30:00+08:00"));
    ok(prepare(&trader, &due[1]));

    assert_eq!(close(&reviewer, "2026-03").code(), "month_not_over");
    assert_eq!(close(&reviewer, "三月").status, 422);
    for who in ["auditor", "A"] {
        assert_eq!(close(&trade.as_(who), "2026-02").status, 403, "{who}");
    }
    world.set_time("2026-04-02T10:00:00+08:00");
    let (trader, second, reviewer) = (trade.as_("trader"), trade.as_("second"), trade.as_("reviewer"));
    let march = balances(&trader, "on=2026-03-31");
    let closed = ok(close(&reviewer, "2026-03"));
    assert_eq!((closed.json["closed_by"].as_str(), closed.json["month"].as_str()), (Some("reviewer"), Some("2026-03")));
    assert_eq!(close(&trader, "2026-03").code(), "month_closed");
    assert_eq!(close(&trader, "2026-01").code(), "month_closed", "and every month before it");

    // A payment of March that is confirmed in April: it is booked in April, and says when it was.
    ok(confirm(&second, &due[1], "out-2", "2026-03-31T16:00:00+08:00"));
    let text = journal(world, &[]);
    assert!(text.contains("2026-04-02 pay_out") && text.contains("late_from:2026-03-31T16:00:00+08:00"), "{text}");
    assert_ne!(balances(&trader, "on=2026-04-02"), march, "the control: the books have moved");
    // A correction of what was booked in March: in April, and it names what it takes back.
    let done = ok(trader.get(&order(&due[0], ""))).json;
    let wanted = json!({"kind": "reverse", "grounds": "银行3月21日退汇，流水号 back-1"});
    let path = format!("/api/v1/enrolments/{}/deposit/orders", done["enrolment_id"].as_str().unwrap());
    let wrong = ok(trader.post(&path, &wanted));
    ok(confirm(&second, wrong.id(), "back-1", "2026-04-02T10:00:00+08:00"));
    let mut behind = Behind::of(world);
    let named = "SELECT a.kind AS v FROM transfers a JOIN transfers b ON b.reverses = a.id";
    assert_eq!(behind.texts(named), ["pay_out"]);
    assert_eq!(balances(&trader, "on=2026-03-31"), march, "March is what it was");
    assert!(ok(trader.get("/money/books?on=2026-03-31")).text.contains("已结账的月份"));
    assert_eq!(trader.get("/money/books?on=x").status, 422);

    // The database itself refuses.
    let url = world.app.config.database_url.clone();
    let held = behind.texts("SELECT id AS v FROM deposits WHERE state = 'held'").remove(0);
    let insert = |at: &str| {
        format!(
            "INSERT INTO transfers (id, collective_code, kind, debit_account, credit_account, amount, lot_id, enrolment_id, deposit_id, step, \
             moved_at, recorded_at, recorded_by, salt) SELECT 'trf_x', collective_code, 'release', 'held', 'owed', amount, lot_id, enrolment_id, id, \
             2, {}, recorded_at, 'me', 's' FROM deposits WHERE id = '{held}'",
            at.parse::<Timestamp>().unwrap().0
        )
    };
    let refused = [
        ("into a closed month", insert("2026-03-31T23:59:59+08:00")),
        ("another month", "UPDATE closed_months SET month = '2026-02'".to_owned()),
        ("opening it again", "DELETE FROM closed_months".to_owned()),
    ];
    for (what, sql) in refused {
        assert!(xiangji::db::execute(&url, &sql).is_err(), "{what} was allowed: {sql}");
    }
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
    // The control: into the open month by the same way.
    xiangji::db::execute(&url, &insert("2026-04-01T00:00:00+08:00")).unwrap();
});

/// Something is done every few days for months, in ways and orders drawn from a seed.
fn months_of_business(trade: &Trade<'_>, world: &World, mut draw: impl FnMut(u64) -> u64) -> Vec<(String, Value)> {
    let mut told = Vec::new();
    let won = winner(trade);
    let mut at: Timestamp = "2026-03-20T10:00:00+08:00".parse().unwrap();
    for n in 0..40 {
        at = at.plus_s(i64::try_from(3_600 + draw(4 * 86_400)).unwrap());
        world.set_time(&at.to_string());
        let (trader, second, reviewer) = (trade.as_("trader"), trade.as_("second"), trade.as_("reviewer"));
        if draw(6) == 0 {
            let month = at.day().to_string();
            let month: Vec<&str> = month.split('-').collect();
            let before = month[1].parse::<u32>().unwrap() - 1;
            close(&reviewer, &format!("2026-{before:02}"));
        }
        // Late by up to three weeks.
        let paid_at = at.plus_s(-i64::try_from(draw(21 * 86_400)).unwrap()).to_string();
        let open = orders(&trader, "").into_iter().find(|o| o["state"] == "due" && o["kind"] == "refund");
        match open {
            Some(due) if draw(2) == 0 => {
                let id = due["id"].as_str().unwrap();
                ok(prepare(&trader, id));
                let created = due["created_at"].as_str().unwrap();
                let paid_at = if *paid_at < *created { at.to_string() } else { paid_at };
                ok(confirm(&second, id, &format!("out-{n}"), &paid_at));
            }
            _ => {
                let done = orders(&trader, "state=done");
                let of = done
                    .get(usize::try_from(draw(8)).unwrap())
                    .map_or(won.as_str(), |o| o["enrolment_id"].as_str().unwrap());
                let kind = ["reverse", "apply", "forfeit"][usize::try_from(draw(3)).unwrap()];
                let wanted = json!({"kind": kind, "grounds": "更正：见银行回单", "pays_on": false});
                let made = trader.post(&format!("/api/v1/enrolments/{of}/deposit/orders"), &wanted);
                if made.status < 300 {
                    ok(confirm(&second, made.id(), &format!("c-{n}"), &at.to_string()));
                }
            }
        }
        told.push((at.to_string(), balances(&trader, &format!("on={}", at.day()))));
    }
    told
}

/// One transfer as the log tells of it.
struct Moved {
    recorded_at: Timestamp,
    moved_at: Timestamp,
    debit: String,
    credit: String,
    fen: i64,
}

/// Entries and their payloads alone, the table of transfers not looked at.
fn replayed(behind: &mut Behind) -> Vec<Moved> {
    let (bytes, states) = (behind.utf8("bytes"), behind.utf8("states"));
    let both = behind.texts(&format!(
        "SELECT {bytes} || '\n' || {states} AS v FROM log_entries JOIN log_payloads ON log_payloads.seq = log_entries.seq \
         WHERE {bytes} LIKE '%[\"transfers\",%' ORDER BY log_entries.seq"
    ));
    let mut told = Vec::new();
    for both in both {
        let (entry, states) = both.split_once('\n').unwrap();
        let entry: Value = serde_json::from_str(entry).unwrap();
        let states: Vec<Value> = serde_json::from_str(states).unwrap();
        for (row, state) in entry["rows"].as_array().unwrap().iter().zip(&states) {
            if row[0] == "transfers" {
                let text = |name: &str| state[name].as_str().unwrap();
                told.push(Moved {
                    recorded_at: entry["at"].as_str().unwrap().parse().unwrap(),
                    moved_at: text("moved_at").parse().unwrap(),
                    debit: text("debit_account").to_owned(),
                    credit: text("credit_account").to_owned(),
                    fen: fen(&state["amount"]),
                });
            }
        }
    }
    told
}

fn fen(yuan: &Value) -> i64 {
    yuan.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// What stands in each account at the end of `day`, of the transfers recorded until `known_at`, in fen; the bank's as an asset.
fn folded(told: &[Moved], day: Day, known_at: Option<Timestamp>) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::<String, i64>::new();
    let known = |one: &&Moved| known_at.is_none_or(|at| one.recorded_at <= at);
    for one in told.iter().filter(known).filter(|one| one.moved_at.day() <= day) {
        for (account, fen) in [(&one.debit, one.fen), (&one.credit, -one.fen)] {
            *sums.entry(account.clone()).or_default() += if account == "bank" { fen } else { -fen };
        }
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

/// The accounts of an answer, in fen.
fn answered(items: &Value) -> BTreeMap<String, i64> {
    let Some(one) = items.as_array().unwrap().first() else { return BTreeMap::new() };
    one["accounts"].as_object().unwrap().iter().map(|(account, yuan)| (account.clone(), fen(yuan))).collect()
}

// Any day, as it is known now, is what the log replayed comes to, and hledger says the same from the journal. As it was known
// at a time: what was answered then, and what the log replayed up to there comes to.
both_backends!(the_balances_of_any_past_day_come_out_the_same, |world| {
    let trade = ended(world);
    let seed = RandomState::new().hash_one(13);
    eprintln!("business drawn from seed {seed}");
    let mut state = seed;
    let mut draw = |most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % most
    };
    let told = months_of_business(&trade, world, &mut draw);
    let trader = trade.as_("trader");
    let log = replayed(&mut Behind::of(world));
    for (at, then) in &told {
        let (day, known_at) = (&at[..10], at.parse().unwrap());
        assert_eq!(balances(&trader, &format!("on={day}&known_at={}", escaped(at))), *then, "seed {seed}: {at}");
        assert_eq!(answered(then), folded(&log, day.parse().unwrap(), Some(known_at)), "seed {seed}: {at}");
    }
    let moved = told.iter().filter(|(at, then)| balances(&trader, &format!("on={}", &at[..10])) != *then).count();
    eprintln!("{moved} of {} days were corrected later", told.len());
    let first: Timestamp = "2026-03-01T00:00:00+08:00".parse().unwrap();
    let days = if std::env::var_os("XIANGJI_TEST_LONG").is_some() { 1_000 } else { 60 };
    let has_hledger = std::process::Command::new("hledger").arg("--version").output().is_ok();
    let text = journal(world, &[]);
    for n in 0..days {
        let day = first.plus_s(i64::try_from(draw(200)).unwrap() * 86_400).day();
        let sums = folded(&log, day, None);
        assert_eq!(answered(&balances(&trader, &format!("on={day}"))), sums, "seed {seed}: {day}");
        if has_hledger && n % 20 == 0 {
            let end = day.plus_days(1).to_string();
            let bank = hledger(&text, &["bal", "assets:bank", "-N", "--flat", "-e", &end]).unwrap();
            let told = bank.split_whitespace().next().map_or(0, |yuan| yuan.replace('.', "").parse::<i64>().unwrap());
            assert_eq!(told, sums.get("bank").copied().unwrap_or_default(), "seed {seed}: {day}: {bank}");
        }
    }
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
});
