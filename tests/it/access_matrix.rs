//! Every operation and every page, asked by every role and by nobody, about a record of the own village and of one outside the
//! scope. The outcome is `openapi/access-matrix.md`, checked in and compared. It grows with the document: an operation whose
//! path needs a record of a new kind fails with a sentence that says where to make one.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::json;
use xiangji::access::Role;

use crate::{
    generated::compare,
    support::{
        app::{Answer, Client, DURUAN, LONGXI, SHANGXIANG, World},
        behind::Behind,
        operations::{Document, FORM, Operation, Samples, pages},
    },
    trading,
};

/// Addresses that an auditor may POST to: they read, and a look at records goes on record.
const READS_BY_POST: [&str; 7] = [
    "/api/v1/members/search",
    "/api/v1/persons/{id}/reveal",
    "/members/find",
    "/members/{id}/reveal",
    "/audit/verify",
    "/log/check",
    "/log/mine",
];

/// Pages that show records to everybody, signed in or not.
const PUBLIC_PAGES: [&str; 14] = [
    "/",
    "/lots",
    "/lots/{lot}",
    "/lots/{lot}/bids",
    "/lots/{lot}/draw",
    "/lots/{lot}/hall",
    "/lots/{lot}/negotiation",
    "/lots/schedule",
    "/lots/{lot}/notices/{number}",
    "/lots/{lot}/objections",
    "/lots/{lot}/questions",
    "/lots/{lot}/ranking",
    "/lots/{lot}/sealed",
    "/lots/{lot}/sitting",
];

/// 禾岗村委会 of 荷塘镇: outside the scope of everybody here.
const FAR: &str = "440703102201";

