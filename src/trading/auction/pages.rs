//! `/lots/{lot}/bid`: a bid in two steps, choice and confirmation. Nothing is placed but by the confirmation's button, and
//! that only over the price which the confirmation showed.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{
    Bid, BidView, CommandKind, Live, Preview, own,
    service::{self, PRICE_MOVED},
    way::Way,
};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Db, Lane, Rx},
    kernel::{Fen, FieldError, Problem, Timestamp},
    trading::{
        enrolment,
        listing::{LotId, PriceWords},
        lots::{self, LotView, Viewer, pages::Own},
    },
    vault::Vault,
    web::{
        Error, FormFields, IdempotencyKey, Reply,
        html::{self, Confirm, Fact, FormState, Layout, Tone, filters},
        idempotency::once,
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/lots/{lot}/bid").route(web::get().to(choose)).route(web::post().to(place)));
}

/// One line of a history.
#[derive(Debug, Clone)]
pub struct Line {
    pub seq: i64,
    pub bidder: String,
    pub amount: String,
    /// How much better than the price before.
    pub raise: String,
    /// Date and time to the thousandth of a second.
    pub at: String,
    pub state: String,
    pub leading: bool,
}

impl Line {
    /// Newest first. `complete`: the last one is the first command of all.
    pub fn all(bids: &[BidView], complete: bool, leader: Option<&str>, me: Option<&str>) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut leading_seen = false;
        for (i, bid) in bids.iter().enumerate() {
            let before = bids.get(i + 1..).unwrap_or_default();
            // Over prices that lead nothing by themselves there is no raise to tell.
            let sealed_before = before.iter().any(|b| b.bidder.is_some() && b.price.is_none());
            let earlier = before.iter().find_map(|b| b.price).filter(|_| !sealed_before);
            let is_bid = bid.bidder.is_some();
            // Where prices are shown later, no line says who leads: the table of the round does.
            let stands_alone = is_bid && bid.price.is_none();
            let leading = is_bid
                && !stands_alone
                && !leading_seen
                && bid.leader.as_deref() == leader
                && bid.bidder.as_deref() == leader;
            // A private limit that only drove the price up leads nothing.
            leading_seen |= is_bid && bid.leader == bid.bidder;
            let state = match bid.kind {
                CommandKind::Suspend | CommandKind::Resume | CommandKind::Terminate | CommandKind::Outage => {
                    format!("{}：{}", bid.kind.label(), bid.note)
                }
                _ if stands_alone && bid.amount.is_none() => "截止后公布".to_owned(),
                _ if stands_alone => "有效".to_owned(),
                kind => {
                    let word = if leading { "领先" } else { "已被超过" };
                    match kind {
                        CommandKind::Match => format!("{word}（行使优先权）"),
                        // Where sealed prices follow, the end moved on instead.
                        CommandKind::Accept if bid.closes_at > Some(bid.at) => "应价，停住降价".to_owned(),
                        CommandKind::Accept => "应价成交".to_owned(),
                        _ => word.to_owned(),
                    }
                }
            };
            lines.push(Line {
                seq: bid.seq,
                bidder: bidder_words(bid, me),
                amount: bid.price.or(bid.amount).filter(|_| is_bid).map(Fen::grouped).unwrap_or_default(),
                raise: match (bid.price.filter(|_| is_bid), earlier) {
                    (Some(price), Some(earlier)) => PriceWords::difference(price, earlier).grouped(),
                    (Some(_), None) if complete && !sealed_before => "第一口".to_owned(),
                    _ => String::new(),
                },
                at: milli(bid.at),
                state,
                leading,
            });
        }
        lines
    }
}

/// `03 号（我，现场）`.
fn bidder_words(bid: &BidView, me: Option<&str>) -> String {
    let Some(number) = &bid.bidder else { return "镇街交易员".to_owned() };
    let mine = (Some(number.as_str()) == me).then_some("我");
    let beside: Vec<&str> = mine.into_iter().chain(bid.via.map(|via| via.label())).collect();
    if beside.is_empty() { format!("{number} 号") } else { format!("{number} 号（{}）", beside.join("，")) }
}

