//! `/money/books`: what the accounts came to on a day, and closing a month.

use actix_web::{
    HttpResponse,
    web::{self, Data, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{
    model::{AsOf, BalancesOf, Closed},
    service,
};
use crate::{
    access::{Actor, Allowed, may},
    db::{Db, Lane},
    kernel::{Day, Fen, Problem, text::read_day},
    settlement::Account,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/money/books").route(web::get().to(show)).route(web::post().to(close)));
}

const UNDER: &str = "/money";
const PATH: &str = "/money/books";

impl BalancesOf {
    /// The accounts in their order, in words.
    fn told(&self) -> Vec<(&'static str, Fen)> {
        let amount = |account: &Account| Some((account.label(), *self.accounts.get(account.as_str())?));
        Account::ALL.iter().filter_map(amount).collect()
    }
}

#[derive(Template)]
#[template(path = "settlement/periods/pages/books.html")]
struct BooksPage {
    layout: Layout,
    form: FormState,
    books: AsOf,
    months: Vec<Closed>,
    may_close: bool,
}

impl BooksPage {
    async fn load(actor: Actor, layout: Layout, db: &Db, on: Option<Day>, form: FormState) -> Result<BooksPage, Error> {
        let allowed: Allowed<may::ReadMoney> = actor.prove()?;
        let on = on.unwrap_or_else(|| db.now().day());
        let read = move |rx: &mut crate::db::Rx<'_>| {
            Ok((service::as_of(rx, &allowed, on, None)?, service::list(rx, &allowed)?))
        };
        let (books, months) = db.read(read).await?;
        let layout = layout.titled("账目和结账").under(UNDER).with_form(&form);
        Ok(BooksPage { layout, form, books, months, may_close: actor.can::<may::ConfirmMoney>() })
    }
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    on: String,
}

async fn show(
    allowed: Allowed<may::ReadMoney>,
    layout: Layout,
    db: Data<Db>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Error> {
    let typed = asked.on.trim();
    let form = FormState::new([("on", typed.to_owned())]);
    if typed.is_empty() {
        return Ok(html::ok(&BooksPage::load(allowed.actor, layout, &db, None, form).await?));
    }
    match read_day(typed) {
        Ok(on) => Ok(html::ok(&BooksPage::load(allowed.actor, layout, &db, Some(on), form).await?)),
        Err(e) => {
            let problem = Problem::field("on", Some(typed), e.to_string());
            let form = form.with_problem(&problem);
            Ok(html::refused(&problem, &BooksPage::load(allowed.actor, layout, &db, None, form).await?))
        }
    }
}

async fn close(
    allowed: Allowed<may::ConfirmMoney>,
    layout: Layout,
    db: Data<Db>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let (by, month) = (allowed.clone(), fields.get("month").to_owned());
    match db.write(Lane::Any, move |tx| service::close(tx, &by, &month)).await.map_err(Error::from) {
        Ok((closed, _)) => Ok(html::done(PATH, Tone::Good, &format!("{} 已结账，不能再改。", closed.month))),
        Err(error) => {
            html::again(error, &fields, async |form| BooksPage::load(allowed.actor, layout, &db, None, form).await)
                .await
        }
    }
}
