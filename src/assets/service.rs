//! Use cases: listing, registering, changing and importing assets.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    model::{AssetFacts, AssetId, Class, Kind, KindTotals, State},
    roster, rules,
    store::{self, AssetRow},
};
use crate::{
    access::{Allowed, Scope, may},
    collectives,
    db::{Error, Result, Rx, Tx},
    documents,
    imports::{self, NewUpload, Upload},
    kernel::{Fen, Id, Page, PageRequest, Problem, Timestamp, error::NOT_FOUND},
    log::{By, Fact, Receipt, record},
    sheets::{self, Report, Table},
    vault::Vault,
};

/// An asset as it is read.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AssetView {
    #[schema(value_type = String)]
    pub id: AssetId,
    /// Region code of the collective that owns it.
    pub collective_code: String,
    #[serde(flatten)]
    pub facts: AssetFacts,
    #[schema(value_type = String)]
    pub created_at: Timestamp,
    #[schema(value_type = String)]
    pub updated_at: Timestamp,
    pub version: i32,
}

impl From<AssetRow> for AssetView {
    fn from(row: AssetRow) -> Self {
        AssetView {
            id: row.id.clone(),
            collective_code: row.collective_code.clone(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            facts: row.facts(),
        }
    }
}

/// Which assets are wanted; everything left out does not restrict.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AssetFilter {
    /// Region code of one collective.
    pub collective: Option<String>,
    pub kind: Option<Kind>,
    pub class: Option<Class>,
    pub state: Option<State>,
    /// Part of the name or the location, or the whole code.
    pub q: Option<String>,
}

/// What the assets of a scope come to; those disposed of are not counted.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Totals {
    pub kinds: Vec<KindTotals>,
    pub collectives: Vec<CollectiveTotals>,
    /// Sum over all collectives.
    #[schema(value_type = String, example = "7681215500.00")]
    pub quantified: Fen,
}

/// The quantified sum of one collective.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct CollectiveTotals {
    pub collective_code: String,
    pub count: i64,
    #[schema(value_type = String)]
    pub quantified: Fen,
}

/// A list of assets as it was uploaded.
#[derive(Debug, Clone)]
pub struct AssetFile {
    /// Region code of the collective that owns what is listed.
    pub collective_code: String,
    pub name: String,
    pub bytes: Vec<u8>,
}

/// What an import would write, or why it cannot.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = AssetImportPreview)]
pub struct ImportPreview {
    /// Confirm with this identifier within a day.
    #[schema(value_type = String)]
    pub id: Id<Upload>,
    pub collective_code: String,
    pub file_name: String,
    /// It can be confirmed only where nothing is refused.
    pub report: Report,
    /// Assets that would be written, by kind and sum.
    pub kinds: Vec<KindTotals>,
    /// The first ten of them.
    pub sample: Vec<AssetFacts>,
}

impl ImportPreview {
    pub fn can_be_confirmed(&self) -> bool {
        self.report.refused.is_empty() && !self.sample.is_empty()
    }
}

/// What an import wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = AssetsImported)]
pub struct Imported {
    pub count: usize,
}

pub fn list_assets(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReadAssets>,
    filter: &AssetFilter,
    page: &PageRequest,
) -> Result<Page<AssetView>> {
    let rows = store::list(rx, &allowed.scope, filter, page)?;
    Ok(Page::from_rows(rows, page.limit(), |row| row.id.to_string()).map(AssetView::from))
}