fn milli(at: Timestamp) -> String {
    at.to_beijing().format("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

/// What a bid page is asked with, by the forms of the lot's page.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    amount: Option<String>,
    /// `yes`: the own priority at the current price.
    r#match: Option<String>,
    /// `yes`: the price of the falling clock.
    accept: Option<String>,
    /// The price that was on the page; empty: none yet.
    #[serde(default)]
    seen: String,
}

/// Everything a page about an own bid shows.
struct Table {
    lot: LotView,
    live: Live,
    own: Own,
    preview: Option<Preview>,
}

/// The lot, its live part and what the account may do; with a bid, what would become of it.
async fn look(
    allowed: Allowed<may::Bid>,
    db: &Db,
    vault: Data<Vault>,
    calendar: Data<Calendar>,
    id: LotId,
    bid: Option<Bid>,
) -> Result<Table, Error> {
    let now = db.now();
    let read = move |rx: &mut Rx<'_>| {
        let lot = lots::get(rx, Viewer::Public, &calendar, &id, now)?;
        let live = lot.live.clone().ok_or(&crate::kernel::error::NOT_FOUND)?;
        let own =
            Own { enrolment: enrolment::own(rx, &allowed, &vault, &id)?, mine: own::mine(rx, &allowed, &id, now)? };
        let preview = bid.as_ref().map(|bid| own::preview(rx, &allowed, &id, bid, now)).transpose()?;
        Ok(Table { lot, live, own, preview })
    };
    Ok(db.read(read).await?)
}

/// Chooses an amount: the form of the lot's page on a page of its own, which never refreshes itself.
#[derive(Template)]
#[template(path = "trading/auction/pages/bid.html")]
struct BidPage {
    layout: Layout,
    lot: LotView,
    live: Live,
    own: Own,
    form: FormState,
}

impl BidPage {
    fn new(layout: Layout, table: Table, form: FormState) -> BidPage {
        let layout = layout.titled("出价").under(lots::pages::PATH).with_form(&form);
        BidPage { layout, lot: table.lot, live: table.live, own: table.own, form }
    }
}

/// The form again, beside its refusal: what would have been accepted is among its choices.
fn refused(layout: Layout, table: Table, typed: &str, problem: &Problem) -> HttpResponse {
    let mut problem = problem.clone();
    let about_amount = [
        "below_opening",
        "above_opening",
        "below_step",
        "above_step",
        "off_multiple",
        "above_ceiling",
        "below_floor",
        "malformed",
    ];
    if table.own.mine.why_not.is_some() {
        problem.fields.clear();
    } else if problem.fields.is_empty() && about_amount.contains(&problem.code.code) {
        problem.fields.push(FieldError::new("amount", None, problem.detail.clone()));
    }
    let form = FormState::new([("amount", typed)]).with_problem(&problem);
    html::refused(&problem, &BidPage::new(layout, table, form))
}

