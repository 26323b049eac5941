//! How the price is found, where it is more than an open auction by plain steps: as it is typed and as it stands. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    kernel::Fen,
    trading::{
        auction::{ExtensionFrom, Fallback, Mode},
        merits::Merit,
        price::{By, Increase},
    },
};

/// What a collective fills in. A field that its mode does not use stays empty.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MethodDraft {
    /// `ascending`, `proxy`, `clock`, `clock_sealed`, `countdown`, `sealed` or `turns`.
    pub mode: Mode,
    /// Least raise by price: from 0 by 5, from 1000 by 10.
    #[schema(example = "0起5；1000起10")]
    pub steps: String,
    /// From where an extension is counted.
    pub extension_from: ExtensionFrom,
    /// Nothing moves the end further than so many seconds beyond the planned one.
    pub hard_close_after_s: Option<u32>,
    pub leader_may_raise: bool,
    /// What follows where too few have bid.
    pub fallback: Option<Fallback>,
    /// By how much the clock falls, how often, and to where.
    #[schema(example = "10.00")]
    pub clock_decrement: String,
    pub clock_tick_s: Option<u32>,
    pub clock_floor: String,
    /// Length of the countdown that every bid in it starts anew, and of the pause before it.
    pub countdown_s: Option<u32>,
    pub wait_s: Option<u32>,
    /// With fewer bidders before the countdown there is none.
    pub needs_bidders: Option<u32>,
    /// A failure of the system of at least so many seconds is given back …
    pub outage_at_least_s: Option<u32>,
    /// … where it reaches into so many last seconds; any failure where it is left out.
    pub outage_window_s: Option<u32>,
    /// The rent rises from a contract year on, by per cent or by an amount of the price unit.
    #[schema(example = "第5年10%；第8年加50")]
    pub increases: String,
    /// An exercise: nobody wins, no deposit.
    pub practice: bool,
    /// Mode `sealed`: identifiers of the trustees who hold the shares of the bids' keys.
    pub trustees: Vec<String>,
    /// How many of them it takes to open a bid.
    pub trustees_needed: Option<u32>,
    /// Mode `sealed`: there is a secret floor. It comes in an envelope of its own before the notice (`…/sealed-reserve`).
    pub sealed_reserve: bool,
    /// How often a sealed bid, in `turns` a first price, or in `clock_sealed` a sealed price, may be replaced; without limit where it is left out.
    pub revisions: Option<u32>,
    /// Mode `turns`: how many rounds, three where it is left out; how long each turn is; the pauses before the first round
    /// and between rounds, or in `clock_sealed` between its parts.
    pub turn_rounds: Option<u32>,
    pub turn_s: Option<u32>,
    pub first_pause_s: Option<u32>,
    pub pause_s: Option<u32>,
    /// Mode `clock_sealed`: how long sealed prices are taken once the clock was stopped, and how long who stopped it may then
    /// beat the best of them; without that last word where it is left out.
    pub sealed_s: Option<u32>,
    pub best_s: Option<u32>,
    /// Who goes first among equals is drawn: of those at the ceiling …
    pub draw_ceiling: bool,
    /// … of equal prices in `sealed` and `turns` …
    pub draw_ties: bool,
    /// … of holders of one priority rank, who may all match one price.
    pub draw_holders: bool,
    /// Hours that each step of a draw takes at most; 24 where it is left out.
    pub draw_h: Option<u32>,
    /// Instead of a draw: what is compared, and how, where several stand at the ceiling. Officers decide by it, two of them, and
    /// it stands in the notice. Empty: nothing is compared.
    #[schema(example = "比经营方案评分，评分相同的本村成员优先")]
    pub ceiling_criterion: String,
    /// Mode `sealed`: what counts beside the price, one criterion in a line, each answer with what it adds to the price when prices are
    /// compared; the first answer is worth nothing. Empty: prices alone are compared.
    #[schema(example = "水质：不作承诺 0%；不投化肥 3.5%；生态养殖 5%")]
    pub merits: String,
}

impl Default for MethodDraft {
    fn default() -> MethodDraft {
        MethodDraft {
            mode: Mode::Ascending,
            steps: String::new(),
            extension_from: ExtensionFrom::Bid,
            hard_close_after_s: None,
            leader_may_raise: false,
            fallback: None,
            clock_decrement: String::new(),
            clock_tick_s: None,
            clock_floor: String::new(),
            countdown_s: None,
            wait_s: None,
            needs_bidders: None,
            outage_at_least_s: None,
            outage_window_s: None,
            increases: String::new(),
            practice: false,
            trustees: Vec::new(),
            trustees_needed: None,
            sealed_reserve: false,
            revisions: None,
            turn_rounds: None,
            turn_s: None,
            first_pause_s: None,
            pause_s: None,
            sealed_s: None,
            best_s: None,
            draw_ceiling: false,
            draw_ties: false,
            draw_holders: false,
            draw_h: None,
            ceiling_criterion: String::new(),
            merits: String::new(),
        }
    }
}

