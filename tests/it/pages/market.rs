//! The public side of trades and the bidder's: notice, enrolment, bids in two windows, the result; with scripts and without.

use serde_json::{Value, json};

use crate::{
    notices::{approved, drafted, offer, people},
    support::{
        app::{PASSWORD, World},
        browser::{self, Browser, DESK, PHONE, Scripts},
    },
    trading::{HOURS, admitted, ok, published, resident_id, steering},
};

/// Looks at the page at both widths.
pub async fn look(browser: &Browser, name: &str) {
    for (size, width) in [(PHONE, "phone"), (DESK, "desk")] {
        browser.resize(size).await;
        browser.assert_sound().await;
        browser.photograph(&format!("market-{name}-{width}")).await;
    }
}

fn at(world: &World, time: &str) {
    world.set_time(&format!("2026-03-11T{time}+08:00"));
}

/// Says the page, for it is long: fails unless every piece is on it.
pub async fn reads(browser: &Browser, pieces: &[&str]) {
    let text = browser.text().await;
    for piece in pieces {
        assert!(text.contains(piece), "{piece} is not on {}:\n{text}", browser.path().await);
    }
}

/// Types the free amount; the buttons beside it bear the same name.
async fn amount(browser: &Browser, typed: &str) {
    let field = browser.find("#f-amount").await;
    field.clear().await.expect("cleared");
    field.send_keys(typed).await.expect("typed");
}

/// Sessions end, and days go by between the steps of a trade.
async fn sign_in_anew(browser: &Browser, name: &str) {
    browser.driver.delete_all_cookies().await.expect("signed out");
    browser.sign_in(name, PASSWORD).await;
}

