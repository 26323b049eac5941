//! Bad input over HTTP: every body, field, path and query of the OpenAPI document with what people and programs send by
//! mistake or on purpose. Never a fault of the server, always a problem document with a known code.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::TcpStream,
};

use serde_json::{Value, json};
use xiangji::access::Role;

use crate::{
    access_matrix::records_and_objection,
    both_backends,
    support::{
        PATIENCE,
        app::{Answer, Client, DURUAN, SHANGXIANG, World},
        operations::{Document, Operation, Samples},
    },
};

/// What must hold of any answer to bad input; returns a sentence where it does not.
fn fault(answer: &Answer) -> Option<String> {
    if answer.status < 400 {
        return None;
    }
    let about = || answer.text.chars().take(300).collect::<String>();
    if answer.status >= 500 {
        return Some(format!("a fault of the server: {} {}", answer.status, about()));
    }
    if answer.header("content-type") != Some("application/problem+json") {
        return Some(format!("no problem document: {} {}", answer.status, about()));
    }
    let known = xiangji::app::codes().iter().any(|c| c.code == answer.code() && c.status == answer.status);
    let explained = answer.json["detail"].as_str().is_some_and(|d| d.chars().count() > 3);
    (!known || !explained).then(|| format!("no known code or no sentence: {} {}", answer.status, about()))
}

/// Collects faults, so that one run shows them all.
#[derive(Default)]
struct Faults {
    seen: BTreeSet<String>,
    asked: usize,
}

impl Faults {
    fn check(&mut self, what: &str, answer: &Answer) {
        self.asked += 1;
        if let Some(fault) = fault(answer) {
            self.seen.insert(format!("{what}: {fault}"));
        }
    }
    fn report(self, least: usize) {
        eprintln!("{} requests", self.asked);
        let shown: Vec<&String> = self.seen.iter().take(40).collect();
        assert!(self.seen.is_empty(), "{} faults, the first:\n{shown:#?}", self.seen.len());
        assert!(self.asked >= least, "only {} requests: the document was not understood", self.asked);
    }
}

/// Somebody for each operation: the first who has the right.
struct Staff<'w>(Vec<Client<'w>>);

impl<'w> Staff<'w> {
    fn new(world: &'w World) -> (Staff<'w>, Samples) {
        let samples = records_and_objection(world, SHANGXIANG);
        let mut all = vec![world.sign_in(&format!("clerk-{SHANGXIANG}"))];
        let roles = Role::ALL.iter().filter(|r| **r != Role::Clerk);
        all.extend(roles.map(|r| {
            let township = matches!(r, Role::TownshipOfficer | Role::TradingOfficer | Role::Auditor | Role::Admin);
            world.actor(*r, if township { DURUAN } else { SHANGXIANG }, &format!("abuse-{r}"))
        }));
        (Staff(all), samples)
    }

    fn fit(&self, operation: &Operation, address: &str) -> &Client<'w> {
        let refused = |c: &&Client<'_>| matches!(c.send(&operation.method, address, &[], None).status, 401 | 403);
        let candidates = if operation.path.ends_with("sign-out") { &self.0[..0] } else { &self.0[..] };
        candidates.iter().find(|c| !refused(c)).unwrap_or(&self.0[0])
    }
}

fn long() -> String {
    "长".repeat(70_000)
}

/// What may not stand in a field, whatever it is for.
fn bad_values(kind: Option<&str>) -> Vec<Value> {
    let mut bad = vec![json!(null), json!(-1.5), json!(true), json!([[]]), json!({"a": {}})];
    if kind == Some("string") {
        bad.extend(
            ["", " ", "1.234", "12345678901234567890.00", "-0.01", "2026-02-30", "99999-12-31"].map(|t| json!(t)),
        );
        bad.extend(["😀𠅤\u{202e}", "\u{0}\u{7}\u{1b}[2J", "<script>' OR 1=1 --"].map(|t| json!(t)));
        bad.push(json!(long()));
    } else {
        bad.extend([json!("x"), json!(i64::MAX), json!(u64::MAX), json!(i64::MIN)]);
    }
    bad
}

/// Sends the sample with `value` at `pointer`, with the version that was last seen.
struct Sender<'a, 'w> {
    who: &'a Client<'w>,
    operation: &'a Operation,
    address: String,
    etag: String,
}

