//! Use cases: reading lots.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::model::{LotSummary, LotView, Moment};
use crate::{
    access::{Allowed, Scope, may},
    calendar::Calendar,
    collectives,
    db::{Error, Result, Rx},
    kernel::{Page, PageRequest, Timestamp, codes::RegionCode, error::NOT_FOUND},
    trading::{
        auction::{self, Live},
        award,
        listing::{
            self, Hours, LotId, LotState,
            store::{self as store, LotRow, Reader},
        },
    },
};

/// Who looks.
#[derive(Debug, Clone, Copy)]
pub enum Viewer<'a> {
    Public,
    Staff(&'a Allowed<may::ReadListings>),
}

impl Viewer<'_> {
    fn reader(&self) -> Reader<'_> {
        match self {
            Viewer::Public => Reader::Public,
            Viewer::Staff(allowed) => Reader::Staff(&allowed.scope),
        }
    }
}

/// Which lots are wanted; what is left out does not restrict.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LotFilter {
    pub state: Option<LotState>,
    /// Region code of one collective.
    pub collective: Option<String>,
}

/// A lot in full. Staff who ask for a lot outside their scope see what the public sees.
///
/// Errors: `not_found`.
pub fn get(rx: &mut Rx<'_>, viewer: Viewer<'_>, calendar: &Calendar, id: &LotId, now: Timestamp) -> Result<LotView> {
    let (found, as_staff) = match store::find(rx, viewer.reader(), id)? {
        Some(found) => (found, matches!(viewer, Viewer::Staff(_))),
        None => (store::find(rx, Reader::Public, id)?.ok_or(&NOT_FOUND)?, false),
    };
    let (row, stored) = found;
    let mut terms = stored.terms();
    let ended = !row.state.is_under_way();
    let has_reserve = terms.reserve_price.is_some();
    if !as_staff && !ended {
        terms.reserve_price = None;
    }
    let live = auction::live(rx, &row, &stored).or_else(|e| if row.opens_at.is_none() { Ok(None) } else { Err(e) })?;
    let earliest_opening = match row.state {
        LotState::Approved if as_staff => listing::earliest_opening(calendar, now.day(), terms.notice_days).ok(),
        _ => None,
    };
    Ok(LotView {
        phase: listing::phase(row.state, hours(&row, live.as_ref()), now),
        collective_name: collectives::get_public(rx, &row.collective_code)?.name,
        has_reserve,
        opening_total: terms.total(terms.opening_price),
        price_total: live.as_ref().and_then(|l| l.price).and_then(|price| terms.total(price)),
        award: award::find_public(rx, id)?,
        id: row.id,
        number: row.number,
        collective_code: row.collective_code,
        asset_id: row.asset_id,
        title: row.title,
        round: row.round,
        state: row.state,
        terms,
        submitted_at: row.submitted_at.filter(|_| as_staff),
        reviewed_at: row.reviewed_at.filter(|_| as_staff),
        review_note: Some(row.review_note).filter(|_| as_staff),
        published_at: row.published_at,
        enrol_until: row.enrol_until,
        opens_at: row.opens_at,
        closes_at: row.closes_at,
        ended_at: row.ended_at,
        earliest_opening,
        live,
        now,
        version: row.version,
    })
}

/// What a lot of the scope is called.
pub fn find_title(rx: &mut Rx<'_>, scope: &Scope, id: &LotId) -> Result<Option<String>> {
    Ok(store::find(rx, Reader::Staff(scope), id)?.map(|(lot, _)| lot.title))
}

fn hours(row: &LotRow, live: Option<&Live>) -> Option<Hours> {
    Some(Hours {
        enrol_until: row.enrol_until?,
        opens_at: row.opens_at?,
        suspended: live?.suspended_since.is_some(),
        end: live?.end_at,
    })
}

/// Lots, newest first.
pub fn list(
    rx: &mut Rx<'_>,
    viewer: Viewer<'_>,
    filter: &LotFilter,
    page: &PageRequest,
    now: Timestamp,
) -> Result<Page<LotSummary>> {
    let states: Vec<LotState> = filter.state.into_iter().collect();
    let rows = store::list(rx, viewer.reader(), &states, filter.collective.as_deref(), page)?;
    let page = Page::from_rows(rows, page.limit(), |(row, _)| row.id.to_string());
    let ids: Vec<LotId> = page.items.iter().map(|(row, _)| row.id.clone()).collect();
    let auctions = auction::store::find_many(rx, &ids)?;
    let mut names: BTreeMap<RegionCode, String> = BTreeMap::new();
    for (row, _) in &page.items {
        if !names.contains_key(&row.collective_code) {
            let name = collectives::get_public(rx, &row.collective_code)?.name;
            names.insert(row.collective_code.clone(), name);
        }
    }
    Ok(page.map(|(row, stored)| {
        let terms = stored.terms();
        let auction = auctions.get(&row.id);
        let hours = auction.zip(row.enrol_until).zip(row.opens_at).map(|((auction, enrol_until), opens_at)| Hours {
            enrol_until,
            opens_at,
            suspended: auction.suspended_since.is_some(),
            end: auction.end_at,
        });
        LotSummary {
            phase: listing::phase(row.state, hours, now),
            collective_name: names.get(&row.collective_code).cloned().unwrap_or_default(),
            id: row.id,
            number: row.number,
            collective_code: row.collective_code,
            title: row.title,
            asset_name: terms.asset_name,
            round: row.round,
            state: row.state,
            price_unit: terms.price_unit,
            opening_price: terms.opening_price,
            deposit: terms.deposit,
            term_months: terms.term_months,
            price: auction.and_then(|a| a.price),
            published_at: row.published_at,
            enrol_until: row.enrol_until,
            opens_at: row.opens_at,
            end_at: auction.map(|a| a.end_at),
            updated_at: row.updated_at,
            version: row.version,
        }
    }))
}

/// How a public lot stands now.
///
/// Errors: `not_found`.
pub fn moment(rx: &mut Rx<'_>, id: &LotId, now: Timestamp) -> Result<Moment> {
    let (row, stored) = store::find(rx, Reader::Public, id)?.ok_or(&NOT_FOUND)?;
    let live = auction::live(rx, &row, &stored)?;
    let (Some(live), Some(opens_at)) = (live, row.opens_at) else {
        return Err(Error::Internal(format!("{id} is public without an auction")));
    };
    Ok(Moment {
        phase: listing::phase(row.state, hours(&row, Some(&live)), now),
        price_total: live.price.and_then(|price| stored.terms().total(price)),
        award: award::find_public(rx, id)?,
        live,
        opens_at,
        now,
    })
}