/// Records of a village to ask about, made by its people: for a path by the segment before the parameter, and words for
/// bodies by property name.
pub fn records(world: &World, village: &str) -> Samples {
    world.village(village, &format!("{village}股份合作经济联合社"));
    let clerk = world.clerk(village);
    let officer = world.sign_in(&format!("registrar-{village}"));
    let admin = world.actor(Role::Admin, "440703000000", &format!("admin-{village}"));
    let mut samples = Samples::new();
    let mut put = |name: &str, value: &str| samples.insert(name.to_owned(), value.to_owned());
    for name in ["collectives", "collective_code", "collective", "code", "scope"] {
        put(name, village);
    }
    put("name", "梁国栋");
    put("password", "correct-horse");
    put("reason", "核对台账");
    put("region_code", village);
    put("region", village);
    put("entries", "1");
    put("audit/records", "asset");
    put("csv", &format!("code,name\n{village},改名村"));

    let account = json!({"name": format!("someone-{village}"), "display_name": "某人", "role": "clerk", "scope": village, "password": "correct-horse"});
    put("accounts", made(admin.post("/api/v1/accounts", &account)).id());
    let term = json!({"name": "梁国栋", "post": "chair", "since": "2026-01-01"});
    put("officers", made(officer.post(&format!("/api/v1/collectives/{village}/officers"), &term)).id());
    let paper =
        clerk.upload("/api/v1/documents", &[("collective_code", village), ("title", "决议")], "a.pdf", b"%PDF-1.7 x");
    put("documents", made(paper).id());
    let pond = json!({"name": "鱼塘", "kind": "resource", "class": "pond", "area": "15666.67", "location": "龙门里", "state": "idle"});
    let asset = made(clerk.post("/api/v1/assets", &pond));
    put("assets", asset.id());
    put("asset_id", asset.id());
    put("asset", asset.id());
    put("records/{noun}", asset.id());
    let key = || age::x25519::Identity::generate().to_public().to_string();
    let trustee = json!({"region_code": village, "name": "梁监事", "office": "监事会主任", "recipient": key()});
    put("trustees", made(officer.post("/api/v1/trustees", &trustee)).id());
    put("recipient", &key());
    // The lot is a draft, which only its staff see; the enrolment belongs to another that is published.
    let lot = made(clerk.post("/api/v1/lots", &trading::listing(asset.id(), None)));
    put("lots", lot.id());
    put("listings", lot.id());
    put("enrolments", &trading::enrolment_in(world, village));
    put("priority-rights", &trading::right_in(world, village));
    put("break-glass", &trading::glass_in(world, village));
    put("qualifications", &trading::paper_in(world, village));
    put("merit-claims", &crate::merits::claim_in(world, village));
    put("questions", &trading::question_in(world, village));
    put("exclusions", &crate::exclusions::exclusion_in(world, village));
    put("notices", "1");
    put("money/orders", &trading::refund_in(world, village));
    let trader = world.sign_in(&format!("trader-{village}"));
    let statement = "交易日期,收入,支出,余额\n2026-03-02,1.00,,1.00";
    put("statements/imports", staged(&trader, "/api/v1/money/statements/imports", statement).id());
    put("month", "2026-02");
    put("money/unidentified", &crate::unidentified::unidentified_in(world, village));
    put("money/payees", &crate::kept_deposits::payee_in(world, village));
    put(
        "assets/imports",
        staged(&clerk, "/api/v1/assets/imports", "资产名称,资产类别,面积,坐落\n东塘,鱼塘,10,龙门里").id(),
    );
    // Each village's plots on ground of their own.
    let east = 38_405_000 + village.parse::<i64>().unwrap() % 1_000 * 1_000;
    let square = |east: i64| {
        json!([[
            [east, 2_503_400],
            [east + 10, 2_503_400],
            [east + 10, 2_503_408],
            [east, 2_503_408],
            [east, 2_503_400]
        ]])
    };
    let shape = |east| json!({"type": "Polygon", "coordinates": square(east)});
    let plot = json!({"household": "梁国栋", "location": "一巷 1 号", "geometry": shape(east)});
    put("parcels", made(clerk.post("/api/v1/parcels", &plot)).id());
    let feature =
        json!({"type": "Feature", "properties": {"户主": "梁国梁", "坐落": "一巷 3 号"}, "geometry": shape(east + 20)});
    let survey = json!({"type": "FeatureCollection", "features": [feature]}).to_string();
    put("parcels/imports", staged(&clerk, "/api/v1/parcels/imports", &survey).id());
    // One person belongs to one collective, so each village has its own.
    let id_number = match village {
        SHANGXIANG => "440703198501010019",
        LONGXI => "440703199202290027",
        _ => "440703201506070031",
    };
    let member = json!({"collective_code": village, "household_number": "0001", "name": "梁国栋", "id_number": id_number, "relation": "户主",
        "ground": "original", "basis": "成员大会决议", "acquired_on": "2018-06-30"});
    let member = made(clerk.post("/api/v1/members", &member));
    put("members", member.id());
    put("persons", member.json["person_id"].as_str().unwrap());
    put("households", member.json["household_id"].as_str().unwrap());
    put("members/imports", staged(&clerk, "/api/v1/members/imports", "姓名,身份证号\n张三,11010519491231002X").id());
    let lease = json!({"name": "铺位租赁合同", "kind": "lease", "lessee": "梁国栋", "lessee_kind": "person", "starts_on": "2026-01-01",
        "ends_on": "2028-12-31", "state": "running"});
    put("contracts", made(clerk.post("/api/v1/contracts", &lease)).id());
    let list = "合同名称,承租人,租期\n鱼塘承包合同,梁国栋,2024-01-01~2028-12-31";
    put("contracts/imports", staged(&clerk, "/api/v1/contracts/imports", list).id());
    // Nothing is told to a clerk; each has one message nevertheless.
    let (message, code) = (format!("msg_{}{village}", "1".repeat(12)), format!("m{}", &village[5..]));
    Behind::of(world).exec(&format!(
        "INSERT INTO messages (id, account_id, kind, occasion, lot_id, title, text, code, at, kept_until) \
         SELECT '{message}', id, 'resumed', 'x', '{}', '', '', '{code}', 0, 0 FROM accounts WHERE name = 'clerk-{village}'",
        lot.id()
    ));
    put("messages", &message);
    put("m", &code);
    samples
}

