//! A purchase by turns and its priority rights on pages: the notice, a claim, its check.

use serde_json::json;

use super::market::{look, reads};
use crate::{
    methods::{draft, published},
    support::{
        app::{PASSWORD, World},
        browser::{self, Browser, PHONE, Scripts},
    },
    trading::{Trade, ok},
};

/// Somebody looks after a pond; who has the least first price has the last word of a round.
fn purchase(world: &World) -> Trade<'_> {
    let method = json!({"mode": "turns", "turn_s": 120, "first_pause_s": 60, "pause_s": 60, "revisions": 1, "fallback": "second_round"});
    let mut terms = draft(world, method);
    for (field, value) in [
        ("form", json!("service")),
        ("usage", json!("鱼塘清淤和巡护")),
        ("term_months", json!(24)),
        ("price_unit", json!("yuan_per_year")),
        ("opening_price", json!("50000")),
        ("step_min", json!("500")),
        ("step_max", json!("5000")),
        ("priority", json!("")),
        ("priority_kinds", json!(["member", "agreed"])),
    ] {
        terms[field] = value;
    }
    published(world, &terms)
}

async fn as_person(browser: &Browser, name: &str) {
    browser.driver.delete_all_cookies().await.expect("signed out");
    browser.sign_in(name, PASSWORD).await;
}

#[test]
fn a_purchase_by_turns_and_its_priority_rights() {
    let world = World::sqlite();
    let trade = purchase(&world);
    for (order, name) in [(1, "A"), (2, "B"), (3, "C")] {
        let made = ok(trade.enrol(name, order, ""));
        ok(trade.pay(made.id(), &format!("陈{name}"), &format!("bank-{name}")));
    }
    let lot = format!("/lots/{}", trade.lot);
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::Off, PHONE).await else { return };
        browser.visit(&lot).await;
        reads(&browser, &["最高限价（起始价）", "价低者得", "分 3 轮报价", "本集体经济组织成员，其次约定优先"]).await;
        look(&browser, "modes-notice").await;

        // A claims a right; the officer opens it by A's code and checks it.
        as_person(&browser, "bidder-A").await;
        browser.visit(&format!("{lot}/priority")).await;
        browser.press("申报优先权").await;
        reads(&browser, &["请选择申报哪一种优先权"]).await;
        look(&browser, "modes-claim-refused").await;
        ok(crate::priority::claims(&trade.as_("A"), &trade.lot, "member"));
        browser.visit(&format!("{lot}/priority")).await;
        reads(&browser, &["待审核", "请把编码告诉镇街交易员"]).await;
        look(&browser, "modes-claim").await;
        let code = ok(trade.as_("A").get("/api/v1/enrolments")).json["items"][0]["remark"].as_str().unwrap().to_owned();
        as_person(&browser, "trader").await;
        browser.visit(&format!("/listings/{}/enrolments", trade.lot)).await;
        browser.fill("file_remark", &code).await;
        browser.fill("reason", "审核申报的优先权").await;
        browser.press("打开这份报名").await;
        reads(&browser, &["本集体经济组织成员（第 1 顺位）", "打开证明材料"]).await;
        look(&browser, "modes-check").await;
        browser.press("保存审核结果").await;
        reads(&browser, &["请选择审核通过还是不通过"]).await;
        browser.click("[name=proven][value=yes]").await;
        browser.fill("note", "户口簿和成员名册核对一致").await;
        browser.press("保存审核结果").await;
        reads(&browser, &["审核结果已保存"]).await;
    });
}
