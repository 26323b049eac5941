//! Sealed bids: nobody reads a price before the deadline, and afterwards everybody can open all of them again.

use age::{secrecy::ExposeSecret, x25519::Identity};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use xiangji::{
    kernel::Fen,
    trading::sealed::{Envelope, seal},
};

use crate::{
    both_backends,
    methods::{clerk, draft, fields, published, replays},
    support::{
        app::{Answer, Client, DURUAN, World},
        behind::Behind,
        verified::faults,
    },
    trading::{HOURS, Trade, ok, steering},
};

/// The secret keys of trustees, each at home with its trustee.
pub struct Keys(pub Vec<Identity>);

impl Keys {
    pub fn new(count: usize) -> Keys {
        Keys((0..count).map(|_| Identity::generate()).collect())
    }
    pub fn public(&self, trustee: usize) -> String {
        self.0[trustee].to_public().to_string()
    }
    fn all_public(&self) -> Vec<String> {
        (0..self.0.len()).map(|i| self.public(i)).collect()
    }
    /// Registers them at a place; gives the identifiers.
    pub fn registered(&self, officer: &Client<'_>, region: &str) -> Vec<String> {
        let one = |(i, recipient): (usize, String)| {
            let name = ["甲", "乙", "丙", "丁", "戊", "己", "庚"][i % 7];
            let body =
                json!({"region_code": region, "name": format!("梁{name}"), "office": "监事会", "recipient": recipient});
            ok(officer.post("/api/v1/trustees", &body)).id().to_owned()
        };
        self.all_public().into_iter().enumerate().map(one).collect()
    }
    /// What a bidder's own machine makes; two trustees are needed, or three of five.
    pub fn envelope(&self, lot: &str, bidder: &str, fen: i64) -> Envelope {
        let needed = if self.0.len() > 4 { 3 } else { 2 };
        seal(lot, bidder, Fen(fen), needed, &self.all_public()).unwrap()
    }
    /// A trustee decrypts the own shares of all bids; a bid whose share cannot be decrypted is left out.
    pub fn clear(&self, bids: &Value, trustee: usize) -> Value {
        let key = self.public(trustee);
        let of_bid = |bid: &Value| {
            let share = bid["shares"].as_array()?.iter().find(|share| share["trustee"] == key.as_str())?;
            let sealed = STANDARD.decode(share["share"].as_str()?).ok()?;
            let clear = age::decrypt(&self.0[trustee], &sealed).ok()?;
            Some(json!({"bid": bid["id"], "share": STANDARD.encode(clear)}))
        };
        let shares: Vec<Value> = bids["bids"].as_array().unwrap().iter().filter_map(of_bid).collect();
        json!({"trustee": key, "shares": shares})
    }
    pub fn hand_in(&self, who: &Client<'_>, lot: &str, trustee: usize) -> Answer {
        let path = format!("/api/v1/lots/{lot}/sealed-bids");
        let bids = ok(who.get(&path)).json;
        ok(who.post(&format!("{path}/shares"), &self.clear(&bids, trustee)))
    }
}

/// A name of its own, and so an account of its own, for each of a hundred bidders.
pub fn person(n: usize) -> String {
    let stem = |n: usize| ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸"][n % 10];
    format!("陈{}{}", stem(n / 10), stem(n))
}

/// A published lot with sealed bids; A, B and C have the numbers 01 to 03.
pub fn lot<'w>(world: &'w World, keys: &Keys, needed: u32, revisions: Option<u32>) -> Trade<'w> {
    let mut terms = draft(world, json!({}));
    let ids = keys.registered(&world.sign_in("reviewer"), DURUAN);
    terms["method"] = json!({"mode": "sealed", "trustees": ids, "trustees_needed": needed, "revisions": revisions});
    terms["step_min"] = json!("");
    terms["step_max"] = Value::Null;
    let trade = published(world, &terms);
    for (order, name) in [(1, "A"), (2, "B"), (3, "C")] {
        let made = ok(trade.enrol(name, order, ""));
        ok(trade.pay(made.id(), &format!("陈{name}"), &format!("bank-{name}")));
    }
    trade
}

