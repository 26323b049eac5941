//! Use cases: bringing a paper, reading it.

use serde::Serialize;
use sha2::{Digest, Sha256};
use sm3::Sm3;
use utoipa::ToSchema;

use super::{
    contents::{MediaType, without_place},
    store::{self, DocumentRow},
};
use crate::{
    access::{Account, Allowed, Scope, may},
    db::{Result, Rx, Salt, Tx},
    kernel::{FieldError, Id, Page, PageRequest, Problem, Timestamp, codes::RegionCode, error::NOT_FOUND, hex, text},
    log::{By, Fact, Receipt, record},
    vault::{ERASED_NAME, Vault},
};

crate::codes! {
    UNKNOWN_FILE_KIND 422 "unknown_file_kind" "只收 PDF、JPG、PNG、Word（docx）和 Excel（xlsx）文件，请另存为其中一种再上传";
}

/// Most bytes of a paper.
pub const MOST_BYTES: usize = 10 << 20;

crate::text_enum! {
    /// Who may read a paper.
    pub enum Visibility {
        /// Who may read papers in its scope.
        Internal = "internal" => "内部",
        Public = "public" => "公开",
        /// What a bidder brings to prove something: shown by the domain that asked for it alone, for it tells who takes part.
        Proof = "proof" => "竞买人的证明材料",
    }
}

/// A paper without its contents.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Document {
    #[schema(value_type = String)]
    pub id: Id<Document>,
    pub collective_code: RegionCode,
    pub title: String,
    pub media_type: MediaType,
    /// Bytes.
    pub length: i64,
    /// SHA-256 of the stored (encrypted) contents, as it stands in the log.
    pub sha256: String,
    /// SM3 (GB/T 32905) of the same; null for papers that were kept before it was computed.
    pub sm3: Option<String>,
    pub visibility: Visibility,
    #[schema(value_type = String)]
    pub uploaded_by: Id<Account>,
    #[schema(value_type = String)]
    pub uploaded_at: Timestamp,
    pub version: i32,
}

/// A paper to be kept.
#[derive(Debug, Clone)]
pub struct NewDocument {
    pub collective_code: String,
    pub title: String,
    pub visibility: Visibility,
    pub bytes: Vec<u8>,
}

/// Contents in clear.
#[derive(Debug)]
pub struct Content {
    pub title: String,
    pub media_type: MediaType,
    pub bytes: Vec<u8>,
}

/// A paper that another domain asked for, of somebody with no right to keep papers of a collective.
#[derive(Debug, Clone)]
pub struct NewProof<'n> {
    pub collective_code: &'n RegionCode,
    /// Under which place its entry stands in the log.
    pub log_scope: RegionCode,
    pub title: &'n str,
    pub bytes: &'n [u8],
}

/// Keeps a proof. Errors: field errors, `unknown_file_kind`.
pub fn keep_proof(
    tx: &mut Tx<'_>,
    by: &By,
    account: &Id<Account>,
    vault: &Vault,
    new: &NewProof<'_>,
) -> Result<(Document, Receipt)> {
    let mut errors = Vec::new();
    check_bytes(&mut errors, new.bytes);
    let title = text::read_name(new.title).map(|t| t.value);
    if let Err(e) = &title {
        errors.push(FieldError::new("title", Some(new.title), e.to_string()));
    }
    let (Ok(title), true) = (title, errors.is_empty()) else { return Err(Problem::fields(errors).into()) };
    let kept = Kept { code: new.collective_code.clone(), title, visibility: Visibility::Proof, bytes: new.bytes };
    keep(tx, (by, account), vault, kept, new.log_scope.clone())
}

/// A paper that passed its tests.
struct Kept<'k> {
    code: RegionCode,
    title: String,
    visibility: Visibility,
    bytes: &'k [u8],
}

fn check_bytes(errors: &mut Vec<FieldError>, bytes: &[u8]) {
    if bytes.is_empty() {
        errors.push(FieldError::new("file", None, "请选择要上传的文件"));
    } else if bytes.len() > MOST_BYTES {
        let detail = format!("文件有 {} MB，最多 {} MB；请压缩或拆开再上传", bytes.len() >> 20, MOST_BYTES >> 20);
        errors.push(FieldError::new("file", None, detail));
    }
}

/// Keeps a paper. Errors: field errors, `unknown_file_kind`; a collective outside the scope is a field error.
pub fn add(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepDocuments>,
    vault: &Vault,
    new: &NewDocument,
) -> Result<(Document, Receipt)> {
    let mut errors = Vec::new();
    let code = new.collective_code.trim().parse::<RegionCode>().ok().filter(|c| allowed.scope.contains(c.as_str()));
    if code.is_none() {
        errors.push(FieldError::new("collective_code", Some(&new.collective_code), "请选择您管理范围内的集体经济组织"));
    }
    let title = text::read_name(&new.title).map(|t| t.value);
    if let Err(e) = &title {
        errors.push(FieldError::new("title", Some(&new.title), e.to_string()));
    }
    if new.visibility == Visibility::Proof {
        errors.push(FieldError::new("visibility", Some("proof"), "请填写 internal（内部）或 public（公开）"));
    }
    check_bytes(&mut errors, &new.bytes);
    let (Some(code), Ok(title), true) = (code, title, errors.is_empty()) else {
        return Err(Problem::fields(errors).into());
    };
    let kept = Kept { code: code.clone(), title, visibility: new.visibility, bytes: &new.bytes };
    keep(tx, (&allowed.by(), &allowed.actor.account), vault, kept, code)
}

