//! What becomes of deposits: books that balance by their form, refunds in time, and two persons for every fen that moves.

use std::{collections::BTreeMap, io::Write, process::Command};

use serde_json::{Value, json};
use xiangji::{access::Role, kernel::Fen, trading};

use crate::{
    both_backends,
    support::{
        app::{Answer, Client, DURUAN, LONGXI, SHANGXIANG, World},
        behind::Behind,
        skip,
        verified::faults,
    },
    trading::{Trade, admitted, ended_auction, ok, payer_account, published, steering},
};

pub const PAID: &str = "2026-03-20T10:00:00+08:00";

pub fn order(id: &str, rest: &str) -> String {
    format!("/api/v1/money/orders/{id}{rest}")
}

/// An auction that ended: B won, A, C and P lost. A second trading officer, and the township's reviewer.
pub fn ended(world: &World) -> Trade<'_> {
    let lot = ended_auction(world);
    world.actor(Role::TradingOfficer, DURUAN, "second");
    Trade { world, lot }
}

pub fn orders(who: &Client<'_>, query: &str) -> Vec<Value> {
    ok(who.get(&format!("/api/v1/money/orders?limit=200&{query}"))).json["items"].as_array().unwrap().clone()
}

pub fn ids(orders: &[Value]) -> Vec<String> {
    orders.iter().map(|o| o["id"].as_str().unwrap().to_owned()).collect()
}

pub fn prepare(who: &Client<'_>, id: &str) -> Answer {
    who.send("POST", &order(id, "/prepare"), &[], None)
}

pub fn confirm(who: &Client<'_>, id: &str, reference: &str, paid_at: &str) -> Answer {
    who.post(&order(id, "/confirm"), &json!({"reference": reference, "paid_at": paid_at}))
}

/// The enrolment of the winner.
pub fn winner(trade: &Trade<'_>) -> String {
    let all = ok(trade.as_("trader").get(&trade.path("/enrolments"))).json;
    let won = all["items"].as_array().unwrap().iter().find(|e| e["bid_number"] == "02").unwrap();
    won["id"].as_str().unwrap().to_owned()
}

fn states(behind: &mut Behind) -> Vec<String> {
    behind.texts("SELECT state || ' ' || CAST(count(*) AS TEXT) AS v FROM deposits GROUP BY state ORDER BY state")
}

/// Balances of the accounts, worked out from the rows alone.
pub fn balances(behind: &mut Behind) -> Vec<String> {
    behind.texts(
        "SELECT account || ' ' || CAST(sum(amount) AS TEXT) AS v FROM (SELECT debit_account AS account, amount FROM transfers \
         UNION ALL SELECT credit_account, -amount FROM transfers) AS both_sides GROUP BY account ORDER BY account",
    )
}

// MON-7: the refunds of the losers are there with the award, each with its last day.
both_backends!(refunds_are_ordered_with_the_award_and_fall_due_by_working_days, |world| {
    let trade = ended(world);
    let mut behind = Behind::of(world);
    assert_eq!(states(&mut behind), ["held 1", "owed 3"]);
    assert_eq!(balances(&mut behind), ["bank 4000000", "held -1000000", "owed -3000000"]);
    let trader = trade.as_("trader");
    let due = orders(&trader, "state=due");
    assert_eq!(due.len(), 3, "{due:?}");
    for one in &due {
        // The result notice ends on 18 March, a Wednesday; five working days later is the next Wednesday.
        assert_eq!((one["counts_from"].as_str(), one["due_on"].as_str()), (Some("2026-03-18"), Some("2026-03-25")));
        assert_eq!((one["kind"].as_str(), one["overdue"].as_bool()), (Some("refund"), Some(false)), "{one}");
        assert!(one["payee_account"].as_str().unwrap().ends_with("2222"), "{one}");
    }
    world.set_time("2026-03-25T23:59:59+08:00");
    assert_eq!(orders(&trade.as_("trader"), "overdue=true").len(), 0, "the last day is still in time");
    world.set_time("2026-03-26T00:00:00+08:00");
    let trader = trade.as_("trader");
    assert_eq!(orders(&trader, "overdue=true").len(), 3);
    let page = ok(trader.get("/money"));
    assert!(page.text.contains("过了规定的退还期限") && page.text.contains("已逾期"), "{}", page.text);
    let home = ok(trader.get("/home"));
    assert!(home.text.contains("保证金退还逾期"), "{}", home.text);
    for who in ["reviewer", "auditor"] {
        assert_eq!(orders(&trade.as_(who), "state=due").len(), 3, "{who} sees it");
    }
    for who in ["A", &format!("clerk-{SHANGXIANG}")] {
        assert_eq!(trade.as_(who).get("/api/v1/money/orders").status, 403, "{who}");
    }
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
});

