//! Maps of parcels as SVG text, made here and whole in themselves: no tiles, fonts, scripts or styles from outside.
//!
//! The picture is 360 units wide, so that it is readable on a telephone of 360 px, and it knows only distances: every number in
//! it is an offset from the picture's corner, so no map gives away a coordinate. The survey's coordinates stand in the table of
//! boundary points beside it, which the public does not get. Every map says that it proves no boundary.

use std::fmt::Write;

use super::geometry::{Bounds, Outline, Point};
use crate::text_enum;

/// Printed under every map.
pub const NO_PROOF: &str = "示意图，不作权属界线依据";

text_enum! {
    /// How a parcel is drawn; every kind has its own pattern, not only its own colour.
    pub enum Mark {
        Plain = "plain" => "已登记",
        /// The registered area differs from the measured one by more than 5 %.
        AreaDiffers = "area_differs" => "面积相差超过 5%",
        Idle = "idle" => "闲置",
        /// The one parcel that the page is about.
        Chosen = "chosen" => "本宗地",
    }
}

impl Mark {
    const fn fill(self) -> &'static str {
        match self {
            Mark::Plain => "#eef3e6",
            Mark::AreaDiffers => "url(#map-differs)",
            Mark::Idle => "url(#map-idle)",
            Mark::Chosen => "url(#map-chosen)",
        }
    }
}

/// One parcel on a map.
#[derive(Debug, Clone)]
pub struct MapParcel<'a> {
    pub outline: &'a Outline,
    /// What the map writes into it: a short number such as `12`.
    pub label: String,
    /// What a pointer or a screen reader is told: `一巷 12 号，120.00 ㎡`.
    pub name: String,
    /// The page about it.
    pub href: Option<String>,
    pub mark: Mark,
}

/// Which part of the village is shown: `zoom` 0 is all of it, each step halves the width; `across` and `down` are the place of
/// the picture's middle in thousandths of the whole, so that an address names no coordinate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    pub zoom: u8,
    pub across: i64,
    pub down: i64,
}

impl View {
    pub const WHOLE: View = View { zoom: 0, across: 500, down: 500 };
    pub const DEEPEST: u8 = 6;

    /// Any numbers are brought into range, so an address typed by hand shows a map too.
    pub fn new(zoom: u8, across: i64, down: i64) -> View {
        let zoom = zoom.min(Self::DEEPEST);
        let half = 500 / (1 << zoom);
        View { zoom, across: across.clamp(half, 1000 - half), down: down.clamp(half, 1000 - half) }
    }
    pub fn closer(self) -> View {
        View::new(self.zoom.saturating_add(1), self.across, self.down)
    }
    pub fn farther(self) -> View {
        View::new(self.zoom.saturating_sub(1), self.across, self.down)
    }
    /// Half a picture to the east and to the south, or back with -1.
    pub fn moved(self, east: i64, south: i64) -> View {
        let step = 500 / (1 << self.zoom.min(Self::DEEPEST));
        View::new(
            self.zoom,
            self.across.saturating_add(east.clamp(-1, 1) * step),
            self.down.saturating_add(south.clamp(-1, 1) * step),
        )
    }
    fn window(self, whole: Bounds) -> Bounds {
        let view = View::new(self.zoom, self.across, self.down);
        let (width, height) = (whole.width_mm() >> view.zoom, whole.height_mm() >> view.zoom);
        let west_mm = whole.west_mm + whole.width_mm() * view.across / 1000 - width / 2;
        let north_mm = whole.north_mm - whole.height_mm() * view.down / 1000 + height / 2;
        Bounds { west_mm, north_mm, east_mm: west_mm + width, south_mm: north_mm - height }
    }
}

const WIDTH: i64 = 360;
const MARGIN: i64 = 8;
/// Room below the map for the scale bar, the legend and the remark.
const FOOT: i64 = 62;
/// Units of the text that people must be able to read.
const TEXT: i64 = 11;