/// The method as it stands: read and checked. Stored as it is serialised here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LotMethod)]
pub struct Method {
    pub mode: Mode,
    /// Least raise by price, from zero on; empty: the same at every price.
    pub steps: Vec<StepFrom>,
    pub extension_from: ExtensionFrom,
    pub hard_close_after_s: Option<u32>,
    pub leader_may_raise: bool,
    pub fallback: Option<Fallback>,
    /// Modes `clock` and `clock_sealed` only.
    pub clock: Option<Falling>,
    /// Mode `countdown` only.
    pub countdown: Option<FinalPeriod>,
    pub outage: Option<OutageRule>,
    /// In the order of their years.
    pub increases: Vec<RentIncrease>,
    pub practice: bool,
    /// Mode `sealed` only. Left out where there is none, so that older methods read as they were written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<SealedTerms>,
    /// Mode `turns` only; left out like `sealed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turns: Option<TurnTerms>,
    /// Mode `clock_sealed` only; left out like `sealed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_clock: Option<AfterClockTerms>,
    /// Left out like `sealed` where nothing is drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draw: Option<DrawTerms>,
    /// What decides among several at the ceiling, where it is no draw; left out like `sealed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceiling_criterion: Option<String>,
    /// What counts beside the price; left out like `sealed`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merits: Vec<Merit>,
}

/// What is decided by a draw, and how long its parties have for each step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DrawTerms {
    pub ceiling: bool,
    pub ties: bool,
    pub holders: bool,
    pub hours: u32,
}

impl DrawTerms {
    pub fn step_s(&self) -> i64 {
        i64::from(self.hours).saturating_mul(3600)
    }
}

/// First prices that nobody sees, then rounds in which each bidder has one turn, the worst price first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TurnTerms {
    pub rounds: u32,
    pub turn_s: u32,
    pub first_pause_s: u32,
    pub pause_s: u32,
    /// How often a first price may be replaced; null: without limit.
    pub revisions: Option<u32>,
}

/// Sealed prices of everybody else once the clock was stopped, and the last word of who stopped it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AfterClockTerms {
    pub pause_s: u32,
    pub sealed_s: u32,
    /// 0: no last word.
    pub best_s: u32,
    /// How often a sealed price may be replaced; null: without limit.
    pub revisions: Option<u32>,
}

/// Who can open the bids of a sealed auction, and by when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SealedTerms {
    /// In the order of the shares of an envelope.
    pub trustees: Vec<NamedTrustee>,
    /// So many of them open a bid together, fewer cannot.
    pub needed: u32,
    /// How often a bid may be replaced; null: without limit.
    pub revisions: Option<u32>,
    /// Hours after the end within which the bids must be opened, or nobody wins.
    pub open_within_h: u32,
    /// The secret floor, where there is one. Left out where there is none, so that older terms read as they were written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve: Option<ReserveCommitment>,
}

/// What the notice says of the envelope with the secret floor; empty before the notice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReserveCommitment {
    /// Public key of this one envelope.
    pub recipient: String,
    /// Of the encrypted floor.
    pub ciphertext_sha256: String,
}

impl SealedTerms {
    pub fn keys(&self) -> Vec<String> {
        self.trustees.iter().map(|trustee| trustee.recipient.clone()).collect()
    }

    pub fn needed(&self) -> usize {
        usize::try_from(self.needed).unwrap_or(usize::MAX)
    }
}

/// A trustee as the notice names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NamedTrustee {
    pub id: String,
    pub name: String,
    pub office: String,
    /// Public key of `age`.
    pub recipient: String,
}

/// The least raise from a price upwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepFrom {
    #[schema(value_type = String)]
    pub from: Fen,
    #[schema(value_type = String)]
    pub min: Fen,
}

/// A price that falls by itself until somebody takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Falling {
    #[schema(value_type = String)]
    pub decrement: Fen,
    pub tick_s: u32,
    #[schema(value_type = String)]
    pub floor: Fen,
}

