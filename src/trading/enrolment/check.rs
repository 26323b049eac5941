//! Whether exactly those who paid their deposit have bid numbers (a check of meaning, see [`log::Check`]).

use super::{EnrolmentState, service, store};
use crate::{
    db::{Result, Rx},
    log::{self, Check, Contradiction, Words},
    settlement,
    trading::{
        joint,
        listing::store::{self as lots, LotRow},
    },
};

const NOT_NUMBERED: Words = Words {
    line: "the bid numbers of this lot are not 1, 2, 3 … of those who were admitted",
    page: "本项目的竞买号不连续，或与是否取得竞买资格不符",
};
const NOT_AGREED: Words = Words {
    line: "there is a bid number and a partner has not agreed, or the shares do not come to the whole",
    page: "联合竞买有竞买号，却有一方没有同意，或份额加起来不是 100%",
};
const NO_DEPOSIT: Words = Words {
    line: "there is a bid number and not the deposit that the terms ask for",
    page: "有竞买号，却没有按公告足额、按时缴纳的保证金",
};

pub(in crate::trading) const CHECK: Check = Check {
    tables: &["lots", "lot_terms", "enrolments", "joint_bidders", "deposits"],
    run: |rx, found| {
        LotRow::each(rx, |rx, lot| {
            if log::understood(of_lot(rx, &lot, found))?.is_none() {
                found(Contradiction::new("lots", &lot.id, NOT_NUMBERED));
            }
            Ok(())
        })
    },
};

fn of_lot(rx: &mut Rx<'_>, lot: &LotRow, found: &mut dyn FnMut(Contradiction)) -> Result<()> {
    let rows = store::list_all(rx, &lot.id)?;
    let mut next = 1;
    for row in &rows {
        let admitted = row.state == EnrolmentState::Admitted;
        let Some(number) = row.bid_number else {
            if admitted {
                found(Contradiction::new("enrolments", &row.id, NOT_NUMBERED));
            }
            continue;
        };
        if !admitted || number != next {
            found(Contradiction::new("enrolments", &row.id, NOT_NUMBERED));
        }
        next = number.saturating_add(1);
        if !joint::all_agreed(rx, &row.id)? || !joint::sums_up(rx, row)? {
            found(Contradiction::new("enrolments", &row.id, NOT_AGREED));
        }
        let terms = lots::get(rx, &lot.id)?.1;
        if !terms.terms()?.is_practice() && !settlement::is_in(rx, &service::deposit_of(row, lot, &terms)?)? {
            found(Contradiction::new("enrolments", &row.id, NO_DEPOSIT));
        }
    }
    Ok(())
}
