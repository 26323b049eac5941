//! `/money`: the desk of refunds and of what is kept; one order with the step that is next.

use actix_web::{
    HttpResponse,
    web::{self, Path},
};
use askama::Template;

use super::{
    api::Books,
    model::{Order, OrderFilter, OrderId, OrderKind, OrderState, Paid},
    reading::{self, Waiting},
    service,
};
use crate::{
    access::{Actor, Allowed, may},
    db::{Lane, Result, Rx, Tx},
    kernel::{
        FieldError, PageRequest, Problem, Timestamp,
        text::{read_day, read_hour},
    },
    log,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Slip, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/money").route(web::get().to(desk)))
        .service(web::resource("/money/orders/{order}").route(web::get().to(one)))
        .service(web::resource("/money/orders/{order}/prepare").route(web::post().to(prepare)))
        .service(web::resource("/money/orders/{order}/confirm").route(web::post().to(confirm)))
        .service(web::resource("/money/orders/{order}/return").route(web::post().to(send_back)));
}

const PATH: &str = "/money";

impl OrderState {
    pub(crate) const fn tone(&self) -> Tone {
        match self {
            OrderState::Due | OrderState::Prepared => Tone::Warn,
            OrderState::Done => Tone::Good,
            OrderState::Withdrawn | OrderState::Reversed => Tone::Quiet,
        }
    }
}

/// One list of the desk.
struct Shelf {
    title: &'static str,
    caption: String,
    orders: Vec<Order>,
    /// There are more than are shown.
    is_cut: bool,
}

#[derive(Template)]
#[template(path = "settlement/orders/pages/desk.html")]
struct DeskPage {
    layout: Layout,
    waiting: Waiting,
    shelves: Vec<Shelf>,
    may_reconcile: bool,
}

async fn desk(
    allowed: Allowed<may::ReadMoney>,
    layout: Layout,
    books: Books,
) -> std::result::Result<HttpResponse, Error> {
    let may_reconcile = allowed.actor.can::<may::PrepareMoney>();
    let (waiting, shelves) = books
        .read(move |rx, vault, due| {
            let page = PageRequest { limit: Some(100), after: None };
            let shelf = |rx: &mut Rx<'_>, title, filter: OrderFilter| -> Result<Shelf> {
                let found = reading::list(rx, &allowed, vault, due, &filter, &page)?;
                let caption = format!("{title}，共 {} 张，点项目名称办理", found.items.len());
                Ok(Shelf { title, caption, is_cut: found.next.is_some(), orders: found.items })
            };
            let of = |state| OrderFilter { state: Some(state), ..OrderFilter::default() };
            let overdue = OrderFilter { overdue: true, ..OrderFilter::default() };
            let mut shelves = vec![
                shelf(rx, "已过退还期限", overdue)?,
                shelf(rx, "待经办", of(OrderState::Due))?,
                shelf(rx, "待复核", of(OrderState::Prepared))?,
            ];
            let orders = reading::list_ended(rx, &allowed, vault, due)?;
            shelves
                .push(Shelf { title: "最近办结", caption: "最近办结的单".to_owned(), is_cut: false, orders });
            shelves.retain(|shelf| !shelf.orders.is_empty());
            Ok((reading::count_waiting(rx, &allowed, due)?, shelves))
        })
        .await?;
    Ok(html::ok(&DeskPage { layout: layout.titled("保证金退还").under(PATH), waiting, shelves, may_reconcile }))
}

#[derive(Template)]
#[template(path = "settlement/orders/pages/one.html")]
struct OnePage {
    layout: Layout,
    form: FormState,
    order: Order,
    /// The step that is next, if it is this person's.
    may_prepare: bool,
    may_confirm: bool,
    may_send_back: bool,
    /// This person prepared it, so another one has to confirm.
    is_own: bool,
    slip: Option<Slip>,
}

