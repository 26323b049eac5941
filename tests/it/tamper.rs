//! Whoever changes the database behind the program's back is named by `verify`: table, key, place in the log (LOG-5).

use std::hash::{BuildHasher, RandomState};

use serde_json::json;
use xiangji::{
    access::Role,
    log::{self, Fault},
};

use crate::{
    both_backends,
    support::{
        app::{DURUAN, SHANGXIANG, World},
        behind::{Behind, changed},
        full::township,
        hands::Hands,
        verified::faults,
    },
};

/// Faults of exactly these keys of the table, each with its place in the log, and of nothing else.
fn named(faults: &[Fault], table: &str, keys: &[&str], what: &str) {
    assert!(!faults.is_empty(), "{what}: nobody noticed");
    for fault in faults {
        let line = fault.to_string();
        assert!(fault.table == table && keys.contains(&fault.key.as_str()), "{what}: {line}");
        assert!(
            line.starts_with(&format!("fault: table={table} key={} index=", fault.key)) && !line.contains('\n'),
            "{line}"
        );
    }
    assert!(faults.iter().any(|f| f.key == keys[0]), "{what}: {faults:?}");
}

// LOG-5. `XIANGJI_TEST_LONG=1` draws five times as many.
both_backends!(every_change_of_a_logged_row_is_named, |world| {
    township(world);
    assert_eq!(faults(world), [], "the untouched database");
    let url = &world.app.config.database_url;
    for table in ["auction_commands", "lot_reviews"] {
        for sql in [format!("UPDATE {table} SET note = 'x'"), format!("DELETE FROM {table}")] {
            assert!(xiangji::db::execute(url, &sql).is_err(), "{sql} was allowed");
        }
    }
    let rounds = if std::env::var_os("XIANGJI_TEST_LONG").is_some() { 5 } else { 1 };
    let seed = RandomState::new().hash_one(rounds);
    eprintln!("tamperings drawn from seed {seed}");
    let mut hands = Hands::on(world, seed);
    for _ in 0..rounds {
        hands.every_table();
        hands.bids();
        hands.tails();
    }
    assert_eq!(faults(world), [], "put back");
});

/// Two officers, a collective that was changed once, accounts.
fn village(world: &World) {
    let officer = world.actor(Role::TownshipOfficer, DURUAN, "officer");
    let made = officer.post("/api/v1/collectives", &json!({"code": SHANGXIANG, "name": "上巷村股份合作经济联合社"}));
    assert_eq!(made.status, 201, "{made:?}");
    let path = format!("/api/v1/collectives/{SHANGXIANG}");
    for (name, post) in [("区某", "chair"), ("梁某", "director"), ("李某", "supervisor")] {
        let term = json!({"name": name, "post": post, "since": "2024-01-01"});
        assert_eq!(officer.post(&format!("{path}/officers"), &term).status, 201);
    }
    world.app.integrate_log().unwrap();
}

both_backends!(a_row_put_back_to_yesterday_is_named, |world| {
    village(world);
    let mut behind = Behind::of(world);
    behind.exec("CREATE TABLE yesterday AS SELECT * FROM collectives");
    let path = format!("/api/v1/collectives/{SHANGXIANG}");
    let officer = world.sign_in("officer");
    assert_eq!(officer.patch(&path, 1, &json!({"name": "上巷村经济联合社"})).status, 200);
    // Before the entry has its place, too.
    for placed in [false, true] {
        assert_eq!(faults(world), []);
        let seen = behind.undone(
            &["collectives"],
            "DELETE FROM collectives; INSERT INTO collectives SELECT * FROM yesterday",
            || faults(world),
        );
        named(&seen, "collectives", &[SHANGXIANG], "yesterday");
        assert_eq!(seen[0].index.is_some(), placed);
        world.app.integrate_log().unwrap();
    }
});

