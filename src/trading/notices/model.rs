//! Versions of a notice and what a correction says. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    kernel::Timestamp,
    trading::listing::{NoticeDraft, Schedule, Terms},
};

/// What is put right; what is left out stays as it is.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// Why; stands in the notice.
    #[serde(default)]
    pub reason: String,
    pub title: Option<String>,
    pub usage: Option<String>,
    pub conditions: Option<String>,
    pub priority: Option<String>,
    pub remarks: Option<String>,
    pub contact: Option<String>,
    /// The further fields, all of them.
    pub notice: Option<NoticeDraft>,
    /// Later hours. Where they are left out and the correction matters, the earliest that the rules allow.
    pub schedule: Option<Schedule>,
}

/// A version of a notice in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NoticeBrief {
    /// 1 for the notice as it went out.
    pub number: i32,
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Why it was corrected; empty for the first.
    pub reason: String,
    /// Whether the correction mattered, so that time was added.
    pub material: bool,
}

/// A version of a notice in full.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NoticeVersion {
    #[serde(flatten)]
    pub brief: NoticeBrief,
    pub title: String,
    pub terms: Terms,
    #[schema(value_type = String)]
    pub enrol_until: Timestamp,
    #[schema(value_type = String)]
    pub opens_at: Timestamp,
    #[schema(value_type = String)]
    pub closes_at: Timestamp,
}
