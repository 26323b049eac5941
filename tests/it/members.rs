//! Members: registering, correcting, moving, ending, finding; rosters by file.

use serde_json::{Value, json};
use xiangji::access::Role;

use crate::{
    both_backends,
    support::app::{Answer, Client, DURUAN, LONGXI, SHANGXIANG, World},
};

/// An ID number that passes, born 1985-01-01, by its order digits (odd: male).
fn id_number(order: u32) -> String {
    let body = format!("44070319850101{order:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.chars().zip(weights).map(|(c, w)| c.to_digit(10).unwrap() * w).sum();
    format!("{body}{}", "10X98765432".chars().nth((sum % 11) as usize).unwrap())
}

fn member(name: &str, order: u32, household: &str, relation: &str) -> Value {
    json!({
        "collective_code": SHANGXIANG, "household_number": household, "name": name, "id_number": id_number(order),
        "phone": "13800005678", "relation": relation, "ground": "original", "basis": "2018年6月30日成员大会决议",
        "acquired_on": "2018-06-30",
    })
}

fn villages(world: &World) {
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    world.village(LONGXI, "龙溪村股份合作经济联合社");
}

fn made(answer: &Answer) -> &Answer {
    assert_eq!(answer.status, 201, "{answer:?}");
    answer
}

fn names(answer: &Answer) -> Vec<&str> {
    answer.json["items"].as_array().unwrap().iter().map(|m| m["name"].as_str().unwrap()).collect()
}

fn bring(client: &Client<'_>, query: &str, file: &[u8]) -> Answer {
    client.send("POST", &format!("/api/v1/members/imports{query}"), &[], Some(file.to_vec()))
}

both_backends!(a_member_is_registered_found_and_shown_masked, |world| {
    villages(world);
    let clerk = world.clerk(SHANGXIANG);
    let head = clerk.post("/api/v1/members", &member("张三丰", 1, "0001", "户主"));
    made(&head);
    world.pass_s(1);
    made(&clerk.post("/api/v1/members", &member("黄𠅤", 2, "0001", "妻")));
    assert_eq!((head.header("etag"), head.json["sex"].as_str()), (Some("\"1\""), Some("male")));
    assert_eq!(head.json["id_number_masked"], format!("4407**********{}", &id_number(1)[14..]));
    assert_eq!(head.json["phone_masked"], "138****5678");
    assert!(!head.text.contains(&id_number(1)) && !head.text.contains("13800005678"));

    assert_eq!(names(&clerk.get("/api/v1/members")), ["张三丰", "黄𠅤"]);
    assert_eq!(names(&clerk.get("/api/v1/members?name=%E4%B8%89")), ["张三丰"], "a part of the name");
    assert_eq!(names(&clerk.get("/api/v1/members?name=%25")), [""; 0], "a percent sign is only itself");
    let by_id = clerk.post("/api/v1/members/search", &json!({"id_number": id_number(2)}));
    assert_eq!(names(&by_id), ["黄𠅤"], "{by_id:?}");
    assert_eq!(names(&clerk.post("/api/v1/members/search", &json!({"phone": "138 0000 5678"}))).len(), 2);
    assert_eq!(names(&clerk.post("/api/v1/members/search", &json!({"id_number": id_number(3)}))), [""; 0]);
    assert_eq!(clerk.post("/api/v1/members/search", &json!({"id_number": "44"})).status, 422);

    let household = format!("/api/v1/households/{}", head.json["household_id"].as_str().unwrap());
    let seen = clerk.get(&household);
    assert_eq!((seen.json["head_name"].as_str(), seen.json["members"].as_i64()), (Some("张三丰"), Some(2)), "{seen:?}");
    assert_eq!(seen.json["people"].as_array().unwrap().len(), 2);

    // Another village's record looks like one that does not exist.
    let other = world.clerk(LONGXI);
    for path in [
        household.clone(),
        format!("/api/v1/members/{}", head.id()),
        format!("/api/v1/persons/{}", head.json["person_id"].as_str().unwrap()),
    ] {
        assert_eq!((clerk.get(&path).status, other.get(&path).status), (200, 404), "{path}");
    }
    assert_eq!(names(&other.get("/api/v1/members")), [""; 0]);
    assert_eq!(names(&other.post("/api/v1/members/search", &json!({"id_number": id_number(2)}))), [""; 0]);
    let officer = world.actor(Role::TownshipOfficer, DURUAN, "officer");
    assert_eq!(names(&officer.get("/api/v1/members")).len(), 2);
    assert_eq!(officer.post("/api/v1/members", &member("李四", 5, "0002", "户主")).status, 403);
});

both_backends!(every_wrong_field_is_named_at_once, |world| {
    villages(world);
    let clerk = world.clerk(SHANGXIANG);
    let wrong = json!({
        "collective_code": LONGXI, "household_number": "", "name": "123", "id_number": "440703199001011234",
        "phone": "12", "relation": "朋友", "ground": "买来", "basis": " ", "acquired_on": "2030-01-01",
    });
    let refused = clerk.post("/api/v1/members", &wrong);
    assert_eq!((refused.status, refused.code()), (422, "invalid_fields"));
    let fields: Vec<&str> =
        refused.json["fields"].as_array().unwrap().iter().map(|f| f["pointer"].as_str().unwrap()).collect();
    assert_eq!(
        fields,
        [
            "/collective_code",
            "/household_number",
            "/name",
            "/id_number",
            "/phone",
            "/relation",
            "/ground",
            "/basis",
            "/acquired_on"
        ]
    );
    assert!(!refused.text.contains("440703199001011234"), "a wrong number is masked too");
    assert_eq!(names(&clerk.get("/api/v1/members")), [""; 0]);
});

both_backends!(one_person_belongs_to_one_collective, |world| {
    villages(world);
    let (clerk, other) = (world.clerk(SHANGXIANG), world.clerk(LONGXI));
    let first = clerk.post("/api/v1/members", &member("张三", 1, "0001", "户主"));
    made(&first);
    assert_eq!(clerk.post("/api/v1/members", &member("张三", 1, "0002", "户主")).code(), "already_member");
    let mut elsewhere = member("张三", 1, "0001", "户主");
    elsewhere["collective_code"] = json!(LONGXI);
    let refused = other.post("/api/v1/members", &elsewhere);
    assert_eq!(refused.code(), "member_elsewhere");
    assert!(!refused.text.contains(SHANGXIANG) && !refused.text.contains("上巷"), "it does not say where");
    assert_eq!(clerk.post("/api/v1/members", &member("李四", 3, "0001", "户主")).code(), "household_has_head");

    let path = format!("/api/v1/members/{}/end", first.id());
    let end = |cause: &str| {
        clerk.post(&path, &json!({"cause": cause, "basis": "转出证明", "lost_on": "2026-03-01", "retained_until": ""}))
    };
    assert_eq!(end("因结婚").code(), "loss_cause_forbidden");
    assert_eq!(end("欠租").code(), "invalid_fields");
    let ended = end("other_collective");
    made(&ended);
    assert_eq!(
        (ended.json["state"].as_str(), ended.json["loss"]["cause"].as_str()),
        (Some("lost"), Some("other_collective"))
    );
    assert_eq!(end("death").code(), "membership_ended");
    made(&other.post("/api/v1/members", &elsewhere));
    // The record of the ended membership stays.
    assert_eq!(names(&clerk.get("/api/v1/members")), [""; 0]);
    assert_eq!(names(&clerk.get("/api/v1/members?state=lost")), ["张三"]);
    let household = clerk.get(&format!("/api/v1/households/{}", first.json["household_id"].as_str().unwrap()));
    assert_eq!(household.json["head_name"], Value::Null);
    assert_eq!(household.json["people"].as_array().unwrap().len(), 1);
});

both_backends!(corrections_and_moves_keep_what_was, |world| {
    villages(world);
    let clerk = world.clerk(SHANGXIANG);
    let head = clerk.post("/api/v1/members", &member("张山", 1, "0001", "户主"));
    let son = clerk.post("/api/v1/members", &member("张小", 3, "0001", "子"));
    let person = format!("/api/v1/persons/{}", head.json["person_id"].as_str().unwrap());
    let correction = json!({"name": "张三", "phone": "", "reason": "对照户口簿更正"});
    let version = serde_json::json!(correction);
    let bare =
        clerk.send("PATCH", &person, &[("content-type", "application/json")], Some(version.to_string().into_bytes()));
    assert_eq!(bare.status, 428);
    assert_eq!(clerk.patch(&person, 7, &correction).status, 412);
    assert_eq!(clerk.patch(&person, 1, &json!({"name": "张三", "reason": ""})).json["fields"][0]["pointer"], "/reason");
    let corrected = clerk.patch(&person, 1, &correction);
    assert_eq!((corrected.status, corrected.header("etag")), (200, Some("\"2\"")), "{corrected:?}");
    assert_eq!((&corrected.json["name"], &corrected.json["former"][0]["name"]), (&json!("张三"), &json!("张山")));
    assert_eq!(corrected.json["memberships"][0]["phone_masked"], Value::Null);

    let path = format!("/api/v1/members/{}", son.id());
    let moved = clerk.patch(&path, 1, &json!({"household_number": "0002", "relation": "户主", "reason": "分户"}));
    assert_eq!((moved.status, moved.json["household_number"].as_str()), (200, Some("0002")), "{moved:?}");
    let households = clerk.get("/api/v1/households");
    let shown: Vec<(&str, &str, i64)> = households.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|h| {
            (h["number"].as_str().unwrap(), h["head_name"].as_str().unwrap_or("-"), h["members"].as_i64().unwrap())
        })
        .collect();
    assert_eq!(shown, [("0001", "张三", 1), ("0002", "张小", 1)]);
});

