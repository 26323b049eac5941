//! What a lot that is listed again may ask for. Pure.
//!
//! Promise: the opening price of a round is never below the one before unless the collective voted for it, and never
//! further below than the policies of the place allow. Where the collective buys, the most that it pays never rises without
//! another meeting.

use super::{PRICE_CUT_NOT_VOTED, PRICE_CUT_TOO_DEEP, PRICE_RISE_NOT_VOTED, PRICE_UNIT_NOT_VOTED};
use crate::{
    kernel::{Fen, FieldError, Problem},
    policy::Rules,
    trading::listing::model::Terms,
};

/// The round before, which came to nothing.
#[derive(Debug, Clone)]
pub struct RoundBefore {
    pub round: u32,
    pub terms: Terms,
}

/// What is left of a price after a cut, rounded up: the collective never asks for less than was voted.
fn less(price: Fen, cut_bp: u32) -> Fen {
    let left = i128::from(price.0) * i128::from(10_000_u32.saturating_sub(cut_bp));
    let up = left.checked_add(9_999).map_or(left, |n| n / 10_000);
    i64::try_from(up).map_or(price, Fen)
}

/// What the price of the round before comes to in the unit of this one; where the unit, the area or the term is another,
/// by what it comes to a month.
fn price_before(terms: &Terms, before: &Terms) -> Option<Fen> {
    if terms.price_unit == before.price_unit {
        return Some(before.opening_price);
    }
    let (now, then) = (terms.total(terms.opening_price)?, before.total(before.opening_price)?);
    let months = |terms: &Terms| i128::from(terms.term_months.max(1));
    let worth = i128::from(then.0) * months(terms) * i128::from(terms.opening_price.0);
    let part = worth.checked_div(months(before).checked_mul(i128::from(now.0))?)?;
    i64::try_from(part).ok().map(Fen)
}

/// Errors: `price_cut_not_voted`, `price_cut_too_deep`, each with the least price that is allowed; `price_unit_not_voted`.
pub fn check_cut(terms: &Terms, before: &RoundBefore, rules: &Rules) -> Result<(), Problem> {
    if !terms.is_priced() || !before.terms.is_priced() {
        return Ok(());
    }
    if terms.price_unit.is_money() != before.terms.price_unit.is_money() {
        return check_unit(terms, &before.terms);
    }
    let Some(price) = price_before(terms, &before.terms) else { return Ok(()) };
    if terms.is_purchase() {
        return check_rise(terms, before, price);
    }
    let round = before.round.saturating_add(1);
    let voted = terms.decision.as_ref().and_then(|decision| decision.cut_of(round));
    let voted_least = match voted {
        None => price,
        Some(cut) => cut.price.unwrap_or_else(|| less(price, cut.cut_bp.unwrap_or_default())),
    };
    let most = &rules.price_cut_bp;
    let allowed_least = less(price, most.value);
    let least = voted_least.max(allowed_least).min(price);
    if terms.opening_price >= least {
        return Ok(());
    }
    let (asked, unit) = (terms.opening_price, terms.price_unit.label());
    let begin = format!("第 {round} 次挂牌的起拍价 {asked} {unit}，低于上一次的 {price} {unit}");
    let (code, detail) = match voted {
        None => (
            &PRICE_CUT_NOT_VOTED,
            format!(
                "{begin}，会议没有表决过第 {round} 次的降价安排；最低 {least} {unit}，要降价请先表决，并登记在“民主决策”里"
            ),
        ),
        Some(cut) if allowed_least > voted_least => (
            &PRICE_CUT_TOO_DEEP,
            format!(
                "{begin}；会议表决的是“{}”，但是一次最多降 {}%，最低 {least} {unit}（{}）",
                cut.text(),
                most.value / 100,
                most.basis
            ),
        ),
        Some(cut) => (&PRICE_CUT_TOO_DEEP, format!("{begin}；会议表决的是“{}”，最低 {least} {unit}", cut.text())),
    };
    let field = FieldError::new("opening_price", Some(&asked.to_string()), detail.clone());
    Err(Problem { fields: vec![field], ..Problem::new(code, detail).with("minimum", least.to_string()) })
}

/// Yuan and square metres cannot be held against each other, so nobody could tell a cut: the collective decides anew.
fn check_unit(terms: &Terms, before: &Terms) -> Result<(), Problem> {
    if terms.decision_on > before.decision_on {
        return Ok(());
    }
    let (now, then) = (terms.price_unit.choice(), before.price_unit.choice());
    let detail = format!(
        "上一次按“{then}”计价，这一次按“{now}”计价，两次的价格不能比；请重新开会表决，并在“民主决策”里登记新的决策日期"
    );
    let field = FieldError::new("price_unit", Some(now), detail.clone());
    Err(Problem { fields: vec![field], ..Problem::new(&PRICE_UNIT_NOT_VOTED, detail) })
}

