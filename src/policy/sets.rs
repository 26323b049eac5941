//! Rule sets: parsed from TOML, chosen by region and day.

use std::{fmt, sync::LazyLock};

use toml::{Table, Value};

use super::rules::{KEYS, Rules};
use crate::kernel::{
    Day, Problem,
    codes::{RegionCode, RegionLevel},
};

crate::codes! {
    POLICY_MISSING 409 "policy_missing" "这一天没有适用的规则";
}

/// One file of rules for one place, or one that is chosen by name.
#[derive(Debug, Clone)]
pub struct RuleSet {
    pub name: String,
    /// Chinese title for pages.
    pub title: String,
    pub region: RegionCode,
    /// Chosen by name, never by place: a reference set such as the court's.
    pub by_name_only: bool,
    pub(super) entries: Vec<Entry>,
}

/// One rule as written.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub key: String,
    pub value: Value,
    pub from: Day,
    pub basis: String,
    pub verified: bool,
}

/// A set that cannot be used: which set, which key, why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFault {
    pub set: String,
    pub key: String,
    pub reason: String,
}

impl fmt::Display for PolicyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => write!(f, "规则集“{}”：{}", self.set, self.reason),
            key => write!(f, "规则集“{}”的规则“{key}”：{}", self.set, self.reason),
        }
    }
}
impl std::error::Error for PolicyFault {}

impl From<PolicyFault> for Problem {
    fn from(fault: PolicyFault) -> Self {
        Problem::new(&POLICY_MISSING, fault.to_string())
    }
}

impl RuleSet {
    /// Reads one set from TOML.
    ///
    /// # Errors
    /// A [`PolicyFault`] naming the key and the reason: a file that is no TOML, a missing or mistyped member, an unknown key,
    /// a value of the wrong kind, one key twice from the same day.
    pub fn parse(text: &str) -> Result<RuleSet, PolicyFault> {
        let fault = |set: &str, key: &str, reason: String| PolicyFault { set: set.into(), key: key.into(), reason };
        let table: Table =
            text.parse().map_err(|e: toml::de::Error| fault("", "", format!("不是 TOML 文件：{}", e.message())))?;
        let name = string(&table, "name").map_err(|r| fault("", "name", r))?;
        let at = |key: &str| {
            let (set, key) = (name.clone(), key.to_owned());
            move |reason| PolicyFault { set, key, reason }
        };
        let title = string(&table, "title").map_err(at("title"))?;
        let region = string(&table, "region").map_err(at("region"))?;
        let region: RegionCode =
            region.parse().map_err(|e: crate::kernel::codes::NotARegionCode| at("region")(e.to_string()))?;
        let by_name_only = match table.get("by_name_only") {
            None => false,
            Some(Value::Boolean(b)) => *b,
            Some(_) => return Err(at("by_name_only")("应为 true 或 false".into())),
        };
        known(&table, &["name", "title", "region", "by_name_only", "rule"]).map_err(at(""))?;
        let rules = match table.get("rule") {
            Some(Value::Array(rules)) => rules.as_slice(),
            None => &[],
            Some(_) => return Err(at("rule")("应写成若干 [[rule]]".into())),
        };
        let mut entries: Vec<Entry> = Vec::new();
        for rule in rules {
            let rule = rule.as_table().ok_or_else(|| at("rule")("应写成若干 [[rule]]".into()))?;
            let key = string(rule, "key").map_err(at("rule.key"))?;
            let entry = Entry::read(rule, &key).map_err(at(&key))?;
            if entries.iter().any(|e| e.key == key && e.from == entry.from) {
                return Err(at(&key)(format!("自 {} 起的规则写了两遍", entry.from)));
            }
            entries.push(entry);
        }
        Ok(RuleSet { name, title, region, by_name_only, entries })
    }

    /// The rule for `key` that is in force on `day`.
    fn in_force(&self, key: &str, day: Day) -> Option<&Entry> {
        self.entries.iter().filter(|e| e.key == key && e.from <= day).max_by_key(|e| e.from)
    }
}

impl Entry {
    fn read(rule: &Table, key: &str) -> Result<Entry, String> {
        known(rule, &["key", "value", "from", "basis", "verified"])?;
        let (_, check) = KEYS
            .iter()
            .find(|(known, _)| *known == key)
            .ok_or_else(|| format!("没有这个规则；可用的有：{}", KEYS.map(|(k, _)| k).join("、")))?;
        let value = rule.get("value").ok_or("缺少 value")?.clone();
        check(&value)?;
        let from = string(rule, "from")?.parse().map_err(|e| format!("from：{e}"))?;
        let basis = string(rule, "basis")?;
        if basis.trim().is_empty() {
            return Err("basis 应写明依据".into());
        }
        let verified = match rule.get("verified") {
            Some(Value::Boolean(b)) => *b,
            _ => return Err("verified 应为 true 或 false".into()),
        };
        Ok(Entry { key: key.to_owned(), value, from, basis, verified })
    }
}

