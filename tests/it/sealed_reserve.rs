//! The secret floor of a sealed lot: in an envelope that the operator cannot read, bound by the notice, opened with the bids or
//! not at all.

use age::x25519::Identity;
use serde_json::{Value, json};
use xiangji::{
    access::Role,
    trading::sealed::{Envelope, RESERVE},
};

use crate::{
    both_backends,
    methods::{clerk, draft, fields, replays},
    sealed::{Keys, bids, logged, no_faults, says, send, upload},
    support::app::{Answer, DURUAN, SHANGXIANG, World},
    trading::{HOURS, Trade, ok, step},
};

/// An approved listing with a floor in an envelope, two of three trustees.
fn approved<'w>(world: &'w World, keys: &Keys) -> Trade<'w> {
    let mut terms = draft(world, json!({}));
    let ids = keys.registered(&world.sign_in("reviewer"), DURUAN);
    terms["method"] = json!({"mode": "sealed", "trustees": ids, "trustees_needed": 2, "sealed_reserve": true});
    (terms["step_min"], terms["step_max"]) = (json!(""), Value::Null);
    let mut typed = terms.clone();
    typed["reserve_price"] = json!("900");
    let refused = clerk(world).post("/api/v1/lots", &typed);
    assert_eq!(fields(&refused), ["/reserve_price"], "the server would know it");
    assert!(refused.text.contains("保留价由密钥保管人封存"), "{refused:?}");
    let made = ok(clerk(world).post("/api/v1/lots", &terms));
    assert_eq!(made.json["has_reserve"], true);
    let trade = Trade { world, lot: made.id().to_owned() };
    ok(step(&clerk(world), &trade.path("/submit"), 1, &json!({})));
    ok(step(&trade.as_("reviewer"), &trade.path("/review"), 2, &json!({"approve": true})));
    trade
}

fn publish(trade: &Trade<'_>) -> Answer {
    let hours = json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]});
    step(&trade.as_("trader"), &trade.path("/publish"), 3, &hours)
}

fn floor(trade: &Trade<'_>, envelope: &Envelope) -> Answer {
    clerk(trade.world).post(&trade.path("/sealed-reserve"), &json!(envelope))
}

/// Published with this floor; A and B have the numbers 01 and 02 and have handed in bids of these amounts.
fn with_bids<'w>(world: &'w World, keys: &Keys, envelope: impl Fn(&str) -> Envelope, amounts: &[i64]) -> Trade<'w> {
    let trade = approved(world, keys);
    ok(floor(&trade, &envelope(&trade.lot)));
    ok(publish(&trade));
    for (order, name) in [(1, "A"), (2, "B")] {
        let made = ok(trade.enrol(name, order, ""));
        ok(trade.pay(made.id(), &format!("陈{name}"), &format!("bank-{name}")));
    }
    for ((name, number, at), fen) in [("A", "01", "09:31:00"), ("B", "02", "09:32:00")].into_iter().zip(amounts) {
        ok(send(&trade, name, at, &keys.envelope(&trade.lot, number, *fen)));
    }
    world.set_time(HOURS[2]);
    trade
}

fn all_hand_in(trade: &Trade<'_>, keys: &Keys) {
    for trustee in 0..keys.0.len() {
        keys.hand_in(&trade.as_("trader"), &trade.lot, trustee);
    }
}

