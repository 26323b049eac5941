//! Use cases: suspending, resuming, terminating an auction, giving the time of an outage back; and what is told of it.

use serde_json::json;

use super::{
    after_clock,
    closing::close_locked,
    facts,
    grounds::{self, Ground, Halted, Told},
    scene::Scene,
    service::{Asked, Locked, Taken, command, locked, take, topic},
    store::{self, AuctionRow, CommandKind, CommandRow},
};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Error, Result, Rx, Tx},
    documents::{self, Document, NewDocument, Visibility},
    kernel::{Id, Problem, Timestamp},
    log::{By, Fact, Receipt, record},
    trading::{
        award, draw,
        listing::{
            self, LotId, LotState,
            store::{LotRow, Reader},
        },
        ranking,
    },
    vault::Vault,
};

/// What the trading officer asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steer {
    Suspend,
    Resume,
    Terminate,
    /// The system stood still from this time until now: the rules say whether that time is given back.
    Outage(Timestamp),
}

impl Steer {
    /// How the command of it is called.
    pub fn kind(self) -> CommandKind {
        match self {
            Steer::Suspend => CommandKind::Suspend,
            Steer::Resume => CommandKind::Resume,
            Steer::Terminate => CommandKind::Terminate,
            Steer::Outage(_) => CommandKind::Outage,
        }
    }
}

/// What is asked for, and why.
#[derive(Debug, Clone)]
pub struct Steering {
    pub action: Steer,
    /// One sentence, published with it.
    pub reason: String,
    /// For suspending and terminating.
    pub ground: Option<Ground>,
    /// Name and number of the decision; empty for none.
    pub paper: String,
    /// The decision itself among the papers of the collective.
    pub document: Option<Id<Document>>,
}

impl Steering {
    /// What is told of it, read and right.
    ///
    /// Errors: field errors.
    pub fn read(&self) -> std::result::Result<Told, Problem> {
        grounds::read(self.action.kind(), &self.reason, self.ground, &self.paper)
    }
}

/// Suspends, resumes, terminates or gives the time of an outage back, on a ground and with a reason that are published (SPC
/// rules on online judicial auctions, art. 28). A lot that has not opened yet can be terminated too; then there is no award.
/// So can one whose auction has ended while equals have still to be put in order, by officers or by a draw.
///
/// Errors: a field error where ground, reason or paper is missing or the outage began before the last command,
/// `lot_not_in_state`, `not_found`. Refusals come back in [`Taken`].
pub fn steer(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    calendar: &Calendar,
    vault: &Vault,
    id: &LotId,
    steering: &Steering,
) -> Result<Option<Taken>> {
    let all = locked(tx, Reader::Staff(&allowed.scope), id)?;
    let told = steering.read()?;
    listing::must_be(all.lot.state, &[LotState::Published])?;
    let paper = find_paper(tx, allowed, &all.lot, steering.document.as_ref())?;
    let now = tx.now();
    let because = Because { told: &told, paper: paper.as_ref() };
    let asked = Asked { because: Some(because), ..Asked::of(steering.action.kind(), &told.reason) };
    if steering.action == Steer::Terminate && all.lot.opens_at.is_none_or(|opens| now < opens) {
        give_up(tx, &allowed.by(), all, &asked)?;
        return Ok(None);
    }
    let asked = match steering.action {
        Steer::Outage(since) => {
            check_outage(since, all.auction.last_at, now)?;
            Asked { since: Some(since), ..asked }
        }
        Steer::Suspend | Steer::Resume | Steer::Terminate => asked,
    };
    let Locked { lot, terms, auction } = all;
    // What is waited for ends with the trade.
    let by = allowed.by();
    let is_called_off =
        steering.action == Steer::Terminate && (ranking::call_off(tx, &by, id)? || draw::call_off(tx, &by, id)?);
    let scene = Scene::new(tx, lot, &terms)?;
    if let Some(since) = asked.since {
        let state = facts::state(tx, &auction, &scene.table)?;
        after_clock::check_outage(&scene.table.rules, &state, since, now)?;
    }
    let taken = take(tx, &allowed.by(), &scene, auction, &asked)?;
    if is_called_off && taken.refusal.is_some() {
        return Err(Error::Internal(format!("{id} waits for more than its bids and cannot be terminated")));
    }
    if steering.action == Steer::Terminate && taken.refusal.is_none() {
        let all = locked(tx, Reader::Staff(&allowed.scope), id)?;
        close_locked(tx, &allowed.by(), calendar, vault, all, None)?;
    }
    Ok(Some(taken))
}

/// On what a step rests.
#[derive(Clone, Copy)]
pub(super) struct Because<'a> {
    pub told: &'a Told,
    pub paper: Option<&'a Document>,
}

