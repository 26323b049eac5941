//! A real browser for a test: chromedriver as a child on a port of its own choosing, a fresh profile, both gone at the end.
//!
//! Without Chromium and chromedriver on PATH a test says in one line that it was skipped; `XIANGJI_TEST_ALL=1` makes that a
//! failure. The rules of axe-core are read from `XIANGJI_TEST_AXE` or `node_modules/axe-core/axe.min.js` and never shipped.

use std::{
    io::{BufRead, BufReader, Read},
    mem::ManuallyDrop,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use super::{PATIENCE, skip};
use base64::Engine as _;
use serde_json::{Value, json};
use thirtyfour::{
    By, ChromiumLikeCapabilities, DesiredCapabilities, WebDriver, WebElement,
    error::{WebDriverError, WebDriverErrorInner, WebDriverResult},
};

/// Whether pages may run scripts: every story must also end well without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    On,
    Off,
}

/// A phone as narrow as they are sold, and an office screen.
pub const PHONE: (u32, u32) = (360, 800);
pub const DESK: (u32, u32) = (1280, 900);

/// How often a page is asked for what it may show at any moment.
const STEP: std::time::Duration = std::time::Duration::from_millis(30);

/// One browser with one profile: one person at one machine.
pub struct Browser {
    process: Driver,
    /// Never told to quit: ending chromedriver ends the session, while the crate would wait for it for minutes.
    pub driver: ManuallyDrop<WebDriver>,
    origin: String,
    scripts: Scripts,
    _profile: tempfile::TempDir,
}

/// The chromedriver child. It is asked to stop, which ends the browser it started; if it does not it is ended by its id.
struct Driver {
    child: Child,
    /// Where it listens; empty until it has said so.
    server: String,
}
impl Drop for Driver {
    fn drop(&mut self) {
        if !self.server.is_empty() {
            let _ = ureq::get(format!("{}/shutdown", self.server)).call();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Browsers are started one after the other: sixteen at once would each take longer than chromedriver waits.
static ONE_STARTS: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Whether the page was written anew, by a script or by itself, between finding something on it and using it.
fn is_gone(error: &WebDriverError) -> bool {
    matches!(error.as_inner(), WebDriverErrorInner::StaleElementReference(_) | WebDriverErrorInner::NoSuchElement(_))
}

/// The same, or in the middle of an answer.
fn is_torn(error: &WebDriverError) -> bool {
    match error.as_inner() {
        WebDriverErrorInner::UnknownError(e) | WebDriverErrorInner::JavascriptError(e) => {
            let said = e.to_string();
            said.contains("navigation") || said.contains("context")
        }
        _ => is_gone(error),
    }
}

/// Looks a program up on PATH.
fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    names.iter().find_map(|name| std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file()))
}

/// Runs a story that waits for a browser. The world is made before, on a plain thread.
pub fn in_async<T>(story: impl Future<Output = T>) -> T {
    actix_web::rt::System::new().block_on(story)
}

impl Browser {
    /// Opens a browser that will visit `origin` (`http://127.0.0.1:PORT`); `None`, with the reason said, where there is none.
    pub async fn open(origin: &str, scripts: Scripts, size: (u32, u32)) -> Option<Browser> {
        let Some(chromium) = on_path(&["chromium", "chromium-browser", "google-chrome"]) else {
            skip("a look at pages in a browser", "chromium is not on PATH");
            return None;
        };
        let Some(chromedriver) = on_path(&["chromedriver"]) else {
            skip("a look at pages in a browser", "chromedriver is not on PATH");
            return None;
        };
        let _starting = ONE_STARTS.lock().await;
        let mut child = Command::new(chromedriver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let output = child.stdout.take().expect("its output");
        let mut process = Driver { child, server: String::new() };
        let mut lines = BufReader::new(output);
        let port = loop {
            let mut line = String::new();
            assert!(
                lines.read_line(&mut line).expect("chromedriver speaks") > 0,
                "chromedriver ended without naming its port"
            );
            if let Some(port) = line.trim().strip_suffix('.').and_then(|l| l.rsplit_once("on port ")) {
                break port.1.to_owned();
            }
        };
        // Its output is read to the end, so that it never waits for a full pipe.
        std::thread::spawn(move || lines.read_to_end(&mut Vec::new()));

        let profile = tempfile::tempdir().expect("a profile");
        let mut caps = DesiredCapabilities::chrome();
        caps.set_binary(chromium.to_str().expect("a path")).expect("binary");
        for arg in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--lang=zh-CN",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        ] {
            caps.add_arg(arg).expect("argument");
        }
        caps.add_arg(&format!("--user-data-dir={}", profile.path().display())).expect("argument");
        process.server = format!("http://127.0.0.1:{port}");
        let session = WebDriver::builder(&process.server, caps).request_timeout(3 * PATIENCE);
        let driver = session.await.expect("a browser session");
        driver.set_script_timeout(2 * PATIENCE).await.expect("time for scripts");
        driver.set_page_load_timeout(2 * PATIENCE).await.expect("time for pages");
        let browser = Browser {
            process,
            driver: ManuallyDrop::new(driver),
            origin: origin.to_owned(),
            scripts,
            _profile: profile,
        };
        browser.resize(size).await;
        browser.let_scripts_run(scripts == Scripts::On);
        Some(browser)
    }

