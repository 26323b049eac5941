//! The waiting files: the only writer of `import_uploads`. They are no facts of the business and not logged.

use std::time::Duration;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
};
use serde_json::Value;

use crate::{
    access::Account,
    db::{Db, Error, Lane, Result, Rx, Tx, schema::import_uploads},
    kernel::{Id, Timestamp},
    vault::Vault,
};

crate::codes! {
    UPLOAD_GONE 404 "upload_gone" "找不到这次上传的文件：可能已经导入，或超过一天已清除；请重新上传";
    IMPORT_REFUSED 422 "import_refused" "有些行需要修改，没有写入任何记录；请改好后重新上传整个文件";
}

crate::text_enum! {
    /// What a waiting file will become.
    pub enum Kind as "ImportKind" {
        Members = "members" => "成员名册", Assets = "assets" => "资产台账", Parcels = "parcels" => "宅基地宗地",
        Contracts = "contracts" => "合同台账", Statements = "statements" => "银行对账单",
    }
}
crate::text_column!(Kind);

/// Marker of upload identifiers.
#[derive(Debug)]
pub struct Upload;

/// How long a file waits.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// A file on its way in.
#[derive(Debug, Clone)]
pub struct NewUpload {
    pub kind: Kind,
    /// Region code of the collective whose records it brings; the caller has checked that it lies within the scope.
    pub collective_code: String,
    pub file_name: String,
    /// What the domain wants to know again at the confirmation.
    pub options: Value,
    pub bytes: Vec<u8>,
}

/// A file that waits for its confirmation.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub id: Id<Upload>,
    pub collective_code: String,
    pub file_name: String,
    pub options: Value,
    pub bytes: Vec<u8>,
    pub created_at: Timestamp,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = import_uploads, treat_none_as_default_value = false)]
struct UploadRow {
    id: Id<Upload>,
    account_id: Id<Account>,
    kind: Kind,
    collective_code: String,
    file_name: String,
    options: String,
    /// Sealed by the vault.
    content: Vec<u8>,
    created_at: Timestamp,
}

/// Keeps the file, encrypted, for its confirmation.
pub fn stage(tx: &mut Tx<'_>, vault: &Vault, account: &Id<Account>, new: &NewUpload) -> Result<Id<Upload>> {
    let row = UploadRow {
        id: tx.new_id("upl"),
        account_id: account.clone(),
        kind: new.kind,
        collective_code: new.collective_code.clone(),
        file_name: new.file_name.chars().take(200).collect(),
        options: new.options.to_string(),
        content: vault.seal_file(&new.bytes)?,
        created_at: tx.now(),
    };
    diesel::insert_into(import_uploads::table).values(&row).execute(tx.bookkeeping())?;
    Ok(row.id)
}

/// The waiting file, if this account brought it for this purpose.
///
/// No scope: the account's own files only.
///
/// # Errors
/// `upload_gone` where there is none (any more).
pub fn find(rx: &mut Rx<'_>, vault: &Vault, account: &Id<Account>, kind: Kind, id: &Id<Upload>) -> Result<Waiting> {
    let row: UploadRow = import_uploads::table
        .filter(
            import_uploads::id.eq(id).and(import_uploads::account_id.eq(account)).and(import_uploads::kind.eq(kind)),
        )
        .first(rx.conn())
        .optional()?
        .ok_or_else(|| Error::from(&UPLOAD_GONE))?;
    Ok(Waiting {
        options: serde_json::from_str(&row.options).unwrap_or(Value::Null),
        bytes: vault.open_file(&row.content)?,
        id: row.id,
        collective_code: row.collective_code,
        file_name: row.file_name,
        created_at: row.created_at,
    })
}

/// [`find`], and the file waits no longer: a second confirmation finds nothing. Call it in the transaction that writes the
/// records; if that fails, the file is still there.
///
/// # Errors
/// `upload_gone` where there is none (any more).
pub fn take(tx: &mut Tx<'_>, vault: &Vault, account: &Id<Account>, kind: Kind, id: &Id<Upload>) -> Result<Waiting> {
    tx.lock_row("import_uploads", "id", id.as_str())?;
    let waiting = find(tx, vault, account, kind, id)?;
    diesel::delete(import_uploads::table.filter(import_uploads::id.eq(id))).execute(tx.bookkeeping())?;
    Ok(waiting)
}

/// Removes files that nobody confirmed for a day; called by the timetable.
pub fn forget_old(db: &Db) -> Result<()> {
    let kept_us = i64::try_from(KEPT.as_micros()).unwrap_or(i64::MAX);
    let before = db.now().plus_us(-kept_us);
    let old = |rx: &mut Rx<'_>| {
        Ok(import_uploads::table.filter(import_uploads::created_at.lt(before)).count().get_result::<i64>(rx.conn())?)
    };
    if db.read_now(old)? == 0 {
        return Ok(());
    }
    db.write_now(Lane::Any, move |tx| {
        diesel::delete(import_uploads::table.filter(import_uploads::created_at.lt(before)))
            .execute(tx.bookkeeping())?;
        Ok(())
    })
}