impl Sender<'_, '_> {
    fn send(&mut self, media: &str, body: Vec<u8>) -> Answer {
        let headers = [("content-type", media), ("if-match", &self.etag)];
        let answer = self.who.send(&self.operation.method, &self.address, &headers, Some(body));
        if let Some(tag) = answer.header("etag").filter(|_| self.operation.method != "POST") {
            self.etag = tag.to_owned();
        }
        answer
    }
}

fn put(body: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.insert(name.to_owned(), value);
        }
        Some(Value::Array(items)) => *items = vec![value],
        _ => {}
    }
}

both_backends!(every_field_with_what_it_cannot_be, |world| {
    let (document, (staff, samples)) = (Document::new(), Staff::new(world));
    let mut faults = Faults::default();
    let on_sqlite = world.app.config.database_url.starts_with("sqlite");
    for operation in document.operations() {
        let Some((media, schema)) = operation.body.as_ref().filter(|(m, _)| m.ends_with("json")) else { continue };
        let address = operation.address(&samples).unwrap();
        let who = staff.fit(&operation, &address);
        let etag = who.get(&address).header("etag").unwrap_or("\"1\"").to_owned();
        let mut sender = Sender { who, operation: &operation, address, etag };
        let what = format!("{} {}", operation.method, operation.path);
        let sample = document.sample(schema, &samples);
        for (pointer, kind) in document.fields(schema) {
            // What does not depend on the database is tried once.
            for bad in bad_values(kind.as_deref()).into_iter().skip(if on_sqlite { 0 } else { 5 }) {
                let mut body = sample.clone();
                put(&mut body, &pointer, bad.clone());
                let answer = sender.send(media, body.to_string().into_bytes());
                let shown = bad.to_string().chars().take(30).collect::<String>();
                faults.check(&format!("{what} {pointer} = {shown}"), &answer);
                let too_much = bad.as_str().is_some_and(|t| t.len() > 100_000 || t.contains('\u{0}'));
                if too_much && answer.status < 300 {
                    faults.seen.insert(format!("{what} {pointer}: takes {shown}"));
                }
            }
        }
        let broken: [&[u8]; 12] = [
            b"",
            b"{",
            b"{}",
            b"[]",
            b"null",
            b"\"x\"",
            b"{\"name\": \"a\", }",
            b"\xff\xfe{}",
            b"{} {}",
            b"{\"a\":1e999}",
            b"{\"name\":\"\\ud800\"}",
            &[b'['; 100_000],
        ];
        for body in broken {
            let shown = String::from_utf8_lossy(body).chars().take(20).collect::<String>();
            faults.check(&format!("{what} {shown}"), &sender.send(media, body.to_vec()));
        }
        faults.check(&format!("{what} as text"), &sender.send("text/plain", b"{}".to_vec()));
        faults.check(&format!("{what} as nothing"), &sender.send("", b"{}".to_vec()));
    }
    faults.report(500);
});

both_backends!(every_path_and_query_with_what_it_cannot_be, |world| {
    let (document, (staff, samples)) = (Document::new(), Staff::new(world));
    let mut faults = Faults::default();
    let long = "a".repeat(5_000);
    let odd = [
        "%00",
        "%ff%fe",
        "..%2f..",
        "%F0%9F%98%80",
        "'",
        "%22",
        "%20",
        "-1",
        "99999999999999999999",
        "a_b",
        "{id}",
        &long,
    ];
    for operation in document.operations() {
        let what = format!("{} {}", operation.method, operation.path);
        let address = operation.address(&samples).unwrap();
        let who = staff.fit(&operation, &address);
        let body =
            || operation.body.as_ref().map(|(_, schema)| document.sample(schema, &samples).to_string().into_bytes());
        let headers = [("content-type", "application/json"), ("if-match", "\"1\"")];
        for bad in odd {
            if operation.has_record() {
                let mut named = samples.clone();
                named.values_mut().for_each(|v| *v = bad.replace('{', "%7B").replace('}', "%7D"));
                let path = operation.address(&named).unwrap();
                let answer = who.send(&operation.method, &path, &headers, body());
                faults.check(&format!("{what} {bad:.20}"), &answer);
                if answer.status < 300 {
                    faults.seen.insert(format!("{what}: takes {bad:.20} for a record"));
                }
            }
            for name in operation.query() {
                let bad = bad.replace(['{', '}'], "").replace('\'', "%27");
                let first = if address.contains('?') { '&' } else { '?' };
                let answer = who.send(&operation.method, &format!("{address}{first}{name}={bad}"), &headers, body());
                faults.check(&format!("{what}?{name}={bad:.20}"), &answer);
            }
        }
        for (name, value) in [("if-match", "W/\"x\""), ("idempotency-key", "键"), ("cookie", "xj_session=;;=")] {
            let headers = [("content-type", "application/json"), (name, value)];
            let answer = who.send(&operation.method, &address, &headers, body());
            faults.check(&format!("{what} with {name}"), &answer);
        }
    }
    faults.report(200);
});

