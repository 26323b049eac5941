//! Which groups may enrol, and who may agree. Pure.

use super::model::{Agreement, NewPartner, Share};
use crate::{
    kernel::{Day, FieldError, Problem, text},
    trading::enrolment::{self, BidderKind},
};

crate::codes! {
    NO_JOINT_BIDS 409 "no_joint_bids" "公告不接受联合竞买，请单独报名";
    JOINT_CODE_WRONG 409 "joint_code_wrong" "联合竞买码或证件号后四位不对，或者已经用过；请向牵头人核对";
    OWN_PARTNER 409 "own_partner" "牵头人不能替别人同意；请对方用自己的账号同意";
}

/// Partners of one enrolment at most.
pub const MOST_PARTNERS: usize = 4;

/// A partner that was read and checked.
#[derive(Debug, PartialEq, Eq)]
pub struct ReadPartner {
    pub kind: BidderKind,
    pub name: String,
    pub id_number: String,
    pub share: Share,
}

/// The lead's own share, and the partners.
#[derive(Debug, PartialEq, Eq)]
pub struct Group {
    pub share: Share,
    pub partners: Vec<ReadPartner>,
}

/// The group that enrols; `None` for who enrols alone.
///
/// Errors: `no_joint_bids`, field errors: a partner who is nobody or stands twice, shares that do not come to a hundred.
pub fn read(
    partners: &[NewPartner],
    own_share: &str,
    lead_number: &str,
    accepted: bool,
    today: Day,
) -> Result<Option<Group>, Problem> {
    if partners.is_empty() {
        let alone = own_share.trim().is_empty() || own_share.parse::<Share>() == Ok(Share::WHOLE);
        let detail = "单独报名的不用填份额；联合竞买的请填写其他人";
        return if alone { Ok(None) } else { Err(Problem::field("share", Some(own_share), detail)) };
    }
    if !accepted {
        return Err((&NO_JOINT_BIDS).into());
    }
    if partners.len() > MOST_PARTNERS {
        let detail = format!("除牵头人外最多 {MOST_PARTNERS} 方，现在是 {} 方", partners.len());
        return Err(Problem::field("partners", None, detail));
    }
    let mut errors = Vec::new();
    let share = own_share.parse::<Share>();
    let share = share.map_err(|e| errors.push(FieldError::new("share", Some(own_share), e.to_string())));
    let mut read: Vec<ReadPartner> = Vec::new();
    for (n, partner) in partners.iter().enumerate() {
        match read_partner(n, partner, today) {
            Ok(one) if one.id_number == lead_number || read.iter().any(|other| other.id_number == one.id_number) => {
                let detail = "同一个人或单位在联合体里只能出现一次";
                errors.push(FieldError::new(&format!("partners/{n}/id_number"), None, detail));
            }
            Ok(one) => read.push(one),
            Err(faults) => errors.extend(faults),
        }
    }
    let (Ok(share), true) = (share, errors.is_empty()) else { return Err(Problem::fields(errors)) };
    let sum = read.iter().fold(share.0, |sum, partner| sum.saturating_add(partner.share.0));
    if sum != Share::WHOLE.0 {
        let detail = format!("各方份额加起来应正好是 100%，现在是 {}%", Share(sum));
        return Err(Problem::field("share", Some(own_share), detail));
    }
    Ok(Some(Group { share, partners: read }))
}

fn read_partner(n: usize, new: &NewPartner, today: Day) -> Result<ReadPartner, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut add = |field: &str, seen: Option<&str>, detail: String| {
        errors.push(FieldError::new(&format!("partners/{n}/{field}"), seen, detail));
    };
    let name = text::read_name(&new.name).map_err(|e| add("name", Some(&new.name), e.to_string())).ok();
    let id_number = enrolment::read_bidder_number(new.kind, &new.id_number, today);
    let id_number = id_number.map_err(|detail| add("id_number", None, detail)).ok();
    let share = new.share.parse::<Share>().map_err(|e| add("share", Some(&new.share), e.to_string()));
    match (name, id_number, share) {
        (Some(name), Some(id_number), Ok(share)) => {
            Ok(ReadPartner { kind: new.kind, name: name.value, id_number, share })
        }
        _ => Err(errors),
    }
}