pub fn send(trade: &Trade<'_>, name: &str, at: &str, envelope: &Envelope) -> Answer {
    trade.world.set_time(&format!("2026-03-11T{at}+08:00"));
    trade.as_(name).post(&trade.path("/sealed-bids"), &json!(envelope))
}

fn withdraw(trade: &Trade<'_>, name: &str, at: &str) -> Answer {
    trade.world.set_time(&format!("2026-03-11T{at}+08:00"));
    trade.as_(name).post(&trade.path("/sealed-bids/withdraw"), &json!({}))
}

pub fn bids(trade: &Trade<'_>) -> Value {
    ok(trade.world.nobody().get(&trade.path("/sealed-bids"))).json
}

pub fn logged(trade: &Trade<'_>) -> String {
    ok(trade.as_("auditor").get("/api/v1/log/entries?limit=100")).text
}

pub fn no_faults(world: &World) {
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
}

// SEAL-1, SEAL-4, SEAL-5, SEAL-7, SEAL-9.
both_backends!(three_of_five_open_together_what_nobody_could_read, |world| {
    let keys = Keys::new(5);
    let trade = lot(world, &keys, 3, Some(1));
    let envelope = |bidder: &str, fen| keys.envelope(&trade.lot, bidder, fen);
    assert_eq!(send(&trade, "A", "09:29:59", &envelope("01", 82_000)).code(), "not_open");
    let first = ok(send(&trade, "A", "09:31:00", &envelope("01", 82_000)));
    assert_eq!((first.json["bidder"].as_str(), first.json["counts"].as_bool()), (Some("01"), Some(true)), "{first:?}");
    ok(send(&trade, "B", "09:32:00", &envelope("02", 99_900)));
    ok(send(&trade, "B", "09:33:00", &envelope("02", 85_000)));
    assert_eq!(send(&trade, "B", "09:34:00", &envelope("02", 86_000)).code(), "revisions_used");
    ok(send(&trade, "C", "09:35:00", &envelope("03", 95_000)));
    ok(withdraw(&trade, "C", "09:36:00"));
    assert_eq!(withdraw(&trade, "C", "09:36:30").code(), "nothing_to_withdraw");
    let own = ok(trade.as_("B").get(&trade.path("/sealed-bids/own"))).json;
    assert_eq!((own["items"][0]["counts"].as_bool(), own["items"][1]["counts"].as_bool()), (Some(true), Some(false)));
    assert_eq!(trade.bid("A", "09:40:00", "820.00").code(), "wrong_mode", "an open price");
    assert!(!logged(&trade).contains("820.00"), "and it is not told to the log");

    // Until the end nobody sees an envelope, and no share is taken.
    assert_eq!(world.nobody().get(&trade.path("/sealed-bids")).code(), "auction_not_ended");
    assert_eq!(trade.lot()["live"]["price"], Value::Null);
    world.set_time("2026-03-11T09:59:59.999999+08:00");
    let early = json!({"trustee": keys.public(0), "shares": [{"bid": first.id(), "share": "AAAA"}]});
    let early = trade.as_("trader").post(&trade.path("/sealed-bids/shares"), &early);
    assert_eq!((early.status, early.code()), (403, "shares_too_early"));
    assert!(logged(&trade).contains("shares_too_early"), "the attempt is on record");
    assert_eq!(trade.close(), 0);

    world.set_time(HOURS[2]);
    assert_eq!(send(&trade, "A", "10:00:00", &envelope("01", 99_000)).code(), "closed");
    assert_eq!(trade.close(), 0, "no trustee has come");
    let sealed = bids(&trade);
    assert_eq!((sealed["state"].as_str(), sealed["bids"].as_array().unwrap().len()), (Some("waiting"), 5), "{sealed}");
    let counts: Vec<bool> = sealed["bids"].as_array().unwrap().iter().map(|b| b["counts"].as_bool().unwrap()).collect();
    assert_eq!(counts, [true, false, true, false, false]);
    let told = keys.hand_in(&trade.as_("trader"), &trade.lot, 4);
    assert_eq!((told.json["taken"].as_i64(), told.json["lacking"].as_i64()), (Some(4), Some(2)), "{told:?}");
    let again = keys.hand_in(&trade.as_("trader"), &trade.lot, 4);
    assert_eq!(again.json["taken"], 0, "the same once more");
    keys.hand_in(&trade.as_("reviewer"), &trade.lot, 0);
    assert_eq!(trade.close(), 0, "two of three");
    assert_eq!(trade.lot()["live"]["price"], Value::Null);
    let steer = json!({"action": "outage", "reason": "停电", "since": "2026-03-11T09:59:00+08:00"});
    assert_eq!(
        trade.as_("trader").post(&trade.path("/steering"), &steer).code(),
        "closed",
        "somebody might know prices"
    );
    let third = keys.hand_in(&trade.as_("trader"), &trade.lot, 2);
    assert_eq!(third.json["lacking"], 0);
    assert_eq!(trade.close(), 1);
    assert_eq!(trade.close(), 0, "once");
    let result = replays(&trade);
    assert_eq!((result["winner"].as_str(), result["price"].as_str()), (Some("02"), Some("850.00")), "{result}");
    assert_eq!(result["successors"], json!(["01"]));
    assert_eq!(keys_too_late(&keys, &trade), "shares_too_late");

    // Everybody opens them again with what was published.
    let opened = bids(&trade);
    assert_eq!(opened["state"], "opened");
    for bid in opened["bids"].as_array().unwrap() {
        let Some(identity) = bid["identity"].as_str() else {
            assert_eq!((bid["counts"].as_bool(), &bid["amount"]), (Some(false), &Value::Null), "stays sealed for good");
            continue;
        };
        let file = STANDARD.decode(bid["ciphertext"].as_str().unwrap()).unwrap();
        let inner: Value =
            serde_json::from_slice(&age::decrypt(&identity.parse::<Identity>().unwrap(), &file).unwrap()).unwrap();
        assert_eq!(Fen(inner["amount_fen"].as_i64().unwrap()).to_string(), bid["amount"].as_str().unwrap());
        assert_eq!(inner["bidder"], bid["bidder"]);
    }
    no_faults(world);
});

