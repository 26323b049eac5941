//! The rules in force for one place on one day, each with a type, a unit and its basis.

use std::collections::BTreeMap;

use toml::Value;

use super::{
    retention::{self, Duty, Keeping, Kept, KeptFor},
    sets::{Entry, PolicyFault, RuleSet},
    thresholds::{self, Deal, Deciders, PlatformLevel, Row},
    votes::{Body, Vote},
};
use crate::kernel::{Area, Day};

/// A value and why it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule<T> {
    pub value: T,
    /// The article or document it comes from, in Chinese, for pages.
    pub basis: String,
    /// First day it holds.
    pub from: Day,
    /// False where the number is a default or from memory and the township should confirm it.
    pub verified: bool,
    /// Name of the set it was found in.
    pub set: String,
}

/// Bounds of a deposit as shares of the opening price, in basis points (1/10000).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DepositShare {
    pub min_bp: u32,
    pub max_bp: u32,
}

/// The extension of an ascending auction: a bid in the last `window_s` seconds moves the end to its own time + `by_s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extension {
    pub window_s: u32,
    pub by_s: u32,
}

/// Who may step in for a winner that fails, and how long each may think it over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Successors {
    /// So many of those next in line; 0: the lot is offered anew.
    pub most: u32,
    pub answer_working_days: u32,
}

crate::text_enum! {
    /// What becomes of a deposit that the bidder does not get back.
    pub enum KeptDeposit {
        PaidOn = "paid_on" => "付给村集体",
        /// It stays with the township until somebody decides over it.
        Stays = "stays" => "留在镇街，另行处理",
    }
}

crate::text_enum! {
    /// Terrain by which provinces limit new homesteads.
    pub enum Terrain { Plain = "plain" => "平原和城市郊区", Hill = "hill" => "丘陵", Mountain = "mountain" => "山区" }
}

/// Months by asset class word; `default` holds where a class is not named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseLimits {
    pub default: u32,
    pub by_class: BTreeMap<String, u32>,
}

/// Everything that holds for one place on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Least working days between the notice and the auction; the day of the notice is not counted.
    pub notice_working_days: Rule<u32>,
    /// Least working days that enrolment stays open.
    pub enrolment_working_days: Rule<u32>,
    /// Deposit as a share of the opening price of the whole lot over the whole term.
    pub deposit_share: Rule<DepositShare>,
    /// Fewest different bidders with an accepted bid for a sale.
    pub min_bidders: Rule<u32>,
    pub extension: Rule<Extension>,
    /// Working days for which a result is published before it is final.
    pub result_notice_working_days: Rule<u32>,
    /// Days within which an objection to a result is answered.
    pub objection_answer_days: Rule<u32>,
    /// Working days from the confirmation within which the contract is signed.
    pub contract_working_days: Rule<u32>,
    /// Who comes after a winner that fails.
    pub successors: Rule<Successors>,
    /// Working days within which the losers' deposits go back.
    pub refund_working_days: Rule<u32>,
    /// What becomes of a deposit that was counted into the price.
    pub applied_deposit: Rule<KeptDeposit>,
    /// What becomes of a forfeited deposit: it makes good the seller's costs and the difference to the price of a new sale first.
    pub forfeited_deposit: Rule<KeptDeposit>,
    /// Least hours for which the keys of the trustees of a sealed auction are on record before it opens.
    pub sealed_key_hours: Rule<u32>,
    /// Minutes for which somebody may look at everybody of a lot before its end, once another person has agreed.
    pub break_glass_minutes: Rule<u32>,
    /// Hours after the end within which sealed bids must be opened.
    pub sealed_opening_hours: Rule<u32>,
    /// Most that answers to criteria beside the price may add to a price when prices are compared, in basis points of it.
    pub merit_points_bp: Rule<u32>,
    /// Longest leases, see [`Rules::max_lease_months`].
    pub lease_limits: Rule<LeaseLimits>,
    /// Whether who reviews a listing must be another person than who submitted it.
    pub reviewer_differs: Rule<bool>,
    /// Least days for which a decision is made public before its matter goes on, first and last day counted.
    pub decision_publicity_days: Rule<u32>,
    /// How far an opening price may lie below the one of the round before, in basis points of it.
    pub price_cut_bp: Rule<u32>,
    /// So many rounds of an offer must have failed before it may be let by negotiation.
    pub negotiation_after_rounds: Rule<u32>,
    /// Working days after the notice within which it may be corrected while nobody has enrolled.
    pub correction_window_working_days: Rule<u32>,
    /// Least working days between a correction that matters and the auction.
    pub correction_notice_working_days: Rule<u32>,
    /// Most months for which somebody may be kept from bidding by one decision.
    pub exclusion_months: Rule<u32>,
    /// Days for which messages are kept that were read.
    pub message_days: Rule<u32>,
    deciders: Rule<Vec<Row<Deciders>>>,
    platform_levels: Rule<Vec<Row<PlatformLevel>>>,
    contract_terms: Rule<Vec<Row<u32>>>,
    votes: BTreeMap<Body, Rule<Vote>>,
    homestead_limits: Option<Rule<BTreeMap<Terrain, Area>>>,
    retention: BTreeMap<Keeping, Rule<KeptFor>>,
}

