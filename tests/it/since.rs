//! `verify` after a head that somebody kept: it must be continued, and only what came after it is looked at.

use std::process::{Command, Output};

use serde_json::json;
use xiangji::{
    access::Role,
    app,
    db::{Db, Options},
    log::{
        Wrong,
        merkle::Hash,
        note::{Checkpoint, SignerKey},
    },
};

use crate::{
    both_backends,
    support::{
        app::{DURUAN, SHANGXIANG, World},
        behind::Behind,
        hands::LOG_TABLES,
        insider::{Insider, REWRITTEN},
        verified::{Parts, faults, faults_since, kept_head, verified, verified_in},
    },
    trading::ok,
};

/// A collective with two officers.
fn village(world: &World) {
    let officer = world.actor(Role::TownshipOfficer, DURUAN, "officer");
    ok(officer.post("/api/v1/collectives", &json!({"code": SHANGXIANG, "name": "上巷村股份合作经济联合社"})));
    for name in ["区某", "梁某"] {
        appointed(world, name);
    }
    world.app.integrate_log().unwrap();
}

/// One more officer; returns the row's key.
fn appointed(world: &World, name: &str) -> String {
    let officer = world.sign_in("officer");
    let term = json!({"name": name, "post": "supervisor", "since": "2024-01-01"});
    ok(officer.post(&format!("/api/v1/collectives/{SHANGXIANG}/officers"), &term)).id().to_owned()
}

fn whats(faults: &[xiangji::log::Fault]) -> Vec<(&str, &str, xiangji::log::Words)> {
    faults.iter().map(|fault| (fault.table.as_str(), fault.key.as_str(), fault.what)).collect()
}

both_backends!(after_a_kept_head_only_what_is_new_is_looked_at, |world| {
    village(world);
    let old = appointed(world, "旧某");
    world.app.integrate_log().unwrap();
    let kept = kept_head(world);
    let size = kept.size.to_string();
    let (nothing, seen) = verified(&world.app, &Parts { since: Some(&kept), ..Parts::default() });
    assert_eq!((seen, nothing.rows, nothing.checks), (vec![], 0, 0));
    let new = appointed(world, "新某");
    // Before it has its place, and after.
    for placed in [false, true] {
        let (summary, seen) = verified(&world.app, &Parts { since: Some(&kept), ..Parts::default() });
        assert_eq!((seen, summary.tables, summary.rows), (vec![], 1, 1), "the row that the new entry names");
        assert!(summary.to_string().contains(&format!("not looked at: the first {size} entries")), "{summary}");
        if !placed {
            world.app.integrate_log().unwrap();
        }
    }

    let mut behind = Behind::of(world);
    behind.drop_triggers();
    let mut tampered = |key: &str, sql: String| {
        behind.undone(&["officers"], &sql, || (faults_since(world, &kept), faults(world), key.to_owned()))
    };
    let (since, whole, key) = tampered(&old, format!("UPDATE officers SET name = '别人' WHERE id = '{old}'"));
    assert_eq!(since, [], "an old row is not looked at");
    assert_eq!(whats(&whole), [("officers", key.as_str(), Wrong::RowChanged.into())], "the whole looks at it");
    for (sql, what) in [
        (format!("UPDATE officers SET name = '别人' WHERE id = '{new}'"), Wrong::RowChanged),
        (format!("DELETE FROM officers WHERE id = '{new}'"), Wrong::RowGone),
    ] {
        let (since, whole, key) = tampered(&new, sql);
        assert_eq!(whats(&since), [("officers", key.as_str(), what.into())]);
        assert_eq!(since, whole);
        assert!(since[0].index.unwrap() >= i64::try_from(kept.size).unwrap());
    }

    // The log behind the head: what is new in it is looked at as closely as ever.
    let last = "(SELECT max(idx) FROM log_leaves)";
    let bytes = behind.blob(b"{\"v\":1}");
    for (sql, table) in [
        (
            format!(
                "UPDATE log_entries SET bytes = {bytes} WHERE seq = (SELECT seq FROM log_leaves WHERE idx = {last})"
            ),
            "log_entries",
        ),
        (format!("DELETE FROM log_leaves WHERE idx = {last}"), "log_leaves"),
        (
            "UPDATE log_checkpoints SET note = 'x' WHERE size = (SELECT max(size) FROM log_checkpoints)".into(),
            "log_checkpoints",
        ),
    ] {
        let seen = behind.undone(&LOG_TABLES, &sql, || faults_since(world, &kept));
        assert!(seen.iter().any(|fault| fault.table == table), "{sql}: {seen:?}");
    }
    assert_eq!(faults(world), []);
});

