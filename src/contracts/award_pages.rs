//! `/listings/{lot}/contract`: the clerk registers the contract that comes of an auction. What the award has settled stands
//! there to be read, not to be typed.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{
    model::ContractFacts,
    of_award::proposal,
    service::{settled, sign_award},
};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    kernel::{Day, FieldError, Problem, text::read_day},
    trading::{confirmation::Sale, listing::LotId},
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone},
    },
};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/listings/{lot}/contract").route(web::get().to(show)).route(web::post().to(sign)));
}

#[derive(Template)]
#[template(path = "contracts/pages/sign.html")]
struct SignPage {
    layout: Layout,
    form: FormState,
    lot: LotId,
    facts: ContractFacts,
    /// The notice fixed no first day.
    asks_start: bool,
}

async fn sale(allowed: Allowed<may::KeepContracts>, db: &Db, lot: LotId) -> Result<Sale, Error> {
    Ok(db.read(move |rx| settled(rx, &allowed.scope, &lot)).await?)
}

impl SignPage {
    fn new(layout: Layout, sale: Sale, today: Day, form: Option<FormState>) -> SignPage {
        let facts = proposal(&sale, today);
        let proposed =
            || FormState::new([("signed_on", today.to_string()), ("starts_on", facts.starts_on.to_string())]);
        let form = form.unwrap_or_else(proposed);
        let layout = layout.titled("登记成交合同").under("/listings").with_form(&form);
        SignPage { layout, form, asks_start: sale.starts_on.is_none(), lot: sale.lot, facts }
    }
}

async fn show(
    allowed: Allowed<may::KeepContracts>,
    layout: Layout,
    db: Data<Db>,
    lot: Path<LotId>,
) -> Result<HttpResponse, Error> {
    let lot = lot.into_inner();
    match sale(allowed, &db, lot.clone()).await {
        Ok(sale) => Ok(html::ok(&SignPage::new(layout, sale, db.now().day(), None))),
        // Not confirmed yet, or signed already: the listing's own page says where it stands.
        Err(error) => {
            let problem = html::refusal(error)?;
            if problem.code.status == 404 {
                return Err(problem.into());
            }
            Ok(html::done(&format!("/listings/{lot}"), Tone::Warn, &problem.detail))
        }
    }
}

/// What was typed, over what the award gives; all faults at once.
fn typed(fields: &FormFields, sale: &Sale) -> Result<ContractFacts, Problem> {
    let mut faults = Vec::new();
    let mut day = |name: &str| {
        let typed = fields.get(name);
        read_day(typed).map_err(|e| faults.push(FieldError::new(name, Some(typed), e.to_string()))).ok()
    };
    let signed_on = day("signed_on");
    let starts_on = sale.starts_on.or_else(|| day("starts_on"));
    match starts_on {
        Some(starts_on) if faults.is_empty() => Ok(ContractFacts {
            code: Some(fields.get("code").to_owned()),
            signed_on,
            payment_terms: fields.get("payment_terms").to_owned(),
            note: fields.get("note").to_owned(),
            ..proposal(sale, starts_on)
        }),
        _ => Err(Problem::fields(faults)),
    }
}

async fn sign(
    allowed: Allowed<may::KeepContracts>,
    layout: Layout,
    db: Data<Db>,
    lot: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let lot = lot.into_inner();
    let settled = sale(allowed.clone(), &db, lot.clone()).await?;
    let end = match typed(&fields, &settled) {
        Err(problem) => Err(Error::from(problem)),
        Ok(facts) => {
            let lane = Lane::of("lot", &lot);
            db.write(lane, move |tx| sign_award(tx, &allowed, &lot, facts.clone())).await.map_err(Error::from)
        }
    };
    match end {
        Ok((contract, _)) => {
            Ok(html::done(&format!("/contracts/{}", contract.id), Tone::Good, "合同已登记，与成交结果一致。"))
        }
        Err(error) => {
            html::again(error, &fields, async |form| Ok(SignPage::new(layout, settled, db.now().day(), Some(form))))
                .await
        }
    }
}
