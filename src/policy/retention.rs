//! How long a record must be kept before the personal data in it may be destroyed (PIPL arts. 19 and 47).

use toml::Value;

use super::Rule;
use crate::kernel::Day;

crate::text_enum! {
    /// What is kept.
    pub enum Keeping {
        Membership = "membership" => "成员登记",
        Office = "office" => "任职记录",
        Homestead = "homestead" => "宅基地档案",
        Trade = "trade" => "交易记录",
        Deposit = "deposit" => "保证金凭证",
        Contract = "contract" => "合同",
    }
}

impl Keeping {
    /// The key of its rule.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Keeping::Membership => "keep_membership_years",
            Keeping::Office => "keep_office_years",
            Keeping::Homestead => "keep_homestead_years",
            Keeping::Trade => "keep_trade_years",
            Keeping::Deposit => "keep_deposit_years",
            Keeping::Contract => "keep_contract_years",
        }
    }
}

/// For how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptFor {
    Years(u32),
    Good,
}

impl KeptFor {
    pub(super) fn read(value: &Value) -> Result<KeptFor, String> {
        let years = value.as_integer().and_then(|n| u32::try_from(n).ok()).filter(|n| *n <= 100);
        match (years, value.as_str()) {
            (Some(years), _) => Ok(KeptFor::Years(years)),
            (None, Some("permanent")) => Ok(KeptFor::Good),
            _ => Err("value 应为 0 到 100 的整数（年），或者 \"permanent\"（长期保存）".into()),
        }
    }
}

/// A record that holds a person's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    pub what: Keeping,
    /// The day on which its matter ended; `None` while it runs.
    pub since: Option<Day>,
}

/// Why a record must still be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    pub what: Keeping,
    pub until: DutyEnd,
    /// The article or document, in Chinese; empty while the matter runs.
    pub basis: String,
    pub verified: bool,
}

/// When a duty to keep ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DutyEnd {
    /// The matter itself has not ended.
    Running,
    /// The first day on which nothing stands against it.
    On(Day),
    Never,
}

/// The duty that stands on `today`, if one does. A record for which no rule says anything is kept for good.
pub(super) fn duty(kept: Kept, rule: Option<&Rule<KeptFor>>, today: Day) -> Option<Duty> {
    let until = match (kept.since, rule.map(|r| r.value)) {
        (None, _) => DutyEnd::Running,
        (_, None | Some(KeptFor::Good)) => DutyEnd::Never,
        (Some(since), Some(KeptFor::Years(years))) => DutyEnd::On(since.plus_months(years * 12).plus_days(1)),
    };
    if matches!(until, DutyEnd::On(first) if first <= today) {
        return None;
    }
    let (basis, verified) =
        rule.map_or_else(|| ("没有规定可以销毁的期限".to_owned(), false), |r| (r.basis.clone(), r.verified));
    Some(Duty { what: kept.what, until, basis, verified })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::PolicyBook;

    fn day(text: &str) -> Day {
        text.parse().unwrap_or_else(|_| panic!("{text}"))
    }

    #[test]
    fn a_record_is_kept_to_the_day() {
        let village = "440703103204".parse().expect("a code");
        let duty = |what, since: Option<&str>, today: &str| {
            let rules = PolicyBook::shipped().rules_for(&village, day(today)).expect("rules");
            rules.duty_to_keep(Kept { what, since: since.map(day) }, day(today)).map(|d| d.until)
        };
        let left = Some("1996-03-01");
        assert_eq!(duty(Keeping::Membership, left, "2026-03-01"), Some(DutyEnd::On(day("2026-03-02"))));
        assert_eq!(duty(Keeping::Membership, left, "2026-03-02"), None);
        assert_eq!(duty(Keeping::Membership, None, "2026-03-02"), Some(DutyEnd::Running));
        assert_eq!(duty(Keeping::Trade, Some("2020-01-01"), "2026-03-02"), Some(DutyEnd::On(day("2030-01-02"))));
        assert_eq!(duty(Keeping::Homestead, left, "2126-03-02"), Some(DutyEnd::Never));
    }

    #[test]
    fn what_no_rule_names_is_kept_for_good() {
        let kept = Kept { what: Keeping::Contract, since: Some(day("1950-01-01")) };
        assert_eq!(duty(kept, None, day("2126-01-01")).map(|d| d.until), Some(DutyEnd::Never));
        assert!(KeptFor::read(&Value::Integer(-1)).is_err() && KeptFor::read(&Value::String("ever".into())).is_err());
    }
}
