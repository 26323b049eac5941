//! Whether everybody of a lot was looked at only by who had asked, after another person had agreed and while that held (a check of
//! meaning, see [`log::Check`](crate::log::Check)). A look of an older program has no request; nothing is asked of it.

use super::{
    rules,
    store::{self, BidderLookRow, LookRequestRow},
};
use crate::{
    db::{Result, Rx},
    log::{Check, Contradiction, Words},
};

const NOT_BY_TWO: Words = Words {
    line: "state, times and persons of this request contradict each other: it takes two persons",
    page: "查看竞买人的申请的状态、时间和申请、同意的人互相矛盾：申请和同意必须是两个人",
};
const NOT_AGREED: Words = Words {
    line: "this look at all bidders does not stand on a request to which another person agreed for that time",
    page: "这次查看全部竞买人没有另一人同意，或者不在同意的时间内",
};

pub(in crate::trading) const CHECK: Check = Check { tables: &["bidder_looks", "bidder_look_requests"], run: check };

fn check(rx: &mut Rx<'_>, found: &mut dyn FnMut(Contradiction)) -> Result<()> {
    LookRequestRow::each(rx, |_, row| {
        if !rules::adds_up(row.on_record()) {
            found(Contradiction::new("bidder_look_requests", &row.id, NOT_BY_TWO));
        }
        Ok(())
    })?;
    BidderLookRow::each(rx, |rx, look| {
        let Some(id) = &look.request_id else { return Ok(()) };
        let request = store::get_request(rx, id)?.filter(|request| request.lot_id == look.lot_id);
        let stands = request.is_some_and(|request| rules::stands_on(request.on_record(), &look.account_id, look.at));
        if !stands || look.enrolment_id.is_some() {
            found(Contradiction::new("bidder_looks", &look.id, NOT_AGREED));
        }
        Ok(())
    })
}
