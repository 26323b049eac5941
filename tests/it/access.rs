//! Signing in, staying in, getting out.

use serde_json::json;
use xiangji::access::Role;

use crate::{
    both_backends,
    support::app::{DURUAN, PASSWORD, SHANGXIANG},
};

both_backends!(signing_in_and_out, |world| {
    let clerk = world.clerk(SHANGXIANG);
    let me = clerk.get("/api/v1/session");
    assert_eq!((me.status, me.json["role"].as_str()), (200, Some("clerk")));
    assert_eq!(clerk.post("/api/v1/session/sign-out", &json!({})).status, 204);
    assert_eq!(clerk.get("/api/v1/session").status, 401, "signing out works at once");
    let wrong =
        world.nobody().post("/api/v1/session", &json!({"name": "clerk-440703103213", "password": "not-the-password"}));
    let unknown = world.nobody().post("/api/v1/session", &json!({"name": "nobody", "password": PASSWORD}));
    assert_eq!((wrong.status, wrong.code()), (401, "wrong_name_or_password"));
    assert_eq!((unknown.status, &unknown.json), (401, &wrong.json), "an unknown name is told nothing more");
});

both_backends!(bearer_tokens_end_and_are_refreshed_once, |world| {
    world.clerk(SHANGXIANG);
    let first =
        world.nobody().post("/api/v1/session", &json!({"name": "clerk-440703103213", "password": PASSWORD})).json;
    let bearer = |token: &serde_json::Value| {
        let mut client = world.nobody();
        client.token = token.as_str().map(str::to_owned);
        client
    };
    world.pass_s(599);
    assert_eq!(bearer(&first["token"]).get("/api/v1/session").status, 200);
    world.pass_s(1);
    assert_eq!(bearer(&first["token"]).get("/api/v1/session").status, 401, "ten minutes are over");
    let second = world.nobody().post("/api/v1/session/refresh", &json!({"refresh_token": first["refresh_token"]})).json;
    assert_eq!(bearer(&second["token"]).get("/api/v1/session").status, 200);
    let reused = world.nobody().post("/api/v1/session/refresh", &json!({"refresh_token": first["refresh_token"]}));
    assert_eq!((reused.status, reused.code()), (401, "session_ended"));
    assert_eq!(bearer(&second["token"]).get("/api/v1/session").status, 401, "a token used twice ends the whole family");
    let third = world.nobody().post("/api/v1/session/refresh", &json!({"refresh_token": second["refresh_token"]}));
    assert_eq!(third.status, 401);
});

both_backends!(accounts_are_kept_by_the_administrator_of_the_place, |world| {
    let admin = world.actor(Role::Admin, DURUAN, "admin");
    let new = json!({"name": "accountant", "display_name": "李会计", "role": "clerk", "scope": SHANGXIANG, "password": "long-enough"});
    let made = admin.post("/api/v1/accounts", &new);
    assert_eq!((made.status, made.header("etag")), (201, Some("\"1\"")), "{made:?}");
    assert_eq!(admin.post("/api/v1/accounts", &new).code(), "account_name_taken");
    let outside = json!({"name": "elsewhere", "display_name": "x", "role": "clerk", "scope": "440704001001", "password": "long-enough"});
    assert_eq!(admin.post("/api/v1/accounts", &outside).json["fields"][0]["pointer"], "/scope");
    let clerk = world.sign_in_with("accountant", "long-enough");
    assert_eq!(clerk.get("/api/v1/accounts").status, 403);
    let path = format!("/api/v1/accounts/{}", made.id());
    assert_eq!(
        admin
            .send("PATCH", &path, &[("content-type", "application/json")], Some(b"{\"active\":false}".to_vec()))
            .status,
        428
    );
    assert_eq!(admin.patch(&path, 7, &json!({"active": false})).code(), "version_stale");
    assert_eq!(admin.patch(&path, 1, &json!({"active": false})).status, 200);
    assert_eq!(clerk.get("/api/v1/session").status, 401, "a disabled account is out at once");
    let elsewhere = world.actor(Role::Admin, "440704001000", "admin-elsewhere");
    assert_eq!(elsewhere.get(&path).status, 404, "another town's account looks like none");
});

both_backends!(bodies_that_cannot_be_read_are_told_where, |world| {
    let nobody = world.nobody();
    let send = |kind: &str, body: &[u8]| {
        nobody.send("POST", "/api/v1/session", &[("content-type", kind)], Some(body.to_vec()))
    };
    let broken = send("application/json", b"{\"name\": \"x\", ");
    assert_eq!((broken.status, broken.code()), (400, "not_json"));
    assert_eq!(broken.header("content-type"), Some("application/problem+json"));
    let missing = send("application/json", b"{\"name\": \"x\"}");
    assert_eq!((missing.status, missing.code()), (422, "invalid_fields"));
    let wrong = send("application/json", b"{\"name\": 5, \"password\": \"x\"}");
    assert_eq!(wrong.json["fields"][0]["pointer"], "/name");
    assert_eq!(send("text/plain", b"{}").status, 415);
    assert_eq!(send("application/json", &vec![b' '; 5 << 20]).status, 413);
    let method = nobody.send("DELETE", "/api/v1/session", &[], None);
    assert_eq!((method.status, method.header("allow")), (405, Some("GET, POST")));
    assert_eq!(nobody.get("/api/v1/nothing").status, 404);
});
