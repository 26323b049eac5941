//! Decisions about memberships. Pure: what must be known comes in as values.

use super::model::{LossCause, MembershipState};
use crate::kernel::{Day, FieldError, Problem};

crate::codes! {
    ALREADY_MEMBER 409 "already_member" "这个人已经是本集体的成员";
    MEMBER_ELSEWHERE 409 "member_elsewhere" "这个身份证号已登记在另一个集体经济组织";
    OTHER_NAME_ON_RECORD 409 "other_name_on_record" "这个身份证号已用另一个姓名登记";
    MEMBERSHIP_ENDED 409 "membership_ended" "这条成员记录已经结束，不能再改";
    LOSS_CAUSE_FORBIDDEN 422 "loss_cause_forbidden" "法律规定不得以这个原因取消成员身份";
    HOUSEHOLD_HAS_HEAD 409 "household_has_head" "这一户已经有户主";
    PERSON_ERASED 409 "person_erased" "这个人的个人信息已经删除，不能再查看或更正";
}

/// Reasons for which a membership may not be taken away (LREC art. 18), with words that people use for them.
const FORBIDDEN: [(&str, &[&str]); 8] = [
    ("就学", &["上学", "读书", "升学", "study"]),
    ("服役", &["参军", "当兵", "入伍", "military_service"]),
    ("务工", &["打工", "外出", "进城", "migrant_work"]),
    ("经商", &["做生意", "business"]),
    ("离婚", &["divorce"]),
    ("丧偶", &["守寡", "widowhood"]),
    ("服刑", &["坐牢", "判刑", "prison"]),
    ("结婚", &["婚姻", "出嫁", "外嫁", "marriage"]),
];

/// Reads the cause by which a membership ends: the closed list of LREC arts. 16 and 17.
///
/// # Errors
/// `loss_cause_forbidden` for a reason of art. 18, a field error for anything else that is not in the list.
pub fn read_cause(text: &str) -> Result<LossCause, Problem> {
    let typed = text.trim();
    if let Ok(cause) = typed.parse() {
        return Ok(cause);
    }
    let forbidden =
        FORBIDDEN.iter().find(|(name, words)| typed.contains(name) || words.iter().any(|w| typed.contains(w)));
    match forbidden {
        Some((name, _)) => Err(Problem::new(
            &LOSS_CAUSE_FORBIDDEN,
            format!(
                "《农村集体经济组织法》第十八条规定不得因{name}取消成员身份；只有取得其他集体成员身份等第十七条所列情形才能办理丧失"
            ),
        )),
        None => {
            let list: Vec<&str> = LossCause::ALL.iter().map(LossCause::label).collect();
            Err(Problem::field("cause", Some(typed), format!("丧失原因应是下列之一：{}", list.join("、"))))
        }
    }
}

/// Facts about a membership that is to end.
pub struct Ending {
    pub state: MembershipState,
    pub acquired_on: Day,
    pub cause: LossCause,
    pub basis: String,
    pub lost_on: Day,
    pub retained_until: Option<Day>,
}

/// Whether and how a membership ends.
///
/// # Errors
/// It has ended before; the basis is missing; the days contradict each other or lie ahead; rights are to be kept although
/// art. 17 allows it only for a change of collective or an entry into the civil service.
pub fn decide_ending(ending: &Ending, today: Day) -> Result<MembershipState, Problem> {
    if ending.state != MembershipState::Active {
        return Err((&MEMBERSHIP_ENDED).into());
    }
    let mut faults = Vec::new();
    if ending.basis.trim().is_empty() {
        faults.push(FieldError::new("basis", None, "请填写依据，例如死亡证明、退出申请及成员大会决议的名称和日期"));
    }
    if ending.lost_on < ending.acquired_on {
        let seen = ending.lost_on.to_string();
        faults.push(FieldError::new(
            "lost_on",
            Some(&seen),
            format!("丧失日期不能早于取得日期 {}", ending.acquired_on),
        ));
    }
    if ending.lost_on > today {
        let seen = ending.lost_on.to_string();
        faults.push(FieldError::new("lost_on", Some(&seen), format!("丧失日期不能晚于今天 {today}")));
    }
    if let Some(until) = ending.retained_until {
        let seen = until.to_string();
        if !matches!(ending.cause, LossCause::OtherCollective | LossCause::CivilServant | LossCause::Exit) {
            let words = "只有取得其他集体成员身份、成为公务员或自愿退出的，才可以约定保留权益期限（第十六、十七条）";
            faults.push(FieldError::new("retained_until", Some(&seen), words));
        } else if until <= ending.lost_on {
            faults.push(FieldError::new("retained_until", Some(&seen), "保留权益的截止日期应晚于丧失日期"));
        }
    }
    if !faults.is_empty() {
        return Err(Problem::fields(faults));
    }
    Ok(if ending.retained_until.is_some() { MembershipState::Retained } else { MembershipState::Lost })
}

/// What is on record about a person who is to become a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnRecord {
    pub name: String,
    /// Collectives in which the person is a member in good standing.
    pub active_in: Vec<String>,
}

