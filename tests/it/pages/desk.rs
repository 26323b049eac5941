//! The staff's side of a trade, by pages: from an asset to a bid number, each by the person whose turn it is.

use std::io::Write as _;

use serde_json::json;
use xiangji::access::Role;

use crate::{
    support::{
        app::{DURUAN, PASSWORD, SHANGXIANG, World},
        browser::{self, Browser, DESK, PHONE, Scripts},
    },
    trading,
};

fn world() -> World {
    let world = World::sqlite();
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    world.actor(Role::Clerk, SHANGXIANG, "liang");
    world.actor(Role::Director, SHANGXIANG, "chen");
    world.actor(Role::TownshipOfficer, DURUAN, "officer");
    world.actor(Role::TradingOfficer, DURUAN, "trader");
    world.actor(Role::Bidder, DURUAN, "bidder");
    world.actor(Role::Auditor, DURUAN, "auditor");
    world.actor(Role::Member, SHANGXIANG, "member");
    world.actor(Role::Admin, DURUAN, "admin");
    world
}

fn pond(world: &World, name: &str) -> String {
    let facts = json!({"name": name, "kind": "resource", "class": "pond", "area": "15666.67", "location": "上巷村龙门里", "state": "idle"});
    let made = world.sign_in("liang").post("/api/v1/assets", &facts);
    assert_eq!(made.status, 201, "{made:?}");
    made.id().to_owned()
}

/// A lot of an asset in the state draft, with everything that a submission needs.
fn draft(world: &World, asset: &str) -> String {
    let clerk = world.sign_in("liang");
    let fields = [("collective_code", SHANGXIANG), ("title", "成员代表会议记录")];
    let paper = clerk.upload("/api/v1/documents", &fields, "a.pdf", b"%PDF-1.7 minutes");
    let made = clerk.post("/api/v1/lots", &trading::listing(asset, Some(paper.id())));
    assert_eq!(made.status, 201, "{made:?}");
    made.id().to_owned()
}

fn step(world: &World, who: &str, lot: &str, what: &str, body: &serde_json::Value) {
    let who = world.sign_in(who);
    let version = who.get(&format!("/api/v1/lots/{lot}")).json["version"].to_string();
    let tag = format!("\"{version}\"");
    let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
    let answer = who.send("POST", &format!("/api/v1/lots/{lot}/{what}"), &headers, Some(body.to_string().into_bytes()));
    assert_eq!(answer.status, 200, "{answer:?}");
}

fn hours() -> serde_json::Value {
    json!({"enrol_until": "2026-03-10T17:00:00+08:00", "opens_at": "2026-03-11T09:30:00+08:00", "closes_at": "2026-03-11T10:00:00+08:00"})
}

fn minutes() -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("会议记录.pdf");
    std::fs::File::create(&path).expect("a file").write_all(b"%PDF-1.7 minutes").expect("written");
    let path = path.to_str().expect("a path").to_owned();
    (dir, path)
}

async fn says(browser: &Browser, words: &str) {
    let text = browser.text().await;
    assert!(text.contains(words), "{} does not say {words}:\n{text}", browser.path().await);
}

async fn change_person(browser: &Browser, name: &str) {
    browser.press("退出").await;
    browser.sign_in(name, PASSWORD).await;
}