/// Asks once more, with everything that hangs on the amount.
fn confirm(layout: Layout, table: &Table, amount: Fen, seq: i64, way: Way, moved: Option<&Problem>) -> Confirm {
    let Table { lot, live, own, .. } = table;
    let is_match = way == Way::Match;
    let mut facts = vec![
        Fact::new("竞买什么", format!("{}，{}", lot.place(), lot.title)),
        Fact::new(way.price_label(lot), lot.priced(amount)),
    ];
    let (words, noun) = (lot.words(), lot.words().noun);
    facts.extend(words.capitals(amount).map(|capitals| Fact::new("大写", capitals)));
    facts.extend(lot.over_term(amount).map(|total| Fact::new("全期合计", total)));
    facts.push(match (&live.leader, live.price) {
        (Some(leader), Some(price)) if is_match => {
            let what = if words.is_floor_area() { "面积" } else { "价格" };
            let stays = format!("{}，{leader} 号领先；您行使优先权，{what}不变", lot.priced(price));
            Fact::new(format!("当前{noun}"), stays)
        }
        (Some(leader), Some(price)) => Fact::new(
            format!("比当前{noun}"),
            format!(
                "{} {}（当前{noun} {}，{leader} 号领先）",
                if lot.terms.direction().is_better(price, amount) { words.under } else { words.over },
                words.counted(PriceWords::difference(amount, price)),
                lot.priced(price)
            ),
        ),
        (None, Some(price)) => {
            let more = words.counted(PriceWords::difference(amount, price));
            Fact::new("比降价停住的价", format!("{} {more}（停在 {}）", words.over, lot.priced(price)))
        }
        _ if way == Way::Accept => Fact::new("按哪个价", "以服务器收到时的价为准，可能比这里更低"),
        _ => {
            let opening = lot.terms.opening_price;
            let beside = match PriceWords::difference(amount, opening) {
                Fen::ZERO => format!("正好是{}", words.opening_short()),
                _ => words.beside_opening(amount, opening),
            };
            let first = if lot.has_turns() { "截止之前别人看不到" } else { "您是第一个出价" };
            Fact::new(format!("比{}", words.opening_short()), format!("{beside}，{first}"))
        }
    });
    facts.push(Fact::new("我的竞买号", own.number()));
    let price = live.price.map(|price| price.to_string()).unwrap_or_default();
    let mut hidden = vec![("amount".to_owned(), amount.to_string()), ("seen".to_owned(), price)];
    hidden.extend(way.field().map(|field| (field.to_owned(), "yes".to_owned())));
    let form = moved.map_or_else(FormState::default, |problem| FormState::default().with_problem(problem));
    Confirm {
        layout: layout.titled("核对出价").under(lots::pages::PATH).with_form(&form),
        form,
        lead: way.lead(lot).to_owned(),
        facts,
        warning: if lot.is_practice() {
            "这是演练，不产生成交结果。".to_owned()
        } else {
            "出价不能撤回。竞得后不签合同，保证金不退。".to_owned()
        },
        action: format!("/lots/{}/bid", lot.id),
        idempotency_key: format!("{}:{seq}:{}", lot.id, way.field().map_or(amount.to_string(), str::to_owned)),
        hidden,
        button: way.button().to_owned(),
        button_tone: "bid".to_owned(),
        back: format!("/lots/{}", lot.id),
    }
}

