//! `/messages`: the own messages; `/messages/delivery`: where they are sent to besides; `/m/{code}`: the end of the short link.

use std::sync::Arc;

use actix_web::{
    HttpResponse,
    web::{self, Data, Path, Query},
};
use askama::Template;

use super::{
    Kind, MessageId, MessageView, Messenger,
    service::{self, MessageDelivery},
};
use crate::{
    access::{Actor, AddressChange, Channel},
    db::{Db, Lane, Tx},
    kernel::PageRequest,
    vault::Vault,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone, filters},
    },
};

const PATH: &str = "/messages";
const DELIVERY: &str = "/messages/delivery";

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/messages").route(web::get().to(list)))
        .service(web::resource("/messages/read").route(web::post().to(read_all)))
        .service(web::resource("/messages/delivery").route(web::get().to(delivery)).route(web::post().to(set_delivery)))
        .service(web::resource("/messages/{message}/read").route(web::post().to(read)))
        .service(web::resource("/m/{code}").route(web::get().to(one)));
}

impl MessageView {
    const fn tone(&self) -> Tone {
        match self.kind {
            Kind::DepositReceived
            | Kind::Admitted
            | Kind::PapersPassed
            | Kind::PriorityGranted
            | Kind::MeritGranted
            | Kind::Won
            | Kind::DepositReturned
            | Kind::DepositApplied => Tone::Good,
            Kind::DepositRefused
            | Kind::PapersRefused
            | Kind::PriorityRefused
            | Kind::MeritRefused
            | Kind::Suspended
            | Kind::Terminated
            | Kind::Outbid
            | Kind::SaleLost
            | Kind::DepositKept => Tone::Bad,
            Kind::Postponed | Kind::StartsSoon | Kind::NextInLine | Kind::ContractDue => Tone::Warn,
            Kind::NotWon | Kind::Undone => Tone::Quiet,
            Kind::QuestionAnswered
            | Kind::NoticeCorrected
            | Kind::Resumed
            | Kind::ResultPublished
            | Kind::ObjectionAnswered => Tone::Info,
        }
    }
    const fn label(&self) -> &'static str {
        self.kind.label()
    }
    const fn is_unread(&self) -> bool {
        self.read_at.is_none()
    }
}

#[derive(Template)]
#[template(path = "notify/pages/messages.html")]
struct ListPage {
    layout: Layout,
    messages: Vec<MessageView>,
    /// Of all pages together.
    unread: i64,
    first: String,
    next: String,
}

async fn list(actor: Actor, layout: Layout, db: Data<Db>, page: Query<PageRequest>) -> Result<HttpResponse, Error> {
    let page = PageRequest { limit: None, after: page.into_inner().after };
    let first = if page.after.is_some() { PATH.to_owned() } else { String::new() };
    let (found, unread) =
        db.read(move |rx| Ok((service::list(rx, &actor, false, &page)?, service::count_unread(rx, &actor)?))).await?;
    Ok(html::ok(&ListPage {
        layout: layout.titled("消息"),
        first,
        next: found.next.map(|next| format!("{PATH}?after={}", html::query_escape(&next))).unwrap_or_default(),
        messages: found.items,
        unread,
    }))
}

#[derive(Template)]
#[template(path = "notify/pages/message.html")]
struct OnePage {
    layout: Layout,
    message: MessageView,
}

async fn one(actor: Actor, layout: Layout, db: Data<Db>, code: Path<String>) -> Result<HttpResponse, Error> {
    let message = db.read(move |rx| service::by_code(rx, &actor, &code)).await?;
    Ok(html::ok(&OnePage { layout: layout.titled(message.label()), message }))
}

async fn read(actor: Actor, db: Data<Db>, id: Path<MessageId>, _form: FormFields) -> Result<HttpResponse, Error> {
    db.write(Lane::Any, move |tx| service::read(tx, &actor, &id)).await?;
    Ok(html::see_other(PATH))
}

async fn read_all(actor: Actor, db: Data<Db>, _form: FormFields) -> Result<HttpResponse, Error> {
    db.write(Lane::Any, move |tx| service::read_all(tx, &actor)).await?;
    Ok(html::done(PATH, Tone::Good, "全部消息已标为看过。"))
}

#[derive(Template)]
#[template(path = "notify/pages/delivery.html")]
struct DeliveryPage {
    layout: Layout,
    form: FormState,
    delivery: MessageDelivery,
}

impl DeliveryPage {
    fn new(layout: Layout, delivery: MessageDelivery, form: FormState) -> DeliveryPage {
        DeliveryPage { layout: layout.titled("短信和邮件").with_form(&form), form, delivery }
    }
    fn offers(&self, channel: Channel) -> bool {
        self.delivery.offered.contains(&channel)
    }
    fn phone(&self) -> &str {
        self.delivery.phone.as_deref().unwrap_or_default()
    }
    fn mail(&self) -> &str {
        self.delivery.mail.as_deref().unwrap_or_default()
    }
}

async fn find(
    actor: Actor,
    db: &Db,
    vault: Data<Vault>,
    messenger: Data<Arc<Messenger>>,
) -> Result<MessageDelivery, Error> {
    Ok(db.read(move |rx| service::find_delivery(rx, &actor, &vault, messenger.channels())).await?)
}

async fn delivery(
    actor: Actor,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    messenger: Data<Arc<Messenger>>,
) -> Result<HttpResponse, Error> {
    let found = find(actor, &db, vault, messenger).await?;
    Ok(html::ok(&DeliveryPage::new(layout, found, FormState::default())))
}

async fn set_delivery(
    actor: Actor,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    messenger: Data<Arc<Messenger>>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    // Who gives one address does not lose the other.
    let change = |field: &str, off: &str| match fields.filled(field) {
        _ if fields.ticked(off) => AddressChange::Off,
        Some(typed) => AddressChange::To(typed.to_owned()),
        None => AddressChange::Keep,
    };
    let (phone, mail) = (change("phone", "phone_off"), change("mail", "mail_off"));
    let (by, sealing, offers) = (actor.clone(), vault.clone(), messenger.clone());
    let work = move |tx: &mut Tx<'_>| service::change_delivery(tx, &by, &sealing, offers.channels(), (&phone, &mail));
    match db.write(Lane::Any, work).await {
        Ok(_) => Ok(html::done(DELIVERY, Tone::Good, "已保存。")),
        Err(error) => {
            let found = find(actor, &db, vault, messenger).await?;
            html::again(error, &fields, async |form| Ok(DeliveryPage::new(layout, found, form))).await
        }
    }
}
