//! Papers that people take home point into the log: contract, member's certificate, bids, deposit, result. Each names the
//! entry that holds it, its receipt proves that entry without the installation, and its code ends with the entry's hash.

use std::process::Command;

use serde_json::json;
use xiangji::log::{merkle::leaf_hash, proof::LogProof};

use crate::{
    both_backends,
    support::{
        app::{Answer, Client, SHANGXIANG, World},
        behind::Behind,
    },
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

/// What stands between two marks, as a reader sees it.
fn between(text: &str, from: &str, to: &str) -> String {
    let rest = text.split_once(from).unwrap_or_else(|| panic!("{from} is not in {text}")).1;
    rest.split_once(to).unwrap().0.replace("&#34;", "\"").replace("&quot;", "\"").replace("&amp;", "&")
}

/// Sends the form that needs no account.
fn open_paper(world: &World, entry: &str, code: &str) -> Answer {
    let body = serde_urlencoded::to_string([("entry", entry), ("code", code)]).unwrap();
    world.nobody().send(
        "POST",
        "/log/mine",
        &[("content-type", "application/x-www-form-urlencoded")],
        Some(body.into_bytes()),
    )
}

both_backends!(a_member_finds_the_own_record_in_the_log_with_the_paper_alone, |world| {
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    let clerk = world.clerk(SHANGXIANG);
    // More people than one entry names: the last of them stand in its following parts.
    let mut roster = String::from("户编号,户主,成员姓名,与户主关系,身份证号码\n");
    for n in 0..300 {
        roster += &format!("{n:04},区{n},区{n},户主,{}\n", trading::resident_id(n));
    }
    let basis: String = "成员大会决议".bytes().map(|b| format!("%{b:02X}")).collect();
    let path = format!("/api/v1/members/imports?collective={SHANGXIANG}&basis={basis}&ground=original");
    let staged = ok(clerk.send("POST", &path, &[], Some(roster.into_bytes())));
    ok(clerk.post(&format!("/api/v1/members/imports/{}/confirm", staged.id()), &json!({})));
    world.app.integrate_log().unwrap();
    let last = Behind::of(world).texts("SELECT max(m.id) AS v FROM memberships m")[0].clone();
    let paper = clerk.get(&format!("/members/{last}/certificate")).text;
    let entry = between(&paper, "公开存证第 <span class=\"num\">", "</span>");
    let code = between(&paper, "核对码 <strong class=\"num\">", "</strong>");
    assert_eq!(code.len(), 14, "{code}");

    let page = open_paper(world, &entry, &code);
    assert!(page.status == 200 && page.text.contains("在，而且一字不差"), "{page:?}");
    assert!(page.text.contains("下载回执") && !page.text.contains(&trading::resident_id(299)), "{page:?}");
    // With tools that everybody has, and what the published entry says.
    for (table, label) in [("memberships", "成员登记"), ("persons", "个人信息")] {
        let part = between(&page.text, &format!("<h2>{label}</h2>"), "自己算");
        let state = between(&part, "的原文\">", "</pre>");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &state).unwrap();
        let sum = format!(
            "(printf '{table}\\0'; cat {}) | openssl dgst -sha256 -binary | basenc --base64url",
            file.path().display()
        );
        let said = Command::new("sh").args(["-c", &sum]).output().unwrap();
        let digest = String::from_utf8(said.stdout).unwrap().trim().trim_end_matches('=').to_owned();
        assert!(digest.len() == 43 && part.contains(&digest), "{digest}: {part}");
        let named: i64 = between(&part, "/log/entries/", "\"").parse().unwrap();
        let rows = proven(world, named)["rows"].to_string();
        assert!(rows.contains(&format!("\"{table}\"")) && rows.contains(&digest), "{rows}");
    }

    for (entry, code) in
        [(entry.as_str(), "0000 0000 0000"), ("1", &code), ("999999", &code), (entry.as_str(), ""), ("甲", &code)]
    {
        let refused = open_paper(world, entry, code);
        assert!(refused.status == 422 && !refused.text.contains("<h2>成员登记"), "{entry} {code}: {refused:?}");
    }
    // Control: somebody changes the register behind the program's back.
    let mut behind = Behind::of(world);
    behind.drop_triggers();
    let changed = format!("UPDATE memberships SET note = '改过' WHERE id = '{last}'");
    let seen = behind.undone(&["memberships"], &changed, || open_paper(world, &entry, &code));
    assert!(seen.text.contains("对不上") && seen.text.contains("不一致"), "{seen:?}");
});
