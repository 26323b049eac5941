//! Everybody is served the same (SEAL-11): a hundred sessions of different people, addresses and programs get the same bytes
//! but for their names, the scripts and sheets among them are those whose digests the log holds since before they were served,
//! and nothing comes from elsewhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Write},
    process::Stdio,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use sha2::{Digest, Sha256, Sha384};
use xiangji::{access::Role, log};

use crate::{
    crash,
    sealed::{Keys, lot},
    support::app::{DURUAN, SHANGXIANG, World},
};

/// One request from an address of this machine's own network: the head of the answer and its body.
fn ask(base: &str, from: u8, agent: &str, token: Option<&str>, path: &str) -> (String, Vec<u8>) {
    let address: std::net::SocketAddr = base.strip_prefix("http://").unwrap().parse().unwrap();
    let bearer = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: {agent}\r\n{bearer}Connection: close\r\n\r\n");
    let connect = async move {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(std::net::SocketAddr::from(([127, 0, 1, from], 0))).unwrap();
        socket.connect(address).await.unwrap().into_std().unwrap()
    };
    let mut stream = actix_web::rt::System::new().block_on(connect);
    stream.set_nonblocking(false).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let split = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let (head, body) = (String::from_utf8(answer[..split].to_vec()).unwrap(), answer[split + 4..].to_vec());
    assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
    let body = if head.to_lowercase().contains("transfer-encoding: chunked") { unchunked(&body) } else { body };
    (head, body)
}

fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|two| two == b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return whole;
        }
        whole.extend(&body[end + 2..end + 2 + size]);
        body = &body[end + 2 + size + 2..];
    }
}

/// A page without what is the visitor's own: the word of its forms, and the name.
fn masked(page: &str, name: &str) -> String {
    let mut parts = page.split("name=\"csrf\" value=\"");
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        text.push_str("name=\"csrf\" value=\"");
        text.push_str(&part[part.find('"').unwrap()..]);
    }
    if name.is_empty() { text } else { text.replace(name, "…") }
}

/// The tags by which a page loads something, as they stand in it.
fn loads(page: &str) -> Vec<&str> {
    let tags = page.split('<').skip(1).filter(|tag| tag.starts_with("script") || tag.starts_with("link"));
    tags.map(|tag| tag.split('>').next().unwrap()).collect()
}

fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    tag.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next())
}

fn integrity(bytes: &[u8]) -> String {
    format!("sha384-{}", STANDARD.encode(Sha384::digest(bytes)))
}

#[test]
fn a_hundred_sessions_get_the_same_bytes() {
    let world = World::sqlite();
    let trade = lot(&world, &Keys::new(3), 2, None);
    world.set_time("2026-03-11T09:31:00+08:00");
    let paths = ["/lots".to_owned(), format!("/lots/{}", trade.lot), format!("/lots/{}/sealed", trade.lot)];
    let digests: BTreeMap<&str, String> = xiangji::web::static_files::digests().into_iter().collect();
    let groups = [None, Some(Role::Bidder), Some(Role::Member), Some(Role::Clerk), Some(Role::TownshipOfficer)];
    let (mut pages, mut tags, mut assets) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
    for n in 0..100_u8 {
        let role = groups[usize::from(n) % groups.len()];
        let name = role.map(|role| format!("visitor-{n}-{role}")).unwrap_or_default();
        let token = role.map(|role| {
            let scope = if role == Role::TownshipOfficer { DURUAN } else { SHANGXIANG };
            world.actor(role, scope, &name).token.unwrap()
        });
        let agent = format!("Browser/{n} (system {})", n % 7);
        for path in &paths {
            let (head, body) = ask(&world.base, n + 1, &agent, token.as_deref(), path);
            let policy = head.lines().find(|line| line.to_lowercase().starts_with("content-security-policy"));
            let policy = policy.unwrap_or_else(|| panic!("{head}"));
            assert!(policy.contains("default-src 'self'") && !policy.contains("http"), "{policy}");
            let page = String::from_utf8(body).unwrap();
            let found: Vec<String> = loads(&page).into_iter().map(str::to_owned).collect();
            for tag in &found {
                let address = attribute(tag, "src").or(attribute(tag, "href"));
                let address = address.unwrap_or_else(|| panic!("code inside the page: {tag}"));
                assert!(address.starts_with("/static/"), "from elsewhere: {tag}");
                let (_, bytes) = ask(&world.base, n + 1, &agent, token.as_deref(), address);
                let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(digests.get(address), Some(&digest), "{address}");
                let is_code = tag.starts_with("script") || tag.contains("rel=\"stylesheet\"");
                assert!(!is_code || attribute(tag, "integrity") == Some(&*integrity(&bytes)), "{tag}");
                let other = [bytes, b" ".to_vec()].concat();
                assert_ne!(attribute(tag, "integrity"), Some(&*integrity(&other)), "control");
                assets.insert(address.to_owned());
            }
            assert!(found.iter().any(|tag| tag.starts_with("script")), "the search finds scripts: {page}");
            assert_eq!(tags.entry(path).or_insert_with(|| found.clone()), &found, "one code for every role");
            let page = masked(&page, &name);
            let first = pages.entry((role.map(|role| role.as_str()), path)).or_insert_with(|| page.clone());
            assert_eq!(*first, page, "session {n}, {path}");
        }
    }
    assert_eq!((pages.len(), assets.len() >= 4), (15, true), "{assets:?}");
    let different: BTreeSet<&String> = pages.values().collect();
    assert!(different.len() > 6, "control: a page that is another is seen to be another");
}

/// The digests are on record before the first answer, once for a program however often it is started.
#[test]
fn what_is_served_stands_in_the_log_before_it_is() {
    let world = World::sqlite();
    for _ in 0..2 {
        let mut server = crash::serve(&world, Stdio::null(), &[]);
        let (_, page) = ask(&server.base, 1, "first", None, "/log");
        let page = String::from_utf8(page).unwrap();
        let entry =
            page.split("存证第 ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_else(|| panic!("{page}"));
        let seq: i64 = entry.parse().unwrap();
        let (_, told) = ask(&server.base, 1, "first", None, &format!("/log/entries/{seq}"));
        let told = String::from_utf8(told).unwrap();
        let entry = world.app.db.read_now(|rx| log::find_entry(rx, seq)).unwrap().unwrap();
        let files: BTreeMap<String, Value> = serde_json::from_value(entry.data["files"].clone()).unwrap();
        let served = xiangji::web::static_files::digests();
        assert_eq!((entry.kind.as_str(), files.len()), ("program.served", served.len()));
        for (address, digest) in served {
            assert_eq!(files[address], digest);
            let (_, bytes) = ask(&server.base, 1, "first", None, address);
            assert_eq!(Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>(), digest);
            assert!(told.contains(&digest), "everybody can read it there");
        }
        // SIGKILL, by the child's own id.
        server.child.kill().unwrap();
        server.child.wait().unwrap();
    }
    let all = crate::support::behind::Behind::of(&world)
        .texts("SELECT CAST(count(*) AS TEXT) AS v FROM log_subjects WHERE subject LIKE 'program/%'");
    assert_eq!(all, ["1"], "once");
}
