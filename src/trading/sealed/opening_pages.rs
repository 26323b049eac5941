//! `/listings/{lot}/opening`: trustees, or an officer for them, take the envelopes home and bring decrypted shares back.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{
    reading,
    service::{self, Shares},
    view::{ClearShares, OpeningState, SealedBids},
};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Db, Lane, Rx},
    kernel::{FieldError, Problem, error::NOT_FOUND},
    trading::{
        listing::LotId,
        lots::{self, LotView, Viewer},
    },
    web::{
        self as shell, Error,
        html::{self, FormState, Layout, Tone, filters},
        upload::MultipartFile,
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/listings/{lot}/opening").route(web::get().to(show)).route(web::post().to(hand_in)));
}

#[derive(Template)]
#[template(path = "trading/sealed/pages/opening.html")]
struct OpeningPage {
    layout: Layout,
    form: FormState,
    lot: LotView,
    sealed: SealedBids,
}

impl OpeningPage {
    fn is_waiting(&self) -> bool {
        self.sealed.state == OpeningState::Waiting
    }
    fn counting(&self) -> usize {
        self.sealed.bids.iter().filter(|bid| bid.counts).count()
    }
    /// How many of the counting bids have this trustee's share.
    fn handed_in(&self, recipient: &str) -> usize {
        let has = |all: &[String]| all.iter().any(|one| one == recipient);
        self.sealed.bids.iter().filter(|bid| bid.counts && has(&bid.handed_in)).count()
    }
}

async fn load(
    allowed: &Allowed<may::OpenSealedBids>,
    layout: Layout,
    db: &Db,
    calendar: Data<Calendar>,
    id: LotId,
    form: FormState,
) -> Result<OpeningPage, Error> {
    let (now, scope) = (db.now(), allowed.scope.clone());
    let read = move |rx: &mut Rx<'_>| {
        let lot = lots::get(rx, Viewer::Public, &calendar, &id, now)?;
        if !scope.contains(lot.collective_code.as_str()) {
            return Err((&NOT_FOUND).into());
        }
        Ok((lot, reading::overview(rx, &id, now)?))
    };
    let (lot, sealed) = db.read(read).await?;
    let layout = layout.titled("交密钥份，办理开标").under("/listings").with_form(&form);
    Ok(OpeningPage { layout, form, lot, sealed })
}

async fn show(
    allowed: Allowed<may::OpenSealedBids>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    Ok(html::ok(&load(&allowed, layout, &db, calendar, id.into_inner(), FormState::default()).await?))
}

fn read_shares(form: &MultipartFile) -> Result<ClearShares, Problem> {
    if form.bytes.is_empty() {
        return Err(Problem::field("shares", None, "请选择解密好的密钥份文件（clear.json）"));
    }
    shell::body::parse(&form.bytes).map_err(|problem| {
        let detail =
            format!("这个文件不是密钥份，请选择 xiangji unseal 或公开步骤做出的 clear.json（{}）", problem.detail);
        Problem::field("shares", None, detail)
    })
}

async fn hand_in(
    allowed: Allowed<may::OpenSealedBids>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
    form: MultipartFile,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let problem = match read_shares(&form) {
        Err(problem) => problem,
        Ok(given) => {
            let (lot, by) = (id.clone(), allowed.clone());
            let write = move |tx: &mut crate::db::Tx<'_>| service::hand_in_shares(tx, &by, &lot, &given);
            match db.write(Lane::of("lot", &id), write).await {
                Ok(Shares::Taken(told, receipt)) => {
                    let next = match told.lacking {
                        0 => "密钥份已经够了，几秒钟内自动开标。".to_owned(),
                        n => format!("还有 {n} 个信封的密钥份不够，请别的保管人接着交。"),
                    };
                    let text = format!("收下 {} 份，记在公开存证第 {} 号。{next}", told.taken, receipt.seq);
                    return Ok(html::done(&format!("/listings/{id}/opening"), Tone::Good, &text));
                }
                Ok(Shares::Refused(problem, _)) => problem,
                Err(error) => beside_the_file(html::refusal(error)?),
            }
        }
    };
    let form = FormState::new([("shares", "")]);
    html::again(problem, form, async |form| load(&allowed, layout, &db, calendar, id, form).await).await
}

/// Whatever part is at fault, on the page it is the file.
fn beside_the_file(problem: Problem) -> Problem {
    let Some(first) = problem.fields.first() else { return problem };
    let field = FieldError::new("shares", None, first.detail.clone());
    Problem { fields: vec![field], ..problem }
}