both_backends!(a_history_that_was_cut_or_rewritten_does_not_continue_the_head, |world| {
    village(world);
    let first = kept_head(world);
    let key = appointed(world, "新某");
    world.app.integrate_log().unwrap();
    let kept = kept_head(world);
    let mut behind = Behind::of(world);
    behind.drop_triggers();
    let size = first.size;
    let cut = format!(
        "DELETE FROM log_subjects WHERE seq IN (SELECT seq FROM log_leaves WHERE idx >= {size}); \
         DELETE FROM log_payloads WHERE seq IN (SELECT seq FROM log_leaves WHERE idx >= {size}); \
         DELETE FROM log_entries WHERE seq IN (SELECT seq FROM log_leaves WHERE idx >= {size}); \
         DELETE FROM log_leaves WHERE idx >= {size}; DELETE FROM log_checkpoints WHERE size > {size}; \
         UPDATE log_state SET size = {size}; DELETE FROM officers WHERE id = '{key}'"
    );
    let tables = [&LOG_TABLES[..], &["officers"]].concat();
    let seen = behind.undone(&tables, &cut, || {
        assert_eq!(faults(world), [], "by itself the shorter log is whole");
        assert_eq!(faults_since(world, &first), [], "and it continues what is older than the cut");
        faults_since(world, &kept)
    });
    assert_eq!(whats(&seen), [("log_checkpoints", kept.size.to_string().as_str(), Wrong::CutOff.into())]);

    let tables = [&REWRITTEN[..], &["officers"]].concat();
    let seen = behind.undone(&tables, "SELECT 1", || {
        let sql = format!("UPDATE officers SET name = '别人' WHERE id = '{key}'");
        Insider::of(world).rewrites(&sql, &[("officers", &key)]);
        assert_eq!(faults(world), [], "by itself the other history is whole");
        assert_eq!(faults_since(world, &first), [], "what is older than the lie is as it was");
        faults_since(world, &kept)
    });
    assert_eq!(whats(&seen), [("log_checkpoints", kept.size.to_string().as_str(), Wrong::NotContinued.into())]);
    assert_eq!(faults_since(world, &kept), []);
    assert_eq!(faults_since(world, &Checkpoint { root: Hash([7; 32]), ..kept }).len(), 1);
});

/// Days of which everything is kept, as a file holds it.
const DAYS: usize = 7;

both_backends!(yesterdays_file_put_back_does_not_continue_todays_head, |world| {
    village(world);
    let mut behind = Behind::of(world);
    behind.drop_triggers();
    let logged = app::logged_tables();
    let tables: Vec<&str> = LOG_TABLES.into_iter().chain(logged.iter().map(|table| table.name)).collect();
    let mut heads = Vec::new();
    for day in 0..DAYS {
        appointed(world, &format!("区{}", ["甲", "乙", "丙", "丁", "戊", "己", "庚"][day]));
        world.app.integrate_log().unwrap();
        heads.push(kept_head(world));
        for table in &tables {
            behind.exec(&format!("CREATE TABLE day{day}_{table} AS SELECT * FROM {table}"));
        }
    }
    let overriding = match behind {
        Behind::Postgres(_) => "OVERRIDING SYSTEM VALUE",
        Behind::Sqlite(_) => "",
    };
    let mut caught = 0;
    for day in 0..DAYS {
        let back = tables.iter().map(|table| {
            format!("DELETE FROM {table}; INSERT INTO {table} {overriding} SELECT * FROM day{day}_{table};")
        });
        behind.exec(&back.collect::<String>());
        assert_eq!(faults(world), [], "by itself the file of day {day} is whole");
        for (later, head) in heads.iter().enumerate() {
            let seen = faults_since(world, head);
            if later <= day {
                assert_eq!(seen, [], "the file of day {day} continues the head of day {later}");
            } else {
                assert_eq!(whats(&seen), [("log_checkpoints", head.size.to_string().as_str(), Wrong::CutOff.into())]);
                caught += 1;
            }
        }
    }
    assert_eq!(caught, 21);
});

