//! Witnesses: a served log that is cosigned by programs of other people, what they refuse, and what happens when they are away.

use std::sync::Arc;

use serde_json::json;
use xiangji::{
    app::App,
    config::Config,
    db::Options,
    log::{
        self, Wrong,
        cosignature::Submission,
        note::{Checkpoint, SignerKey},
        policy::Policy,
    },
};

use crate::{
    both_backends,
    support::{
        app::World,
        behind::Behind,
        browser::{Browser, DESK, PHONE, Scripts, in_async},
        neighbour::{Neighbour, head, on_postgres, on_sqlite, write_entries},
        verified::{Parts, verified},
    },
    trading::{admitted, ended_auction, ok},
};

/// The whole story of witnesses that come and go.
fn heads_are_cosigned_and_outages_caught_up((world, mut neighbours): (World, Vec<Neighbour>)) {
    let world = &world;
    let nobody = world.nobody();
    let log = world.app.log_key.verifier().clone();
    let rules = Policy::parse(&std::fs::read(world.app.config.witness_policy.as_ref().unwrap()).unwrap()).unwrap();
    let trade = admitted(world);
    world.app.integrate_log().unwrap();
    let (size, cosigned) = head(world, &neighbours);
    assert_eq!(cosigned, 0, "nobody was asked yet");
    assert!(nobody.get("/log").text.contains("还没有哪个检查点有足够的见证"));

    assert_eq!(world.app.ask_witnesses().unwrap(), 5);
    assert_eq!(head(world, &neighbours), (size, 5));
    assert_eq!(world.app.ask_witnesses().unwrap(), 0, "who has cosigned the newest head is not asked again");
    let about = nobody.get("/log").text;
    assert!(about.contains(&format!("前 {size} 条记录已有足够的见证")) && about.contains("w4"), "{about}");

    // Two are away: bids go on, and what is new is not called witnessed.
    for gone in &mut neighbours[3..] {
        gone.kill();
    }
    ok(trade.bid("A", "09:31:00", "700.00"));
    ok(trade.bid("B", "09:33:00", "710.00"));
    world.set_time("2026-03-11T10:00:01+08:00");
    assert_eq!(trade.close(), 1);
    write_entries(world, 300);
    assert_eq!(world.app.ask_witnesses().unwrap(), 3);
    let (grown, cosigned) = head(world, &neighbours);
    assert_eq!((grown > size + 300, cosigned), (true, 3));
    assert_eq!(trade.lot()["witnessed"], json!(false));
    let page = nobody.get(&format!("/lots/{}", trade.lot)).text;
    assert!(page.contains("尚未见证") && !page.contains("已见证"), "{page}");
    // An old entry's receipt stands under the head with the quorum, a new one's under the newest.
    let receipt = |index: u64| -> (u64, bool) {
        let receipt: log::proof::LogProof = ok(nobody.get(&format!("/log/proof/{index}"))).text.parse().unwrap();
        let bytes = entry_bytes(world, index);
        let head = receipt.verify(&bytes, &log).unwrap();
        (head.size, rules.is_satisfied_by(&receipt.checkpoint.parse().unwrap()).unwrap())
    };
    assert_eq!((receipt(size - 1), receipt(size)), ((size, true), (grown, false)));
    // Those who do not answer are left alone for a while, then asked again.
    assert_eq!(world.app.ask_witnesses().unwrap(), 0);
    write_entries(world, 10);

    // They come back: one request each, from wherever they were, to the newest head.
    for back in &mut neighbours[3..] {
        back.restart(&[&log]);
    }
    world.pass_s(61);
    assert_eq!(world.app.ask_witnesses().unwrap(), 5);
    for (neighbour, requests) in neighbours.iter_mut().zip([3, 3, 3, 1, 1]) {
        assert!(neighbour.answers().contains(&format!("cosigned {} entries", grown + 10)));
        assert_eq!(neighbour.evidence(), []);
        let said = neighbour.said_to_its_end();
        assert!(!said.iter().any(|line| line.contains("ERROR")), "{said:?}");
        let cosigned = said.iter().filter(|line| line.contains("cosigned")).count();
        assert_eq!(cosigned, requests, "one each time it was asked; a restarted one counts anew: {said:?}");
    }
    assert_eq!(head(world, &neighbours), (grown + 10, 5));
    assert_eq!((receipt(size - 1), receipt(size)), ((grown + 10, true), (grown + 10, true)));
    assert_eq!(trade.lot()["witnessed"], json!(true));
    assert!(nobody.get(&format!("/lots/{}", trade.lot)).text.contains("已见证"));
    every_line_is_recomputed(world);

    // A witness's line in the database that is not of its key is not believed.
    let mut behind = Behind::of(world);
    behind.drop_triggers();
    behind.exec("UPDATE log_cosignatures SET line = (SELECT max(line) FROM log_cosignatures)");
    assert_eq!(trade.lot()["witnessed"], json!(false));
}

