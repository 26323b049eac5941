//! Use cases: handing in and withdrawing envelopes, handing in decrypted shares.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    model::{Envelope, Parts, SECRET_BYTES},
    opening::Files,
    rules::{self, ENVELOPE_KNOWN, Facts, NOT_SEALED, NOTHING_TO_WITHDRAW, Plan, SHARES_TOO_EARLY, SHARES_TOO_LATE},
    store::{self, SealedBidId, SealedBidRow, ShareRow},
    view::{ClearShares, HandedIn, OwnSealedBid},
};
use crate::{
    access::{Allowed, may},
    db::{Error, Result, Rx, Salt, Tx},
    kernel::{FieldError, Problem, Timestamp, error::NOT_FOUND, hex},
    log::{By, Fact, Receipt, record},
    trading::{
        auction::{Locked, locked},
        bid_number, draw,
        enrolment::{store as enrolments, store::EnrolmentRow},
        listing::{
            LotId, SealedTerms,
            store::{self as lots, Reader},
        },
        ranking,
    },
};

/// What handing in came to. A refusal is on record as well.
#[derive(Debug)]
pub enum Filed {
    Taken(OwnSealedBid, Receipt),
    Refused(Problem, Receipt),
}

/// A lot with the auction locked, and the bidder's own place in it.
struct Seat {
    all: Locked,
    sealed: Option<SealedTerms>,
    own: Option<EnrolmentRow>,
    own_bids: Vec<SealedBidRow>,
    /// Never earlier than the last bid's.
    at: Timestamp,
    seq: i64,
}

impl Seat {
    fn take(tx: &mut Tx<'_>, allowed: &Allowed<may::Bid>, lot: &LotId, received_at: Timestamp) -> Result<Seat> {
        let all = locked(tx, Reader::Public, lot)?;
        let sealed = all.terms.terms()?.sealed().cloned();
        let own = enrolments::find_own(tx, lot, &allowed.actor.account)?;
        let own_bids = match &own {
            Some(own) => store::list_own(tx, &own.id)?,
            None => Vec::new(),
        };
        let last = store::find_last(tx, lot)?;
        let at = last.map_or(received_at, |(_, at)| at.max(received_at));
        let seq = last.map_or(0, |(seq, _)| seq).saturating_add(1);
        Ok(Seat { all, sealed, own, own_bids, at, seq })
    }

    fn facts(&self) -> Facts {
        let Locked { lot, auction, .. } = &self.all;
        Facts {
            is_sealed: self.sealed.is_some(),
            opens_at: lot.opens_at,
            end_at: auction.end_at,
            is_closed: auction.closed_at.is_some() || auction.terminated,
            is_suspended: auction.suspended_since.is_some(),
            is_enrolled: self.own.is_some(),
            bid_number: self.own.as_ref().and_then(|own| own.bid_number),
            handed_in: self.own_bids.iter().filter(|bid| bid.recipient.is_some()).count(),
            revisions: self.sealed.as_ref().and_then(|sealed| sealed.revisions),
        }
    }
}

/// Hands in an envelope. `received_at`: when the request had been read whole, which alone is compared with the deadline: a
/// queue of our own makes nobody late.
///
/// Errors: `not_found`. Refusals come back in [`Filed`].
pub fn hand_in(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::Bid>,
    lot: &LotId,
    envelope: &Envelope,
    received_at: Timestamp,
) -> Result<Filed> {
    let seat = Seat::take(tx, allowed, lot, received_at)?;
    let number = match check(tx, &seat, envelope, received_at)? {
        Ok((number, _)) => number,
        Err(problem) => return refuse(tx, &allowed.by(), &seat, problem, Some(envelope)),
    };
    let shares = serde_json::to_string(&envelope.shares)
        .map_err(|e| Error::Internal(format!("shares of a bid of {lot} as JSON: {e}")))?;
    let envelope = (Some(envelope.recipient.clone()), Some(envelope.ciphertext.clone()), Some(shares));
    file(tx, allowed, seat, number, envelope)
}

/// Takes the own bid back; another may be handed in as far as the notice allows.
///
/// Errors: `not_found`. Refusals come back in [`Filed`].
pub fn withdraw(tx: &mut Tx<'_>, allowed: &Allowed<may::Bid>, lot: &LotId, received_at: Timestamp) -> Result<Filed> {
    let seat = Seat::take(tx, allowed, lot, received_at)?;
    let stands = seat.own_bids.last().is_some_and(|last| last.recipient.is_some());
    match rules::may_hand_in(&seat.facts(), received_at) {
        Ok(number) if stands => file(tx, allowed, seat, number, (None, None, None)),
        Ok(_) => refuse(tx, &allowed.by(), &seat, (&NOTHING_TO_WITHDRAW).into(), None),
        Err(problem) => refuse(tx, &allowed.by(), &seat, problem, None),
    }
}