both_backends!(a_look_at_a_sealed_value_takes_a_reason_and_goes_on_record, |world| {
    villages(world);
    let clerk = world.clerk(SHANGXIANG);
    let made = clerk.post("/api/v1/members", &member("张三", 1, "0001", "户主"));
    let path = format!("/api/v1/persons/{}/reveal", made.json["person_id"].as_str().unwrap());
    let look =
        |client: &Client<'_>, field: &str, reason: &str| client.post(&path, &json!({"field": field, "reason": reason}));
    assert_eq!(look(&clerk, "id_number", " ").json["fields"][0]["pointer"], "/reason");
    assert_eq!(look(&clerk, "salary", "核对").json["fields"][0]["pointer"], "/field");
    let seen = look(&clerk, "id_number", "核对证件");
    assert_eq!((seen.status, seen.json["value"].as_str()), (201, Some(id_number(1).as_str())), "{seen:?}");
    assert_eq!(seen.header("cache-control"), Some("no-store"));
    assert_eq!(look(&clerk, "address", "核对住址").json["value"], Value::Null);
    assert_eq!(look(&world.clerk(LONGXI), "id_number", "好奇").status, 404);
    let supervisor = world.actor(Role::Supervisor, SHANGXIANG, "supervisor");
    assert_eq!(look(&supervisor, "id_number", "好奇").status, 403);
});

