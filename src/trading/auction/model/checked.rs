//! Whether rules fit together.

use super::{AtCeiling, Direction, FULL, Mode, Rules, StepMin};
use crate::kernel::Fen;

/// Rules that contradict themselves. Shown as one sentence that names the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleFault {
    ClosesBeforeItOpens,
    HardCloseBeforeEnd,
    CeilingUnderOpening,
    NoStep,
    ZeroStep,
    TableStart,
    TableTwice,
    FloorAboveOpening,
    ZeroTick,
    HolderUnknown,
    HolderTwice,
    NoSealedTerms,
    NoClockTerms,
    DrawWithoutSeed,
    CeilingUnnamed,
    CeilingInMode,
    CriterionUnused,
    RankedTwice,
    RankedUnknown,
    PointsInMode,
    PointsBeside,
    PointsUnknown,
    PointsTwice,
    PointsTooMany,
    DownwardClock,
    NoCountdown,
    CountdownTooLong,
    ExtensionTwice,
    NoTurns,
    NoAfterClock,
}

impl std::fmt::Display for RuleFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            RuleFault::ClosesBeforeItOpens => "结束时间（closes_at）应晚于开始时间（opens_at）",
            RuleFault::HardCloseBeforeEnd => "最晚结束时间（hard_close_at）不应早于结束时间（closes_at）",
            RuleFault::CeilingUnderOpening => {
                "最高限价（ceiling_price）不应低于起拍价（opening_price），最低限价（floor_price）不应高于起拍价"
            }
            RuleFault::NoStep => "明标、代理出价、限时报价和轮次报价应写明加价幅度（step）",
            RuleFault::ZeroStep => "加价幅度（step 的 min、max、multiple_of 和 table 各行的 min）应大于零",
            RuleFault::TableStart => "分段加价表（step.table）应有一行从 0.00 开始",
            RuleFault::TableTwice => "分段加价表（step.table）有两行从同一价格开始",
            RuleFault::FloorAboveOpening => "最低价（clock.floor）不应高于起拍价（opening_price）",
            RuleFault::ZeroTick => "降价间隔（clock.tick_s）应至少为 1 秒",
            RuleFault::HolderUnknown => "优先权人（priority.holders）应在竞买人名单之中",
            RuleFault::HolderTwice => "优先权人（priority.holders）重复",
            RuleFault::NoSealedTerms => "暗标、轮次报价和降价后暗标应写明可修改次数（sealed）",
            RuleFault::NoClockTerms => "降价竞价应写明降价方式（clock）",
            RuleFault::DrawWithoutSeed => "抽签（tie 为 draw）应写明随机种子（draw_seed）",
            RuleFault::CeilingUnnamed => {
                "写明到限价后如何确定（at_ceiling），应同时写明限价（ceiling_price 或 floor_price）"
            }
            RuleFault::CeilingInMode => "到限价后另行确定（at_ceiling）用于明标、限时报价、暗标和轮次报价",
            RuleFault::CriterionUnused => "评定办法（criterion）用于到限价后按办法评定的：at_ceiling 应为 criterion",
            RuleFault::RankedTwice => "评定的先后（criterion.order）中有重复的竞买人",
            RuleFault::RankedUnknown => "评定的先后（criterion.order）应只写竞买人名单中的人",
            RuleFault::PointsInMode => "加分（points）用于暗标（mode 为 sealed）：别的方式边出价边比价，比的只能是价格",
            RuleFault::PointsBeside => {
                "有加分（points）的，不能再有优先权（priority）和限价（ceiling_price、floor_price）"
            }
            RuleFault::PointsUnknown => "加分（points）应只写竞买人名单中的人",
            RuleFault::PointsTwice => "加分（points）中有重复的竞买人",
            RuleFault::PointsTooMany => "加分（points）以万分之一计，应为 0 到 10000",
            RuleFault::DownwardClock => "降价竞价的方向（direction）应为 up",
            RuleFault::NoCountdown => "限时报价应写明限时秒数（countdown），至少 1 秒",
            RuleFault::CountdownTooLong => {
                "自由报价期不应在开始时间（opens_at）之前结束：请缩短 countdown 的 seconds 或 wait_s"
            }
            RuleFault::ExtensionTwice => "限时报价由 countdown 顺延，extension 应为 null",
            RuleFault::NoTurns => "轮次报价应写明轮数和每轮时长（turns），rounds 和 turn_s 至少为 1",
            RuleFault::NoAfterClock => "降价后暗标应写明暗标时长（after_clock），sealed_s 至少为 1",
        })
    }
}

impl std::error::Error for RuleFault {}

