//! The bank's word against the books (MON-10): statements that add up, each line once, nothing ticked off by itself, and a
//! difference that is explained to the fen.

use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use xiangji::access::Role;

use crate::{
    both_backends,
    support::{
        app::{Answer, Client, DURUAN, World},
        verified::faults,
    },
    trading::{Trade, admitted, ok, steering},
};

pub const HEAD: &str = "交易日期,收入,支出,余额,对方户名,交易流水号";

/// Four deposits of 10,000 yuan each are in the books: `bank-A`, `bank-B`, `bank-C`, `bank-P`.
pub fn booked(world: &World) -> Trade<'_> {
    let trade = admitted(world);
    world.actor(Role::TradingOfficer, DURUAN, "second");
    trade
}

fn bring(who: &Client<'_>, query: &str, file: &[u8]) -> Answer {
    let path = format!("/api/v1/money/statements/imports{query}");
    who.send("POST", &path, &[("content-type", "application/octet-stream")], Some(file.to_vec()))
}

fn confirm(who: &Client<'_>, id: &str) -> Answer {
    who.send("POST", &format!("/api/v1/money/statements/imports/{id}/confirm"), &[], None)
}

/// Brought and confirmed: how many lines were new, how many known.
pub fn taken_in(who: &Client<'_>, file: &[u8]) -> (u64, u64) {
    let preview = ok(bring(who, "", file)).json;
    assert_eq!(preview["refused"], Value::Null, "{preview}");
    let done = ok(confirm(who, preview["id"].as_str().unwrap())).json;
    (done["new"].as_u64().unwrap(), done["known"].as_u64().unwrap())
}

pub fn stand(who: &Client<'_>) -> Value {
    ok(who.get("/api/v1/money/reconciliation")).json
}

/// The proposals: reason, and the numbers of the bank on both sides.
pub fn proposed(stand: &Value) -> Vec<(String, Vec<String>, Vec<String>)> {
    let refs =
        |side: &Value| side.as_array().unwrap().iter().map(|e| e["reference"].as_str().unwrap().to_owned()).collect();
    let all = stand["proposals"].as_array().unwrap().iter();
    all.map(|p| (p["reason"].as_str().unwrap().to_owned(), refs(&p["lines"]), refs(&p["booked"]))).collect()
}

pub fn ids(side: &Value) -> Vec<String> {
    side.as_array().unwrap().iter().map(|e| e["id"].as_str().unwrap().to_owned()).collect()
}

pub fn tick(who: &Client<'_>, proposal: &Value) -> Answer {
    who.post("/api/v1/money/matches", &json!({"lines": ids(&proposal["lines"]), "booked": ids(&proposal["booked"])}))
}

pub fn balanced(stand: &Value) {
    assert_eq!(stand["difference"], stand["explained"], "{stand}");
}

both_backends!(a_statement_is_taken_in_once_and_only_if_it_adds_up, |world| {
    let trade = booked(world);
    let trader = trade.as_("trader");
    let first = format!(
        "{HEAD}\n2026-03-02,10000.00,,10500.00,陈A,bank-A\n2026-03-02,10000.00,,20500.00,陈B,bank-B\n2026-03-03,,3.50,20496.50,银行,fee-1\n"
    );
    for wrong in [first.replace("20496.50", "20496.51"), first.replacen("10000.00,,20500.00", "10000.01,,20500.00", 1)]
    {
        let preview = ok(bring(&trader, "", wrong.as_bytes())).json;
        assert!(preview["refused"].as_str().unwrap().contains("余额应为"), "{preview}");
        assert_eq!(confirm(&trader, preview["id"].as_str().unwrap()).code(), "statement_does_not_add_up");
    }
    let bad = first.replacen("2026-03-02,10000.00", "2026-02-30,万元", 1);
    let preview = ok(bring(&trader, "", bad.as_bytes())).json;
    assert_eq!(preview["report"]["refused"].as_array().unwrap().len(), 2, "{preview}");
    assert_eq!(confirm(&trader, preview["id"].as_str().unwrap()).code(), "import_refused");
    assert_eq!(bring(&trader, "", b"a,b\n1,2").code(), "sheet_headers");
    assert_eq!(stand(&trader)["lines"], json!([]), "nothing was taken in");

    assert_eq!(taken_in(&trader, first.as_bytes()), (3, 0));
    assert_eq!(taken_in(&trader, first.as_bytes()), (0, 3), "the same file adds nothing");
    // In GBK, with the newest first, two lines of before and one more.
    let overlapping = format!(
        "{HEAD}\n2026-03-04,10000.00,,30496.50,陈C,bank-C\n2026-03-03,,3.50,20496.50,银行,fee-1\n2026-03-02,10000.00,,20500.00,陈B,bank-B\n"
    );
    let (gbk, _, _) = encoding_rs::GBK.encode(&overlapping);
    assert!(std::str::from_utf8(&gbk).is_err(), "the control: it is not UTF-8");
    assert_eq!(taken_in(&trader, &gbk), (1, 2), "an overlapping file adds what is new");
    let gap = format!("{HEAD}\n2026-03-09,10000.00,,50000.00,陈P,bank-P\n");
    let preview = ok(bring(&trader, "", gap.as_bytes())).json;
    assert!(preview["refused"].as_str().unwrap().contains("还缺一段"), "{preview}");
    assert_eq!(confirm(&trader, preview["id"].as_str().unwrap()).code(), "statement_gap");
    // XLSX without a column of balances: those that the bank printed are typed.
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (at, head) in (0u16..).zip(["记账日期", "借贷标志", "发生额", "对方名称", "凭证号"]) {
        sheet.write(0, at, head).unwrap();
    }
    for (at, cell) in (0u16..).zip(["2026-03-05", "贷", "10000.00", "陈P", "bank-P"]) {
        sheet.write(1, at, cell).unwrap();
    }
    let xlsx = book.save_to_buffer().unwrap();
    let preview = ok(bring(&trader, "", &xlsx)).json;
    assert!(preview["refused"].as_str().unwrap().contains("期初余额"), "{preview}");
    let preview = ok(bring(&trader, "?opening=30496.50&closing=40496.50", &xlsx)).json;
    assert_eq!((preview["new"].as_u64(), preview["refused"].as_str()), (Some(1), None), "{preview}");
    ok(confirm(&trader, preview["id"].as_str().unwrap()));
    let now = stand(&trader);
    assert_eq!(
        (now["bank"].as_str(), now["opening"].as_str(), now["books"].as_str()),
        (Some("40496.50"), Some("500.00"), Some("40000.00"))
    );
    balanced(&now);
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
    for who in ["reviewer", "auditor", "A"] {
        assert_eq!(trade.as_(who).get("/api/v1/money/reconciliation").status, 403, "{who}: nobody counts bidders here");
    }
});

