//! Trustees, sealed bids and floors, decrypted shares and openings: the only writer of the five tables. Of all but the first,
//! rows are only ever added.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl,
};
use serde::Serialize;

use super::model::{Envelope, FORMAT, Opened, Opening, RESERVE, SealedShare};
use crate::{
    access::Scope,
    db::{
        Error, Result, Rx, Salt,
        schema::{sealed_bids, sealed_openings, sealed_reserves, sealed_shares, trustees},
    },
    kernel::{Fen, Id, Timestamp, codes::RegionCode},
    trading::{bid_number, enrolment::EnrolmentId, listing::LotId},
};

crate::text_column!(Opened);

/// Marker of trustee identifiers.
#[derive(Debug)]
pub struct TrusteeRecord;
pub type TrusteeId = Id<TrusteeRecord>;

/// Marker of sealed-bid identifiers.
#[derive(Debug)]
pub struct SealedBidRecord;
pub type SealedBidId = Id<SealedBidRecord>;

/// Marker of share identifiers.
#[derive(Debug)]
pub struct ShareRecord;

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = trustees, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct TrusteeRow {
    pub id: TrusteeId,
    /// The place whose auctions it may serve, with all below.
    pub region_code: RegionCode,
    pub name: String,
    pub office: String,
    pub recipient: String,
    pub registered_by: String,
    pub registered_at: Timestamp,
    pub retired_at: Option<Timestamp>,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(TrusteeRow in trustees, key id);

/// A sealed bid, or, without an envelope, its withdrawal.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = sealed_bids, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct SealedBidRow {
    pub id: SealedBidId,
    pub lot_id: LotId,
    /// Order in which the lot took it, from 1.
    pub seq: i64,
    pub at: Timestamp,
    pub enrolment_id: EnrolmentId,
    pub bid_number: i32,
    pub recipient: Option<String>,
    /// Base64.
    pub ciphertext: Option<String>,
    /// The sealed shares as a JSON list.
    pub shares: Option<String>,
    pub salt: Salt,
}
crate::logged_table!(SealedBidRow in sealed_bids, key id);

impl SealedBidRow {
    /// The envelope as it came; `None` for a withdrawal.
    ///
    /// Errors: an internal one where the shares on record cannot be read.
    pub fn envelope(&self) -> Result<Option<Envelope>> {
        let (Some(recipient), Some(ciphertext), Some(shares)) = (&self.recipient, &self.ciphertext, &self.shares)
        else {
            return Ok(None);
        };
        let shares: Vec<SealedShare> = serde_json::from_str(shares)
            .map_err(|e| Error::Internal(format!("shares of sealed bid {}: {e}", self.id)))?;
        Ok(Some(Envelope {
            format: FORMAT.to_owned(),
            lot: self.lot_id.to_string(),
            bidder: bid_number(self.bid_number),
            recipient: recipient.clone(),
            ciphertext: ciphertext.clone(),
            shares,
        }))
    }
}

/// The envelope of a secret floor.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = sealed_reserves, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ReserveRow {
    pub id: SealedBidId,
    pub lot_id: LotId,
    /// Order in which the lot took it, from 1: the last before the notice counts.
    pub seq: i64,
    pub at: Timestamp,
    pub handed_in_by: String,
    /// So many trustees it was made for.
    pub needed: i32,
    pub recipient: String,
    /// Base64.
    pub ciphertext: String,
    /// The sealed shares as a JSON list.
    pub shares: String,
    pub salt: Salt,
}
crate::logged_table!(ReserveRow in sealed_reserves, key id);

