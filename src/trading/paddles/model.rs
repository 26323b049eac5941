//! A paddle, and what is shown and told of it. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::{Id, Timestamp};

/// Marker of identifiers of paddles.
#[derive(Debug)]
pub struct HallPaddle;
pub type PaddleId = Id<HallPaddle>;

crate::text_enum! {
    /// How far a paddle has come. It is in the hall once; who comes again asks for another.
    pub enum PaddleState {
        Issued = "issued" => "已领，还没到现场核对",
        InHall = "in_hall" => "在现场",
        HandedBack = "handed_back" => "已交回",
        /// Another was asked for.
        Replaced = "replaced" => "已换领",
    }
}

impl PaddleState {
    /// Whether it is the bidder's paddle now.
    pub const fn is_in_use(self) -> bool {
        matches!(self, PaddleState::Issued | PaddleState::InHall)
    }
}

/// A paddle as its bidder sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Paddle)]
pub struct OwnPaddle {
    #[schema(value_type = String)]
    pub id: PaddleId,
    /// The bid number that stands on it.
    pub number: String,
    pub state: PaddleState,
    #[schema(value_type = String)]
    pub issued_at: Timestamp,
    /// Which officer checked it in.
    pub checked_in_by: Option<String>,
    #[schema(value_type = Option<String>)]
    pub checked_in_at: Option<Timestamp>,
    /// Who handed it back: the bidder, or the officer to whom its code was given.
    pub ended_by: Option<String>,
    #[schema(value_type = Option<String>)]
    pub ended_at: Option<Timestamp>,
    /// How often somebody gave a wrong code for it.
    pub wrong_codes: i32,
    pub version: i32,
}

/// A paddle with the code that is told this once.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = IssuedPaddle)]
pub struct Issued {
    pub paddle: OwnPaddle,
    /// For the slip; the server keeps a digest alone.
    #[schema(example = "7KQM 4XWR")]
    pub code: String,
}

/// What is shown at the desk of the hall.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ShownPaddle)]
pub struct Shown {
    #[schema(example = "03")]
    pub number: String,
    /// From the bidder's slip.
    #[schema(example = "7KQM 4XWR")]
    pub code: String,
}

/// A paddle of the hall as its desk sees it: a number, and no name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PaddleInHall {
    pub number: String,
    #[schema(value_type = String)]
    pub since: Timestamp,
}
