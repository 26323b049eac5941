//! What the bank and the desk say of the same money may come twice, late, in any order, and again after a restart: the books end
//! in one state (MON-5). Nobody signs a notice here; what stands for a forged one is a file from somebody without the right, and
//! a slip of which the bank knows nothing.

use std::{
    collections::BTreeMap,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use xiangji::{
    access::{self, Allowed, Permission, Role, may},
    db::{Error, Lane, Rx, Tx},
    kernel::{Fen, Id, PageRequest},
    settlement::{
        Arrival,
        bank::{self, Match, StatementFile},
        orders::Paid,
        unidentified::{self, UnidentifiedState},
    },
    trading::enrolment::{self, EnrolmentId},
};

use crate::{
    bank::{HEAD, balanced, stand, taken_in},
    both_backends,
    kept_deposits::decide,
    money::{PAID, balances, ended, ids, order, orders, prepare, winner},
    support::{
        app::{Answer, Client, DURUAN, World},
        behind::Behind,
        verified::faults,
    },
    trading::{ok, payer_account, published},
};

fn allowed<P: Permission>(world: &World, name: &str) -> Allowed<P> {
    let actor = world.app.db.read_now(|rx| access::find_actor(rx, name)).unwrap().unwrap();
    actor.prove().unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// What somebody says of money.
#[derive(Debug, Clone)]
enum Notice {
    /// A statement with the lines from one number up to and without another.
    Statement(usize, usize),
    /// The slip of a deposit: payer and number.
    Deposit(&'static str, &'static str),
    /// The line of this amount fits nobody.
    Nobody(&'static str),
    /// It goes back to who paid: one prepares, another confirms.
    Back(&'static str),
    /// Everything that is proposed is ticked off.
    Tick,
}

/// Lines of the bank: what came in, from whom, with which number.
const LINES: [(&str, &str, &str); 6] = [
    ("10000.00", "陈A", "x1"),
    ("77.77", "路人", "s1"),
    ("10000.00", "陈B", "x2"),
    ("10000.00", "陈C", ""),
    ("5.00", "路人", "s2"),
    ("10000.00", "陈P", "x4"),
];

fn statement(from: usize, to: usize) -> StatementFile {
    let fen = |yuan: &str| yuan.replace('.', "").parse::<i64>().unwrap();
    let mut balance: i64 = LINES[..from].iter().map(|(yuan, ..)| fen(yuan)).sum();
    let mut file = format!("{HEAD}\n");
    for (yuan, payer, number) in &LINES[from..to] {
        balance += fen(yuan);
        file += &format!("2026-03-02,{yuan},,{}.{:02},{payer},{number}\n", balance / 100, balance % 100);
    }
    StatementFile { name: String::new(), opening: String::new(), closing: String::new(), bytes: file.into_bytes() }
}

/// Everything that is said, each once, in an order in which all of it goes through.
fn notices() -> Vec<Notice> {
    use Notice::{Back, Deposit, Nobody, Statement, Tick};
    let mut all = vec![Statement(0, 3), Statement(2, 5), Statement(4, 6), Statement(0, 6)];
    all.extend(
        [("陈A", "x1"), ("陈B", "x2"), ("陈C", "slip-c"), ("陈P", "x4")].map(|(who, number)| Deposit(who, number)),
    );
    all.extend([Nobody("77.77"), Nobody("5.00"), Nobody("10000.00"), Back("77.77"), Back("5.00"), Tick]);
    all
}

/// Those who may say it, and for whom.
struct Desk {
    receiving: Allowed<may::ReceiveDeposits>,
    preparing: Allowed<may::PrepareMoney>,
    confirming: Allowed<may::ConfirmMoney>,
    reading: Allowed<may::ReadMoney>,
    enrolments: BTreeMap<&'static str, EnrolmentId>,
    vault: xiangji::vault::Vault,
}

impl Desk {
    fn reconciliation(&self, rx: &mut Rx<'_>) -> Value {
        json!(bank::reconcile(rx, &self.preparing).unwrap())
    }

    /// Says it; whether it went through.
    fn say(&self, tx: &mut Tx<'_>, notice: &Notice) -> Result<(), Error> {
        match notice {
            Notice::Statement(from, to) => {
                let id = bank::stage(tx, &self.vault, &self.preparing, &statement(*from, *to))?;
                bank::confirm(tx, &self.vault, &self.preparing, &id).map(drop)
            }
            Notice::Deposit(payer, number) => {
                let arrival = Arrival {
                    amount: "10000.00".into(),
                    payer_name: (*payer).to_owned(),
                    payer_account: payer_account(payer),
                    reference: (*number).to_owned(),
                    received_at: "2026-03-02T08:30:00+08:00".parse().unwrap(),
                };
                let id = &self.enrolments[payer];
                enrolment::receive_deposit(tx, &self.receiving, &self.vault, id, &arrival).map(drop)
            }
            Notice::Nobody(yuan) => {
                let now = self.reconciliation(tx);
                let free = now["lines"].as_array().unwrap().clone();
                // Of the deposits only the one that names its number can be told from the others.
                let of = |l: &&Value| l["amount"] == *yuan && (*yuan != "10000.00" || l["reference"] == "x1");
                let Some(line) = free.iter().find(of) else { return Err(Error::Internal("no such line".into())) };
                unidentified::book(tx, &self.preparing, line["id"].as_str().unwrap()).map(drop)
            }
            Notice::Back(yuan) => {
                let fen = yuan.replace('.', "").parse::<i64>().unwrap();
                let page = PageRequest { limit: Some(200), after: None };
                let open = unidentified::list(tx, &self.reading, Some(UnidentifiedState::Open), &page)?.items;
                let found = open.into_iter().find(|one| one.amount == Fen(fen)).map(|one| one.id);
                let Some(id) = found else { return Err(Error::Internal("nothing to give back".into())) };
                unidentified::prepare_return(tx, &self.preparing, &id, "付款人说明转错了账户")?;
                let paid = Paid { reference: format!("out-{yuan}"), paid_at: Some(tx.now()) };
                unidentified::confirm_return(tx, &self.confirming, &id, &paid).map(drop)
            }
            Notice::Tick => {
                let now = self.reconciliation(tx);
                let proposal = now["proposals"].as_array().unwrap().first().cloned();
                let Some(proposal) = proposal else { return Err(Error::Internal("nothing is proposed".into())) };
                let side = |name: &str| {
                    proposal[name]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|one| one["id"].as_str().unwrap().to_owned())
                        .collect()
                };
                bank::tick(tx, &self.preparing, &Match { lines: side("lines"), booked: side("booked") }).map(drop)
            }
        }
    }

    /// What the books and the bank come to.
    fn state(&self, tx: &mut Tx<'_>) -> Vec<String> {
        let now = self.reconciliation(tx);
        assert_eq!(now["difference"], now["explained"], "{now}");
        let left = |name: &str| {
            let of = |one: &Value| format!("{name} {} {} {}", one["on"], one["amount"], one["counterparty"]);
            now[name].as_array().unwrap().iter().map(of).collect::<Vec<_>>()
        };
        let mut all = [left("lines"), left("booked"), vec![now["bank"].to_string(), now["books"].to_string()]].concat();
        for (name, id) in &self.enrolments {
            let deposit = xiangji::settlement::find(tx, &self.vault, id.as_str()).unwrap();
            all.push(format!("{name} {:?}", deposit.map(|deposit| (deposit.amount, deposit.reference, deposit.state))));
        }
        all.sort();
        all
    }
}

/// A story that is told in a transaction which never commits: what it came to, and how much of it was refused on the way.
fn told(world: &World, desk: &Arc<Desk>, notices: Vec<Notice>) -> (Vec<String>, usize) {
    let end = Arc::new(Mutex::new((Vec::new(), 0)));
    let (out, desk) = (end.clone(), desk.clone());
    let run = move |tx: &mut Tx<'_>| -> Result<(), Error> {
        let refused = notices.iter().filter(|notice| desk.say(tx, notice).is_err()).count();
        // What was delayed comes in the end, and all of it once more.
        for _ in 0..2 {
            for notice in &self::notices() {
                let _ = desk.say(tx, notice);
            }
        }
        while desk.say(tx, &Notice::Tick).is_ok() {}
        *out.lock().unwrap() = (desk.state(tx), refused);
        Err(Error::Internal("told, not kept".into()))
    };
    assert!(world.app.db.write_now(Lane::Any, run).is_err());
    let end = end.lock().unwrap();
    (end.0.clone(), end.1)
}

// Each of them up to ten times, in random order. `XIANGJI_TEST_LONG=1`: 10,000 orders.
both_backends!(notices_doubled_reordered_delayed_end_in_one_state, |world| {
    let trade = published(world);
    world.actor(Role::TradingOfficer, DURUAN, "second");
    let enrolments = [("陈A", "A", 1), ("陈B", "B", 2), ("陈C", "C", 3), ("陈P", "P", 4)]
        .map(|(payer, name, order)| (payer, Id::from_trusted(ok(trade.enrol(name, order, "")).id())));
    let desk = Arc::new(Desk {
        receiving: allowed(world, "trader"),
        preparing: allowed(world, "trader"),
        confirming: allowed(world, "second"),
        reading: allowed(world, "trader"),
        enrolments: enrolments.into_iter().collect(),
        vault: world.app.vault.clone(),
    });
    let (expected, refused) = told(world, &desk, notices());
    assert!(refused < 4, "the control: in their order nearly all go through");
    assert!(expected.iter().any(|line| line.contains("40082.77")), "{expected:?}");
    assert_eq!(expected.iter().filter(|line| line.contains("Held")).count(), 4, "{expected:?}");
    let seed = RandomState::new().hash_one(5);
    eprintln!("orders drawn from seed {seed}");
    let mut state = seed;
    let mut draw = |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % most
    };
    let rounds = if std::env::var_os("XIANGJI_TEST_LONG").is_some() { 10_000 } else { 25 };
    let mut refused_on_the_way = 0;
    for round in 0..rounds {
        let mut said: Vec<Notice> = notices()
            .into_iter()
            .flat_map(|notice| vec![notice; 1 + draw(if round % 10 == 0 { 10 } else { 3 })])
            .collect();
        for n in (1..said.len()).rev() {
            said.swap(n, draw(n + 1));
        }
        // Some never come before the end.
        said.truncate(said.len() - draw(said.len()));
        let (end, refused) = told(world, &desk, said.clone());
        assert_eq!(end, expected, "seed {seed}, round {round}: {said:?}");
        refused_on_the_way += refused;
    }
    assert!(refused_on_the_way > rounds, "the control: orders differed");
});

// What stands for a forged notice: a file from somebody without the right changes nothing; a slip of which the bank knows nothing
// stays open for everybody to see, to the fen, and no file makes it go away.
both_backends!(a_forged_notice_is_not_taken, |world| {
    let trade = published(world);
    let a = ok(trade.enrol("A", 1, ""));
    let file = statement(0, 6).bytes;
    let send = |who: &Client<'_>| {
        who.send(
            "POST",
            "/api/v1/money/statements/imports",
            &[("content-type", "application/octet-stream")],
            Some(file.clone()),
        )
    };
    for who in ["A", "reviewer", "auditor", "clerk-440703103213"] {
        assert_eq!(send(&trade.as_(who)).status, 403, "{who}");
    }
    assert_eq!(send(&world.nobody()).status, 401);
    let staged = ok(send(&trade.as_("trader"))).json["id"].as_str().unwrap().to_owned();
    world.actor(Role::TradingOfficer, DURUAN, "second");
    let other =
        trade.as_("second").send("POST", &format!("/api/v1/money/statements/imports/{staged}/confirm"), &[], None);
    assert_eq!(other.status, 404, "what somebody else brought");
    let trader = trade.as_("trader");
    assert_eq!(stand(&trader)["lines"], json!([]), "nothing came of it");
    // The slip that fits no line.
    ok(trade.pay(a.id(), "陈A", "forged-1"));
    assert_eq!(taken_in(&trader, &statement(1, 5).bytes), (4, 0));
    let now = stand(&trader);
    balanced(&now);
    assert!(now["booked"].as_array().unwrap().iter().any(|b| b["reference"] == "forged-1"), "{now}");
    assert_eq!(now["proposals"], json!([]), "nothing of the bank fits it");
    assert!(ok(trader.get("/money/bank")).text.contains("forged-1"));
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
});