impl ReserveRow {
    /// The envelope as it came.
    ///
    /// Errors: an internal one where the shares on record cannot be read.
    pub fn envelope(&self) -> Result<Envelope> {
        let shares: Vec<SealedShare> = serde_json::from_str(&self.shares)
            .map_err(|e| Error::Internal(format!("shares of sealed floor {}: {e}", self.id)))?;
        Ok(Envelope {
            format: FORMAT.to_owned(),
            lot: self.lot_id.to_string(),
            bidder: RESERVE.to_owned(),
            recipient: self.recipient.clone(),
            ciphertext: self.ciphertext.clone(),
            shares,
        })
    }
}

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = sealed_shares, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ShareRow {
    pub id: Id<ShareRecord>,
    pub lot_id: LotId,
    /// Order in which the lot took it, from 1: the latest of a trustee counts.
    pub seq: i64,
    /// The bid, or the floor.
    pub bid_id: SealedBidId,
    /// Public key of the trustee whose share it is.
    pub trustee: String,
    pub at: Timestamp,
    pub handed_in_by: String,
    /// Base64 of the decrypted share.
    pub share: String,
    pub salt: Salt,
}
crate::logged_table!(ShareRow in sealed_shares, key id);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = sealed_openings, primary_key(bid_id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct OpeningRow {
    pub bid_id: SealedBidId,
    pub lot_id: LotId,
    pub at: Timestamp,
    pub outcome: Opened,
    pub amount: Option<Fen>,
    pub nonce: Option<String>,
    /// The bid's secret key.
    pub identity: Option<String>,
    /// The auction's command that the opened bid became.
    pub command_seq: Option<i64>,
    pub salt: Salt,
}
crate::logged_table!(OpeningRow in sealed_openings, key bid_id);

impl OpeningRow {
    pub fn opening(&self) -> Opening {
        Opening {
            outcome: self.outcome,
            amount: self.amount,
            nonce: self.nonce.clone(),
            identity: self.identity.clone(),
        }
    }
}

/// Trustees of the scope, the newest first.
pub fn list_trustees(rx: &mut Rx<'_>, scope: &Scope) -> Result<Vec<TrusteeRow>> {
    let (from, to) = scope.range();
    Ok(trustees::table
        .filter(trustees::region_code.ge(from).and(trustees::region_code.lt(to)))
        .order(trustees::id.desc())
        .limit(500)
        .load(rx.conn())?)
}

/// Those who may serve one of these places; who keeps keys is public.
pub fn list_public_trustees(rx: &mut Rx<'_>, places: &[RegionCode]) -> Result<Vec<TrusteeRow>> {
    Ok(trustees::table
        .filter(trustees::region_code.eq_any(places.to_vec()))
        .order(trustees::id)
        .limit(500)
        .load(rx.conn())?)
}

/// Who keeps keys is public.
pub fn find_public_trustee(rx: &mut Rx<'_>, id: &TrusteeId) -> Result<Option<TrusteeRow>> {
    Ok(trustees::table.filter(trustees::id.eq(id)).first(rx.conn()).optional()?)
}

/// No scope: the lot was found in one, or is public. Every bid and withdrawal in order.
pub fn list_bids(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<SealedBidRow>> {
    Ok(sealed_bids::table.filter(sealed_bids::lot_id.eq(lot)).order(sealed_bids::seq).load(rx.conn())?)
}

/// No scope: number and time of the lot's last bid or withdrawal.
pub fn find_last(rx: &mut Rx<'_>, lot: &LotId) -> Result<Option<(i64, Timestamp)>> {
    Ok(sealed_bids::table
        .filter(sealed_bids::lot_id.eq(lot))
        .order(sealed_bids::seq.desc())
        .select((sealed_bids::seq, sealed_bids::at))
        .first(rx.conn())
        .optional()?)
}

/// No scope: an enrolment's own, in order.
pub fn list_own(rx: &mut Rx<'_>, enrolment: &EnrolmentId) -> Result<Vec<SealedBidRow>> {
    Ok(sealed_bids::table.filter(sealed_bids::enrolment_id.eq(enrolment)).order(sealed_bids::seq).load(rx.conn())?)
}

/// No scope: whether a bid of the lot has this key or this ciphertext already.
pub fn is_known(rx: &mut Rx<'_>, lot: &LotId, recipient: &str, ciphertext: &str) -> Result<bool> {
    let found: Option<i64> = sealed_bids::table
        .filter(sealed_bids::lot_id.eq(lot))
        .filter(sealed_bids::recipient.eq(recipient).or(sealed_bids::ciphertext.eq(ciphertext)))
        .select(sealed_bids::seq)
        .first(rx.conn())
        .optional()?;
    Ok(found.is_some())
}

/// No scope: the lot was found in one, or is public. Every envelope of its floor in order.
pub fn list_reserves(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<ReserveRow>> {
    Ok(sealed_reserves::table.filter(sealed_reserves::lot_id.eq(lot)).order(sealed_reserves::seq).load(rx.conn())?)
}

/// No scope: the lot was found in one. In the order in which they were handed in.
pub fn list_shares(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<ShareRow>> {
    Ok(sealed_shares::table.filter(sealed_shares::lot_id.eq(lot)).order(sealed_shares::seq).load(rx.conn())?)
}

/// No scope: whether anybody has handed in a share for the lot.
pub fn has_shares(rx: &mut Rx<'_>, lot: &LotId) -> Result<bool> {
    let found: Option<Timestamp> = sealed_shares::table
        .filter(sealed_shares::lot_id.eq(lot))
        .select(sealed_shares::at)
        .first(rx.conn())
        .optional()?;
    Ok(found.is_some())
}

/// No scope: the lot was found in one, or is public.
pub fn list_openings(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<OpeningRow>> {
    Ok(sealed_openings::table.filter(sealed_openings::lot_id.eq(lot)).order(sealed_openings::bid_id).load(rx.conn())?)
}