/// [`records`] with an objection beside them, put there by hand: for a real one an auction has to end, and what waits for its
/// confirmation would be gone by then. Not for a database that is verified.
pub fn records_and_objection(world: &World, village: &str) -> Samples {
    let mut samples = records(world, village);
    let id = format!("obj_{}{village}", "1".repeat(12));
    Behind::of(world).exec(&format!(
        "INSERT INTO lot_objections (id, lot_id, collective_code, account_id, channel, objection, raised_at, answer_by, version, salt) \
         SELECT '{id}', '{}', '{village}', min(id), 'on_paper', 'x', 0, 20260317, 1, 'x' FROM accounts",
        samples["lots"]
    ));
    samples.insert("objections".into(), id);
    samples
}

/// A file that waits for its confirmation.
fn staged(clerk: &Client<'_>, path: &str, csv: &str) -> Answer {
    let answer = clerk.send("POST", path, &[("content-type", "application/octet-stream")], Some(csv.into()));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer
}

fn made(answer: Answer) -> Answer {
    assert_eq!(answer.status, 201, "{answer:?}");
    answer
}

/// Somebody of the matrix.
struct Person<'w> {
    title: &'static str,
    role: Option<Role>,
    name: String,
    client: Client<'w>,
    /// Records of a village that the scope does not hold.
    other: &'w Samples,
    /// What the forms of the pages carry.
    form_token: String,
}

fn people<'w>(world: &'w World, near: &'w Samples, far: &'w Samples) -> Vec<Person<'w>> {
    let nobody = Person {
        title: "anonymous",
        role: None,
        name: String::new(),
        client: world.nobody(),
        other: near,
        form_token: String::new(),
    };
    let mut all = vec![nobody];
    for role in Role::ALL {
        let of_village = matches!(role, Role::Clerk | Role::Director | Role::Supervisor | Role::Member | Role::Bidder);
        // The clerk is the one who brought the village's files: what waits for a confirmation belongs to an account.
        let name = if *role == Role::Clerk { format!("clerk-{SHANGXIANG}") } else { format!("matrix-{role}") };
        let client = match role {
            Role::Clerk => world.sign_in(&name),
            _ => world.actor(*role, if of_village { SHANGXIANG } else { DURUAN }, &name),
        };
        let home = client.get("/");
        let token = home.text.split("name=\"csrf\" value=\"").nth(1).and_then(|t| t.split('"').next());
        let form_token = token.unwrap_or("").to_owned();
        let other = if of_village { near } else { far };
        all.push(Person { title: role.as_str(), role: Some(*role), name, client, other, form_token });
    }
    all
}

