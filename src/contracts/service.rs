//! Use cases: listing, registering, changing and importing contracts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    model::{ContractFacts, ContractId, State},
    of_award,
    roster::{self, Known},
    rules,
    store::{self, ContractRow},
};
use crate::{
    access::{Allowed, Scope, may},
    assets::{self, AssetFilter, AssetId},
    collectives,
    db::{Error, Result, Rx, Tx},
    imports::{self, NewUpload, Upload},
    kernel::{Day, FieldError, Id, Page, PageRequest, Problem, Timestamp, error::NOT_FOUND},
    log::{Fact, Receipt, record},
    sheets::{self, Report, Table},
    trading::{
        confirmation::{self, How, Sale},
        listing::LotId,
        negotiation,
    },
    vault::Vault,
};

/// A contract as it is read.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ContractView {
    #[schema(value_type = String)]
    pub id: ContractId,
    /// Region code of the collective whose contract it is.
    pub collective_code: String,
    #[serde(flatten)]
    pub facts: ContractFacts,
    /// What should be looked at, with its field and the law behind it.
    #[schema(value_type = Vec<Object>)]
    pub warnings: Vec<FieldError>,
    #[schema(value_type = String)]
    pub created_at: Timestamp,
    #[schema(value_type = String)]
    pub updated_at: Timestamp,
    pub version: i32,
}

impl ContractView {
    fn new(row: ContractRow, today: Day) -> ContractView {
        let (id, collective_code) = (row.id.clone(), row.collective_code.clone());
        let (created_at, updated_at, version) = (row.created_at, row.updated_at, row.version);
        let facts = row.facts();
        let warnings = rules::warnings(&facts, today);
        ContractView { id, collective_code, facts, warnings, created_at, updated_at, version }
    }
}

/// Which contracts are wanted; everything left out does not restrict.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ContractFilter {
    /// Region code of one collective.
    pub collective: Option<String>,
    pub state: Option<State>,
    #[param(value_type = Option<String>)]
    pub asset: Option<AssetId>,
    /// Contracts that end before this day.
    #[param(value_type = Option<String>)]
    pub ends_before: Option<Day>,
    /// Part of the name, the lessee or the subject, or the whole code.
    pub q: Option<String>,
}

/// A list of contracts as it was uploaded.
#[derive(Debug, Clone)]
pub struct ContractFile {
    /// Region code of the collective whose contracts are listed.
    pub collective_code: String,
    pub name: String,
    pub bytes: Vec<u8>,
}

/// What an import would write, or why it cannot.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ContractImport {
    /// Confirm with this identifier within a day.
    #[schema(value_type = String)]
    pub id: Id<Upload>,
    pub collective_code: String,
    pub file_name: String,
    /// It can be confirmed only where nothing is refused.
    pub report: Report,
    /// Contracts that would be written.
    pub count: usize,
    /// The first ten of them.
    pub sample: Vec<ContractFacts>,
}

impl ContractImport {
    pub fn can_be_confirmed(&self) -> bool {
        self.report.refused.is_empty() && self.count > 0
    }
}

/// What an import wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ContractsWritten {
    pub count: usize,
}

pub fn list_contracts(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReadContracts>,
    filter: &ContractFilter,
    page: &PageRequest,
    today: Day,
) -> Result<Page<ContractView>> {
    let rows = store::list(rx, &allowed.scope, filter, page)?;
    let page = Page::from_rows(rows, page.limit(), |row| row.id.to_string());
    Ok(page.map(|row| ContractView::new(row, today)))
}

/// How many running contracts end before a day, and are to be renewed, offered again or closed.
pub fn count_ending(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadContracts>, day: Day) -> Result<i64> {
    store::count_ending(rx, &allowed.scope, day)
}