// A lot that is given up or gets no bid pays everybody back.
both_backends!(a_lot_that_does_not_sell_pays_everybody_back, |world| {
    let trade = admitted(world);
    let steer = steering("terminate", "公告内容有误");
    ok(trade.as_("trader").post(&trade.path("/steering"), &steer));
    let due = orders(&trade.as_("trader"), "state=due");
    assert_eq!(due.len(), 4);
    assert_eq!((due[0]["counts_from"].as_str(), due[0]["due_on"].as_str()), (Some("2026-03-02"), Some("2026-03-09")));
    assert_eq!(states(&mut Behind::of(world)), ["owed 4"]);
});

// MON-12: two persons for a refund, whichever way it is tried.
both_backends!(a_refund_takes_two_persons, |world| {
    let trade = ended(world);
    world.set_time(PAID);
    let (trader, second, reviewer) = (trade.as_("trader"), trade.as_("second"), trade.as_("reviewer"));
    let due = ids(&orders(&trader, "state=due"));
    assert_eq!(confirm(&second, &due[0], "out-1", PAID).code(), "order_not_in_state", "nobody has prepared it");
    assert_eq!(prepare(&reviewer, &due[0]).status, 403, "who only confirms does not prepare");
    let prepared = ok(prepare(&trader, &due[0]));
    assert_eq!(
        (prepared.json["state"].as_str(), prepared.json["prepared_by"].as_str()),
        (Some("prepared"), Some("trader"))
    );
    assert_eq!(prepare(&second, &due[0]).code(), "order_not_in_state");
    // The same person: through the API, with another session, through the page.
    assert_eq!(confirm(&trader, &due[0], "out-1", PAID).code(), "second_person");
    assert_eq!(confirm(&trade.as_("trader"), &due[0], "out-1", PAID).code(), "second_person");
    assert!(by_page(&trader, &due[0], "confirm", "out-1").text.contains("经办和复核要由两个人完成"));
    let page = ok(trader.get(&format!("/money/orders/{}", due[0])));
    assert!(page.text.contains("要由另一位复核") && !page.text.contains("复核无误，记账"), "{}", page.text);
    // Sent back and prepared by somebody else, the first may confirm and the other not.
    ok(trader.send("POST", &order(&due[0], "/return"), &[], None));
    assert_eq!(confirm(&second, &due[0], "out-1", PAID).code(), "order_not_in_state");
    ok(prepare(&second, &due[0]));
    assert_eq!(confirm(&second, &due[0], "out-1", PAID).code(), "second_person");
    assert_eq!(balances(&mut Behind::of(world)), ["bank 4000000", "held -1000000", "owed -3000000"], "nothing moved");
    let bare = trader.post(&order(&due[0], "/confirm"), &json!({}));
    assert_eq!(bare.json["fields"].as_array().map(Vec::len), Some(2), "{bare:?}");
    let early = confirm(&trader, &due[0], "out-1", "2026-03-11T09:00:00+08:00");
    assert_eq!(early.json["fields"][0]["pointer"], "/paid_at", "{early:?}");
    let paid = ok(confirm(&trader, &due[0], "out-1", PAID));
    assert_eq!((paid.json["state"].as_str(), paid.json["confirmed_by"].as_str()), (Some("done"), Some("trader")));
    assert_eq!(confirm(&trader, &due[0], "out-1", PAID).code(), "order_not_in_state");
    // The township's officer is a second person, too; a payment is named once.
    ok(prepare(&trader, &due[1]));
    assert_eq!(confirm(&reviewer, &due[1], "out-1", PAID).code(), "reference_taken");
    assert!(by_page(&reviewer, &due[1], "confirm", "out-2").text.is_empty(), "goes on to the next page");
    let mut behind = Behind::of(world);
    assert_eq!(balances(&mut behind), ["bank 2000000", "held -1000000", "owed -1000000"]);
    assert_eq!(states(&mut behind), ["held 1", "owed 1", "returned 2"]);
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
});

