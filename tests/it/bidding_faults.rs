//! One request sent fifty times, a clock that jumps or stands, a disk that is full: bids stay whole and in order.

use std::{
    future::Future,
    pin::pin,
    sync::{Barrier, mpsc},
    task::{Context, Waker},
};

use serde_json::{Value, json};
use xiangji::{
    db::Lane,
    kernel::{Id, Timestamp},
    trading::{
        auction::{self, Bid},
        listing::LotId,
    },
};

use crate::{
    both_backends,
    money_faults::allowed,
    support::behind::Behind,
    trading::{admitted, ok},
};

both_backends!(fifty_copies_of_one_request_give_one_bid_and_fifty_equal_answers, |world| {
    let trade = admitted(world);
    world.set_time("2026-03-11T09:31:00+08:00");
    let clients: Vec<_> = (0..50).map(|_| trade.as_("A")).collect();
    let (path, together) = (trade.path("/bids"), Barrier::new(50));
    let send = |client: &crate::support::app::Client<'_>, key: &str| {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        let answer = client.send("POST", &path, &headers, Some(json!({"amount": "700.00"}).to_string().into_bytes()));
        (answer.status, answer.json)
    };
    let answers: Vec<(u16, Value)> = std::thread::scope(|scope| {
        let (send, together) = (&send, &together);
        let copy = |client| {
            scope.spawn(move || {
                together.wait();
                send(client, "one-and-the-same")
            })
        };
        let copies: Vec<_> = clients.iter().map(copy).collect();
        copies.into_iter().map(|copy| copy.join().unwrap()).collect()
    });
    let first = &answers[0];
    assert_eq!(first.0, 201, "{first:?}");
    assert!(answers.iter().all(|answer| answer == first), "{answers:?}");
    let count = || Behind::of(world).texts("SELECT '' || count(*) AS v FROM auction_commands");
    assert_eq!(count(), ["1"]);
    let entries = "SELECT '' || count(*) AS v FROM log_entries WHERE kind LIKE 'bid.%'";
    assert_eq!(Behind::of(world).texts(entries), ["1"]);
    // Control: under a key of its own the same bid is another command, and is refused.
    assert_eq!(send(&clients[0], "another").0, 409);
    assert_eq!(count(), ["2"]);
});

/// Number, time in microseconds and whether it was accepted, of every command.
fn commands(world: &crate::support::app::World) -> Vec<(i64, i64, bool)> {
    let rows = Behind::of(world).texts(
        "SELECT seq || ' ' || at || ' ' || CASE WHEN accepted THEN 1 ELSE 0 END AS v FROM auction_commands ORDER BY auction_commands.seq",
    );
    let number = |text: Option<&str>| text.unwrap().parse::<i64>().unwrap();
    let read = |row: &String| {
        let mut words = row.split(' ');
        (number(words.next()), number(words.next()), number(words.next()) == 1)
    };
    rows.iter().map(read).collect()
}

both_backends!(a_clock_that_jumps_back_or_stands_still_keeps_the_order, |world| {
    let trade = admitted(world);
    ok(trade.bid("A", "09:40:00", "700.00"));
    // An hour back, five seconds back, and frozen: whoever comes later is later.
    for (name, at, amount) in [
        ("B", "08:40:00", "710.00"),
        ("A", "09:39:55", "720.00"),
        ("B", "09:39:55", "730.00"),
        ("A", "09:39:55", "740.00"),
    ] {
        ok(trade.bid(name, at, amount));
    }
    let all = commands(world);
    assert!(all.iter().zip(&all[1..]).all(|(one, next)| one.0 + 1 == next.0 && one.1 < next.1), "{all:?}");
    // Back at the closing second: the auction ends when its end comes, once, and nothing is taken after that.
    world.set_time("2026-03-11T09:59:59+08:00");
    assert_eq!(trade.close(), 0);
    ok(trade.bid("B", "09:59:59", "750.00"));
    let end: String = trade.lot()["live"]["end_at"].as_str().unwrap().to_owned();
    assert_eq!(end, "2026-03-11T10:04:59+08:00", "five minutes from the bid");
    world.set_time("2026-03-11T10:04:59+08:00");
    assert_eq!(trade.close(), 1);
    assert_eq!(trade.bid("A", "09:50:00", "760.00").code(), "closed", "the clock has gone back behind the end");
    assert_eq!(trade.close(), 0);
    let lot = trade.lot();
    assert_eq!(
        (lot["award"]["winner"].as_str(), lot["award"]["price"].as_str()),
        (Some("02"), Some("750.00")),
        "{lot}"
    );
});

