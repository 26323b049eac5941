//! What European law asks of whatever receives tenders electronically (Directive 2014/24/EU, annex IV, letters a to g; SEAL-10):
//! a test for each letter. docs/sealed-bids.md has the table.

use serde_json::{Value, json};
use xiangji::{access::Role, kernel::Timestamp};

use crate::{
    both_backends,
    methods::{clerk, fields},
    sealed::{Keys, bids, logged, lot, no_faults, send},
    support::{
        app::{Client, DURUAN, SHANGXIANG, World},
        behind::Behind,
        verified::faults,
    },
    trading::{HOURS, ok, steering, step},
};

fn somebody(world: &World, role: Role) -> Client<'_> {
    let of_village = matches!(role, Role::Clerk | Role::Director | Role::Supervisor | Role::Member | Role::Bidder);
    world.actor(role, if of_village { SHANGXIANG } else { DURUAN }, &format!("some-{role}"))
}

both_backends!(annex_iv_a_the_moment_of_receipt_is_known, |world| {
    let keys = Keys::new(3);
    let trade = lot(world, &keys, 2, None);
    let first = ok(send(&trade, "A", "09:31:00.000001", &keys.envelope(&trade.lot, "01", 80_000)));
    // The clock goes back: who came later is not earlier.
    let second = ok(send(&trade, "B", "09:30:59", &keys.envelope(&trade.lot, "02", 80_000)));
    let at = |answer: &Value| answer["at"].as_str().unwrap().parse::<Timestamp>().unwrap();
    assert_eq!(at(&first.json), "2026-03-11T09:31:00.000001+08:00".parse().unwrap());
    assert!(at(&second.json) >= at(&first.json));
    world.app.integrate_log().unwrap();
    for filed in [&first, &second] {
        let seq = filed.json["log_entry"].as_i64().unwrap();
        let entry = world.app.db.read_now(|rx| xiangji::log::find_entry(rx, seq)).unwrap().unwrap();
        assert_eq!(entry.data["received_at"], filed.json["at"], "the entry says the same moment");
        assert_eq!(ok(world.nobody().get(&format!("/log/receipts/{seq}"))).status, 200);
    }
    no_faults(world);
});

both_backends!(annex_iv_b_nobody_reads_before_the_limit, |world| {
    let keys = Keys::new(3);
    let trade = lot(world, &keys, 2, None);
    let envelope = keys.envelope(&trade.lot, "01", 80_000);
    ok(send(&trade, "A", "09:31:00", &envelope));
    world.set_time("2026-03-11T09:59:59.999999+08:00");
    for role in Role::ALL {
        let who = somebody(world, *role);
        for path in [trade.path("/sealed-bids"), trade.path(""), format!("/lots/{}/sealed", trade.lot)] {
            let answer = who.get(&path);
            assert!(!answer.text.contains(&envelope.ciphertext), "{role}: {path}");
            assert!(!answer.text.contains(&envelope.shares[0].share), "{role}: {path}");
        }
        assert_eq!(who.get(&trade.path("/sealed-bids")).code(), "auction_not_ended", "{role}");
    }
    // Control: a microsecond later everybody gets them, and they are still sealed.
    world.set_time(HOURS[2]);
    assert!(bids(&trade).to_string().contains(&envelope.ciphertext));
});

both_backends!(annex_iv_c_only_who_may_sets_the_opening, |world| {
    let keys = Keys::new(3);
    let trade = lot(world, &keys, 2, None);
    let schedule = |closes: &str| json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": closes});
    let earlier = json!({"reason": "提前", "schedule": schedule("2026-03-11T09:45:00+08:00")});
    let version = trade.lot()["version"].as_i64().unwrap();
    for role in Role::ALL.iter().filter(|role| **role != Role::TradingOfficer) {
        let who = somebody(world, *role);
        assert_eq!(step(&who, &trade.path("/corrections"), version, &earlier).status, 403, "{role}");
        let stop = steering("suspend", "核实举报");
        assert_eq!(who.post(&trade.path("/steering"), &stop).status, 403, "{role}");
    }
    // Once somebody has enrolled the hours of the notice stand.
    assert_eq!(step(&trade.as_("trader"), &trade.path("/corrections"), version, &earlier).code(), "notice_frozen");
    ok(send(&trade, "A", "09:31:00", &keys.envelope(&trade.lot, "01", 80_000)));
    let steer = |at: &str, action: &str| {
        world.set_time(&format!("2026-03-11T{at}+08:00"));
        ok(trade.as_("trader").post(&trade.path("/steering"), &steering(action, "核实举报")))
    };
    let end = || trade.lot()["live"]["end_at"].as_str().unwrap().parse::<Timestamp>().unwrap();
    let before = end();
    steer("09:40:00", "suspend");
    steer("09:50:00", "resume");
    assert_eq!(end().since_us(before), 600 * 1_000_000, "it moves later, never earlier");
    let log = logged(&trade);
    assert!(log.contains("auction.suspended") && log.contains("auction.resumed"), "and that is on record");
    no_faults(world);
});