/// Sends the form of an order's page.
fn by_page(who: &Client<'_>, id: &str, step: &str, reference: &str) -> Answer {
    let home = who.get("/home");
    let token = home.text.split("name=\"csrf\" value=\"").nth(1).and_then(|t| t.split('"').next()).unwrap_or("");
    let fields = [("csrf", token), ("reference", reference), ("paid_at", "2026-03-20"), ("paid_hour", "10:00")];
    let body = serde_urlencoded::to_string(fields).unwrap().into_bytes();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    who.send("POST", &format!("/money/orders/{id}/{step}"), &form, Some(body))
}

// The winner's deposit: kept only with grounds and by two, counted into the price, or paid back; ended once.
both_backends!(the_winners_deposit_is_kept_by_a_decision_of_two, |world| {
    let trade = ended(world);
    world.set_time(PAID);
    let (trader, second) = (trade.as_("trader"), trade.as_("second"));
    let path = format!("/api/v1/enrolments/{}/deposit/orders", winner(&trade));
    let wanted = |kind: &str, grounds: &str| json!({"kind": kind, "grounds": grounds});
    let bare = trader.post(&path, &wanted("forfeit", ""));
    assert_eq!((bare.status, bare.json["fields"][0]["pointer"].as_str()), (422, Some("/grounds")), "{bare:?}");
    assert_eq!(second.post(&path, &wanted("keep", "2026年第3号")).status, 422);
    assert_eq!(trade.as_("reviewer").post(&path, &wanted("forfeit", "2026年第3号决定")).status, 403);
    let made = ok(trader.post(&path, &wanted("forfeit", "2026年第3号决定：拒签合同")));
    assert_eq!(second.post(&path, &wanted("apply", "合同 2026-07")).code(), "order_open");
    assert_eq!(trader.post(&order(made.id(), "/confirm"), &json!({})).code(), "second_person");
    assert_eq!(second.send("POST", &order(made.id(), "/return"), &[], None).status, 422, "with a reason");
    ok(second.post(&order(made.id(), "/return"), &json!({"reason": "决定还没有送达"})));
    assert_eq!(states(&mut Behind::of(world)), ["held 1", "owed 3"], "sent back, it stays held");
    assert_eq!(second.post(&order(made.id(), "/confirm"), &json!({})).code(), "order_not_in_state");
    let again = ok(second.post(&path, &wanted("forfeit", "2026年第3号决定：拒签合同")));
    let done = ok(trader.post(&order(again.id(), "/confirm"), &json!({})));
    assert_eq!((done.json["state"].as_str(), done.json["due_on"].as_str()), (Some("done"), None));
    assert_eq!(trader.post(&path, &wanted("refund", "")).code(), "deposit_not_held", "a hold ends once");
    let loser = ids(&orders(&trader, "state=due"))[0].clone();
    let of_loser = ok(trader.get(&order(&loser, ""))).json["enrolment_id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/enrolments/{of_loser}/deposit/orders");
    assert_eq!(trader.post(&path, &wanted("forfeit", "2026年第3号决定")).code(), "deposit_released");
    let mut behind = Behind::of(world);
    assert_eq!(balances(&mut behind), ["bank 4000000", "forfeited -1000000", "held 0", "owed -3000000"]);
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
    let page = ok(trader.get(&format!("/enrolments/{}", winner(&trade))));
    assert!(page.text.contains("结束后的处理") && page.text.contains("已退回作废"), "{}", page.text);
});

both_backends!(while_a_lot_runs_nobody_touches_its_deposits, |world| {
    let trade = admitted(world);
    let own = ok(trade.as_("A").get("/api/v1/enrolments")).json;
    let path = format!("/api/v1/enrolments/{}/deposit/orders", own["items"][0]["id"].as_str().unwrap());
    let wanted = json!({"kind": "forfeit", "grounds": "2026年第3号决定"});
    assert_eq!(trade.as_("trader").post(&path, &wanted).code(), "lot_not_in_state");
    assert_eq!(orders(&trade.as_("trader"), ""), Vec::<Value>::new());
});

