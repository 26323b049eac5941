//! Who took part in a lot that has ended, and what became of each deposit: the trading officer's side.

use actix_web::{
    HttpResponse,
    web::{self, Path},
};
use askama::Template;

use super::{Enrolment, EnrolmentId, EnrolmentState, RefusedDeposit, desk_pages::UNDER, reading};
use crate::{
    access::{Allowed, may},
    db::Lane,
    kernel::Problem,
    log,
    settlement::{
        DepositState,
        orders::{self, Order, OrderKind, OrderState, Wanted, api::Books},
    },
    trading::{award, listing::LotId},
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Slip, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/enrolments/{enrolment}").route(web::get().to(one)))
        .service(web::resource("/enrolments/{enrolment}/deposit/orders").route(web::post().to(order)));
}

impl EnrolmentState {
    pub(super) const fn tone(&self) -> Tone {
        match self {
            EnrolmentState::Enrolled => Tone::Warn,
            EnrolmentState::Admitted => Tone::Good,
        }
    }
}

#[derive(Template)]
#[template(path = "trading/enrolment/pages/desk_list.html")]
pub(super) struct ListPage {
    pub layout: Layout,
    pub lot: LotId,
    pub title: String,
    pub enrolments: Vec<Enrolment>,
}

#[derive(Template)]
#[template(path = "trading/enrolment/pages/desk_one.html")]
struct OnePage {
    layout: Layout,
    form: FormState,
    enrolment: Enrolment,
    refused: Vec<RefusedDeposit>,
    /// Of the deposit that came in.
    slip: Option<Slip>,
    /// What was done with it after the end.
    orders: Vec<Order>,
    /// The lot has ended: what can be done with the deposit.
    kinds: Vec<(&'static str, &'static str)>,
}

impl OnePage {
    async fn load(
        allowed: Allowed<may::ReceiveDeposits>,
        layout: Layout,
        books: &Books,
        id: EnrolmentId,
        form: Option<FormState>,
    ) -> Result<OnePage, Error> {
        let may_decide = allowed.actor.can::<may::PrepareMoney>();
        let ((enrolment, refused), record, orders, has_ended, has_price) = books
            .read(move |rx, vault, due| {
                let record = log::newest(rx, "enrolment", &id, &["deposit.received"])?;
                let found = reading::get(rx, &allowed, vault, &id)?;
                let orders = orders::of_deposit(rx, vault, due, id.as_str())?;
                let has_ended = award::may_order(rx, &found.0.lot_id)?;
                let has_price = award::has_price(rx, &found.0.lot_id)?;
                Ok((found, record, orders, has_ended, has_price))
            })
            .await?;
        let state = enrolment.deposit.as_ref().map(|deposit| deposit.state);
        // A receipt that was a mistake is taken back beside the refund that waits.
        let waits = orders.iter().any(|order| order.state.is_open() && order.state != OrderState::Due);
        let is_open = orders.iter().any(|order| order.state.is_open());
        let fits = |kind: &&OrderKind| match kind {
            OrderKind::Reverse => state.is_some_and(|state| state != DepositState::Cancelled),
            OrderKind::PayOn => !is_open && matches!(state, Some(DepositState::Applied | DepositState::Forfeited)),
            OrderKind::Apply if !has_price => false,
            _ => !is_open && state == Some(DepositState::Held),
        };
        let free = OrderKind::ALL.iter().filter(|_| may_decide && has_ended && !waits);
        let kinds = free.filter(fits).map(|kind| (kind.as_str(), kind.label())).collect();
        let form = form.unwrap_or_default();
        let layout = layout.titled(format!("{} 的报名", enrolment.name)).under(UNDER).with_form(&form);
        let slip = record.map(|record| Slip::of(&layout, &record)).transpose()?;
        Ok(OnePage { layout, form, enrolment, refused, slip, orders, kinds })
    }
}

async fn one(
    allowed: Allowed<may::ReceiveDeposits>,
    layout: Layout,
    books: Books,
    id: Path<EnrolmentId>,
) -> Result<HttpResponse, Error> {
    Ok(html::ok(&OnePage::load(allowed, layout, &books, id.into_inner(), None).await?))
}

/// Decides over a deposit after the end; the order waits for another person.
async fn order(
    allowed: Allowed<may::PrepareMoney>,
    layout: Layout,
    books: Books,
    id: Path<EnrolmentId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let end = match fields.get("kind").parse::<OrderKind>() {
        Err(_) => Err(Problem::field("kind", None, "请选择怎样处理这笔保证金").into()),
        Ok(kind) => {
            let wanted =
                Wanted { kind, grounds: fields.get("grounds").to_owned(), decision_document: None, pays_on: None };
            let (by, key, policies) = (allowed.clone(), id.clone(), books.policies.clone());
            let work = move |tx: &mut crate::db::Tx<'_>| award::order_deposit(tx, &by, &policies, &key, &wanted);
            books.db.write(Lane::of("enrolment", &id), work).await.map_err(Error::from)
        }
    };
    match end {
        Ok((order, _)) => Ok(html::done(&format!("/money/orders/{order}"), Tone::Good, "已经办，等另一位复核。")),
        Err(error) => {
            let allowed = allowed.actor.prove()?;
            html::again(error, &fields, async |form| OnePage::load(allowed, layout, &books, id, Some(form)).await).await
        }
    }
}