fn string(table: &Table, key: &str) -> Result<String, String> {
    match table.get(key) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(format!("{key} 应为文字")),
        None => Err(format!("缺少 {key}")),
    }
}

fn known(table: &Table, members: &[&str]) -> Result<(), String> {
    match table.keys().find(|k| !members.contains(&k.as_str())) {
        Some(other) => Err(format!("不认识的项 {other}；可用的有：{}", members.join("、"))),
        None => Ok(()),
    }
}

/// All sets a server knows.
#[derive(Debug, Clone, Default)]
pub struct PolicyBook {
    sets: Vec<RuleSet>,
}

impl PolicyBook {
    /// The sets that come with the program: national, Guangdong, court.
    pub fn shipped() -> &'static PolicyBook {
        // A test reads the embedded files, so a book without rules, which refuses every question, is never seen.
        static SHIPPED: LazyLock<PolicyBook> =
            LazyLock::new(|| PolicyBook::from_files(&SHIPPED_FILES).unwrap_or_default());
        &SHIPPED
    }

    /// A book from the texts of several files.
    ///
    /// # Errors
    /// The first set that cannot be read, or two of one name.
    pub fn from_files(files: &[&str]) -> Result<PolicyBook, PolicyFault> {
        files.iter().try_fold(PolicyBook::default(), |book, text| {
            let set = RuleSet::parse(text)?;
            match book.sets.iter().any(|s| s.name == set.name) {
                true => Err(PolicyFault {
                    set: set.name, key: String::new(), reason: "同名的规则集写了两遍".into()
                }),
                false => Ok(book.with(set)),
            }
        })
    }

    /// This book with `set` added, or put in the place of the one of its name.
    #[must_use]
    pub fn with(mut self, set: RuleSet) -> PolicyBook {
        self.sets.retain(|s| s.name != set.name);
        self.sets.push(set);
        self
    }

    pub fn sets(&self) -> &[RuleSet] {
        &self.sets
    }

    /// The rules in force for a place on a day: for each key the nearest place above that has it.
    ///
    /// # Errors
    /// A [`PolicyFault`] naming a key for which no set has a rule on that day.
    pub fn rules_for(&self, region: &RegionCode, day: Day) -> Result<Rules, PolicyFault> {
        let mut sets: Vec<&RuleSet> =
            self.sets.iter().filter(|s| !s.by_name_only && s.region.contains(region)).collect();
        sets.sort_by_key(|s| std::cmp::Reverse(s.region.level()));
        Rules::resolve(day, |key| find(&sets, key, day))
    }

    /// The rules of a set chosen by name, the national rules filling what it leaves open.
    ///
    /// # Errors
    /// A set of that name is not there, or a key has no rule on that day.
    pub fn rules_named(&self, name: &str, day: Day) -> Result<Rules, PolicyFault> {
        let missing = || PolicyFault { set: name.into(), key: String::new(), reason: "没有这个规则集".into() };
        let chosen = self.sets.iter().find(|s| s.name == name).ok_or_else(missing)?;
        let national = self.sets.iter().filter(|s| !s.by_name_only && s.region.level() == RegionLevel::Country);
        let sets: Vec<&RuleSet> = std::iter::once(chosen).chain(national).collect();
        Rules::resolve(day, |key| find(&sets, key, day))
    }
}

fn find<'a>(sets: &[&'a RuleSet], key: &str, day: Day) -> Option<(&'a RuleSet, &'a Entry)> {
    sets.iter().find_map(|set| set.in_force(key, day).map(|entry| (*set, entry)))
}

