//! The published log of more than ten thousand people holds nobody: neither a value nor a hash that a dictionary gives
//! away (LOG-12).

use std::{collections::BTreeSet, path::Path};

use aho_corasick::AhoCorasick;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::{Digest, Sha256};
use sm3::Sm3;
use xiangji::{
    access::Role,
    db::Lane,
    demo::{Census, roster},
    log::{By, Fact, record},
};

use crate::{
    log_commands::run,
    support::app::{DURUAN, SHANGXIANG, World},
};

const PEOPLE: usize = 10_000;

/// Names, ID numbers, phones and addresses of a roster, each once.
fn values(roster: &str) -> BTreeSet<String> {
    let mut rows = csv::Reader::from_reader(roster.as_bytes());
    let headers = rows.headers().unwrap().clone();
    let personal: Vec<usize> =
        (0..headers.len()).filter(|n| ["成员姓名", "身份证号", "联系电话", "户籍地"].contains(&&headers[*n])).collect();
    assert_eq!(personal.len(), 4, "{headers:?}");
    let rows = rows.records().map(Result::unwrap).collect::<Vec<_>>();
    rows.iter().flat_map(|row| personal.iter().map(|n| row[*n].to_owned())).filter(|v| !v.is_empty()).collect()
}

/// A value as somebody may have written it.
fn spellings(value: &str) -> Vec<Vec<u8>> {
    let wide: Vec<u16> = value.encode_utf16().collect();
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let mut all = vec![
        value.as_bytes().to_vec(),
        hex(value.as_bytes()).into_bytes(),
        hex(value.as_bytes()).to_uppercase().into_bytes(),
    ];
    // Two characters in UTF-16 are four bytes, which are met by chance in a million letters of digests; of three, some are
    // letters all through.
    if wide.len() > 2 {
        let wide: [Vec<u8>; 2] = [
            wide.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
            wide.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
        ];
        all.extend(wide.into_iter().filter(|bytes| !bytes.iter().all(is_sign)));
    }
    all
}

/// What digests and identifiers are written in.
fn is_sign(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// A file without its digests in hex: eleven digits of a telephone number are met in them by chance. What they are digests of
/// is tried by itself.
fn without_hex(file: &[u8]) -> Vec<u8> {
    let is_hex = |word: &&[u8]| word.len() == 64 && word.iter().all(u8::is_ascii_hexdigit);
    file.split_inclusive(|byte| !is_sign(byte))
        .filter(|word| !is_hex(&word.split_last().map_or(*word, |(_, rest)| rest)))
        .collect::<Vec<_>>()
        .concat()
}

/// Every file of an exported log but the tiles of hashes, in one piece each. Those are nothing but what follows from the entries
/// (`log_commands`), and of so many names of six bytes one stands sooner or later in bytes that are as good as random.
fn exported(world: &World, dir: &Path) -> Vec<Vec<u8>> {
    world.app.integrate_log().unwrap();
    let done = run(world, &["export", "log", dir.to_str().unwrap()]);
    assert!(done.status.success(), "{done:?}");
    fn walk(dir: &Path, found: &mut Vec<Vec<u8>>) {
        for path in std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() { walk(&path, found) } else { found.push(std::fs::read(path).unwrap()) }
        }
    }
    let mut found = vec![std::fs::read(dir.join("checkpoint")).unwrap()];
    walk(&dir.join("tile/entries"), &mut found);
    found
}

/// Everything in the files that could be a hash of 32 bytes in base64url or in hex.
fn digests(files: &[Vec<u8>]) -> BTreeSet<[u8; 32]> {
    let words = files.iter().flat_map(|file| file.split(|b| !is_sign(b)));
    let read = |word: &[u8]| match word.len() {
        43 => URL_SAFE_NO_PAD.decode(word).ok(),
        64 => {
            (0..32).map(|n| u8::from_str_radix(std::str::from_utf8(&word[2 * n..2 * n + 2]).ok()?, 16).ok()).collect()
        }
        _ => None,
    };
    words.filter_map(read).filter_map(|bytes| bytes.try_into().ok()).collect()
}

/// What somebody with a list of everybody would try.
fn guesses(value: &str) -> [[u8; 32]; 3] {
    let hmac = Hmac::<Sha256>::new_from_slice(b"").unwrap().chain_update(value).finalize();
    [Sha256::digest(value).into(), Sm3::digest(value).into(), hmac.into_bytes().into()]
}