fn check(
    rx: &mut Rx<'_>,
    seat: &Seat,
    envelope: &Envelope,
    received_at: Timestamp,
) -> Result<std::result::Result<(i32, Parts), Problem>> {
    let facts = seat.facts();
    let number = match rules::may_hand_in(&facts, received_at) {
        Ok(number) => number,
        Err(problem) => return Ok(Err(problem)),
    };
    let (lot, keys) = (&seat.all.lot.id, seat.sealed.as_ref().map(SealedTerms::keys).unwrap_or_default());
    let parts = match envelope.checked(lot.as_str(), &bid_number(number), &keys) {
        Ok(parts) => parts,
        Err(fault) => return Ok(Err(rules::unfit(fault))),
    };
    if store::is_known(rx, lot, &envelope.recipient, &envelope.ciphertext)? {
        return Ok(Err((&ENVELOPE_KNOWN).into()));
    }
    Ok(rules::check_revisions(&facts).map(|()| (number, parts)))
}

fn file(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::Bid>,
    seat: Seat,
    number: i32,
    (recipient, ciphertext, shares): (Option<String>, Option<String>, Option<String>),
) -> Result<Filed> {
    let Seat { all, own, at, seq, .. } = seat;
    let own = own.ok_or_else(|| Error::Internal(format!("number {number} of {} without an enrolment", all.lot.id)))?;
    let row = SealedBidRow {
        id: tx.new_id("sbd"),
        lot_id: all.lot.id.clone(),
        seq,
        at,
        enrolment_id: own.id,
        bid_number: number,
        recipient,
        ciphertext,
        shares,
        salt: Salt::fresh(),
    };
    row.insert(tx)?;
    let kind = if row.recipient.is_some() { "sealed_bid.filed" } else { "sealed_bid.withdrawn" };
    let mut data = json!({ "seq": row.seq, "bidder": bid_number(number), "received_at": row.at });
    if let (Some(envelope), Some(members)) = (row.envelope()?, data.as_object_mut()) {
        members.extend(commitment(&envelope));
    }
    let fact = Fact::new(kind, &all.lot.collective_code).about("lot", &all.lot.id).data(data);
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok(Filed::Taken(own_view(row, true), receipt))
}

/// What the log binds of an envelope: its public key, and the SHA-256 of every age file in it.
pub(super) fn commitment(envelope: &Envelope) -> impl Iterator<Item = (String, Value)> {
    let shares: Vec<String> = envelope.shares.iter().map(|share| file_digest(&share.share)).collect();
    [
        ("recipient".to_owned(), json!(envelope.recipient)),
        ("ciphertext_sha256".to_owned(), json!(file_digest(&envelope.ciphertext))),
        ("shares_sha256".to_owned(), json!(shares)),
    ]
    .into_iter()
}

/// SHA-256 of a file that stands in Base64; of the text where it is none.
pub(super) fn file_digest(base64: &str) -> String {
    let bytes = STANDARD.decode(base64).unwrap_or_else(|_| base64.as_bytes().to_vec());
    hex(&Sha256::digest(bytes))
}

fn refuse(tx: &mut Tx<'_>, by: &By, seat: &Seat, problem: Problem, envelope: Option<&Envelope>) -> Result<Filed> {
    let lot = &seat.all.lot;
    let number = seat.own.as_ref().and_then(|own| own.bid_number).map(bid_number);
    let data = json!({
        "bidder": number, "reason": problem.code.code, "received_at": seat.at,
        "ciphertext_sha256": envelope.map(|envelope| file_digest(&envelope.ciphertext)),
    });
    let fact = Fact::new("sealed_bid.refused", &lot.collective_code).about("lot", &lot.id).data(data);
    let receipt = record(tx, by, fact)?;
    Ok(Filed::Refused(problem, receipt))
}

fn own_view(row: SealedBidRow, is_last: bool) -> OwnSealedBid {
    OwnSealedBid {
        withdrawal: row.recipient.is_none(),
        counts: is_last && row.recipient.is_some(),
        ciphertext_sha256: row.ciphertext.as_deref().map(file_digest),
        bidder: bid_number(row.bid_number),
        id: row.id,
        seq: row.seq,
        at: row.at,
        recipient: row.recipient,
    }
}

/// The own envelopes of a lot, the last first.
///
/// Errors: `not_found`.
pub fn own(rx: &mut Rx<'_>, allowed: &Allowed<may::Bid>, lot: &LotId) -> Result<Vec<OwnSealedBid>> {
    lots::find(rx, Reader::Public, lot)?.ok_or(&NOT_FOUND)?;
    let Some(own) = enrolments::find_own(rx, lot, &allowed.actor.account)? else { return Ok(Vec::new()) };
    let rows = store::list_own(rx, &own.id)?;
    Ok(rows.into_iter().rev().enumerate().map(|(place, row)| own_view(row, place == 0)).collect())
}

/// What handing in shares came to. A refusal for the hour is on record as well.
#[derive(Debug)]
pub enum Shares {
    Taken(HandedIn, Receipt),
    Refused(Problem, Receipt),
}

