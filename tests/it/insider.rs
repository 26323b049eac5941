//! LOG-6: somebody holds the database, the program and the log's key, and rewrites a row together with everything that tells of
//! it. The log by itself is then whole again; what others hold is not. Each of four must notice, by itself, each of twenty lies: a
//! witness, a kept checkpoint, a receipt, a sheet of paper on the wall.

use serde_json::json;
use xiangji::{
    access::Role,
    log::{
        self, Wrong,
        cosignature::Submission,
        note::Checkpoint,
        proof::{LogProof, ProofError},
    },
};

use crate::{
    support::{
        app::{DURUAN, SHANGXIANG, World},
        behind::Behind,
        insider::{Insider, REWRITTEN},
        neighbour::{Neighbour, on_postgres, on_sqlite, write_entries},
        outside::Tools,
        verified::{Parts, faults, faults_since, kept_head, verified},
    },
    trading::ok,
};

const LIES: usize = 20;

/// An officer's row and what a villager took home when it was written.
struct Truth {
    key: String,
    receipt: LogProof,
    entry: Vec<u8>,
}

/// Twenty terms of office, then so many entries that they stand in a full tile.
fn truths(world: &World) -> Vec<Truth> {
    let officer = world.actor(Role::TownshipOfficer, DURUAN, "officer");
    ok(officer.post("/api/v1/collectives", &json!({"code": SHANGXIANG, "name": "上巷村股份合作经济联合社"})));
    let mut written = Vec::new();
    for _ in 0..LIES {
        let term = json!({"name": "区某", "post": "director", "since": "2024-01-01"});
        let made = ok(officer.post(&format!("/api/v1/collectives/{SHANGXIANG}/officers"), &term));
        written.push((made.id().to_owned(), made.json["log_entry"].as_i64().unwrap()));
    }
    write_entries(world, 300);
    let truth = |(key, seq)| {
        let receipt: LogProof = ok(world.nobody().get(&format!("/log/receipts/{seq}"))).text.parse().unwrap();
        let entry = receipt.extra.clone().unwrap();
        Truth { key, receipt, entry }
    };
    written.into_iter().map(truth).collect()
}

/// What the four hold.
struct Watch<'w> {
    world: &'w World,
    neighbours: &'w [Neighbour],
    kept: Checkpoint,
    /// The same as a file, for software of others.
    file: std::path::PathBuf,
    key_file: std::path::PathBuf,
    tools: Option<Tools>,
}

