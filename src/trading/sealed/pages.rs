//! `/lots/{lot}/sealed`: how far the sealed bids of a lot are, for everybody; for a bidder also handing in and withdrawing.
//! Nothing here encrypts: whoever serves a page that does can read the bid.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{
    model::{Envelope, RESERVE},
    reading,
    service::{self, Filed},
    view::{OpeningState, OwnSealedBid, SealedBidOnRecord, SealedBids},
};
use crate::{
    access::{Actor, Allowed, MaybeActor, may},
    calendar::Calendar,
    db::{Db, Lane, Rx},
    kernel::{Problem, Timestamp},
    trading::{
        auction,
        listing::{LotId, Phase},
        lots::{self, LotView, Viewer},
    },
    web::{
        self as shell, Error, FormFields,
        html::{self, FormState, Layout, Tone, filters},
        upload::MultipartFile,
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/lots/{lot}/sealed").route(web::get().to(show)).route(web::post().to(hand_in)))
        .service(web::resource("/lots/{lot}/sealed/withdraw").route(web::post().to(withdraw)));
}

/// The part of a bidder of the lot.
struct Own {
    number: String,
    bids: Vec<OwnSealedBid>,
}

#[derive(Template)]
#[template(path = "trading/sealed/pages/one.html")]
struct SealedPage {
    layout: Layout,
    form: FormState,
    lot: LotView,
    sealed: SealedBids,
    own: Option<Own>,
    /// Address of the page for handing in shares, for those who may.
    opening: String,
}

impl SealedPage {
    fn is_open(&self) -> bool {
        self.lot.phase == Phase::Bidding
    }
    fn is_opened(&self) -> bool {
        self.sealed.state == OpeningState::Opened
    }
    /// The own bid that counts so far.
    fn counting(&self) -> Option<&OwnSealedBid> {
        self.own.as_ref().and_then(|own| own.bids.iter().find(|bid| bid.counts))
    }
    fn needed_words(&self) -> String {
        format!(
            "{} 位保管人中任意 {} 位一起才能开标，少一位都看不到任何报价",
            self.sealed.trustees.len(),
            self.sealed.needed
        )
    }
    fn filed(&self) -> impl Iterator<Item = &SealedBidOnRecord> {
        self.sealed.bids.iter().filter(|bid| !bid.withdrawal && bid.bidder != RESERVE)
    }
    /// What has become of the secret floor; before the end nothing.
    fn reserve(&self) -> Option<String> {
        let floor = self.sealed.bids.iter().find(|bid| bid.bidder == RESERVE)?;
        Some(match (floor.outcome, floor.amount) {
            (_, Some(amount)) => self.lot.priced(amount),
            (Some(outcome), None) => format!("{}，所以全部报价都没有开启", outcome.label()),
            (None, None) if !floor.counts => "没有人报价，不再开启".to_owned(),
            (None, None) => format!("封存，已交来 {} 份密钥", floor.handed_in.len()),
        })
    }
    /// What became of a bid after the end.
    fn told(&self, bid: &SealedBidOnRecord) -> String {
        match (bid.counts, bid.outcome, bid.amount) {
            (false, ..) => "已改报或撤回，不再开启".to_owned(),
            (true, Some(_), Some(amount)) => self.lot.priced(amount),
            (true, Some(outcome), None) => format!("作废：{}", outcome.label()),
            (true, None, _) => format!("封存，已交来 {} 份密钥", bid.handed_in.len()),
        }
    }
}

async fn load(
    actor: Option<Actor>,
    db: &Db,
    calendar: Data<Calendar>,
    id: LotId,
) -> Result<(LotView, SealedBids, Option<Own>, String), Error> {
    let now = db.now();
    let read = move |rx: &mut Rx<'_>| {
        let lot = lots::get(rx, Viewer::Public, &calendar, &id, now)?;
        let sealed = reading::overview(rx, &id, now)?;
        let bidder = actor.as_ref().and_then(|actor| actor.prove::<may::Bid>().ok());
        let own = match bidder {
            None => None,
            Some(allowed) => auction::mine(rx, &allowed, &id, now)?
                .bid_number
                .map(|number| Ok::<_, crate::db::Error>(Own { number, bids: service::own(rx, &allowed, &id)? }))
                .transpose()?,
        };
        let opens = actor.as_ref().and_then(|actor| actor.prove::<may::OpenSealedBids>().ok());
        let opens = opens.filter(|allowed| allowed.scope.contains(lot.collective_code.as_str()));
        let opening = opens.map(|_| format!("/listings/{id}/opening")).unwrap_or_default();
        Ok((lot, sealed, own, opening))
    };
    Ok(db.read(read).await?)
}