#[test]
fn a_pond_goes_from_the_ledger_to_a_bid_number_by_pages_alone() {
    let world = world();
    let asset = pond(&world, "龙门里 3 号鱼塘");
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::Off, PHONE).await else { return };

        // The accountant: six steps, most with a mistake.
        browser.sign_in("liang", PASSWORD).await;
        browser.visit(&format!("/assets/{asset}")).await;
        browser.press("发起交易").await;
        browser.fill("term_months", "8").await;
        browser.fill("usage", "淡水养殖").await;
        browser.press("保存并继续").await;
        assert!(browser.title().await.starts_with("错误："));
        says(&browser, "请写明是几年还是几个月").await;
        assert_eq!(browser.find("[name=usage]").await.prop("value").await.unwrap().unwrap(), "淡水养殖");
        browser.photograph("desk-offer-refused-phone").await;
        browser.fill("term_months", "8年").await;
        browser.press("保存并继续").await;
        says(&browser, "当地规定").await;
        browser.press("保存并继续").await;
        says(&browser, "请填写起拍价").await;
        browser.fill("opening_price", "700").await;
        browser.fill("step_min", "10").await;
        browser.fill("deposit", "3万元").await;
        browser.press("保存并继续").await;
        says(&browser, "保证金应在").await;
        assert_eq!(browser.find("[name=deposit]").await.prop("value").await.unwrap().unwrap(), "3万元");
        browser.photograph("desk-price-refused-phone").await;
        browser.fill("deposit", "1万元").await;
        browser.press("保存并继续").await;
        says(&browser, "怎样出价").await;
        browser.photograph("desk-method-phone").await;
        browser.press("保存并继续").await;
        browser.fill("conditions", "具有完全民事行为能力的自然人、法人").await;
        browser.fill("priority", "原承租方").await;
        browser.fill("contact", "杜阮镇公共服务中心 0750-0000000").await;
        browser.press("保存并继续").await;
        browser.fill("notice/tax", "不含税").await;
        browser.press("保存并继续").await;
        browser.fill("decision_on", "2026年2月20日").await;
        browser.click("[name=\"decision/body\"] option[value=member_representatives]").await;
        browser.fill("decision/entitled", "45").await;
        browser.fill("decision/present", "29人").await;
        browser.fill("decision/in_favour", "29票").await;
        browser.fill("decision/publicity_from", "2026-02-21").await;
        browser.fill("decision/publicity_until", "2026-02-27").await;
        browser.press("保存并继续").await;
        says(&browser, "还有没填好的").await;
        says(&browser, "实到 29 人，至少应到会 30 人").await;
        browser.photograph("desk-submit-gate-phone").await;
        let paper_missing = "请上传民主决策的会议记录，再提交审核";
        browser.press(paper_missing).await;
        says(&browser, "可以由谁表决").await;
        browser.fill("decision/present", "40").await;
        browser.fill("decision/in_favour", "38").await;
        browser.press("保存并继续").await;
        browser.photograph("desk-submit-lacking-phone").await;
        browser.press(paper_missing).await;
        let paper = minutes();
        browser.find("[name=decision_document]").await.send_keys(&paper.1).await.expect("chosen");
        browser.press("保存并继续").await;
        says(&browser, "131,600.00 元").await;
        browser.photograph("desk-submit-phone").await;
        browser.press("提交镇街审核").await;
        says(&browser, "已提交镇街审核").await;
        let lot = browser.path().await.trim_start_matches("/listings/").to_owned();
        browser.photograph("desk-one-submitted-phone").await;

        // The township sends it back, with a reason.
        change_person(&browser, "officer").await;
        says(&browser, "待审核").await;
        browser.press("待审核").await;
        browser.press("龙门里 3 号鱼塘发包").await;
        browser.press("审核").await;
        says(&browser, "逐条核对").await;
        browser.photograph("desk-review-phone").await;
        browser.click("[name=decision][value=return]").await;
        browser.press("提交决定").await;
        says(&browser, "退回时请写明需要修改的内容").await;
        browser.fill("note", "请写明不得投放污染水体的饲料").await;
        browser.press("提交决定").await;
        says(&browser, "已退回").await;

        // The accountant reads it, changes what was asked for, and submits again.
        change_person(&browser, "liang").await;
        browser.photograph("desk-home-clerk-phone").await;
        browser.press("退回修改").await;
        browser.press("龙门里 3 号鱼塘发包").await;
        says(&browser, "请写明不得投放污染水体的饲料").await;
        browser.photograph("desk-one-returned-phone").await;
        browser.press("继续填写").await;
        browser.fill("usage", "淡水养殖，不得投放污染水体的饲料").await;
        browser.press("保存，先不往下填").await;
        browser.press("检查并提交").await;
        browser.press("提交镇街审核").await;

        // The township sees what changed, and approves.
        change_person(&browser, "officer").await;
        browser.visit(&format!("/listings/{lot}/review")).await;
        says(&browser, "退回以后改了什么").await;
        says(&browser, "淡水养殖，不得投放污染水体的饲料").await;
        browser.photograph("desk-review-again-phone").await;
        browser.click("[name=decision][value=approve]").await;
        browser.press("提交决定").await;
        says(&browser, "已审核通过").await;

        // The trading officer publishes; the hours were proposed.
        change_person(&browser, "trader").await;
        browser.press("待公告").await;
        browser.press("龙门里 3 号鱼塘发包").await;
        browser.press("发布公告").await;
        browser.photograph("desk-publish-phone").await;
        browser.fill("opens_at", "2026-03-10").await;
        browser.fill("opens_hour", "上午").await;
        browser.press("下一步：核对").await;
        says(&browser, "时间应写成 24 小时制").await;
        browser.fill("opens_hour", "19:30").await;
        browser.press("下一步：核对").await;
        says(&browser, "竞价最早可于 2026-03-11 开始").await;
        browser.photograph("desk-publish-refused-phone").await;
        browser.fill("opens_at", "2026年3月11日").await;
        browser.press("下一步：核对").await;
        says(&browser, "不在上班时间").await;
        browser.photograph("desk-publish-confirm-phone").await;
        browser.press("确认发布").await;
        says(&browser, "公告已发布").await;

        // Somebody enrols; the money comes, first too little.
        let body = json!({"kind": "person", "name": "陈某", "id_number": trading::resident_id(1), "phone": "13800001111",
            "priority_claim": "原承租方", "accepts_terms": true, "declares_no_conflict": true});
        let made = world.sign_in("bidder").post(&format!("/api/v1/lots/{lot}/enrolments"), &body);
        assert_eq!(made.status, 201, "{made:?}");
        browser.visit("/home").await;
        says(&browser, "登记保证金").await;
        browser.photograph("desk-home-trader-phone").await;
        browser.press("登记保证金").await;
        assert!(!browser.text().await.contains("陈某"), "nobody is named before the end");
        browser.photograph("desk-enrolments-phone").await;
        let remark = made.json["remark"].as_str().unwrap();
        browser.fill("remark", remark).await;
        browser.fill("payer_name", "陈某").await;
        browser.fill("reference", "20260302-7").await;
        browser.press("登记到账").await;
        says(&browser, "请填写几点几分").await;
        browser.fill("received_hour", "8:30").await;
        browser.fill("amount", "9999").await;
        browser.press("登记到账").await;
        says(&browser, "没有登记，已记录在案：到账 9,999.00 元").await;
        assert_eq!(browser.find("[name=reference]").await.prop("value").await.unwrap().unwrap(), "20260302-7");
        browser.photograph("desk-deposit-refused-phone").await;
        browser.fill("amount", "10000").await;
        browser.press("登记到账").await;
        says(&browser, "的保证金 10,000.00 元已登记").await;
        let open = || async {
            browser.fill("file_remark", remark).await;
            browser.fill("reason", "核对申报的优先权").await;
            browser.press("打开这份报名").await;
        };
        open().await;
        says(&browser, "陈某").await;
        says(&browser, "以前没有登记成的款项").await;
        browser.photograph("desk-enrolment-phone").await;
        browser.fill("rank", "一").await;
        browser.press("保存顺位").await;
        says(&browser, "优先顺位应为 1 到 99").await;
        browser.fill("rank", "1").await;
        browser.press("保存顺位").await;
        says(&browser, "优先顺位已保存").await;

        // A complaint: suspended while it runs, resumed, then ended for good.
        world.set_time("2026-03-11T19:35:00+08:00");
        browser.sign_in("trader", PASSWORD).await;
        browser.photograph("desk-home-trader-live-phone").await;
        browser.visit(&format!("/listings/{lot}/steering")).await;
        browser.click("[name=action][value=suspend]").await;
        browser.press("提交").await;
        says(&browser, "请写明原因").await;
        says(&browser, "请选择中止的事由").await;
        browser.photograph("desk-steering-refused-phone").await;
        browser.click("[name=ground] [value=collusion_report]").await;
        browser.fill("reason", "有人举报，需要核实").await;
        browser.press("提交").await;
        says(&browser, "已中止竞价").await;
        browser.press("中止、恢复或终止").await;
        browser.click("[name=action][value=terminate]").await;
        browser.click("[name=ground] [value=collusion_report]").await;
        browser.fill("reason", "举报属实").await;
        browser.press("提交").await;
        says(&browser, "请填写决定文书的名称和文号").await;
        browser.fill("paper", "杜府决〔2026〕3号").await;
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("decision.pdf"), b"%PDF-1.7 decision").unwrap();
        let decision = dir.path().join("decision.pdf");
        browser.find("input[type=file]").await.send_keys(decision.to_str().unwrap()).await.unwrap();
        browser.press("提交").await;
        says(&browser, "终止后不能恢复").await;
        says(&browser, "杜府决〔2026〕3号").await;
        says(&browser, "已加密保存，只公布它的指纹").await;
        browser.photograph("desk-steering-confirm-phone").await;
        browser.press("确认终止").await;
        says(&browser, "已终止交易").await;
        says(&browser, "举报属实").await;
        browser.photograph("desk-one-terminated-phone").await;
        browser.visit(&format!("/lots/{lot}")).await;
        says(&browser, "终止公告").await;
        says(&browser, "文书指纹").await;
        browser.photograph("desk-notice-terminated-phone").await;
        browser.assert_sound().await;
        browser.visit(&format!("/listings/{lot}")).await;

        // The next attempt begins with the last one's terms.
        browser.press("退出").await;
        browser.sign_in("chen", PASSWORD).await;
        browser.visit(&format!("/listings/{lot}")).await;
        browser.press("重新挂牌").await;
        says(&browser, "没有表决过，起拍价不能低于上一次").await;
        browser.photograph("desk-relist-phone").await;
        browser.press("开始第 2 次挂牌").await;
        assert_eq!(browser.find("[name=opening_price]").await.prop("value").await.unwrap().unwrap(), "700.00");
    });
}

