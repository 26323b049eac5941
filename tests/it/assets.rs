//! The ledger of assets: registering, changing, finding, summing, importing.

use serde_json::{Value, json};
use xiangji::access::Role;

use crate::{
    both_backends,
    support::app::{Answer, Client, DURUAN, LONGXI, SHANGXIANG, World},
};

fn pond() -> Value {
    json!({"name": "龙门里 3 号鱼塘", "kind": "resource", "class": "pond", "area": "15666.67", "location": "上巷村龙门里", "state": "idle"})
}

fn shop(code: &str, quantified: &str) -> Value {
    json!({"code": code, "name": "市场东侧铺位", "kind": "operating", "class": "shop", "area": "48.00", "location": "上巷村市场东侧",
        "original_value": "100000.00", "net_value": "60000.00", "quantified": quantified, "state": "leased"})
}

fn villages(world: &World) {
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    world.village(LONGXI, "龙溪村股份合作经济联合社");
}

fn put(client: &Client<'_>, path: &str, version: i64, body: &Value) -> Answer {
    let tag = format!("\"{version}\"");
    let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
    client.send("PUT", path, &headers, Some(body.to_string().into_bytes()))
}

both_backends!(an_asset_is_registered_changed_and_never_lost, |world| {
    villages(world);
    let clerk = world.clerk(SHANGXIANG);
    let made = clerk.post("/api/v1/assets", &pond());
    assert_eq!((made.status, made.header("etag")), (201, Some("\"1\"")), "{made:?}");
    assert_eq!(
        (made.json["collective_code"].as_str(), made.json["quantified"].as_str()),
        (Some(SHANGXIANG), Some("0.00"))
    );
    assert!(made.json["log_entry"].is_i64());
    let path = format!("/api/v1/assets/{}", made.id());

    let mut leased = pond();
    leased["state"] = json!("leased");
    assert_eq!(
        clerk.send("PUT", &path, &[("content-type", "application/json")], Some(leased.to_string().into_bytes())).status,
        428
    );
    world.pass_s(60);
    let changed = put(&clerk, &path, 1, &leased);
    assert_eq!(
        (changed.status, changed.header("etag"), changed.json["state"].as_str()),
        (200, Some("\"2\""), Some("leased")),
        "{changed:?}"
    );
    assert_ne!(changed.json["updated_at"], changed.json["created_at"]);
    assert_eq!(put(&clerk, &path, 1, &leased).code(), "version_stale");
    let seen = clerk.get(&path);
    assert_eq!((seen.status, seen.header("etag"), &seen.json["area"]), (200, Some("\"2\""), &json!("15666.67")));
    assert_eq!(clerk.send("DELETE", &path, &[("if-match", "\"2\"")], None).status, 405, "nothing is deleted");
});

both_backends!(what_is_wrong_is_named_field_by_field, |world| {
    villages(world);
    let clerk = world.clerk(SHANGXIANG);
    let refused = |change: fn(&mut Value)| {
        let mut body = shop("A", "0.00");
        change(&mut body);
        let answer = clerk.post("/api/v1/assets", &body);
        assert_eq!((answer.status, answer.code()), (422, "invalid_fields"), "{answer:?}");
        answer.json["fields"][0]["pointer"].as_str().unwrap().to_owned()
    };
    assert_eq!(refused(|b| b["original_value"] = json!("100.000")), "/original_value");
    assert_eq!(refused(|b| b["original_value"] = json!("99999999999999999999.00")), "/original_value");
    assert_eq!(refused(|b| b["net_value"] = json!("100000.01")), "/net_value");
    assert_eq!(refused(|b| b["area"] = json!(48)), "/area");
    assert_eq!(refused(|b| b["kind"] = json!("resource")), "/kind");
    assert_eq!(refused(|b| b["class"] = json!("spaceship")), "/class");
    assert_eq!(refused(|b| b["name"] = json!(" ")), "/name");
    assert_eq!(refused(|b| b["collective_code"] = json!(LONGXI)), "/collective_code");
    assert_eq!(refused(|b| b["collective_code"] = json!("x")), "/collective_code");
    assert_eq!(refused(|b| b["photo"] = json!("doc_none")), "/photo");
    assert_eq!(clerk.get("/api/v1/assets").json["items"], json!([]), "nothing was written");
    assert_eq!(clerk.post("/api/v1/assets", &shop("A", "0.00")).status, 201);
    let taken = clerk.post("/api/v1/assets", &shop("A", "0.00"));
    assert_eq!(
        (taken.status, taken.code(), taken.json["fields"][0]["pointer"].as_str()),
        (409, "asset_code_taken", Some("/code"))
    );
});

