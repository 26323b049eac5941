//! The records that entries speak of: their names, for whoever may read them, and where their own pages are.

use std::collections::{BTreeSet, HashMap};

use crate::{
    access::{self, Allowed, Scope, may},
    assets, collectives, contracts,
    db::{Result, Rx},
    documents, homesteads,
    kernel::{Id, PageRequest, error::NOT_FOUND},
    log::EntryView,
    members,
    trading::lots,
    vault::{self, Vault},
};

/// A kind of record: its word in the log, what people call it, where its own page is.
#[derive(Debug)]
pub struct Noun {
    pub word: &'static str,
    pub label: &'static str,
    /// The address before the id; `None` for what has no page of its own.
    pub page: Option<&'static str>,
    /// How its identifiers begin.
    prefix: &'static str,
}

const NOUNS: &[Noun] = &[
    Noun { word: "asset", label: "资产", page: Some("/assets"), prefix: "ast_" },
    Noun { word: "member", label: "成员", page: Some("/members"), prefix: "mem_" },
    Noun { word: "person", label: "个人", page: None, prefix: "per_" },
    Noun { word: "household", label: "户", page: Some("/households"), prefix: "hh_" },
    Noun { word: "parcel", label: "宗地", page: Some("/parcels"), prefix: "par_" },
    Noun { word: "contract", label: "合同", page: Some("/contracts"), prefix: "con_" },
    Noun { word: "lot", label: "交易项目", page: Some("/listings"), prefix: "lot_" },
    Noun { word: "enrolment", label: "报名", page: None, prefix: "enr_" },
    Noun { word: "exclusion", label: "限制竞买", page: None, prefix: "exc_" },
    Noun { word: "deposit", label: "保证金", page: None, prefix: "dep_" },
    Noun { word: "collective", label: "集体经济组织", page: Some("/collectives"), prefix: "" },
    Noun { word: "officer", label: "任职", page: None, prefix: "off_" },
    Noun { word: "document", label: "文件", page: None, prefix: "doc_" },
    Noun { word: "account", label: "账号", page: None, prefix: "acc_" },
];

/// The kind of record of this word.
pub fn noun(word: &str) -> Option<&'static Noun> {
    NOUNS.iter().find(|noun| noun.word == word)
}

/// A record by its whole identifier, as somebody typed it into the search.
pub fn by_identifier(typed: &str) -> Option<String> {
    let known = NOUNS.iter().find(|n| !n.prefix.is_empty() && typed.starts_with(n.prefix));
    let code = typed.len() >= 12 && typed.bytes().all(|b| b.is_ascii_digit());
    let noun = known.or_else(|| noun("collective").filter(|_| code))?;
    Some(format!("/audit/records/{}/{typed}", noun.word))
}

/// A record in an entry, with a way to its timeline.
#[derive(Debug, Clone)]
pub struct RecordLink {
    pub href: String,
    /// `资产 3 号鱼塘`, or `报名` alone where there is no name to show.
    pub label: String,
}

/// Looks names up, each once; names outside the scope stay unknown.
pub struct Names<'a> {
    allowed: &'a Allowed<may::Audit>,
    vault: &'a Vault,
    records: HashMap<String, Option<String>>,
    people: HashMap<String, String>,
    reasons: HashMap<i64, String>,
    collectives: HashMap<String, String>,
}

/// `None` for what the scope does not hold.
fn if_there<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(e) if e.problem().is_some_and(|p| p.code == &NOT_FOUND) => Ok(None),
        Err(e) => Err(e),
    }
}

