//! The gate: whether what a collective decided carries the trade. Pure.
//!
//! Promise: a lot goes to the township, and out to the public, only with a decision of a body that may decide such a
//! matter, with enough people there, enough of them in favour, and its publicity over. Each fault names the number that
//! was seen and the number that is needed. Which numbers hold is policy of the day of the meeting.

use super::super::model::{Decision, Terms};
use crate::{
    kernel::{Day, FieldError},
    policy::{Deal, Majority, Rule, Rules, Vote},
};

/// The trade as policies look at it.
pub fn deal(terms: &Terms) -> Deal<'_> {
    Deal {
        class: &terms.asset_class,
        form: terms.form.as_str(),
        total: terms.is_priced().then(|| terms.worth(terms.opening_price)).flatten(),
        area: terms.asset_area,
        term_months: terms.term_months,
    }
}

#[derive(Default)]
struct Found(Vec<FieldError>);

impl Found {
    fn add(&mut self, field: &str, seen: Option<String>, detail: String) {
        self.0.push(FieldError::new(field, seen.as_deref(), detail));
    }
}

/// Everything that is lacking; empty where the decision carries the trade.
pub fn gate(terms: &Terms, today: Day, rules: &Rules) -> Vec<FieldError> {
    let mut found = Found::default();
    let none = Decision::default();
    let decision = terms.decision.as_ref().unwrap_or(&none);
    meeting_day(&mut found, terms, today);
    body(&mut found, terms, decision, rules);
    numbers(&mut found, terms, decision, rules);
    publicity(&mut found, terms, decision, rules, today);
    found.0
}

fn meeting_day(found: &mut Found, terms: &Terms, today: Day) {
    match terms.decision_on {
        None => found.add("decision_on", None, "请填写民主决策的日期".to_owned()),
        Some(day) if day > today => {
            let detail = format!("决策日期 {day} 晚于今天 {today}，应是已经开过的会");
            found.add("decision_on", Some(day.to_string()), detail);
        }
        Some(_) => {}
    }
}

fn body(found: &mut Found, terms: &Terms, decision: &Decision, rules: &Rules) {
    let needed = rules.deciders(&deal(terms));
    let names = |rule: &Rule<crate::policy::Deciders>| {
        let all: Vec<&str> = rule.value.bodies.iter().map(|b| b.label()).collect();
        all.join("、")
    };
    match (decision.body, needed) {
        (None, Some(rule)) => {
            let detail = format!("请登记由谁表决；这一宗可以由{}表决（{}）", names(&rule), rule.basis);
            found.add("decision/body", None, detail);
        }
        (None, None) => found.add("decision/body", None, "请登记由谁表决".to_owned()),
        (Some(body), Some(rule)) if !rule.value.bodies.contains(&body) => {
            let detail = format!("登记的是{}，这一宗应由{}表决（{}）", body.label(), names(&rule), rule.basis);
            found.add("decision/body", Some(body.label().to_owned()), detail);
        }
        (Some(body), _) if rules.vote(body).is_none() => {
            let detail = format!("当地规则里没有{}的表决规定，请管理员补充，或者改由别的机构表决", body.label());
            found.add("decision/body", Some(body.label().to_owned()), detail);
        }
        _ => {}
    }
}

