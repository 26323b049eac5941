//! The village demonstration as a whole, on a fresh database in a folder of its own.

use super::*;
use crate::{
    access::{find_actor, may},
    assets,
    config::SystemClock,
    db::dialect::count_rows,
    kernel::{PageRequest, codes::RegionCode},
    trading::{
        auction::{self, Bid},
        listing::{LotState, Phase},
        lots::{self, LotFilter, Viewer},
    },
};

fn village(dir: &Path) -> Demo {
    prepare(dir, Scale::Village, "open-sesame", Arc::new(SystemClock)).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn the_village_is_what_it_promises_and_two_windows_can_bid() {
    let dir = tempfile::tempdir().expect("a folder");
    let demo = village(&dir.path().join("demo"));
    let db = &demo.app.db;
    let count = |table: &'static str| db.read_now(|rx| count_rows(rx.conn(), table)).expect("counted");
    assert_eq!((count("memberships"), count("parcels")), (1_000, 80));
    assert!((250..=350).contains(&count("households")) && (55..=70).contains(&count("assets")));
    assert!(count("log_entries") >= 257, "{} entries", count("log_entries"));

    let actor = |name: &'static str| db.read_now(|rx| find_actor(rx, name)).expect("read").expect("an account");
    let clerk = actor("kuaiji").prove::<may::ReadAssets>().expect("a right");
    let totals = db.read_now(|rx| assets::totals(rx, &clerk, None)).expect("totals");
    assert_eq!(totals.quantified.to_string(), "45424100.00");

    let page = PageRequest { limit: Some(PageRequest::MOST), after: None };
    let staff = actor("zichan").prove::<may::ReadListings>().expect("a right");
    let all = db
        .read_now(|rx| lots::list(rx, Viewer::Staff(&staff), &LotFilter::default(), &page, db.now()))
        .expect("lots")
        .items;
    let phases: Vec<Phase> = all.iter().map(|lot| lot.phase).collect();
    for phase in [
        Phase::Draft,
        Phase::Submitted,
        Phase::Returned,
        Phase::Approved,
        Phase::Enrolling,
        Phase::Bidding,
        Phase::Failed,
    ] {
        assert!(phases.contains(&phase), "{phase:?} in {phases:?}");
    }
    let sold: Vec<_> = all.iter().filter(|lot| lot.state == LotState::Sold).collect();
    let commands: usize = sold
        .iter()
        .map(|lot| {
            let exported = db.read_now(|rx| auction::export(rx, &lot.id)).expect("a trace");
            exported.trace.matches("\"seq\"").count()
        })
        .sum();
    assert!(sold.len() >= 3 && commands >= 15, "{} sold with {commands} commands", sold.len());
    let real = sold.iter().find(|lot| lot.title.contains("374.6 亩")).expect("the lot of the real notice");
    assert_eq!(real.price.map(|p| p.to_string()), Some("161078.00".into()));

    // Both windows: each may bid what stands above the other's.
    let live = all.iter().find(|lot| lot.phase == Phase::Bidding).expect("a live auction").id.clone();
    for (name, amount) in [("jingmai1", "29.00"), ("jingmai2", "30.00"), ("jingmai1", "31.00")] {
        let (allowed, live) = (actor(name).prove::<may::Bid>().expect("a right"), live.clone());
        let taken = db
            .write_now(db::Lane::of("lot", &live.clone()), move |tx| {
                auction::place_bid(tx, &allowed, &live, &Bid::Amount(amount.into()))
            })
            .expect("taken");
        assert!(taken.refusal.is_none(), "{name} {amount}: {:?}", taken.refusal);
    }
}

#[test]
fn login_lines_are_four_words_and_every_role_has_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let demo = village(&dir.path().join("demo"));
    for line in demo.logins.iter().map(ToString::to_string) {
        let words: Vec<&str> = line.split(' ').collect();
        let (first, password) = (words.first().copied(), words.get(3).copied());
        assert_eq!((words.len(), first, password), (4, Some("login"), Some("open-sesame")), "{line}");
    }
    for role in Role::ALL {
        let windows = demo.logins.iter().filter(|l| l.role == *role).count();
        assert_eq!(windows, if *role == Role::Bidder { 2 } else { 1 }, "{role}");
    }
}

#[test]
fn scopes_hold_the_village_and_no_other() {
    let code: RegionCode = places::SHANGXIANG.parse().expect("a code");
    for (name, role, home, _) in stage::PEOPLE {
        let scope = crate::access::Scope::of(role, home);
        assert_eq!(scope.contains(code.as_str()), role != Role::Bidder, "{name}");
    }
}
