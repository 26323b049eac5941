//! Reading a decision and the further fields of a notice: every fault by its field. Pure.

use super::Faults;
use crate::{
    kernel::{Day, text},
    trading::listing::model::{Attachment, Decision, DecisionDraft, NoticeDraft, NoticeFields, PriceCut, Terms},
};

/// Reads the decision of a draft; `None` where nothing is filled in. A vote that cannot be is refused at once; one that
/// does not suffice is refused by the [gate](super::gate).
pub(super) fn read(faults: &mut Faults, typed: &DecisionDraft) -> Option<Decision> {
    if *typed == DecisionDraft::default() {
        return None;
    }
    let seen = |n: Option<u32>| n.map(|n| n.to_string());
    if let (Some(entitled), Some(present)) = (typed.entitled, typed.present)
        && present > entitled
    {
        let detail = format!("实到 {present} 人多于应到 {entitled} 人，请核对会议记录");
        faults.add("decision/present", seen(typed.present).as_deref(), detail);
    }
    if let (Some(present), Some(in_favour)) = (typed.present, typed.in_favour)
        && in_favour > present
    {
        let detail = format!("赞成 {in_favour} 票多于实到 {present} 人，请核对会议记录");
        faults.add("decision/in_favour", seen(typed.in_favour).as_deref(), detail);
    }
    let publicity_from = faults.day("decision/publicity_from", typed.publicity_from.as_deref());
    let publicity_until = faults.day("decision/publicity_until", typed.publicity_until.as_deref());
    if let (Some(from), Some(until)) = (publicity_from, publicity_until)
        && until < from
    {
        let detail = format!("公示截止日期不能早于开始日期 {from}");
        faults.add("decision/publicity_until", Some(&until.to_string()), detail);
    }
    Some(Decision {
        body: typed.body,
        entitled: typed.entitled,
        present: typed.present,
        in_favour: typed.in_favour,
        publicity_from,
        publicity_until,
        price_cuts: cuts(faults, &typed.price_cuts),
    })
}

fn cuts(faults: &mut Faults, typed: &str) -> Vec<PriceCut> {
    let read = |part: &str| {
        let (round, by) = part.strip_prefix('第')?.split_once('次')?;
        let round: u32 = text::half_width(round.trim()).parse().ok().filter(|n| (2..=99).contains(n))?;
        let by = by.trim().trim_start_matches('降');
        match (by.strip_suffix(['%', '％']), by.strip_prefix('到')) {
            (Some(percent), _) => {
                // Hundredths of a per cent are read like fen.
                let bp = text::read_yuan(percent).ok().and_then(|fen| u32::try_from(fen.0).ok())?;
                (1..10_000).contains(&bp).then_some(PriceCut { round, cut_bp: Some(bp), price: None })
            }
            (None, Some(price)) => Some(PriceCut { round, cut_bp: None, price: Some(faults.read_price(price).ok()?) }),
            (None, None) => None,
        }
    };
    let parts = typed.split(['；', ';', '\n']).map(str::trim).filter(|part| !part.is_empty());
    let Some(mut all) = parts.map(read).collect::<Option<Vec<PriceCut>>>() else {
        let detail = "请按“第2次10%；第3次降到600”的样式填写：第几次挂牌，比上一次降百分之几，或者降到多少";
        faults.add("decision/price_cuts", Some(typed), detail);
        return Vec::new();
    };
    all.sort_by_key(|cut| cut.round);
    if all.windows(2).any(|pair| matches!(pair, [a, b] if a.round == b.round)) {
        faults.add("decision/price_cuts", Some(typed), "同一次挂牌只能写一个降价安排");
    }
    all
}

