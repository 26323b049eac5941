//! Whether memberships make sense (a check of meaning, see [`log::Check`](crate::log::Check)): who is a member of one village is
//! of no other (LREC art. 17(3)), and a membership has ended exactly when a cause and a day say so.

use super::{
    rules,
    store::{self, MembershipRow},
};
use crate::{
    db::{Result, Rx},
    log::{Check, Contradiction, Words},
};

const TWICE: Words = Words {
    line: "the person is a member of two collectives at once",
    page: "同一个人同时是两个集体经济组织的成员",
};
const END_DIFFERS: Words = Words {
    line: "state, cause and days of the membership contradict each other",
    page: "成员身份的状态与丧失原因、日期互相矛盾",
};
const OTHER_HOUSEHOLD: Words = Words {
    line: "the household belongs to another collective",
    page: "所在的户属于另一个集体经济组织",
};

pub(super) const CHECK: Check = Check { tables: &["memberships", "households"], run: check };

fn check(rx: &mut Rx<'_>, found: &mut dyn FnMut(Contradiction)) -> Result<()> {
    MembershipRow::each(rx, |_, row| {
        if !rules::end_adds_up(row.state, row.acquired_on, row.loss_cause, row.lost_on, row.retained_until) {
            found(Contradiction::new("memberships", &row.id, END_DIFFERS));
        }
        Ok(())
    })?;
    for id in store::in_foreign_households(rx)? {
        found(Contradiction::new("memberships", id, OTHER_HOUSEHOLD));
    }
    for (id, code, other) in store::active_twice(rx)? {
        if !rules::is_same_village(code.as_str(), other.as_str()) {
            found(Contradiction::new("memberships", id, TWICE));
        }
    }
    Ok(())
}