/// Errors: `not_found`, also for an asset outside the scope.
pub fn get_asset(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadAssets>, id: &AssetId) -> Result<AssetView> {
    Ok(store::find(rx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?.into())
}

/// For other domains: the asset, if it lies in the scope.
pub fn find_asset(rx: &mut Rx<'_>, scope: &Scope, id: &AssetId) -> Result<Option<AssetView>> {
    Ok(store::find(rx, scope, id)?.map(AssetView::from))
}

pub fn totals(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadAssets>, collective: Option<&str>) -> Result<Totals> {
    let kinds = store::totals(rx, &allowed.scope, collective)?;
    let collectives = store::totals_by_collective(rx, &allowed.scope, collective)?
        .into_iter()
        .map(|(collective_code, count, quantified)| CollectiveTotals { collective_code, count, quantified })
        .collect();
    let quantified = Fen::checked_sum(kinds.iter().map(|k| k.quantified))
        .ok_or_else(|| Error::Internal("the quantified sum is out of range".into()))?;
    Ok(Totals { kinds, collectives, quantified })
}

/// Registers an asset of the collective.
///
/// Errors: field errors of [`rules::check`], `asset_code_taken`, a collective outside the scope.
pub fn create_asset(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepAssets>,
    collective_code: &str,
    facts: AssetFacts,
) -> Result<(AssetView, Receipt)> {
    collectives::get_named(tx, &allowed.scope, collective_code)?;
    let facts = rules::check(facts)?;
    check_photo(tx, &allowed.scope, facts.photo.as_deref())?;
    let row = AssetRow::new(tx, collective_code, facts);
    row.insert(tx).map_err(|e| code_taken(e, row.code.as_deref()))?;
    let fact = Fact::new("asset.registered", collective_code).about("asset", &row.id).data(public_facts(&row));
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok((row.into(), receipt))
}

/// Writes other facts about an asset.
///
/// Errors: `not_found`, what `check_version` says, field errors, `asset_code_taken`.
pub fn change_asset(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepAssets>,
    id: &AssetId,
    check_version: impl Fn(i32) -> Result<()>,
    facts: AssetFacts,
) -> Result<(AssetView, Receipt)> {
    tx.lock_row("assets", "id", id.as_str())?;
    let row = store::find(tx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
    check_version(row.version)?;
    let facts = rules::check(facts)?;
    check_photo(tx, &allowed.scope, facts.photo.as_deref())?;
    let before = row.state;
    let row = AssetRow { version: row.version + 1, updated_at: tx.now_after(row.updated_at), ..row.with(facts) };
    row.update(tx).map_err(|e| code_taken(e, row.code.as_deref()))?;
    let mut data = public_facts(&row);
    if before != row.state
        && let Some(members) = data.as_object_mut()
    {
        members.insert("state_before".into(), json!(before));
    }
    let receipt =
        record(tx, &allowed.by(), Fact::new("asset.changed", &row.collective_code).about("asset", id).data(data))?;
    Ok((row.into(), receipt))
}

/// For other domains, in their transaction: an award leases an asset, the end of a contract frees it.
pub fn set_asset_state(tx: &mut Tx<'_>, by: &By, id: &AssetId, state: State) -> Result<Receipt> {
    tx.lock_row("assets", "id", id.as_str())?;
    let row = store::find(tx, &Scope::Within(String::new()), id)?.ok_or(&NOT_FOUND)?;
    let before = row.state;
    let row = AssetRow { state, version: row.version + 1, updated_at: tx.now_after(row.updated_at), ..row };
    row.update(tx)?;
    let data = json!({"state_before": before, "state": state});
    record(tx, by, Fact::new("asset.state_changed", &row.collective_code).about("asset", id).data(data))
}

/// Takes a list of assets in, to be looked at: nothing goes on record before [`confirm_import`].
///
/// Errors: what is wrong with the file as a whole; refused rows stand in the preview's report.
pub fn stage_import(
    tx: &mut Tx<'_>,
    vault: &Vault,
    allowed: &Allowed<may::KeepAssets>,
    file: &AssetFile,
) -> Result<Id<Upload>> {
    collectives::get_named(tx, &allowed.scope, &file.collective_code)?;
    find_table(&file.bytes)?;
    let new = NewUpload {
        kind: imports::Kind::Assets,
        collective_code: file.collective_code.clone(),
        file_name: file.name.clone(),
        options: serde_json::Value::Null,
        bytes: file.bytes.clone(),
    };
    imports::stage(tx, vault, &allowed.actor.account, &new)
}

/// What the waiting file would write, as things stand now.
///
/// Errors: `upload_gone`.
pub fn preview_import(
    rx: &mut Rx<'_>,
    vault: &Vault,
    allowed: &Allowed<may::KeepAssets>,
    id: &Id<Upload>,
) -> Result<ImportPreview> {
    let waiting = imports::find(rx, vault, &allowed.actor.account, imports::Kind::Assets, id)?;
    let (assets, report) = read_list(rx, &allowed.scope, &waiting.collective_code, &waiting.bytes)?;
    Ok(ImportPreview {
        id: waiting.id,
        collective_code: waiting.collective_code,
        file_name: waiting.file_name,
        kinds: kind_totals(&assets),
        sample: assets.into_iter().take(10).collect(),
        report,
    })
}

/// Writes the waiting file, all of it or nothing.
///
/// Errors: `upload_gone`, `asset_import_refused` where a row is refused.
pub fn confirm_import(
    tx: &mut Tx<'_>,
    vault: &Vault,
    allowed: &Allowed<may::KeepAssets>,
    id: &Id<Upload>,
) -> Result<(Imported, Receipt)> {
    let waiting = imports::take(tx, vault, &allowed.actor.account, imports::Kind::Assets, id)?;
    let (assets, report) = read_list(tx, &allowed.scope, &waiting.collective_code, &waiting.bytes)?;
    if let Some(first) = report.refused.first() {
        let detail = format!(
            "有 {} 行需要修改，没有写入；第 {} 行 {}：{}",
            report.refused_rows(),
            first.row,
            first.column,
            first.expected
        );
        return Err(Problem::new(&rules::ASSET_IMPORT_REFUSED, detail).into());
    }
    write_assets(tx, allowed, &waiting.collective_code, assets)
}

/// Reads a list of assets as the import does: what it would write, and the report.
///
/// Errors: what is wrong with the file as a whole.
pub fn read_list(
    rx: &mut Rx<'_>,
    scope: &Scope,
    collective_code: &str,
    file: &[u8],
) -> Result<(Vec<AssetFacts>, Report)> {
    let known = store::known(rx, scope, collective_code)?;
    Ok(roster::read(&find_table(file)?, &known))
}

fn find_table(file: &[u8]) -> Result<Table> {
    let table = sheets::open(file, &roster::LIMITS).and_then(|sheets| Table::find(sheets, roster::COLUMNS));
    table.map_err(|fault| Problem::from(fault).into())
}

/// Registers many assets with one entry in the log.
///
/// Errors: field errors of the first asset that is not good, `asset_code_taken`.
pub fn write_assets(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepAssets>,
    collective_code: &str,
    assets: Vec<AssetFacts>,
) -> Result<(Imported, Receipt)> {
    collectives::get_named(tx, &allowed.scope, collective_code)?;
    let mut rows = Vec::with_capacity(assets.len());
    for facts in assets {
        rows.push(AssetRow::new(tx, collective_code, rules::check(facts)?));
    }
    AssetRow::insert_all(&rows, tx).map_err(|e| code_taken(e, None))?;
    let mut fact = Fact::new("assets.imported", collective_code).data(json!({"count": rows.len()}));
    fact.subjects = rows.iter().map(|row| format!("asset/{}", row.id)).collect();
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok((Imported { count: rows.len() }, receipt))
}

/// The photo is a picture that was uploaded within the scope.
fn check_photo(rx: &mut Rx<'_>, scope: &Scope, photo: Option<&str>) -> Result<()> {
    let Some(photo) = photo else { return Ok(()) };
    let found = match photo.parse() {
        Ok(id) => documents::get(rx, scope, &id),
        Err(_) => Err((&NOT_FOUND).into()),
    };
    match found {
        Ok(document) if document.media_type.is_picture() => Ok(()),
        Ok(_) => Err(Problem::field("photo", Some(photo), "这份文件不是照片，请上传 JPG 或 PNG 图片").into()),
        Err(e) if e.problem().is_some() => {
            Err(Problem::field("photo", Some(photo), "没有找到这张照片，请先上传，再填写它的编号").into())
        }
        Err(e) => Err(e),
    }
}

fn code_taken(e: Error, code: Option<&str>) -> Error {
    if !e.is_unique_violation() {
        return e;
    }
    let detail = match code {
        Some(code) => format!("资产编码“{code}”已经用过，请换一个，或留空"),
        None => "有资产编码在预览之后已被登记，请重新上传文件核对".to_owned(),
    };
    let fields = vec![crate::kernel::FieldError::new("code", code, detail.clone())];
    Problem { fields, ..Problem::new(&rules::ASSET_CODE_TAKEN, detail) }.into()
}

/// What the log says in clear: nothing personal, the row's digest covers the rest.
fn public_facts(row: &AssetRow) -> serde_json::Value {
    json!({
        "kind": row.kind,
        "class": row.class,
        "area": row.area,
        "quantity": row.quantity,
        "quantified": row.quantified,
        "state": row.state,
        "version": row.version,
    })
}

fn kind_totals(assets: &[AssetFacts]) -> Vec<KindTotals> {
    Kind::ALL
        .iter()
        .filter_map(|kind| {
            let of_kind: Vec<_> = assets.iter().filter(|a| a.kind == *kind).collect();
            let sum = |pick: fn(&AssetFacts) -> i64| of_kind.iter().map(|a| pick(a)).fold(0_i64, i64::saturating_add);
            (!of_kind.is_empty()).then(|| KindTotals {
                kind: *kind,
                count: i64::try_from(of_kind.len()).unwrap_or(i64::MAX),
                area: crate::kernel::Area(sum(|a| a.area.map_or(0, |v| v.0))),
                original_value: Fen(sum(|a| a.original_value.map_or(0, |v| v.0))),
                net_value: Fen(sum(|a| a.net_value.map_or(0, |v| v.0))),
                quantified: Fen(sum(|a| a.quantified.0)),
            })
        })
        .collect()
}
