//! Every part in every state, looked at by the browser's own rules.

use actix_web::{App, HttpServer, web};
use xiangji::web::{
    html::{self, Reading, style_guide},
    static_files,
};

use crate::support::browser::{Browser, DESK, PHONE, Scripts};

#[derive(serde::Deserialize)]
struct Wanted {
    reading: Option<String>,
    refused: Option<String>,
}

/// Serves the style guide, and a page with faults for the control, on a free port.
fn serve() -> String {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(|| {
                App::new()
                    .configure(static_files::routes)
                    .route(
                        "/",
                        web::get().to(|wanted: web::Query<Wanted>| async move {
                            let reading = Reading::from_word(wanted.reading.as_deref());
                            html::ok(&style_guide::page(reading, wanted.refused.is_some()))
                        }),
                    )
                    .route(
                        "/faulty",
                        web::get().to(|| async {
                            actix_web::HttpResponse::Ok()
                                .content_type("text/html; charset=utf-8")
                                .body("<title>x</title><main><img src=http://elsewhere.invalid/a.png><input></main>")
                        }),
                    )
            })
            .workers(1)
            .disable_signals()
            .bind(("127.0.0.1", 0))
            .expect("a port");
            send.send(server.addrs()[0]).expect("the address");
            server.run().await.expect("served");
        });
    });
    format!("http://{}", receive.recv().expect("the address"))
}

#[actix_web::test]
async fn every_part_is_accessible_at_both_widths_and_sizes() {
    let origin = serve();
    let Some(browser) = Browser::open(&origin, Scripts::On, PHONE).await else { return };
    for (width, name) in [(PHONE, "phone"), (DESK, "desk")] {
        browser.resize(width).await;
        for (query, state) in [("?", "standard"), ("?refused=1", "refused"), ("?reading=elder", "elder")] {
            browser.visit(&format!("/{query}")).await;
            browser.assert_sound().await;
            browser.photograph(&format!("style-guide-{name}-{state}")).await;
        }
    }
    browser.visit("/?refused=1").await;
    let focused = browser.driver.active_element().await.expect("a focus");
    assert_eq!(focused.class_name().await.expect("a class").as_deref(), Some("error-summary"));
    browser.fill("deposit", "１２,０００元").await;
    // The amount is written out as it is typed.
    browser.wait_for_text("body", "壹万贰仟元整").await;
}

/// The control: the same checks must see a page that is at fault.
#[actix_web::test]
async fn the_checks_see_a_faulty_page() {
    let origin = serve();
    let Some(browser) = Browser::open(&origin, Scripts::On, PHONE).await else { return };
    browser.visit("/faulty").await;
    let outside = browser.fetched().await;
    assert!(outside.iter().any(|address| address.contains("elsewhere.invalid")), "{outside:?}");
    if let Some(found) = browser.axe().await {
        for rule in ["image-alt", "label", "html-has-lang"] {
            assert!(found.iter().any(|line| line.starts_with(rule)), "axe missed {rule}: {found:?}");
        }
    }
}

#[actix_web::test]
async fn a_page_reads_without_scripts() {
    let origin = serve();
    let Some(browser) = Browser::open(&origin, Scripts::Off, PHONE).await else { return };
    browser.visit("/?refused=1").await;
    assert!(browser.title().await.starts_with("错误："));
    assert!(browser.text().await.contains("有 2 处需要修改"));
    assert!(!browser.has(".echo").await, "scripts ran although they were switched off");
    // The accessibility rules are a script; the pages after them are without again.
    browser.assert_sound().await;
    browser.visit("/?refused=1").await;
    assert!(!browser.has(".echo").await, "scripts ran after the accessibility rules had");
}
