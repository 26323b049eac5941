//! A purchase by turns and its priority rights on pages: the notice, a claim, its check.

use serde_json::json;
use xiangji::access::Role;

use super::market::{look, reads};
use crate::{
    methods::{draft, published},
    support::{
        app::{DURUAN, PASSWORD, World},
        browser::{self, Browser, DESK, PHONE, Scripts},
    },
    trading::{HOURS, Trade, ok, step},
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

pub async fn as_person(browser: &Browser, name: &str) {
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

/// A file that a form may bring.
pub fn file(dir: &tempfile::TempDir) -> String {
    let path = dir.path().join("license.pdf");
    std::fs::write(&path, b"%PDF-1.7 license").expect("written");
    path.to_str().expect("a path").to_owned()
}

pub async fn choose_file(browser: &Browser, path: &str) {
    browser.find("input[type=file]").await.send_keys(path).await.expect("chosen");
}

/// Papers before the auction: written into the listing, handed in, refused, handed in again, passed; and everybody seen by two.
#[test]
fn papers_are_handed_in_and_examined_and_everybody_is_seen_by_two() {
    let world = World::sqlite();
    let mut terms = draft(&world, json!({}));
    terms["qualification"] = json!("before");
    terms["qualification_papers"] = json!("营业执照、近三年养殖业绩证明");
    world.actor(Role::TownshipOfficer, DURUAN, "second");
    let drafted = ok(crate::methods::clerk(&world).post("/api/v1/lots", &terms)).id().to_owned();
    let trade = Trade { world: &world, lot: drafted };
    let dir = tempfile::tempdir().expect("a folder");
    let license = file(&dir);
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::Off, PHONE).await else { return };
        as_person(&browser, &format!("clerk-{}", crate::support::app::SHANGXIANG)).await;
        browser.visit(&format!("/listings/{}/conditions", trade.lot)).await;
        browser.fill("qualification_papers", "").await;
        browser.press("保存并继续").await;
        reads(&browser, &["请写明要交哪些材料"]).await;
        look(&browser, "papers-listing-refused").await;
        browser.fill("qualification_papers", "营业执照、近三年养殖业绩证明").await;
        browser.press("保存并继续").await;
        ok(step(&crate::methods::clerk(&world), &trade.path("/submit"), 2, &json!({})));
        ok(step(&trade.as_("reviewer"), &trade.path("/review"), 3, &json!({"approve": true})));
        let hours = json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]});
        ok(step(&trade.as_("trader"), &trade.path("/publish"), 4, &hours));
        let lot = format!("/lots/{}", trade.lot);
        browser.visit(&lot).await;
        reads(&browser, &["竞价前审查。要交：营业执照、近三年养殖业绩证明"]).await;

        let made = ok(trade.enrol("A", 1, ""));
        ok(trade.pay(made.id(), "陈A", "bank-A"));
        as_person(&browser, "bidder-A").await;
        browser.visit("/my/bids").await;
        reads(&browser, &["待交资格材料", "交资格材料"]).await;
        look(&browser, "papers-mine").await;
        browser.visit(&format!("{lot}/qualification")).await;
        browser.press("交资格材料").await;
        reads(&browser, &["请选择要交的材料"]).await;
        look(&browser, "papers-refused").await;
        browser.fill("title", "营业执照").await;
        choose_file(&browser, &license).await;
        browser.press("交资格材料").await;
        reads(&browser, &["材料已交", "请把编码告诉镇街交易员", "待审查"]).await;
        look(&browser, "papers-handed-in").await;
        browser.visit(&lot).await;
        reads(&browser, &["已报名，资格材料等待审查"]).await;
        look(&browser, "papers-lot").await;

        let code = ok(trade.as_("A").get("/api/v1/enrolments")).json["items"][0]["remark"].as_str().unwrap().to_owned();
        let open = async || {
            as_person(&browser, "trader").await;
            browser.visit(&format!("/listings/{}/enrolments", trade.lot)).await;
            browser.fill("file_remark", &code).await;
            browser.fill("reason", "审查资格材料").await;
            browser.press("打开这份报名").await;
        };
        open().await;
        reads(&browser, &["资格材料", "打开材料"]).await;
        look(&browser, "papers-file").await;
        browser.press("保存审查结果").await;
        reads(&browser, &["请选择审查通过还是不通过"]).await;
        browser.click("[name=passed][value=no]").await;
        browser.fill("note", "营业执照已过有效期").await;
        browser.press("保存审查结果").await;
        reads(&browser, &["审查结果已保存"]).await;
        as_person(&browser, "bidder-A").await;
        browser.visit(&format!("{lot}/qualification")).await;
        reads(&browser, &["营业执照已过有效期", "补正后再交"]).await;
        look(&browser, "papers-again").await;
        world.pass_s(1);
        choose_file(&browser, &license).await;
        browser.press("交资格材料").await;
        open().await;
        browser.click("[name=passed][value=yes]").await;
        browser.fill("note", "证照一致").await;
        browser.press("保存审查结果").await;
        assert_eq!(trade.number("A"), "01");
        as_person(&browser, "bidder-A").await;
        browser.visit(&format!("{lot}/qualification")).await;
        reads(&browser, &["资格审查已经通过"]).await;
        look(&browser, "papers-passed").await;

        // One asks to see everybody, another agrees.
        let glass = format!("/listings/{}/break-glass", trade.lot);
        as_person(&browser, "reviewer").await;
        browser.visit(&glass).await;
        browser.press("提交申请").await;
        reads(&browser, &["请写明理由"]).await;
        look(&browser, "glass-refused").await;
        browser.fill("reason", "公安机关调查串通，调取证据").await;
        browser.press("提交申请").await;
        reads(&browser, &["等另一人同意", "要由另一位同意"]).await;
        look(&browser, "glass-asked").await;
        as_person(&browser, "second").await;
        browser.visit("/home").await;
        browser.press("紧急查看竞买人的申请").await;
        browser.press("不同意，退回").await;
        reads(&browser, &["请写明理由"]).await;
        look(&browser, "glass-agree").await;
        browser.press("同意查看").await;
        reads(&browser, &["已同意，申请的人现在可以查看"]).await;
        assert!(!browser.has("[action$='/look']").await, "who agrees sees nobody");
        as_person(&browser, "reviewer").await;
        browser.visit(&glass).await;
        browser.press("查看并留下记录").await;
        reads(&browser, &["全部竞买人", "陈A"]).await;
        look(&browser, "glass-seen").await;
        world.pass_s(1800);
        as_person(&browser, "reviewer").await;
        browser.visit(&glass).await;
        assert!(!browser.has("[action$='/look']").await, "the time is over");

        ok(trade.bid("A", "09:31:00", "700"));
        world.set_time(HOURS[2]);
        assert_eq!(trade.close(), 1);
        browser.visit(&lot).await;
        reads(&browser, &["申请查看全部竞买人的记录", "公安机关调查串通，调取证据"]).await;
        look(&browser, "glass-told").await;
    });
}

