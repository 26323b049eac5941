//! What may be handed in, what counts, and when bids are opened. Pure.

use super::model::{Attempt, ClearShare, Envelope, Fault, Opened, Opening, open};
use crate::{
    kernel::{FieldError, Problem, Timestamp},
    trading::{
        auction::{DEPOSIT_MISSING, NOT_ENROLLED, Rejection},
        price::PriceUnit,
    },
};

crate::codes! {
    ENVELOPE_UNFIT 422 "sealed_envelope_unfit" "这个信封不符合要求";
    ENVELOPE_KNOWN 409 "sealed_envelope_known" "这个信封已经交过，请重新制作一个，不要重复使用";
    NOTHING_TO_WITHDRAW 409 "nothing_to_withdraw" "您现在没有有效的报价可以撤回";
    NOT_SEALED 409 "not_sealed" "本标的不是暗标，请按公告写明的方式出价";
    SHARES_TOO_EARLY 403 "shares_too_early" "竞价还没有结束，不能交密钥份；这次提交已经留有记录";
    SHARES_TOO_LATE 409 "shares_too_late" "本标的已经办结，不用再交密钥份";
    TRUSTEE_KEY_TAKEN 409 "trustee_key_taken" "这个公钥已经登记过，请每位保管人各用各的密钥";
    TRUSTEE_RETIRED 409 "trustee_retired" "这位保管人已经卸任";
    RESERVE_NOT_ASKED 409 "reserve_envelope_not_asked" "本标的没有选“保留价由密钥保管人封存”，请先在竞价方式里选上";
    RESERVE_MISSING 409 "reserve_envelope_missing" "保留价信封还没有交来，请村集体先交信封，再发布公告";
    RESERVE_FIXED 409 "reserve_envelope_fixed" "公告已经发布，保留价信封不能再换";
    TRUSTEE_KEY_TOO_NEW 409 "trustee_key_too_new" "保管人的公钥公开的时间还不够，请推迟竞价开始时间";
}

/// What a submission meets.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    pub is_sealed: bool,
    pub opens_at: Option<Timestamp>,
    pub end_at: Timestamp,
    pub is_closed: bool,
    pub is_suspended: bool,
    pub is_enrolled: bool,
    pub bid_number: Option<i32>,
    /// How many bids the bidder has handed in so far, withdrawn ones too.
    pub handed_in: usize,
    pub revisions: Option<u32>,
}

/// Whether the bidder may hand in or withdraw at `at`, the time at which the request had been read whole; gives the bid number.
pub fn may_hand_in(facts: &Facts, at: Timestamp) -> Result<i32, Problem> {
    if !facts.is_sealed {
        return Err((&NOT_SEALED).into());
    }
    if let Some(opens_at) = facts.opens_at.filter(|opens| at < *opens) {
        return Err(refused(Rejection::NotOpen { opens_at }));
    }
    if facts.is_suspended {
        return Err(refused(Rejection::Suspended));
    }
    if facts.is_closed || at >= facts.end_at {
        return Err(refused(Rejection::Closed { end: facts.end_at }));
    }
    match facts.bid_number {
        Some(number) => Ok(number),
        None if facts.is_enrolled => Err((&DEPOSIT_MISSING).into()),
        None => Err((&NOT_ENROLLED).into()),
    }
}

/// Whether one more bid is within what the notice allows.
pub fn check_revisions(facts: &Facts) -> Result<(), Problem> {
    let most = facts.revisions.and_then(|most| usize::try_from(most).ok());
    match most {
        Some(most) if facts.handed_in > most => Err(refused(Rejection::RevisionsUsed)),
        _ => Ok(()),
    }
}

/// None of these tells an amount, so the unit is never read.
fn refused(rejection: Rejection) -> Problem {
    rejection.problem(PriceUnit::Whole)
}

/// The refusal of an envelope that does not fit.
pub fn unfit(fault: Fault) -> Problem {
    let field = FieldError::new(&fault.field, None, fault.detail.clone());
    let mut problem = Problem::new(&ENVELOPE_UNFIT, fault.detail);
    problem.fields.push(field);
    problem
}

