//! Criteria beside the price on pages: written into the listing, read in the notice, claimed, examined, counted.

use serde_json::json;

use super::{
    market::{look, reads},
    modes::{as_person, choose_file, file},
};
use crate::{
    merits,
    sealed::Keys,
    support::{
        app::{SHANGXIANG, World},
        browser::{self, Browser, PHONE, Scripts},
    },
    trading::{HOURS, Trade, ok, step},
};

#[test]
fn what_counts_beside_the_price_is_claimed_examined_and_explained() {
    let world = World::sqlite();
    let keys = Keys::new(2);
    let mut terms = merits::with_criteria(&world, &keys);
    terms["method"]["merits"] = json!("");
    let drafted = ok(crate::methods::clerk(&world).post("/api/v1/lots", &terms)).id().to_owned();
    let trade = Trade { world: &world, lot: drafted };
    let dir = tempfile::tempdir().expect("a folder");
    let paper = file(&dir);
    let lot = format!("/lots/{}", trade.lot);
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::Off, PHONE).await else { return };
        as_person(&browser, &format!("clerk-{SHANGXIANG}")).await;
        browser.visit(&format!("/listings/{}/method", trade.lot)).await;
        browser.fill("method/merits", "水质：生态养殖5%").await;
        browser.press("保存并继续").await;
        reads(&browser, &["“水质”应写 2 到 6 个选项"]).await;
        look(&browser, "merits-listing-refused").await;
        browser.fill("method/merits", merits::CRITERIA).await;
        browser.press("保存并继续").await;
        ok(step(&crate::methods::clerk(&world), &trade.path("/submit"), 2, &json!({})));
        ok(step(&trade.as_("reviewer"), &trade.path("/review"), 3, &json!({"approve": true})));
        let hours = json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]});
        ok(step(&trade.as_("trader"), &trade.path("/publish"), 4, &hours));
        browser.visit(&lot).await;
        reads(&browser, &["加分标准", "生态养殖，加 5%", "加分举例", "合同和付款仍按 700.00 元/亩/年"]).await;
        look(&browser, "merits-notice").await;

        // A claims an answer; the officer opens it by A's code and examines it.
        as_person(&browser, "bidder-A").await;
        browser.visit(&format!("{lot}/enrol")).await;
        reads(&browser, &["公告设了加分标准"]).await;
        merits::enrolled(&trade);
        browser.visit(&lot).await;
        browser.press("我的加分").await;
        browser.press("申报加分").await;
        reads(&browser, &["请选择申报哪一项"]).await;
        look(&browser, "merits-claim-refused").await;
        browser.click("[name=answer][value='1.3']").await;
        browser.fill("title", "生态养殖承诺书").await;
        choose_file(&browser, &paper).await;
        browser.press("申报加分").await;
        reads(&browser, &["已申报", "水质：生态养殖（加 5%）", "待审核", "请把编码告诉镇街交易员"]).await;
        look(&browser, "merits-claim").await;
        let code = ok(trade.as_("A").get("/api/v1/enrolments")).json["items"][0]["remark"].as_str().unwrap().to_owned();
        as_person(&browser, "trader").await;
        browser.visit(&format!("/listings/{}/enrolments", trade.lot)).await;
        browser.fill("file_remark", &code).await;
        browser.fill("reason", "审核加分材料").await;
        browser.press("打开这份报名").await;
        reads(&browser, &["加分：水质：生态养殖（加 5%）", "打开加分材料"]).await;
        look(&browser, "merits-desk").await;
        browser.press("保存审核结果").await;
        reads(&browser, &["请选择审核通过还是不通过"]).await;
        browser.click("[name=granted][value=yes]").await;
        browser.fill("note", "承诺书和尾水处理合同一致").await;
        browser.press("保存审核结果").await;
        reads(&browser, &["审核结果已保存"]).await;
        merits::granted(&trade, "C", "2.2", false);
        as_person(&browser, "bidder-C").await;
        browser.visit(&format!("{lot}/merits")).await;
        reads(&browser, &["没有通过，按不加分的选项算"]).await;
        look(&browser, "merits-not-granted").await;

        // Everybody reads how the prices were compared.
        merits::opened(&trade, &keys, &[("B", 104_000), ("A", 100_000), ("C", 102_000)]);
        as_person(&browser, "bidder-A").await;
        browser.visit(&lot).await;
        reads(&browser, &["恭喜", "各报价怎样比较", "加 5%", "1,050.00", "比第二位更高：02 号报 1,040.00"]).await;
        look(&browser, "merits-result").await;
    });
}
