//! A village with one pond up for auction and its bidders, in an installation of their own that waits for the disk.

use std::{
    net::TcpListener,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use xiangji::{
    access::{self, Allowed, NewAccount, Permission, Role, may},
    app::App,
    assets::{self, AssetFacts},
    config::{Config, SystemClock},
    db::{self, Lane, Options, Tx},
    documents::{self, NewDocument, Visibility},
    kernel::{Timestamp, codes::resident_check, time::Clock},
    log::By,
    policy::Body,
    settlement::Arrival,
    trading::{
        enrolment::{self, BidderKind, NewEnrolment},
        listing::{self, DealForm, DecisionDraft, LotDraft, LotId, Review, Schedule},
        price::PriceUnit,
    },
};

const VILLAGE: &str = "440703103213";
const TOWN: &str = "440703103000";
const CITY: &str = "440700000000";
const PASSWORD: &str = "measured-in-one-run";

/// This machine's time, moved to where the story is.
struct Shifted(AtomicI64);

impl Shifted {
    fn turn_to(&self, moment: Timestamp) {
        self.0.store(moment.0 - SystemClock.now().0, Ordering::SeqCst);
    }
}

impl Clock for Shifted {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_us(self.0.load(Ordering::SeqCst))
    }
}

pub struct Stage {
    /// `127.0.0.1:PORT`.
    pub address: String,
    pub lot: LotId,
    /// Of the bidders, each admitted to the lot.
    pub tokens: Vec<String>,
}

impl Stage {
    /// An auction that has just opened, with so many bidders. It stays open for the day.
    pub fn open(url: &str, dir: &Path, bidders: usize) -> Stage {
        let pairs = [
            ("XIANGJI_DATABASE_URL", url.to_owned()),
            ("XIANGJI_KEYS", dir.join("xiangji.keys").display().to_string()),
            ("XIANGJI_REQUESTS_PER_MINUTE", "100000000".into()),
            ("XIANGJI_SIGN_INS_PER_MINUTE", "100000000".into()),
        ];
        let config = Config::from_pairs(pairs.map(|(k, v)| (k.to_owned(), v))).unwrap();
        db::migrate(&db::Target::parse(url).unwrap()).unwrap();
        let clock = Arc::new(Shifted(AtomicI64::new(0)));
        clock.turn_to(at("2026-03-02T09:00:00+08:00"));
        let app = App::open(config, clock.clone(), &Options::default()).unwrap();
        xiangji::demo::found_one_village(&app, PASSWORD).unwrap();
        let hash = access::hash_now(PASSWORD).unwrap();
        let account = |name: String, role, scope: &str| {
            let new =
                NewAccount { display_name: name.clone(), name, role, scope: scope.into(), password_hash: hash.clone() };
            app.db.write_now(Lane::Any, move |tx| access::create_account(tx, &By::system(), &new)).unwrap();
        };
        account("reviewer".into(), Role::TownshipOfficer, TOWN);
        account("trader".into(), Role::TradingOfficer, TOWN);
        let names: Vec<String> = (1..=bidders).map(|n| format!("bidder-{n:03}")).collect();
        names.iter().for_each(|name| account(name.clone(), Role::Bidder, CITY));
        let play = Play { app: &app };
        let lot = play.published();
        for (order, name) in (1..).zip(&names) {
            play.admitted(&lot, name, order);
        }
        clock.turn_to(at("2026-03-11T09:30:00+08:00"));
        let address = serve(&app);
        let tokens = names.iter().map(|name| sign_in(&address, name)).collect();
        Stage { address, lot, tokens }
    }

    /// The path of the lot.
    pub fn path(&self, rest: &str) -> String {
        format!("/api/v1/lots/{}{rest}", self.lot)
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A server on a free port of this machine.
fn serve(app: &App) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let app = app.clone();
    std::thread::spawn(move || actix_web::rt::System::new().block_on(app.serve(listener)));
    while ureq::get(format!("http://{address}/readyz")).call().is_err() {
        std::thread::sleep(Duration::from_millis(20));
    }
    address
}

fn sign_in(address: &str, name: &str) -> String {
    let sent =
        ureq::post(format!("http://{address}/api/v1/session")).send_json(json!({ "name": name, "password": PASSWORD }));
    let session: Value = sent.unwrap().body_mut().read_json().unwrap();
    session["token"].as_str().expect("a token").to_owned()
}

/// What people do before the auction, through the use cases of each.
struct Play<'a> {
    app: &'a App,
}

