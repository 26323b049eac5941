//! What is offered, on which terms, and how far the offer has come. Pure.

mod decision;
mod lines;
mod merit_words;
mod method;
pub mod method_words;
mod price_words;
mod notice;
mod priority_rights;
mod qualification;
mod state;

pub use decision::{Decision, DecisionDraft, PriceCut};
pub use lines::{Change, Part, changes, lines, term_text};
pub use method::{
    AfterClockTerms, DrawTerms, Falling, FinalPeriod, Method, MethodDraft, NamedTrustee, OutageRule, RentIncrease,
    ReserveCommitment, SealedTerms, StepFrom, TurnTerms,
};
pub use notice::{Attachment, NoticeDraft, NoticeFields};
pub use price_words::PriceWords;
pub use priority_rights::PriorityRights;
pub use qualification::QualificationTerms;
pub use state::{LotState, OPEN_TO_ANOTHER_ROUND, PUBLIC_STATES, Phase, Stage, StageBounds};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    kernel::{Area, Day, Fen, Id, Timestamp},
    policy::PlatformLevel,
    trading::{
        auction::{Direction, Mode},
        merits::Merit,
        price::{self, PriceTerms, PriceUnit},
        priority::Kind,
        qualification::Timing,
    },
};

/// Marker of lot identifiers.
#[derive(Debug)]
pub struct Lot;
pub type LotId = Id<Lot>;

crate::text_enum! {
    /// How the asset is dealt (交易方式).
    pub enum DealForm {
        Lease = "lease" => "出租",
        /// Contracting of land, ponds, woods (发包).
        Contract = "contract" => "发包",
        Transfer = "transfer" => "转让",
        Grant = "grant" => "出让",
        /// The collective gives the land, the other side builds and hands over a part of it (合作建设).
        Cooperation = "cooperation" => "合作建设",
        /// The collective pays: works or services at its asset, and the lowest price wins.
        Service = "service" => "采购服务",
    }
}

impl DealForm {
    /// Where better prices lie: who lets or sells wants more, who buys pays less.
    pub fn direction(self) -> Direction {
        if self == DealForm::Service { Direction::Down } else { Direction::Up }
    }
}

/// What the assets' ledger knows of the asset, as far as a listing needs it.
#[derive(Debug, Clone)]
pub struct AssetFacts {
    pub collective_code: String,
    pub name: String,
    /// The word of its class, by which policies set limits.
    pub class: String,
    pub location: String,
    pub area: Option<Area>,
    /// It is gone and cannot be offered.
    pub disposed: bool,
}

