//! What people write is text that can be seen: no control characters but line ends and tabs. PostgreSQL cannot store U+0000,
//! and the others change what a terminal or a log line shows.

use actix_web::{
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};
use serde_json::Value;

use super::errors::BAD_REQUEST;
use crate::kernel::Problem;

const SENTENCE: &str = "内容里有看不见的控制字符，请删去后重新输入";

/// Whether the text holds nothing that cannot be seen.
pub fn is_plain(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// Errors: the field's name and what to do.
pub fn check(field: &str, text: &str) -> Result<(), Problem> {
    if is_plain(text) { Ok(()) } else { Err(Problem::field(field, None, SENTENCE)) }
}

/// The same for every text in a JSON document; what is no JSON passes, the parser says it better.
pub(super) fn check_json(bytes: &[u8]) -> Result<(), Problem> {
    // In JSON a control character stands as an escape, or as DEL or a C1 character in clear.
    let suspect =
        bytes.windows(2).any(|w| matches!(w, br"\u" | br"\b" | br"\f" | [0xc2, 0x80..=0x9f])) || bytes.contains(&0x7f);
    match serde_json::from_slice::<Value>(if suspect { bytes } else { b"null" }) {
        Ok(value) => check_value("", &value),
        Err(_) => Ok(()),
    }
}

fn check_value(at: &str, value: &Value) -> Result<(), Problem> {
    match value {
        Value::String(text) => check(at, text),
        Value::Array(items) => items.iter().enumerate().try_for_each(|(n, v)| check_value(&format!("{at}/{n}"), v)),
        Value::Object(members) => members.iter().try_for_each(|(name, v)| {
            check(at, name)?;
            check_value(format!("{at}/{name}").trim_start_matches('/'), v)
        }),
        _ => Ok(()),
    }
}

/// Middleware: an address without control characters, also where they are written as `%00`.
pub async fn plain_address<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let escaped =
        |w: &[u8]| matches!(w, [b'%', b'0' | b'1', d] if d.is_ascii_hexdigit()) || w.eq_ignore_ascii_case(b"%7f");
    let harmless = |w: &[u8]| matches!(w, b"%09") || w.eq_ignore_ascii_case(b"%0a") || w.eq_ignore_ascii_case(b"%0d");
    if request.uri().to_string().as_bytes().windows(3).any(|w| escaped(w) && !harmless(w)) {
        return Ok(super::errors::refuse(
            request,
            Problem::new(&BAD_REQUEST, "地址里有看不见的控制字符，请检查后重新输入"),
        ));
    }
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_found_wherever_they_stand_and_line_ends_pass() {
        assert!(is_plain("上巷村\r\n\t😀𠅤") && !is_plain("a\u{0}") && !is_plain("\u{1b}[2J") && !is_plain("\u{85}"));
        let pointer = |text: &str| check_json(text.as_bytes()).err().map(|p| p.fields[0].pointer.clone());
        assert_eq!(pointer(r#"{"a":"x\ny","b":{"c":["好\\u0000"]}}"#), None);
        assert_eq!(pointer(r#"{"a":"x","b":{"c":["\u0000"]}}"#).as_deref(), Some("/b/c/0"));
        assert_eq!(pointer(r#"{"name":"\u0007"}"#).as_deref(), Some("/name"));
        assert_eq!(pointer("{\"name\":\"\u{7f}\"}").as_deref(), Some("/name"));
        assert_eq!(pointer(r#"{"a\b":1}"#).as_deref(), Some("/"));
    }
}