fn keys_too_late(keys: &Keys, trade: &Trade<'_>) -> String {
    let late = keys.clear(&bids(trade), 1);
    trade.as_("trader").post(&trade.path("/sealed-bids/shares"), &late).code().to_owned()
}

// SEAL-6: what is wrong from outside is refused and on record; what is wrong inside is void, and the next best wins.
both_backends!(a_bid_that_does_not_fit_is_refused_or_void, |world| {
    let keys = Keys::new(3);
    let trade = lot(world, &keys, 2, None);
    let envelope = |bidder: &str, fen| keys.envelope(&trade.lot, bidder, fen);
    let good = envelope("01", 80_000);
    ok(send(&trade, "A", "09:31:00", &good));
    let copied = Envelope { bidder: "02".into(), ..good.clone() };
    assert_eq!(send(&trade, "B", "09:32:00", &copied).code(), "sealed_envelope_known", "another's envelope");
    let field = |envelope: &Envelope| fields(&send(&trade, "B", "09:33:00", envelope));
    assert_eq!(field(&envelope("01", 1)), ["/bidder"]);
    assert_eq!(field(&Envelope { lot: "lot_x".into(), ..envelope("02", 1) }), ["/lot"]);
    assert_eq!(field(&Envelope { ciphertext: "QUJD".into(), ..envelope("02", 1) }), ["/ciphertext"]);
    assert_eq!(field(&Envelope { recipient: "age1x".into(), ..envelope("02", 1) }), ["/recipient"]);
    let mut lacking = envelope("02", 1);
    lacking.shares.pop();
    assert_eq!(field(&lacking), ["/shares"]);
    let others = Keys::new(3);
    assert_eq!(field(&others.envelope(&trade.lot, "02", 1)), ["/shares/0/trustee"]);
    let refused = logged(&trade).matches("\"sealed_bid.refused\"").count();
    assert_eq!(refused, 7, "each is on record");
    world.actor(xiangji::access::Role::Bidder, DURUAN, "stranger");
    let stranger = trade.as_("stranger").post(&trade.path("/sealed-bids"), &json!(envelope("02", 1)));
    assert_eq!(stranger.code(), "not_enrolled");

    // B's envelope says another number inside; C's key does not fit its shares.
    let inside = Envelope { bidder: "02".into(), ..envelope("03", 999_900) };
    ok(send(&trade, "B", "09:40:00", &inside));
    let mut broken = envelope("03", 999_800);
    broken.shares = envelope("03", 1).shares;
    ok(send(&trade, "C", "09:41:00", &broken));
    world.set_time(HOURS[2]);
    keys.hand_in(&trade.as_("trader"), &trade.lot, 0);
    keys.hand_in(&trade.as_("trader"), &trade.lot, 1);
    assert_eq!(trade.close(), 0, "C's third share might still fit");
    keys.hand_in(&trade.as_("trader"), &trade.lot, 2);
    assert_eq!(trade.close(), 1);
    let outcomes: Vec<Value> = bids(&trade)["bids"].as_array().unwrap().iter().map(|b| b["outcome"].clone()).collect();
    assert_eq!(outcomes, ["opened", "other_bidder", "shares_do_not_fit"]);
    assert_eq!(replays(&trade)["winner"], "01");
    no_faults(world);
});

