//! Signing in and out, the switch to larger type, the pages that are no domain's own.

use xiangji::access::Role;

use crate::support::{
    app::{DURUAN, PASSWORD, SHANGXIANG, World},
    browser::{self, Browser, DESK, PHONE, Scripts},
};

#[test]
fn without_scripts_a_person_signs_in_enlarges_the_type_and_signs_out() {
    let world = World::sqlite();
    world.actor(Role::Clerk, SHANGXIANG, "liang");
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::Off, PHONE).await else { return };
        browser.visit("/home").await;
        assert_eq!(browser.path().await, "/sign-in?next=%2Fhome");
        browser.fill("name", "liang").await;
        browser.fill("password", "not-the-password").await;
        browser.press("登录").await;
        assert!(browser.title().await.starts_with("错误："), "{}", browser.title().await);
        assert!(browser.text().await.contains("用户名或密码不对"));
        browser.photograph("sign-in-phone-refused").await;
        assert_eq!(browser.find("[name=name]").await.value().await.unwrap().as_deref(), Some("liang"));
        assert_eq!(browser.find("[name=password]").await.value().await.unwrap().as_deref(), Some(""));
        browser.fill("password", PASSWORD).await;
        browser.press("登录").await;
        assert_eq!(browser.path().await, "/home", "{}", browser.text().await);
        assert!(browser.text().await.contains("村会计"));
        assert!(!browser.has("html.elder").await);
        browser.press("长辈版").await;
        assert_eq!(browser.path().await, "/home", "the switch leads back to the page");
        assert!(browser.has("html.elder").await);
        browser.press("退出").await;
        assert!(browser.text().await.contains("您已退出登录"));
        browser.visit("/home").await;
        assert!(browser.path().await.starts_with("/sign-in"));
    });
}

/// Every page that a role can reach from its navigation exists, is accessible and fits, for every role.
#[test]
fn what_the_navigation_offers_is_there_for_every_role() {
    let world = World::sqlite();
    for role in Role::ALL {
        world.actor(*role, DURUAN, &format!("page-{role}"));
    }
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::On, DESK).await else { return };
        for path in ["/", "/sign-in", "/no-such-page"] {
            for (size, name) in [(PHONE, "phone"), (DESK, "desk")] {
                browser.resize(size).await;
                browser.visit(path).await;
                browser.assert_sound().await;
                browser.photograph(&format!("public{}-{name}", path.replace('/', "-"))).await;
            }
        }
        for role in Role::ALL {
            browser.sign_in(&format!("page-{role}"), PASSWORD).await;
            for address in browser.navigation().await {
                for (size, name) in [(PHONE, "phone"), (DESK, "desk")] {
                    browser.resize(size).await;
                    browser.visit(&address).await;
                    assert!(!browser.text().await.contains("没有找到"), "{role}: {address}");
                    assert!(browser.has(".main-nav [aria-current=page]").await, "{role}: {address} marks no entry");
                    browser.assert_sound().await;
                    browser.photograph(&format!("{role}{}-{name}", address.replace(['/', '?'], "-"))).await;
                }
            }
            browser.press("退出").await;
        }
    });
}

/// The frame keeps its promises on a page that is refused, too, and a form of another session is not taken.
#[test]
fn a_refusal_is_a_page_with_the_same_frame() {
    let world = World::sqlite();
    let answer = world.nobody().get("/no-such-page");
    assert_eq!(answer.status, 404);
    assert!(answer.text.contains("没有找到这一页") && answer.text.contains("长辈版"), "{}", answer.text);
    let back = world.nobody().send(
        "POST",
        "/reading",
        &[("content-type", "application/x-www-form-urlencoded")],
        Some(b"mode=elder&back=//elsewhere.example/".to_vec()),
    );
    assert_eq!((back.status, back.header("location")), (303, Some("/")), "only own pages are gone back to");
    assert!(back.header("set-cookie").is_some_and(|cookie| cookie.starts_with("reading=elder")));
}
