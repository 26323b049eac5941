//! Villagers who never lived: households as they are composed in the delta's villages, with every paper in order.
//!
//! So that no number is a person's: identity numbers begin with 440799, a county that was never in the division table, and
//! telephone numbers with 164, a range that no operator has been given. Checksums, dates and sex digits are right.
//! The same seed and day give the same village; a [`Census`] never gives a number twice.

use std::collections::HashMap;

use chrono::Datelike;

use super::{
    draw::Draw,
    names::{self, given},
};
use crate::kernel::{
    Day,
    codes::{Sex, resident_check},
};

/// Somebody of a household.
#[derive(Debug, Clone)]
pub struct Villager {
    pub name: String,
    pub sex: Sex,
    pub birth: Day,
    pub id_number: String,
    /// Code of GB/T 4761: `02` is the head.
    pub relation: &'static str,
    /// Word of the membership's ground, in Chinese as rosters have it.
    pub ground: &'static str,
    pub acquired_on: Day,
    pub basis: String,
    pub phone: Option<String>,
    pub note: &'static str,
}

/// People who live together; the first is the head.
#[derive(Debug, Clone)]
pub struct Household {
    /// Number within the collective: `0001`.
    pub number: String,
    pub address: String,
    pub people: Vec<Villager>,
}

/// Hands out numbers, each once.
pub struct Census {
    today: Day,
    orders: HashMap<(Day, bool), u16>,
    phones: u32,
}

/// A day on which the reform's roster was confirmed (LREC art. 66 keeps it): the same for a whole village.
struct Reform {
    day: Day,
    basis: String,
}

/// A person before the papers: age decides the rest.
struct Sketch {
    surname: &'static str,
    sex: Sex,
    age: i64,
    relation: &'static str,
    /// Came by marriage.
    married_in: bool,
    note: &'static str,
}

const QUARTERS: [&str; 8] = ["东兴里", "南安里", "西华里", "北胜里", "中和里", "仁美里", "长庆里", "聚龙里"];

impl Census {
    pub fn new(today: Day) -> Census {
        Census { today, orders: HashMap::new(), phones: 0 }
    }

    /// A village of exactly `members` people. `place` is how its addresses begin: `杜阮镇上巷村`.
    pub fn village(&mut self, seed: u64, place: &str, members: usize) -> Vec<Household> {
        let mut draw = Draw::new(seed);
        let clans = names::clans(&mut draw);
        let year = 2017 + i32::try_from(draw.below(3)).unwrap_or(0);
        let month = u32::try_from(draw.between(6, 11)).unwrap_or(6);
        let reform = Reform {
            day: Day::new(year, month, u32::try_from(draw.between(1, 28)).unwrap_or(1)).unwrap_or(self.today),
            basis: format!("成员身份确认会议决议〔{year}〕{}号", draw.between(1, 6)),
        };
        let (mut households, mut count) = (Vec::new(), 0);
        while count < members {
            let mut sketches = household(&mut draw, &clans);
            // The last household is as small as the roster's end asks; whoever stands first stays.
            sketches.truncate(members - count);
            count += sketches.len();
            let people = sketches.into_iter().map(|s| self.papers(&mut draw, &reform, s)).collect();
            let quarter = draw.one_of(&QUARTERS).copied().unwrap_or("东兴里");
            households.push(Household {
                number: format!("{:04}", households.len() + 1),
                address: format!("{place}{quarter}{}巷{}号", draw.between(1, 9), draw.between(1, 38)),
                people,
            });
        }
        households
    }

