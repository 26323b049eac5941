//! A running program on a fresh database, with the clock in the test's hand.

use std::{
    net::TcpListener,
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
};

use serde_json::{Value, json};
use xiangji::{
    access::{self, NewAccount, Role},
    app::App,
    config::Config,
    db::{Lane, Options},
    kernel::{Timestamp, time::Clock},
    log::By,
    trading::auction,
};

use super::postgres;

/// The village of the stories: 上巷村, 杜阮镇; and the one beside it.
pub const SHANGXIANG: &str = "440703103213";
pub const LONGXI: &str = "440703103202";
pub const DURUAN: &str = "440703103000";
pub const PASSWORD: &str = "correct-horse";

/// What the town of the stories lays down for itself: a lot may be let by negotiation after one failed round.
const RULES: &str = r#"
name = "stories"
title = "杜阮镇"
region = "440703103000"
[[rule]]
key = "negotiation_after_rounds"
value = 1
from = "2020-01-01"
basis = "杜阮镇办法"
verified = true
"#;

/// A clock that stands until it is turned.
pub struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Who sends requests. The server closes what has been idle for five seconds, and what is sent at that moment is lost: nothing
/// idle is used again after one.
pub fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
    config.max_idle_age(std::time::Duration::from_secs(1)).build().new_agent()
}

pub struct World {
    pub app: App,
    pub clock: Arc<HandClock>,
    pub base: String,
    agent: ureq::Agent,
    _dir: tempfile::TempDir,
    server: actix_web::dev::ServerHandle,
}

impl World {
    pub fn sqlite() -> World {
        Self::sqlite_with(&[])
    }

    pub fn sqlite_with(more: &[(&str, String)]) -> World {
        static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
        let template = TEMPLATE.get_or_init(|| {
            let path = tempfile::tempdir().unwrap().keep().join("template.db");
            xiangji::db::migrate(&xiangji::db::Target::Sqlite(path.clone())).unwrap();
            path
        });
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("xiangji.db");
        std::fs::copy(template, &path).unwrap();
        Self::start_with(&format!("sqlite://{}", path.display()), dir, &Options::default(), more)
    }

    pub fn postgres() -> Option<World> {
        Self::postgres_with(&[])
    }

    pub fn postgres_with(more: &[(&str, String)]) -> Option<World> {
        let url = postgres::cluster()?.fresh();
        Some(Self::start_with(&url, tempfile::tempdir().unwrap(), &Options::default(), more))
    }

    pub fn start(url: &str, dir: tempfile::TempDir, options: &Options) -> World {
        Self::start_with(url, dir, options, &[])
    }

    /// With further settings, which take the place of the usual ones.
    pub fn start_with(url: &str, dir: tempfile::TempDir, options: &Options, more: &[(&str, String)]) -> World {
        let clock = Arc::new(HandClock(AtomicI64::new("2026-03-02T09:00:00+08:00".parse::<Timestamp>().unwrap().0)));
        let (keys, rules) = (dir.path().join("xiangji.keys"), dir.path().join("rules.toml"));
        std::fs::write(&rules, RULES).unwrap();
        let pairs = [
            ("XIANGJI_POLICIES", rules.display().to_string()),
            ("XIANGJI_DATABASE_URL", url.to_owned()),
            ("XIANGJI_KEYS", keys.display().to_string()),
            ("XIANGJI_REQUESTS_PER_MINUTE", "1000000".into()),
            ("XIANGJI_SIGN_INS_PER_MINUTE", "1000000".into()),
        ];
        let pairs = pairs.iter().chain(more).map(|(k, v)| ((*k).to_owned(), v.clone()));
        let config = Config::from_pairs(pairs).unwrap();
        let app = App::open(config, clock.clone(), options).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (handle, handles) = std::sync::mpsc::channel();
        let served = app.clone();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = served.server(listener, 1).unwrap();
                handle.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let server = handles.recv().unwrap();
        let agent = agent();
        World { app, clock, base, agent, _dir: dir, server }
    }

