//! Whether a row speaks of the paper that is kept (used by the checks of meaning of each kind).

use super::store::HandedIn;
use crate::{
    access::Scope,
    db::{Result, Rx},
    documents, log,
    trading::enrolment::store::EnrolmentRow,
};

/// Whether the paper is the one that is kept, of one of the lot's `bidders`.
pub fn is_the_paper<R: HandedIn>(rx: &mut Rx<'_>, row: &R, bidders: &[EnrolmentRow]) -> Result<bool> {
    let of = row.belongs();
    let place = Scope::Only(of.place.to_string());
    let kept = log::understood(documents::proof_sha256(rx, &place, of.document))?.flatten();
    Ok(kept.as_deref() == Some(of.sha256) && bidders.iter().any(|bidder| bidder.id == *of.enrolment))
}
