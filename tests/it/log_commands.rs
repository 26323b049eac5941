//! `export log`, `export auction`, `verify`, `backup`, `restore` as an operator calls them.

use std::{
    path::Path,
    process::{Command, Output},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use sha2::{Digest, Sha256};
use xiangji::{
    access::Role,
    log::{
        merkle,
        note::{Checkpoint, VerifierKey},
        tiles::{self, Content, Tile},
    },
};

use crate::{
    both_backends,
    support::{
        app::{DURUAN, SHANGXIANG, World},
        behind::Behind,
    },
    trading::admitted,
};

/// Runs the program on the world's database.
pub fn run(world: &World, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xiangji"))
        .args(arguments)
        .env("XIANGJI_DATABASE_URL", &world.app.config.database_url)
        .env("XIANGJI_KEYS", &world.app.config.keys)
        .output()
        .unwrap()
}

pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Fails with one line that holds these words.
pub fn refused(output: &Output, words: &str) {
    let line = err(output);
    assert_eq!(output.status.code(), Some(1), "{line}");
    assert!(line.contains(words) && line.trim_end().lines().count() == 1, "{line}");
}

fn village(world: &World) {
    let officer = world.actor(Role::TownshipOfficer, DURUAN, "officer");
    let made = officer.post("/api/v1/collectives", &json!({"code": SHANGXIANG, "name": "上巷村股份合作经济联合社"}));
    assert_eq!(made.status, 201, "{made:?}");
}

/// Every file below a folder, as paths with slashes.
fn files(dir: &Path) -> Vec<String> {
    fn walk(dir: &Path, root: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, found);
            } else {
                found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(dir, dir, &mut found);
    found.sort();
    found
}

both_backends!(the_export_is_the_whole_signed_log_and_nothing_else, |world| {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("log");
    let export = || run(world, &["export", "log", folder.to_str().unwrap()]);
    refused(&export(), "no signed checkpoint");
    village(world);
    let written = world.app.db.write_now(xiangji::db::Lane::Any, |tx| {
        for n in 0..300 {
            let fact = xiangji::log::Fact::new("test.counted", SHANGXIANG).data(json!({ "n": n }));
            xiangji::log::record(tx, &xiangji::log::By::system(), fact)?;
        }
        Ok(())
    });
    written.unwrap();
    world.app.integrate_log().unwrap();
    let done = export();
    let line = err(&done);
    assert!(done.status.success() && done.stdout.is_empty(), "{line}");
    assert_eq!(line.lines().count(), 1);
    let key: VerifierKey = line.trim_end().parse().unwrap();
    assert_eq!(&key, world.app.log_key.verifier());

    let head = std::fs::read_to_string(folder.join("checkpoint")).unwrap();
    let head = Checkpoint::open(&head, &key).unwrap();
    let mut expected: Vec<String> = Tile::all(head.size).map(|t| t.to_string()).chain(["checkpoint".into()]).collect();
    expected.sort();
    assert_eq!(files(&folder), expected);
    let mut leaves = Vec::new();
    for tile in Tile::all(head.size) {
        let bytes = std::fs::read(folder.join(tile.to_string())).unwrap();
        assert_eq!(world.nobody().bytes(&format!("/log/{tile}")).2, bytes, "{tile}: served and exported are the same");
        if tile.content == Content::Entries {
            leaves.extend(tiles::bundle_entries(&bytes).unwrap().into_iter().map(merkle::leaf_hash));
        }
    }
    assert_eq!(merkle::root(&leaves), head.root);
    refused(&export(), "is not empty");
});

both_backends!(a_receipt_proves_itself_with_the_key_alone, |world| {
    village(world);
    let officer = world.sign_in("officer");
    let path = format!("/api/v1/collectives/{SHANGXIANG}");
    let changed = officer.patch(&path, 1, &json!({"name": "上巷村经济联合社"}));
    let seq = changed.json["log_entry"].as_i64().unwrap();
    let receipt = || world.nobody().get(&format!("/log/receipts/{seq}"));
    assert_eq!(receipt().status, 404, "it has no place yet");
    world.app.integrate_log().unwrap();
    let receipt = receipt();
    assert_eq!((receipt.status, receipt.header("cache-control")), (200, Some("no-cache")));
    let dir = tempfile::tempdir().unwrap();
    let (file, key) = (dir.path().join("r.tlog-proof"), world.app.log_key.verifier().to_string());
    let check = |text: &str, key: &str| {
        std::fs::write(&file, text).unwrap();
        // Neither a database nor a key file is there.
        Command::new(env!("CARGO_BIN_EXE_xiangji"))
            .args(["verify", "--key", key, "--receipt", file.to_str().unwrap()])
            .env("XIANGJI_DATABASE_URL", "sqlite:///nowhere/at/all.db")
            .output()
            .unwrap()
    };
    let proven = check(&receipt.text, &key);
    assert!(proven.status.success(), "{proven:?}");
    assert!(
        out(&proven).starts_with("proven: entry ") && out(&proven).contains("\"kind\":\"collective.changed\""),
        "{proven:?}"
    );

    let stranger = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    refused(&check(&receipt.text, stranger), "NOT proven");
    // Every character of the file counts.
    for at in (0..receipt.text.len()).step_by(receipt.text.len() / 25) {
        let mut bytes = receipt.text.clone().into_bytes();
        bytes[at] ^= 1;
        refused(&check(&String::from_utf8_lossy(&bytes), &key), "");
    }
    let missing = run(world, &["verify", "--receipt", file.to_str().unwrap()]);
    assert_eq!(missing.status.code(), Some(2), "never with a key from the same place: {missing:?}");
});

both_backends!(the_board_sheet_carries_the_key_and_the_checkpoint, |world| {
    village(world);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("board.html");
    let write = || run(world, &["export", "board", file.to_str().unwrap()]);
    refused(&write(), "no signed checkpoint");
    world.app.integrate_log().unwrap();
    assert!(write().status.success());
    let sheet = std::fs::read_to_string(&file).unwrap();
    let head = world.nobody().get("/log/checkpoint").text;
    for told in [&world.app.log_key.verifier().to_string(), head.lines().nth(2).unwrap(), "<svg"] {
        // The template writes a plus sign as a number.
        assert!(sheet.replace("&#43;", "+").contains(told), "{told}: {sheet}");
    }
    refused(&write(), "exists");
});

both_backends!(every_table_folds_again_out_of_the_log, |world| {
    // Members, an asset, a lot with its enrolment and deposit: rows that were made and rows that were changed.
    crate::access_matrix::records(world, SHANGXIANG);
    let dir = tempfile::tempdir().unwrap();
    let folder = |name: &str| dir.path().join(name).display().to_string();
    let same = run(world, &["rebuild", &folder("same")]);
    assert!(same.status.success(), "{same:?}");
    let tables = xiangji::app::logged_tables();
    assert_eq!(out(&same).lines().count(), tables.len());
    let members = std::fs::read_to_string(dir.path().join("same/persons.jsonl")).unwrap();
    assert!(members.contains("梁国栋") && !members.contains("440703198501010019"), "names in clear, numbers sealed");
    // A line is what a digest of the published log stands for.
    let line = members.lines().next().unwrap();
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(format!("persons\0{line}")));
    let entries = Behind::of(world).texts(match Behind::of(world) {
        Behind::Sqlite(_) => "SELECT CAST(bytes AS TEXT) AS v FROM log_entries",
        Behind::Postgres(_) => "SELECT convert_from(bytes, 'UTF8') AS v FROM log_entries",
    });
    assert!(entries.iter().any(|entry| entry.contains(&digest)), "{line}");
    refused(&run(world, &["rebuild", &folder("same")]), "is not empty");

    // The controls: a row that is not as the log tells it, a payload that is gone.
    let differs = |name: &str, table: &str| {
        let ended = run(world, &["rebuild", &folder(name)]);
        assert_eq!(ended.status.code(), Some(1), "{ended:?}");
        let said = out(&ended);
        let differing: Vec<&str> = said.lines().filter(|line| line.contains("DIFFERS")).collect();
        assert!(differing.len() == 1 && differing[0].starts_with(&format!("{table} ")), "{said}");
    };
    let mut behind = Behind::of(world);
    behind.drop_triggers();
    behind.undone(&["assets"], "UPDATE assets SET name = '别的'", || differs("changed", "assets"));
    behind.undone(
        &["log_payloads"],
        "DELETE FROM log_payloads WHERE seq = (SELECT min(seq) FROM log_payloads)",
        || {
            differs("untold", "regions");
        },
    );
    assert!(run(world, &["rebuild", &folder("again")]).status.success());
});