both_backends!(the_logs_own_tables_are_guarded_and_every_change_of_them_is_named, |world| {
    village(world);
    // More than a tile, so that full tiles are there.
    let many = |count: u32| {
        world.app.db.write_now(xiangji::db::Lane::Any, move |tx| {
            for n in 0..count {
                let fact = log::Fact::new("test.counted", SHANGXIANG).about("test", n).data(json!({ "n": n }));
                log::record(tx, &log::By::system(), fact)?;
            }
            Ok(())
        })
    };
    many(300).unwrap();
    world.app.integrate_log().unwrap();
    many(2).unwrap();
    assert_eq!(faults(world), []);
    let mut behind = Behind::of(world);

    // What the program itself can never do, whatever bug it has.
    for table in ["log_entries", "log_leaves", "log_tiles", "log_checkpoints"] {
        let column = behind.columns(table)[0].0.clone();
        for sql in [format!("UPDATE {table} SET {column} = {column}"), format!("DELETE FROM {table}")] {
            let url = &world.app.config.database_url;
            assert!(xiangji::db::execute(url, &sql).is_err(), "{sql} was allowed");
        }
    }
    behind.drop_triggers();

    // Whoever drops the triggers first.
    let mut tamper = |table: &str, key: &str, sql: &str| {
        let all = [
            "log_payloads",
            "log_entries",
            "log_leaves",
            "log_tiles",
            "log_checkpoints",
            "log_state",
            "log_queue",
            "log_subjects",
        ];
        let seen = behind.undone(&all, sql, || faults(world));
        assert!(seen.iter().any(|f| f.table == table && f.key.starts_with(key)), "{sql}: {seen:?}");
        assert_eq!(faults(world), [], "{sql}: put back");
    };
    // Entry 10 stands in a full tile, entry 290 in none.
    for index in [10, 290] {
        let seq =
            Behind::of(world).texts(&format!("SELECT CAST(seq AS TEXT) AS v FROM log_leaves WHERE idx = {index}"));
        let (seq, key) = (&seq[0], index.to_string());
        for (column, kind) in Behind::of(world).columns("log_entries") {
            if column != "seq" {
                let to = changed(&column, &kind);
                tamper("log_entries", seq, &format!("UPDATE log_entries SET {column} = {to} WHERE seq = {seq}"));
            }
        }
        tamper("log_entries", seq, &format!("DELETE FROM log_entries WHERE seq = {seq}"));
        let swap = |a: u32, b: u32| {
            let bytes = |n| {
                format!("(SELECT bytes FROM kept_log_entries WHERE seq = (SELECT seq FROM log_leaves WHERE idx = {n}))")
            };
            let put = |n, m| {
                format!(
                    "UPDATE log_entries SET bytes = {} WHERE seq = (SELECT seq FROM log_leaves WHERE idx = {n});",
                    bytes(m)
                )
            };
            [put(a, b), put(b, a)].concat()
        };
        tamper("log_entries", seq, &swap(index, index + 1));
        for (column, kind) in Behind::of(world).columns("log_leaves") {
            let to = if kind.contains("int") { format!("{column} + 100000") } else { changed(&column, &kind) };
            let sql = format!("UPDATE log_leaves SET {column} = {to} WHERE idx = {index}");
            // In the last, partial tile the entry and its hash are two words against each other: the entry is doubted.
            let table =
                if column == "leaf_hash" && index == 10 || column == "idx" { "log_leaves" } else { "log_entries" };
            tamper(table, "", &sql);
        }
        tamper("log_leaves", &key, &format!("DELETE FROM log_leaves WHERE idx = {index}"));
        // The entry, its hash and its tile, all three: only the signature is left to tell.
        let forged = "{\"v\":1}".bytes().map(|b| format!("{b:02x}")).collect::<String>();
        let blob = |hex: &str| match Behind::of(world) {
            Behind::Sqlite(_) => format!("x'{hex}'"),
            Behind::Postgres(_) => format!("'\\x{hex}'::bytea"),
        };
        let hash = format!("{:?}", log::merkle::leaf_hash(b"{\"v\":1}"));
        tamper(
            "log_checkpoints",
            "",
            &format!(
                "UPDATE log_entries SET bytes = {} WHERE seq = {seq}; UPDATE log_leaves SET leaf_hash = {} WHERE idx = {index}; \
                 DELETE FROM log_tiles",
                blob(&forged),
                blob(&hash)
            ),
        );
    }
    for (column, kind) in Behind::of(world).columns("log_tiles") {
        tamper("log_tiles", "", &format!("UPDATE log_tiles SET {column} = {} WHERE n = 0", changed(&column, &kind)));
    }
    tamper("log_tiles", "0/0", "DELETE FROM log_tiles WHERE level = 0 AND n = 0");
    for (column, kind) in Behind::of(world).columns("log_checkpoints") {
        let to = changed(&column, &kind);
        tamper("log_checkpoints", "", &format!("UPDATE log_checkpoints SET {column} = {to}"));
    }
    tamper("log_state", "log", "DELETE FROM log_checkpoints WHERE size = (SELECT max(size) FROM log_checkpoints)");
    tamper("log_checkpoints", "-", "DELETE FROM log_checkpoints");
    tamper("log_state", "log", "UPDATE log_state SET size = size + 1");
    // An entry that is kept from its place, and one that waits for nothing.
    tamper("log_entries", "", "DELETE FROM log_queue");
    tamper("log_queue", "1", "INSERT INTO log_queue (seq) VALUES (1)");
    tamper("log_queue", "100000", "INSERT INTO log_queue (seq) VALUES (100000)");
    // Hiding an entry from a timeline, or showing it in another's.
    tamper("log_subjects", "", "DELETE FROM log_subjects WHERE subject = 'test/7'");
    tamper("log_subjects", "lot/x", "INSERT INTO log_subjects (subject, seq) VALUES ('lot/x', 3)");
    tamper("log_subjects", "", "UPDATE log_subjects SET subject = 'test/none' WHERE subject = 'test/7'");
    // What the digests stand for.
    let of_payloads = "SELECT CAST(seq AS TEXT) AS v FROM log_payloads ORDER BY seq";
    let kept = Behind::of(world).texts(of_payloads);
    for seq in [&kept[0], &kept[kept.len() - 1]] {
        let to = changed("states", if matches!(Behind::of(world), Behind::Sqlite(_)) { "blob" } else { "bytea" });
        tamper("log_payloads", seq, &format!("UPDATE log_payloads SET states = {to} WHERE seq = {seq}"));
        tamper("log_payloads", seq, &format!("UPDATE log_payloads SET seq = 100000 WHERE seq = {seq}"));
        tamper("log_payloads", seq, &format!("DELETE FROM log_payloads WHERE seq = {seq}"));
    }
    let another = format!(
        "INSERT INTO log_payloads (seq, states) SELECT 100000, states FROM log_payloads WHERE seq = {}",
        kept[0]
    );
    tamper("log_payloads", "100000", &another);
    // The tail cut off with everything that tells of it: the rows still show the state that the tail wrote.
    tamper(
        "officers",
        "",
        "DELETE FROM log_subjects WHERE seq > 3; DELETE FROM log_queue; DELETE FROM log_checkpoints WHERE size > 3; \
         DELETE FROM log_tiles; DELETE FROM log_leaves WHERE idx >= 3; DELETE FROM log_entries WHERE seq > 3; \
         DELETE FROM log_checkpoints; UPDATE log_state SET size = 3",
    );
});

