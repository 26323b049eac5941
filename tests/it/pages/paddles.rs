//! A slip for the hall on a phone, the desk of the hall by keyboard alone, and the hall's screen that follows it.

use super::market::{look, reads};
use crate::{
    support::{
        app::{PASSWORD, World},
        browser::{self, Browser, DESK, PHONE, Scripts},
    },
    trading::{admitted, ok},
};

#[test]
fn a_slip_and_the_desk_by_keyboard_alone() {
    let world = World::sqlite();
    let trade = admitted(&world);
    let lot = format!("/lots/{}", trade.lot);
    let desk = format!("/listings/{}/paddles", trade.lot);
    world.set_time("2026-03-11T09:31:00+08:00");
    browser::in_async(async {
        let Some(phone) = Browser::open(&world.base, Scripts::Off, PHONE).await else { return };
        phone.sign_in("bidder-A", PASSWORD).await;
        phone.visit(&lot).await;
        phone.press("现场号牌").await;
        reads(&phone, &["没有编码，谁也不能替您出价"]).await;
        look(&phone, "paddle-ask").await;
        phone.press_at("main form[action$=paddle] button").await;
        reads(&phone, &["号牌单", "编码只显示这一次", "01"]).await;
        look(&phone, "paddle-slip").await;
        let code = phone.find(".paddle-code").await.text().await.expect("the code");
        assert_eq!(code.len(), 9, "{code}");
        phone.press("我已记下").await;
        reads(&phone, &["已领，还没到现场核对"]).await;
        assert!(!phone.text().await.contains(&code), "told once");

        let Some(officer) = Browser::open(&world.base, Scripts::Off, DESK).await else { return };
        officer.sign_in("trader", PASSWORD).await;
        officer.visit(&format!("/listings/{}", trade.lot)).await;
        officer.press("现场举牌").await;
        reads(&officer, &["还没有核对过的号牌"]).await;
        officer.enter("#f-number", "1").await;
        reads(&officer, &["01 号的号牌不在现场"]).await;
        officer.fill("shown_number", "01").await;
        officer.fill("code", "7KQM 4XWR").await;
        officer.press("核对，放进现场").await;
        reads(&officer, &["号牌号和编码对不上"]).await;
        look(&officer, "paddle-wrong-code").await;
        officer.fill("shown_number", "01").await;
        officer.fill("code", &code).await;
        officer.press("核对，放进现场").await;
        reads(&officer, &["01 号的号牌已核对"]).await;
        look(&officer, "paddle-desk").await;

        // Number, Enter, amount, Enter; the screen of the hall shows it without being touched.
        let Some(screen) = Browser::open(&world.base, Scripts::On, DESK).await else { return };
        screen.visit(&format!("{lot}/hall")).await;
        reads(&screen, &["还没有人出价"]).await;
        officer.wait_for_focus("f-number").await;
        officer.enter("#f-number", "1").await;
        reads(&officer, &["01 号出价", "至少 700.00"]).await;
        officer.wait_for_focus("f-amount").await;
        look(&officer, "paddle-amount").await;
        officer.enter("#f-amount", "690").await;
        reads(&officer, &["01 号没有记成", "至少应为 700.00"]).await;
        look(&officer, "paddle-too-low").await;
        officer.find("#f-amount").await.clear().await.expect("cleared");
        officer.enter("#f-amount", "700").await;
        reads(&officer, &["已记下：01 号，700.00", "01 号领先"]).await;
        officer.wait_for_focus("f-number").await;
        screen.wait_for_text("[data-bids] tr:first-child th", "01 号（现场）").await;
        screen.photograph("paddle-screen-desk").await;

        // The least next price by one press.
        ok(trade.bid("B", "09:33:00", "710.00"));
        officer.visit(&desk).await;
        officer.press("01").await;
        officer.press_at("[data-offer]").await;
        reads(&officer, &["已记下：01 号，720.00"]).await;
        screen.wait_for_text("[data-show=price]", "720.00").await;

        phone.visit(&format!("{lot}/bids/mine")).await;
        reads(&phone, &["现场举牌，由", "720.00"]).await;
        look(&phone, "paddle-own-bids").await;
        phone.visit(&format!("{lot}/paddle")).await;
        look(&phone, "paddle-in-hall").await;
        phone.press("交回号牌").await;
        reads(&phone, &["号牌已交回", "用过的号牌"]).await;
        officer.visit(&desk).await;
        reads(&officer, &["还没有核对过的号牌"]).await;
    });
}
