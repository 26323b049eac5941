//! When facts make a contract that can go on record, and what a person should look at. Pure.

use super::model::{ContractFacts, Kind, State};
use crate::{
    codes,
    kernel::{Day, Fen, FieldError, Problem, text::read_name},
};

codes! {
    CONTRACT_CODE_TAKEN 409 "contract_code_taken" "这个合同编码已经用过";
    CONTRACT_IMPORT_REFUSED 422 "contract_import_refused" "表格里有需要修改的行，没有写入任何记录";
}

/// More than this is a slip of the keyboard: 100 billion yuan.
const MOST_VALUE: Fen = Fen(10_000_000_000_000);
/// Civil Code art. 705: a lease runs at most twenty years.
const LONGEST_LEASE_MONTHS: u32 = 240;

/// Tidies the texts and tests everything; all faults are told at once, each with its field.
///
/// Rules: name and other side are given; the end lies after the start, and what comes back to the collective has one; a quantity
/// has its unit; amounts are not negative; texts are bounded.
pub fn check(mut facts: ContractFacts) -> Result<ContractFacts, Problem> {
    let mut faults = Vec::new();
    match read_name(&facts.name) {
        Ok(name) => facts.name = name.value,
        Err(fault) => faults.push(FieldError::new("name", Some(&facts.name), fault.to_string())),
    }
    for text in [&mut facts.subject, &mut facts.lessee, &mut facts.payment_terms, &mut facts.note] {
        *text = text.trim().to_owned();
    }
    for text in [&mut facts.code, &mut facts.unit] {
        *text = text.take().map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
    }
    if facts.lessee.is_empty() {
        faults.push(FieldError::new("lessee", None, "请填写承租人（对方）的姓名或单位名称"));
    }
    let texts = [
        ("code", facts.code.as_deref().unwrap_or(""), 40),
        ("unit", facts.unit.as_deref().unwrap_or(""), 10),
        ("subject", facts.subject.as_str(), 200),
        ("lessee", facts.lessee.as_str(), 100),
        ("payment_terms", facts.payment_terms.as_str(), 500),
        ("note", facts.note.as_str(), 1000),
    ];
    for (field, text, longest) in texts {
        let length = text.chars().count();
        if length > longest {
            let detail = format!("最多 {longest} 个字，现在是 {length} 个字，请缩短");
            faults.push(FieldError::new(field, Some(text), detail));
        } else if text.chars().any(|c| c.is_control() && c != '\n' || c == '\u{fffd}') {
            faults.push(FieldError::new(field, None, "里面有乱码或看不见的字符，请重新输入"));
        }
    }
    match facts.ends_on {
        Some(end) if end <= facts.starts_on => {
            let detail = format!("终止日期要在起始日期 {} 之后，请核对", facts.starts_on);
            faults.push(FieldError::new("ends_on", Some(&end.to_string()), detail));
        }
        None if facts.kind.has_term() => {
            faults.push(FieldError::new("ends_on", None, format!("{}要填写终止日期", facts.kind.label())));
        }
        _ => {}
    }
    if facts.quantity.is_some() && facts.unit.is_none() {
        faults.push(FieldError::new("unit", None, "填写了数量，还要填写单位，例如 亩、平方米、间"));
    }
    for (field, amount) in [("annual_rent", facts.annual_rent), ("total", facts.total)] {
        if amount.is_some_and(|a| !(Fen::ZERO..=MOST_VALUE).contains(&a)) {
            faults.push(FieldError::new(field, None, "金额应在 0 到 1000 亿元之间，请核对单位是元还是万元"));
        }
    }
    if faults.is_empty() { Ok(facts) } else { Err(Problem::fields(faults)) }
}

/// Whether days and amounts of a contract on record can stand. Unlike [`check`], which may ask for more tomorrow, this holds
/// for every row that was ever written.
pub fn adds_up(facts: &ContractFacts) -> bool {
    let amounts = [facts.annual_rent, facts.total];
    facts.ends_on.is_none_or(|end| end > facts.starts_on)
        && amounts.into_iter().flatten().all(|amount| (Fen::ZERO..=MOST_VALUE).contains(&amount))
}