/// The countdown at the end, and the pause before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FinalPeriod {
    pub seconds: u32,
    pub wait_s: u32,
    pub needs_bidders: u32,
}

/// Which failures of the system give time back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutageRule {
    pub at_least_s: u32,
    pub window_s: Option<u32>,
}

/// From a contract year on the price unit costs more: by hundredths of a per cent, or by an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RentIncrease {
    pub from_year: u32,
    pub percent_bp: Option<u32>,
    #[schema(value_type = Option<String>)]
    pub amount: Option<Fen>,
}

impl RentIncrease {
    pub fn as_increase(&self) -> Increase {
        let by = match (self.percent_bp, self.amount) {
            (_, Some(amount)) => By::Amount(amount),
            (percent_bp, None) => By::Percent(i64::from(percent_bp.unwrap_or_default())),
        };
        Increase { from_year: i64::from(self.from_year), by }
    }

    /// `第5年10%`, `第8年加50.00`: as it is typed and read.
    fn text(&self) -> String {
        let year = self.from_year;
        match (self.percent_bp.unwrap_or_default(), self.amount) {
            (_, Some(amount)) => format!("第{year}年加{amount}"),
            (bp, None) if bp % 100 == 0 => format!("第{year}年{}%", bp / 100),
            (bp, None) => format!("第{year}年{}.{:02}%", bp / 100, bp % 100),
        }
    }
}

impl Method {
    /// By steps that depend on the price: `0.00起5.00；1000.00起10.00`.
    pub fn steps_text(&self) -> String {
        let rows: Vec<String> = self.steps.iter().map(|row| format!("{}起{}", row.from, row.min)).collect();
        rows.join("；")
    }

    pub fn increases_text(&self) -> String {
        let all: Vec<String> = self.increases.iter().map(RentIncrease::text).collect();
        all.join("；")
    }

    /// How often a price that nobody sees may be replaced; `None`: without limit, or there is none.
    fn revisions(&self) -> Option<u32> {
        let sealed = self.sealed.as_ref().and_then(|sealed| sealed.revisions);
        sealed.or(self.turns.and_then(|turns| turns.revisions)).or(self.after_clock.and_then(|after| after.revisions))
    }

    /// One criterion in a line.
    pub fn merits_text(&self) -> String {
        let all: Vec<String> = self.merits.iter().map(Merit::typed).collect();
        all.join("\n")
    }

    /// As it would be filled in.
    pub fn draft(&self) -> MethodDraft {
        MethodDraft {
            mode: self.mode,
            steps: self.steps_text(),
            extension_from: self.extension_from,
            hard_close_after_s: self.hard_close_after_s,
            leader_may_raise: self.leader_may_raise,
            fallback: self.fallback,
            clock_decrement: self.clock.map(|c| c.decrement.to_string()).unwrap_or_default(),
            clock_tick_s: self.clock.map(|c| c.tick_s),
            clock_floor: self.clock.map(|c| c.floor.to_string()).unwrap_or_default(),
            countdown_s: self.countdown.map(|c| c.seconds),
            wait_s: self.countdown.map(|c| c.wait_s),
            needs_bidders: self.countdown.map(|c| c.needs_bidders),
            outage_at_least_s: self.outage.map(|o| o.at_least_s),
            outage_window_s: self.outage.and_then(|o| o.window_s),
            increases: self.increases_text(),
            practice: self.practice,
            trustees: self.sealed.iter().flat_map(|s| s.trustees.iter().map(|t| t.id.clone())).collect(),
            trustees_needed: self.sealed.as_ref().map(|s| s.needed),
            sealed_reserve: self.sealed.as_ref().is_some_and(|s| s.reserve.is_some()),
            revisions: self.revisions(),
            turn_rounds: self.turns.map(|t| t.rounds),
            turn_s: self.turns.map(|t| t.turn_s),
            first_pause_s: self.turns.map(|t| t.first_pause_s),
            pause_s: self.turns.map(|t| t.pause_s).or(self.after_clock.map(|a| a.pause_s)),
            sealed_s: self.after_clock.map(|a| a.sealed_s),
            best_s: self.after_clock.map(|a| a.best_s),
            draw_ceiling: self.draw.is_some_and(|d| d.ceiling),
            draw_ties: self.draw.is_some_and(|d| d.ties),
            draw_holders: self.draw.is_some_and(|d| d.holders),
            draw_h: self.draw.map(|d| d.hours),
            ceiling_criterion: self.ceiling_criterion.clone().unwrap_or_default(),
            merits: self.merits_text(),
        }
    }
}
