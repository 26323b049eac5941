//! The auditor's pages and the public log: what happened in words, the course of an auction, verification from a page.

use serde_json::{Value, json};
use xiangji::{access::Role, log::proof::LogProof};

use crate::{
    support::{
        PATIENCE,
        app::{DURUAN, LONGXI, PASSWORD, SHANGXIANG, World},
        behind::Behind,
        browser::{self, Browser, DESK, PHONE, Scripts},
    },
    trading,
};

/// An ended auction in 上巷村, its asset changed before, a neighbour's supervisor, every entry in its place.
fn story(world: &World) -> (String, String) {
    let lot = trading::ended_auction(world);
    let asset = world.nobody().get(&format!("/api/v1/lots/{lot}")).json["asset_id"].as_str().unwrap().to_owned();
    let clerk = world.sign_in(&format!("clerk-{SHANGXIANG}"));
    let facts = json!({"name": "龙门里 3 号鱼塘", "kind": "resource", "class": "pond", "area": "15666.67", "location": "上巷村龙门里",
        "state": "idle", "note": "塘基已加固"});
    let (path, version) = (format!("/api/v1/assets/{asset}"), clerk.get(&format!("/api/v1/assets/{asset}")));
    let tag = version.header("etag").unwrap().to_owned();
    let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
    let changed = clerk.send("PUT", &path, &headers, Some(facts.to_string().into_bytes()));
    assert_eq!(changed.status, 200, "{changed:?}");
    world.village(LONGXI, "龙溪村股份合作经济联合社");
    world.actor(Role::Supervisor, LONGXI, "neighbour");
    world.app.integrate_log().unwrap();
    (lot, asset)
}

/// Presses the button and comes back until the run has ended.
async fn verify(browser: &Browser, button: &str) {
    browser.visit("/audit/verify").await;
    browser.press(button).await;
    assert!(browser.text().await.contains("已开始核对"), "{}", browser.text().await);
    let until = std::time::Instant::now() + PATIENCE;
    loop {
        browser.visit("/audit/verify").await;
        if browser.has("form[action=\"/audit/verify\"]").await {
            return;
        }
        assert!(std::time::Instant::now() < until, "the run never ended: {}", browser.text().await);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[test]
fn an_auditor_reads_what_happened_without_scripts() {
    let world = World::sqlite();
    let (lot, asset) = story(&world);
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::Off, PHONE).await else { return };
        browser.sign_in("auditor", PASSWORD).await;
        browser.visit("/audit").await;
        let text = browser.text().await;
        assert!(text.contains("修改了资产") && text.contains(&format!("村会计 clerk-{SHANGXIANG}")), "{text}");
        assert!(text.contains("出价没有被接受") && !text.contains("bidder-B"), "bidders stand by number: {text}");
        browser.visit("/audit?group=assets&from=2026年3月1日&until=2026-03-31").await;
        let text = browser.text().await;
        assert!(text.contains("登记了资产") && !text.contains("发布了交易公告"), "{text}");
        browser.visit("/audit?from=昨天&until=2026-03-31").await;
        assert!(browser.title().await.starts_with("错误："));
        assert!(browser.text().await.contains("日期应写明年、月、日"));
        browser.photograph("audit-list-refused-phone").await;
        browser.visit("/audit?q=鱼塘").await;
        browser.press("资产 龙门里 3 号鱼塘").await;
        assert_eq!(browser.path().await, format!("/audit/records/asset/{asset}"));
        let text = browser.text().await;
        let order =
            ["登记了资产", "起草了交易项目", "发布了交易公告", "修改了资产"].map(|what| text.find(what).expect(what));
        assert!(order.is_sorted(), "the oldest first: {text}");
        assert!(
            text.contains("闲置") && text.contains("已签名") && text.contains("交易项目 龙门里 3 号鱼塘"),
            "{text}"
        );
        browser.visit(&format!("/audit?q={lot}")).await;
        assert_eq!(browser.path().await, format!("/audit/records/lot/{lot}"), "a whole identifier leads there at once");
        let text = browser.text().await;
        for told in
            ["出价幅度不足，至少应为 710.00 元", "02 号", "710.00", "10:00:00", "xiangji replay trace.json", "成交"]
        {
            assert!(text.contains(told), "{told}: {text}");
        }
        browser.press("看每次出价在存证里的位置").await;
        let text = browser.text().await;
        assert!(text.contains("竞价已经结束"), "the bid that came too late stands in the log alone: {text}");
        browser.visit(&format!("/assets/{asset}")).await;
        browser.press("这项记录的来龙去脉").await;
        assert_eq!(browser.path().await, format!("/audit/records/asset/{asset}"));
    });
}

