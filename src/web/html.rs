//! What every page has in common: the frame around it, the state of a form, and the few pages that are no domain's own.
//!
//! A page is an askama template that extends `web/html/base.html`, has a field `layout: Layout`, imports
//! `web/html/parts.html` and, if it writes `{{ x|yuan }}`, has `use crate::web::html::filters;` beside its struct. Promise: no page needs a script, none
//! carries inline script or style, and whatever a person typed comes back beside what must be changed.

pub mod filters;
mod form;
mod slip;
#[cfg(any(test, debug_assertions))]
pub mod style_guide;

pub use form::FormState;
pub use slip::Slip;

use std::future::Ready;

use actix_web::{
    FromRequest, HttpMessage, HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    dev::Payload,
    http::{StatusCode, header},
    web::Data,
};
use askama::Template;

use super::{Error, FormToken};
use crate::kernel::Problem;

/// What the operator of this installation fills in (configuration); shown on every page.
#[derive(Debug, Clone)]
pub struct Site {
    /// Beside the name in the header, for example `杜阮镇农村集体资产`.
    pub tagline: String,
    /// Whom the phone reaches: `杜阮镇农村集体资产管理办公室`.
    pub help_office: String,
    /// A number, or a sentence that says whom to ask.
    pub help_phone: String,
    pub help_hours: String,
    /// Last line of the footer: who runs this.
    pub operator: String,
    /// Where the installation is reached from outside, `https://…` without a last slash; `None`: the address that a request names.
    pub public_url: Option<String>,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            tagline: "村集体资产台账与公开竞价".to_owned(),
            help_office: "镇（街道）农业农村办公室".to_owned(),
            help_phone: "请咨询所在镇（街道）农业农村办公室".to_owned(),
            help_hours: String::new(),
            operator: "乡集：村集体资产台账与公开竞价，每一步都可核对".to_owned(),
            public_url: None,
        }
    }
}

impl Site {
    /// With the operator's phone and address and otherwise general words.
    pub fn new(help_phone: &str, public_url: Option<&str>) -> Self {
        Self { help_phone: help_phone.to_owned(), public_url: public_url.map(str::to_owned), ..Self::default() }
    }

    /// The phone for a `tel:` link; `None` where it is a sentence.
    pub fn help_phone_digits(&self) -> Option<String> {
        let digits: String = self.help_phone.chars().filter(char::is_ascii_digit).collect();
        (digits.len() >= 3).then_some(digits)
    }
}

/// How large the page is set; remembered in the cookie [`Reading::COOKIE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reading {
    #[default]
    Standard,
    /// 适老版: 22 px text, 60 px targets, one column.
    Elder,
}

impl Reading {
    pub const COOKIE: &'static str = "reading";

    /// From the cookie or the form; everything unknown is the standard.
    pub fn from_word(word: Option<&str>) -> Self {
        if word == Some("elder") { Self::Elder } else { Self::Standard }
    }
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Elder => "elder",
        }
    }
    pub const fn class(self) -> &'static str {
        self.as_str()
    }
    pub const fn label(self) -> &'static str {
        match self {
            Self::Standard => "标准版",
            Self::Elder => "长辈版",
        }
    }
    pub const fn other(self) -> Self {
        match self {
            Self::Standard => Self::Elder,
            Self::Elder => Self::Standard,
        }
    }
}

/// The colour family of a status; never shown without its icon and a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Finished as hoped.
    Good,
    /// Under way, nothing to do.
    Info,
    /// Somebody must act, or look out.
    Warn,
    /// Refused, failed, overtaken.
    Bad,
    /// Not begun, or over.
    Quiet,
    /// Bidding is open now.
    Live,
}

impl Tone {
    pub const ALL: &'static [Tone] = &[Tone::Good, Tone::Info, Tone::Warn, Tone::Bad, Tone::Quiet, Tone::Live];

    pub const fn class(&self) -> &'static str {
        match self {
            Tone::Good => "good",
            Tone::Info => "info",
            Tone::Warn => "warn",
            Tone::Bad => "bad",
            Tone::Quiet => "quiet",
            Tone::Live => "live",
        }
    }
    pub const fn icon(&self) -> &'static str {
        match self {
            Tone::Good => "check",
            Tone::Info => "clock",
            Tone::Warn => "look",
            Tone::Bad => "stop",
            Tone::Quiet => "dash",
            Tone::Live => "paddle",
        }
    }
    /// A refusal interrupts a screen reader, everything else waits its turn.
    pub const fn role(&self) -> &'static str {
        match self {
            Tone::Bad => "alert",
            _ => "status",
        }
    }
}

