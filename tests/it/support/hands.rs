//! Somebody with `sqlite3` or `psql` and no trigger in the way, who tries everything on every logged table (LOG-5).

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
};

use serde_json::Value;
use xiangji::{app, log};

use super::{
    app::World,
    behind::{Behind, changed_by},
    full::ROWS,
    verified::faults_of_rows,
};

/// By table and key, where the log tells of the row, upwards, and with which digest.
pub type Places = HashMap<(String, String), Vec<(i64, String)>>;

pub fn places(behind: &mut Behind) -> Places {
    let bytes = behind.utf8("bytes");
    let entries = behind.texts(&format!(
        "SELECT CAST(idx AS TEXT) || ' ' || {bytes} AS v FROM log_leaves JOIN log_entries ON log_entries.seq = log_leaves.seq ORDER BY idx"
    ));
    let mut places = Places::new();
    for line in entries {
        let (idx, entry) = line.split_once(' ').unwrap();
        let entry: Value = serde_json::from_str(entry).unwrap();
        for row in entry["rows"].as_array().unwrap() {
            let text = |n: usize| row[n].as_str().unwrap().to_owned();
            places.entry((text(0), text(1))).or_default().push((idx.parse().unwrap(), text(2)));
        }
    }
    places
}

/// Whether a log that ends at `cut` tells something else of the row than the whole.
fn is_lost(told: &[(i64, String)], cut: i64) -> bool {
    let before = told.iter().rfind(|(place, _)| *place < cut);
    before.map(|(_, digest)| digest) != told.last().map(|(_, digest)| digest)
}

/// A logged table, its columns and the keys of its rows.
struct Table {
    name: &'static str,
    id: String,
    columns: Vec<(String, String)>,
    keys: Vec<String>,
}

/// What is done to a table, and which rows must be named for it: known ones, and ones of which no entry speaks.
struct Tampering {
    table: &'static str,
    sql: String,
    keys: Vec<String>,
    strange: Vec<String>,
}

fn list(keys: &[String]) -> String {
    keys.iter().map(|key| format!("'{key}'")).collect::<Vec<_>>().join(", ")
}

/// The database under the hands of somebody with `sqlite3` or `psql`. Many tamperings that have nothing to do with each other
/// are done at once, and each must be named: so that twenty instances cost one verification.
pub struct Hands<'w> {
    world: &'w World,
    behind: Behind,
    places: Places,
    seed: u64,
    draws: u64,
}

