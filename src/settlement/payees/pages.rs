//! `/money/payees`: the accounts to which money goes; writing one down, and the second person's word.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{
    model::{NewPayee, Payee, PayeeId, PayeeState as State},
    service,
};
use crate::{
    access::{Actor, Allowed, may},
    collectives,
    db::{Db, Lane, Result, Tx},
    kernel::{PageRequest, Problem},
    log,
    vault::Vault,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Slip, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/money/payees").route(web::get().to(list)).route(web::post().to(prepare)))
        .service(web::resource("/money/payees/{payee}").route(web::get().to(one)))
        .service(web::resource("/money/payees/{payee}/confirm").route(web::post().to(confirm)))
        .service(web::resource("/money/payees/{payee}/refuse").route(web::post().to(refuse)));
}

const UNDER: &str = "/money";
const PATH: &str = "/money/payees";

impl State {
    pub(super) const fn tone(&self) -> Tone {
        match self {
            State::Prepared => Tone::Warn,
            State::InForce => Tone::Good,
            State::Replaced | State::Refused => Tone::Quiet,
        }
    }
}

#[derive(Template)]
#[template(path = "settlement/payees/pages/list.html")]
struct ListPage {
    layout: Layout,
    form: FormState,
    shelves: Vec<(&'static str, Vec<Payee>)>,
    /// For whom an account may be written down: code and name.
    collectives: Vec<(String, String)>,
    may_prepare: bool,
}

impl ListPage {
    async fn load(
        actor: Actor,
        layout: Layout,
        db: &Db,
        vault: Data<Vault>,
        form: FormState,
    ) -> std::result::Result<ListPage, Error> {
        let allowed: Allowed<may::ReadMoney> = actor.prove()?;
        let may_prepare = actor.can::<may::PrepareMoney>();
        let (shelves, collectives) = db
            .read(move |rx| {
                let page = PageRequest { limit: Some(200), after: None };
                let mut shelves = Vec::new();
                for state in [State::Prepared, State::InForce] {
                    let found = service::list(rx, &allowed, &vault, Some(state), &page)?.items;
                    if !found.is_empty() {
                        shelves.push((state.label(), found));
                    }
                }
                let of_scope = if may_prepare { collectives::list_all(rx, &allowed.scope)? } else { Vec::new() };
                let of_scope = of_scope.into_iter().map(|one| (one.code.to_string(), one.name));
                Ok((shelves, of_scope.collect()))
            })
            .await?;
        let layout = layout.titled("收款账户").under(UNDER).with_form(&form);
        Ok(ListPage { layout, form, shelves, collectives, may_prepare })
    }
}

#[derive(serde::Deserialize)]
struct For {
    /// Of a deposit that cannot go back to where it came from.
    #[serde(default)]
    deposit: String,
    #[serde(default)]
    collective: String,
}

async fn list(
    allowed: Allowed<may::ReadMoney>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    wanted: web::Query<For>,
) -> std::result::Result<HttpResponse, Error> {
    let given = [("deposit_id", wanted.deposit.clone()), ("collective_code", wanted.collective.clone())];
    Ok(html::ok(&ListPage::load(allowed.actor, layout, &db, vault, FormState::new(given)).await?))
}

async fn prepare(
    allowed: Allowed<may::PrepareMoney>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    fields: FormFields,
) -> std::result::Result<HttpResponse, Error> {
    let text = |name: &str| fields.get(name).trim().to_owned();
    let end = match text("collective_code").parse() {
        Err(_) => {
            let detail = "请选择是哪个村集体";
            Err(Problem::field("collective_code", Some(&text("collective_code")), detail).into())
        }
        Ok(collective_code) => {
            let new = NewPayee {
                collective_code,
                deposit_id: Some(text("deposit_id")),
                holder: text("holder"),
                number: text("number"),
                bank: text("bank"),
                grounds: text("grounds"),
            };
            let (by, keys) = (allowed.clone(), vault.clone());
            db.write(Lane::Any, move |tx| service::prepare(tx, &by, &keys, &new)).await.map_err(Error::from)
        }
    };
    match end {
        Ok((id, _)) => Ok(html::done(&format!("{PATH}/{id}"), Tone::Good, "已登记，等另一位复核后才启用。")),
        Err(error) => {
            html::again(error, &fields, async |form| ListPage::load(allowed.actor, layout, &db, vault, form).await)
                .await
        }
    }
}

#[derive(Template)]
#[template(path = "settlement/payees/pages/one.html")]
struct OnePage {
    layout: Layout,
    form: FormState,
    payee: Payee,
    may_confirm: bool,
    may_refuse: bool,
    /// This person wrote it down, so another one has to confirm.
    is_own: bool,
    slip: Option<Slip>,
}

impl OnePage {
    async fn load(
        actor: Actor,
        layout: Layout,
        db: &Db,
        vault: Data<Vault>,
        id: PayeeId,
        form: FormState,
    ) -> std::result::Result<OnePage, Error> {
        let allowed: Allowed<may::ReadMoney> = actor.prove()?;
        let account = actor.account.to_string();
        let (payee, is_own, record) = db
            .read(move |rx| {
                let payee = service::get(rx, &allowed, &vault, &id)?;
                let record = log::newest(rx, "payee", &id, &["payee.prepared", "payee.confirmed", "payee.refused"])?;
                Ok((payee, service::is_prepared_by(rx, &allowed, &id, &account)?, record))
            })
            .await?;
        let layout = layout.titled("收款账户").under(UNDER).with_form(&form);
        let slip = record.map(|record| Slip::of(&layout, &record)).transpose()?;
        let waits = payee.state == State::Prepared && actor.can::<may::ConfirmMoney>();
        Ok(OnePage {
            layout,
            form,
            may_confirm: waits && !is_own,
            may_refuse: waits,
            is_own: waits && is_own,
            payee,
            slip,
        })
    }
}

async fn one(
    allowed: Allowed<may::ReadMoney>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<PayeeId>,
) -> std::result::Result<HttpResponse, Error> {
    let page = OnePage::load(allowed.actor, layout, &db, vault, id.into_inner(), FormState::default()).await?;
    Ok(html::ok(&page))
}

async fn confirm(
    allowed: Allowed<may::ConfirmMoney>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<PayeeId>,
    fields: FormFields,
) -> std::result::Result<HttpResponse, Error> {
    let (by, key) = (allowed.clone(), id.clone());
    let work = move |tx: &mut Tx<'_>| service::confirm(tx, &by, &key).map(drop);
    step(allowed.actor, layout, (db, vault), id.into_inner(), fields, work, "已启用。").await
}

async fn refuse(
    allowed: Allowed<may::ConfirmMoney>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<PayeeId>,
    fields: FormFields,
) -> std::result::Result<HttpResponse, Error> {
    let (by, reason, key) = (allowed.clone(), fields.get("reason").to_owned(), id.clone());
    let work = move |tx: &mut Tx<'_>| service::refuse(tx, &by, &key, &reason).map(drop);
    step(allowed.actor, layout, (db, vault), id.into_inner(), fields, work, "已退回，没有启用。").await
}

async fn step(
    actor: Actor,
    layout: Layout,
    (db, vault): (Data<Db>, Data<Vault>),
    id: PayeeId,
    fields: FormFields,
    work: impl FnMut(&mut Tx<'_>) -> Result<()> + Send + 'static,
    done: &str,
) -> std::result::Result<HttpResponse, Error> {
    match db.write(Lane::of("payee", &id), work).await.map_err(Error::from) {
        Ok(()) => Ok(html::done(&format!("{PATH}/{id}"), Tone::Good, done)),
        Err(error) => {
            html::again(error, &fields, async |form| OnePage::load(actor, layout, &db, vault, id, form).await).await
        }
    }
}