#[test]
fn whoever_looked_at_personal_data_stands_in_the_story_of_the_member() {
    let world = World::sqlite();
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    let clerk = world.clerk(SHANGXIANG);
    let member = json!({"collective_code": SHANGXIANG, "household_number": "0001", "name": "梁国栋", "id_number": "440703198501010019",
        "relation": "户主", "ground": "original", "basis": "成员大会决议", "acquired_on": "2018-06-30"});
    let member = clerk.post("/api/v1/members", &member);
    let person = member.json["person_id"].as_str().unwrap();
    let look =
        clerk.post(&format!("/api/v1/persons/{person}/reveal"), &json!({"field": "id_number", "reason": "核对股权证"}));
    assert_eq!(look.status, 201, "{look:?}");
    let auditor = world.actor(Role::Auditor, DURUAN, "auditor");
    let page = auditor.get(&format!("/audit/records/member/{}", member.id())).text;
    for told in
        ["成员 梁国栋的来龙去脉", "登记了成员", "查看了完整的个人信息", "查看的内容：身份证号；原因：核对股权证"]
    {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("440703198501010019"));
    let clerk_page = clerk.get(&format!("/members/{}", member.id())).text;
    assert!(!clerk_page.contains("来龙去脉"), "a clerk is no auditor");
    assert!(auditor.get(&format!("/members/{}", member.id())).text.contains("来龙去脉"));
}

#[test]
fn verification_from_a_page_names_what_was_changed_behind_the_program() {
    let world = World::sqlite();
    let (lot, asset) = story(&world);
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::Off, DESK).await else { return };
        browser.sign_in("auditor", PASSWORD).await;
        verify(&browser, "开始核对").await;
        assert!(browser.text().await.contains("没有发现问题"), "{}", browser.text().await);
        browser.photograph("audit-verify-clean-desk").await;
        let mut behind = Behind::of(&world);
        behind.exec(&format!("UPDATE assets SET location = '别处' WHERE id = '{asset}'"));
        verify(&browser, "再核对一次").await;
        let text = browser.text().await;
        for told in ["发现 1 处问题", asset.as_str(), "有人绕过系统改动了它", "资产"] {
            assert!(text.contains(told), "{told}: {text}");
        }
        assert!(browser.has(&format!("[href=\"/audit/records/asset/{asset}\"]")).await);
        browser.photograph("audit-verify-faults-desk").await;
        browser.resize(PHONE).await;
        browser.photograph("audit-verify-faults-phone").await;
        browser.resize(DESK).await;
        browser.visit("/audit?group=log").await;
        assert!(browser.text().await.contains("核对了存证和全部台账"));

        // While a run lasts there is no second; one that was lost with its server says so.
        let row = json!({"who": "审计员 某", "home": DURUAN, "started_at": world.app.db.now(), "seen_at": world.app.db.now(),
            "state": "running", "entries": 512, "of": 2048, "rows": 0});
        behind.exec(&format!("UPDATE settings SET value = '{row}' WHERE name = 'verification'"));
        browser.visit("/audit/verify").await;
        let text = browser.text().await;
        assert!(text.contains("512 / 2048 条") && !browser.has("form[action=\"/audit/verify\"]").await, "{text}");
        browser.photograph("audit-verify-running-desk").await;
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let second = world.sign_in("auditor").send("POST", "/audit/verify", &form, Some(Vec::new()));
        let said = second.header("set-cookie").unwrap_or_default();
        assert!(second.status == 303 && said.starts_with("flash=info"), "nothing is begun: {second:?}");
        world.pass_s(301);
        browser.visit("/audit/verify").await;
        assert!(browser.text().await.contains("上一次核对没有做完"));
        verify(&browser, "再核对一次").await;
    });
    // Another village's supervisor sees nothing of all this.
    let outsider = world.sign_in("neighbour");
    for path in [format!("/audit/records/asset/{asset}"), format!("/audit/records/lot/{lot}")] {
        assert_eq!(outsider.get(&path).status, 404, "{path}");
    }
    for path in [
        "/audit",
        "/audit?group=bids",
        "/audit/verify",
        &format!("/audit?collective={SHANGXIANG}"),
        "/audit?q=%E9%B1%BC%E5%A1%98",
    ] {
        let answer = outsider.get(path);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(
            !answer.text.contains(&asset) && !answer.text.contains(&lot) && !answer.text.contains("处问题"),
            "{path}"
        );
    }
    assert_eq!(world.sign_in("trader").get("/audit").status, 403);
}

