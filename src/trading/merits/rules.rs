//! Reading criteria, claiming an answer, examining a claim; what the granted answers of each bidder come to. Pure.

use super::model::{Answer, Claim, ClaimState, Merit};
use crate::kernel::{Code, FieldError, Problem, Timestamp, text};

crate::codes! {
    MERIT_NOT_OFFERED 409 "merit_not_offered" "公告没有这个加分选项";
    MERIT_TOO_LATE 409 "merit_too_late" "申报加分的时间已经截止";
    MERIT_WITHOUT_PAPER 422 "merit_without_paper" "申报加分应附材料";
    MERIT_CLAIMED 409 "merit_claimed" "这一项加分已经申报过";
    MERIT_NOT_WAITING 409 "merit_not_waiting" "这项加分已经审核";
    MERIT_AFTER_OPENING 409 "merit_after_opening" "竞价已经开始，加分以开始时为准";
    MERIT_UNSEEN 409 "merit_unseen" "请先凭竞买人的编码打开这份报名和材料，再审核";
}

/// More criteria than these nobody compares in the head.
const MOST_MERITS: usize = 8;
const MOST_ANSWERS: usize = 6;
/// What a line of the notice and a choice on a phone can hold.
const LONGEST: usize = 40;

/// What every criterion together gives at best, in basis points.
fn best_of(merits: &[Merit]) -> u32 {
    merits.iter().map(Merit::best).fold(0, u32::saturating_add)
}

/// Reads criteria, one in a line: `水质：不作承诺 0%；不投化肥 3.5%`. `most` bounds what the best answers give together.
///
/// Errors, in a sentence that says what would be accepted.
pub fn read(typed: &str, most: u32) -> Result<Vec<Merit>, String> {
    let lines = typed.lines().map(str::trim).filter(|line| !line.is_empty());
    let merits = lines.map(read_line).collect::<Result<Vec<Merit>, String>>()?;
    if merits.len() > MOST_MERITS {
        return Err(format!("加分标准最多 {MOST_MERITS} 项，请合并或者删去不重要的"));
    }
    if let Some(twice) = twice(merits.iter().map(|merit| merit.title.as_str())) {
        return Err(format!("“{twice}”写了两次，同一项标准只能写一次"));
    }
    let best = best_of(&merits);
    if best > most {
        let (best, most) = (super::percent_text(best.into()), super::percent_text(most.into()));
        return Err(format!("各项标准最高的加分合起来是 {best}，最多 {most}；请改小"));
    }
    Ok(merits)
}

fn read_line(line: &str) -> Result<Merit, String> {
    let shape = || {
        format!("“{line}”看不明白；请每行写一项，按“水质：不作承诺 0%；不投化肥 3.5%”的样式填写，百分数最多两位小数")
    };
    let (title, answers) = line.split_once(['：', ':']).ok_or_else(shape)?;
    let answers = answers.split(['；', ';']).map(str::trim).filter(|answer| !answer.is_empty());
    let answers: Vec<Answer> = answers.map(read_answer).collect::<Option<_>>().ok_or_else(shape)?;
    let title = title.trim().to_owned();
    let fits = |text: &str| !text.is_empty() && text.chars().count() <= LONGEST && !text.chars().any(char::is_control);
    if !fits(&title) || !answers.iter().all(|answer| fits(&answer.text)) {
        return Err(format!("“{line}”里，标准和选项各写 1 到 {LONGEST} 个字，详细要求写在其他说明或附件里"));
    }
    if !(2..=MOST_ANSWERS).contains(&answers.len()) {
        return Err(format!("“{title}”应写 2 到 {MOST_ANSWERS} 个选项，第一个是不加分的"));
    }
    if let Some(twice) = twice(answers.iter().map(|answer| answer.text.as_str())) {
        return Err(format!("“{title}”里“{twice}”写了两次，选项不能相同"));
    }
    let base = answers.first().is_some_and(|answer| answer.points_bp == 0);
    if !base || answers.iter().skip(1).any(|answer| answer.points_bp == 0) {
        return Err(format!("“{title}”的第一个选项写 0%，是没有申报的人算的；其余的都要大于 0%"));
    }
    Ok(Merit { title, answers })
}