/// Who is signed in, as the header shows it.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub name: String,
    /// The role and its place: `上巷村 会计`.
    pub role_label: String,
}

/// One entry of the main navigation.
#[derive(Debug, Clone)]
pub struct NavItem {
    pub href: String,
    pub label: String,
    /// What is done there, for the home page; may be empty.
    pub note: String,
    pub current: bool,
}

impl NavItem {
    /// An entry that is not the current one.
    pub fn new(href: &str, label: &str, note: &str) -> Self {
        Self { href: href.to_owned(), label: label.to_owned(), note: note.to_owned(), current: false }
    }
}

/// What everybody may look at.
const PUBLIC_NAV: &[(&str, &str)] = &[("/", "首页"), ("/lots", "交易公告")];

/// One sentence carried over a redirect: what has just been done.
#[derive(Debug, Clone)]
pub struct Flash {
    pub tone: Tone,
    pub text: String,
}

impl Flash {
    const COOKIE: &'static str = "flash";
    /// Long enough for a redirect on a slow line, too short to greet the person on the page after.
    const SECONDS: i64 = 6;

    fn from_cookie(value: &str) -> Option<Flash> {
        let (class, text) = value.split_once(':')?;
        let tone = Tone::ALL.iter().find(|tone| tone.class() == class)?;
        let query = format!("t={text}");
        let mut pairs: Vec<(String, String)> = serde_urlencoded::from_str(&query).ok()?;
        pairs.pop().map(|(_, text)| Flash { tone: *tone, text })
    }
}

/// What the shell of rights puts beside a page's request once it knows who is there: the header and the navigation.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub visitor: Visitor,
    pub nav: Vec<NavItem>,
    /// Messages that were not read; `None` where nobody counted.
    pub unread: Option<i64>,
}

/// The frame of a page. A handler takes one as an argument and adds the title: `layout.titled("成员名册").under("/members")`.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The page's own title, the same as its `h1`.
    pub title: String,
    pub site: Site,
    pub visitor: Option<Visitor>,
    /// How many messages the visitor has not read.
    pub unread: i64,
    pub nav: Vec<NavItem>,
    pub reading: Reading,
    /// The token that every form of this page carries.
    pub csrf: String,
    /// Path and query of this page: where switching the reading mode and signing in return to.
    pub path: String,
    /// What stands before `path` on paper: `https://xiangji.example`.
    pub origin: String,
    pub flash: Option<Flash>,
    /// Puts 错误: before the document's title; set by [`Layout::with_form`].
    pub has_errors: bool,
    /// The sign-in page itself offers no link to sign in.
    pub signing_in: bool,
}

impl Layout {
    /// The frame for a request: who is signed in, the reading mode, what was just done.
    pub fn of(request: &HttpRequest) -> Self {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let cookie = |name: &str| request.cookie(name).map(|c| c.value().to_owned());
        let site = request.app_data::<Data<Site>>().map(|site| site.as_ref().clone()).unwrap_or_default();
        let origin = match &site.public_url {
            Some(url) => url.clone(),
            None => format!("http://{}", request.connection_info().host()),
        };
        // Cookies and the host are read before the extensions are borrowed: reading them writes there.
        let (reading, flash) = (cookie(Reading::COOKIE), cookie(Flash::COOKIE));
        let extensions = request.extensions();
        let signed_in = extensions.get::<SignedIn>().cloned();
        let mut layout = Self {
            site,
            origin,
            reading: Reading::from_word(reading.as_deref()),
            csrf: extensions.get::<FormToken>().map(|token| token.0.clone()).unwrap_or_default(),
            flash: flash.as_deref().and_then(Flash::from_cookie),
            ..Self::new(path)
        };
        match signed_in {
            Some(SignedIn { visitor, nav, unread }) => {
                (layout.visitor, layout.nav, layout.unread) = (Some(visitor), nav, unread.unwrap_or(0));
            }
            None => layout.nav = PUBLIC_NAV.iter().map(|(href, label)| NavItem::new(href, label, "")).collect(),
        }
        layout
    }

    pub fn new(path: impl Into<String>) -> Self {
        Self {
            title: String::new(),
            site: Site::default(),
            visitor: None,
            unread: 0,
            nav: Vec::new(),
            reading: Reading::Standard,
            csrf: String::new(),
            path: path.into(),
            origin: String::new(),
            flash: None,
            has_errors: false,
            signing_in: false,
        }
    }

    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// A page that shows `form` again says in its title that something is wrong, and no longer what went well before.
    #[must_use]
    pub fn with_form(mut self, form: &FormState) -> Self {
        self.has_errors = form.has_errors();
        self.flash = self.flash.filter(|_| !form.has_errors());
        self
    }

