//! Styles, scripts and icons, embedded in the binary and served under names that hold their hash.
//!
//! Promise: a page needs nothing from outside, and a browser fetches each file once: the address changes with the content,
//! so the answer may be kept for a year, and pages say beside it what the whole digest must be. Sheets and scripts are bundled at first use in the order written here.

use std::{collections::HashMap, fmt::Write as _, sync::LazyLock};

use actix_web::{HttpResponse, http::header, web};
use base64::{Engine, engine::general_purpose::STANDARD};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256, Sha384};

use crate::kernel::hex;

#[derive(RustEmbed)]
#[folder = "src/web/assets/"]
struct Source;

/// What is served: its plain name and the embedded files it is made of.
const BUNDLES: &[(&str, &[&str])] = &[
    ("mark.svg", &["mark.svg"]),
    ("fields.svg", &["fields.svg"]),
    ("icons.svg", &["icons.svg"]),
    (
        "xiangji.css",
        &["css/base.css", "css/layout.css", "css/parts.css", "css/tables.css", "css/trade.css", "css/print.css"],
    ),
    ("forms.js", &["js/forms.js"]),
    ("live.js", &["js/clock.js", "js/live.js"]),
    ("fresh.js", &["js/fresh.js"]),
    ("check-receipt.js", &["js/check-receipt.js"]),
];

struct Asset {
    url: String,
    /// Subresource Integrity: a browser runs nothing else.
    integrity: String,
    content_type: &'static str,
    bytes: web::Bytes,
}

/// By plain name. Sheets come after the pictures they mention: `url(fields.svg)` becomes the hashed address.
static BY_NAME: LazyLock<HashMap<&'static str, Asset>> = LazyLock::new(|| {
    let mut made: HashMap<&'static str, Asset> = HashMap::new();
    for (name, files) in BUNDLES {
        let mut text = String::new();
        for file in *files {
            if let Some(found) = Source::get(file) {
                text.push_str(&String::from_utf8_lossy(&found.data));
                text.push('\n');
            }
        }
        for (picture, asset) in &made {
            text = text.replace(&format!("url({picture})"), &format!("url({})", asset.url));
        }
        let (stem, kind) = name.rsplit_once('.').unwrap_or((name, ""));
        let url = format!("/static/{stem}.{}.{kind}", short_hash(text.as_bytes()));
        let content_type = match kind {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            _ => "image/svg+xml",
        };
        let integrity = format!("sha384-{}", STANDARD.encode(Sha384::digest(text.as_bytes())));
        made.insert(name, Asset { url, integrity, content_type, bytes: web::Bytes::from(text) });
    }
    made
});

/// Hashed address to plain name.
static BY_URL: LazyLock<HashMap<&'static str, &'static Asset>> =
    LazyLock::new(|| BY_NAME.values().map(|asset| (asset.url.as_str(), asset)).collect());

fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(6).fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The address of a file by its plain name (`xiangji.css`); the root where there is no such file, which a test excludes.
pub fn url(name: &str) -> &'static str {
    BY_NAME.get(name).map_or("/", |asset| asset.url.as_str())
}

/// What a page writes beside the address of a script or sheet, so that a browser takes nothing else for it.
pub fn integrity(name: &str) -> &'static str {
    BY_NAME.get(name).map_or("", |asset| asset.integrity.as_str())
}

/// Every address with the SHA-256 of what is served there, in order.
pub fn digests() -> Vec<(&'static str, String)> {
    let mut all: Vec<(&'static str, String)> =
        BY_URL.iter().map(|(url, asset)| (*url, hex(&Sha256::digest(&asset.bytes)))).collect();
    all.sort();
    all
}

/// `GET /static/{file}`: for a year if the hash is right, otherwise 404.
async fn serve(file: web::Path<String>) -> HttpResponse {
    match BY_URL.get(format!("/static/{file}").as_str()) {
        Some(asset) => HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, asset.content_type))
            .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .body(asset.bytes.clone()),
        None => HttpResponse::NotFound().finish(),
    }
}

/// Mounts `/static/…`.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/static/{file}").route(web::get().to(serve)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str) -> String {
        String::from_utf8(BY_NAME[name].bytes.to_vec()).expect("text")
    }

    #[test]
    fn every_source_file_is_served_and_every_bundle_has_its_sources() {
        let listed: Vec<&str> = BUNDLES.iter().flat_map(|(_, files)| files.iter().copied()).collect();
        for file in Source::iter() {
            assert!(listed.contains(&file.as_ref()), "{file} is embedded but in no bundle");
        }
        for file in &listed {
            assert!(Source::get(file).is_some(), "{file} is bundled but does not exist");
        }
    }

    #[test]
    fn icons_named_in_templates_exist() {
        let sprite = text("icons.svg");
        let mut seen = 0;
        for template in
            [include_str!("html/base.html"), include_str!("html/parts.html"), include_str!("html/style_guide.html")]
        {
            for part in template.split("icon(\"").skip(1) {
                let name = part.split('"').next().unwrap_or_default();
                assert!(sprite.contains(&format!("id=\"{name}\"")), "no icon {name}");
                seen += 1;
            }
        }
        assert!(seen > 5, "the search found no icons at all");
        for tone in crate::web::html::Tone::ALL {
            assert!(sprite.contains(&format!("id=\"{}\"", tone.icon())), "no icon for {tone:?}");
        }
    }

    #[test]
    fn nothing_is_fetched_from_elsewhere() {
        for (name, _) in BUNDLES {
            let text = text(name).replace("http://www.w3.org/2000/svg", "");
            assert!(!text.contains("http://") && !text.contains("https://") && !text.contains("@import"), "{name}");
            assert!(
                !text.contains("url(") || text.contains("url(/static/"),
                "{name} names a picture that is not bundled"
            );
        }
    }

    #[actix_web::test]
    async fn served_for_a_year_under_the_hashed_name_only() {
        let app = actix_web::test::init_service(actix_web::App::new().configure(routes)).await;
        let ask = |path: &str| actix_web::test::TestRequest::get().uri(path).to_request();
        let right = actix_web::test::call_service(&app, ask(url("xiangji.css"))).await;
        assert_eq!(right.status(), 200);
        let header = |name: &str| right.headers().get(name).and_then(|value| value.to_str().ok());
        assert_eq!(header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert_eq!(header("content-type"), Some("text/css; charset=utf-8"));
        let wrong = actix_web::test::call_service(&app, ask("/static/xiangji.000000000000.css")).await;
        assert_eq!(wrong.status(), 404);
    }
}
