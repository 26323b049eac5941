//! Whether no bid was entered in the hall but for a paddle of its bidder that was there (a check of meaning, see
//! [`log::Check`](crate::log::Check)). Bids of an older program were entered by nobody; nothing is asked of them.

use super::{
    rules,
    store::{self, PaddleRow},
};
use crate::{
    db::{Result, Rx},
    log::{Check, Contradiction, Words},
    trading::{auction::store as auctions, enrolment::store as enrolments},
};

const NO_COURSE: Words = Words {
    line: "state, times and persons of this paddle contradict each other, or it is of another bidder",
    page: "号牌的状态、时间、经办人互相矛盾，或者不是这位竞买人的",
};
const NOT_THERE: Words = Words {
    line: "this bid was entered while no paddle of its bidder was checked in",
    page: "这次现场出价的时候，竞买人的号牌没有核对过或者已经交回",
};

pub(in crate::trading) const CHECK: Check =
    Check { tables: &["hall_paddles", "auction_commands", "enrolments"], run: check };

fn check(rx: &mut Rx<'_>, found: &mut dyn FnMut(Contradiction)) -> Result<()> {
    PaddleRow::each(rx, |rx, row| {
        let of = enrolments::find_by_number(rx, &row.lot_id, row.bid_number)?;
        let is_own = of.is_some_and(|of| of.id == row.enrolment_id);
        if !is_own || !rules::adds_up(row.on_record()) {
            found(Contradiction::new("hall_paddles", &row.id, NO_COURSE));
        }
        Ok(())
    })?;
    let mut after = None;
    loop {
        let bids = auctions::list_entered(rx, after.as_deref())?;
        let Some(last) = bids.last() else { return Ok(()) };
        after = Some(last.id.to_string());
        for bid in &bids {
            let paddles = match &bid.enrolment_id {
                Some(enrolment) => store::of_enrolment(rx, enrolment)?,
                None => Vec::new(),
            };
            let was_there = paddles.iter().any(|paddle| {
                Some(paddle.bid_number) == bid.bid_number && rules::was_in_hall(paddle.on_record(), bid.at)
            });
            if !was_there {
                found(Contradiction::new("auction_commands", &bid.id, NOT_THERE));
            }
        }
    }
}
