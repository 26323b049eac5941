//! What the staff see of one listing: the lot, who did what when, and what each review said about which terms; and how
//! much waits for whom. Reads only.

use super::{
    comparables::{Comparables, comparables},
    model::{Change, DecisionDraft, LotDraft, LotId, LotState, Terms, changes},
    rules::{self, Check, ReviewFacts},
    service,
    store::{self, LotRow, Reader},
};
use crate::{
    access::{self, Allowed, may},
    assets,
    calendar::Calendar,
    db::{Error, Result, Rx},
    kernel::{FieldError, Timestamp, error::NOT_FOUND},
    policy::{PolicyBook, Rules},
    trading::{
        lots::{self, LotView, Viewer},
        negotiation,
        price::PriceUnit,
        questions,
    },
};

/// A review as it stands on record.
#[derive(Debug, Clone)]
pub struct Reviewed {
    pub at: Timestamp,
    pub by: String,
    pub approved: bool,
    pub note: String,
    /// Title and terms that were looked at.
    pub title: String,
    pub terms: Terms,
}

/// A listing in full, for the staff of its place.
#[derive(Debug, Clone)]
pub struct Dossier {
    pub lot: LotView,
    pub created_at: Timestamp,
    /// Names of the people.
    pub drafted_by: String,
    pub submitted_by: Option<String>,
    pub published_by: Option<String>,
    /// The account that looks drafted or submitted it.
    pub own_work: bool,
    /// The newest first.
    pub reviews: Vec<Reviewed>,
    /// The rules of the place today; `None` where some are missing.
    pub policies: Option<Rules>,
    /// What was paid lately for the like.
    pub comparables: Comparables,
    /// The newest negotiation about the lot.
    pub negotiation: Option<negotiation::State>,
    /// The lot may be let by negotiation now.
    pub negotiable: bool,
    /// Questions about the notice that wait for an answer.
    pub questions_open: i64,
    /// The rules of the day on which the collective decided.
    pub meeting: Option<Rules>,
}

impl Dossier {
    /// What has changed since the listing was last sent back; empty where it never was.
    pub fn changes(&self) -> Vec<Change> {
        let last = self.reviews.iter().find(|r| !r.approved);
        last.map(|r| changes((&r.title, &r.terms), (&self.lot.title, &self.lot.terms))).unwrap_or_default()
    }

    /// The reviewer's list; empty where the place has no rules.
    pub fn checklist(&self, calendar: &Calendar) -> Vec<Check> {
        let (Some(policies), Some(meeting)) = (&self.policies, &self.meeting) else { return Vec::new() };
        let (today, own_work) = (self.lot.now.day(), self.own_work);
        let facts = ReviewFacts { today, own_work, policies, meeting, calendar };
        rules::checklist(&self.lot.terms, &facts)
    }

    /// What is lacking before it can go to the township; nothing can be said where the place has no rules.
    pub fn lacking(&self) -> Vec<FieldError> {
        let Some(meeting) = &self.meeting else { return Vec::new() };
        rules::lacking(&self.lot.terms, self.lot.now.day(), meeting)
    }

    /// What holds of the decision in this place: what, in words, and on which basis.
    pub fn decision_rules(&self) -> Vec<(&'static str, String, String)> {
        let Some(rules) = &self.meeting else { return Vec::new() };
        let (terms, mut lines) = (&self.lot.terms, Vec::new());
        if let Some(needed) = rules.deciders(&rules::deal(terms)) {
            let names: Vec<&str> = needed.value.bodies.iter().map(|body| body.label()).collect();
            lines.push(("可以由谁表决", names.join("、"), needed.basis));
        }
        if let Some(vote) = terms.decision.as_ref().and_then(|d| rules.vote(d.body?)) {
            let (quorum, majority) = (vote.value.quorum.words(), vote.value.majority);
            let words = format!("应到的 {quorum} 到会；{}人数的 {}赞成", majority.of.label(), majority.share.words());
            lines.push(("人数", words, vote.basis.clone()));
        }
        let days = &rules.decision_publicity_days;
        lines.push(("决议公示", format!("不少于 {} 日", days.value), days.basis.clone()));
        lines
    }

    /// As the form would be filled in.
    pub fn draft(&self) -> LotDraft {
        LotDraft::of_terms(&self.lot.asset_id, &self.lot.title, &self.lot.terms)
    }
}