both_backends!(proposals_wait_for_an_officer_and_what_is_left_explains_the_difference, |world| {
    let trade = booked(world);
    let trader = trade.as_("trader");
    let before = stand(&trader);
    assert_eq!((before["bank"].as_str(), before["books"].as_str()), (None, Some("40000.00")));
    balanced(&before);
    // A by its number; B by name and amount; C in two parts; of P nothing came; somebody unknown paid.
    let file = format!(
        "{HEAD}\n2026-03-02,10000.00,,10000.00,陈 A,bank-A\n2026-03-02,10000.00,,20000.00,陈B,\n2026-03-02,4000.00,,24000.00,陈C,x1\n\
         2026-03-03,6000.00,,30000.00,陈C,x2\n2026-03-03,77.77,,30077.77,路人,x3\n"
    );
    assert_eq!(taken_in(&trader, file.as_bytes()), (5, 0));
    let now = stand(&trader);
    balanced(&now);
    assert_eq!(now["difference"], "-9922.23");
    let s = |items: &[&str]| items.iter().map(|i| (*i).to_owned()).collect::<Vec<_>>();
    let all = proposed(&now);
    assert_eq!(
        all,
        [
            ("reference".to_owned(), s(&["bank-A"]), s(&["bank-A"])),
            ("name_and_amount".to_owned(), s(&[""]), s(&["bank-B"])),
            ("many_lines".to_owned(), s(&["x1", "x2"]), s(&["bank-C"])),
        ]
    );
    assert_eq!(
        (now["lines"].as_array().unwrap().len(), now["booked"].as_array().unwrap().len()),
        (5, 4),
        "nothing by itself"
    );
    let page = ok(trader.get("/money/bank"));
    assert!(
        page.text.contains("可能是同一笔") && page.text.contains("路人") && page.text.contains("-9,922.23"),
        "{}",
        page.text
    );

    let (first, second) = (now["proposals"][0].clone(), now["proposals"][1].clone());
    let of_both = [ids(&first["booked"]), ids(&second["booked"])].concat();
    let crossed = json!({"lines": ids(&first["lines"]), "booked": of_both});
    assert_eq!(trader.post("/api/v1/money/matches", &crossed).code(), "not_one_sum");
    assert_eq!(trader.post("/api/v1/money/matches", &json!({"lines": [], "booked": []})).status, 422);
    assert_eq!(
        trader.post("/api/v1/money/matches", &json!({"lines": ["lin_none"], "booked": ids(&first["booked"])})).status,
        422
    );
    for proposal in now["proposals"].as_array().unwrap() {
        let left = ok(tick(&trader, proposal)).json;
        balanced(&left);
        assert_eq!(tick(&trader, proposal).code(), "already_ticked_off");
    }
    let left = stand(&trader);
    assert_eq!(proposed(&left), []);
    let lines = left["lines"].as_array().unwrap();
    assert_eq!((lines.len(), lines[0]["amount"].as_str()), (1, Some("77.77")), "{left}");
    assert_eq!(
        (left["booked"].as_array().unwrap().len(), left["booked"][0]["reference"].as_str()),
        (1, Some("bank-P"))
    );
    balanced(&left);

    // The refunds go out, and the bank shows them as one payment for A and none for the others.
    ok(trader.post(&trade.path("/steering"), &steering("terminate", "公告内容有误")));
    let orders = ok(trader.get("/api/v1/money/orders?state=due")).json;
    let of_a = orders["items"].as_array().unwrap().iter().find(|o| o["payee"] == "陈A").unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    ok(trader.send("POST", &format!("/api/v1/money/orders/{of_a}/prepare"), &[], None));
    let paid = json!({"reference": "out-1", "paid_at": world.app.db.now().to_string()});
    ok(trade.as_("second").post(&format!("/api/v1/money/orders/{of_a}/confirm"), &paid));
    let out = format!("{HEAD}\n2026-03-04,,10000.00,20077.77,陈A,out-1\n");
    assert_eq!(taken_in(&trader, out.as_bytes()), (1, 0));
    let now = stand(&trader);
    balanced(&now);
    assert_eq!(proposed(&now), [("reference".to_owned(), s(&["out-1"]), s(&["out-1"]))]);
    ok(tick(&trader, &now["proposals"][0]));
    balanced(&stand(&trader));
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
});
