//! Gathering what everybody may know of a trade.

use std::collections::BTreeSet;

use super::rules::{self, Imprint, Paper, Trade};
use crate::{
    calendar::Calendar,
    collectives,
    config::Config,
    db::{Error, Result, Rx},
    documents,
    kernel::{Id, PageRequest, Timestamp, error::NOT_FOUND},
    trading::{
        confirmation,
        listing::LotId,
        lots::{self, LotFilter, Viewer},
        notices, questions,
    },
};

/// The views of a lot say how it stands at a moment. Nothing of that goes into a package, so that no clock is asked.
const NO_TIME: Timestamp = Timestamp(0);

impl Imprint {
    pub fn of(config: &Config) -> Imprint {
        Imprint {
            ocid_prefix: config.ocid_prefix.clone(),
            base: config.base_url(),
            publisher: config.publisher.clone(),
        }
    }
}

/// The package of a public trade as JSON, ended by a line feed; the same data give the same bytes.
///
/// Errors: `not_found`, also for an exercise: nothing is offered there.
pub fn package(rx: &mut Rx<'_>, imprint: &Imprint, id: &LotId) -> Result<String> {
    let trade = trade(rx, id)?;
    let package = rules::package(imprint, &trade).ok_or(&NOT_FOUND)?;
    let json = serde_json::to_string_pretty(&package);
    json.map(|text| text + "\n").map_err(|e| Error::Internal(format!("release package of {id}: {e}")))
}

/// Everything here is read as the public reads it: whoever exports cannot tell more than the pages do.
fn trade(rx: &mut Rx<'_>, id: &LotId) -> Result<Trade> {
    let lot = lots::get(rx, Viewer::Public, Calendar::shipped(), id, NO_TIME)?;
    if lot.is_practice() {
        return Err((&NOT_FOUND).into());
    }
    let mut versions = notices::versions(rx, id)?;
    versions.reverse();
    let answered = questions::list_public(rx, id)?.into_iter().filter_map(|question| question.answered_at);
    let attached = versions.iter().flat_map(|version| &version.terms.notice).flat_map(|notice| &notice.attachments);
    let wanted: BTreeSet<String> = attached.map(|attached| attached.document.clone()).collect();
    let (first_answer, mut papers) = (answered.min(), Vec::new());
    for id in wanted {
        let Ok(id) = id.parse::<Id<documents::Document>>() else { continue };
        let Some(paper) = documents::find_public(rx, &id)? else { continue };
        papers.push(Paper { id: id.to_string(), media_type: paper.media_type.as_str(), sha256: paper.sha256 });
    }
    let seller = collectives::get_public(rx, &lot.collective_code)?;
    let line = confirmation::list_public(rx, id)?;
    Ok(Trade { lot, versions, seller, papers, first_answer, line })
}

/// Every trade that had a notice, oldest first; exercises are none.
pub fn list_trades(rx: &mut Rx<'_>) -> Result<Vec<LotId>> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = PageRequest { limit: Some(200), after };
        let page = lots::list(rx, Viewer::Public, &LotFilter::default(), &page, NO_TIME)?;
        found.extend(page.items.into_iter().filter(|lot| !lot.practice).map(|lot| lot.id));
        after = page.next;
        if after.is_none() {
            found.reverse();
            return Ok(found);
        }
    }
}