both_backends!(a_floor_is_bound_before_the_notice_and_opened_with_the_bids, |world| {
    let keys = Keys::new(3);
    let trade = approved(world, &keys);
    let envelope = |fen| keys.envelope(&trade.lot, RESERVE, fen);
    assert_eq!(publish(&trade).code(), "reserve_envelope_missing");
    world.actor(Role::Bidder, DURUAN, "stranger");
    for name in ["stranger", "trader", "reviewer"] {
        let answer = world.sign_in(name).post(&trade.path("/sealed-reserve"), &json!(envelope(1)));
        assert_eq!(answer.status, 403, "{name} is not the seller");
    }
    assert_eq!(fields(&floor(&trade, &keys.envelope(&trade.lot, "01", 90_000))), ["/bidder"], "a bid is no floor");
    assert_eq!(fields(&floor(&trade, &keys.envelope("lot_x", RESERVE, 90_000))), ["/lot"]);
    let first = envelope(99_900);
    ok(floor(&trade, &first));
    assert_eq!(floor(&trade, &first).code(), "sealed_envelope_known");
    let last = ok(floor(&trade, &envelope(90_000))).json;
    assert_eq!((last["seq"].as_i64(), last["fits"].as_bool()), (Some(2), Some(true)));
    ok(publish(&trade));
    assert_eq!(floor(&trade, &envelope(1)).code(), "reserve_envelope_fixed");

    // The notice, the log and the page bind the last one; nobody is told what is in it.
    let digest = last["ciphertext_sha256"].as_str().unwrap();
    let told = trade.lot();
    assert_eq!(told["terms"]["method"]["sealed"]["reserve"]["ciphertext_sha256"], digest);
    assert_eq!((told["has_reserve"].as_bool(), &told["terms"]["reserve_price"]), (Some(true), &Value::Null));
    assert!(logged(&trade).contains(digest));
    for page in [format!("/lots/{}", trade.lot), format!("/lots/{}/sealed", trade.lot)] {
        says(&ok(world.nobody().get(&page)), &[digest, "保留价信封"]);
    }
    for (order, name) in [(1, "A"), (2, "B")] {
        let made = ok(trade.enrol(name, order, ""));
        ok(trade.pay(made.id(), &format!("陈{name}"), &format!("bank-{name}")));
    }
    ok(send(&trade, "A", "09:31:00", &keys.envelope(&trade.lot, "01", 89_999)));
    let as_floor = keys.envelope(&trade.lot, RESERVE, 10_000);
    assert_eq!(fields(&send(&trade, "B", "09:32:00", &as_floor)), ["/bidder"], "no bidder is the floor");
    ok(send(&trade, "B", "09:33:00", &keys.envelope(&trade.lot, "02", 85_000)));

    world.set_time(HOURS[2]);
    let sealed = bids(&trade);
    assert_eq!((sealed["bids"][0]["bidder"].as_str(), sealed["bids"].as_array().unwrap().len()), (Some(RESERVE), 3));
    // The first trustee leaves the floor out.
    let mut without = keys.clear(&sealed, 0);
    without["shares"].as_array_mut().unwrap().remove(0);
    ok(trade.as_("trader").post(&trade.path("/sealed-bids/shares"), &without));
    let second = keys.hand_in(&trade.as_("trader"), &trade.lot, 1);
    assert_eq!((second.json["counting"].as_i64(), second.json["lacking"].as_i64()), (Some(3), Some(1)), "{second:?}");
    assert_eq!(trade.close(), 0, "the bids alone are not opened");
    assert!(bids(&trade)["bids"].as_array().unwrap().iter().all(|bid| bid["amount"].is_null()));
    keys.hand_in(&trade.as_("trader"), &trade.lot, 0);
    assert_eq!(trade.close(), 1);
    assert_eq!(replays(&trade)["reason"], "below_reserve");
    let opened = bids(&trade);
    assert_eq!(
        (opened["bids"][0]["amount"].as_str(), &opened["bids"][0]["outcome"]),
        (Some("900.00"), &json!("opened"))
    );
    assert_eq!(trade.lot()["terms"]["reserve_price"], "900.00");
    says(&ok(world.nobody().get(&format!("/lots/{}/sealed", trade.lot))), &["900.00 元", "899.99"]);
    no_faults(world);
});

both_backends!(a_floor_that_is_reached_sells, |world| {
    let keys = Keys::new(3);
    let trade = with_bids(world, &keys, |lot| keys.envelope(lot, RESERVE, 85_000), &[85_000, 84_999]);
    all_hand_in(&trade, &keys);
    assert_eq!(trade.close(), 1);
    let result = replays(&trade);
    assert_eq!((result["winner"].as_str(), result["price"].as_str()), (Some("01"), Some("850.00")), "{result}");
    assert_eq!(result["successors"], json!([]), "02 is under the floor");
    no_faults(world);
});

