//! The register of contracts: registering, changing, warning, finding, importing.

use serde_json::{Value, json};
use xiangji::access::Role;

use crate::{
    both_backends,
    support::app::{Answer, Client, DURUAN, LONGXI, SHANGXIANG, World},
};

fn lease() -> Value {
    json!({"code": "HT-001", "name": "市场东侧铺位租赁合同", "kind": "lease", "subject": "市场东侧铺位", "lessee": "梁国栋", "lessee_kind": "person",
        "signed_on": "2025-12-20", "starts_on": "2026-01-01", "ends_on": "2030-12-31", "quantity": "48", "unit": "平方米",
        "annual_rent": "12000.00", "total": "60000.00", "method": "open_bidding", "payment_terms": "每年一月十日前", "state": "running"})
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

both_backends!(a_contract_is_registered_changed_and_kept_to_its_village, |world| {
    villages(world);
    let (clerk, neighbour) = (world.clerk(SHANGXIANG), world.clerk(LONGXI));
    let made = clerk.post("/api/v1/contracts", &lease());
    assert_eq!(
        (made.status, made.header("etag"), &made.json["warnings"]),
        (201, Some("\"1\""), &json!([])),
        "{made:?}"
    );
    let path = format!("/api/v1/contracts/{}", made.id());
    assert_eq!(neighbour.get(&path).status, 404);
    assert_eq!(neighbour.get("/api/v1/contracts").json["items"], json!([]));

    let mut long = lease();
    long["ends_on"] = json!("2056-01-01");
    let changed = put(&clerk, &path, 1, &long);
    assert_eq!((changed.status, changed.header("etag")), (200, Some("\"2\"")), "a warning is no wall: {changed:?}");
    assert_eq!(changed.json["warnings"][0]["pointer"], "/ends_on");
    assert!(changed.json["warnings"][0]["detail"].as_str().unwrap().contains("第七百零五条"));
    assert_eq!(put(&clerk, &path, 1, &lease()).code(), "version_stale");
    assert_eq!(clerk.send("DELETE", &path, &[], None).status, 405, "nothing is deleted");

    let taken = clerk.post("/api/v1/contracts", &lease());
    assert_eq!((taken.status, taken.code()), (409, "contract_code_taken"));
    assert_eq!(put(&clerk, &path, 2, &lease()).status, 200);
    let found = |query: &str| clerk.get(&format!("/api/v1/contracts?{query}")).json["items"].as_array().map(Vec::len);
    let part = "%E6%A2%81"; // 梁
    assert_eq!((found(&format!("q={part}")), found("q=%25"), found("state=ended")), (Some(1), Some(0), Some(0)));
    assert_eq!((found("ends_before=2031-01-01"), found("ends_before=2030-12-31")), (Some(1), Some(0)));
    let auditor = world.actor(Role::Auditor, DURUAN, "auditor");
    assert_eq!((auditor.get(&path).status, put(&auditor, &path, 3, &lease()).status), (200, 403));
});

both_backends!(what_is_wrong_is_named_field_by_field, |world| {
    villages(world);
    let (clerk, neighbour) = (world.clerk(SHANGXIANG), world.clerk(LONGXI));
    let pond = json!({"name": "鱼塘", "kind": "resource", "class": "pond", "area": "15666.67", "location": "龙门里", "state": "leased"});
    let (ours, theirs) = (clerk.post("/api/v1/assets", &pond), neighbour.post("/api/v1/assets", &pond));
    let refused = |field: &str, value: Value| {
        let mut body = lease();
        body[field] = value;
        let answer = clerk.post("/api/v1/contracts", &body);
        assert_eq!((answer.status, answer.code()), (422, "invalid_fields"), "{field}: {answer:?}");
        assert_eq!(answer.json["fields"][0]["pointer"], format!("/{field}"));
    };
    refused("ends_on", json!("2026-01-01"));
    refused("ends_on", json!("2026-02-30"));
    refused("annual_rent", json!("1.005"));
    refused("quantity", json!("1.00001"));
    refused("lessee", json!(" "));
    refused("kind", json!("gift"));
    refused("asset", json!(theirs.id()));
    refused("collective_code", json!(LONGXI));
    let mut about = lease();
    about["asset"] = json!(ours.id());
    assert_eq!(clerk.post("/api/v1/contracts", &about).status, 201);
    let of_asset = clerk.get(&format!("/api/v1/contracts?asset={}", ours.id()));
    assert_eq!(of_asset.json["items"].as_array().map(Vec::len), Some(1));
});

both_backends!(a_list_is_shown_first_and_written_whole_or_not_at_all, |world| {
    villages(world);
    let clerk = world.clerk(SHANGXIANG);
    let shop = json!({"code": "Z1", "name": "市场铺位", "kind": "operating", "class": "shop", "area": "48.00", "location": "市场", "original_value": "1.00", "state": "leased"});
    let shop = clerk.post("/api/v1/assets", &shop);
    let bring = |rows: &str| {
        let text = format!(
            "合同编码,合同名称,类型,甲方,承租人,签订日,起,止,数量,单位,总金额,交易方式,标的资产/资源名称\n{rows}"
        );
        clerk.send("POST", "/api/v1/contracts/imports", &[("content-type", "text/csv")], Some(text.into_bytes()))
    };
    let bad = bring(
        "A1,甲,租赁,社,张三,,2024-01-01,2026-12-31,,,1200,网上竞投,市场铺位\nA2,乙,租赁,社,李四,,2024-02-30,2026-12-31,,,1200,,\n",
    );
    assert_eq!((bad.status, &bad.json["report"]["refused"][0]["column"]), (200, &json!("G 起始日期")), "{bad:?}");
    let refused = clerk.post(&format!("/api/v1/contracts/imports/{}/confirm", bad.id()), &json!({}));
    assert_eq!((refused.status, refused.code()), (422, "contract_import_refused"));
    let good = bring(
        "A1,甲,租赁,社,张三,,2024-01-01,2026-12-31,48,平方米,1200,网上竞投,市场铺位\nA2,乙,承包,社,李四,,2024-01-01,2026-12-31,,,1200,,龙门里鱼塘\n",
    );
    assert_eq!((good.status, &good.json["count"]), (200, &json!(2)), "{good:?}");
    assert_eq!(clerk.get("/api/v1/contracts").json["items"], json!([]), "nothing is written before the confirmation");
    let path = format!("/api/v1/contracts/imports/{}/confirm", good.id());
    let done = clerk.post(&path, &json!({}));
    assert_eq!((done.status, &done.json["count"]), (201, &json!(2)), "{done:?}");
    assert_eq!(clerk.post(&path, &json!({})).code(), "upload_gone", "once");
    let asset_of = |code: &str| clerk.get(&format!("/api/v1/contracts?q={code}")).json["items"][0]["asset"].clone();
    assert_eq!((asset_of("A1"), asset_of("A2")), (json!(shop.id()), Value::Null));
    let again = bring("A1,甲,租赁,社,张三,,2024-01-01,2026-12-31,,,1200,,\n");
    assert_eq!(again.json["report"]["refused"][0]["column"], "A 合同编码");
});

#[test]
fn pages_list_show_and_import() {
    let world = World::sqlite();
    villages(&world);
    let clerk = world.clerk(SHANGXIANG);
    assert!(clerk.get("/contracts").text.contains("还没有登记合同"));
    let mut long = lease();
    long["ends_on"] = json!("2056-01-01");
    let made = clerk.post("/api/v1/contracts", &long);
    let list = clerk.get("/contracts?q=%E6%A2%81");
    assert!(list.text.contains("梁国栋") && list.text.contains("要核对"), "{}", list.text);
    let one = clerk.get(&format!("/contracts/{}", made.id()));
    assert!(one.text.contains("民法典第七百零五条") && one.text.contains("12,000.00 元"), "{}", one.text);

    let page = clerk.get("/contracts/imports");
    let token = page.text.split("name=\"csrf\" value=\"").nth(1).and_then(|t| t.split('"').next()).unwrap().to_owned();
    let fields = [("csrf", token.as_str()), ("collective_code", SHANGXIANG)];
    let file = "合同名称,承租人,租期,年租金\n厂房租赁合同,江门市某某食品有限公司,2024-01-01~2028-12-31,12000\n";
    let staged = clerk.upload("/contracts/imports", &fields, "合同.csv", file.as_bytes());
    assert_eq!(staged.status, 303, "{staged:?}");
    let preview = staged.header("location").unwrap().to_owned();
    let seen = clerk.get(&preview);
    assert!(seen.text.contains("确认写入 1 份") && seen.text.contains("（单位）"), "{}", seen.text);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let done = clerk.send("POST", &format!("{preview}/confirm"), &form, Some(format!("csrf={token}").into_bytes()));
    assert_eq!((done.status, done.header("location")), (303, Some("/contracts")), "{done:?}");
    assert!(clerk.get("/contracts").text.contains("厂房租赁合同"));
    let empty = clerk.upload("/contracts/imports", &fields, "", b"");
    assert!(empty.status == 422 && empty.text.contains("请选择一个 xlsx 或 csv 文件"), "{empty:?}");
}