impl Person<'_> {
    fn ask(&self, world: &World, document: &Document, operation: &Operation, samples: &Samples, at: &str) -> Answer {
        let ends_the_session = operation.path.ends_with("/sign-out") && self.role.is_some();
        let spare = ends_the_session.then(|| world.sign_in(&self.name));
        let who = spare.as_ref().unwrap_or(&self.client);
        let seen = ("if-match", "\"1\"");
        match &operation.body {
            Some((media, schema)) if media == "multipart/form-data" => {
                let mut fields: Vec<(String, String)> = Vec::new();
                for (name, value) in document.sample(schema, samples).as_object().unwrap() {
                    if name != "file" {
                        fields.push((name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
                    }
                }
                let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
                who.upload(at, &fields, "a.pdf", b"%PDF-1.7 x")
            }
            Some((media, schema)) if media.ends_with("json") => {
                let body = document.sample(schema, samples).to_string().into_bytes();
                who.send(&operation.method, at, &[("content-type", media), seen], Some(body))
            }
            Some((media, _)) if media == FORM => {
                let mut fields: Vec<(&str, &str)> = samples.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
                fields.extend([("csrf", self.form_token.as_str()), ("version", "1")]);
                let body = serde_urlencoded::to_string(&fields).unwrap().into_bytes();
                let answer = who.send(&operation.method, at, &[("content-type", FORM)], Some(body));
                // A form with a file comes in parts.
                if answer.status == 400 { who.upload(at, &fields, "a.pdf", b"%PDF-1.7 x") } else { answer }
            }
            Some((media, _)) => who.send(&operation.method, at, &[("content-type", media), seen], Some(b"x".to_vec())),
            None if operation.changes() => who.send(&operation.method, at, &[seen], Some(Vec::new())),
            None => who.get(at),
        }
    }
}

/// What the right and the scope said; anything after that (a field that is lacking, a state that does not fit) is `allowed`.
fn outcome(answer: &Answer) -> &'static str {
    let to_sign_in = answer.header("location").is_some_and(|l| l.starts_with("/sign-in"));
    match answer.status {
        401 => "401",
        303 if to_sign_in => "401",
        403 => "403",
        404 => "404",
        _ => "allowed",
    }
}

/// Whether something was shown or done; a page's form says it with a way to the next page.
fn went_through(answer: &Answer) -> bool {
    answer.status < 400 && outcome(answer) == "allowed"
}

/// The samples with identifiers of the same form that belong to nothing.
fn missing(samples: &Samples) -> Samples {
    let nothing = |value: &String| match value.split_once('_') {
        Some((prefix, rest)) if rest.len() == 24 => format!("{prefix}_{}", "0".repeat(24)),
        _ if value.len() >= 12 && value.bytes().all(|b| b.is_ascii_digit()) => "440703103998".to_owned(),
        _ => value.clone(),
    };
    samples.iter().map(|(name, value)| (name.clone(), nothing(value))).collect()
}

/// An identifier of these records in an answer.
fn found_in<'s>(text: &str, samples: &'s Samples) -> Option<&'s String> {
    samples.values().filter(|v| v.len() >= 12 && v.bytes().any(|b| b.is_ascii_digit())).find(|id| text.contains(*id))
}

/// What one person gets for one operation; faults are added to the list.
fn cell(
    world: &World,
    document: &Document,
    (person, nobody): (&Person<'_>, &Person<'_>),
    operation: &Operation,
    own: &Samples,
    faults: &mut Vec<String>,
) -> Result<String, String> {
    let ask = |who: &Person<'_>, samples: &Samples, at: String| who.ask(world, document, operation, samples, &at);
    let mine = ask(person, own, operation.address(own)?);
    let others = ask(person, person.other, operation.address(person.other)?);
    // The same body: only the record's name differs.
    let nothing = operation.address(&missing(person.other))?;
    let nothing = if operation.has_record() { ask(person, person.other, nothing) } else { others.clone() };
    let for_all = operation.public
        || PUBLIC_PAGES.contains(&operation.path.as_str())
        || (person.role.is_some() && went_through(&others))
            && went_through(&ask(nobody, person.other, operation.address(person.other)?));

    let mut fault = |what: &str, answer: &Answer| {
        let about = answer.text.chars().take(300).collect::<String>();
        faults.push(format!(
            "{} {} by {}: {what}: {} {about}",
            operation.method, operation.path, person.title, answer.status
        ));
    };
    for answer in [&mine, &others, &nothing] {
        if answer.status >= 500 {
            fault("a fault of the server", answer);
        }
    }
    if operation.has_record() && !for_all {
        if (others.status, others.code()) != (nothing.status, nothing.code()) {
            fault("a record outside the scope can be told from one that does not exist", &others);
        }
        if !operation.changes() && outcome(&others) == "allowed" {
            fault("a record outside the scope is shown", &others);
        }
    }
    let own_business = matches!(operation.tag.as_str(), "session" | "messages" | "page of the session");
    if operation.changes() && !for_all && !own_business {
        if went_through(&others) && operation.tag != "page" {
            fault("something outside the scope was changed", &others);
        }
        let reads = READS_BY_POST.contains(&operation.path.as_str());
        if person.role == Some(Role::Auditor) && outcome(&mine) == "allowed" && !reads {
            fault("an auditor may change something", &mine);
        }
    }
    if !operation.changes() && !for_all && went_through(&mine) && found_in(&mine.text, person.other).is_some() {
        fault("an answer about the own village holds a record outside the scope", &mine);
    }
    let (mine, others) = (outcome(&mine), outcome(&others));
    Ok(if mine == others { mine.to_owned() } else { format!("{mine} / {others}") })
}