impl Because<'_> {
    /// The command with it.
    pub fn beside(self, row: CommandRow) -> CommandRow {
        CommandRow {
            ground: self.told.ground,
            paper: self.told.paper.clone(),
            document_id: self.paper.map(|paper| paper.id.clone()),
            document_sha256: self.paper.map(|paper| paper.sha256.clone()),
            ..row
        }
    }
}

/// The members of an entry that say on what a step rests; what is not there is left out, as in entries of an older program.
pub(super) fn told_in_log(row: &CommandRow) -> Vec<(String, serde_json::Value)> {
    let told = |name: &str, value: Option<&str>| value.map(|value| (name.to_owned(), json!(value)));
    let members = [
        told("ground", row.ground.as_ref().map(Ground::as_str)),
        told("paper", row.paper.as_deref()),
        told("paper_sha256", row.document_sha256.as_deref()),
    ];
    members.into_iter().flatten().collect()
}

/// A paper is one of the lot's collective.
pub(in crate::trading) fn find_paper(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    lot: &LotRow,
    id: Option<&Id<Document>>,
) -> Result<Option<Document>> {
    let Some(id) = id else { return Ok(None) };
    let wrong = || {
        let detail = format!("没有找到这份材料；请先把文书上传到 {} 名下，再填它的编号", lot.collective_code);
        Problem::field("document", Some(id.as_str()), detail)
    };
    match documents::get(rx, &allowed.scope, id) {
        Ok(paper) if paper.collective_code == lot.collective_code => Ok(Some(paper)),
        Ok(_) => Err(wrong().into()),
        Err(error) if error.problem().is_some() => Err(wrong().into()),
        Err(error) => Err(error),
    }
}

/// Keeps the paper of a decision among those of the lot's collective, not public: it may name persons.
///
/// Errors: field errors, `unknown_file_kind`, `not_found`.
pub fn keep_paper(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    vault: &Vault,
    lot: &LotId,
    title: &str,
    bytes: &[u8],
) -> Result<Id<Document>> {
    let (lot, _) =
        listing::store::find(tx, Reader::Staff(&allowed.scope), lot)?.ok_or(&crate::kernel::error::NOT_FOUND)?;
    let new = NewDocument {
        collective_code: lot.collective_code.to_string(),
        title: title.to_owned(),
        visibility: Visibility::Internal,
        bytes: bytes.to_vec(),
    };
    let (paper, _) = documents::add(tx, &allowed.actor.prove()?, vault, &new)?;
    Ok(paper.id)
}

/// A command that the system took proves that it stood still only later.
fn check_outage(since: Timestamp, last_at: Timestamp, now: Timestamp) -> Result<()> {
    let detail = if since < last_at {
        format!("{} 系统还收到过操作，停机最早从这时算起", last_at.second_text())
    } else if since > now {
        format!("停机开始时间不能晚于现在（{}）", now.second_text())
    } else {
        return Ok(());
    };
    Err(Problem::field("since", Some(&since.to_string()), detail).into())
}

/// Ends a lot before its opening.
fn give_up(tx: &mut Tx<'_>, by: &By, all: Locked, asked: &Asked<'_>) -> Result<Receipt> {
    let now = tx.now();
    // No auction took place, so no engine decided; the command stands for the published reason alone.
    let command = CommandRow { accepted: true, closes_at: Some(now), ..command(tx, &all.auction, asked) };
    command.insert(tx)?;
    let auction = AuctionRow { last_seq: command.seq, last_at: now, ..all.auction };
    AuctionRow { terminated: true, end_at: now, closed_at: Some(now), ..auction }.update(tx)?;
    let row = listing::conclude(tx, all.lot, LotState::Terminated)?;
    tx.wake(topic(&row.id));
    let mut data = json!({ "reason": command.note });
    if let Some(members) = data.as_object_mut() {
        members.extend(told_in_log(&command));
    }
    let receipt = record(tx, by, Fact::new("lot.terminated", &row.collective_code).about("lot", &row.id).data(data))?;
    award::refund_losers(tx, by, &row)?;
    Ok(receipt)
}

/// Why an auction stands still, or why its trade was terminated; `None` for every other lot.
pub fn halted(rx: &mut Rx<'_>, lot: &LotRow, is_suspended: bool) -> Result<Option<Halted>> {
    let wanted = match lot.state {
        LotState::Terminated => CommandKind::Terminate,
        LotState::Published if is_suspended => CommandKind::Suspend,
        _ => return Ok(None),
    };
    let last = store::list_newest(rx, &lot.id, false, None, 1)?.pop();
    Ok(last.filter(|row| row.action == wanted).map(|row| Halted {
        action: row.action,
        at: row.at,
        ground: row.ground,
        reason: row.note,
        paper: row.paper,
        paper_sha256: row.document_sha256,
    }))
}
