//! The embedded database when the power goes (AUC-3, LOG-7). `kill -9` cannot show a missing fsync: what was written stays in
//! the memory of the system. So the appender runs under `strace`, which writes down every write and every sync of the
//! database's files; from that the disk is put together as a power cut at any moment would leave it: what was synced is
//! there, of the rest nothing, or some of it, the last piece torn. Every entry and head acknowledged until then must be on it.
//!
//! PostgreSQL has its own guard for its files and is not taken apart here; the program asks it for `synchronous_commit=on`.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use xiangji::{
    app::App,
    config::{Config, SystemClock},
    db::{Options, Target, backup::backup},
};

use crate::{
    append_faults::{Told, child},
    support::{app::World, skip},
};

const APPENDS: u32 = 12;

/// One file as the disk has it, and what was written since it was last synced.
#[derive(Clone, Default)]
struct OnDisk {
    synced: Vec<u8>,
    since: Vec<Change>,
}

#[derive(Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Length(usize),
}

fn change(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Length(length) => bytes.resize(*length, 0),
        Change::Write(at, new) => {
            bytes.resize(bytes.len().max(at + new.len()), 0);
            bytes[*at..at + new.len()].copy_from_slice(new);
        }
    }
}

impl OnDisk {
    fn sync(&mut self, pieces: usize) {
        self.since.drain(..pieces).for_each(|piece| change(&mut self.synced, &piece));
    }

    /// What is found after the power cut; `chance` says of each piece that was not synced whether it was in time.
    fn after_cut(&self, mut chance: impl FnMut() -> u32) -> Vec<u8> {
        let mut found = self.synced.clone();
        for piece in &self.since {
            match (chance() % 4, piece) {
                (0, piece) => change(&mut found, piece),
                // Torn in the middle.
                (1, Change::Write(at, new)) => change(&mut found, &Change::Write(*at, new[..new.len() / 2].to_vec())),
                _ => {}
            }
        }
        found
    }
}

/// A line of `strace -f -y -xx`, as far as it matters.
enum Call {
    Changes(PathBuf, Change),
    Syncs(PathBuf),
    Says(String),
}

fn unhex(text: &str) -> Vec<u8> {
    text.split("\\x").skip(1).map(|two| u8::from_str_radix(&two[..2], 16).unwrap()).collect()
}

/// `5<\x2f\x61…>`, or `5</a/b>`: the path of the descriptor.
fn path_of(argument: &str) -> PathBuf {
    let inner = argument.split_once('<').map_or("", |(_, rest)| rest.rsplit_once('>').map_or(rest, |(path, _)| path));
    if inner.contains("\\x") { String::from_utf8(unhex(inner)).unwrap().into() } else { inner.into() }
}

impl Call {
    fn read(name: &str, arguments: &str) -> Option<Call> {
        let text = || arguments.split('"').nth(1).map(unhex);
        let last = || arguments.rsplit(',').next().and_then(|n| n.trim().parse().ok());
        match name {
            "pwrite64" => Some(Call::Changes(path_of(arguments.split(',').next()?), Change::Write(last()?, text()?))),
            "ftruncate" => Some(Call::Changes(path_of(arguments.split(',').next()?), Change::Length(last()?))),
            "fsync" | "fdatasync" => Some(Call::Syncs(path_of(arguments))),
            "write" if arguments.starts_with("1<") => Some(Call::Says(String::from_utf8_lossy(&text()?).into_owned())),
            _ => None,
        }
    }
}

/// The whole trace, played on a disk; `cut` is asked after every line that the appender said.
fn play(trace: &str, disk: &mut HashMap<PathBuf, OnDisk>, mut cut: impl FnMut(&str, &HashMap<PathBuf, OnDisk>)) {
    // What a thread has begun and not ended: a sync holds from its end, for what was written before its beginning.
    let mut begun: HashMap<&str, (PathBuf, usize)> = HashMap::new();
    for line in trace.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let rest = rest.trim_start();
        if rest.starts_with("<...") {
            if let Some((path, pieces)) = begun.remove(thread)
                && rest.ends_with("= 0")
            {
                disk.entry(path).or_default().sync(pieces);
            }
            continue;
        }
        let Some((name, rest)) = rest.split_once('(') else { continue };
        let (arguments, result) = match rest.split_once(" <unfinished") {
            Some((arguments, _)) => (arguments, None),
            None => rest
                .rsplit_once(") = ")
                .map_or((rest, None), |(arguments, result)| (arguments.trim_end(), Some(result))),
        };
        match Call::read(name, arguments.trim_end_matches(')')) {
            Some(Call::Changes(path, change)) => disk.entry(path).or_default().since.push(change),
            Some(Call::Syncs(path)) => {
                let pieces = disk.entry(path.clone()).or_default().since.len();
                match result.map(str::trim) {
                    None => drop(begun.insert(thread, (path, pieces))),
                    Some("0") => disk.entry(path).or_default().sync(pieces),
                    // Failed, or "0 (INJECTED)": the disk said yes and did nothing.
                    Some(_) => {}
                }
            }
            Some(Call::Says(text)) => text.lines().for_each(|said| cut(said, disk)),
            None => {}
        }
    }
}