    /// Turns the clock.
    pub fn set_time(&self, at: &str) {
        self.clock.0.store(at.parse::<Timestamp>().unwrap().0, Ordering::SeqCst);
    }
    pub fn pass_s(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// Closes what has ended by now. No other instance has a bid in hand, so not even on PostgreSQL is a second given to it
    /// (decision 57).
    pub fn close_due(&self) -> usize {
        let App { db, calendar, vault, .. } = &self.app;
        auction::close_ended(db, calendar, vault, db.now()).unwrap()
    }

    /// An account made behind the API, signed in through it.
    pub fn actor(&self, role: Role, scope: &str, name: &str) -> Client<'_> {
        static HASH: OnceLock<String> = OnceLock::new();
        let password_hash = HASH.get_or_init(|| access::hash_now(PASSWORD).unwrap()).clone();
        let new = NewAccount { name: name.into(), display_name: name.into(), role, scope: scope.into(), password_hash };
        self.app.db.write_now(Lane::Any, move |tx| access::create_account(tx, &By::system(), &new)).unwrap();
        self.sign_in(name)
    }
    pub fn sign_in(&self, name: &str) -> Client<'_> {
        self.sign_in_with(name, PASSWORD)
    }
    pub fn sign_in_with(&self, name: &str, password: &str) -> Client<'_> {
        let answer = self.nobody().post("/api/v1/session", &json!({"name": name, "password": password}));
        assert_eq!(answer.status, 200, "{answer:?}");
        Client { world: self, token: Some(answer.json["token"].as_str().unwrap().to_owned()) }
    }
    pub fn clerk(&self, village: &str) -> Client<'_> {
        self.actor(Role::Clerk, village, &format!("clerk-{village}"))
    }
    /// Registers a village's collective, without ceremony.
    pub fn village(&self, code: &str, name: &str) {
        let officer = self.actor(Role::TownshipOfficer, "440703000000", &format!("registrar-{code}"));
        let made = officer.post("/api/v1/collectives", &json!({"code": code, "name": name}));
        assert_eq!(made.status, 201, "{made:?}");
    }
    pub fn nobody(&self) -> Client<'_> {
        Client { world: self, token: None }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(self.server.stop(false));
        self.app.db.stop();
        postgres::gone(&self.app.config.database_url);
    }
}

/// Somebody who sends requests.
#[derive(Clone)]
pub struct Client<'w> {
    world: &'w World,
    pub token: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub text: String,
    /// Null where the body is no JSON.
    pub json: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
    pub fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or("")
    }
    pub fn id(&self) -> &str {
        self.json["id"].as_str().unwrap_or_else(|| panic!("no id in {self:?}"))
    }
}

impl Client<'_> {
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[("content-type", "application/json")], Some(body.to_string().into_bytes()))
    }
    /// A PATCH with the version that was seen.
    pub fn patch(&self, path: &str, version: i64, body: &Value) -> Answer {
        let tag = format!("\"{version}\"");
        self.send(
            "PATCH",
            path,
            &[("content-type", "application/json"), ("if-match", &tag)],
            Some(body.to_string().into_bytes()),
        )
    }
    /// A multipart form with one file.
    pub fn upload(&self, path: &str, fields: &[(&str, &str)], file_name: &str, bytes: &[u8]) -> Answer {
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(
                format!("--frontier\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
            );
        }
        body.extend(
            format!("--frontier\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\r\n")
                .bytes(),
        );
        body.extend(bytes);
        body.extend(b"\r\n--frontier--\r\n");
        self.send("POST", path, &[("content-type", "multipart/form-data; boundary=frontier")], Some(body))
    }
    /// A form of a page, with the token that the pages of this session carry.
    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let home = self.get("/");
        let token = home.text.split("name=\"csrf\" value=\"").nth(1).and_then(|t| t.split('"').next()).unwrap_or("");
        let all: Vec<(&str, &str)> = [("csrf", token)].into_iter().chain(fields.iter().copied()).collect();
        let body = serde_urlencoded::to_string(&all).unwrap().into_bytes();
        self.send("POST", path, &[("content-type", "application/x-www-form-urlencoded")], Some(body))
    }
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<Vec<u8>>) -> Answer {
        let (status, headers, bytes) = self.raw(method, path, headers, body);
        let text = String::from_utf8(bytes).unwrap_or_default();
        Answer { status, headers, json: serde_json::from_str(&text).unwrap_or(Value::Null), text }
    }
    /// Status, headers and body of an answer that is no text.
    pub fn bytes(&self, path: &str) -> (u16, Vec<(String, String)>, Vec<u8>) {
        self.raw("GET", path, &[], None)
    }
    fn raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> (u16, Vec<(String, String)>, Vec<u8>) {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.world.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let mut response = match body {
            Some(bytes) => self.world.agent.run(request.body(bytes).unwrap()),
            None => self.world.agent.run(request.body(()).unwrap()),
        }
        .unwrap();
        let headers = response
            .headers()
            .iter()
            .map(|(n, v)| (n.to_string(), String::from_utf8_lossy(v.as_bytes()).into_owned()))
            .collect();
        let bytes = response.body_mut().with_config().limit(64 << 20).read_to_vec().unwrap_or_default();
        (response.status().as_u16(), headers, bytes)
    }
}
