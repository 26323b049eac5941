//! A person and the own record: whose account it is, and who looked.

use serde_json::{Value, json};
use xiangji::access::Role;

use crate::{
    both_backends,
    support::{
        app::{Answer, DURUAN, LONGXI, SHANGXIANG, World},
        behind::Behind,
    },
};

const REASON: &str = "核对张三的股权证";

fn ok(answer: Answer) -> Answer {
    assert!(matches!(answer.status, 200 | 201), "{answer:?}");
    answer
}

/// Everything of the public log, as text.
fn log_text(world: &World) -> String {
    let sql = match Behind::of(world) {
        Behind::Sqlite(_) => "SELECT CAST(bytes AS TEXT) AS v FROM log_entries",
        Behind::Postgres(_) => "SELECT convert_from(bytes, 'UTF8') AS v FROM log_entries",
    };
    Behind::of(world).texts(sql).join("\n")
}

both_backends!(a_person_sees_who_looked_and_why_and_the_log_does_not, |world| {
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    world.village(LONGXI, "龙溪村股份合作经济联合社");
    let clerk = world.clerk(SHANGXIANG);
    let new = |name: &str, id: &str| {
        json!({"collective_code": SHANGXIANG, "household_number": name, "name": name, "id_number": id,
        "phone": "13800005678", "relation": "户主", "ground": "original", "basis": "决议", "acquired_on": "2018-06-30"})
    };
    let member = ok(clerk.post("/api/v1/members", &new("张三", "440703198501010019")));
    let other = ok(clerk.post("/api/v1/members", &new("李四", "440703199202290027")));
    let path =
        |member: &Answer, rest: &str| format!("/api/v1/persons/{}{rest}", member.json["person_id"].as_str().unwrap());
    let own = world.actor(Role::Member, SHANGXIANG, "zhangsan");
    let stranger = world.actor(Role::Member, SHANGXIANG, "lisi");
    assert_eq!(ok(own.get("/api/v1/my/record")).json["tied"], false);
    assert!(ok(own.get("/my/record")).text.contains("找村会计"));
    assert_eq!(world.nobody().get("/api/v1/my/record").status, 401);

    let tie = |member: &Answer, account: &str| clerk.post(&path(member, "/account"), &json!({ "account": account }));
    assert_eq!(world.clerk(LONGXI).post(&path(&member, "/account"), &json!({"account": "zhangsan"})).status, 404);
    assert_eq!(
        world.actor(Role::Auditor, DURUAN, "auditor").post(&path(&member, "/account"), &json!({"account": "x"})).status,
        403
    );
    assert_eq!(tie(&member, "nobody").json["fields"][0]["pointer"], "/account");
    assert_eq!(tie(&member, &format!("clerk-{SHANGXIANG}")).code(), "own_account_tie");
    assert_eq!(ok(tie(&member, "zhangsan")).json["account"], "zhangsan");
    assert_eq!(tie(&other, "zhangsan").code(), "account_has_person");
    assert_eq!(tie(&member, "lisi").code(), "person_has_account");

    let look = json!({"field": "id_number", "reason": REASON});
    ok(clerk.post(&path(&member, "/reveal"), &look));
    ok(clerk.post(&path(&other, "/reveal"), &json!({"field": "phone", "reason": "别人的事"})));
    let record = ok(own.get("/api/v1/my/record"));
    assert_eq!(record.json["memberships"][0]["id_number_masked"], "4407**********0019");
    let looks = record.json["looks"]["items"].as_array().unwrap();
    let seen: Vec<&Value> = ["office", "place", "field", "reason"].iter().map(|name| &looks[0][*name]).collect();
    assert_eq!(
        (looks.len(), seen),
        (1, vec![&json!("村会计"), &json!("上巷村股份合作经济联合社"), &json!("身份证号"), &json!(REASON)])
    );
    assert!(!record.text.contains("440703198501010019") && !record.text.contains("李四"), "{record:?}");
    let entry = ok(world.nobody().get(&format!("/log/entries/{}", looks[0]["log_entry"])));
    assert!(entry.text.contains("查看了完整的个人信息") && !entry.text.contains(REASON), "{entry:?}");
    assert!(ok(own.get("/my/record")).text.contains(REASON));
    assert_eq!(ok(stranger.get("/api/v1/my/record")).json["tied"], false);

    // The reason is for auditors, too; in the log stands its row's digest.
    let auditor = world.sign_in("auditor");
    let story = ok(auditor.get(&format!("/audit/records/person/{}", member.json["person_id"].as_str().unwrap())));
    assert!(story.text.contains(REASON), "{story:?}");
    let log = log_text(world);
    assert!(!log.contains(REASON) && log.contains("\"looks\""));
    // Nor does it say whose account it is.
    let tied = log.lines().find(|line| line.contains("account.tied")).unwrap();
    let names = |line: &str| ["\"per_", "/per_"].iter().any(|named| line.contains(named));
    assert!(!names(tied), "{tied}");
    assert!(log.lines().any(names), "control: as others name a person");

    assert_eq!(ok(tie(&member, "")).json["account"], Value::Null);
    assert_eq!(ok(own.get("/api/v1/my/record")).json["tied"], false);
    world.app.integrate_log().unwrap();
    assert_eq!(crate::support::verified::faults(world), []);
});