/// `verify` with the policy recomputes what witnesses said, and without one says that it did not.
fn every_line_is_recomputed(world: &World) {
    let witnesses = &world.app.witnesses;
    let with_policy = || verified(&world.app, &Parts { witnesses: Some(witnesses), ..Parts::default() });
    let (summary, faults) = with_policy();
    assert_eq!((faults, summary.unchecked.clone()), (vec![], log::Unchecked::default()));
    let lines = summary.cosignatures;
    assert_eq!(lines, 5 + 3 + 5, "one each, while two were away three, and then five again");
    let (without, faults) = verified(&world.app, &Parts::default());
    assert_eq!((faults, without.cosignatures, without.unchecked.without_policy), (vec![], 0, lines));
    assert!(
        without.to_string().contains(&format!("{lines} cosignatures, since no witness policy is set")),
        "{without}"
    );

    let mut behind = Behind::of(world);
    behind.drop_triggers();
    let one = behind.texts("SELECT witness AS v FROM log_cosignatures ORDER BY size, witness").remove(0);
    let first = format!("witness = '{one}' AND size = (SELECT min(size) FROM log_cosignatures)");
    let another = "(SELECT max(line) FROM log_cosignatures)";
    for (set, wrong) in [
        (format!("line = {another}"), Wrong::CosignatureWrong),
        ("line = line || 'x'".into(), Wrong::CosignatureWrong),
        ("at = at + 1".into(), Wrong::CosignatureWrong),
        ("witness = witness || 'x'".into(), Wrong::CosignatureWrong),
        ("size = size + 1".into(), Wrong::HeadOfNothing),
    ] {
        let sql = format!("UPDATE log_cosignatures SET {set} WHERE {first}");
        let (_, seen) = behind.undone(&["log_cosignatures"], &sql, with_policy);
        let [fault] = seen.as_slice() else { panic!("{sql}: {seen:?}") };
        assert!(fault.table == "log_cosignatures" && fault.key.contains(&one), "{sql}: {fault}");
        assert_eq!(fault.what, wrong.into(), "{sql}");
    }
    assert_eq!(with_policy().1, []);
}

fn entry_bytes(world: &World, index: u64) -> Vec<u8> {
    let tile = log::tiles::Tile { content: log::tiles::Content::Entries, index: index / 256, width: index % 256 + 1 };
    let (_, _, bundle) = world.nobody().bytes(&format!("/log/{tile}"));
    log::tiles::bundle_entries(&bundle).unwrap()[usize::try_from(index % 256).unwrap()].to_vec()
}

#[test]
fn heads_are_cosigned_and_outages_caught_up_on_sqlite() {
    heads_are_cosigned_and_outages_caught_up(on_sqlite());
}

#[test]
fn heads_are_cosigned_and_outages_caught_up_on_postgres() {
    if let Some(watched) = on_postgres() {
        heads_are_cosigned_and_outages_caught_up(watched);
    }
}

#[test]
fn pages_with_witnesses_are_sound() {
    let (world, mut neighbours) = on_sqlite();
    world.app.integrate_log().unwrap();
    assert_eq!(world.app.ask_witnesses().unwrap(), 5);
    for gone in &mut neighbours[3..] {
        gone.kill();
    }
    let lot = ended_auction(&world);
    world.app.integrate_log().unwrap();
    assert_eq!(world.app.ask_witnesses().unwrap(), 3);
    in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::Off, PHONE).await else { return };
        for (path, name) in [("/log".to_owned(), "log"), (format!("/lots/{lot}"), "result")] {
            for (size, of) in [(PHONE, "phone"), (DESK, "desk")] {
                browser.resize(size).await;
                browser.visit(&path).await;
                assert!(browser.text().await.contains("见证方"));
                browser.assert_sound().await;
                browser.photograph(&format!("witnesses-{name}-{of}")).await;
            }
        }
    });
}

both_backends!(without_a_policy_nothing_is_asked_and_nothing_called_witnessed, |world| {
    let lot = ended_auction(world);
    world.app.integrate_log().unwrap();
    assert_eq!(world.app.ask_witnesses().unwrap(), 0);
    assert!(world.nobody().get("/log").text.contains("没有请外面的见证方"));
    assert_eq!(ok(world.nobody().get(&format!("/api/v1/lots/{lot}"))).json["witnessed"], json!(null));
    assert!(!world.nobody().get(&format!("/lots/{lot}")).text.contains("见证方"));
});

/// Two instances on one database: one asks, and the other takes over when it is gone.
fn one_instance_asks((world, neighbours): (World, Vec<Neighbour>)) {
    let other = App::open((*world.app.config).clone(), world.app.db.clock(), &Options::default()).unwrap();
    world.app.integrate_log().unwrap();
    assert_eq!(world.app.ask_witnesses().unwrap(), 5);
    write_entries(&world, 1);
    assert_eq!(other.ask_witnesses().unwrap(), 0, "it is the other's turn");
    world.pass_s(19);
    assert_eq!(other.ask_witnesses().unwrap(), 0);
    world.pass_s(2);
    assert_eq!(other.ask_witnesses().unwrap(), 5);
    write_entries(&world, 1);
    assert_eq!(world.app.ask_witnesses().unwrap(), 0);
    assert_eq!(head(&world, &neighbours).1, 0);
    other.db.stop();
}