const SHIPPED_FILES: [&str; 3] = [
    include_str!("../../policies/national.toml"),
    include_str!("../../policies/guangdong.toml"),
    include_str!("../../policies/court.toml"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kernel::Area,
        policy::{DepositShare, Terrain},
    };

    fn day(text: &str) -> Day {
        text.parse().unwrap_or_else(|_| panic!("{text}"))
    }
    fn region(text: &str) -> RegionCode {
        text.parse().unwrap_or_else(|_| panic!("{text}"))
    }

    #[test]
    fn the_shipped_sets_answer_for_every_place() {
        let book = PolicyBook::from_files(&SHIPPED_FILES).expect("the embedded sets");
        let village = book.rules_for(&region("440703103204"), day("2026-03-02")).expect("Guangdong");
        assert_eq!(
            (village.result_notice_working_days.value, village.result_notice_working_days.set.as_str()),
            (5, "guangdong")
        );
        assert_eq!(village.homestead_limit(Terrain::Plain).map(|r| r.value), Some(Area(8_000)));
        assert_eq!(village.homestead_limit(Terrain::Mountain).map(|r| r.value), Some(Area(15_000)));
        assert_eq!(village.max_lease_months("pond").value, 240);
        assert!(village.reviewer_differs.value && !village.notice_working_days.verified);
        let elsewhere = book.rules_for(&region("330106000000"), day("2026-03-02")).expect("Zhejiang");
        assert_eq!((elsewhere.result_notice_working_days.value, elsewhere.homestead_limit(Terrain::Hill)), (3, None));
        let court = book.rules_named("court", day("2026-03-02")).expect("court");
        assert_eq!(court.deposit_share.value, DepositShare { min_bp: 500, max_bp: 2000 });
        assert_eq!((court.extension.value.window_s, court.refund_working_days.value), (300, 1));
        assert_eq!(court.reviewer_differs.set, "national", "what the court set leaves open");
    }

    #[test]
    fn the_nearest_place_and_the_latest_day_win() {
        let town = RuleSet::parse(
            r#"
            name = "duruan"
            title = "杜阮镇"
            region = "440703103000"
            [[rule]]
            key = "notice_working_days"
            value = 10
            from = "2026-01-01"
            basis = "镇办〔2025〕12 号"
            verified = true
            [[rule]]
            key = "notice_working_days"
            value = 12
            from = "2026-07-01"
            basis = "镇办〔2026〕3 号"
            verified = true
            [[rule]]
            key = "max_lease_months"
            value = { default = 240, house = 120 }
            from = "2026-01-01"
            basis = "镇办〔2025〕12 号"
            verified = true
            "#,
        )
        .expect("a set");
        let book = PolicyBook::shipped().clone().with(town);
        let notice = |place: &str, on: &str| {
            book.rules_for(&region(place), day(on)).map(|r| r.notice_working_days.value).expect("rules")
        };
        assert_eq!(notice("440703103204", "2025-12-31"), 7);
        assert_eq!(notice("440703103204", "2026-03-02"), 10);
        assert_eq!(notice("440703103204", "2026-07-01"), 12);
        assert_eq!(notice("440703102204", "2026-07-01"), 7, "the neighbour town");
        let rules = book.rules_for(&region("44070310320401"), day("2026-03-02")).expect("rules");
        assert_eq!((rules.max_lease_months("house").value, rules.max_lease_months("pond").value), (120, 240));
        let before_any = book.rules_for(&region("440703103204"), day("1998-01-01")).expect_err("no rule yet");
        assert!(before_any.to_string().contains("notice_working_days"), "{before_any}");
    }

    #[test]
    fn a_set_that_cannot_be_read_names_key_and_reason() {
        let head = "name='x'\ntitle='x'\nregion='440000000000'\n";
        let rule = |key: &str, value: &str, rest: &str| {
            let text = format!("{head}[[rule]]\nkey='{key}'\nvalue={value}\n{rest}");
            RuleSet::parse(&text).expect_err("refused").to_string()
        };
        let rest = "from='2026-01-01'\nbasis='x'\nverified=true\n";
        for (message, words) in [
            (rule("notice_working_days", "'seven'", rest), ["notice_working_days", "整数"]),
            (rule("notice_working_days", "-1", rest), ["notice_working_days", "整数"]),
            (rule("notice_days", "7", rest), ["notice_days", "没有这个规则"]),
            (rule("extension", "{ window_s = 300 }", rest), ["extension", "by_s"]),
            (rule("deposit_share_bp", "{ min = 3000, max = 2000 }", rest), ["deposit_share_bp", "min"]),
            (rule("homestead_limit_m2", "{ plain = 80 }", rest), ["homestead_limit_m2", "plain"]),
            (rule("max_lease_months", "{ house = 80 }", rest), ["max_lease_months", "default"]),
            (rule("reviewer_differs", "1", rest), ["reviewer_differs", "true"]),
            (rule("min_bidders", "1", "from='2026-02-30'\nbasis='x'\nverified=true"), ["min_bidders", "from"]),
            (rule("min_bidders", "1", "from='2026-01-01'\nverified=true"), ["min_bidders", "basis"]),
            (rule("min_bidders", "1", "from='2026-01-01'\nbasis='x'"), ["min_bidders", "verified"]),
            (rule("min_bidders", "1", &format!("{rest}note='x'")), ["min_bidders", "note"]),
            (
                rule("min_bidders", "1", &format!("{rest}[[rule]]\nkey='min_bidders'\nvalue=2\n{rest}")),
                ["min_bidders", "两遍"],
            ),
            (RuleSet::parse("name=").expect_err("refused").to_string(), ["TOML", ""]),
            (RuleSet::parse("name='x'\ntitle='x'\nregion='44'").expect_err("refused").to_string(), ["region", "12"]),
        ] {
            assert!(words.iter().all(|w| message.contains(w)), "{message} should name {words:?}");
        }
    }
}
