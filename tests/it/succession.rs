//! The log's key is changed, and the log goes on under another name (LOG-16): who holds the old key learns of the new one
//! from a receipt under the old, no history begins anew, and nothing signs that was not announced.

use std::sync::Arc;

use serde_json::{Value, json};
use xiangji::{
    access::Role,
    db::Lane,
    log::{
        self, By, Fact,
        note::{Checkpoint, SignerKey, VerifierKey},
        succession::{self, fingerprint},
    },
    vault::Keys,
};

use crate::{
    both_backends,
    log_commands::{err, out, refused, run},
    support::app::{DURUAN, SHANGXIANG, World},
};

fn head(world: &World, key: &VerifierKey) -> Checkpoint {
    Checkpoint::open(&world.nobody().get("/log/checkpoint").text, key).unwrap()
}

fn write(world: &World) {
    let fact = Fact::new("test.counted", SHANGXIANG);
    world.app.db.write_now(Lane::Any, move |tx| log::record(tx, &By::system(), fact.clone())).unwrap();
}

/// The key that the installation's file holds now.
fn signer(world: &World) -> Arc<SignerKey> {
    Arc::new(Keys::load(&world.app.config.keys, None).unwrap().log_signer().unwrap())
}

fn sign(world: &World) {
    log::integrate(&world.app.db, &signer(world), |_| {}).unwrap();
}

/// Changes the key; the new one, and what the receipt under the old one proves.
fn change(world: &World, old: &VerifierKey, more: &[&str]) -> (VerifierKey, Value) {
    let dir = tempfile::tempdir().unwrap();
    let receipt = dir.path().join("change.tlog-proof").display().to_string();
    let done = run(world, &[&["change-key", "--reason", "每三年更换一次", "--receipt", &receipt], more].concat());
    assert!(done.status.success(), "{}", err(&done));
    let new: VerifierKey = out(&done).lines().next().unwrap().parse().unwrap();
    // With the old key and the file alone.
    let proven = run(world, &["verify", "--receipt", &receipt, "--key", &old.to_string()]);
    assert!(proven.status.success(), "{}", err(&proven));
    refused(&run(world, &["verify", "--receipt", &receipt, "--key", &new.to_string()]), "NOT proven");
    let entry = out(&proven).lines().nth(1).unwrap().to_owned();
    assert!(!entry.contains(&new.to_string()), "the key itself stands on paper, not in the log");
    (new, serde_json::from_str(&entry).unwrap())
}

both_backends!(a_key_is_changed_and_a_name_is_frozen, |world| {
    world
        .actor(Role::TownshipOfficer, DURUAN, "officer")
        .post("/api/v1/collectives", &json!({"code": SHANGXIANG, "name": "上巷村"}));
    world.app.integrate_log().unwrap();
    let first = world.app.log_key.verifier().clone();
    let before = head(world, &first);

    let (second, told) = change(world, &first, &[]);
    assert_eq!((second.name(), told["kind"].as_str()), (first.name(), Some("log.key_changed")));
    assert_eq!(
        (&told["data"]["key_sha256"], &told["data"]["successor"]),
        (&json!(fingerprint(&second)), &json!(first.name()))
    );
    // The new head is the new key's alone and continues the old one.
    let after = head(world, &second);
    assert!(Checkpoint::open(&world.nobody().get("/log/checkpoint").text, &first).is_err());
    assert!(after.size > before.size && world.app.db.read_now(|rx| log::continues(rx, &before)).unwrap());
    // A server that was not stopped has the old key still: it signs nothing any more, and loses nothing.
    write(world);
    let refusal = world.app.integrate_log().unwrap_err().to_string();
    assert!(refusal.contains("nothing more is signed"), "{refusal}");
    sign(world);
    assert_eq!(head(world, &second).size, after.size + 1);

    let (third, told) = change(world, &second, &["--origin", "xiangji.example/duruan"]);
    assert_eq!((third.name(), told["kind"].as_str()), ("xiangji.example/duruan", Some("log.frozen")));
    assert_eq!(told["data"]["successor"], "xiangji.example/duruan");
    let last = head(world, &third);
    assert_eq!(last.origin, "xiangji.example/duruan");
    for old in [&before, &after] {
        assert!(world.app.db.read_now(|rx| log::continues(rx, old)).unwrap());
    }
    write(world);
    sign(world);

    // Everything recomputed: heads of three keys, each in its time.
    let whole = run(world, &["verify"]);
    assert!(whole.status.success(), "{}{}", out(&whole), err(&whole));
    let page = world.nobody().get(&format!("/log/entries/{}", newest_entry(world, "log.opened"))).text;
    assert!(page.contains("启用了存证的新密钥") && page.contains(first.name()), "{page}");
});

