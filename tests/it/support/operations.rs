//! What the OpenAPI document says can be asked, and requests made from it: the matrix of rights and the tests of bad input
//! grow with the document by themselves.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// One operation of the document.
pub struct Operation {
    pub method: String,
    pub path: String,
    pub tag: String,
    /// No security at all: for everybody.
    pub public: bool,
    /// Media type and schema of the request body.
    pub body: Option<(String, Value)>,
    query: Vec<(String, bool)>,
}

/// The document, with its schemas to look into.
pub struct Document(Value);

/// Words and records to fill a request with: by property name, and for a path by the segment before the parameter
/// (`accounts` for `/accounts/{id}`) or the two before it (`assets/imports`).
pub type Samples = BTreeMap<String, String>;

impl Document {
    pub fn new() -> Document {
        Document(serde_json::to_value(xiangji::app::openapi()).unwrap())
    }

    pub fn operations(&self) -> Vec<Operation> {
        let mut found = Vec::new();
        for (path, item) in self.0["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let body = operation["requestBody"]["content"].as_object().and_then(|c| c.iter().next());
                let query = operation["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] == "query");
                found.push(Operation {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    tag: operation["tags"][0].as_str().unwrap_or("").to_owned(),
                    public: operation["security"].as_array().is_none_or(Vec::is_empty),
                    body: body.map(|(media, content)| (media.clone(), content["schema"].clone())),
                    query: query.map(|p| (p["name"].as_str().unwrap().to_owned(), p["required"] == true)).collect(),
                });
            }
        }
        found
    }

    /// Follows `$ref`, the real branch of a nullable, and the parts of an `allOf`.
    pub fn resolve(&self, schema: &Value) -> Value {
        if let Some(name) = schema["$ref"].as_str() {
            return self.resolve(self.0.pointer(name.trim_start_matches('#')).unwrap());
        }
        if let Some(branches) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
            let real = branches.iter().find(|b| b["type"] != "null").unwrap();
            let mut real = self.resolve(real);
            // An enum of structs names its kind in a property of its own, beside what all kinds share.
            if let (Some(all), Some(own)) = (schema["properties"].as_object(), real["properties"].as_object_mut()) {
                own.extend(all.clone());
            }
            return real;
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let (mut properties, mut required) = (Map::new(), Vec::new());
            for part in parts.iter().map(|p| self.resolve(p)) {
                properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
                required.extend(part["required"].as_array().cloned().unwrap_or_default());
            }
            return json!({"type": "object", "properties": properties, "required": required});
        }
        schema.clone()
    }

    /// A value that the schema accepts, from the samples where a property's name is among them.
    pub fn sample(&self, schema: &Value, samples: &Samples) -> Value {
        let schema = self.resolve(schema);
        if let Some(word) = schema["enum"].as_array().and_then(|e| e.first()) {
            return word.clone();
        }
        match kind(&schema).as_deref() {
            Some("object") => {
                let required: Vec<&str> =
                    schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                let properties = schema["properties"].as_object().cloned().unwrap_or_default();
                let wanted =
                    properties.iter().filter(|(n, _)| required.contains(&n.as_str()) || samples.contains_key(*n));
                wanted.map(|(name, inner)| (name.clone(), self.named(name, inner, samples))).collect()
            }
            Some("array") => json!([self.sample(&schema["items"], samples)]),
            Some("integer" | "number") => json!(1),
            Some("boolean") => json!(false),
            Some("string") if schema["format"] == "date" => json!("2026-03-02"),
            Some("string") => schema.get("example").cloned().unwrap_or_else(|| json!("示例")),
            _ => json!({}),
        }
    }

    /// Every field of a body as a JSON pointer with its type, also those inside objects and the items of lists.
    pub fn fields(&self, schema: &Value) -> Vec<(String, Option<String>)> {
        let mut found = Vec::new();
        self.collect_fields(schema, "", &mut found);
        found
    }

    fn collect_fields(&self, schema: &Value, at: &str, found: &mut Vec<(String, Option<String>)>) {
        let schema = self.resolve(schema);
        for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
            let (pointer, inner) = (format!("{at}/{name}"), self.resolve(inner));
            found.push((pointer.clone(), kind(&inner)));
            if at.matches('/').count() < 3 {
                self.collect_fields(&inner, &pointer, found);
            }
        }
        if schema["items"].is_object() {
            self.collect_fields(&schema["items"], &format!("{at}/0"), found);
            found.push((format!("{at}/0"), kind(&self.resolve(&schema["items"]))));
        }
    }

    fn named(&self, name: &str, schema: &Value, samples: &Samples) -> Value {
        let is_day = ["_on", "since", "until", "day", "date"].iter().any(|end| name.ends_with(end));
        match (self.sample(schema, samples), samples.get(name)) {
            (Value::String(_), Some(sample)) if self.resolve(schema)["enum"].is_null() => json!(sample),
            (Value::String(text), None) if is_day && text == "示例" => json!("2026-03-02"),
            (other, _) => other,
        }
    }
}

