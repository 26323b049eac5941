//! The engine against the model: a million auctions, and every planted mistake found.
//!
//! 100,000 by default; `XIANGJI_TEST_LONG=1 cargo test --release --lib a_million_auctions` runs all. A disagreement names its
//! seed, and `XIANGJI_SEED=n` runs that one alone.

use super::model::{Award, Mistake, Seen, misread, model};
use super::*;

/// SplitMix64: small, and the same everywhere.
pub(super) struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    pub fn below(&mut self, n: i64) -> i64 {
        i64::try_from(self.roll() >> 1).unwrap() % n
    }
    pub fn in_ten(&mut self, n: i64) -> bool {
        self.below(10) < n
    }
    pub fn sometimes<T>(&mut self, in_ten: i64, make: impl FnOnce(&mut Dice) -> T) -> Option<T> {
        if self.in_ten(in_ten) { Some(make(self)) } else { None }
    }
}

fn random_rules(dice: &mut Dice) -> Rules {
    let up = dice.in_ten(6);
    let opening = if up { dice.below(100) } else { 200 + dice.below(100) };
    let beyond = |by: i64| Fen(if up { opening + by } else { opening - by });
    let min = match dice.in_ten(5) {
        true => StepMin::Flat(Fen(1 + dice.below(30))),
        false => StepMin::Table(vec![
            StepRow { from: Fen(0), min: Fen(1 + dice.below(30)) },
            StepRow { from: Fen(1 + dice.below(300)), min: Fen(1 + dice.below(30)) },
        ]),
    };
    let max = dice.sometimes(3, |d| Fen(20 + d.below(100)));
    let step = Step { min, max, multiple_of: dice.sometimes(3, |d| Fen(2 + d.below(10))) };
    let extension = dice.sometimes(8, |d| Extension {
        window_s: d.below(7) * 60,
        from: if d.in_ten(5) { ExtensionFrom::Bid } else { ExtensionFrom::Close },
        by_s: d.below(7) * 60,
        max_times: d.sometimes(4, |d| u64::try_from(d.below(4)).unwrap()),
        hard_close_at: d.sometimes(3, |d| Timestamp(OPENS + (1800 + d.below(900)) * SECOND)),
    });
    let priority = dice.sometimes(6, |d| Priority {
        may_match: d.in_ten(8),
        draw_among_equals: false,
        holders: (0..BIDDERS).filter_map(|b| d.sometimes(5, |d| (Bidder(b), 1 + d.below(2)))).collect(),
    });
    let plain = Rules {
        direction: if up { Direction::Up } else { Direction::Down },
        opening_price: Fen(opening),
        reserve_price: dice.sometimes(3, |d| beyond(d.below(200))),
        ceiling_price: dice.sometimes(3, |d| beyond(d.below(200))),
        step: Some(step),
        extension,
        priority,
        min_bidders: u64::try_from(dice.below(4)).unwrap(),
        leader_may_raise: dice.in_ten(3),
        ..plain_rules()
    };
    plain.checked(BIDDERS).expect("rules that fit")
}

/// A command that aims at the corners of what the engine would accept now: the last microsecond, the window's first, the
/// least bid, the one below it.
fn random_command(dice: &mut Dice, rules: &Rules, state: &State, seq: u64, last: Timestamp) -> Command {
    let at = match dice.below(12) {
        0 => state.head.end.plus_us(dice.below(3) - 1),
        1 => state.head.end.plus_s(-rules.extension.map_or(60, |e| e.window_s)).plus_us(dice.below(3) - 1),
        2 => rules.opens_at.plus_us(dice.below(3) - 1),
        _ => last.plus_s(dice.below(8) * 20),
    };
    let place = usize::try_from(dice.below(5 * 4 + 1)).unwrap() / 4;
    let bidder = Some(Bidder(place)).filter(|_| place < BIDDERS);
    let Span { least, most } = span(rules, state, bidder, last);
    let amount = match dice.below(8) {
        0 => least.0 - 1 + dice.below(3),
        1 => most.map_or(least.0, |most| most.0) - 1 + dice.below(3),
        2 => state.head.leading.map_or(least, |leading| leading.price).0,
        3 => dice.below(400),
        _ => rules.direction.beyond(least, Fen(dice.below(25))).0,
    };
    let action = match dice.below(40) {
        0 => Action::Suspend,
        1..=3 => Action::Resume,
        4 if dice.in_ten(1) => Action::Terminate,
        4 => Action::Unknown,
        5 => Action::Accept,
        6 => Action::Bid(None),
        7..=13 => Action::Match,
        _ => Action::Bid(Some(Fen(amount.max(0)))),
    };
    Command { seq, at: at.max(last), bidder, action }
}

