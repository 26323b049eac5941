//! `/api/v1/members`, `/api/v1/persons`, `/api/v1/households`.

use actix_web::{
    HttpResponse, get, patch, post,
    web::{Data, Path, Query},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    ChangeMembership, CorrectPerson, EndMembership, Household, HouseholdView, HouseholdWithMembers, ImportPreview,
    ImportSummary, MemberFilter, MemberView, Membership, MembershipState, OwnRecord, Person, PersonView,
    RegisterMember, RosterFile, own, service, uploads,
};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    imports::{RawFile, Upload},
    kernel::{
        Id, Page, PageRequest, Problem,
        codes::ResidentId,
        text::{mask_id, mask_phone, read_phone},
    },
    vault::{Field, Vault},
    web::{Body, Created, Error, IfMatch, Problem as ProblemDocument, Routes, created, with_etag},
};

pub fn routes(config: &mut Routes<'_>) {
    // Fixed addresses before those with an identifier.
    config.service(search).service(import_file).service(import_preview).service(import_confirm);
    config.service(list).service(register).service(one).service(change).service(end);
    config.service(person).service(correct).service(reveal).service(tie).service(own_record);
    config.service(households).service(household);
}

/// Which members.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct MemberQuery {
    /// Region code: this collective and what lies below it; without it all of the scope.
    pub collective: Option<String>,
    /// Part of the name.
    pub name: Option<String>,
    /// A household's identifier: everybody who belongs or belonged to it.
    pub household: Option<String>,
    /// `active` unless told.
    #[param(value_type = Option<String>)]
    pub state: Option<MembershipState>,
    /// 1 to 200, 20 unless told.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub after: Option<String>,
}

impl MemberQuery {
    pub(super) fn split(self) -> (MemberFilter, PageRequest) {
        let some = |text: Option<String>| text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
        let filter = MemberFilter {
            collective: some(self.collective),
            name: some(self.name),
            household: some(self.household).map(Id::from_trusted),
            state: self.state,
        };
        (filter, PageRequest { limit: self.limit, after: some(self.after) })
    }
}

