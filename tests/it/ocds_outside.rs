//! The standard's own schemas and tools take every trade that is exported, and refuse one that was changed.
//!
//! `tests/outside/prepare DIR` fetches them; `XIANGJI_TEST_OUTSIDE` names the folder. The schemas are those of OCDS 1.1.5 with our
//! extension `disposal` as it is served; releases are merged by `ocdsmerge`.

use std::{path::Path, process::Command, sync::Arc};

use serde_json::{Value, json};
use xiangji::{config::SystemClock, console, demo};

use crate::{
    floor_area,
    notices::{approved, drafted, offer, people, published},
    ocds::{asked, pond_with_plan, read, sold, tags},
    results,
    support::{
        app::{SHANGXIANG, World},
        outside::Tools,
    },
    trading::{ok, steering, step},
};

/// The standard's schemas, its library that merges releases, and our extension before every file of a folder; what was said.
fn judged(tools: &Tools, dir: &Path) -> Result<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command: Command = tools.of_python("python");
    command.arg(root.join("tests/outside/ocds.py")).arg(tools.0.join("schemas")).arg(root.join("docs/ocds"));
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let output = command.args(files).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    if output.status.success() { Ok(said) } else { Err(said) }
}

#[test]
fn the_standard_takes_every_file_and_refuses_what_is_changed_in_it() {
    let Some(tools) = Tools::found() else { return };
    let world = World::sqlite();
    people(&world);
    // A correction that takes back what the notice said.
    let (draft, _) = pond_with_plan(&world, "龙门里 6 号鱼塘");
    let corrected = published(&world, &draft);
    world.pass_s(60);
    let body = json!({"reason": "另行约定", "notice": {}});
    ok(step(&corrected.as_("trader"), &corrected.path("/corrections"), 4, &body));
    let sold = sold(&world);
    let given_up = drafted(&world, &offer(&world, "龙门里 4 号鱼塘", "pond", "resource", "15666.67"));
    approved(&given_up);
    let hours = json!({"enrol_until": "2026-03-20T17:00:00+08:00", "opens_at": "2026-03-23T09:30:00+08:00",
        "closes_at": "2026-03-23T10:00:00+08:00"});
    ok(step(&given_up.as_("trader"), &given_up.path("/publish"), 3, &hours));
    ok(given_up.as_("trader").post(&given_up.path("/steering"), &steering("terminate", "权属有争议")));
    let dir = tempfile::tempdir().unwrap();
    let whole = dir.path().join("whole");
    assert_eq!(console::export_ocds(&world.app.db, &world.app.config, &whole), Ok(3));
    assert_eq!(judged(&tools, &whole), Ok("3 packages, 9 releases\n".to_owned()));

    let good = asked(&sold).json;
    let last = "/releases/3";
    let changes: [(&str, &str, Value, &str); 16] = [
        ("", "uri", Value::Null, "/: 'uri'"),
        ("", "publisher", json!({}), "/publisher: 'name'"),
        ("", "version", json!("1.1.5"), "/version: '1.1.5'"),
        ("", "releases", json!([]), "/releases: []"),
        ("", "publishedDate", json!("2026-03-11T10:00:00"), "/publishedDate: "),
        (last, "tag", json!(["awarded"]), "/tag/0: 'awarded'"),
        (last, "date", json!("2026-03-11"), "/date: '2026-03-11'"),
        (last, "ocid", json!("ocds-000000-another"), "more than one ocid"),
        (last, "id", good["releases"][0]["id"].clone(), "an id is there twice"),
        ("/releases/3/tender", "status", json!("sold"), "/tender/status: 'sold'"),
        ("/releases/3/tender/minValue", "amount", json!("131600.00"), "/amount: '131600.00'"),
        ("/releases/3/tender/disposal", "priceUnit", json!("yuan_per_acre"), "/priceUnit: 'yuan_per_acre'"),
        ("/releases/3/tender/disposal", "rent", json!(1), "/rent: not in the schema"),
        ("/releases/3/tender/disposal/deposit", "currency", json!("RMB"), "/currency: 'RMB'"),
        ("/releases/3/awards/0/suppliers/0", "id", json!("somebody"), "somebody is none of the parties"),
        ("/releases/3/parties/0", "roles", json!(["landlord"]), "'landlord' is in no list"),
    ];
    for (n, (place, member, value, words)) in changes.iter().enumerate() {
        let mut bad = good.clone();
        let at = bad.pointer_mut(place).unwrap();
        match value {
            Value::Null => drop(at.as_object_mut().unwrap().remove(*member)),
            value => at[*member] = value.clone(),
        }
        let folder = dir.path().join(n.to_string());
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("bad.json"), bad.to_string()).unwrap();
        let said = judged(&tools, &folder).expect_err(&format!("{place}/{member} = {value}"));
        assert!(said.contains("bad.json: /") && said.contains(words), "{place}/{member} = {value}: {said}");
    }
}