    /// Marks the navigation entry that this page belongs under.
    #[must_use]
    pub fn under(mut self, href: &str) -> Self {
        for item in &mut self.nav {
            item.current = item.href == href;
        }
        self
    }

    /// Whether whoever is here has this entry in the navigation.
    pub fn offers(&self, href: &str) -> bool {
        self.nav.iter().any(|item| item.href == href)
    }

    pub fn document_title(&self) -> String {
        let prefix = if self.has_errors { "错误：" } else { "" };
        if self.title.is_empty() { format!("{prefix}乡集") } else { format!("{prefix}{} - 乡集", self.title) }
    }

    /// Signing in leads back to this page.
    pub fn sign_in_href(&self) -> String {
        format!("/sign-in?next={}", query_escape(&self.path))
    }
}

impl FromRequest for Layout {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Layout::of(request)))
    }
}

/// A key and its value in a summary list.
#[derive(Debug, Clone)]
pub struct Fact {
    pub key: String,
    pub value: String,
}

impl Fact {
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: key.into(), value: value.into() }
    }
}

/// How far one part of a long process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskState {
    Done,
    Todo,
    /// Sent back: somebody asked for a change.
    Returned,
    /// Another person acts next.
    Waiting,
    /// Something else has to be finished first.
    Later,
    /// The one who looks acts next.
    Yours,
    /// The process ended before it.
    Stopped,
}

impl TaskState {
    pub const fn tone(&self) -> Tone {
        match self {
            TaskState::Done => Tone::Good,
            TaskState::Todo | TaskState::Yours => Tone::Warn,
            TaskState::Returned => Tone::Bad,
            TaskState::Waiting => Tone::Info,
            TaskState::Later | TaskState::Stopped => Tone::Quiet,
        }
    }
    pub const fn label(&self) -> &'static str {
        match self {
            TaskState::Done => "已完成",
            TaskState::Todo => "待填写",
            TaskState::Returned => "退回修改",
            TaskState::Waiting => "等待他人",
            TaskState::Later => "还不能开始",
            TaskState::Yours => "等您办理",
            TaskState::Stopped => "没有进行",
        }
    }
}

/// One line of a task list.
#[derive(Debug, Clone)]
pub struct Task {
    pub label: String,
    /// Absent while the task cannot be begun.
    pub href: Option<String>,
    /// What was entered, or who acts next; may be empty.
    pub note: String,
    pub state: TaskState,
}

/// Asks once more before something that cannot be taken back; its button posts the same values again.
#[derive(Template)]
#[template(path = "web/html/confirm.html")]
pub struct Confirm {
    pub layout: Layout,
    pub form: FormState,
    pub lead: String,
    pub facts: Vec<Fact>,
    /// One sentence about what cannot be undone; may be empty.
    pub warning: String,
    pub action: String,
    pub idempotency_key: String,
    pub hidden: Vec<(String, String)>,
    pub button: String,
    /// `primary`, or `danger` where money or rights are given up.
    pub button_tone: String,
    pub back: String,
}

/// Says what has been done, under which number, and what comes next.
#[derive(Template)]
#[template(path = "web/html/receipt.html")]
pub struct Receipt {
    pub layout: Layout,
    pub number: String,
    pub facts: Vec<Fact>,
    pub slip: Option<Slip>,
    pub next_steps: Vec<String>,
    pub onward: String,
    pub onward_label: String,
}

/// A refusal that belongs to no form.
#[derive(Template)]
#[template(path = "web/html/problem.html")]
struct ProblemPage {
    layout: Layout,
    heading: String,
    detail: String,
    facts: Vec<Fact>,
    back: String,
}

/// The page for a refusal: its title, its sentence, its fields; the status of its code.
pub fn problem_page(layout: Layout, problem: &Problem, back: &str) -> HttpResponse {
    let heading = match problem.code.status {
        404 => "没有找到这一页",
        403 => "您的账号不能做这件事",
        500..=599 => "系统暂时不能处理",
        _ => problem.code.title,
    };
    let status = StatusCode::from_u16(problem.code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let page = ProblemPage {
        layout: layout.titled(heading),
        heading: heading.to_owned(),
        detail: problem.detail.clone(),
        facts: problem.fields.iter().map(|f| Fact::new(f.field(), f.detail.clone())).collect(),
        back: back.to_owned(),
    };
    render(status, &page)
}

/// An HTML answer. A template that cannot be written is a bug: it is reported and answered by a plain 500.
pub fn render(status: StatusCode, page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(body) => {
            HttpResponse::build(status).insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8")).body(body)
        }
        Err(error) => {
            tracing::error!(%error, "page could not be written");
            HttpResponse::InternalServerError()
                .content_type("text/plain; charset=utf-8")
                .body("系统出错，已记录；请稍后再试")
        }
    }
}