#[test]
fn two_people_at_one_draft_overwrite_nothing_silently() {
    let world = world();
    let lot = draft(&world, &pond(&world, "东塘"));
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::On, PHONE).await else { return };
        browser.sign_in("liang", PASSWORD).await;
        browser.visit(&format!("/listings/{lot}/conditions")).await;
        let mut other = trading::listing(
            world.sign_in("chen").get(&format!("/api/v1/lots/{lot}")).json["asset_id"].as_str().unwrap(),
            None,
        );
        other["contact"] = json!("理事陈某 0750-1111111");
        let headers = [("content-type", "application/json"), ("if-match", "\"1\"")];
        let path = format!("/api/v1/lots/{lot}");
        let changed = world.sign_in("chen").send("PUT", &path, &headers, Some(other.to_string().into_bytes()));
        assert_eq!(changed.status, 200, "{changed:?}");
        browser.fill("contact", "会计梁某 0750-2222222").await;
        browser.press("保存并继续").await;
        says(&browser, "别人刚刚改过这一页").await;
        says(&browser, "理事陈某 0750-1111111").await;
        browser.photograph("desk-conflict-phone").await;
        browser.assert_sound().await;
        let stored = world.sign_in("chen").get(&path).json["terms"]["contact"].clone();
        assert_eq!(stored, "理事陈某 0750-1111111", "nothing was overwritten");
        browser.press("保存并继续").await;
        let stored = world.sign_in("chen").get(&path).json["terms"]["contact"].clone();
        assert_eq!(stored, "会计梁某 0750-2222222");
    });
}

