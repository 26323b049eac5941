//! The village accountant's ledgers: assets and homesteads, by hand and from files, on a phone without scripts and at a desk.

use std::io::Write as _;

use serde_json::json;
use xiangji::{
    access::Role,
    homesteads::{
        demo_plots::village_plots,
        geojson::{Crs, write_parcel},
        geometry::Point,
    },
};

use crate::support::{
    app::{DURUAN, LONGXI, PASSWORD, SHANGXIANG, World},
    browser::{self, Browser, DESK, PHONE, Scripts},
};

fn world() -> World {
    let world = World::sqlite();
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    world.village(LONGXI, "龙溪村股份合作经济联合社");
    world.actor(Role::Clerk, SHANGXIANG, "liang");
    world.actor(Role::TownshipOfficer, DURUAN, "officer");
    world
}

/// A file to be chosen in a form.
fn file(name: &str, content: &str) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join(name);
    std::fs::File::create(&path).expect("a file").write_all(content.as_bytes()).expect("written");
    let path = path.to_str().expect("a path").to_owned();
    (dir, path)
}

async fn choose(browser: &Browser, path: &str) {
    browser.find("[name=file]").await.send_keys(path).await.expect("chosen");
}

async fn tick(browser: &Browser, name: &str, word: &str) {
    browser.click(&format!("[name={name}][value={word}]")).await;
}

const LIST: &str = "资产编码,资产名称,资产类别,面积,坐落,原值(万元),量化金额,使用状况\nA1,市场东侧铺位,商铺,48,市场东侧,10,80000,出租\nA2,龙门里鱼塘,鱼塘,23.5亩,龙门里,,,空置\n";

#[test]
fn an_accountant_keeps_the_assets() {
    let world = world();
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::Off, PHONE).await else { return };
        browser.sign_in("liang", PASSWORD).await;
        browser.visit("/assets").await;
        assert!(browser.text().await.contains("还没有登记资产"));
        browser.press("登记资产").await;
        browser.fill("name", "祠堂前铺位").await;
        browser.fill("area", "四十八").await;
        browser.press("保存").await;
        assert!(browser.title().await.starts_with("错误："));
        assert!(browser.text().await.contains("请选择资产类别"), "{}", browser.text().await);
        browser.photograph("assets-form-refused-phone").await;
        browser.click("[name=class] option[value=shop]").await;
        tick(&browser, "kind", "operating").await;
        tick(&browser, "state", "idle").await;
        browser.fill("area", "48").await;
        browser.fill("location", "祠堂前").await;
        browser.fill("original_value", "12万元").await;
        browser.fill("quantified", "80,000").await;
        browser.press("保存").await;
        assert!(browser.text().await.contains("已登记"), "{}", browser.text().await);
        assert!(browser.text().await.contains("120,000.00 元"));
        let picture = file("photo.png", "");
        std::fs::write(&picture.1, png()).expect("a picture");
        choose(&browser, &picture.1).await;
        browser.press("保存照片").await;
        assert!(browser.has("img.photo").await, "{}", browser.text().await);
        browser.photograph("assets-one-phone").await;
        browser.press("修改").await;
        browser.fill("net_value", "130000").await;
        browser.press("保存").await;
        assert!(browser.text().await.contains("净值不能大于原值"));
        browser.fill("net_value", "70000").await;
        browser.press("保存").await;
        assert!(browser.text().await.contains("已保存修改") && browser.has("img.photo").await);

        browser.visit("/assets/imports").await;
        browser.press("上传并核对").await;
        assert!(browser.text().await.contains("请选择一个 xlsx 或 csv 文件"));
        let list = file("资产.csv", LIST);
        choose(&browser, &list.1).await;
        browser.press("上传并核对").await;
        assert!(browser.text().await.contains("全部可以导入"), "{}", browser.text().await);
        browser.photograph("assets-preview-phone").await;
        browser.press("确认写入 2 项").await;
        assert!(browser.text().await.contains("已导入 2 项资产") && browser.text().await.contains("160,000.00"));
        let again = file("资产.csv", LIST);
        browser.visit("/assets/imports").await;
        choose(&browser, &again.1).await;
        browser.press("上传并核对").await;
        assert!(browser.text().await.contains("有 2 行需要修改"), "{}", browser.text().await);
        browser.photograph("assets-preview-refused-phone").await;
        browser.visit("/assets?q=鱼塘&state=idle").await;
        assert!(browser.text().await.contains("龙门里鱼塘") && !browser.text().await.contains("祠堂前铺位"));
    });
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::On, DESK).await else { return };
        browser.sign_in("liang", PASSWORD).await;
        for (path, name) in
            [("/assets", "assets-list"), ("/assets/new", "assets-new"), ("/assets/imports", "assets-import")]
        {
            for (size, width) in [(PHONE, "phone"), (DESK, "desk")] {
                browser.resize(size).await;
                browser.visit(path).await;
                browser.assert_sound().await;
                browser.photograph(&format!("{name}-{width}")).await;
            }
        }
    });
}