both_backends!(a_damaged_log_is_not_signed_further, |world| {
    village(world);
    let head = || world.nobody().get("/log/checkpoint").text;
    let before = head();
    let mut behind = Behind::of(world);
    behind.drop_triggers();
    let fact = || log::Fact::new("test.counted", SHANGXIANG);
    let record =
        || world.app.db.write_now(xiangji::db::Lane::Any, move |tx| log::record(tx, &log::By::system(), fact()));
    record().unwrap();
    let blob = if matches!(behind, Behind::Sqlite(_)) { "zeroblob(32)" } else { "decode(repeat('00', 32), 'hex')" };
    behind.undone(&["log_leaves"], &format!("UPDATE log_leaves SET leaf_hash = {blob} WHERE idx = 1"), || {
        let refused = world.app.integrate_log().unwrap_err().to_string();
        assert!(refused.contains("nothing more is signed"), "{refused}");
        assert_eq!(head(), before);
    });
    // Another installation's key signs nothing here either.
    let stranger = log::note::SignerKey::from_seed(world.app.log_key.verifier().name(), &[7; 32]).unwrap();
    let refused = log::integrate(&world.app.db, &std::sync::Arc::new(stranger), |_| {}).unwrap_err().to_string();
    assert!(refused.contains("nothing more is signed"), "{refused}");
    assert_eq!(head(), before);
    world.app.integrate_log().unwrap();
    assert_ne!(head(), before);
    assert_eq!(faults(world), []);
});