// MON-4: confirming, sending back and taking back one order, fifty at once; one of them ends it, and the others are told why.
both_backends!(of_fifty_at_once_one_ends_an_order, |world| {
    let trade = ended(world);
    world.set_time(PAID);
    ok(trade.as_("trader").send("POST", &trade.path("/confirmation"), &[], None));
    let (trader, second, reviewer) = (trade.as_("trader"), trade.as_("second"), trade.as_("reviewer"));
    let made = ok(decide(&trader, &winner(&trade), "apply"));
    let failing = json!({"ground": "unpaid", "decision": "杜阮交易处3号"});
    let ask = |n: usize| -> (&'static str, Answer) {
        match n % 5 {
            0 | 1 => ("confirm", second.post(&order(made.id(), "/confirm"), &json!({}))),
            2 | 3 => ("return", reviewer.post(&order(made.id(), "/return"), &json!({"reason": "先等一等"}))),
            _ => ("fail", trader.post(&trade.path("/failure"), &failing)),
        }
    };
    let ask: &(dyn Fn(usize) -> (&'static str, Answer) + Sync) = &ask;
    let answers: Vec<(&'static str, Answer)> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..50).map(|n| scope.spawn(move || ask(n))).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let known = ["order_not_in_state", "lot_not_in_state", "deposit_not_held", "nobody_in_line", "invalid_fields"];
    for (what, answer) in &answers {
        assert!(answer.status < 300 || known.contains(&answer.code()), "{what}: {answer:?}");
    }
    let won = |what: &str| answers.iter().filter(|(which, answer)| *which == what && answer.status < 300).count();
    assert!(won("confirm") + won("return") <= 1, "{answers:?}");
    let state = ok(trader.get(&order(made.id(), ""))).json["state"].clone();
    let ended_by_failure = usize::from(won("confirm") + won("return") == 0);
    assert_eq!(state == "withdrawn", won("return") + ended_by_failure == 1, "{state} {answers:?}");
    let mut behind = Behind::of(world);
    let applied = behind.texts("SELECT CAST(count(*) AS TEXT) AS v FROM transfers WHERE kind = 'apply'");
    assert_eq!(applied, [won("confirm").to_string()]);
    assert!(balances(&mut behind).contains(&"bank 4000000".to_owned()));
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
    // What is left can be brought to its end.
    let due = ids(&orders(&trader, "state=due"));
    ok(prepare(&trader, &due[0]));
});