/// Papers after the auction: the winner is asked for them, and the result waits.
#[test]
fn the_papers_of_who_won_are_examined_on_the_desk_of_the_result() {
    let world = World::sqlite();
    let mut terms = draft(&world, json!({}));
    terms["qualification"] = json!("after");
    terms["qualification_papers"] = json!("营业执照");
    let trade = crate::methods::admitted(&world, &terms);
    ok(trade.bid("A", "09:31:00", "700"));
    ok(trade.bid("B", "09:32:00", "750"));
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 1);
    let dir = tempfile::tempdir().expect("a folder");
    let license = file(&dir);
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::Off, PHONE).await else { return };
        let lot = format!("/lots/{}", trade.lot);
        as_person(&browser, "bidder-B").await;
        browser.visit(&lot).await;
        reads(&browser, &["恭喜，您（02 号）竞得", "签合同之前要审查资格"]).await;
        look(&browser, "papers-won").await;
        browser.press("交资格材料").await;
        choose_file(&browser, &license).await;
        browser.press("交资格材料").await;
        reads(&browser, &["镇街正在审查"]).await;
        crate::results::day(&world, "03-19");
        as_person(&browser, "trader").await;
        browser.visit("/home").await;
        browser.press("审查资格材料").await;
        reads(&browser, &["资格材料审查通过后才能确认", "决定文件（没有通过才填）"]).await;
        look(&browser, "papers-desk").await;
        browser.click("[name=passed][value=no]").await;
        browser.fill("note", "没有养殖业绩").await;
        browser.press("保存审查结果").await;
        reads(&browser, &["请填写决定文件的名称或文号"]).await;
        look(&browser, "papers-desk-refused").await;
        browser.fill("decision", "杜阮交易处〔2026〕3号").await;
        browser.press("保存审查结果").await;
        reads(&browser, &["审查结果已保存", "不符合竞买条件", "等待递补人答复", "还没有交资格材料"]).await;
        look(&browser, "papers-passed-on").await;
        as_person(&browser, "bidder-A").await;
        browser.visit(&lot).await;
        reads(&browser, &["现在请您递补", "同意之前要审查资格"]).await;
        look(&browser, "papers-asked").await;
    });
}