#[test]
fn another_method_gets_405_with_what_is_allowed() {
    let world = World::sqlite();
    let (document, (staff, samples)) = (Document::new(), Staff::new(&world));
    let operations = document.operations();
    let mut faults = Faults::default();
    for operation in &operations {
        let address = operation.address(&samples).unwrap();
        // `/assets/imports` is also an `/assets/{id}`: what that one can do is not refused by its method.
        let same = |o: &&Operation| {
            let (a, b): (Vec<&str>, Vec<&str>) = (o.path.split('/').collect(), operation.path.split('/').collect());
            a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a == b || a.starts_with('{'))
        };
        let known: Vec<&str> = operations.iter().filter(same).map(|o| o.method.as_str()).collect();
        let own: Vec<&str> =
            operations.iter().filter(|o| o.path == operation.path).map(|o| o.method.as_str()).collect();
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"].into_iter().filter(|m| !known.contains(m)) {
            let answer = staff.0[0].send(method, &address, &[], None);
            faults.check(&format!("{method} {}", operation.path), &answer);
            let allow = answer.header("allow").unwrap_or("");
            if answer.status != 405 || !own.iter().all(|m| allow.contains(m)) {
                faults.seen.insert(format!("{method} {}: {} Allow: {allow:?}", operation.path, answer.status));
            }
        }
    }
    faults.report(50);
}

/// Sends head and body by hand, whatever the server does meanwhile, and reads the status.
fn raw(world: &World, head: &str, length: usize) -> u16 {
    let mut stream = TcpStream::connect(world.base.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let chunk = vec![b'{'; 1 << 16];
    let mut sent = 0;
    // The server may answer and close before it has read everything, even the head: that is its right.
    let mut goes_on = stream.write_all(head.as_bytes()).is_ok();
    while goes_on && sent < length {
        let part = &chunk[..chunk.len().min(length - sent)];
        goes_on = stream.write_all(part).is_ok();
        sent += part.len();
    }
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).map_or(0, |()| String::from_utf8_lossy(&answer[9..]).parse().unwrap_or(0))
}