/// Whether a person on record may become a member of `collective`. One person is a member of one collective only (LREC
/// art. 17(3)), where the group within the village counts as the same one: the law leaves that open.
///
/// # Errors
/// `already_member`, `member_elsewhere`, `other_name_on_record`. None of them tells where or who.
pub fn decide_registration(record: Option<&OnRecord>, collective: &str, name: &str) -> Result<(), Problem> {
    let Some(record) = record else { return Ok(()) };
    if record.active_in.iter().any(|c| c == collective) {
        return Err(Problem::new(
            &ALREADY_MEMBER,
            "这个身份证号已经是本集体的在册成员；如需修改，请到这位成员的页面办理",
        ));
    }
    if !record.active_in.iter().all(|c| is_same_village(c, collective)) {
        return Err(Problem::new(
            &MEMBER_ELSEWHERE,
            "这个身份证号已是另一个集体经济组织的成员；一人只能是一个集体的成员，请联系镇街核实并先办理原身份的丧失登记",
        ));
    }
    if record.name != name {
        return Err(Problem::new(
            &OTHER_NAME_ON_RECORD,
            "这个身份证号已用另一个姓名登记；请对照证件核对姓名和号码，如已改名，请先更正原记录的姓名",
        ));
    }
    Ok(())
}

/// Whether two collectives are one for the law, as a group within its village is taken to be.
pub fn is_same_village(one: &str, other: &str) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// Whether a membership on record is as its state says: it has ended exactly when it has a cause and a day, not before it
/// began, and rights are kept to a day after that or not at all.
pub fn end_adds_up(
    state: MembershipState,
    acquired_on: Day,
    cause: Option<LossCause>,
    lost_on: Option<Day>,
    retained_until: Option<Day>,
) -> bool {
    match (state, cause, lost_on, retained_until) {
        (MembershipState::Active, None, None, None) => true,
        (MembershipState::Lost, Some(_), Some(lost), None) => lost >= acquired_on,
        (MembershipState::Retained, Some(_), Some(lost), Some(until)) => lost >= acquired_on && until > lost,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap_or_else(|_| panic!("{text}"))
    }
    fn ending(cause: LossCause) -> Ending {
        Ending {
            state: MembershipState::Active,
            acquired_on: day("2018-06-30"),
            cause,
            basis: "死亡证明".into(),
            lost_on: day("2026-03-01"),
            retained_until: None,
        }
    }

    #[test]
    fn the_causes_of_the_law_and_no_others() {
        assert_eq!(read_cause("death").ok(), Some(LossCause::Death));
        assert_eq!(read_cause("自愿退出").ok(), Some(LossCause::Exit));
        for forbidden in ["因结婚", "离婚", "外出打工", "参军", "服刑", "study", "丧偶", "经商"] {
            let problem = read_cause(forbidden).expect_err("refused");
            assert_eq!(problem.code.code, "loss_cause_forbidden", "{forbidden}");
            assert!(problem.detail.contains("第十八条"));
        }
        let unknown = read_cause("欠租").expect_err("refused");
        assert_eq!(unknown.code.code, "invalid_fields");
        assert!(unknown.detail.contains("死亡"));
    }

    #[test]
    fn an_ending_needs_its_paper_and_days_that_fit() {
        let today = day("2026-03-02");
        assert_eq!(decide_ending(&ending(LossCause::Death), today).ok(), Some(MembershipState::Lost));
        let refuse = |e: Ending| decide_ending(&e, today).expect_err("refused");
        let fields = |p: Problem| p.fields.iter().map(|f| f.field().to_owned()).collect::<Vec<_>>();
        assert_eq!(fields(refuse(Ending { basis: " ".into(), ..ending(LossCause::Death) })), ["basis"]);
        assert_eq!(fields(refuse(Ending { lost_on: day("2018-01-01"), ..ending(LossCause::Death) })), ["lost_on"]);
        assert_eq!(fields(refuse(Ending { lost_on: day("2026-03-03"), ..ending(LossCause::Death) })), ["lost_on"]);
        let kept = Ending { retained_until: Some(day("2028-03-01")), ..ending(LossCause::CivilServant) };
        assert_eq!(decide_ending(&kept, today).ok(), Some(MembershipState::Retained));
        let dead = Ending { retained_until: Some(day("2028-03-01")), ..ending(LossCause::Death) };
        assert_eq!(fields(refuse(dead)), ["retained_until"]);
        let twice = refuse(Ending { state: MembershipState::Lost, ..ending(LossCause::Death) });
        assert_eq!(twice.code.code, "membership_ended");
    }

    #[test]
    fn one_person_one_collective_the_groups_of_a_village_excepted() {
        let record = |active: &[&str]| OnRecord {
            name: "张三".into(),
            active_in: active.iter().map(|s| (*s).into()).collect(),
        };
        let decide =
            |r: &OnRecord, name: &str| decide_registration(Some(r), "440703103216", name).map_err(|p| p.code.code);
        assert_eq!(decide_registration(None, "440703103216", "张三").map_err(|p| p.code.code), Ok(()));
        assert_eq!(decide(&record(&[]), "张三"), Ok(()), "a former member may come back");
        assert_eq!(decide(&record(&["44070310321601"]), "张三"), Ok(()), "the group of this village");
        assert_eq!(decide(&record(&["440703103216"]), "张三"), Err("already_member"));
        assert_eq!(decide(&record(&["440703103201"]), "张三"), Err("member_elsewhere"));
        assert_eq!(decide(&record(&[]), "李四"), Err("other_name_on_record"));
    }
}
