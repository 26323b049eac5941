//! What must hold of every auction in every mode, up and down.

use super::*;

/// The modes whose prices may rise or fall.
const BOTH_WAYS: &[Mode] = &[Mode::Ascending, Mode::Proxy, Mode::Sealed, Mode::Countdown, Mode::Turns];

proptest! {
    #![proptest_config(config())]

    #[test]
    fn price_and_end_only_move_on((rules, commands) in auctions(Mode::ALL)) {
        let (decisions, outcome) = run(&rules, &commands);
        let worth = |price: Fen| rules.direction.worth(price);
        let (mut price, mut end) = (None, State::new(&rules, BIDDERS).head.end);
        for (command, decision) in commands.iter().zip(&decisions) {
            let Ok(Accepted { head, .. }) = decision else { continue };
            let shown = head.leading.map(|l| worth(l.price));
            prop_assert!(shown >= price);
            price = shown;
            if !matches!(command.action, Action::Accept | Action::Terminate) {
                prop_assert!(head.end >= end);
            }
            end = head.end;
            let within = |p: i64| rules.ceiling_price.is_none_or(|top| p <= worth(top));
            prop_assert!(price.is_none_or(within) || matches!(rules.mode, Mode::Clock | Mode::ClockSealed));
        }
        if let (Some(paid), Status::Sold) = (outcome.price, outcome.status) {
            prop_assert!(rules.reserve_price.is_none_or(|reserve| worth(paid) >= worth(reserve)));
            prop_assert!(outcome.winner.is_some() && !outcome.successors.contains(&outcome.winner.expect("a winner")));
        }
        prop_assert_eq!(outcome.candidates.len() > 1, outcome.status == Status::Undecided);
    }

    /// Only a draw looks at names.
    #[test]
    fn names_do_not_matter(
        (rules, commands) in auctions(Mode::ALL),
        places in Just((0..BIDDERS).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let rules = undrawn(rules);
        let moved = |b: Bidder| Bidder(places[b.0]);
        let mut renamed = rules.clone();
        if let Some(priority) = &mut renamed.priority {
            priority.holders.iter_mut().for_each(|(b, _)| *b = moved(*b));
        }
        renamed.points.iter_mut().flatten().for_each(|(b, _)| *b = moved(*b));
        let renamed = renamed.checked(BIDDERS).expect("rules that fit");
        let other: Vec<Command> = commands.iter().map(|c| Command { bidder: c.bidder.map(moved), ..*c }).collect();
        let expected = run(&rules, &commands).1;
        let expected = Outcome {
            winner: expected.winner.map(moved),
            successors: expected.successors.iter().copied().map(moved).collect(),
            candidates: expected.candidates.iter().copied().map(moved).collect(),
            compared: expected.compared.iter().map(|(b, one)| (moved(*b), *one)).collect(),
            ..expected
        };
        prop_assert_eq!(run(&renamed, &other).1, expected);
    }

    #[test]
    fn the_clock_may_be_shifted((rules, commands) in auctions(Mode::ALL), by in -1_000_000_000_000_i64..1_000_000_000_000) {
        let mut shifted = rules.clone();
        (shifted.opens_at, shifted.closes_at) = (rules.opens_at.plus_us(by), rules.closes_at.plus_us(by));
        if let Some(extension) = &mut shifted.extension {
            extension.hard_close_at = extension.hard_close_at.map(|t| t.plus_us(by));
        }
        if let Some(countdown) = &mut shifted.countdown {
            countdown.hard_close_at = countdown.hard_close_at.map(|t| t.plus_us(by));
        }
        let later = |c: &Command| match c.action {
            Action::Outage(since) => Action::Outage(since.map(|t| t.plus_us(by))),
            action => action,
        };
        let later: Vec<Command> =
            commands.iter().map(|c| Command { at: c.at.plus_us(by), action: later(c), ..*c }).collect();
        let expected = run(&rules, &commands).1;
        let expected = Outcome { closed_at: expected.closed_at.map(|t| t.plus_us(by)), ..expected };
        prop_assert_eq!(run(&shifted, &later).1, expected);
    }

    #[test]
    fn money_may_be_scaled((rules, commands) in auctions(Mode::ALL), by in 2_i64..1_000_000) {
        let scale = |f: Fen| Fen(f.0 * by);
        let mut scaled = rules.clone();
        scaled.opening_price = scale(rules.opening_price);
        scaled.reserve_price = rules.reserve_price.map(scale);
        scaled.ceiling_price = rules.ceiling_price.map(scale);
        scaled.clock = rules.clock.map(|c| ClockTerms { decrement: scale(c.decrement), floor: scale(c.floor), ..c });
        scaled.step = rules.step.clone().map(|step| Step {
            min: match step.min {
                StepMin::Flat(min) => StepMin::Flat(scale(min)),
                StepMin::Table(rows) => StepMin::Table(
                    rows.iter().map(|row| StepRow { from: scale(row.from), min: scale(row.min) }).collect(),
                ),
            },
            max: step.max.map(scale),
            multiple_of: step.multiple_of.map(scale),
        });
        let dearer = |c: &Command| match c.action {
            Action::Bid(amount) => Command { action: Action::Bid(amount.map(scale)), ..*c },
            _ => *c,
        };
        let dearer: Vec<Command> = commands.iter().map(dearer).collect();
        let expected = run(&rules, &commands).1;
        let dear = |(b, one): &(Bidder, Compared)| (*b, Compared { price: scale(one.price), ..*one });
        let compared = expected.compared.iter().map(dear).collect();
        let expected = Outcome { price: expected.price.map(scale), compared, ..expected };
        prop_assert_eq!(run(&scaled, &dearer).1, expected);
    }

    /// Once the sealed prices that answer a clock are told, nothing but an outage given back opens their part again, and the
    /// server asks for none from before.
    #[test]
    fn what_was_told_stays_told((rules, commands) in auctions(&[Mode::ClockSealed])) {
        let mut state = State::new(&rules, BIDDERS);
        let told = |state: &State, at: Timestamp| {
            let at = state.head.suspended_since.unwrap_or(at);
            state.taken > 1 && parts(&rules, state).is_some_and(|parts| at >= parts.sealed_until)
        };
        for command in &commands {
            let Ok(accepted) = decide(&rules, &state, command) else { continue };
            let before = told(&state, command.at);
            state.apply(&accepted);
            let outage = matches!(command.action, Action::Outage(_));
            prop_assert!(!before || outage || told(&state, command.at));
        }
    }

    /// Refused commands in between change nothing.
    #[test]
    fn refused_commands_leave_no_trace((rules, commands) in auctions(Mode::ALL)) {
        let (decisions, expected) = run(&rules, &commands);
        let accepted = commands.iter().zip(&decisions).filter(|(_, decision)| decision.is_ok());
        let accepted: Vec<Command> =
            accepted.zip(1_u64..).map(|((command, _), seq)| Command { seq, ..*command }).collect();
        let (again, outcome) = run(&rules, &accepted);
        prop_assert!(again.iter().all(Result::is_ok));
        prop_assert_eq!(outcome, expected);
    }

    /// A purchase is a sale turned round; only a table of steps knows which way up it is.
    #[test]
    fn down_is_up_turned_round((rules, commands) in auctions(BOTH_WAYS), min in 1_i64..30) {
        let step = rules.step.clone().map(|step| Step { min: StepMin::Flat(Fen(min)), ..step });
        // A fraction of a price knows where zero is.
        let rules = Rules { step, points: None, ..rules };
        let back = |f: Fen| Fen(TURN - f.0);
        let turned = Rules {
            direction: if rules.direction == Direction::Up { Direction::Down } else { Direction::Up },
            opening_price: back(rules.opening_price),
            reserve_price: rules.reserve_price.map(back),
            ceiling_price: rules.ceiling_price.map(back),
            ..rules.clone()
        };
        let in_range = |c: &&Command| !matches!(c.action, Action::Bid(Some(Fen(amount))) if amount > TURN);
        let commands: Vec<Command> = commands.iter().filter(in_range).copied().collect();
        let expected = run(&rules, &commands).1;
        let expected = Outcome { price: expected.price.map(back), ..expected };
        prop_assert_eq!(run(&turned, &turn(&commands)).1, expected);
    }

    /// A countdown that always runs and waits for nobody is an extension whose window is all it adds.
    #[test]
    fn a_countdown_is_an_extension_that_always_runs((rules, commands) in auctions(&[Mode::Countdown])) {
        let countdown = rules.countdown.expect("terms");
        let always = Rules { countdown: Some(Countdown { wait_s: 0, needs_bidders: 0, ..countdown }), ..rules.clone() };
        let (window_s, hard_close_at) = (countdown.seconds, countdown.hard_close_at);
        let extension = Extension { window_s, from: ExtensionFrom::Bid, by_s: window_s, max_times: None, hard_close_at };
        let plain = Rules { mode: Mode::Ascending, extension: Some(extension), ..rules };
        prop_assert_eq!(run(&always, &commands), run(&plain, &commands));
    }

    /// An outage that counts is a suspension of which nobody was told in time.
    #[test]
    fn an_outage_is_a_suspension_told_afterwards((rules, commands) in auctions(Mode::ALL)) {
        let rules = Rules { outage: Some(OutageTerms { at_least_s: 0, window_s: None }), ..rules };
        let told = |c: &Command| match c.action {
            Action::Outage(Some(since)) => {
                vec![Command { at: since, action: Action::Suspend, ..*c }, Command { action: Action::Resume, ..*c }]
            }
            _ => vec![*c],
        };
        // An outage within a suspension would end it.
        let kept = |c: &&Command| match c.action {
            Action::Outage(since) => since >= Some(rules.opens_at),
            action => action != Action::Suspend,
        };
        let kept: Vec<Command> = commands.iter().filter(kept).copied().collect();
        let told: Vec<Command> = kept.iter().flat_map(told).collect();
        prop_assert_eq!(run(&rules, &kept).1, run(&rules, &told).1);
    }

    #[test]
    fn the_span_shown_is_what_passes(
        (rules, commands) in auctions(&[Mode::Ascending, Mode::Countdown, Mode::Proxy, Mode::Sealed]),
        who in 0..BIDDERS,
    ) {
        let rules = Rules { revisions: Some(Revisions::Unlimited), ..rules };
        let mut state = State::new(&rules, BIDDERS);
        for command in commands.iter().filter(|c| c.action != Action::Terminate) {
            if let Ok(accepted) = decide(&rules, &state, command) {
                state.apply(&accepted);
            }
        }
        let at = state.head.end.plus_us(-1).max(rules.opens_at);
        let leads = state.head.leading.is_some_and(|l| l.bidder.0 == who);
        let own = state.standing(Bidder(who)).map(|s| s.price);
        let at_top = rules.mode.is_open() && rules.at_ceiling.is_some() && own.is_some() && own == rules.ceiling_price;
        prop_assume!(at < state.head.end && state.head.suspended_since.is_none());
        prop_assume!(!at_top && (rules.leader_may_raise || !leads));
        let bid = |amount: Fen| {
            decide(&rules, &state, &Command { seq: 1000, at, bidder: Some(Bidder(who)), action: Action::Bid(Some(amount)) })
        };
        let (nearer, further) = (|f| rules.direction.beyond(f, Fen(-1)), |f| rules.direction.beyond(f, Fen(1)));
        let Span { least, most } = span(&rules, &state, Some(Bidder(who)), at);
        let fits = most.is_none_or(|most| !rules.direction.is_better(least, most));
        prop_assert_eq!(bid(least).is_ok(), fits);
        prop_assert!(bid(nearer(least)).is_err());
        if let Some(most) = most {
            prop_assert_eq!(bid(most).is_ok(), fits);
            prop_assert!(bid(further(most)).is_err());
        }
        for offered in offers(&rules, &state, None, at).iter().filter(|_| !leads) {
            prop_assert!(bid(*offered).is_ok(), "{} was offered", offered);
        }
    }

    /// The seed moves nobody but those who are said to be drawn.
    #[test]
    fn a_seed_moves_only_who_is_drawn((rules, commands) in auctions(Mode::ALL), seed in any::<[u8; 4]>()) {
        let reseeded = Rules { draw_seed: rules.draw_seed.as_ref().map(|_| seed.to_vec()), ..rules.clone() };
        let mut state = State::new(&rules, BIDDERS);
        for command in &commands {
            if let Ok(accepted) = decide(&rules, &state, command) {
                state.apply(&accepted);
            }
        }
        let order = |rules: &Rules| {
            let outcome = close(rules, &names(), &state);
            outcome.winner.into_iter().chain(outcome.successors).collect::<Vec<_>>()
        };
        let (drawn, one, other) = (drawn(&rules, &state), order(&rules), order(&reseeded));
        let mut moved = one.iter().zip(&other).filter(|(one, other)| one != other);
        prop_assert!(moved.all(|(one, other)| drawn.contains(one) && drawn.contains(other)));
    }

    /// An order moves those at the ceiling and nobody else, if it names all of them.
    #[test]
    fn an_order_moves_only_who_stands_at_the_ceiling((rules, commands) in auctions(Mode::ALL), turn in 0_usize..BIDDERS) {
        let (_, undecided) = run(&rules, &commands);
        if undecided.status == Status::Undecided {
            let ranked = |order: Vec<Bidder>| {
                let criterion = Some(Criterion { text: "评分".into(), order: Some(order) });
                run(&Rules { criterion, ..rules.clone() }.checked(BIDDERS).expect("rules that fit"), &commands).1
            };
            let mut order = undecided.candidates.clone();
            let turn = turn % order.len();
            order.rotate_left(turn);
            let outcome = ranked(order.clone());
            prop_assert_eq!((outcome.status, outcome.price), (Status::Sold, undecided.price));
            let line: Vec<Bidder> = outcome.winner.into_iter().chain(outcome.successors).collect();
            prop_assert_eq!(&line[..order.len()], &order[..]);
            prop_assert!(line[order.len()..].iter().all(|bidder| !order.contains(bidder)));
            prop_assert_eq!(ranked(order[1..].to_vec()), undecided);
        }
    }

    /// After its end an auction is terminated only while a draw or a criterion has still to decide, and at the time of the rules.
    #[test]
    fn an_ended_auction_is_called_off_only_while_it_waits((rules, commands) in auctions(Mode::ALL), later in 0_i64..1_000_000) {
        let mut state = State::new(&rules, BIDDERS);
        for command in &commands {
            if let Ok(accepted) = decide(&rules, &state, command) {
                state.apply(&accepted);
            }
        }
        prop_assume!(state.head.suspended_since.is_none());
        let at = state.head.end.max(rules.opens_at).plus_us(later);
        let terminate = Command { seq: 1000, at, bidder: None, action: Action::Terminate };
        let taken = |called_off_at| {
            let rules = Rules { called_off_at, ..rules.clone() };
            decide(&rules, &state, &terminate).map(|accepted| {
                let mut state = state.clone();
                state.apply(&accepted);
                close(&rules, &names(), &state).status
            })
        };
        prop_assert!(taken(None).is_err() && taken(Some(at.plus_us(1))).is_err());
        prop_assert_eq!(taken(Some(at)).ok(), waits(&rules, &state).then_some(Status::Terminated));
    }

    /// Both formats: what the rules and commands are is in the document, one decision for each command, without a hole.
    #[test]
    fn a_trace_replays_to_what_the_engine_said((rules, commands) in auctions(Mode::ALL), practice in any::<bool>()) {
        let order = (0..commands.len() % BIDDERS).rev().map(Bidder).collect();
        let criterion = Criterion { text: "本村成员优先\n\"评分\"".into(), order: Some(order) };
        let criterion = Some(criterion).filter(|_| rules.at_ceiling == Some(AtCeiling::Criterion));
        let called_off_at = Some(rules.closes_at).filter(|_| commands.len() % 3 == 0);
        let rules = Rules { practice, criterion, called_off_at, ..rules };
        let (decisions, outcome) = run(&rules, &commands);
        let decisions: Vec<_> = (1_u64..).zip(decisions).collect();
        let expected = write_result(&rules, &names(), &decisions, &outcome);
        let result = replay(&write_trace(&rules, &names(), &commands)).expect("well-formed");
        prop_assert_eq!(&result, &expected);
        let read: serde_json::Value = serde_json::from_str(&result).expect("JSON");
        let numbers: Vec<u64> = read["decisions"].as_array().expect("a list").iter().filter_map(|d| d["seq"].as_u64()).collect();
        prop_assert_eq!(numbers, (1..=commands.len() as u64).collect::<Vec<_>>());
        prop_assert_eq!(read_rules(&write_rules(&rules, &names()), &names(), practice), Ok(rules));
    }
}
