//! kill -9 during the opening of sealed bids (SEAL-9): whatever point it hits, either nothing was opened or all of it, and who
//! comes next comes to the same result. Bounded here; `XIANGJI_TEST_LONG=1` kills 100 times.

use std::{collections::BTreeMap, io::BufRead, sync::Arc, time::Duration};

use serde_json::{Value, json};
use xiangji::{
    access::Role,
    app::App,
    config::Config,
    db::Options,
    kernel::{Timestamp, time::Clock},
    trading::{
        auction,
        sealed::{Envelope, RESERVE},
    },
};

use crate::{
    methods::{clerk, draft},
    sealed::{Keys, logged, no_faults, person},
    support::{
        app::{DURUAN, World},
        behind::Behind,
        child,
    },
    trading::{HOURS, Trade, ok, resident_id, step},
};

struct Fixed(Timestamp);

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// The timetable's step that opens, alone.
#[test]
#[ignore = "a child process of the tests in this file"]
fn child_opening() {
    let variable = |name: &str| std::env::var(name).unwrap();
    let pairs = [("XIANGJI_DATABASE_URL", variable("OPENING_URL")), ("XIANGJI_KEYS", variable("OPENING_KEYS"))];
    let config = Config::from_pairs(pairs.map(|(k, v)| (k.to_owned(), v))).unwrap();
    let clock = Arc::new(Fixed(variable("OPENING_AT").parse().unwrap()));
    let app = App::open(config, clock, &Options { readers: 2, ..Options::default() }).unwrap();
    println!("\nready");
    std::io::stdin().lock().read_line(&mut String::new()).unwrap();
    auction::close_due(&app.db, &app.calendar, &app.vault).unwrap();
    println!("\ndone");
    app.db.stop();
}

const BIDDERS: usize = 12;

/// Twelve bids and a floor after the deadline, with all shares that it takes: one is for another number, one too low, one was
/// replaced.
fn waiting(world: &World) -> Trade<'_> {
    let keys = Keys::new(3);
    let mut terms = draft(world, json!({}));
    let ids = keys.registered(&world.sign_in("reviewer"), DURUAN);
    terms["method"] = json!({"mode": "sealed", "trustees": ids, "trustees_needed": 2, "sealed_reserve": true});
    (terms["step_min"], terms["step_max"]) = (json!(""), Value::Null);
    let trade = Trade { world, lot: ok(clerk(world).post("/api/v1/lots", &terms)).id().to_owned() };
    ok(clerk(world).post(&trade.path("/sealed-reserve"), &json!(keys.envelope(&trade.lot, RESERVE, 80_500))));
    ok(step(&clerk(world), &trade.path("/submit"), 1, &json!({})));
    ok(step(&trade.as_("reviewer"), &trade.path("/review"), 2, &json!({"approve": true})));
    let hours = json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]});
    ok(step(&trade.as_("trader"), &trade.path("/publish"), 3, &hours));
    for n in 0..BIDDERS {
        let (who, name) = (world.actor(Role::Bidder, DURUAN, &format!("sealer-{n}")), person(n));
        let body = json!({"kind": "person", "name": name, "id_number": resident_id(u32::try_from(n).unwrap() + 1),
            "phone": "13800001111", "accepts_terms": true, "declares_no_conflict": true});
        let made = ok(who.post(&trade.path("/enrolments"), &body));
        ok(trade.pay(made.id(), &name, &format!("sealed-{n}")));
    }
    world.set_time("2026-03-11T09:31:00+08:00");
    for n in 0..BIDDERS {
        let who = world.sign_in(&format!("sealer-{n}"));
        let number = |n: usize| format!("{:02}", n + 1);
        let amount = if n == 3 { 100 } else { 80_000 + 100 * i64::try_from(n * 7 % BIDDERS).unwrap() };
        let envelope = keys.envelope(&trade.lot, &number(if n == 5 { 6 } else { n }), amount);
        let send = |envelope: &Envelope| ok(who.post(&trade.path("/sealed-bids"), &json!(envelope)));
        if n == 0 {
            send(&keys.envelope(&trade.lot, &number(0), 999_900));
        }
        send(&Envelope { bidder: number(n), ..envelope });
    }
    world.set_time("2026-03-11T10:00:05+08:00");
    keys.hand_in(&trade.as_("trader"), &trade.lot, 0);
    keys.hand_in(&trade.as_("trader"), &trade.lot, 1);
    // The void one waits for the third: its shares may fit yet.
    keys.hand_in(&trade.as_("trader"), &trade.lot, 2);
    trade
}