impl Hands<'_> {
    pub fn on(world: &World, seed: u64) -> Hands<'_> {
        let mut behind = Behind::of(world);
        behind.drop_triggers();
        let places = places(&mut behind);
        Hands { world, behind, places, seed, draws: 0 }
    }

    /// So many of the items, drawn anew at each call, the same for the same seed.
    fn draw<T: Hash + Clone>(&mut self, items: &[T], count: usize) -> Vec<T> {
        self.draws += 1;
        let (seed, draw) = (self.seed, self.draws);
        let by = |item: &T| {
            let mut hasher = DefaultHasher::new();
            (seed, draw, item).hash(&mut hasher);
            hasher.finish()
        };
        let mut items = items.to_vec();
        items.sort_by_key(by);
        items.truncate(count);
        items
    }

    /// Does all of it and looks; each of the keys must be named with its place, each of the strange ones without one, and
    /// nothing else.
    fn tries(&mut self, all: &[Tampering]) {
        let tables: Vec<&str> = all.iter().map(|one| one.table).collect();
        let sql: String = all.iter().map(|one| one.sql.as_str()).collect();
        let seen = self.behind.undone(&tables, &sql, || faults_of_rows(self.world));
        let mut seen: Vec<_> = seen.into_iter().map(|fault| (fault.table, fault.key, fault.index)).collect();
        let mut expected = Vec::new();
        for Tampering { table, keys, strange, .. } in all {
            for key in keys {
                let told = &self.places[&((*table).to_owned(), key.clone())];
                expected.push(((*table).to_owned(), key.clone(), told.last().map(|(place, _)| *place)));
            }
            expected.extend(strange.iter().map(|key| ((*table).to_owned(), key.clone(), None)));
        }
        expected.sort();
        seen.sort();
        assert_eq!(seen, expected, "seed {}: {sql}", self.seed);
    }

    /// Every column, removal, addition, exchange: [`ROWS`] instances of each in every logged table, all tables at once.
    pub fn every_table(&mut self) {
        let tables: Vec<Table> = app::logged_tables().iter().map(|table| self.table(table.name)).collect();
        let most = tables.iter().map(|table| table.columns.len()).max().unwrap();
        for n in 0..most {
            let with_it = tables.iter().filter(|table| table.columns.len() > n);
            let all: Vec<Tampering> = with_it.map(|table| self.changes(table, n)).collect();
            self.tries(&all);
        }
        for way in [Self::removes, Self::adds, Self::exchanges, Self::exchanges] {
            let all: Vec<Tampering> = tables.iter().map(|table| way(self, table)).collect();
            self.tries(&all);
        }
    }

    fn table(&mut self, name: &'static str) -> Table {
        let columns = self.behind.columns(name);
        let id = columns[0].0.clone();
        let keys = self.behind.texts(&format!("SELECT {id} AS v FROM {name}"));
        assert!(keys.len() >= ROWS, "{name} has {} rows: support/full.rs makes fewer than {ROWS}", keys.len());
        Table { name, id, columns, keys }
    }

    /// One column of some rows.
    fn changes(&mut self, Table { name, id, columns, keys }: &Table, n: usize) -> Tampering {
        let (column, kind) = &columns[n];
        let keys = self.draw(keys, ROWS);
        let set = |(n, key): (usize, &String)| {
            let to = changed_by(column, kind, &n.to_string());
            format!("UPDATE {name} SET {column} = {to} WHERE {id} = '{key}';")
        };
        let sql = keys.iter().enumerate().map(set).collect();
        let moved = keys.iter().enumerate().map(|(n, key)| format!("{key}x{n}"));
        let strange = if column == id { moved.collect() } else { Vec::new() };
        Tampering { table: name, sql, keys, strange }
    }

    fn removes(&mut self, Table { name, id, keys, .. }: &Table) -> Tampering {
        let keys = self.draw(keys, ROWS);
        let sql = format!("DELETE FROM {name} WHERE {id} IN ({});", list(&keys));
        Tampering { table: name, sql, keys, strange: Vec::new() }
    }

    fn adds(&mut self, Table { name, id, columns, keys }: &Table) -> Tampering {
        let models = self.draw(keys, ROWS);
        let copy = |(c, kind): &(String, String)| if kind == "text" { format!("{c} || 'x'") } else { c.clone() };
        let copied: Vec<String> = columns.iter().map(copy).collect();
        let (copied, models_listed) = (copied.join(", "), list(&models));
        let sql = format!("INSERT INTO {name} SELECT {copied} FROM {name} WHERE {id} IN ({models_listed});");
        let strange = models.iter().map(|key| format!("{key}x")).collect();
        Tampering { table: name, sql, keys: Vec::new(), strange }
    }

    /// Rows change places by pairs.
    fn exchanges(&mut self, Table { name, id, keys, .. }: &Table) -> Tampering {
        let keys = self.draw(keys, ROWS);
        let to = |from: &str, to: &str| format!("UPDATE {name} SET {id} = '{to}' WHERE {id} = '{from}';");
        let exchange = |pair: &[String]| {
            let [a, b] = pair else { panic!("an odd number of rows") };
            [to(a, "between"), to(b, a), to("between", b)].concat()
        };
        let sql = keys.chunks(2).map(exchange).collect();
        Tampering { table: name, sql, keys, strange: Vec::new() }
    }

    /// Two bids of a lot change places, in every lot that has them.
    pub fn bids(&mut self) {
        let all = self.behind.texts("SELECT lot_id || ' ' || id AS v FROM auction_commands");
        let mut by_lot: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in all {
            let (lot, id) = line.split_once(' ').unwrap();
            by_lot.entry(lot.to_owned()).or_default().push(id.to_owned());
        }
        by_lot.retain(|_, bids| bids.len() > 1);
        assert!(by_lot.len() >= ROWS - 1, "{} lots with two bids", by_lot.len());
        for column in ["seq", "at", "amount"] {
            let (mut sql, mut moved) = (String::new(), Vec::new());
            for bids in by_lot.values() {
                let [a, b] = self.draw(bids, 2).try_into().unwrap();
                let of = |id: &str| {
                    self.behind.texts(&format!(
                        "SELECT COALESCE(CAST({column} AS TEXT), 'NULL') AS v FROM auction_commands WHERE id = '{id}'"
                    ))
                };
                let (mut of, mut put) = (of, |id: &str, to: &str| {
                    sql.push_str(&format!("UPDATE auction_commands SET {column} = {to} WHERE id = '{id}';"));
                });
                let (of_a, of_b) = (of(&a).remove(0), of(&b).remove(0));
                if of_a == of_b {
                    continue;
                }
                // A number stands once in a lot.
                if column == "seq" {
                    put(&a, "-1");
                }
                put(&b, &of_a);
                put(&a, &of_b);
                moved.extend([a, b]);
            }
            self.tries(&[Tampering { table: "auction_commands", sql, keys: moved, strange: Vec::new() }]);
        }
    }

    /// The end of the log is cut off, with everything that tells of it, at places that leave no table untouched.
    pub fn tails(&mut self) {
        let size: usize = self.behind.texts("SELECT CAST(size AS TEXT) AS v FROM log_state")[0].parse().unwrap();
        let mut lost: BTreeMap<String, usize> = BTreeMap::new();
        for table in app::logged_tables().iter().map(|table| table.name) {
            // So many rows of it at least are lost with the end.
            let told: Vec<_> =
                self.places.iter().filter(|((name, _), _)| name == table).map(|(_, told)| told.clone()).collect();
            let cuts: BTreeSet<i64> = told.iter().flatten().map(|(place, _)| *place).collect();
            let enough = |cut: &i64| told.iter().filter(|told| is_lost(told, *cut)).count() >= ROWS;
            let cuts: Vec<i64> = cuts.into_iter().filter(enough).collect();
            let cut = self.draw(&cuts, 1)[0];
            let sql = [
                "log_subjects WHERE seq IN (SELECT seq FROM log_leaves WHERE idx >= CUT)",
                "log_payloads WHERE seq IN (SELECT seq FROM log_leaves WHERE idx >= CUT)",
                "log_entries WHERE seq IN (SELECT seq FROM log_leaves WHERE idx >= CUT)",
                "log_leaves WHERE idx >= CUT",
                "log_checkpoints WHERE size > CUT",
                "log_tiles WHERE (n + 1) * 256 > CUT",
            ];
            let sql: String = sql.iter().map(|part| format!("DELETE FROM {part};")).collect();
            let sql = format!("{sql} UPDATE log_state SET size = CUT").replace("CUT", &cut.to_string());
            // The insider signs what is left: no head may be missing.
            let all = LOG_TABLES;
            let seen = self.behind.undone(&all, &sql, || {
                sign_as_it_stands(self.world);
                faults_of_rows(self.world)
            });
            let named: BTreeSet<(String, String)> = seen.into_iter().map(|fault| (fault.table, fault.key)).collect();
            let lost_rows = self.places.iter().filter(|(_, told)| is_lost(told, cut));
            let expected: BTreeSet<(String, String)> = lost_rows.map(|(row, _)| row.clone()).collect();
            let differing: Vec<_> = named.symmetric_difference(&expected).collect();
            assert!(differing.is_empty(), "seed {}: the log of {size} was cut at {cut}: {differing:?}", self.seed);
            for (name, _) in expected {
                *lost.entry(name).or_default() += 1;
            }
        }
        for table in app::logged_tables() {
            assert!(lost[table.name] >= ROWS, "{}: {lost:?}", table.name);
        }
    }
}

pub const LOG_TABLES: [&str; 8] = [
    "log_subjects",
    "log_payloads",
    "log_entries",
    "log_leaves",
    "log_checkpoints",
    "log_tiles",
    "log_state",
    "log_queue",
];

/// A head over what is left, with the real key.
fn sign_as_it_stands(world: &World) {
    let mut behind = Behind::of(world);
    let bytes = behind.utf8("bytes");
    let entries = behind.texts(&format!(
        "SELECT {bytes} AS v FROM log_leaves JOIN log_entries ON log_entries.seq = log_leaves.seq ORDER BY idx"
    ));
    let leaves: Vec<_> = entries.iter().map(|entry| log::merkle::leaf_hash(entry.as_bytes())).collect();
    let (size, signer) = (leaves.len(), &world.app.log_key);
    let (origin, root) = (signer.verifier().name().to_owned(), log::merkle::root(&leaves));
    let note = log::note::Checkpoint { origin, size: size as u64, root }.sign(signer).unwrap();
    let root = behind.blob(&root.0);
    behind.exec(&format!(
        "DELETE FROM log_checkpoints WHERE size = {size}; INSERT INTO log_checkpoints (size, root, note) VALUES ({size}, {root}, '{note}')"
    ));
}
