//! Use cases: registering, changing, finding, drawing and importing parcels.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    geojson::{self, Crs},
    geometry::{Bounds, Outline},
    map::{self, MapParcel, Mark, View},
    model::{Occupancy, ParcelFacts, ParcelId, ParcelState},
    parcel_code::ParcelCode,
    rules::{self, Overlap, area_difference},
    store::{self, ParcelRow},
    survey::{self, Neighbour, Surveyed},
    topology::overlap,
};
use crate::{
    access::{Allowed, Scope, may},
    collectives,
    db::{Error, Result, Rx, Tx},
    imports::{self, NewUpload, Upload},
    kernel::{Area, FieldError, Id, Page, PageRequest, Problem, Timestamp, codes::RegionCode, error::NOT_FOUND},
    log::{Fact, Receipt, record},
    sheets::Report,
    vault::Vault,
};

/// Parcels that one map can show.
const MOST_ON_MAP: i64 = 5_000;

/// A parcel as it is read.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ParcelView {
    #[schema(value_type = String)]
    pub id: ParcelId,
    pub collective_code: String,
    #[serde(flatten)]
    pub facts: ParcelFacts,
    /// Measured from the shape, m².
    #[schema(value_type = String, example = "119.87")]
    pub area: Area,
    /// A sentence where registered and measured area differ by more than 5 %: to be checked, never a refusal.
    pub area_remark: Option<String>,
    #[schema(value_type = String)]
    pub created_at: Timestamp,
    #[schema(value_type = String)]
    pub updated_at: Timestamp,
    pub version: i32,
    #[serde(skip)]
    pub outline: Outline,
}

impl TryFrom<ParcelRow> for ParcelView {
    type Error = Error;
    fn try_from(row: ParcelRow) -> Result<Self> {
        let outline = row.outline()?;
        Ok(ParcelView {
            area_remark: row.registered_area.and_then(|r| area_difference(r, row.area)).map(|d| d.to_string()),
            id: row.id,
            collective_code: row.collective_code,
            facts: ParcelFacts {
                parcel_code: row.parcel_code,
                household: row.household,
                household_id: row.household_id,
                location: row.location,
                registered_area: row.registered_area,
                area_reason: row.area_reason,
                certificate: row.certificate,
                occupancy: row.occupancy,
                state: row.state,
                note: row.note,
            },
            area: row.area,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            outline,
        })
    }
}

impl ParcelView {
    /// How people call it: household and place.
    pub fn name(&self) -> String {
        name_of(&self.facts.household, &self.facts.location)
    }
    /// How a map draws it.
    pub fn mark(&self) -> Mark {
        match (&self.area_remark, self.facts.occupancy) {
            (Some(_), _) => Mark::AreaDiffers,
            (None, Occupancy::Idle | Occupancy::Empty) => Mark::Idle,
            _ => Mark::Plain,
        }
    }
    /// A short word for the map: the sequence of its parcel code, or the digits of its address.
    pub fn label(&self) -> String {
        let code = self.facts.parcel_code.as_deref().and_then(|c| c.parse::<ParcelCode>().ok());
        let by_code = code.map(|c| c.sequence().to_owned());
        by_code.unwrap_or_else(|| {
            let digits: Vec<&str> = self.facts.location.split(|c: char| !c.is_ascii_digit()).collect();
            digits.into_iter().rfind(|d| !d.is_empty()).unwrap_or_default().chars().take(5).collect()
        })
    }
}

fn name_of(household: &str, location: &str) -> String {
    format!("{household}（{location}）")
}

/// Which parcels are wanted; everything left out does not restrict.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ParcelFilter {
    /// Region code of one collective.
    pub collective: Option<String>,
    pub occupancy: Option<Occupancy>,
    pub state: Option<ParcelState>,
    /// Part of the household or the location, or the whole parcel code.
    pub q: Option<String>,
}

/// A survey's file as it was uploaded.
#[derive(Debug, Clone)]
pub struct SurveyFile {
    /// Region code of the collective whose members hold the parcels.
    pub collective_code: String,
    pub name: String,
    /// Where the file does not say it itself.
    pub crs: Option<Crs>,
    pub bytes: Vec<u8>,
}