impl<'a> Names<'a> {
    /// Names for these entries: who wrote them, and the collectives of the scope.
    pub fn of(
        rx: &mut Rx<'_>,
        allowed: &'a Allowed<may::Audit>,
        vault: &'a Vault,
        entries: &[EntryView],
    ) -> Result<Names<'a>> {
        let collectives = collectives::list_all(rx, &allowed.scope)?;
        let collectives = collectives.into_iter().map(|c| (c.code.to_string(), c.name)).collect();
        let mut names = Names {
            allowed,
            vault,
            records: HashMap::new(),
            people: HashMap::new(),
            reasons: HashMap::new(),
            collectives,
        };
        names.ask_people(rx, entries)?;
        Ok(names)
    }

    /// Learns who wrote these entries, and why they looked.
    pub fn ask_people(&mut self, rx: &mut Rx<'_>, entries: &[EntryView]) -> Result<()> {
        let actors: BTreeSet<&str> = entries.iter().map(|e| e.actor.as_str()).collect();
        self.people = access::staff_names(rx, actors.into_iter().map(Id::from_trusted).collect())?;
        self.reasons = vault::reasons(rx, entries)?;
        Ok(())
    }

    /// Why somebody opened a sealed value, where the entry of this number tells of that: it stands beside the public log.
    pub fn reason(&self, seq: i64) -> Option<String> {
        self.reasons.get(&seq).cloned()
    }

    /// Role and name: `村会计 梁会计`. Bidders stand by their bid number in the entry itself, never by a name.
    pub fn who(&self, entry: &EntryView) -> String {
        let role = super::words::role(&entry.role);
        match self.people.get(&entry.actor) {
            Some(name) => format!("{role} {name}"),
            None => role,
        }
    }

    /// The collective of an entry; empty where it is none of the scope.
    pub fn place(&self, code: &str) -> String {
        self.collectives.get(code).cloned().unwrap_or_default()
    }

    /// The collectives of the scope, for a choice.
    pub fn collectives(&self) -> Vec<(String, String)> {
        let mut all: Vec<_> = self.collectives.iter().map(|(code, name)| (code.clone(), name.clone())).collect();
        all.sort();
        all
    }

    /// A record as entries name it (`asset/ast_…`), with a way to its timeline.
    pub fn link(&mut self, rx: &mut Rx<'_>, subject: &str) -> Result<Option<RecordLink>> {
        let Some((word, id)) = subject.split_once('/') else { return Ok(None) };
        let Some(noun) = noun(word) else { return Ok(None) };
        let title = self.title(rx, noun, id)?;
        let label = title.map_or(noun.label.to_owned(), |title| format!("{} {title}", noun.label));
        Ok(Some(RecordLink { href: format!("/audit/records/{word}/{id}"), label }))
    }

    /// What people call the record; `None` where it has no name or lies outside the scope.
    pub fn title(&mut self, rx: &mut Rx<'_>, noun: &Noun, id: &str) -> Result<Option<String>> {
        let key = format!("{}/{id}", noun.word);
        if let Some(known) = self.records.get(&key) {
            return Ok(known.clone());
        }
        let found = self.find_title(rx, noun, id)?;
        self.records.insert(key, found.clone());
        Ok(found)
    }

    fn find_title(&self, rx: &mut Rx<'_>, noun: &Noun, id: &str) -> Result<Option<String>> {
        let scope = &self.allowed.scope;
        let actor = &self.allowed.actor;
        Ok(match noun.word {
            "asset" => assets::find_asset(rx, scope, &Id::from_trusted(id))?.map(|a| a.facts.name),
            "parcel" => {
                let allowed = actor.prove::<may::ReadHomesteads>()?;
                if_there(homesteads::get_parcel(rx, &allowed, &Id::from_trusted(id)))?.map(|p| p.name())
            }
            "contract" => {
                let allowed = actor.prove::<may::ReadContracts>()?;
                // The day only decides on warnings, which are not shown here.
                let day = crate::kernel::Timestamp(0).day();
                if_there(contracts::get_contract(rx, &allowed, &Id::from_trusted(id), day))?.map(|c| c.facts.name)
            }
            "member" => self.member(rx, id)?.map(|m| m.name),
            "person" => {
                let allowed = actor.prove::<may::ReadMembers>()?;
                if_there(members::get_person(rx, self.vault, &allowed, &Id::from_trusted(id)))?.map(|p| p.name)
            }
            "household" => {
                let allowed = actor.prove::<may::ReadMembers>()?;
                let found = members::get_household(rx, self.vault, &allowed, &Id::from_trusted(id));
                if_there(found)?.map(|h| h.household.number)
            }
            "collective" => self.collectives.get(id).cloned(),
            "document" => if_there(documents::get(rx, scope, &Id::from_trusted(id)))?.map(|d| d.title),
            "account" => access::staff_names(rx, vec![Id::from_trusted(id)])?.into_values().next(),
            "lot" => lots::find_title(rx, scope, &Id::from_trusted(id))?,
            _ => None,
        })
    }

    fn member(&self, rx: &mut Rx<'_>, id: &str) -> Result<Option<members::MemberView>> {
        if_there(members::get_member(rx, self.vault, self.allowed, &Id::from_trusted(id)))
    }

    /// Everything that belongs into the timeline of a record: a member's holds what happened to the person, too, so that
    /// looks at the ID number stand in it.
    pub fn subjects(&self, rx: &mut Rx<'_>, noun: &Noun, id: &str) -> Result<Vec<String>> {
        let mut subjects = vec![format!("{}/{id}", noun.word)];
        if noun.word == "member"
            && let Some(member) = self.member(rx, id)?
        {
            subjects.push(format!("person/{}", member.person_id));
        }
        Ok(subjects)
    }
}

/// Records of the scope whose name holds `words`: a few of each kind.
pub fn search(rx: &mut Rx<'_>, allowed: &Allowed<may::Audit>, words: &str) -> Result<Vec<RecordLink>> {
    let page = PageRequest { limit: Some(5), after: None };
    let q = Some(words.to_owned());
    let mut found: Vec<(&str, String, String)> = Vec::new();
    let filter = assets::AssetFilter { q: q.clone(), ..assets::AssetFilter::default() };
    let some = assets::list_assets(rx, &allowed.actor.prove()?, &filter, &page)?.items;
    found.extend(some.into_iter().map(|a| ("asset", a.id.to_string(), a.facts.name)));
    let filter = contracts::ContractFilter { q: q.clone(), ..contracts::ContractFilter::default() };
    let day = crate::kernel::Timestamp(0).day();
    let some = contracts::list_contracts(rx, &allowed.actor.prove()?, &filter, &page, day)?.items;
    found.extend(some.into_iter().map(|c| ("contract", c.id.to_string(), c.facts.name)));
    let filter = homesteads::ParcelFilter { q, ..homesteads::ParcelFilter::default() };
    let some = homesteads::list_parcels(rx, &allowed.actor.prove()?, &filter, &page)?.items;
    found.extend(some.into_iter().map(|p| ("parcel", p.id.to_string(), p.name())));
    let some = collectives::list_all(rx, &allowed.scope)?.into_iter().filter(|c| c.name.contains(words)).take(5);
    found.extend(some.map(|c| ("collective", c.code.to_string(), c.name)));
    let link = |(word, id, name): (&str, String, String)| {
        let label = noun(word).map_or("", |n| n.label);
        RecordLink { href: format!("/audit/records/{word}/{id}"), label: format!("{label} {name}") }
    };
    Ok(found.into_iter().map(link).collect())
}

/// The range of scope codes of one collective of the scope, or of all of it; `None` for a collective outside.
pub fn range(scope: &Scope, collective: Option<&str>) -> Option<(String, String)> {
    match collective {
        None => Some(scope.range()),
        Some(code) => scope.contains(code).then(|| Scope::Only(code.to_owned()).range()),
    }
}