// The time of a bid is that of its entry, not that of its turn: what waited over the end is not late, and what entered at the
// end is, though both are decided together (AUC-11).
both_backends!(a_bid_that_entered_before_the_end_is_in_time_however_long_it_waits, |world| {
    let trade = admitted(world);
    ok(trade.bid("A", "09:40:00", "700.00"));
    let lot: LotId = Id::from_trusted(trade.lot.clone());
    let (go, told) = mpsc::channel::<()>();
    let lane = || Lane::of("lot", &lot);
    // Keeps the lot busy until it is told to let go.
    let busy = world.app.db.write(lane(), move |_| Ok(told.recv().is_ok()));
    let bid = |name: &str, amount: &'static str| {
        let (by, lot) = (allowed(&world.app, &format!("bidder-{name}")), lot.clone());
        world.app.db.write(lane(), move |tx| auction::place_bid(tx, &by, &lot, &Bid::Amount(amount.into())))
    };
    let (mut busy, mut in_time, mut late) = (pin!(busy), pin!(bid("B", "710.00")), pin!(bid("A", "720.00")));
    let mut nobody = Context::from_waker(Waker::noop());
    assert!(busy.as_mut().poll(&mut nobody).is_pending());
    world.set_time("2026-03-11T09:59:59.999999+08:00");
    assert!(in_time.as_mut().poll(&mut nobody).is_pending());
    // The extension that the bid in time will bring is not known to who bids after it.
    world.set_time("2026-03-11T10:05:00+08:00");
    assert!(late.as_mut().poll(&mut nobody).is_pending());
    world.set_time("2026-03-11T10:06:00+08:00");
    go.send(()).unwrap();
    let (in_time, late) = actix_web::rt::System::new().block_on(async {
        assert!(busy.await.unwrap());
        (in_time.await.unwrap(), late.await.unwrap())
    });
    assert!(in_time.refusal.is_none(), "{in_time:?}");
    assert_eq!(in_time.bid.at, "2026-03-11T09:59:59.999999+08:00".parse::<Timestamp>().unwrap());
    assert_eq!(late.refusal.map(|problem| problem.code.code), Some("closed"));
    assert_eq!(trade.close(), 1);
    let award = trade.lot()["award"].clone();
    assert_eq!((&award["winner"], &award["price"]), (&json!("02"), &json!("710.00")), "{award}");
    world.app.integrate_log().unwrap();
    assert_eq!(crate::support::verified::faults(world), []);
});

// What entered before the end at another instance is waited for; where there can be none, nobody waits.
both_backends!(an_auction_is_closed_once_no_instance_can_have_a_bid_in_hand, |world| {
    let trade = admitted(world);
    ok(trade.bid("A", "09:40:00", "700.00"));
    let close = || auction::close_due(&world.app.db, &world.app.calendar, &world.app.vault).unwrap();
    let alone = world.app.config.database_url.starts_with("sqlite://");
    world.set_time("2026-03-11T10:00:00+08:00");
    assert_eq!(close(), usize::from(alone));
    world.pass_s(1);
    assert_eq!(close(), usize::from(!alone));
    assert_eq!(trade.lot()["award"]["winner"], "01");
});