fn as_markdown(people: &[Person<'_>], rows: &BTreeMap<(bool, String), Vec<String>>) -> String {
    let mut text = String::from(
        "# Access matrix\n\nGenerated by `tests/it/access_matrix.rs`, which really sends each request. `allowed`: the right and the scope let it \
         pass (the request itself may still lack something). `a / b`: about the own village / about one outside the scope. 401: sign in \
         first (a page leads to the sign-in page); 403: the role has not this right; 404: no such record, or none that this scope holds.\n",
    );
    let titles: Vec<&str> = people.iter().map(|p| p.title).collect();
    for (pages, title) in [(false, "Operations"), (true, "Pages")] {
        let rows = rows.iter().filter(|((page, _), _)| *page == pages);
        write!(text, "\n## {title}\n\n| | {} |\n|{}\n", titles.join(" | "), " --- |".repeat(titles.len() + 1)).unwrap();
        for ((_, name), cells) in rows {
            writeln!(text, "| `{name}` | {} |", cells.join(" | ")).unwrap();
        }
    }
    text
}

#[test]
fn every_operation_and_page_by_every_role() {
    let world = World::sqlite();
    let (own, near, far) = (
        records_and_objection(&world, SHANGXIANG),
        records_and_objection(&world, LONGXI),
        records_and_objection(&world, FAR),
    );
    let (document, people) = (Document::new(), people(&world, &near, &far));
    let (mut faults, mut rows) = (Vec::new(), BTreeMap::new());
    for operation in document.operations().into_iter().chain(pages()) {
        let cells: Result<Vec<String>, String> = people
            .iter()
            .map(|person| cell(&world, &document, (person, &people[0]), &operation, &own, &mut faults))
            .collect();
        match cells {
            Ok(cells) => {
                let path =
                    operation.path.split('/').map(|s| s.split(':').next().unwrap()).collect::<Vec<_>>().join("/");
                rows.insert((operation.is_page(), format!("{path} {}", operation.method)), cells);
            }
            Err(lacking) => faults.push(lacking),
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));

    // Controls: somebody who asks about a village of the own scope as if it were another's, and an auditor who can write.
    let officer = people.iter().find(|p| p.role == Some(Role::TownshipOfficer)).unwrap();
    let client = |role| Person {
        title: "control",
        role: Some(role),
        name: String::new(),
        client: officer.client.clone(),
        other: &near,
        form_token: String::new(),
    };
    for (method, path, who, expected) in [
        ("GET", "/api/v1/collectives/{code}", client(Role::TownshipOfficer), 2),
        ("GET", "/api/v1/collectives", client(Role::TownshipOfficer), 1),
        ("PATCH", "/api/v1/collectives/{code}", client(Role::Auditor), 1),
    ] {
        let operation = document.operations().into_iter().find(|o| o.method == method && o.path == path).unwrap();
        let mut caught = Vec::new();
        cell(&world, &document, (&who, &people[0]), &operation, &own, &mut caught).unwrap();
        assert!(caught.len() >= expected, "{method} {path}: {caught:?}");
    }
    compare("openapi/access-matrix.md", &as_markdown(&people, &rows));
}
