//! What the tables of papers have in common. Each is written by the store of its own kind.

use crate::{
    access::Scope,
    db::{LoggedRow, Result, Rx, Tx},
    documents::Document,
    kernel::{Code, Id, codes::RegionCode},
    trading::{enrolment::EnrolmentId, listing::LotId},
};

/// Whose paper it is, and where it is kept.
#[derive(Debug, Clone, Copy)]
pub struct Belongs<'r> {
    pub lot: &'r LotId,
    pub place: &'r RegionCode,
    pub enrolment: &'r EnrolmentId,
    pub document: &'r Id<Document>,
    /// SHA-256 of the stored, encrypted paper, in hex.
    pub sha256: &'r str,
}

/// A row about something that was handed in with a paper.
pub trait HandedIn: LoggedRow + Sized {
    /// The marker of its identifiers.
    type Record;
    /// What an officer is told who has not opened the bidder's file.
    const UNSEEN: &'static Code;

    fn belongs(&self) -> Belongs<'_>;

    fn find(rx: &mut Rx<'_>, scope: &Scope, id: &Id<Self::Record>) -> Result<Option<Self>>;

    /// No scope: for the bidder whose it is, which the caller sees to.
    fn find_any(rx: &mut Rx<'_>, id: &Id<Self::Record>) -> Result<Option<Self>>;

    /// No scope: what was handed in with an enrolment that the caller may see, in the order of the kind.
    fn of_enrolment(rx: &mut Rx<'_>, enrolment: &EnrolmentId) -> Result<Vec<Self>>;

    /// No scope: the lot was found in one. Everything in it.
    fn of_lot(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<Self>>;

    /// Takes the examiner's sentence off the row: it may tell of the person. The paper itself is destroyed by the caller.
    fn forget(self, tx: &mut Tx<'_>) -> Result<()>;
}

/// The reading functions of a table of papers: `handed_in!(PaperRow in qualification_papers, of PaperRecord, ordered by
/// (attempt), unseen CODE)`.
#[macro_export]
macro_rules! handed_in {
    ($row:ident in $table:ident, of $record:ty, ordered by ($($column:ident),+), unseen $unseen:path) => {
        impl $crate::trading::papers::store::HandedIn for $row {
            type Record = $record;
            const UNSEEN: &'static $crate::kernel::Code = &$unseen;

            fn belongs(&self) -> $crate::trading::papers::store::Belongs<'_> {
                $crate::trading::papers::store::Belongs {
                    lot: &self.lot_id,
                    place: &self.collective_code,
                    enrolment: &self.enrolment_id,
                    document: &self.document_id,
                    sha256: &self.document_sha256,
                }
            }

            fn find(rx: &mut Rx<'_>, scope: &Scope, id: &Id<$record>) -> Result<Option<Self>> {
                let (from, to) = scope.range();
                Ok($table::table
                    .filter($table::id.eq(id))
                    .filter($table::collective_code.ge(from).and($table::collective_code.lt(to)))
                    .first(rx.conn())
                    .optional()?)
            }

            /// No scope: as the trait says.
            fn find_any(rx: &mut Rx<'_>, id: &Id<$record>) -> Result<Option<Self>> {
                Ok($table::table.filter($table::id.eq(id)).first(rx.conn()).optional()?)
            }

            /// No scope: as the trait says.
            fn of_enrolment(rx: &mut Rx<'_>, enrolment: &EnrolmentId) -> Result<Vec<Self>> {
                Ok($table::table
                    .filter($table::enrolment_id.eq(enrolment))
                    .order(($($table::$column,)+))
                    .load(rx.conn())?)
            }

            /// No scope: as the trait says.
            fn of_lot(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<Self>> {
                Ok($table::table.filter($table::lot_id.eq(lot)).order($table::id).load(rx.conn())?)
            }

            fn forget(mut self, tx: &mut $crate::db::Tx<'_>) -> Result<()> {
                self.note = String::new();
                self.version += 1;
                self.salt = Salt::fresh();
                self.update(tx)
            }
        }
    };
}