#[test]
fn two_ponds_stand_in_one_notice() {
    let world = world();
    let lots: Vec<String> = (1..=3).map(|n| draft(&world, &pond(&world, &format!("{n} 号塘")))).collect();
    let [first, second, alone] = lots.as_slice() else { panic!("three lots") };
    for lot in &lots {
        step(&world, "liang", lot, "submit", &json!({}));
        step(&world, "officer", lot, "review", &json!({"approve": true}));
    }
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::Off, PHONE).await else { return };
        browser.sign_in("trader", PASSWORD).await;
        browser.visit(&format!("/listings/{first}/publish")).await;
        says(&browser, "一起公告的其他项目").await;
        browser.click(&format!("[name=with_{second}]")).await;
        browser.photograph("desk-publish-together-phone").await;
        browser.press("下一步：核对").await;
        says(&browser, "同一份公告的其他项目").await;
        browser.press("确认发布").await;
        says(&browser, "公告已发布").await;
    });
    let public = world.nobody();
    let notice = |lot: &str| public.get(&format!("/api/v1/lots/{lot}")).json["notice_number"].clone();
    assert!(notice(first).is_string() && notice(first) == notice(second), "{} {}", notice(first), notice(second));
    assert_eq!(public.get(&format!("/api/v1/lots/{alone}")).status, 404, "who was not ticked waits");
}

