//! When there may be a negotiation, what a proposal must be, and when it is concluded. Pure.

use super::model::{NewNegotiation, Review, State, Vote};
use crate::{
    kernel::{Day, Fen, FieldError, Problem, text},
    policy::{Rule, Rules},
    trading::{
        auction::Direction,
        confirmation::{OBJECTION_UPHELD, OBJECTIONS_OPEN, RESULT_NOTICE_RUNNING},
        enrolment::{BidderKind, Identity, NewEnrolment, check_identity},
        listing::{SAME_PERSON, Terms, check_vote, read_decision},
        objections::Pending,
    },
};

crate::codes! {
    NEGOTIATION_TOO_EARLY 409 "negotiation_too_early" "流拍的次数还不够，不能公开协商；请先重新挂牌";
    NEGOTIATION_OPEN 409 "negotiation_open" "这一宗正在公开协商；请先办结，或者撤回";
    NEGOTIATION_SIGNED 409 "negotiation_signed" "这一宗已经协商成交并登记了合同；要再次交易，请从资产台账重新发起";
    NEGOTIATION_RELISTED 409 "negotiation_relisted" "这项资产后来又挂了牌，不能再就这一次协商；请在最近一次流拍之后办理";
    NEGOTIATION_PRICE 409 "negotiation_price" "协商价不能比最后一次挂牌的价格差";
    NEGOTIATION_NOT_IN_STATE 409 "negotiation_not_in_state" "公开协商目前的状态不能办理这一步";
    NEGOTIATION_CHANGED 409 "negotiation_changed" "您看的不是现在这一份协商方案，请重新看过再审核";
}

/// What stands for or against a negotiation about a failed lot.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// Rounds of the offer that have failed, the lot's own counted.
    pub failed: i32,
    /// The asset is, or was after this lot, offered in another trade.
    pub relisted: bool,
    /// The newest negotiation about the lot.
    pub newest: Option<State>,
}

/// Whether a negotiation may be proposed.
///
/// Errors: `negotiation_open`, `negotiation_signed`, `negotiation_relisted`, `negotiation_too_early` with the rounds that are
/// needed.
pub fn check_facts(facts: Facts, needed: &Rule<u32>) -> Result<(), Problem> {
    check_free(facts.newest)?;
    if facts.relisted {
        return Err((&NEGOTIATION_RELISTED).into());
    }
    if u32::try_from(facts.failed).unwrap_or_default() >= needed.value {
        return Ok(());
    }
    let detail = format!(
        "这一宗流拍了 {} 次，满 {} 次才能公开协商（{}）；请先重新挂牌",
        facts.failed, needed.value, needed.basis
    );
    Err(Problem::new(&NEGOTIATION_TOO_EARLY, detail).with("needed", needed.value).with("failed", facts.failed))
}

/// Whether a lot with this newest negotiation may be negotiated or listed anew.
///
/// Errors: `negotiation_open`, `negotiation_signed`.
pub fn check_free(newest: Option<State>) -> Result<(), Problem> {
    match newest {
        Some(State::Signed) => Err((&NEGOTIATION_SIGNED).into()),
        Some(state) if state.is_open() => {
            let detail = format!("这一宗正在公开协商（{}）；请先办结，或者撤回", state.label());
            Err(Problem::new(&NEGOTIATION_OPEN, detail).with("state", state.as_str()))
        }
        _ => Ok(()),
    }
}

/// Refuses a step that the state does not allow.
///
/// Errors: `negotiation_not_in_state`.
pub fn must_be(state: State, allowed: &[State]) -> Result<(), Problem> {
    if allowed.contains(&state) {
        return Ok(());
    }
    let detail = format!("公开协商目前是“{}”，不能办理这一步", state.label());
    Err(Problem::new(&NEGOTIATION_NOT_IN_STATE, detail).with("state", state.as_str()))
}

/// What the last round asked: its opening price; where prices fell with the clock, how far they fell.
pub fn bound(terms: &Terms) -> Fen {
    let floor = terms.method.as_ref().and_then(|method| method.clock).map(|clock| clock.floor);
    floor.unwrap_or(terms.opening_price)
}

/// Whether a price is no worse for the collective than what the last round asked.
pub fn is_enough(terms: &Terms, price: Fen) -> bool {
    price > Fen::ZERO && !terms.direction().is_better(bound(terms), price)
}