    fn papers(&mut self, draw: &mut Draw, reform: &Reform, sketch: Sketch) -> Villager {
        let birth = self.birthday(draw, sketch.age);
        let year = birth.0.year();
        let (ground, acquired_on, basis) = if sketch.married_in && sketch.age < 34 {
            // A bride of the last years: after the reform's roster, by marriage (LREC art. 12).
            let wedding = reform.day.plus_days(u64::try_from(draw.between(200, 1800)).unwrap_or(200)).min(self.today);
            ("婚姻取得", wedding.max(birth), format!("成员大会决议〔{}〕{}号", wedding.0.year(), draw.between(1, 9)))
        } else if birth > reform.day {
            ("出生取得", birth, "出生医学证明、户口登记".to_owned())
        } else {
            ("改革时已确认", reform.day, reform.basis.clone())
        };
        let reachable = (18..=78).contains(&sketch.age) && (sketch.relation == "02" || draw.chance(45));
        Villager {
            name: format!("{}{}", sketch.surname, given(draw, sketch.sex, year)),
            sex: sketch.sex,
            birth,
            id_number: self.id_number(birth, sketch.sex),
            relation: sketch.relation,
            ground,
            acquired_on,
            basis,
            phone: reachable.then(|| self.phone()),
            note: sketch.note,
        }
    }

    /// A day so that `age` full years have passed today.
    fn birthday(&self, draw: &mut Draw, age: i64) -> Day {
        let months = u32::try_from(age * 12).unwrap_or(0);
        let latest = Day(self.today.0.checked_sub_months(chrono::Months::new(months)).unwrap_or(self.today.0));
        latest.minus_days(u64::try_from(draw.between(1, 360)).unwrap_or(1))
    }

    /// A number nobody has: county 440799, and an order number that counts up for each day of birth and sex.
    pub fn id_number(&mut self, birth: Day, sex: Sex) -> String {
        let order = self.orders.entry((birth, sex == Sex::Male)).or_insert(0);
        *order += 1;
        // Odd for men, even for women (GB 11643).
        let number = *order * 2 - u16::from(sex == Sex::Male);
        let body = format!("440799{:08}{number:03}", birth.as_number());
        let check = resident_check(&body);
        format!("{body}{check}")
    }

    pub fn phone(&mut self) -> String {
        self.phones += 1;
        // Spread, so that neighbours' numbers look unlike: the multiplier has no factor in common with 10⁸.
        let number = u64::from(self.phones) * 61_803_399 % 100_000_000;
        format!("164{number:08}")
    }
}