#[test]
fn every_page_of_the_desk_is_sound() {
    let world = world();
    let lots: Vec<String> = (1..=4).map(|n| draft(&world, &pond(&world, &format!("{n} 号塘")))).collect();
    let [drafted, submitted, approved, published] = lots.as_slice() else { panic!("four lots") };
    let spare = pond(&world, "空塘");
    for lot in [submitted, approved, published] {
        step(&world, "liang", lot, "submit", &json!({}));
    }
    for lot in [approved, published] {
        step(&world, "officer", lot, "review", &json!({"approve": true}));
    }
    step(&world, "trader", published, "publish", &hours());
    let body = json!({"kind": "person", "name": "陈某", "id_number": trading::resident_id(1), "phone": "13800001111",
        "priority_claim": "原承租方", "accepts_terms": true, "declares_no_conflict": true});
    let enrolled = world.sign_in("bidder").post(&format!("/api/v1/lots/{published}/enrolments"), &body);
    assert_eq!(enrolled.status, 201, "{enrolled:?}");
    let listing = |lot: &str, rest: &str| format!("/listings/{lot}{rest}");
    let visits: Vec<(&str, Vec<(String, &str)>)> = vec![
        (
            "liang",
            vec![
                ("/home".to_owned(), "home-clerk"),
                ("/listings".to_owned(), "list"),
                ("/listings?state=failed".to_owned(), "list-none"),
                ("/listings/new".to_owned(), "choose"),
                (format!("/listings/new?asset={spare}"), "new"),
                (listing(drafted, ""), "one-draft"),
                (listing(drafted, "/offer"), "offer"),
                (listing(drafted, "/price"), "price"),
                (listing(drafted, "/method"), "method"),
                (listing(drafted, "/conditions"), "conditions"),
                (listing(drafted, "/decision"), "decision"),
                (listing(drafted, "/submit"), "submit"),
            ],
        ),
        (
            "officer",
            vec![
                ("/home".to_owned(), "home-officer"),
                (listing(submitted, "/review"), "review"),
                (listing(published, "/break-glass"), "break-glass"),
            ],
        ),
        (
            "trader",
            vec![
                ("/home".to_owned(), "home-trader"),
                (listing(approved, "/publish"), "publish"),
                (listing(published, ""), "one-published"),
                (listing(published, "/enrolments"), "enrolments"),
                ("/exclusions".to_owned(), "exclusions"),
                (listing(published, "/steering"), "steering"),
                (listing(published, "/paddles"), "paddles"),
            ],
        ),
        ("auditor", vec![("/home".to_owned(), "home-auditor"), (listing(published, ""), "one-auditor")]),
        ("member", vec![("/home".to_owned(), "home-member")]),
        ("bidder", vec![("/home".to_owned(), "home-bidder")]),
        (
            "admin",
            vec![
                ("/home".to_owned(), "home-admin"),
                ("/accounts".to_owned(), "accounts"),
                ("/accounts/new".to_owned(), "account-new"),
            ],
        ),
    ];
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::On, DESK).await else { return };
        for (person, pages) in visits {
            browser.sign_in(person, PASSWORD).await;
            for (path, name) in pages {
                for (size, width) in [(PHONE, "phone"), (DESK, "desk")] {
                    browser.resize(size).await;
                    browser.visit(&path).await;
                    assert!(!browser.path().await.starts_with("/sign-in"), "{path} as {person}");
                    browser.photograph(&format!("desk-{name}-{width}")).await;
                    browser.assert_sound().await;
                }
            }
            browser.press("退出").await;
        }
    });
}

#[test]
fn an_administrator_makes_an_account_and_switches_it_off() {
    let world = world();
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::On, PHONE).await else { return };
        browser.sign_in("admin", PASSWORD).await;
        browser.press("账号").await;
        browser.press("新建账号").await;
        browser.fill("display_name", "黄某").await;
        browser.fill("name", "liang").await;
        browser.press("建账号").await;
        says(&browser, "请选择身份").await;
        browser.click("[name=role] option[value=supervisor]").await;
        browser.fill("scope", "440703102201").await;
        browser.press("建账号").await;
        says(&browser, "管辖区域不在您的管理范围内").await;
        browser.fill("scope", SHANGXIANG).await;
        browser.press("建账号").await;
        says(&browser, "这个用户名已经有人使用").await;
        browser.fill("name", "huang").await;
        browser.press("建账号").await;
        says(&browser, "密码只显示这一次").await;
        browser.photograph("desk-account-made-phone").await;
        browser.assert_sound().await;
        let password = browser.find(".password").await.text().await.expect("a password");
        assert_eq!(world.sign_in_with("huang", &password).get("/api/v1/session").json["role"], "supervisor");

        browser.press("我已抄好，回到账号清单").await;
        browser.press("黄某").await;
        browser.photograph("desk-account-phone").await;
        browser.assert_sound().await;
        browser.press("停用账号").await;
        says(&browser, "账号已停用").await;
        let refused = world.nobody().post("/api/v1/session", &json!({"name": "huang", "password": password}));
        assert_eq!(refused.status, 401, "{refused:?}");
        browser.press("恢复账号").await;
        says(&browser, "账号已恢复").await;
    });
}
