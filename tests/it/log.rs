//! The log as outsiders see it: heads, tiles, entries, receipts; and as auditors do: timelines.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::json;
use xiangji::{
    access::Role,
    app::App,
    db::{Lane, Options},
    log::{
        self, By, Fact,
        merkle::{self, Hash},
        note::Checkpoint,
        proof::LogProof,
        tiles::{self, Content, Tile},
    },
};

use crate::{
    both_backends,
    support::{
        app::{DURUAN, SHANGXIANG, World},
        verified::faults,
    },
};

/// The signed head that is served.
fn head(world: &World) -> Checkpoint {
    let answer = world.nobody().get("/log/checkpoint");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    Checkpoint::open(&answer.text, world.app.log_key.verifier()).unwrap()
}

fn tile(world: &World, tile: &Tile) -> Vec<u8> {
    let (status, headers, bytes) = world.nobody().bytes(&format!("/log/{tile}"));
    assert_eq!(status, 200, "{tile}");
    let header = |name: &str| headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    assert_eq!(header("content-type"), Some("application/octet-stream"));
    assert_eq!(header("cache-control"), Some("public, max-age=31536000, immutable"));
    bytes
}

/// Writes entries without rows, many in one transaction.
fn write_entries(app: &App, count: u32) {
    let written = app.db.write_now(Lane::Any, move |tx| {
        for n in 0..count {
            log::record(tx, &By::system(), Fact::new("test.counted", SHANGXIANG).data(json!({ "n": n })))?;
        }
        Ok(())
    });
    written.unwrap();
}

/// Reads the whole log over HTTP as an outsider would and recomputes it.
fn audit(world: &World) -> (Checkpoint, Vec<Vec<u8>>) {
    let head = head(world);
    let (mut leaves, mut entries) = (Vec::new(), Vec::new());
    for file in Tile::all(head.size) {
        let bytes = tile(world, &file);
        match file.content {
            Content::Hashes(0) => leaves.extend(tiles::tile_hashes(&bytes).unwrap()),
            Content::Hashes(_) => assert_eq!(bytes.len() as u64, 32 * file.width),
            Content::Entries => entries.extend(tiles::bundle_entries(&bytes).unwrap().into_iter().map(<[u8]>::to_vec)),
        }
    }
    assert_eq!(merkle::root(&leaves), head.root);
    assert_eq!(entries.iter().map(|e| merkle::leaf_hash(e)).collect::<Vec<Hash>>(), leaves);
    (head, entries)
}

both_backends!(the_log_is_served_and_every_receipt_proves_itself, |world| {
    let officer = world.actor(Role::TownshipOfficer, DURUAN, "officer");
    let made = officer.post("/api/v1/collectives", &json!({"code": SHANGXIANG, "name": "上巷村股份合作经济联合社"}));
    let nobody = world.nobody();
    let address = format!("/api/v1/log/entries/{}", made.json["log_entry"]);
    let fresh = nobody.get(&address);
    assert_eq!((fresh.json["kind"].as_str(), fresh.json["index"].is_null()), (Some("collective.registered"), true));
    assert_eq!(nobody.get("/log/checkpoint").status, 404, "nothing is signed yet");

    world.app.integrate_log().unwrap();
    let placed = nobody.get(&address);
    let index = placed.json["index"].as_u64().unwrap();
    let (first, entries) = audit(world);
    assert_eq!(first.size, entries.len() as u64);
    let receipt = nobody.get(placed.json["proof"].as_str().unwrap());
    assert_eq!(receipt.header("content-type"), Some("text/plain; charset=utf-8"));
    let receipt: LogProof = receipt.text.parse().unwrap();
    let entry = &entries[usize::try_from(index).unwrap()];
    assert_eq!(receipt.verify(entry, world.app.log_key.verifier()), Ok(first.clone()));
    assert!(String::from_utf8_lossy(entry).contains("collective.registered"));

    // Over two full tiles, all receipts, and the old head is still one of ours.
    write_entries(&world.app, 700);
    world.app.integrate_log().unwrap();
    let (second, entries) = audit(world);
    assert_eq!(second.size, first.size + 700);
    for (entry, index) in entries.iter().zip(0u64..).step_by(37) {
        let receipt: LogProof = nobody.get(&format!("/log/proof/{index}")).text.parse().unwrap();
        assert_eq!(receipt.verify(entry, world.app.log_key.verifier()), Ok(second.clone()));
        assert!(receipt.verify(b"another entry", world.app.log_key.verifier()).is_err());
    }
    // A tile that is full by now is still served as the partial one that earlier heads needed.
    assert_eq!(tile(world, &Tile::hashes(0, 0, 3)), tile(world, &Tile::hashes(0, 0, 256))[..96]);
    assert!(world.app.db.read_now(|rx| log::continues(rx, &first)).unwrap());
    let forged = Checkpoint { root: merkle::empty_root(), ..first };
    assert!(!world.app.db.read_now(|rx| log::continues(rx, &forged)).unwrap());

    let beyond = format!("/log/proof/{}", second.size);
    let (past, wider) = (format!("/log/{}", Tile::hashes(0, 2, 255)), format!("/log/{}", Tile::hashes(2, 0, 1)));
    for absent in [
        &beyond,
        &past,
        &wider,
        "/log/proof/-1",
        "/log/proof/x",
        "/log/tile/0/0",
        "/log/tile/0/000.p/256",
        "/log/tile/64/000",
        "/log/tile/0/..",
        "/log/key",
        "/log/",
        "/log/tile/entries/009",
        "/log/tile/0/x018/x446/x744/x073/x709/x551/615",
    ] {
        let answer = nobody.get(absent);
        assert_eq!((answer.status, answer.header("content-type")), (404, Some("application/problem+json")), "{absent}");
    }
    assert_eq!(nobody.post("/log/checkpoint", &json!({})).status, 405);
    assert_eq!(faults(world), []);
});