impl Rules {
    /// The longest lease of an asset of this class word, in months (Civil Code art. 705: never above 20 years).
    pub fn max_lease_months(&self, class: &str) -> Rule<u32> {
        self.lease_limits.map(|limits| limits.by_class.get(class).copied().unwrap_or(limits.default))
    }

    /// The longest term of such a deal, in months. A lease has the limit of leases; other forms have their own laws (RLCL
    /// art. 21 for farmland, LUR art. 12 for building land), and where none is named, the limit of leases too.
    pub fn max_term_months(&self, deal: &Deal<'_>) -> Rule<u32> {
        match thresholds::first(&self.contract_terms.value, deal) {
            Some(row) => self.contract_terms.of_row(row),
            None => self.max_lease_months(deal.class),
        }
    }

    /// Who may decide on such a deal, by which majority.
    pub fn deciders(&self, deal: &Deal<'_>) -> Option<Rule<Deciders>> {
        thresholds::first(&self.deciders.value, deal).map(|row| self.deciders.of_row(row))
    }

    /// How a body decides; `None` where no set says it.
    pub fn vote(&self, body: Body) -> Option<&Rule<Vote>> {
        self.votes.get(&body)
    }

    /// The platform for such a deal; the highest where no row holds.
    pub fn platform_level(&self, deal: &Deal<'_>) -> Rule<PlatformLevel> {
        match thresholds::first(&self.platform_levels.value, deal) {
            Some(row) => self.platform_levels.of_row(row),
            None => self.platform_levels.map(|_| PlatformLevel::County),
        }
    }

    /// The greatest area of a new homestead for a household; `None` where no set of the place says one (Land
    /// Administration Law art. 62 leaves it to the provinces).
    pub fn homestead_limit(&self, terrain: Terrain) -> Option<Rule<Area>> {
        let limits = self.homestead_limits.as_ref()?;
        let area = *limits.value.get(&terrain)?;
        Some(limits.map(|_| area))
    }

    /// The duty to keep a record that still stands on `today`. What no set says a term for is kept for good.
    pub fn duty_to_keep(&self, kept: Kept, today: Day) -> Option<Duty> {
        retention::duty(kept, self.retention.get(&kept.what), today)
    }

    pub(super) fn resolve<'a>(
        day: Day,
        find: impl Fn(&str) -> Option<(&'a RuleSet, &'a Entry)>,
    ) -> Result<Rules, PolicyFault> {
        let rule = |key: &'static str| Found { key, day, found: find(key) };
        Ok(Rules {
            notice_working_days: rule("notice_working_days").read(whole)?,
            enrolment_working_days: rule("enrolment_working_days").read(whole)?,
            deposit_share: rule("deposit_share_bp").read(deposit_share)?,
            min_bidders: rule("min_bidders").read(whole)?,
            extension: rule("extension").read(extension)?,
            result_notice_working_days: rule("result_notice_working_days").read(whole)?,
            objection_answer_days: rule("objection_answer_days").read(whole)?,
            contract_working_days: rule("contract_working_days").read(whole)?,
            successors: rule("successors").read(successors)?,
            refund_working_days: rule("refund_working_days").read(whole)?,
            applied_deposit: rule("applied_deposit").read(kept_deposit)?,
            forfeited_deposit: rule("forfeited_deposit").read(kept_deposit)?,
            sealed_key_hours: rule("sealed_key_hours").read(whole)?,
            break_glass_minutes: rule("break_glass_minutes").read(whole)?,
            sealed_opening_hours: rule("sealed_opening_hours").read(whole)?,
            merit_points_bp: rule("merit_points_bp").read(share_bp)?,
            lease_limits: rule("max_lease_months").read(lease_limits)?,
            reviewer_differs: rule("reviewer_differs").read(yes_or_no)?,
            decision_publicity_days: rule("decision_publicity_days").read(whole)?,
            price_cut_bp: rule("price_cut_bp").read(share_bp)?,
            negotiation_after_rounds: rule("negotiation_after_rounds").read(whole)?,
            correction_window_working_days: rule("correction_window_working_days").read(whole)?,
            correction_notice_working_days: rule("correction_notice_working_days").read(whole)?,
            exclusion_months: rule("exclusion_months").read(whole)?,
            message_days: rule("message_days").read(whole)?,
            deciders: rule("decision_bodies").read(thresholds::deciders)?,
            platform_levels: rule("platform_levels").read(thresholds::levels)?,
            contract_terms: rule("max_contract_months").read(thresholds::terms)?,
            votes: Body::ALL
                .iter()
                .filter(|body| find(body.key()).is_some())
                .map(|body| Ok((*body, rule(body.key()).read(Vote::read)?)))
                .collect::<Result<_, PolicyFault>>()?,
            homestead_limits: match find("homestead_limit_m2") {
                Some(_) => Some(rule("homestead_limit_m2").read(homestead_limits)?),
                None => None,
            },
            retention: Keeping::ALL
                .iter()
                .filter(|what| find(what.key()).is_some())
                .map(|what| Ok((*what, rule(what.key()).read(KeptFor::read)?)))
                .collect::<Result<_, PolicyFault>>()?,
        })
    }
}