#[test]
fn without_scripts_on_a_phone_from_the_notice_to_the_result() {
    let world = World::sqlite();
    let trade = published(&world);
    let lot = format!("/lots/{}", trade.lot);
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::Off, PHONE).await else { return };
        browser.visit("/").await;
        reads(&browser, &["正在报名", "龙门里 3 号鱼塘发包", "700.00", "杜阮镇"]).await;
        browser.photograph("market-front-phone-plain").await;
        browser.press("龙门里 3 号鱼塘发包").await;
        reads(
            &browser,
            &["公告报名中", "底价（起拍价）", "柒佰元整", "131,600.00 元", "每次至少加 10.00 元，最多加 100.00 元"],
        )
        .await;
        browser.press("我要报名").await;
        assert!(browser.path().await.starts_with("/sign-in"), "{}", browser.path().await);
        browser.fill("name", "bidder-A").await;
        browser.fill("password", PASSWORD).await;
        browser.press("登录").await;
        assert_eq!(browser.path().await, format!("{lot}/enrol"));
        browser.fill("name", "陈A").await;
        browser.fill("id_number", "440703199003071234").await;
        browser.press("提交报名").await;
        assert!(browser.title().await.starts_with("错误："));
        reads(&browser, &["有 4 处需要修改", "请阅读公告并勾选同意竞买须知"]).await;
        browser.photograph("market-enrol-refused-phone-plain").await;
        browser.fill("id_number", &resident_id(1)).await;
        browser.fill("phone", "138 0000 1111").await;
        browser.click("[name=accepts_terms]").await;
        browser.click("[name=declares_no_conflict]").await;
        browser.press("提交报名").await;
        assert_eq!(browser.path().await, format!("{lot}/enrolment"));
        reads(
            &browser,
            &[
                "报名已收到",
                "10,000.00 元",
                "3月10日（星期二）17:00",
                "转账备注（一定要写）BZJ".trim_end_matches("BZJ"),
            ],
        )
        .await;
        browser.photograph("market-receipt-phone-plain").await;
        browser.visit("/my/bids").await;
        reads(&browser, &["待缴保证金", "看怎么缴保证金"]).await;

        let own = ok(trade.as_("A").get("/api/v1/enrolments")).json["items"][0].clone();
        browser.visit(&format!("{lot}/enrolment")).await;
        reads(&browser, &[own["remark"].as_str().unwrap()]).await;
        ok(trade.pay(own["id"].as_str().unwrap(), "陈A", "bank-1"));
        let other = ok(trade.enrol("B", 2, ""));
        ok(trade.pay(other.id(), "陈B", "bank-2"));
        browser.visit(&lot).await;
        reads(&browser, &["保证金已到账，您是 01 号"]).await;

        at(&world, "09:31:00");
        sign_in_anew(&browser, "bidder-A").await;
        browser.visit(&lot).await;
        reads(&browser, &["竞价中", "29:00", "还没有人出价", "本页每 10 秒自己刷新一次"]).await;
        assert!(browser.has("head noscript, head meta[http-equiv=refresh]").await);
        browser.photograph("market-live-phone-plain").await;
        browser.press("在单独一页填价").await;
        amount(&browser, "690").await;
        browser.press("看一遍再出价").await;
        reads(&browser, &["有 1 处需要修改", "出价低于起拍价，至少应为 700.00 元"]).await;
        amount(&browser, "700元").await;
        browser.press("看一遍再出价").await;
        reads(&browser, &["核对出价", "柒佰元整", "正好是底价", "131,600.00 元", "出价不能撤回"]).await;
        browser.photograph("market-confirm-phone-plain").await;
        browser.press("确认出价").await;
        assert_eq!(browser.path().await, lot);
        reads(&browser, &["出价成功：700.00 元/亩/年。", "01 号（我）", "您（01 号）目前领先"]).await;
        // Going back finds nothing left to confirm.
        browser.back().await;
        reads(&browser, &["没有办成", "您的出价目前领先，不必再次出价"]).await;
        browser.press("回到竞价页面").await;
        reads(&browser, &["您（01 号）目前领先"]).await;
        assert_eq!(trade.lot()["live"]["seq"], 1);

        // The price moves while A looks at the confirmation.
        ok(trade.bid("B", "09:32:00", "710.00"));
        browser.visit(&format!("{lot}/bid?amount=720&seen=710.00")).await;
        reads(&browser, &["核对出价", "多 10.00 元（当前价 710.00 元/亩/年，02 号领先）"]).await;
        ok(trade.bid("A", "09:33:00", "720.00"));
        ok(trade.bid("B", "09:34:00", "740.00"));
        browser.press("确认出价").await;
        reads(&browser, &["当前价已变为 740.00 元", "至少应为 750.00 元"]).await;
        assert!(browser.has("button[value=\"750.00\"]").await, "the least acceptable amount is a choice");
        assert!(browser.title().await.starts_with("错误："));
        browser.photograph("market-moved-phone-plain").await;
        browser.press_at("button[value=\"750.00\"]").await;
        browser.wait_for_text("h1", "核对出价").await;
        ok(trade.bid("A", "09:35:00", "760.00"));
        ok(trade.bid("B", "09:36:00", "770.00"));
        browser.visit(&format!("{lot}/bid?amount=790&seen=760.00")).await;
        reads(&browser, &["当前价已变为 770.00 元/亩/年", "多 20.00 元"]).await;
        browser.press("确认出价").await;
        reads(&browser, &["出价成功：790.00 元/亩/年。"]).await;
        browser.visit("/my/bids").await;
        reads(&browser, &["领先", "竞买号 01"]).await;
        browser.visit(&format!("{lot}/bids")).await;
        reads(&browser, &["2026-03-11 09:31:00.000", "第一口", "790.00"]).await;
        browser.visit(&lot).await;
        browser.press("我的出价和回执").await;
        reads(&browser, &["第 1 个", "没有被接受", "790.00", "公开存证"]).await;
        look(&browser, "own-bids").await;

        at(&world, "10:00:01");
        browser.visit(&lot).await;
        reads(&browser, &["正在确认结果"]).await;
        assert_eq!(trade.close(), 1);
        browser.visit(&lot).await;
        reads(
            &browser,
            &[
                "成交价",
                "790.00",
                "陈*（竞买号 01）",
                "恭喜，您（01 号）竞得",
                "2026-03-11 至 2026-03-18",
                "xiangji replay",
                "12.9%",
            ],
        )
        .await;
        browser.photograph("market-result-phone-plain").await;
        browser.visit("/my/bids").await;
        reads(&browser, &["已竞得"]).await;
        browser.visit("/lots?stage=ended").await;
        reads(&browser, &["成交", "790.00"]).await;
    });
}

