//! Whether every order on record is one of those who stood at the ceiling, by two persons, and is what the award says (a check of
//! meaning, see [`log::Check`]).

use super::{
    model::State,
    rules::{self, OnRecord},
    store::{self, RankingRow},
};
use crate::{
    access::Scope,
    db::{Result, Rx},
    documents,
    kernel::Id,
    log::{self, Check, Contradiction, Words},
    trading::{
        auction,
        award::store as awards,
        listing::{
            LotState,
            store::{self as lots, LotRow},
        },
    },
};

const CHAIN: Words = Words {
    line: "an earlier order of these candidates was not sent back, or one is missing",
    page: "同一宗的前一次同价评定没有退回，或者缺了中间的一次",
};
const OTHER_CANDIDATES: Words = Words {
    line: "these are not the bidders whom the commands leave at the ceiling",
    page: "按出价记录算出来同在限价的人，与同价评定记录的不一样",
};
const OTHER_ORDER: Words = Words {
    line: "this order does not hold each candidate once, or the award does not follow it",
    page: "同价评定的先后不是每人一个，或者与成交结果不一致",
};
const ADDS_UP: Words = Words {
    line: "state, times and persons of this order contradict each other: it takes two persons",
    page: "同价评定的状态、时间和拟定、复核的人互相矛盾：拟定和复核必须是两个人",
};
const OTHER_PAPER: Words = Words {
    line: "the paper of this order is not the one that is kept",
    page: "同价评定的文书与保存的文件不一致",
};
const OTHER_STATE: Words = Words {
    line: "the lot is not in the state in which this order left it",
    page: "项目的状态与同价评定的经过不一致",
};
const UNKNOWN: Words =
    Words { line: "this order cannot be worked out", page: "同价评定的记录不完整，无法核对" };

const TABLE: &str = "lot_rankings";

pub(in crate::trading) const CHECK: Check = Check {
    tables: &["lots", "lot_terms", "auctions", "auction_commands", "awards", "documents", "draw_rounds", TABLE],
    run: |rx, found| {
        LotRow::each(rx, |rx, lot| {
            let rows = store::of_lot(rx, &lot.id)?;
            for (n, row) in rows.iter().enumerate() {
                let is_last = n + 1 == rows.len();
                if usize::try_from(row.place) != Ok(n + 1) || is_last == (row.state == State::Returned) {
                    found(Contradiction::new(TABLE, &row.id, CHAIN));
                }
                if log::understood(of_lot(rx, &lot, row, found))?.is_none() {
                    found(Contradiction::new(TABLE, &row.id, UNKNOWN));
                }
            }
            Ok(())
        })
    },
};

fn of_lot(rx: &mut Rx<'_>, lot: &LotRow, row: &RankingRow, found: &mut dyn FnMut(Contradiction)) -> Result<()> {
    let mut tell = |wrong: bool, what| {
        if wrong {
            found(Contradiction::new(TABLE, &row.id, what));
        }
    };
    let terms = lots::get(rx, &lot.id)?.1;
    let (candidates, ranked) = (row.candidates()?, row.ranked()?);
    let has_criterion = terms.terms()?.ceiling_criterion().is_some();
    tell(!has_criterion || auction::equals_at_ceiling(rx, lot, &terms)? != candidates, OTHER_CANDIDATES);
    tell(row.ranked.is_some() && !rules::orders(&ranked, &candidates), OTHER_ORDER);
    tell(row.state == State::Confirmed && !is_followed(rx, lot, &ranked)?, OTHER_ORDER);
    let told = OnRecord {
        state: row.state,
        called_at: row.called_at,
        prepared: row.prepared_by.as_ref().map(Id::as_str).zip(row.prepared_at),
        reviewed: row.reviewed_by.as_ref().map(Id::as_str).zip(row.reviewed_at),
        has_order: row.ranked.is_some(),
        has_note: !row.note.is_empty(),
    };
    tell(!rules::adds_up(told), ADDS_UP);
    let kept = match &row.document_id {
        Some(id) => {
            documents::get(rx, &Scope::Only(lot.collective_code.to_string()), id).map(|paper| Some(paper.sha256))
        }
        None => Ok(None),
    };
    tell(log::understood(kept)? != Some(row.document_sha256.clone()), OTHER_PAPER);
    let fits = match row.state {
        State::Called | State::Prepared => lot.state == LotState::Published,
        State::Ended => lot.state == LotState::Terminated,
        State::Returned | State::Confirmed => true,
    };
    tell(!fits, OTHER_STATE);
    Ok(())
}

/// Whether winner and first successors of the award are these; places of others may still have to be drawn.
fn is_followed(rx: &mut Rx<'_>, lot: &LotRow, ranked: &[i32]) -> Result<bool> {
    let Some(award) = awards::find(rx, &lot.id)?.filter(|_| lot.state != LotState::Terminated) else {
        return Ok(lot.state == LotState::Published || lot.state == LotState::Terminated);
    };
    let successors: Vec<i32> = serde_json::from_str(&award.successors).unwrap_or_default();
    let order: Vec<i32> = award.winner_number.into_iter().chain(successors).collect();
    Ok(order.starts_with(ranked))
}