/// Puts the files of a cut beside the key and looks at them with the program.
fn broken(keys: &Path, files: [(&str, Vec<u8>); 2], told: &Told) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("found.db");
    for (end, bytes) in &files {
        std::fs::write(format!("{}{end}", base.display()), bytes).unwrap();
    }
    let pairs = [
        ("XIANGJI_DATABASE_URL", format!("sqlite://{}", base.display())),
        ("XIANGJI_KEYS", keys.display().to_string()),
    ];
    let config = Config::from_pairs(pairs.map(|(k, v)| (k.to_owned(), v))).unwrap();
    match App::open(config, Arc::new(SystemClock), &Options { readers: 1, ..Options::default() }) {
        Ok(app) => told.broken(&app),
        Err(e) => vec![format!("does not open: {e}")],
    }
}

/// What was lost, over every moment at which the appender had just acknowledged something; and how many moments.
fn cut_power(lying_disk: bool) -> (Vec<String>, usize) {
    let dir = tempfile::tempdir().unwrap();
    let (path, keys) = (dir.path().join("disk.db"), dir.path().join("keys"));
    let world = World::sqlite();
    world.app.integrate_log().unwrap();
    backup(&Target::Sqlite(world.app.config.database_url.strip_prefix("sqlite://").unwrap().into()), &path).unwrap();
    std::fs::copy(&world.app.config.keys, &keys).unwrap();
    drop(world);
    let before = std::fs::read(&path).unwrap();

    let trace = dir.path().join("trace").display().to_string();
    let mut strace = vec![
        "strace",
        "-f",
        "-y",
        "-qq",
        "-xx",
        "-s",
        "200000",
        "-o",
        &trace,
        "-e",
        "trace=pwrite64,ftruncate,fsync,fdatasync,write",
    ];
    if lying_disk {
        strace.extend(["-e", "inject=fsync,fdatasync:retval=0"]);
    }
    let ended = child(&format!("sqlite://{}", path.display()), &keys, APPENDS, &strace).output().unwrap();
    assert!(ended.status.success(), "{ended:?}");

    let wal = PathBuf::from(format!("{}-wal", path.display()));
    let mut disk = HashMap::from([(path.clone(), OnDisk { synced: before, since: Vec::new() })]);
    let (mut told, mut lost, mut cuts, mut draw) = (Told::default(), Vec::new(), 0, 20_261_126_u32);
    let seen = std::fs::read_to_string(&trace).unwrap();
    play(&seen, &mut disk, |said, disk| {
        let known = told.entries.len() + told.heads.len();
        told.hear(said);
        if told.entries.len() + told.heads.len() == known {
            return;
        }
        let file = |path: &PathBuf| disk.get(path).cloned().unwrap_or_default();
        let (main, wal) = (file(&path), file(&wal));
        let mut chance = || {
            draw = draw.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            draw >> 16
        };
        let nothing_more = [("", main.synced.clone()), ("-wal", wal.synced.clone())];
        let something_more = [("", main.after_cut(&mut chance)), ("-wal", wal.after_cut(&mut chance))];
        for files in [nothing_more, something_more] {
            cuts += 1;
            lost.extend(broken(&keys, files, &told));
        }
    });
    assert!(
        told.entries.len() >= APPENDS as usize && told.heads.len() >= APPENDS as usize,
        "{} entries",
        told.entries.len()
    );
    (lost, cuts)
}

fn works() -> bool {
    let works = Command::new("strace").args(["-o", "/dev/null", "true"]).status().is_ok_and(|s| s.success());
    if !works {
        skip("power cuts", "strace is not installed or may not trace");
    }
    works
}

#[test]
fn what_was_acknowledged_survives_a_power_cut() {
    if works() {
        let (lost, cuts) = cut_power(false);
        assert_eq!(lost, Vec::<String>::new());
        eprintln!("{cuts} power cuts, nothing acknowledged was lost");
    }
}

/// The control: the same program on syncs that do nothing, as if none were called.
#[test]
fn control_without_syncs_a_power_cut_loses_what_was_acknowledged() {
    if works() {
        let (lost, cuts) = cut_power(true);
        eprintln!("{cuts} power cuts, lost: {:?}", lost.iter().take(4).collect::<Vec<_>>());
        assert!(lost.len() > cuts / 2, "{lost:?}");
    }
}