#[test]
fn who_signs_in_the_end_stands_in_the_file() {
    let world = World::sqlite();
    let trade = results::sold(&world);
    results::day(&world, "03-19");
    let told = || asked(&trade).json;
    let newest = |package: &Value| package["releases"].as_array().unwrap().last().unwrap().clone();
    let statuses = |release: &Value| -> Vec<String> {
        release["awards"].as_array().unwrap().iter().map(|award| award["status"].as_str().unwrap().to_owned()).collect()
    };
    let before = told()["releases"].as_array().unwrap().len();
    ok(trade.confirm());
    let confirmed = told();
    assert_eq!(confirmed["releases"].as_array().unwrap().len(), before + 1);
    assert_eq!(newest(&confirmed)["tag"], json!(["awardUpdate"]));
    world.pass_s(60);
    ok(trade.fail("unpaid"));
    let asked_next = newest(&told());
    assert_eq!(statuses(&asked_next), ["cancelled", "pending"]);
    assert_eq!(
        (&asked_next["awards"][0]["description"], &asked_next["parties"][2]["name"]),
        (&json!("不按期付款"), &json!("竞买号 02"))
    );
    assert!(asked(&trade).text.contains("\"amount\": 141000.00"), "of the own last bid");
    world.pass_s(60);
    ok(trade.step_in("B", true));
    let steps_in = newest(&told());
    assert_eq!(statuses(&steps_in), ["cancelled", "pending"], "published, not confirmed yet");
    assert_eq!(steps_in["parties"][2]["name"], "陈*");
    results::day(&world, "03-27");
    ok(trade.confirm());
    let clerk = world.sign_in(&format!("clerk-{SHANGXIANG}"));
    let facts = ok(clerk.get(&trade.path("/contract"))).json;
    world.pass_s(60);
    ok(clerk.post(&trade.path("/contract"), &facts));
    let signed = newest(&told());
    assert_eq!(
        (statuses(&signed), &signed["tag"]),
        (vec!["cancelled".into(), "active".into()], &json!(["awardUpdate", "contract"]))
    );
    assert_eq!(
        (&signed["contracts"][0]["awardID"], &signed["parties"][2]["name"]),
        (&signed["awards"][1]["id"], &json!("陈*"))
    );
    assert!(!signed.to_string().contains("陈B"));
    assert_eq!(asked(&trade).text, asked(&trade).text);
    if let Some(tools) = Tools::found() {
        let dir = tempfile::tempdir().unwrap();
        let whole = dir.path().join("whole");
        assert_eq!(console::export_ocds(&world.app.db, &world.app.config, &whole), Ok(1));
        assert_eq!(judged(&tools, &whole), Ok(format!("1 packages, {} releases\n", before + 1)));
    }
}

#[test]
fn the_demonstrations_trades_are_taken_too() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(SystemClock);
    let made = demo::prepare(&dir.path().join("demo"), demo::Scale::Village, "correct-horse", clock).unwrap();
    let folder = dir.path().join("ocds");
    let count = console::export_ocds(&made.app.db, &made.app.config, &folder).unwrap();
    let files = read(&folder);
    let whole = files.values().filter(|text| {
        let tags = tags(&serde_json::from_str(text).unwrap()).concat();
        tags.contains("\"tender\"") && tags.contains("\"award\"") && text.contains("\"status\": \"complete\"")
    });
    let sold = whole.count();
    assert!(files.len() == count && count > sold && sold >= 3, "{sold} of {count} trades are sold");
    if let Some(tools) = Tools::found() {
        let said = judged(&tools, &folder).unwrap();
        assert!(said.starts_with(&format!("{count} packages, ")), "{said}");
    }
}

/// Square metres of floor area are taken where the extension has them, and nowhere without a currency they never had.
#[test]
fn the_standard_takes_a_trade_in_floor_area() {
    let Some(tools) = Tools::found() else { return };
    let world = World::sqlite();
    let sold = floor_area::sold(&world);
    let dir = tempfile::tempdir().unwrap();
    let whole = dir.path().join("whole");
    assert_eq!(console::export_ocds(&world.app.db, &world.app.config, &whole), Ok(1));
    assert_eq!(judged(&tools, &whole), Ok("1 packages, 2 releases\n".to_owned()));
    let good = asked(&sold).json;
    for (place, field, value) in [
        ("/releases/1/tender/disposal/floorArea", "opening", json!("3240.00")),
        ("/releases/1/tender/disposal/floorArea", "unit", json!("m2")),
        ("/releases/1/awards/0/disposal", "floorArea", json!({"amount": 3400, "currency": "CNY"})),
        ("/releases/1/tender/disposal", "priceUnit", json!("square_metre")),
    ] {
        let mut bad = good.clone();
        bad.pointer_mut(place).unwrap()[field] = value;
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("bad.json"), bad.to_string()).unwrap();
        assert!(judged(&tools, dir.path()).is_err(), "{place}/{field}");
    }
}