both_backends!(a_wrong_share_is_outvoted_and_can_be_replaced, |world| {
    let keys = Keys::new(3);
    let trade = lot(world, &keys, 2, None);
    ok(send(&trade, "A", "09:31:00", &keys.envelope(&trade.lot, "01", 80_000)));
    world.set_time(HOURS[2]);
    let path = trade.path("/sealed-bids/shares");
    let mut wrong = keys.clear(&bids(&trade), 0);
    let right = wrong.clone();
    wrong["shares"][0]["share"] = json!(STANDARD.encode([7; 74]));
    let mut short = wrong.clone();
    short["shares"][0]["share"] = json!("AAAA");
    assert_eq!(fields(&trade.as_("trader").post(&path, &short)), ["/shares/0/share"]);
    let mut unknown = wrong.clone();
    unknown["shares"][0]["bid"] = json!("sbd_x");
    unknown["trustee"] = json!("age1x");
    assert_eq!(fields(&trade.as_("trader").post(&path, &unknown)), ["/trustee", "/shares/0/bid"]);
    ok(trade.as_("trader").post(&path, &wrong));
    keys.hand_in(&trade.as_("trader"), &trade.lot, 1);
    assert_eq!(trade.close(), 0, "one right share of two");
    ok(trade.as_("trader").post(&path, &right));
    assert_eq!(trade.close(), 1);
    assert_eq!(replays(&trade)["price"], "800.00");
    no_faults(world);
});

// SEAL-5: too few trustees.
both_backends!(without_enough_trustees_nobody_wins_and_the_time_is_exact, |world| {
    let keys = Keys::new(5);
    let trade = lot(world, &keys, 3, None);
    ok(send(&trade, "A", "09:31:00", &keys.envelope(&trade.lot, "01", 80_000)));
    ok(send(&trade, "B", "09:32:00", &keys.envelope(&trade.lot, "02", 81_000)));
    world.set_time(HOURS[2]);
    keys.hand_in(&trade.as_("trader"), &trade.lot, 0);
    keys.hand_in(&trade.as_("trader"), &trade.lot, 1);
    world.set_time("2026-03-12T09:59:59.999999+08:00");
    assert_eq!(trade.close(), 0);
    assert_eq!(bids(&trade)["state"], "waiting");
    world.set_time("2026-03-12T10:00:00+08:00");
    assert_eq!(trade.close(), 1);
    assert_eq!(bids(&trade)["state"], "cannot_open");
    let lot = trade.lot();
    assert_eq!(
        (lot["phase"].as_str(), lot["award"]["reason"].as_str()),
        (Some("failed"), Some("cannot_open")),
        "{lot}"
    );
    assert_eq!(world.nobody().get(&trade.path("/trace")).code(), "sealed_bids_not_opened");
    assert!(bids(&trade)["bids"].as_array().unwrap().iter().all(|bid| bid["amount"].is_null()), "no price was told");
    assert!(logged(&trade).contains("cannot_open"));
    no_faults(world);
    let closed = xiangji::trading::auction::list_closed;
    assert_eq!(world.app.db.read_now(closed).unwrap(), [], "there is nothing to recompute");
});

