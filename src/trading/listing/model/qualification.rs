//! What a notice says of the papers by which bidders show that they meet its conditions. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Terms;
use crate::trading::qualification::Timing;

/// When papers are examined, and which are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QualificationTerms {
    pub timing: Timing,
    /// In the words of the notice.
    pub papers: String,
}

impl Terms {
    /// When papers are examined; `none` for notices of an older program.
    pub fn timing(&self) -> Timing {
        self.qualification.as_ref().map_or(Timing::None, |asked| asked.timing)
    }

    /// The same in the words of the notice; empty: none are.
    pub fn qualification_words(&self) -> String {
        match &self.qualification {
            Some(asked) => format!("{}：{}", asked.timing.label(), asked.papers),
            None => String::new(),
        }
    }
}