fn keep(
    tx: &mut Tx<'_>,
    (by, account): (&By, &Id<Account>),
    vault: &Vault,
    new: Kept<'_>,
    log_scope: RegionCode,
) -> Result<(Document, Receipt)> {
    let media_type = MediaType::sniff(new.bytes).ok_or_else(|| {
        let mut problem = Problem::from(&UNKNOWN_FILE_KIND);
        problem.fields.push(FieldError::new("file", None, UNKNOWN_FILE_KIND.title));
        problem
    })?;
    let bytes = if media_type == MediaType::Jpeg { without_place(new.bytes.to_vec()) } else { new.bytes.to_vec() };
    let sealed = vault.seal_file(&bytes)?;
    let sha256 = hex(&Sha256::digest(&sealed));
    store::insert_content(tx, &sha256, &sealed)?;
    let row = DocumentRow {
        id: tx.new_id("doc"),
        collective_code: new.code,
        title: new.title,
        media_type,
        length: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        sha256,
        visibility: new.visibility,
        uploaded_by: account.clone(),
        uploaded_at: tx.now(),
        version: 1,
        salt: Salt::fresh(),
        sm3: Some(hex(&Sm3::digest(&sealed))),
    };
    row.insert(tx)?;
    let fact = Fact::new("document.added", log_scope).about("document", &row.id).data(
        serde_json::json!({ "sha256": row.sha256, "sm3": row.sm3, "length": row.length, "visibility": row.visibility }),
    );
    let receipt = record(tx, by, fact)?;
    Ok((view(row), receipt))
}

/// Papers of the actor's scope.
pub fn list(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadDocuments>, page: &PageRequest) -> Result<Page<Document>> {
    let rows = store::list_documents(rx, &allowed.scope, page)?;
    Ok(Page::from_rows(rows, page.limit(), |r| r.id.to_string()).map(view))
}

/// One paper of a scope; other domains ask here whether an attachment exists. Errors: `not_found`.
pub fn get(rx: &mut Rx<'_>, scope: &Scope, id: &Id<Document>) -> Result<Document> {
    store::find_document(rx, scope, id)?.map(view).ok_or_else(|| (&NOT_FOUND).into())
}

/// A paper that everybody may read, without its contents.
pub fn find_public(rx: &mut Rx<'_>, id: &Id<Document>) -> Result<Option<Document>> {
    Ok(store::find_public(rx, id)?.map(view))
}

/// Contents of a paper of the actor's scope. Errors: `not_found`.
pub fn content(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReadDocuments>,
    vault: &Vault,
    id: &Id<Document>,
) -> Result<Content> {
    let row = store::find_document(rx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
    open(rx, vault, row)
}

/// Contents of a public paper. Errors: `not_found`.
pub fn public_content(rx: &mut Rx<'_>, vault: &Vault, id: &Id<Document>) -> Result<Content> {
    let row = store::find_public(rx, id)?.ok_or(&NOT_FOUND)?;
    open(rx, vault, row)
}

/// Contents of a proof, for the domain that asked for it and has seen to who may read it.
pub fn proof_content(rx: &mut Rx<'_>, vault: &Vault, id: &Id<Document>) -> Result<Content> {
    let row = store::find_proof(rx, id)?.ok_or(&NOT_FOUND)?;
    open(rx, vault, row)
}

/// SHA-256 of the stored contents of a proof of a scope, for a check of meaning.
pub fn proof_sha256(rx: &mut Rx<'_>, scope: &Scope, id: &Id<Document>) -> Result<Option<String>> {
    Ok(store::find_proof(rx, id)?.filter(|row| scope.contains(row.collective_code.as_str())).map(|row| row.sha256))
}

/// Destroys the contents of a proof of somebody who is erased; that there was one, and its digest, stays.
pub fn erase_proof(tx: &mut Tx<'_>, id: &Id<Document>) -> Result<()> {
    let Some(row) = store::find_proof(tx, id)? else { return Ok(()) };
    store::erase_content(tx, &row.sha256)?;
    let row =
        DocumentRow { title: ERASED_NAME.to_owned(), length: 0, version: row.version + 1, salt: Salt::fresh(), ..row };
    row.update(tx)
}

fn open(rx: &mut Rx<'_>, vault: &Vault, row: DocumentRow) -> Result<Content> {
    if row.length == 0 {
        // Nothing empty is ever kept: the contents were erased with the person.
        return Err((&NOT_FOUND).into());
    }
    let sealed = store::find_content(rx, &row.sha256)?
        .filter(|sealed| hex(&Sha256::digest(sealed)) == row.sha256)
        .ok_or_else(|| crate::db::Error::Internal(format!("contents of {} are missing or were altered", row.id)))?;
    Ok(Content { title: row.title, media_type: row.media_type, bytes: vault.open_file(&sealed)? })
}

fn view(row: DocumentRow) -> Document {
    Document {
        id: row.id,
        collective_code: row.collective_code,
        title: row.title,
        media_type: row.media_type,
        length: row.length,
        sha256: row.sha256,
        sm3: row.sm3,
        visibility: row.visibility,
        uploaded_by: row.uploaded_by,
        uploaded_at: row.uploaded_at,
        version: row.version,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Example 1 of GB/T 32905-2016, annex A.
    #[test]
    fn sm3_is_that_of_the_standard() {
        assert_eq!(hex(&Sm3::digest(b"abc")), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    }
}
