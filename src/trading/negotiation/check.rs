//! Whether every negotiation on record was one that could be, decided by two persons, published long enough and signed only
//! then (a check of meaning, see [`log::Check`]).

use super::{
    model::State,
    rules,
    service::failed_rounds,
    store::{self, NegotiationRow},
};
use crate::{
    db::{Result, Rx},
    log::{self, Check, Contradiction, Words},
    trading::listing::{
        LotState,
        store::{self as lots, LotRow},
    },
};

const CHAIN: Words = Words {
    line: "an earlier negotiation about this lot is not over, or one is missing",
    page: "同一宗的前一次公开协商还没有结束，或者缺了中间的一次",
};
const TOO_EARLY: Words = Words {
    line: "the lot has not failed, or fewer rounds of it have failed than this negotiation needs",
    page: "项目没有流拍，或者流拍的次数不够协商",
};
const OTHER_PRICE: Words = Words {
    line: "the negotiated price is worse than the last round asked, or does not come to this total",
    page: "协商价比最后一次挂牌的价格差，或者与总价不符",
};
const ONE_PERSON: Words = Words {
    line: "this negotiation was approved by who proposed it: it takes two persons",
    page: "协商方案由提出的人自己审核，应由两个人经手",
};
const OTHER_STATE: Words = Words {
    line: "the state of this negotiation and what was done with it do not agree",
    page: "公开协商的状态与办理的经过不一致",
};
const SHORT_NOTICE: Words = Words {
    line: "this negotiation was published for fewer days than it says, or concluded before they were over",
    page: "协商结果公示的天数不够，或者没有期满就办结",
};
const RELISTED: Words = Words {
    line: "the lot was listed again although its negotiation is not over",
    page: "公开协商没有结束，项目却重新挂了牌",
};
const UNKNOWN: Words =
    Words { line: "this negotiation cannot be worked out", page: "公开协商的记录不完整，无法核对" };

pub(in crate::trading) const CHECK: Check = Check { tables: &["lots", "lot_terms", "lot_negotiations"], run: check };

const TABLE: &str = "lot_negotiations";

fn check(rx: &mut Rx<'_>, found: &mut dyn FnMut(Contradiction)) -> Result<()> {
    LotRow::each(rx, |rx, lot| {
        let rows = store::of_lot(rx, &lot.id)?;
        for (n, row) in rows.iter().enumerate() {
            let before = n.checked_sub(1).and_then(|n| rows.get(n));
            if usize::try_from(row.place) != Ok(n + 1) || before.is_some_and(|before| !before.state.is_over()) {
                found(Contradiction::new(TABLE, &row.id, CHAIN));
            }
            if log::understood(of_lot(rx, &lot, row, found))?.is_none() {
                found(Contradiction::new(TABLE, &row.id, UNKNOWN));
            }
        }
        let stands = rows.last().filter(|row| !row.state.is_over());
        if let Some(row) = stands
            && lots::find_next_public(rx, &lot.id)?.is_some()
        {
            found(Contradiction::new(TABLE, &row.id, RELISTED));
        }
        Ok(())
    })
}

fn of_lot(rx: &mut Rx<'_>, lot: &LotRow, row: &NegotiationRow, found: &mut dyn FnMut(Contradiction)) -> Result<()> {
    let mut tell = |wrong: bool, what| {
        if wrong {
            found(Contradiction::new(TABLE, &row.id, what));
        }
    };
    let failed = failed_rounds(rx, lot)?;
    let counted = row.failed_rounds == failed && failed >= row.rounds_needed;
    tell(lot.state != LotState::Failed || !counted, TOO_EARLY);
    let terms = lots::get(rx, &lot.id)?.1.terms()?;
    tell(!rules::is_enough(&terms, row.price) || terms.total(row.price) != row.total, OTHER_PRICE);
    tell(row.reviewed_by.as_ref() == Some(&row.proposed_by), ONE_PERSON);
    tell(!follows(row), OTHER_STATE);
    tell(!is_long_enough(row), SHORT_NOTICE);
    row.vote().map(drop)
}

/// Whether the state is what was done with it.
fn follows(row: &NegotiationRow) -> bool {
    let reviewed = row.reviewed_by.is_some();
    let published = row.notice_until.is_some();
    let concluded = row.concluded_by.is_some();
    let agrees = reviewed == row.reviewed_at.is_some()
        && published == row.notice_days.is_some()
        && concluded == row.concluded_at.is_some()
        && concluded == row.contract_by.is_some()
        && row.withdrawn_by.is_some() == (row.state == State::Withdrawn)
        && row.contract_id.is_some() == (row.state == State::Signed)
        && (reviewed || !published)
        && (published || !concluded);
    agrees
        && match row.state {
            State::Proposed => !reviewed,
            State::Returned => reviewed && !published,
            State::Published => published && !concluded,
            State::Concluded | State::Signed => concluded,
            // Before or after its approval.
            State::Withdrawn => reviewed == published,
        }
}

/// Whether the notice has at least as many days as it says, of which none counts that is no working day, and was over before
/// the conclusion.
fn is_long_enough(row: &NegotiationRow) -> bool {
    let (Some(until), Some(days), Some(from)) = (row.notice_until, row.notice_days, row.reviewed_at) else {
        return true;
    };
    let days = u64::try_from(days).unwrap_or_default();
    from.day().plus_days(days) <= until && row.concluded_at.is_none_or(|at| at.day() > until)
}