/// `不投化肥 3.5%`: the number before the sign is what the answer is worth.
fn read_answer(typed: &str) -> Option<Answer> {
    let typed = typed.strip_suffix(['%', '％'])?.trim_end();
    let words =
        typed.trim_end_matches(|c: char| c.is_ascii_digit() || ('０'..='９').contains(&c) || matches!(c, '.' | '．'));
    let number = typed.strip_prefix(words)?;
    // Hundredths of a per cent are read like fen.
    let points_bp = u32::try_from(text::read_yuan(&text::half_width(number)).ok()?.0).ok()?;
    Some(Answer { text: words.trim().to_owned(), points_bp })
}

fn twice<'t>(all: impl Iterator<Item = &'t str> + Clone) -> Option<&'t str> {
    all.clone().enumerate().find(|(i, one)| all.clone().take(*i).any(|other| other == *one)).map(|(_, one)| one)
}

/// A criterion with one of its answers, by their places in the notice, counted from 1.
pub fn find(merits: &[Merit], merit: i32, answer: i32) -> Option<(&Merit, &Answer)> {
    let place = |n: i32| usize::try_from(n).ok()?.checked_sub(1);
    let merit = merits.get(place(merit)?)?;
    Some((merit, merit.answers.get(place(answer)?)?))
}

/// What a notice offers and until when it is claimed.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'m> {
    pub merits: &'m [Merit],
    /// The end of enrolment.
    pub claim_until: Timestamp,
}

impl Offer<'_> {
    /// Every answer that is worth something: its places as they are chosen, and its words.
    pub fn choices(&self) -> Vec<(String, String)> {
        let of_merit = |(merit, m): (&Merit, i32)| {
            let answers: Vec<(String, String)> = (1..)
                .zip(&merit.answers)
                .filter(|(_, answer)| answer.points_bp > 0)
                .map(|(a, answer): (i32, &Answer)| {
                    let worth = super::percent_text(answer.points_bp.into());
                    (format!("{m}.{a}"), format!("{}：{}（加 {worth}）", merit.title, answer.text))
                })
                .collect();
            answers
        };
        self.merits.iter().zip(1..).flat_map(of_merit).collect()
    }

    /// Reads a choice: `1.3`.
    ///
    /// Errors: `merit_not_offered`.
    pub fn read(&self, typed: &str) -> Result<(i32, i32), Problem> {
        let places = typed.trim().split_once('.');
        let places = places.and_then(|(merit, answer)| Some((merit.parse().ok()?, answer.parse().ok()?)));
        places
            .filter(|(merit, answer)| find(self.merits, *merit, *answer).is_some_and(|(_, a)| a.points_bp > 0))
            .ok_or_else(|| {
                let choices = self.choices();
                if choices.is_empty() {
                    return Problem::new(&MERIT_NOT_OFFERED, "本公告只比价格，没有设加分，不用申报");
                }
                let words: Vec<&str> = choices.iter().map(|(_, words)| words.as_str()).collect();
                let codes: Vec<&str> = choices.iter().map(|(code, _)| code.as_str()).collect();
                let mut problem =
                    Problem::new(&MERIT_NOT_OFFERED, format!("请选择：{}", words.join("；"))).with("offered", codes);
                problem.fields.push(FieldError::new("answer", Some(typed), "请选择申报哪一项"));
                problem
            })
    }
}

