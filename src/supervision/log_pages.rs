//! `/log` and `/log/entries/…`: the public log in words, for everybody who wants to check it. Where a receipt leads.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{client_code, words};
use crate::{
    db::Db,
    kernel::{error::NOT_FOUND, hex},
    log::{self, EntryView, OnRecord, Standing, Witnesses, Witnessing, merkle::leaf_hash},
    web::{
        Error,
        html::{self, Layout, Slip, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/log").route(web::get().to(about)))
        .service(web::resource("/log/entries/{seq}").route(web::get().to(entry)));
}

const PATH: &str = "/log";

#[derive(Template)]
#[template(path = "supervision/pages/log.html")]
struct AboutPage {
    layout: Layout,
    standing: Option<Standing>,
    witnessing: Option<Witnessing>,
    /// The entry with the digests of what this page is made of.
    program: Option<OnRecord>,
}

async fn about(layout: Layout, db: Data<Db>, witnesses: Data<Witnesses>) -> Result<HttpResponse, Error> {
    let (standing, witnessing, program) =
        db.read(move |rx| Ok((log::standing(rx)?, witnesses.standing(rx)?, client_code::on_record(rx)?))).await?;
    Ok(html::ok(&AboutPage { layout: layout.titled("公开存证").under(PATH), standing, witnessing, program }))
}

#[derive(Template)]
#[template(path = "supervision/pages/log_entry.html")]
struct EntryPage {
    layout: Layout,
    entry: EntryView,
    what: String,
    role: String,
    facts: Vec<(&'static str, String)>,
    /// The stored bytes as text.
    text: String,
    /// The same, a member on each line.
    lines: String,
    leaf_base64: String,
    leaf_hex: String,
    /// The proof word for word, where it has a place.
    proof: Option<String>,
    slip: Slip,
}

async fn entry(
    layout: Layout,
    db: Data<Db>,
    witnesses: Data<Witnesses>,
    seq: Path<i64>,
) -> Result<HttpResponse, Error> {
    let found = db
        .read(move |rx| {
            let Some((entry, bytes)) = log::find_stored(rx, *seq)? else { return Ok(None) };
            let proof = match entry.index.and_then(|index| u64::try_from(index).ok()) {
                Some(index) => witnesses.proof(rx, index)?.map(|proof| proof.to_string()),
                None => None,
            };
            Ok(Some((entry, bytes, proof)))
        })
        .await?;
    let (entry, bytes, proof) = found.ok_or(Error::from(&NOT_FOUND))?;
    let leaf = leaf_hash(&bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let slip = Slip::of(&layout, &OnRecord { seq: entry.seq, index: entry.index, leaf })?;
    Ok(html::ok(&EntryPage {
        layout: layout.titled(format!("存证记录 {}", entry.seq)).under(PATH),
        what: words::what(&entry.kind),
        role: words::role(&entry.role),
        facts: words::facts(&entry.kind, &entry.data),
        lines: on_lines(&text),
        text,
        leaf_base64: leaf.to_string(),
        leaf_hex: hex(&leaf.0),
        proof,
        slip,
        entry,
    }))
}

/// JSON with a member or an item on each line, in its own order: only blanks outside strings are added.
fn on_lines(json: &str) -> String {
    let (mut out, mut depth, mut in_text, mut escaped) = (String::with_capacity(json.len() * 2), 0_usize, false, false);
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    let mut rest = json.chars().peekable();
    while let Some(c) = rest.next() {
        if in_text {
            out.push(c);
            in_text = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '{' | '[' => {
                out.push(c);
                if rest.peek().is_some_and(|next| !matches!(next, '}' | ']')) {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                if !out.ends_with(['{', '[']) {
                    depth = depth.saturating_sub(1);
                    line(&mut out, depth);
                }
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => {
                in_text = c == '"';
                out.push(c);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_add_blanks_and_nothing_else() {
        let json = r#"{"v":1,"data":{"a":"x\"{,:\\","b":[]},"rows":[["t","k",null]],"e":{}}"#;
        let lines = on_lines(json);
        assert_eq!(
            lines,
            "{\n  \"v\": 1,\n  \"data\": {\n    \"a\": \"x\\\"{,:\\\\\",\n    \"b\": []\n  },\n  \"rows\": [\n    [\n      \"t\",\n      \"k\",\n      null\n    ]\n  ],\n  \"e\": {}\n}"
        );
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
        assert_eq!(value(&lines), value(json));
    }
}
