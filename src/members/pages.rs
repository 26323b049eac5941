//! `/members`, `/households`: the roster, one member, households. Registering, changing and ending: `keep_pages`; rosters by
//! file: `import_pages`.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{
    Found, Household, HouseholdView, HouseholdWithMembers, MemberFilter, MemberView, Membership, MembershipState,
    PersonView, import_pages, keep_pages, own_pages, paper_pages, service,
};
use crate::{
    access::{Allowed, Scope, may},
    collectives::{self, Collective},
    db::{Db, Rx},
    kernel::{Id, PageRequest, Problem, codes::Sex},
    vault::Vault,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    // Fixed addresses before the one with an identifier.
    config
        .configure(import_pages::routes)
        .configure(keep_pages::routes)
        .configure(own_pages::routes)
        .configure(paper_pages::routes);
    config
        .service(web::resource("/members/find").route(web::post().to(find)))
        .service(web::resource("/members/{id}").route(web::get().to(one)))
        .service(web::resource("/households").route(web::get().to(households)))
        .service(web::resource("/households/{id}").route(web::get().to(household)));
}

pub(super) const PATH: &str = "/members";

impl MembershipState {
    /// Never shown without its word.
    pub(super) const fn tone(&self) -> Tone {
        match self {
            MembershipState::Active => Tone::Good,
            MembershipState::Retained => Tone::Warn,
            MembershipState::Lost => Tone::Quiet,
        }
    }
}

impl MemberView {
    /// Empty where the person was erased.
    pub(super) fn sex_label(&self) -> &'static str {
        self.sex.as_ref().map_or("", Sex::label)
    }
}

/// The collectives of a scope by code and name: for choices, and for names in lists.
pub(super) fn choices(rx: &mut Rx<'_>, scope: &Scope) -> crate::db::Result<Vec<(String, String)>> {
    let named = |c: Collective| (c.code.to_string(), c.name);
    Ok(collectives::list_all(rx, scope)?.into_iter().map(named).collect())
}

/// The name of a collective among the choices.
pub(super) fn name_of<'a>(collectives: &'a [(String, String)], code: &'a str) -> &'a str {
    collectives.iter().find(|(c, _)| c == code).map_or(code, |(_, name)| name)
}

/// The form of the list: every field may be empty.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    name: String,
    #[serde(default)]
    collective: String,
    #[serde(default)]
    state: String,
    after: Option<String>,
}

impl Wanted {
    fn filter(&self) -> MemberFilter {
        let text = |t: &str| Some(t.trim().to_owned()).filter(|t| !t.is_empty());
        MemberFilter {
            collective: text(&self.collective),
            name: text(&self.name),
            household: None,
            state: self.state.parse().ok(),
        }
    }

    /// The address of this list, from another place on.
    fn address(&self, after: &str) -> String {
        let fields =
            [("name", &self.name[..]), ("collective", &self.collective), ("state", &self.state), ("after", after)];
        html::address(PATH, fields)
    }
}

#[derive(Template)]
#[template(path = "members/pages/list.html")]
struct ListPage {
    layout: Layout,
    form: FormState,
    members: Vec<MemberView>,
    collectives: Vec<(String, String)>,
    states: Vec<(&'static str, &'static str)>,
    filtered: bool,
    first: String,
    next: String,
    may_keep: bool,
}

impl ListPage {
    fn name_of<'a>(&'a self, code: &'a str) -> &'a str {
        name_of(&self.collectives, code)
    }
}