/// The window of the ground on the paper, in tenths of a unit.
struct Paper {
    window: Bounds,
    /// Millimetres of ground per unit of paper, at least one.
    scale: i64,
    height: i64,
}

impl Paper {
    fn new(window: Bounds) -> Paper {
        let scale = (window.width_mm() / (WIDTH - 2 * MARGIN)).max(window.height_mm() / 420).max(1);
        Paper { window, scale, height: window.height_mm() / scale + 2 * MARGIN }
    }
    /// `12.5,80`
    fn place(&self, p: Point) -> String {
        let (x, y) = self.tenths(p);
        format!("{},{}", tenths_text(x), tenths_text(y))
    }
    fn tenths(&self, p: Point) -> (i64, i64) {
        let spare = (WIDTH - 2 * MARGIN - self.window.width_mm() / self.scale).max(0) / 2;
        (
            (p.east_mm - self.window.west_mm) * 10 / self.scale + (MARGIN + spare) * 10,
            (self.window.north_mm - p.north_mm) * 10 / self.scale + MARGIN * 10,
        )
    }
    fn path(&self, outline: &Outline) -> String {
        let mut d = String::new();
        for ring in outline.rings() {
            for (i, p) in ring.iter().enumerate() {
                d.push(if i == 0 { 'M' } else { 'L' });
                d.push_str(&self.place(*p));
            }
            d.push('Z');
        }
        d
    }
}

fn tenths_text(tenths: i64) -> String {
    let (sign, abs) = (if tenths < 0 { "-" } else { "" }, tenths.unsigned_abs());
    if abs.is_multiple_of(10) { format!("{sign}{}", abs / 10) } else { format!("{sign}{}.{}", abs / 10, abs % 10) }
}

/// Text as XML content or attribute value; characters that XML does not have become blanks.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() || c == '\u{fffe}' || c == '\u{ffff}' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Writing into a `String` cannot fail; this keeps that in one place.
macro_rules! put {
    ($out:expr, $($arg:tt)*) => {{ let _: std::fmt::Result = write!($out, $($arg)*); }};
}

