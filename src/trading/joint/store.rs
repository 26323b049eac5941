//! Partners of enrolments: the only writer of their table.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, NullableExpressionMethods, OptionalExtension,
    QueryDsl, Queryable, RunQueryDsl,
};
use serde::Serialize;

use super::model::PartnerId;
use crate::{
    access::Account,
    db::{Result, Rx, Salt, schema::joint_bidders},
    kernel::{Id, Timestamp, codes::RegionCode},
    trading::{
        enrolment::{BidderKind, EnrolmentId},
        listing::LotId,
    },
    vault::{BlindIndex, Sealed},
};

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = joint_bidders, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PartnerRow {
    pub id: PartnerId,
    pub lot_id: LotId,
    pub collective_code: RegionCode,
    pub enrolment_id: EnrolmentId,
    pub bidder_kind: BidderKind,
    pub name: String,
    pub id_number: Sealed,
    pub id_index: BlindIndex,
    /// See [`Share`](super::Share).
    pub share: i64,
    /// Who agreed.
    pub account_id: Option<Id<Account>>,
    pub agreed_at: Option<Timestamp>,
    pub accepted_notice: Option<i32>,
    pub declaration: Option<i32>,
    pub created_at: Timestamp,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(PartnerRow in joint_bidders, key id);

/// No scope: the partners of an enrolment that the caller may see.
pub fn of_enrolment(rx: &mut Rx<'_>, enrolment: &EnrolmentId) -> Result<Vec<PartnerRow>> {
    Ok(joint_bidders::table
        .filter(joint_bidders::enrolment_id.eq(enrolment))
        .order(joint_bidders::id)
        .load(rx.conn())?)
}

/// No scope: those who have not agreed yet, for somebody who brings a code.
pub fn list_waiting(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<PartnerRow>> {
    Ok(joint_bidders::table
        .filter(joint_bidders::lot_id.eq(lot).and(joint_bidders::agreed_at.is_null()))
        .order(joint_bidders::id)
        .load(rx.conn())?)
}

/// No scope: what an account has agreed to.
pub fn find_own(rx: &mut Rx<'_>, lot: &LotId, account: &Id<Account>) -> Result<Option<PartnerRow>> {
    Ok(joint_bidders::table
        .filter(joint_bidders::lot_id.eq(lot).and(joint_bidders::account_id.eq(account)))
        .first(rx.conn())
        .optional()?)
}

/// No scope: those who have agreed, each with the enrolment of the group.
pub fn list_agreed(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<(EnrolmentId, Id<Account>)>> {
    Ok(joint_bidders::table
        .filter(joint_bidders::lot_id.eq(lot).and(joint_bidders::account_id.is_not_null()))
        .order(joint_bidders::id)
        .select((joint_bidders::enrolment_id, joint_bidders::account_id.assume_not_null()))
        .load(rx.conn())?)
}

/// No scope: whether somebody with this number stands in a group.
pub fn is_partner(rx: &mut Rx<'_>, lot: &LotId, index: &BlindIndex) -> Result<bool> {
    let found: Option<PartnerId> = joint_bidders::table
        .filter(joint_bidders::lot_id.eq(lot).and(joint_bidders::id_index.eq(index)))
        .select(joint_bidders::id)
        .first(rx.conn())
        .optional()?;
    Ok(found.is_some())
}

/// No scope: every group with an ID number, of a person who is erased.
pub fn with_index(rx: &mut Rx<'_>, index: &BlindIndex) -> Result<Vec<PartnerRow>> {
    Ok(joint_bidders::table.filter(joint_bidders::id_index.eq(index)).order(joint_bidders::id).load(rx.conn())?)
}

/// No scope: accounts of these that agreed for somebody with another number.
pub fn accounts_of_others(rx: &mut Rx<'_>, accounts: &[Id<Account>], index: &BlindIndex) -> Result<Vec<Id<Account>>> {
    let found: Vec<Option<Id<Account>>> = joint_bidders::table
        .filter(joint_bidders::account_id.eq_any(accounts.to_vec()).and(joint_bidders::id_index.ne(index)))
        .select(joint_bidders::account_id)
        .load(rx.conn())?;
    Ok(found.into_iter().flatten().collect())
}
