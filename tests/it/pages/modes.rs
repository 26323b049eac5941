//! Purchases by turns and priority rights on pages: the notice, whose turn it is, the claim and its check.

use serde_json::json;

use super::market::{look, reads};
use crate::{
    methods::{draft, published},
    support::{
        app::{PASSWORD, World},
        browser::{self, Browser, PHONE, Scripts},
    },
    trading::{HOURS, Trade, ok},
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

        // First prices, then the turns.
        world.set_time("2026-03-11T09:31:00+08:00");
        as_person(&browser, "bidder-A").await;
        browser.visit(&lot).await;
        reads(&browser, &["距首次报价截止", "还没有首次报价", "有优先权", "不高于 50,000.00"]).await;
        look(&browser, "modes-first").await;
        browser.click("button[value=\"50000.00\"]").await;
        reads(&browser, &["核对出价", "正好是最高限价，截止之前别人看不到"]).await;
        look(&browser, "modes-first-confirm").await;
        browser.press("确认出价").await;
        reads(&browser, &["出价成功：50,000.00 元/年", "您现在的价是 50,000.00"]).await;
        ok(trade.bid("B", "09:40:00", "48000"));
        ok(trade.bid("C", "09:41:00", "47000"));
        world.set_time(HOURS[2]);
        browser.visit(&format!("{lot}/hall")).await;
        reads(&browser, &["第 1 轮（共 3 轮）", "距下一时段开始", "47,000.00"]).await;
        look(&browser, "modes-hall").await;
        world.set_time("2026-03-11T10:01:30+08:00");
        browser.visit(&lot).await;
        reads(&browser, &["现在轮到您", "不高于 49,500.00", "不低于 45,000.00", "距本时段结束", "正在报价"]).await;
        look(&browser, "modes-turn").await;
        browser.click("button[value=\"49500.00\"]").await;
        reads(&browser, &["核对出价", "您的时段结束后公布"]).await;
        browser.press("确认出价").await;
        reads(&browser, &["出价成功：49,500.00 元/年"]).await;
        as_person(&browser, "bidder-B").await;
        browser.visit(&lot).await;
        reads(&browser, &["现在没有轮到您报价", "时段结束后公布"]).await;
        look(&browser, "modes-not-my-turn").await;
        world.set_time("2026-03-11T10:21:00+08:00");
        assert_eq!(trade.close(), 1);
        browser.visit(&lot).await;
        reads(&browser, &["03 号", "比最高限价低", "3,000.00 元/年（6.0%）"]).await;
        look(&browser, "modes-result").await;

        // The officer's form of such a lot.
        as_person(&browser, &format!("clerk-{}", crate::support::app::SHANGXIANG)).await;
        let asset = json!({"name": "龙门里 4 号鱼塘", "kind": "resource", "class": "pond", "area": "15666.67", "location": "龙门里", "state": "idle"});
        let clerk = world.sign_in(&format!("clerk-{}", crate::support::app::SHANGXIANG));
        let asset = ok(clerk.post("/api/v1/assets", &asset)).id().to_owned();
        browser.visit(&format!("/listings/new?asset={asset}")).await;
        browser.click("[name=form][value=service]").await;
        browser.fill("term_months", "2年").await;
        browser.press("保存并继续").await;
        browser.press("保存并继续").await;
        reads(&browser, &["请填写最高限价", "每次最低降价"]).await;
        look(&browser, "modes-form-price").await;
        browser.fill("opening_price", "50000").await;
        browser.fill("step_min", "500").await;
        browser.fill("deposit", "1万元").await;
        browser.click("[name=price_unit] option[value=yuan_per_year]").await;
        browser.press("保存并继续").await;
        browser.click("[name=\"method/mode\"][value=turns]").await;
        browser.press("保存并继续").await;
        reads(&browser, &["请填写每人每轮的报价秒数：30 到 3600"]).await;
        look(&browser, "modes-form-method").await;
        browser.fill("method/turn_s", "120秒").await;
        browser.press("保存并继续").await;
        browser.click("[name=\"priority_kinds/0\"] option[value=member]").await;
        browser.click("[name=\"priority_kinds/1\"] option[value=member]").await;
        browser.press("保存并继续").await;
        reads(&browser, &["同一种优先权只能选一次"]).await;
        look(&browser, "modes-form-conditions").await;
    });
}
