//! The table of contracts: its only writer.

use diesel::{
    AsChangeset, BoolExpressionMethods, EscapeExpressionMethods, ExpressionMethods, Insertable,
    NullableExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, TextExpressionMethods,
};
use serde::Serialize;

use super::{
    ContractFilter,
    model::{ContractFacts, ContractId, Kind, LesseeKind, Method, Quantity, State},
};
use crate::{
    access::Scope,
    assets::AssetId,
    db::{Result, Rx, Salt, Tx, schema::contracts},
    kernel::{Day, Fen, PageRequest, Timestamp},
};

crate::text_column!(Kind, LesseeKind, Method, State);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = contracts, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct ContractRow {
    pub id: ContractId,
    pub collective_code: String,
    pub code: Option<String>,
    pub name: String,
    pub kind: Kind,
    pub asset_id: Option<AssetId>,
    pub subject: String,
    pub lessee: String,
    pub lessee_kind: LesseeKind,
    pub signed_on: Option<Day>,
    pub starts_on: Day,
    pub ends_on: Option<Day>,
    /// Ten-thousandths of the unit.
    pub quantity: Option<i64>,
    pub unit: Option<String>,
    pub annual_rent: Option<Fen>,
    pub total: Option<Fen>,
    pub method: Option<Method>,
    pub payment_terms: String,
    pub state: State,
    pub note: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(ContractRow in contracts, key id);

impl ContractRow {
    pub fn new(tx: &mut Tx<'_>, collective_code: &str, facts: ContractFacts) -> ContractRow {
        let now = tx.now();
        ContractRow {
            id: tx.new_id("con"),
            collective_code: collective_code.to_owned(),
            code: facts.code,
            name: facts.name,
            kind: facts.kind,
            asset_id: facts.asset,
            subject: facts.subject,
            lessee: facts.lessee,
            lessee_kind: facts.lessee_kind,
            signed_on: facts.signed_on,
            starts_on: facts.starts_on,
            ends_on: facts.ends_on,
            quantity: facts.quantity.map(|q| q.0),
            unit: facts.unit,
            annual_rent: facts.annual_rent,
            total: facts.total,
            method: facts.method,
            payment_terms: facts.payment_terms,
            state: facts.state,
            note: facts.note,
            created_at: now,
            updated_at: now,
            version: 1,
            salt: Salt::fresh(),
        }
    }

    /// The row with other facts: identity and its beginning stay, the version moves on.
    pub fn with(self, tx: &mut Tx<'_>, facts: ContractFacts) -> ContractRow {
        tx.now_after(self.updated_at);
        let fresh = ContractRow::new(tx, &self.collective_code, facts);
        ContractRow { id: self.id, created_at: self.created_at, version: self.version + 1, salt: self.salt, ..fresh }
    }

    pub fn facts(self) -> ContractFacts {
        ContractFacts {
            code: self.code,
            name: self.name,
            kind: self.kind,
            asset: self.asset_id,
            subject: self.subject,
            lessee: self.lessee,
            lessee_kind: self.lessee_kind,
            signed_on: self.signed_on,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            quantity: self.quantity.map(Quantity),
            unit: self.unit,
            annual_rent: self.annual_rent,
            total: self.total,
            method: self.method,
            payment_terms: self.payment_terms,
            state: self.state,
            note: self.note,
        }
    }
}

/// No scope: the collectives are those of a person who was found in one.
pub(super) fn with_lessee(rx: &mut Rx<'_>, collectives: &[String], lessee: &str) -> Result<Vec<ContractRow>> {
    let of_person = contracts::lessee.eq(lessee).and(contracts::lessee_kind.eq(LesseeKind::Person));
    Ok(contracts::table
        .filter(contracts::collective_code.eq_any(collectives.to_vec()).and(of_person))
        .order(contracts::id)
        .load(rx.conn())?)
}

pub(super) fn find(rx: &mut Rx<'_>, scope: &Scope, id: &ContractId) -> Result<Option<ContractRow>> {
    let (from, to) = scope.range();
    Ok(contracts::table
        .filter(contracts::id.eq(id).and(contracts::collective_code.ge(from)).and(contracts::collective_code.lt(to)))
        .first(rx.conn())
        .optional()?)
}

/// One row more than the page holds, newest last.
pub(super) fn list(
    rx: &mut Rx<'_>,
    scope: &Scope,
    filter: &ContractFilter,
    page: &PageRequest,
) -> Result<Vec<ContractRow>> {
    let (from, to) = scope.range();
    let limit = i64::try_from(page.limit()).unwrap_or(i64::MAX) + 1;
    let mut query = contracts::table
        .filter(contracts::collective_code.ge(from).and(contracts::collective_code.lt(to)))
        .filter(contracts::id.gt(page.after.clone().unwrap_or_default()))
        .order(contracts::id)
        .limit(limit)
        .into_boxed();
    if let Some(code) = &filter.collective {
        query = query.filter(contracts::collective_code.eq(code.clone()));
    }
    if let Some(state) = filter.state {
        query = query.filter(contracts::state.eq(state));
    }
    if let Some(asset) = &filter.asset {
        query = query.filter(contracts::asset_id.eq(asset.clone()).assume_not_null());
    }
    if let Some(day) = filter.ends_before {
        query = query.filter(contracts::ends_on.lt(day).assume_not_null());
    }
    if let Some(text) = filter.q.as_deref().map(str::trim).filter(|t| !t.is_empty()) {
        let part = like_part(text);
        query = query.filter(
            contracts::name
                .like(part.clone())
                .escape('!')
                .or(contracts::lessee.like(part.clone()).escape('!'))
                .or(contracts::subject.like(part).escape('!'))
                .or(contracts::code.eq(text.to_owned()).assume_not_null()),
        );
    }
    Ok(query.load(rx.conn())?)
}

/// How many running contracts end before a day; those past their end are among them.
pub(super) fn count_ending(rx: &mut Rx<'_>, scope: &Scope, day: Day) -> Result<i64> {
    let (from, to) = scope.range();
    Ok(contracts::table
        .filter(contracts::collective_code.ge(from).and(contracts::collective_code.lt(to)))
        .filter(contracts::state.eq(State::Running).and(contracts::ends_on.lt(day).assume_not_null()))
        .count()
        .get_result(rx.conn())?)
}

/// `%text%` with the pattern's own signs made plain by `!`.
fn like_part(text: &str) -> String {
    let plain: String =
        text.chars().flat_map(|c| if matches!(c, '%' | '_' | '!') { vec!['!', c] } else { vec![c] }).collect();
    format!("%{plain}%")
}

/// Codes already on record in a collective: what an import must not repeat.
pub(super) fn known_codes(rx: &mut Rx<'_>, scope: &Scope, collective_code: &str) -> Result<Vec<String>> {
    let (from, to) = scope.range();
    Ok(contracts::table
        .filter(contracts::collective_code.eq(collective_code))
        .filter(contracts::collective_code.ge(from).and(contracts::collective_code.lt(to)))
        .filter(contracts::code.is_not_null())
        .select(contracts::code.assume_not_null())
        .load(rx.conn())?)
}