impl<T> Rule<T> {
    fn map<U>(&self, f: impl FnOnce(&T) -> U) -> Rule<U> {
        Rule {
            value: f(&self.value),
            basis: self.basis.clone(),
            from: self.from,
            verified: self.verified,
            set: self.set.clone(),
        }
    }
}

impl<T> Rule<Vec<Row<T>>> {
    /// One row as a rule of its own, with its own basis where it has one.
    fn of_row(&self, row: &Row<T>) -> Rule<T>
    where
        T: Clone,
    {
        let rule = self.map(|_| row.value.clone());
        Rule { basis: row.basis.clone().unwrap_or(rule.basis), ..rule }
    }
}

struct Found<'a> {
    key: &'static str,
    day: Day,
    found: Option<(&'a RuleSet, &'a Entry)>,
}

impl Found<'_> {
    fn read<T>(self, reader: fn(&Value) -> Result<T, String>) -> Result<Rule<T>, PolicyFault> {
        let fault = |set: &str, reason: String| PolicyFault { set: set.into(), key: self.key.into(), reason };
        let (set, entry) = self
            .found
            .ok_or_else(|| fault("全部", format!("{} 没有适用的规则，请管理员补充该日期起生效的规则", self.day)))?;
        let value = reader(&entry.value).map_err(|reason| fault(&set.name, reason))?;
        let (basis, from, verified) = (entry.basis.clone(), entry.from, entry.verified);
        Ok(Rule { value, basis, from, verified, set: set.name.clone() })
    }
}

type Check = fn(&Value) -> Result<(), String>;