// Whoever made it wrongly gains neither a sale under the floor nor the bidders' prices.
both_backends!(a_void_floor_leaves_every_bid_closed, |world| {
    let keys = Keys::new(3);
    let inside = |lot: &str| Envelope { bidder: RESERVE.into(), ..keys.envelope(lot, "01", 70_000) };
    let trade = with_bids(world, &keys, inside, &[90_000, 80_000]);
    all_hand_in(&trade, &keys);
    assert_eq!(trade.close(), 1);
    let told = bids(&trade);
    assert_eq!(
        (told["state"].as_str(), told["bids"][0]["outcome"].as_str()),
        (Some("reserve_void"), Some("other_bidder"))
    );
    assert!(told["bids"][0]["identity"].is_string(), "everybody can see what was wrong");
    for bid in told["bids"].as_array().unwrap().iter().skip(1) {
        assert_eq!((&bid["amount"], &bid["identity"], &bid["outcome"]), (&Value::Null, &Value::Null, &Value::Null));
    }
    let lot = trade.lot();
    assert_eq!(
        (lot["phase"].as_str(), lot["award"]["reason"].as_str()),
        (Some("failed"), Some("reserve_void")),
        "{lot}"
    );
    assert_eq!(world.nobody().get(&trade.path("/trace")).code(), "sealed_bids_not_opened");
    says(&ok(world.nobody().get(&format!("/lots/{}/sealed", trade.lot))), &["所以全部报价都没有开启"]);
    assert!(!logged(&trade).contains("sealed_bid.opened"));
    let due = ok(trade.as_("trader").get(&format!("/api/v1/money/orders?state=due&lot={}", trade.lot))).json;
    assert_eq!(due["items"].as_array().unwrap().len(), 2, "the deposits go back: {due}");
    no_faults(world);
});

// The floor's shares in time or nothing; without a bid it stays closed for good.
both_backends!(a_floor_that_cannot_be_opened_holds_the_bids_and_one_without_bids_stays_closed, |world| {
    let keys = Keys::new(3);
    let trade = with_bids(world, &keys, |lot| keys.envelope(lot, RESERVE, 80_000), &[90_000, 85_000]);
    for trustee in 0..3 {
        let mut clear = keys.clear(&bids(&trade), trustee);
        clear["shares"].as_array_mut().unwrap().remove(0);
        ok(trade.as_("trader").post(&trade.path("/sealed-bids/shares"), &clear));
    }
    assert_eq!(trade.close(), 0);
    world.set_time("2026-03-12T10:00:00+08:00");
    assert_eq!(trade.close(), 1);
    assert_eq!(bids(&trade)["state"], "cannot_open");
    assert!(bids(&trade)["bids"].as_array().unwrap().iter().all(|bid| bid["amount"].is_null()));
    no_faults(world);
});

both_backends!(nobody_learns_of_a_floor_for_which_nobody_has_bid, |world| {
    let keys = Keys::new(3);
    let trade = with_bids(world, &keys, |lot| keys.envelope(lot, RESERVE, 80_000), &[]);
    let told = bids(&trade);
    assert_eq!((told["bids"][0]["counts"].as_bool(), told["bids"][0]["bidder"].as_str()), (Some(false), Some(RESERVE)));
    assert_eq!(trade.close(), 1);
    assert_eq!(replays(&trade)["reason"], "no_bids");
    assert_eq!(
        (&bids(&trade)["bids"][0]["amount"], &trade.lot()["terms"]["reserve_price"]),
        (&Value::Null, &Value::Null)
    );
    no_faults(world);
    // Another round begins without a floor, until one is asked for.
    let again = ok(clerk(world).post(&trade.path("/relist"), &json!({})));
    assert_eq!(again.json["has_reserve"], false, "{again:?}");
});