/// Two people at two machines: what one does is seen by the other without touching anything.
#[test]
fn two_windows_bid_against_each_other() {
    let world = World::sqlite();
    let trade = admitted(&world);
    at(&world, "09:31:00");
    let lot = format!("/lots/{}", trade.lot);
    browser::in_async(async {
        let Some(a) = Browser::open(&world.base, Scripts::On, PHONE).await else { return };
        let Some(b) = Browser::open(&world.base, Scripts::On, DESK).await else { return };
        a.sign_in("bidder-A", PASSWORD).await;
        b.sign_in("bidder-B", PASSWORD).await;
        a.visit(&lot).await;
        b.visit(&lot).await;
        a.press_at("[data-offer]").await;
        a.wait_for_text("h1", "核对出价").await;
        a.press("确认出价").await;
        a.wait_for_text("[data-show=mine]", "您（01 号）目前领先").await;
        b.wait_for_text("[data-show=price]", "700.00").await;
        b.wait_for_text("[data-show=leader]", "01").await;
        b.wait_for_text("[data-bids]", "01 号").await;
        b.wait_for_text("[data-offer]", "710.00\n加 10.00 元").await;
        b.press_at("[data-offer]").await;
        b.wait_for_text("h1", "核对出价").await;
        b.press("确认出价").await;
        a.wait_for_text("[data-show=mine]", "您（01 号）已被超过，由 02 号领先").await;
        let said =
            a.driver.execute("return document.querySelector('.live > [role=alert].unseen').textContent", Vec::new());
        assert_eq!(said.await.unwrap().json(), "您已被超过，当前价 710.00，要继续请加价");
        a.wait_for_text("[data-bids]", "710.00").await;
        look(&a, "outbid").await;
        look(&b, "leading").await;

        // In the last minutes: the end moves in the other window too.
        at(&world, "09:58:00");
        a.visit(&lot).await;
        b.visit(&lot).await;
        ok(trade.bid("A", "09:58:00", "730.00"));
        b.wait_for_text("[data-show=until]", "2026-03-11 10:03:00").await;
        b.wait_for_text(".live-state", "延时第 1 次").await;
        look(&b, "extended").await;

        // The end comes by itself.
        at(&world, "10:03:00");
        assert_eq!(trade.close(), 1);
        b.wait_for_text(".live", "没有竞得").await;
        a.wait_for_text(".live", "恭喜，您（01 号）竞得").await;
        look(&a, "won").await;
        a.visit(&format!("{lot}/enrolment")).await;
        look(&a, "own-enrolment").await;
    });
}

/// A holder of priority takes the lead at the price of another; the button is there only while it can be used.
#[test]
fn a_priority_is_used_and_a_suspension_is_seen() {
    let world = World::sqlite();
    let trade = admitted(&world);
    at(&world, "09:31:00");
    let lot = format!("/lots/{}", trade.lot);
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::On, PHONE).await else { return };
        browser.sign_in("bidder-P", PASSWORD).await;
        browser.visit(&lot).await;
        assert!(!browser.find("[data-show=match]").await.is_displayed().await.unwrap());
        ok(trade.bid("A", "09:32:00", "700.00"));
        browser.wait_for_text("[data-show=match]", "按当前价行使优先权").await;
        look(&browser, "priority").await;
        browser.press("按当前价行使优先权").await;
        reads(&browser, &["您要按当前价行使优先权", "700.00 元/亩/年，01 号领先；您行使优先权，价格不变"]).await;
        look(&browser, "priority-confirm").await;
        browser.press("确认行使优先权").await;
        reads(&browser, &["已行使优先权。", "领先（行使优先权）"]).await;

        let steer = steering("suspend", "网络故障");
        ok(trade.as_("trader").post(&trade.path("/steering"), &steer));
        browser.wait_for_text(".live-state", "竞价中止").await;
        look(&browser, "suspended").await;
        reads(&browser, &["中止：网络故障", "时钟停住"]).await;
    });
}

