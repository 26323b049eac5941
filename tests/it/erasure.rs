//! Erasing people: who may, what stands against it, and that nothing of them is left (LOG-11, LOG-13).

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use serde_json::{Value, json};
use xiangji::{access::Role, app, log, log::proof::check_receipt};

use crate::{
    both_backends,
    log_commands::{out, run},
    support::verified::faults,
    support::{
        app::{Answer, Client, DURUAN, SHANGXIANG, World},
        behind::Behind,
        outside::Tools,
    },
};

/// An ID number that passes, of nobody's county, born 1950-01-01.
pub fn id_number(order: u32) -> String {
    let body = format!("44079919500101{order:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.chars().zip(weights).map(|(c, w)| c.to_digit(10).unwrap() * w).sum();
    format!("{body}{}", "10X98765432".chars().nth((sum % 11) as usize).unwrap())
}

/// A name that nobody else has, and that stands nowhere else.
fn name(n: u32) -> String {
    const SIGNS: [char; 10] = ['靐', '龘', '齉', '爩', '鱻', '麤', '灪', '籱', '纞', '虋'];
    let sign = |n: u32| SIGNS[(n % 10) as usize];
    format!("欧阳{}{}{}", sign(n / 100), sign(n / 10), sign(n))
}

fn ok(answer: Answer) -> Answer {
    assert!(matches!(answer.status, 200 | 201), "{answer:?}");
    answer
}

/// A member who died in 1990, whose record was corrected once and opened once.
fn departed(clerk: &Client<'_>, n: u32) -> (String, String) {
    let member = ok(clerk.post(
        "/api/v1/members",
        &json!({
            "collective_code": SHANGXIANG, "household_number": format!("{n:04}"), "name": name(n), "id_number": id_number(n),
            "phone": format!("1640000{n:04}"), "address": format!("上巷村{}里 {n} 号", name(n)), "relation": "户主",
            "ground": "original", "basis": format!("{}的出生证明", name(n)), "acquired_on": "1980-06-30",
            "note": format!("{}常年在外", name(n)),
        }),
    ));
    let person = member.json["person_id"].as_str().unwrap().to_owned();
    let corrected = json!({"phone": format!("1640001{n:04}"), "reason": format!("{}换了号码", name(n))});
    ok(clerk.patch(&format!("/api/v1/persons/{person}"), 1, &corrected));
    let look = json!({"field": "phone", "reason": format!("通知{}的家人", name(n))});
    ok(clerk.post(&format!("/api/v1/persons/{person}/reveal"), &look));
    let end = json!({"cause": "death", "basis": format!("{}的死亡证明", name(n)), "lost_on": "1990-05-01", "retained_until": ""});
    ok(clerk.post(&format!("/api/v1/members/{}/end", member.id()), &end));
    (member.id().to_owned(), person)
}

/// A village with its clerk and its township officer.
fn village(world: &World) -> (Client<'_>, Client<'_>) {
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    (world.clerk(SHANGXIANG), world.actor(Role::TownshipOfficer, DURUAN, "officer"))
}

fn erase(clerk: &Client<'_>, officer: &Client<'_>, person: &str) {
    let path = format!("/api/v1/persons/{person}/erasure");
    ok(clerk.post(&path, &json!({"ground": "asked_by_family"})));
    ok(officer.post(&format!("{path}/carry-out"), &json!({})));
}

/// Every file in which the database keeps anything of its tables.
fn files(world: &World) -> Vec<std::path::PathBuf> {
    let url = &world.app.config.database_url;
    if let Some(path) = url.strip_prefix("sqlite://") {
        return ["", "-wal", "-shm"].iter().map(|end| format!("{path}{end}").into()).collect();
    }
    let mut behind = Behind::of(world);
    behind.exec("CHECKPOINT");
    let dir = behind.texts(
        "SELECT current_setting('data_directory') || '/base/' || oid AS v FROM pg_database WHERE datname = current_database()",
    );
    std::fs::read_dir(&dir[0]).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// Which of these values stand anywhere in the files.
fn found(world: &World, values: &[String]) -> BTreeSet<String> {
    let search = AhoCorasick::new(values).unwrap();
    let mut found = BTreeSet::new();
    for file in files(world) {
        // By a process of its own: closing a database's file in the one that serves it drops the locks that the server has on
        // it (POSIX advisory locks). A file of the moment may be gone again.
        let bytes = std::process::Command::new("cat").arg(&file).output().unwrap().stdout;
        found.extend(search.find_overlapping_iter(&bytes).map(|m| values[m.pattern().as_usize()].clone()));
    }
    found
}

both_backends!(nothing_of_erased_people_is_left_and_every_receipt_still_proves, |world| {
    let many = if std::env::var_os("XIANGJI_TEST_LONG").is_some() { 100 } else { 20 };
    let (clerk, officer) = village(world);
    let people: Vec<(String, String)> = (1..=many).map(|n| departed(&clerk, n)).collect();
    let (_, stays) = departed(&clerk, 999);
    world.app.integrate_log().unwrap();
    let tied = world.actor(Role::Member, SHANGXIANG, &name(500));
    ok(clerk.post(&format!("/api/v1/persons/{}/account", people[0].1), &json!({"account": name(500)})));
    world.app.integrate_log().unwrap();

    let mut behind = Behind::of(world);
    let list = |ids: Vec<&String>| ids.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(",");
    let ids = list(people.iter().map(|(_, person)| person).collect());
    let mut values: Vec<String> = (1..=many).map(name).chain([name(500)]).collect();
    for column in ["id_number", "id_index", "phone", "phone_index", "address", "salt"] {
        values.extend(behind.texts(&format!("SELECT {column} AS v FROM persons WHERE id IN ({ids})")));
    }
    values.extend(behind.texts(&format!("SELECT phone AS v FROM former_persons WHERE person_id IN ({ids})")));
    for (table, column) in [("former_persons", "person_id"), ("memberships", "person_id"), ("looks", "person_id")] {
        values.extend(behind.texts(&format!("SELECT salt AS v FROM {table} WHERE {column} IN ({ids})")));
    }
    // The control: the same search finds every one of them.
    world_is_folded(world);
    assert_eq!(found(world, &values), values.iter().cloned().collect(), "before the erasure");
    let receipts: Vec<String> = behind
        .texts("SELECT CAST(seq AS TEXT) AS v FROM log_leaves ORDER BY idx")
        .iter()
        .map(|seq| ok(world.nobody().get(&format!("/log/receipts/{seq}"))).text)
        .collect();

    let desk = tempfile::tempdir().unwrap();
    let paper = |name: &str| desk.path().join(name);
    std::fs::write(paper("kept.checkpoint"), world.nobody().get("/log/checkpoint").text).unwrap();
    std::fs::write(paper("key.txt"), world.app.log_key.verifier().to_string()).unwrap();

    for (_, person) in &people {
        erase(&clerk, &officer, person);
    }
    world.app.integrate_log().unwrap();
    if let Some(tools) = Tools::found() {
        // Software of others: the log after the erasures continues the one before.
        assert!(run(world, &["export", "log", paper("log").to_str().unwrap()]).status.success());
        let mut aics = tools.of_python("aics-tlog");
        aics.arg("verify-consistency").arg("--tiles").arg(paper("log")).arg("--vkey-file").arg(paper("key.txt"));
        let output = aics.arg("--old-checkpoint").arg(paper("kept.checkpoint")).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    assert_eq!(faults(world), []);
    let dir = tempfile::tempdir().unwrap();
    let rebuilt = world.app.db.read_now(|rx| log::rebuild(rx, &app::logged_tables(), dir.path())).unwrap();
    assert!(rebuilt.iter().all(log::Rebuilt::is_same), "{rebuilt:?}");
    for receipt in &receipts {
        check_receipt(receipt, None, world.app.log_key.verifier()).unwrap();
    }
    assert_eq!(world.nobody().get("/api/v1/my/record").status, 401);
    assert_eq!(tied.get("/api/v1/my/record").status, 401, "the account is gone with its person");

    let scrubbed = run(world, &["scrub"]);
    assert_eq!((scrubbed.status.code(), out(&scrubbed).as_str()), (Some(0), "scrubbed\n"), "{scrubbed:?}");
    assert_eq!(found(world, &values), BTreeSet::new(), "after the erasure");
    let whole: Vec<String> = behind.texts(match behind {
        Behind::Sqlite(_) => "SELECT CAST(states AS TEXT) AS v FROM log_payloads",
        Behind::Postgres(_) => "SELECT convert_from(states, 'UTF8') AS v FROM log_payloads",
    });
    // Long payloads are packed on PostgreSQL, where no search of files would see anything.
    assert_eq!(values.iter().find(|value| whole.iter().any(|states| states.contains(*value))), None);
    assert!(whole.iter().any(|states| states.contains(&name(999))), "who was not erased stays");
    assert_eq!(ok(clerk.get(&format!("/api/v1/persons/{stays}"))).json["name"], name(999));
    let gone = ok(clerk.get(&format!("/api/v1/persons/{}", people[0].1))).json;
    assert_eq!((&gone["name"], &gone["memberships"][0]["birth"]), (&json!("已删除个人信息的成员"), &Value::Null));
});

/// What is written is in the files where it is searched.
fn world_is_folded(world: &World) {
    if let Behind::Sqlite(_) = Behind::of(world) {
        Behind::of(world).exec("PRAGMA wal_checkpoint(TRUNCATE)");
    }
}

both_backends!(a_duty_to_keep_refuses_and_one_asks_while_another_does, |world| {
    let (clerk, _) = village(world);
    let new = json!({"collective_code": SHANGXIANG, "household_number": "0001", "name": "张三", "id_number": id_number(1), "relation": "户主",
        "ground": "original", "basis": "决议", "acquired_on": "1980-06-30"});
    let member = ok(clerk.post("/api/v1/members", &new));
    let path = format!("/api/v1/persons/{}/erasure", member.json["person_id"].as_str().unwrap());
    let ask = || clerk.post(&path, &json!({"ground": "asked_by_person"}));
    let (carry_out, decline) = (format!("{path}/carry-out"), format!("{path}/decline"));
    let refused = ask();
    assert_eq!((refused.status, refused.code(), refused.json.get("until")), (409, "must_be_kept", None), "{refused:?}");
    assert!(refused.json["detail"].as_str().unwrap().contains("在册成员"), "{refused:?}");

    // Thirty years after the membership ended, to the day.
    let end = json!({"cause": "exit", "basis": "申请", "lost_on": "1996-03-02", "retained_until": ""});
    ok(clerk.post(&format!("/api/v1/members/{}/end", member.id()), &end));
    let refused = ask();
    assert_eq!((refused.code(), &refused.json["until"]), ("must_be_kept", &json!("2026-03-03")), "{refused:?}");
    assert_eq!(clerk.get(&path).json["duties"][0]["what"], "membership");
    world.set_time("2026-03-03T09:00:00+08:00");
    let clerk = world.sign_in(&format!("clerk-{SHANGXIANG}"));
    let officer = world.sign_in("officer");
    assert_eq!(officer.post(&carry_out, &json!({})).code(), "no_erasure_request");
    let ask = || clerk.post(&path, &json!({"ground": "asked_by_person"}));
    ok(ask());
    assert_eq!(ask().code(), "erasure_requested");
    assert_eq!(clerk.post(&carry_out, &json!({})).status, 403, "who asked does not do it");
    assert_eq!(officer.post(&path, &json!({"ground": "unlawful"})).status, 403);
    ok(officer.post(&decline, &json!({})));
    assert_eq!(officer.post(&carry_out, &json!({})).code(), "no_erasure_request");

    // A contract under the name that runs, then a parcel, which is kept for good.
    let lease = |state: &str| {
        json!({"name": "鱼塘合同", "kind": "lease", "lessee": "张三", "lessee_kind": "person", "starts_on": "1985-01-01",
        "ends_on": "1995-12-31", "state": state})
    };
    let contract = ok(clerk.post("/api/v1/contracts", &lease("running")));
    assert_eq!(ask().code(), "must_be_kept");
    assert!(clerk.get(&path).json["duties"][0]["sentence"].as_str().unwrap().contains("履行中的合同"));
    let seen = [("content-type", "application/json"), ("if-match", "\"1\"")];
    let path_of_contract = format!("/api/v1/contracts/{}", contract.id());
    ok(clerk.send("PUT", &path_of_contract, &seen, Some(lease("ended").to_string().into_bytes())));
    assert_eq!(ask().json["until"], "2056-03-04", "thirty years after it was told that the contract had ended");
    world.set_time("2056-03-04T09:00:00+08:00");
    let (clerk, officer) = (world.sign_in(&format!("clerk-{SHANGXIANG}")), world.sign_in("officer"));
    erase(&clerk, &officer, member.json["person_id"].as_str().unwrap());
    let shown = ok(clerk.get(&path)).json;
    assert!(shown["erased_at"].is_string() && shown["request"]["state"] == "carried_out", "{shown}");
    assert_eq!(ok(clerk.get(&path_of_contract)).json["lessee"], "已删除个人信息的成员");
    for again in [
        clerk.post(&path, &json!({"ground": "unlawful"})),
        officer.post(&carry_out, &json!({})),
        clerk.post(&path.replace("/erasure", "/reveal"), &json!({"field": "phone", "reason": "x"})),
        clerk.patch(&path.replace("/erasure", ""), 2, &json!({"name": "李四", "reason": "x"})),
        clerk.post(&path.replace("/erasure", "/account"), &json!({"account": "officer"})),
    ] {
        assert_eq!(again.code(), "person_erased", "{again:?}");
    }
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
});

both_backends!(whoever_took_part_in_a_trade_is_erased_with_it, |world| {
    let trade = crate::trading::admitted(world);
    let mut behind = Behind::of(world);
    let ban = crate::exclusions::decision(1, "陈A", DURUAN);
    ok(trade.as_("trader").post("/api/v1/exclusions", &ban));
    // The bidder of number 01 was a member until 1990; the trade ended and the deposit went back, long ago.
    let clerk = world.sign_in(&format!("clerk-{SHANGXIANG}"));
    let id = crate::trading::resident_id(1);
    let new = json!({"collective_code": SHANGXIANG, "household_number": "0001", "name": "陈A", "id_number": id, "relation": "户主",
        "ground": "original", "basis": "决议", "acquired_on": "1991-06-30"});
    let member = ok(clerk.post("/api/v1/members", &new));
    let end = json!({"cause": "exit", "basis": "申请", "lost_on": "1992-05-01", "retained_until": ""});
    ok(clerk.post(&format!("/api/v1/members/{}/end", member.id()), &end));
    let person = member.json["person_id"].as_str().unwrap();
    let path = format!("/api/v1/persons/{person}/erasure");
    let duties = |client: &Client<'_>| -> Vec<String> {
        let found = ok(client.get(&path)).json;
        let all: BTreeSet<String> =
            found["duties"].as_array().unwrap().iter().map(|d| d["what"].as_str().unwrap().to_owned()).collect();
        all.into_iter().collect()
    };
    assert_eq!(duties(&clerk), ["deposit", "trade"], "while it runs");
    ok(trade.bid("A", "09:31:00", "700.00"));
    world.set_time("2026-03-11T10:00:01+08:00");
    assert_eq!(trade.close(), 1);
    let clerk = world.sign_in(&format!("clerk-{SHANGXIANG}"));
    assert_eq!(duties(&clerk), ["deposit", "trade"], "ten years for the trade, and the deposit is held still");
    assert_eq!(clerk.post(&path, &json!({"ground": "asked_by_person"})).code(), "must_be_kept");
    let by = xiangji::log::By::system();
    let id = person.to_owned();
    let repeated = world.app.db.write_now(xiangji::db::Lane::Any, move |tx| {
        xiangji::erasures::repeat(tx, &xiangji::kernel::Id::from_trusted(&*id))
    });
    assert!(repeated.unwrap().is_some() && by.role == "system", "where it was allowed elsewhere it is repeated here");
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
    for sql in [
        "SELECT name AS v FROM enrolments WHERE bid_number = 1",
        "SELECT payer_name AS v FROM deposits WHERE reference LIKE 'erased/%'",
        "SELECT winner_name AS v FROM awards",
        "SELECT name AS v FROM exclusions",
        "SELECT display_name AS v FROM accounts WHERE name LIKE 'erased/%'",
    ] {
        assert_eq!(behind.texts(sql), ["已删除个人信息的成员"], "{sql}");
    }
    assert_eq!(ok(world.nobody().get(&trade.path(""))).json["award"]["winner"], "01");
    let page = ok(world.sign_in("trader").get(&trade.path("/enrolments")));
    assert!(page.text.contains("已删除个人信息的成员") && page.text.contains("陈B"), "{page:?}");
});

// A proof of a priority and a paper that shows the conditions are met go with who handed them in; those of others stay.
both_backends!(the_papers_of_whoever_is_erased_are_destroyed, |world| {
    let mut terms = crate::methods::draft(world, json!({}));
    terms["priority"] = json!("");
    terms["priority_kinds"] = json!(["member"]);
    terms["qualification"] = json!("before");
    terms["qualification_papers"] = json!("营业执照");
    let trade = crate::methods::published(world, &terms);
    let mut papers = Vec::new();
    for (order, name) in [(1, "A"), (2, "B")] {
        let made = ok(trade.enrol(name, order, ""));
        ok(trade.pay(made.id(), &format!("陈{name}"), &format!("bank-{name}")));
        let right = ok(crate::priority::claims(&trade.as_(name), &trade.lot, "member")).id().to_owned();
        let paper = ok(crate::qualification::hands_in(&trade.as_(name), &trade.lot, name)).id().to_owned();
        let look = json!({"remark": made.json["remark"], "reason": "审查资格材料"});
        ok(trade.as_("trader").post(&trade.path("/enrolments/file"), &look));
        ok(crate::qualification::passes(&trade.as_("trader"), &paper));
        papers
            .push([format!("/api/v1/priority-rights/{right}/proof"), format!("/api/v1/qualifications/{paper}/paper")]);
    }
    ok(trade.bid("B", "09:31:00", "700.00"));
    // A paddle that was raised stays with its bid: it holds a number and accounts, and no value of a person.
    let code = crate::paddles::paddle(&trade, "A");
    let desk = trade.as_("trader");
    ok(desk.post(&trade.path("/hall-paddles/check-in"), &json!({"number": "01", "code": code})));
    ok(desk.post(&trade.path("/hall-bids"), &json!({"number": "01", "amount": "710.00"})));
    world.set_time("2026-03-11T10:00:01+08:00");
    assert_eq!(trade.close(), 1);
    let clerk = world.sign_in(&format!("clerk-{SHANGXIANG}"));
    let new = json!({"collective_code": SHANGXIANG, "household_number": "0001", "name": "陈A",
        "id_number": crate::trading::resident_id(1), "relation": "户主", "ground": "original", "basis": "决议", "acquired_on": "1991-06-30"});
    let person = ok(clerk.post("/api/v1/members", &new)).json["person_id"].as_str().unwrap().to_owned();
    let mut behind = Behind::of(world);
    let lengths = |behind: &mut Behind| -> Vec<String> {
        behind.texts(
            "SELECT CASE WHEN length(c.sealed) > 0 THEN 'kept' ELSE 'gone' END AS v FROM documents d \
             JOIN document_contents c ON c.sha256 = d.sha256 JOIN (SELECT document_id, enrolment_id FROM priority_rights \
             UNION ALL SELECT document_id, enrolment_id FROM qualification_papers) p ON p.document_id = d.id \
             JOIN enrolments e ON e.id = p.enrolment_id ORDER BY e.bid_number",
        )
    };
    assert_eq!(lengths(&mut behind), ["kept"; 4], "before the erasure");
    let seen = |path: &str| trade.as_("trader").get(path).status;
    assert!(papers.iter().flatten().all(|path| seen(path) == 200));
    let note = "SELECT q.note AS v FROM qualification_papers q JOIN enrolments e ON e.id = q.enrolment_id ORDER BY e.bid_number";
    assert_eq!(behind.texts(note), ["证照一致"; 2]);
    let repeated = world.app.db.write_now(xiangji::db::Lane::Any, move |tx| {
        xiangji::erasures::repeat(tx, &xiangji::kernel::Id::from_trusted(&*person))
    });
    assert!(repeated.unwrap().is_some());
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
    assert_eq!(lengths(&mut behind), ["gone", "gone", "kept", "kept"]);
    assert_eq!(behind.texts("SELECT state AS v FROM hall_paddles"), ["in_hall"]);
    assert_eq!(ok(world.nobody().get(&trade.path("/bids"))).json["items"][0]["via"], "hall");
    assert_eq!(papers.concat().iter().map(|path| seen(path)).collect::<Vec<_>>(), [404, 404, 200, 200]);
    assert_eq!(behind.texts(note), ["", "证照一致"]);
    let titles = "SELECT title AS v FROM documents WHERE visibility = 'proof' AND length = 0";
    assert_eq!(behind.texts(titles), ["已删除个人信息的成员", "已删除个人信息的成员"]);
    let dir = tempfile::tempdir().unwrap();
    let rebuilt = world.app.db.read_now(|rx| log::rebuild(rx, &app::logged_tables(), dir.path())).unwrap();
    assert!(rebuilt.iter().all(log::Rebuilt::is_same), "{rebuilt:?}");
});

both_backends!(whoever_bid_together_with_others_is_erased_with_it, |world| {
    crate::notices::people(world);
    let trade = crate::enrolment::pond(world, true);
    let mut body = crate::enrolment::form(1, "陈A");
    (body["share"], body["partners"]) = (json!("60"), json!([crate::enrolment::partner(2, "陈B", "40")]));
    let made = ok(crate::enrolment::enrol(&trade, "A", &body));
    ok(crate::enrolment::agree(&trade, "B", &made.json["partners"][0]["code"], 2));
    ok(trade.pay(made.id(), "陈A", "bank-A"));
    ok(trade.bid("A", "09:31:00", "700.00"));
    world.set_time("2026-03-11T10:00:01+08:00");
    assert_eq!(trade.close(), 1);
    let clerk = world.sign_in(&format!("clerk-{SHANGXIANG}"));
    let new = json!({"collective_code": SHANGXIANG, "household_number": "0001", "name": "陈B",
        "id_number": crate::trading::resident_id(2), "relation": "户主", "ground": "original", "basis": "决议", "acquired_on": "1991-06-30"});
    let person = ok(clerk.post("/api/v1/members", &new)).json["person_id"].as_str().unwrap().to_owned();
    let refused = clerk.post(&format!("/api/v1/persons/{person}/erasure"), &json!({"ground": "asked_by_person"}));
    assert_eq!(refused.code(), "must_be_kept", "{refused:?}");
    let repeated = world.app.db.write_now(xiangji::db::Lane::Any, move |tx| {
        xiangji::erasures::repeat(tx, &xiangji::kernel::Id::from_trusted(&*person))
    });
    assert!(repeated.unwrap().is_some());
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
    let mut behind = Behind::of(world);
    for sql in [
        "SELECT name AS v FROM joint_bidders",
        "SELECT winner_name AS v FROM awards",
        "SELECT display_name AS v FROM accounts WHERE name LIKE 'erased/%'",
    ] {
        assert_eq!(behind.texts(sql), ["已删除个人信息的成员"], "{sql}");
    }
    assert_eq!(behind.texts("SELECT name AS v FROM enrolments"), ["陈A"], "the lead stays");
});

both_backends!(what_is_kept_gives_way_to_an_erasure_and_to_nothing_else, |world| {
    let (clerk, officer) = village(world);
    let (_, gone) = departed(&clerk, 1);
    let (_, stays) = departed(&clerk, 2);
    let mut behind = Behind::of(world);
    behind.exec("CREATE TABLE yesterday AS SELECT * FROM log_payloads");
    erase(&clerk, &officer, &gone);
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
    let blob = |text: &str| match Behind::of(world) {
        Behind::Sqlite(_) => format!("CAST('{text}' AS BLOB)"),
        Behind::Postgres(_) => format!("convert_to('{text}', 'UTF8')"),
    };
    let text = match behind {
        Behind::Sqlite(_) => "CAST(states AS TEXT)",
        Behind::Postgres(_) => "convert_from(states, 'UTF8')",
    };
    let one = |behind: &mut Behind, sql: &str| behind.texts(sql).first().cloned().unwrap();
    let erasing = one(&mut behind, "SELECT CAST(seq AS TEXT) AS v FROM log_entries WHERE kind = 'person.erased'");
    let of = |behind: &mut Behind, person: &str| {
        let sql = format!(
            "SELECT CAST(min(p.seq) AS TEXT) AS v FROM log_payloads p JOIN log_subjects s ON s.seq = p.seq WHERE s.subject = 'person/{person}'"
        );
        let seq = one(behind, &sql);
        let states = one(behind, &format!("SELECT {text} AS v FROM log_payloads WHERE seq = {seq}"));
        (seq, states)
    };
    let (kept_at, kept) = of(&mut behind, &stays);
    let (_, erased) = of(&mut behind, &gone);
    assert!(erased.contains(&format!("{{\"erased\":{erasing}}}")) && kept.contains(&name(2)), "{erased} {kept}");
    // The states of the one who stays, as somebody would like them to be.
    let states: Vec<Box<serde_json::value::RawValue>> = serde_json::from_str(&kept).unwrap();
    let with_first = |first: &str| {
        let rest: Vec<&str> = states.iter().skip(1).map(|s| s.get()).collect();
        format!("[{}]", [&[first][..], &rest].concat().join(","))
    };
    let update = |to: &str| format!("UPDATE log_payloads SET states = {} WHERE seq = {kept_at}", blob(to));
    let url = &world.app.config.database_url;
    let forged = [
        with_first("{\"erased\":1}"),
        with_first("{\"erased\":999999}"),
        with_first(&format!("{{\"erased\":{erasing},\"x\":1}}")),
        with_first("null"),
        with_first(&states[0].get().replace(&name(2), "别人")),
        "[]".to_owned(),
    ];
    for to in &forged {
        assert!(xiangji::db::execute(url, &update(to)).is_err(), "{to} was allowed");
    }
    assert!(xiangji::db::execute(url, &format!("DELETE FROM log_payloads WHERE seq = {kept_at}")).is_err());
    assert!(xiangji::db::execute(url, &format!("UPDATE log_payloads SET seq = 99 WHERE seq = {kept_at}")).is_err());
    // The trigger lets a tombstone of some erasure pass; that it names the row is for `verify` to say.
    behind.drop_triggers();
    for to in forged.iter().chain([&with_first(&format!("{{\"erased\":{erasing}}}"))]) {
        let seen = behind.undone(&["log_payloads"], &update(to), || faults(world));
        assert!(
            seen.iter().any(|f| f.table == "log_payloads" && f.key == kept_at && f.index.is_some()) && seen.len() == 1,
            "{to}: {seen:?}"
        );
    }
    // And an erased person's states, put back from a copy.
    let back = "UPDATE log_payloads SET states = (SELECT y.states FROM yesterday y WHERE y.seq = log_payloads.seq) \
                WHERE seq IN (SELECT seq FROM yesterday)";
    let seen = behind.undone(&["log_payloads"], back, || faults(world));
    assert!(!seen.is_empty() && seen.iter().all(|f| f.what == log::Wrong::StillKept.into()), "{seen:?}");
    assert_eq!(faults(world), []);
});

#[test]
fn who_was_erased_is_erased_again_in_a_copy_that_is_put_back() {
    let world = World::sqlite();
    let (clerk, officer) = village(&world);
    let (_, gone) = departed(&clerk, 1);
    world.app.integrate_log().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (old, alone) = (path("old.db"), path("alone.db"));
    assert!(run(&world, &["backup", &old]).status.success());
    erase(&clerk, &officer, &gone);
    assert!(run(&world, &["backup", &alone]).status.success());
    std::fs::copy(&world.app.config.keys, path("alone.keys")).unwrap();
    drop(world);
    let call = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_xiangji"));
        command.args(arguments).env("XIANGJI_DATABASE_URL", format!("sqlite://{alone}")).output().unwrap()
    };
    let names = || Behind::open(&format!("sqlite://{alone}")).texts("SELECT name AS v FROM persons");
    let bytes = |file: &str| std::fs::read(file).unwrap();
    let holds = |file: &str| bytes(file).windows(name(1).len()).any(|w| w == name(1).as_bytes());
    assert!(holds(&old), "an old copy keeps what it has");
    let restored = call(&["restore", &old]);
    assert!(restored.status.success() && out(&restored).contains(&format!("erased again: {gone}")), "{restored:?}");
    assert_eq!(names(), ["已删除个人信息的成员"]);
    assert!(!holds(&alone));
    assert!(call(&["verify"]).status.success());
    // Where nothing is there that could say who was erased, the command says what is to be done.
    std::fs::remove_file(&alone).unwrap();
    let restored = call(&["restore", &old]);
    assert!(restored.status.success() && out(&restored).contains("must be erased again"), "{restored:?}");
    assert_eq!(names(), [name(1)]);
}
