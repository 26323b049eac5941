//! Rules that depend on what is traded: rows of conditions, of which the first that holds wins.

use toml::Value;

use super::votes::{Body, Majority};
use crate::kernel::{Area, Fen};

crate::text_enum! {
    /// On which platform a trade is held; who publishes it has a place of this level or above.
    pub enum PlatformLevel {
        Village = "village" => "村级",
        Town = "town" => "镇街级",
        County = "county" => "县区级",
    }
}

/// A trade as far as thresholds look at it. The amount is the whole price over the term, so that a long lease at a low
/// yearly rent is no small trade.
#[derive(Debug, Clone, Copy)]
pub struct Deal<'a> {
    /// Words of the asset's class and of the form of the deal.
    pub class: &'a str,
    pub form: &'a str,
    /// `None` while there is no price.
    pub total: Option<Fen>,
    pub area: Option<Area>,
    pub term_months: u32,
}

/// When a row holds; what it leaves out does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct When {
    classes: Vec<String>,
    forms: Vec<String>,
    amount: Option<Fen>,
    area: Option<Area>,
    term_months: Option<u32>,
}

/// What a row says, and its own basis where it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<T> {
    when: When,
    pub value: T,
    pub basis: Option<String>,
}

/// Which bodies may decide, and the majority that the matter needs besides what the body's own rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deciders {
    pub bodies: Vec<Body>,
    pub majority: Option<Majority>,
}

impl When {
    fn holds(&self, deal: &Deal<'_>) -> bool {
        let named = |words: &[String], word: &str| words.is_empty() || words.iter().any(|w| w == word);
        named(&self.classes, deal.class)
            && named(&self.forms, deal.form)
            && self.amount.is_none_or(|least| deal.total.is_some_and(|total| total >= least))
            && self.area.is_none_or(|least| deal.area.is_some_and(|area| area >= least))
            && self.term_months.is_none_or(|least| deal.term_months >= least)
    }

    fn read(row: &Value) -> Result<When, String> {
        let words = |name: &str| match row.get(name) {
            None => Ok(Vec::new()),
            Some(Value::String(word)) => Ok(vec![word.clone()]),
            Some(Value::Array(all)) => all
                .iter()
                .map(|word| word.as_str().map(str::to_owned).ok_or_else(|| format!("{name} 应为文字")))
                .collect(),
            Some(_) => Err(format!("{name} 应为文字或若干文字")),
        };
        let decimal = |name: &str| match row.get(name) {
            None => Ok(None),
            Some(found) => {
                found.as_str().map(Some).ok_or_else(|| format!("{name} 应为带两位小数的文字，例如 \"50000.00\""))
            }
        };
        let wrong = |name: &str| format!("{name} 应为带两位小数的文字，例如 \"50000.00\"");
        let amount = decimal("amount_at_least")?.map(str::parse).transpose().map_err(|_| wrong("amount_at_least"))?;
        let area = decimal("area_at_least")?.map(str::parse).transpose().map_err(|_| wrong("area_at_least"))?;
        let term_months = match row.get("term_at_least") {
            None => None,
            Some(_) => Some(months(row, "term_at_least")?),
        };
        Ok(When { classes: words("class")?, forms: words("form")?, amount, area, term_months })
    }
}

/// The first row that holds.
pub(super) fn first<'r, T>(rows: &'r [Row<T>], deal: &Deal<'_>) -> Option<&'r Row<T>> {
    rows.iter().find(|row| row.when.holds(deal))
}

fn rows<T>(value: &Value, own: &[&str], read: impl Fn(&Value) -> Result<T, String>) -> Result<Vec<Row<T>>, String> {
    const WHEN: [&str; 6] = ["class", "form", "amount_at_least", "area_at_least", "term_at_least", "basis"];
    let all = value.as_array().ok_or("value 应写成若干行：[{ … }, { … }]")?;
    all.iter()
        .map(|row| {
            let table = row.as_table().ok_or("每一行应写成 { … }")?;
            if let Some(other) = table.keys().find(|k| !WHEN.contains(&k.as_str()) && !own.contains(&k.as_str())) {
                return Err(format!("不认识的项 {other}；可用的有：{}、{}", WHEN.join("、"), own.join("、")));
            }
            let basis = row.get("basis").and_then(Value::as_str).map(str::to_owned);
            Ok(Row { when: When::read(row)?, value: read(row)?, basis })
        })
        .collect()
}

