//! Whether every priority right on record was claimed, checked and ended as the notice and the auction say, and whether the
//! auction was held with the ranks that had been granted (a check of meaning, see [`log::Check`]).
//!
//! Asked of lots with priority rights in their notice alone, so no row that was written before there were any can contradict
//! it.

use super::{
    ends,
    model::{LapseCause, Standing},
    store::RightRow,
};
use crate::{
    db::{Result, Rx},
    kernel::Timestamp,
    log::{self, Check, Contradiction, Words},
    trading::{
        auction::store as auctions,
        enrolment::store as enrolments,
        listing::store::{self as lots, LotRow},
        papers::{self, store::HandedIn},
    },
};

const NOT_OFFERED: Words = Words {
    line: "the notice gives no such priority right, or another rank, or the claim came too late",
    page: "公告没有这种优先权，或者顺位、申报时间与公告不符",
};
const NOT_CHECKED: Words = Words {
    line: "the state of this priority right and who checked it do not agree",
    page: "优先权的状态与审核记录不一致",
};
const OTHER_PAPER: Words = Words {
    line: "this is not the proof that was claimed with, or not one of this lot's bidders",
    page: "优先权的证明材料不是当时交来的那一份，或者不是本项目竞买人的",
};
const OTHER_END: Words = Words {
    line: "this priority right has not ended as the auction says",
    page: "优先权失效的原因与竞价情况不一致",
};
const OTHER_RANKS: Words = Words {
    line: "the auction was held with other priority ranks than were granted",
    page: "竞价所用的优先顺位与审核通过的不一样",
};
const UNKNOWN: Words = Words {
    line: "the priority rights of this lot cannot be worked out",
    page: "本项目的优先权记录不完整，无法核对",
};

pub(in crate::trading) const CHECK: Check = Check {
    tables: &["lots", "lot_terms", "enrolments", "auctions", "auction_commands", "priority_rights", "documents"],
    run: |rx, found| {
        LotRow::each(rx, |rx, lot| {
            if log::understood(of_lot(rx, &lot, found))?.is_none() {
                found(Contradiction::new("lots", &lot.id, UNKNOWN));
            }
            Ok(())
        })
    },
};

fn of_lot(rx: &mut Rx<'_>, lot: &LotRow, found: &mut dyn FnMut(Contradiction)) -> Result<()> {
    let rows = RightRow::of_lot(rx, &lot.id)?;
    let auction = auctions::find(rx, &lot.id)?;
    let used = auction.as_ref().and_then(|auction| auction.holders.clone());
    if rows.is_empty() && used.is_none() {
        return Ok(());
    }
    let rights = lots::get(rx, &lot.id)?.1.terms()?.priority_rights;
    let (Some(rights), Some(until), Some(opens_at)) = (rights, lot.enrol_until, lot.opens_at) else {
        found(Contradiction::new("lots", &lot.id, NOT_OFFERED));
        return Ok(());
    };
    let terms = rights.terms(until);
    let bidders = enrolments::list_all(rx, &lot.id)?;
    for row in &rows {
        let right = row.right();
        if terms.rank(row.kind) != Some(right.rank) || row.claimed_at >= terms.claim_until {
            found(Contradiction::new("priority_rights", &row.id, NOT_OFFERED));
        }
        if !is_checked(row, opens_at) {
            found(Contradiction::new("priority_rights", &row.id, NOT_CHECKED));
        }
        if !papers::is_the_paper(rx, row, &bidders)? {
            found(Contradiction::new("priority_rights", &row.id, OTHER_PAPER));
        }
        if !ends_well(rx, row)? {
            found(Contradiction::new("priority_rights", &row.id, OTHER_END));
        }
    }
    let held = ends::as_kept(&ends::held_with(rx, &lot.id, opens_at)?)?;
    if used.is_some_and(|used| used != held) {
        found(Contradiction::new("auctions", &lot.id, OTHER_RANKS));
    }
    Ok(())
}

/// Whether the state is what check and lapse make it, and the check came between claim and opening.
fn is_checked(row: &RightRow, opens_at: Timestamp) -> bool {
    let checked = row.checked_by.is_some() && !row.checker_name.is_empty();
    let in_time = row.checked_at.is_none_or(|at| at >= row.claimed_at && at < opens_at);
    let agrees = row.checked_by.is_some() == row.checked_at.is_some();
    in_time
        && agrees
        && row.cause.is_some() == row.lapsed_at.is_some()
        && match (row.state, row.cause) {
            (Standing::Claimed, None) => row.checked_by.is_none(),
            (Standing::Granted, None) => checked,
            (Standing::Lapsed, Some(LapseCause::Waived)) => true,
            (Standing::Lapsed, Some(_)) => checked,
            _ => false,
        }
}

/// Whether who is said to have kept silent did not bid, and whose right stands did, once the award is written.
fn ends_well(rx: &mut Rx<'_>, row: &RightRow) -> Result<bool> {
    let has_bid = auctions::has_bid(rx, &row.enrolment_id)?;
    Ok(match row.cause {
        Some(LapseCause::Silent) => !has_bid,
        Some(LapseCause::Defaulted) => has_bid,
        _ => true,
    })
}
