//! Whether those in line are the ones of the award, at their own prices (a check of meaning, see [`log::Check`]).

use super::{
    model::State,
    rules,
    store::{self, ConfirmationRow},
};
use crate::{
    db::{Result, Rx},
    log::{self, Check, Contradiction, Words},
    trading::{
        auction,
        award::store as awards,
        listing::{LotState, store::LotRow},
    },
};

const NOT_IN_LINE: Words = Words {
    line: "this is not who comes at this place by the award",
    page: "按成交结果，排在这个位置的不是这个人",
};
const OTHER_PRICE: Words = Words {
    line: "the price is not the one of the award or of the own last bid",
    page: "价格不是成交价，也不是本人最后的报价",
};
const TWO_IN_LINE: Words = Words {
    line: "the one before has not failed, or places are missing",
    page: "前一位还没有退出，或者缺了中间的位置",
};
const OTHER_END: Words = Words {
    line: "the lot is not in the state in which those in line have left it",
    page: "项目的状态与成交确认的经过不一致",
};

pub(in crate::trading) const CHECK: Check =
    Check { tables: &["lots", "awards", "auction_commands", "lot_confirmations"], run: check };

fn check(rx: &mut Rx<'_>, found: &mut dyn FnMut(Contradiction)) -> Result<()> {
    LotRow::each(rx, |rx, lot| {
        let line = store::list_public(rx, &lot.id)?;
        let is_over = line.last().is_some_and(|row| !row.state.is_open());
        if (lot.state == LotState::Undone) != is_over || (!line.is_empty() && !is_over && lot.state != LotState::Sold) {
            found(Contradiction::new("lots", &lot.id, OTHER_END));
        }
        for (n, row) in line.iter().enumerate() {
            let before = n.checked_sub(1).and_then(|n| line.get(n)).map(|row| row.state);
            if before.is_some_and(|state| state.is_open() || state == State::Void)
                || usize::try_from(row.place) != Ok(n + 1)
            {
                found(Contradiction::new("lot_confirmations", &row.id, TWO_IN_LINE));
            }
            if log::understood(of_award(rx, row, found))?.is_none() {
                found(Contradiction::new("lot_confirmations", &row.id, NOT_IN_LINE));
            }
        }
        Ok(())
    })
}

fn of_award(rx: &mut Rx<'_>, row: &ConfirmationRow, found: &mut dyn FnMut(Contradiction)) -> Result<()> {
    let award = awards::find(rx, &row.lot_id)?;
    let successors =
        award.as_ref().map(|award| serde_json::from_str::<Vec<i32>>(&award.successors).unwrap_or_default());
    let winner = award.as_ref().and_then(|award| award.winner_number);
    // How many may come after the winner depends on the rules of the day.
    let number = winner.zip(successors).and_then(|(winner, next)| rules::in_line(winner, &next, u32::MAX, row.place));
    if number != Some(row.bid_number) {
        found(Contradiction::new("lot_confirmations", &row.id, NOT_IN_LINE));
    }
    let price = match row.place {
        1 => award.and_then(|award| award.price),
        _ => auction::last_price(rx, &row.enrolment_id)?,
    };
    if price != Some(row.price) {
        found(Contradiction::new("lot_confirmations", &row.id, OTHER_PRICE));
    }
    Ok(())
}