fn months(row: &Value, name: &str) -> Result<u32, String> {
    let found = row.get(name).and_then(Value::as_integer).and_then(|n| u32::try_from(n).ok());
    found.filter(|n| *n <= 1200).ok_or_else(|| format!("{name} 应为月数，0 到 1200"))
}

pub(super) fn levels(value: &Value) -> Result<Vec<Row<PlatformLevel>>, String> {
    rows(value, &["level"], |row| row.get("level").and_then(Value::as_str).ok_or("每一行应写明 level")?.parse())
}

pub(super) fn terms(value: &Value) -> Result<Vec<Row<u32>>, String> {
    rows(value, &["months"], |row| months(row, "months"))
}

pub(super) fn deciders(value: &Value) -> Result<Vec<Row<Deciders>>, String> {
    rows(value, &["bodies", "pass", "of"], |row| {
        let bodies = row.get("bodies").and_then(Value::as_array).ok_or("每一行应写明 bodies")?;
        let bodies = bodies
            .iter()
            .map(|body| body.as_str().ok_or_else(|| "bodies 应为若干文字".to_owned())?.parse())
            .collect::<Result<Vec<Body>, String>>()?;
        let majority = row.get("pass").map(|_| Majority::read(row)).transpose()?;
        Ok(Deciders { bodies, majority })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        let table: toml::Table = format!("value = {text}").parse().expect("TOML");
        table.get("value").cloned().expect("a value")
    }

    fn deal(class: &str, total: i64, term_months: u32) -> Deal<'_> {
        Deal { class, form: "lease", total: Some(Fen(total)), area: Some(Area(100_000)), term_months }
    }

    #[test]
    fn the_first_row_that_holds_wins() {
        let rows = levels(&value(
            r#"[
            { class = "construction_land", level = "county" },
            { class = ["shop", "office"], amount_at_least = "10000.00", level = "town" },
            { area_at_least = "2000.00", term_at_least = 120, level = "county" },
            { form = "lease", amount_at_least = "50000.00", level = "town" },
            { level = "village" }
        ]"#,
        ))
        .expect("rows");
        let level = |deal: Deal<'_>| first(&rows, &deal).map(|row| row.value);
        assert_eq!(level(deal("construction_land", 1, 1)), Some(PlatformLevel::County));
        assert_eq!(level(deal("shop", 999_999, 12)), Some(PlatformLevel::Village));
        assert_eq!(level(deal("shop", 1_000_000, 12)), Some(PlatformLevel::Town), "the boundary is within");
        assert_eq!(level(deal("pond", 5_000_000, 12)), Some(PlatformLevel::Town));
        assert_eq!(level(Deal { form: "grant", ..deal("pond", 5_000_000, 12) }), Some(PlatformLevel::Village));
        let large = Deal { area: Some(Area(200_000)), ..deal("pond", 1, 120) };
        assert_eq!(level(large), Some(PlatformLevel::County));
        assert_eq!(level(Deal { term_months: 119, ..large }), Some(PlatformLevel::Village));
        assert_eq!(level(Deal { total: None, ..deal("shop", 0, 12) }), Some(PlatformLevel::Village));
    }

    #[test]
    fn a_row_that_cannot_be_read_is_refused() {
        for text in ["3", "[3]", "[{}]", "[{ level = 'city' }]", "[{ level = 'town', amount_at_least = 5 }]"] {
            assert!(levels(&value(text)).is_err(), "{text}");
        }
        assert!(levels(&value("[{ level = 'town', amount = '5.00' }]")).is_err(), "an unknown member");
        assert!(terms(&value("[{ months = 1201 }]")).is_err() && terms(&value("[{ months = 1200 }]")).is_ok());
        assert!(deciders(&value("[{ bodies = ['king'] }]")).is_err());
        assert!(deciders(&value("[{ bodies = ['board'], pass = '2/3' }]")).is_err(), "of whom?");
    }
}
