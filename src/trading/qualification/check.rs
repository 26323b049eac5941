//! Whether every paper on record was handed in and examined as the notice says, and nobody bids or signs without one that was
//! passed (a check of meaning, see [`log::Check`]).
//!
//! Asked of lots whose notice has papers examined, so no row that was written before there were any can contradict it.

use super::{
    model::{PaperState, Timing},
    store::PaperRow,
};
use crate::{
    db::{Result, Rx},
    log::{self, Check, Contradiction, Words},
    trading::{
        confirmation::{State, store as confirmations},
        enrolment::store as enrolments,
        listing::store::{self as lots, LotRow},
        papers::{self, store::HandedIn},
    },
};

const NOT_ASKED: Words = Words {
    line: "the notice asks for no such paper, or it was handed in too late",
    page: "公告不要求交这份资格材料，或者材料交得太晚",
};
const NOT_EXAMINED: Words = Words {
    line: "the state of this paper and who examined it do not agree",
    page: "资格材料的审查结果与审查记录不一致",
};
const OTHER_PAPER: Words = Words {
    line: "this is not the paper that was handed in, or not one of this lot's bidders",
    page: "资格材料不是当时交来的那一份，或者不是本项目竞买人的",
};
const UNQUALIFIED: Words = Words {
    line: "somebody has a bid number or is confirmed without a paper that was passed",
    page: "资格材料没有审查通过，却有竞买号或者确认了成交",
};
const UNKNOWN: Words = Words {
    line: "the papers of this lot cannot be worked out",
    page: "本项目的资格审查记录不完整，无法核对",
};

pub(in crate::trading) const CHECK: Check = Check {
    tables: &["lots", "lot_terms", "enrolments", "lot_confirmations", "qualification_papers", "documents"],
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
    let rows = PaperRow::of_lot(rx, &lot.id)?;
    let timing = lots::get(rx, &lot.id)?.1.terms()?.timing();
    if timing == Timing::None && rows.is_empty() {
        return Ok(());
    }
    let bidders = enrolments::list_all(rx, &lot.id)?;
    for row in &rows {
        if !is_in_time(row, timing, lot) {
            found(Contradiction::new("qualification_papers", &row.id, NOT_ASKED));
        }
        if !is_examined(row, timing, lot) {
            found(Contradiction::new("qualification_papers", &row.id, NOT_EXAMINED));
        }
        if !papers::is_the_paper(rx, row, &bidders)? {
            found(Contradiction::new("qualification_papers", &row.id, OTHER_PAPER));
        }
    }
    let passed = |id: &crate::trading::enrolment::EnrolmentId| {
        rows.iter().any(|row| row.enrolment_id == *id && row.state == PaperState::Passed)
    };
    if timing == Timing::Before {
        for bidder in bidders.iter().filter(|bidder| bidder.bid_number.is_some() && !passed(&bidder.id)) {
            found(Contradiction::new("enrolments", &bidder.id, UNQUALIFIED));
        }
    }
    if timing == Timing::After {
        let line = confirmations::list_public(rx, &lot.id)?;
        let signs = |state: State| matches!(state, State::Published | State::Confirmed | State::Signed);
        for one in line.iter().filter(|one| signs(one.state) && !passed(&one.enrolment_id)) {
            found(Contradiction::new("lot_confirmations", &one.id, UNQUALIFIED));
        }
    }
    Ok(())
}

fn is_in_time(row: &PaperRow, timing: Timing, lot: &LotRow) -> bool {
    match timing {
        Timing::None => false,
        Timing::Before => lot.enrol_until.is_some_and(|until| row.handed_in_at < until),
        Timing::After => lot.ended_at.is_some_and(|ended| row.handed_in_at >= ended),
    }
}

/// Whether state, person and time of the examination agree, and it came in its time.
fn is_examined(row: &PaperRow, timing: Timing, lot: &LotRow) -> bool {
    let Some(at) = row.examined_at else {
        return row.state == PaperState::Waiting && row.examined_by.is_none() && row.examiner_name.is_empty();
    };
    let in_time = timing != Timing::Before || lot.opens_at.is_some_and(|opens| at < opens);
    let named = row.examined_by.is_some() && !row.examiner_name.is_empty();
    row.state != PaperState::Waiting && named && in_time && at >= row.handed_in_at
}
