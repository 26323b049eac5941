//! The desk of who examines: two answers and a sentence, the same for every kind of paper.

use std::fmt::Display;

use actix_web::HttpResponse;
use askama::Template;

use crate::{
    kernel::{Problem, Timestamp},
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone},
    },
};

/// How papers of one kind are examined.
#[derive(Debug)]
pub struct Desk {
    /// What the officer does: 审核 or 审查.
    pub verb: &'static str,
    /// What is examined: 优先权.
    pub noun: &'static str,
    /// The address, before and after the identifier.
    pub action: (&'static str, &'static str),
    /// The form's name for the answer.
    pub field: &'static str,
    pub yes: &'static str,
    pub no: &'static str,
    /// A sentence that shows what is to be written down.
    pub example: &'static str,
}

/// The form of an examination again, without the file: that was shown for one look.
#[derive(Template)]
#[template(path = "trading/papers/pages/examine.html")]
struct ExaminePage {
    layout: Layout,
    form: FormState,
    desk: &'static Desk,
    id: String,
    /// Whether a refusal ends a sale, which needs a decision.
    puts_out: bool,
}

impl Desk {
    pub fn address(&self, id: impl Display) -> String {
        format!("{}{id}{}", self.action.0, self.action.1)
    }

    /// `审核结果`.
    pub fn result(&self) -> String {
        format!("{}结果", self.verb)
    }

    pub fn save(&self) -> String {
        format!("保存{}", self.result())
    }

    pub fn hint(&self) -> String {
        format!("竞买人能看到，例如 {}", self.example)
    }

    pub fn answers(&self) -> [(&'static str, &'static str); 2] {
        [("yes", self.yes), ("no", self.no)]
    }

    /// Which of the two was chosen.
    ///
    /// Errors: a field error where neither was.
    pub fn answer(&self, fields: &FormFields) -> Result<bool, Problem> {
        match fields.get(self.field) {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(Problem::field(self.field, None, format!("请选择{}通过还是不通过", self.verb))),
        }
    }

    /// Back to where the paper was opened, `Ok` with its address; or the form again with what was wrong.
    pub async fn end(
        &'static self,
        end: Result<String, Error>,
        layout: Layout,
        id: impl Display,
        fields: &FormFields,
    ) -> Result<HttpResponse, Error> {
        match end {
            Ok(back) => Ok(html::done(&back, Tone::Good, &format!("{}已保存，竞买人能看到。", self.result()))),
            Err(error) => {
                let page = async |form: FormState| {
                    let title = format!("{}{}", self.verb, self.noun);
                    let layout = layout.titled(title).under("/listings").with_form(&form);
                    let puts_out = form.error("decision").is_some() || !form.value("decision").is_empty();
                    Ok(ExaminePage { layout, form, desk: self, id: id.to_string(), puts_out })
                };
                html::again(error, fields, page).await
            }
        }
    }
}

/// What became of a paper, in words: when it came, who examined it when and what was found.
pub fn told(came: (Timestamp, &str), examined: (Option<&String>, Option<Timestamp>), verb: &str, note: &str) -> String {
    let (at, word) = came;
    let came = format!("{} {word}", at.minute_text());
    match examined {
        (Some(name), Some(at)) => format!("{came}；{name} {} {verb}：{note}", at.minute_text()),
        _ => came,
    }
}