// SEAL-8: the time at which a request had been read whole decides.
both_backends!(the_deadline_is_a_microsecond, |world| {
    let keys = Keys::new(2);
    let trade = lot(world, &keys, 2, None);
    for (at, taken) in [
        ("09:29:59.999999", false),
        ("09:30:00", true),
        ("09:59:59.999998", true),
        ("09:59:59.999999", true),
        ("10:00:00", false),
        ("10:00:00.000001", false),
    ] {
        let answer = send(&trade, "A", at, &keys.envelope(&trade.lot, "01", 80_000));
        assert_eq!(answer.status == 201, taken, "{at}: {answer:?}");
    }
    let steer = |action: &str| trade.as_("trader").post(&trade.path("/steering"), &steering(action, "核实举报"));
    assert_eq!(steer("suspend").code(), "closed");
    no_faults(world);
});

both_backends!(suspended_time_is_given_back_to_sealed_bids_too, |world| {
    let keys = Keys::new(2);
    let trade = lot(world, &keys, 2, None);
    ok(send(&trade, "A", "09:31:00", &keys.envelope(&trade.lot, "01", 80_000)));
    let steer = |at: &str, action: &str| {
        world.set_time(&format!("2026-03-11T{at}+08:00"));
        ok(trade.as_("trader").post(&trade.path("/steering"), &steering(action, "核实举报")))
    };
    steer("09:40:00", "suspend");
    assert_eq!(send(&trade, "B", "09:45:00", &keys.envelope(&trade.lot, "02", 80_000)).code(), "suspended");
    steer("09:50:00", "resume");
    ok(send(&trade, "B", "10:05:00", &keys.envelope(&trade.lot, "02", 80_000)));
    world.set_time("2026-03-11T10:10:00+08:00");
    keys.hand_in(&trade.as_("trader"), &trade.lot, 0);
    keys.hand_in(&trade.as_("trader"), &trade.lot, 1);
    assert_eq!(trade.close(), 1);
    assert_eq!(replays(&trade)["winner"], "01", "of equal prices the earlier");
    no_faults(world);
});

both_backends!(trustees_stand_in_the_notice_by_name_and_serve_it_after_they_retired, |world| {
    let keys = Keys::new(2);
    let mut terms = draft(world, json!({}));
    let ids = keys.registered(&world.sign_in("reviewer"), DURUAN);
    terms["method"] = json!({"mode": "sealed", "trustees": ["梁甲", "梁乙"], "trustees_needed": 2});
    terms["step_max"] = Value::Null;
    let made = ok(clerk(world).post("/api/v1/lots", &terms));
    let named = &made.json["terms"]["method"]["sealed"]["trustees"];
    assert_eq!(
        (named[0]["id"].as_str(), named[1]["recipient"].as_str()),
        (Some(&*ids[0]), Some(&*keys.public(1))),
        "by name"
    );
    let trade = Trade { world, lot: made.id().to_owned() };
    ok(crate::trading::step(&clerk(world), &trade.path("/submit"), 1, &json!({})));
    ok(crate::trading::step(&trade.as_("reviewer"), &trade.path("/review"), 2, &json!({"approve": true})));
    let retire = format!("/api/v1/trustees/{}/retire", ids[1]);
    let hours = json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]});
    ok(crate::trading::step(&trade.as_("trader"), &trade.path("/publish"), 3, &hours));
    ok(crate::trading::step(&trade.as_("reviewer"), &retire, 1, &json!({})));
    assert_eq!(crate::trading::step(&trade.as_("reviewer"), &retire, 2, &json!({})).code(), "trustee_retired");
    let mut next = terms.clone();
    next["asset_id"] = json!(
        ok(clerk(world).post(
            "/api/v1/assets",
            &json!({"name": "东塘", "kind": "resource", "class": "pond",
        "area": "15666.67", "location": "龙门里", "state": "idle"})
        ))
        .id()
    );
    assert_eq!(fields(&clerk(world).post("/api/v1/lots", &next)), ["/method/trustees"], "one has retired");
    let made = ok(trade.enrol("A", 1, ""));
    ok(trade.pay(made.id(), "陈A", "bank-A"));
    ok(send(&trade, "A", "09:31:00", &keys.envelope(&trade.lot, "01", 89_999)));
    world.set_time(HOURS[2]);
    keys.hand_in(&trade.as_("trader"), &trade.lot, 0);
    keys.hand_in(&trade.as_("trader"), &trade.lot, 1);
    assert_eq!(trade.close(), 1);
    assert_eq!(replays(&trade)["price"], "899.99");
    no_faults(world);
});