#[test]
fn bodies_of_every_size_and_heads_that_lie() {
    let world = World::sqlite();
    let (staff, _) = Staff::new(&world);
    let clerk = &staff.0[0];
    let token = clerk.token.clone().unwrap();
    let mut faults = Faults::default();
    for size in [100, 10_000, 1 << 20, 5 << 20, 100_000_000] {
        let text = format!("{{\"name\":\"{}\"}}", "x".repeat(size));
        let json = clerk.send("POST", "/api/v1/assets", &[("content-type", "application/json")], Some(text.into()));
        faults.check(&format!("JSON of {size} bytes"), &json);
        assert_eq!(json.status, if size > 4 << 20 { 413 } else { 422 }, "{json:?}");
        let file = clerk.upload("/api/v1/documents", &[("collective_code", SHANGXIANG)], "a.pdf", &vec![b'x'; size]);
        faults.check(&format!("form of {size} bytes"), &file);
        assert!(matches!(file.status, 413 | 422), "{file:?}");
        let list = clerk.send(
            "POST",
            "/api/v1/assets/imports",
            &[("content-type", "application/octet-stream")],
            Some(vec![b'x'; size]),
        );
        faults.check(&format!("file of {size} bytes"), &list);
        assert!(matches!(list.status, 413 | 422), "{list:?}");
    }
    let many: Vec<(String, String)> = (0..200).map(|n| (format!("f{n}"), "x".repeat(100))).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    for (what, fields) in [("many fields", many), ("a long field", vec![("title", &*long())]), ("no fields", vec![])] {
        faults.check(what, &clerk.upload("/api/v1/documents", &fields, "", b"%PDF-1.7"));
    }
    for body in [
        "",
        "--frontier",
        "--frontier\r\n\r\nx",
        "--frontier\r\ncontent-disposition: form-data\r\n\r\nx\r\n--frontier--\r\n",
    ] {
        for media in ["multipart/form-data; boundary=frontier", "multipart/form-data", "multipart/form-data; boundary="]
        {
            let answer = clerk.send("POST", "/api/v1/documents", &[("content-type", media)], Some(body.into()));
            faults.check(&format!("{media} {body:?}"), &answer);
            assert!(answer.status >= 400, "{answer:?}");
        }
    }
    faults.report(20);

    let long = long();
    let head = |rest: &str| {
        format!(
            "POST /api/v1/assets HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n{rest}\r\n\r\n"
        )
    };
    for (rest, length, expected) in [
        (format!("x-long: {}", "x".repeat(300_000)), 0, 400..=431),
        ((0..500).map(|n| format!("x-{n}: {n}")).collect::<Vec<_>>().join("\r\n"), 0, 400..=431),
        ("content-length: -1".into(), 0, 400..=400),
        ("content-length: 5\r\ncontent-length: 6".into(), 6, 400..=400),
        ("content-type: application/json\r\ncontent-length: 100000000".into(), 100_000_000, 413..=413),
        ("content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz".into(), 10, 0..=400),
        (format!("cookie: xj_session={}", &long[..3_000]), 0, 400..=415),
    ] {
        let status = raw(&world, &head(&rest), length);
        assert!(expected.contains(&status), "{status} for {rest:.60}");
    }
    assert_eq!(clerk.get("/api/v1/session").status, 200, "the server lives");
}

both_backends!(files_that_are_none, |world| {
    let (document, (staff, samples)) = (Document::new(), Staff::new(world));
    let mut faults = Faults::default();
    let commas = ",".repeat(100_000);
    let files: [&[u8]; 10] = [
        b"",
        b"\xef\xbb\xbf",
        b"PK\x03\x04 no archive",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        &[0; 1000],
        b"\x81\x30\x81",
        commas.as_bytes(),
        b"\"never closed",
        "资产名称,资产类别,面积,坐落\n东塘\u{1b}[2J,鱼塘,10,龙门里\n".as_bytes(),
        "资产名称,资产类别,面积,坐落\n东\u{0}塘\u{1b},鱼塘,10,龙门里\n".as_bytes(),
    ];
    let takes_files = |o: &&Operation| o.body.as_ref().is_some_and(|(media, _)| media == "application/octet-stream");
    for operation in document.operations().iter().filter(takes_files) {
        let address = operation.address(&samples).unwrap();
        let who = staff.fit(operation, &address);
        for file in files {
            let what = format!(
                "{} with {}",
                operation.path,
                String::from_utf8_lossy(file).chars().take(12).collect::<String>()
            );
            let headers = [("content-type", "application/octet-stream")];
            let answer = who.send(&operation.method, &address, &headers, Some(file.to_vec()));
            faults.check(&what, &answer);
            if answer.status < 300 && answer.json["id"].is_string() {
                let address = address.split('?').next().unwrap();
                faults.check(
                    &what,
                    &who.send("POST", &format!("{address}/{}/confirm", answer.id()), &[], Some(Vec::new())),
                );
            }
        }
    }
    faults.report(9);
});

#[test]
fn a_fault_is_caught() {
    let answer = |status: u16, kind: &str, body: Value| Answer {
        status,
        headers: vec![("content-type".into(), kind.into())],
        text: body.to_string(),
        json: body,
    };
    let problem = "application/problem+json";
    let good = json!({"code": "not_found", "detail": "没有这条记录"});
    assert_eq!(fault(&answer(404, problem, good.clone())), None);
    assert!(fault(&answer(500, problem, json!({"code": "internal", "detail": "程序出了差错"}))).is_some());
    assert!(fault(&answer(404, "text/plain", good.clone())).is_some());
    assert!(fault(&answer(422, problem, good)).is_some(), "another status than the code's");
    assert!(fault(&answer(404, problem, json!({"code": "surprise", "detail": "没有这条记录"}))).is_some());
    assert!(fault(&answer(404, problem, json!({"code": "not_found", "detail": ""}))).is_some());
}
