//! What an exclusion may say, on which days it holds, and what who is refused is told. Pure.

use super::model::{Ground, Lifting, NewExclusion, Standing};
use crate::{
    kernel::{Day, FieldError, Problem, codes::RegionCode, text},
    policy::Rule,
    trading::enrolment,
};

crate::codes! {
    EXCLUDED 409 "excluded" "您在限制竞买名单上，现在不能报名";
    EXCLUSION_LIFTED 409 "exclusion_lifted" "这条限制已经解除，不能再次解除";
}

const LONGEST_NUMBER: usize = 60;
const LONGEST_NOTE: usize = 200;

/// What was typed, read and checked.
#[derive(Debug, PartialEq, Eq)]
pub struct Read {
    pub region_code: RegionCode,
    pub name: String,
    /// In its one form.
    pub id_number: String,
    pub note: String,
    pub decision_number: String,
    pub from: Day,
    pub until: Option<Day>,
}

fn line(field: &str, typed: &str, most: usize, example: &str, errors: &mut Vec<FieldError>) -> String {
    let text = typed.trim();
    if text.is_empty() || text.chars().count() > most || text.chars().any(char::is_control) {
        let detail = format!("请填写，最多 {most} 个字，写在一行里；例如 {example}");
        errors.push(FieldError::new(field, Some(text), detail));
    }
    text.to_owned()
}

/// Errors: every field that cannot stand; the period is at most `most_months` long.
pub fn read(new: &NewExclusion, today: Day, most_months: &Rule<u32>) -> Result<Read, Problem> {
    let mut errors = Vec::new();
    let region_code = RegionCode::read(&new.region_code);
    let region_code =
        region_code.map_err(|e| errors.push(FieldError::new("region_code", Some(&new.region_code), e.to_string())));
    let name = text::read_name(&new.name);
    let name = name.map_err(|e| errors.push(FieldError::new("name", Some(&new.name), e.to_string())));
    let id_number = enrolment::read_id_number(new.kind, &new.id_number, today);
    let id_number = id_number.map_err(|detail| errors.push(FieldError::new("id_number", None, detail)));
    let decision_number =
        line("decision_number", &new.decision_number, LONGEST_NUMBER, "杜阮镇交易〔2026〕3号", &mut errors);
    let note = new.note.trim();
    let note = if note.is_empty() && new.ground != Ground::Other {
        String::new()
    } else {
        line("note", note, LONGEST_NOTE, "竞得龙门里 3 号鱼塘后不签合同", &mut errors)
    };
    let period = read_period(new, today, most_months).map_err(|faults| errors.extend(faults));
    match (region_code, name, id_number, period) {
        (Ok(region_code), Ok(name), Ok(id_number), Ok((from, until))) if errors.is_empty() => {
            Ok(Read { region_code, name: name.value, id_number, note, decision_number, from, until })
        }
        _ => Err(Problem::fields(errors)),
    }
}

fn read_period(new: &NewExclusion, today: Day, most_months: &Rule<u32>) -> Result<(Day, Option<Day>), Vec<FieldError>> {
    let typed = |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    let day = |field: &str, text: &str| {
        text::read_day(text).map_err(|e| vec![FieldError::new(field, Some(text), e.to_string())])
    };
    let from = typed(&new.from).map_or(Ok(today), |text| day("from", &text))?;
    match (typed(&new.until), new.until_lifted) {
        (None, true) => Ok((from, None)),
        (None, false) => {
            let detail = "请填写最后一天；处理决定没有写期限的，勾选“决定没有写期限”";
            Err(vec![FieldError::new("until", None, detail)])
        }
        (Some(text), true) => {
            let detail = "勾选了“决定没有写期限”，就不要再填最后一天";
            Err(vec![FieldError::new("until", Some(&text), detail)])
        }
        (Some(text), false) => {
            let until = day("until", &text)?;
            check_period(from, Some(until), today, most_months)
                .map_err(|detail| vec![FieldError::new("until", Some(&text), detail)])?;
            Ok((from, Some(until)))
        }
    }
}

/// Errors, in a sentence: a last day before the first, one that is over, one further away than the policy allows.
pub fn check_period(from: Day, until: Option<Day>, today: Day, most_months: &Rule<u32>) -> Result<(), String> {
    let Some(until) = until else { return Ok(()) };
    let last = from.plus_months(most_months.value);
    if until < from || until < today {
        return Err(format!("最后一天不能早于 {}", from.max(today)));
    }
    if until > last {
        return Err(format!("从 {from} 起最长 {} 个月，最迟到 {last}（{}）", most_months.value, most_months.basis));
    }
    Ok(())
}

/// Errors: field errors. A decision does not lift itself.
pub fn read_lifting(lifting: &Lifting, decision_number: &str) -> Result<(String, String), Problem> {
    let mut errors = Vec::new();
    let number =
        line("decision_number", &lifting.decision_number, LONGEST_NUMBER, "杜阮镇交易〔2026〕9号", &mut errors);
    if number == decision_number {
        let detail = "解除要有另一份决定，请填写解除决定的文号";
        errors.push(FieldError::new("decision_number", Some(&number), detail));
    }
    let reason = line("reason", &lifting.reason, LONGEST_NOTE, "已付清欠租", &mut errors);
    if errors.is_empty() { Ok((number, reason)) } else { Err(Problem::fields(errors)) }
}

