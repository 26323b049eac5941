//! The roster's pages: a clerk registers, finds, looks, corrects, ends, and brings a file, without any script.

use serde_json::json;
use xiangji::access::Role;

use crate::support::{
    app::{DURUAN, SHANGXIANG, World},
    browser::{self, Browser, DESK, PHONE, Scripts},
};

/// Looks at the page at both widths.
async fn look(browser: &Browser, name: &str) {
    for (size, width) in [(PHONE, "phone"), (DESK, "desk")] {
        browser.resize(size).await;
        browser.assert_sound().await;
        browser.photograph(&format!("members-{name}-{width}")).await;
    }
}

async fn choose(browser: &Browser, name: &str, word: &str) {
    browser.click(&format!("[name=\"{name}\"] option[value=\"{word}\"]")).await;
}

#[test]
fn a_clerk_keeps_the_roster() {
    let world = World::sqlite();
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    world.clerk(SHANGXIANG);
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::On, DESK).await else { return };
        browser.sign_in(&format!("clerk-{SHANGXIANG}"), crate::support::app::PASSWORD).await;
        browser.visit("/members").await;
        look(&browser, "none").await;
        browser.press("登记成员").await;
        browser.fill("name", "张三丰").await;
        browser.fill("id_number", "440703198501010018").await;
        browser.fill("household_number", "0001").await;
        choose(&browser, "relation", "02").await;
        browser.fill("phone", "13800005678").await;
        choose(&browser, "ground", "original").await;
        browser.fill("acquired_on", "2018年6月30日").await;
        browser.press("登记").await;
        let text = browser.text().await;
        assert!(text.contains("有 2 处需要修改") && text.contains("最后一位与前 17 位对不上"), "{text}");
        look(&browser, "new-refused").await;
        browser.fill("id_number", "440703198501010019").await;
        browser.fill("basis", "2018年6月30日成员大会决议").await;
        browser.press("登记").await;
        let text = browser.text().await;
        assert!(
            text.contains("已登记。") && text.contains("4407**********0019") && text.contains("138****5678"),
            "{text}"
        );
        assert!(!browser.path().await.contains("4407031985"));
        look(&browser, "one").await;
        browser.press("成员证明（可打印，带公开存证二维码）").await;
        assert!(browser.text().await.contains("农村集体经济组织成员证明"));
        look(&browser, "certificate").await;
        let paper = browser.text().await;
        let after = |mark: &str| paper.split(mark).nth(1).expect(mark).trim_start();
        let entry = after("公开存证第").split(' ').next().expect("a number");
        let code = after("核对码").get(..14).expect("a code");
        browser.visit("/log/mine").await;
        browser.fill("entry", entry).await;
        browser.fill("code", "1234").await;
        browser.press("查我的登记").await;
        assert!(browser.title().await.starts_with("错误："));
        look(&browser, "paper-refused").await;
        browser.fill("code", code).await;
        browser.press("查我的登记").await;
        assert!(browser.text().await.contains("在，而且一字不差"));
        look(&browser, "paper").await;
        browser.visit("/members").await;
        browser.press("张三丰").await;

        browser.click("[name=field][value=id_number]").await;
        browser.fill("reason", "核对股权证").await;
        browser.press("查看一次").await;
        assert!(browser.text().await.contains("身份证号：440703198501010019"));
        look(&browser, "revealed").await;

        browser.visit("/members").await;
        browser.fill("q", "440703198501010019").await;
        browser.press("查找").await;
        assert!(browser.path().await.starts_with("/members/mem_"), "{}", browser.path().await);
        browser.visit("/members").await;
        browser.fill("q", "34052419800101001X").await;
        browser.press("查找").await;
        assert!(browser.text().await.contains("没有找到这个号码的成员"));
        assert!(!browser.path().await.contains("3405241980"));
        browser.fill("q", "三丰").await;
        browser.press("查找").await;
        assert!(browser.path().await.starts_with("/members?name="), "{}", browser.path().await);
        browser.press("张三丰").await;
        browser.press("修改").await;
        look(&browser, "edit").await;
        browser.visit("/households").await;
        look(&browser, "households").await;
        browser.press("0001").await;
        look(&browser, "household").await;
        browser.press("张三丰").await;
        browser.press("登记丧失").await;
        look(&browser, "end").await;
        browser.click("[name=cause][value=death]").await;
        browser.fill("lost_on", "2026-03-01").await;
        browser.fill("basis", "2026年3月1日死亡证明").await;
        browser.press("登记丧失").await;
        assert!(browser.text().await.contains("记录仍然保留"), "{}", browser.text().await);
    });
}