impl Play<'_> {
    fn allowed<P: Permission>(&self, name: &str) -> Allowed<P> {
        let actor = self.app.db.read_now(|rx| access::find_actor(rx, name)).unwrap().expect("an account");
        actor.prove::<P>().unwrap()
    }

    fn write<T: Send + 'static>(&self, work: impl FnMut(&mut Tx<'_>) -> db::Result<T> + Send + 'static) -> T {
        self.app.db.write_now(Lane::Any, work).unwrap()
    }

    /// The pond's lot, its notice out.
    fn published(&self) -> LotId {
        let (allowed, vault) = (self.allowed::<may::KeepDocuments>("kuaiji"), self.app.vault.clone());
        let minutes = NewDocument {
            collective_code: VILLAGE.into(),
            title: "成员代表会议记录".into(),
            visibility: Visibility::Internal,
            bytes: b"%PDF-1.7 minutes".to_vec(),
        };
        let (minutes, _) = self.write(move |tx| documents::add(tx, &allowed, &vault, &minutes));
        let draft = LotDraft {
            title: "3 号鱼塘发包".into(),
            opening_price: "700.00".into(),
            step_min: "1.00".into(),
            deposit: "1000.00".into(),
            conditions: "具有完全民事行为能力的自然人、法人".into(),
            contact: "镇公共服务中心".into(),
            decision_document: Some(minutes.id.to_string()),
            decision_on: Some("2026-02-20".into()),
            decision: DecisionDraft {
                body: Some(Body::MemberRepresentatives),
                entitled: Some(45),
                present: Some(40),
                in_favour: Some(38),
                publicity_from: Some("2026-02-20".into()),
                publicity_until: Some("2026-02-27".into()),
                price_cuts: String::new(),
            },
            ..LotDraft::of_asset(&self.pond(), DealForm::Contract, 96, PriceUnit::PerYear)
        };
        let (allowed, vault) = (self.allowed::<may::DraftListings>("kuaiji"), self.app.vault.clone());
        let policies = self.app.policies.clone();
        let (lot, _) = self.write(move |tx| listing::draft(tx, &allowed, &vault, &policies, &draft));
        let (allowed, id) = (self.allowed::<may::DraftListings>("kuaiji"), lot.clone());
        let policies = self.app.policies.clone();
        self.write(move |tx| listing::submit(tx, &allowed, &policies, &id, |_| Ok(())));
        let (allowed, id) = (self.allowed::<may::ReviewListings>("reviewer"), lot.clone());
        let review = Review { approve: true, note: String::new() };
        self.write(move |tx| listing::review(tx, &allowed, &id, &review, |_| Ok(())));
        let (allowed, id) = (self.allowed::<may::RunAuctions>("trader"), lot.clone());
        let (calendar, policies) = (self.app.calendar.clone(), self.app.policies.clone());
        let schedule = Schedule {
            enrol_until: at("2026-03-10T17:00:00+08:00"),
            opens_at: at("2026-03-11T09:30:00+08:00"),
            closes_at: at("2026-03-11T18:00:00+08:00"),
        };
        self.write(move |tx| listing::publish(tx, &allowed, &calendar, &policies, &id, &schedule, |_| Ok(())));
        lot
    }

    fn pond(&self) -> String {
        let facts: AssetFacts = serde_json::from_value(json!({
            "name": "3 号鱼塘", "kind": "resource", "class": "pond", "area": "15666.67", "location": "龙门里", "state": "idle",
        }))
        .unwrap();
        let allowed = self.allowed::<may::KeepAssets>("kuaiji");
        self.write(move |tx| assets::create_asset(tx, &allowed, VILLAGE, facts.clone())).0.id.to_string()
    }

    fn admitted(&self, lot: &LotId, name: &str, order: u32) {
        let new = NewEnrolment {
            kind: BidderKind::Person,
            name: format!("陈{name}"),
            id_number: resident_id(order),
            phone: "13800001111".into(),
            priority_claim: String::new(),
            accepts_terms: true,
            notice_version: None,
            declares_no_conflict: true,
            share: String::new(),
            partners: Vec::new(),
        };
        let arrival = Arrival {
            amount: "1000.00".into(),
            payer_name: new.name.clone(),
            payer_account: format!("62220000{order:08}"),
            reference: format!("YS{order:04}"),
            received_at: self.app.db.now(),
        };
        let (allowed, vault, lot) = (self.allowed::<may::Bid>(name), self.app.vault.clone(), lot.clone());
        let (made, _) = self.write(move |tx| enrolment::enrol(tx, &allowed, &vault, &lot, &new));
        let (allowed, vault) = (self.allowed::<may::ReceiveDeposits>("trader"), self.app.vault.clone());
        self.write(move |tx| enrolment::receive_deposit(tx, &allowed, &vault, &made.id, &arrival).map(drop));
    }
}

/// A constructed resident ID number of somebody born in 1990 (GB 11643-1999).
fn resident_id(order: u32) -> String {
    let body = format!("44070319900307{order:03}");
    let check = resident_check(&body);
    format!("{body}{check}")
}
