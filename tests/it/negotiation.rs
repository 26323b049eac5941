//! Public negotiation after failed rounds: who may propose what and when, the vote behind it, its notice and objections, and the
//! contract that is signed as it was published.

use serde_json::{Value, json};
use xiangji::{access::Role, trading::auction};

use crate::{
    both_backends,
    ocds::asked,
    support::{
        app::{Answer, DURUAN, LONGXI, PASSWORD, SHANGXIANG, World},
        behind::Behind,
        browser::{self, Browser, PHONE, Scripts},
        verified::{Parts, verified},
    },
    trading::{Trade, listing, ok, published, resident_id, step},
};

/// A counterpart at the opening price, for which the representatives voted on 12 March.
pub fn proposal(name: &str, order: u32) -> Value {
    json!({"kind": "person", "name": name, "id_number": resident_id(order), "phone": "13800002222", "declares_no_conflict": true,
        "price": "700.00", "minutes": "上巷村〔2026〕5号公开协商记录", "decision_on": "2026-03-12",
        "decision": {"body": "member_representatives", "entitled": 45, "present": 40, "in_favour": 38,
            "publicity_from": "2026-03-13", "publicity_until": "2026-03-17"}})
}

/// Nobody bid by 11 March, 10 o'clock.
fn failed(world: &World) -> Trade<'_> {
    let trade = published(world);
    world.set_time("2026-03-11T10:00:01+08:00");
    assert_eq!((trade.close(), &trade.lot()["state"]), (1, &json!("failed")));
    day(world, "03-18");
    trade
}

fn day(world: &World, day: &str) {
    world.set_time(&format!("2026-{day}T09:00:00+08:00"));
}

const CLERK: &str = "clerk-440703103213";

impl Trade<'_> {
    fn propose(&self, body: &Value) -> Answer {
        self.as_(CLERK).post(&self.path("/negotiation"), body)
    }
    fn decide(&self, place: i64, approve: bool, note: &str) -> Answer {
        let body = json!({"place": place, "approve": approve, "note": note});
        self.as_("reviewer").post(&self.path("/negotiation/review"), &body)
    }
    fn conclude(&self) -> Answer {
        self.as_("trader").send("POST", &self.path("/negotiation/conclude"), &[], None)
    }
    fn withdraw(&self, name: &str, reason: &str) -> Answer {
        self.as_(name).post(&self.path("/negotiation/withdraw"), &json!({ "reason": reason }))
    }
    fn relist(&self) -> Answer {
        self.as_(CLERK).post(&self.path("/relist"), &json!({}))
    }
    /// Place and state of those that somebody sees.
    fn seen(&self, name: Option<&str>) -> Vec<(i64, String)> {
        let path = self.path("/negotiation");
        let found = match name {
            Some(name) => ok(self.as_(name).get(&path)),
            None => ok(self.world.nobody().get(&path)),
        };
        let items = found.json["items"].as_array().unwrap().clone();
        items.iter().map(|one| (one["place"].as_i64().unwrap(), one["state"].as_str().unwrap().to_owned())).collect()
    }
    fn does(&self, name: &str, duty: &str) -> bool {
        ok(self.as_(name).get("/home")).text.contains(duty)
    }
}

fn fields(answer: &Answer) -> Vec<String> {
    let all = answer.json["fields"].as_array().unwrap_or_else(|| panic!("{answer:?}")).clone();
    all.iter().map(|field| field["pointer"].as_str().unwrap().to_owned()).collect()
}

fn nothing_contradicts(world: &World) {
    world.app.integrate_log().unwrap();
    let (_, faults) = verified(&world.app, &Parts::default());
    assert!(faults.is_empty(), "{faults:?}");
}

