//! Use cases: regions by file, registering collectives, officers' terms.

use super::{
    Collective, CollectiveState, NewCollective, NewOfficer, Officer, Post, Region,
    regions::RegionRow as RegionLine,
    store::{self, CollectiveRow, OfficerRow, RegionRow},
};
use crate::{
    access::{Allowed, Permission, Scope, may},
    db::{Result, Rx, Salt, Tx},
    kernel::{
        Day, FieldError, Id, Page, PageRequest, Problem,
        codes::{CollectiveLevel, CreditCode, RegionCode, RegionLevel},
        error::NOT_FOUND,
        text,
    },
    log::{By, Fact, Receipt, record},
};

crate::codes! {
    COLLECTIVE_EXISTS 409 "collective_exists" "这个区划代码下已经登记了集体经济组织";
    CREDIT_CODE_TAKEN 409 "credit_code_taken" "这个统一社会信用代码已登记给另一个组织，请核对";
    TERM_ENDED 409 "term_ended" "这个任期已经结束，不能再次结束";
    POSTS_CONFLICT 409 "posts_conflict" "理事、会计、出纳不能兼任监事（农村集体经济组织法第三十四条），请先结束其另一个任期";
}

/// Puts the shipped regions into an empty database. Returns whether it did.
pub fn seed_regions(tx: &mut Tx<'_>) -> Result<bool> {
    if store::count_regions(tx)? > 0 {
        return Ok(false);
    }
    write_regions(tx, &By::system(), &super::shipped_regions())?;
    Ok(true)
}

/// Adds and renames regions by a table. Returns how many were new or renamed.
///
/// Errors: a region whose parent is neither known nor in the table, by its code.
pub fn import_regions(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepCollectives>,
    rows: &[RegionLine],
) -> Result<(usize, Receipt)> {
    let outside = rows.iter().find(|r| !allowed.scope.contains(r.code.as_str()));
    if let Some(row) = outside {
        return Err(Problem::field(
            "file",
            Some(row.code.as_str()),
            format!("{} 不在您的管理范围内，请去掉这一行", row.code),
        )
        .into());
    }
    write_regions(tx, &allowed.by(), rows)
}

fn write_regions(tx: &mut Tx<'_>, by: &By, rows: &[RegionLine]) -> Result<(usize, Receipt)> {
    let mut sorted: Vec<&RegionLine> = rows.iter().collect();
    sorted.sort_by_key(|r| (r.code.level(), r.code.clone()));
    sorted.dedup_by_key(|r| r.code.clone());
    let mut fresh = Vec::new();
    let mut changed = 0;
    let mut known = std::collections::HashSet::new();
    for line in sorted {
        let parent = line.code.parent().filter(|p| p.level() != RegionLevel::Country);
        if let Some(parent) = &parent
            && !known.contains(parent)
            && store::find_region(tx, parent)?.is_none()
        {
            let detail = format!("{}（{}）的上级 {parent} 还没有登记，请把上级也放进表里", line.name, line.code);
            return Err(Problem::field("file", Some(line.code.as_str()), detail).into());
        }
        match store::find_region(tx, &line.code)? {
            None => fresh.push(RegionRow {
                code: line.code.clone(),
                name: line.name.clone(),
                level: line.code.level(),
                parent_code: parent,
                version: 1,
                salt: Salt::fresh(),
            }),
            Some(mut row) if row.name != line.name => {
                row.name.clone_from(&line.name);
                row.version += 1;
                row.update(tx)?;
                changed += 1;
            }
            Some(_) => {}
        }
        known.insert(line.code.clone());
    }
    changed += fresh.len();
    RegionRow::insert_all(&fresh, tx)?;
    let top = rows.iter().map(|r| r.code.clone()).min().unwrap_or_else(RegionCode::country);
    let receipt = record(tx, by, Fact::new("regions.imported", top).data(serde_json::json!({ "changed": changed })))?;
    Ok((changed, receipt))
}

/// The regions below one, by code. Regions are public.
pub fn list_regions(rx: &mut Rx<'_>, parent: &RegionCode, page: &PageRequest) -> Result<Page<Region>> {
    let rows = store::list_regions(rx, parent, page)?;
    let page = Page::from_rows(rows, page.limit(), |r| r.code.to_string());
    Ok(page.map(|r| Region { code: r.code, name: r.name, level: r.level, parent_code: r.parent_code }))
}