both_backends!(only_who_may_registers_trustees_and_hands_in_shares, |world| {
    let trade = lot(world, &Keys::new(2), 2, None);
    let officer = trade.as_("reviewer");
    let good = json!({"region_code": DURUAN, "name": "陈律师", "office": "律师", "recipient": Keys::new(1).public(0)});
    let with = |field: &str, value: &str| {
        let mut body = good.clone();
        body[field] = json!(value);
        body
    };
    for (field, value) in [
        ("region_code", "440703102000"),
        ("name", "1"),
        ("office", ""),
        ("recipient", "AGE-SECRET-KEY-1X"),
        ("recipient", "age1x"),
    ] {
        assert_eq!(fields(&officer.post("/api/v1/trustees", &with(field, value))), [format!("/{field}")], "{value}");
    }
    let made = ok(officer.post("/api/v1/trustees", &good));
    assert_eq!(officer.post("/api/v1/trustees", &good).code(), "trustee_key_taken");
    assert_eq!(clerk(world).post("/api/v1/trustees", &good).status, 403);
    let public = ok(world.nobody().get(&format!("/api/v1/trustees?region={}", crate::support::app::SHANGXIANG))).json;
    assert!(public["items"].as_array().unwrap().iter().any(|trustee| trustee["id"] == made.id()), "{public}");
    world.set_time(HOURS[2]);
    let share = json!({"trustee": "x", "shares": []});
    for name in ["A", "auditor", &format!("clerk-{}", crate::support::app::SHANGXIANG)] {
        assert_eq!(
            world
                .sign_in(&if name == "A" { "bidder-A".to_owned() } else { name.to_owned() })
                .post(&trade.path("/sealed-bids/shares"), &share)
                .status,
            403,
            "{name}"
        );
    }
});

// SEAL-2, of what stands on disk: an amount of a sealed bid is nowhere before the opening.
#[test]
fn before_the_opening_no_file_of_the_database_holds_an_amount() {
    let world = World::sqlite();
    let keys = Keys::new(3);
    let trade = lot(&world, &keys, 2, None);
    let secret = |identity: &Identity| identity.to_string().expose_secret().to_owned();
    // Twelve digits: ten stand somewhere in the digests of a million runs.
    let amounts: Vec<i64> = (0..30).map(|n| 765_432_100_000 + 1_234_567 * n).collect();
    let mut needles: Vec<Vec<u8>> = keys.0.iter().map(|key| secret(key).into_bytes()).collect();
    for fen in &amounts {
        let envelope = keys.envelope(&trade.lot, "01", *fen);
        ok(send(&trade, "A", "09:31:00", &envelope));
        let yuan = Fen(*fen);
        needles.extend([fen.to_string(), yuan.to_string(), yuan.grouped()].map(String::into_bytes));
        needles.extend(
            [STANDARD.encode(fen.to_string()), STANDARD.encode(yuan.to_string())]
                .map(|t| t.trim_end_matches('=').as_bytes()[..12].to_vec()),
        );
        needles.extend([fen.to_le_bytes()[..6].to_vec(), fen.to_be_bytes()[2..].to_vec()]);
    }
    let finder = aho_corasick::AhoCorasick::new(&needles).unwrap();
    let planted = |path: &std::path::Path| finder.find_iter(&std::fs::read(path).unwrap()).count();
    let path = world.app.config.database_url.to_string();
    let path = std::path::PathBuf::from(path.trim_start_matches("sqlite://"));
    let folder = path.parent().unwrap().to_owned();
    let everywhere = || -> usize {
        let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|file| file.is_file()).map(|file| planted(&file)).sum()
    };
    assert_eq!(everywhere(), 0);
    // Control: from the opening on they are found.
    world.set_time(HOURS[2]);
    keys.hand_in(&trade.as_("trader"), &trade.lot, 0);
    keys.hand_in(&trade.as_("trader"), &trade.lot, 1);
    assert_eq!(trade.close(), 1);
    assert!(everywhere() > 0, "the last bid is told now");
    let rows = Behind::of(&world).texts("SELECT CAST(amount AS TEXT) AS v FROM sealed_openings");
    assert_eq!(rows, [amounts[29].to_string()]);
}