/// The code and the last four characters as they are compared.
///
/// Errors: field errors for what was not ticked or typed.
pub fn read_agreement(agreement: &Agreement) -> Result<(String, String), Problem> {
    let mut errors = Vec::new();
    let code: String = text::half_width(&agreement.code).chars().filter(|c| !c.is_whitespace()).collect();
    if code.len() != 12 || !code.bytes().all(|b| b.is_ascii_digit()) {
        errors.push(FieldError::new("code", None, "联合竞买码是 12 位数字，请向牵头人要"));
    }
    let tail = text::half_width(&agreement.id_tail).trim().to_uppercase();
    if tail.chars().count() != 4 {
        errors.push(FieldError::new("id_tail", None, "请填写自己证件号的后四位"));
    }
    if !agreement.accepts_terms {
        errors.push(FieldError::new("accepts_terms", None, "请阅读公告并勾选同意竞买须知"));
    }
    if !agreement.declares_no_conflict {
        errors.push(FieldError::new("declares_no_conflict", None, enrolment::DECLARE));
    }
    if errors.is_empty() { Ok((code, tail)) } else { Err(Problem::fields(errors)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partner(id_number: &str, share: &str) -> NewPartner {
        NewPartner {
            kind: BidderKind::Organisation,
            name: "江门市某某养殖有限公司".into(),
            id_number: id_number.into(),
            share: share.into(),
        }
    }

    fn fields(partners: &[NewPartner], own: &str, accepted: bool) -> Vec<String> {
        match read(partners, own, "440703199003071237", accepted, Day::new(2026, 3, 2).expect("a day")) {
            Ok(_) => Vec::new(),
            Err(problem) if problem.fields.is_empty() => vec![problem.code.code.to_owned()],
            Err(problem) => problem.fields.iter().map(|f| f.field().to_owned()).collect(),
        }
    }

    #[test]
    fn shares_come_to_a_hundred_and_nobody_stands_twice() {
        let firm = "N2440703MF0000013M";
        assert_eq!(fields(&[partner(firm, "33.3333")], "66.6667", true), Vec::<String>::new());
        assert_eq!(fields(&[partner(firm, "33.3333")], "66.6666", true), ["share"]);
        assert_eq!(fields(&[partner(firm, "33.3333")], "", true), ["share"]);
        assert_eq!(fields(&[partner(firm, "40"), partner(firm, "40")], "20", true), ["partners/1/id_number"]);
        assert_eq!(fields(&[partner("1", "x")], "50", true), ["partners/0/id_number", "partners/0/share"]);
        assert_eq!(fields(&[partner(firm, "50")], "50", false), ["no_joint_bids"]);
        assert_eq!(fields(&[], "50", true), ["share"]);
        assert_eq!(fields(&[], "", false), Vec::<String>::new());
        let many: Vec<NewPartner> = (0..5).map(|_| partner(firm, "10")).collect();
        assert_eq!(fields(&many, "50", true), ["partners"]);
    }

    #[test]
    fn a_partner_says_all_of_it() {
        let good = Agreement {
            code: " 1234 5678 ９０１２ ".into(),
            id_tail: "123x".into(),
            accepts_terms: true,
            declares_no_conflict: true,
        };
        assert_eq!(read_agreement(&good).ok(), Some(("123456789012".to_owned(), "123X".to_owned())));
        let bad =
            Agreement { code: "1".into(), id_tail: "1".into(), accepts_terms: false, declares_no_conflict: false };
        assert_eq!(read_agreement(&bad).expect_err("all wrong").fields.len(), 4);
    }
}