/// The collectives of the actor's scope.
pub fn list(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadCollectives>, page: &PageRequest) -> Result<Page<Collective>> {
    let rows = store::list_collectives(rx, &allowed.scope, page)?;
    Ok(Page::from_rows(rows, page.limit(), |r| r.code.to_string()).map(view))
}

/// Every collective of a scope, for choices in forms: at most 1,000.
pub fn list_all(rx: &mut Rx<'_>, scope: &Scope) -> Result<Vec<Collective>> {
    let mut all = Vec::new();
    let mut page = PageRequest { limit: Some(PageRequest::MOST), after: None };
    while all.len() < 1000 {
        let rows = store::list_collectives(rx, scope, &page)?;
        let some = Page::from_rows(rows, page.limit(), |r| r.code.to_string());
        all.extend(some.items.into_iter().map(view));
        match some.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    Ok(all)
}

/// One collective of a scope; other domains ask for theirs here. Errors: `not_found`.
pub fn get(rx: &mut Rx<'_>, scope: &Scope, code: &RegionCode) -> Result<Collective> {
    store::find_collective(rx, scope, code)?.map(view).ok_or_else(|| (&NOT_FOUND).into())
}

/// The collective a form or a body names, for the other domains' records.
///
/// Errors: a field error on `collective_code` where there is none in the scope.
pub fn get_named(rx: &mut Rx<'_>, scope: &Scope, text: &str) -> Result<Collective> {
    let found = match text.trim().parse::<RegionCode>() {
        Ok(code) => store::find_collective(rx, scope, &code)?,
        Err(_) => None,
    };
    found.map(view).ok_or_else(|| {
        let remedy = "没有这个集体经济组织，或不在您的管理范围内；请选择本村的，或请镇街先登记";
        Problem::field("collective_code", Some(text), remedy).into()
    })
}

/// A collective as the public may see it: name, code, certificate are public facts. Errors: `not_found`.
pub fn get_public(rx: &mut Rx<'_>, code: &RegionCode) -> Result<Collective> {
    store::find_public(rx, code)?.map(view).ok_or_else(|| (&NOT_FOUND).into())
}

/// The name of the town that a region lies in; empty above the towns. Regions are public.
pub fn town_public(rx: &mut Rx<'_>, code: &RegionCode) -> Result<String> {
    let town = code.ancestry().find(|place| place.level() == RegionLevel::Town);
    let found = town.map(|town| store::find_region(rx, &town)).transpose()?.flatten();
    Ok(found.map(|region| region.name).unwrap_or_default())
}

/// What a place is called: a collective with its town, a region by its own name; the code where nothing is known. Public.
pub fn place_name(rx: &mut Rx<'_>, code: &RegionCode) -> Result<String> {
    if let Some(found) = store::find_public(rx, code)? {
        let town = town_public(rx, code)?;
        return Ok(if found.name.contains(&town) { found.name } else { format!("{town}{}", found.name) });
    }
    Ok(store::find_region(rx, code)?.map_or_else(|| code.to_string(), |region| region.name))
}

/// The office that somebody of this name holds in a collective on a day. Whether it is the same person, the caller has found
/// out: an officer's record holds nothing but a name.
pub fn post_of(rx: &mut Rx<'_>, code: &RegionCode, name: &str, today: Day) -> Result<Option<Post>> {
    let rows = store::officers_named(rx, &[code.to_string()], name)?;
    let in_office = rows.into_iter().find(|row| row.since <= today && row.until.is_none_or(|until| today <= until));
    Ok(in_office.map(|row| row.post))
}

/// Registers a collective. Errors: field errors, `collective_exists`, `credit_code_taken`.
pub fn register(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepCollectives>,
    new: &NewCollective,
) -> Result<(Collective, Receipt)> {
    let code: RegionCode =
        new.code.trim().parse().map_err(|e: crate::kernel::codes::NotARegionCode| {
            Problem::field("code", Some(&new.code), e.to_string())
        })?;
    let level = level_of(&code).ok_or_else(|| {
        Problem::field("code", Some(&new.code), "集体经济组织只登记在镇街、村、组三级，请填镇街、村或组的代码")
    })?;
    if !allowed.scope.contains(code.as_str()) {
        return Err(Problem::field("code", Some(&new.code), "这个区划不在您的管理范围内").into());
    }
    let place = if code.level() == RegionLevel::Group { code.parent() } else { Some(code.clone()) };
    if let Some(place) = place
        && store::find_region(tx, &place)?.is_none()
    {
        return Err(Problem::field(
            "code",
            Some(&new.code),
            "区划表里没有这个代码，请核对；如是新设区划，请先导入区划表",
        )
        .into());
    }
    if store::find_public(tx, &code)?.is_some() {
        return Err((&COLLECTIVE_EXISTS).into());
    }
    let mut row = CollectiveRow {
        code: code.clone(),
        name: String::new(),
        level,
        credit_code: None,
        credit_code_confirmed: false,
        address: String::new(),
        certificate_number: String::new(),
        certificate_issuer: String::new(),
        registered_on: None,
        certificate_until: None,
        state: CollectiveState::Active,
        version: 1,
        salt: Salt::fresh(),
    };
    fill(tx, &mut row, new)?;
    row.insert(tx).map_err(|e| if e.is_unique_violation() { (&COLLECTIVE_EXISTS).into() } else { e })?;
    let receipt = record(
        tx,
        &allowed.by(),
        Fact::new("collective.registered", &code)
            .about("collective", &code)
            .data(serde_json::json!({ "name": row.name, "level": row.level })),
    )?;
    Ok((view(row), receipt))
}

/// Changes name, credit code, address or certificate. Errors: field errors, `not_found`, a stale version.
pub fn change(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepCollectives>,
    code: &RegionCode,
    new: &NewCollective,
    check_version: impl Fn(i32) -> Result<()>,
) -> Result<(Collective, Receipt)> {
    tx.lock_row("collectives", "code", code.as_str())?;
    let mut row = store::find_collective(tx, &allowed.scope, code)?.ok_or(&NOT_FOUND)?;
    check_version(row.version)?;
    if !new.code.is_empty() && new.code != code.as_str() {
        return Err(Problem::field("code", Some(&new.code), "区划代码登记后不能改；请留空，或填原来的代码").into());
    }
    fill(tx, &mut row, new)?;
    row.version += 1;
    row.update(tx)?;
    let receipt = record(
        tx,
        &allowed.by(),
        Fact::new("collective.changed", code).about("collective", code).data(serde_json::json!({ "name": row.name })),
    )?;
    Ok((view(row), receipt))
}

fn level_of(code: &RegionCode) -> Option<CollectiveLevel> {
    match code.level() {
        RegionLevel::Town => Some(CollectiveLevel::Town),
        RegionLevel::Village => Some(CollectiveLevel::Village),
        RegionLevel::Group => Some(CollectiveLevel::Group),
        _ => None,
    }
}

/// Reads what was typed into the row; all field errors at once.
fn fill(tx: &mut Tx<'_>, row: &mut CollectiveRow, new: &NewCollective) -> Result<()> {
    let mut errors = Vec::new();
    match text::read_name(&new.name) {
        Ok(name) => row.name = name.value,
        Err(e) => errors.push(FieldError::new("name", Some(&new.name), e.to_string())),
    }
    row.credit_code = None;
    row.credit_code_confirmed = false;
    if let Some(typed) = new.credit_code.as_deref().filter(|t| !t.trim().is_empty()) {
        match CreditCode::read(typed) {
            Ok(checked) => {
                let warnings = checked.code.warnings_for_collective(row.level, row.code.county());
                row.credit_code_confirmed = !warnings.is_empty();
                if !warnings.is_empty() && !new.credit_code_confirmed {
                    errors.extend(warnings.iter().map(|w| FieldError::new("credit_code", Some(typed), w.to_string())));
                }
                row.credit_code = Some(checked.code);
            }
            Err(e) => errors.push(FieldError::new("credit_code", Some(typed), e.to_string())),
        }
    }
    for (field, typed, target) in [
        ("registered_on", &new.registered_on, &mut row.registered_on),
        ("certificate_until", &new.certificate_until, &mut row.certificate_until),
    ] {
        *target = None;
        if let Some(typed) = typed.as_deref().filter(|t| !t.trim().is_empty()) {
            match text::read_day(typed) {
                Ok(day) => *target = Some(day),
                Err(e) => errors.push(FieldError::new(field, Some(typed), e.to_string())),
            }
        }
    }
    for (field, label, typed, target) in [
        ("address", "地址", &new.address, &mut row.address),
        ("certificate_number", "登记证编号", &new.certificate_number, &mut row.certificate_number),
        ("certificate_issuer", "发证机关", &new.certificate_issuer, &mut row.certificate_issuer),
    ] {
        let typed = typed.trim();
        if typed.chars().count() > 200 || typed.chars().any(char::is_control) {
            errors.push(FieldError::new(field, Some(typed), format!("{label}最多 200 个字，不能换行")));
        }
        target.clear();
        target.push_str(typed);
    }
    if !errors.is_empty() {
        return Err(Problem::fields(errors).into());
    }
    if let Some(code) = &row.credit_code
        && store::credit_code_taken(tx, code, &row.code)?
    {
        return Err((&CREDIT_CODE_TAKEN).into());
    }
    Ok(())
}

/// Officers of a collective, those in office first.
pub fn officers<P: Permission>(rx: &mut Rx<'_>, allowed: &Allowed<P>, code: &RegionCode) -> Result<Vec<Officer>> {
    let mut all = store::list_officers(rx, &allowed.scope, code)?;
    all.sort_by_key(|o| (o.until.is_some(), o.post, o.id.clone()));
    Ok(all.into_iter().map(officer_view).collect())
}

/// A term begins. Errors: field errors, `not_found`, `posts_conflict` (LREC art. 34).
pub fn start_term(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepCollectives>,
    code: &RegionCode,
    new: &NewOfficer,
) -> Result<(Officer, Receipt)> {
    tx.lock_row("collectives", "code", code.as_str())?;
    get(tx, &allowed.scope, code)?;
    let name = text::read_name(&new.name).map_err(|e| Problem::field("name", Some(&new.name), e.to_string()))?.value;
    let now = store::list_officers(tx, &allowed.scope, code)?;
    let conflict =
        now.iter().any(|o| o.until.is_none() && o.name == name && o.post.supervises() != new.post.supervises());
    if conflict {
        return Err((&POSTS_CONFLICT).into());
    }
    let row = OfficerRow {
        id: tx.new_id("off"),
        collective_code: code.clone(),
        name,
        post: new.post,
        since: new.since,
        until: None,
        version: 1,
        salt: Salt::fresh(),
    };
    row.insert(tx)?;
    let receipt = record(
        tx,
        &allowed.by(),
        Fact::new("officer.term_started", code)
            .about("collective", code)
            .about("officer", &row.id)
            .data(serde_json::json!({ "post": row.post })),
    )?;
    Ok((officer_view(row), receipt))
}

/// A term ends on `until`. Errors: `not_found`, `term_ended`, a day before the term began.
pub fn end_term(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepCollectives>,
    id: &Id<Officer>,
    until: Day,
    check_version: impl Fn(i32) -> Result<()>,
) -> Result<(Officer, Receipt)> {
    tx.lock_row("officers", "id", id.as_str())?;
    let mut row = store::find_officer(tx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
    check_version(row.version)?;
    if row.until.is_some() {
        return Err((&TERM_ENDED).into());
    }
    if until < row.since {
        return Err(Problem::field(
            "until",
            Some(&until.to_string()),
            format!("离任日期不能早于任职日期 {}", row.since),
        )
        .into());
    }
    row.until = Some(until);
    row.version += 1;
    row.update(tx)?;
    let fact = Fact::new("officer.term_ended", &row.collective_code)
        .about("collective", &row.collective_code)
        .about("officer", &row.id);
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok((officer_view(row), receipt))
}

fn view(row: CollectiveRow) -> Collective {
    let warnings =
        row.credit_code.as_ref().map(|c| c.warnings_for_collective(row.level, row.code.county())).unwrap_or_default();
    Collective {
        credit_code_warnings: warnings.iter().map(ToString::to_string).collect(),
        code: row.code,
        name: row.name,
        level: row.level,
        credit_code: row.credit_code,
        address: row.address,
        certificate_number: row.certificate_number,
        certificate_issuer: row.certificate_issuer,
        registered_on: row.registered_on,
        certificate_until: row.certificate_until,
        state: row.state,
        version: row.version,
    }
}

fn officer_view(row: OfficerRow) -> Officer {
    Officer {
        id: row.id,
        collective_code: row.collective_code,
        name: row.name,
        post: row.post,
        since: row.since,
        until: row.until,
        version: row.version,
    }
}
