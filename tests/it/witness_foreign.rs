//! Witnesses and logs that we did not write, against ours.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use serde_json::{Value, json};
use xiangji::{
    db::Options,
    log::{
        cosignature::{CosignerKey, Submission, cosigned_at},
        merkle::Hash,
        note::Note,
    },
};

use crate::{
    support::{
        app::World,
        child::Ended,
        neighbour::{Neighbour, branches, write_entries},
        outside::Tools,
    },
    trading::ok,
};

/// A witness that we did not write cosigns our log, and refuses a second history of it.
#[test]
fn a_foreign_witness_cosigns_our_log() {
    let Some(tools) = Tools::found() else { return };
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().to_owned();
    let keys = xiangji::vault::Keys::load(&folder.join("xiangji.keys"), Some("village.example/xiangji")).unwrap();
    let log = keys.log_signer().unwrap().verifier().clone();
    let config = folder.join("foreign.json");
    let run = |arguments: &[&str]| {
        let mut command = tools.of_python("aics-witness");
        command.args(arguments).arg("--config").arg(&config);
        command
    };
    let made = run(&["init", "--name", "foreign.example/w", "--listen", "127.0.0.1:0"]).output().unwrap();
    let key: CosignerKey = String::from_utf8(made.stdout).unwrap().trim().parse().unwrap();
    let added = run(&["add-log", "--origin", log.name(), "--vkey", &log.to_string()]).output().unwrap();
    assert!(added.status.success(), "{added:?}");
    let mut child = run(&["serve"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address =
        lines.find_map(|line| Some(line.unwrap().split_once("listening on ")?.1.split(' ').next()?.to_owned()));
    let address = address.unwrap();
    std::thread::spawn(move || lines.count());
    let _foreign = Ended(child);

    let file = folder.join("policy");
    std::fs::write(&file, format!("log {log}\nwitness foreign {key} {address}\nquorum foreign\n")).unwrap();
    let village = |name: &str, dir: tempfile::TempDir| {
        let path = dir.path().join(name);
        xiangji::db::migrate(&xiangji::db::Target::Sqlite(path.clone())).unwrap();
        let more = [
            ("XIANGJI_WITNESS_POLICY", file.display().to_string()),
            ("XIANGJI_KEYS", folder.join("xiangji.keys").display().to_string()),
        ];
        World::start_with(&format!("sqlite://{}", path.display()), dir, &Options::default(), &more)
    };
    let honest = village("honest.db", dir);
    for count in [1, 300, 7] {
        write_entries(&honest, count);
        assert_eq!(honest.app.ask_witnesses().unwrap(), 1);
        let note: Note = ok(honest.nobody().get("/log/checkpoint")).text.parse().unwrap();
        assert!(cosigned_at(&note, &key).unwrap().is_some());
        assert!(honest.nobody().get("/log").text.contains("已有足够的见证"));
    }
    let second = village("second.db", tempfile::tempdir().unwrap());
    write_entries(&second, 400);
    assert_eq!(second.app.ask_witnesses().unwrap(), 0);
    let evidence = run(&["evidence"]).output().unwrap();
    assert!(String::from_utf8_lossy(&evidence.stdout).contains(log.name()), "{evidence:?}");
}

/// A log's side that we did not write gets cosignatures of our witness, and none for a second history.
#[test]
fn our_witness_serves_a_foreign_log() {
    const CLIENT: &str = "
import base64, json, sys
from aics_witness.feeder import WitnessClient, WitnessRejected
url, key, steps = sys.argv[1:]
with WitnessClient(url, key) as client:
    for step in json.load(open(steps)):
        def proof(old, new):
            return [base64.b64decode(h) for h in step['proofs'][old]]
        try:
            print(client.submit(step['note'], proof), end='')
        except WitnessRejected as refused:
            print('refused', refused.status)
";
    let Some(tools) = Tools::found() else { return };
    let dir = tempfile::tempdir().unwrap();
    let log = branches();
    let witness = Neighbour::start(&dir.path().join("w"), &[log.0.verifier()]);
    let step = |branch: u8, size: u64| {
        let submission = |old: u64| log.submission(branch, old, size).parse::<Submission>().unwrap();
        let proofs = (0..size + 1).map(|old| submission(old).proof.iter().map(Hash::to_string).collect::<Vec<_>>());
        json!({ "note": submission(0).note.to_string(), "proofs": Value::from_iter(proofs) })
    };
    let steps = dir.path().join("steps");
    std::fs::write(
        &steps,
        json!([step(1, 3), step(1, 9), step(1, 130), step(1, 130), step(2, 140), step(1, 141)]).to_string(),
    )
    .unwrap();
    let told = tools
        .of_python("python")
        .args(["-c", CLIENT, &witness.address, &witness.key.to_string()])
        .arg(&steps)
        .output()
        .unwrap();
    let lines = String::from_utf8(told.stdout.clone()).unwrap();
    let cosigned: Vec<bool> =
        lines.lines().map(|line| line.starts_with(&format!("— {} ", witness.key.name()))).collect();
    assert_eq!(cosigned, [true, true, true, true, false, true], "{told:?}");
    assert!(lines.contains("refused 422") && witness.evidence().len() == 1, "{told:?}");
}