#[test]
fn everybody_can_check_an_entry_with_what_its_page_gives() {
    let world = World::sqlite();
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    let entry = world.nobody().get("/log/entries/3");
    assert!(entry.text.contains("正在编入"), "{}", entry.text);
    world.app.integrate_log().unwrap();
    let (status, _, bytes) = world.nobody().bytes("/log/entries/3/bytes");
    assert_eq!(status, 200);
    let page = world.nobody().get("/log/entries/3").text;
    let index =
        serde_json::from_str::<Value>(&world.nobody().get("/api/v1/log/entries/3").text).unwrap()["index"].clone();
    let proof: LogProof = world.nobody().get(&format!("/log/proof/{index}")).text.parse().unwrap();
    assert!(proof.verify(&bytes, world.app.log_key.verifier()).is_ok());
    assert!(
        page.contains("c2sp.org/tlog-proof@v1") && page.contains(&xiangji::log::merkle::leaf_hash(&bytes).to_string())
    );
    let about = world.nobody().get("/log").text;
    assert!(
        about.contains("公开存证") && about.contains(&format!("{} 条", index.as_i64().unwrap().max(2) + 1)),
        "{about}"
    );
    let key = world.app.log_key.verifier().to_string();
    // Name, hash and key: the key is base64, in which a plus may stand too.
    let key = key.splitn(3, '+').nth(2).unwrap();
    assert!(key.len() > 40 && !about.contains(key) && !page.contains(key), "the key is not where it is used");
    assert_eq!(world.nobody().get("/log/entries/99999").status, 404);
}

/// With scripts the browser does the sums and sends nothing, without them the server does: the same sentences.
#[test]
fn a_kept_receipt_is_checked_with_the_key_from_paper() {
    let world = World::sqlite();
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    world.app.integrate_log().unwrap();
    let receipt = world.nobody().get("/log/receipts/3").text;
    let key = world.app.log_key.verifier().to_string();
    let forged = receipt.replace("index 2", "index 1");
    assert_ne!(receipt, forged);
    browser::in_async(async {
        for scripts in [Scripts::Off, Scripts::On] {
            let Some(browser) = Browser::open(&world.base, scripts, PHONE).await else { return };
            let check = async |receipt: &str, key: &str| {
                browser.visit("/log/check").await;
                browser.fill("receipt", receipt).await;
                browser.fill("key", key).await;
                // Where the browser does the sums no page follows.
                match scripts {
                    Scripts::On => browser.click("form[data-check-receipt] button").await,
                    Scripts::Off => browser.press("核对").await,
                }
            };
            check(&receipt, &key).await;
            browser.wait_for_text("main", "回执是真的").await;
            let text = browser.text().await;
            assert!(text.contains("第 2 条") && text.contains("\"kind\":"), "{text}");
            let by_browser = text.contains("由您的浏览器核对");
            assert_eq!(by_browser, scripts == Scripts::On, "{text}");
            if by_browser {
                assert!(browser.fetched().await.iter().all(|url| !url.contains("/log/check")), "nothing was sent");
            }
            browser.assert_sound().await;
            browser
                .photograph(if by_browser { "check-receipt-browser-phone" } else { "check-receipt-server-phone" })
                .await;
            check(&forged, &key).await;
            browser.wait_for_text("main", "没有得到证明").await;
            check(&receipt, &key.replace('+', "+0")).await;
            browser.wait_for_text("main", "公钥要照纸上的抄写完整").await;
            check("随便写的", &key).await;
            browser.wait_for_text("main", "这不是一份存证回执").await;
        }
    });
}

#[test]
fn the_pages_are_sound() {
    let world = World::sqlite();
    let (lot, asset) = story(&world);
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::On, DESK).await else { return };
        let pages = [
            ("/log".to_owned(), "log"),
            ("/log/entries/9".to_owned(), "log-entry"),
            ("/log/check".to_owned(), "log-check"),
        ];
        let staff = [
            ("/audit".to_owned(), "audit-list"),
            ("/audit?q=鱼塘&group=trades".to_owned(), "audit-list-searched"),
            ("/audit?group=looks".to_owned(), "audit-list-empty"),
            (format!("/audit/records/asset/{asset}"), "audit-asset"),
            (format!("/audit/records/lot/{lot}"), "audit-lot"),
            ("/audit/verify".to_owned(), "audit-verify"),
        ];
        for (path, name) in pages.iter().chain(&staff) {
            if name.starts_with("audit-list") && *name == "audit-list" {
                browser.sign_in("auditor", PASSWORD).await;
            }
            for (size, width) in [(PHONE, "phone"), (DESK, "desk")] {
                browser.resize(size).await;
                browser.visit(path).await;
                browser.assert_sound().await;
                browser.photograph(&format!("{name}-{width}")).await;
            }
        }
    });
}
