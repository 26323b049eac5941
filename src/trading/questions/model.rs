//! A question and its answer. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::{Id, Timestamp};

/// Marker of identifiers of questions.
#[derive(Debug)]
pub struct QuestionRecord;
pub type QuestionId = Id<QuestionRecord>;

/// What a bidder wants to know.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LotQuestion)]
pub struct Question {
    #[schema(example = "水电由谁接入？")]
    pub question: String,
}

/// What the platform says.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LotAnswer)]
pub struct Answer {
    #[schema(example = "由承租人自行申请，村里配合办理。")]
    pub answer: String,
}

/// A question as it is shown: nobody is named in it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QuestionView {
    #[schema(value_type = String)]
    pub id: QuestionId,
    #[schema(value_type = String)]
    pub lot_id: Id<crate::trading::listing::Lot>,
    pub question: String,
    #[schema(value_type = String)]
    pub asked_at: Timestamp,
    /// Null while it waits; then only who asked and the staff see the question.
    pub answer: Option<String>,
    #[schema(value_type = Option<String>)]
    pub answered_at: Option<Timestamp>,
}
