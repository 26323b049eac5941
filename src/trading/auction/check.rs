//! Whether every auction on record is what its commands come to (a check of meaning, see [`log::Check`]).
//!
//! The commands are replayed by the functions of the live server and of `xiangji replay`; each stored decision, the live row,
//! the award and the state of the lot must be what comes out. The last day of the result notice is not worked out again: it
//! depends on the calendar of its time.

use super::{
    Mode, closing, facts, grounds,
    store::{self, AuctionRow, CommandKind, CommandRow},
};
use crate::{
    access::Scope,
    db::{LoggedRow, Result, Rx},
    documents,
    log::{self, Check, Contradiction, Words},
    trading::{
        award::store::{self as awards, AwardRow},
        listing::{
            LotState,
            store::{self as lots, LotRow},
        },
    },
};

const OTHER_DECISION: Words = Words {
    line: "the rules decide otherwise on this command than is stored",
    page: "按规则重新计算，这次出价的结果与记录的不一样",
};
const COMMAND_MISSING: Words = Words {
    line: "the commands of this auction are not numbered without a gap",
    page: "这场竞价的出价记录编号不连续",
};
const OTHER_HEAD: Words = Words {
    line: "the auction does not stand where its commands lead",
    page: "竞价的现状与逐条出价记录算出来的不一样",
};
const OTHER_AWARD: Words = Words {
    line: "the award is not what the commands come to",
    page: "成交结果与逐条出价记录算出来的不一样",
};
const AWARD_MISSING: Words =
    Words { line: "the auction has ended and has no award", page: "竞价已经结束，却没有成交结果" };
const AWARD_TOO_EARLY: Words = Words {
    line: "there is an award and the auction has not ended",
    page: "竞价没有结束，却已有成交结果",
};
const OTHER_STATE: Words = Words {
    line: "the lot is not in the state in which its auction left it",
    page: "项目的状态与竞价的结果不一致",
};
const OTHER_GROUND: Words = Words {
    line: "this step of the steward has not the ground or the paper that it needs",
    page: "中止或终止的事由、决定文书与规则要求的不一致",
};
const NO_RULES: Words = Words {
    line: "the terms or hours of the lot make no rules for an auction",
    page: "项目的条件或时间不完整，无法按规则重新计算",
};

pub(in crate::trading) const CHECK: Check = Check {
    tables: &[
        "lots",
        "lot_terms",
        "enrolments",
        "joint_bidders",
        "auctions",
        "auction_commands",
        "awards",
        "documents",
        "lot_rankings",
        "merit_claims",
    ],
    run: check,
};

type Found<'f> = &'f mut dyn FnMut(Contradiction);

fn check(rx: &mut Rx<'_>, found: &mut dyn FnMut(Contradiction)) -> Result<()> {
    LotRow::each(rx, |rx, lot| {
        if log::understood(lot_as_a_whole(rx, &lot, found))?.is_none() {
            found(Contradiction::new("lots", &lot.id, NO_RULES));
        }
        Ok(())
    })
}

fn lot_as_a_whole(rx: &mut Rx<'_>, lot: &LotRow, found: Found<'_>) -> Result<()> {
    let (auction, award) = (store::find(rx, &lot.id)?, awards::find(rx, &lot.id)?);
    let Some(auction) = auction else {
        if award.is_some() {
            found(Contradiction::new("awards", &lot.id, AWARD_TOO_EARLY));
        }
        if lot.state.is_public() {
            found(Contradiction::new("lots", &lot.id, OTHER_STATE));
        }
        return Ok(());
    };
    let commands = store::list_all(rx, &lot.id)?;
    let numbered = commands.iter().map(|command| command.seq).eq(1..=auction.last_seq);
    if !numbered {
        found(Contradiction::new("auctions", &lot.id, COMMAND_MISSING));
    }
    for command in &commands {
        if !rests_well(rx, lot, command)? {
            found(Contradiction::new("auction_commands", &command.id, OTHER_GROUND));
        }
    }
    match (auction.closed_at, &award) {
        (Some(_), None) if is_given_up(lot, &auction, &commands) => Ok(()),
        (Some(_), None) if is_practice(rx, lot)? => replay(rx, lot, &auction, None, &commands, found),
        (Some(_), None) => {
            found(Contradiction::new("awards", &lot.id, AWARD_MISSING));
            Ok(())
        }
        (None, Some(_)) => {
            found(Contradiction::new("awards", &lot.id, AWARD_TOO_EARLY));
            Ok(())
        }
        (_, award) => replay(rx, lot, &auction, award.as_ref(), &commands, found),
    }
}