both_backends!(a_failed_lot_is_let_by_negotiation_and_signed_as_it_was_published, |world| {
    let trade = failed(world);
    let made = ok(trade.propose(&proposal("何大力", 77)));
    assert_eq!((made.status, &made.json["state"], &made.json["place"]), (201, &json!("proposed"), &json!(1)));
    assert_eq!((&made.json["total"], &made.json["failed_rounds"]), (&json!("131600.00"), &json!(1)));
    assert!(!made.text.contains(&resident_id(77)), "the number is masked: {made:?}");

    // Until it is approved it is nobody's business but the staff's, and nothing else is done with the lot.
    assert_eq!(trade.seen(None), []);
    assert_eq!(trade.seen(Some("A")), []);
    assert_eq!(trade.seen(Some("reviewer")), [(1, "proposed".to_owned())]);
    assert!(trade.does("reviewer", "审核公开协商") && !trade.does("trader", "公开协商"));
    assert_eq!(trade.relist().code(), "negotiation_open");
    let asset = trade.lot()["asset_id"].as_str().unwrap().to_owned();
    assert_eq!(trade.as_(CLERK).post("/api/v1/lots", &listing(&asset, None)).code(), "negotiation_open");
    assert_eq!(trade.propose(&proposal("何大力", 77)).code(), "negotiation_open");
    assert_eq!(trade.conclude().code(), "negotiation_not_in_state");
    assert_eq!(trade.as_(CLERK).get(&trade.path("/contract")).code(), "not_confirmed");

    assert_eq!(trade.decide(2, true, "").code(), "negotiation_changed");
    let approved = ok(trade.decide(1, true, ""));
    assert_eq!(
        (&approved.json["notice_from"], &approved.json["notice_until"]),
        (&json!("2026-03-18"), &json!("2026-03-25"))
    );
    let told = ok(world.nobody().get(&trade.path("/negotiation")));
    let one = &told.json["items"][0];
    assert_eq!((&one["name"], &one["price"], &one["id_number"]), (&json!("何**"), &json!("700.00"), &Value::Null));
    let page = ok(world.nobody().get(&format!("/lots/{}", trade.lot))).text;
    assert!(page.contains("公开协商") && page.contains("何**") && !page.contains("何大力"), "{page}");
    let package = asked(&trade).json;
    let release = package["releases"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&release["awards"][0]["status"], &release["awards"][1]["status"]),
        (&json!("unsuccessful"), &json!("pending"))
    );
    assert_eq!(
        release["tender"]["procurementMethodDetails"],
        "网上公开竞价：增价；流拍后公开协商".replace("增价", auction::Mode::Ascending.label())
    );
    assert!(!package.to_string().contains("何大力"));

    // Objections are taken to the last day, and answered before anything is concluded.
    day(world, "03-25");
    let object = |name: &str| trade.as_(name).post(&trade.path("/objections"), &json!({"objection": "价格太低。"}));
    let raised = ok(object("A"));
    assert_eq!(
        (trade.conclude().code(), &trade.conclude().json["until"]),
        ("result_notice_running", &json!("2026-03-25"))
    );
    day(world, "03-26");
    assert_eq!(object("B").code(), "objections_closed");
    let waits = trade.conclude();
    assert_eq!((waits.code(), &waits.json["open"]), ("objections_open", &json!(1)));
    assert!(ok(trade.as_("trader").get("/home")).text.contains(&format!("/lots/{}/negotiation", trade.lot)));
    let finding = json!({"finding": "rejected", "answer": "与最后一次挂牌的底价相同，已经表决。"});
    ok(trade.as_("trader").post(&format!("/api/v1/objections/{}/answer", raised.id()), &finding));
    assert!(trade.does("trader", "办结公开协商"));
    let concluded = ok(trade.conclude());
    assert_eq!(concluded.json["contract_by"], "2026-04-02");
    assert_eq!(trade.conclude().code(), "negotiation_not_in_state");
    assert!(trade.does(CLERK, "签协商成交的合同"));

    // The contract says what was published, or is refused with it.
    let contract = trade.path("/contract");
    let facts = ok(trade.as_(CLERK).get(&contract)).json;
    assert_eq!((&facts["lessee"], &facts["method"]), (&json!("何大力"), &json!("open_negotiation")));
    assert_eq!((&facts["annual_rent"], &facts["total"]), (&json!("16450.00"), &json!("131600.00")));
    for (field, value) in
        [("total", json!("131599.99")), ("lessee", json!("何小力")), ("method", json!("open_bidding"))]
    {
        let mut other = facts.clone();
        other[field] = value;
        assert_eq!(fields(&trade.as_(CLERK).post(&contract, &other)), [format!("/{field}")]);
    }
    let signed = ok(trade.as_(CLERK).post(&contract, &facts));
    assert_eq!(trade.seen(None), [(1, "signed".to_owned())]);
    assert_eq!(trade.lot()["state"], "failed", "the auction did fail");
    assert_eq!(trade.as_(CLERK).post(&contract, &facts).code(), "negotiation_signed");
    assert_eq!(trade.withdraw(CLERK, "对方不来").code(), "negotiation_not_in_state");
    let mut cheaper = facts.clone();
    cheaper["total"] = json!("1.00");
    let headers = [("content-type", "application/json"), ("if-match", "\"1\"")];
    let change = format!("/api/v1/contracts/{}", signed.id());
    let changed = trade.as_(CLERK).send("PUT", &change, &headers, Some(cheaper.to_string().into_bytes()));
    assert_eq!(changed.status, 422, "{changed:?}");
    let release = asked(&trade).json["releases"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&release["awards"][1]["status"], &release["tender"]["status"]), (&json!("active"), &json!("complete")));
    assert_eq!(release["contracts"][0]["awardID"], release["awards"][1]["id"]);

    // What is offered next begins anew: the offer came to its end.
    assert_eq!(trade.relist().code(), "negotiation_signed");
    assert_eq!(trade.propose(&proposal("何大力", 77)).code(), "negotiation_signed");
    let anew = ok(trade.as_(CLERK).post("/api/v1/lots", &listing(&asset, None)));
    assert_eq!(anew.json["round"], 1);
    nothing_contradicts(world);
});

