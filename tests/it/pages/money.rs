//! The desk of deposits by pages: the bank's statement, money that fits nobody, accounts, refunds, books.

use std::{io::Write as _, path::Path};

use serde_json::json;
use xiangji::access::Role;

use crate::{
    bank::booked,
    support::{
        app::{DURUAN, PASSWORD, SHANGXIANG, World},
        browser::{self, Browser, DESK, PHONE, Scripts},
    },
    trading::ok,
};

fn file(dir: &Path, name: &str, lines: &[&str]) -> String {
    let path = dir.join(name);
    let text = format!("{}\n{}\n", crate::bank::HEAD, lines.join("\n"));
    std::fs::File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
    path.to_str().unwrap().to_owned()
}

async fn bring(browser: &Browser, path: &str) {
    browser.visit("/money/bank").await;
    browser.press("导入对账单").await;
    browser.find("[name=file]").await.send_keys(path).await.expect("chosen");
    browser.press("上传并核对").await;
}

async fn says(browser: &Browser, words: &str) {
    let text = browser.text().await;
    assert!(text.contains(words), "{} does not say {words}:\n{text}", browser.path().await);
}

#[test]
fn a_statement_is_brought_and_ticked_off_by_pages_alone() {
    let world = World::sqlite();
    booked(&world);
    let dir = tempfile::tempdir().unwrap();
    let wrong = file(
        dir.path(),
        "三月.csv",
        &["2026-03-02,10000.00,,9999.00,陈A,bank-A", "2026-03-02,10000.00,,30000.00,陈B,bank-B"],
    );
    let right = [
        "2026-03-02,10000.00,,10000.00,陈A,bank-A",
        "2026-03-02,10000.00,,20000.00,陈B,bank-B",
        "2026-03-03,88.00,,20088.00,路人,stray-1",
    ];
    let right = file(dir.path(), "三月改.csv", &right);
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::Off, PHONE).await else { return };
        browser.sign_in("trader", PASSWORD).await;
        browser.visit("/money").await;
        browser.press("银行对账").await;
        says(&browser, "还没有导入对账单").await;
        bring(&browser, &wrong).await;
        says(&browser, "这份对账单不能导入").await;
        browser.photograph("money-statement-refused-phone").await;
        assert!(!browser.text().await.contains("确认写入 2 笔"), "what does not add up cannot be confirmed");
        browser.press("改好后重新上传").await;
        browser.find("[name=file]").await.send_keys(&right).await.expect("chosen");
        browser.press("上传并核对").await;
        says(&browser, "读到 3 笔流水，其中新的 3 笔").await;
        browser.photograph("money-statement-preview-phone").await;
        browser.press("确认写入 3 笔").await;
        says(&browser, "可能是同一笔").await;
        browser.photograph("money-bank-phone").await;
        browser.press("核对无误，勾对").await;
        browser.press("核对无误，勾对").await;
        assert!(!browser.text().await.contains("可能是同一笔"), "nothing is left to propose");
        says(&browser, "银行有、账上没有的").await;
        browser.press_at("form[action=\"/money/unidentified\"] button").await;
        browser.visit("/money/unidentified").await;
        says(&browser, "路人").await;
        bring(&browser, &right).await;
        says(&browser, "以前导入过的 3 笔").await;
    });
}

#[test]
fn every_page_of_the_money_is_sound() {
    let world = World::sqlite();
    let trade = booked(&world);
    world.actor(Role::TownshipOfficer, DURUAN, "officer");
    let trader = world.sign_in("trader");
    let account = json!({"collective_code": SHANGXIANG, "holder": "上巷股份合作经济联合社", "number": "80020000012345678",
        "bank": "农商银行杜阮支行", "grounds": "开户许可证"});
    let payee = ok(trader.post("/api/v1/money/payees", &account)).id().to_owned();
    ok(trade.bid("A", "09:31:00", "700.00"));
    world.set_time("2026-03-11T10:10:00+08:00");
    trade.close();
    let due = ok(world.sign_in("trader").get("/api/v1/money/orders?state=due")).json;
    let order = due["items"][0]["id"].as_str().unwrap().to_owned();
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::On, DESK).await else { return };
        browser.sign_in("trader", PASSWORD).await;
        for (path, name) in [
            ("/money".to_owned(), "desk"),
            (format!("/money/orders/{order}"), "order"),
            ("/money/bank".to_owned(), "bank"),
            ("/money/statements/imports".to_owned(), "import"),
            ("/money/unidentified".to_owned(), "unidentified"),
            ("/money/payees".to_owned(), "payees"),
            (format!("/money/payees/{payee}"), "payee"),
            ("/money/books".to_owned(), "books"),
        ] {
            for (size, width) in [(PHONE, "phone"), (DESK, "desk")] {
                browser.resize(size).await;
                browser.visit(&path).await;
                assert_eq!(browser.path().await, path);
                browser.photograph(&format!("money-{name}-{width}")).await;
                browser.assert_sound().await;
            }
        }
        says(&browser, "各科目余额").await;
        assert!(!browser.text().await.contains(SHANGXIANG), "places have names");
    });
}