/// What an import would write, or why it cannot.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SurveyPreview {
    /// Confirm with this identifier within a day.
    #[schema(value_type = String)]
    pub id: Id<Upload>,
    pub collective_code: String,
    pub file_name: String,
    /// Rows are features, counted from 1. It can be confirmed only where nothing is refused.
    pub report: Report,
    /// Parcels that would be written.
    pub count: usize,
    /// Their measured area together.
    #[schema(value_type = String)]
    pub area: Area,
    /// A map of them.
    #[serde(skip)]
    pub map: String,
}

impl SurveyPreview {
    pub fn can_be_confirmed(&self) -> bool {
        self.report.refused.is_empty() && self.count > 0
    }
}

/// What an import wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ParcelsImported)]
pub struct Imported {
    pub count: usize,
}

pub fn list_parcels(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReadHomesteads>,
    filter: &ParcelFilter,
    page: &PageRequest,
) -> Result<Page<ParcelView>> {
    let rows = store::list(rx, &allowed.scope, filter, page)?;
    let page = Page::from_rows(rows, page.limit(), |row| row.id.to_string());
    let items = page.items.into_iter().map(ParcelView::try_from).collect::<Result<_>>()?;
    Ok(Page { items, next: page.next })
}

/// Errors: `not_found`, also for a parcel outside the scope.
pub fn get_parcel(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadHomesteads>, id: &ParcelId) -> Result<ParcelView> {
    store::find(rx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?.try_into()
}

/// The map of a collective's registered parcels; each links to its page.
///
/// Errors: `not_found` for a collective outside the scope.
pub fn draw_map(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReadHomesteads>,
    code: &RegionCode,
    view: View,
) -> Result<String> {
    let collective = collectives::get(rx, &allowed.scope, code)?;
    let rows = store::of_collective(rx, &allowed.scope, code.as_str(), MOST_ON_MAP)?;
    let parcels = rows.into_iter().map(ParcelView::try_from).collect::<Result<Vec<_>>>()?;
    let drawn: Vec<MapParcel<'_>> = parcels
        .iter()
        .map(|p| MapParcel {
            outline: &p.outline,
            label: p.label(),
            name: format!("{}，{} ㎡", p.name(), p.area),
            href: Some(format!("/parcels/{}", p.id)),
            mark: p.mark(),
        })
        .collect();
    Ok(map::village_map(&format!("{}宗地图", collective.name), &drawn, view))
}

/// Registers a parcel.
///
/// Errors: field errors, the codes of geometry, `parcel_overlap` naming the other parcel, `parcel_code_taken`.
pub fn create_parcel(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepHomesteads>,
    collective_code: &str,
    facts: ParcelFacts,
    outline: &Outline,
) -> Result<(ParcelView, Receipt)> {
    collectives::get_named(tx, &allowed.scope, collective_code)?;
    let facts = rules::check(facts)?;
    lock_ground(tx, collective_code)?;
    refuse_overlaps(tx, &allowed.scope, facts.state, outline, None)?;
    let row = ParcelRow::new(tx, collective_code, facts, outline);
    row.insert(tx).map_err(|e| code_taken(e, row.parcel_code.as_deref()))?;
    let fact = Fact::new("parcel.registered", collective_code).about("parcel", &row.id).data(public_facts(&row));
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok((row.try_into()?, receipt))
}

/// Writes other facts about a parcel, and another shape if one is given.
///
/// Errors: `not_found`, what `check_version` says, and those of [`create_parcel`].
pub fn change_parcel(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepHomesteads>,
    id: &ParcelId,
    check_version: impl Fn(i32) -> Result<()>,
    facts: ParcelFacts,
    outline: Option<&Outline>,
) -> Result<(ParcelView, Receipt)> {
    tx.lock_row("parcels", "id", id.as_str())?;
    let row = store::find(tx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
    check_version(row.version)?;
    let facts = rules::check(facts)?;
    let kept = row.outline()?;
    let outline = outline.unwrap_or(&kept);
    lock_ground(tx, &row.collective_code)?;
    refuse_overlaps(tx, &allowed.scope, facts.state, outline, Some(id))?;
    let row = row.changed(tx, facts, outline);
    row.update(tx).map_err(|e| code_taken(e, row.parcel_code.as_deref()))?;
    let fact = Fact::new("parcel.changed", &row.collective_code).about("parcel", id).data(public_facts(&row));
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok((row.try_into()?, receipt))
}

/// Takes a survey in, to be looked at: nothing goes on record before [`confirm_import`].
///
/// Errors: what is wrong with the file as a whole; refused features stand in the preview's report.
pub fn stage_import(
    tx: &mut Tx<'_>,
    vault: &Vault,
    allowed: &Allowed<may::KeepHomesteads>,
    file: &SurveyFile,
) -> Result<Id<Upload>> {
    collectives::get_named(tx, &allowed.scope, &file.collective_code)?;
    geojson::read_collection(text_of(&file.bytes)?, file.crs)?;
    let new = NewUpload {
        kind: imports::Kind::Parcels,
        collective_code: file.collective_code.clone(),
        file_name: file.name.clone(),
        options: json!({"crs": file.crs}),
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
    allowed: &Allowed<may::KeepHomesteads>,
    id: &Id<Upload>,
) -> Result<SurveyPreview> {
    let waiting = imports::find(rx, vault, &allowed.actor.account, imports::Kind::Parcels, id)?;
    let crs = serde_json::from_value(waiting.options.get("crs").cloned().unwrap_or_default()).unwrap_or_default();
    let (surveyed, report) = read_survey(rx, &allowed.scope, &waiting.bytes, crs)?;
    let drawn: Vec<MapParcel<'_>> = surveyed
        .iter()
        .map(|s| MapParcel {
            outline: &s.outline,
            label: s.number.to_string(),
            name: format!(
                "第 {} 宗 {}，{} ㎡",
                s.number,
                name_of(&s.facts.household, &s.facts.location),
                s.outline.area()
            ),
            href: None,
            mark: if report.refused.iter().any(|f| f.row == s.number) { Mark::Chosen } else { Mark::Plain },
        })
        .collect();
    Ok(SurveyPreview {
        id: waiting.id,
        collective_code: waiting.collective_code,
        file_name: waiting.file_name,
        count: surveyed.len(),
        area: Area(surveyed.iter().map(|s| s.outline.area().0).fold(0, i64::saturating_add)),
        map: map::village_map("待导入的宗地", &drawn, View::WHOLE),
        report,
    })
}

/// Writes the waiting file, all of it or nothing.
///
/// Errors: `upload_gone`, `parcel_import_refused` where a feature is refused.
pub fn confirm_import(
    tx: &mut Tx<'_>,
    vault: &Vault,
    allowed: &Allowed<may::KeepHomesteads>,
    id: &Id<Upload>,
) -> Result<(Imported, Receipt)> {
    let waiting = imports::take(tx, vault, &allowed.actor.account, imports::Kind::Parcels, id)?;
    let crs = serde_json::from_value(waiting.options.get("crs").cloned().unwrap_or_default()).unwrap_or_default();
    lock_ground(tx, &waiting.collective_code)?;
    let (surveyed, report) = read_survey(tx, &allowed.scope, &waiting.bytes, crs)?;
    if let Some(first) = report.refused.first() {
        let (rows, at) = (report.refused_rows(), first.row);
        let detail = format!("有 {rows} 宗需要修改，没有写入；第 {at} 宗 {}：{}", first.column, first.expected);
        return Err(Problem::new(&rules::PARCEL_IMPORT_REFUSED, detail).into());
    }
    write_parcels(tx, allowed, &waiting.collective_code, surveyed.into_iter().map(|s| (s.facts, s.outline)).collect())
}

/// Reads a survey as the import does: its parcels, and the report.
///
/// Errors: what is wrong with the file as a whole.
pub fn read_survey(rx: &mut Rx<'_>, scope: &Scope, file: &[u8], crs: Option<Crs>) -> Result<(Vec<Surveyed>, Report)> {
    let features = geojson::read_collection(text_of(file)?, crs)?;
    let bounds = features.iter().filter_map(|f| f.outline.as_ref().ok()).map(Outline::bounds).reduce(Bounds::union);
    let near = match bounds {
        None => Vec::new(),
        Some(bounds) => store::near(rx, bounds)?
            .into_iter()
            .map(|row| Ok(Neighbour { name: shown_name(scope, &row), outline: row.outline()? }))
            .collect::<Result<_>>()?,
    };
    let codes = survey::codes(&features);
    let taken = store::codes_on_record(rx, &codes)?;
    Ok(survey::read(features, &near, &taken))
}

/// Registers parcels that are known not to overlap, with one entry in the log.
///
/// Errors: field errors of the first that is not good, `parcel_code_taken`.
pub fn write_parcels(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepHomesteads>,
    collective_code: &str,
    parcels: Vec<(ParcelFacts, Outline)>,
) -> Result<(Imported, Receipt)> {
    collectives::get_named(tx, &allowed.scope, collective_code)?;
    let mut rows = Vec::with_capacity(parcels.len());
    for (facts, outline) in parcels {
        rows.push(ParcelRow::new(tx, collective_code, rules::check(facts)?, &outline));
    }
    ParcelRow::insert_all(&rows, tx).map_err(|e| code_taken(e, None))?;
    let mut fact = Fact::new("parcels.imported", collective_code).data(json!({"count": rows.len()}));
    fact.subjects = rows.iter().map(|row| format!("parcel/{}", row.id)).collect();
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok((Imported { count: rows.len() }, receipt))
}

fn text_of(file: &[u8]) -> Result<&str> {
    std::str::from_utf8(file).map_err(|_| {
        let detail = "文件的文字编码不是 UTF-8，请在制图软件里另存为 UTF-8 编码的 GeoJSON";
        Problem::new(&rules::GEOMETRY_NOT_GEOJSON, detail).into()
    })
}

/// Two parcels of one county are never registered at the same moment: the second must see the first.
fn lock_ground(tx: &mut Tx<'_>, collective_code: &str) -> Result<()> {
    let county = collective_code.get(..6).unwrap_or_default();
    tx.lock_row("regions", "code", &format!("{county}000000"))
}

/// A right that ended claims no ground.
fn refuse_overlaps(
    rx: &mut Rx<'_>,
    scope: &Scope,
    state: ParcelState,
    outline: &Outline,
    own: Option<&ParcelId>,
) -> Result<()> {
    rules::check_size(outline)?;
    if state == ParcelState::Cancelled {
        return Ok(());
    }
    let mut overlaps = Vec::new();
    for row in store::near(rx, outline.bounds())? {
        if Some(&row.id) != own
            && let Some(area) = overlap(outline, &row.outline()?)
        {
            overlaps.push(Overlap { name: shown_name(scope, &row), area });
        }
    }
    Ok(rules::refuse_overlaps(overlaps)?)
}

/// Another village's household is nobody's business here.
fn shown_name(scope: &Scope, row: &ParcelRow) -> String {
    if scope.contains(&row.collective_code) {
        name_of(&row.household, &row.location)
    } else {
        "邻村的一宗地".to_owned()
    }
}

fn code_taken(e: Error, code: Option<&str>) -> Error {
    if !e.is_unique_violation() {
        return e;
    }
    let detail = match code {
        Some(code) => format!("宗地代码 {code} 已经登记在另一宗地上，请核对"),
        None => "有宗地代码在预览之后已被登记，请重新上传文件核对".to_owned(),
    };
    let fields = vec![FieldError::new("parcel_code", code, detail.clone())];
    Problem { fields, ..Problem::new(&rules::PARCEL_CODE_TAKEN, detail) }.into()
}

/// What the log says in clear: nothing that leads to a household, the row's digest covers the rest.
fn public_facts(row: &ParcelRow) -> Value {
    json!({
        "area": row.area,
        "registered_area": row.registered_area,
        "state": row.state,
        "version": row.version,
    })
}