fn numbers(found: &mut Found, terms: &Terms, decision: &Decision, rules: &Rules) {
    let wanted = [
        ("decision/entitled", decision.entitled, "请填写应到人数"),
        ("decision/present", decision.present, "请填写实到人数"),
        ("decision/in_favour", decision.in_favour, "请填写赞成票数"),
    ];
    for (field, number, detail) in wanted {
        if number.is_none() {
            found.add(field, None, detail.to_owned());
        }
    }
    let (Some(body), Some(entitled)) = (decision.body, decision.entitled) else { return };
    let Some(rule) = rules.vote(body) else { return };
    let Vote { size, quorum, majority } = rule.value;
    let basis = &rule.basis;
    if entitled < size {
        let detail = format!("{}应到 {entitled} 人，至少应有 {size} 人（{basis}）", body.label());
        found.add("decision/entitled", Some(entitled.to_string()), detail);
    }
    let Some(present) = decision.present else { return };
    let least = quorum.least_of(entitled);
    if present < least {
        let detail =
            format!("应到 {entitled} 人，实到 {present} 人，至少应到会 {least} 人（{}；{basis}）", quorum.words());
        found.add("decision/present", Some(present.to_string()), detail);
    }
    let Some(in_favour) = decision.in_favour else { return };
    let matter = rules.deciders(&deal(terms)).and_then(|r| Some((r.value.majority?, r.basis)));
    let own = (majority, basis.clone());
    let short = |(majority, basis): (Majority, String)| {
        let least = majority.least(entitled, present);
        (in_favour < least).then(|| {
            let of = format!("{}人数的 {}", majority.of.label(), majority.share.words());
            (least, format!("赞成 {in_favour} 票，至少应有 {least} 票（{of}；{basis}）"))
        })
    };
    // Of the body's own majority and the matter's the one that asks for more.
    let worst = [Some(own), matter].into_iter().flatten().filter_map(short).max_by_key(|(least, _)| *least);
    if let Some((_, detail)) = worst {
        found.add("decision/in_favour", Some(in_favour.to_string()), detail);
    }
}

fn publicity(found: &mut Found, terms: &Terms, decision: &Decision, rules: &Rules, today: Day) {
    let days = &rules.decision_publicity_days;
    let (from, until) = match (decision.publicity_from, decision.publicity_until) {
        (Some(from), Some(until)) => (from, until),
        (from, _) => {
            let detail = format!("请填写决议公示的起止日期，公示不少于 {} 日（{}）", days.value, days.basis);
            let field = if from.is_none() { "decision/publicity_from" } else { "decision/publicity_until" };
            found.add(field, None, detail);
            return;
        }
    };
    if let Some(meeting) = terms.decision_on.filter(|meeting| from < *meeting) {
        let detail = format!("公示从 {from} 开始，早于开会的日期 {meeting}");
        found.add("decision/publicity_from", Some(from.to_string()), detail);
    }
    let least_until = from.plus_days(u64::from(days.value).saturating_sub(1));
    if until < least_until {
        let seen = days_of(from, until, days.value);
        let detail = format!(
            "决议公示了 {seen} 日，不少于 {} 日，从 {from} 起最早到 {least_until}（{}）",
            days.value, days.basis
        );
        found.add("decision/publicity_until", Some(until.to_string()), detail);
    } else if until >= today {
        let over = until.plus_days(1);
        let detail = format!("决议公示到 {until}，今天是 {today}，最早 {over} 才能办理");
        found.add("decision/publicity_until", Some(until.to_string()), detail);
    }
}