/// The media type of the pages' forms.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// Pages about a record that everybody may see.
const PUBLIC_PAGES: &[&str] = &["/log/entries/{seq}"];

/// The pages, read from the source: every `resource("…")` and `.route("…", …)` of the files that serve pages.
pub fn pages() -> Vec<Operation> {
    fn walk(dir: &std::path::Path, found: &mut Vec<String>) {
        for path in std::fs::read_dir(dir).unwrap().flatten().map(|e| e.path()) {
            let name = path.to_str().unwrap();
            if path.is_dir() {
                walk(&path, found);
            } else if name.ends_with(".rs") && (name.contains("pages") || name.ends_with("web/comfort.rs")) {
                found.push(std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut texts = Vec::new();
    walk(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
    let mut found = Vec::new();
    for text in &texts {
        for part in text.replace("resource(", ".route(").split(".route(\"").skip(1) {
            let (path, rest) = part.split_once('"').unwrap();
            let methods = rest.split("route(\"").next().unwrap();
            for (word, method) in [("web::get()", "GET"), ("web::post()", "POST")] {
                if methods.contains(word) {
                    let body = (method == "POST").then(|| (FORM.to_owned(), Value::Null));
                    let own = path == "/sign-out" || path.starts_with("/messages");
                    let tag = if own { "page of the session" } else { "page" };
                    let public = PUBLIC_PAGES.contains(&path);
                    let (method, path, tag) = (method.to_owned(), path.to_owned(), tag.to_owned());
                    found.push(Operation { method, path, tag, public, body, query: Vec::new() });
                }
            }
        }
    }
    found
}

/// The type of a schema, without its null.
fn kind(schema: &Value) -> Option<String> {
    let one = schema["type"].as_str();
    let some = || schema["type"].as_array()?.iter().filter_map(Value::as_str).find(|t| *t != "null");
    one.or_else(some).map(str::to_owned)
}

impl Operation {
    /// Names of the query's parameters.
    pub fn query(&self) -> impl Iterator<Item = &str> {
        self.query.iter().map(|(name, _)| name.as_str())
    }

    pub fn is_page(&self) -> bool {
        self.tag.starts_with("page")
    }

    pub fn changes(&self) -> bool {
        self.method != "GET"
    }

    /// Whether its path names a record.
    pub fn has_record(&self) -> bool {
        self.path.contains('{')
    }

    /// The address with its parameters from the samples; the message says what is lacking.
    pub fn address(&self, samples: &Samples) -> Result<String, String> {
        let mut address = String::new();
        let mut before = ("", "");
        for segment in self.path.trim_start_matches('/').split('/') {
            let filled = if segment.starts_with('{') {
                let pair = format!("{}/{}", before.0, before.1);
                samples.get(&pair).or(samples.get(before.1)).ok_or_else(|| {
                    format!(
                        "{} {}: no sample for {segment}: make such a record for every village and call it {:?} or {pair:?} in `records` of \
                         tests/it/access_matrix.rs",
                        self.method, self.path, before.1
                    )
                })?
            } else {
                segment
            };
            address = format!("{address}/{filled}");
            before = (before.1, segment);
        }
        let asked = self.query.iter().filter(|(name, required)| *required || name.starts_with("collective"));
        let asked: Vec<String> =
            asked.map(|(n, _)| format!("{n}={}", samples.get(n).map_or("x", String::as_str))).collect();
        Ok(if asked.is_empty() { address } else { format!("{address}?{}", asked.join("&")) })
    }
}
