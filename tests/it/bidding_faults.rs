//! One request sent fifty times, a clock that jumps or stands, a disk that is full: bids stay whole and in order.

use std::sync::Barrier;

use serde_json::{Value, json};

use crate::{
    both_backends,
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