/// Every key with the check of its value, so that a mistyped file is refused when it is read, not when it is used.
pub(super) const KEYS: [(&str, Check); 41] = [
    ("notice_working_days", |v| whole(v).map(drop)),
    ("enrolment_working_days", |v| whole(v).map(drop)),
    ("deposit_share_bp", |v| deposit_share(v).map(drop)),
    ("min_bidders", |v| whole(v).map(drop)),
    ("extension", |v| extension(v).map(drop)),
    ("result_notice_working_days", |v| whole(v).map(drop)),
    ("objection_answer_days", |v| whole(v).map(drop)),
    ("contract_working_days", |v| whole(v).map(drop)),
    ("successors", |v| successors(v).map(drop)),
    ("refund_working_days", |v| whole(v).map(drop)),
    ("applied_deposit", |v| kept_deposit(v).map(drop)),
    ("forfeited_deposit", |v| kept_deposit(v).map(drop)),
    ("sealed_key_hours", |v| whole(v).map(drop)),
    ("break_glass_minutes", |v| whole(v).map(drop)),
    ("sealed_opening_hours", |v| whole(v).map(drop)),
    ("merit_points_bp", |v| share_bp(v).map(drop)),
    ("max_lease_months", |v| lease_limits(v).map(drop)),
    ("reviewer_differs", |v| yes_or_no(v).map(drop)),
    ("homestead_limit_m2", |v| homestead_limits(v).map(drop)),
    ("decision_publicity_days", |v| whole(v).map(drop)),
    ("price_cut_bp", |v| share_bp(v).map(drop)),
    ("negotiation_after_rounds", |v| whole(v).map(drop)),
    ("correction_window_working_days", |v| whole(v).map(drop)),
    ("correction_notice_working_days", |v| whole(v).map(drop)),
    ("exclusion_months", |v| whole(v).map(drop)),
    ("message_days", |v| whole(v).map(drop)),
    ("decision_bodies", |v| thresholds::deciders(v).map(drop)),
    ("platform_levels", |v| thresholds::levels(v).map(drop)),
    ("max_contract_months", |v| thresholds::terms(v).map(drop)),
    (Body::MemberAssembly.key(), |v| Vote::read(v).map(drop)),
    (Body::MemberRepresentatives.key(), |v| Vote::read(v).map(drop)),
    (Body::HouseholdRepresentatives.key(), |v| Vote::read(v).map(drop)),
    (Body::VillagerAssembly.key(), |v| Vote::read(v).map(drop)),
    (Body::VillagerRepresentatives.key(), |v| Vote::read(v).map(drop)),
    (Body::Board.key(), |v| Vote::read(v).map(drop)),
    (Keeping::Membership.key(), |v| KeptFor::read(v).map(drop)),
    (Keeping::Office.key(), |v| KeptFor::read(v).map(drop)),
    (Keeping::Homestead.key(), |v| KeptFor::read(v).map(drop)),
    (Keeping::Trade.key(), |v| KeptFor::read(v).map(drop)),
    (Keeping::Deposit.key(), |v| KeptFor::read(v).map(drop)),
    (Keeping::Contract.key(), |v| KeptFor::read(v).map(drop)),
];

fn kept_deposit(value: &Value) -> Result<KeptDeposit, String> {
    let word = value.as_str().and_then(|word| word.parse().ok());
    word.ok_or_else(|| "value 应为 paid_on（付给村集体）或 stays（留在镇街）".into())
}

fn whole(value: &Value) -> Result<u32, String> {
    value
        .as_integer()
        .and_then(|n| u32::try_from(n).ok())
        .filter(|n| *n <= 100_000)
        .ok_or_else(|| "value 应为 0 到 100000 的整数".into())
}

fn share_bp(value: &Value) -> Result<u32, String> {
    whole(value).ok().filter(|n| *n <= 10_000).ok_or_else(|| "value 应为 0 到 10000 的整数（万分之一为单位）".into())
}

fn yes_or_no(value: &Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "value 应为 true 或 false".into())
}

fn member(value: &Value, name: &str) -> Result<u32, String> {
    let found = value.get(name).ok_or_else(|| format!("value 里缺少 {name}"))?;
    whole(found).map_err(|_| format!("value 里的 {name} 应为 0 到 100000 的整数"))
}

fn deposit_share(value: &Value) -> Result<DepositShare, String> {
    let (min_bp, max_bp) = (member(value, "min")?, member(value, "max")?);
    if min_bp > max_bp || max_bp > 10_000 {
        return Err("min 不能大于 max，max 不能超过 10000（万分之一为单位）".into());
    }
    Ok(DepositShare { min_bp, max_bp })
}

fn extension(value: &Value) -> Result<Extension, String> {
    Ok(Extension { window_s: member(value, "window_s")?, by_s: member(value, "by_s")? })
}

fn successors(value: &Value) -> Result<Successors, String> {
    Ok(Successors { most: member(value, "most")?, answer_working_days: member(value, "answer_working_days")? })
}

fn lease_limits(value: &Value) -> Result<LeaseLimits, String> {
    let default = member(value, "default")?;
    let table = value.as_table().ok_or("value 应写成 { default = 240 }")?;
    let by_class = table
        .keys()
        .filter(|class| *class != "default")
        .map(|class| Ok((class.clone(), member(value, class)?)))
        .collect::<Result<_, String>>()?;
    Ok(LeaseLimits { default, by_class })
}

fn homestead_limits(value: &Value) -> Result<BTreeMap<Terrain, Area>, String> {
    let table = value.as_table().ok_or("value 应写成 { plain = \"80.00\" }")?;
    table
        .iter()
        .map(|(terrain, area)| {
            let area = area.as_str().and_then(|text| text.parse().ok());
            let area =
                area.ok_or_else(|| format!("value 里的 {terrain} 应为平方米并带两位小数的文字，例如 \"80.00\""))?;
            Ok((terrain.parse()?, area))
        })
        .collect()
}
