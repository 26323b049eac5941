//! From an asset to a public notice: draft, the collective's decision, the township's review, publication.
//!
//! Promise: the terms are checked against the asset and the policies of the place and day, and stand fixed once they are
//! published; who reviews is never who drafted or submitted; a notice stands its working days before the auction; an asset
//! is in one trade at a time.

pub mod api;
mod comparables;
mod dossier;
mod form;
mod form_notice;
mod model;
mod pages;
mod pages_draft;
mod pages_publish;
mod pages_review;
mod pages_submit;
mod relist;
mod rounds;
mod rules;
mod service;
pub(super) mod store;
mod together;

pub use comparables::{Comparable, Comparables};
pub use dossier::{Dossier, Reviewed, Waiting, dossier, live_today, starting_point, under_way, waiting};
pub(super) use model::method_words;
pub use model::{
    Attachment, DealForm, Decision, DecisionDraft, DrawTerms, Lot, LotDraft, LotId, LotState, Method, MethodDraft,
    NamedTrustee, NoticeDraft, NoticeFields, Phase, PriceCut, PriceWords, PriorityRights, QualificationTerms,
    RentIncrease, ReserveCommitment, Review, Schedule, SealedTerms, Stage, StageBounds, Terms,
};
pub use relist::{Relisting, relist};
pub(in crate::trading) use rounds::back_from;
pub use rounds::{Round, rounds};
pub use rules::{ALL as CODES, Hours, earliest_opening, next_actor, phase};
pub(super) use rules::{SAME_PERSON, check_level, check_schedule, check_vote, deal, must_be, read_decision};
pub use service::{change, draft, publish, review, submit};
pub(super) use service::{conclude, of_meeting, read_correction, undo};
pub use together::{Beside, JointNotice, JointlyPublished, LotSeen, beside, publish_together};

/// Pages of the staff, in the order in which their addresses are tried.
pub fn page_routes(config: &mut actix_web::web::ServiceConfig) {
    config
        .configure(pages_draft::routes)
        .configure(pages_review::routes)
        .configure(pages_publish::routes)
        .configure(pages::routes);
}