/// What is on record as it was signed and yet should be looked at, each with what it concerns.
pub fn warnings(facts: &ContractFacts, today: Day) -> Vec<FieldError> {
    let mut found = Vec::new();
    let longest = facts.starts_on.plus_months(LONGEST_LEASE_MONTHS);
    if facts.kind == Kind::Lease && facts.ends_on.is_some_and(|end| end > longest) {
        found.push(FieldError::new(
            "ends_on",
            None,
            format!(
                "租赁期限超过二十年，超过的部分法律不予承认（民法典第七百零五条）；请与对方协商改到 {longest} 或以前"
            ),
        ));
    }
    if facts.signed_on.is_some_and(|signed| signed > facts.starts_on) {
        found.push(FieldError::new("signed_on", None, "签订日期晚于起始日期，请核对是不是补签"));
    }
    if facts.state == State::Running && facts.ends_on.is_some_and(|end| end < today) {
        found.push(FieldError::new("state", None, "合同已过终止日期，还登记为履行中；请收回、续约或改为已到期"));
    }
    if facts.state == State::Ended && facts.ends_on.is_some_and(|end| end >= today) {
        found.push(FieldError::new("state", None, "还没有到终止日期，提前结束的请改为已解除"));
    }
    found
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::contracts::model::{LesseeKind, Method, Quantity};

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    pub fn lease() -> ContractFacts {
        ContractFacts {
            code: Some("HT-001".into()),
            name: "市场东侧铺位租赁合同".into(),
            kind: Kind::Lease,
            asset: None,
            subject: "市场东侧铺位 12 号".into(),
            lessee: "梁国栋".into(),
            lessee_kind: LesseeKind::Person,
            signed_on: Some(day("2025-12-20")),
            starts_on: day("2026-01-01"),
            ends_on: Some(day("2030-12-31")),
            quantity: Some(Quantity(480_000)),
            unit: Some("平方米".into()),
            annual_rent: Some(Fen(1_200_000)),
            total: Some(Fen(6_000_000)),
            method: Some(Method::OpenBidding),
            payment_terms: "每年 1 月 10 日前付清当年租金".into(),
            state: State::Running,
            note: String::new(),
        }
    }

    fn fields(facts: ContractFacts) -> Vec<String> {
        check(facts).err().map(|p| p.fields.iter().map(|f| f.field().to_owned()).collect()).unwrap_or_default()
    }

    #[test]
    fn a_lease_goes_on_record_and_each_rule_names_its_field() {
        assert_eq!(check(lease()).expect("good"), lease());
        assert_eq!(fields(ContractFacts { name: " ".into(), lessee: " ".into(), ..lease() }), ["name", "lessee"]);
        assert_eq!(fields(ContractFacts { ends_on: Some(day("2026-01-01")), ..lease() }), ["ends_on"]);
        assert_eq!(fields(ContractFacts { ends_on: None, ..lease() }), ["ends_on"]);
        assert!(fields(ContractFacts { ends_on: None, kind: Kind::Transfer, ..lease() }).is_empty());
        assert_eq!(fields(ContractFacts { unit: Some(" ".into()), ..lease() }), ["unit"]);
        assert_eq!(fields(ContractFacts { total: Some(Fen(-1)), ..lease() }), ["total"]);
        assert_eq!(fields(ContractFacts { note: "长".repeat(1001), ..lease() }), ["note"]);
        assert_eq!(fields(ContractFacts { lessee: "a\u{0}".into(), ..lease() }), ["lessee"]);
    }

    #[test]
    fn twenty_years_are_allowed_and_a_day_more_is_warned_of() {
        let warned = |facts: &ContractFacts, today: &str| -> Vec<String> {
            warnings(facts, day(today)).iter().map(|w| w.field().to_owned()).collect()
        };
        let until = |end: &str| ContractFacts { ends_on: Some(day(end)), ..lease() };
        assert!(warned(&until("2046-01-01"), "2026-03-02").is_empty());
        assert_eq!(warned(&until("2046-01-02"), "2026-03-02"), ["ends_on"]);
        let land = ContractFacts { kind: Kind::LandContract, ..until("2056-01-01") };
        assert!(warned(&land, "2026-03-02").is_empty(), "the twenty years are the lease's");
        assert_eq!(warned(&lease(), "2031-01-01"), ["state"]);
        assert!(warned(&lease(), "2030-12-31").is_empty());
        assert_eq!(
            warned(&ContractFacts { signed_on: Some(day("2026-01-02")), ..lease() }, "2026-03-02"),
            ["signed_on"]
        );
        assert_eq!(warned(&ContractFacts { state: State::Ended, ..lease() }, "2026-03-02"), ["state"]);
    }

    #[test]
    fn the_public_sees_a_persons_name_masked() {
        assert_eq!(lease().lessee_for_the_public(), "梁**");
        let shop =
            ContractFacts {
                lessee: "江门市某某食品厂".into(), lessee_kind: LesseeKind::Organisation, ..lease()
            };
        assert_eq!(shop.lessee_for_the_public(), "江门市某某食品厂");
    }
}