// An envelope for other trustees, or for another number of them, would never open.
both_backends!(the_floor_is_made_anew_where_the_trustees_change, |world| {
    let keys = Keys::new(3);
    let mut terms = draft(world, json!({}));
    let ids = keys.registered(&world.sign_in("reviewer"), DURUAN);
    terms["method"] = json!({"mode": "sealed", "trustees": ids, "trustees_needed": 2, "sealed_reserve": true});
    (terms["step_min"], terms["step_max"]) = (json!(""), Value::Null);
    let made = ok(clerk(world).post("/api/v1/lots", &terms));
    let trade = Trade { world, lot: made.id().to_owned() };
    let page = format!("/listings/{}/reserve", trade.lot);
    says(&ok(clerk(world).get(&page)), &["保留价信封还没有交来", "--bidder reserve"]);
    assert_eq!(world.sign_in("trader").get(&page).status, 403);
    says(&upload(&clerk(world), &page, b""), &["请选择做好的信封文件"]);
    let strange = Keys(vec![Identity::generate(), Identity::generate(), Identity::generate()]);
    let wrong = json!(strange.envelope(&trade.lot, RESERVE, 90_000)).to_string();
    assert_eq!(upload(&clerk(world), &page, wrong.as_bytes()).status, 422);
    let right = json!(keys.envelope(&trade.lot, RESERVE, 90_000)).to_string();
    assert_eq!(upload(&clerk(world), &page, right.as_bytes()).status, 303);
    says(&ok(clerk(world).get(&page)), &["保留价信封已经收到", "第 1 个"]);
    says(&ok(clerk(world).get(&format!("/listings/{}", trade.lot))), &["交保留价信封"]);
    terms["method"]["trustees_needed"] = json!(3);
    ok(crate::trading::put(&clerk(world), &trade.path(""), 1, &terms));
    says(&ok(clerk(world).get(&page)), &["信封要重新做"]);
    ok(step(&clerk(world), &trade.path("/submit"), 2, &json!({})));
    ok(step(&trade.as_("reviewer"), &trade.path("/review"), 3, &json!({"approve": true})));
    let hours = json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]});
    let refused = step(&trade.as_("trader"), &trade.path("/publish"), 4, &hours);
    assert_eq!(refused.code(), "reserve_envelope_missing", "{refused:?}");
    let again = xiangji::trading::sealed::seal(
        &trade.lot,
        RESERVE,
        xiangji::kernel::Fen(90_000),
        3,
        &(0..3).map(|i| keys.public(i)).collect::<Vec<_>>(),
    );
    ok(floor(&trade, &again.unwrap()));
    ok(step(&trade.as_("trader"), &trade.path("/publish"), 4, &hours));
    // A listing without one takes none.
    let mut plain = terms.clone();
    plain["method"]["sealed_reserve"] = json!(false);
    let pond = json!({"name": "东塘", "kind": "resource", "class": "pond", "area": "15666.67", "location": "龙门里", "state": "idle"});
    plain["asset_id"] = json!(ok(world.sign_in(&format!("clerk-{SHANGXIANG}")).post("/api/v1/assets", &pond)).id());
    let other = Trade { world, lot: ok(clerk(world).post("/api/v1/lots", &plain)).id().to_owned() };
    assert_eq!(floor(&other, &keys.envelope(&other.lot, RESERVE, 1)).code(), "reserve_envelope_not_asked");
    no_faults(world);
});

#[test]
fn the_pages_are_sound_on_a_phone_and_a_desk() {
    use crate::support::{
        app::PASSWORD,
        browser::{self, Browser, DESK, PHONE, Scripts},
    };
    let world = World::sqlite();
    let keys = Keys::new(3);
    let trade = approved(&world, &keys);
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::On, PHONE).await else { return };
        let look = async |name: &str| {
            for (size, width) in [(PHONE, "phone"), (DESK, "desk")] {
                browser.resize(size).await;
                browser.assert_sound().await;
                browser.photograph(&format!("floor-{name}-{width}")).await;
            }
        };
        browser.sign_in(&format!("clerk-{SHANGXIANG}"), PASSWORD).await;
        browser.visit(&format!("/listings/{}/reserve", trade.lot)).await;
        look("missing").await;
        ok(floor(&trade, &keys.envelope(&trade.lot, RESERVE, 90_000)));
        browser.visit(&format!("/listings/{}/reserve", trade.lot)).await;
        look("there").await;
        ok(publish(&trade));
        browser.visit(&format!("/lots/{}/sealed", trade.lot)).await;
        look("bound").await;
        browser.visit(&format!("/lots/{}", trade.lot)).await;
        look("notice").await;
    });
}
