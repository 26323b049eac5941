//! The signed report of a verification: what it says, who can read it, and that it is nothing else.

use std::{
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use xiangji::{
    access::Role,
    kernel::hex,
    log::{note::SignerKey, report},
};

use crate::{
    both_backends,
    support::{
        app::{DURUAN, LONGXI, SHANGXIANG, World},
        behind::Behind,
        until,
    },
};

fn run(world: &World, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xiangji"))
        .args(arguments)
        .env("XIANGJI_DATABASE_URL", &world.app.config.database_url)
        .env("XIANGJI_KEYS", &world.app.config.keys)
        .output()
        .unwrap()
}

/// With neither database nor key file.
fn check(file: &Path, key: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xiangji"))
        .args(["verify", "--key", key, "--report", file.to_str().unwrap()])
        .env("XIANGJI_DATABASE_URL", "sqlite:///nowhere/at/all.db")
        .output()
        .unwrap()
}

/// Starts a run from the auditor's page and waits for its end; returns its entry.
fn verified_from_the_page(world: &World) -> Value {
    let auditor = world.sign_in("auditor");
    let last = || {
        let found = Behind::of(world)
            .texts("SELECT CAST(max(seq) AS TEXT) AS v FROM log_entries WHERE kind = 'log.verified' HAVING max(seq) IS NOT NULL");
        found.first().cloned()
    };
    let before = last();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let begun = auditor.send("POST", "/audit/verify", &form, Some(Vec::new()));
    assert_eq!(begun.status, 303, "{begun:?}");
    until("the end of the run", || last() != before);
    auditor.get(&format!("/api/v1/log/entries/{}", last().unwrap())).json
}

both_backends!(a_run_from_the_page_leaves_a_signed_report, |world| {
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    world.app.integrate_log().unwrap();
    let auditor = world.actor(Role::Auditor, DURUAN, "auditor");
    let key = world.app.log_key.verifier();
    for faults in [0, 1] {
        let entry = verified_from_the_page(world);
        assert_eq!(entry["data"]["faults"], faults);
        let path = format!("/audit/verify/report?run={}", entry["seq"]);
        assert!(auditor.get("/audit/verify").text.contains(&format!("href=\"{path}\"")));
        let answer = auditor.get(&path);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/plain; charset=utf-8")));
        assert_eq!(entry["data"]["report"], json!(hex(&Sha256::digest(&answer.text))), "its hash is in the log");
        let text = report::open(&answer.text, key).unwrap();
        assert!(text.contains(&format!("\nfaults {faults}\n")) && text.contains(" checks of meaning\n"), "{text}");
        assert_eq!(text.contains("fault: table=collectives key="), faults == 1, "{text}");
        let cosignatures = entry["data"]["cosignatures"].as_u64().unwrap();
        assert_eq!((cosignatures, text.contains("not looked at: nothing")), (0, true), "{text}");
        // Somebody of another place sees neither run nor report.
        let neighbour = format!("neighbour-{faults}");
        assert_eq!(world.actor(Role::Supervisor, LONGXI, &neighbour).get(&path).status, 404);
        assert_eq!(world.nobody().get(&path).status, 303, "to where one signs in");
        // A report that was exchanged behind the program's back is not handed out.
        let mut behind = Behind::of(world);
        behind.drop_triggers();
        behind.undone(&["verification_reports"], "UPDATE verification_reports SET note = note || 'x'", || {
            assert_eq!(auditor.get(&path).status, 404);
        });
        assert_eq!(auditor.get(&path).status, 200);
        behind.exec("UPDATE collectives SET name = '别的'");
    }
    for absent in ["/audit/verify/report", "/audit/verify/report?run=1", "/audit/verify/report?run=99999"] {
        assert_eq!(auditor.get(absent).status, 404, "{absent}");
    }
});

both_backends!(a_report_from_the_command_line_is_checked_offline, |world| {
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    world.app.integrate_log().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join(name);
    let path = file("report");
    let write = |name: &str| run(world, &["verify", "--write-report", file(name).to_str().unwrap()]);
    assert!(write("report").status.success());
    assert_eq!(write("report").status.code(), Some(1), "a report is never written over");
    let key = world.app.log_key.verifier().to_string();
    let good = check(&path, &key);
    let said = String::from_utf8(good.stdout.clone()).unwrap();
    assert!(good.status.success() && said.starts_with("xiangji verification report\norigin "), "{good:?}");

    let refused = |file: &Path, key: &str| {
        let output = check(file, key);
        let line = String::from_utf8(output.stderr.clone()).unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(
            output.stdout.is_empty() && line.lines().count() == 1 && line.contains("NOT signed as a report"),
            "{line}"
        );
    };
    let note = std::fs::read_to_string(&path).unwrap();
    std::fs::write(file("changed"), note.replacen("faults 0", "faults 1", 1)).unwrap();
    refused(&file("changed"), &key);
    let stranger = SignerKey::from_seed(world.app.log_key.verifier().name(), &[9; 32]).unwrap();
    refused(&path, &stranger.verifier().to_string());
    // A checkpoint is no report, and a report is no checkpoint.
    std::fs::write(file("checkpoint"), world.nobody().get("/log/checkpoint").text).unwrap();
    refused(&file("checkpoint"), &key);
    let since = run(world, &["verify", "--since", path.to_str().unwrap()]);
    assert_eq!(since.status.code(), Some(2), "{since:?}");
    assert!(run(world, &["verify", "--since", file("checkpoint").to_str().unwrap()]).status.success());
    let keyless = run(world, &["verify", "--report", path.to_str().unwrap()]);
    assert_eq!(keyless.status.code(), Some(2), "never with a key from the same place: {keyless:?}");

    // Faults stand in it in the words of the command line.
    Behind::of(world).exec("UPDATE collectives SET name = '别的'");
    let wrong = write("faults");
    assert_eq!(wrong.status.code(), Some(1));
    let line = String::from_utf8(wrong.stdout).unwrap().lines().next().unwrap().to_owned();
    let told = String::from_utf8(check(&file("faults"), &key).stdout).unwrap();
    assert!(told.contains(&format!("\nfaults 1\n{line}\n")), "{told}");
});