both_backends!(annex_iv_d_in_every_stage_only_who_may_has_access, |world| {
    let keys = Keys::new(3);
    let trade = lot(world, &keys, 2, None);
    let of_a = ok(send(&trade, "A", "09:31:00", &keys.envelope(&trade.lot, "01", 80_000)));
    let of_b = ok(send(&trade, "B", "09:32:00", &keys.envelope(&trade.lot, "02", 80_000)));
    let own = |name: &str| ok(trade.as_(name).get(&trade.path("/sealed-bids/own"))).json["items"].clone();
    for (name, own_bid, other) in [("A", &of_a, &of_b), ("B", &of_b, &of_a)] {
        let seen = own(name).to_string();
        assert!(seen.contains(own_bid.id()) && !seen.contains(other.id()), "{name} sees the own one alone");
    }
    assert_eq!(own("C"), json!([]));
    for name in ["trader", "reviewer", "auditor"] {
        assert_eq!(trade.as_(name).get(&trade.path("/sealed-bids/own")).status, 403, "{name}");
    }
    let desk = trade.as_("trader").get(&trade.path("/enrolments"));
    assert!(!desk.text.contains("陈A"), "who takes part is hidden from the staff too: {desk:?}");
    // Afterwards envelopes are everybody's to see by the notice; names are not in them.
    world.set_time(HOURS[2]);
    assert!(!bids(&trade).to_string().contains("陈A"));
});

both_backends!(annex_iv_e_opening_takes_who_may_and_the_date, |world| {
    let keys = Keys::new(3);
    let trade = lot(world, &keys, 2, None);
    let envelope = keys.envelope(&trade.lot, "01", 80_000);
    let filed = ok(send(&trade, "A", "09:31:00", &envelope));
    // What a trustee would hand in, made from the own envelope: nobody else can see it yet.
    let early = json!({"bids": [{"id": filed.id(), "shares": envelope.shares}]});
    let path = trade.path("/sealed-bids/shares");
    world.set_time("2026-03-11T09:59:59.999999+08:00");
    assert_eq!(trade.as_("trader").post(&path, &keys.clear(&early, 0)).code(), "shares_too_early");
    world.set_time(HOURS[2]);
    let clear = keys.clear(&bids(&trade), 0);
    let may = [Role::Supervisor, Role::TownshipOfficer, Role::TradingOfficer];
    for role in Role::ALL {
        let status = somebody(world, *role).post(&path, &clear).status;
        assert_eq!(status, if may.contains(role) { 201 } else { 403 }, "{role}");
    }
    assert_eq!(trade.close(), 0, "one trustee does not open it, whoever hands it in how often");
    keys.hand_in(&trade.as_("trader"), &trade.lot, 1);
    assert_eq!(trade.close(), 1);
    no_faults(world);
});

both_backends!(annex_iv_f_what_need_not_be_known_stays_closed, |world| {
    let keys = Keys::new(3);
    let trade = lot(world, &keys, 2, None);
    ok(send(&trade, "A", "09:31:00", &keys.envelope(&trade.lot, "01", 99_100)));
    ok(send(&trade, "A", "09:32:00", &keys.envelope(&trade.lot, "01", 80_000)));
    ok(send(&trade, "B", "09:33:00", &keys.envelope(&trade.lot, "02", 99_200)));
    ok(trade.as_("B").post(&trade.path("/sealed-bids/withdraw"), &json!({})));
    world.set_time(HOURS[2]);
    keys.hand_in(&trade.as_("trader"), &trade.lot, 0);
    keys.hand_in(&trade.as_("trader"), &trade.lot, 1);
    assert_eq!(trade.close(), 1);
    let told = bids(&trade);
    let opened: Vec<bool> = told["bids"].as_array().unwrap().iter().map(|bid| bid["identity"].is_string()).collect();
    assert_eq!(opened, [false, true, false, false], "neither the replaced nor the withdrawn one");
    for text in [told.to_string(), logged(&trade), ok(clerk(world).get(&trade.path(""))).text] {
        assert!(!text.contains("991.00") && !text.contains("992.00"), "{text}");
    }
    assert!(told.to_string().contains("800.00"), "control");
});

both_backends!(annex_iv_g_attempts_and_breaches_show, |world| {
    let keys = Keys::new(3);
    let trade = lot(world, &keys, 2, None);
    let filed = ok(send(&trade, "A", "09:31:00", &keys.envelope(&trade.lot, "01", 80_000)));
    ok(send(&trade, "B", "09:32:00", &keys.envelope(&trade.lot, "02", 81_000)));
    // Attempts: shares before the date, another's envelope, a change of hours.
    let early = json!({"trustee": keys.public(0), "shares": [{"bid": filed.id(), "share": "AAAA"}]});
    assert_eq!(trade.as_("trader").post(&trade.path("/sealed-bids/shares"), &early).status, 403);
    assert_eq!(fields(&send(&trade, "C", "09:33:00", &keys.envelope(&trade.lot, "01", 1))), ["/bidder"]);
    let log = logged(&trade);
    for word in ["sealed_shares.refused", "shares_too_early", "sealed_bid.refused"] {
        assert!(log.contains(word), "{word}");
    }
    // Breaches by whoever holds the database.
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), [], "control");
    let mut behind = Behind::of(world);
    behind.drop_triggers();
    let id = filed.id();
    for sql in [
        format!("UPDATE sealed_bids SET ciphertext = 'QUJD' WHERE id = '{id}'"),
        format!("UPDATE sealed_bids SET at = at - 1 WHERE id = '{id}'"),
        format!("UPDATE sealed_bids SET bid_number = 3 WHERE id = '{id}'"),
        format!("DELETE FROM sealed_bids WHERE id = '{id}'"),
    ] {
        let found = behind.undone(&["sealed_bids"], &sql, || faults(world));
        let named = found.iter().any(|fault| format!("{fault:?}").contains(id));
        assert!(named, "{sql}: {found:?}");
    }
});
