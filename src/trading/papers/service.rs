//! Who hands in, keeping a paper, finding it again under lock, reading and erasing it.

use serde_json::Value;

use super::store::HandedIn;
use crate::{
    access::{Actor, Allowed, may},
    db::{Result, Rx, Tx},
    documents::{self, Content, Document},
    kernel::{Id, error::NOT_FOUND},
    log::{By, Fact, Receipt, record},
    trading::{
        auction::NOT_ENROLLED,
        enrolment::{
            self, EnrolmentId,
            store::{self as enrolments, EnrolmentRow},
        },
        listing::{
            self, LotId, LotState,
            store::{self as lots, LotRow, Reader as LotReader, TermsRow},
        },
        looks,
    },
    vault::Vault,
};

/// The lot, locked and in one of the states that take papers, its terms and the own enrolment of who hands in.
///
/// Errors: `not_enrolled`, `lot_not_in_state`, `not_found`.
pub fn giver(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::Bid>,
    lot: &LotId,
    states: &[LotState],
) -> Result<(LotRow, TermsRow, EnrolmentRow)> {
    lots::lock(tx, lot)?;
    let (row, terms) = lots::find(tx, LotReader::Public, lot)?.ok_or(&NOT_FOUND)?;
    listing::must_be(row.state, states)?;
    let own = enrolments::find_own(tx, lot, &allowed.actor.account)?.ok_or(&NOT_ENROLLED)?;
    Ok((row, terms, own))
}

/// A paper as it is given.
#[derive(Debug, Clone, Copy)]
pub struct Given<'g> {
    /// What it is, as typed.
    pub title: &'g str,
    /// What it is called where nothing was typed.
    pub untitled: &'g str,
    pub bytes: &'g [u8],
}

/// Keeps the paper of an enrolment.
///
/// Errors: field errors, `unknown_file_kind`.
pub fn keep(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::Bid>,
    vault: &Vault,
    own: &EnrolmentRow,
    given: Given<'_>,
) -> Result<Document> {
    let title = if given.title.trim().is_empty() { given.untitled } else { given.title.trim() };
    let proof = documents::NewProof {
        collective_code: &own.collective_code,
        log_scope: enrolment::log_scope(&own.collective_code),
        title,
        bytes: given.bytes,
    };
    Ok(documents::keep_proof(tx, &allowed.by(), &allowed.actor.account, vault, &proof)?.0)
}

/// Like an enrolment's other entries these do not name the lot: they would count its bidders.
pub fn on_record<R: HandedIn>(tx: &mut Tx<'_>, by: &By, kind: &'static str, row: &R, data: Value) -> Result<Receipt> {
    let of = row.belongs();
    record(tx, by, Fact::new(kind, enrolment::log_scope(of.place)).about("enrolment", of.enrolment).data(data))
}

/// What `find` finds, read again under its lot's lock, with the lot in one of the states and its terms.
///
/// Errors: `lot_not_in_state`, `not_found`.
pub fn locked<R: HandedIn>(
    tx: &mut Tx<'_>,
    states: &[LotState],
    find: impl Fn(&mut Rx<'_>) -> Result<Option<R>>,
) -> Result<(R, LotRow, TermsRow)> {
    let found = find(tx)?.ok_or(&NOT_FOUND)?;
    lots::lock(tx, found.belongs().lot)?;
    let row = find(tx)?.ok_or(&NOT_FOUND)?;
    let (lot, terms) = lots::get(tx, row.belongs().lot)?;
    listing::must_be(lot.state, states)?;
    Ok((row, lot, terms))
}

/// What a bidder has handed in; nothing where it is another's.
pub fn own<R: HandedIn>(rx: &mut Rx<'_>, allowed: &Allowed<may::Bid>, id: &Id<R::Record>) -> Result<Option<R>> {
    let Some(row) = R::find_any(rx, id)? else { return Ok(None) };
    let own = enrolments::find_own(rx, row.belongs().lot, &allowed.actor.account)?;
    Ok(own.filter(|own| own.id == *row.belongs().enrolment).map(|_| row))
}

/// Who wants to read a paper.
#[derive(Debug, Clone)]
pub enum Reader {
    Bidder(Allowed<may::Bid>),
    Officer(Allowed<may::RunAuctions>),
}

impl Reader {
    /// Errors: `forbidden` for who is neither.
    pub fn of(actor: &Actor) -> Result<Reader> {
        match actor.prove::<may::Bid>() {
            Ok(allowed) => Ok(Reader::Bidder(allowed)),
            Err(_) => Ok(Reader::Officer(actor.prove()?)),
        }
    }
}

/// A paper: for its bidder, and for an officer with a look on record; from the end on for every officer of the place.
///
/// Errors: the kind's own word for who has not looked, `not_found`.
pub fn read<R: HandedIn>(rx: &mut Rx<'_>, reader: &Reader, vault: &Vault, id: &Id<R::Record>) -> Result<Content> {
    let row: R = match reader {
        Reader::Bidder(allowed) => own(rx, allowed, id)?.ok_or(&NOT_FOUND)?,
        Reader::Officer(allowed) => {
            let row = R::find(rx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
            if !looks::may_read_papers(rx, allowed, row.belongs().lot, row.belongs().enrolment)? {
                return Err(R::UNSEEN.into());
            }
            row
        }
    };
    documents::proof_content(rx, vault, row.belongs().document)
}

/// What somebody who is erased has handed in of one kind: the contents are destroyed, that it was examined stays.
pub fn erase<R: HandedIn>(tx: &mut Tx<'_>, enrolment: &EnrolmentId) -> Result<()> {
    for row in R::of_enrolment(tx, enrolment)? {
        documents::erase_proof(tx, row.belongs().document)?;
        row.forget(tx)?;
    }
    Ok(())
}