/// First and last day count.
pub fn standing(from: Day, until: Option<Day>, lifted: bool, day: Day) -> Standing {
    match (lifted, until) {
        (true, _) => Standing::Lifted,
        (false, _) if day < from => Standing::Ahead,
        (false, Some(until)) if day > until => Standing::Over,
        (false, _) => Standing::InForce,
    }
}

/// What an exclusion says to the person whom it is about.
#[derive(Debug)]
pub struct Told<'a> {
    pub ground: Ground,
    pub note: &'a str,
    pub decision_number: &'a str,
    pub until: Option<Day>,
}

/// The refusal: ground, decision, until when, whom to ask. Ground and decision are told only to who gave the name that goes
/// with the number: with a number alone nobody learns what was decided over another.
pub fn refusal(told: &Told<'_>, knows_the_name: bool, whom_to_ask: &str) -> Problem {
    let ask = if whom_to_ask.is_empty() { "镇街交易服务窗口" } else { whom_to_ask };
    if !knows_the_name {
        let detail = format!("这个证件号现在不能报名；请本人带证件向 {ask} 了解");
        return Problem::new(&EXCLUDED, detail);
    }
    let until = told.until.map_or("解除之前".to_owned(), |day| format!("{day} 以前（含当天）"));
    let note = if told.note.is_empty() { String::new() } else { format!("，{}", told.note) };
    let detail = format!(
        "因{}{note}，按 {} 号决定，{until}不能在本区域报名；不服或已改正的，请向 {ask} 了解和申请解除",
        told.ground.label(),
        told.decision_number
    );
    let problem = Problem::new(&EXCLUDED, detail);
    match told.until {
        Some(day) => problem.with("until", day.to_string()),
        None => problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trading::enrolment::BidderKind;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn months(value: u32) -> Rule<u32> {
        Rule { value, basis: "当地办法".into(), from: day("2026-01-01"), verified: false, set: "x".into() }
    }

    fn new() -> NewExclusion {
        NewExclusion {
            region_code: "440703103".into(),
            kind: BidderKind::Organisation,
            name: "江门市某某养殖有限公司".into(),
            id_number: "N2440703MF0000013M".into(),
            ground: Ground::Arrears,
            note: String::new(),
            decision_number: "杜阮镇交易〔2026〕3号".into(),
            from: None,
            until: Some("2027年3月2日".into()),
            until_lifted: false,
        }
    }

    fn faults(new: &NewExclusion) -> Vec<String> {
        match read(new, day("2026-03-02"), &months(12)) {
            Ok(_) => Vec::new(),
            Err(problem) => problem.fields.iter().map(|f| f.field().to_owned()).collect(),
        }
    }

    #[test]
    fn a_period_ends_and_is_not_longer_than_the_policy_says() {
        assert_eq!(faults(&new()), Vec::<String>::new(), "twelve months to the day");
        let until = |text: &str| NewExclusion { until: Some(text.into()), ..new() };
        assert_eq!(faults(&until("2027-03-03")), ["until"]);
        assert_eq!(faults(&until("2026-03-01")), ["until"], "it would be over");
        assert_eq!(faults(&NewExclusion { until: None, ..new() }), ["until"]);
        assert_eq!(faults(&NewExclusion { until_lifted: true, ..new() }), ["until"]);
        assert_eq!(faults(&NewExclusion { until: None, until_lifted: true, ..new() }), Vec::<String>::new());
        assert_eq!(faults(&NewExclusion { ground: Ground::Other, ..new() }), ["note"]);
        assert_eq!(faults(&NewExclusion { decision_number: " ".into(), ..new() }), ["decision_number"]);
    }

    #[test]
    fn first_and_last_day_count() {
        let on = |text: &str| standing(day("2026-03-02"), Some(day("2026-03-04")), false, day(text));
        assert_eq!(on("2026-03-01"), Standing::Ahead);
        assert_eq!((on("2026-03-02"), on("2026-03-04")), (Standing::InForce, Standing::InForce));
        assert_eq!(on("2026-03-05"), Standing::Over);
        assert_eq!(standing(day("2026-03-02"), None, true, day("2026-03-03")), Standing::Lifted);
    }

    #[test]
    fn a_number_alone_tells_nothing_of_what_was_decided() {
        let told = Told { ground: Ground::Collusion, note: "", decision_number: "3", until: Some(day("2027-03-02")) };
        let own = refusal(&told, true, "杜阮镇 0750-0000000").detail;
        assert!(own.contains("串通") && own.contains("2027-03-02") && own.contains("0750-0000000"), "{own}");
        let strange = refusal(&told, false, "杜阮镇 0750-0000000");
        assert!(!strange.detail.contains("串通") && strange.extra.is_empty(), "{strange:?}");
    }

    #[test]
    fn another_decision_lifts() {
        let lifting = |number: &str| Lifting { decision_number: number.into(), reason: "已付清".into() };
        assert!(read_lifting(&lifting("3"), "3").is_err());
        assert!(read_lifting(&lifting("9"), "3").is_ok());
    }
}
