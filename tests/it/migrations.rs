//! Both migration trees make equal tables, can be undone and run again, and agree with the tables diesel sees.

use xiangji::db::{self, Target};

use crate::support::postgres;

fn columns_after_up_down_up(target: &Target) -> Vec<String> {
    let first = db::migrate(target).unwrap();
    assert!(first > 0);
    assert_eq!(db::migrate(target).unwrap(), 0, "a second run does nothing");
    assert_eq!(db::revert(target).unwrap(), first);
    let left: Vec<String> =
        db::column_names(target).unwrap().into_iter().filter(|c| !c.starts_with("__diesel")).collect();
    assert_eq!(left, Vec::<String>::new(), "down leaves nothing behind");
    assert_eq!(db::migrate(target).unwrap(), first);
    db::column_names(target).unwrap()
}

#[test]
fn trees_are_equal_and_can_be_undone() {
    let dir = tempfile::tempdir().unwrap();
    let sqlite = columns_after_up_down_up(&Target::Sqlite(dir.path().join("x.db")));
    let count = |d: &str| {
        std::fs::read_dir(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(d)).unwrap().count()
    };
    assert_eq!(count("sqlite"), count("postgres"));
    if let Some(cluster) = postgres::cluster() {
        let postgres = columns_after_up_down_up(&Target::parse(&cluster.empty()).unwrap());
        assert_eq!(sqlite, postgres);
    }
}

/// The `table!` declarations, read as text, against the database: same tables, same columns, same order.
#[test]
fn declared_tables_are_the_migrated_ones() {
    let dir = tempfile::tempdir().unwrap();
    let target = Target::Sqlite(dir.path().join("x.db"));
    db::migrate(&target).unwrap();
    let mut made: Vec<String> =
        db::column_names(&target).unwrap().into_iter().filter(|c| !c.starts_with("__diesel")).collect();
    let mut declared = Vec::new();
    for file in std::fs::read_dir(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/db/schema")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for table in text.split("diesel::table! {").skip(1) {
            let name = table.split('(').next().unwrap().trim();
            let columns = table.split_once('{').unwrap().1.split('}').next().unwrap();
            let names = columns.lines().filter_map(|l| l.split_once("->")).map(|(c, _)| format!("{name}.{}", c.trim()));
            declared.extend(names);
        }
    }
    let table = |c: &String| c.split('.').next().unwrap().to_owned();
    made.sort_by_key(table);
    declared.sort_by_key(table);
    assert_eq!(made, declared);
}

#[test]
fn a_newer_database_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    let target = Target::Sqlite(path.clone());
    db::migrate(&target).unwrap();
    db::execute(
        &format!("sqlite://{}", path.display()),
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')",
    )
    .unwrap();
    let error = db::migrate(&target).unwrap_err().to_string();
    assert!(error.contains("29990101000000") && error.contains("newer"), "{error}");
}
