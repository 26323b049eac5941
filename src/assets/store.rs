//! The table of assets: its only writer.

use diesel::{
    AsChangeset, BoolExpressionMethods, EscapeExpressionMethods, ExpressionMethods, Insertable,
    NullableExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, TextExpressionMethods,
    dsl::{count_star, sql},
    sql_types::BigInt,
};
use serde::Serialize;

use super::{
    AssetFilter,
    model::{AssetFacts, AssetId, Class, Kind, KindTotals, State},
};
use crate::{
    access::Scope,
    db::{Result, Rx, Salt, Tx, schema::assets},
    kernel::{Area, Fen, PageRequest, Timestamp},
};

crate::text_column!(Kind, Class, State);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = assets, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct AssetRow {
    pub id: AssetId,
    pub collective_code: String,
    pub code: Option<String>,
    pub name: String,
    pub kind: Kind,
    pub class: Class,
    pub area: Option<Area>,
    pub quantity: Option<i64>,
    pub unit: Option<String>,
    pub location: String,
    pub original_value: Option<Fen>,
    pub net_value: Option<Fen>,
    pub quantified: Fen,
    pub state: State,
    pub photo: Option<String>,
    pub note: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(AssetRow in assets, key id);

impl AssetRow {
    pub fn new(tx: &mut Tx<'_>, collective_code: &str, facts: AssetFacts) -> AssetRow {
        let (id, now) = (tx.new_id("ast"), tx.now());
        let row = AssetRow {
            id,
            collective_code: collective_code.to_owned(),
            code: None,
            name: String::new(),
            kind: facts.kind,
            class: facts.class,
            area: None,
            quantity: None,
            unit: None,
            location: String::new(),
            original_value: None,
            net_value: None,
            quantified: Fen::ZERO,
            state: facts.state,
            photo: None,
            note: String::new(),
            created_at: now,
            updated_at: now,
            version: 1,
            salt: Salt::fresh(),
        };
        row.with(facts)
    }

    /// The row with other facts; identity, times and version stay.
    pub fn with(self, facts: AssetFacts) -> AssetRow {
        let AssetFacts {
            code,
            name,
            kind,
            class,
            area,
            quantity,
            unit,
            location,
            original_value,
            net_value,
            quantified,
            state,
            photo,
            note,
        } = facts;
        AssetRow {
            code,
            name,
            kind,
            class,
            area,
            quantity,
            unit,
            location,
            original_value,
            net_value,
            quantified,
            state,
            photo,
            note,
            ..self
        }
    }

    pub fn facts(self) -> AssetFacts {
        AssetFacts {
            code: self.code,
            name: self.name,
            kind: self.kind,
            class: self.class,
            area: self.area,
            quantity: self.quantity,
            unit: self.unit,
            location: self.location,
            original_value: self.original_value,
            net_value: self.net_value,
            quantified: self.quantified,
            state: self.state,
            photo: self.photo,
            note: self.note,
        }
    }
}

pub(super) fn find(rx: &mut Rx<'_>, scope: &Scope, id: &AssetId) -> Result<Option<AssetRow>> {
    let (from, to) = scope.range();
    Ok(assets::table
        .filter(assets::id.eq(id).and(assets::collective_code.ge(from)).and(assets::collective_code.lt(to)))
        .first(rx.conn())
        .optional()?)
}

/// One row more than the page holds, newest last.
pub(super) fn list(rx: &mut Rx<'_>, scope: &Scope, filter: &AssetFilter, page: &PageRequest) -> Result<Vec<AssetRow>> {
    let (from, to) = scope.range();
    let limit = i64::try_from(page.limit()).unwrap_or(i64::MAX) + 1;
    let mut query = assets::table
        .filter(assets::collective_code.ge(from).and(assets::collective_code.lt(to)))
        .filter(assets::id.gt(page.after.clone().unwrap_or_default()))
        .order(assets::id)
        .limit(limit)
        .into_boxed();
    if let Some(code) = &filter.collective {
        query = query.filter(assets::collective_code.eq(code.clone()));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(assets::kind.eq(kind));
    }
    if let Some(class) = filter.class {
        query = query.filter(assets::class.eq(class));
    }
    if let Some(state) = filter.state {
        query = query.filter(assets::state.eq(state));
    }
    if let Some(text) = filter.q.as_deref().map(str::trim).filter(|t| !t.is_empty()) {
        let part = like_part(text);
        query = query.filter(
            assets::name
                .like(part.clone())
                .escape('!')
                .or(assets::location.like(part).escape('!'))
                .or(assets::code.eq(text.to_owned()).assume_not_null()),
        );
    }
    Ok(query.load(rx.conn())?)
}

/// `%text%` with the pattern's own signs made plain by `!`.
fn like_part(text: &str) -> String {
    let plain: String =
        text.chars().flat_map(|c| if matches!(c, '%' | '_' | '!') { vec!['!', c] } else { vec![c] }).collect();
    format!("%{plain}%")
}

/// Sums by kind over what is not disposed of.
pub(super) fn totals(rx: &mut Rx<'_>, scope: &Scope, collective: Option<&str>) -> Result<Vec<KindTotals>> {
    let (from, to) = scope.range();
    let mut query = assets::table
        .filter(assets::collective_code.ge(from).and(assets::collective_code.lt(to)))
        .filter(assets::state.ne(State::Disposed))
        .group_by(assets::kind)
        .select((
            assets::kind,
            count_star(),
            sql::<BigInt>("CAST(COALESCE(SUM(area), 0) AS BIGINT)"),
            sql::<BigInt>("CAST(COALESCE(SUM(original_value), 0) AS BIGINT)"),
            sql::<BigInt>("CAST(COALESCE(SUM(net_value), 0) AS BIGINT)"),
            sql::<BigInt>("CAST(SUM(quantified) AS BIGINT)"),
        ))
        .into_boxed();
    if let Some(code) = collective {
        query = query.filter(assets::collective_code.eq(code.to_owned()));
    }
    let rows: Vec<(Kind, i64, Area, Fen, Fen, Fen)> = query.load(rx.conn())?;
    let mut totals: Vec<KindTotals> = rows
        .into_iter()
        .map(|(kind, count, area, original_value, net_value, quantified)| KindTotals {
            kind,
            count,
            area,
            original_value,
            net_value,
            quantified,
        })
        .collect();
    totals.sort_by_key(|t| t.kind);
    Ok(totals)
}

/// Number of assets and quantified sum of each collective of the scope, by its code.
pub(super) fn totals_by_collective(
    rx: &mut Rx<'_>,
    scope: &Scope,
    collective: Option<&str>,
) -> Result<Vec<(String, i64, Fen)>> {
    let (from, to) = scope.range();
    let mut query = assets::table
        .filter(assets::collective_code.ge(from).and(assets::collective_code.lt(to)))
        .filter(assets::state.ne(State::Disposed))
        .group_by(assets::collective_code)
        .order(assets::collective_code)
        .select((assets::collective_code, count_star(), sql::<BigInt>("CAST(SUM(quantified) AS BIGINT)")))
        .into_boxed();
    if let Some(code) = collective {
        query = query.filter(assets::collective_code.eq(code.to_owned()));
    }
    Ok(query.load(rx.conn())?)
}

/// Codes, names and places already on record in a collective: what an import must not repeat.
pub(super) fn known(
    rx: &mut Rx<'_>,
    scope: &Scope,
    collective_code: &str,
) -> Result<Vec<(Option<String>, String, String)>> {
    let (from, to) = scope.range();
    Ok(assets::table
        .filter(assets::collective_code.eq(collective_code))
        .filter(assets::collective_code.ge(from).and(assets::collective_code.lt(to)))
        .select((assets::code, assets::name, assets::location))
        .load(rx.conn())?)
}