/// Whether a claim is taken. `earlier`: what became of the bidder's last claim to the same criterion; after a refusal another may
/// follow.
///
/// Errors: `merit_claimed`, `merit_too_late`, `merit_without_paper`.
pub fn claim(offer: Offer<'_>, earlier: Option<ClaimState>, now: Timestamp, is_empty: bool) -> Result<(), Problem> {
    match earlier {
        Some(ClaimState::Claimed) => {
            Err(Problem::new(&MERIT_CLAIMED, "这一项您已经申报，正在等待审核；没有通过的，报名截止前可以再申报"))
        }
        Some(ClaimState::Granted) => Err(Problem::new(&MERIT_CLAIMED, "这一项已经审核通过，不能再换选项")),
        _ if now >= offer.claim_until => {
            let detail = format!("申报加分已于 {} 截止，没有申报的按不加分的选项算", offer.claim_until.second_text());
            Err(Problem::new(&MERIT_TOO_LATE, detail).with("until", offer.claim_until.to_string()))
        }
        _ if is_empty => {
            let mut problem = Problem::from(&MERIT_WITHOUT_PAPER);
            problem.fields.push(FieldError::new(
                "file",
                None,
                "请选择要交的材料，例如承诺书、聘用合同，几页的请拍成一份 PDF",
            ));
            Err(problem)
        }
        _ => Ok(()),
    }
}

/// Whether a claim can be examined now: before the auction opens, while nobody has named a price.
///
/// Errors: `merit_not_waiting`, `merit_after_opening`.
pub fn examine(state: ClaimState, opens_at: Timestamp, now: Timestamp) -> Result<(), Problem> {
    if state != ClaimState::Claimed {
        let detail = format!("这项加分的审核结果是“{}”，不能再次审核", state.label());
        return Err(Problem::new(&MERIT_NOT_WAITING, detail));
    }
    if now >= opens_at {
        return Err(after_opening(opens_at));
    }
    Ok(())
}

fn after_opening(opens_at: Timestamp) -> Problem {
    let code: &'static Code = &MERIT_AFTER_OPENING;
    let detail = format!("竞价已于 {} 开始，开始之后不再审核加分", opens_at.second_text());
    Problem::new(code, detail).with("until", opens_at.to_string())
}

/// A sentence that shows an examiner what is to be written down.
pub const EXAMPLE: &str = "承诺书和尾水处理合同一致";

/// Whether a claim had been granted when the auction opened.
pub fn stood(claim: &Claim, opened_at: Timestamp) -> bool {
    claim.state == ClaimState::Granted && claim.examined_at.is_some_and(|at| at < opened_at)
}