both_backends!(another_village_sees_nothing_and_not_everybody_writes, |world| {
    villages(world);
    let clerk = world.clerk(SHANGXIANG);
    let made = clerk.post("/api/v1/assets", &pond());
    let path = format!("/api/v1/assets/{}", made.id());
    let other = world.clerk(LONGXI);
    assert_eq!(other.get(&path).code(), "not_found");
    assert_eq!(put(&other, &path, 1, &pond()).code(), "not_found");
    assert_eq!(other.get("/api/v1/assets").json["items"], json!([]));
    let officer = world.actor(Role::TownshipOfficer, DURUAN, "officer");
    assert_eq!(officer.get(&path).status, 200);
    assert_eq!(officer.post("/api/v1/assets", &pond()).status, 403);
    assert_eq!(world.actor(Role::Bidder, DURUAN, "bidder").get(&path).status, 403);
    assert_eq!(world.nobody().get(&path).status, 401);
});

both_backends!(lists_are_filtered_searched_and_paged, |world| {
    villages(world);
    let clerk = world.clerk(SHANGXIANG);
    for n in 1..=5 {
        assert_eq!(clerk.post("/api/v1/assets", &shop(&format!("JY-{n}"), "0.00")).status, 201);
        world.pass_s(1);
    }
    clerk.post("/api/v1/assets", &pond());
    let names = |query: &str| {
        let answer = clerk.get(&format!("/api/v1/assets?{query}"));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json["items"].as_array().unwrap().len()
    };
    assert_eq!((names(""), names("kind=resource"), names("class=shop"), names("state=idle")), (6, 1, 5, 1));
    assert_eq!((names("q=JY-3"), names("q=%E9%BE%99%E9%97%A8"), names("q=%25"), names("q=_")), (1, 1, 0, 0));
    assert_eq!((names(&format!("collective={SHANGXIANG}")), names(&format!("collective={LONGXI}"))), (6, 0));
    let first = clerk.get("/api/v1/assets?limit=4").json;
    let rest = clerk.get(&format!("/api/v1/assets?limit=4&after={}", first["next"].as_str().unwrap())).json;
    assert_eq!((first["items"].as_array().unwrap().len(), rest["items"].as_array().unwrap().len()), (4, 2));
    assert_eq!(rest["next"], Value::Null);
    assert_eq!(clerk.get("/api/v1/assets?kind=treasure").status, 422);
});