#[test]
fn ten_thousand_people_are_in_the_log_and_nobody_finds_one() {
    let world = World::sqlite();
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    let clerk = world.clerk(SHANGXIANG);
    let text = roster(&mut Census::new(world.app.db.now().day()), 1, PEOPLE);
    let preview = clerk.send("POST", "/api/v1/members/imports", &[], Some(text.clone().into_bytes()));
    assert_eq!(preview.json["members"], PEOPLE, "{preview:?}");
    let written = clerk.post(&format!("/api/v1/members/imports/{}/confirm", preview.id()), &json!({}));
    assert_eq!(written.status, 201, "{written:?}");
    let mut values = values(&text);
    assert!(values.len() > PEOPLE);
    // A look, a correction, an end; a trade with its bank account.
    let member = clerk.get("/api/v1/members?limit=1").json["items"][0].clone();
    let person = format!("/api/v1/persons/{}", member["person_id"].as_str().unwrap());
    let (phone, card) = ("16499990000", "6222000011112222");
    assert_eq!(clerk.patch(&person, 1, &json!({"phone": phone, "reason": "换了号码"})).status, 200);
    let look = json!({"field": "phone", "reason": format!("联系{}", member["name"].as_str().unwrap())});
    assert_eq!(clerk.post(&format!("{person}/reveal"), &look).status, 201);
    let enrolled = crate::trading::enrolment_in(&world, SHANGXIANG);
    let arrival = json!({"amount": "10000.00", "payer_name": "陈某", "payer_account": card, "reference": "bank-1",
        "received_at": world.app.db.now().to_string()});
    let trader = world.actor(Role::TradingOfficer, DURUAN, "trader");
    assert_eq!(trader.post(&format!("/api/v1/enrolments/{enrolled}/deposit"), &arrival).status, 201);
    values.extend([
        phone.to_owned(),
        card.to_owned(),
        "陈某".to_owned(),
        "13800001111".to_owned(),
        crate::trading::resident_id(1),
    ]);

    let dir = tempfile::tempdir().unwrap();
    let files = exported(&world, &dir.path().join("log"));
    let values: Vec<String> = values.into_iter().collect();
    let written: Vec<(usize, Vec<u8>)> =
        values.iter().enumerate().flat_map(|(n, value)| spellings(value).into_iter().map(move |s| (n, s))).collect();
    let search = AhoCorasick::new(written.iter().map(|(_, spelling)| spelling)).unwrap();
    let hits = |files: &[Vec<u8>]| -> BTreeSet<&str> {
        let found = |file: &Vec<u8>| -> Vec<usize> {
            search.find_overlapping_iter(&without_hex(file)).map(|m| m.pattern().as_usize()).collect()
        };
        files.iter().flat_map(found).map(|n| values[written[n].0].as_str()).collect()
    };
    let known = |files: &[Vec<u8>]| -> BTreeSet<&str> {
        let digests = digests(files);
        assert!(digests.len() > 2 * PEOPLE, "{} digests", digests.len());
        let guessed = values.iter().filter(|value| guesses(value).iter().any(|guess| digests.contains(guess)));
        guessed.map(String::as_str).collect()
    };
    assert_eq!(hits(&files), BTreeSet::new());
    assert_eq!(known(&files), BTreeSet::new());

    // The controls: each spelling and each unsalted hash that was put there is found.
    let [plain, hashed] = [values[7].clone(), values[77].clone()];
    let (spelled, guessed) = (spellings(&plain), guesses(&hashed).map(|hash| URL_SAFE_NO_PAD.encode(hash)));
    let mut with_plain = files.clone();
    for spelling in spelled {
        with_plain.push([b"\"x\":\"", &spelling[..], b"\""].concat());
        assert_eq!(hits(&with_plain[files.len()..]), BTreeSet::from([plain.as_str()]));
        with_plain.truncate(files.len());
    }
    for guess in guessed {
        let fact = Fact::new("test.planted", SHANGXIANG).data(json!({ "planted": guess }));
        world.app.db.write_now(Lane::Any, move |tx| record(tx, &By::system(), fact.clone())).unwrap();
        let again = exported(&world, &dir.path().join(&guess));
        assert_eq!(known(&again), BTreeSet::from([hashed.as_str()]));
    }
}