impl Rules {
    /// Puts lists in order and tests that the rules fit together and with `bidders` places. Every other function here
    /// takes rules that passed.
    pub fn checked(mut self, bidders: usize) -> Result<Rules, RuleFault> {
        use RuleFault as F;
        let zero = |f: Option<Fen>| f.is_some_and(|f| f <= Fen::ZERO);
        let fail = |bad: bool, fault| if bad { Err(fault) } else { Ok(()) };
        fail(self.closes_at <= self.opens_at, F::ClosesBeforeItOpens)?;
        let hard = self.hard_close_at();
        fail(hard.is_some_and(|hard| hard < self.closes_at), F::HardCloseBeforeEnd)?;
        let passed = |ceiling| self.direction.is_better(self.opening_price, ceiling);
        fail(self.ceiling_price.is_some_and(passed), F::CeilingUnderOpening)?;
        let steps = self.mode.is_open() || matches!(self.mode, Mode::Proxy | Mode::Turns);
        fail(self.step.is_none() && steps, F::NoStep)?;
        if let Some(step) = &mut self.step {
            fail(zero(step.max) || zero(step.multiple_of), F::ZeroStep)?;
            match &mut step.min {
                StepMin::Flat(min) => fail(*min <= Fen::ZERO, F::ZeroStep)?,
                StepMin::Table(rows) => {
                    rows.sort_by_key(|row| row.from);
                    fail(rows.iter().any(|row| row.min <= Fen::ZERO), F::ZeroStep)?;
                    fail(rows.first().is_none_or(|row| row.from != Fen::ZERO), F::TableStart)?;
                    fail(rows.windows(2).any(|w| matches!(w, [a, b] if a.from == b.from)), F::TableTwice)?;
                }
            }
        }
        if let Some(priority) = &mut self.priority {
            priority.holders.sort_by_key(|(bidder, _)| *bidder);
            fail(priority.holders.iter().any(|(bidder, _)| bidder.0 >= bidders), F::HolderUnknown)?;
            fail(priority.holders.windows(2).any(|w| matches!(w, [a, b] if a.0 == b.0)), F::HolderTwice)?;
        }
        if let Some(clock) = &self.clock {
            fail(clock.floor > self.opening_price, F::FloorAboveOpening)?;
            fail(clock.tick_s <= 0, F::ZeroTick)?;
        }
        let falls = matches!(self.mode, Mode::Clock | Mode::ClockSealed);
        let closed = matches!(self.mode, Mode::Sealed | Mode::Turns | Mode::ClockSealed);
        fail(closed && self.revisions.is_none(), F::NoSealedTerms)?;
        fail(falls && self.clock.is_none(), F::NoClockTerms)?;
        fail(falls && self.direction == Direction::Down, F::DownwardClock)?;
        fail(self.may_draw() && self.draw_seed.is_none(), F::DrawWithoutSeed)?;
        self.check_ceiling(bidders)?;
        self.check_points(bidders)?;
        self.check_phases()?;
        Ok(self)
    }

    fn check_ceiling(&self, bidders: usize) -> Result<(), RuleFault> {
        let order = self.criterion.as_ref().and_then(|criterion| criterion.order.as_deref()).unwrap_or_default();
        match self.at_ceiling {
            Some(_) if self.ceiling_price.is_none() => Err(RuleFault::CeilingUnnamed),
            Some(_) if !self.mode.is_open() && !self.mode.hides_prices() => Err(RuleFault::CeilingInMode),
            by if self.criterion.is_some() && by != Some(AtCeiling::Criterion) => Err(RuleFault::CriterionUnused),
            _ if order.iter().any(|bidder| bidder.0 >= bidders) => Err(RuleFault::RankedUnknown),
            _ if order.iter().enumerate().any(|(i, one)| order.iter().skip(i + 1).any(|other| other == one)) => {
                Err(RuleFault::RankedTwice)
            }
            _ => Ok(()),
        }
    }

    /// Priority at an equal price and a ceiling to which everybody may come both ask which prices are equal, and points make
    /// that another question.
    fn check_points(&mut self, bidders: usize) -> Result<(), RuleFault> {
        let Some(points) = &mut self.points else { return Ok(()) };
        points.sort_by_key(|(bidder, _)| *bidder);
        if self.mode != Mode::Sealed {
            Err(RuleFault::PointsInMode)
        } else if self.priority.is_some() || self.ceiling_price.is_some() {
            Err(RuleFault::PointsBeside)
        } else if points.iter().any(|(bidder, _)| bidder.0 >= bidders) {
            Err(RuleFault::PointsUnknown)
        } else if points.windows(2).any(|w| matches!(w, [a, b] if a.0 == b.0)) {
            Err(RuleFault::PointsTwice)
        } else if points.iter().any(|(_, points)| !(0..=FULL).contains(points)) {
            Err(RuleFault::PointsTooMany)
        } else {
            Ok(())
        }
    }

    fn check_phases(&self) -> Result<(), RuleFault> {
        match self.mode {
            Mode::Countdown => {
                let countdown = self.countdown.filter(|c| c.seconds > 0).ok_or(RuleFault::NoCountdown)?;
                let free_s = countdown.seconds.saturating_add(countdown.wait_s).saturating_neg();
                if self.closes_at.plus_s(free_s) < self.opens_at {
                    return Err(RuleFault::CountdownTooLong);
                }
                self.extension.map_or(Ok(()), |_| Err(RuleFault::ExtensionTwice))
            }
            Mode::Turns => self.turns.filter(|t| t.rounds > 0 && t.turn_s > 0).map(|_| ()).ok_or(RuleFault::NoTurns),
            Mode::ClockSealed => self.after_clock.filter(|a| a.sealed_s > 0).map(|_| ()).ok_or(RuleFault::NoAfterClock),
            _ => Ok(()),
        }
    }
}
