//! Use cases: the secret floor of a sealed lot, in an envelope like a bid's, so that the operator cannot read it either.
//!
//! It is handed in before the notice, and the notice binds it: whoever set it knew of no bidder, and nobody can put another in
//! its place. It is opened with the bids or stays closed with them.

use serde_json::{Value, json};

use super::{
    model::{Envelope, RESERVE},
    rules::{self, ENVELOPE_KNOWN, NOT_SEALED, RESERVE_FIXED, RESERVE_MISSING, RESERVE_NOT_ASKED},
    service::{commitment, file_digest},
    store::{self, ReserveRow},
    view::SealedReserve,
};
use crate::{
    access::{Allowed, Scope, may},
    db::{Error, Result, Rx, Salt, Tx},
    kernel::{Problem, error::NOT_FOUND},
    log::{Fact, Receipt, record},
    trading::listing::{
        LotId, LotState, ReserveCommitment, SealedTerms,
        store::{self as lots, LotRow, Reader},
    },
};

/// The lot and who opens its envelopes, where its floor comes in one.
///
/// Errors: `not_found`, `not_sealed`, `reserve_envelope_not_asked`.
fn asked(rx: &mut Rx<'_>, scope: &Scope, lot: &LotId) -> Result<(LotRow, SealedTerms)> {
    let (row, terms) = lots::find(rx, Reader::Staff(scope), lot)?.ok_or(&NOT_FOUND)?;
    let sealed = terms.terms()?.sealed().cloned().ok_or(&NOT_SEALED)?;
    if sealed.reserve.is_none() {
        return Err((&RESERVE_NOT_ASKED).into());
    }
    Ok((row, sealed))
}

fn is_open(state: LotState) -> bool {
    matches!(state, LotState::Draft | LotState::Returned | LotState::Submitted | LotState::Approved)
}

/// Hands in the envelope of the floor; until the notice another may take its place.
///
/// Errors: `not_found`, `not_sealed`, `reserve_envelope_not_asked`, `reserve_envelope_fixed`, `sealed_envelope_unfit`,
/// `sealed_envelope_known`.
pub fn hand_in(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::DraftListings>,
    lot: &LotId,
    envelope: &Envelope,
) -> Result<(SealedReserve, Receipt)> {
    lots::lock(tx, lot)?;
    let (listed, sealed) = asked(tx, &allowed.scope, lot)?;
    if !is_open(listed.state) {
        return Err((&RESERVE_FIXED).into());
    }
    envelope.checked(lot.as_str(), RESERVE, &sealed.keys()).map_err(rules::unfit)?;
    let known = store::list_reserves(tx, lot)?;
    if known.iter().any(|one| one.recipient == envelope.recipient || one.ciphertext == envelope.ciphertext) {
        return Err((&ENVELOPE_KNOWN).into());
    }
    let row = ReserveRow {
        id: tx.new_id("srs"),
        lot_id: lot.clone(),
        seq: known.last().map_or(0, |last| last.seq).saturating_add(1),
        at: tx.now(),
        handed_in_by: allowed.actor.account.to_string(),
        needed: i32::try_from(sealed.needed).unwrap_or(i32::MAX),
        recipient: envelope.recipient.clone(),
        ciphertext: envelope.ciphertext.clone(),
        shares: serde_json::to_string(&envelope.shares)
            .map_err(|e| Error::Internal(format!("shares of the floor of {lot} as JSON: {e}")))?,
        salt: Salt::fresh(),
    };
    row.insert(tx)?;
    let mut data = json!({ "seq": row.seq, "needed": row.needed });
    if let Value::Object(members) = &mut data {
        members.extend(commitment(envelope));
    }
    let receipt = record(
        tx,
        &allowed.by(),
        Fact::new("sealed_reserve.filed", &listed.collective_code).about("lot", lot).data(data),
    )?;
    Ok((view(&row, is_for(&row, &sealed)?), receipt))
}

/// Whether the envelope was made for these trustees, and for so many of them.
fn is_for(row: &ReserveRow, sealed: &SealedTerms) -> Result<bool> {
    let fits = row.envelope()?.checked(row.lot_id.as_str(), RESERVE, &sealed.keys()).is_ok();
    Ok(fits && u32::try_from(row.needed) == Ok(sealed.needed))
}

fn view(row: &ReserveRow, fits: bool) -> SealedReserve {
    SealedReserve {
        id: row.id.clone(),
        seq: row.seq,
        at: row.at,
        recipient: row.recipient.clone(),
        ciphertext_sha256: file_digest(&row.ciphertext),
        fits,
    }
}

/// The envelope that would count if the notice went out now; `None`: none has come yet.
///
/// Errors: `not_found`, `not_sealed`, `reserve_envelope_not_asked`.
pub fn latest(rx: &mut Rx<'_>, allowed: &Allowed<may::DraftListings>, lot: &LotId) -> Result<Option<SealedReserve>> {
    let (_, sealed) = asked(rx, &allowed.scope, lot)?;
    let Some(row) = store::list_reserves(rx, lot)?.pop() else { return Ok(None) };
    let fits = is_for(&row, &sealed)?;
    Ok(Some(view(&row, fits)))
}

/// What the notice says of an envelope.
pub(super) fn bound(row: &ReserveRow) -> ReserveCommitment {
    ReserveCommitment { recipient: row.recipient.clone(), ciphertext_sha256: file_digest(&row.ciphertext) }
}

/// The notice goes out: it binds the floor's envelope, where there is to be one.
///
/// Errors: `reserve_envelope_missing`.
pub fn bind_reserve(rx: &mut Rx<'_>, lot: &LotId, sealed: &mut SealedTerms) -> Result<()> {
    if sealed.reserve.is_none() {
        return Ok(());
    }
    let last = store::list_reserves(rx, lot)?.pop().ok_or(&RESERVE_MISSING)?;
    if !is_for(&last, sealed)? {
        let detail = "密钥保管人或人数在保留价信封交来之后改过，请村集体重新制作信封交来，再发布公告";
        return Err(Problem::new(&RESERVE_MISSING, detail).into());
    }
    sealed.reserve = Some(bound(&last));
    Ok(())
}