#[test]
fn a_roster_is_brought_without_scripts() {
    let world = World::sqlite();
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    world.clerk(SHANGXIANG);
    let dir = tempfile::tempdir().unwrap();
    let (good, bad) = (dir.path().join("名册.csv"), dir.path().join("有错.csv"));
    let head = "户编号,户主,成员姓名,与户主关系,身份证号码\n";
    std::fs::write(
        &good,
        format!("{head}0001,张三,张三,户主,440703198501010019\n0001,张三,司徒•文,妻,440703199202290027\n合计,,2,,\n"),
    )
    .unwrap();
    std::fs::write(&bad, format!("{head}0001,张三,张三,户主,440703199001011234\n0001,,李四,朋友,\n")).unwrap();
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::Off, DESK).await else { return };
        browser.sign_in(&format!("clerk-{SHANGXIANG}"), crate::support::app::PASSWORD).await;
        browser.visit("/members").await;
        browser.press("从表格导入").await;
        look(&browser, "import").await;
        browser.press("上传并核对").await;
        assert!(browser.text().await.contains("请选择一个 xlsx 或 csv 文件"));
        browser.find("[name=file]").await.send_keys(bad.to_str().unwrap()).await.unwrap();
        browser.press("上传并核对").await;
        let text = browser.text().await;
        assert!(text.contains("有 2 行需要修改") && text.contains("4407**********1234"), "{text}");
        assert!(!text.contains("440703199001011234") && !text.contains("确认写入 "));
        look(&browser, "preview-refused").await;
        browser.press("改好后重新上传").await;
        browser.find("[name=file]").await.send_keys(good.to_str().unwrap()).await.unwrap();
        browser.fill("basis", "2018年6月30日成员大会决议").await;
        browser.press("上传并核对").await;
        let text = browser.text().await;
        assert!(text.contains("2 名成员，新立 1 户") && text.contains("名册.csv"), "{text}");
        look(&browser, "preview").await;
        browser.press("确认写入 2 名成员").await;
        let text = browser.text().await;
        assert!(text.contains("已导入 2 名成员、1 户。") && text.contains("司徒·文"), "{text}");
        look(&browser, "list").await;
    });
}

#[test]
fn data_are_erased_by_two_offices_and_a_member_sees_who_looked() {
    let world = World::sqlite();
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    let clerk = world.clerk(SHANGXIANG);
    world.actor(Role::TownshipOfficer, DURUAN, "officer");
    world.actor(Role::Member, SHANGXIANG, "zhangsan");
    let new = |name: &str, household: &str, id: &str| {
        let body = json!({"collective_code": SHANGXIANG, "household_number": household, "name": name, "id_number": id, "relation": "户主",
            "phone": "13800005678", "ground": "original", "basis": "决议", "acquired_on": "1986-06-30"});
        let made = clerk.post("/api/v1/members", &body);
        assert_eq!(made.status, 201, "{made:?}");
        made
    };
    let (stays, left) = (new("张三", "0001", "440703198501010019"), new("李四", "0002", "440799195001010011"));
    let end = json!({"cause": "death", "basis": "死亡证明", "lost_on": "1990-05-01", "retained_until": ""});
    assert_eq!(clerk.post(&format!("/api/v1/members/{}/end", left.id()), &end).status, 201);
    let look_at = json!({"field": "phone", "reason": "通知开会"});
    let reveal = format!("/api/v1/persons/{}/reveal", stays.json["person_id"].as_str().unwrap());
    assert_eq!(clerk.post(&reveal, &look_at).status, 201);
    browser::in_async(async {
        let password = crate::support::app::PASSWORD;
        let Some(browser) = Browser::open(&world.base, Scripts::Off, DESK).await else { return };
        browser.sign_in(&format!("clerk-{SHANGXIANG}"), password).await;
        browser.visit(&format!("/members/{}", stays.id())).await;
        browser.press("本人的账号").await;
        look(&browser, "account").await;
        browser.press("关联").await;
        assert!(browser.text().await.contains("请填写这个人登录用的用户名"));
        browser.fill("account", "zhangsan").await;
        browser.press("关联").await;
        assert!(browser.text().await.contains("已关联，本人登录后"), "{}", browser.text().await);
        look(&browser, "account-tied").await;
        browser.visit(&format!("/members/{}/erasure", stays.id())).await;
        assert!(browser.text().await.contains("现在还是在册成员"), "{}", browser.text().await);
        look(&browser, "erasure-kept").await;
        browser.visit(&format!("/members/{}/erasure", left.id())).await;
        browser.press("申请删除").await;
        assert!(browser.text().await.contains("请选择删除的理由"));
        browser.click("[name=ground][value=asked_by_family]").await;
        browser.press("申请删除").await;
        assert!(browser.text().await.contains("等镇街办理"), "{}", browser.text().await);
        look(&browser, "erasure-requested").await;
    });
    browser::in_async(async {
        let password = crate::support::app::PASSWORD;
        let Some(browser) = Browser::open(&world.base, Scripts::Off, DESK).await else { return };
        browser.sign_in("zhangsan", password).await;
        browser.visit("/my/record").await;
        let text = browser.text().await;
        assert!(text.contains("通知开会") && text.contains("村会计") && text.contains("138****5678"), "{text}");
        look(&browser, "own").await;
    });
    browser::in_async(async {
        let password = crate::support::app::PASSWORD;
        let Some(browser) = Browser::open(&world.base, Scripts::Off, DESK).await else { return };
        browser.sign_in("officer", password).await;
        browser.visit(&format!("/members/{}/erasure", left.id())).await;
        browser.press("删除，不能恢复").await;
        assert!(browser.text().await.contains("谁也找不回来；确定要删除"), "{}", browser.text().await);
        look(&browser, "erasure-unsure").await;
        browser.click("[name=sure]").await;
        browser.press("删除，不能恢复").await;
        assert!(browser.text().await.contains("个人信息已经删除"), "{}", browser.text().await);
        look(&browser, "erased").await;
        browser.visit(&format!("/members/{}", left.id())).await;
        assert!(browser.text().await.contains("已删除个人信息的成员") && !browser.text().await.contains("李四"));
        look(&browser, "erased-member").await;
    });
}
