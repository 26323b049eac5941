//! Regions, collectives, officers.

use serde_json::json;
use xiangji::access::Role;

use crate::{
    both_backends,
    support::app::{DURUAN, SHANGXIANG},
};

both_backends!(the_region_tree_ships_and_grows_by_file, |world| {
    let nobody = world.nobody();
    let towns = nobody.get("/api/v1/regions?parent=440703000000");
    assert_eq!(towns.json["items"].as_array().unwrap().len(), 6, "{towns:?}");
    let mut villages = 0;
    for town in towns.json["items"].as_array().unwrap() {
        let page = nobody.get(&format!("/api/v1/regions?limit=200&parent={}", town["code"].as_str().unwrap()));
        villages += page.json["items"].as_array().unwrap().len();
    }
    assert_eq!(villages, 139);
    let officer = world.actor(Role::TownshipOfficer, "440700000000", "city");
    let orphan = officer.post("/api/v1/regions/import", &json!({"csv": "code,name\n440784103200,古劳村委会\n"}));
    assert_eq!(orphan.json["fields"][0]["pointer"], "/file", "{orphan:?}");
    let whole = json!({"csv": "code,name\n440784,鹤山市\n440784103,古劳镇\n440784103200,古劳村委会\n"});
    assert_eq!(officer.post("/api/v1/regions/import", &whole).json["changed"], 3);
    assert_eq!(officer.post("/api/v1/regions/import", &whole).json["changed"], 0, "the same table again adds nothing");
});

both_backends!(a_collective_is_registered_once_and_a_doubtful_code_is_confirmed, |world| {
    let officer = world.actor(Role::TownshipOfficer, DURUAN, "officer");
    let doubtful = json!({"code": SHANGXIANG, "name": "蓬江区杜阮镇上巷村股份合作经济联合社", "credit_code": "N2440703MF0000013L"});
    let warned = officer.post("/api/v1/collectives", &doubtful);
    assert_eq!(
        (warned.status, warned.json["fields"][0]["pointer"].as_str()),
        (422, Some("/credit_code")),
        "{warned:?}"
    );
    let mut confirmed = doubtful.clone();
    confirmed["credit_code_confirmed"] = json!(true);
    let made = officer.post("/api/v1/collectives", &confirmed);
    assert_eq!((made.status, made.header("etag")), (201, Some("\"1\"")), "{made:?}");
    assert!(!made.json["credit_code_warnings"].as_array().unwrap().is_empty());
    assert_eq!(officer.post("/api/v1/collectives", &confirmed).code(), "collective_exists");
    let path = format!("/api/v1/collectives/{SHANGXIANG}");
    let right = json!({"name": "上巷村股份合作经济联合社", "credit_code": "n2440703mf0000013m", "registered_on": "2019年10月30日"});
    let changed = officer.patch(&path, 1, &right);
    assert_eq!((changed.status, changed.json["registered_on"].as_str()), (200, Some("2019-10-30")), "{changed:?}");
    assert_eq!(changed.json["credit_code"], "N2440703MF0000013M");
    assert_eq!(officer.patch(&path, 1, &right).status, 412);
    for wrong in ["440703103299", "440703000000", "4407", "440704001001"] {
        let refused = officer.post("/api/v1/collectives", &json!({"code": wrong, "name": "某村"}));
        assert_eq!(
            (refused.status, refused.json["fields"][0]["pointer"].as_str()),
            (422, Some("/code")),
            "{wrong}: {refused:?}"
        );
    }
    let elsewhere = world.actor(Role::TownshipOfficer, "440703101000", "elsewhere");
    assert_eq!(elsewhere.get(&path).status, 404);
    assert_eq!(elsewhere.get("/api/v1/collectives").json["items"], json!([]));
});

both_backends!(a_supervisor_is_no_director, |world| {
    let officer = world.actor(Role::TownshipOfficer, DURUAN, "officer");
    officer.post("/api/v1/collectives", &json!({"code": SHANGXIANG, "name": "上巷村股份合作经济联合社"}));
    let path = format!("/api/v1/collectives/{SHANGXIANG}/officers");
    let chair = officer.post(&path, &json!({"name": "区 某", "post": "chair", "since": "2024-01-01"}));
    assert_eq!((chair.status, chair.json["name"].as_str()), (201, Some("区某")), "{chair:?}");
    let both = officer.post(&path, &json!({"name": "区某", "post": "supervisor", "since": "2024-01-01"}));
    assert_eq!(both.code(), "posts_conflict");
    let term = format!("/api/v1/officers/{}", chair.id());
    assert_eq!(officer.patch(&term, 1, &json!({"until": "2023-12-31"})).status, 422);
    assert_eq!(officer.patch(&term, 1, &json!({"until": "2025-12-31"})).status, 200);
    assert_eq!(officer.patch(&term, 2, &json!({"until": "2025-12-31"})).code(), "term_ended");
    assert_eq!(officer.post(&path, &json!({"name": "区某", "post": "supervisor", "since": "2026-01-01"})).status, 201);
});