both_backends!(nothing_to_do_writes_nothing, |world| {
    world.app.integrate_log().unwrap();
    let before = world.nobody().get("/log/checkpoint").text;
    assert_eq!(log::integrate_once(&world.app.db, &world.app.log_key).unwrap(), None);
    assert_eq!(world.nobody().get("/log/checkpoint").text, before);
});

both_backends!(several_instances_let_one_tree_grow, |world| {
    let config = (*world.app.config).clone();
    let other = App::open(config, world.app.db.clock(), &Options::default()).unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let integrators: Vec<_> = [world.app.clone(), other.clone()]
        .into_iter()
        .map(|app| {
            let done = done.clone();
            std::thread::spawn(move || {
                while !done.load(Ordering::SeqCst) {
                    log::integrate_once(&app.db, &app.log_key).unwrap();
                }
            })
        })
        .collect();
    let writers: Vec<_> = (0..6)
        .map(|n| {
            let app = if n % 2 == 0 { world.app.clone() } else { other.clone() };
            std::thread::spawn(move || (0..15).for_each(|_| write_entries(&app, 4)))
        })
        .collect();
    writers.into_iter().for_each(|w| w.join().unwrap());
    done.store(true, Ordering::SeqCst);
    integrators.into_iter().for_each(|i| i.join().unwrap());
    let size = world.app.integrate_log().unwrap();
    let (head, entries) = audit(world);
    assert_eq!((head.size, entries.len() as u64), (size, size));
    assert_eq!(entries.iter().filter(|e| String::from_utf8_lossy(e).contains("test.counted")).count(), 6 * 15 * 4);
    assert_eq!(faults(world), []);
    other.db.stop();
});

both_backends!(an_entry_has_at_most_65535_bytes, |world| {
    let write = |length: usize| {
        let fact = Fact::new("test.long", SHANGXIANG).data(json!("x".repeat(length)));
        let done = world.app.db.write_now(Lane::Any, move |tx| log::record(tx, &By::system(), fact.clone()));
        done.map(|receipt| receipt.seq)
    };
    let entry = |seq: i64| world.nobody().get(&format!("/api/v1/log/entries/{seq}"));
    let overhead = {
        let seq = write(1).unwrap();
        world.app.integrate_log().unwrap();
        let index = entry(seq).json["index"].as_u64().unwrap();
        let bytes = audit(world).1[usize::try_from(index).unwrap()].clone();
        // What fills it up to its length is left out near the limit; its brace stands for the one character of the data.
        String::from_utf8(bytes).unwrap().find(",\"pad\"").unwrap()
    };
    let longest = log::MOST_ENTRY_BYTES - overhead;
    let seq = write(longest).unwrap();
    assert!(write(longest + 1).is_err());
    world.app.integrate_log().unwrap();
    assert_eq!(audit(world).1.last().unwrap().len(), 65_535);
    assert_eq!(entry(seq).json["data"].as_str().unwrap().len(), longest);
    assert_eq!(faults(world), []);
});

both_backends!(an_auditor_reads_the_timeline_of_a_record, |world| {
    let officer = world.actor(Role::TownshipOfficer, DURUAN, "officer");
    officer.post("/api/v1/collectives", &json!({"code": SHANGXIANG, "name": "上巷村股份合作经济联合社"}));
    let path = format!("/api/v1/collectives/{SHANGXIANG}");
    officer.patch(&path, 1, &json!({"name": "上巷村经济联合社"}));
    let term = json!({"name": "区某", "post": "chair", "since": "2024-01-01"});
    let chair = officer.post(&format!("{path}/officers"), &term);
    world.app.integrate_log().unwrap();

    let auditor = world.actor(Role::Auditor, "440703000000", "auditor");
    let timeline = auditor.get(&format!("/api/v1/log/entries?subject=collective/{SHANGXIANG}"));
    let items = timeline.json["items"].as_array().unwrap();
    let kinds: Vec<&str> = items.iter().map(|e| e["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["officer.term_started", "collective.changed", "collective.registered"]);
    assert!(
        items
            .iter()
            .all(|e| e["index"].is_u64() && e["role"] == "township_officer" && e["rows"][0]["digest"].is_string())
    );
    let of_officer = auditor.get(&format!("/api/v1/log/entries?subject=officer/{}", chair.id()));
    assert_eq!(of_officer.json["items"].as_array().unwrap().len(), 1);

    // Page by page, everything in scope once.
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = auditor.get(&format!("/api/v1/log/entries?limit=2{after}"));
        seen.extend(page.json["items"].as_array().unwrap().iter().map(|e| e["seq"].as_i64().unwrap()));
        match page.json["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    let whole = auditor.get("/api/v1/log/entries?limit=200");
    let all: Vec<i64> = whole.json["items"].as_array().unwrap().iter().map(|e| e["seq"].as_i64().unwrap()).collect();
    assert_eq!(seen, all);
    assert!(all.len() >= 4 && all.is_sorted_by(|a, b| a > b));

    let elsewhere = world.actor(Role::Auditor, "440704000000", "elsewhere");
    let nothing = elsewhere.get(&format!("/api/v1/log/entries?subject=collective/{SHANGXIANG}"));
    assert_eq!((nothing.status, &nothing.json["items"]), (200, &json!([])));
    assert_eq!(world.clerk(SHANGXIANG).get("/api/v1/log/entries").status, 403);
    assert_eq!(world.nobody().get("/api/v1/log/entries").status, 401);
    assert_eq!(world.nobody().get("/api/v1/log/entries/99999999").code(), "not_found");
    assert_eq!(world.nobody().get("/api/v1/log/entries/x").status, 404);
});