/// The number of the newest entry of this kind about the key in use.
fn newest_entry(world: &World, kind: &str) -> i64 {
    let key = fingerprint(signer(world).verifier());
    world.app.db.read_now(|rx| log::newest(rx, "log", &key, &[kind])).unwrap().unwrap().seq
}

both_backends!(a_key_that_was_not_announced_signs_nothing, |world| {
    world.app.integrate_log().unwrap();
    let (old, new) =
        (world.app.log_key.clone(), SignerKey::from_seed(world.app.log_key.verifier().name(), &[3; 32]).unwrap());
    let db = &world.app.db;
    let refusal = succession::take_over(db, old.verifier(), &new).unwrap_err().to_string();
    assert!(refusal.contains("not announced"), "{refusal}");
    // Announced and not yet signed is not enough either; another key's announcement is none.
    let other = SignerKey::from_seed(old.verifier().name(), &[4; 32]).unwrap();
    let once = succession::announce(db, &old, other.verifier(), "test").unwrap();
    assert_eq!(succession::announce(db, &old, other.verifier(), "test").unwrap(), once, "twice is once");
    assert!(succession::take_over(db, old.verifier(), &new).is_err());
    assert!(succession::take_over(db, new.verifier(), &other).is_err(), "the last head is not that key's");
    let size = succession::take_over(db, old.verifier(), &other).unwrap();
    assert_eq!(head(world, other.verifier()).size, size);
    // The old key has no second word, whoever holds it.
    write(world);
    assert!(log::integrate(db, &old, |_| {}).is_err());
    assert!(succession::take_over(db, old.verifier(), &other).is_err());
    let edge = db.read_now(|rx| log::root_at(rx, size)).unwrap();
    assert_eq!(edge, head(world, other.verifier()).root, "and the tree is as the new key signed it");
});

// Interrupted where the key file has been changed and nothing is signed with it yet: once more, and it is done.
both_backends!(an_interrupted_change_goes_on, |world| {
    world.app.integrate_log().unwrap();
    let keys = Keys::load(&world.app.config.keys, None).unwrap();
    let next = keys.followed_by(&keys.origin).unwrap();
    let beside = world.app.config.keys.with_extension("next");
    next.save(&beside).unwrap();
    succession::announce(&world.app.db, &world.app.log_key, next.log_signer().unwrap().verifier(), "test").unwrap();
    std::fs::rename(&beside, &world.app.config.keys).unwrap();
    let refusal = log::integrate(&world.app.db, &signer(world), |_| {});
    write(world);
    assert!(refusal.is_ok() && log::integrate(&world.app.db, &signer(world), |_| {}).is_err(), "the new key waits");
    let dir = tempfile::tempdir().unwrap();
    let receipt = dir.path().join("r").display().to_string();
    let done = run(world, &["change-key", "--reason", "test", "--receipt", &receipt]);
    assert!(done.status.success(), "{}", err(&done));
    assert_eq!(out(&done).lines().next().unwrap(), next.log_signer().unwrap().verifier().to_string());
    sign(world);
    assert!(run(world, &["verify"]).status.success());
});