/// Errors: `negotiation_price` with the price that is just good enough.
pub fn check_price(terms: &Terms, price: Fen) -> Result<(), Problem> {
    if is_enough(terms, price) {
        return Ok(());
    }
    let (bound, unit) = (bound(terms), terms.price_unit.label());
    let (name, word) = match terms.direction() {
        Direction::Up => ("minimum", "低于"),
        Direction::Down => ("maximum", "高于"),
    };
    let detail = format!("协商价 {price} {unit}，{word}最后一次挂牌的 {bound} {unit}；协商价不能{word}它");
    let field = FieldError::new("price", Some(&price.to_string()), detail.clone());
    let problem = Problem::new(&NEGOTIATION_PRICE, detail).with(name, bound.to_string());
    Err(Problem { fields: vec![field], ..problem })
}

/// A proposal as far as it can be read before the rules of the meeting's day are known.
#[derive(Debug)]
pub struct Read {
    /// The terms of the last round with the price and the decision of the proposal: what the collective has voted for.
    pub voted: Terms,
    pub price: Option<Fen>,
    faults: Vec<FieldError>,
}

/// Reads price and decision of a proposal.
pub fn read(new: &NewNegotiation, terms: &Terms) -> Read {
    let (decision, decision_on, mut faults) = read_decision(&new.decision, &new.decision_on);
    if decision.as_ref().is_some_and(|decision| !decision.price_cuts.is_empty()) {
        faults.push(FieldError::new("decision/price_cuts", None, "公开协商没有降价安排，请留空"));
    }
    let price = terms.price_unit.read(&new.price);
    let price = price.map_err(|detail| faults.push(FieldError::new("price", Some(&new.price), detail))).ok();
    let opening_price = price.unwrap_or(terms.opening_price);
    let estimated_value = terms.estimated_value.and_then(|_| terms.worth(opening_price));
    let voted = Terms { opening_price, estimated_value, decision, decision_on, ..terms.clone() };
    Read { voted, price, faults }
}

/// What is proposed, read and checked.
#[derive(Debug)]
pub struct Proposal {
    pub identity: Identity,
    pub price: Fen,
    pub vote: Vote,
}

/// Everything else of a proposal: the counterpart, the minutes, and whether the vote carries it. `ended_on`: the day on which
/// the last round failed.
///
/// Errors: field errors, all at once.
pub fn check(
    new: &NewNegotiation,
    read: Read,
    meeting: &Rules,
    ended_on: Option<Day>,
    today: Day,
) -> Result<Proposal, Problem> {
    let Read { voted, price, mut faults } = read;
    let identity = check_identity(&counterpart(new), today).map_err(|p| faults.extend(p.fields)).ok();
    let minutes = public_line("minutes", &new.minutes, LONGEST_MINUTES, new.kind, &new.name);
    let minutes = minutes.map_err(|fault| faults.push(fault)).ok();
    if let (Some(day), Some(ended)) = (voted.decision_on, ended_on)
        && day < ended
    {
        let detail = format!("表决日期 {day} 早于流拍的日期 {ended}；要就这次协商另行表决");
        faults.push(FieldError::new("decision_on", Some(&day.to_string()), detail));
    }
    for fault in check_vote(&voted, today, meeting) {
        if !faults.iter().any(|known| known.field() == fault.field()) {
            faults.push(fault);
        }
    }
    match (identity, minutes, price, voted.decision_on, voted.decision) {
        (Some(identity), Some(minutes), Some(price), Some(on), Some(decision)) if faults.is_empty() => {
            Ok(Proposal { identity, price, vote: Vote { minutes, on, decision } })
        }
        _ => Err(Problem::fields(faults)),
    }
}

/// The counterpart as if it enrolled: the same checks hold.
fn counterpart(new: &NewNegotiation) -> NewEnrolment {
    NewEnrolment {
        kind: new.kind,
        name: new.name.clone(),
        id_number: new.id_number.clone(),
        phone: new.phone.clone(),
        priority_claim: String::new(),
        accepts_terms: true,
        notice_version: None,
        declares_no_conflict: new.declares_no_conflict,
        share: String::new(),
        partners: Vec::new(),
    }
}

const LONGEST_MINUTES: usize = 100;
const LONGEST_REASON: usize = 200;

/// A line that becomes public: it names no person.
fn public_line(field: &str, typed: &str, most: usize, kind: BidderKind, name: &str) -> Result<String, FieldError> {
    let line = typed.trim();
    let fault = |detail: String| Err(FieldError::new(field, Some(typed), detail));
    if line.is_empty() || line.chars().count() > most || line.chars().any(char::is_control) {
        return fault(format!("请填写，最多 {most} 个字，写在一行里"));
    }
    let name = name.trim();
    if kind == BidderKind::Person && !name.is_empty() && line.contains(name) {
        return fault("这一项会公布，请不要写对方的姓名".to_owned());
    }
    Ok(line.to_owned())
}

/// Why a negotiation is withdrawn.
///
/// Errors: a field error.
pub fn read_reason(typed: &str, kind: BidderKind, name: &str) -> Result<String, Problem> {
    public_line("reason", typed, LONGEST_REASON, kind, name).map_err(|fault| Problem::fields(vec![fault]))
}