/// What a collective fills in. Amounts and days as people type them; the rules read them.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LotDraft {
    /// Identifier of the asset.
    pub asset_id: String,
    /// Title of the notice; made from the asset where it is empty.
    #[serde(default)]
    pub title: String,
    pub form: DealForm,
    /// What the asset may be used for.
    #[serde(default)]
    pub usage: String,
    /// Length of the contract in months; 0 for a transfer.
    pub term_months: u32,
    /// First day of the contract, where it is fixed.
    #[serde(default)]
    pub starts_on: Option<String>,
    /// `m2`, square metres of floor area that are handed over to the collective, with the form `cooperation` alone.
    pub price_unit: PriceUnit,
    /// Where prices are floor area: what the area of the opening price is worth in yuan by an appraisal or the collective's
    /// decision. Who decides, on which platform, and the deposit's bounds go by it. Empty with every other unit.
    #[serde(default)]
    #[schema(example = "9720000.00")]
    pub estimated_value: Option<String>,
    /// Least first bid, in the price unit. While it is empty, step and deposit may be empty too: they are filled in before
    /// the draft is submitted.
    #[schema(example = "700.00")]
    pub opening_price: String,
    /// Below it there is no sale. It is sealed and shown to nobody before the end: left out, one that was given before stays;
    /// `无` takes it away.
    #[serde(default)]
    pub reserve_price: Option<String>,
    #[serde(default)]
    pub ceiling_price: Option<String>,
    /// Least raise.
    #[schema(example = "10.00")]
    pub step_min: String,
    /// Greatest raise at once.
    #[serde(default)]
    pub step_max: Option<String>,
    /// Bids are whole multiples of it above the opening price.
    #[serde(default)]
    pub step_multiple: Option<String>,
    /// Deposit for the whole lot, in yuan.
    #[schema(example = "10000.00")]
    pub deposit: String,
    /// Fewest bidders for a sale; the policy's number where it is left out.
    #[serde(default)]
    pub min_bidders: Option<u32>,
    /// How often the end may move; without limit where it is left out.
    #[serde(default)]
    pub max_extensions: Option<u32>,
    /// Who goes first at an equal price (members of the collective, the sitting tenant); empty: nobody.
    #[serde(default)]
    pub priority: String,
    /// Kinds of priority rights, the first goes first: `member`, `household`, `sitting_tenant`, `co_owner`, `agreed`. With them
    /// `priority` only explains.
    #[serde(default)]
    pub priority_kinds: Vec<Kind>,
    /// So many hours before the end of enrolment claims of them end; 0 where it is left out.
    #[serde(default)]
    pub priority_claim_h: Option<u32>,
    /// Who may bid.
    #[serde(default)]
    pub conditions: String,
    /// Whether papers show that, examined before the auction or, of who won alone, after it.
    #[serde(default)]
    pub qualification: Timing,
    /// Which papers, in words.
    #[serde(default)]
    #[schema(example = "营业执照、近三年养殖业绩证明")]
    pub qualification_papers: String,
    #[serde(default)]
    pub remarks: String,
    /// Whom to ask: an office and its number, as it will stand in the notice.
    #[serde(default)]
    pub contact: String,
    /// Identifier of the document that holds the minutes of the decision.
    #[serde(default)]
    pub decision_document: Option<String>,
    #[serde(default)]
    pub decision_on: Option<String>,
    /// What else the minutes say.
    #[serde(default)]
    pub decision_summary: String,
    /// Who decided, with the numbers of the vote and its publicity.
    #[serde(default)]
    pub decision: DecisionDraft,
    /// What the notice says besides.
    #[serde(default)]
    pub notice: NoticeDraft,
    /// How the price is found; an open auction by plain steps where it is left out.
    #[serde(default)]
    pub method: MethodDraft,
}

/// The terms as they stand: read, checked, with the asset's facts of the day of drafting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Terms {
    pub asset_name: String,
    /// Word of the asset's class.
    pub asset_class: String,
    pub asset_location: String,
    #[schema(value_type = Option<String>)]
    pub asset_area: Option<Area>,
    pub form: DealForm,
    pub usage: String,
    pub term_months: u32,
    #[schema(value_type = Option<String>)]
    pub starts_on: Option<Day>,
    pub price_unit: PriceUnit,
    /// Of the area of the opening price, where prices are floor area.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub estimated_value: Option<Fen>,
    #[schema(value_type = String, example = "700.00")]
    pub opening_price: Fen,
    /// Null for everybody until the end.
    #[schema(value_type = Option<String>)]
    pub reserve_price: Option<Fen>,
    #[serde(default)]
    pub has_reserve: bool,
    #[schema(value_type = Option<String>)]
    pub ceiling_price: Option<Fen>,
    #[schema(value_type = String, example = "10.00")]
    pub step_min: Fen,
    #[schema(value_type = Option<String>)]
    pub step_max: Option<Fen>,
    #[schema(value_type = Option<String>)]
    pub step_multiple: Option<Fen>,
    #[schema(value_type = String, example = "10000.00")]
    pub deposit: Fen,
    pub min_bidders: u32,
    /// A bid in the last `window_s` seconds moves the end to its own time + `by_s`.
    pub window_s: u32,
    pub by_s: u32,
    pub max_extensions: Option<u32>,
    pub priority: String,
    pub conditions: String,
    pub remarks: String,
    pub contact: String,
    pub decision_document: Option<String>,
    #[schema(value_type = Option<String>)]
    pub decision_on: Option<Day>,
    pub decision_summary: String,
    /// Working days the notice stands before the auction.
    pub notice_days: u32,
    /// Working days the result is published.
    pub result_days: u32,
    /// Null: an open auction by plain steps.
    #[serde(default)]
    pub method: Option<Method>,
    /// Null for a lot of an older version: the summary says it in words.
    #[serde(default)]
    pub decision: Option<Decision>,
    #[serde(default)]
    pub notice: Option<NoticeFields>,
    /// The platform that the place's thresholds ask for; fixed with the notice.
    #[serde(default)]
    pub level: Option<PlatformLevel>,
    /// Null: none, or those of an older program, which stand in `priority` in words.
    #[serde(default)]
    pub priority_rights: Option<PriorityRights>,
    /// Null: no papers are examined, the deposit alone admits.
    #[serde(default)]
    pub qualification: Option<QualificationTerms>,
}

