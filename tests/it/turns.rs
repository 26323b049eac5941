//! Lots whose bids come in turns, and purchases, where the lowest price wins: from the terms to the replayed award.

use serde_json::{Value, json};

use crate::{
    both_backends,
    methods::{admitted, clerk, draft, fields, page, replays, says},
    support::app::World,
    trading::{HOURS, Trade, ok, steering},
};

/// Somebody looks after the pond for two years; the collective pays at most 50,000.00 a year.
fn service(world: &World, method: Value) -> Value {
    let mut terms = draft(world, method);
    for (field, value) in [
        ("form", json!("service")),
        ("usage", json!("鱼塘清淤和巡护")),
        ("term_months", json!(24)),
        ("price_unit", json!("yuan_per_year")),
        ("opening_price", json!("50000")),
        ("step_min", json!("500")),
        ("step_max", json!("5000")),
        ("ceiling_price", json!("30000")),
        ("reserve_price", json!("45000")),
        ("priority", json!("")),
    ] {
        terms[field] = value;
    }
    terms
}

both_backends!(a_service_goes_to_the_lowest_price, |world| {
    let good = service(world, json!({}));
    let refused = |method: Value, other: &[(&str, &str)]| {
        let mut bad = good.clone();
        bad["method"] = method;
        other.iter().for_each(|(field, value)| bad[*field] = json!(value));
        fields(&clerk(world).post("/api/v1/lots", &bad))
    };
    let falling = json!({"mode": "clock", "clock_decrement": "10", "clock_tick_s": 60, "clock_floor": "500"});
    assert_eq!(refused(falling, &[("reserve_price", ""), ("ceiling_price", "")]), ["/method/mode"]);
    assert_eq!(refused(json!({}), &[("ceiling_price", "50001")]), ["/ceiling_price", "/reserve_price"]);
    assert_eq!(refused(json!({}), &[("reserve_price", "50001")]), ["/reserve_price"]);
    assert_eq!(refused(json!({}), &[("reserve_price", "29999")]), ["/reserve_price"], "nobody may bid as low");

    let trade = admitted(world, &good);
    says(
        &page(&trade),
        &[
            "采购服务，网上公开降价，价低者得",
            "采购方",
            "最高限价（起始价）",
            "每次至少降 500.00 元，最多降 5,000.00 元",
            "最低限价",
        ],
    );
    let bounds = |name: &str, at: &str, amount: &str| {
        let refused = trade.bid(name, at, amount);
        let bound = |name: &str| refused.json[name].as_str().map(str::to_owned);
        (refused.code().to_owned(), bound("minimum"), bound("maximum"))
    };
    let most = |code: &str, amount: &str| (code.to_owned(), None, Some(amount.to_owned()));
    assert_eq!(bounds("A", "09:31:00", "50000.01"), most("above_opening", "50000.00"));
    assert_eq!(ok(trade.bid("A", "09:32:00", "50000")).json["price"], "50000.00");
    assert_eq!(bounds("B", "09:33:00", "49500.01"), most("below_step", "49500.00"));
    assert_eq!(
        bounds("B", "09:34:00", "44999.99"),
        ("above_step".to_owned(), Some("45000.00".to_owned()), None),
        "not further than 5,000.00 at once"
    );
    ok(trade.bid("B", "09:35:00", "45500"));
    let live = trade.lot()["live"].clone();
    assert_eq!((live["least"].as_str(), live["most"].as_str()), (Some("45000.00"), Some("40500.00")), "{live}");
    assert_eq!(live["offers"], json!(["45000.00", "44500.00", "43000.00"]));
    let mine = ok(trade.as_("A").get(&format!("/lots/{}", trade.lot))).text;
    says(&mine, &["已被超过，要继续请降价", "不高于", "降 500.00 元", "data-step=\"降价\""]);
    let asked = ok(trade.as_("A").get(&format!("/lots/{}/bid?amount=44000&seen=45500.00", trade.lot))).text;
    says(&asked, &["少 1,500.00 元"]);
    ok(trade.bid("A", "09:36:00", "44000"));
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 1);
    let result = replays(&trade);
    assert_eq!((result["winner"].as_str(), result["price"].as_str()), (Some("01"), Some("44000.00")), "{result}");
    assert_eq!(result["successors"], json!([]), "02 stood above the reserve");
    assert_eq!(trade.lot()["award"]["total"], "88000.00");
    says(&page(&trade), &["比最高限价低", "6,000.00 元/年（12.0%）"]);

    // Money runs the other way: no price to count a deposit into, and plain procurement for others' programs.
    let package = ok(world.nobody().get(&trade.path("/ocds"))).json;
    let release = package["releases"].as_array().unwrap().last().unwrap().clone();
    let tender = &release["tender"];
    assert_eq!((tender["awardCriteria"].as_str(), &tender["disposal"]), (Some("priceOnly"), &Value::Null));
    assert_eq!(release["parties"][0]["roles"], json!(["procuringEntity", "buyer"]));
    let own = ok(trade.as_("A").get("/api/v1/enrolments")).json["items"][0]["id"].as_str().unwrap().to_owned();
    let wanted = json!({"kind": "apply", "grounds": "合同 2026-07"});
    let applied = trade.as_("trader").post(&format!("/api/v1/enrolments/{own}/deposit/orders"), &wanted);
    assert_eq!(fields(&applied), ["/kind"], "{applied:?}");
});

