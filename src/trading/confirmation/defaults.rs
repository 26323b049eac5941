//! Those who did not keep the word that their bid was: they stay away from the next round, and owe what it falls short.
//!
//! SPC rules on online judicial auctions, art. 24: who has defaulted does not bid when the lot is auctioned again, and of the
//! deposit that is kept the costs are paid first, then the difference between the prices. Auction Law, art. 39: the first buyer
//! owes that difference.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    model::{Ground, State},
    rules,
    store::{self, ConfirmationRow},
};
use crate::{
    db::{Result, Rx},
    kernel::{Fen, Problem},
    settlement,
    trading::{
        auction::Direction,
        award::store as awards,
        bid_number,
        enrolment::store as enrolments,
        joint::store as joint,
        listing::{
            self, LotId, LotState,
            store::{self as lots, LotRow},
        },
    },
    vault::BlindIndex,
};

crate::codes! {
    DEFAULTED_BEFORE 409 "defaulted_before" "您在这个标的以前的竞价中竞得后没有履约，重新竞价时不能再参加";
}

impl ConfirmationRow {
    fn is_default(&self) -> bool {
        matches!(self.state, State::Failed | State::Void) && self.ground.is_some_and(Ground::forfeits)
    }
}

/// Whether who has this number has defaulted on this lot, alone or in a group, in this round or one before it.
///
/// Errors: `defaulted_before`.
pub(in crate::trading) fn check(rx: &mut Rx<'_>, lot: &LotRow, index: &BlindIndex, whom_to_ask: &str) -> Result<()> {
    for round in listing::back_from(rx, lot)? {
        for row in store::list_public(rx, &round.id)?.into_iter().filter(ConfirmationRow::is_default) {
            let lead = enrolments::get_led(rx, &row.enrolment_id)?;
            if lead.id_index != *index
                && !joint::of_enrolment(rx, &row.enrolment_id)?.iter().any(|partner| partner.id_index == *index)
            {
                continue;
            }
            let ground = row.ground.map_or("", |ground| ground.label());
            let detail = format!(
                "您在这个标的第 {} 次竞价中竞得后没有履约（{ground}，{}），重新竞价时不能再参加。对这件事有疑问，请联系{whom_to_ask}",
                round.round, row.decision
            );
            return Err(Problem::new(&DEFAULTED_BEFORE, detail).into());
        }
    }
    Ok(())
}

/// What a default cost the collective, before the costs of offering the lot anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Shortfall {
    #[schema(value_type = String)]
    pub lot_id: LotId,
    /// Of the offer.
    pub round: i32,
    /// Bid number.
    pub bidder: String,
    /// What was to be paid over the whole term, yuan.
    #[schema(value_type = Option<String>, example = "150400.00")]
    pub promised: Option<Fen>,
    /// What who came after has promised over the whole term; null: nobody has.
    #[schema(value_type = Option<String>, example = "141000.00")]
    pub sold_again: Option<Fen>,
    /// By how much that is worse; null where the two do not compare, for the term is another.
    #[schema(value_type = Option<String>, example = "9400.00")]
    pub gap: Option<Fen>,
    /// The deposit, where it is kept by a decision.
    #[schema(value_type = Option<String>, example = "5000.00")]
    pub kept: Option<Fen>,
    /// What is left of the gap when the deposit is counted in.
    #[schema(value_type = Option<String>, example = "4400.00")]
    pub owed: Option<Fen>,
}

/// A sale that stood, or that somebody did not keep.
struct Sale {
    lot_id: LotId,
    round: i32,
    term_months: u32,
    direction: Direction,
    total: Option<Fen>,
    /// Number and enrolment of who defaulted.
    default: Option<(i32, String)>,
}

/// Every default on this lot in this round and those before it, the first one first. Each owes for the fall to whoever came
/// next, so that all together owe the loss once.
///
/// No scope: the caller has found the lot in one.
pub(super) fn shortfalls(rx: &mut Rx<'_>, id: &LotId) -> Result<Vec<Shortfall>> {
    let (lot, _) = lots::get(rx, id)?;
    let mut sales = Vec::new();
    for round in listing::back_from(rx, &lot)?.into_iter().rev() {
        let terms = lots::get(rx, &round.id)?.1.terms()?;
        let (lot_id, term_months, direction) = (round.id.clone(), terms.term_months, terms.direction());
        let sale = |total, default| Sale {
            lot_id: lot_id.clone(),
            round: round.round,
            term_months,
            direction,
            total,
            default,
        };
        let line = store::list_public(rx, &round.id)?;
        for row in line.iter().filter(|row| row.is_default()) {
            sales.push(sale(row.total, Some((row.bid_number, row.enrolment_id.to_string()))));
        }
        let stands = match line.last() {
            Some(last) => Some(last.total).filter(|_| last.state.is_open() && last.state != State::Offered),
            None if round.state == LotState::Sold => awards::find(rx, &round.id)?.map(|award| award.total),
            None => None,
        };
        sales.extend(stands.map(|total| sale(total, None)));
    }
    let mut found = Vec::new();
    for (nth, one) in sales.iter().enumerate() {
        let Some((number, enrolment)) = &one.default else { continue };
        let next = sales.get(nth + 1);
        let sold_again = next.and_then(|next| next.total);
        let compares = next.is_some_and(|next| next.term_months == one.term_months);
        let gap =
            one.total.zip(sold_again).filter(|_| compares).map(|(then, now)| rules::gap(one.direction, then, now));
        let kept = settlement::kept(rx, enrolment)?;
        found.push(Shortfall {
            lot_id: one.lot_id.clone(),
            round: one.round,
            bidder: bid_number(*number),
            promised: one.total,
            sold_again,
            gap,
            kept,
            owed: gap.map(|gap| Fen((gap.0 - kept.map_or(0, |kept| kept.0)).max(0))),
        });
    }
    Ok(found)
}
