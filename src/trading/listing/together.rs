//! Several lots in one notice: published at once, with the same hours, each lot with its own deposit and result.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    model::{LotId, Schedule},
    service,
    store::{self, LotRow, Reader},
};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Result, Rx, Tx},
    kernel::{Problem, codes::RegionCode, error::NOT_FOUND},
    log::Receipt,
    policy::PolicyBook,
};

/// So many lots stand in one notice at most.
const MOST: usize = 50;

/// A lot of the notice, and the version of it that was seen.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LotSeen {
    /// Identifier of the lot.
    #[schema(value_type = String)]
    pub lot: LotId,
    pub version: i32,
}

/// One notice for several lots.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JointNotice {
    /// Approved lots of one collective, in the order of the notice.
    pub lots: Vec<LotSeen>,
    pub schedule: Schedule,
}

/// What came of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JointlyPublished {
    /// Number of the notice: the trade number of its first lot.
    pub notice_number: String,
    /// Identifiers of its lots.
    #[schema(value_type = Vec<String>)]
    pub lots: Vec<LotId>,
}

/// Another lot of the same notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LotBeside)]
pub struct Beside {
    #[schema(value_type = String)]
    pub id: LotId,
    pub number: Option<String>,
    pub title: String,
}

/// Publishes them all or none.
///
/// Errors: those of [`service::publish`] for the first lot that cannot go out; a field error where they are not lots of one
/// collective, one stands twice, or there are fewer than two.
pub fn publish_together(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    calendar: &Calendar,
    policies: &PolicyBook,
    notice: &JointNotice,
    check_version: impl Fn(&LotSeen, i32) -> Result<()>,
) -> Result<(JointlyPublished, Receipt)> {
    let mut sorted: Vec<&LotId> = notice.lots.iter().map(|seen| &seen.lot).collect();
    sorted.sort();
    sorted.dedup();
    if sorted.len() < 2 || sorted.len() > MOST || sorted.len() != notice.lots.len() {
        let detail = format!("一份公告应有 2 到 {MOST} 个标的，每个只写一次");
        return Err(Problem::field("lots", Some(&notice.lots.len().to_string()), detail).into());
    }
    // In the order of their identifiers, so that two who publish at once never wait for each other.
    for lot in &sorted {
        store::lock(tx, lot)?;
    }
    let code = one_collective(tx, allowed, &notice.lots)?;
    let notice_number = service::next_number(tx, &code)?;
    let mut receipt = None;
    for seen in &notice.lots {
        let check = |version| check_version(seen, version);
        let schedule = &notice.schedule;
        let joint = Some(notice_number.clone());
        receipt = Some(service::publish_in(tx, allowed, calendar, policies, &seen.lot, schedule, joint, check)?);
    }
    let lots = notice.lots.iter().map(|seen| seen.lot.clone()).collect();
    let receipt = receipt.ok_or(&NOT_FOUND)?;
    Ok((JointlyPublished { notice_number, lots }, receipt))
}

fn one_collective(tx: &mut Tx<'_>, allowed: &Allowed<may::RunAuctions>, lots: &[LotSeen]) -> Result<RegionCode> {
    let mut found: Option<RegionCode> = None;
    for seen in lots {
        let (row, _) = store::find(tx, Reader::Staff(&allowed.scope), &seen.lot)?.ok_or(&NOT_FOUND)?;
        let LotRow { collective_code, title, .. } = row;
        match &found {
            Some(code) if *code != collective_code => {
                let detail = format!("“{title}”属于另一个集体，一份公告只能放同一个集体的标的");
                return Err(Problem::field("lots", Some(seen.lot.as_str()), detail).into());
            }
            Some(_) => {}
            None => found = Some(collective_code),
        }
    }
    Ok(found.ok_or(&NOT_FOUND)?)
}

/// No scope: what has a notice is public. The other lots of the same notice.
pub fn beside(rx: &mut Rx<'_>, lot: &LotRow) -> Result<Vec<Beside>> {
    let Some(number) = &lot.notice_number else { return Ok(Vec::new()) };
    let all = store::list_public_of_notice(rx, number)?;
    let others = all.into_iter().filter(|other| other.id != lot.id);
    Ok(others.map(|LotRow { id, number, title, .. }| Beside { id, number, title }).collect())
}