/// What the answers of each bidder come to that had been granted when the auction opened, in basis points. Who was granted none
/// is not named. `None`: a claim is to an answer that the notice does not have.
pub fn points(merits: &[Merit], claims: &[Claim], opened_at: Timestamp) -> Option<Vec<(String, i64)>> {
    let mut found: Vec<(String, i64)> = Vec::new();
    for claim in claims.iter().filter(|claim| stood(claim, opened_at)) {
        let worth = i64::from(find(merits, claim.merit, claim.answer)?.1.points_bp);
        match found.iter_mut().find(|(bidder, _)| *bidder == claim.bidder) {
            Some((_, points)) => *points += worth,
            None => found.push((claim.bidder.clone(), worth)),
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPED: &str = "水质：不作承诺0%；不投化肥3.5%；生态养殖 5％\n\n雇工：不雇0%；雇本村人5人以上 2.25%";

    fn at(text: &str) -> Timestamp {
        format!("2026-03-{text}+08:00").parse().expect("a time")
    }

    fn merits() -> Vec<Merit> {
        read(TYPED, 3_000).expect("criteria")
    }

    #[test]
    fn criteria_are_read_as_they_are_written() {
        let merits = merits();
        assert_eq!(merits[0].title, "水质");
        let told: Vec<(&str, u32)> = merits[0].answers.iter().map(|a| (a.text.as_str(), a.points_bp)).collect();
        assert_eq!(told, [("不作承诺", 0), ("不投化肥", 350), ("生态养殖", 500)]);
        assert_eq!(merits[1].answers[1], Answer { text: "雇本村人5人以上".into(), points_bp: 225 });
        assert_eq!(best_of(&merits), 725);
        assert_eq!(merits[0].told(), "水质：不作承诺，不加；不投化肥，加 3.50%；生态养殖，加 5%");
        let again: Vec<String> = merits.iter().map(Merit::typed).collect();
        assert_eq!(read(&again.join("\n"), 3_000), Ok(merits));
        // An answer may end in a figure: what it is worth stands apart from it.
        let graded = read("等级：三级 0%；等级1 3%；不加 4%", 3_000).expect("criteria");
        assert_eq!((graded[0].answers[1].text.as_str(), graded[0].answers[1].points_bp), ("等级1", 300));
        assert_eq!(read(&graded[0].typed(), 3_000), Ok(graded));
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_repair() {
        for (typed, word) in [
            ("水质", "看不明白"),
            ("水质：好", "看不明白"),
            ("水质：不作承诺0%；好3.555%", "看不明白"),
            ("水质：不作承诺0%", "2 到 6 个选项"),
            ("水质：好5%；不作承诺0%", "第一个选项写 0%"),
            ("水质：不作承诺0%；好0%", "都要大于 0%"),
            ("水质：不作承诺0%；好1%；好2%", "写了两次"),
            ("水质：不作承诺0%；好1%\n水质：差0%；好2%", "写了两次"),
            ("水质：不作承诺0%；好30.01%", "最多 30%"),
            ("：不作承诺0%；好1%", "各写 1 到 40 个字"),
        ] {
            let fault = read(typed, 3_000).expect_err(typed);
            assert!(fault.contains(word), "{typed}: {fault}");
        }
        assert_eq!(read(" \n", 3_000), Ok(Vec::new()));
    }

    #[test]
    fn a_claim_has_its_place_its_time_and_its_paper() {
        let merits = merits();
        let offer = Offer { merits: &merits, claim_until: at("10T17:00:00") };
        assert_eq!(offer.read("1.3").expect("offered"), (1, 3));
        assert_eq!(offer.choices().len(), 3);
        for wrong in ["1.1", "1.4", "3.1", "0.2", "", "1", "a.b"] {
            assert_eq!(offer.read(wrong).expect_err(wrong).code.code, "merit_not_offered");
        }
        let told = |earlier, now, is_empty| claim(offer, earlier, at(now), is_empty).map_err(|p| p.code.code);
        assert_eq!(told(None, "10T16:59:59", false), Ok(()));
        assert_eq!(told(Some(ClaimState::Refused), "10T16:59:59", false), Ok(()));
        assert_eq!(told(Some(ClaimState::Claimed), "10T16:59:59", false), Err("merit_claimed"));
        assert_eq!(told(Some(ClaimState::Granted), "10T16:59:59", false), Err("merit_claimed"));
        assert_eq!(told(None, "10T17:00:00", false), Err("merit_too_late"));
        assert_eq!(told(None, "10T16:59:59", true), Err("merit_without_paper"));
        let examined = |state, now| examine(state, at("11T09:30:00"), at(now)).map_err(|p| p.code.code);
        assert_eq!(examined(ClaimState::Claimed, "11T09:29:59"), Ok(()));
        assert_eq!(examined(ClaimState::Claimed, "11T09:30:00"), Err("merit_after_opening"));
        assert_eq!(examined(ClaimState::Refused, "11T09:29:59"), Err("merit_not_waiting"));
    }

    #[test]
    fn points_are_the_sum_of_what_was_granted_in_time() {
        let merits = merits();
        let of = |bidder: &str, merit, answer, state, examined: Option<&str>| Claim {
            bidder: bidder.into(),
            merit,
            answer,
            state,
            examined_at: examined.map(at),
        };
        let opens = at("11T09:30:00");
        let claims = [
            of("a", 1, 3, ClaimState::Granted, Some("11T09:00:00")),
            of("a", 2, 2, ClaimState::Granted, Some("11T09:00:00")),
            of("b", 1, 2, ClaimState::Refused, Some("11T09:00:00")),
            of("b", 1, 2, ClaimState::Granted, Some("11T09:10:00")),
            of("c", 1, 2, ClaimState::Claimed, None),
            of("d", 1, 2, ClaimState::Granted, Some("11T09:30:00")),
        ];
        assert_eq!(points(&merits, &claims, opens), Some(vec![("a".into(), 725), ("b".into(), 350)]));
        let strange = [of("a", 3, 1, ClaimState::Granted, Some("11T09:00:00"))];
        assert_eq!(points(&merits, &strange, opens), None);
    }
}
