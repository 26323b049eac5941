//! How a refusal leaves: `application/problem+json` for programs, a page for people.

use actix_web::{
    HttpResponse, ResponseError,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
};
use serde::Serialize;

use crate::{
    db,
    kernel::{Code, FieldError, error},
};

crate::codes! {
    NOT_JSON 400 "not_json" "请求内容不是可读的 JSON";
    WRONG_MEDIA_TYPE 415 "wrong_media_type" "请求内容的类型不对，请按接口说明发送";
    BODY_TOO_LARGE 413 "body_too_large" "内容太大，超出允许的大小";
    NO_SUCH_PAGE 404 "no_such_page" "没有这个页面，请检查地址";
    METHOD_NOT_ALLOWED 405 "method_not_allowed" "这个地址不支持这种请求方法";
    BAD_REQUEST 400 "bad_request" "请求不完整或格式不对，请检查后重试";
}

/// A handler's error: anything a use case can end with.
#[derive(Debug)]
pub struct Error(pub db::Error);

impl From<db::Error> for Error {
    fn from(e: db::Error) -> Self {
        Error(e)
    }
}
impl From<crate::kernel::Problem> for Error {
    fn from(p: crate::kernel::Problem) -> Self {
        Error(p.into())
    }
}
impl From<&'static Code> for Error {
    fn from(code: &'static Code) -> Self {
        Error(code.into())
    }
}
impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Error {
    /// What the client may know. Faults of the machine are logged here, once, and shown without their inside.
    pub fn to_problem(&self) -> crate::kernel::Problem {
        match &self.0 {
            db::Error::Problem(p) => (**p).clone(),
            db::Error::Unavailable(text) => {
                tracing::error!(error = %text, "database unavailable");
                (&db::DB_UNAVAILABLE).into()
            }
            db::Error::Full(text) => {
                tracing::error!(error = %text, "the disk is full: nothing is taken until there is room");
                (&db::STORAGE_FULL).into()
            }
            db::Error::Stopped => (&error::UNAVAILABLE).into(),
            other => {
                tracing::error!(error = %other, "request failed");
                (&error::INTERNAL).into()
            }
        }
    }
}

/// RFC 9457 problem document.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct Problem {
    /// `urn:xiangji:problem:` and the code.
    pub r#type: String,
    pub title: String,
    pub status: u16,
    /// One sentence for a person: what is wrong and what to do.
    pub detail: String,
    /// Stable reason for programs; `openapi/error-codes.md` lists all.
    pub code: String,
    /// What is wrong field by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    pub fields: Vec<FieldError>,
    /// Further members such as `minimum`: the value that would have been accepted.
    #[serde(flatten)]
    #[schema(ignore)]
    pub extra: serde_json::Map<String, serde_json::Value>,
}

impl From<&crate::kernel::Problem> for Problem {
    fn from(p: &crate::kernel::Problem) -> Self {
        Problem {
            r#type: format!("urn:xiangji:problem:{}", p.code.code),
            title: p.code.title.to_owned(),
            status: p.code.status,
            detail: p.detail.clone(),
            code: p.code.code.to_owned(),
            fields: p.fields.clone(),
            extra: p.extra.clone(),
        }
    }
}

/// The document as a response.
pub fn respond(problem: &crate::kernel::Problem) -> HttpResponse {
    let status = StatusCode::from_u16(problem.code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut builder = HttpResponse::build(status);
    builder.content_type("application/problem+json");
    if let Some(seconds) = problem.extra.get("retry_after_s").and_then(serde_json::Value::as_u64) {
        builder.insert_header((header::RETRY_AFTER, seconds));
    }
    if status == StatusCode::UNAUTHORIZED {
        builder.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
    }
    let body = serde_json::to_string(&Problem::from(problem)).unwrap_or_else(|_| "{}".into());
    let mut response = builder.body(body);
    response.extensions_mut().insert(problem.clone());
    response
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.to_problem().code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
    fn error_response(&self) -> HttpResponse {
        respond(&self.to_problem())
    }
}

/// Whether a path speaks to programs.
pub fn is_for_programs(path: &str) -> bool {
    path.starts_with("/api/") || path.starts_with("/log/") || matches!(path, "/healthz" | "/readyz" | "/metrics")
}

/// A middleware's refusal as an answer. An `Err` would lose the request, which the next middleware out needs.
pub fn refuse<B>(request: ServiceRequest, error: impl Into<Error>) -> ServiceResponse<EitherBody<B, BoxBody>> {
    let response = error.into().error_response();
    request.into_response(response).map_into_right_body()
}

/// Turns a refusal on a page's address into a page, a 401 into the way to the sign-in page, and gives errors of the
/// framework (a broken header, a path that cannot be read) our shape.
pub async fn render_errors<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, actix_web::Error> {
    let (path, for_programs) = (request.uri().to_string(), is_for_programs(request.path()));
    let is_get = request.method() == actix_web::http::Method::GET;
    let response = next.call(request).await?;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return Ok(response.map_into_left_body());
    }
    let known = response.response().extensions().get::<crate::kernel::Problem>().cloned();
    let is = |kind: &[u8]| response.headers().get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(kind));
    // A repeated answer (idempotency) is a finished problem document without the problem it was made from.
    if is(b"text/html") || (for_programs && (known.is_some() || is(b"application/problem+json"))) {
        return Ok(response.map_into_left_body());
    }
    let problem = known.unwrap_or_else(|| match status.as_u16() {
        404 => (&NO_SUCH_PAGE).into(),
        405 => (&METHOD_NOT_ALLOWED).into(),
        413 => (&BODY_TOO_LARGE).into(),
        415 => (&WRONG_MEDIA_TYPE).into(),
        500.. => (&error::INTERNAL).into(),
        _ => (&BAD_REQUEST).into(),
    });
    let mut replacement = if for_programs {
        respond(&problem)
    } else if problem.code.status == 401 && is_get {
        super::see_other(&format!("/sign-in?next={}", urlencode(&path)))
    } else {
        super::html::problem_page(super::html::Layout::of(response.request()), &problem, "/")
    };
    for name in [header::ALLOW, header::RETRY_AFTER] {
        if let Some(value) = response.headers().get(&name) {
            replacement.headers_mut().insert(name, value.clone());
        }
    }
    Ok(response.into_response(replacement).map_into_right_body())
}

fn urlencode(text: &str) -> String {
    serde_urlencoded::to_string([("", text)]).map(|s| s.trim_start_matches('=').to_owned()).unwrap_or_default()
}