both_backends!(verify_says_what_it_read_and_names_what_is_wrong, |world| {
    village(world);
    let fine = run(world, &["verify"]);
    assert!(fine.status.success(), "{fine:?}");
    assert!(out(&fine).contains("0 faults") && out(&fine).lines().count() == 1 && fine.stderr.is_empty(), "{fine:?}");
    world.app.integrate_log().unwrap();
    let key = world.app.log_key.verifier().to_string();
    assert!(run(world, &["verify", "--key", &key]).status.success());

    let stranger = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let strange = run(world, &["verify", "--key", stranger]);
    assert_eq!(strange.status.code(), Some(1));
    assert!(out(&strange).contains("table=log_checkpoints"), "{strange:?}");
    assert_eq!(run(world, &["verify", "--key", "nonsense"]).status.code(), Some(2), "a misused command line");

    Behind::of(world).exec(&format!("UPDATE collectives SET name = '别的' WHERE code = '{SHANGXIANG}'"));
    let tampered = run(world, &["verify"]);
    assert_eq!(tampered.status.code(), Some(1));
    let text = out(&tampered);
    let fault = text.lines().next().unwrap();
    assert!(fault.starts_with(&format!("fault: table=collectives key={SHANGXIANG} index=")), "{text}");
    assert!(text.lines().last().unwrap().contains("1 faults"), "{text}");
});

