//! Use cases: binding oneself, opening a value, reading a draw.

use serde_json::json;

use super::{
    model::{DrawView, NewCommitment, NewValue, PartyView, Place, RoundState, RoundView},
    rules::{self, DRAW_COMMITTED, DRAW_NOT_BOUND, DRAW_NOT_HERE, DRAW_NOT_OPENING, DRAW_OTHER_VALUE, DRAW_WITHHELD},
    store::{self, PartyRow, RoundRow},
};
use crate::{
    access::{Account, Allowed, may},
    db::{Result, Rx, Salt, Tx},
    kernel::{Id, Problem, Timestamp, error::NOT_FOUND, hex},
    log::{By, Fact, Receipt, record},
    trading::{
        auction::{self, NOT_ENROLLED},
        bid_number,
        enrolment::{EnrolmentId, store as enrolments},
        listing::{
            self, LotId, LotState,
            store::{self as lots, LotRow, Reader},
        },
    },
};

/// Who binds itself: each bidder, the collective, its supervisors.
#[derive(Debug, Clone)]
pub enum Actor {
    Bidder(Allowed<may::Bid>),
    Collective(Allowed<may::DrawForCollective>),
    Supervisors(Allowed<may::DrawForSupervisors>),
}

/// The names under which offices stand in a draw.
const COLLECTIVE: &str = "集体";
const SUPERVISORS: &str = "监事会";

/// A party of a lot's draw.
struct Seat {
    lot: LotRow,
    party: String,
    enrolment: Option<EnrolmentId>,
    account: Id<Account>,
    by: By,
    rounds: Vec<RoundRow>,
}

impl Seat {
    fn take(rx: &mut Rx<'_>, actor: &Actor, id: &LotId) -> Result<Seat> {
        let reader = match actor {
            Actor::Bidder(_) => Reader::Public,
            Actor::Collective(allowed) => Reader::Staff(&allowed.scope),
            Actor::Supervisors(allowed) => Reader::Staff(&allowed.scope),
        };
        let (lot, terms) = lots::find(rx, reader, id)?.ok_or(&NOT_FOUND)?;
        listing::must_be(lot.state, &[LotState::Published])?;
        terms.terms()?.draw().ok_or(&DRAW_NOT_HERE)?;
        let (party, enrolment, account, by) = match actor {
            Actor::Bidder(allowed) => {
                let own = enrolments::find_own(rx, id, &allowed.actor.account)?;
                let (own, number) = own.and_then(|own| Some((own.id, own.bid_number?))).ok_or(&NOT_ENROLLED)?;
                (bid_number(number), Some(own), allowed.actor.account.clone(), allowed.by())
            }
            Actor::Collective(allowed) => (COLLECTIVE.to_owned(), None, allowed.actor.account.clone(), allowed.by()),
            Actor::Supervisors(allowed) => (SUPERVISORS.to_owned(), None, allowed.actor.account.clone(), allowed.by()),
        };
        let rounds = store::list_public_rounds(rx, id)?;
        Ok(Seat { lot, party, enrolment, account, by, rounds })
    }

    /// Which round takes commitments, and until when.
    fn committing(&self) -> (i32, Option<Timestamp>) {
        match self.rounds.last() {
            None => (1, self.lot.opens_at),
            Some(last) if last.state == RoundState::Committing => (last.round, last.commit_until),
            Some(last) => (last.round, None),
        }
    }