/// The listing, if it lies in the actor's scope: what others have published is read at its public page.
///
/// Errors: `not_found`.
pub fn dossier(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReadListings>,
    calendar: &Calendar,
    policies: &PolicyBook,
    id: &LotId,
    now: Timestamp,
) -> Result<Dossier> {
    let (row, _) = store::find(rx, Reader::Staff(&allowed.scope), id)?.ok_or(&NOT_FOUND)?;
    let lot = lots::get(rx, Viewer::Staff(allowed), calendar, id, now)?;
    let reviews = store::list_reviews(rx, id)?
        .into_iter()
        .map(|review| {
            let (title, terms) = serde_json::from_str(&review.terms)
                .map_err(|e| Error::Internal(format!("terms of review {}: {e}", review.id)))?;
            let by = access::display_name(rx, &review.reviewed_by)?;
            Ok(Reviewed { at: review.at, by, approved: review.approved, note: review.note, title, terms })
        })
        .collect::<Result<_>>()?;
    let LotRow { drafted_by, submitted_by, published_by, created_at, collective_code, .. } = row;
    let me = allowed.actor.account.as_str();
    Ok(Dossier {
        own_work: drafted_by == me || submitted_by.as_deref() == Some(me),
        drafted_by: access::display_name(rx, &drafted_by)?,
        submitted_by: submitted_by.map(|id| access::display_name(rx, &id)).transpose()?,
        published_by: published_by.map(|id| access::display_name(rx, &id)).transpose()?,
        policies: policies.rules_for(&collective_code, now.day()).ok(),
        comparables: comparables(rx, &collective_code, &lot.terms)?,
        negotiation: negotiation::newest(rx, id)?,
        negotiable: lot.state == LotState::Failed
            && negotiation::why_not(rx, policies, id, now.day()).is_ok_and(|why| why.is_none()),
        questions_open: questions::count_open(rx, allowed, id)?,
        meeting: service::of_meeting(policies, &collective_code, &lot.terms, now).ok(),
        lot,
        created_at,
        reviews,
    })
}

/// A draft to begin with, and where its values come from.
#[derive(Debug, Clone)]
pub struct StartingPoint {
    pub asset: assets::AssetView,
    pub draft: LotDraft,
    /// A sentence that says what was taken over from which lot.
    pub taken_from: Option<String>,
    /// A trade of the asset that is under way: there can be no second.
    pub under_way: Option<LotId>,
}

/// What a new listing of an asset begins with: the last lot of the same asset, or the conditions and the contact of the
/// collective's last one. The decision is always a new one.
///
/// Errors: `not_found`.
pub fn starting_point(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::DraftListings>,
    asset: &assets::AssetId,
) -> Result<StartingPoint> {
    let asset = assets::find_asset(rx, &allowed.scope, asset)?.ok_or(&NOT_FOUND)?;
    let under_way = store::find_under_way(rx, &allowed.scope, asset.id.as_str())?;
    let unit = match (asset.facts.class.is_land(), asset.facts.area) {
        (true, Some(_)) => PriceUnit::PerMuYear,
        (true, None) => PriceUnit::PerYear,
        (false, _) => PriceUnit::PerMonth,
    };
    let form = if asset.facts.class.is_land() { super::DealForm::Contract } else { super::DealForm::Lease };
    let bare = LotDraft::of_asset(asset.id.as_str(), form, 0, unit);
    let latest = store::find_latest(rx, &allowed.scope, asset.id.as_str(), &asset.collective_code)?;
    let (draft, taken_from) = match latest {
        None => (bare, None),
        Some((row, terms)) => {
            let last = LotDraft::of_terms(asset.id.as_str(), "", &terms.terms()?);
            let (draft, taken) = if row.asset_id == asset.id.as_str() {
                let draft = LotDraft {
                    starts_on: None,
                    decision_document: None,
                    decision_on: None,
                    decision_summary: String::new(),
                    decision: DecisionDraft::default(),
                    ..last
                };
                (draft, "各项内容")
            } else {
                (LotDraft { conditions: last.conditions, contact: last.contact, ..bare }, "竞买人条件和联系人")
            };
            (draft, Some(format!("{taken}取自“{}”，请逐项核对。", row.title)))
        }
    };
    Ok(StartingPoint { asset, draft, taken_from, under_way })
}

/// The trade of an asset that is under way.
pub fn under_way(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadListings>, asset: &str) -> Result<Option<LotId>> {
    store::find_under_way(rx, &allowed.scope, asset)
}

/// How many listings of a scope wait in a state.
#[derive(Debug, Clone, Default)]
pub struct Waiting(Vec<(LotState, i64)>);

impl Waiting {
    pub fn count(&self, state: LotState) -> i64 {
        self.0.iter().find(|(s, _)| *s == state).map_or(0, |(_, n)| *n)
    }
}

/// How many listings wait in each state.
pub fn waiting(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadListings>) -> Result<Waiting> {
    store::count_by_state(rx, &allowed.scope).map(Waiting)
}

/// Auctions that run now or open today: identifier, title, opening.
pub fn live_today(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReadListings>,
    now: Timestamp,
) -> Result<Vec<(LotId, String, Timestamp)>> {
    store::list_live(rx, &allowed.scope, now.day().end())
}
