//! `/parcels`: the map of a village with its list, one parcel with its picture and boundary points, registering and
//! changing. Imports: `import_pages`.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{
    Occupancy, ParcelFacts, ParcelFilter, ParcelId, ParcelState, ParcelView,
    geojson::{self, Crs},
    geometry::{Outline, metres},
    import_pages,
    map::{View, parcel_picture},
    service,
};
use crate::{
    access::{Allowed, Scope, may},
    collectives,
    db::{Db, Lane, Rx},
    kernel::{
        FieldError, PageRequest, Problem,
        text::{AreaUnit, read_area},
    },
    web::{
        Error, IfMatch,
        html::{self, FormState, Layout, Tone, filters},
        upload::MultipartFile,
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.configure(import_pages::routes);
    config
        .service(web::resource("/parcels").route(web::get().to(list)).route(web::post().to(register)))
        .service(web::resource("/parcels/new").route(web::get().to(new)))
        .service(web::resource("/parcels/{id}").route(web::get().to(one)).route(web::post().to(change)))
        .service(web::resource("/parcels/{id}/edit").route(web::get().to(edit)));
}

pub(super) const PATH: &str = "/parcels";

/// The words and labels of a closed list, for a choice.
type Choices = Vec<(&'static str, &'static str)>;

fn occupancies() -> Choices {
    Occupancy::ALL.iter().map(|o| (o.as_str(), o.label())).collect()
}
fn states() -> Choices {
    ParcelState::ALL.iter().map(|s| (s.as_str(), s.label())).collect()
}

/// The collectives of a scope by code and name.
pub(super) fn choices(rx: &mut Rx<'_>, scope: &Scope) -> crate::db::Result<Vec<(String, String)>> {
    Ok(collectives::list_all(rx, scope)?.into_iter().map(|c| (c.code.to_string(), c.name)).collect())
}

/// The form of the list and the place on the map: everything may be empty.
#[derive(Debug, Clone, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    occupancy: String,
    #[serde(default)]
    collective: String,
    after: Option<String>,
    zoom: Option<u8>,
    across: Option<i64>,
    down: Option<i64>,
}

impl Wanted {
    fn filter(&self, collective: &str) -> ParcelFilter {
        ParcelFilter {
            collective: Some(collective.to_owned()),
            occupancy: self.occupancy.parse().ok(),
            state: None,
            q: Some(self.q.trim().to_owned()).filter(|q| !q.is_empty()),
        }
    }
    fn view(&self) -> View {
        View::new(self.zoom.unwrap_or(0), self.across.unwrap_or(500), self.down.unwrap_or(500))
    }
}