/// A listing whose ceiling is decided by a criterion: written on its page, seen by everybody, decided by two.
#[test]
fn those_at_the_ceiling_are_put_in_order_on_pages() {
    let world = World::sqlite();
    let mut terms = draft(&world, json!({}));
    terms["ceiling_price"] = json!("800");
    let drafted = ok(crate::methods::clerk(&world).post("/api/v1/lots", &terms)).id().to_owned();
    let trade = Trade { world: &world, lot: drafted };
    let dir = tempfile::tempdir().expect("a folder");
    let paper = file(&dir);
    let (lot, ranking) = (format!("/lots/{}", trade.lot), format!("/lots/{}/ranking", trade.lot));
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::Off, PHONE).await else { return };
        as_person(&browser, &format!("clerk-{}", crate::support::app::SHANGXIANG)).await;
        browser.visit(&format!("/listings/{}/method", trade.lot)).await;
        browser.click("[name='method/draw_ceiling']").await;
        browser.fill("method/ceiling_criterion", crate::ranking::CRITERION).await;
        browser.press("保存并继续").await;
        reads(&browser, &["只能选一样"]).await;
        look(&browser, "ranking-listing-refused").await;
        browser.click("[name='method/draw_ceiling']").await;
        browser.press("保存并继续").await;
        ok(step(&crate::methods::clerk(&world), &trade.path("/submit"), 2, &json!({})));
        ok(step(&trade.as_("reviewer"), &trade.path("/review"), 3, &json!({"approve": true})));
        let hours = json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]});
        ok(step(&trade.as_("trader"), &trade.path("/publish"), 4, &hours));
        for (order, name) in [(1, "A"), (2, "B"), (3, "C")] {
            let made = ok(trade.enrol(name, order, ""));
            ok(trade.pay(made.id(), &format!("陈{name}"), &format!("bank-{name}")));
        }
        ok(trade.bid("A", "09:31:00", "800"));
        ok(trade.bid("B", "09:32:00", "800"));
        world.set_time(HOURS[2]);
        assert_eq!(trade.close(), 0);

        // Everybody reads that two are equal, and by what it is decided; nobody learns a name.
        as_person(&browser, "bidder-B").await;
        browser.visit(&lot).await;
        reads(
            &browser,
            &["同价，等待评定", "2 人同在最高限价", crate::ranking::CRITERION, "您和另外 1 人同在最高限价"],
        )
        .await;
        look(&browser, "ranking-lot").await;
        browser.press("看评定进行到哪一步").await;
        reads(&browser, &["等待拟定", "01 号、02 号"]).await;
        assert!(!browser.text().await.contains("陈A"));
        look(&browser, "ranking-public").await;
        browser.visit("/my/bids").await;
        reads(&browser, &["同价，等待评定"]).await;
        browser.visit(&format!("{lot}/hall")).await;
        reads(&browser, &["按公告的办法评定先后"]).await;
        browser.assert_fits().await;

        // One officer prepares.
        as_person(&browser, "trader").await;
        browser.visit("/home").await;
        browser.press("拟定同价评定").await;
        reads(&browser, &["陈A", "陈B"]).await;
        browser.fill("order", "02").await;
        browser.press("提交复核").await;
        reads(&browser, &["还缺 01 号", "请填写评定文书"]).await;
        look(&browser, "ranking-refused").await;
        browser.fill("order", "02、01").await;
        browser.fill("reasons", "02 号为本村成员，01 号不是").await;
        browser.fill("paper", "鱼塘发包评定记录 杜府评〔2026〕3号").await;
        choose_file(&browser, &paper).await;
        browser.press("提交复核").await;
        reads(&browser, &["已拟定，等镇街资产管理员复核"]).await;
        assert!(!browser.has("[action$='/review']").await, "who prepares does not confirm");
        look(&browser, "ranking-prepared").await;
        as_person(&browser, "bidder-A").await;
        browser.visit(&ranking).await;
        assert!(!browser.text().await.contains("02 号为本村成员"), "public with its confirmation");

        // Another confirms.
        as_person(&browser, "reviewer").await;
        browser.visit("/home").await;
        browser.press("复核同价评定").await;
        reads(&browser, &["第一 02 号，其后依次 01 号", "文书指纹", "陈B"]).await;
        browser.press("提交决定").await;
        reads(&browser, &["请选择通过还是退回"]).await;
        look(&browser, "ranking-review").await;
        browser.click("[name=review][value=approve]").await;
        browser.press("提交决定").await;
        reads(&browser, &["已复核通过，成交结果已经公布"]).await;
        assert!(!browser.text().await.contains("陈B"), "names are shown for the comparison alone");
        browser.visit(&lot).await;
        reads(&browser, &["竞买号 02", "递补顺序", "第一 02 号，其后依次 01 号", "02 号为本村成员"]).await;
        look(&browser, "ranking-result").await;
    });
}