/// 200 with the page.
pub fn ok(page: &impl Template) -> HttpResponse {
    render(StatusCode::OK, page)
}

/// For a form that was refused: the refusal to show beside it. Faults of the machine go on as errors.
pub fn refusal(error: impl Into<Error>) -> Result<Problem, Error> {
    let error = error.into();
    let problem = error.to_problem();
    if problem.code.status < 500 { Ok(problem) } else { Err(error) }
}

/// A refusal that names no field stands beside this one.
pub fn beside(field: &str, mut problem: Problem) -> Problem {
    if problem.fields.is_empty() {
        problem.fields = Problem::field(field, None, problem.detail.clone()).fields;
    }
    problem
}

/// The form again, with the status of its refusal.
pub fn refused(problem: &Problem, page: &impl Template) -> HttpResponse {
    render(StatusCode::from_u16(problem.code.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY), page)
}

/// The form again as it was filled in, with what was wrong: `page` makes it. Faults of the machine go on as errors.
pub async fn again<P: Template>(
    error: impl Into<Error>,
    form: impl Into<FormState>,
    page: impl AsyncFnOnce(FormState) -> Result<P, Error>,
) -> Result<HttpResponse, Error> {
    let problem = refusal(error)?;
    let form = form.into().with_problem(&problem);
    Ok(refused(&problem, &page(form).await?))
}

/// The answer to a form that was accepted: 303 to a page that may be reloaded, which says once what has been done. Only
/// paths of this site are followed.
pub fn done(path: &str, tone: Tone, text: &str) -> HttpResponse {
    let flash = Cookie::build(Flash::COOKIE, format!("{}:{}", tone.class(), query_escape(text)))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(Flash::SECONDS))
        .finish();
    let mut response = see_other(path);
    if let Err(error) = response.add_cookie(&flash) {
        tracing::warn!(%error, "a message could not be carried over");
    }
    response
}

/// 303 without a message.
pub fn see_other(path: &str) -> HttpResponse {
    super::see_other(local_path(path))
}

/// A path of this site as it is; anything that would lead elsewhere becomes the front page.
pub fn local_path(path: &str) -> &str {
    let safe = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.bytes().all(|b| b.is_ascii_graphic());
    if safe { path } else { "/" }
}

/// A path with a query of those pairs whose value is not empty: the address of a filtered list.
pub fn address<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<String> = pairs
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", query_escape(value)))
        .collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

/// Percent-encodes a value for a query string.
pub fn query_escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_paths_are_followed() {
        assert_eq!(local_path("/lots/1?a=b"), "/lots/1?a=b");
        for elsewhere in ["//evil.example", "https://evil.example", "/\\evil", "", "/a\r\nSet-Cookie: x"] {
            assert_eq!(local_path(elsewhere), "/", "{elsewhere:?}");
        }
    }

    #[test]
    fn what_was_done_is_carried_over_once() {
        let answer = done("/home", Tone::Good, "已保存；共 3 户, 100%");
        let cookie = answer.cookies().find(|c| c.name() == Flash::COOKIE).expect("a cookie");
        let flash = Flash::from_cookie(cookie.value()).expect("a message");
        assert_eq!((flash.tone, flash.text.as_str()), (Tone::Good, "已保存；共 3 户, 100%"));
        assert!(Flash::from_cookie("loud:x").is_none());
    }

    #[test]
    fn a_query_value_survives() {
        assert_eq!(query_escape("/lots?q=鱼塘&a"), "/lots%3Fq%3D%E9%B1%BC%E5%A1%98%26a");
    }

    #[test]
    fn errors_show_in_the_document_title() {
        let form = FormState::new([("name", "")]).with_problem(&Problem::field("name", None, "请填写姓名"));
        assert_eq!(Layout::new("/").titled("登录").with_form(&form).document_title(), "错误：登录 - 乡集");
        assert_eq!(Layout::new("/").titled("登录").with_form(&FormState::default()).document_title(), "登录 - 乡集");
    }

    #[test]
    fn a_refusal_without_fields_has_its_own_page() {
        let answer = problem_page(Layout::new("/x"), &Problem::from(&crate::kernel::error::NOT_FOUND), "/assets");
        assert_eq!(answer.status(), 404);
    }
}