impl Watch<'_> {
    /// A witness: its stored line no longer fits, and it cosigns nothing of the new history.
    fn witness_notices(&self, lie: usize) -> bool {
        let parts = Parts { witnesses: Some(&self.world.app.witnesses), ..Parts::default() };
        let wrong = verified(&self.world.app, &parts).1;
        let lines = wrong.iter().filter(|fault| fault.what == Wrong::CosignatureWrong.into()).count();
        let neighbour = &self.neighbours[lie % self.neighbours.len()];
        let before = neighbour.evidence().len();
        let note = self.world.nobody().get("/log/checkpoint").text;
        let own = note.split_inclusive('\n').take(5).collect::<String>();
        let submission = Submission { old: self.kept.size, proof: Vec::new(), note: own.parse().unwrap() };
        let refused = neighbour.submit(&submission.to_string()).0 == 422;
        refused && neighbour.evidence().len() == before + 1 && lines == self.neighbours.len()
    }

    /// A checkpoint in a drawer: ours, and somebody else's program.
    fn checkpoint_notices(&self) -> bool {
        let ours = faults_since(self.world, &self.kept);
        ours.iter().any(|fault| fault.what == Wrong::NotContinued.into()) && self.others_notice().unwrap_or(true)
    }

    fn others_notice(&self) -> Option<bool> {
        let mut command = self.tools.as_ref()?.of_python("aics-tlog");
        command.args(["verify-consistency", "--tiles", &format!("{}/log", self.world.base), "--vkey-file"]);
        let output = command.arg(&self.key_file).arg("--old-checkpoint").arg(&self.file).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        Some(!output.status.success() && String::from_utf8_lossy(&said).contains("history was rewritten"))
    }

    /// A receipt: the entry that it holds is not at its place any more, and the head it stands under is not continued.
    fn receipt_notices(&self, truth: &Truth) -> bool {
        let nobody = self.world.nobody();
        let today: LogProof = ok(nobody.get(&format!("/log/proof/{}", truth.receipt.index))).text.parse().unwrap();
        let key = self.world.app.log_key.verifier();
        let head = Checkpoint::open(&truth.receipt.checkpoint, key).unwrap();
        let gone = today.verify(&truth.entry, key) == Err(ProofError::NotIncluded);
        gone && faults_since(self.world, &head).iter().any(|fault| fault.what == Wrong::NotContinued.into())
    }

    /// The sheet on the wall: name, number, root.
    fn paper_notices(&self) -> bool {
        let Checkpoint { origin, size, root } = &self.kept;
        let typed = format!("{origin}\n{size}\n{root}\n");
        let paper: Checkpoint = typed.parse().unwrap();
        let today = self.world.app.db.read_now(|rx| log::root_at(rx, paper.size)).unwrap();
        today != paper.root && faults_since(self.world, &paper).len() == 1
    }

    fn all(&self, lie: usize, truth: &Truth) -> [bool; 4] {
        [self.witness_notices(lie), self.checkpoint_notices(), self.receipt_notices(truth), self.paper_notices()]
    }
}

fn each_of_four_notices_each_lie((world, neighbours): (World, Vec<Neighbour>)) {
    let world = &world;
    let truths = truths(world);
    assert_eq!(world.app.ask_witnesses().unwrap(), neighbours.len());
    let dir = tempfile::tempdir().unwrap();
    let (file, key_file) = (dir.path().join("kept.checkpoint"), dir.path().join("key.txt"));
    std::fs::write(&file, world.nobody().get("/log/checkpoint").text).unwrap();
    std::fs::write(&key_file, format!("{}\n", world.app.log_key.verifier())).unwrap();
    let kept = kept_head(world);
    let watch = Watch { world, neighbours: &neighbours, kept, file, key_file, tools: Tools::found() };

    // Control: of the truth nobody says anything, and the witness cosigns it again.
    assert_eq!((faults(world), faults_since(world, &watch.kept)), (vec![], vec![]));
    assert!(!watch.others_notice().unwrap_or(false));
    let none = [watch.checkpoint_notices(), watch.receipt_notices(&truths[0]), watch.paper_notices()];
    assert_eq!(none, [false; 3]);
    assert!(!watch.witness_notices(0));

    let mut behind = Behind::of(world);
    behind.drop_triggers();
    let kept = [&REWRITTEN[..], &["officers"]].concat();
    for (lie, truth) in truths.iter().enumerate() {
        let key = &truth.key;
        let set = ["name = '别人'", "post = 'chair'", "since = since - 10000", "until = 20250101"][lie % 4];
        behind.undone(&kept, "SELECT 1", || {
            let sql = format!("UPDATE officers SET {set} WHERE id = '{key}'");
            Insider::of(world).rewrites(&sql, &[("officers", key)]);
            assert_eq!(faults(world), [], "lie {lie}: the log by itself is whole");
            assert_eq!(watch.all(lie, truth), [true; 4], "lie {lie}: witness, checkpoint, receipt, paper");
        });
    }
    assert_eq!(faults_since(world, &watch.kept), []);
}

#[test]
fn each_of_four_notices_each_lie_on_sqlite() {
    each_of_four_notices_each_lie(on_sqlite());
}

#[test]
fn each_of_four_notices_each_lie_on_postgres() {
    if let Some(watched) = on_postgres() {
        each_of_four_notices_each_lie(watched);
    }
}