/// Whether a step has what its ground asks for, and its paper is the one that is kept.
fn rests_well(rx: &mut Rx<'_>, lot: &LotRow, command: &CommandRow) -> Result<bool> {
    let kept = match &command.document_id {
        Some(id) => {
            documents::get(rx, &Scope::Only(lot.collective_code.to_string()), id).map(|paper| Some(paper.sha256))
        }
        None => Ok(None),
    };
    let kept = log::understood(kept)?;
    let fits = grounds::fits(command.action, command.ground, command.paper.as_deref());
    Ok(fits && kept.is_some_and(|kept| kept == command.document_sha256))
}

/// Whether nobody can have won.
fn is_practice(rx: &mut Rx<'_>, lot: &LotRow) -> Result<bool> {
    Ok(lots::get(rx, &lot.id)?.1.terms()?.is_practice())
}

/// Whether the lot was ended before its auction opened: then no engine decided on its last command.
fn is_given_up(lot: &LotRow, auction: &AuctionRow, commands: &[CommandRow]) -> bool {
    let Some(last) = commands.last() else { return false };
    let before = lot.opens_at.is_none_or(|opens| last.at < opens);
    before
        && last.action == CommandKind::Terminate
        && last.accepted
        && auction.terminated
        && auction.closed_at == Some(last.at)
        && lot.state == LotState::Terminated
}

fn replay(
    rx: &mut Rx<'_>,
    lot: &LotRow,
    auction: &AuctionRow,
    award: Option<&AwardRow>,
    commands: &[CommandRow],
    found: Found<'_>,
) -> Result<()> {
    let terms = lots::get(rx, &lot.id)?.1;
    let table = facts::table(rx, lot, &terms)?;
    let state = match closing::replayed(&table, commands) {
        Ok(state) => state,
        Err(command) => {
            found(Contradiction::new("auction_commands", &command.id, OTHER_DECISION));
            return Ok(());
        }
    };
    if !facts::stands_at(auction, &table, &state.head) {
        found(Contradiction::new("auctions", &lot.id, OTHER_HEAD));
    }
    let end = match (award, auction.closed_at) {
        (Some(award), Some(closed_at)) => {
            // Whether they could not be opened is asked where the shares are known (`sealed::check`).
            let unopened = award.reason.filter(|why| why.is_unopened() && table.rules.mode == Mode::Sealed);
            let told = closing::award(rx, &terms, &table, &state, closed_at, award.notice_until, unopened);
            let told = log::understood(told)?.map(|told| closing::as_kept(told, award));
            if told.as_ref().map(LoggedRow::state).transpose()? != Some(award.state()?) {
                found(Contradiction::new("awards", &lot.id, OTHER_AWARD));
            }
            (told.and_then(|told| closing::end(told.status)).unwrap_or(lot.state), auction.closed_at)
        }
        (None, Some(_)) if table.rules.practice => (LotState::Practised, auction.closed_at),
        _ => (LotState::Published, None),
    };
    // Whether a sale could come to nothing afterwards is asked where those in line are known (`confirmation::check`).
    let left = if lot.state == LotState::Undone { LotState::Sold } else { lot.state };
    if (left, lot.ended_at) != end {
        found(Contradiction::new("lots", &lot.id, OTHER_STATE));
    }
    Ok(())
}
