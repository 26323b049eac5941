//! Papers that people take home point into the log: contract, member's certificate, bids, deposit, result. Each names the
//! entry that holds it, its receipt proves that entry without the installation, and its code ends with the entry's hash.

use serde_json::json;
use xiangji::log::{merkle::leaf_hash, proof::LogProof};

use crate::{
    both_backends,
    support::app::{Client, SHANGXIANG, World},
    trading::{self, ok},
};

/// The numbers of the receipts that the page offers, and the page.
fn receipts(reader: &Client<'_>, path: &str) -> (Vec<i64>, String) {
    let page = reader.get(path);
    assert_eq!(page.status, 200, "{path}: {page:?}");
    let numbers = page.text.split("href=\"/log/receipts/").skip(1).map(|rest| rest.split('"').next().unwrap());
    (numbers.map(|n| n.parse().unwrap()).collect(), page.text)
}

/// Takes the receipt home; says which entry it proves.
fn proven(world: &World, seq: i64) -> serde_json::Value {
    let receipt: LogProof = world.nobody().get(&format!("/log/receipts/{seq}")).text.parse().unwrap();
    let entry = receipt.extra.clone().expect("the entry is in it");
    assert!(receipt.verify(&entry, world.app.log_key.verifier()).is_ok());
    serde_json::from_slice(&entry).unwrap()
}

/// The only slip of the page is that of an entry of this kind about this record.
fn slip(world: &World, reader: &Client<'_>, path: &str, kind: &str, subject: &str) {
    let (numbers, page) = receipts(reader, path);
    let [seq] = numbers[..] else { panic!("{path} offers {numbers:?}") };
    let entry = proven(world, seq);
    assert_eq!(entry["kind"], kind, "{path}");
    assert!(entry["subjects"].as_array().unwrap().contains(&json!(subject)), "{path}: {entry}");
    let (_, _, bytes) = world.nobody().bytes(&format!("/log/entries/{seq}/bytes"));
    let leaf = leaf_hash(&bytes).to_string();
    let code = |end: &str| xiangji::web::qr::svg(&format!("{}/log/entries/{seq}#{end}", world.base)).unwrap();
    assert!(page.contains(&leaf) && page.contains(&code(&leaf)), "{path}");
    assert!(!page.contains(&code("")), "a code without the hash is another one");
}

both_backends!(papers_point_to_the_entries_that_hold_them, |world| {
    let lot = trading::ended_auction(world);
    let clerk = world.sign_in(&format!("clerk-{SHANGXIANG}"));
    let lease = json!({"collective_code": SHANGXIANG, "name": "鱼塘承包合同", "kind": "lease", "lessee": "陈某",
        "lessee_kind": "person", "starts_on": "2026-01-01", "ends_on": "2030-12-31", "annual_rent": "12000.00", "state": "running"});
    let contract = ok(clerk.post("/api/v1/contracts", &lease)).id().to_owned();
    let person = json!({"collective_code": SHANGXIANG, "household_number": "0001", "name": "区某", "id_number": trading::resident_id(77),
        "relation": "户主", "ground": "original", "basis": "成员大会决议", "acquired_on": "2020-01-01"});
    let member = ok(clerk.post("/api/v1/members", &person)).id().to_owned();
    let bidder = world.sign_in("bidder-A");
    let own = ok(bidder.get("/api/v1/enrolments")).json["items"][0]["id"].as_str().unwrap().to_owned();
    let enrolment = format!("enrolment/{own}");

    // Before it has its place there is a number and no receipt yet.
    let (numbers, page) = receipts(&clerk, &format!("/contracts/{contract}"));
    assert!(page.contains("正在编入") && numbers.len() == 1, "{page}");
    assert_eq!(world.nobody().get(&format!("/log/receipts/{}", numbers[0])).status, 404);
    world.app.integrate_log().unwrap();

    slip(world, &clerk, &format!("/contracts/{contract}"), "contract.registered", &format!("contract/{contract}"));
    slip(world, &clerk, &format!("/members/{member}/certificate"), "member.registered", &format!("member/{member}"));
    slip(world, &bidder, &format!("/lots/{lot}/enrolment"), "deposit.received", &enrolment);
    slip(world, &world.sign_in("trader"), &format!("/enrolments/{own}"), "deposit.received", &enrolment);
    slip(world, &world.nobody(), &format!("/lots/{lot}"), "auction.closed", &format!("lot/{lot}"));

    // Every own bid, the refused one too, and nobody else's.
    let mine = format!("/lots/{lot}/bids/mine");
    for (name, kinds) in [("A", vec!["bid.refused", "bid.accepted"]), ("B", vec!["bid.accepted", "bid.refused"])] {
        let (numbers, page) = receipts(&world.sign_in(&format!("bidder-{name}")), &mine);
        let entries: Vec<_> = numbers.iter().map(|seq| proven(world, *seq)).collect();
        assert_eq!(entries.iter().map(|e| e["kind"].as_str().unwrap()).collect::<Vec<_>>(), kinds, "{name}: {page}");
        assert!(entries.windows(2).all(|w| w[0]["actor"] == w[1]["actor"]), "{name}");
    }
    assert!(receipts(&world.sign_in("bidder-C"), &mine).1.contains("您在这一项里还没有出过价"));
    assert_eq!(world.nobody().get(&mine).status, 303, "to the sign-in page");
});
