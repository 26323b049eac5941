//! Trades: from a collective's asset to an award that anyone can recompute.
//!
//! Promise: who may bid, what a bid must be and who wins is decided by pure functions from facts handed in as values; the
//! live lot, `xiangji replay` and the tests run the very same ones. Every command an auction is given is on record, refused
//! ones too. Bid numbers stand for names until the end.

pub mod auction;
pub mod award;
pub mod concerned;
pub mod confirmation;
pub mod draw;
pub mod enrolment;
mod erasure;
pub mod exclusions;
pub mod joint;
pub mod listing;
pub mod looks;
pub mod lots;
pub mod merits;
pub mod negotiation;
pub mod notices;
pub mod objections;
pub mod paddles;
pub mod papers;
pub mod price;
pub mod priority;
pub mod qualification;
pub mod questions;
pub mod ranking;
pub mod sealed;

pub use erasure::{accounts_of, erase, kept_of};

/// How a bid number is written everywhere: `03`.
pub fn bid_number(number: i32) -> String {
    format!("{number:02}")
}

/// Tables whose rows are in the log.
pub fn logged_tables() -> Vec<crate::db::LoggedTable> {
    vec![
        listing::store::LotRow::LOGGED,
        listing::store::TermsRow::LOGGED,
        listing::store::ReviewRow::LOGGED,
        notices::store::NoticeRow::LOGGED,
        questions::store::QuestionRow::LOGGED,
        enrolment::store::EnrolmentRow::LOGGED,
        joint::store::PartnerRow::LOGGED,
        looks::store::BidderLookRow::LOGGED,
        looks::store::LookRequestRow::LOGGED,
        paddles::store::PaddleRow::LOGGED,
        priority::store::RightRow::LOGGED,
        qualification::store::PaperRow::LOGGED,
        merits::store::ClaimRow::LOGGED,
        draw::store::PartyRow::LOGGED,
        draw::store::RoundRow::LOGGED,
        ranking::store::RankingRow::LOGGED,
        exclusions::store::ExclusionRow::LOGGED,
        auction::store::AuctionRow::LOGGED,
        auction::store::CommandRow::LOGGED,
        award::store::AwardRow::LOGGED,
        objections::store::ObjectionRow::LOGGED,
        confirmation::store::ConfirmationRow::LOGGED,
        negotiation::store::NegotiationRow::LOGGED,
        sealed::store::TrusteeRow::LOGGED,
        sealed::store::SealedBidRow::LOGGED,
        sealed::store::ReserveRow::LOGGED,
        sealed::store::ShareRow::LOGGED,
        sealed::store::OpeningRow::LOGGED,
    ]
}

/// What the rows of trades must say of each other.
pub fn checks() -> Vec<crate::log::Check> {
    vec![
        auction::CHECK,
        enrolment::CHECK,
        priority::CHECK,
        qualification::CHECK,
        merits::CHECK,
        looks::CHECK,
        paddles::CHECK,
        draw::CHECK,
        ranking::CHECK,
        sealed::CHECK,
        confirmation::CHECK,
        negotiation::CHECK,
    ]
}

/// JSON API of trades.
pub fn api_routes(config: &mut crate::web::Routes<'_>) {
    // Addresses are tried in this order, and bids are in a hurry.
    config
        .configure(auction::api::routes)
        .configure(lots::api::routes)
        .configure(listing::api::routes)
        .configure(notices::api::routes)
        .configure(questions::api::routes)
        .configure(enrolment::api::routes)
        .configure(joint::api::routes)
        .configure(priority::api::routes)
        .configure(qualification::api::routes)
        .configure(merits::api::routes)
        .configure(draw::api::routes)
        .configure(ranking::api::routes)
        .configure(looks::api::routes)
        .configure(paddles::api::routes)
        .configure(exclusions::api::routes)
        .configure(sealed::api::routes)
        .configure(objections::api::routes)
        .configure(confirmation::api::routes)
        .configure(negotiation::api::routes);
}

/// Pages for everybody and for bidders.
pub fn market_routes(config: &mut actix_web::web::ServiceConfig) {
    config
        .configure(lots::pages::routes)
        .configure(notices::pages::market_routes)
        .configure(questions::pages::market_routes)
        .configure(objections::pages::market_routes)
        .configure(confirmation::pages::market_routes)
        .configure(negotiation::pages::market_routes)
        .configure(auction::pages::routes)
        .configure(auction::own_pages::routes)
        .configure(paddles::pages::routes)
        .configure(sealed::pages::routes)
        .configure(joint::pages::routes)
        .configure(priority::pages::routes)
        .configure(qualification::pages::routes)
        .configure(merits::pages::routes)
        .configure(draw::pages::routes)
        .configure(ranking::pages::market_routes)
        .configure(enrolment::pages::routes);
}

/// Pages of trades for the staff.
pub fn desk_routes(config: &mut actix_web::web::ServiceConfig) {
    config
        .configure(sealed::opening_pages::routes)
        .configure(sealed::reserve_pages::routes)
        .configure(sealed::trustee_pages::routes)
        .configure(notices::pages::desk_routes)
        .configure(questions::pages::desk_routes)
        .configure(confirmation::pages::desk_routes)
        .configure(listing::page_routes)
        .configure(enrolment::desk_pages::routes)
        .configure(enrolment::ended_pages::routes)
        .configure(looks::pages::routes)
        .configure(paddles::desk_pages::routes)
        .configure(priority::desk_pages::routes)
        .configure(qualification::desk_pages::routes)
        .configure(merits::desk_pages::routes)
        .configure(exclusions::pages::routes)
        .configure(auction::steering_pages::routes);
}
