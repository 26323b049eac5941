//! The published recipe (docs/sealed-bids.md), run as it stands there, with programs that we did not write (SEAL-1, SEAL-11).

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::{Value, json};
use xiangji::access::Role;

use crate::{
    methods::{clerk, draft, replays},
    sealed::person,
    support::{
        app::{DURUAN, PASSWORD, SHANGXIANG, World},
        skip,
    },
    trading::{HOURS, Trade, ok, resident_id, step},
};

/// What the recipe needs.
const PROGRAMS: [&str; 6] = ["age", "age-keygen", "gfsplit", "gfcombine", "jq", "curl"];

fn installed() -> bool {
    let there = |program: &str| {
        let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output().unwrap();
        found.status.success()
    };
    let lacking: Vec<&str> = PROGRAMS.into_iter().filter(|program| !there(program)).collect();
    if !lacking.is_empty() {
        skip("the recipe for sealed bids", &format!("{} are not installed", lacking.join(", ")));
    }
    lacking.is_empty()
}

/// The shell blocks of the page, by the name in their first line.
fn recipe() -> BTreeMap<String, String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/sealed-bids.md");
    let text = std::fs::read_to_string(page).unwrap();
    let blocks = text.split("```sh\n# ").skip(1).map(|block| {
        let (name, rest) = block.split_once('\n').unwrap();
        (name.to_owned(), rest.split("```").next().unwrap().to_owned())
    });
    blocks.collect()
}

/// Runs a block in a folder.
struct Shell<'a> {
    blocks: &'a BTreeMap<String, String>,
    site: &'a str,
    lot: &'a str,
}

impl Shell<'_> {
    fn output(&self, dir: &Path, block: &str, more: &[(&str, &str)]) -> Output {
        let mut command = Command::new("sh");
        command.args(["-c", &self.blocks[block]]).current_dir(dir).env("SITE", self.site).env("LOT", self.lot);
        command.envs(more.iter().copied()).env("no_proxy", "*").output().unwrap()
    }
    fn run(&self, dir: &Path, block: &str, more: &[(&str, &str)]) -> String {
        let output = self.output(dir, block, more);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{block}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }
}

fn folder(parent: &Path, name: &str) -> PathBuf {
    let dir = parent.join(name);
    std::fs::create_dir(&dir).unwrap();
    dir
}

fn token(world: &World, name: &str) -> String {
    world.sign_in_with(name, PASSWORD).token.unwrap()
}

/// Every set of `k` of five.
fn sets(k: u32) -> Vec<Vec<usize>> {
    (0..32u32)
        .filter(|bits| bits.count_ones() == k)
        .map(|bits| (0..5).filter(|i| bits >> i & 1 == 1).collect())
        .collect()
}

/// Bidders: a few here, fifty where there is time.
fn bidders() -> usize {
    if std::env::var_os("XIANGJI_TEST_LONG").is_some() { 50 } else { 4 }
}

/// A lot for the trustees of these public keys, with a floor that `floor` makes and hands in before the notice; the accounts
/// `sealer-0` … have the numbers from 01 on.
fn lot<'w>(world: &'w World, keys: &[String], floor: impl Fn(&str)) -> Trade<'w> {
    let mut terms = draft(world, json!({}));
    let officer = world.sign_in("reviewer");
    let mut ids = Vec::new();
    for (name, key) in ["梁甲", "梁乙", "梁丙", "梁丁", "梁戊"].iter().zip(keys) {
        let body = json!({"region_code": DURUAN, "name": name, "office": "监事会", "recipient": key.trim()});
        ids.push(ok(officer.post("/api/v1/trustees", &body)).id().to_owned());
    }
    terms["method"] =
        json!({"mode": "sealed", "trustees": ids, "trustees_needed": 3, "revisions": 1, "sealed_reserve": true});
    terms["step_max"] = Value::Null;
    let trade = Trade { world, lot: ok(clerk(world).post("/api/v1/lots", &terms)).id().to_owned() };
    floor(&trade.lot);
    ok(step(&clerk(world), &trade.path("/submit"), 1, &json!({})));
    ok(step(&officer, &trade.path("/review"), 2, &json!({"approve": true})));
    let hours = json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]});
    ok(step(&trade.as_("trader"), &trade.path("/publish"), 3, &hours));
    for n in 0..bidders() {
        let name = person(n);
        let bidder = world.actor(Role::Bidder, DURUAN, &format!("sealer-{n}"));
        let body = json!({"kind": "person", "name": name, "id_number": resident_id(u32::try_from(n).unwrap() + 1),
            "phone": "13800001111", "accepts_terms": true, "declares_no_conflict": true});
        let made = ok(bidder.post(&trade.path("/enrolments"), &body));
        ok(trade.pay(made.id(), &name, &format!("sealed-{n}")));
    }
    trade
}

