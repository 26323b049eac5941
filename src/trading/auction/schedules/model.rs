//! The open mode once more, written from the contract's text and not from the engine, in at most 60 lines: money and time
//! are plain numbers, and for falling prices every amount is turned round. With a [`Mistake`] it makes exactly that one.

use Mistake as M;

use crate::kernel::Fen;
use crate::trading::auction::{
    Action as A, Command, Direction, Extension, ExtensionFrom, Failure, Rules, Status, StepMin, StepRow,
};

/// A decision: leader, price and end after it, or the code with the amount that would have passed.
pub(super) type Seen = Result<(Option<usize>, Option<i64>, i64), (&'static str, Option<i64>)>;
pub(super) type Award = (Status, Option<Failure>, Option<usize>, Option<i64>, Option<i64>, u64, Vec<usize>);

macro_rules! mistakes {
    ($($name:ident),+ $(,)?) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Mistake { $($name),+ }
        impl Mistake { pub(super) const ALL: &[Mistake] = &[$(Mistake::$name),+]; }
    };
}

mistakes! {
    // The rules are read wrongly.
    OpensLate, ExtendsFromTheOtherEnd, OneExtensionMore, HardCloseForgotten, TableRowBeginsLate, GreatestStepForgotten,
    CeilingForgotten, CeilingIsTooHigh, MatchNeedsNoRight, LeaderOutbidsItself, ReserveMustBeExceeded, OneBidderTooFew,
    // The rules are right, and what is made of them is not.
    AcceptsAtTheEnd, RunsOutWhileSuspended, WindowOpensLate, RefusedBidExtends, MatchDoesNotExtend, EndMovesBack,
    HardCloseStandsStill, IdleMovesCount, SuspendedTimeIsLost, EqualPriceIsEnough, FirstBidNeedsAStep, MultiplesFromZero,
    BoundIsNoMultiple, EqualRankMatches, StrangersRankFirst, RefusedBiddersCount, SuccessorsByTime,
    SuccessorsUnderReserve,
}

/// The rules as somebody reads them who makes the mistake.
pub(super) fn misread(r: &Rules, mistake: Mistake) -> Rules {
    let (mut r, fen) = (r.clone(), if r.direction == Direction::Up { 1 } else { -1 });
    let (e, s) = (&mut r.extension, r.step.as_mut().unwrap());
    match (mistake, &mut s.min) {
        (M::OpensLate, _) => r.opens_at = r.opens_at.plus_us(1),
        (M::ExtendsFromTheOtherEnd, _) => e.iter_mut().for_each(|e| e.from = other_end(e.from)),
        (M::OneExtensionMore, _) => e.iter_mut().for_each(|e| e.max_times = e.max_times.map(|n| n + 1)),
        (M::HardCloseForgotten, _) => e.iter_mut().for_each(|e| e.hard_close_at = None),
        (M::TableRowBeginsLate, StepMin::Table(rows)) => rows.iter_mut().skip(1).for_each(|row| row.from.0 += 1),
        (M::GreatestStepForgotten, _) => s.max = None,
        (M::CeilingForgotten, _) => r.ceiling_price = None,
        (M::CeilingIsTooHigh, _) => r.ceiling_price = r.ceiling_price.map(|top| Fen(top.0 - fen)),
        (M::MatchNeedsNoRight, _) => r.priority.iter_mut().for_each(|p| p.may_match = true),
        (M::LeaderOutbidsItself, _) => r.leader_may_raise = true,
        (M::ReserveMustBeExceeded, _) => r.reserve_price = r.reserve_price.map(|least| Fen(least.0 + fen)),
        (M::OneBidderTooFew, _) => r.min_bidders += 1,
        _ => {}
    }
    r
}

fn other_end(from: ExtensionFrom) -> ExtensionFrom {
    if from == ExtensionFrom::Bid { ExtensionFrom::Close } else { ExtensionFrom::Bid }
}