both_backends!(the_quantified_sum_is_exact_for_each_collective_and_together, |world| {
    villages(world);
    let (one, two) = (world.clerk(SHANGXIANG), world.clerk(LONGXI));
    assert_eq!(one.post("/api/v1/assets", &shop("1", "4594455000.01")).status, 201);
    assert_eq!(one.post("/api/v1/assets", &pond()).status, 201);
    assert_eq!(two.post("/api/v1/assets", &shop("1", "3086760499.99")).status, 201);
    let mut gone = shop("2", "5.00");
    gone["state"] = json!("disposed");
    assert_eq!(two.post("/api/v1/assets", &gone).status, 201);
    let officer = world.actor(Role::TownshipOfficer, DURUAN, "officer");
    let all = officer.get("/api/v1/assets/totals").json;
    assert_eq!(all["quantified"], "7681215500.00", "what is disposed of does not count: {all}");
    assert_eq!(all["collectives"][0], json!({"collective_code": LONGXI, "count": 1, "quantified": "3086760499.99"}));
    assert_eq!(
        all["kinds"][0],
        json!({"kind": "resource", "count": 1, "area": "15666.67", "original_value": "0.00", "net_value": "0.00", "quantified": "0.00"})
    );
    assert_eq!(one.get("/api/v1/assets/totals").json["quantified"], "4594455000.01");
    assert_eq!(officer.get(&format!("/api/v1/assets/totals?collective={LONGXI}")).json["quantified"], "3086760499.99");
});

const LIST: &str = "资产编码,资产名称,资产类别,面积,坐落,原值(万元),量化金额,使用状况\nA1,铺位一,商铺,48,市场,10,80000,出租\nA2,鱼塘,鱼塘,23.5亩,龙门里,,,空置\n";

both_backends!(a_list_is_shown_first_and_written_after_its_confirmation, |world| {
    villages(world);
    let clerk = world.clerk(SHANGXIANG);
    let upload = |client: &Client<'_>, bytes: &[u8]| {
        client.send("POST", "/api/v1/assets/imports", &[("content-type", "text/csv")], Some(bytes.to_vec()))
    };
    let preview = upload(&clerk, LIST.as_bytes());
    assert_eq!(
        (preview.status, &preview.json["report"]["rows"], &preview.json["report"]["refused"]),
        (200, &json!(2), &json!([])),
        "{preview:?}"
    );
    assert_eq!(preview.json["kinds"][1]["quantified"], "80000.00");
    assert_eq!(clerk.get("/api/v1/assets").json["items"], json!([]), "nothing is written before the confirmation");
    let path = format!("/api/v1/assets/imports/{}", preview.id());
    assert_eq!(clerk.get(&path).json["sample"][1]["area"], "15666.67");
    let colleague = world.actor(Role::Clerk, SHANGXIANG, "colleague");
    assert_eq!(
        colleague.post(&format!("{path}/confirm"), &json!({})).code(),
        "upload_gone",
        "only who brought it confirms it"
    );
    let done = clerk.post(&format!("{path}/confirm"), &json!({}));
    assert_eq!((done.status, &done.json["count"]), (201, &json!(2)), "{done:?}");
    assert_eq!(clerk.post(&format!("{path}/confirm"), &json!({})).code(), "upload_gone", "once");
    assert_eq!(clerk.get("/api/v1/assets/totals").json["quantified"], "80000.00");

    let again = upload(&clerk, LIST.as_bytes());
    assert_eq!(again.json["report"]["refused"][0]["column"], "A 资产编码", "the code is on record by now");
    let refused = clerk.post(&format!("/api/v1/assets/imports/{}/confirm", again.id()), &json!({}));
    assert_eq!((refused.status, refused.code()), (422, "asset_import_refused"));
    assert_eq!(clerk.get("/api/v1/assets").json["items"].as_array().unwrap().len(), 2);
    let (gb18030, _, _) = encoding_rs::GB18030.encode("资产名称,资产类别,面积,坐落\n山地,林地,3亩,后山\n");
    assert_eq!(upload(&clerk, &gb18030).json["report"]["refused"], json!([]));
    for (bytes, code) in [
        (&b""[..], "sheet_unreadable"),
        (b"PK\x03\x04broken", "sheet_unreadable"),
        ("甲,乙\n1,2\n".as_bytes(), "sheet_headers"),
    ] {
        let answer = upload(&clerk, bytes);
        assert_eq!((answer.code(), answer.status), (code, 422), "{answer:?}");
    }
    assert_eq!(upload(&world.actor(Role::Auditor, DURUAN, "auditor"), LIST.as_bytes()).status, 403);
});
