//! Use cases: naming partners at enrolment, agreeing, reading.

use super::{
    model::{Agreed, Agreement, Partner, PartnerId, Share},
    rules::{self, ReadPartner},
    store::{self, PartnerRow},
};
use crate::{
    access::{Account, Allowed, may},
    db::{Result, Rx, Salt, Tx},
    kernel::{
        Id,
        error::NOT_FOUND,
        text::{mask_id, mask_name},
    },
    log::{Fact, Receipt, record},
    trading::{
        bid_number, confirmation,
        enrolment::{self, ALREADY_ENROLLED, BidderKind, DECLARATION, EnrolmentId, store::EnrolmentRow},
        exclusions,
        listing::{
            self, LotId, LotState,
            store::{self as lots, LotRow, Reader},
        },
        notices,
    },
    vault::{BlindIndex, Field, Vault},
};

/// Names the partners of an enrolment that is being made: they ride along with its entry.
///
/// Errors: `already_enrolled`, `excluded`, `defaulted_before`, `conflict_of_interest`.
pub fn add(
    tx: &mut Tx<'_>,
    vault: &Vault,
    lead: &EnrolmentRow,
    lot: &LotRow,
    partners: &[ReadPartner],
    whom_to_ask: &str,
) -> Result<()> {
    let today = lead.created_at.day();
    for partner in partners {
        let index = vault.index(Field::IdNumber, &partner.id_number);
        if enrolment::store::is_enrolled(tx, &lead.lot_id, &index)? || store::is_partner(tx, &lead.lot_id, &index)? {
            return Err((&ALREADY_ENROLLED).into());
        }
        exclusions::check(tx, (&index, &partner.name), &lead.collective_code, today, whom_to_ask)?;
        confirmation::check_defaults(tx, lot, &index, whom_to_ask)?;
        enrolment::check_ties(tx, (partner.kind, &partner.id_number, &index), &lead.collective_code, today)?;
        let row = PartnerRow {
            id: tx.new_id("jnt"),
            lot_id: lead.lot_id.clone(),
            collective_code: lead.collective_code.clone(),
            enrolment_id: lead.id.clone(),
            bidder_kind: partner.kind,
            name: partner.name.clone(),
            id_number: vault.seal(Field::IdNumber, &partner.id_number)?,
            id_index: index,
            share: partner.share.0,
            account_id: None,
            agreed_at: None,
            accepted_notice: None,
            declaration: None,
            created_at: lead.created_at,
            version: 1,
            salt: Salt::fresh(),
        };
        row.insert(tx)?;
    }
    Ok(())
}

/// Whether this number or this account already stands in a group of the lot.
pub fn is_taken(rx: &mut Rx<'_>, lot: &LotId, index: &BlindIndex, account: &Id<Account>) -> Result<bool> {
    Ok(store::is_partner(rx, lot, index)? || store::find_own(rx, lot, account)?.is_some())
}

/// What the lead hands over. It is made from the row's identifier by the vault's key and stands nowhere.
fn code(vault: &Vault, id: &PartnerId) -> String {
    vault.digits("joint_bidder", id.as_str())
}

