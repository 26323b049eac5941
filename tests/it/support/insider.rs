//! The strongest insider: has the database, the key file, and all the time in the world (LOG-6). Rewrites rows together with the
//! entries that tell of them, what is kept beside those, every hash above, and signs every head again.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, value::RawValue};
use xiangji::{
    app,
    db::{LoggedTable, digest},
    log::{
        merkle::{self, Hash},
        note::Checkpoint,
        tiles::{Edge, tile_bytes},
    },
};

use super::{app::World, behind::Behind};

/// The log's own tables that a rewriting touches.
pub const REWRITTEN: [&str; 5] = ["log_entries", "log_payloads", "log_leaves", "log_tiles", "log_checkpoints"];

pub struct Insider<'w> {
    world: &'w World,
    behind: Behind,
    /// Entries that say something else now.
    rewritten: Vec<String>,
}

/// An entry that names a row.
struct Telling {
    seq: i64,
    entry: String,
    /// Place of the row among those of the entry.
    at: usize,
}

impl Insider<'_> {
    pub fn of(world: &World) -> Insider<'_> {
        let mut behind = Behind::of(world);
        behind.drop_triggers();
        Insider { world, behind, rewritten: Vec::new() }
    }

    /// Does `sql`, and lets the log tell of `rows`, given by table and key, as if they had always been as they are then.
    pub fn rewrites(&mut self, sql: &str, rows: &[(&str, &str)]) {
        self.behind.exec(sql);
        for (table, key) in rows {
            self.covers(table, key);
        }
        self.signs_again();
    }

    fn covers(&mut self, table: &str, key: &str) {
        let Telling { seq, entry, at } = self.last_that_names(table, key);
        let state = self.state(table, key);
        let told = URL_SAFE_NO_PAD.encode(digest(table, state.as_bytes()));
        let document: Value = serde_json::from_str(&entry).unwrap();
        let before = document["rows"][at][2].as_str().unwrap().to_owned();
        // A digest has one length, so that the entry keeps its own.
        assert_eq!((before.len(), entry.matches(&before).count()), (told.len(), 1));
        let bytes = self.behind.blob(entry.replace(&before, &told).as_bytes());
        self.behind.exec(&format!("UPDATE log_entries SET bytes = {bytes} WHERE seq = {seq}"));

        self.rewritten.push(seq.to_string());

        let kept = self.behind.utf8("states");
        let payload = self.behind.texts(&format!("SELECT {kept} AS v FROM log_payloads WHERE seq = {seq}")).remove(0);
        let mut states: Vec<&RawValue> = serde_json::from_str(&payload).unwrap();
        let state: Box<RawValue> = RawValue::from_string(state).unwrap();
        states[at] = &state;
        let states: Vec<&str> = states.into_iter().map(RawValue::get).collect();
        let states = self.behind.blob(format!("[{}]", states.join(",")).as_bytes());
        self.behind.exec(&format!("UPDATE log_payloads SET states = {states} WHERE seq = {seq}"));
    }

    /// The row as it stands, in the words of its digest.
    fn state(&self, table: &str, key: &str) -> String {
        let known: LoggedTable = app::logged_tables().into_iter().find(|known| known.name == table).unwrap();
        let found = self.world.app.db.read_now(|rx| (known.find)(rx, &[key.to_owned()])).unwrap();
        let [(_, Some(state))] = found.as_slice() else { panic!("{table}/{key}: {found:?}") };
        state.clone()
    }

    fn last_that_names(&mut self, table: &str, key: &str) -> Telling {
        let bytes = self.behind.utf8("bytes");
        let named = format!("[\"{table}\",\"{key}\",");
        let found = self.behind.texts(&format!(
            "SELECT CAST(seq AS TEXT) || ' ' || {bytes} AS v FROM log_entries WHERE {bytes} LIKE '%{named}%' ORDER BY seq DESC LIMIT 1"
        ));
        let (seq, entry) =
            found.first().unwrap_or_else(|| panic!("no entry names {table}/{key}")).split_once(' ').unwrap();
        let document: Value = serde_json::from_str(entry).unwrap();
        let rows = document["rows"].as_array().unwrap();
        let at = rows.iter().rposition(|row| row[0] == table && row[1] == key).unwrap();
        Telling { seq: seq.parse().unwrap(), entry: entry.to_owned(), at }
    }

    /// The leaves of what was rewritten, every full tile and head anew.
    fn signs_again(&mut self) {
        let bytes = self.behind.utf8("bytes");
        let entries = self.behind.texts(&format!(
            "SELECT {bytes} AS v FROM log_leaves JOIN log_entries ON log_entries.seq = log_leaves.seq ORDER BY idx"
        ));
        let leaves: Vec<Hash> = entries.iter().map(|entry| merkle::leaf_hash(entry.as_bytes())).collect();
        let (mut edge, mut tiles, mut sql) = (Edge::default(), Vec::new(), String::new());
        let changed = format!(
            "SELECT CAST(idx AS TEXT) AS v FROM log_leaves WHERE seq IN ({})",
            std::mem::take(&mut self.rewritten).join(", ")
        );
        for idx in self.behind.texts(&changed) {
            let hash = self.behind.blob(&leaves[idx.parse::<usize>().unwrap()].0);
            sql.push_str(&format!("UPDATE log_leaves SET leaf_hash = {hash} WHERE idx = {idx};"));
        }
        for leaf in &leaves {
            edge.push(*leaf, |tile| tiles.push(tile));
        }
        for tile in tiles {
            let (root, bytes) = (self.behind.blob(&tile.root.0), self.behind.blob(&tile_bytes(&tile.hashes)));
            sql.push_str(&format!(
                "UPDATE log_tiles SET root = {root}, bytes = {bytes} WHERE level = {} AND n = {};",
                tile.level, tile.index
            ));
        }
        for size in self.behind.texts("SELECT CAST(size AS TEXT) AS v FROM log_checkpoints") {
            let size: usize = size.parse().unwrap();
            let signer = &self.world.app.log_key;
            let origin = signer.verifier().name().to_owned();
            let root = merkle::root(&leaves[..size]);
            let note = Checkpoint { origin, size: size as u64, root }.sign(signer).unwrap();
            let root = self.behind.blob(&root.0);
            sql.push_str(&format!("UPDATE log_checkpoints SET root = {root}, note = '{note}' WHERE size = {size};"));
        }
        self.behind.exec(&format!("BEGIN; {sql} COMMIT;"));
    }
}
