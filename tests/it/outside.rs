//! Software that other people wrote accepts our log, served and exported, and refuses it once a bit of it is changed.
//!
//! `tests/outside/prepare DIR` fetches the programs; `XIANGJI_TEST_OUTSIDE` names the folder. They are the packages `note`
//! and `tlog` of the Go toolchain (in `audit.go`), aics-tlog and tlog-scales (in `audit.py`, and as the commands that
//! docs/checking-from-outside.md tells people to type).

use std::{
    hash::{BuildHasher, RandomState},
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use xiangji::{
    db::{Lane, Options},
    log::{
        self, By, Fact,
        note::{Checkpoint, SignerKey},
        tiles::{self, Tile},
    },
};

use crate::{
    both_backends,
    support::{
        app::{SHANGXIANG, World},
        outside::{Tools, outside},
    },
};

impl Tools {
    /// The Go toolchain's packages, and those of the Python package index.
    fn go(&self) -> Command {
        outside(&self.0.join("audit"))
    }
    fn python(&self) -> Command {
        let mut command = self.of_python("python");
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outside/audit.py"));
        command
    }
    fn auditors(&self) -> [Command; 2] {
        [self.go(), self.python()]
    }
    fn aics(&self) -> Command {
        self.of_python("aics-tlog")
    }
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat()
}

/// Accepts; returns what was said.
fn accepts(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", said(&output));
    said(&output)
}

/// Refuses with these words.
fn refuses(command: &mut Command, words: &str) {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{command:?}: {}", said(&output));
    assert!(said(&output).contains(words), "{command:?}: {}", said(&output));
}

fn key(world: &World) -> String {
    world.app.log_key.verifier().to_string()
}

/// Somebody else's key with the name of ours.
fn stranger(world: &World) -> String {
    let key = SignerKey::from_seed(world.app.log_key.verifier().name(), &[9; 32]).unwrap();
    key.verifier().to_string()
}

fn address(world: &World) -> String {
    format!("{}/log", world.base)
}

/// Lets the log grow to so many entries and signs it; returns its checkpoint as a file in `dir`.
fn grow(world: &World, size: u64, dir: &Path) -> PathBuf {
    let had = world.app.integrate_log().unwrap();
    for start in (had..size).step_by(4096) {
        let written = world.app.db.write_now(Lane::Any, move |tx| {
            for n in start..size.min(start + 4096) {
                log::record(tx, &By::system(), Fact::new("test.counted", SHANGXIANG).data(json!({ "n": n })))?;
            }
            Ok(())
        });
        written.unwrap();
    }
    assert_eq!(world.app.integrate_log().unwrap(), size);
    let file = dir.join(format!("{size}.checkpoint"));
    std::fs::write(&file, world.nobody().get("/log/checkpoint").text).unwrap();
    file
}

/// What `xiangji export log` writes.
fn export(world: &World, dir: &Path) {
    world.app.db.read_now(|rx| Ok(log::export(rx, dir, |_, _| ()))).unwrap().unwrap();
}

both_backends!(others_accept_the_log_as_it_is_served_and_exported, |world| {
    let Some(tools) = Tools::found() else { return };
    let dir = tempfile::tempdir().unwrap();
    let mut kept: Vec<PathBuf> = Vec::new();
    for size in [1, 255, 256, 257, 700] {
        let head = grow(world, size, dir.path());
        let folder = dir.path().join(size.to_string());
        export(world, &folder);
        for (mut go, mut python) in [address(world), folder.display().to_string()].map(|log| {
            let [mut go, mut python] = tools.auditors();
            for file in &kept {
                go.arg("-old").arg(file);
                python.arg("--old").arg(file);
            }
            go.args([&key(world), &log]);
            python.args([&key(world), &log]);
            (go, python)
        }) {
            let expected =
                format!("ok: {size} entries, {} files, {} older heads\n", Tile::all(size).count() + 1, kept.len());
            assert_eq!([accepts(&mut go), accepts(&mut python)], [expected.as_str(), &expected]);
        }
        kept.push(head);
    }
    // Controls: another key of the same name; a head of another history that the log's own key signed.
    let [mut go, mut python] = tools.auditors();
    refuses(go.args([&stranger(world), &address(world)]), "no verifiable signatures");
    refuses(python.args([&stranger(world), &address(world)]), "no signature from log key");
    let other = rewritten(world);
    let head = other.app.config.keys.with_file_name("500.checkpoint");
    let [mut go, mut python] = tools.auditors();
    refuses(go.arg("-old").arg(&head).args([&key(world), &address(world)]), "does not continue that of 500");
    refuses(python.arg("--old").arg(&head).args([&key(world), &address(world)]), "does not continue that of 500");
});

/// Where the tree gets its third level. On one database: the bytes are the same on both, the rows would only take longer.
#[test]
fn others_accept_a_log_of_seventy_thousand() {
    let Some(tools) = Tools::found() else { return };
    let world = World::sqlite();
    let dir = tempfile::tempdir().unwrap();
    let mut audit = tools.go();
    for size in [65_535, 65_536, 65_537, 70_000] {
        let kept = grow(&world, size, dir.path());
        audit.arg("-old").arg(kept);
    }
    let folder = dir.path().join("log");
    export(&world, &folder);
    let expected = format!("ok: 70000 entries, {} files, 4 older heads\n", Tile::all(70_000).count() + 1);
    assert_eq!(accepts(audit.arg(key(&world)).arg(address(&world))), expected);
    assert!(accepts(tools.go().arg(key(&world)).arg(&folder)).starts_with("ok: 70000 entries"));
    // Its proofs take a tenth of a second each at this size.
    assert!(
        accepts(tools.python().args(["--proofs", "10", &key(&world)]).arg(&folder)).starts_with("ok: 70000 entries")
    );
}

/// LOG-4. `XIANGJI_TEST_LONG=1` flips a hundred times as many.
#[test]
fn every_flipped_bit_is_noticed_by_others() {
    let Some(tools) = Tools::found() else { return };
    let world = World::sqlite();
    let dir = tempfile::tempdir().unwrap();
    grow(&world, 700, dir.path());
    let folder = dir.path().join("log");
    export(&world, &folder);
    let count = if std::env::var_os("XIANGJI_TEST_LONG").is_some() { 100_000 } else { 1_000 };
    let seed = RandomState::new().hash_one(count) >> 1;
    eprintln!("flips drawn from seed {seed}");
    let (flips, seed) = (count.to_string(), seed.to_string());
    let with = |mut audit: Command, dashes: &str| {
        audit.args([&format!("{dashes}flips"), &flips, &format!("{dashes}seed"), &seed, &key(&world)]).arg(&folder);
        audit
    };
    let checkpoint = std::fs::read_to_string(folder.join("checkpoint")).unwrap();
    let bits = 8 * checkpoint.len();
    let all = format!("flips: {0} of {0} rejected, {bits} of them in the checkpoint\n", bits + count);
    for mut audit in [with(tools.go(), "-"), with(tools.python(), "--")] {
        // Untouched, it is accepted; with any bit changed, it is not.
        let said = accepts(&mut audit);
        assert!(said.starts_with("ok: 700 entries") && said.ends_with(&all), "seed {seed}: {said}");
    }
    // Control: the line of a key that nobody knows is nobody's to check, and its bits are found to be free.
    let stray = format!("{checkpoint}— example.com/stranger {}\n", STANDARD.encode([7; 68]));
    std::fs::write(folder.join("checkpoint"), stray).unwrap();
    for mut audit in [with(tools.go(), "-"), with(tools.python(), "--")] {
        refuses(&mut audit, "flipped bits were accepted");
    }
}

/// The members of an entry in the order of their names.
type Sorted = std::collections::BTreeMap<String, serde_json::Value>;

/// LOG-14: an entry is published as it was hashed. A program that wrote it anew, say with its members in another order, would
/// change no word of it and be refused by everybody.
#[test]
fn control_an_entry_that_is_written_anew_is_refused() {
    let Some(tools) = Tools::found() else { return };
    let world = World::sqlite();
    let dir = tempfile::tempdir().unwrap();
    grow(&world, 300, dir.path());
    let folder = dir.path().join("log");
    export(&world, &folder);
    for audit in [&mut tools.go(), &mut tools.python()] {
        accepts(audit.arg(key(&world)).arg(&folder));
    }
    let bundle = folder.join("tile/entries/000");
    let before = std::fs::read(&bundle).unwrap();
    let entries = tiles::bundle_entries(&before).unwrap();
    let anew: Vec<Vec<u8>> = entries
        .iter()
        .map(|entry| serde_json::to_vec(&serde_json::from_slice::<Sorted>(entry).unwrap()).unwrap())
        .collect();
    for written in [anew.clone(), [&anew[..1], &entries[1..].iter().map(|e| e.to_vec()).collect::<Vec<_>>()].concat()] {
        assert!(written.iter().zip(&entries).all(|(a, b)| {
            serde_json::from_slice::<serde_json::Value>(a).unwrap()
                == serde_json::from_slice::<serde_json::Value>(b).unwrap()
        }));
        let mut bytes = Vec::new();
        written.iter().for_each(|entry| tiles::push_entry(&mut bytes, entry).unwrap());
        std::fs::write(&bundle, bytes).unwrap();
        for mut audit in tools.auditors() {
            let output = audit.arg(key(&world)).arg(&folder).output().unwrap();
            assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        }
    }
}

/// Whether these bytes give the key away: as a line, in base64, in hex or raw.
fn holds(bytes: &[u8], key: &str) -> bool {
    let encoded = key.splitn(3, '+').nth(2).unwrap();
    let raw = &STANDARD.decode(encoded).unwrap()[1..];
    let hex: String = raw.iter().map(|byte| format!("{byte:02x}")).collect();
    [encoded.as_bytes(), STANDARD.encode(raw).as_bytes(), hex.as_bytes(), raw]
        .iter()
        .any(|part| bytes.windows(part.len()).any(|window| window == *part))
}

/// The files below `dir` that give the key away.
fn files_that_hold(dir: &Path, key: &str) -> Vec<PathBuf> {
    let (mut folders, mut found) = (vec![dir.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if holds(&std::fs::read(&path).unwrap(), key) {
                found.push(path);
            }
        }
    }
    found
}

both_backends!(the_key_is_not_beside_the_log, |world| {
    let dir = tempfile::tempdir().unwrap();
    grow(world, 300, dir.path());
    let folder = dir.path().join("log");
    export(world, &folder);
    let key = key(world);
    assert!(files_that_hold(&folder, &key).is_empty());

    let tiles = Tile::all(300).map(|tile| format!("/log/{tile}"));
    let about = (1..300).step_by(13).flat_map(|n| {
        let entry = format!("/log/entries/{n}");
        [format!("{entry}/bytes"), entry, format!("/log/proof/{n}"), format!("/log/receipts/{n}")]
    });
    let pages = ["/log", "/log/check", "/log/checkpoint"].map(str::to_owned);
    for path in tiles.chain(about).chain(pages) {
        let (status, _, bytes) = world.nobody().bytes(&path);
        assert_eq!(status, 200, "{path}");
        assert!(!holds(&bytes, &key), "{path} gives the key away");
    }
    for guess in ["key", "vkey", "key.txt", "log.key", "pubkey", "log.pub"] {
        assert_eq!(world.nobody().bytes(&format!("/log/{guess}")).0, 404, "{guess}");
    }

    // Control: put beside the log, the key is found, and whoever would check with it is told so.
    let beside = folder.join("key.txt");
    let apart = dir.path().join("key.txt");
    [&beside, &apart].iter().for_each(|file| std::fs::write(file, format!("{key}\n")).unwrap());
    assert_eq!(files_that_hold(&folder, &key), std::slice::from_ref(&beside));
    let Some(tools) = Tools::found() else { return };
    let check = |file: &Path| {
        let mut aics = tools.aics();
        aics.arg("verify-checkpoint").arg("--tiles").arg(&folder).arg("--vkey-file").arg(file);
        aics
    };
    accepts(&mut check(&apart));
    refuses(&mut check(&beside), "refusing --vkey-file");
    refuses(tools.go().arg(&key).arg(&folder), "key.txt: is no file of this log");
});

/// The commands of the walk-through, block by block, as the page has them.
fn walk_through() -> Vec<String> {
    let page = include_str!("../../docs/checking-from-outside.md");
    let blocks: Vec<String> =
        page.split("\n```").filter_map(|part| part.strip_prefix("sh\n")).map(|block| format!("{block}\n")).collect();
    assert_eq!(blocks.len(), page.matches("\n```sh\n").count());
    blocks
}

/// Somebody at a shell who types what the page says.
struct Outsider {
    shell: Child,
    keys: ChildStdin,
    screen: BufReader<ChildStdout>,
    folder: PathBuf,
}

impl Outsider {
    fn at(tools: &Tools, folder: PathBuf) -> Outsider {
        // Python from 3.12 on is the reader's; the package index is a folder, so that no test needs the network.
        let path = format!("{}:{}", tools.0.join("python/bin").display(), std::env::var("PATH").unwrap());
        let mut shell = outside(Path::new("bash"))
            .args(["-euo", "pipefail", "-s"])
            .current_dir(&folder)
            .env("PATH", path)
            .envs([("PIP_NO_INDEX", "1"), ("PIP_DISABLE_PIP_VERSION_CHECK", "1")])
            .env("PIP_FIND_LINKS", tools.0.join("wheels"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut keys, screen) = (shell.stdin.take().unwrap(), BufReader::new(shell.stdout.take().unwrap()));
        writeln!(keys, "exec 2>&1").unwrap();
        Outsider { shell, keys, screen, folder }
    }

    /// What a block printed; `Err` with it where a command of the block failed, after which the shell is gone.
    fn types(&mut self, block: &str) -> Result<String, String> {
        const DONE: &str = "the block is done";
        // The shell ends at the first failure and hears no more.
        let _ = writeln!(self.keys, "{block}echo {DONE}");
        let mut seen = String::new();
        loop {
            match self.screen.read_line(&mut seen).unwrap() {
                0 => return Err(seen),
                _ if seen.ends_with(&format!("{DONE}\n")) => return Ok(seen),
                _ => {}
            }
        }
    }
}

impl Drop for Outsider {
    fn drop(&mut self) {
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

#[test]
fn the_walk_through_works_as_it_is_written() {
    let Some(tools) = Tools::found() else { return };
    let world = &World::sqlite();
    let dir = tempfile::tempdir().unwrap();
    grow(world, 300, dir.path());
    let blocks = walk_through();
    let given = |log: &str, key: &str| format!("LOG='{log}'\nKEY='{key}'\n");
    let (first, rest) = blocks.split_first().unwrap();
    let (later, now) = rest.split_last().unwrap();
    assert!(first.starts_with("LOG=https") && first.lines().count() == 2 && later.contains("verify-consistency"));

    let desk = tempfile::tempdir().unwrap();
    let mut outsider = Outsider::at(&tools, desk.path().to_owned());
    outsider.types(&given(&address(world), &key(world))).unwrap();
    let seen: Vec<String> = now.iter().map(|block| outsider.types(block).unwrap()).collect();
    assert!(seen.concat().contains("300 entries in 2 bundles and 3 tiles are what was signed"), "{seen:?}");
    let file = |name: &str| std::fs::read_to_string(outsider.folder.join(name)).unwrap();
    let receipt: log::proof::LogProof = file("receipt.tlog-proof").parse().unwrap();
    assert!(receipt.verify(file("entry.json").as_bytes(), world.app.log_key.verifier()).is_ok());
    let size = |text: &str| Checkpoint::open(text, world.app.log_key.verifier()).unwrap().size;
    assert_eq!(size(&file("kept.checkpoint")), 300);

    // The log goes on, and then there is another one under the same key, with other entries.
    grow(world, 400, dir.path());
    outsider.types(later).unwrap();
    assert_eq!(size(&std::fs::read_to_string(outsider.folder.join("kept.checkpoint")).unwrap()), 400);
    let elsewhere = rewritten(world);
    outsider.types(&given(&address(&elsewhere), &key(&elsewhere))).unwrap();
    let refused = outsider.types(later).unwrap_err();
    assert!(refused.contains("history was rewritten"), "{refused}");

    // A copy as a folder does as well, but for the receipts.
    let copy = dir.path().join("copy");
    export(world, &copy);
    outsider = Outsider::at(&tools, outsider.folder.clone());
    outsider.types(&given(&format!("file://{}", copy.display()), &key(world))).unwrap();
    let elsewhere_too =
        blocks.iter().skip(1).filter(|block| !block.contains("pip install") && !block.contains("receipt"));
    elsewhere_too.for_each(|block| drop(outsider.types(block).unwrap()));

    // Control: with a key that is not the log's, the first thing that is checked fails.
    let mut misled = Outsider::at(&tools, outsider.folder.clone());
    misled.types(&given(&address(world), &stranger(world))).unwrap();
    let mut installed = now.iter().filter(|block| !block.contains("pip install"));
    let refused = installed.find_map(|block| misled.types(block).err()).unwrap();
    assert!(refused.contains("no tile source served a checkpoint that verifies"), "{refused}");
}

/// A world whose log has the same key and 500 other entries.
fn rewritten(world: &World) -> World {
    let dir = tempfile::tempdir().unwrap();
    std::fs::copy(&world.app.config.keys, dir.path().join("xiangji.keys")).unwrap();
    let path = dir.path().join("xiangji.db");
    xiangji::db::migrate(&xiangji::db::Target::Sqlite(path.clone())).unwrap();
    let other = World::start(&format!("sqlite://{}", path.display()), dir, &Options::default());
    other.set_time("2026-03-03T09:00:00+08:00");
    grow(&other, 500, &other.app.config.keys.with_file_name(""));
    other
}