#[test]
fn a_backup_is_taken_while_serving_and_put_back_only_when_whole() {
    let world = World::sqlite();
    village(&world);
    world.app.integrate_log().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let backup = path("copy.db");
    assert!(run(&world, &["backup", &backup]).status.success());
    refused(&run(&world, &["backup", &backup]), "exists");
    assert!(!Path::new(&path("copy.db.part")).exists());
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&backup).unwrap()) & 0o077, 0, "owner only");

    // After the backup: one more collective. While the server has the database open nothing is replaced.
    let officer = world.sign_in("officer");
    let later = officer.patch(&format!("/api/v1/collectives/{SHANGXIANG}"), 1, &json!({"name": "后来的名字"}));
    assert_eq!(later.status, 200, "{later:?}");
    refused(&run(&world, &["restore", &backup]), "is being served");

    // Now a database that nobody serves, with the same keys beside it.
    let alone = path("alone.db");
    assert!(run(&world, &["backup", &alone]).status.success());
    std::fs::copy(&world.app.config.keys, path("alone.keys")).unwrap();
    drop(world);
    let restore = |file: &str| {
        Command::new(env!("CARGO_BIN_EXE_xiangji"))
            .args(["restore", file])
            .env("XIANGJI_DATABASE_URL", format!("sqlite://{alone}"))
            .output()
            .unwrap()
    };
    let name = |file: &str| Behind::open(&format!("sqlite://{file}")).texts("SELECT name AS v FROM collectives");
    assert_eq!(name(&alone), ["后来的名字"]);
    let tampered = path("tampered.db");
    std::fs::copy(&backup, &tampered).unwrap();
    Behind::open(&format!("sqlite://{tampered}")).exec("UPDATE collectives SET name = '别的'");
    refused(&restore(&tampered), "nothing was replaced");
    refused(&restore(&path("absent.db")), "cannot be read");
    std::fs::write(path("no.db"), "this is no database").unwrap();
    refused(&restore(&path("no.db")), "nothing was replaced");
    assert_eq!(name(&alone), ["后来的名字"]);
    let done = restore(&backup);
    assert!(done.status.success(), "{done:?}");
    assert_eq!(name(&alone), ["上巷村股份合作经济联合社"]);
    assert_eq!(name(&format!("{alone}.before-restore")), ["后来的名字"]);
}

both_backends!(a_trace_leaves_only_when_its_auction_is_over, |world| {
    let trade = admitted(world);
    let open = run(world, &["export", "auction", &trade.lot]);
    refused(&open, "竞价还没有结束");
    assert_eq!(out(&open), "");
    refused(&run(world, &["export", "auction", "lot_none"]), "lot_none");
    for (name, amount) in [("A", "700.00"), ("B", "705.00"), ("B", "710.00")] {
        world.set_time("2026-03-11T09:31:00+08:00");
        trade.as_(name).post(&trade.path("/bids"), &json!({ "amount": amount }));
    }
    world.set_time("2026-03-11T10:00:00+08:00");
    world.close_due();

    let dir = tempfile::tempdir().unwrap();
    let exported = run(world, &["export", "auction", &trade.lot]);
    let file = dir.path().join("one.json");
    std::fs::write(&file, &exported.stdout).unwrap();
    let replayed = run(world, &["replay", file.to_str().unwrap()]);
    assert_eq!((exported.status.code(), replayed.status.code()), (Some(0), Some(0)));
    assert!(out(&replayed).contains("\"winner\": \"02\""), "{}", out(&replayed));
    assert!(out(&exported).contains("below_step") || out(&exported).contains("705.00"), "refused commands are in it");

    let folder = dir.path().join("all");
    let all = run(world, &["export", "auction", "--all", folder.to_str().unwrap()]);
    assert_eq!(all.status.code(), Some(0), "{}", err(&all));
    assert_eq!(files(&folder), [format!("{}.result.json", trade.lot), format!("{}.trace.json", trade.lot)]);
    let read = |name: &str| std::fs::read_to_string(folder.join(format!("{}.{name}.json", trade.lot))).unwrap();
    assert_eq!((read("trace"), read("result")), (out(&exported), out(&replayed)));
    refused(&run(world, &["export", "auction", "--all", folder.to_str().unwrap()]), "not empty");
    assert_eq!(run(world, &["export", "auction"]).status.code(), Some(2), "one or all must be said");
});