impl OnePage {
    async fn load(
        actor: Actor,
        layout: Layout,
        books: &Books,
        id: OrderId,
        form: FormState,
    ) -> std::result::Result<OnePage, Error> {
        let allowed: Allowed<may::ReadMoney> = actor.prove()?;
        let account = actor.account.to_string();
        let (order, is_own, record) = books
            .read(move |rx, vault, due| {
                let order = reading::get(rx, &allowed, vault, due, &id)?;
                let is_own = reading::is_prepared_by(rx, &allowed, &id, &account)?;
                let kinds = [
                    "refund.ordered",
                    "payment.prepared",
                    "payment.confirmed",
                    "payment.sent_back",
                    "payment.taken_back",
                ];
                let record = log::newest(rx, "deposit", &order.deposit_id, &kinds)?;
                Ok((order, is_own, record))
            })
            .await?;
        let layout = layout.titled(order.kind.label()).under(PATH).with_form(&form);
        let slip = record.map(|record| Slip::of(&layout, &record)).transpose()?;
        let is_prepared = order.state == OrderState::Prepared;
        let confirms = is_prepared && actor.can::<may::ConfirmMoney>();
        Ok(OnePage {
            layout,
            form,
            may_prepare: order.state == OrderState::Due && actor.can::<may::PrepareMoney>(),
            may_confirm: confirms && !is_own,
            may_send_back: confirms,
            is_own: is_own && confirms,
            order,
            slip,
        })
    }
}

async fn one(
    allowed: Allowed<may::ReadMoney>,
    layout: Layout,
    books: Books,
    id: Path<OrderId>,
) -> std::result::Result<HttpResponse, Error> {
    let page = OnePage::load(allowed.actor, layout, &books, id.into_inner(), FormState::default()).await?;
    Ok(html::ok(&page))
}

async fn prepare(
    allowed: Allowed<may::PrepareMoney>,
    layout: Layout,
    books: Books,
    id: Path<OrderId>,
    fields: FormFields,
) -> std::result::Result<HttpResponse, Error> {
    let (by, key) = (allowed.clone(), id.clone());
    let work = move |tx: &mut Tx<'_>| service::prepare(tx, &by, &key).map(drop);
    step(allowed.actor, layout, books, id.into_inner(), fields, Ok(work), "已经办，等另一位复核。").await
}

async fn confirm(
    allowed: Allowed<may::ConfirmMoney>,
    layout: Layout,
    books: Books,
    id: Path<OrderId>,
    fields: FormFields,
) -> std::result::Result<HttpResponse, Error> {
    let (by, key) = (allowed.clone(), id.clone());
    let work = typed(&fields).map(|paid| move |tx: &mut Tx<'_>| service::confirm(tx, &by, &key, &paid).map(drop));
    step(allowed.actor, layout, books, id.into_inner(), fields, work, "已复核，账已记好。").await
}

async fn send_back(
    allowed: Allowed<may::ConfirmMoney>,
    layout: Layout,
    books: Books,
    id: Path<OrderId>,
    fields: FormFields,
) -> std::result::Result<HttpResponse, Error> {
    let (by, key, reason) = (allowed.clone(), id.clone(), fields.get("reason").to_owned());
    let work = move |tx: &mut Tx<'_>| service::send_back(tx, &by, &key, &reason).map(drop);
    step(allowed.actor, layout, books, id.into_inner(), fields, Ok(work), "已退回，没有动账。").await
}

/// One step of an order, and back to it.
async fn step<W>(
    actor: Actor,
    layout: Layout,
    books: Books,
    id: OrderId,
    fields: FormFields,
    work: std::result::Result<W, Problem>,
    done: &str,
) -> std::result::Result<HttpResponse, Error>
where
    W: FnMut(&mut Tx<'_>) -> Result<()> + Send + 'static,
{
    let end = match work {
        Ok(work) => books.db.write(Lane::of("order", &id), work).await.map_err(Error::from),
        Err(problem) => Err(problem.into()),
    };
    match end {
        Ok(()) => Ok(html::done(&format!("{PATH}/orders/{id}"), Tone::Good, done)),
        Err(error) => {
            html::again(error, &fields, async |form| OnePage::load(actor, layout, &books, id, form).await).await
        }
    }
}

/// The payment as it was typed; nothing where the form does not ask for it.
pub(in crate::settlement) fn typed(fields: &FormFields) -> std::result::Result<Paid, Problem> {
    let (day, hour) = (fields.get("paid_at"), fields.get("paid_hour"));
    let mut paid = Paid { reference: fields.get("reference").to_owned(), paid_at: None };
    if day.is_empty() && hour.is_empty() {
        return Ok(paid);
    }
    let mut faults = Vec::new();
    let day = read_day(day).map_err(|e| faults.push(FieldError::new("paid_at", Some(day), e.to_string())));
    let hour = read_hour(hour).map_err(|e| faults.push(FieldError::new("paid_hour", Some(hour), e.to_string())));
    let (Ok(day), Ok((hour, minute))) = (day, hour) else { return Err(Problem::fields(faults)) };
    let at: Timestamp = day.at(hour, minute);
    paid.paid_at = Some(at);
    Ok(paid)
}
