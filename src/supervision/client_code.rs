//! The code that browsers get from us. Its digests stand in the log before it is served, so that whoever was handed something
//! else can show it: every script and sheet is served under its hash, pages name the whole digest beside the address, and the
//! entry here says all of them (docs/sealed-bids.md, what the browser gets).

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{
    db::{Db, Lane, Result, Rx},
    kernel::hex,
    log::{self, By, Fact, OnRecord, record},
    web::static_files,
};

const KIND: &str = "program.served";
/// The region code of the whole country: it concerns every village.
const EVERYWHERE: &str = "000000000000";

/// SHA-256 over a line `address digest` for each file, in the order of the addresses.
fn fingerprint() -> String {
    let lines: String = static_files::digests().into_iter().map(|(url, sha256)| format!("{url} {sha256}\n")).collect();
    hex(&Sha256::digest(lines))
}

/// Where the files of this program stand in the log; `None`: it has not been served yet.
pub(super) fn on_record(rx: &mut Rx<'_>) -> Result<Option<OnRecord>> {
    log::newest(rx, "program", fingerprint(), &[KIND])
}

/// Puts them into the log, where they are not there yet: once for each program that is ever served.
pub fn announce(db: &Db) -> Result<()> {
    if db.read_now(on_record)?.is_some() {
        return Ok(());
    }
    db.write_now(Lane::of("log", "program"), |tx| {
        if on_record(tx)?.is_some() {
            return Ok(());
        }
        let files: Map<String, Value> =
            static_files::digests().into_iter().map(|(url, sha256)| (url.to_owned(), json!(sha256))).collect();
        let data = json!({ "version": env!("CARGO_PKG_VERSION"), "files": files });
        record(tx, &By::system(), Fact::new(KIND, EVERYWHERE).about("program", fingerprint()).data(data)).map(drop)
    })
}