impl LotDraft {
    /// An asset that is going to be offered: everything else is still open.
    pub fn of_asset(asset_id: &str, form: DealForm, term_months: u32, price_unit: PriceUnit) -> LotDraft {
        LotDraft {
            asset_id: asset_id.to_owned(),
            title: String::new(),
            form,
            usage: String::new(),
            term_months,
            starts_on: None,
            price_unit,
            estimated_value: None,
            opening_price: String::new(),
            reserve_price: None,
            ceiling_price: None,
            step_min: String::new(),
            step_max: None,
            step_multiple: None,
            deposit: String::new(),
            min_bidders: None,
            max_extensions: None,
            priority: String::new(),
            priority_kinds: Vec::new(),
            priority_claim_h: None,
            conditions: String::new(),
            qualification: Timing::None,
            qualification_papers: String::new(),
            remarks: String::new(),
            contact: String::new(),
            decision_document: None,
            decision_on: None,
            decision_summary: String::new(),
            decision: DecisionDraft::default(),
            notice: NoticeDraft::default(),
            method: MethodDraft::default(),
        }
    }

    /// As it would be filled in to give these terms.
    pub fn of_terms(asset_id: &str, title: &str, terms: &Terms) -> LotDraft {
        let amount = |fen: Option<Fen>| fen.map(|fen| fen.to_string());
        // Unpriced terms: an empty price, not one of nothing.
        let price = |fen: Fen| if terms.is_priced() { fen.to_string() } else { String::new() };
        LotDraft {
            asset_id: asset_id.to_owned(),
            title: title.to_owned(),
            form: terms.form,
            usage: terms.usage.clone(),
            term_months: terms.term_months,
            starts_on: terms.starts_on.map(|day| day.to_string()),
            price_unit: terms.price_unit,
            estimated_value: amount(terms.estimated_value),
            opening_price: price(terms.opening_price),
            reserve_price: amount(terms.reserve_price),
            ceiling_price: amount(terms.ceiling_price),
            step_min: price(terms.step_min),
            step_max: amount(terms.step_max),
            step_multiple: amount(terms.step_multiple),
            deposit: price(terms.deposit),
            min_bidders: Some(terms.min_bidders),
            max_extensions: terms.max_extensions,
            priority: terms.priority.clone(),
            priority_kinds: terms.priority_rights.iter().flat_map(|rights| rights.order.clone()).collect(),
            priority_claim_h: terms.priority_rights.as_ref().map(|rights| rights.claim_hours_before),
            conditions: terms.conditions.clone(),
            qualification: terms.timing(),
            qualification_papers: terms.qualification.as_ref().map(|q| q.papers.clone()).unwrap_or_default(),
            remarks: terms.remarks.clone(),
            contact: terms.contact.clone(),
            decision_document: terms.decision_document.clone(),
            decision_on: terms.decision_on.map(|day| day.to_string()),
            decision_summary: terms.decision_summary.clone(),
            decision: terms.decision.as_ref().map(Decision::draft).unwrap_or_default(),
            notice: terms.notice.as_ref().map(NoticeFields::draft).unwrap_or_default(),
            method: terms.method.as_ref().map(Method::draft).unwrap_or_default(),
        }
    }
}