async fn page(
    layout: Layout,
    actor: Option<Actor>,
    db: &Db,
    calendar: Data<Calendar>,
    id: LotId,
    form: FormState,
) -> Result<SealedPage, Error> {
    let (lot, sealed, own, opening) = load(actor, db, calendar, id).await?;
    let layout = layout.titled(format!("暗标：{}", lot.title)).under("/lots").with_form(&form);
    Ok(SealedPage { layout, form, lot, sealed, own, opening })
}

async fn show(
    layout: Layout,
    actor: MaybeActor,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    Ok(html::ok(&page(layout, actor.0, &db, calendar, id.into_inner(), FormState::default()).await?))
}

/// The envelope out of a file or out of the text field.
pub(super) fn read_envelope(form: &MultipartFile) -> Result<Envelope, Problem> {
    let typed = form.get("envelope_text").as_bytes();
    let bytes = if form.bytes.is_empty() { typed } else { form.bytes.as_slice() };
    if bytes.is_empty() {
        return Err(Problem::field("envelope", None, "请选择做好的信封文件（envelope.json）"));
    }
    shell::body::parse(bytes).map_err(|problem| {
        let detail =
            format!("这个文件不是信封，请选择 xiangji seal 或公开步骤做出的 envelope.json（{}）", problem.detail);
        Problem::field("envelope", None, detail)
    })
}

async fn hand_in(
    allowed: Allowed<may::Bid>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
    form: MultipartFile,
) -> Result<HttpResponse, Error> {
    // The file has been read whole by now.
    let received_at = db.now();
    let id = id.into_inner();
    let actor = allowed.actor.clone();
    let problem = match read_envelope(&form) {
        Err(problem) => problem,
        Ok(envelope) => {
            let lot = id.clone();
            let write = move |tx: &mut crate::db::Tx<'_>| service::hand_in(tx, &allowed, &lot, &envelope, received_at);
            match db.write(Lane::of("lot", &id), write).await? {
                Filed::Taken(bid, receipt) => {
                    let text = format!(
                        "信封已收到，{}，记在公开存证第 {} 号。结束之前谁也看不到您的报价。",
                        time(bid.at),
                        receipt.seq
                    );
                    return Ok(html::done(&format!("/lots/{id}/sealed"), Tone::Good, &text));
                }
                Filed::Refused(problem, _) => beside_the_file(problem),
            }
        }
    };
    let form = FormState::new([("envelope", "")]);
    html::again(problem, form, async |form| page(layout, Some(actor), &db, calendar, id, form).await).await
}

/// Whatever part of an envelope is at fault, on the page it is the file.
pub(super) fn beside_the_file(problem: Problem) -> Problem {
    if problem.fields.is_empty() {
        return problem;
    }
    let field = crate::kernel::FieldError::new("envelope", None, problem.detail.clone());
    Problem { fields: vec![field], ..problem }
}

fn time(at: Timestamp) -> String {
    at.second_text()
}

async fn withdraw(
    allowed: Allowed<may::Bid>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let received_at = db.now();
    let id = id.into_inner();
    let actor = allowed.actor.clone();
    let lot = id.clone();
    let problem = if fields.ticked("sure") {
        match db.write(Lane::of("lot", &id), move |tx| service::withdraw(tx, &allowed, &lot, received_at)).await? {
            Filed::Taken(..) => return Ok(html::done(&format!("/lots/{id}/sealed"), Tone::Good, "报价已撤回。")),
            Filed::Refused(problem, _) => problem,
        }
    } else {
        Problem::field("sure", None, "请先勾选“我要撤回”，再按按钮")
    };
    html::again(problem, &fields, async |form| page(layout, Some(actor), &db, calendar, id, form).await).await
}