async fn choose(
    allowed: Allowed<may::Bid>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Error> {
    let bid = match (&asked.r#match, &asked.accept, &asked.amount) {
        (Some(_), ..) => Some(Bid::Match),
        (_, Some(_), _) => Some(Bid::Accept),
        (None, None, Some(typed)) => Some(Bid::Amount(typed.clone())),
        (None, None, None) => None,
    };
    let way = bid.as_ref().map_or(Way::Amount, Way::of);
    let typed = asked.amount.clone().unwrap_or_default();
    let table = look(allowed, &db, vault, calendar, id.into_inner(), bid).await?;
    if table.lot.is_sealed() {
        // An amount has no business in an address here.
        return Ok(html::see_other(&format!("/lots/{}/sealed", table.lot.id)));
    }
    Ok(match &table.preview {
        None => html::ok(&BidPage::new(layout, table, FormState::default())),
        Some(Preview { refusal: Some(problem), .. }) => {
            let mut problem = problem.clone();
            // Who cannot bid at all is told that, not what the amount lacks.
            if let Some(why) = table.own.mine.why_not.as_ref().filter(|_| way == Way::Amount) {
                problem.detail.clone_from(why);
            }
            refused(layout, table, &typed, &problem)
        }
        Some(Preview { amount, seq, refusal: None }) => {
            let moved = table.live.price.filter(|price| asked.seen != price.to_string());
            let moved = moved.map(|price| Problem::new(&PRICE_MOVED, moved_words(&table.lot, price)));
            html::ok(&confirm(layout, &table, amount.unwrap_or_default(), *seq, way, moved.as_ref()))
        }
    })
}

fn moved_words(lot: &LotView, price: Fen) -> String {
    format!("您填写的时候，当前{}已变为 {}。请看清楚下面的差额再确认。", lot.words().noun, lot.priced(price))
}

async fn place(
    allowed: Allowed<may::Bid>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let typed = fields.get("amount").to_owned();
    let seen = fields.filled("seen").and_then(|price| price.parse::<Fen>().ok());
    let bid = match (fields.ticked("match"), fields.ticked("accept")) {
        (true, _) => Bid::Match,
        (_, true) => Bid::Accept,
        _ => Bid::Amount(typed.clone()),
    };
    let way = Way::of(&bid);
    let key =
        fields.filled("idempotency_key").filter(|key| key.len() <= 128 && key.bytes().all(|b| b.is_ascii_graphic()));
    let key = IdempotencyKey(key.map(str::to_owned));
    let hash = format!("{id}/bid {typed} {way:?}");
    let (by, lot, what) = (allowed.clone(), id.clone(), bid.clone());
    let reply = db
        .write_in_turn(Lane::of("lot", &id), allowed.actor.arrived, move |tx| {
            once(tx, by.actor.account.as_str(), &key, &hash, |tx| {
                match service::place_seen_bid(tx, &by, &lot, &what, seen)? {
                    Ok(taken) => match taken.refusal {
                        None => Reply::json(201, &taken.bid),
                        Some(problem) => Reply::problem(&problem),
                    },
                    Err(moved) => Reply::problem(&moved),
                }
            })
        })
        .await?;
    if reply.status == 201 {
        let table = look(allowed, &db, vault, calendar, id, None).await?;
        let path = format!("/lots/{}", table.lot.id);
        return Ok(html::done(&path, Tone::Good, &accepted_words(&table, &typed, way)));
    }
    let problem = reply.refusal(&[super::CODES, super::LIVE_CODES]);
    let table = look(allowed, &db, vault, calendar, id, Some(bid)).await?;
    Ok(match &table.preview {
        // The price has moved under the confirmation, and the bid would still count: asked again, never sent silently.
        Some(Preview { amount: Some(amount), seq, refusal: None }) if problem.code.code == PRICE_MOVED.code => {
            let moved = Problem::new(&PRICE_MOVED, moved_words(&table.lot, table.live.price.unwrap_or_default()));
            html::refused(&problem, &confirm(layout, &table, *amount, *seq, way, Some(&moved)))
        }
        Some(Preview { refusal: Some(now), .. }) if problem.code.code == PRICE_MOVED.code => {
            let detail = format!("{}；{}", problem.detail, now.detail);
            let now = Problem { detail, fields: Vec::new(), ..now.clone() };
            refused(layout, table, &typed, &now)
        }
        _ => refused(layout, table, &typed, &problem),
    })
}

/// What is said on the lot's page once a bid was accepted. Who leads is said by the live part below, which goes on: this
/// sentence stands still while somebody bids more.
fn accepted_words(table: &Table, typed: &str, way: Way) -> String {
    let what = match (way, table.lot.terms.price_unit.read(typed)) {
        (Way::Accept, _) if table.lot.after_clock().is_some() => {
            let until = table.live.clock().1.second_text();
            let price = table.lot.priced(table.lot.shown_price());
            return format!("应价成功，降价停在 {price}。{until} 起其他人可以暗标，请留意本页。");
        }
        (Way::Accept, _) => return format!("应价成功，成交价 {}。", table.lot.priced(table.lot.shown_price())),
        (Way::Amount, Ok(amount)) => format!("出价成功：{}。", table.lot.priced(amount)),
        _ => "已行使优先权。".to_owned(),
    };
    let end = table.live.end_at.second_text();
    match (table.own.mine.leading, table.live.extensions) {
        (true, 0) => what,
        (true, _) => format!("{what}结束时间现在是 {end}。"),
        (false, _) if table.lot.has_turns() || table.lot.after_clock().is_some() => what,
        (false, _) => {
            let words = table.lot.words();
            format!("{what}但马上又有人出了更{}的{}。", words.better, words.noun)
        }
    }
}
