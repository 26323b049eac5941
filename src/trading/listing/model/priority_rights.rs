//! What a notice says of priority rights: which kinds, in which order, and until when they are claimed. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Terms;
use crate::{
    kernel::Timestamp,
    trading::priority::{self, Kind},
};

/// Who goes first at an equal price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PriorityRights {
    /// Best first.
    pub order: Vec<Kind>,
    /// Claims end so many hours before enrolment does: they have to be checked before the auction opens.
    pub claim_hours_before: u32,
}

impl PriorityRights {
    /// As the rules of [`priority`] take it.
    pub fn terms(&self, enrol_until: Timestamp) -> priority::Terms {
        let hours = i64::from(self.claim_hours_before).saturating_mul(3600);
        priority::Terms { order: self.order.clone(), claim_until: enrol_until.plus_s(hours.saturating_neg()) }
    }
}

impl Terms {
    /// Whether priority is given in words alone, as in notices of an older program.
    pub fn priority_in_words(&self) -> bool {
        self.priority_rights.is_none() && !self.priority.is_empty()
    }

    /// Who goes first, in the words of the notice; empty: nobody.
    pub fn priority_words(&self) -> String {
        let Some(rights) = &self.priority_rights else { return self.priority.clone() };
        let kinds: Vec<&str> = rights.order.iter().map(Kind::label).collect();
        let mut words = match kinds.as_slice() {
            [only] => (*only).to_owned(),
            several => several.join("，其次"),
        };
        if !self.priority.is_empty() {
            words.push_str(&format!("（{}）", self.priority));
        }
        words
    }
}
