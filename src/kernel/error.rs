//! One shape for everything that can be refused.
//!
//! A [`Code`] is stable and meant for programs, the `detail` of a [`Problem`] is one sentence for a person and says what
//! to do. Domains declare their codes beside their rules with [`codes!`](crate::codes); `app` collects them and a test
//! writes `openapi/error-codes.md` from the collection.

use serde::Serialize;
use serde_json::{Map, Value};

/// A stable reason for a refusal: what programs test for. `status` is the HTTP status it travels with.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    pub code: &'static str,
    pub status: u16,
    /// Short Chinese title, the same for every occurrence.
    pub title: &'static str,
}

/// What is wrong with one field of a request: where, what was seen, what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// JSON pointer of the field (`/id_number`); a form uses the same name without the slash.
    pub pointer: String,
    /// The value that was seen, shortened; masked by the caller where it is personal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<String>,
    /// One sentence: what was expected and how to repair it.
    pub detail: String,
}

impl FieldError {
    /// `field` is the field's name without a slash; `seen` is cut to 60 characters.
    pub fn new(field: &str, seen: Option<&str>, detail: impl Into<String>) -> Self {
        let seen = seen.map(|s| s.chars().take(60).collect());
        Self { pointer: format!("/{field}"), seen, detail: detail.into() }
    }

    /// The name a form gives the field: the pointer without its slash.
    pub fn field(&self) -> &str {
        self.pointer.trim_start_matches('/')
    }
}

/// A refusal on its way to the client: RFC 9457 `application/problem+json`, or the error summary of a page.
#[derive(Debug, Clone)]
pub struct Problem {
    pub code: &'static Code,
    /// One sentence in the user's language that says what to do.
    pub detail: String,
    pub fields: Vec<FieldError>,
    /// Further members of the document, for example the least amount that would have been accepted.
    pub extra: Map<String, Value>,
}

impl Problem {
    pub fn new(code: &'static Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), fields: Vec::new(), extra: Map::new() }
    }

    /// A 422 that names fields; the detail counts them.
    pub fn fields(fields: Vec<FieldError>) -> Self {
        let detail = match fields.as_slice() {
            [one] => one.detail.clone(),
            many => format!("有 {} 处需要修改", many.len()),
        };
        Self { fields, ..Self::new(&INVALID_FIELDS, detail) }
    }

    /// A 422 about one field.
    pub fn field(field: &str, seen: Option<&str>, detail: impl Into<String>) -> Self {
        Self::fields(vec![FieldError::new(field, seen, detail)])
    }

    /// Adds a member such as `minimum`: the value that would have been accepted.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }
}

impl From<&'static Code> for Problem {
    /// The title serves as the sentence; use [`Problem::new`] where there is more to say.
    fn from(code: &'static Code) -> Self {
        Self::new(code, code.title)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.code, self.detail)?;
        for field in &self.fields {
            write!(f, "; {}: {}", field.pointer, field.detail)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

/// Declares refusal codes: `codes! { pub BID_LATE 409 "bid_late" "竞价已经结束"; … }` makes one `static` each and `ALL`.
#[macro_export]
macro_rules! codes {
    ($($(#[$meta:meta])* $name:ident $status:literal $code:literal $title:literal;)*) => {
        $($(#[$meta])* pub static $name: $crate::kernel::Code =
            $crate::kernel::Code { code: $code, status: $status, title: $title };)*
        /// Every code declared here, for the generated list.
        pub static ALL: &[&$crate::kernel::Code] = &[$(&$name),*];
    };
}

codes! {
    INVALID_FIELDS 422 "invalid_fields" "填写的内容需要修改";
    NOT_FOUND 404 "not_found" "没有找到，可能已被删除，或者不在您的管理范围内";
    INTERNAL 500 "internal" "系统出错，已记录；请稍后再试，或联系镇街服务电话";
    UNAVAILABLE 503 "unavailable" "系统繁忙，请稍后再试";
}