/// Who has the turn, and the prices that everybody knows in the order of the turns.
fn round(trade: &Trade<'_>, at: &str) -> (i64, Value, Vec<(String, String, String)>) {
    trade.world.set_time(&format!("2026-03-11T{at}+08:00"));
    let turns = trade.lot()["live"]["turns"].clone();
    let word = |turn: &Value, name: &str| turn[name].as_str().unwrap().to_owned();
    let order = turns["order"].as_array().unwrap_or_else(|| panic!("{turns}"));
    let order = order.iter().map(|t| (word(t, "bidder"), word(t, "price"), word(t, "state"))).collect();
    (turns["round"].as_i64().unwrap(), turns["bidder"].clone(), order)
}

fn order(all: [(&str, &str, &str); 3]) -> Vec<(String, String, String)> {
    all.map(|(bidder, price, state)| (bidder.to_owned(), price.to_owned(), state.to_owned())).to_vec()
}

both_backends!(each_bidder_has_one_turn_a_round, |world| {
    let good =
        draft(world, json!({"mode": "turns", "turn_s": 120, "first_pause_s": 60, "pause_s": 60, "revisions": 1}));
    let mut bad = good.clone();
    bad["method"] = json!({"mode": "turns", "turn_s": 29, "turn_rounds": 11, "hard_close_after_s": 300});
    assert_eq!(
        fields(&clerk(world).post("/api/v1/lots", &bad)),
        ["/method/turn_rounds", "/method/turn_s", "/method/hard_close_after_s"]
    );
    let trade = admitted(world, &good);
    says(&page(&trade), &["首次报价截止", "分 3 轮报价", "每段 2 分钟", "报价低的先报", "两轮之间停 1 分钟"]);

    // First prices: nobody sees another's.
    ok(trade.bid("A", "09:31:00", "700"));
    ok(trade.bid("B", "09:40:00", "760"));
    ok(trade.bid("C", "09:41:00", "720"));
    ok(trade.bid("A", "09:50:00", "713"));
    assert_eq!(trade.bid("A", "09:51:00", "719").code(), "revisions_used");
    let entries = || ok(trade.as_("auditor").get("/api/v1/log/entries?limit=100")).text;
    let seen_by_others = || {
        let hall = ok(world.nobody().get(&format!("/lots/{}/hall", trade.lot))).text;
        let bids = ok(world.nobody().get(&trade.path("/bids"))).text;
        let whole = ok(trade.as_("auditor").get(&trade.path("/commands"))).text;
        let others = ok(trade.as_("B").get(&format!("/lots/{}", trade.lot))).text;
        [page(&trade), hall, bids, whole, others, trade.lot().to_string(), entries()].join("\n")
    };
    assert!(!seen_by_others().contains("713.00"), "a first price is nobody's business");
    let mine = ok(trade.as_("A").get(&trade.path("/mine"))).json;
    assert_eq!((mine["limit"].as_str(), mine["leading"].as_bool()), (Some("713.00"), Some(false)), "control: {mine}");
    assert_eq!(trade.lot()["live"]["first_until"], HOURS[2]);

    // A minute's pause, then the worst price first.
    let first = order([("01", "713.00", "waiting"), ("03", "720.00", "waiting"), ("02", "760.00", "waiting")]);
    assert_eq!(round(&trade, "10:00:00"), (1, Value::Null, first));
    assert_eq!(trade.lot()["live"]["end_at"], "2026-03-11T10:21:00+08:00");
    let early = trade.bid("C", "10:01:30", "800");
    assert_eq!((early.code(), early.json["from"].as_str()), ("not_your_turn", Some("2026-03-11T10:03:00+08:00")));
    let low = trade.bid("A", "10:01:31", "722");
    assert_eq!((low.code(), low.json["minimum"].as_str()), ("below_step", Some("723.00")), "the own price and a step");
    let page_of = |name: &str| ok(trade.as_(name).get(&format!("/lots/{}", trade.lot))).text;
    says(&page_of("A"), &["现在轮到您", "723.00", "763.00"]);
    says(&page_of("B"), &["现在轮到 <strong class=\"num\">01</strong> 号", "现在没有轮到您报价"]);
    ok(trade.bid("A", "10:02:00", "734"));
    ok(trade.bid("A", "10:02:30", "733"));
    let running = order([("01", "713.00", "now"), ("03", "720.00", "waiting"), ("02", "760.00", "waiting")]);
    assert_eq!(round(&trade, "10:02:59"), (1, json!("01"), running), "shown when the turn ends");
    assert!(!seen_by_others().contains("733.00"));
    assert!(ok(trade.as_("A").get(&trade.path("/bids/own"))).text.contains("733.00"), "control");
    // C's turn and B's pass without a bid: nobody has to do anything for it.
    let shown = order([("01", "733.00", "bettered"), ("03", "720.00", "now"), ("02", "760.00", "waiting")]);
    assert_eq!(round(&trade, "10:03:00"), (1, json!("03"), shown));
    assert!(seen_by_others().contains("733.00"), "control: from the end of the turn on");
    let told = ok(world.nobody().get(&trade.path("/bids"))).json;
    let salt = told["items"][0]["limit_salt"].as_str().unwrap();
    let lines = format!("xiangji-private-limit/1\n{}\n{}\n733.00\n{salt}\n", trade.lot, told["items"][0]["seq"]);
    let digest: String =
        <sha2::Sha256 as sha2::Digest>::digest(lines).iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(entries().contains(&digest), "what was bound in the turn is what is told after it");
    let passed = order([("01", "733.00", "bettered"), ("03", "720.00", "passed"), ("02", "760.00", "passed")]);
    assert_eq!(round(&trade, "10:07:30"), (1, Value::Null, passed), "the pause between rounds");
    says(&page(&trade), &["第 1 轮（共 3 轮）", "间歇", "没有改价", "已报新价"]);

    // The second round begins with what stood at its beginning; C goes past everybody.
    let second = order([("03", "720.00", "now"), ("01", "733.00", "waiting"), ("02", "760.00", "waiting")]);
    assert_eq!(round(&trade, "10:08:00"), (2, json!("03"), second));
    ok(trade.bid("C", "10:09:00", "770"));
    // In the third A's turn is interrupted: the clock stands, and everybody's turn comes later.
    let third = order([("01", "733.00", "now"), ("02", "760.00", "waiting"), ("03", "770.00", "waiting")]);
    assert_eq!(round(&trade, "10:15:00"), (3, json!("01"), third.clone()));
    let steer = |at: &str, action: &str| {
        world.set_time(&format!("2026-03-11T{at}+08:00"));
        ok(trade.as_("trader").post(&trade.path("/steering"), &steering(action, "核实举报")))
    };
    ok(trade.bid("A", "10:15:30", "780"));
    steer("10:16:00", "suspend");
    assert_eq!(round(&trade, "10:20:00"), (3, json!("01"), third.clone()), "a bid before the break is not shown in it");
    steer("10:21:00", "resume");
    assert_eq!(round(&trade, "10:21:59"), (3, json!("01"), third));
    let late = trade.bid("P", "10:22:30", "900");
    assert_eq!(late.code(), "not_enrolled");
    ok(trade.bid("C", "10:24:30", "795"));
    world.set_time("2026-03-11T10:25:59+08:00");
    assert_eq!(trade.close(), 0, "C may change it until the turn ends");
    ok(trade.bid("C", "10:25:59", "790"));
    world.set_time("2026-03-11T10:26:00+08:00");
    assert_eq!(trade.close(), 1);
    let result = replays(&trade);
    assert_eq!((result["winner"].as_str(), result["price"].as_str()), (Some("03"), Some("790.00")), "{result}");
    assert_eq!(result["successors"], json!(["01", "02"]));
    says(&page_of("C"), &["恭喜"]);
    assert!(!page_of("A").contains("恭喜"), "control");
});