/// Where floor area is bid, what moves by itself says square metres too, and no capital numerals of money are written under it.
#[test]
fn floor_area_moves_as_square_metres() {
    let world = World::sqlite();
    let trade = crate::floor_area::admitted(&world, serde_json::json!({}));
    at(&world, "09:31:00");
    let lot = format!("/lots/{}", trade.lot);
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::On, PHONE).await else { return };
        browser.sign_in("bidder-A", PASSWORD).await;
        browser.visit(&lot).await;
        let echo = "const f = document.querySelector('#f-amount'); f.value = '3300'; f.dispatchEvent(new Event('input')); return document.querySelector('#f-amount').closest('.field').querySelector('.echo').textContent";
        let echoed = async || browser.driver.execute(echo, Vec::new()).await.unwrap().json().clone();
        assert_eq!(echoed().await, "");
        ok(trade.bid("B", "09:32:00", "3400"));
        browser.wait_for_text("[data-show=label]", "当前面积").await;
        browser.wait_for_text("[data-show=price]", "3,400.00").await;
        browser.wait_for_text("[data-offer]", "3,500.00\n加 100.00 平方米").await;
        ok(trade.bid("C", "09:33:00", "3500"));
        browser.wait_for_text("[data-bids]", "3,500.00").await;
        look(&browser, "floor-area").await;
    });
}

/// Two ponds of one notice on one screen: prices move on it by themselves, with and without scripts.
#[test]
fn a_sitting_is_on_one_screen() {
    let world = World::sqlite();
    people(&world);
    let ponds = [3, 4].map(|n| offer(&world, &format!("龙门里 {n} 号鱼塘"), "pond", "resource", "15666.67"));
    let trades = ponds.map(|draft| drafted(&world, &draft));
    trades.iter().for_each(approved);
    let lots: Vec<Value> = trades.iter().map(|trade| json!({"lot": trade.lot, "version": 3})).collect();
    let hours = json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]});
    ok(trades[0].as_("trader").post("/api/v1/notices", &json!({"lots": lots, "schedule": hours})));
    for (nth, trade) in trades.iter().enumerate() {
        let made = ok(trade.enrol("A", 1, ""));
        ok(trade.pay(made.id(), "陈A", &format!("bank-A-{nth}")));
    }
    at(&world, "09:30:30");
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::On, DESK).await else { return };
        browser.visit(&format!("/lots/{}", trades[1].lot)).await;
        browser.press("整场大屏").await;
        let prices = ["tbody tr:nth-child(1) .amount", "tbody tr:nth-child(2) .amount"];
        browser.wait_for_text(prices[0], "700.00").await;
        ok(trades[0].bid("A", "09:31:00", "710"));
        browser.wait_for_text(prices[0], "710.00").await;
        ok(trades[1].bid("A", "09:32:00", "720"));
        browser.wait_for_text(prices[1], "720.00").await;
        browser.wait_for_text("tbody tr:nth-child(2)", "01 号").await;
        look(&browser, "sitting").await;
        let Some(plain) = Browser::open(&world.base, Scripts::Off, PHONE).await else { return };
        plain.visit(&format!("/lots/{}/sitting", trades[0].lot)).await;
        reads(&plain, &["710.00", "720.00", "竞价中"]).await;
        world.set_time(HOURS[2]);
        assert_eq!(trades[0].close(), 2);
        browser.wait_for_text("tbody tr:nth-child(1)", "成交").await;
        browser.press("龙门里 3 号鱼塘发包").await;
        reads(&browser, &["01 号竞得"]).await;
    });
}

/// The page says that it no longer hears the server, and what it last knew stays.
#[test]
fn a_lost_connection_is_seen() {
    let world = World::sqlite();
    let lot = format!("/lots/{}", admitted(&world).lot);
    at(&world, "09:31:00");
    browser::in_async(async move {
        let Some(browser) = Browser::open(&world.base, Scripts::On, PHONE).await else { return };
        browser.sign_in("bidder-A", PASSWORD).await;
        browser.visit(&lot).await;
        assert!(!browser.find("[data-show=connection]").await.is_displayed().await.unwrap());
        std::thread::spawn(move || drop(world)).join().expect("the server is gone");
        browser.wait_for_text("[data-show=connection]", "连接中断，正在重连…（最后更新 2026-03-11 09:31").await;
        assert!(browser.find("[data-offer]").await.is_displayed().await.unwrap(), "the plain form is still there");
        browser.photograph("market-lost-phone").await;
    });
}