/// Days from the first to the last, both counted; never more than `most`.
fn days_of(from: Day, until: Day, most: u32) -> u32 {
    (0..most).take_while(|n| from.plus_days(u64::from(*n)) <= until).count().try_into().unwrap_or(most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kernel::{Area, Fen, codes::RegionCode},
        policy::{Body, PolicyBook},
        trading::listing::model::{AssetFacts, LotDraft},
    };

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn rules(on: &str) -> Rules {
        let place: RegionCode = "440703103213".parse().expect("a code");
        PolicyBook::shipped().rules_for(&place, day(on)).expect("rules")
    }

    /// A pond at 700 yuan/mu/year over 8 years: 131,600 yuan.
    fn terms() -> Terms {
        let draft: LotDraft = serde_json::from_value(serde_json::json!({
            "asset_id": "ast_1", "form": "contract", "term_months": 96, "price_unit": "yuan_per_mu_year",
            "opening_price": "700.00", "step_min": "10.00", "deposit": "10000.00", "decision_on": "2026-02-20",
            "decision": {"body": "member_representatives", "entitled": 45, "present": 40, "in_favour": 38,
                "publicity_from": "2026-02-21", "publicity_until": "2026-02-27"}
        }))
        .expect("a draft");
        let pond = AssetFacts {
            collective_code: "440703103213".into(),
            name: "鱼塘".into(),
            class: "pond".into(),
            location: "龙门里".into(),
            area: Area::from_mu_hundredths(2350),
            disposed: false,
        };
        super::super::check_draft(&draft, &pond, &rules("2026-03-02"), day("2026-03-02")).expect("terms")
    }

    /// Fields and sentences of what is lacking after a change.
    fn lacking(change: impl Fn(&mut Terms, &mut Decision)) -> Vec<(String, String)> {
        let mut terms = terms();
        let mut decision = terms.decision.take().expect("a decision");
        change(&mut terms, &mut decision);
        terms.decision = Some(decision);
        let found = gate(&terms, day("2026-03-02"), &rules("2026-02-20"));
        found.into_iter().map(|f| (f.field().to_owned(), f.detail)).collect()
    }

    fn vote(body: Body, entitled: u32, present: u32, in_favour: u32) -> Vec<(String, String)> {
        lacking(|terms, d| {
            terms.opening_price = Fen(100);
            (d.body, d.entitled, d.present, d.in_favour) = (Some(body), Some(entitled), Some(present), Some(in_favour));
        })
    }

    #[test]
    fn a_decision_that_adds_up_lets_the_lot_pass() {
        assert_eq!(lacking(|_, _| ()), []);
    }

    // domain 1.3 and 10.3, each number at its boundary.
    #[test]
    fn every_body_has_its_quorum_and_majority() {
        use Body::{Board, MemberAssembly, MemberRepresentatives};
        for (body, entitled, present, in_favour) in [
            (MemberAssembly, 800, 534, 534),
            (MemberAssembly, 801, 534, 534),
            (MemberAssembly, 799, 533, 533),
            (MemberRepresentatives, 45, 30, 30),
            (MemberRepresentatives, 46, 31, 31),
            (MemberRepresentatives, 21, 14, 14),
            (Board, 7, 5, 4),
            (Board, 5, 4, 3),
            (Board, 3, 2, 2),
        ] {
            assert_eq!(vote(body, entitled, present, in_favour), [], "{body} {entitled}");
            let one_short = vote(body, entitled, present, in_favour - 1);
            assert_eq!(one_short.len(), 1, "{body} {entitled}: {one_short:?}");
            assert_eq!(one_short[0].0, "decision/in_favour");
            let (seen, needed) = (format!("赞成 {} 票", in_favour - 1), format!("至少应有 {in_favour} 票"));
            assert!(one_short[0].1.contains(&seen) && one_short[0].1.contains(&needed), "{one_short:?}");
            let few = vote(body, entitled, present - 1, in_favour.min(present - 1));
            assert_eq!(few[0].0, "decision/present", "{few:?}");
            let (seen, needed) = (format!("实到 {} 人", present - 1), format!("至少应到会 {present} 人"));
            assert!(few[0].1.contains(&seen) && few[0].1.contains(&needed), "{few:?}");
        }
        let twenty = vote(MemberRepresentatives, 20, 20, 20);
        assert!(twenty[0].0 == "decision/entitled" && twenty[0].1.contains("至少应有 21 人"), "{twenty:?}");
    }

    #[test]
    fn a_matter_needs_its_body() {
        let board = |_: &mut Terms, d: &mut Decision| {
            (d.body, d.entitled, d.present, d.in_favour) = (Some(Body::Board), Some(5), Some(5), Some(5));
        };
        let dear = lacking(board);
        assert!(dear.len() == 1 && dear[0].0 == "decision/body", "131,600 yuan are no matter of the board: {dear:?}");
        assert!(dear[0].1.contains("理事会") && dear[0].1.contains("成员代表大会"), "{dear:?}");
        let small = lacking(|terms, d| {
            terms.opening_price = Fen(20_000);
            board(terms, d);
        });
        assert_eq!(small, [], "37,600 yuan are");
        // Land Administration Law art. 63: two thirds of all representatives, not only a majority of those there.
        let building_land = |in_favour| {
            lacking(|terms, d| {
                terms.asset_class = "construction_land".into();
                (d.body, d.entitled, d.present, d.in_favour) =
                    (Some(Body::VillagerRepresentatives), Some(45), Some(40), Some(in_favour));
            })
        };
        assert_eq!(building_land(30), []);
        let short = building_land(29);
        assert!(short[0].1.contains("赞成 29 票，至少应有 30 票") && short[0].1.contains("第六十三条"), "{short:?}");
    }

    #[test]
    fn publicity_is_long_enough_and_over() {
        let publicity = |from: &str, until: &str| {
            let (from, until) = (day(from), day(until));
            lacking(|_, d| (d.publicity_from, d.publicity_until) = (Some(from), Some(until)))
        };
        assert_eq!(publicity("2026-02-25", "2026-03-01"), [], "over since yesterday");
        let today = publicity("2026-02-25", "2026-03-02");
        assert!(today[0].1.contains("最早 2026-03-03"), "{today:?}");
        let short = publicity("2026-02-21", "2026-02-24");
        assert!(
            short[0].1.contains("公示了 4 日，不少于 5 日") && short[0].1.contains("最早到 2026-02-25"),
            "{short:?}"
        );
        let before = publicity("2026-02-19", "2026-02-27");
        assert!(before.len() == 1 && before[0].0 == "decision/publicity_from", "{before:?}");
    }

    #[test]
    fn what_is_not_filled_in_is_named() {
        let mut old = terms();
        (old.decision, old.decision_on) = (None, None);
        old.decision_summary = "成员代表应到 45 人，实到 40 人，赞成 38 票".into();
        let found = gate(&old, day("2026-03-02"), &rules("2026-03-02"));
        let fields: Vec<&str> = found.iter().map(FieldError::field).collect();
        assert_eq!(
            fields,
            [
                "decision_on",
                "decision/body",
                "decision/entitled",
                "decision/present",
                "decision/in_favour",
                "decision/publicity_from"
            ]
        );
        let mut early = terms();
        early.decision_on = Some(day("2026-03-03"));
        let found = gate(&early, day("2026-03-02"), &rules("2026-03-02"));
        assert!(found.iter().any(|f| f.field() == "decision_on"), "a meeting of tomorrow");
    }

    // Decision 49: square metres are never held against a threshold in yuan.
    #[test]
    fn floor_area_goes_by_its_estimated_value() {
        use crate::{policy::PlatformLevel, trading::price::PriceUnit};
        let built = |value: Option<i64>| {
            let mut terms = terms();
            (terms.price_unit, terms.opening_price) = (PriceUnit::FloorArea, Fen(324_000));
            terms.estimated_value = value.map(Fen);
            let decision = terms.decision.as_mut().expect("a decision");
            (decision.body, decision.entitled, decision.present, decision.in_favour) =
                (Some(Body::Board), Some(5), Some(5), Some(5));
            terms
        };
        let lacking = |terms: &Terms| -> Vec<String> {
            let found = gate(terms, day("2026-03-02"), &rules("2026-02-20"));
            found.into_iter().map(|f| f.field().to_owned()).collect()
        };
        // 3240 square metres read as yuan would be a matter of the board, and of the town, whatever they are worth.
        assert_eq!(lacking(&built(Some(5_000_000))), ["decision/body"], "50,000 yuan");
        assert_eq!(lacking(&built(Some(4_999_999))), [] as [String; 0]);
        let level = |value| rules("2026-03-02").platform_level(&deal(&built(Some(value)))).value;
        assert_eq!([level(500_000_000), level(499_999_999)], [PlatformLevel::County, PlatformLevel::Town]);
        assert_eq!(built(Some(100)).total(Fen(324_000)), None, "it has no total");
        assert_eq!(built(Some(10_000)).worth(Fen(648_000)), Some(Fen(20_000)));
    }
}