// MON-4: forty at once over one hold, in three ways; exactly one wins, the others are told why.
both_backends!(of_forty_at_once_one_ends_the_hold, |world| {
    let trade = ended(world);
    world.set_time(PAID);
    let path = format!("/api/v1/enrolments/{}/deposit/orders", winner(&trade));
    let (trader, second) = (trade.as_("trader"), trade.as_("second"));
    let at_once = |ask: &(dyn Fn(usize) -> Answer + Sync)| -> Vec<Answer> {
        std::thread::scope(|scope| {
            let all: Vec<_> = (0..40).map(|n| scope.spawn(move || ask(n))).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        })
    };
    let one_wins = |answers: &[Answer], refusals: &[&str]| -> Answer {
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|a| a.status < 300);
        assert_eq!(won.len(), 1, "{answers:?}");
        assert!(lost.iter().all(|a| a.status == 409 && refusals.contains(&a.code())), "{lost:?}");
        won[0].clone()
    };
    let kinds = ["refund", "apply", "forfeit"];
    let asked = at_once(&|n| trader.post(&path, &json!({"kind": kinds[n % 3], "grounds": "2026年第3号决定"})));
    let made = one_wins(&asked, &["order_open"]);
    let paid = json!({"reference": "out-9", "paid_at": PAID});
    let ended = at_once(&|_| second.post(&order(made.id(), "/confirm"), &paid));
    one_wins(&ended, &["order_not_in_state"]);
    let ends = "SELECT CAST(count(*) AS TEXT) AS v FROM transfers WHERE kind IN ('release', 'apply', 'forfeit')";
    assert_eq!(Behind::of(world).texts(ends), ["4"], "three losers and the winner");
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
});

// MON-3: the database itself refuses, with its triggers as the program sees them.
both_backends!(the_database_refuses_what_is_no_bookkeeping, |world| {
    ended(world);
    let url = world.app.config.database_url.clone();
    let mut behind = Behind::of(world);
    let held = behind.texts("SELECT id AS v FROM deposits WHERE state = 'held'").remove(0);
    let owed = behind.texts("SELECT id AS v FROM deposits WHERE state = 'owed'").remove(0);
    let insert = |deposit: &str, step: u8, kind: &str, debit: &str, credit: &str, amount: i64| {
        format!(
            "INSERT INTO transfers (id, collective_code, kind, debit_account, credit_account, amount, lot_id, enrolment_id, deposit_id, step, \
             moved_at, recorded_at, recorded_by, salt) SELECT 'trf_{kind}{step}', collective_code, '{kind}', '{debit}', '{credit}', {amount}, \
             lot_id, enrolment_id, id, {step}, recorded_at, recorded_at, 'me', 's' FROM deposits WHERE id = '{deposit}'"
        )
    };
    let reversing = |deposit: &str, other: &str, credit: &str, debit: &str| {
        let id = format!("(SELECT min(id) FROM transfers WHERE deposit_id = '{other}' AND kind = 'receive')");
        insert(deposit, 2, "reverse", debit, credit, 1_000_000)
            .replace("recorded_by, salt)", "recorded_by, salt, reverses)")
            .replace("'me', 's'", &format!("'me', 's', {id}"))
    };
    let refused = [
        ("an update", "UPDATE transfers SET amount = amount + 1".to_owned()),
        ("a removal", "DELETE FROM transfers".to_owned()),
        ("nothing", insert(&held, 2, "release", "held", "owed", 0)),
        ("less than nothing", insert(&held, 2, "release", "held", "owed", -5)),
        ("one account twice", insert(&held, 2, "release", "held", "held", 5)),
        ("accounts of another kind", insert(&held, 2, "release", "owed", "bank", 5)),
        ("a kind that is none", insert(&held, 2, "gift", "held", "bank", 5)),
        ("no second account", insert(&held, 2, "release", "held", "", 5)),
        ("more than is held", insert(&held, 2, "release", "held", "owed", 1_000_001)),
        ("what is not owed", insert(&held, 2, "pay_out", "owed", "bank", 1)),
        ("a second receipt", insert(&held, 2, "receive", "bank", "held", 5)),
        ("a second end", insert(&owed, 3, "forfeit", "held", "forfeited", 1)),
        (
            "what belongs to nothing",
            insert(&held, 2, "release", "held", "owed", 5).replace("enrolment_id, id,", "enrolment_id, NULL,"),
        ),
        ("a reversal of nothing", insert(&held, 2, "reverse", "held", "bank", 1_000_000)),
        ("a reversal of another deposit's", reversing(&held, &owed, "bank", "held")),
        ("a reversal into other accounts", reversing(&held, &held, "owed", "held")),
        ("unclaimed money of a deposit", insert(&held, 2, "give_back", "unidentified", "bank", 5)),
        ("a number that is taken", insert(&held, 1, "release", "held", "owed", 5)),
    ];
    for (what, sql) in refused {
        assert!(xiangji::db::execute(&url, &sql).is_err(), "{what} was allowed: {sql}");
    }
    // The control: what is bookkeeping goes in by the same way.
    xiangji::db::execute(&url, &reversing(&held, &held, "bank", "held")).unwrap();
    assert!(xiangji::db::execute(&url, &reversing(&held, &held, "bank", "held")).is_err(), "twice");
});