    /// One command of the browser's own protocol, by way of chromedriver.
    fn cdp(&self, command: &str, params: Value) -> Value {
        let address = format!("{}/session/{}/goog/cdp/execute", self.process.server, self.driver.session_id());
        let mut answer = ureq::post(&address)
            .send_json(json!({"cmd": command, "params": params}))
            .unwrap_or_else(|e| panic!("{command}: {e}"));
        let mut body: Value = answer.body_mut().with_config().limit(100 << 20).read_json().expect("an answer");
        body["value"].take()
    }

    /// From the next page on; a page that was loaded without scripts stays one.
    fn let_scripts_run(&self, run: bool) {
        self.cdp("Emulation.setScriptExecutionDisabled", json!({ "value": !run }));
    }

    /// Sets the width that the page sees; a narrow one is a phone's.
    pub async fn resize(&self, (width, height): (u32, u32)) {
        self.cdp(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}),
        );
    }

    pub async fn visit(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.origin)).await.unwrap_or_else(|e| panic!("{path}: {e}"));
    }

    /// Path and query of where the browser is now.
    pub async fn path(&self) -> String {
        let url = self.driver.current_url().await.expect("an address");
        url.as_str().trim_start_matches(&self.origin).to_owned()
    }

    pub async fn title(&self) -> String {
        self.driver.title().await.expect("a title")
    }

    pub async fn find(&self, css: &str) -> WebElement {
        match self.driver.find(By::Css(css)).await {
            Ok(found) => found,
            Err(_) => panic!("no {css} on {}:\n{}", self.path().await, self.text().await),
        }
    }

    pub async fn has(&self, css: &str) -> bool {
        self.driver.find(By::Css(css)).await.is_ok()
    }

    /// What a person reads on the page.
    pub async fn text(&self) -> String {
        let read = async || self.driver.find(By::Tag("body")).await?.text().await;
        self.as_it_stands(read).await.expect("text")
    }

    /// Asks again where the page was written anew meanwhile, as one that follows an auction is at any moment.
    async fn as_it_stands<T>(&self, ask: impl AsyncFn() -> WebDriverResult<T>) -> WebDriverResult<T> {
        let until = std::time::Instant::now() + PATIENCE;
        loop {
            let asked = ask().await;
            match asked {
                Err(e) if is_torn(&e) && std::time::Instant::now() < until => {}
                asked => return asked,
            }
            tokio::time::sleep(STEP).await;
        }
    }

    /// Fills a field by its form name.
    pub async fn fill(&self, name: &str, value: &str) {
        let field = self.find(&format!("[name=\"{name}\"]:not([type=hidden])")).await;
        field.clear().await.expect("cleared");
        field.send_keys(value).await.expect("typed");
    }

    /// For what stays on its page. What leads to another is [`Browser::press`]ed, which waits for it: without scripts that is
    /// every link and button, so that a story which forgets to wait fails always and not on a fast machine only.
    pub async fn click(&self, css: &str) {
        let element = self.find(css).await;
        let tag = element.tag_name().await.expect("a tag");
        assert!(self.scripts == Scripts::On || !["a", "button"].contains(&tag.as_str()), "{css} leads to another page");
        element.scroll_into_view().await.ok();
        element.click().await.unwrap_or_else(|e| panic!("{css}: {e}"));
    }

    /// Follows the link, or presses the button, with exactly this text, and waits for the page that it leads to.
    pub async fn press(&self, text: &str) {
        let wanted = format!("//*[self::a or self::button][normalize-space(.)='{text}']");
        self.follow(By::XPath(&wanted), text).await;
    }

    /// [`Browser::press`] for what is told by its place.
    pub async fn press_at(&self, css: &str) {
        self.follow(By::Css(css), css).await;
    }

    /// As by the browser's own button.
    pub async fn back(&self) {
        let before = self.document().await;
        self.driver.back().await.expect("back");
        self.arrive(before, "back").await;
    }

    /// Types into a field and sends its form with the Enter key, as who works by keyboard does.
    pub async fn enter(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        let before = self.document().await;
        field.send_keys(format!("{text}\u{e007}")).await.unwrap_or_else(|e| panic!("{css}: {e}"));
        self.arrive(before, css).await;
    }

    async fn follow(&self, wanted: By, told: &str) {
        if self.driver.find(wanted.clone()).await.is_err() {
            panic!("nothing named {told} on {}:\n{}", self.path().await, self.text().await);
        }
        // A page that follows an auction may be another one by now; then what stands in the same place is pressed.
        let before = self.as_it_stands(async || {
            let before = self.document().await;
            let found = self.driver.find(wanted.clone()).await?;
            found.scroll_into_view().await.ok();
            match found.click().await {
                Err(e) if is_gone(&e) => Err(e),
                // Whatever else went wrong, it may have been pressed: never twice.
                pressed => Ok(pressed.map(|()| before)),
            }
        });
        let before = before.await.flatten().unwrap_or_else(|e| panic!("{told}: {e}"));
        self.arrive(before, told).await;
    }

    /// Waits until another document than `before` is there to its end, with everything that it loads.
    async fn arrive(&self, before: Option<String>, told: &str) {
        let until = std::time::Instant::now() + PATIENCE;
        while !self.is_loaded().await || self.document().await == before {
            assert!(std::time::Instant::now() < until, "{told} leads nowhere");
            tokio::time::sleep(STEP).await;
        }
    }

    /// Tells one page from the next.
    async fn document(&self) -> Option<String> {
        self.driver.find(By::Css("html body footer")).await.ok().map(|found| found.element_id().to_string())
    }

    async fn is_loaded(&self) -> bool {
        let state = self.driver.execute("return document.readyState", Vec::new()).await;
        state.is_ok_and(|state| state.json() == "complete") && self.document().await.is_some()
    }

    /// Signs in by the page.
    pub async fn sign_in(&self, name: &str, password: &str) {
        self.visit("/sign-in").await;
        self.fill("name", name).await;
        self.fill("password", password).await;
        self.press("登录").await;
        assert!(!self.path().await.starts_with("/sign-in"), "{name} was not let in:\n{}", self.text().await);
    }

    /// The addresses of the main navigation.
    pub async fn navigation(&self) -> Vec<String> {
        let mut addresses = Vec::new();
        for link in self.driver.find_all(By::Css(".main-nav a")).await.expect("a navigation") {
            addresses.push(link.attr("href").await.expect("an address").expect("an address"));
        }
        addresses
    }

    /// Waits, by asking the page and not the clock, until the text of `css` holds `wanted` and the page is there to its end.
    pub async fn wait_for_text(&self, css: &str, wanted: &str) {
        let until = std::time::Instant::now() + PATIENCE;
        loop {
            let seen = match self.driver.find(By::Css(css)).await {
                Ok(found) => found.text().await.unwrap_or_default(),
                Err(_) => String::new(),
            };
            if seen.contains(wanted) && self.is_loaded().await {
                return;
            }
            assert!(std::time::Instant::now() < until, "{css} never held {wanted:?}, last {seen:?}");
            tokio::time::sleep(STEP).await;
        }
    }

    /// Waits until the keyboard would type into the element of this identifier: the browser gives the focus with the first
    /// picture of a page, which may come after everything of it is there.
    pub async fn wait_for_focus(&self, id: &str) {
        let until = std::time::Instant::now() + PATIENCE;
        loop {
            let focused = self.driver.execute("return document.activeElement.id", Vec::new()).await;
            let focused = focused.map(|id| id.json().clone()).unwrap_or_default();
            if focused == id {
                return;
            }
            assert!(std::time::Instant::now() < until, "{id} never had the focus, last {focused}");
            tokio::time::sleep(STEP).await;
        }
    }

    /// The whole page as PNG, into the folder named by `XIANGJI_TEST_SCREENSHOTS`; nothing where that is not set.
    pub async fn photograph(&self, name: &str) {
        let Some(folder) = std::env::var_os("XIANGJI_TEST_SCREENSHOTS") else { return };
        let metrics = self.cdp("Page.getLayoutMetrics", json!({}));
        let size = &metrics["cssContentSize"];
        let clip = json!({"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1});
        let shot =
            self.cdp("Page.captureScreenshot", json!({"format": "png", "captureBeyondViewport": true, "clip": clip}));
        let png =
            base64::engine::general_purpose::STANDARD.decode(shot["data"].as_str().expect("data")).expect("base64");
        std::fs::create_dir_all(&folder).expect("the folder");
        std::fs::write(Path::new(&folder).join(format!("{name}.png")), png).expect("the picture");
    }

    /// Everything the page fetched, itself not counted.
    pub async fn fetched(&self) -> Vec<String> {
        let found = self
            .driver
            .execute("return performance.getEntriesByType('resource').map(e => e.name)", Vec::new())
            .await
            .expect("the list");
        found.convert().expect("addresses")
    }

    /// Fails if the page asked anything of another host.
    pub async fn assert_nothing_from_outside(&self) {
        let fetched = self.fetched().await;
        assert!(!fetched.is_empty(), "the page fetched nothing at all, not even its style");
        let outside: Vec<_> = fetched.iter().filter(|address| !address.starts_with(&self.origin)).collect();
        assert!(outside.is_empty(), "asked another host: {outside:?}");
    }

    /// Fails if the page is wider than the screen: nobody should have to push a page sideways.
    pub async fn assert_fits(&self) {
        let wider = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        let found = self.as_it_stands(async || self.driver.execute(wider, Vec::new()).await).await.expect("a width");
        assert_eq!(found.json(), &json!(0), "{} is wider than the screen", self.path().await);
    }

    /// What axe-core finds against WCAG 2.2 AA and good practice, one line a rule; `None`, with the reason said, without it.
    pub async fn axe(&self) -> Option<Vec<String>> {
        let given = std::env::var_os("XIANGJI_TEST_AXE").map(PathBuf::from);
        let file =
            given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules/axe-core/axe.min.js"));
        let Ok(source) = std::fs::read_to_string(&file) else {
            skip(
                "accessibility rules",
                "axe-core is not installed (npm install axe-core) and XIANGJI_TEST_AXE is not set",
            );
            return None;
        };
        // The rules are a script themselves.
        self.let_scripts_run(true);
        self.driver.execute(&source, Vec::new()).await.expect("axe loads");
        let found = self
            .driver
            .execute_async(
                "const done = arguments[arguments.length - 1];
                 axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
                    .then(r => done(r.violations.map(v => v.id + ': ' + v.help + ' at ' + v.nodes.map(n => n.target).join('; '))),
                          e => done(['axe failed: ' + e]));",
                Vec::new(),
            )
            .await
            .expect("axe runs");
        self.let_scripts_run(self.scripts == Scripts::On);
        Some(found.convert().expect("a list"))
    }

    /// The page is accessible as far as a program can tell, fits the screen and stays on its own host.
    pub async fn assert_sound(&self) {
        self.assert_fits().await;
        self.assert_nothing_from_outside().await;
        if let Some(found) = self.axe().await {
            assert!(found.is_empty(), "{}: {found:#?}", self.path().await);
        }
    }
}