/// The buttons around the map; each is an address, so the map moves without a script.
struct MapMoves {
    closer: String,
    farther: String,
    /// Name and address.
    ways: Vec<(&'static str, String)>,
    whole: String,
}

impl MapMoves {
    fn new(collective: &str, view: View) -> MapMoves {
        let to =
            |v: View| format!("{PATH}?collective={collective}&zoom={}&across={}&down={}#map", v.zoom, v.across, v.down);
        let unless_same = |v: View| if v == view { String::new() } else { to(v) };
        let ways = [("向北", 0, -1), ("向南", 0, 1), ("向西", -1, 0), ("向东", 1, 0)];
        MapMoves {
            closer: unless_same(view.closer()),
            farther: unless_same(view.farther()),
            ways: ways
                .into_iter()
                .map(|(name, east, south)| (name, unless_same(view.moved(east, south))))
                .filter(|(_, address)| !address.is_empty())
                .collect(),
            whole: unless_same(View::WHOLE),
        }
    }
}

#[derive(Template)]
#[template(path = "homesteads/pages/list.html")]
struct ListPage {
    layout: Layout,
    form: FormState,
    collectives: Vec<(String, String)>,
    collective: String,
    name: String,
    parcels: Vec<ParcelView>,
    map: String,
    moves: MapMoves,
    occupancies: Choices,
    filtered: bool,
    first: String,
    next: String,
    may_keep: bool,
}

async fn list(
    allowed: Allowed<may::ReadHomesteads>,
    layout: Layout,
    db: Data<Db>,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, Error> {
    let wanted = wanted.into_inner();
    let may_keep = allowed.actor.can::<may::KeepHomesteads>();
    let asked = wanted.clone();
    let (collectives, chosen, parcels, map) = db
        .read(move |rx| {
            let collectives = choices(rx, &allowed.scope)?;
            let wished = [asked.collective.as_str(), allowed.actor.home.as_str()];
            let known = |code: &&str| collectives.iter().any(|(c, _)| c == code);
            let chosen = wished.iter().find(|c| known(c)).copied().or(collectives.first().map(|(c, _)| c.as_str()));
            let chosen = chosen.unwrap_or_default().to_owned();
            let page = PageRequest { limit: None, after: asked.after.clone() };
            let parcels = service::list_parcels(rx, &allowed, &asked.filter(&chosen), &page)?;
            let map = match chosen.parse() {
                Ok(code) => service::draw_map(rx, &allowed, &code, asked.view())?,
                Err(_) => String::new(),
            };
            Ok((collectives, chosen, parcels, map))
        })
        .await?;
    let query = |after: Option<&str>| {
        let fields = [
            ("collective", chosen.as_str()),
            ("q", &wanted.q),
            ("occupancy", &wanted.occupancy),
            ("after", after.unwrap_or("")),
        ];
        let set = fields.into_iter().filter(|(_, v)| !v.is_empty());
        let set: Vec<_> = set.map(|(name, value)| format!("{name}={}", html::query_escape(value))).collect();
        format!("{PATH}?{}", set.join("&"))
    };
    let fields = [("q", wanted.q.as_str()), ("occupancy", &wanted.occupancy), ("collective", &chosen)];
    Ok(html::ok(&ListPage {
        layout: layout.titled("宅基地").under(PATH),
        form: FormState::new(fields),
        name: collectives.iter().find(|(c, _)| *c == chosen).map(|(_, n)| n.clone()).unwrap_or_default(),
        first: wanted.after.as_ref().map(|_| query(None)).unwrap_or_default(),
        next: parcels.next.as_deref().map(|next| query(Some(next))).unwrap_or_default(),
        parcels: parcels.items,
        moves: MapMoves::new(&chosen, wanted.view()),
        occupancies: occupancies(),
        filtered: !wanted.q.trim().is_empty() || !wanted.occupancy.is_empty(),
        collective: chosen,
        collectives,
        map,
        may_keep,
    }))
}

/// A boundary point in the table beside the picture.
struct Corner {
    number: usize,
    north: String,
    east: String,
    /// Metres to the next point.
    length: String,
}

fn corners(outline: &Outline) -> Vec<Corner> {
    let shell = outline.shell();
    let next = shell.iter().cycle().skip(1);
    (1..)
        .zip(shell.iter().zip(next))
        .map(|(number, (from, to))| Corner {
            number,
            north: metres(from.north_mm),
            east: metres(from.east_mm),
            length: metres(from.distance_mm(*to)),
        })
        .collect()
}

#[derive(Template)]
#[template(path = "homesteads/pages/one.html")]
struct OnePage {
    layout: Layout,
    parcel: ParcelView,
    collective: String,
    picture: String,
    corners: Vec<Corner>,
    may_keep: bool,
}

async fn one(
    allowed: Allowed<may::ReadHomesteads>,
    layout: Layout,
    db: Data<Db>,
    id: Path<ParcelId>,
) -> Result<HttpResponse, Error> {
    let may_keep = allowed.actor.can::<may::KeepHomesteads>();
    let (parcel, collective) = db
        .read(move |rx| {
            let parcel = service::get_parcel(rx, &allowed, &id)?;
            let collective = collectives::get_named(rx, &allowed.scope, &parcel.collective_code)?;
            Ok((parcel, collective.name))
        })
        .await?;
    Ok(html::ok(&OnePage {
        layout: layout.titled(parcel.name()).under(PATH),
        picture: parcel_picture(&parcel.name(), &parcel.outline, true),
        corners: corners(&parcel.outline),
        parcel,
        collective,
        may_keep,
    }))
}

#[derive(Template)]
#[template(path = "homesteads/pages/form.html")]
struct FormPage {
    layout: Layout,
    form: FormState,
    action: String,
    /// Empty while registering.
    version: String,
    collectives: Vec<(String, String)>,
    occupancies: Choices,
    states: Choices,
    systems: Choices,
}

impl FormPage {
    fn new(layout: Layout, form: FormState, title: &str, action: String, version: &str) -> FormPage {
        FormPage {
            layout: layout.titled(title).under(PATH).with_form(&form),
            form,
            action,
            version: version.to_owned(),
            collectives: Vec::new(),
            occupancies: occupancies(),
            states: states(),
            systems: Crs::ALL.iter().map(|c| (c.as_str(), c.label())).collect(),
        }
    }
    fn changing(layout: Layout, form: FormState, id: &ParcelId, version: &str) -> FormPage {
        FormPage::new(layout, form, "修改宗地", format!("{PATH}/{id}"), version)
    }
    async fn registering(
        allowed: Allowed<may::KeepHomesteads>,
        layout: Layout,
        db: &Db,
        form: FormState,
    ) -> Result<FormPage, Error> {
        let collectives = db.read(move |rx| choices(rx, &allowed.scope)).await?;
        Ok(FormPage { collectives, ..FormPage::new(layout, form, "登记宗地", PATH.to_owned(), "") })
    }
}

async fn new(allowed: Allowed<may::KeepHomesteads>, layout: Layout, db: Data<Db>) -> Result<HttpResponse, Error> {
    let form = FormState::new([("collective_code", allowed.actor.home.clone()), ("occupancy", "lived".to_owned())]);
    Ok(html::ok(&FormPage::registering(allowed, layout, &db, form).await?))
}

async fn edit(
    allowed: Allowed<may::KeepHomesteads>,
    layout: Layout,
    db: Data<Db>,
    id: Path<ParcelId>,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let wanted = id.clone();
    let parcel = db.read(move |rx| service::get_parcel(rx, &allowed.actor.prove()?, &wanted)).await?;
    let f = parcel.facts;
    let form = FormState::new([
        ("parcel_code", f.parcel_code.unwrap_or_default()),
        ("household", f.household),
        ("household_id", f.household_id.unwrap_or_default()),
        ("location", f.location),
        ("registered_area", f.registered_area.map(|a| a.to_string()).unwrap_or_default()),
        ("area_reason", f.area_reason),
        ("certificate", f.certificate.unwrap_or_default()),
        ("occupancy", f.occupancy.to_string()),
        ("state", f.state.to_string()),
        ("note", f.note),
    ]);
    Ok(html::ok(&FormPage::changing(layout, form, &id, &parcel.version.to_string())))
}

/// What was typed; a shape comes as a file or as text, and may be missing in a change.
fn typed(form: &MultipartFile) -> Result<(ParcelFacts, Option<Outline>), Problem> {
    let mut faults = Vec::new();
    let filled = |field: &str| Some(form.get(field)).filter(|t| !t.is_empty());
    let registered_area = filled("registered_area").and_then(|typed| {
        let read = read_area(typed, AreaUnit::SquareMetre);
        read.map_err(|e| faults.push(FieldError::new("registered_area", Some(typed), e.to_string()))).ok()
    });
    let occupancy = filled("occupancy").unwrap_or("lived").parse();
    let occupancy = occupancy.map_err(|e: String| faults.push(FieldError::new("occupancy", None, e)));
    let state = filled("state").unwrap_or("registered").parse();
    let state = state.map_err(|e: String| faults.push(FieldError::new("state", None, e)));
    let system = filled("crs").and_then(|word| word.parse::<Crs>().ok());
    let file = std::str::from_utf8(&form.bytes).map_err(|_| {
        Problem::field("geometry", None, "文件的文字编码不是 UTF-8，请在制图软件里另存为 UTF-8 编码的 GeoJSON")
    })?;
    let text = if file.is_empty() { form.get("geometry") } else { file };
    let outline = if text.is_empty() {
        None
    } else {
        geojson::read_parcel(text, system).map_err(|p| faults.extend(p.fields)).ok()
    };
    let text = |field: &str| filled(field).map(str::to_owned);
    match (occupancy, state) {
        (Ok(occupancy), Ok(state)) if faults.is_empty() => {
            let facts = ParcelFacts {
                parcel_code: text("parcel_code"),
                household: form.get("household").to_owned(),
                household_id: text("household_id"),
                location: form.get("location").to_owned(),
                registered_area,
                area_reason: form.get("area_reason").to_owned(),
                certificate: text("certificate"),
                occupancy,
                state,
                note: form.get("note").to_owned(),
            };
            Ok((facts, outline))
        }
        _ => Err(Problem::fields(faults)),
    }
}

/// The form again with what was typed; a file has to be chosen anew, as browsers demand.
fn filled_in(form: &MultipartFile) -> FormState {
    FormState::new(form.fields.iter().filter(|(n, _)| *n != "csrf").map(|(n, v)| (n.as_str(), v.trim())))
}

async fn register(
    allowed: Allowed<may::KeepHomesteads>,
    layout: Layout,
    db: Data<Db>,
    form: MultipartFile,
) -> Result<HttpResponse, Error> {
    let chosen = form.get("collective_code");
    let code = if chosen.is_empty() { allowed.actor.home.clone() } else { chosen.to_owned() };
    let by = allowed.clone();
    let end = match typed(&form) {
        Ok((facts, Some(outline))) => db
            .write(Lane::Any, move |tx| service::create_parcel(tx, &by, &code, facts.clone(), &outline))
            .await
            .map_err(Error::from),
        Ok((_, None)) => Err(Problem::field("geometry", None, "请选择图形文件，或粘贴 GeoJSON 文字").into()),
        Err(problem) => Err(problem.into()),
    };
    match end {
        Ok((parcel, _)) => Ok(html::done(&format!("{PATH}/{}", parcel.id), Tone::Good, "已登记。")),
        Err(error) => {
            let page = async |form| FormPage::registering(allowed, layout, &db, form).await;
            html::again(error, filled_in(&form), page).await
        }
    }
}

async fn change(
    allowed: Allowed<may::KeepHomesteads>,
    layout: Layout,
    db: Data<Db>,
    id: Path<ParcelId>,
    form: MultipartFile,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let seen = IfMatch::seen(form.get("version").parse().ok());
    let end = match typed(&form) {
        Ok((facts, outline)) => {
            let (lane, id) = (Lane::of("parcel", &id), id.clone());
            let work = move |tx: &mut crate::db::Tx<'_>| {
                service::change_parcel(tx, &allowed, &id, |v| seen.check(v), facts.clone(), outline.as_ref())
            };
            db.write(lane, work).await.map_err(Error::from)
        }
        Err(problem) => Err(problem.into()),
    };
    match end {
        Ok(_) => Ok(html::done(&format!("{PATH}/{id}"), Tone::Good, "已保存修改。")),
        Err(error) => {
            let page = async |filled| Ok(FormPage::changing(layout, filled, &id, form.get("version")));
            html::again(error, filled_in(&form), page).await
        }
    }
}