/// One whole auction as the engine decides it.
fn random_auction(seed: u64) -> (Rules, Vec<Command>, Vec<Seen>, Award) {
    let mut dice = Dice(seed);
    let rules = random_rules(&mut dice);
    let mut state = State::new(&rules, BIDDERS);
    let (mut commands, mut seen, mut last) = (Vec::new(), Vec::new(), Timestamp(OPENS - 30 * SECOND));
    for seq in 1..=8 + u64::try_from(dice.below(24)).unwrap() {
        let command = random_command(&mut dice, &rules, &state, seq, last);
        let decision = decide(&rules, &state, &command);
        if let Ok(accepted) = &decision {
            state.apply(accepted);
        }
        seen.push(match decision {
            Ok(Accepted { head, .. }) => {
                Ok((head.leading.map(|l| l.bidder.0), head.leading.map(|l| l.price.0), head.end.0))
            }
            Err(no) => Err((no.code(), no.minimum().or(no.maximum()).map(|f| f.0))),
        });
        last = command.at;
        commands.push(command);
    }
    let o = close(&rules, &names(), &state);
    let next = o.successors.iter().map(|b| b.0).collect();
    let (winner, price) = (o.winner.map(|b| b.0), o.price.map(|p| p.0));
    let award = (o.status, o.reason, winner, price, o.closed_at.map(|t| t.0), o.extensions, next);
    (rules, commands, seen, award)
}

fn agree(seed: u64) {
    let (rules, commands, seen, award) = random_auction(seed);
    let (expected, expected_award) = model(&rules, &commands, None);
    for ((seen, expected), command) in seen.iter().zip(&expected).zip(&commands) {
        assert_eq!(seen, expected, "XIANGJI_SEED={seed}, {command:?}, {rules:?}");
    }
    assert_eq!(award, expected_award, "XIANGJI_SEED={seed}, {rules:?}");
}

#[test]
fn a_million_auctions_come_out_as_the_model_says() {
    if let Some(seed) = std::env::var("XIANGJI_SEED").ok().and_then(|n| n.parse().ok()) {
        return agree(seed);
    }
    let auctions = if std::env::var("XIANGJI_TEST_LONG").is_ok_and(|v| v == "1") { 1_000_000 } else { 100_000 };
    std::thread::scope(|scope| {
        for half in 0..2 {
            scope.spawn(move || (half..auctions).step_by(2).for_each(agree));
        }
    });
}

/// A model that makes one mistake must be told from the engine: then the schedules reach the corner, and the comparison
/// sees it.
#[test]
fn every_planted_mistake_is_found() {
    assert!(Mistake::ALL.len() >= 20);
    let mut left: Vec<Mistake> = Mistake::ALL.to_vec();
    for seed in 0..20_000 {
        let (rules, commands, seen, award) = random_auction(seed);
        left.retain(|mistake| {
            model(&misread(&rules, *mistake), &commands, Some(*mistake)) == (seen.clone(), award.clone())
        });
        if left.is_empty() {
            return;
        }
    }
    panic!("nothing told these mistakes: {left:?}");
}

/// Whoever adds to the model takes something out.
#[test]
fn the_model_is_sixty_lines() {
    let text = include_str!("model.rs");
    let lines =
        text.lines().skip_while(|line| !line.starts_with("pub(super) fn model")).take_while(|line| *line != "}");
    assert!((20..60).contains(&lines.count()), "the model without its last brace");
}