/// The map of a village: every parcel of the window linked and named, labelled where its label fits.
pub fn village_map(title: &str, parcels: &[MapParcel<'_>], view: View) -> String {
    let bounds = parcels.iter().map(|p| p.outline.bounds()).reduce(Bounds::union);
    let Some(whole) = bounds else { return empty_map(title) };
    let paper = Paper::new(view.window(whole));
    let shown: Vec<_> = parcels.iter().filter(|p| p.outline.bounds().meets(paper.window)).collect();
    let marks: Vec<Mark> = Mark::ALL.iter().copied().filter(|m| parcels.iter().any(|p| p.mark == *m)).collect();
    let desc = format!("共 {} 宗，图中 {} 宗。{NO_PROOF}。", parcels.len(), shown.len());
    let foot = FOOT + TEXT * 3 / 2 * i64::from(marks.len() > 3);
    let mut out = open("map", title, &desc, paper.height + foot);
    put!(out, r##"<g clip-path="url(#map-frame)" stroke="#4a5a3a" stroke-width="0.7" stroke-linejoin="round">"##);
    for parcel in &shown {
        let name = escape(&parcel.name);
        let shape = format!(
            r#"<path d="{}" fill="{}" fill-rule="evenodd"><title>{name}</title></path>"#,
            paper.path(parcel.outline),
            parcel.mark.fill()
        );
        match &parcel.href {
            Some(href) => put!(out, r#"<a href="{}" aria-label="{name}">{shape}</a>"#, escape(href)),
            None => out.push_str(&shape),
        }
    }
    out.push_str("</g>");
    put!(
        out,
        r##"<g clip-path="url(#map-frame)" font-size="{TEXT}" fill="#1c2414" stroke="#fff" stroke-width="2" paint-order="stroke" text-anchor="middle" pointer-events="none" aria-hidden="true">"##
    );
    for parcel in shown {
        let size = parcel.outline.bounds();
        if size.width_mm() / paper.scale >= text_width(&parcel.label) + 2 && size.height_mm() / paper.scale >= TEXT {
            let (x, y) = paper.tenths(parcel.outline.label_point());
            put!(out, r#"<text x="{}" y="{}">{}</text>"#, tenths_text(x), tenths_text(y + 40), escape(&parcel.label));
        }
    }
    out.push_str("</g>");
    put!(
        out,
        r##"<defs><clipPath id="map-frame"><rect width="{WIDTH}" height="{h}"/></clipPath></defs><rect x="0.5" y="0.5" width="{w}" height="{f}" fill="none" stroke="#8a937e"/>"##,
        h = paper.height,
        w = WIDTH - 1,
        f = paper.height - 1
    );
    north_arrow(&mut out);
    scale_bar(&mut out, paper.scale, paper.height + 8);
    legend(&mut out, &marks, paper.height + 36);
    close(out, paper.height + foot)
}

/// The picture of one parcel with the length of its sides; a surveyor's copy also numbers the boundary points (J1, J2 …).
pub fn parcel_picture(title: &str, outline: &Outline, numbered: bool) -> String {
    let bounds = outline.bounds();
    let room = (bounds.width_mm().max(bounds.height_mm()) / 6).max(500);
    let paper = Paper::new(Bounds {
        west_mm: bounds.west_mm - room,
        south_mm: bounds.south_mm - room,
        east_mm: bounds.east_mm + room,
        north_mm: bounds.north_mm + room,
    });
    let desc = format!("面积 {} ㎡，{} 个界址点。{NO_PROOF}。", outline.area(), outline.shell().len());
    let mut out = open("parcel", title, &desc, paper.height + FOOT - 20);
    put!(
        out,
        r##"<path d="{}" fill="#eef3e6" fill-rule="evenodd" stroke="#4a5a3a" stroke-width="1.5" stroke-linejoin="round"/>"##,
        paper.path(outline)
    );
    put!(out, r##"<g font-size="{TEXT}" fill="#1c2414" text-anchor="middle">"##);
    let corners = outline.shell();
    if corners.len() <= 24 {
        for (i, (from, to)) in super::topology::edges(corners).enumerate() {
            let length = from.distance_mm(to);
            let middle = Point::new(i64::midpoint(from.east_mm, to.east_mm), i64::midpoint(from.north_mm, to.north_mm));
            let (x, y) = paper.tenths(middle);
            if length / paper.scale >= 30 {
                let shown = format!("{}.{:02}", (length + 5) / 1000, (length + 5) % 1000 / 10);
                put!(
                    out,
                    r##"<text x="{}" y="{}" stroke="#fff" stroke-width="3" paint-order="stroke">{shown}</text>"##,
                    tenths_text(x),
                    tenths_text(y + 40)
                );
            }
            if numbered {
                let (x, y) = paper.tenths(from);
                // The number stands outside the corner.
                let inside = outline.label_point();
                let right = if from.east_mm < inside.east_mm { -70 } else { 70 };
                let down = if from.north_mm < inside.north_mm { 110 } else { -50 };
                put!(
                    out,
                    r##"<circle cx="{}" cy="{}" r="2" fill="#8a1c1c"/><text x="{}" y="{}" fill="#8a1c1c">J{}</text>"##,
                    tenths_text(x),
                    tenths_text(y),
                    tenths_text(x + right),
                    tenths_text(y + down),
                    i + 1
                );
            }
        }
    }
    let (x, y) = paper.tenths(outline.label_point());
    put!(
        out,
        r#"<text x="{}" y="{}" font-size="13">{} ㎡</text></g>"#,
        tenths_text(x),
        tenths_text(y + 45),
        outline.area()
    );
    north_arrow(&mut out);
    scale_bar(&mut out, paper.scale, paper.height);
    close(out, paper.height + FOOT - 20)
}

fn empty_map(title: &str) -> String {
    let mut out = open("map", title, "还没有带图形的宗地。", 120);
    put!(
        out,
        r##"<text x="180" y="60" font-size="13" text-anchor="middle" fill="#1c2414">还没有带图形的宗地</text></svg>"##
    );
    out
}

fn open(id: &str, title: &str, desc: &str, height: i64) -> String {
    let (title, desc) = (escape(title), escape(desc));
    format!(
        concat!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" role="group" aria-labelledby="{id}-title {id}-desc" font-family="sans-serif">"##,
            r##"<title id="{id}-title">{title}</title><desc id="{id}-desc">{desc}</desc><defs>"##,
            r##"<pattern id="map-differs" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="#fdf0d0"/><path d="M0,6L6,0" stroke="#8a5a00"/></pattern>"##,
            r##"<pattern id="map-idle" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="#f2f2f2"/><circle cx="3" cy="3" r="1" fill="#555"/></pattern>"##,
            r##"<pattern id="map-chosen" width="5" height="5" patternUnits="userSpaceOnUse"><rect width="5" height="5" fill="#dbe9fb"/><path d="M0,2.5H5" stroke="#1d4f91"/></pattern></defs>"##,
            r##"<rect width="{w}" height="{h}" fill="#fff"/>"##
        ),
        w = WIDTH,
        h = height,
        id = id,
        title = title,
        desc = desc
    )
}

fn close(mut out: String, height: i64) -> String {
    put!(
        out,
        r##"<text x="{}" y="{}" font-size="{TEXT}" text-anchor="end" fill="#5a1010">{NO_PROOF}</text></svg>"##,
        WIDTH - MARGIN,
        height - 6
    );
    out
}

fn north_arrow(out: &mut String) {
    put!(
        out,
        r##"<g aria-label="上方为北" fill="#1c2414" font-size="{TEXT}" text-anchor="middle"><circle cx="340" cy="24" r="16" fill="#fff" fill-opacity="0.85"/><path d="M340,10L345,26L340,22L335,26Z"/><text x="340" y="37">北</text></g>"##
    );
}

/// A bar of 1, 2 or 5 times a power of ten metres, at most a third of the picture.
fn scale_bar(out: &mut String, scale: i64, top: i64) {
    let most_mm = scale * WIDTH / 3;
    let steps = (0..7).flat_map(|power| [1, 2, 5].map(|n| n * 10_i64.pow(power) * 100));
    let length = steps.take_while(|mm| *mm <= most_mm).last().unwrap_or(100);
    let units = length / scale;
    let name = if length < 1000 { format!("0.{} 米", length / 100) } else { format!("{} 米", length / 1000) };
    put!(
        out,
        r##"<g stroke="#1c2414" fill="none"><path d="M{MARGIN},{a}V{b}H{e}V{a}"/></g><text x="{t}" y="{b}" font-size="{TEXT}" fill="#1c2414">{name}</text>"##,
        a = top + 4,
        b = top + 10,
        e = MARGIN + units,
        t = MARGIN + units + 6
    );
}

fn legend(out: &mut String, marks: &[Mark], top: i64) {
    let mut x = MARGIN;
    let mut y = top - 8;
    for mark in marks {
        let width = 20 + text_width(mark.label()) + 8;
        if x + width > WIDTH {
            x = MARGIN;
            y += TEXT * 3 / 2;
        }
        put!(
            out,
            r##"<rect x="{x}" y="{y}" width="14" height="10" fill="{}" stroke="#4a5a3a"/><text x="{}" y="{}" font-size="{TEXT}" fill="#1c2414">{}</text>"##,
            mark.fill(),
            x + 18,
            y + 9,
            mark.label()
        );
        x += width;
    }
}

/// Units that the text takes, near enough: a Chinese character is as wide as high, others six tenths.
fn text_width(text: &str) -> i64 {
    text.chars().map(|c| if c.is_ascii() { TEXT * 6 / 10 } else { TEXT }).sum()
}

#[cfg(test)]
#[path = "map_tests.rs"]
mod tests;