/// Every page of the market, empty and full, looked at by the rules of accessibility, and what they must not say.
#[test]
fn every_page_is_sound_and_keeps_what_is_secret() {
    let world = World::sqlite();
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::On, DESK).await else { return };
        for (path, name) in [("/", "front-empty"), ("/lots", "list-empty"), ("/lots?stage=waiting", "list-none")] {
            browser.visit(path).await;
            look(&browser, name).await;
        }
    });
    let trade = admitted(&world);
    let lot = format!("/lots/{}", trade.lot);
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::On, DESK).await else { return };
        for (path, name) in [("/", "front"), ("/lots", "list"), (lot.as_str(), "notice")] {
            browser.visit(path).await;
            look(&browser, name).await;
        }
        browser.sign_in("poor", PASSWORD).await;
        for (path, name) in [("/my/bids", "own"), (&format!("{lot}/enrolment"), "receipt"), (lot.as_str(), "unpaid")] {
            browser.visit(path).await;
            look(&browser, name).await;
        }
        sign_in_anew(&browser, "stranger").await;
        browser.visit("/my/bids").await;
        look(&browser, "own-empty").await;
        browser.visit(&format!("{lot}/enrol")).await;
        look(&browser, "enrol").await;
        browser.press("提交报名").await;
        look(&browser, "enrol-refused").await;

        ok(trade.bid("A", "09:32:00", "700.00"));
        ok(trade.bid("B", "09:33:00", "800.00"));
        sign_in_anew(&browser, "bidder-A").await;
        browser.visit(&lot).await;
        look(&browser, "bidding").await;
        browser.visit(&format!("{lot}/bid")).await;
        look(&browser, "bid").await;
        browser.visit(&format!("{lot}/bid?amount=7999")).await;
        reads(&browser, &["加价超过每次最高幅度，最多可出 900.00 元"]).await;
        look(&browser, "bid-refused").await;
        browser.visit(&format!("{lot}/bid?amount=810&seen=800.00")).await;
        look(&browser, "confirm").await;
        browser.visit(&format!("{lot}/bids")).await;
        look(&browser, "bids").await;
        sign_in_anew(&browser, "poor").await;
        browser.visit(&format!("{lot}/bid")).await;
        reads(&browser, &["您的保证金没有到账，或者公告要求的资格材料没有审查通过，不能出价"]).await;
        look(&browser, "bid-unpaid").await;

        for path in ["/".to_owned(), "/lots".to_owned(), lot.clone(), format!("{lot}/bids")] {
            let page = ok(world.nobody().get(&path)).text;
            for secret in ["陈A", "陈B", "陈*", "13800001111", "保留价 ", "人已报名"] {
                assert!(!page.contains(secret), "{path} says {secret}");
            }
        }
        world.set_time(HOURS[2]);
        assert_eq!(trade.close(), 1);
        browser.driver.delete_all_cookies().await.expect("signed out");
        for (path, name) in [(lot.as_str(), "result"), ("/", "front-ended")] {
            browser.visit(path).await;
            look(&browser, name).await;
        }
    });
}

/// The forms' refusals stand on record like those of the API, and nobody else's account may use them.
#[test]
fn staff_and_strangers_do_not_bid() {
    let world = World::sqlite();
    let trade = admitted(&world);
    at(&world, "09:31:00");
    let path = format!("/lots/{}/bid", trade.lot);
    assert_eq!(world.nobody().get(&path).header("location").map(|l| l.starts_with("/sign-in")), Some(true));
    assert_eq!(trade.as_("trader").get(&path).status, 403);
    let form = b"amount=650.00&seen=&idempotency_key=k1".to_vec();
    let post = |who: &str| {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        trade.as_(who).send("POST", &path, &headers, Some(form.clone()))
    };
    assert_eq!(post("trader").status, 403);
    let refused = post("A");
    assert_eq!(refused.status, 409, "{refused:?}");
    assert!(refused.text.contains("出价低于起拍价") && refused.text.contains("value=\"700.00\""));
    assert_eq!(post("A").status, 409, "the same form again");
    let own: Value = ok(trade.as_("A").get(&trade.path("/bids/own"))).json;
    assert_eq!(own["items"].as_array().unwrap().len(), 1, "on record, once: {own}");
}