// MON-11: seen before anybody is qualified, on the page and in the API.
both_backends!(one_account_for_two_bidders_is_flagged_before_qualification, |world| {
    let trade = published(world);
    let (a, b) = (ok(trade.enrol("A", 1, "")), ok(trade.enrol("B", 2, "")));
    ok(trade.pay(a.id(), "陈A", "r1"));
    let shared = |enrolment: &str, payer: &str, reference: &str| {
        let body = json!({"amount": "10000.00", "payer_name": payer, "payer_account": payer_account("陈A"), "reference": reference,
            "received_at": world.app.db.now().to_string()});
        trade.as_("trader").post(&format!("/api/v1/enrolments/{enrolment}/deposit"), &body)
    };
    assert_eq!(trade.pay(b.id(), "陈A", "r2").code(), "payer_differs");
    let refused = shared(b.id(), "陈B", "r3");
    assert_eq!((refused.status, refused.code()), (409, "payer_shared"), "{refused:?}");
    // Each file by the code that its bidder brings; nobody lists them before the end.
    let file = |made: &Answer| {
        let body = json!({"remark": made.json["remark"], "reason": "核实付款人"});
        ok(trade.as_("trader").post(&trade.path("/enrolments/file"), &body)).json
    };
    assert_eq!(file(&a)["flags"], json!(["payer_shared"]), "the other one, too");
    let of_b = file(&b);
    assert_eq!(of_b["flags"], json!(["payer_differs", "payer_shared"]));
    assert_eq!((of_b["state"].as_str(), of_b["bid_number"].as_str()), (Some("enrolled"), None));
    let mine = ok(trade.as_("B").get("/api/v1/enrolments")).json;
    assert_eq!(mine["items"][0]["flags"], json!([]), "the bidder is not told of the suspicion");
    // The control: from an account of their own they are admitted.
    ok(trade.pay(b.id(), "陈B", "r4"));
    assert_eq!(trade.number("B"), "02");
    world.set_time("2026-03-11T10:00:00+08:00");
    assert_eq!(trade.close(), 1);
    for id in [a.id(), b.id()] {
        let page = ok(trade.as_("trader").get(&format!("/enrolments/{id}")));
        assert!(page.text.contains("付款人有疑点") && page.text.contains("依法视为串通"), "{}", page.text);
    }
    let page = ok(trade.as_("trader").get(&format!("/listings/{}/enrolments", trade.lot)));
    assert!(page.text.contains("付款人有疑点"), "{}", page.text);
});

/// What `xiangji export journal` prints.
pub fn journal(world: &World, more: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xiangji"));
    command.args(["export", "journal"]).args(more).env("XIANGJI_DATABASE_URL", &world.app.config.database_url);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs hledger over a journal; its output where it found nothing wrong.
pub fn hledger(text: &str, asked: &[&str]) -> Result<String, String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let output = Command::new("hledger").arg("-f").arg(file.path()).args(asked).output().unwrap();
    let told = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(told(output.stdout)) } else { Err(told(output.stderr)) }
}

