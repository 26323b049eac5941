//! What an auditor asks the log.

use super::{
    records::{self, Names, Noun, RecordLink},
    words::{self, Group},
};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Result, Rx},
    kernel::{Day, Id, Page, PageRequest, Timestamp, error::NOT_FOUND},
    log::{self, EntryFilter, EntryView},
    trading::{
        auction::{self, BidView, History},
        award::Award,
        listing::{LotId, Phase},
        lots::{self, Viewer},
    },
    vault::Vault,
};

/// The entries of the auditor's scope, the newest first; with `subject` (`lot/lot_…`) the timeline of one record.
pub fn timeline(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::Audit>,
    subject: Option<&str>,
    page: &PageRequest,
) -> Result<Page<EntryView>> {
    let filter = EntryFilter { subjects: subject.map(str::to_owned).into_iter().collect(), ..EntryFilter::default() };
    log::list_entries(rx, &allowed.scope.range(), &filter, page)
}

/// An entry as people read it.
#[derive(Debug)]
pub struct Line {
    pub seq: i64,
    pub at: Timestamp,
    /// Its place in the log; whoever has one stands under a signed head.
    pub index: Option<i64>,
    pub what: String,
    /// Whether it tells of something that was refused.
    pub refused: bool,
    /// Role and name.
    pub who: String,
    /// The collective's name; empty where the scope has none of this code.
    pub place: String,
    pub records: Vec<RecordLink>,
    pub facts: Vec<(&'static str, String)>,
}

/// More records of one entry than a list shows.
const RECORDS_SHOWN: usize = 3;

fn line(rx: &mut Rx<'_>, names: &mut Names<'_>, entry: EntryView, own: &[String]) -> Result<Line> {
    let mut links = Vec::new();
    for subject in entry.subjects.iter().filter(|s| !own.contains(s)).take(RECORDS_SHOWN) {
        links.extend(names.link(rx, subject)?);
    }
    let mut facts = words::facts(&entry.kind, &entry.data);
    facts.extend(names.reason(entry.seq).map(|reason| ("原因", reason)));
    Ok(Line {
        seq: entry.seq,
        at: entry.at,
        index: entry.index,
        what: words::what(&entry.kind),
        refused: entry.kind.ends_with(".refused"),
        who: names.who(&entry),
        place: names.place(&entry.scope),
        records: links,
        facts,
    })
}

/// Which entries an auditor wants; what is left out does not restrict.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub group: Option<Group>,
    /// Region code of one collective.
    pub collective: Option<String>,
    /// One record, such as `lot/lot_0abc`.
    pub subject: Option<String>,
    pub from: Option<Day>,
    /// The last day.
    pub until: Option<Day>,
    /// Words in the names of records.
    pub q: Option<String>,
}

/// A page of the newest entries, and what the filter offers.
#[derive(Debug)]
pub struct Latest {
    pub lines: Vec<Line>,
    pub next: Option<String>,
    pub collectives: Vec<(String, String)>,
    /// Records whose names hold the words that were searched.
    pub found: Vec<RecordLink>,
}

/// The newest entries of the auditor's scope. A collective outside it has none.
pub fn latest(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::Audit>,
    vault: &Vault,
    wanted: &Wanted,
    page: &PageRequest,
) -> Result<Latest> {
    let filter = EntryFilter {
        subjects: wanted.subject.clone().into_iter().collect(),
        kinds: wanted.group.map(words::kinds_of).unwrap_or_default(),
        from: wanted.from.map(|day| day.at(0, 0)),
        until: wanted.until.map(|day| day.plus_days(1).at(0, 0)),
        ..EntryFilter::default()
    };
    let entries = match records::range(&allowed.scope, wanted.collective.as_deref()) {
        Some(range) => log::list_entries(rx, &range, &filter, page)?,
        None => Page { items: Vec::new(), next: None },
    };
    let mut names = Names::of(rx, allowed, vault, &entries.items)?;
    let lines = entries.items.into_iter().map(|e| line(rx, &mut names, e, &[])).collect::<Result<_>>()?;
    let found = wanted.q.as_deref().map(|q| records::search(rx, allowed, q)).transpose()?.unwrap_or_default();
    Ok(Latest { lines, next: entries.next, collectives: names.collectives(), found })
}

/// Where in a record's timeline: pages of its entries, and of an auction's commands.
#[derive(Debug, Clone, Default)]
pub struct At {
    pub entries: PageRequest,
    pub commands: PageRequest,
}

/// Everything that happened to one record.
#[derive(Debug)]
pub struct RecordTimeline {
    pub noun: &'static Noun,
    pub id: String,
    /// What people call it; its identifier where it has no name.
    pub title: String,
    /// The oldest first.
    pub lines: Vec<Line>,
    pub next: Option<String>,
    /// The auction of a lot that was published.
    pub course: Option<Course>,
}

/// An auction, command by command.
#[derive(Debug)]
pub struct Course {
    pub unit: &'static str,
    pub phase: Phase,
    pub award: Option<Award>,
    /// The newest first, refused ones too.
    pub commands: Page<BidView>,
}

/// The timeline of one record, as entries name it: `asset`, `ast_…`.
///
/// Errors: `not_found` where the scope holds no entry about it.
pub fn record_timeline(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::Audit>,
    (vault, calendar): (&Vault, &Calendar),
    (word, id): (&str, &str),
    at: &At,
    now: Timestamp,
) -> Result<RecordTimeline> {
    let noun = records::noun(word).ok_or(&NOT_FOUND)?;
    let typed: Id<Noun> = id.parse().map_err(|_| crate::db::Error::from(&NOT_FOUND))?;
    let mut names = Names::of(rx, allowed, vault, &[])?;
    let subjects = names.subjects(rx, noun, typed.as_str())?;
    let is_lot = noun.word == "lot";
    let filter = EntryFilter {
        subjects: subjects.clone(),
        // Bids stand in the course of the auction.
        kinds: if is_lot { words::all_but_bids() } else { Vec::new() },
        oldest_first: true,
        ..EntryFilter::default()
    };
    let entries = log::list_entries(rx, &allowed.scope.range(), &filter, &at.entries)?;
    if entries.items.is_empty() {
        return Err((&NOT_FOUND).into());
    }
    names.ask_people(rx, &entries.items)?;
    let title = names.title(rx, noun, id)?.unwrap_or_else(|| id.to_owned());
    let lines = entries.items.into_iter().map(|e| line(rx, &mut names, e, &subjects)).collect::<Result<_>>()?;
    let course = if is_lot { course(rx, allowed, calendar, id, &at.commands, now)? } else { None };
    Ok(RecordTimeline { noun, id: id.to_owned(), title, lines, next: entries.next, course })
}

fn course(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::Audit>,
    calendar: &Calendar,
    id: &str,
    page: &PageRequest,
    now: Timestamp,
) -> Result<Option<Course>> {
    let id = LotId::from_trusted(id);
    let commands = auction::history(rx, History::Whole(&allowed.scope), &id, page, now)?;
    let lot = lots::get(rx, Viewer::Staff(&allowed.actor.prove()?), calendar, &id, now)?;
    let unit = lot.terms.price_unit.label();
    Ok(lot.published_at.map(|_| Course { unit, phase: lot.phase, award: lot.award, commands }))
}