both_backends!(a_proposal_that_lacks_something_is_refused_with_what_would_do, |world| {
    let trade = failed(world);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = proposal("何大力", 77);
        change(&mut body);
        trade.propose(&body)
    };
    let cheap = with(&|body| body["price"] = json!("699.99"));
    assert_eq!((cheap.status, cheap.code(), &cheap.json["minimum"]), (409, "negotiation_price", &json!("700.00")));
    assert_eq!(fields(&cheap), ["/price"]);
    let unvoted = with(&|body| body["decision"] = json!({}));
    assert_eq!(
        fields(&unvoted),
        [
            "/decision/body",
            "/decision/entitled",
            "/decision/present",
            "/decision/in_favour",
            "/decision/publicity_from"
        ]
    );
    let few = with(&|body| body["decision"]["in_favour"] = json!(29));
    assert!(few.text.contains("至少应有 30 票"), "{few:?}");
    let running = with(&|body| body["decision"]["publicity_until"] = json!("2026-03-18"));
    assert!(running.text.contains("最早 2026-03-19"), "{running:?}");
    let before = with(&|body| {
        body["decision_on"] = json!("2026-02-20");
    });
    assert_eq!(fields(&before), ["/decision_on"], "the vote of the listing is not one for this");
    assert!(before.text.contains("2026-03-11"), "{before:?}");
    let ladder = with(&|body| body["decision"]["price_cuts"] = json!("第2次10%"));
    assert_eq!(fields(&ladder), ["/decision/price_cuts"]);
    let nobody = with(&|body| {
        (body["name"], body["id_number"], body["phone"]) = (json!(""), json!("1"), json!("2"));
        (body["declares_no_conflict"], body["minutes"]) = (json!(false), json!(""));
    });
    assert_eq!(fields(&nobody), ["/name", "/id_number", "/phone", "/declares_no_conflict", "/minutes"]);
    assert_eq!(fields(&with(&|body| body["minutes"] = json!("与何大力的协商记录"))), ["/minutes"]);
    let seller = json!({"name": "上巷村股份合作经济联合社", "credit_code": "N2440703MF0000013M"});
    let path = format!("/api/v1/collectives/{SHANGXIANG}");
    ok(world.sign_in(&format!("registrar-{SHANGXIANG}")).patch(&path, 1, &seller));
    let own = with(&|body| {
        (body["kind"], body["name"], body["id_number"]) =
            (json!("organisation"), json!("上巷村股份合作经济联合社"), json!("N2440703MF0000013M"));
    });
    assert_eq!(own.code(), "conflict_of_interest", "{own:?}");
    let ban = crate::exclusions::decision(77, "何大力", DURUAN);
    ok(trade.as_("trader").post("/api/v1/exclusions", &ban));
    assert_eq!(with(&|_| ()).code(), "excluded");
    assert_eq!(trade.seen(Some(CLERK)), [], "nothing of it is left");

    // Each office does its own part, in its own place.
    let body = proposal("何小力", 78);
    for name in ["reviewer", "trader", "A", "auditor"] {
        assert_eq!(trade.as_(name).post(&trade.path("/negotiation"), &body).status, 403, "{name}");
    }
    world.village(LONGXI, "龙溪村股份合作经济联合社");
    assert_eq!(world.clerk(LONGXI).post(&trade.path("/negotiation"), &body).status, 404);
    ok(trade.propose(&body));
    let review = json!({"place": 1, "approve": true});
    for name in [CLERK, "trader"] {
        assert_eq!(trade.as_(name).post(&trade.path("/negotiation/review"), &review).status, 403, "{name}");
    }
    assert_eq!(fields(&trade.decide(1, false, " ")), ["/note"]);
    ok(trade.decide(1, false, "请附公示照片"));
    assert_eq!(trade.seen(None), [], "what was sent back is not public");

    // Another follows; it is published, and an objection to it is upheld.
    ok(trade.propose(&body));
    ok(trade.decide(2, true, ""));
    let raised = ok(trade.as_("A").post(&trade.path("/objections"), &json!({"objection": "没有公示。"})));
    let finding = json!({"finding": "upheld", "answer": "经查属实。"});
    ok(trade.as_("trader").post(&format!("/api/v1/objections/{}/answer", raised.id()), &finding));
    day(world, "03-26");
    assert_eq!(trade.conclude().code(), "objection_upheld");
    assert_eq!(trade.as_("reviewer").post(&trade.path("/negotiation/withdraw"), &json!({"reason": "x"})).status, 403);
    assert_eq!(fields(&trade.withdraw("trader", "何小力不来")), ["/reason"]);
    ok(trade.withdraw("trader", "异议成立"));
    assert_eq!(trade.seen(None), [(2, "withdrawn".to_owned())]);
    let release = asked(&trade).json["releases"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&release["tag"][0], &release["awards"][1]["status"]),
        (&json!("awardCancellation"), &json!("cancelled"))
    );

    // The third is not in the way of what was found about the second; then the lot is listed again instead.
    ok(trade.propose(&body));
    ok(trade.decide(3, true, ""));
    day(world, "04-03");
    ok(trade.conclude());
    ok(trade.withdraw(CLERK, "对方不再承租"));
    ok(trade.relist());
    assert_eq!(trade.propose(&body).code(), "negotiation_relisted");
    nothing_contradicts(world);
});

