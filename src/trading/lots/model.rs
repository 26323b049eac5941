//! What is shown of a lot. Pure.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    kernel::{Day, Fen, Timestamp, codes::RegionCode},
    trading::{
        auction::Live,
        award::Award,
        listing::{LotId, LotState, Phase, PriceUnit, Terms},
    },
};

/// A lot in full.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LotView {
    #[schema(value_type = String)]
    pub id: LotId,
    /// Number of the trade, from the notice on.
    pub number: Option<String>,
    pub collective_code: RegionCode,
    pub collective_name: String,
    pub asset_id: String,
    pub title: String,
    /// The how-manieth attempt to trade this asset.
    pub round: i32,
    pub state: LotState,
    /// The state with the clock taken into account.
    pub phase: Phase,
    pub terms: Terms,
    /// Whether there is a reserve price; its amount is kept from the public until the end.
    pub has_reserve: bool,
    /// What the opening price comes to over the term.
    #[schema(value_type = Option<String>)]
    pub opening_total: Option<Fen>,
    #[schema(value_type = Option<String>)]
    pub submitted_at: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    pub reviewed_at: Option<Timestamp>,
    /// What the reviewer wrote; null for the public.
    pub review_note: Option<String>,
    #[schema(value_type = Option<String>)]
    pub published_at: Option<Timestamp>,
    /// Last moment to enrol and to pay the deposit.
    #[schema(value_type = Option<String>)]
    pub enrol_until: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    pub opens_at: Option<Timestamp>,
    /// The planned end; the real one is in `live`.
    #[schema(value_type = Option<String>)]
    pub closes_at: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    pub ended_at: Option<Timestamp>,
    /// For an approved lot: the earliest day on which its auction could be held if it were published now.
    #[schema(value_type = Option<String>)]
    pub earliest_opening: Option<Day>,
    /// From the notice on.
    pub live: Option<Live>,
    /// What the current price comes to over the term.
    #[schema(value_type = Option<String>)]
    pub price_total: Option<Fen>,
    /// From the end on.
    pub award: Option<Award>,
    /// The server's time of this picture.
    #[schema(value_type = String)]
    pub now: Timestamp,
    pub version: i32,
}

/// A lot in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LotSummary {
    #[schema(value_type = String)]
    pub id: LotId,
    pub number: Option<String>,
    pub collective_code: RegionCode,
    pub collective_name: String,
    pub title: String,
    pub asset_name: String,
    pub round: i32,
    pub state: LotState,
    pub phase: Phase,
    pub price_unit: PriceUnit,
    #[schema(value_type = String, example = "700.00")]
    pub opening_price: Fen,
    #[schema(value_type = String)]
    pub deposit: Fen,
    pub term_months: u32,
    /// The current or last price.
    #[schema(value_type = Option<String>)]
    pub price: Option<Fen>,
    #[schema(value_type = Option<String>)]
    pub published_at: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    pub enrol_until: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    pub opens_at: Option<Timestamp>,
    /// The end as it stands, extensions included.
    #[schema(value_type = Option<String>)]
    pub end_at: Option<Timestamp>,
    #[schema(value_type = String)]
    pub updated_at: Timestamp,
    pub version: i32,
}

/// How a public lot stands at one moment: what the live stream says.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Moment {
    pub phase: Phase,
    pub live: Live,
    /// What the current price comes to over the term.
    #[schema(value_type = Option<String>)]
    pub price_total: Option<Fen>,
    #[schema(value_type = String)]
    pub opens_at: Timestamp,
    /// The server's time.
    #[schema(value_type = String)]
    pub now: Timestamp,
    pub award: Option<Award>,
}