#[test]
fn one_instance_asks_on_sqlite() {
    one_instance_asks(on_sqlite());
}

#[test]
fn one_instance_asks_on_postgres() {
    if let Some(watched) = on_postgres() {
        one_instance_asks(watched);
    }
}

/// The strongest insider: the real key, another history. Witnesses refuse it and keep it.
#[test]
fn a_second_history_under_the_same_key_is_refused_and_kept() {
    let (world, neighbours) = on_sqlite();
    write_entries(&world, 20);
    assert_eq!(world.app.ask_witnesses().unwrap(), 5);
    let (size, _) = head(&world, &neighbours);
    let honest = ok(world.nobody().get("/log/checkpoint")).text;

    // The same key file and policy over a fresh database, with other entries.
    let forked = |count: u32| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("forked.db");
        xiangji::db::migrate(&xiangji::db::Target::Sqlite(path.clone())).unwrap();
        let more = [
            ("XIANGJI_WITNESS_POLICY", world.app.config.witness_policy.as_ref().unwrap().display().to_string()),
            ("XIANGJI_KEYS", world.app.config.keys.display().to_string()),
        ];
        let forked = World::start_with(&format!("sqlite://{}", path.display()), dir, &Options::default(), &more);
        write_entries(&forked, count);
        forked
    };
    let longer = forked(40);
    assert_eq!(longer.app.log_key.verifier(), world.app.log_key.verifier());
    assert_eq!(longer.app.ask_witnesses().unwrap(), 0);
    assert_eq!(head(&longer, &neighbours).1, 0);
    for neighbour in &neighbours {
        let [(request, seen)] = neighbour.evidence().try_into().unwrap();
        let request: Submission = request.parse().unwrap();
        let log = world.app.log_key.verifier();
        let (lie, truth) = (request.note.open(log).unwrap(), Checkpoint::open(&seen, log).unwrap());
        let lie: Checkpoint = lie.parse().unwrap();
        assert_eq!((request.old, truth.size), (size, size));
        assert!(lie.size > size && seen.starts_with(honest.split("\n\n").next().unwrap()));
    }
    // An older state of the log, as after a backup was put back: no witness goes back with it.
    let shorter = forked(3);
    assert!(head(&shorter, &neighbours).0 < size);
    assert_eq!(shorter.app.ask_witnesses().unwrap(), 0);
    assert_eq!(head(&shorter, &neighbours).1, 0);
    // The honest log goes on.
    write_entries(&world, 1);
    world.pass_s(1);
    assert_eq!(world.app.ask_witnesses().unwrap(), 5);
}

#[test]
fn a_policy_that_is_unsound_refuses_to_start() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    xiangji::db::migrate(&xiangji::db::Target::Sqlite(path.clone())).unwrap();
    let keys = xiangji::vault::Keys::load(&path.with_extension("keys"), Some("village.example/xiangji")).unwrap();
    let log = keys.log_signer().unwrap().verifier().to_string();
    let witness = |n: u8, url: &str| {
        let key = log::cosignature::CosignerSecret::from_seed("w.example", &[n; 32]).unwrap();
        format!("witness w{n} {} {url}\n", key.verifier())
    };
    let file = dir.path().join("policy");
    let opened = |text: &str, consent: &str| {
        std::fs::write(&file, text).unwrap();
        let pairs = [
            ("XIANGJI_DATABASE_URL", format!("sqlite://{}", path.display())),
            ("XIANGJI_WITNESS_POLICY", file.display().to_string()),
            ("XIANGJI_ALLOW_PLAINTEXT_WITNESSES", consent.to_owned()),
        ];
        let config = Config::from_pairs(pairs.map(|(k, v)| (k.to_owned(), v))).unwrap();
        App::open(config, Arc::new(xiangji::config::SystemClock), &Options::default()).map(|app| app.db.stop())
    };
    let four: String = (1..=4).map(|n| witness(n, "http://127.0.0.1:1")).collect();
    let two_of_four = format!("log {log}\n{four}group g 2 w1 w2 w3 w4\nquorum g\n");
    let stranger = SignerKey::from_seed("other.example", &[9; 32]).unwrap();
    let remote = format!("log {log}\n{}quorum w1\n", witness(1, "http://w.example"));
    for (text, words) in [
        (&two_of_four, "line 7: quorum g can be 2 of 4 witnesses"),
        (
            &two_of_four.replace(&log, &stranger.verifier().to_string()).replace(" 2 w", " 3 w"),
            "no log line names this log",
        ),
        (&remote, "consent with XIANGJI_ALLOW_PLAINTEXT_WITNESSES=yes"),
    ] {
        let said = opened(text, "no").unwrap_err();
        assert!(said.contains("XIANGJI_WITNESS_POLICY") && said.contains(words) && !said.contains('\n'), "{said}");
    }
    assert_eq!(opened(&two_of_four.replace(" 2 w", " 3 w"), "no"), Ok(()));
    assert_eq!(opened(&remote, "yes"), Ok(()));
}