/// One pixel.
fn png() -> Vec<u8> {
    let base64 = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    base64::Engine::decode(&base64::engine::general_purpose::STANDARD, base64).expect("base64")
}

/// The generated village as a surveyor would bring it.
fn survey(count: usize) -> String {
    let features: Vec<_> = village_plots(11, Point::new(38_405_500_000, 2_503_700_000), count)
        .iter()
        .map(|p| {
            let area = if p.number % 7 == 0 { "60.00".to_owned() } else { p.outline.area().to_string() };
            let occupancy = if p.number % 11 == 0 { "闲置" } else { "自住" };
            json!({"type": "Feature", "geometry": write_parcel(&p.outline, Crs::Degrees),
                "properties": {"户主": "梁某", "坐落": format!("{} 巷 {} 号", p.lane, p.number), "登记面积": area, "利用状况": occupancy}})
        })
        .collect();
    json!({"type": "FeatureCollection", "features": features}).to_string()
}

#[test]
fn an_accountant_keeps_the_homesteads() {
    let world = world();
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::Off, PHONE).await else { return };
        browser.sign_in("liang", PASSWORD).await;
        browser.visit("/parcels").await;
        assert!(browser.text().await.contains("还没有登记宗地"));
        browser.press("导入测量成果").await;
        let survey_file = file("测量.geojson", &survey(150));
        choose(&browser, &survey_file.1).await;
        browser.press("上传并核对").await;
        assert!(browser.text().await.contains("读到 150 宗"), "{}", browser.text().await);
        browser.photograph("parcels-preview-phone").await;
        browser.press("确认写入 150 宗").await;
        assert!(browser.text().await.contains("已导入 150 宗宅基地"));
        browser.photograph("parcels-list-phone").await;
        browser.press("放大").await;
        browser.press("放大").await;
        browser.press("向西").await;
        assert!(browser.path().await.contains("zoom=2"), "{}", browser.path().await);
        browser.photograph("parcels-closer-phone").await;

        browser.press("登记宗地").await;
        browser.fill("household", "梁丙").await;
        browser.fill("location", "新巷 1 号").await;
        browser.fill("registered_area", "100").await;
        let (bow_tie, good) = (
            "[[[405100,2503000],[405110,2503008],[405110,2503000],[405100,2503008],[405100,2503000]]]",
            "[[[405100,2503000],[405110,2503000],[405110,2503008],[405100,2503008],[405100,2503000]]]",
        );
        let polygon = |ring: &str| format!("{{\"type\":\"Polygon\",\"coordinates\":{ring}}}");
        browser.fill("geometry", &polygon(bow_tie)).await;
        browser.press("保存").await;
        assert!(browser.text().await.contains("边界不能自己交叉"), "{}", browser.text().await);
        browser.photograph("parcels-form-refused-phone").await;
        browser.fill("geometry", &polygon(good)).await;
        browser.press("保存").await;
        assert!(browser.text().await.contains("登记面积与图形面积不一致"), "{}", browser.text().await);
        browser.photograph("parcels-one-phone").await;
        browser.visit("/parcels/new").await;
        browser.fill("household", "梁丁").await;
        browser.fill("location", "新巷 3 号").await;
        browser.fill("geometry", &polygon(good)).await;
        browser.press("保存").await;
        assert!(browser.text().await.contains("与“梁丙（新巷 1 号）”重叠 80.00 ㎡"), "{}", browser.text().await);
        browser.visit("/parcels?q=梁丙").await;
        browser.press("梁丙").await;
        browser.press("修改").await;
        browser.fill("area_reason", "旧证按院墙登记").await;
        browser.press("保存").await;
        assert!(browser.text().await.contains("原因：旧证按院墙登记"), "{}", browser.text().await);
        browser.assert_nothing_from_outside().await;
    });
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::On, DESK).await else { return };
        for (person, paths) in [
            (
                "liang",
                &[
                    ("/parcels", "parcels-list"),
                    ("/parcels/new", "parcels-new"),
                    ("/parcels/imports", "parcels-import"),
                ][..],
            ),
            (
                "officer",
                &[
                    ("/parcels?collective=440703103213", "parcels-officer"),
                    ("/parcels?q=梁丙&collective=440703103213", "parcels-found"),
                ][..],
            ),
        ] {
            browser.sign_in(person, PASSWORD).await;
            for (path, name) in paths {
                for (size, width) in [(PHONE, "phone"), (DESK, "desk")] {
                    browser.resize(size).await;
                    browser.visit(path).await;
                    browser.assert_sound().await;
                    browser.photograph(&format!("{name}-{width}")).await;
                }
            }
            if person == "officer" {
                browser.press("梁丙").await;
                browser.assert_sound().await;
                browser.photograph("parcels-one-desk").await;
            }
            browser.press("退出").await;
        }
    });
}
