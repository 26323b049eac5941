//! Documents and their contents: the only writer of their tables.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl,
};
use serde::Serialize;

use super::{Document, MediaType, Visibility};
use crate::{
    access::{Account, Scope},
    db::{
        Result, Rx, Salt, Tx,
        schema::{document_contents, documents},
    },
    kernel::{Id, PageRequest, Timestamp, codes::RegionCode},
};

crate::text_column!(MediaType, Visibility);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = documents, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct DocumentRow {
    pub id: Id<Document>,
    pub collective_code: RegionCode,
    pub title: String,
    pub media_type: MediaType,
    /// Bytes as they were brought (after a photo lost its place).
    pub length: i64,
    /// Of the encrypted contents.
    pub sha256: String,
    pub visibility: Visibility,
    pub uploaded_by: Id<Account>,
    pub uploaded_at: Timestamp,
    pub version: i32,
    pub salt: Salt,
    /// Of the encrypted contents; `None` for papers from before this column, whose logged state has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sm3: Option<String>,
}
crate::logged_table!(DocumentRow in documents, key id);

pub(super) fn insert_content(tx: &mut Tx<'_>, sha256: &str, sealed: &[u8]) -> Result<()> {
    diesel::insert_into(document_contents::table)
        .values((document_contents::sha256.eq(sha256), document_contents::sealed.eq(sealed)))
        .execute(tx.write())?;
    Ok(())
}

/// Overwrites contents; the row that names them goes on naming their hash.
pub(super) fn erase_content(tx: &mut Tx<'_>, sha256: &str) -> Result<()> {
    diesel::update(document_contents::table.filter(document_contents::sha256.eq(sha256)))
        .set(document_contents::sealed.eq(Vec::<u8>::new()))
        .execute(tx.write())?;
    Ok(())
}

/// No scope: asked for with the hash of a row that was found within one.
pub(super) fn find_content(rx: &mut Rx<'_>, sha256: &str) -> Result<Option<Vec<u8>>> {
    Ok(document_contents::table
        .filter(document_contents::sha256.eq(sha256))
        .select(document_contents::sealed)
        .first(rx.conn())
        .optional()?)
}

pub(super) fn find_document(rx: &mut Rx<'_>, scope: &Scope, id: &Id<Document>) -> Result<Option<DocumentRow>> {
    let (from, to) = scope.range();
    Ok(documents::table
        .filter(documents::id.eq(id).and(documents::collective_code.ge(from)).and(documents::collective_code.lt(to)))
        .filter(documents::visibility.ne(Visibility::Proof))
        .first(rx.conn())
        .optional()?)
}

/// Papers that everybody may read.
pub(super) fn find_public(rx: &mut Rx<'_>, id: &Id<Document>) -> Result<Option<DocumentRow>> {
    Ok(documents::table
        .filter(documents::id.eq(id).and(documents::visibility.eq(Visibility::Public)))
        .first(rx.conn())
        .optional()?)
}

/// No scope: a proof, for the domain that keeps it.
pub(super) fn find_proof(rx: &mut Rx<'_>, id: &Id<Document>) -> Result<Option<DocumentRow>> {
    Ok(documents::table
        .filter(documents::id.eq(id).and(documents::visibility.eq(Visibility::Proof)))
        .first(rx.conn())
        .optional()?)
}

pub(super) fn list_documents(rx: &mut Rx<'_>, scope: &Scope, page: &PageRequest) -> Result<Vec<DocumentRow>> {
    let (from, to) = scope.range();
    let limit = i64::try_from(page.limit()).unwrap_or(i64::MAX).saturating_add(1);
    Ok(documents::table
        .filter(documents::collective_code.ge(from).and(documents::collective_code.lt(to)))
        .filter(documents::visibility.ne(Visibility::Proof))
        .filter(documents::id.gt(page.after.clone().unwrap_or_default()))
        .order(documents::id)
        .limit(limit)
        .load(rx.conn())?)
}
