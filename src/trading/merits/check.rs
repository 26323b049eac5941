//! Whether every claim on record is to an answer of the notice, was examined before the auction opened, and the auction was held
//! with the points that follow from what was granted (a check of meaning, see [`log::Check`]).
//!
//! Asked of lots whose notice has criteria beside the price, so no row that was written before there were any can contradict it.

use super::{held, model::ClaimState, rules, store::ClaimRow};
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
    line: "the notice has no such answer, or the claim came too late",
    page: "公告没有这个加分选项，或者申报得太晚",
};
const NOT_EXAMINED: Words = Words {
    line: "the state of this claim and who examined it do not agree",
    page: "加分的审核结果与审核记录不一致",
};
const OTHER_PAPER: Words = Words {
    line: "this is not the paper that was claimed with, or not one of this lot's bidders",
    page: "加分材料不是当时交来的那一份，或者不是本项目竞买人的",
};
const OTHER_POINTS: Words = Words {
    line: "the auction was held with other points than follow from the granted answers",
    page: "竞价所用的加分与审核通过的不一样",
};
const UNKNOWN: Words = Words {
    line: "the points of this lot cannot be worked out",
    page: "本项目的加分记录不完整，无法核对",
};

pub(in crate::trading) const CHECK: Check = Check {
    tables: &["lots", "lot_terms", "enrolments", "auctions", "merit_claims", "documents"],
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
    let rows = ClaimRow::of_lot(rx, &lot.id)?;
    let auction = auctions::find(rx, &lot.id)?;
    let used = auction.as_ref().and_then(|auction| auction.points.clone());
    let terms = lots::get(rx, &lot.id)?.1.terms()?;
    let (merits, nothing) = (terms.merits(), rows.is_empty() && used.is_none());
    if merits.is_empty() && nothing {
        return Ok(());
    }
    let (Some(claim_until), Some(opens_at)) = (lot.enrol_until, lot.opens_at) else {
        // A draft has no hours yet, and nobody has claimed anything.
        if !nothing {
            found(Contradiction::new("lots", &lot.id, NOT_OFFERED));
        }
        return Ok(());
    };
    let bidders = enrolments::list_all(rx, &lot.id)?;
    for row in &rows {
        let worth = rules::find(merits, row.merit, row.answer).map_or(0, |(_, answer)| answer.points_bp);
        if worth == 0 || row.claimed_at >= claim_until {
            found(Contradiction::new("merit_claims", &row.id, NOT_OFFERED));
        }
        if !is_examined(row, opens_at) || !is_only_grant(row, &rows) {
            found(Contradiction::new("merit_claims", &row.id, NOT_EXAMINED));
        }
        if !papers::is_the_paper(rx, row, &bidders)? {
            found(Contradiction::new("merit_claims", &row.id, OTHER_PAPER));
        }
    }
    // Beside an auction that was closed its points stand; one that was given up before it opened has none.
    let closed = auction.as_ref().is_some_and(|auction| auction.closed_at.is_some());
    let held = held::as_kept(&held::held_with(rx, &lot.id, merits, opens_at)?)?;
    let left_out = used.is_none() && closed && lot.ended_at.is_some_and(|ended| ended >= opens_at);
    if left_out || used.is_some_and(|used| used != held) {
        found(Contradiction::new("auctions", &lot.id, OTHER_POINTS));
    }
    Ok(())
}

/// Whether state, person and time of the examination agree, and it came between claim and opening.
fn is_examined(row: &ClaimRow, opens_at: Timestamp) -> bool {
    let Some(at) = row.examined_at else {
        return row.state == ClaimState::Claimed && row.examined_by.is_none() && row.examiner_name.is_empty();
    };
    let named = row.examined_by.is_some() && !row.examiner_name.is_empty();
    row.state != ClaimState::Claimed && named && at >= row.claimed_at && at < opens_at
}

/// Whether no other answer to the same criterion was granted to the same bidder.
fn is_only_grant(row: &ClaimRow, all: &[ClaimRow]) -> bool {
    let same = |other: &&ClaimRow| {
        other.enrolment_id == row.enrolment_id && other.merit == row.merit && other.state == ClaimState::Granted
    };
    row.state != ClaimState::Granted || all.iter().filter(same).count() == 1
}
