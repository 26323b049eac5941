//! The own messages by pages alone: the number in the header, reading, marking, and where they are sent to besides.

use crate::{
    messages::tell,
    support::{
        app::{PASSWORD, World},
        browser::{self, Browser, DESK, PHONE, Scripts},
    },
    trading::{admitted, ok},
};

async fn says(browser: &Browser, words: &str) {
    let text = browser.text().await;
    assert!(text.contains(words), "{} does not say {words}:\n{text}", browser.path().await);
}

async fn sound(browser: &Browser, name: &str) {
    browser.assert_sound().await;
    browser.photograph(name).await;
}

/// Three messages for A: the deposit, the number, a lead that was lost.
fn told(world: &World) {
    let trade = admitted(world);
    world.set_time("2026-03-11T09:00:00+08:00");
    ok(trade.bid("A", "09:31:00", "700.00"));
    ok(trade.bid("B", "09:32:00", "710.00"));
    tell(world);
}

#[test]
fn messages_are_read_without_a_script() {
    let more = [
        ("XIANGJI_PUBLIC_URL", "http://127.0.0.1:1".to_owned()),
        ("XIANGJI_SMS_URL", "http://127.0.0.1:1/".to_owned()),
        ("XIANGJI_SMTP_URL", "smtp://127.0.0.1:1".to_owned()),
        ("XIANGJI_MAIL_FROM", "xiangji@xiangji.example".to_owned()),
    ];
    let world = World::sqlite_with(&more);
    told(&world);
    browser::in_async(async {
        let Some(phone) = Browser::open(&world.base, Scripts::Off, PHONE).await else { return };
        phone.sign_in("bidder-A", PASSWORD).await;
        phone.visit("/messages").await;
        says(&phone, "有 3 条没有看过").await;
        says(&phone, "您不再领先，现在是 710.00 元/亩/年").await;
        sound(&phone, "messages-phone").await;
        phone.press_at(".messages form button").await;
        says(&phone, "有 2 条没有看过").await;
        phone.press("全部标为看过").await;
        says(&phone, "没有新消息").await;
        phone.visit("/messages/delivery").await;
        phone.fill("phone", "0750-1234567").await;
        phone.press("保存").await;
        says(&phone, "短信只能发到手机").await;
        sound(&phone, "messages-delivery-refused-phone").await;
        phone.fill("phone", "13800002222").await;
        phone.press("保存").await;
        says(&phone, "138****2222").await;
        phone.fill("mail", "chen@example.com").await;
        phone.press("保存").await;
        says(&phone, "138****2222").await;
        says(&phone, "c***@example.com").await;
        sound(&phone, "messages-delivery-phone").await;
        phone.click("[name=phone_off]").await;
        phone.press("保存").await;
        says(&phone, "c***@example.com").await;
        assert!(!phone.text().await.contains("138****2222"));
        drop(phone);

        let Some(desk) = Browser::open(&world.base, Scripts::On, DESK).await else { return };
        desk.sign_in("bidder-B", PASSWORD).await;
        desk.visit("/messages").await;
        sound(&desk, "messages-desk").await;
        desk.visit("/messages/delivery").await;
        sound(&desk, "messages-delivery-desk").await;
    });
}