/// The form token of a page.
fn token(page: &Answer) -> String {
    page.text.split("name=\"csrf\" value=\"").nth(1).and_then(|t| t.split('"').next()).unwrap().to_owned()
}

/// Sends a file with the form of a page.
pub fn upload(who: &Client<'_>, path: &str, bytes: &[u8]) -> Answer {
    let token = token(&ok(who.get(path)));
    who.upload(path, &[("csrf", &token)], "x.json", bytes)
}

fn form(who: &Client<'_>, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let token = token(&ok(who.get(page)));
    let all: Vec<(&str, &str)> = [("csrf", token.as_str())].into_iter().chain(fields.iter().copied()).collect();
    let body = serde_urlencoded::to_string(&all).unwrap().into_bytes();
    who.send("POST", path, &[("content-type", "application/x-www-form-urlencoded")], Some(body))
}

pub fn says(page: &Answer, words: &[&str]) {
    for word in words {
        assert!(page.text.contains(word), "{word}: {}", page.text);
    }
}

// Every step on pages alone, without scripts.
#[test]
fn on_pages_from_the_trustees_to_the_result() {
    let world = World::sqlite();
    let keys = Keys::new(2);
    let mut terms = draft(&world, json!({}));
    let officer = world.sign_in("reviewer");
    for (name, trustee) in [("陈律师", 0), ("梁监事", 1)] {
        let public = keys.public(trustee);
        let fields = [("name", name), ("office", "律师"), ("region_code", DURUAN), ("recipient", &public)];
        assert_eq!(form(&officer, "/trustees", "/trustees", &fields).status, 303);
    }
    let bad = form(
        &officer,
        "/trustees",
        "/trustees",
        &[("name", "某"), ("region_code", "x"), ("office", ""), ("recipient", "")],
    );
    assert_eq!(bad.status, 422, "{bad:?}");
    says(&ok(officer.get("/trustees")), &["陈律师", &keys.public(1), "卸任"]);
    terms["method"] = json!({"mode": "sealed", "trustees": ["陈律师", "梁监事"], "trustees_needed": 2, "revisions": 3});
    terms["step_max"] = Value::Null;
    let trade = published(&world, &terms);
    let (page, opening) = (format!("/lots/{}/sealed", trade.lot), format!("/listings/{}/opening", trade.lot));
    let made = ok(trade.enrol("A", 1, ""));
    ok(trade.pay(made.id(), "陈A", "bank-A"));
    says(
        &ok(world.nobody().get(&format!("/lots/{}", trade.lot))),
        &["暗标", "陈律师", "2 位中任意 2 位一起才能开标", "可以修改 3 次"],
    );
    says(&ok(world.nobody().get(&page)), &["尚未结束，报价封存", "如果串通，可以提前看到报价"]);

    world.set_time("2026-03-11T09:31:00+08:00");
    let bidder = trade.as_("A");
    says(&ok(bidder.get(&format!("/lots/{}", trade.lot))), &["交信封，看我的报价"]);
    says(&ok(bidder.get(&page)), &["xiangji seal --lot lot.json --bidder 01", "您现在没有有效的报价"]);
    assert_eq!(bidder.get(&format!("/lots/{}/bid?amount=800", trade.lot)).status, 303, "no open price");
    let nothing = upload(&bidder, &page, b"");
    says(&nothing, &["请选择做好的信封文件"]);
    let junk = upload(&bidder, &page, b"{\"format\": 1}");
    assert_eq!(junk.status, 422);
    says(&junk, &["这个文件不是信封"]);
    let strange = upload(&bidder, &page, json!(keys.envelope("lot_other", "01", 80_000)).to_string().as_bytes());
    says(&strange, &["这个信封不是给本标的的"]);
    let envelope = json!(keys.envelope(&trade.lot, "01", 80_000)).to_string();
    assert_eq!(upload(&bidder, &page, envelope.as_bytes()).status, 303);
    says(&ok(bidder.get(&page)), &["信封已收到"]);
    let withdraw = format!("{page}/withdraw");
    says(&form(&bidder, &page, &withdraw, &[]), &["请先勾选"]);
    assert_eq!(form(&bidder, &page, &withdraw, &[("sure", "yes")]).status, 303);
    says(&ok(bidder.get(&page)), &["您现在没有有效的报价"]);
    assert_eq!(
        upload(&bidder, &page, json!(keys.envelope(&trade.lot, "01", 81_000)).to_string().as_bytes()).status,
        303
    );

    says(&ok(trade.as_("trader").get(&opening)), &["还没有到截止时间"]);
    world.set_time(HOURS[2]);
    let trader = trade.as_("trader");
    says(&ok(world.nobody().get(&format!("/lots/{}", trade.lot))), &["等待密钥保管人开标"]);
    says(&upload(&trader, &opening, b"[]"), &["这个文件不是密钥份"]);
    for trustee in 0..2 {
        let mut clear = keys.clear(&bids(&trade), trustee);
        if trustee == 0 {
            clear["shares"][0]["share"] = json!("AAAA");
            assert_eq!(upload(&trader, &opening, clear.to_string().as_bytes()).status, 422);
            clear = keys.clear(&bids(&trade), trustee);
        }
        assert_eq!(upload(&trader, &opening, clear.to_string().as_bytes()).status, 303);
        says(&ok(trader.get(&opening)), &["1 份"]);
    }
    assert_eq!(trade.close(), 1);
    says(&ok(world.nobody().get(&page)), &["已开标", "810.00", "已改报或撤回，不再开启", "bids.json"]);
    says(&ok(world.nobody().get(&format!("/lots/{}", trade.lot))), &["成交", "810.00"]);
    assert_eq!(trade.as_("A").get(&opening).status, 403);
}