/// Errors: `not_found`, also for a contract outside the scope.
pub fn get_contract(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReadContracts>,
    id: &ContractId,
    today: Day,
) -> Result<ContractView> {
    Ok(ContractView::new(store::find(rx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?, today))
}

/// Registers a contract of the collective.
///
/// Errors: field errors of [`rules::check`], an asset or a collective outside the scope, `contract_code_taken`.
pub fn create_contract(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepContracts>,
    collective_code: &str,
    facts: ContractFacts,
) -> Result<(ContractView, Receipt)> {
    let collective = collectives::get_named(tx, &allowed.scope, collective_code)?;
    let facts = rules::check(facts)?;
    check_asset(tx, &allowed.scope, collective.code.as_str(), facts.asset.as_ref())?;
    let row = ContractRow::new(tx, collective.code.as_str(), facts);
    row.insert(tx).map_err(|e| code_taken(e, row.code.as_deref()))?;
    let receipt = record(tx, &allowed.by(), fact("contract.registered", &row))?;
    Ok((ContractView::new(row, tx.now().day()), receipt))
}

/// What is settled about a lot: by negotiation, or by its award.
///
/// Errors: `not_found`, `lot_not_in_state`, `not_confirmed`, `contract_signed`, `negotiation_signed`.
pub(super) fn settled(rx: &mut Rx<'_>, scope: &Scope, lot: &LotId) -> Result<Sale> {
    match negotiation::sale_of(rx, scope, lot)? {
        Some(sale) => Ok(sale),
        None => confirmation::sale_of(rx, scope, lot),
    }
}

/// The contract of a lot as its award gives it, to be filled up and signed.
///
/// Errors: those of [`settled`].
pub fn draft_of_award(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::KeepContracts>,
    lot: &LotId,
    today: Day,
) -> Result<ContractFacts> {
    Ok(of_award::proposal(&settled(rx, &allowed.scope, lot)?, today))
}

/// Registers the contract of a lot: whatever notice and award have settled has to be in it unchanged.
///
/// Errors: field errors, also for everything that differs from the award; those of [`draft_of_award`].
pub fn sign_award(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepContracts>,
    lot: &LotId,
    facts: ContractFacts,
) -> Result<(ContractView, Receipt)> {
    let sale = settled(tx, &allowed.scope, lot)?;
    let facts = rules::check(facts)?;
    of_award::compare(&facts, &sale)?;
    let row = ContractRow::new(tx, &sale.collective_code, facts);
    row.insert(tx).map_err(|e| code_taken(e, row.code.as_deref()))?;
    match sale.how {
        How::Negotiated => negotiation::signed(tx, lot, row.id.as_str())?,
        How::OpenBids | How::SealedBids => confirmation::signed(tx, lot, row.id.as_str())?,
    }
    let receipt = record(tx, &allowed.by(), fact("contract.registered", &row).about("lot", lot))?;
    Ok((ContractView::new(row, tx.now().day()), receipt))
}

/// Writes other facts about a contract. One that came of an auction or a negotiation goes on saying what the award has settled.
///
/// Errors: `not_found`, what `check_version` says, field errors, `contract_code_taken`.
pub fn change_contract(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepContracts>,
    id: &ContractId,
    check_version: impl Fn(i32) -> Result<()>,
    facts: ContractFacts,
) -> Result<(ContractView, Receipt)> {
    tx.lock_row("contracts", "id", id.as_str())?;
    let row = store::find(tx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
    check_version(row.version)?;
    let facts = rules::check(facts)?;
    check_asset(tx, &allowed.scope, &row.collective_code, facts.asset.as_ref())?;
    let negotiated = negotiation::sale_signed_by(tx, id.as_str())?;
    let settled = if negotiated.is_some() { negotiated } else { confirmation::sale_signed_by(tx, id.as_str())? };
    if let Some(sale) = settled {
        of_award::compare(&facts, &sale)?;
    }
    let row = row.with(tx, facts);
    row.update(tx).map_err(|e| code_taken(e, row.code.as_deref()))?;
    let receipt = record(tx, &allowed.by(), fact("contract.changed", &row))?;
    Ok((ContractView::new(row, tx.now().day()), receipt))
}

/// Takes a list of contracts in, to be looked at: nothing goes on record before [`confirm_import`].
///
/// Errors: what is wrong with the file as a whole; refused rows stand in the preview's report.
pub fn stage_import(
    tx: &mut Tx<'_>,
    vault: &Vault,
    allowed: &Allowed<may::KeepContracts>,
    file: &ContractFile,
) -> Result<Id<Upload>> {
    let collective = collectives::get_named(tx, &allowed.scope, &file.collective_code)?;
    find_table(&file.bytes)?;
    let new = NewUpload {
        kind: imports::Kind::Contracts,
        collective_code: collective.code.to_string(),
        file_name: file.name.clone(),
        options: serde_json::Value::Null,
        bytes: file.bytes.clone(),
    };
    imports::stage(tx, vault, &allowed.actor.account, &new)
}

/// What the waiting file would write, as things stand `today`.
///
/// Errors: `upload_gone`.
pub fn preview_import(
    rx: &mut Rx<'_>,
    vault: &Vault,
    allowed: &Allowed<may::KeepContracts>,
    id: &Id<Upload>,
    today: Day,
) -> Result<ContractImport> {
    let waiting = imports::find(rx, vault, &allowed.actor.account, imports::Kind::Contracts, id)?;
    let (contracts, report) = read_list(rx, allowed, &waiting.collective_code, &waiting.bytes, today)?;
    Ok(ContractImport {
        id: waiting.id,
        collective_code: waiting.collective_code,
        file_name: waiting.file_name,
        count: contracts.len(),
        sample: contracts.into_iter().take(10).collect(),
        report,
    })
}

/// Writes the waiting file, all of it or nothing.
///
/// Errors: `upload_gone`, `contract_import_refused` where a row is refused.
pub fn confirm_import(
    tx: &mut Tx<'_>,
    vault: &Vault,
    allowed: &Allowed<may::KeepContracts>,
    id: &Id<Upload>,
) -> Result<(ContractsWritten, Receipt)> {
    let waiting = imports::take(tx, vault, &allowed.actor.account, imports::Kind::Contracts, id)?;
    write_list(tx, allowed, &waiting.collective_code, &waiting.bytes)
}

/// Reads a list of contracts and writes it, all of it or nothing.
///
/// Errors: what is wrong with the file as a whole, `contract_import_refused` where a row is refused or there is none.
pub fn write_list(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepContracts>,
    collective_code: &str,
    file: &[u8],
) -> Result<(ContractsWritten, Receipt)> {
    let today = tx.now().day();
    let (contracts, report) = read_list(tx, allowed, collective_code, file, today)?;
    let detail = match report.refused.first() {
        Some(first) => format!(
            "有 {} 行需要修改，没有写入；第 {} 行 {}：{}",
            report.refused_rows(),
            first.row,
            first.column,
            first.expected
        ),
        None if contracts.is_empty() => "表格里没有合同，没有写入任何记录".to_owned(),
        None => return write_contracts(tx, allowed, collective_code, contracts),
    };
    Err(Problem::new(&rules::CONTRACT_IMPORT_REFUSED, detail).into())
}

/// Reads a list of contracts as the import does: what it would write, and the report.
///
/// Errors: what is wrong with the file as a whole.
pub fn read_list(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::KeepContracts>,
    collective_code: &str,
    file: &[u8],
    today: Day,
) -> Result<(Vec<ContractFacts>, Report)> {
    let table = find_table(file)?;
    let codes = store::known_codes(rx, &allowed.scope, collective_code)?;
    let assets = known_assets(rx, allowed, collective_code)?;
    Ok(roster::read(&table, &Known { codes, assets }, today))
}

fn find_table(file: &[u8]) -> Result<Table> {
    let table = sheets::open(file, &roster::LIMITS).and_then(|sheets| Table::find(sheets, roster::COLUMNS));
    table.map_err(|fault| Problem::from(fault).into())
}

/// The collective's assets by code, and by name where only one has it.
fn known_assets(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::KeepContracts>,
    collective_code: &str,
) -> Result<BTreeMap<String, AssetId>> {
    let readers = allowed.actor.prove::<may::ReadAssets>()?;
    let filter = AssetFilter { collective: Some(collective_code.to_owned()), ..AssetFilter::default() };
    let mut page = PageRequest { limit: Some(PageRequest::MOST), after: None };
    let mut names: BTreeMap<String, Option<AssetId>> = BTreeMap::new();
    let mut codes = BTreeMap::new();
    loop {
        let some = assets::list_assets(rx, &readers, &filter, &page)?;
        for asset in some.items {
            codes.extend(asset.facts.code.map(|code| (code, asset.id.clone())));
            names.entry(asset.facts.name).and_modify(|only| *only = None).or_insert(Some(asset.id));
        }
        match some.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    let mut known: BTreeMap<String, AssetId> = names.into_iter().filter_map(|(name, id)| Some((name, id?))).collect();
    known.extend(codes);
    Ok(known)
}

/// Registers many contracts with one entry in the log.
///
/// Errors: field errors of the first contract that is not good, `contract_code_taken`.
pub fn write_contracts(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepContracts>,
    collective_code: &str,
    contracts: Vec<ContractFacts>,
) -> Result<(ContractsWritten, Receipt)> {
    let collective = collectives::get_named(tx, &allowed.scope, collective_code)?;
    let mut rows = Vec::with_capacity(contracts.len());
    for facts in contracts {
        let facts = rules::check(facts)?;
        check_asset(tx, &allowed.scope, collective.code.as_str(), facts.asset.as_ref())?;
        rows.push(ContractRow::new(tx, collective.code.as_str(), facts));
    }
    ContractRow::insert_all(&rows, tx).map_err(|e| code_taken(e, None))?;
    let mut fact = Fact::new("contracts.imported", &collective.code).data(json!({"count": rows.len()}));
    fact.subjects = rows.iter().map(|row| format!("contract/{}", row.id)).collect();
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok((ContractsWritten { count: rows.len() }, receipt))
}

/// The asset is the same collective's.
fn check_asset(rx: &mut Rx<'_>, scope: &Scope, collective_code: &str, asset: Option<&AssetId>) -> Result<()> {
    let Some(id) = asset else { return Ok(()) };
    match assets::find_asset(rx, scope, id)? {
        Some(asset) if asset.collective_code == collective_code => Ok(()),
        _ => {
            let detail = "资产台账里没有这项资产，请先登记资产，或把这一项留空";
            Err(Problem::field("asset", Some(id.as_str()), detail).into())
        }
    }
}

fn code_taken(e: Error, code: Option<&str>) -> Error {
    if !e.is_unique_violation() {
        return e;
    }
    let detail = match code {
        Some(code) => format!("合同编码“{code}”已经用过，请换一个，或留空"),
        None => "有合同编码在预览之后已被登记，请重新上传文件核对".to_owned(),
    };
    let fields = vec![FieldError::new("code", code, detail.clone())];
    Problem { fields, ..Problem::new(&rules::CONTRACT_CODE_TAKEN, detail) }.into()
}

/// What the log says in clear: nothing personal, the row's digest covers the rest.
fn fact(kind: &'static str, row: &ContractRow) -> Fact {
    let fact = Fact::new(kind, &row.collective_code).about("contract", &row.id).data(json!({
        "kind": row.kind,
        "asset": row.asset_id,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "annual_rent": row.annual_rent,
        "total": row.total,
        "method": row.method,
        "state": row.state,
        "version": row.version,
    }));
    match &row.asset_id {
        Some(asset) => fact.about("asset", asset),
        None => fact,
    }
}