/// The same with a whole file of SQLite, copied as an administrator would.
#[test]
fn a_copied_file_put_back_does_not_continue_todays_head() {
    let world = World::sqlite();
    village(&world);
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("yesterday.db");
    Behind::of(&world).exec(&format!("VACUUM INTO '{}'", copy.display()));
    let yesterday = kept_head(&world);
    appointed(&world, "新某");
    world.app.integrate_log().unwrap();
    let (url, today) = (format!("sqlite://{}", copy.display()), kept_head(&world));
    let db = Db::open(&url, world.app.db.clock(), &Options::default()).unwrap();
    let key = world.app.log_key.verifier();
    let look = |since: Option<&Checkpoint>| verified_in(&db, key, &Parts { since, ..Parts::default() }).1;
    assert_eq!((look(None), look(Some(&yesterday))), (vec![], vec![]));
    assert_eq!(
        whats(&look(Some(&today))),
        [("log_checkpoints", today.size.to_string().as_str(), Wrong::CutOff.into())]
    );
    db.stop();
}

fn run(world: &World, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xiangji"))
        .args(arguments)
        .env("XIANGJI_DATABASE_URL", &world.app.config.database_url)
        .env("XIANGJI_KEYS", &world.app.config.keys)
        .output()
        .unwrap()
}

both_backends!(the_command_takes_a_checkpoint_a_receipt_or_the_words_of_the_board, |world| {
    village(world);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("kept");
    let since = |text: &str| {
        std::fs::write(&file, text).unwrap();
        run(world, &["verify", "--since", file.to_str().unwrap()])
    };
    let checkpoint = world.nobody().get("/log/checkpoint").text;
    let receipt = world.nobody().get("/log/receipts/2").text;
    assert!(receipt.starts_with("c2sp.org/tlog-proof@v1"));
    let key = appointed(world, "新某");
    world.app.integrate_log().unwrap();
    let typed = checkpoint.split_once("\n\n").unwrap().0.to_owned() + "\n";
    for kept in [&checkpoint, &receipt, &typed] {
        let fine = since(kept);
        let said = String::from_utf8(fine.stdout.clone()).unwrap();
        assert!(fine.status.success() && said.lines().count() == 1, "{fine:?}");
        assert!(said.contains("not looked at: the first ") && said.contains(": 0 faults"), "{said}");
    }
    let mut lines: Vec<&str> = typed.lines().collect();
    let other_root = Hash([7; 32]).to_string();
    lines[2] = &other_root;
    let rewritten = since(&(lines.join("\n") + "\n"));
    assert_eq!(rewritten.status.code(), Some(1), "{rewritten:?}");
    assert!(String::from_utf8(rewritten.stdout).unwrap().contains("its history was rewritten"));
    Behind::of(world).exec(&format!("UPDATE officers SET name = '别人' WHERE id = '{key}'"));
    let wrong = since(&checkpoint);
    assert_eq!(wrong.status.code(), Some(1), "{wrong:?}");
    assert!(String::from_utf8(wrong.stdout).unwrap().starts_with(&format!("fault: table=officers key={key} index=")));

    // What is no head of this log is told apart from what was found: exit 2, one line.
    let stranger = SignerKey::from_seed(world.app.log_key.verifier().name(), &[9; 32]).unwrap();
    let head = kept_head(world);
    let strange = head.sign(&stranger).unwrap().to_string();
    let elsewhere = format!("x{typed}");
    for bad in ["", "no note", &checkpoint.replacen('\n', "\n1", 1), &strange, &elsewhere, &typed.replace('\n', "\n\n")]
    {
        let refused = since(bad);
        let line = String::from_utf8(refused.stderr.clone()).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{bad}: {refused:?}");
        assert!(
            line.lines().count() == 1 && line.contains("no head of this log") && refused.stdout.is_empty(),
            "{line}"
        );
    }
    let absent = run(world, &["verify", "--since", "/nowhere/at/all"]);
    assert_eq!((absent.status.code(), String::from_utf8(absent.stderr).unwrap().lines().count()), (Some(2), 1));
});