impl Terms {
    /// Whether the prices have been filled in.
    pub fn is_priced(&self) -> bool {
        self.opening_price > Fen::ZERO
    }

    /// How the price is found.
    pub fn mode(&self) -> Mode {
        self.method.as_ref().map_or(Mode::Ascending, |method| method.mode)
    }

    /// Where better prices lie.
    pub fn direction(&self) -> Direction {
        self.form.direction()
    }

    /// What its prices are called.
    pub fn words(&self) -> &'static PriceWords {
        PriceWords::of(self.direction(), self.price_unit)
    }

    /// Whether the lowest price wins.
    pub fn is_purchase(&self) -> bool {
        self.direction() == Direction::Down
    }

    /// Who opens the bids; sealed auctions only.
    pub fn sealed(&self) -> Option<&SealedTerms> {
        self.method.as_ref().and_then(|method| method.sealed.as_ref())
    }

    /// What is drawn among equals, if anything is.
    pub fn draw(&self) -> Option<DrawTerms> {
        self.method.as_ref().and_then(|method| method.draw)
    }

    /// What decides among several at the ceiling, where that is no draw.
    pub fn ceiling_criterion(&self) -> Option<&str> {
        self.method.as_ref().and_then(|method| method.ceiling_criterion.as_deref())
    }

    /// What counts beside the price; empty: prices alone are compared.
    pub fn merits(&self) -> &[Merit] {
        self.method.as_ref().map_or(&[], |method| method.merits.as_slice())
    }

    /// An exercise: nobody wins.
    pub fn is_practice(&self) -> bool {
        self.method.as_ref().is_some_and(|method| method.practice)
    }

    /// What a price is for; `None` where it is for an area that nobody knows.
    pub fn price_terms(&self) -> Option<PriceTerms> {
        let unit = self.price_unit;
        let quantity = match unit {
            PriceUnit::PerMuYear => Some(self.asset_area?.mu_hundredths()),
            PriceUnit::PerSquareMetreMonth | PriceUnit::PerSquareMetreYear => Some(self.asset_area?.0),
            PriceUnit::PerYear | PriceUnit::PerMonth | PriceUnit::Whole | PriceUnit::FloorArea => None,
        };
        let increases = self.method.iter().flat_map(|method| method.increases.iter().map(RentIncrease::as_increase));
        let term_months = i64::from(self.term_months);
        Some(PriceTerms { unit, quantity, term_months, increases: increases.collect() })
    }

    /// What a price comes to over the whole term, in yuan; `None` where it cannot be told (no area), is no money or is out of range.
    /// Parts of a year count by the month, parts of a mu by the hundredth; rounded once (`trading::price`).
    pub fn total(&self, price: Fen) -> Option<Fen> {
        price::total(&self.price_terms()?, price)
    }

    /// The floor area that a price is, where it is no money.
    pub fn floor_area(&self, price: Fen) -> Option<Area> {
        (!self.price_unit.is_money()).then_some(Area(price.0))
    }

    /// By how many yuan policies look at a price: its total; of floor area the estimated value, in proportion to the price.
    pub fn worth(&self, price: Fen) -> Option<Fen> {
        if self.price_unit.is_money() {
            return self.total(price);
        }
        price::in_proportion(self.estimated_value?, price, self.opening_price)
    }
}

/// When a lot is published: its hours, chosen by the trading officer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Last moment to enrol and to pay the deposit.
    #[schema(value_type = String, example = "2026-03-11T17:00:00+08:00")]
    pub enrol_until: Timestamp,
    /// The auction begins.
    #[schema(value_type = String, example = "2026-03-12T09:30:00+08:00")]
    pub opens_at: Timestamp,
    /// The auction ends, extensions not counted.
    #[schema(value_type = String, example = "2026-03-12T10:00:00+08:00")]
    pub closes_at: Timestamp,
}

/// What a reviewer says.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// True: approved. False: sent back.
    pub approve: bool,
    /// What has to be changed; must be there where it is sent back.
    #[serde(default)]
    pub note: String,
}
