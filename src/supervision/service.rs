//! What an auditor asks the log.

use crate::{
    access::{Allowed, may},
    db::{Result, Rx},
    kernel::{Page, PageRequest},
    log::{self, EntryView},
};

/// The entries of the auditor's scope, the newest first; with `subject` (`lot/lot_…`) the timeline of one record.
pub fn timeline(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::Audit>,
    subject: Option<&str>,
    page: &PageRequest,
) -> Result<Page<EntryView>> {
    log::list_entries(rx, &allowed.scope.range(), subject, page)
}