/// Who lives together: couples with children, three generations under one roof, old people on their own.
fn household(draw: &mut Draw, clans: &[(&'static str, u32)]) -> Vec<Sketch> {
    let clan = if draw.chance(86) { draw.weighted(clans).copied().unwrap_or("陈") } else { names::surname(draw) };
    let age = draw.between(30, 84);
    let old = age >= 60;
    let mut people = vec![Sketch { surname: clan, sex: Sex::Male, age, relation: "02", married_in: false, note: "" }];
    let alone = draw.chance(if old { 28 } else { 14 });
    let widow = old && alone && draw.chance(65);
    if widow {
        people = vec![Sketch {
            surname: names::surname(draw),
            sex: Sex::Female,
            age,
            relation: "02",
            married_in: true,
            note: "",
        }];
    } else if !alone {
        people.push(bride(draw, age, 5, "12"));
    }
    let with_son = old && draw.chance(62);
    if with_son {
        let son_age = (age - draw.between(22, 32)).max(19);
        let only = draw.chance(60);
        people.push(born(clan, Sex::Male, son_age, if only { "20" } else { "22" }));
        if son_age > 25 && draw.chance(80) {
            people.push(bride(draw, son_age, 4, "38"));
            for _ in 0..draw.between(0, 2) {
                let child_age = (son_age - draw.between(23, 34)).max(0);
                let sex = if draw.chance(52) { Sex::Male } else { Sex::Female };
                people.push(born(clan, sex, child_age, if sex == Sex::Male { "41" } else { "42" }));
            }
        } else if !only {
            people.push(born(clan, Sex::Male, (son_age - draw.between(2, 5)).max(16), "23"));
        }
    } else if !old && !alone {
        people.extend(children(draw, clan, age));
        if draw.chance(26) {
            let parent_age = (age + draw.between(21, 31)).min(96);
            if draw.chance(55) {
                people.push(born(clan, Sex::Male, parent_age, "51"));
            }
            people.push(bride(draw, parent_age, 4, "52"));
        }
    }
    people
}

/// One to three children of a head of this age; grown daughters who married away stay on the roster (LREC art. 8).
fn children(draw: &mut Draw, clan: &'static str, age: i64) -> Vec<Sketch> {
    let wanted = draw.weighted(&[(0, 8), (1, 36), (2, 42), (3, 14)]).copied().unwrap_or(1);
    let mut ages: Vec<i64> = (0..wanted).map(|_| age - draw.between(22, 36)).filter(|a| *a >= 0).collect();
    ages.sort_unstable_by(|a, b| b.cmp(a));
    ages.dedup();
    let sexes: Vec<Sex> = ages.iter().map(|_| if draw.chance(53) { Sex::Male } else { Sex::Female }).collect();
    let (mut sons, mut daughters) = (0, 0);
    let count = |sex| sexes.iter().filter(|s| **s == sex).count();
    let (all_sons, all_daughters) = (count(Sex::Male), count(Sex::Female));
    let mut found = Vec::new();
    for (age, sex) in ages.iter().zip(&sexes) {
        let (nth, of, words): (usize, usize, [&'static str; 5]) = match sex {
            Sex::Male => {
                sons += 1;
                (sons, all_sons, ["21", "20", "22", "23", "24"])
            }
            Sex::Female => {
                daughters += 1;
                (daughters, all_daughters, ["31", "30", "32", "33", "34"])
            }
        };
        let place = if sexes.len() == 1 {
            0
        } else if of == 1 {
            1
        } else {
            1 + nth
        };
        let mut child = born(clan, *sex, *age, words.get(place).copied().unwrap_or("20"));
        if *sex == Sex::Female && *age > 26 && draw.chance(30) {
            child.note = "外嫁女";
        } else if (18..=22).contains(age) && draw.chance(50) {
            child.note = "在校大学生";
        }
        found.push(child);
    }
    found
}

fn born(surname: &'static str, sex: Sex, age: i64, relation: &'static str) -> Sketch {
    Sketch { surname, sex, age, relation, married_in: false, note: "" }
}

/// A wife of a man of `his` age, up to `younger` years younger or one year older.
fn bride(draw: &mut Draw, his: i64, younger: i64, relation: &'static str) -> Sketch {
    let surname = names::surname(draw);
    let age = (his - draw.between(-1, younger)).max(22);
    Sketch { surname, sex: Sex::Female, age, relation, married_in: true, note: "" }
}

/// Somebody who comes after the roster: household number, its address, the papers.
pub struct Newcomer {
    pub household: String,
    pub address: String,
    pub papers: Villager,
}

/// Takes the `count` youngest out of their households: those who were born after the roster was made.
pub fn take_youngest(households: &mut [Household], count: usize) -> Vec<Newcomer> {
    let mut births: Vec<Day> = households.iter().flat_map(|h| h.people.iter().skip(1)).map(|p| p.birth).collect();
    births.sort_unstable();
    let mut taken = Vec::new();
    for birth in births.into_iter().rev().take(count) {
        for household in households.iter_mut() {
            let Some(at) = household.people.iter().skip(1).position(|p| p.birth == birth) else { continue };
            let papers = household.people.remove(at + 1);
            taken.push(Newcomer { household: household.number.clone(), address: household.address.clone(), papers });
            break;
        }
    }
    taken
}

/// The roster as a clerk would upload it: one row a person, heads first.
pub fn roster_csv(households: &[Household]) -> String {
    let mut text = String::from(
        "户编号,户主,成员姓名,性别,出生日期,与户主关系,身份证号,联系电话,户籍地,取得方式,取得日期,依据,备注\n",
    );
    for household in households {
        let head = household.people.first().map_or("", |p| p.name.as_str());
        for p in &household.people {
            let cells = [
                household.number.as_str(),
                head,
                &p.name,
                p.sex.label(),
                &p.birth.to_string(),
                p.relation,
                &p.id_number,
                p.phone.as_deref().unwrap_or(""),
                &household.address,
                p.ground,
                &p.acquired_on.to_string(),
                &p.basis,
                p.note,
            ];
            // No cell holds a comma or a quotation mark: a test reads it back.
            text.push_str(&cells.join(","));
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{
        codes::ResidentId,
        text::{read_name, read_phone},
    };
    use std::collections::BTreeSet;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    #[test]
    fn a_village_has_the_members_asked_for_and_every_paper_is_right() {
        let today = day("2026-11-23");
        let mut census = Census::new(today);
        let households = census.village(20_260_213, "杜阮镇上巷村", 1_000);
        let people: Vec<_> = households.iter().flat_map(|h| &h.people).collect();
        assert_eq!(people.len(), 1_000);
        assert!((250..=350).contains(&households.len()), "{} households", households.len());
        for p in &people {
            let read = ResidentId::read(&p.id_number, today).unwrap_or_else(|f| panic!("{}: {f}", p.name));
            assert_eq!((read.value.sex(), read.value.birth(), read.value.region()), (p.sex, p.birth, "440799"));
            assert!(p.acquired_on >= p.birth && p.acquired_on <= today, "{p:?}");
            assert!(read_name(&p.name).is_ok_and(|n| n.notes.is_empty()));
            assert!(p.phone.as_deref().is_none_or(|t| read_phone(t).as_deref() == Ok(t)));
        }
        let different =
            |of: &dyn Fn(&&&Villager) -> String| people.iter().map(|p| of(&p)).collect::<BTreeSet<_>>().len();
        assert_eq!(different(&|p| p.id_number.clone()), 1_000);
        assert!(different(&|p| p.name.clone()) > 900, "names are spread");
        let women = people.iter().filter(|p| p.sex == Sex::Female).count();
        assert!((420..=560).contains(&women), "{women} women");
        for household in &households {
            let heads = household.people.iter().filter(|p| p.relation == "02").count();
            assert_eq!(heads, 1);
            assert_eq!(household.people.first().map(|p| p.relation), Some("02"));
        }
    }

    #[test]
    fn parents_are_older_than_their_children() {
        let mut census = Census::new(day("2026-11-23"));
        for household in census.village(5, "x", 3_000) {
            let birth = |codes: &[&str]| {
                let found = household.people.iter().filter(|p| codes.contains(&p.relation)).map(|p| p.birth);
                found.collect::<Vec<_>>()
            };
            let heads = birth(&["02"]);
            let head = heads.first().expect("a head");
            assert!(birth(&["20", "21", "22", "23", "24", "30", "31", "32", "33", "34"]).iter().all(|b| b > head));
            assert!(birth(&["51", "52"]).iter().all(|b| b < head));
            let youngest_son = birth(&["20", "22", "23"]).into_iter().max();
            assert!(youngest_son.is_none_or(|son| birth(&["41", "42"]).iter().all(|b| *b > son)));
        }
    }

    #[test]
    fn one_seed_one_village_and_no_number_twice_in_a_census() {
        let village = |census: &mut Census, seed| census.village(seed, "杜阮镇上巷村", 400);
        let (mut one, mut other) = (Census::new(day("2026-11-23")), Census::new(day("2026-11-23")));
        let roster = roster_csv(&village(&mut one, 1));
        assert_eq!(roster, roster_csv(&village(&mut other, 1)));
        assert_eq!(roster.lines().count(), 401);
        assert!(roster.lines().all(|l| l.split(',').count() == 13), "no cell needs quotation marks");
        let mut more = village(&mut one, 1);
        let again: BTreeSet<_> = more.iter().flat_map(|h| &h.people).map(|p| p.id_number.clone()).collect();
        assert!(again.iter().all(|n| !roster.contains(n)));
        let newcomers = take_youngest(&mut more, 6);
        let left: Vec<_> = more.iter().flat_map(|h| &h.people).collect();
        assert_eq!((newcomers.len(), left.len()), (6, 394));
        assert!(
            newcomers
                .iter()
                .all(|n| n.papers.relation != "02" && left.iter().all(|p| p.id_number != n.papers.id_number))
        );
    }
}