    /// Whether the party stayed away from an earlier round; only a bidder has a place to lose.
    fn has_withheld(&self) -> Result<bool> {
        for round in &self.rounds {
            if self.enrolment.is_some() && round.withheld()?.contains(&self.party) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Binds the actor's party to a value that nobody else knows.
///
/// Errors: a field error, `draw_not_here`, `draw_not_committing`, `draw_committed`, `draw_withheld`, `not_enrolled`,
/// `lot_not_in_state`, `not_found`.
pub fn commit(tx: &mut Tx<'_>, actor: &Actor, id: &LotId, new: &NewCommitment) -> Result<(PartyView, Receipt)> {
    lots::lock(tx, id)?;
    let seat = Seat::take(tx, actor, id)?;
    let commitment = hex(&rules::read_32("commitment", &new.commitment)?);
    let now = tx.now();
    let (round, until) = seat.committing();
    rules::must_be_committing(until, now)?;
    if seat.has_withheld()? {
        return Err((&DRAW_WITHHELD).into());
    }
    let bound = store::list_public_of_round(tx, id, round)?;
    if bound.iter().any(|other| other.party == seat.party) {
        return Err((&DRAW_COMMITTED).into());
    }
    let row = PartyRow {
        id: tx.new_id("drp"),
        lot_id: id.clone(),
        collective_code: seat.lot.collective_code.clone(),
        round,
        party: seat.party,
        enrolment_id: seat.enrolment,
        account_id: seat.account,
        commitment,
        committed_at: now,
        value: None,
        opened_at: None,
        version: 1,
        salt: Salt::fresh(),
    };
    row.insert(tx)?;
    let data = json!({ "round": round, "party": row.party, "commitment": row.commitment });
    note(tx, &seat.by, "draw.committed", row, data)
}

/// Opens the value of the actor's party, once the checkpoint stands.
///
/// Errors: as for [`commit`]; `draw_not_opening`, `draw_not_bound`, `draw_other_value`.
pub fn open(tx: &mut Tx<'_>, actor: &Actor, id: &LotId, new: &NewValue) -> Result<(PartyView, Receipt)> {
    lots::lock(tx, id)?;
    let seat = Seat::take(tx, actor, id)?;
    let value = rules::read_32("value", &new.value)?;
    let now = tx.now();
    let opening = |row: &&RoundRow| row.state == RoundState::Opening && row.open_until.is_some_and(|until| now < until);
    let round = seat.rounds.last().filter(opening).ok_or(&DRAW_NOT_OPENING)?.round;
    let bound = store::list_public_of_round(tx, id, round)?;
    let row = bound.into_iter().find(|row| row.party == seat.party).ok_or(&DRAW_NOT_BOUND)?;
    let told = u64::try_from(round).unwrap_or_default();
    if hex(&rules::commitment(id.as_str(), told, &row.party, &value)) != row.commitment {
        let detail = format!(
            "这个数值算出来不是您第 {round} 轮的承诺值；请填当时保存的 64 位数值（标的 {id}，第 {round} 轮，{}）",
            row.party
        );
        return Err(Problem::new(&DRAW_OTHER_VALUE, detail).into());
    }
    let is_new = row.value.is_none();
    let row = PartyRow {
        value: Some(hex(&value)),
        opened_at: row.opened_at.or(Some(now)),
        version: row.version + i32::from(is_new),
        ..row
    };
    if is_new {
        row.update(tx)?;
    }
    let data = json!({ "round": round, "party": row.party, "value": row.value });
    note(tx, &seat.by, "draw.opened", row, data)
}

fn note(
    tx: &mut Tx<'_>,
    by: &By,
    kind: &'static str,
    row: PartyRow,
    data: serde_json::Value,
) -> Result<(PartyView, Receipt)> {
    let fact = Fact::new(kind, &row.collective_code).about("lot", &row.lot_id).data(data);
    let receipt = record(tx, by, fact)?;
    Ok((view(row), receipt))
}

fn view(row: PartyRow) -> PartyView {
    PartyView {
        party: row.party,
        commitment: row.commitment,
        committed_at: row.committed_at,
        value: row.value,
        opened_at: row.opened_at,
    }
}

/// The party that this account stands for, and whether it may bind itself or open now.
#[derive(Debug, Clone)]
pub struct Own {
    pub party: String,
    pub round: i32,
    pub may_commit: bool,
    pub may_open: bool,
    pub committed: bool,
}

/// What the own party can do; `None` where the account is none.
pub fn own(rx: &mut Rx<'_>, actor: &Actor, id: &LotId, now: Timestamp) -> Result<Option<Own>> {
    let seat = match Seat::take(rx, actor, id) {
        Ok(seat) => seat,
        Err(e) if e.problem().is_some() => return Ok(None),
        Err(e) => return Err(e),
    };
    let (round, until) = seat.committing();
    let bound = store::list_public_of_round(rx, id, round)?;
    let mine = bound.iter().find(|row| row.party == seat.party);
    let opens = seat
        .rounds
        .last()
        .is_some_and(|last| last.state == RoundState::Opening && last.open_until.is_some_and(|until| now < until));
    Ok(Some(Own {
        round,
        committed: mine.is_some(),
        may_commit: mine.is_none() && until.is_some_and(|until| now < until) && !seat.has_withheld()?,
        may_open: opens && mine.is_some_and(|row| row.value.is_none()),
        party: seat.party,
    }))
}

/// A draw as everybody sees it.
///
/// Errors: `draw_not_here`, `not_found`.
pub fn get_public(rx: &mut Rx<'_>, id: &LotId) -> Result<DrawView> {
    let (lot, terms) = lots::find(rx, Reader::Public, id)?.ok_or(&NOT_FOUND)?;
    terms.terms()?.draw().ok_or(&DRAW_NOT_HERE)?;
    let (rounds, parties) = (store::list_public_rounds(rx, id)?, store::list_public_parties(rx, id)?);
    let of =
        |round: i32| -> Vec<PartyView> { parties.iter().filter(|row| row.round == round).cloned().map(view).collect() };
    let mut views = Vec::new();
    if rounds.is_empty() {
        views.push(RoundView {
            round: 1,
            state: RoundState::Committing,
            commit_until: lot.opens_at,
            called_at: None,
            closing_index: None,
            checkpoint: None,
            first_opening_index: None,
            open_until: None,
            seed: None,
            withheld: Vec::new(),
            parties: of(1),
        });
    }
    for row in &rounds {
        views.push(RoundView {
            round: row.round,
            state: row.state,
            commit_until: row.commit_until.or(lot.opens_at),
            called_at: row.called_at,
            closing_index: row.closing_index,
            checkpoint: row.checkpoint.clone(),
            first_opening_index: row.first_opening_index,
            open_until: row.open_until,
            seed: row.seed.clone(),
            withheld: row.withheld()?,
            parties: of(row.round),
        });
    }
    let seed = rounds.last().and_then(|row| row.seed.clone());
    let order = match seed {
        Some(seed) => {
            let seed = rules::read_32("seed", &seed)?;
            auction::drawn_in_order(rx, &lot, &terms)?
                .into_iter()
                .map(|bidder| Place { digest: rules::digest(&seed, &bidder), bidder })
                .collect()
        }
        None => Vec::new(),
    };
    Ok(DrawView { lot: id.to_string(), rounds: views, order })
}
