//! What stands in the rows of an erased person, and how the rows of all domains are found. Pure.

use super::{BlindIndex, Sealed};

/// What stands where a name was: the row stays for what refers to it.
pub const ERASED_NAME: &str = "已删除个人信息的成员";
/// What stands where a sealed value was, and what is shown of it.
const ERASED: &str = "erased";
pub(super) const ERASED_LABEL: &str = "已删除";

/// Whose data are erased. Enrolments are found by the ID number; contracts, terms of office and parcels hold nothing but
/// a name, and are found by it within the person's collectives.
#[derive(Debug, Clone)]
pub struct Whom {
    pub person: String,
    pub name: String,
    pub id_index: BlindIndex,
    /// Region codes.
    pub collectives: Vec<String>,
}

impl Sealed {
    /// The place of a value that was erased, with its key.
    pub fn erased() -> Sealed {
        Sealed(ERASED.to_owned())
    }
    pub fn is_erased(&self) -> bool {
        self.0 == ERASED
    }
}

impl BlindIndex {
    /// The place of an index that was erased: nothing is found by it, and no two are equal.
    pub fn erased(key: &str) -> BlindIndex {
        BlindIndex(format!("{ERASED}/{key}"))
    }
}