/// Hands in decrypted shares of one trustee, who may be another person than the actor. The latest share of a trustee counts.
///
/// Errors: field errors, `not_found`, `not_sealed`. Refusals for the hour come back in [`Shares`].
pub fn hand_in_shares(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::OpenSealedBids>,
    lot: &LotId,
    given: &ClearShares,
) -> Result<Shares> {
    let all = locked(tx, Reader::Staff(&allowed.scope), lot)?;
    let sealed = all.terms.terms()?.sealed().cloned().ok_or(&NOT_SEALED)?;
    let now = tx.now();
    let Locked { lot, auction, .. } = &all;
    // Where equals are drawn, or put in order by officers, the bids are open already.
    let was_opened = draw::is_called(tx, &lot.id)? || ranking::is_called(tx, &lot.id)?;
    let closed = auction.closed_at.is_some() || was_opened;
    if closed || auction.suspended_since.is_some() || now < auction.end_at {
        let problem = if closed {
            Problem::from(&SHARES_TOO_LATE)
        } else {
            Problem::from(&SHARES_TOO_EARLY).with("from", auction.end_at.to_string())
        };
        let data =
            json!({ "trustee": given.trustee.chars().take(80).collect::<String>(), "reason": problem.code.code });
        let fact = Fact::new("sealed_shares.refused", &lot.collective_code).about("lot", &lot.id).data(data);
        let receipt = record(tx, &allowed.by(), fact)?;
        return Ok(Shares::Refused(problem, receipt));
    }
    let mut files = Files::of(tx, &lot.id, &sealed)?;
    let clear = read_shares(given, &sealed, &files)?;
    let known = &files.shares;
    let latest =
        |id: &SealedBidId| known.iter().rev().find(|share| share.bid_id == *id && share.trustee == given.trustee);
    let fresh: Vec<(SealedBidId, String)> =
        clear.into_iter().filter(|(id, share)| latest(id).is_none_or(|known| known.share != *share)).collect();
    let mut rows = Vec::with_capacity(fresh.len());
    let next = known.last().map_or(0, |share| share.seq).saturating_add(1);
    for ((bid_id, share), seq) in fresh.into_iter().zip(next..) {
        let row = ShareRow {
            id: tx.new_id("shr"),
            lot_id: lot.id.clone(),
            seq,
            bid_id,
            trustee: given.trustee.clone(),
            at: now,
            handed_in_by: allowed.actor.account.to_string(),
            share,
            salt: Salt::fresh(),
        };
        row.insert(tx)?;
        rows.push(row);
    }
    let data = json!({ "trustee": given.trustee, "count": rows.len() });
    let fact = Fact::new("sealed_shares.handed_in", &lot.collective_code).about("lot", &lot.id).data(data);
    let receipt = record(tx, &allowed.by(), fact)?;
    let taken = rows.len();
    files.shares.extend(rows);
    let lacking = match files.plan(sealed.needed(), false)? {
        Plan::Wait { lacking } => lacking,
        Plan::Open(..) | Plan::CannotOpen | Plan::ReserveVoid(_) => 0,
    };
    let bids = files.counted().len();
    let counting = if bids > 0 { bids + usize::from(files.reserve.is_some()) } else { 0 };
    Ok(Shares::Taken(HandedIn { taken, counting, lacking }, receipt))
}

/// Most shares at once: their digests fit into one entry of the log.
const MOST_SHARES: usize = 300;

/// The shares with their bids. Errors: field errors.
fn read_shares(given: &ClearShares, sealed: &SealedTerms, files: &Files) -> Result<Vec<(SealedBidId, String)>> {
    let mut errors = Vec::new();
    if !sealed.trustees.iter().any(|trustee| trustee.recipient == given.trustee) {
        errors.push(FieldError::new("trustee", None, "这不是本标的密钥保管人的公钥，请核对公告"));
    }
    if given.shares.is_empty() || given.shares.len() > MOST_SHARES {
        errors.push(FieldError::new("shares", None, format!("一次交 1 到 {MOST_SHARES} 份，多的请分几次交")));
    }
    let mut found: Vec<(SealedBidId, String)> = Vec::new();
    for (i, share) in given.shares.iter().enumerate().take(MOST_SHARES) {
        let Some(id) = files.envelopes().find(|id| id.as_str() == share.bid) else {
            let detail = "本标的没有这个编号的信封，请重新下载";
            errors.push(FieldError::new(&format!("shares/{i}/bid"), Some(&share.bid), detail));
            continue;
        };
        if found.iter().any(|(other, _)| other == id) {
            errors.push(FieldError::new(&format!("shares/{i}/bid"), Some(&share.bid), "同一个信封只交一份"));
        }
        let text = share.share.trim();
        if STANDARD.decode(text).ok().is_none_or(|bytes| bytes.len() != SECRET_BYTES) {
            let detail = format!("应是解密得到的 {SECRET_BYTES} 个字节，写成 Base64；请核对用的是不是自己的私钥");
            errors.push(FieldError::new(&format!("shares/{i}/share"), None, detail));
        }
        found.push((id.clone(), text.to_owned()));
    }
    if errors.is_empty() { Ok(found) } else { Err(Problem::fields(errors).into()) }
}
