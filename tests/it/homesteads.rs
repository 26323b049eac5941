//! Homestead parcels: registering, overlaps, maps, surveys.

use serde_json::{Value, json};
use xiangji::{
    access::Role,
    homesteads::{
        demo_plots::village_plots,
        geojson::{Crs, write_parcel},
        geometry::Point,
    },
};

use crate::{
    both_backends,
    support::app::{Answer, Client, DURUAN, LONGXI, SHANGXIANG, World},
};

fn villages(world: &World) {
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    world.village(LONGXI, "龙溪村股份合作经济联合社");
}

/// A plot 10 m wide and 8 m deep, `east` metres east of a corner of the village.
fn plot(east: f64, household: &str) -> Value {
    let (w, s) = (38_405_200.0 + east, 2_503_400.0);
    let (e, n) = (w + 10.0, s + 8.0);
    json!({"household": household, "location": "一巷 12 号", "registered_area": "80.00",
        "geometry": {"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]}})
}

fn put(client: &Client<'_>, path: &str, version: i64, body: &Value) -> Answer {
    let tag = format!("\"{version}\"");
    let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
    client.send("PUT", path, &headers, Some(body.to_string().into_bytes()))
}

both_backends!(a_parcel_is_registered_with_both_areas_and_read_in_any_system, |world| {
    villages(world);
    let clerk = world.clerk(SHANGXIANG);
    let made = clerk.post("/api/v1/parcels", &plot(0.0, "梁甲"));
    assert_eq!((made.status, made.header("etag")), (201, Some("\"1\"")), "{made:?}");
    assert_eq!((&made.json["area"], &made.json["area_remark"]), (&json!("80.00"), &Value::Null));
    let path = format!("/api/v1/parcels/{}", made.id());
    let seen = clerk.get(&path);
    assert_eq!(seen.json["geometry"]["coordinates"][0][0], json!([38405200.0, 2503408.0]), "J1 is in the north-west");
    let degrees = clerk.get(&format!("{path}?crs=EPSG:4490")).json;
    let longitude = degrees["geometry"]["coordinates"][0][0][0].as_f64().unwrap();
    assert!((113.0..113.2).contains(&longitude), "{degrees}");

    let mut differs = plot(0.0, "梁甲");
    differs["registered_area"] = json!("75.00");
    let changed = put(&clerk, &path, 1, &differs);
    assert_eq!(changed.status, 200, "a difference of the areas is a remark, never a refusal: {changed:?}");
    assert!(changed.json["area_remark"].as_str().unwrap().contains("图形多 5.00 ㎡（6.6%）"), "{changed:?}");
    differs.as_object_mut().unwrap().remove("geometry");
    differs["area_reason"] = json!("旧证按墙内面积登记");
    let kept = put(&clerk, &path, 2, &differs);
    assert_eq!((kept.status, &kept.json["area"]), (200, &json!("80.00")), "the shape stays where none is given");
    assert_eq!(put(&clerk, &path, 2, &differs).code(), "version_stale");
    let picture = clerk.get(&format!("{path}/picture.svg"));
    assert_eq!(picture.header("content-type"), Some("image/svg+xml"));
    assert!(picture.text.contains("80.00 ㎡") && picture.text.contains("不作权属界线依据"));
});

both_backends!(ground_is_registered_once, |world| {
    villages(world);
    let clerk = world.clerk(SHANGXIANG);
    let first = clerk.post("/api/v1/parcels", &plot(0.0, "梁甲"));
    assert_eq!(first.status, 201);
    assert_eq!(clerk.post("/api/v1/parcels", &plot(10.0, "梁乙")).status, 201, "neighbours share a boundary");
    let refused = clerk.post("/api/v1/parcels", &plot(5.0, "梁丙"));
    assert_eq!((refused.status, refused.code()), (409, "parcel_overlap"), "{refused:?}");
    assert_eq!(
        refused.json["overlaps"],
        json!([{"name": "梁乙（一巷 12 号）", "area": "40.00"}, {"name": "梁甲（一巷 12 号）", "area": "40.00"}])
    );
    assert!(refused.json["detail"].as_str().unwrap().contains("梁甲（一巷 12 号）"));
    assert_eq!(clerk.get("/api/v1/parcels").json["items"].as_array().unwrap().len(), 2, "nothing was written");

    let neighbour = world.clerk(LONGXI);
    let across = neighbour.post("/api/v1/parcels", &plot(2.0, "李甲"));
    assert_eq!(across.code(), "parcel_overlap", "also across the villages' border");
    assert!(!across.text.contains("梁甲"), "but the household is not told: {across:?}");

    let path = format!("/api/v1/parcels/{}", first.id());
    assert_eq!(put(&clerk, &path, 1, &plot(0.0, "梁甲")).status, 200, "its own ground is no overlap");
    let mut cancelled = plot(0.0, "梁甲");
    cancelled["state"] = json!("cancelled");
    assert_eq!(put(&clerk, &path, 2, &cancelled).status, 200);
    assert_eq!(clerk.post("/api/v1/parcels", &plot(0.0, "梁丁")).status, 201, "a right that ended frees its ground");
    assert_eq!(put(&clerk, &path, 3, &plot(0.0, "梁甲")).code(), "parcel_overlap", "and cannot come back to it");
});

both_backends!(a_shape_or_a_code_that_is_wrong_says_how_to_repair_it, |world| {
    villages(world);
    let clerk = world.clerk(SHANGXIANG);
    let mut body = plot(0.0, "梁甲");
    body["geometry"]["coordinates"] =
        json!([[[500000, 2500000], [500010, 2500008], [500010, 2500000], [500000, 2500008], [500000, 2500000]]]);
    let bow_tie = clerk.post("/api/v1/parcels", &body);
    assert_eq!(
        (bow_tie.status, bow_tie.code(), &bow_tie.json["fields"][0]["pointer"]),
        (422, "geometry_self_crossing", &json!("/geometry"))
    );
    body["geometry"] = Value::Null;
    assert_eq!(clerk.post("/api/v1/parcels", &body).json["fields"][0]["pointer"], "/geometry");
    body["geometry"] = plot(0.0, "")["geometry"].clone();
    body["parcel_code"] = json!("440703103001JC0001");
    assert_eq!(clerk.post("/api/v1/parcels", &body).json["fields"][0]["pointer"], "/parcel_code");
    body["parcel_code"] = json!("440703103001JC00001");
    assert_eq!(clerk.post("/api/v1/parcels", &body).status, 201);
    let mut twice = plot(50.0, "梁乙");
    twice["parcel_code"] = json!("440703 103001 JC00001");
    let taken = clerk.post("/api/v1/parcels", &twice);
    assert_eq!((taken.status, taken.code()), (409, "parcel_code_taken"), "{taken:?}");
    let mut large = plot(100.0, "梁乙");
    large["geometry"]["coordinates"] =
        json!([[[500000, 2500000], [502001, 2500000], [502001, 2500008], [500000, 2500008], [500000, 2500000]]]);
    assert_eq!(clerk.post("/api/v1/parcels", &large).code(), "geometry_too_large");
});

both_backends!(parcels_are_seen_in_their_scope_only, |world| {
    villages(world);
    let clerk = world.clerk(SHANGXIANG);
    let made = clerk.post("/api/v1/parcels", &plot(0.0, "梁甲"));
    let path = format!("/api/v1/parcels/{}", made.id());
    let other = world.clerk(LONGXI);
    assert_eq!((other.get(&path).code(), other.get(&format!("{path}/picture.svg")).code()), ("not_found", "not_found"));
    assert_eq!(put(&other, &path, 1, &plot(0.0, "x")).code(), "not_found");
    assert_eq!(other.get("/api/v1/parcels").json["items"], json!([]));
    assert_eq!(other.get(&format!("/api/v1/parcels/map.svg?collective={SHANGXIANG}")).code(), "not_found");
    assert_eq!(world.actor(Role::Member, SHANGXIANG, "member").get(&path).status, 403);
    assert_eq!(world.nobody().get(&path).status, 401);
    let officer = world.actor(Role::TownshipOfficer, DURUAN, "officer");
    assert_eq!(officer.get(&path).status, 200);
    assert_eq!(officer.post("/api/v1/parcels", &plot(50.0, "x")).status, 403);
    let found = |q: &str| clerk.get(&format!("/api/v1/parcels?{q}")).json["items"].as_array().unwrap().len();
    assert_eq!(
        (found("q=%E6%A2%81"), found("q=%E6%9D%8E"), found("occupancy=lived"), found("state=cancelled")),
        (1, 0, 1, 0)
    );
});

/// A generated village as a surveyor would bring it.
fn survey(count: usize) -> Value {
    let features: Vec<Value> = village_plots(11, Point::new(38_405_500_000, 2_503_700_000), count)
        .iter()
        .map(|p| {
            json!({"type": "Feature", "geometry": write_parcel(&p.outline, Crs::Zoned),
                "properties": {"户主": "某户", "坐落": format!("{}巷 {} 号", p.lane, p.number), "ZDMJ": p.outline.area().to_string()}})
        })
        .collect();
    json!({"type": "FeatureCollection", "features": features})
}

both_backends!(a_survey_is_shown_first_and_written_after_its_confirmation, |world| {
    villages(world);
    let clerk = world.clerk(SHANGXIANG);
    let upload = |text: String| {
        clerk.send(
            "POST",
            "/api/v1/parcels/imports",
            &[("content-type", "application/geo+json")],
            Some(text.into_bytes()),
        )
    };
    let preview = upload(survey(120).to_string());
    assert_eq!(
        (preview.status, &preview.json["count"], &preview.json["report"]["refused"]),
        (200, &json!(120), &json!([])),
        "{preview:?}"
    );
    assert_eq!(clerk.get("/api/v1/parcels").json["items"], json!([]), "nothing is written before the confirmation");
    let path = format!("/api/v1/parcels/imports/{}", preview.id());
    let done = clerk.post(&format!("{path}/confirm"), &json!({}));
    assert_eq!((done.status, &done.json["count"]), (201, &json!(120)), "{done:?}");
    assert_eq!(clerk.post(&format!("{path}/confirm"), &json!({})).code(), "upload_gone", "once");

    let first = &clerk.get("/api/v1/parcels").json["items"][0];
    assert_eq!(first["location"], "1巷 1 号", "the order of the file is kept");
    let map = clerk.get("/api/v1/parcels/map.svg");
    assert_eq!((map.status, map.text.matches("<a href=\"/parcels/par_").count()), (200, 120));
    assert!(map.text.contains("上巷村股份合作经济联合社宗地图") && map.text.contains("不作权属界线依据"));
    let close = clerk.get("/api/v1/parcels/map.svg?zoom=3&across=200&down=999999");
    assert!((1..100).contains(&close.text.matches("<a href").count()), "{}", close.text.len());

    let again = upload(survey(120).to_string());
    assert_eq!(again.json["report"]["refused"].as_array().unwrap().len(), 120, "the ground is taken by now: {again:?}");
    let refused = clerk.post(&format!("/api/v1/parcels/imports/{}/confirm", again.id()), &json!({}));
    assert_eq!((refused.status, refused.code()), (422, "parcel_import_refused"));
    for (text, code) in
        [("", "geometry_not_geojson"), ("{}", "geometry_not_geojson"), ("PK\u{3}\u{4}", "geometry_not_geojson")]
    {
        assert_eq!(upload(text.into()).code(), code);
    }
    assert_eq!(
        clerk.send("POST", "/api/v1/parcels/imports", &[], Some(vec![0xff, 0xfe, 0x7b])).code(),
        "geometry_not_geojson"
    );
    assert_eq!(clerk.get("/api/v1/parcels?limit=200").json["items"].as_array().unwrap().len(), 120);
});