#[test]
fn the_pages_are_sound_on_a_phone_and_a_desk() {
    use crate::support::{
        app::PASSWORD,
        browser::{self, Browser, DESK, PHONE, Scripts},
    };
    let world = World::sqlite();
    let keys = Keys::new(2);
    let trade = lot(&world, &keys, 2, None);
    ok(send(&trade, "A", "09:31:00", &keys.envelope(&trade.lot, "01", 80_000)));
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::On, PHONE).await else { return };
        let look = async |name: &str| {
            for (size, width) in [(PHONE, "phone"), (DESK, "desk")] {
                browser.resize(size).await;
                browser.assert_sound().await;
                browser.photograph(&format!("sealed-{name}-{width}")).await;
            }
        };
        browser.sign_in("bidder-A", PASSWORD).await;
        browser.visit(&format!("/lots/{}", trade.lot)).await;
        look("lot").await;
        browser.visit(&format!("/lots/{}/sealed", trade.lot)).await;
        look("bidding").await;
        world.set_time(HOURS[2]);
        browser.driver.delete_all_cookies().await.unwrap();
        browser.sign_in("trader", PASSWORD).await;
        browser.visit(&format!("/listings/{}/opening", trade.lot)).await;
        look("opening").await;
        browser.visit(&format!("/lots/{}/sealed", trade.lot)).await;
        look("waiting").await;
    });
}