/// Reads the further fields; `None` where nothing is filled in. Titles of papers are put in by who can look them up.
pub(super) fn notice(faults: &mut Faults, typed: &NoticeDraft) -> Option<NoticeFields> {
    if *typed == NoticeDraft::default() {
        return None;
    }
    if typed.rent_free_months.is_some_and(|n| n > 60) {
        faults.add("notice/rent_free_months", None, "免租期最长 60 个月，请核对");
    }
    if typed.attachments.len() > 20 {
        faults.add("notice/attachments", None, "附件最多 20 份，请合并后再选");
    }
    let mut text = |field: &str, typed: &str| faults.text(&format!("notice/{field}"), typed);
    let mut fields = NoticeFields {
        tax: text("tax", &typed.tax),
        payment: text("payment", &typed.payment),
        rent_free_months: typed.rent_free_months.filter(|n| *n > 0),
        performance_bond: None,
        delivery: text("delivery", &typed.delivery),
        boundaries: text("boundaries", &typed.boundaries),
        title_papers: text("title_papers", &typed.title_papers),
        fire_safety: text("fire_safety", &typed.fire_safety),
        viewing: text("viewing", &typed.viewing),
        restrictions: text("restrictions", &typed.restrictions),
        joint_bidders: typed.joint_bidders,
        complaint_phone: text("complaint_phone", &typed.complaint_phone),
        right_until: None,
        attachments: Vec::new(),
    };
    let bond = typed.performance_bond.trim();
    if !bond.is_empty() {
        match text::read_yuan(bond) {
            Ok(fen) => fields.performance_bond = Some(fen),
            Err(e) => faults.add("notice/performance_bond", Some(bond), e.to_string()),
        }
    }
    fields.right_until = faults.day("notice/right_until", typed.right_until.as_deref());
    let attached = |id: &String| Attachment { document: id.trim().to_owned(), title: String::new() };
    fields.attachments = typed.attachments.iter().filter(|id| !id.trim().is_empty()).map(attached).collect();
    Some(fields)
}

/// A right that ends by itself cannot be handed on for longer (RLCL art. 38 item 3). Without a fixed first day the term
/// is counted from today.
pub(super) fn within_right(faults: &mut Faults, terms: &Terms, today: Day) {
    let Some(until) = terms.notice.as_ref().and_then(|n| n.right_until) else { return };
    let starts = terms.starts_on.unwrap_or(today);
    let ends = starts.plus_months(terms.term_months).minus_days(1);
    if terms.term_months > 0 && ends > until {
        let detail = format!(
            "合同从 {starts} 起要到 {ends} 才满，超过了原权利的到期日 {until}；受让的期限不得超过剩余期限（《农村土地承包法》第三十八条）"
        );
        faults.add("term_months", Some(&terms.term_months.to_string()), detail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Fen;

    #[test]
    fn a_ladder_is_read_as_it_is_written() {
        let mut faults = Faults::default();
        let all = cuts(&mut faults, "第3次降到600；第2次10%");
        assert_eq!(all[0], PriceCut { round: 2, cut_bp: Some(1_000), price: None });
        assert_eq!(all[1], PriceCut { round: 3, cut_bp: None, price: Some(Fen(60_000)) });
        let again = Decision { price_cuts: all.clone(), ..Decision::default() };
        assert_eq!(again.cuts_text(), "第2次10%；第3次降到600.00");
        assert_eq!(cuts(&mut faults, &again.cuts_text()), all);
        assert!(faults.found.is_empty());
        for wrong in ["10%", "第1次10%", "第2次", "第2次100%", "第2次0%", "第2次10%；第2次5%", "第二次10%"]
        {
            let mut faults = Faults::default();
            cuts(&mut faults, wrong);
            assert!(faults.has("decision/price_cuts"), "{wrong}");
        }
    }

    #[test]
    fn a_vote_that_cannot_be_is_refused_at_once() {
        let mut faults = Faults::default();
        let typed = DecisionDraft {
            entitled: Some(45),
            present: Some(46),
            in_favour: Some(47),
            publicity_from: Some("2026-02-27".into()),
            publicity_until: Some("2026-02-21".into()),
            ..DecisionDraft::default()
        };
        read(&mut faults, &typed);
        for field in ["decision/present", "decision/in_favour", "decision/publicity_until"] {
            assert!(faults.has(field), "{field}");
        }
    }
}
