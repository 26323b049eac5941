//! kill -9 inside "deposit + bid" and inside "award + release of the losers' deposits" (MON-6): whatever point it hits, the books
//! balance, the auction and the books tell the same, and the rest can be done afterwards. Bounded here; `XIANGJI_TEST_LONG=1`
//! kills 200 times.

use std::{io::BufRead, sync::Arc, time::Duration};

use xiangji::{
    access::{self, Allowed, Permission},
    app::App,
    config::Config,
    db::{Lane, Options},
    kernel::{Id, Timestamp, time::Clock},
    settlement::Arrival,
    trading::{
        auction::{self, Bid},
        enrolment::{self, EnrolmentId},
        listing::LotId,
    },
};

use crate::{
    support::{app::World, behind::Behind, child, verified::faults},
    trading::{Trade, ok, payer_account, published},
};

struct Fixed(std::sync::atomic::AtomicI64);

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(std::sync::atomic::Ordering::SeqCst))
    }
}

/// Deposits, bids and the close of one lot, one transaction after the other, as fast as they go.
#[test]
#[ignore = "a child process of the tests in this file"]
fn child_desk() {
    let variable = |name: &str| std::env::var(name).unwrap();
    let pairs = [("XIANGJI_DATABASE_URL", variable("MONEY_URL")), ("XIANGJI_KEYS", variable("MONEY_KEYS"))];
    let config = Config::from_pairs(pairs.map(|(k, v)| (k.to_owned(), v))).unwrap();
    let clock = Arc::new(Fixed(std::sync::atomic::AtomicI64::new(0)));
    let set = |at: &str| clock.0.store(at.parse::<Timestamp>().unwrap().0, std::sync::atomic::Ordering::SeqCst);
    set("2026-03-02T10:00:00+08:00");
    let app = App::open(config, clock.clone(), &Options { readers: 2, ..Options::default() }).unwrap();
    println!("\nready");
    std::io::stdin().lock().read_line(&mut String::new()).unwrap();
    let lot: LotId = Id::from_trusted(variable("MONEY_LOT"));
    for (n, id) in variable("MONEY_ENROLMENTS").split(' ').enumerate() {
        let arrival = arrival(["A", "B", "C"][n], app.db.now());
        let (by, id, vault): (_, EnrolmentId, _) = (allowed(&app, "trader"), Id::from_trusted(id), app.vault.clone());
        app.db
            .write_now(Lane::Any, move |tx| enrolment::receive_deposit(tx, &by, &vault, &id, &arrival).map(drop))
            .unwrap();
    }
    for (n, amount) in ["700.00", "710.00", "720.00"].iter().enumerate() {
        set(&format!("2026-03-11T09:3{n}:00+08:00"));
        let (by, lot) = (allowed(&app, &format!("bidder-{}", ["A", "B", "C"][n])), lot.clone());
        app.db
            .write_now(Lane::of("lot", &lot.clone()), move |tx| {
                auction::place_bid(tx, &by, &lot, &Bid::Amount((*amount).into())).map(drop)
            })
            .unwrap();
    }
    set("2026-03-11T10:00:01+08:00");
    auction::close_due(&app.db, &app.calendar, &app.vault).unwrap();
    println!("\ndone");
    app.db.stop();
}

