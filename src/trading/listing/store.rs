//! Lots, their terms and their reviews: the only writer of the three tables.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, Queryable, RunQueryDsl, dsl::count_star,
};
use serde::Serialize;

mod terms;

pub use terms::TermsRow;

use super::model::{DealForm, LotId, LotState, PUBLIC_STATES, Stage, StageBounds};
use crate::{
    access::Scope,
    db::{
        Result, Rx, Salt, Tx,
        schema::{auctions, lot_reviews, lot_terms, lots},
    },
    each_backend,
    kernel::{Id, PageRequest, Timestamp, codes::RegionCode, error::NOT_FOUND},
    trading::price::PriceUnit,
};

crate::text_column!(LotState, DealForm, PriceUnit);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = lots, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct LotRow {
    pub id: LotId,
    pub collective_code: RegionCode,
    pub asset_id: String,
    pub title: String,
    /// Number of the trade, given with the notice.
    pub number: Option<String>,
    /// 1, and one more each time that the asset is listed again after a round that came to nothing.
    pub round: i32,
    pub state: LotState,
    pub drafted_by: String,
    pub submitted_by: Option<String>,
    pub submitted_at: Option<Timestamp>,
    pub reviewed_by: Option<String>,
    pub reviewed_at: Option<Timestamp>,
    pub review_note: String,
    pub published_by: Option<String>,
    pub published_at: Option<Timestamp>,
    pub enrol_until: Option<Timestamp>,
    pub opens_at: Option<Timestamp>,
    pub closes_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: i32,
    pub salt: Salt,
    /// The round before; the row of a lot that was drafted before there were links is in the log without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_lot: Option<LotId>,
    /// Number of the notice, where several lots stand in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_number: Option<String>,
}
crate::logged_table!(LotRow in lots, key id);

/// Marker of review identifiers.
#[derive(Debug)]
pub struct ReviewRecord;

/// What a reviewer decided, and on which terms. Only ever added.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = lot_reviews, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ReviewRow {
    pub id: Id<ReviewRecord>,
    pub lot_id: LotId,
    pub at: Timestamp,
    pub reviewed_by: String,
    pub approved: bool,
    pub note: String,
    /// Title and terms as JSON.
    pub terms: String,
    pub salt: Salt,
}
crate::logged_table!(ReviewRow in lot_reviews, key id);

