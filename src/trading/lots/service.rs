//! Use cases: reading lots.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::model::{Affair, BoardPart, LotSummary, LotView, Moment, OwnLot, SittingLot, standing};
use crate::{
    access::{Allowed, Scope, may},
    calendar::Calendar,
    collectives,
    db::{Error, Result, Rx},
    kernel::{Page, PageRequest, Timestamp, codes::RegionCode, error::NOT_FOUND},
    log::{self, Witnesses},
    trading::{
        auction::{self, Live, Mode},
        award, enrolment,
        listing::{
            self, Hours, LotId, LotState, Stage, Terms,
            store::{self as store, LotRow, LotWithTerms, Reader, TermsRow},
        },
        looks, negotiation, notices, qualification, ranking,
    },
    vault::Vault,
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
    /// Where a published lot stands now.
    pub stage: Option<Stage>,
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
    let terms = shown_terms(&row, &stored)?;
    let has_reserve = terms.has_reserve;
    let live =
        auction::live(rx, &row, &stored, now).or_else(|e| if row.opens_at.is_none() { Ok(None) } else { Err(e) })?;
    let earliest_opening = match row.state {
        LotState::Approved if as_staff => listing::earliest_opening(calendar, now.day(), terms.notice_days).ok(),
        _ => None,
    };
    let award = award::find_public(rx, id)?;
    let price = live.as_ref().and_then(|l| l.price).or(award.as_ref().and_then(|award| award.price));
    let (rounds, notices) = (listing::rounds(rx, &row)?, notices::briefs(rx, id)?);
    let beside = listing::beside(rx, &row)?;
    let looks_at_bidders = looks::list_public(rx, &row)?;
    let negotiations = if row.state == LotState::Failed { negotiation::list_public(rx, id)? } else { Vec::new() };
    let ranking = match terms.ceiling_criterion() {
        Some(criterion) => ranking::newest_public(rx, id, criterion)?,
        None => None,
    };
    let undecided = ranking.as_ref().is_some_and(|ranking| ranking.state.is_open());
    let compared = if award.is_some() { auction::compared(rx, &row, &stored)? } else { Vec::new() };
    Ok(LotView {
        compared,
        ranking,
        break_glass: looks::list_public_requests(rx, &row)?,
        negotiations,
        looks_at_bidders,
        beside,
        rounds,
        notices,
        phase: listing::phase(row.state, hours(&row, live.as_ref(), undecided), now),
        collective_name: collectives::get_public(rx, &row.collective_code)?.name,
        town: collectives::town_public(rx, &row.collective_code)?,
        has_reserve,
        opening_total: terms.total(terms.opening_price),
        price_total: price.and_then(|price| terms.total(price)),
        award,
        given_up: auction::reason_given_up(rx, &row)?,
        halted: auction::halted(rx, &row, live.as_ref().is_some_and(|live| live.suspended_since.is_some()))?,
        witnessed: None,
        ended_on_record: None,
        id: row.id,
        number: row.number,
        collective_code: row.collective_code,
        asset_id: row.asset_id,
        title: row.title,
        notice_number: row.notice_number,
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

/// The terms without what is kept from everybody until the end.
fn shown_terms(row: &LotRow, stored: &TermsRow) -> Result<Terms> {
    let mut terms = stored.terms()?;
    if row.state.is_under_way() {
        terms.reserve_price = None;
    }
    Ok(terms)
}

/// All lots of the notice of a public lot, in the order of their numbers: as many questions however many they are, for every
/// screen of a hall asks anew every few seconds.
///
/// Errors: `not_found`.
pub fn sitting(rx: &mut Rx<'_>, id: &LotId, now: Timestamp) -> Result<Vec<SittingLot>> {
    let own = store::find(rx, Reader::Public, id)?.ok_or(&NOT_FOUND)?;
    let rows = match &own.0.notice_number {
        Some(number) => store::list_public_of_notice_with_terms(rx, number)?,
        None => vec![own],
    };
    let ids: Vec<LotId> = rows.iter().map(|(row, _)| row.id.clone()).collect();
    let mut live = auction::live_of(rx, &rows, now)?;
    let (prices, open) = (award::list_public_prices(rx, &ids)?, ranking::open_among(rx, &ids)?);
    let one = |(row, stored): LotWithTerms| {
        let live = live.remove(&row.id);
        let hours = hours(&row, live.as_ref(), open.contains(&row.id));
        Ok(SittingLot {
            phase: listing::phase(row.state, hours, now),
            terms: shown_terms(&row, &stored)?,
            awarded: prices.get(&row.id).copied(),
            ends_at: row.ended_at.or(live.as_ref().map(|live| live.end_at)).or(row.closes_at),
            live,
            id: row.id,
            number: row.number,
            notice_number: row.notice_number,
            title: row.title,
            state: row.state,
        })
    };
    rows.into_iter().map(one).collect()
}

/// Says of a lot that is over where its end is on record and whether that has been witnessed. Until then nobody should call
/// the result final (LOG-9).
pub fn ask_witnesses(rx: &mut Rx<'_>, witnesses: &Witnesses, lot: &mut LotView) -> Result<()> {
    if lot.state.is_under_way() {
        return Ok(());
    }
    let end = log::newest(
        rx,
        "lot",
        &lot.id,
        &["auction.closed", "auction.terminated", "lot.terminated", "exercise.closed"],
    )?;
    let index = end.and_then(|entry| entry.index).and_then(|index| u64::try_from(index).ok());
    lot.witnessed = witnesses.has_witnessed(rx, index)?;
    lot.ended_on_record = end;
    Ok(())
}

/// What a lot of the scope is called.
pub fn find_title(rx: &mut Rx<'_>, scope: &Scope, id: &LotId) -> Result<Option<String>> {
    Ok(store::find(rx, Reader::Staff(scope), id)?.map(|(lot, _)| lot.title))
}

/// Whether officers have still to put equals in order; nobody asks before the end.
fn is_undecided(rx: &mut Rx<'_>, row: &LotRow, end: Option<Timestamp>, now: Timestamp) -> Result<bool> {
    Ok(row.state == LotState::Published && end.is_some_and(|end| now >= end) && ranking::is_open(rx, &row.id)?)
}

fn hours(row: &LotRow, live: Option<&Live>, undecided: bool) -> Option<Hours> {
    Some(Hours {
        enrol_until: row.enrol_until?,
        opens_at: row.opens_at?,
        suspended: live?.suspended_since.is_some(),
        undecided,
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
    let bounds = filter.stage.map(|stage| stage.bounds(now));
    let rows = store::list(rx, viewer.reader(), filter.state, bounds.as_ref(), filter.collective.as_deref(), page)?;
    let page = Page::from_rows(rows, page.limit(), |(row, _)| row.id.to_string());
    Ok(Page { items: summaries(rx, page.items, now)?, next: page.next })
}

fn summaries(rx: &mut Rx<'_>, rows: Vec<LotWithTerms>, now: Timestamp) -> Result<Vec<LotSummary>> {
    let ids: Vec<LotId> = rows.iter().map(|(row, _)| row.id.clone()).collect();
    let auctions = auction::store::find_many(rx, &ids)?;
    let mut names: BTreeMap<RegionCode, (String, String)> = BTreeMap::new();
    for (row, _) in &rows {
        let code = &row.collective_code;
        if !names.contains_key(code) {
            let name = collectives::get_public(rx, code)?.name;
            names.insert(code.clone(), (collectives::town_public(rx, code)?, name));
        }
    }
    let summary = |(row, stored): LotWithTerms| {
        let terms = stored.terms()?;
        let (mode, auction) = (terms.mode(), auctions.get(&row.id));
        let undecided = is_undecided(rx, &row, auction.map(|auction| auction.end_at), now)?;
        let hours = auction.zip(row.enrol_until).zip(row.opens_at).map(|((auction, enrol_until), opens_at)| Hours {
            enrol_until,
            opens_at,
            suspended: auction.suspended_since.is_some(),
            undecided,
            end: auction.end_at,
        });
        let (row_id, row_is_sold) = (row.id.clone(), row.state == LotState::Sold);
        let (town, collective_name) = names.get(&row.collective_code).cloned().unwrap_or_default();
        Ok(LotSummary {
            mode,
            practice: terms.is_practice(),
            phase: listing::phase(row.state, hours, now),
            collective_name,
            town,
            id: row.id,
            number: row.number,
            collective_code: row.collective_code,
            title: row.title,
            asset_name: terms.asset_name,
            asset_location: terms.asset_location,
            asset_area: terms.asset_area,
            round: row.round,
            state: row.state,
            form: terms.form,
            price_unit: terms.price_unit,
            opening_price: terms.opening_price,
            deposit: terms.deposit,
            term_months: terms.term_months,
            price: match auction.and_then(|a| a.price) {
                // Of a sealed auction only the award tells a price; after a clock the row keeps that of who stopped it.
                price if row_is_sold && (price.is_none() || mode == Mode::ClockSealed) => {
                    award::find_public(rx, &row_id)?.and_then(|award| award.price)
                }
                price => price,
            },
            published_at: row.published_at,
            enrol_until: row.enrol_until,
            opens_at: row.opens_at,
            end_at: auction.map(|a| a.end_at),
            updated_at: row.updated_at,
            version: row.version,
        })
    };
    rows.into_iter().map(summary).collect()
}

/// The public board: every stage with its count and its first lots, what is live first.
pub fn board(rx: &mut Rx<'_>, now: Timestamp, first: i64) -> Result<Vec<BoardPart>> {
    let part = |stage: &Stage| {
        let rows = store::list_public_board(rx, *stage, now, first)?;
        Ok(BoardPart { stage: *stage, count: store::count_public(rx, *stage, now)?, first: summaries(rx, rows, now)? })
    };
    Stage::ALL.iter().map(part).collect()
}

/// Code and name of every collective that has published a lot.
pub fn sellers(rx: &mut Rx<'_>) -> Result<Vec<(String, String)>> {
    let codes = store::list_public_collectives(rx)?;
    let named = codes.into_iter().map(|code| {
        let (town, name) = (collectives::town_public(rx, &code)?, collectives::get_public(rx, &code)?.name);
        Ok((code.to_string(), super::words::place(&town, &name)))
    });
    named.collect()
}

/// The lots that the own account has enrolled for, newest first; on each page what wants attention comes first.
pub fn list_own(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::Bid>,
    vault: &Vault,
    page: &PageRequest,
    now: Timestamp,
) -> Result<Page<OwnLot>> {
    let page = enrolment::list_own(rx, allowed, vault, page)?;
    let mut items = Vec::new();
    for enrolment in page.items {
        let row = store::get(rx, &enrolment.lot_id)?;
        let need = qualification::need(rx, &row.0, &row.1, &enrolment.id, now)?;
        let leader = auction::live(rx, &row.0, &row.1, now)?.and_then(|live| live.leader);
        let winner = award::find_public(rx, &enrolment.lot_id)?.and_then(|award| award.winner);
        let Some(lot) = summaries(rx, vec![row], now)?.pop() else { continue };
        let standing = standing(Affair {
            phase: lot.phase,
            number: enrolment.bid_number.as_deref(),
            leader: leader.as_deref(),
            winner: winner.as_deref(),
            has_bid: auction::store::has_bid(rx, &enrolment.id)?,
            paid: enrolment.deposit.is_some(),
            need,
        });
        let raised = auction::store::count_entered(rx, &enrolment.id)?;
        items.push(OwnLot { enrolment, lot, standing, raised });
    }
    items.sort_by_key(|own| own.standing);
    Ok(Page { items, next: page.next })
}

/// How a public lot stands now.
///
/// Errors: `not_found`.
pub fn moment(rx: &mut Rx<'_>, id: &LotId, now: Timestamp) -> Result<Moment> {
    let (row, stored) = store::find(rx, Reader::Public, id)?.ok_or(&NOT_FOUND)?;
    let live = auction::live(rx, &row, &stored, now)?;
    let (Some(live), Some(opens_at)) = (live, row.opens_at) else {
        return Err(Error::Internal(format!("{id} is public without an auction")));
    };
    let terms = stored.terms()?;
    let undecided = is_undecided(rx, &row, Some(live.end_at), now)?;
    Ok(Moment {
        phase: listing::phase(row.state, hours(&row, Some(&live), undecided), now),
        price_total: live.price.and_then(|price| terms.total(price)),
        award: award::find_public(rx, id)?,
        live,
        opens_at,
        now,
    })
}