fn grouped(code: &str) -> String {
    let parts = [code.get(..4), code.get(4..8), code.get(8..)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// A partner agrees with the code of the lead and the end of the own number, from an account of its own. With the last one
/// the group is admitted, if its deposit is in.
///
/// Errors: field errors, `joint_code_wrong`, `own_partner`, `already_enrolled`, `admission_over`, `not_found`.
pub fn agree(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::Bid>,
    vault: &Vault,
    lot_id: &LotId,
    agreement: &Agreement,
) -> Result<(Agreed, Receipt)> {
    let (typed, tail) = rules::read_agreement(agreement)?;
    lots::lock(tx, lot_id)?;
    let (lot, _) = lots::find(tx, Reader::Public, lot_id)?.ok_or(&NOT_FOUND)?;
    listing::must_be(lot.state, &[LotState::Published])?;
    let waiting = store::list_waiting(tx, lot_id)?;
    let mut row = find_by_code(vault, waiting, &typed, &tail)?.ok_or(&rules::JOINT_CODE_WRONG)?;
    let now = tx.now_after(row.created_at);
    enrolment::must_be_admitting(lot.opens_at, now)?;
    let account = &allowed.actor.account;
    let mut lead = enrolment::store::get_led(tx, &row.enrolment_id)?;
    if lead.account_id == *account {
        return Err((&rules::OWN_PARTNER).into());
    }
    let alone = enrolment::store::find_own(tx, lot_id, account)?.is_some();
    if alone || store::find_own(tx, lot_id, account)?.is_some() {
        return Err((&ALREADY_ENROLLED).into());
    }
    row.account_id = Some(account.clone());
    row.agreed_at = Some(now);
    row.accepted_notice = Some(notices::in_force(tx, lot_id)?);
    row.declaration = Some(DECLARATION);
    row.version += 1;
    row.update(tx)?;
    enrolment::admit(tx, &mut lead)?;
    let fact = Fact::new("joint.agreed", enrolment::log_scope(&lead.collective_code)).about("enrolment", &lead.id);
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok((view_own(row, &lead), receipt))
}

fn find_by_code(vault: &Vault, waiting: Vec<PartnerRow>, typed: &str, tail: &str) -> Result<Option<PartnerRow>> {
    for row in waiting {
        let last_four = |number: &str| number.get(number.len().saturating_sub(4)..).unwrap_or_default().to_owned();
        if code(vault, &row.id) == typed && vault.masked(Field::IdNumber, &row.id_number, last_four)? == tail {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// Whether every partner of an enrolment has agreed; true for who enrolled alone.
pub fn all_agreed(rx: &mut Rx<'_>, enrolment: &EnrolmentId) -> Result<bool> {
    Ok(store::of_enrolment(rx, enrolment)?.iter().all(|row| row.agreed_at.is_some()))
}

/// Whether the shares of an enrolment come to the whole, for a check of meaning; true for who enrolled alone.
pub fn sums_up(rx: &mut Rx<'_>, lead: &EnrolmentRow) -> Result<bool> {
    let partners = store::of_enrolment(rx, &lead.id)?;
    let sum = partners.iter().fold(lead.share.unwrap_or_default(), |sum, row| sum.saturating_add(row.share));
    Ok(sum == if partners.is_empty() { lead.share.unwrap_or_default() } else { Share::WHOLE.0 })
}

/// The partners of an enrolment; `with_codes` for its lead alone.
pub fn list(rx: &mut Rx<'_>, vault: &Vault, enrolment: &EnrolmentId, with_codes: bool) -> Result<Vec<Partner>> {
    let partner = |row: PartnerRow| -> Result<Partner> {
        Ok(Partner {
            id_number: vault.masked(Field::IdNumber, &row.id_number, mask_id)?,
            code: (with_codes && row.agreed_at.is_none()).then(|| grouped(&code(vault, &row.id))),
            kind: row.bidder_kind,
            name: row.name,
            share: Share(row.share),
            agreed_at: row.agreed_at,
        })
    };
    store::of_enrolment(rx, enrolment)?.into_iter().map(partner).collect()
}

/// What the own account has agreed to in a lot.
pub fn own(rx: &mut Rx<'_>, allowed: &Allowed<may::Bid>, lot: &LotId) -> Result<Option<Agreed>> {
    let Some(row) = store::find_own(rx, lot, &allowed.actor.account)? else { return Ok(None) };
    let lead = enrolment::store::get_led(rx, &row.enrolment_id)?;
    Ok(Some(view_own(row, &lead)))
}

fn view_own(row: PartnerRow, lead: &EnrolmentRow) -> Agreed {
    Agreed {
        lot_id: row.lot_id,
        name: row.name,
        lead: lead.name.clone(),
        share: Share(row.share),
        agreed_at: row.agreed_at,
        bid_number: lead.bid_number.map(bid_number),
    }
}

/// Who won, as the result notice says it: persons masked, a group with all of its parts.
pub fn award_name(rx: &mut Rx<'_>, lead: &EnrolmentRow) -> Result<String> {
    let masked = |kind, name: &str| match kind {
        BidderKind::Person => mask_name(name),
        BidderKind::Organisation => name.to_owned(),
    };
    let lead_name = masked(lead.bidder_kind, &lead.name);
    let partners = store::of_enrolment(rx, &lead.id)?;
    if partners.is_empty() {
        return Ok(lead_name);
    }
    let names = std::iter::once(lead_name).chain(partners.iter().map(|row| masked(row.bidder_kind, &row.name)));
    Ok(format!("{}（联合竞买）", names.collect::<Vec<_>>().join("、")))
}

/// Who signs a contract: everybody's full name.
pub fn full_name(rx: &mut Rx<'_>, lead: &EnrolmentRow) -> Result<String> {
    let partners = store::of_enrolment(rx, &lead.id)?.into_iter().map(|row| row.name);
    Ok(std::iter::once(lead.name.clone()).chain(partners).collect::<Vec<_>>().join("、"))
}