both_backends!(a_roster_is_previewed_and_then_written_whole, |world| {
    villages(world);
    let clerk = world.clerk(SHANGXIANG);
    let text = format!(
        "上巷村成员名册,,,\r\n户编号,户主,成员姓名,性别,与户主关系,公民身份号码,联系电话\r\n\
         0001,张三,张三,男,户主,{},13800005678\r\n,,王五,女,妻,{},\r\n0002,李四,李四,男,02,{},0750-1234567\r\n合计,,3,,,,\r\n",
        id_number(1),
        id_number(2),
        id_number(3)
    );
    let (gb18030, _, _) = encoding_rs::GB18030.encode(&text);
    let preview = bring(&clerk, "?basis=2019%E5%B9%B4%E5%86%B3%E8%AE%AE&ground=original", &gb18030);
    assert_eq!((preview.status, preview.json["ready"].as_bool()), (200, Some(true)), "{preview:?}");
    assert_eq!((preview.json["members"].as_i64(), preview.json["households"].as_i64()), (Some(3), Some(2)));
    assert_eq!(names(&clerk.get("/api/v1/members")), [""; 0], "nothing is written before the confirmation");

    let path = format!("/api/v1/members/imports/{}", preview.id());
    assert_eq!(clerk.get(&path).json["members"], 3);
    assert_eq!(world.clerk(LONGXI).get(&path).code(), "upload_gone", "somebody else's file");
    let confirm = format!("{path}/confirm");
    assert_eq!(made(&clerk.post(&confirm, &json!({}))).json["members"], 3);
    assert_eq!(clerk.post(&confirm, &json!({})).code(), "upload_gone", "a file is written once");
    let list = clerk.get("/api/v1/members");
    assert_eq!(names(&list), ["张三", "王五", "李四"], "in the order of the file");
    assert_eq!(
        (&list.json["items"][1]["basis"], &list.json["items"][1]["ground"]),
        (&json!("2019年决议"), &json!("original"))
    );

    // The same roster again: every row is refused, and so is a confirmation.
    let again = bring(&clerk, "", text.as_bytes());
    assert_eq!((again.json["ready"].as_bool(), again.json["causes"][0]["count"].as_i64()), (Some(false), Some(3)));
    let refused = clerk.post(&format!("/api/v1/members/imports/{}/confirm", again.id()), &json!({}));
    assert_eq!((refused.status, refused.code()), (422, "import_refused"));
    assert_eq!(names(&clerk.get("/api/v1/members")).len(), 3);
});

both_backends!(one_refused_row_keeps_the_whole_roster_out, |world| {
    villages(world);
    let clerk = world.clerk(SHANGXIANG);
    let bad = "440703199001011234";
    let text = format!("姓名,身份证号,关系\n张三,{},户主\n李四,{bad},子\n", id_number(1));
    let preview = bring(&clerk, "", text.as_bytes());
    let fault = &preview.json["report"]["refused"][0];
    assert_eq!((fault["row"].as_i64(), fault["column"].as_str()), (Some(3), Some("B 身份证号")), "{preview:?}");
    assert_eq!(fault["seen"], "4407**********1234");
    assert!(!preview.text.contains(bad));
    let refused = clerk.post(&format!("/api/v1/members/imports/{}/confirm", preview.id()), &json!({}));
    assert_eq!(refused.code(), "import_refused");
    assert_eq!(names(&clerk.get("/api/v1/members")), [""; 0]);

    for (file, code) in [
        (&b""[..], "sheet_unreadable"),
        (b"PK\x03\x04 not a workbook", "sheet_unreadable"),
        (b"a,b\n1,2\n", "sheet_headers"),
        (b"\xd0\xcf\x11\xe0", "sheet_unreadable"),
    ] {
        let answer = bring(&clerk, "", file);
        assert_eq!((answer.status, answer.code()), (422, code), "{answer:?}");
    }
    let elsewhere = bring(&clerk, &format!("?collective={LONGXI}"), text.as_bytes());
    assert_eq!(elsewhere.status, 404);
    assert_eq!(bring(&clerk, "?acquired_on=2026-02-30", text.as_bytes()).json["fields"][0]["pointer"], "/acquired_on");
});
