//! Whether every draw on record is one that nobody could steer (a check of meaning, see [`log::Check`]).

use super::{
    model::RoundState,
    rules, steps,
    store::{self, PartyRow, RoundRow},
};
use crate::{
    db::{Result, Rx},
    kernel::hex,
    log::{self, Check, Contradiction, Words},
    trading::{
        auction::{CommandKind, store as auctions},
        listing::{
            LotState,
            store::{self as lots, LotRow},
        },
    },
};

const OTHER_SEED: Words = Words {
    line: "the parties, the checkpoint and the values do not give this seed",
    page: "按承诺值、检查点和公开的数值重新计算，种子与记录的不一样",
};
const OTHER_CHECKPOINT: Words = Words {
    line: "this is not the first checkpoint over the entry that called the draw",
    page: "抽签所用的检查点不是竞价结束后的第一个",
};
const OUT_OF_TIME: Words = Words {
    line: "a party of this draw was bound or opened at a time at which none was taken",
    page: "抽签的承诺值或数值不在应有的时间里",
};
const OTHER_ROUNDS: Words = Words {
    line: "the rounds of this draw do not follow from each other",
    page: "抽签各轮的先后与记录不一致",
};

const ENDED_ALONE: Words = Words {
    line: "this round ended with its trade, and the trade was not terminated at that time",
    page: "抽签记录说交易终止，交易却没有在那时终止",
};

pub(in crate::trading) const CHECK: Check = Check {
    tables: &["lots", "lot_terms", "draw_rounds", "draw_parties", "auctions", "auction_commands"],
    run: |rx, found| {
        LotRow::each(rx, |rx, lot| {
            if log::understood(of_lot(rx, &lot, found))?.is_none() {
                found(Contradiction::new("lots", &lot.id, OTHER_ROUNDS));
            }
            Ok(())
        })
    },
};

fn of_lot(rx: &mut Rx<'_>, lot: &LotRow, found: &mut dyn FnMut(Contradiction)) -> Result<()> {
    let (rounds, parties) = (store::list_public_rounds(rx, &lot.id)?, store::list_public_parties(rx, &lot.id)?);
    if rounds.is_empty() && parties.is_empty() {
        return Ok(());
    }
    if lots::get(rx, &lot.id)?.1.terms()?.draw().is_none() || !follow(&rounds) {
        found(Contradiction::new("lots", &lot.id, OTHER_ROUNDS));
    }
    for party in &parties {
        let round = rounds.iter().find(|round| round.round == party.round);
        if !is_in_time(lot, round, party) {
            found(Contradiction::new("draw_parties", &party.id, OUT_OF_TIME));
        }
    }
    for round in &rounds {
        let of_round: Vec<&PartyRow> = parties.iter().filter(|party| party.round == round.round).collect();
        if round.state == RoundState::Ended && !ended_with_its_trade(rx, lot, round)? {
            found(Contradiction::new("draw_rounds", &round.id, ENDED_ALONE));
        }
        if round.state == RoundState::Void && !came_to_nothing(round, &of_round)? {
            found(Contradiction::new("draw_rounds", &round.id, OTHER_ROUNDS));
        }
        if let (Some(checkpoint), Some(index)) = (&round.checkpoint, round.closing_index) {
            let first = log::first_head_over(rx, u64::try_from(index).unwrap_or(u64::MAX))?;
            if first.as_ref() != Some(checkpoint) {
                found(Contradiction::new("draw_rounds", &round.id, OTHER_CHECKPOINT));
            }
        }
        if round.state == RoundState::Drawn {
            let seed = rules::seed(&steps::assembled(rx, round)?).map(|seed| hex(&seed)).ok();
            if seed != round.seed {
                found(Contradiction::new("draw_rounds", &round.id, OTHER_SEED));
            }
        }
    }
    Ok(())
}

/// Numbered from 1, and all but the last came to nothing.
fn follow(rounds: &[RoundRow]) -> bool {
    rounds.iter().map(|round| round.round).eq(1..=i32::try_from(rounds.len()).unwrap_or(i32::MAX))
        && rounds.iter().rev().skip(1).all(|round| round.state == RoundState::Void)
        && rounds.last().is_none_or(|last| last.state != RoundState::Void)
}

fn is_in_time(lot: &LotRow, round: Option<&RoundRow>, party: &PartyRow) -> bool {
    let until = round.and_then(|round| round.commit_until).or(lot.opens_at);
    let bound = until.is_some_and(|until| party.committed_at < until);
    let opened = match (party.opened_at, round.and_then(|round| round.open_until)) {
        (None, _) => party.value.is_none(),
        (Some(at), Some(until)) => party.value.is_some() && at < until,
        (Some(_), None) => false,
    };
    bound && opened
}

fn ended_with_its_trade(rx: &mut Rx<'_>, lot: &LotRow, round: &RoundRow) -> Result<bool> {
    let last = auctions::list_newest(rx, &lot.id, false, None, 1)?.pop();
    let terminated = last.filter(|last| last.action == CommandKind::Terminate).map(|last| last.at);
    Ok(lot.state == LotState::Terminated && terminated == Some(round.updated_at))
}

fn came_to_nothing(round: &RoundRow, parties: &[&PartyRow]) -> Result<bool> {
    let missing: Vec<&String> = parties.iter().filter(|p| p.value.is_none()).map(|p| &p.party).collect();
    let told = round.withheld()?;
    Ok(match round.checkpoint {
        Some(_) => !missing.is_empty() && told.iter().collect::<Vec<_>>() == missing,
        None => parties.len() < 2 && told.is_empty(),
    })
}