/// A review is of the proposal that waits now, by somebody else than who proposed it, and says why where it sends back.
/// Returns what is kept of its note.
///
/// Errors: `same_person`, `negotiation_changed`, a field error.
pub fn check_review(review: &Review, place: i32, reviewer: &str, proposed_by: &str) -> Result<String, Problem> {
    if reviewer == proposed_by {
        let detail = "提出协商方案的人不能审核自己的方案，请由镇街的另一位审核人员办理";
        return Err(Problem::new(&SAME_PERSON, detail));
    }
    if review.place != place {
        return Err(Problem::new(&NEGOTIATION_CHANGED, NEGOTIATION_CHANGED.title).with("place", place));
    }
    if review.approve { Ok(String::new()) } else { text::read_paragraph("note", &review.note, LONGEST_REASON) }
}

/// Whether a published negotiation can be concluded.
///
/// Errors: `result_notice_running`, `objections_open`, `objection_upheld`.
pub fn check_conclusion(notice_until: Day, pending: Pending, today: Day) -> Result<(), Problem> {
    if today <= notice_until {
        let detail = format!("协商结果公示到 {notice_until} 为止，{} 起才能办结", notice_until.plus_days(1));
        return Err(Problem::new(&RESULT_NOTICE_RUNNING, detail).with("until", notice_until.to_string()));
    }
    if pending.open > 0 {
        let detail = format!("还有 {} 条异议没有答复，答复之前不能办结", pending.open);
        return Err(Problem::new(&OBJECTIONS_OPEN, detail).with("open", pending.open));
    }
    if pending.upheld > 0 {
        return Err(Problem::new(&OBJECTION_UPHELD, "有异议成立，不能办结；请撤回这次协商"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn needed(value: u32) -> Rule<u32> {
        Rule { value, basis: "x".into(), from: day("2020-01-01"), verified: false, set: "x".into() }
    }

    #[test]
    fn it_takes_failed_rounds_and_nothing_else_under_way() {
        let code = |failed, relisted, newest| {
            check_facts(Facts { failed, relisted, newest }, &needed(2)).err().map(|p| p.code.code)
        };
        assert_eq!(code(2, false, None), None);
        assert_eq!(code(3, false, Some(State::Returned)), None);
        assert_eq!(code(2, false, Some(State::Withdrawn)), None);
        assert_eq!(code(1, false, None), Some("negotiation_too_early"));
        assert_eq!(code(2, true, None), Some("negotiation_relisted"));
        for open in [State::Proposed, State::Published, State::Concluded] {
            assert_eq!(code(2, false, Some(open)), Some("negotiation_open"), "{open}");
        }
        assert_eq!(code(2, false, Some(State::Signed)), Some("negotiation_signed"));
    }

    #[test]
    fn another_person_reviews_the_proposal_that_waits() {
        let review = |place, approve, note: &str, by| {
            let review = Review { place, approve, note: note.into() };
            check_review(&review, 2, by, "clerk").map_err(|p| p.code.code)
        };
        assert_eq!(review(2, true, "可以", "officer"), Ok(String::new()));
        assert_eq!(review(2, false, " 价格不对 ", "officer"), Ok("价格不对".into()));
        assert_eq!(review(2, true, "", "clerk"), Err("same_person"));
        assert_eq!(review(1, true, "", "officer"), Err("negotiation_changed"));
        assert_eq!(review(2, false, " ", "officer"), Err("invalid_fields"));
    }

    #[test]
    fn nothing_is_concluded_before_its_time() {
        let (until, none) = (day("2026-03-17"), Pending { open: 0, upheld: 0 });
        let code = |pending, today| check_conclusion(until, pending, today).err().map(|p| p.code.code);
        assert_eq!(code(none, until.plus_days(1)), None);
        assert_eq!(code(none, until), Some("result_notice_running"));
        assert_eq!(code(Pending { open: 1, upheld: 0 }, until.plus_days(1)), Some("objections_open"));
        assert_eq!(code(Pending { open: 0, upheld: 1 }, until.plus_days(1)), Some("objection_upheld"));
    }

    #[test]
    fn what_becomes_public_names_no_person() {
        let line = |typed: &str, kind| public_line("minutes", typed, 20, kind, "陈某").is_ok();
        assert!(line("协商记录 5 号", BidderKind::Person) && line("陈某公司协商记录", BidderKind::Organisation));
        for wrong in ["", " ", "与陈某的协商记录", "两\n行", "长长长长长长长长长长长长长长长长长长长长长"]
        {
            assert!(!line(wrong, BidderKind::Person), "{wrong}");
        }
    }
}