/// No scope: the lot was found in one. Its reviews, the newest first.
pub fn list_reviews(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<ReviewRow>> {
    Ok(lot_reviews::table.filter(lot_reviews::lot_id.eq(lot)).order(lot_reviews::id.desc()).load(rx.conn())?)
}

/// How many lots of a scope are in each state.
pub fn count_by_state(rx: &mut Rx<'_>, scope: &Scope) -> Result<Vec<(LotState, i64)>> {
    let (from, to) = scope.range();
    Ok(lots::table
        .filter(lots::collective_code.ge(from).and(lots::collective_code.lt(to)))
        .group_by(lots::state)
        .select((lots::state, count_star()))
        .load(rx.conn())?)
}

/// Published lots whose auction runs at `now`, or opens before `until`: the one that opens first is first.
pub fn list_live(rx: &mut Rx<'_>, scope: &Scope, until: Timestamp) -> Result<Vec<(LotId, String, Timestamp)>> {
    let (from, to) = scope.range();
    Ok(lots::table
        .inner_join(auctions::table.on(auctions::lot_id.eq(lots::id)))
        .filter(lots::collective_code.ge(from).and(lots::collective_code.lt(to)))
        .filter(lots::state.eq(LotState::Published).and(lots::opens_at.lt(until).assume_not_null()))
        .filter(auctions::closed_at.is_null())
        .order(lots::opens_at)
        .limit(20)
        .select((lots::id, lots::title, lots::opens_at.assume_not_null()))
        .load(rx.conn())?)
}

/// The newest lot of an asset; where it has none, of its collective.
pub fn find_latest(rx: &mut Rx<'_>, scope: &Scope, asset: &str, collective: &str) -> Result<Option<LotWithTerms>> {
    let (from, to) = scope.range();
    let query = || {
        lots::table
            .inner_join(lot_terms::table.on(lot_terms::lot_id.eq(lots::id)))
            .filter(lots::collective_code.ge(from.clone()).and(lots::collective_code.lt(to.clone())))
            .order(lots::id.desc())
    };
    let same: Option<LotWithTerms> = query().filter(lots::asset_id.eq(asset)).first(rx.conn()).optional()?;
    if same.is_some() {
        return Ok(same);
    }
    Ok(query().filter(lots::collective_code.eq(collective)).first(rx.conn()).optional()?)
}

/// The trade of an asset that is under way.
pub fn find_under_way(rx: &mut Rx<'_>, scope: &Scope, asset: &str) -> Result<Option<LotId>> {
    let (from, to) = scope.range();
    let rows: Vec<(LotId, LotState)> = lots::table
        .filter(lots::collective_code.ge(from).and(lots::collective_code.lt(to)))
        .filter(lots::asset_id.eq(asset))
        .select((lots::id, lots::state))
        .load(rx.conn())?;
    Ok(rows.into_iter().find(|(_, state)| state.is_under_way()).map(|(id, _)| id))
}

/// A lot with its terms.
pub type LotWithTerms = (LotRow, TermsRow);

/// Who asks: the staff of a scope, or the public, who see what has been published.
#[derive(Debug, Clone, Copy)]
pub enum Reader<'a> {
    Staff(&'a Scope),
    Public,
}

/// No scope: the reader brings it.
pub fn find(rx: &mut Rx<'_>, reader: Reader<'_>, id: &LotId) -> Result<Option<LotWithTerms>> {
    let query = lots::table.inner_join(lot_terms::table.on(lot_terms::lot_id.eq(lots::id))).filter(lots::id.eq(id));
    Ok(match reader {
        Reader::Staff(scope) => {
            let (from, to) = scope.range();
            query
                .filter(lots::collective_code.ge(from).and(lots::collective_code.lt(to)))
                .first(rx.conn())
                .optional()?
        }
        // Asked of the row, not of the database: an `IN` list is prepared anew for every bid. A lot that was given up before
        // its notice was never public.
        Reader::Public => each_backend!(rx.conn(), |c| query.first::<LotWithTerms>(c))
            .optional()?
            .filter(|(lot, _)| PUBLIC_STATES.contains(&lot.state) && lot.published_at.is_some()),
    })
}

/// No scope: the lot, whoever asks, for steps whose right was proved otherwise.
pub fn get(rx: &mut Rx<'_>, id: &LotId) -> Result<LotWithTerms> {
    let query = lots::table.inner_join(lot_terms::table.on(lot_terms::lot_id.eq(lots::id))).filter(lots::id.eq(id));
    query.first(rx.conn()).optional()?.ok_or_else(|| (&NOT_FOUND).into())
}

/// No scope: the reader brings it. Newest first; `stage` with the moment at which it is asked.
pub fn list(
    rx: &mut Rx<'_>,
    reader: Reader<'_>,
    state: Option<LotState>,
    stage: Option<&StageBounds>,
    collective: Option<&str>,
    page: &PageRequest,
) -> Result<Vec<LotWithTerms>> {
    let limit = i64::try_from(page.limit()).unwrap_or(i64::MAX) + 1;
    let mut query = lots::table
        .inner_join(lot_terms::table.on(lot_terms::lot_id.eq(lots::id)))
        .order(lots::id.desc())
        .limit(limit)
        .into_boxed();
    query = match reader {
        Reader::Staff(scope) => {
            let (from, to) = scope.range();
            query.filter(lots::collective_code.ge(from).and(lots::collective_code.lt(to)))
        }
        Reader::Public => query.filter(lots::state.eq_any(PUBLIC_STATES).and(lots::published_at.is_not_null())),
    };
    if let Some(state) = state {
        query = query.filter(lots::state.eq(state));
    }
    if let Some(stage) = stage {
        query = query
            .filter(lots::state.eq_any(stage.states))
            .filter(lots::enrol_until.gt(stage.enrol_until.0).and(lots::enrol_until.le(stage.enrol_until.1)))
            .filter(lots::opens_at.gt(stage.opens_at.0).and(lots::opens_at.le(stage.opens_at.1)));
    }
    if let Some(code) = collective {
        query = query.filter(lots::collective_code.eq(code.to_owned()));
    }
    if let Some(after) = &page.after {
        query = query.filter(lots::id.lt(after.clone()));
    }
    Ok(query.load(rx.conn())?)
}

/// The public lots of a stage whose next hour comes first; of the ended ones, those that ended last.
pub fn list_public_board(rx: &mut Rx<'_>, stage: Stage, now: Timestamp, limit: i64) -> Result<Vec<LotWithTerms>> {
    let bounds = stage.bounds(now);
    let query = lots::table
        .inner_join(lot_terms::table.on(lot_terms::lot_id.eq(lots::id)))
        .filter(lots::state.eq_any(bounds.states).and(lots::published_at.is_not_null()))
        .filter(lots::enrol_until.gt(bounds.enrol_until.0).and(lots::enrol_until.le(bounds.enrol_until.1)))
        .filter(lots::opens_at.gt(bounds.opens_at.0).and(lots::opens_at.le(bounds.opens_at.1)))
        .limit(limit)
        .into_boxed();
    let query = match stage {
        Stage::Bidding => query.order((lots::closes_at, lots::id)),
        Stage::Enrolling => query.order((lots::enrol_until, lots::id)),
        Stage::Waiting => query.order((lots::opens_at, lots::id)),
        Stage::Ended => query.order((lots::ended_at.desc(), lots::id)),
    };
    Ok(query.load(rx.conn())?)
}

/// How many public lots are in a stage.
pub fn count_public(rx: &mut Rx<'_>, stage: Stage, now: Timestamp) -> Result<i64> {
    let bounds = stage.bounds(now);
    Ok(lots::table
        .filter(lots::state.eq_any(bounds.states).and(lots::published_at.is_not_null()))
        .filter(lots::enrol_until.gt(bounds.enrol_until.0).and(lots::enrol_until.le(bounds.enrol_until.1)))
        .filter(lots::opens_at.gt(bounds.opens_at.0).and(lots::opens_at.le(bounds.opens_at.1)))
        .select(count_star())
        .first(rx.conn())?)
}

/// Lots that open after `now` and not after `until`, in that order.
pub fn list_public_opening(rx: &mut Rx<'_>, now: Timestamp, until: Timestamp) -> Result<Vec<LotId>> {
    Ok(lots::table
        .filter(lots::state.eq(LotState::Published).and(lots::opens_at.gt(now)).and(lots::opens_at.le(until)))
        .order((lots::opens_at, lots::id))
        .select(lots::id)
        .load(rx.conn())?)
}

/// Who has published a lot.
pub fn list_public_collectives(rx: &mut Rx<'_>) -> Result<Vec<RegionCode>> {
    Ok(lots::table
        .filter(lots::state.eq_any(PUBLIC_STATES).and(lots::published_at.is_not_null()))
        .select(lots::collective_code)
        .distinct()
        .order(lots::collective_code)
        .load(rx.conn())?)
}

/// No scope: the asset was found in one. Whether another trade of it is under way, and how the newest one ended that had
/// a notice; an exercise was no trade.
pub fn trades_of(rx: &mut Rx<'_>, asset_id: &str) -> Result<(bool, Option<LotRow>)> {
    let rows: Vec<LotRow> = lots::table.filter(lots::asset_id.eq(asset_id)).order(lots::id.desc()).load(rx.conn())?;
    let busy = rows.iter().any(|lot| lot.state.is_under_way());
    let told = |lot: &LotRow| lot.published_at.is_some() && lot.state != LotState::Practised;
    Ok((busy, rows.into_iter().filter(|lot| !lot.state.is_under_way()).find(told)))
}

/// The lots of a notice that has several: public.
pub fn list_public_of_notice(rx: &mut Rx<'_>, notice_number: &str) -> Result<Vec<LotRow>> {
    let of_notice = lots::table.filter(lots::notice_number.eq(notice_number).and(lots::published_at.is_not_null()));
    Ok(of_notice.order(lots::number).load(rx.conn())?)
}

/// The same with their terms, as far as everybody sees them.
pub fn list_public_of_notice_with_terms(rx: &mut Rx<'_>, notice_number: &str) -> Result<Vec<LotWithTerms>> {
    Ok(lots::table
        .inner_join(lot_terms::table.on(lot_terms::lot_id.eq(lots::id)))
        .filter(lots::notice_number.eq(notice_number).and(lots::published_at.is_not_null()))
        .filter(lots::state.eq_any(PUBLIC_STATES))
        .order(lots::number)
        .load(rx.conn())?)
}

/// The next round of a lot, if it has a notice.
pub fn find_next_public(rx: &mut Rx<'_>, lot: &LotId) -> Result<Option<LotId>> {
    let next = lots::table.filter(lots::previous_lot.eq(lot).and(lots::published_at.is_not_null()));
    Ok(next.order(lots::id).select(lots::id).first(rx.conn()).optional()?)
}

/// No scope: trade numbers are public. How many begin with `prefix`.
pub fn count_numbers(rx: &mut Rx<'_>, prefix: &str) -> Result<i64> {
    // `~` is above every digit: the range is "begins with".
    Ok(lots::table
        .filter(lots::number.ge(prefix).and(lots::number.lt(format!("{prefix}~"))))
        .select(count_star())
        .first(rx.conn())?)
}

/// Locks the lot until the transaction ends.
pub fn lock(tx: &mut Tx<'_>, id: &LotId) -> Result<()> {
    tx.lock_row("lots", "id", id.as_str())
}