pub fn allowed<P: Permission>(app: &App, name: &str) -> Allowed<P> {
    app.db
        .read_now(|rx| access::find_actor(rx, name))
        .unwrap()
        .unwrap()
        .prove()
        .unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn arrival(name: &str, now: Timestamp) -> Arrival {
    let payer = format!("陈{name}");
    Arrival {
        amount: "10000.00".into(),
        payer_account: payer_account(&payer),
        payer_name: payer,
        reference: format!("bank-{name}"),
        received_at: now,
    }
}

/// Starts the desk over a new lot and kills it `after` the word; `None`: lets it end. How long it took.
fn one_desk(trade: &Trade<'_>, enrolments: &[String], after: Option<Duration>) -> Duration {
    let config = &trade.world.app.config;
    let variables = [
        ("MONEY_URL", config.database_url.clone()),
        ("MONEY_KEYS", config.keys.display().to_string()),
        ("MONEY_LOT", trade.lot.clone()),
        ("MONEY_ENROLMENTS", enrolments.join(" ")),
    ];
    child::killed("money_faults::child_desk", variables, after)
}

/// What the rows say, however far it came: deposits by state, refunds that wait, and whether there is an award.
fn agrees(world: &World) -> String {
    let mut behind = Behind::of(world);
    let mut count = |sql: &str| behind.texts(&format!("SELECT CAST(count(*) AS TEXT) AS v FROM {sql}")).remove(0);
    let held = count("deposits WHERE state = 'held'");
    let owed = count("deposits WHERE state = 'owed'");
    let numbers = count("enrolments WHERE bid_number IS NOT NULL");
    let refunds = count("money_orders WHERE kind = 'refund' AND state = 'due'");
    let bids = count("auction_commands");
    let award = count("awards");
    let paid = held.parse::<u32>().unwrap() + owed.parse::<u32>().unwrap();
    assert_eq!(paid.to_string(), numbers, "who has a number has paid");
    assert_eq!(owed, refunds, "what is owed has its order");
    assert_eq!(owed, if award == "1" { "2" } else { "0" }, "the losers' deposits are released with the award");
    assert!(bids.parse::<u32>().unwrap() == 0 || paid == 3, "nobody bids before the deposits");
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
    format!("{paid} deposits, {bids} bids, {award} award")
}

fn enrolled(trade: &Trade<'_>) -> Vec<String> {
    [("A", 1), ("B", 2), ("C", 3)].map(|(name, order)| ok(trade.enrol(name, order, "")).id().to_owned()).to_vec()
}

fn killed(fresh: impl Fn() -> Option<World>) {
    let Some(world) = fresh() else { return };
    let trade = published(&world);
    let enrolments = enrolled(&trade);
    let whole = one_desk(&trade, &enrolments, None);
    assert_eq!(agrees(&world), "3 deposits, 3 bids, 1 award", "the control: left alone it does all of it");
    let kills = if std::env::var_os("XIANGJI_TEST_LONG").is_some() { 200 } else { 6 };
    let mut points = std::collections::BTreeMap::<String, u32>::new();
    let mut n = 0;
    // How long the whole takes differs with what else this machine does: it goes on until kills have hit different points, now
    // at once, now later and later.
    while n < kills || points.len() < 2 {
        assert!(n < 20 * kills, "the control: they hit different points: {points:?}");
        let Some(world) = fresh() else { return };
        let trade = published(&world);
        let enrolments = enrolled(&trade);
        one_desk(&trade, &enrolments, Some(if n < kills || n % 2 == 1 { whole * n / kills } else { Duration::ZERO }));
        n += 1;
        *points.entry(agrees(&world)).or_default() += 1;
        // The rest is done by who comes after.
        for (id, name) in enrolments.iter().zip(["A", "B", "C"]) {
            let paid = trade.pay(id, &format!("陈{name}"), &format!("bank-{name}"));
            assert!(paid.status == 201 || ["deposit_recorded", "lot_not_in_state"].contains(&paid.code()), "{paid:?}");
        }
        for (name, at, amount) in
            [("A", "09:31:00", "700.00"), ("B", "09:32:00", "710.00"), ("C", "09:33:00", "720.00")]
        {
            let bid = trade.bid(name, at, amount);
            assert!(bid.status == 201 || bid.status == 409, "{bid:?}");
        }
        world.set_time("2026-03-11T10:10:00+08:00");
        trade.close();
        let end = agrees(&world);
        assert!(end.starts_with("3 deposits") && end.ends_with("1 award"), "{end}");
    }
    println!("{n} kills within {whole:?}: {points:?}");
}

#[test]
fn books_and_auction_agree_after_every_kill_on_sqlite() {
    killed(|| Some(World::sqlite()));
}

#[test]
fn books_and_auction_agree_after_every_kill_on_postgres() {
    killed(World::postgres);
}