/// Balances as the database tells them, in yuan, by the journal's names of accounts.
fn told_by_rows(behind: &mut Behind) -> BTreeMap<String, String> {
    let names = BTreeMap::from([
        ("bank", "assets:bank"),
        ("held", "liabilities:deposits:held"),
        ("owed", "liabilities:deposits:owed"),
        ("applied", "liabilities:collective:applied"),
        ("forfeited", "liabilities:collective:forfeited"),
        ("unidentified", "liabilities:unidentified"),
    ]);
    let name = |account: &str| format!("{}:{SHANGXIANG}", names[account]);
    let mut all = BTreeMap::new();
    for line in balances(behind) {
        let (account, fen) = line.split_once(' ').unwrap();
        let yuan = Fen(fen.parse().unwrap());
        let text = if yuan == Fen::ZERO { "0".to_owned() } else { format!("{yuan} CNY") };
        all.insert(name(account), text);
    }
    all
}

// MON-2, from outside: hledger takes the journal, and every balance agrees.
both_backends!(the_journal_is_accepted_by_hledger_and_every_balance_agrees, |world| {
    if Command::new("hledger").arg("--version").output().is_err() {
        return skip("the journal before hledger", "hledger is not installed");
    }
    let trade = ended(world);
    world.set_time(PAID);
    let (trader, second) = (trade.as_("trader"), trade.as_("second"));
    let due = ids(&orders(&trader, "state=due"));
    ok(prepare(&trader, &due[0]));
    ok(confirm(&second, &due[0], "out-1", "2026-03-19T15:00:00+08:00"));
    let path = format!("/api/v1/enrolments/{}/deposit/orders", winner(&trade));
    let made = ok(trader.post(&path, &json!({"kind": "refund", "grounds": "合同 2026-07 已签"})));
    ok(confirm(&second, made.id(), "out-2", PAID));

    let text = journal(world, &[]);
    assert!(text.is_ascii() && text.contains("2026-03-19 pay_out"), "{text}");
    assert_eq!(hledger(&text, &["check", "--strict", "ordereddates"]), Ok(String::new()), "{text}");
    let csv = hledger(&text, &["bal", "--flat", "-E", "-N", "-O", "csv"]).unwrap();
    let rows = csv.lines().skip(1).map(|line| {
        let (account, balance) = line.split_once(',').unwrap();
        (account.trim_matches('"').to_owned(), balance.trim_matches('"').to_owned())
    });
    let mut behind = Behind::of(world);
    assert_eq!(rows.collect::<BTreeMap<_, _>>(), told_by_rows(&mut behind), "{csv}");
    let count = behind.texts("SELECT CAST(count(*) AS TEXT) AS v FROM transfers").remove(0);
    let stats = hledger(&text, &["stats"]).unwrap();
    assert!(stats.lines().any(|line| line.starts_with("Transactions") && line.contains(&count)), "{stats}");

    // The controls: one posting altered is out of balance; both altered leave what stands behind them.
    let one = text.replacen("10000.00 CNY = ", "10000.01 CNY = ", 1);
    assert!(one != text && hledger(&one, &["check"]).is_err());
    let both = one.replacen("-10000.00 CNY = ", "-10000.01 CNY = ", 1);
    assert!(both != one && hledger(&both, &["check"]).unwrap_err().contains("assert"), "{both}");

    assert_eq!(journal(world, &["--collective", SHANGXIANG]), text);
    assert_eq!(journal(world, &["--region", DURUAN]), text);
    assert!(!journal(world, &["--region", LONGXI]).contains("pay_out"), "the neighbour has no books");
});

// An installation of before there was a ledger: the next start takes its deposits into the books and orders the refunds.
both_backends!(deposits_of_before_the_ledger_are_taken_into_the_books, |world| {
    ended(world);
    let mut behind = Behind::of(world);
    behind.drop_triggers();
    behind.exec(
        "DELETE FROM money_orders; DELETE FROM transfers; UPDATE deposits SET state = 'held', version = 1, payer_index = NULL",
    );
    let open = |rx: &mut xiangji::db::Rx<'_>| xiangji::settlement::is_to_be_opened(rx);
    assert!(world.app.db.read_now(open).unwrap());
    world.app.db.write_now(xiangji::db::Lane::Any, trading::award::open_books).unwrap();
    assert!(!world.app.db.read_now(open).unwrap());
    assert_eq!(balances(&mut behind), ["bank 4000000", "held -1000000", "owed -3000000"]);
    assert_eq!(states(&mut behind), ["held 1", "owed 3"]);
    world.app.db.write_now(xiangji::db::Lane::Any, trading::award::open_books).unwrap();
    assert_eq!(balances(&mut behind), ["bank 4000000", "held -1000000", "owed -3000000"], "once");
});