/// Where the place lays down nothing itself, it takes two failed rounds.
fn two_rounds(world: &World) {
    let mut trade = failed(world);
    let early = trade.propose(&proposal("何大力", 77));
    assert_eq!(
        (early.code(), &early.json["needed"], &early.json["failed"]),
        ("negotiation_too_early", &json!(2), &json!(1))
    );
    let first = trade.lot.clone();
    trade.lot = ok(trade.relist()).id().to_owned();
    ok(step(&trade.as_(CLERK), &trade.path("/submit"), 1, &json!({})));
    ok(step(&trade.as_("reviewer"), &trade.path("/review"), 2, &json!({"approve": true})));
    let hours = json!({"enrol_until": "2026-03-30T17:00:00+08:00", "opens_at": "2026-03-31T09:30:00+08:00",
        "closes_at": "2026-03-31T10:00:00+08:00"});
    ok(step(&trade.as_("trader"), &trade.path("/publish"), 3, &hours));
    assert_eq!(trade.propose(&proposal("何大力", 77)).code(), "lot_not_in_state");
    world.set_time("2026-03-31T10:00:01+08:00");
    assert_eq!((trade.close(), &trade.lot()["state"]), (1, &json!("failed")));
    day(world, "04-08");
    let mut body = proposal("何大力", 77);
    let old = trade.propose(&body);
    assert!(fields(&old).contains(&"/decision_on".to_owned()), "voted before the second round failed: {old:?}");
    body["decision_on"] = json!("2026-04-01");
    body["decision"]["publicity_from"] = json!("2026-04-02");
    body["decision"]["publicity_until"] = json!("2026-04-06");
    let stale = world.sign_in(CLERK).post(&format!("/api/v1/lots/{first}/negotiation"), &body);
    assert_eq!(stale.code(), "negotiation_relisted", "only the last round is negotiated about");
    let made = ok(trade.propose(&body));
    assert_eq!(made.json["failed_rounds"], 2);
    nothing_contradicts(world);
}

