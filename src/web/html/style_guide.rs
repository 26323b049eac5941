//! One page that shows every part in every state, for the tests and for eyes. It is built in debug builds only.

use askama::Template;

use super::{Flash, FormState, Layout, NavItem, Reading, Task, TaskState, Tone, Visitor, filters};
use crate::kernel::{Area, Day, Fen, FieldError, Problem, Timestamp};

#[derive(Template)]
#[template(path = "web/html/style_guide.html")]
pub struct StyleGuide {
    pub layout: Layout,
    form: FormState,
    uses: Vec<(&'static str, &'static str)>,
    tasks: Vec<Task>,
    price: Fen,
    area: Area,
    day: Day,
    at: Timestamp,
}

/// The page, in either reading mode, with or without a refused form.
pub fn page(reading: Reading, refused: bool) -> StyleGuide {
    let at = Timestamp(1_796_090_400_000_000);
    let form = FormState::new([("name", "龙榜村 3 号鱼塘"), ("deposit", "-5"), ("use", "fish"), ("how", "open")]);
    let form = if refused {
        form.with_problem(&Problem::fields(vec![
            FieldError::new("deposit", Some("-5"), "保证金要大于零，例如 1000.00"),
            FieldError::new("deposit_until", None, "保证金截止时间要晚于报名截止时间（2026-12-01 17:00）"),
        ]))
    } else {
        form
    };
    let nav = [
        ("/home", "今天要办"),
        ("/assets", "资产"),
        ("/members", "成员"),
        ("/parcels", "宅基地"),
        ("/listings", "交易"),
    ];
    let layout = Layout {
        visitor: Some(Visitor { name: "梁惠芳".to_owned(), role_label: "上巷村 会计".to_owned() }),
        nav: nav
            .iter()
            .map(|(href, label)| NavItem { current: *href == "/assets", ..NavItem::new(href, label, "") })
            .collect(),
        reading,
        flash: Some(Flash { tone: Tone::Good, text: "已保存，镇街会在三个工作日内审核。".to_owned() }),
        ..Layout::new("/style-guide")
    };
    let task = |label: &str, note: &str, state, open: bool| Task {
        label: label.to_owned(),
        href: open.then(|| "#".to_owned()),
        note: note.to_owned(),
        state,
    };
    StyleGuide {
        layout: layout.titled("样式总览").with_form(&form),
        form,
        uses: vec![("fish", "养鱼"), ("rice", "种水稻"), ("shop", "商铺")],
        tasks: vec![
            task("出租的资产", "龙榜村 3 号鱼塘，15.67 亩", TaskState::Done, true),
            task("底价和加价", "", TaskState::Returned, true),
            task("报名和竞价时间", "", TaskState::Todo, true),
            task("镇街审核", "由杜阮镇资产管理员办理", TaskState::Waiting, false),
            task("发布公告", "", TaskState::Later, false),
        ],
        price: Fen(12_345_600),
        area: Area(1_044_667),
        day: at.day(),
        at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_renders_without_inline_script_or_style() {
        for reading in [Reading::Standard, Reading::Elder] {
            for refused in [false, true] {
                let html = page(reading, refused).render().expect("the page");
                assert!(!html.contains(" style=") && !html.contains("<style") && !html.contains("javascript:"));
                assert_eq!(html.matches("<script").count(), html.matches("<script src=\"/static/").count());
                assert_eq!(html.matches("<h1").count(), 1);
                assert_eq!(html.contains("有 2 处需要修改"), refused);
                assert_eq!(html.contains("<title>错误："), refused);
                assert_eq!(html.contains("class=\"elder\""), reading == Reading::Elder);
                for label in html.split("<label class=\"label\" for=\"").skip(1) {
                    let id = label.split('"').next().unwrap_or_default();
                    assert!(html.contains(&format!("id=\"{id}\"")), "label for {id} without a field");
                }
            }
        }
    }
}