/// Everything recomputed, in 60 lines.
#[rustfmt::skip]
pub(super) fn model(r: &Rules, commands: &[Command], mistake: Option<Mistake>) -> (Vec<Seen>, Award) {
    let (made, sign, far) = (|m: M| mistake == Some(m), if r.direction == Direction::Down { -1 } else { 1 }, i64::MAX / 2);
    let (fen, step, word) = (|f: Fen| sign * f.0, r.step.as_ref().unwrap(), |up, down| if sign > 0 { up } else { down });
    let (opening, reserve, cap) = (fen(r.opening_price), r.reserve_price.map_or(-far, fen), r.ceiling_price.map_or(far, fen));
    let stranger = if made(M::StrangersRankFirst) { 0 } else { far };
    let rank = |who: usize| r.priority.iter().flat_map(|p| &p.holders).find(|h| h.0.0 == who).map_or(stranger, |h| h.1);
    let rows = match &step.min { StepMin::Flat(min) => vec![StepRow { from: Fen(0), min: *min }], StepMin::Table(rows) => rows.clone() };
    let step_at = |price: i64| rows.iter().rfind(|row| row.from.0 <= sign * price).unwrap().min.0;
    let over = |a: i64| step.multiple_of.map_or(0, |m| (a - if made(M::MultiplesFromZero) { 0 } else { opening }).rem_euclid(m.0));
    let up = |a: i64| if over(a) == 0 || made(M::BoundIsNoMultiple) { a } else { a - over(a) + step.multiple_of.unwrap().0 };
    let (mut end, mut hard) = (r.closes_at.0, r.extension.and_then(|e| e.hard_close_at).map_or(far, |t| t.0));
    let (mut moves, mut since, mut ended, mut low_ones, mut seen) = (0, None::<i64>, false, 0, Vec::new());
    let (mut lead, mut offers) = (None::<(usize, i64)>, Vec::<(usize, i64, u64)>::new());
    for c in commands {
        let (t, who, price, is) = (c.at.0, c.bidder.map(|b| b.0), lead.map_or(opening, |l| l.1), |a: A| c.action == a);
        let (a, is_bid) = if let A::Bid(amount) = c.action { (amount.map(fen), true) } else { (None, false) };
        let (low, top) = (if lead.is_some() || made(M::FirstBidNeedsAStep) { price + step_at(price) } else { price }, price + step.max.map_or(far, |max| max.0));
        let leads = who.is_some() && lead.map(|l| l.0) == who && (is(A::Match) || is_bid && !r.leader_may_raise);
        let may = r.priority.as_ref().is_some_and(|p| p.may_match) && lead.zip(who).is_some_and(|(l, w)| rank(w) < rank(l.0) + i64::from(made(M::EqualRankMatches)));
        let refusal = [
            (c.at < r.opens_at, "not_open", None),
            (t >= end + i64::from(made(M::AcceptsAtTheEnd)) && (since.is_none() || made(M::RunsOutWhileSuspended)), "closed", None),
            (since.is_some() && !is(A::Resume) && !is(A::Terminate), "suspended", None), (since.is_none() && is(A::Resume), "not_suspended", None),
            (who.is_none() && (is_bid || is(A::Match) || is(A::Accept)), "unknown_bidder", None), (is(A::Accept), "wrong_mode", None),
            (a.is_some_and(|a| a < opening), word("below_opening", "above_opening"), Some(up(low))),
            (a.is_some_and(|a| a < if made(M::EqualPriceIsEnough) { price } else { low }), "below_step", Some(up(low))),
            (a.is_some_and(|a| a > top), "above_step", Some(top - over(top))), (a.is_some_and(|a| over(a) != 0), "off_multiple", None),
            (a.is_some_and(|a| a > cap), word("above_ceiling", "below_floor"), Some(cap - over(cap))),
            (leads, "already_leading", None), (is(A::Match) && !may, "match_not_allowed", None),
            (is(A::Bid(None)) || is(A::Unknown), "malformed", None),
        ].into_iter().find(|test| test.0);
        if let (None, Some(who), true) = (refusal, who, is_bid || is(A::Match)) {
            lead = Some((who, a.unwrap_or(price)));
            offers.retain(|o| o.0 != who);
            offers.push((who, a.unwrap_or(price), c.seq));
        } else if refusal.is_none() {
            let stood = since.filter(|_| is(A::Resume) && !made(M::SuspendedTimeIsLost)).map_or(0, |s| t - s);
            (ended, since, hard) = (is(A::Terminate), Some(t).filter(|_| is(A::Suspend)), hard + if made(M::HardCloseStandsStill) { 0 } else { stood });
            end = if ended { t } else { end + stood };
        }
        let too_low = refusal.is_some_and(|no| no.1 == "below_step");
        low_ones += u64::from(made(M::RefusedBiddersCount) && too_low);
        let offered = refusal.is_none() && (is_bid || is(A::Match) && !made(M::MatchDoesNotExtend)) || made(M::RefusedBidExtends) && too_low;
        let late = |e: &Extension| t >= end - e.window_s * 1_000_000 + i64::from(made(M::WindowOpensLate)) && e.max_times.is_none_or(|n| moves < n);
        if let Some(e) = r.extension.filter(|e| offered && late(e)) {
            let wanted = hard.min(e.by_s * 1_000_000 + if e.from == ExtensionFrom::Bid { t } else { end });
            (moves, end) = (moves + u64::from(wanted > end || made(M::IdleMovesCount)), if made(M::EndMovesBack) { wanted } else { wanted.max(end) });
        }
        seen.push(refusal.map_or(Ok((lead.map(|l| l.0), lead.map(|l| sign * l.1), end)), |no| Err((no.1, no.2.map(|b| sign * b).filter(|b| *b >= 0)))));
    }
    offers.sort_by_key(|o| (if made(M::SuccessorsByTime) { 0 } else { -o.1 }, rank(o.0), o.2));
    let next = offers.iter().filter(|o| Some(o.0) != lead.map(|l| l.0) && (o.1 >= reserve || made(M::SuccessorsUnderReserve)));
    let few = || Some(Failure::TooFewBidders).filter(|_| offers.len() as u64 + low_ones < r.min_bidders);
    let why = lead.map_or(Some(Failure::NoBids), |l| if l.1 < reserve { Some(Failure::BelowReserve) } else { few() });
    let why = why.filter(|_| !ended && since.is_none());
    let sold = if since.is_some() { Status::Suspended } else { why.map_or(Status::Sold, |_| Status::Failed) };
    let (status, closed) = (if ended { Status::Terminated } else { sold }, Some(end).filter(|_| since.is_none()));
    let won = lead.filter(|_| status == Status::Sold);
    (seen, (status, why, won.map(|w| w.0), won.map(|w| sign * w.1), closed, moves, next.map(|o| o.0).filter(|_| won.is_some()).collect()))
}