fn by_default() -> (tempfile::TempDir, [(&'static str, String); 1]) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rules.toml");
    std::fs::write(&path, "name = \"none\"\ntitle = \"x\"\nregion = \"440703103000\"\n").unwrap();
    let more = [("XIANGJI_POLICIES", path.display().to_string())];
    (dir, more)
}

#[test]
fn it_takes_two_failed_rounds_by_default_on_sqlite() {
    two_rounds(&World::sqlite_with(&by_default().1));
}

#[test]
fn it_takes_two_failed_rounds_by_default_on_postgres() {
    let (_dir, more) = by_default();
    if let Some(world) = World::postgres_with(&more) {
        two_rounds(&world);
    }
}

both_backends!(with_whom_it_was_negotiated_is_erased_with_the_person, |world| {
    let trade = failed(world);
    ok(trade.propose(&proposal("何大力", 77)));
    ok(trade.decide(1, true, ""));
    let new = json!({"collective_code": SHANGXIANG, "household_number": "0001", "name": "何大力", "id_number": resident_id(77),
        "relation": "户主", "ground": "original", "basis": "决议", "acquired_on": "1991-06-30"});
    let person = ok(trade.as_(CLERK).post("/api/v1/members", &new)).json["person_id"].as_str().unwrap().to_owned();
    let asks =
        || trade.as_(CLERK).post(&format!("/api/v1/persons/{person}/erasure"), &json!({"ground": "asked_by_person"}));
    assert_eq!(asks().code(), "must_be_kept");
    ok(trade.withdraw(CLERK, "对方不再承租"));
    assert_eq!(asks().code(), "must_be_kept", "ten years more");
    let id = person.clone();
    let repeated = world.app.db.write_now(xiangji::db::Lane::Any, move |tx| {
        xiangji::erasures::repeat(tx, &xiangji::kernel::Id::from_trusted(&*id))
    });
    assert!(repeated.unwrap().is_some());
    nothing_contradicts(world);
    assert_eq!(Behind::of(world).texts("SELECT name AS v FROM lot_negotiations"), ["已删除个人信息的成员"]);
    let told = ok(trade.as_(CLERK).get(&trade.path("/negotiation"))).json["items"][0].clone();
    assert_eq!((&told["id_number"], &told["phone"]), (&json!("已删除"), &json!("已删除")));
    assert_eq!(ok(world.nobody().get(&trade.path("/negotiation"))).json["items"][0]["name"], "已删除个人信息的成员");
});

/// The proposal as the form of the page sends it.
fn typed() -> Vec<(&'static str, String)> {
    let body = proposal("何大力", 77);
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut all = vec![("declares_no_conflict", "yes".to_owned())];
    for name in ["kind", "name", "id_number", "phone", "price", "minutes", "decision_on"] {
        all.push((name, text(&body[name])));
    }
    for name in ["decision/body", "decision/entitled", "decision/present", "decision/in_favour"] {
        all.push((name, text(&body["decision"][name.trim_start_matches("decision/")])));
    }
    all.push(("decision/publicity_from", "2026年3月13日".to_owned()));
    all.push(("decision/publicity_until", "2026-03-17".to_owned()));
    all
}

both_backends!(the_whole_way_is_gone_on_pages_too, |world| {
    let trade = failed(world);
    let page = format!("/lots/{}/negotiation", trade.lot);
    let step = |name: &str, rest: &str, fields: &[(&str, &str)]| trade.as_(name).form(&format!("{page}{rest}"), fields);
    assert!(ok(world.nobody().get(&page)).text.contains("没有公开协商的结果"));
    assert!(ok(trade.as_(CLERK).get(&format!("/listings/{}", trade.lot))).text.contains(&page));
    let form = typed();
    let fields: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut bad = fields.clone();
    bad.retain(|(name, _)| !["phone", "decision/present"].contains(name));
    bad.push(("decision/present", "四十"));
    let refused = step(CLERK, "", &bad);
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("href=\"#f-decision/present\""), "{}", refused.text);
    assert_eq!(step("trader", "", &fields).status, 403);
    assert_eq!(step(CLERK, "", &fields).status, 303);
    assert!(!ok(trade.as_(CLERK).get(&format!("/listings/{}", trade.lot))).text.contains("重新挂牌</a>"));
    let seen = ok(trade.as_("reviewer").get(&page)).text;
    assert!(seen.contains("何大力") && seen.contains("通过，马上公示结果"), "{seen}");
    assert!(!ok(trade.as_("auditor").get(&page)).text.contains("提交决定"));
    assert_eq!(step("reviewer", "/review", &[("place", "1")]).status, 422);
    assert_eq!(step("reviewer", "/review", &[("place", "1"), ("review", "approve")]).status, 303);
    let public = ok(world.nobody().get(&page)).text;
    assert!(public.contains("何**") && !public.contains("何大力") && public.contains("2026-03-25"), "{public}");
    assert!(ok(trade.as_("A").get(&format!("/lots/{}/objections", trade.lot))).text.contains("我要提异议"));
    assert_eq!(step("trader", "/objections", &[("objection", "村民当面反映：价格太低。")]).status, 303);
    let id =
        ok(trade.as_("trader").get(&trade.path("/objections"))).json["items"][0]["id"].as_str().unwrap().to_owned();
    day(world, "03-26");
    assert!(ok(trade.as_("trader").get(&page)).text.contains("先答复再办结"));
    let (finding, answer) = (format!("finding/{id}"), format!("answer/{id}"));
    let bare = step("trader", "/objections", &[("id", &id), (&finding, "rejected")]);
    assert!(bare.status == 422 && bare.text.contains(&format!("href=\"#f-{answer}\"")), "{}", bare.text);
    assert_eq!(
        step("trader", "/objections", &[("id", &id), (&finding, "rejected"), (&answer, "已经表决")]).status,
        303
    );
    assert_eq!(step("trader", "/conclude", &[]).status, 303);
    assert!(ok(trade.as_(CLERK).get(&page)).text.contains("登记协商成交的合同"));
    let contract = format!("/listings/{}/contract", trade.lot);
    assert!(ok(trade.as_(CLERK).get(&contract)).text.contains("何大力"));
    let good = [("signed_on", "2026-03-26"), ("starts_on", "2026年4月1日"), ("payment_terms", "每年 1 月 10 日前付清")];
    assert_eq!(trade.as_(CLERK).form(&contract, &good).status, 303);
    assert!(ok(world.nobody().get(&page)).text.contains("已签合同"));
    assert_eq!(step(CLERK, "/withdraw", &[("reason", "不来")]).status, 409);
});

#[test]
fn without_scripts_on_a_phone() {
    let world = World::sqlite();
    let trade = failed(&world);
    world.actor(Role::Director, SHANGXIANG, "director");
    let page = format!("/lots/{}/negotiation", trade.lot);
    browser::in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::Off, PHONE).await else { return };
        browser.sign_in("director", PASSWORD).await;
        browser.visit(&page).await;
        browser.press("提交镇街审核").await;
        assert!(browser.title().await.starts_with("错误："));
        crate::pages::market::look(&browser, "negotiation-refused").await;
        for (name, value) in typed() {
            match name {
                "kind" => browser.click("[name=kind][value=person]").await,
                "declares_no_conflict" => browser.click("[name=declares_no_conflict]").await,
                "decision/body" => browser.click("[name='decision/body'] [value=member_representatives]").await,
                _ => browser.fill(name, &value).await,
            }
        }
        browser.press("提交镇街审核").await;
        crate::pages::market::look(&browser, "negotiation-proposed").await;
        crate::pages::market::reads(&browser, &["方案已提交镇街审核", "何大力", "131,600.00 元", "待镇街审核"]).await;
        browser.driver.delete_all_cookies().await.expect("signed out");
        browser.sign_in("reviewer", PASSWORD).await;
        browser.visit(&page).await;
        crate::pages::market::look(&browser, "negotiation-review").await;
        browser.click("[name=review][value=approve]").await;
        browser.press("提交决定").await;
        crate::pages::market::reads(&browser, &["协商结果开始公示", "2026-03-25"]).await;
        browser.driver.delete_all_cookies().await.expect("signed out");
        browser.visit(&page).await;
        crate::pages::market::look(&browser, "negotiation-public").await;
        browser.visit(&format!("/lots/{}", trade.lot)).await;
        crate::pages::market::reads(&browser, &["公开协商", "何**", "提异议"]).await;
        crate::pages::market::look(&browser, "negotiation-lot").await;
    });
}