/// The members of the scope, personal numbers masked.
#[utoipa::path(tag = "members", params(MemberQuery),
    responses((status = 200, body = Page<MemberView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/members")]
async fn list(
    allowed: Allowed<may::ReadMembers>,
    db: Data<Db>,
    vault: Data<Vault>,
    query: Query<MemberQuery>,
) -> Result<HttpResponse, Error> {
    let (filter, page) = query.into_inner().split();
    Ok(HttpResponse::Ok().json(db.read(move |rx| service::list_members(rx, &vault, &allowed, &filter, &page)).await?))
}

/// Whom to find: exactly one of the two. In a body and not in the address, which logs and histories keep.
#[derive(Deserialize, ToSchema)]
struct Search {
    id_number: Option<String>,
    phone: Option<String>,
}

/// Finds members of the scope by the whole ID number or phone.
#[utoipa::path(tag = "members", request_body = Search,
    responses((status = 200, body = Page<MemberView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/members/search")]
async fn search(
    allowed: Allowed<may::ReadMembers>,
    db: Data<Db>,
    vault: Data<Vault>,
    body: Body<Search>,
) -> Result<HttpResponse, Error> {
    let items = match (body.value.id_number, body.value.phone) {
        (Some(typed), None) => {
            let id = ResidentId::read(&typed, db.now().day())
                .map_err(|e| Problem::field("id_number", Some(&mask_id(&typed)), e.to_string()))?
                .value;
            db.read(move |rx| service::find_by_id_number(rx, &vault, &allowed, &id)).await?
        }
        (None, Some(typed)) => {
            let phone =
                read_phone(&typed).map_err(|e| Problem::field("phone", Some(&mask_phone(&typed)), e.to_string()))?;
            db.read(move |rx| service::find_by_phone(rx, &vault, &allowed, &phone)).await?
        }
        _ => return Err(Problem::field("id_number", None, "请填身份证号或联系电话中的一项").into()),
    };
    Ok(HttpResponse::Ok().json(Page { items, next: None }))
}

/// Registers a member.
#[utoipa::path(tag = "members", request_body = RegisterMember,
    responses((status = 201, body = Created<MemberView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/members")]
async fn register(
    allowed: Allowed<may::KeepMembers>,
    db: Data<Db>,
    vault: Data<Vault>,
    body: Body<RegisterMember>,
) -> Result<HttpResponse, Error> {
    let new = body.value;
    let lane = Lane::of("collective", &new.collective_code);
    let (member, receipt) = db.write(lane, move |tx| service::register_member(tx, &vault, &allowed, &new)).await?;
    let version = member.version;
    Ok(with_etag(created(member, receipt), version))
}

/// One membership; its ETag is what a change needs as If-Match.
#[utoipa::path(tag = "members", params(("id" = String, Path)),
    responses((status = 200, body = MemberView), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/members/{id}")]
async fn one(
    allowed: Allowed<may::ReadMembers>,
    id: Path<Id<Membership>>,
    db: Data<Db>,
    vault: Data<Vault>,
) -> Result<HttpResponse, Error> {
    let member = db.read(move |rx| service::get_member(rx, &vault, &allowed, &id)).await?;
    let version = member.version;
    Ok(with_etag(HttpResponse::Ok().json(member), version))
}

/// Moves a member to another household, changes the relation or the note.
#[utoipa::path(tag = "members", request_body = ChangeMembership, params(("id" = String, Path), ("If-Match" = String, Header, description = "the ETag of the membership, which is its version in quotes")),
    responses((status = 200, body = Created<MemberView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[patch("/api/v1/members/{id}")]
async fn change(
    allowed: Allowed<may::KeepMembers>,
    id: Path<Id<Membership>>,
    if_match: IfMatch,
    db: Data<Db>,
    vault: Data<Vault>,
    body: Body<ChangeMembership>,
) -> Result<HttpResponse, Error> {
    let (id, wanted) = (id.into_inner(), body.value);
    let lane = Lane::of("member", &id);
    let (value, receipt) = db
        .write(lane, move |tx| service::change_membership(tx, &vault, &allowed, &id, &wanted, |v| if_match.check(v)))
        .await?;
    let version = value.version;
    Ok(with_etag(HttpResponse::Ok().json(Created { value, log_entry: receipt.seq }), version))
}

/// Ends a membership by a cause of the law. The record stays.
#[utoipa::path(tag = "members", request_body = EndMembership, params(("id" = String, Path)),
    responses((status = 201, body = Created<MemberView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/members/{id}/end")]
async fn end(
    allowed: Allowed<may::KeepMembers>,
    id: Path<Id<Membership>>,
    db: Data<Db>,
    vault: Data<Vault>,
    body: Body<EndMembership>,
) -> Result<HttpResponse, Error> {
    let (id, ending) = (id.into_inner(), body.value);
    let lane = Lane::of("member", &id);
    let (member, receipt) =
        db.write(lane, move |tx| service::end_membership(tx, &vault, &allowed, &id, &ending)).await?;
    let version = member.version;
    Ok(with_etag(created(member, receipt), version))
}

/// One person with every membership of the scope and what was corrected.
#[utoipa::path(tag = "members", params(("id" = String, Path)),
    responses((status = 200, body = PersonView), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/persons/{id}")]
async fn person(
    allowed: Allowed<may::ReadMembers>,
    id: Path<Id<Person>>,
    db: Data<Db>,
    vault: Data<Vault>,
) -> Result<HttpResponse, Error> {
    let person = db.read(move |rx| service::get_person(rx, &vault, &allowed, &id)).await?;
    let version = person.version;
    Ok(with_etag(HttpResponse::Ok().json(person), version))
}

/// Corrects a person's name, phone or address; what the record said before is kept.
#[utoipa::path(tag = "members", request_body = CorrectPerson, params(("id" = String, Path), ("If-Match" = String, Header, description = "the ETag of the person, which is its version in quotes")),
    responses((status = 200, body = Created<PersonView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[patch("/api/v1/persons/{id}")]
async fn correct(
    allowed: Allowed<may::KeepMembers>,
    id: Path<Id<Person>>,
    if_match: IfMatch,
    db: Data<Db>,
    vault: Data<Vault>,
    body: Body<CorrectPerson>,
) -> Result<HttpResponse, Error> {
    let (id, correction) = (id.into_inner(), body.value);
    let lane = Lane::of("person", &id);
    let (value, receipt) = db
        .write(lane, move |tx| service::correct_person(tx, &vault, &allowed, &id, &correction, |v| if_match.check(v)))
        .await?;
    let version = value.version;
    Ok(with_etag(HttpResponse::Ok().json(Created { value, log_entry: receipt.seq }), version))
}

/// What somebody wants to see and why.
#[derive(Deserialize, ToSchema)]
struct Reveal {
    /// `id_number`, `phone` or `address`.
    field: String,
    /// Goes on record with the look, for auditors and for the person concerned.
    reason: String,
}

/// A value in clear.
#[derive(Serialize, ToSchema)]
struct Revealed {
    /// Null where nothing is recorded.
    value: Option<String>,
}

/// Opens a sealed value; the look and its reason go on record.
#[utoipa::path(tag = "members", request_body = Reveal, params(("id" = String, Path)),
    responses((status = 201, body = Revealed), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/persons/{id}/reveal")]
async fn reveal(
    allowed: Allowed<may::OpenPersonalData>,
    id: Path<Id<Person>>,
    db: Data<Db>,
    vault: Data<Vault>,
    body: Body<Reveal>,
) -> Result<HttpResponse, Error> {
    let Reveal { field, reason } = body.value;
    let field = sealed_field(&field)?;
    let id = id.into_inner();
    let seen = db
        .write(Lane::of("person", &id.clone()), move |tx| service::reveal(tx, &vault, &allowed, &id, field, &reason))
        .await?;
    let value = seen.map(|(clear, _)| clear.expose().to_owned());
    Ok(HttpResponse::Created().insert_header(("Cache-Control", "no-store")).json(Revealed { value }))
}

/// Whose account it is.
#[derive(Deserialize, ToSchema)]
struct TieAccount {
    /// Name that the person signs in with; empty takes the tie away.
    account: String,
}

/// What stands tied now.
#[derive(Serialize, ToSchema)]
struct TiedAccount {
    account: Option<String>,
}

/// Ties an account to a person, who then sees the own record.
#[utoipa::path(tag = "members", request_body = TieAccount, params(("id" = String, Path)),
    responses((status = 200, body = TiedAccount), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/persons/{id}/account")]
async fn tie(
    allowed: Allowed<may::TieAccounts>,
    id: Path<Id<Person>>,
    db: Data<Db>,
    body: Body<TieAccount>,
) -> Result<HttpResponse, Error> {
    let (id, name) = (id.into_inner(), body.value.account);
    let account = db
        .write(Lane::of("person", &id.clone()), move |tx| {
            own::tie_account(tx, &allowed, &id, &name)?;
            own::tied_account(tx, &allowed, &id)
        })
        .await?;
    Ok(HttpResponse::Ok().json(TiedAccount { account }))
}

/// The own record, personal numbers masked, and who looked at it.
#[utoipa::path(tag = "members", params(("limit" = Option<u32>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = OwnRecord), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/my/record")]
async fn own_record(
    allowed: Allowed<may::ReadOwnRecord>,
    db: Data<Db>,
    vault: Data<Vault>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    Ok(HttpResponse::Ok().json(db.read(move |rx| own::own_record(rx, &allowed, &vault, &page)).await?))
}

pub(super) fn sealed_field(word: &str) -> Result<Field, Problem> {
    match word {
        "id_number" => Ok(Field::IdNumber),
        "phone" => Ok(Field::Phone),
        "address" => Ok(Field::Address),
        other => Err(Problem::field("field", Some(other), "只能查看 id_number、phone 或 address")),
    }
}

/// Which households.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct HouseholdQuery {
    /// Region code: this collective and what lies below it; without it all of the scope.
    collective: Option<String>,
    limit: Option<u32>,
    after: Option<String>,
}

/// The households of the scope.
#[utoipa::path(tag = "members", params(HouseholdQuery),
    responses((status = 200, body = Page<HouseholdView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/households")]
async fn households(
    allowed: Allowed<may::ReadMembers>,
    db: Data<Db>,
    query: Query<HouseholdQuery>,
) -> Result<HttpResponse, Error> {
    let HouseholdQuery { collective, limit, after } = query.into_inner();
    let page = PageRequest { limit, after };
    let found = db.read(move |rx| service::list_households(rx, &allowed, collective.as_deref(), &page)).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// One household with everybody who belongs or belonged to it.
#[utoipa::path(tag = "members", params(("id" = String, Path)),
    responses((status = 200, body = HouseholdWithMembers), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/households/{id}")]
async fn household(
    allowed: Allowed<may::ReadMembers>,
    id: Path<Id<Household>>,
    db: Data<Db>,
    vault: Data<Vault>,
) -> Result<HttpResponse, Error> {
    let found = db.read(move |rx| service::get_household(rx, &vault, &allowed, &id)).await?;
    let version = found.household.version;
    Ok(with_etag(HttpResponse::Ok().json(found), version))
}

/// Where a roster goes, and what holds for rows that do not say it.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// Region code of the collective; the account's own unless told.
    collective: Option<String>,
    /// Word of the ground for rows that name none; `reform` unless told.
    ground: Option<String>,
    /// The decision that confirmed these members, for rows that name none.
    basis: Option<String>,
    /// Day of acquisition for rows that name none; the day of the import unless told.
    acquired_on: Option<String>,
}

/// Takes in a roster (XLSX or CSV, the file as the body) and says what would be written. Nothing goes on record before the
/// confirmation, which must come within a day.
#[utoipa::path(tag = "members", params(ImportQuery), request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = ImportPreview), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/members/imports")]
async fn import_file(
    allowed: Allowed<may::KeepMembers>,
    db: Data<Db>,
    vault: Data<Vault>,
    query: Query<ImportQuery>,
    file: RawFile,
) -> Result<HttpResponse, Error> {
    let ImportQuery { collective, ground, basis, acquired_on } = query.into_inner();
    let file = RosterFile {
        collective_code: collective.unwrap_or_else(|| allowed.actor.home.clone()),
        name: String::new(),
        bytes: file.0,
        ground: ground.unwrap_or_default(),
        basis: basis.unwrap_or_default(),
        acquired_on: acquired_on.unwrap_or_default(),
    };
    Ok(HttpResponse::Ok().json(uploads::upload(&db, &vault, &allowed, file).await?))
}

/// What a waiting roster would write.
#[utoipa::path(tag = "members", params(("id" = String, Path)),
    responses((status = 200, body = ImportPreview), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/members/imports/{id}")]
async fn import_preview(
    allowed: Allowed<may::KeepMembers>,
    id: Path<Id<Upload>>,
    db: Data<Db>,
    vault: Data<Vault>,
) -> Result<HttpResponse, Error> {
    Ok(HttpResponse::Ok().json(uploads::preview_upload(&db, &vault, &allowed, &id).await?))
}

/// Writes the members of a waiting roster, all or none.
#[utoipa::path(tag = "members", params(("id" = String, Path)),
    responses((status = 201, body = Created<ImportSummary>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/members/imports/{id}/confirm")]
async fn import_confirm(
    allowed: Allowed<may::KeepMembers>,
    id: Path<Id<Upload>>,
    db: Data<Db>,
    vault: Data<Vault>,
) -> Result<HttpResponse, Error> {
    let (summary, receipt) = uploads::confirm(&db, &vault, &allowed, &id).await?;
    Ok(created(summary, receipt))
}