fn check_rise(terms: &Terms, before: &RoundBefore, price: Fen) -> Result<(), Problem> {
    if terms.opening_price <= price || terms.decision_on > before.terms.decision_on {
        return Ok(());
    }
    let (asked, unit) = (terms.opening_price, terms.price_unit.label());
    let detail =
        format!("最高限价 {asked} {unit}，高于上一次的 {price} {unit}；要提高请重新开会表决，并登记新的决策日期");
    let field = FieldError::new("opening_price", Some(&asked.to_string()), detail.clone());
    let problem = Problem::new(&PRICE_RISE_NOT_VOTED, detail).with("maximum", price.to_string());
    Err(Problem { fields: vec![field], ..problem })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kernel::{Area, Day, codes::RegionCode},
        policy::PolicyBook,
        trading::{
            listing::model::{AssetFacts, Decision, LotDraft, PriceCut},
            price::PriceUnit,
        },
    };

    fn rules() -> Rules {
        let place: RegionCode = "440703103213".parse().expect("a code");
        PolicyBook::shipped().rules_for(&place, Day::new(2026, 3, 2).expect("a day")).expect("rules")
    }

    fn terms() -> Terms {
        let draft: LotDraft = serde_json::from_value(serde_json::json!({
            "asset_id": "ast_1", "form": "contract", "term_months": 96, "price_unit": "yuan_per_mu_year",
            "opening_price": "700.00", "step_min": "10.00", "deposit": "10000.00"
        }))
        .expect("a draft");
        let pond = AssetFacts {
            collective_code: "440703103213".into(),
            name: "鱼塘".into(),
            class: "pond".into(),
            location: "龙门里".into(),
            area: Area::from_mu_hundredths(2350),
            disposed: false,
        };
        super::super::check_draft(&draft, &pond, &rules(), Day::new(2026, 3, 2).expect("a day")).expect("terms")
    }

    fn second(price: i64, cut: Option<PriceCut>) -> Result<(), (&'static str, String)> {
        let before = RoundBefore { round: 1, terms: terms() };
        let decision = Decision { price_cuts: cut.into_iter().collect(), ..Decision::default() };
        let terms = Terms { opening_price: Fen(price), decision: Some(decision), ..terms() };
        check_cut(&terms, &before, &rules())
            .map_err(|p| (p.code.code, p.extra["minimum"].as_str().unwrap_or_default().to_owned()))
    }

    #[test]
    fn a_cut_is_voted_and_within_the_limit() {
        let percent = |round, bp| Some(PriceCut { round, cut_bp: Some(bp), price: None });
        let to = |price| Some(PriceCut { round: 2, cut_bp: None, price: Some(Fen(price)) });
        assert_eq!(second(70_000, None), Ok(()));
        assert_eq!(second(69_999, None), Err(("price_cut_not_voted", "700.00".into())));
        assert_eq!(second(63_000, percent(2, 1_000)), Ok(()));
        assert_eq!(second(62_999, percent(2, 1_000)), Err(("price_cut_too_deep", "630.00".into())));
        assert_eq!(
            second(63_000, percent(3, 1_000)),
            Err(("price_cut_not_voted", "700.00".into())),
            "of another round"
        );
        // domain 10.8: a cut of 25 %.
        assert_eq!(second(52_500, None), Err(("price_cut_not_voted", "700.00".into())));
        assert_eq!(
            second(52_500, percent(2, 2_500)),
            Err(("price_cut_too_deep", "560.00".into())),
            "voted, and too deep"
        );
        assert_eq!(second(56_000, percent(2, 2_500)), Ok(()));
        assert_eq!(second(60_000, to(60_000)), Ok(()));
        assert_eq!(second(59_999, to(60_000)), Err(("price_cut_too_deep", "600.00".into())));
        assert_eq!(second(80_000, to(90_000)), Ok(()), "a raise needs no vote");
        assert_eq!(less(Fen(101), 1_000), Fen(91), "rounded up");
    }

    #[test]
    fn another_unit_is_compared_by_what_it_comes_to() {
        // 700 yuan/mu/year for 23.50 mu are 16,450 yuan a year.
        let before = RoundBefore { round: 1, terms: terms() };
        let yearly = |price| {
            let terms = Terms { price_unit: PriceUnit::PerYear, opening_price: Fen(price), ..terms() };
            check_cut(&terms, &before, &rules()).map_err(|p| p.code.code)
        };
        assert_eq!(yearly(1_645_000), Ok(()));
        assert_eq!(yearly(1_644_900), Err("price_cut_not_voted"));
    }

    #[test]
    fn square_metres_are_cut_like_prices_and_never_held_against_yuan() {
        let built = |price: i64, cuts: Option<PriceCut>| Terms {
            price_unit: PriceUnit::FloorArea,
            opening_price: Fen(price),
            estimated_value: Some(Fen(100_000_000)),
            decision: Some(Decision { price_cuts: cuts.into_iter().collect(), ..Decision::default() }),
            ..terms()
        };
        let before = |terms: Terms| RoundBefore { round: 1, terms };
        let code = |terms: &Terms, before: &RoundBefore| check_cut(terms, before, &rules()).map_err(|p| p.code.code);
        let ten = PriceCut { round: 2, cut_bp: Some(1_000), price: None };
        let first = before(built(324_000, None));
        assert_eq!(code(&built(291_600, Some(ten)), &first), Ok(()));
        let deeper = check_cut(&built(291_599, Some(ten)), &first, &rules()).expect_err("a refusal");
        assert_eq!(deeper.code.code, "price_cut_too_deep");
        assert!(deeper.detail.contains("2916.00 平方米") && !deeper.detail.contains("元"), "{deeper:?}");
        assert_eq!(code(&built(324_000 - 1, None), &first), Err("price_cut_not_voted"));

        // From yuan to square metres, or back: nobody can tell which asks for less, so the collective votes anew.
        let money = before(terms());
        assert_eq!(code(&built(1, None), &money), Err("price_unit_not_voted"));
        assert_eq!(code(&terms(), &first), Err("price_unit_not_voted"));
        let later = Day::new(2026, 3, 1);
        assert_eq!(code(&Terms { decision_on: later, ..built(1, None) }, &money), Ok(()));
    }
}