#[test]
fn the_published_recipe_makes_and_opens_bids_without_this_program() {
    if !installed() {
        return;
    }
    let world = World::sqlite();
    let (temp, blocks) = (tempfile::tempdir().unwrap(), recipe());
    assert_eq!(blocks.len(), 7, "{:?}", blocks.keys());
    // Five trustees at home.
    let nowhere = Shell { blocks: &blocks, site: "", lot: "" };
    let homes: Vec<PathBuf> = (0..5).map(|i| folder(temp.path(), &format!("trustee-{i}"))).collect();
    let keys: Vec<String> = homes.iter().map(|home| nowhere.run(home, "trustee-key", &[])).collect();
    // The collective at its own machine, while the lot is a draft.
    let trade = lot(&world, &keys, |lot| {
        let (dir, token) = (folder(temp.path(), "collective"), token(&world, &format!("clerk-{SHANGXIANG}")));
        let shell = Shell { blocks: &blocks, site: &world.base, lot };
        shell.run(&dir, "make-bid", &[("BIDDER", "reserve"), ("FEN", "80500"), ("TOKEN", &token)]);
        shell.run(&dir, "hand-in-floor", &[("TOKEN", &token)]);
    });
    let shell = Shell { blocks: &blocks, site: &world.base, lot: &trade.lot };

    // The bidders, each on the own machine; the second one twice.
    world.set_time("2026-03-11T09:31:00+08:00");
    let mut expected = BTreeMap::from([("reserve".to_owned(), "80500".to_owned())]);
    for n in 0..bidders() {
        let (number, fen) = (format!("{:02}", n + 1), (81_000 + 1_237 * n).to_string());
        let token = token(&world, &format!("sealer-{n}"));
        let mut amounts = vec![fen.clone()];
        if n == 1 {
            amounts.insert(0, "99999900".to_owned());
        }
        for (turn, amount) in amounts.iter().enumerate() {
            let dir = folder(temp.path(), &format!("bidder-{n}-{turn}"));
            shell.run(&dir, "make-bid", &[("BIDDER", &number), ("FEN", amount)]);
            assert!(!dir.join("key.txt").exists() && !dir.join("bid.json").exists(), "nothing is left to open it with");
            shell.run(&dir, "hand-in", &[("TOKEN", &token)]);
        }
        expected.insert(number, fen);
    }

    // After the deadline the trustees decrypt their shares.
    world.set_time(HOURS[2]);
    for home in &homes {
        shell.run(home, "open-shares", &[]);
    }
    // Any three of them open every bid, no two open one.
    let bids = std::fs::read(homes[0].join("bids.json")).unwrap();
    let open = |set: &[usize], name: String| {
        let dir = folder(temp.path(), &name);
        std::fs::write(dir.join("bids.json"), &bids).unwrap();
        for i in set {
            std::fs::copy(homes[*i].join("clear.json"), dir.join(format!("clear-{i}.json"))).unwrap();
        }
        shell.output(&dir, "open-bids", &[])
    };
    let read = |lines: &str| -> BTreeMap<String, String> {
        let pairs = lines.lines().map(|line| {
            let mut words = line.split(' ').map(str::to_owned);
            (words.next().unwrap(), words.next().unwrap())
        });
        pairs.collect()
    };
    assert_eq!((sets(3).len(), sets(2).len() + sets(1).len()), (10, 15));
    for set in sets(3) {
        let output = open(&set, format!("open-{set:?}"));
        assert!(output.status.success(), "{set:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(read(&String::from_utf8(output.stdout).unwrap()), expected, "{set:?}");
    }
    for set in sets(2).into_iter().chain(sets(1)) {
        let said = String::from_utf8(open(&set, format!("open-{set:?}")).stdout).unwrap();
        assert!(said.lines().all(|line| line.ends_with("not opened")), "{set:?}: {said}");
    }

    // The server with three of them says the same, and so does whoever opens them again from what it published.
    for i in [1, 2, 4] {
        let clear: Value = serde_json::from_slice(&std::fs::read(homes[i].join("clear.json")).unwrap()).unwrap();
        ok(trade.as_("trader").post(&trade.path("/sealed-bids/shares"), &clear));
    }
    assert_eq!(trade.close(), 1);
    let best = format!("{:02}", bidders());
    assert_eq!(replays(&trade)["winner"], best.as_str());
    let dir = folder(temp.path(), "anybody");
    let published = ok(world.nobody().get(&trade.path("/sealed-bids")));
    let told: BTreeMap<String, String> = published.json["bids"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|bid| bid["counts"] == true)
        .map(|bid| {
            let text = |name: &str| bid[name].as_str().unwrap().to_owned();
            (text("bidder"), text("amount").replace('.', ""))
        })
        .collect();
    assert_eq!(told, expected);
    std::fs::write(dir.join("bids.json"), &published.text).unwrap();
    assert_eq!(read(&shell.run(&dir, "open-again", &[])), expected);

    // The same with this program alone.
    let ours = |dir: &Path, args: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_xiangji")).args(args).current_dir(dir).output().unwrap()
    };
    let again = ours(&dir, &["unseal", "--bids", "bids.json"]);
    let said = String::from_utf8(again.stdout).unwrap();
    assert!(again.status.success() && said.lines().count() == bidders() + 1, "{said}");
    std::fs::write(dir.join("false.json"), published.text.replace("\"amount\":\"810.00\"", "\"amount\":\"809.00\""))
        .unwrap();
    let lied = ours(&dir, &["unseal", "--bids", "false.json"]);
    assert!(!lied.status.success() && String::from_utf8_lossy(&lied.stdout).contains("NOT AS PUBLISHED"), "control");
    assert!(said.lines().any(|line| line == "reserve opened 805.00 as published"), "{said}");
    let clear = ours(&homes[3], &["unseal", "--bids", "bids.json", "--key", "trustee.key"]);
    let theirs: Value = serde_json::from_slice(&std::fs::read(homes[3].join("clear.json")).unwrap()).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&clear.stdout).unwrap(), theirs, "as age decrypts");
    let made =
        ours(&temp.path().join("bidder-0-0"), &["seal", "--lot", "lot.json", "--bidder", "1", "--amount", "820"]);
    let envelope: Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!((envelope["bidder"].as_str(), envelope["shares"].as_array().unwrap().len()), (Some("01"), 5));
    for (args, word) in [
        (["seal", "--lot", "lot.json", "--bidder", "x", "--amount", "820"], "--bidder"),
        (["seal", "--lot", "lot.json", "--bidder", "01", "--amount", "0"], "--amount"),
        (["seal", "--lot", "envelope.json", "--bidder", "01", "--amount", "1"], "sealed bids"),
    ] {
        let refused = ours(&temp.path().join("bidder-0-0"), &args);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && said.contains(word) && said.lines().count() == 1, "{said}");
    }
}
