//! Requests to erase: the only writer of their table.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl,
};
use serde::Serialize;

use super::model::{ErasureState, Ground};
use crate::{
    access::{Account, Scope},
    db::{Result, Rx, Salt, schema::erasures},
    kernel::{Id, Timestamp},
    members::Person,
};

crate::text_column!(Ground, ErasureState);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = erasures, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct ErasureRow {
    pub id: Id<ErasureRow>,
    pub person_id: Id<Person>,
    pub collective_code: String,
    pub ground: Ground,
    pub state: ErasureState,
    pub requested_by: Id<Account>,
    pub requested_at: Timestamp,
    pub ended_by: Option<Id<Account>>,
    pub ended_at: Option<Timestamp>,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(ErasureRow in erasures, key id);

/// The last request about a person.
pub(super) fn find_last(rx: &mut Rx<'_>, scope: &Scope, person: &Id<Person>) -> Result<Option<ErasureRow>> {
    let (from, to) = scope.range();
    let within = erasures::collective_code.ge(from).and(erasures::collective_code.lt(to));
    Ok(erasures::table
        .filter(erasures::person_id.eq(person).and(within))
        .order(erasures::id.desc())
        .first(rx.conn())
        .optional()?)
}
