//! The screen of a sitting: all lots of a notice, each as its own page says it, by as many questions however many they are.

use serde_json::{Value, json};
use xiangji::{
    app::App,
    trading::{
        listing::LotId,
        lots::{self, Viewer},
    },
};

use crate::{
    both_backends,
    messages::another,
    methods::{clerk, draft},
    notices::approved,
    support::{
        app::World,
        asked::{asked, count_from_now},
    },
    trading::{HOURS, Trade, ok, steering},
};

/// Published in one notice, one lot by each of these methods; A and B may bid in all of them.
fn together<'w>(world: &'w World, pond: &Value, methods: &[Value]) -> Vec<Trade<'w>> {
    let make = |method: &Value| {
        let name = json!({"name": "龙门里鱼塘", "kind": "resource", "class": "pond", "area": "15666.67",
            "location": "龙门里", "state": "idle"});
        let mut terms = pond.clone();
        terms["asset_id"] = json!(ok(clerk(world).post("/api/v1/assets", &name)).id());
        (terms["method"], terms["priority"], terms["step_max"]) = (method.clone(), json!(""), json!(""));
        if method["ceiling_criterion"].is_string() {
            terms["ceiling_price"] = json!("800");
        }
        let trade = Trade { world, lot: ok(clerk(world).post("/api/v1/lots", &terms)).id().to_owned() };
        approved(&trade);
        trade
    };
    let all: Vec<Trade<'_>> = methods.iter().map(make).collect();
    let lots: Vec<Value> = all.iter().map(|trade| json!({"lot": trade.lot, "version": 3})).collect();
    let hours = json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]});
    ok(world.sign_in("trader").post("/api/v1/notices", &json!({"lots": lots, "schedule": hours})));
    for (n, trade) in all.iter().enumerate() {
        for (order, name) in [(1, "A"), (2, "B")] {
            let made = ok(trade.enrol(name, order, ""));
            ok(trade.pay(made.id(), &format!("陈{name}"), &format!("bank-{name}-{}-{n}", all.len())));
        }
    }
    all
}

/// Every lot on the screen is what its own page shows; how many statements the screen asked.
fn screen(app: &App, trades: &[Trade<'_>]) -> usize {
    let (now, id) = (app.db.now(), LotId::from_trusted(&*trades[0].lot));
    let (shown, asked) = asked(|| app.db.read_now(|rx| lots::sitting(rx, &id, now)).unwrap());
    assert_eq!(shown.len(), trades.len());
    for (lot, trade) in shown.iter().zip(trades) {
        let id = LotId::from_trusted(&*trade.lot);
        let own = app.db.read_now(|rx| lots::get(rx, Viewer::Public, &app.calendar, &id, now)).unwrap();
        assert_eq!((&lot.id, &lot.phase, &lot.live), (&id, &own.phase, &own.live), "in the order of their numbers");
        let price = |price, label, leader: &str| (price, label, leader.to_owned());
        assert_eq!(
            price(lot.shown_price(), lot.price_label(), lot.leader()),
            price(own.shown_price(), own.price_label(), own.leader())
        );
    }
    asked
}

both_backends!(a_screen_asks_as_much_for_many_lots_as_for_two, |world| {
    count_from_now();
    let app = another(world);
    let pond = draft(world, json!({}));
    let turns = json!({"mode": "turns", "turn_s": 60, "first_pause_s": 60, "pause_s": 60, "revisions": 1,
        "ceiling_criterion": "本村成员优先"});
    let clock = json!({"mode": "clock", "clock_decrement": "10", "clock_tick_s": 60, "clock_floor": "500"});
    let hybrid = json!({"mode": "clock_sealed", "clock_decrement": "50", "clock_tick_s": 60, "clock_floor": "500",
        "pause_s": 30, "sealed_s": 600, "best_s": 300, "revisions": 0});
    let few = together(world, &pond, &[json!({}), turns.clone()]);
    let many = [json!({}), turns.clone(), clock, hybrid, json!({}), turns, json!({"mode": "proxy"})];
    let many = together(world, &pond, &many);
    let at = |hour: &str| {
        world.set_time(&format!("2026-03-11T{hour}+08:00"));
        [screen(&app, &few), screen(&app, &many)]
    };
    let asked = at("09:30:30");
    assert!(asked[0] > 3, "the control: statements are counted");
    assert_eq!(asked[0], asked[1]);

    ok(many[0].bid("A", "09:31:00", "700"));
    ok(many[1].bid("A", "09:31:01", "800"));
    ok(many[1].bid("B", "09:31:02", "800"));
    ok(many[5].bid("A", "09:31:03", "710"));
    ok(many[5].bid("B", "09:31:04", "700"));
    ok(many[6].bid("A", "09:31:05", "900"));
    ok(many[4].bid("B", "09:31:06", "750"));
    world.set_time("2026-03-11T09:32:10+08:00");
    ok(many[3].as_("A").post(&many[3].path("/bids"), &json!({"type": "accept"})));
    ok(many[3].bid("B", "09:33:00", "640"));
    for hour in ["09:33:30", "09:44:00", "10:00:30", "10:01:30", "10:02:30", "10:05:00"] {
        let asked = at(hour);
        assert_eq!(asked[0], asked[1], "{hour}");
    }
    // Over, sold or not; and one that was terminated while officers had still to put two at the ceiling in order.
    world.set_time("2026-03-11T10:30:00+08:00");
    many[0].close();
    at("10:30:01");
    assert_eq!(many[1].lot()["phase"], "undecided");
    ok(many[1].as_("trader").post(&many[1].path("/steering"), &steering("terminate", "公告内容有误")));
    let asked = at("10:30:05");
    assert_eq!((asked[0], &many[1].lot()["phase"]), (asked[1], &json!("terminated")));
    app.db.stop();
});