/// Of the bids of a lot in order, as bidder and whether it is a bid or a withdrawal: the places of those that count, the last
/// of each bidder where it was not withdrawn.
pub fn counting(filed: &[(i32, bool)]) -> Vec<usize> {
    let is_last = |place: usize, bidder: i32| !filed.iter().skip(place + 1).any(|(other, _)| *other == bidder);
    let places = filed.iter().enumerate().filter(|(place, (bidder, is_bid))| *is_bid && is_last(*place, *bidder));
    places.map(|(place, _)| place).collect()
}

/// A counting bid with the latest decrypted share of each trustee.
#[derive(Debug, Clone)]
pub struct Ready {
    pub envelope: Envelope,
    pub shares: Vec<ClearShare>,
}

/// What is to be done now with the counting bids of an ended auction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// Shares of so many bids are lacking.
    Wait { lacking: usize },
    /// In the order of the bids; the floor, where there is one.
    Open(Vec<Opening>, Option<Opening>),
    /// The time is over and some envelope has too few shares: nobody wins.
    CannotOpen,
    /// The floor is void, as it came or by its shares: the bids stay closed and nobody wins
    /// (docs/decisions/0047-a-void-floor-opens-nothing.md).
    ReserveVoid(Opening),
}

/// All bids and the floor are opened together or none is, so that nobody learns of some prices first; without a bid that counts
/// the floor stays closed too. `is_late`: the time for opening is over.
pub fn plan(bids: &[Ready], reserve: Option<&Ready>, needed: usize, is_late: bool) -> Plan {
    let attempt = |ready: &Ready| {
        let all = is_late || ready.shares.len() >= ready.envelope.shares.len();
        open(&ready.envelope, needed, &ready.shares, all)
    };
    let attempts: Vec<Attempt> = bids.iter().map(attempt).collect();
    let reserve = reserve.filter(|_| !bids.is_empty()).map(attempt);
    if is_late && attempts.iter().chain(&reserve).any(|attempt| *attempt == Attempt::Missing) {
        return Plan::CannotOpen;
    }
    let lacking = attempts.iter().chain(&reserve).filter(|attempt| !matches!(attempt, Attempt::Done(_))).count();
    if lacking > 0 {
        return Plan::Wait { lacking };
    }
    let reserve = match reserve {
        Some(Attempt::Done(opening)) if opening.amount.is_none() => return Plan::ReserveVoid(opening),
        Some(Attempt::Done(opening)) => Some(opening),
        _ => None,
    };
    let mut openings: Vec<Opening> = Vec::with_capacity(bids.len());
    for attempt in attempts {
        let Attempt::Done(mut opening) = attempt else { continue };
        let known = |nonce: &String| openings.iter().any(|other| other.nonce.as_ref() == Some(nonce));
        if opening.nonce.as_ref().is_some_and(known) {
            opening = Opening { outcome: Opened::RepeatedNonce, amount: None, nonce: None, ..opening };
        }
        openings.push(opening);
    }
    Plan::Open(openings, reserve)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Fen;

    /// The thirty-line model of SEAL-7: a list that is written over.
    #[test]
    fn only_the_last_of_each_bidder_counts() {
        let mut seed = 7_u64;
        let mut draw = move |n: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % n
        };
        for _ in 0..1_000 {
            let filed: Vec<(i32, bool)> =
                (0..draw(12)).map(|_| (i32::try_from(draw(4)).expect("small"), draw(3) > 0)).collect();
            let mut latest: [Option<usize>; 4] = [None; 4];
            for (place, (bidder, is_bid)) in filed.iter().enumerate() {
                latest[usize::try_from(*bidder).expect("small")] = Some(place).filter(|_| *is_bid);
            }
            let mut expected: Vec<usize> = latest.into_iter().flatten().collect();
            expected.sort_unstable();
            assert_eq!(counting(&filed), expected, "{filed:?}");
        }
    }

    #[test]
    fn the_deadline_is_exact() {
        let end = Timestamp(1_000_000_000);
        let facts = Facts {
            is_sealed: true,
            opens_at: Some(Timestamp(500)),
            end_at: end,
            is_closed: false,
            is_suspended: false,
            is_enrolled: true,
            bid_number: Some(3),
            handed_in: 0,
            revisions: Some(0),
        };
        for us in -500..500 {
            let at = Timestamp(end.0 + us);
            assert_eq!(may_hand_in(&facts, at).is_ok(), us < 0, "{us}");
        }
        let code = |facts: Facts, at| may_hand_in(&facts, Timestamp(at)).expect_err("refused").code.code;
        assert_eq!(code(facts, 499), "not_open");
        assert_eq!(code(Facts { is_suspended: true, ..facts }, 600), "suspended");
        assert_eq!(code(Facts { is_closed: true, ..facts }, 600), "closed");
        assert_eq!(code(Facts { bid_number: None, ..facts }, 600), "deposit_missing");
        assert_eq!(code(Facts { bid_number: None, is_enrolled: false, ..facts }, 600), "not_enrolled");
        assert_eq!(code(Facts { is_sealed: false, ..facts }, 600), "not_sealed");
        assert!(check_revisions(&facts).is_ok());
        assert!(check_revisions(&Facts { handed_in: 1, ..facts }).is_err());
        assert!(check_revisions(&Facts { handed_in: 9, revisions: None, ..facts }).is_ok());
    }

    #[test]
    fn all_are_opened_or_none() {
        use age::x25519::Identity;
        use base64::{Engine, engine::general_purpose::STANDARD};
        let keys: Vec<Identity> = (0..3).map(|_| Identity::generate()).collect();
        let names: Vec<String> = keys.iter().map(|key| key.to_public().to_string()).collect();
        let ready = |bidder: &str, who: &[usize]| {
            let envelope = super::super::seal("lot_x", bidder, Fen(500), 2, &names).expect("an envelope");
            let share = |i: &usize| ClearShare {
                number: envelope.shares[*i].number,
                bytes: age::decrypt(&keys[*i], &STANDARD.decode(&envelope.shares[*i].share).expect("text"))
                    .expect("own"),
            };
            Ready { shares: who.iter().map(share).collect(), envelope }
        };
        let (whole, lacking) = (ready("01", &[0, 1]), ready("02", &[2]));
        assert_eq!(plan(&[], None, 2, false), Plan::Open(Vec::new(), None));
        assert_eq!(plan(&[whole.clone(), lacking.clone()], None, 2, false), Plan::Wait { lacking: 1 });
        assert_eq!(plan(&[whole.clone(), lacking], None, 2, true), Plan::CannotOpen);
        let Plan::Open(opened, None) = plan(&[whole.clone(), ready("02", &[1, 2])], None, 2, false) else {
            panic!("not opened")
        };
        assert!(opened.iter().all(|opening| opening.amount == Some(Fen(500))));
        let Plan::Open(opened, None) = plan(&[whole.clone(), whole], None, 2, false) else { panic!("not opened") };
        assert_eq!(opened[1].outcome, Opened::RepeatedNonce, "one bid twice");
        let mut bad = ready("03", &[0, 1]);
        bad.shares[1].bytes.reverse();
        assert_eq!(plan(&[bad.clone()], None, 2, false), Plan::Wait { lacking: 1 }, "the third trustee may still come");
        let Plan::Open(opened, None) = plan(&[bad], None, 2, true) else { panic!("not opened") };
        assert_eq!(opened[0].outcome, Opened::SharesDoNotFit);

        // The floor is one of them.
        let (floor, bid) = (ready("reserve", &[0, 2]), ready("01", &[0, 1]));
        let bids = std::slice::from_ref(&bid);
        let Plan::Open(opened, Some(told)) = plan(bids, Some(&floor), 2, false) else { panic!("not opened") };
        assert_eq!((opened.len(), told.amount), (1, Some(Fen(500))));
        assert_eq!(plan(&[], Some(&floor), 2, true), Plan::Open(Vec::new(), None), "nobody has bid: it stays closed");
        let short = Ready { shares: floor.shares[..1].to_vec(), ..floor.clone() };
        assert_eq!(plan(bids, Some(&short), 2, false), Plan::Wait { lacking: 1 });
        assert_eq!(plan(bids, Some(&short), 2, true), Plan::CannotOpen);
        let mut other = floor;
        other.envelope.bidder = "01".into();
        let Plan::ReserveVoid(void) = plan(bids, Some(&other), 2, false) else { panic!("not void") };
        assert_eq!(void.outcome, Opened::OtherBidder);
    }
}