pub(super) async fn list(
    allowed: Allowed<may::ReadMembers>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, Error> {
    Ok(html::ok(&load_list(allowed, layout, &db, &vault, wanted.into_inner(), None).await?))
}

async fn load_list(
    allowed: Allowed<may::ReadMembers>,
    layout: Layout,
    db: &Db,
    vault: &Vault,
    wanted: Wanted,
    problem: Option<&Problem>,
) -> Result<ListPage, Error> {
    let may_keep = allowed.actor.can::<may::KeepMembers>();
    let (filter, page) = (wanted.filter(), PageRequest { limit: Some(50), after: wanted.after.clone() });
    let keys = vault.clone();
    let (found, collectives) = db
        .read(move |rx| Ok((service::list_members(rx, &keys, &allowed, &filter, &page)?, choices(rx, &allowed.scope)?)))
        .await?;
    let mut form = FormState::new(
        [("name", &wanted.name), ("collective", &wanted.collective), ("state", &wanted.state)]
            .map(|(name, value)| (name, value.as_str())),
    );
    if let Some(problem) = problem {
        form = form.with_problem(problem);
    }
    Ok(ListPage {
        layout: layout.titled("成员名册").under(PATH).with_form(&form),
        form,
        members: found.items,
        collectives,
        states: MembershipState::ALL.iter().map(|s| (s.as_str(), s.label())).collect(),
        filtered: !wanted.name.is_empty() || !wanted.collective.is_empty() || !wanted.state.is_empty(),
        first: wanted.after.as_ref().map(|_| wanted.address("")).unwrap_or_default(),
        next: found.next.map(|next| wanted.address(&next)).unwrap_or_default(),
        may_keep,
    })
}

/// The one search box. It is posted, because a whole ID number or phone must not stand in an address.
async fn find(
    allowed: Allowed<may::ReadMembers>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let typed = fields.get("q").to_owned();
    let (keys, by, today) = (vault.get_ref().clone(), allowed.clone(), db.now().day());
    let found = db.read(move |rx| service::find(rx, &keys, &by, &typed, today)).await?;
    match found {
        Found::Member(id) => Ok(html::see_other(&format!("{PATH}/{id}"))),
        Found::Household(id) => Ok(html::see_other(&format!("/households/{id}"))),
        Found::Name(name) => Ok(html::see_other(&Wanted { name, ..Wanted::default() }.address(""))),
        Found::Nobody => {
            let words = "没有找到这个号码的成员；请核对是否录对，或改用姓名的一部分查找";
            let problem = Problem::field("q", None, words);
            let page = load_list(allowed, layout, &db, &vault, Wanted::default(), Some(&problem)).await?;
            Ok(html::ok(&page))
        }
    }
}

/// A sealed value that was opened on this page, and what it is.
pub(super) struct Shown {
    pub label: &'static str,
    pub value: String,
}

#[derive(Template)]
#[template(path = "members/pages/one.html")]
pub(super) struct OnePage {
    layout: Layout,
    form: FormState,
    member: MemberView,
    person: PersonView,
    collective: String,
    collectives: Vec<(String, String)>,
    may_keep: bool,
    may_open: bool,
    may_tie: bool,
    shown: Option<Shown>,
}

impl OnePage {
    pub(super) async fn load(
        allowed: Allowed<may::ReadMembers>,
        layout: Layout,
        db: &Db,
        vault: &Vault,
        id: Id<Membership>,
        form: FormState,
        shown: Option<Shown>,
    ) -> Result<OnePage, Error> {
        let (may_keep, may_open) =
            (allowed.actor.can::<may::KeepMembers>(), allowed.actor.can::<may::OpenPersonalData>());
        let may_tie = allowed.actor.can::<may::TieAccounts>();
        let keys = vault.clone();
        let (member, person, collectives) = db
            .read(move |rx| {
                let member = service::get_member(rx, &keys, &allowed, &id)?;
                let person = service::get_person(rx, &keys, &allowed, &member.person_id)?;
                Ok((member, person, choices(rx, &allowed.scope)?))
            })
            .await?;
        let collective = name_of(&collectives, &member.collective_code).to_owned();
        let layout = layout.titled(member.name.clone()).under(PATH).with_form(&form);
        Ok(OnePage { layout, form, member, person, collective, collectives, may_keep, may_open, may_tie, shown })
    }

    fn name_of<'a>(&'a self, code: &'a str) -> &'a str {
        name_of(&self.collectives, code)
    }

    fn others(&self) -> Vec<&MemberView> {
        self.person.memberships.iter().filter(|m| m.id != self.member.id).collect()
    }
}

async fn one(
    allowed: Allowed<may::ReadMembers>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Membership>>,
) -> Result<HttpResponse, Error> {
    let page = OnePage::load(allowed, layout, &db, &vault, id.into_inner(), FormState::default(), None).await?;
    Ok(html::ok(&page))
}

#[derive(Template)]
#[template(path = "members/pages/households.html")]
struct HouseholdsPage {
    layout: Layout,
    households: Vec<HouseholdView>,
    collectives: Vec<(String, String)>,
    form: FormState,
    first: String,
    next: String,
}

impl HouseholdsPage {
    fn name_of<'a>(&'a self, code: &'a str) -> &'a str {
        name_of(&self.collectives, code)
    }
}

async fn households(
    allowed: Allowed<may::ReadMembers>,
    layout: Layout,
    db: Data<Db>,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, Error> {
    let Wanted { collective, after, .. } = wanted.into_inner();
    let within = Some(collective.clone()).filter(|c| !c.is_empty());
    let page = PageRequest { limit: Some(50), after: after.clone() };
    let (found, collectives) = db
        .read(move |rx| {
            let found = service::list_households(rx, &allowed, within.as_deref(), &page)?;
            Ok((found, choices(rx, &allowed.scope)?))
        })
        .await?;
    let address = |after: &str| format!("/households?collective={}&after={after}", html::query_escape(&collective));
    Ok(html::ok(&HouseholdsPage {
        layout: layout.titled("户").under(PATH),
        households: found.items,
        collectives,
        first: after.map(|_| address("")).unwrap_or_default(),
        next: found.next.map(|next| address(&next)).unwrap_or_default(),
        form: FormState::new([("collective", collective)]),
    }))
}

#[derive(Template)]
#[template(path = "members/pages/household.html")]
struct HouseholdPage {
    layout: Layout,
    found: HouseholdWithMembers,
    collective: String,
    may_keep: bool,
}

async fn household(
    allowed: Allowed<may::ReadMembers>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Household>>,
) -> Result<HttpResponse, Error> {
    let may_keep = allowed.actor.can::<may::KeepMembers>();
    let (found, collectives) = db
        .read(move |rx| Ok((service::get_household(rx, &vault, &allowed, &id)?, choices(rx, &allowed.scope)?)))
        .await?;
    let collective = name_of(&collectives, &found.household.collective_code).to_owned();
    let layout = layout.titled(format!("户 {}", found.household.number)).under(PATH);
    Ok(html::ok(&HouseholdPage { layout, found, collective, may_keep }))
}