/// A page that refreshes itself for want of scripts: the rules of accessibility are asked of it where scripts run.
async fn see(browser: &Browser, name: &str) {
    for (size, width) in [(PHONE, "phone"), (DESK, "desk")] {
        browser.resize(size).await;
        browser.assert_fits().await;
        browser.photograph(&format!("market-{name}-{width}")).await;
    }
}

/// A falling clock, sealed prices, a last word: written on its page, accepted, answered, and followed in the hall.
#[test]
fn a_clock_with_sealed_prices_after_it_on_pages() {
    let world = World::sqlite();
    let mut terms = draft(&world, json!({}));
    (terms["step_max"], terms["priority"]) = (json!(""), json!(""));
    let drafted = ok(crate::methods::clerk(&world).post("/api/v1/lots", &terms)).id().to_owned();
    let trade = Trade { world: &world, lot: drafted };
    let lot = format!("/lots/{}", trade.lot);
    let at = |hour: &str| world.set_time(&format!("2026-03-11T{hour}+08:00"));
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::Off, PHONE).await else { return };
        as_person(&browser, &format!("clerk-{}", crate::support::app::SHANGXIANG)).await;
        browser.visit(&format!("/listings/{}/method", trade.lot)).await;
        browser.click("[name='method/mode'][value=clock_sealed]").await;
        for (field, value) in [("clock_decrement", "50"), ("clock_tick_s", "60"), ("clock_floor", "500")] {
            browser.fill(&format!("method/{field}"), value).await;
        }
        for (field, value) in [("pause_s", "30"), ("sealed_s", "30"), ("best_s", "300"), ("revisions", "0")] {
            browser.fill(&format!("method/{field}"), value).await;
        }
        browser.press("保存并继续").await;
        reads(&browser, &["请填写停价以后暗标的秒数：60 到 3600"]).await;
        look(&browser, "hybrid-listing-refused").await;
        browser.fill("method/sealed_s", "600").await;
        browser.press("保存并继续").await;
        ok(step(&crate::methods::clerk(&world), &trade.path("/submit"), 2, &json!({})));
        ok(step(&trade.as_("reviewer"), &trade.path("/review"), 3, &json!({"approve": true})));
        let hours = json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]});
        ok(step(&trade.as_("trader"), &trade.path("/publish"), 4, &hours));
        browser.visit(&lot).await;
        reads(&browser, &["网上降价后暗标", "停价后的暗标", "最后报价", "没有用密钥保管人的密钥加密"]).await;
        look(&browser, "hybrid-notice").await;
        for (order, name) in [(1, "A"), (2, "B"), (3, "C")] {
            let made = ok(trade.enrol(name, order, ""));
            ok(trade.pay(made.id(), &format!("陈{name}"), &format!("bank-{name}")));
        }

        // A takes the price, in two steps; who watches in the hall is told at once.
        at("09:32:00");
        let Some(hall) = Browser::open(&world.base, Scripts::On, DESK).await else { return };
        hall.visit(&format!("{lot}/hall")).await;
        reads(&hall, &["现价（自动下降）", "600.00"]).await;
        as_person(&browser, "bidder-A").await;
        browser.visit(&lot).await;
        see(&browser, "hybrid-falling").await;
        browser.press("按现价应价").await;
        reads(&browser, &["您一应价，降价就停住"]).await;
        look(&browser, "hybrid-accept").await;
        browser.press("确认应价").await;
        reads(&browser, &["应价成功，降价停在 600.00", "您（01 号）已应价，停住了降价"]).await;
        see(&browser, "hybrid-stopped").await;
        hall.wait_for_text("#part-title", "降价已经停住").await;
        at("09:32:30");
        hall.wait_for_text("#part-title", "正在暗标").await;

        // B answers with a sealed price.
        as_person(&browser, "bidder-B").await;
        browser.visit(&lot).await;
        reads(&browser, &["您是 02 号，还没有交暗标", "距暗标截止", "要比停住的价 600.00"]).await;
        see(&browser, "hybrid-sealed").await;
        browser.visit(&format!("{lot}/bid?amount=605&seen=600.00")).await;
        reads(&browser, &["至少应为 610.00"]).await;
        look(&browser, "hybrid-sealed-refused").await;
        let field = browser.find("#f-amount").await;
        field.clear().await.expect("cleared");
        field.send_keys("655").await.expect("typed");
        browser.press("看一遍再出价").await;
        reads(&browser, &["暗标截止之前别人看不到", "多 55.00 元"]).await;
        look(&browser, "hybrid-sealed-confirm").await;
        browser.press("确认出价").await;
        reads(&browser, &["出价成功：655.00", "您是 02 号，暗标已交"]).await;
        see(&browser, "hybrid-sealed-done").await;
        hall.visit(&format!("{lot}/hall")).await;
        reads(&hall, &["截止后公布"]).await;
        assert!(!hall.text().await.contains("655.00"));
        look(&hall, "hybrid-hall-sealed").await;
        as_person(&hall, "bidder-C").await;
        hall.visit(&lot).await;
        reads(&hall, &["您是 03 号，还没有交暗标"]).await;
        look(&hall, "hybrid-sealed-live").await;
        hall.visit(&format!("{lot}/hall")).await;
        at("09:43:00");
        hall.wait_for_text("#part-title", "最后报价").await;
        reads(&hall, &["655.00", "02 号的"]).await;
        look(&hall, "hybrid-hall-last-word").await;
        as_person(&hall, "bidder-A").await;
        hall.visit(&lot).await;
        look(&hall, "hybrid-last-word-live").await;

        // And A has the last word.
        as_person(&browser, "bidder-A").await;
        browser.visit("/my/bids").await;
        reads(&browser, &["已被超过"]).await;
        browser.visit(&lot).await;
        reads(&browser, &["您（01 号）已被暗标超过，现在可以报一次", "您只能报一次"]).await;
        see(&browser, "hybrid-last-word").await;
        browser.press_at("button[name=amount]").await;
        reads(&browser, &["这是您的最后报价", "665.00"]).await;
        look(&browser, "hybrid-last-word-confirm").await;
        browser.press("确认出价").await;
        // Told once: this page is written anew by itself after ten seconds.
        reads(&browser, &["出价成功：665.00", "您（01 号）目前领先"]).await;
        hall.wait_for_text("[data-show=price]", "665.00").await;
        see(&browser, "hybrid-last-word-done").await;
        at("09:48:00");
        assert_eq!(trade.close(), 1);
        browser.visit(&lot).await;
        reads(&browser, &["恭喜，您（01 号）竞得", "应价，停住降价", "递补顺序"]).await;
        look(&browser, "hybrid-result").await;
        browser.visit(&format!("{lot}/bids/mine")).await;
        reads(&browser, &["应价", "665.00"]).await;
        look(&browser, "hybrid-receipts").await;
    });
}
