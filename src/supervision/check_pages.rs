//! `/log/check`: a receipt that somebody kept, checked against the key on paper. The page says itself that it is no more
//! than the word of this server: where JavaScript runs, `check-receipt.js` does the same sums on the reader's own machine
//! and sends nothing.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::words;
use crate::{
    kernel::{FieldError, Problem, Timestamp},
    log::{
        note::VerifierKey,
        proof::{ProofError, Proven, check_receipt},
    },
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/log/check").route(web::get().to(ask)).route(web::post().to(check)));
}

#[derive(Template)]
#[template(path = "supervision/pages/check.html")]
struct CheckPage {
    layout: Layout,
    form: FormState,
    proven: Option<Shown>,
}

/// What a receipt proves, in words.
struct Shown {
    what: String,
    at: Option<Timestamp>,
    facts: Vec<(&'static str, String)>,
    index: u64,
    origin: String,
    size: u64,
    text: String,
}

impl Shown {
    fn new(Proven { entry, index, head }: Proven) -> Shown {
        let value: serde_json::Value = serde_json::from_slice(&entry).unwrap_or_default();
        let word = |name: &str| value.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
        let kind = word("kind");
        Shown {
            what: words::what(kind),
            at: word("at").parse().ok(),
            facts: value.get("data").map(|data| words::facts(kind, data)).unwrap_or_default(),
            index,
            origin: head.origin,
            size: head.size,
            text: String::from_utf8_lossy(&entry).into_owned(),
        }
    }
}

async fn ask(layout: Layout) -> HttpResponse {
    html::ok(&CheckPage {
        layout: layout.titled("核对回执").under("/log"), form: FormState::default(), proven: None
    })
}

async fn check(layout: Layout, fields: FormFields) -> Result<HttpResponse, Error> {
    let layout = layout.titled("核对回执").under("/log");
    let form = FormState::from(&fields);
    match read(&fields) {
        Ok(proven) => Ok(html::ok(&CheckPage { layout, form, proven: Some(Shown::new(proven)) })),
        Err(problem) => {
            let form = form.with_problem(&problem);
            let layout = layout.with_form(&form);
            Ok(html::refused(&problem, &CheckPage { layout, form, proven: None }))
        }
    }
}

fn read(fields: &FormFields) -> Result<Proven, Problem> {
    // A browser sends the lines of a field with CR LF, and the last line end is lost when it is trimmed.
    let receipt = format!("{}\n", fields.get("receipt").replace("\r\n", "\n"));
    let mut faults = Vec::new();
    let key = fields.get("key").parse::<VerifierKey>();
    if key.is_err() {
        faults.push(FieldError::new(
            "key",
            Some(fields.get("key")),
            "公钥要照纸上的抄写完整，形如 名称+8 位编号+一串字母数字",
        ));
    }
    match key.map(|key| check_receipt(&receipt, None, &key)) {
        Ok(Ok(proven)) => return Ok(proven),
        Ok(Err(e)) => faults.push(FieldError::new("receipt", None, sentence(&e))),
        Err(_) if receipt.trim().is_empty() => {
            faults.push(FieldError::new("receipt", None, sentence(&ProofError::Malformed)))
        }
        Err(_) => {}
    }
    Err(Problem::fields(faults))
}

fn sentence(e: &ProofError) -> &'static str {
    match e {
        ProofError::Malformed => "这不是一份存证回执：请用记事本打开回执文件，从第一行到最后一行全部复制过来",
        ProofError::Checkpoint(_) => {
            "没有得到证明：回执里的检查点不是用这把公钥对应的密钥签名的。请核对公钥；若公钥无误，这份回执是假的或被改动过"
        }
        ProofError::NotIncluded => "没有得到证明：回执里的记录不在签了名的存证里，内容可能被改动过",
        ProofError::NoEntry => "这份证明里没有记录原文：请到存证记录页重新下载“回执”",
    }
}