/// Starts the opening and kills it `after` the word; `None`: lets it end. How long it took.
fn one_opening(world: &World, after: Option<Duration>) -> Duration {
    let config = &world.app.config;
    let variables = [
        ("OPENING_URL", config.database_url.clone()),
        ("OPENING_KEYS", config.keys.display().to_string()),
        ("OPENING_AT", world.app.db.now().to_string()),
    ];
    child::killed("sealed_faults::child_opening", variables, after)
}

/// What the opening came to, without anything that is of its own in each world; empty where nothing was opened. Nothing is
/// there by half.
fn opened(world: &World) -> String {
    let mut behind = Behind::of(world);
    let mut all = |sql: &str| behind.texts(sql).join("\n");
    let bids =
        all("SELECT b.bid_number || ' ' || o.outcome || ' ' || coalesce(CAST(o.amount AS TEXT), '-') || ' ' || \
                    coalesce(CAST(o.command_seq AS TEXT), '-') AS v FROM sealed_openings o \
                    JOIN sealed_bids b ON b.id = o.bid_id ORDER BY b.bid_number");
    let floor = all("SELECT o.outcome || ' ' || o.amount AS v FROM sealed_openings o \
                     JOIN sealed_reserves r ON r.id = o.bid_id");
    let commands = all("SELECT seq || ' ' || bid_number || ' ' || amount || ' ' || \
                        CASE WHEN accepted THEN 'yes' ELSE 'no' END AS v FROM auction_commands ORDER BY seq");
    let award = all("SELECT status || ' ' || winner_number || ' ' || price || ' ' || successors AS v FROM awards");
    let terms = all("SELECT CAST(reserve_price AS TEXT) AS v FROM lot_terms WHERE reserve_price IS NOT NULL");
    let parts = [bids, floor, commands, award, terms];
    if parts.iter().all(String::is_empty) {
        return String::new();
    }
    assert!(parts.iter().all(|part| !part.is_empty()), "by half: {parts:?}");
    parts.join("\n--\n")
}

/// Each counting bid and the floor has one entry that opens or voids it.
fn once_in_the_log(trade: &Trade<'_>) {
    trade.world.app.integrate_log().unwrap();
    let log = logged(trade);
    let count = |kind: &str| log.matches(&format!("\"{kind}\"")).count();
    assert_eq!((count("sealed_bid.opened"), count("sealed_bid.voided")), (BIDDERS - 1, 1));
    assert_eq!((count("sealed_reserve.opened"), count("auction.closed")), (1, 1));
}

fn killed(fresh: impl Fn() -> Option<World>) {
    let Some(world) = fresh() else { return };
    let trade = waiting(&world);
    let whole = one_opening(&world, None);
    let expected = opened(&world);
    assert_eq!(expected.lines().filter(|line| line.contains("opened")).count(), BIDDERS - 1 + 1, "{expected}");
    once_in_the_log(&trade);
    no_faults(&world);

    let kills: u32 = if std::env::var_os("XIANGJI_TEST_LONG").is_some() { 100 } else { 8 };
    let mut points = BTreeMap::<bool, u32>::new();
    let mut done = 0;
    // How long the whole takes differs with what else this machine does: it goes on until a kill has hit it before its end.
    while done < kills || !points.contains_key(&true) {
        assert!(done < 20 * kills, "the control: some hit it before its end: {points:?}");
        let Some(world) = fresh() else { return };
        let trade = waiting(&world);
        while (done < kills || !points.contains_key(&true)) && opened(&world).is_empty() {
            one_opening(&world, Some(if done < kills { whole * done / kills } else { Duration::ZERO }));
            done += 1;
            let told = opened(&world);
            assert!(told.is_empty() || told == expected, "{told}\n=====\n{expected}");
            *points.entry(told.is_empty()).or_default() += 1;
        }
        // The rest is done by who comes after.
        one_opening(&world, None);
        assert_eq!(opened(&world), expected);
        one_opening(&world, None);
        assert_eq!(opened(&world), expected, "not twice");
        once_in_the_log(&trade);
        no_faults(&world);
    }
    println!("{done} kills within {whole:?}: {points:?}");
}

#[test]
fn an_opening_that_is_killed_is_whole_or_has_not_been_on_sqlite() {
    killed(|| Some(World::sqlite()));
}

#[test]
fn an_opening_that_is_killed_is_whole_or_has_not_been_on_postgres() {
    killed(World::postgres);
}
