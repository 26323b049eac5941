//! Messages out of the house: a real SMTP client and a real HTTP client against sockets of the test, which refuse, hang up and take.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};

use crate::{
    both_backends,
    messages::tell,
    support::{
        app::{Client, World},
        behind::Behind,
        port::Port,
    },
    trading::{Trade, admitted, ok, put, steering},
};

/// A server that hears whole requests or mails, and refuses as many as it is told to.
struct Stand {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
    refuses: Arc<AtomicUsize>,
}

impl Stand {
    fn open(serve: fn(TcpStream, &dyn Fn(String) -> bool) -> std::io::Result<()>) -> Stand {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heard, refuses): (Arc<Mutex<Vec<String>>>, Arc<AtomicUsize>) = Default::default();
        let (hears, counts) = (heard.clone(), refuses.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let takes = |said: String| {
                    let refused = counts.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok();
                    hears.lock().unwrap().push(said);
                    !refused
                };
                drop(serve(stream, &takes));
            }
        });
        Stand { port, heard, refuses }
    }
    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// SMTP (RFC 5321) as far as a mail needs it. What is heard is the envelope's receiver and the mail.
fn smtp(stream: TcpStream, takes: &dyn Fn(String) -> bool) -> std::io::Result<()> {
    let (mut say, mut lines) = (stream.try_clone()?, BufReader::new(stream));
    let mut to = String::new();
    write!(say, "220 test\r\n")?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        match line.get(..4).unwrap_or_default().to_uppercase().as_str() {
            "EHLO" | "HELO" | "MAIL" | "RSET" | "NOOP" => write!(say, "250 ok\r\n")?,
            "RCPT" => {
                to = line.trim().to_owned();
                write!(say, "250 ok\r\n")?;
            }
            "DATA" => {
                write!(say, "354 go on\r\n")?;
                let mut mail = String::new();
                while !mail.ends_with("\r\n.\r\n") {
                    lines.read_line(&mut mail)?;
                }
                let taken = takes(format!("{to}\r\n{mail}"));
                write!(say, "{}\r\n", if taken { "250 taken" } else { "451 later" })?;
            }
            _ => return write!(say, "221 bye\r\n"),
        }
    }
}

/// HTTP/1.1 of one request. What is heard is its body.
fn gateway(stream: TcpStream, takes: &dyn Fn(String) -> bool) -> std::io::Result<()> {
    let (mut say, mut lines) = (stream.try_clone()?, BufReader::new(stream));
    let mut length = 0;
    loop {
        let mut line = String::new();
        lines.read_line(&mut line)?;
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    lines.read_exact(&mut body)?;
    let status = if takes(String::from_utf8(body).unwrap()) { "200 OK" } else { "503 Service Unavailable" };
    write!(say, "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

const HOST: &str = "xiangji.example";

fn settings(mail: &Stand, text: &Stand) -> Vec<(&'static str, String)> {
    vec![
        ("XIANGJI_PUBLIC_URL", format!("https://{HOST}")),
        ("XIANGJI_SMTP_URL", format!("smtp://127.0.0.1:{}", mail.port)),
        ("XIANGJI_MAIL_FROM", "乡集 <xiangji@xiangji.example>".into()),
        ("XIANGJI_SMS_URL", format!("http://127.0.0.1:{}/send?key=county-secret", text.port)),
    ]
}

fn deliver(world: &World) -> usize {
    world.app.messenger.deliver(&world.app.db).unwrap()
}

fn wants(who: &Client<'_>, body: &Value) -> Value {
    let tag = put(who, "/api/v1/messages/delivery", 0, body);
    ok(tag).json
}

fn states(world: &World) -> Vec<String> {
    Behind::of(world).texts(
        "SELECT channel || ' ' || state || ' ' || CAST(tries AS TEXT) || ' ' || trouble AS v FROM deliveries ORDER BY channel, id",
    )
}

/// A has asked for both, B for a text message, C for nothing; then the lot is given up.
fn outbound(world: &World, mail: &Stand, text: &Stand) {
    let trade = admitted(world);
    tell(world);
    assert_eq!((mail.heard().len(), text.heard().len()), (0, 0), "nobody has asked yet");
    let own = wants(&trade.as_("A"), &json!({"phone": "138 0000 2222", "mail": "Chen.A@Example.com"}));
    assert_eq!((&own["phone"], &own["mail"]), (&json!("138****2222"), &json!("C***@example.com")));
    assert_eq!(own["offered"], json!(["text", "mail"]));
    wants(&trade.as_("B"), &json!({"phone": "13900003333"}));
    let wrong = put(&trade.as_("C"), "/api/v1/messages/delivery", 0, &json!({"phone": "0750-1234567", "mail": "c"}));
    assert_eq!((wrong.status, crate::methods::fields(&wrong)), (422, vec!["/phone".to_owned(), "/mail".to_owned()]));
    let sealed =
        Behind::of(world).texts("SELECT coalesce(phone, '') || coalesce(mail, '') AS v FROM account_contacts").concat();
    // Any four letters may stand in what was encrypted, the sign of an address never does.
    assert!(!sealed.is_empty() && !sealed.contains("13800002222") && !sealed.contains('@'), "{sealed}");

    // A lead that is lost: title, price, link, in one part; no name, no number, no word of whose affair it is.
    world.set_time("2026-03-11T09:00:00+08:00");
    world.app.integrate_log().unwrap();
    world.app.messenger.follow(&world.app.db).unwrap();
    ok(trade.bid("A", "09:31:00", "700.00"));
    ok(trade.bid("B", "09:32:00", "710.00"));
    world.app.messenger.watch_leaders(&world.app.db).unwrap();
    // The gateway refuses once, the mail server too; both are asked again, later, under the same id.
    mail.refuses.store(1, Ordering::SeqCst);
    text.refuses.store(1, Ordering::SeqCst);
    assert_eq!(deliver(world), 0);
    assert_eq!(states(world), ["mail waiting 1 refused", "text waiting 1 refused"]);
    assert_eq!(deliver(world), 0, "not at once");
    assert_eq!((mail.heard().len(), text.heard().len()), (1, 1));
    world.pass_s(60);
    assert_eq!(deliver(world), 2);
    assert_eq!(states(world), ["mail sent 2 ", "text sent 2 "]);
    assert_eq!(deliver(world), 0);
    let (mails, texts) = (mail.heard(), text.heard());
    assert_eq!((mails.len(), texts.len()), (2, 2));
    let parsed: Value = serde_json::from_str(&texts[1]).unwrap();
    assert_eq!(parsed, serde_json::from_str::<Value>(&texts[0]).unwrap(), "the same words under the same id");
    assert_eq!(parsed["to"], "13800002222");
    assert!(parsed["id"].as_str().unwrap().starts_with("dlv"));
    let code = Behind::of(world).texts("SELECT code AS v FROM messages WHERE kind = 'outbid'").remove(0);
    let words = parsed["text"].as_str().unwrap();
    assert_eq!(
        words,
        format!("【乡集】{}，710.00 元/亩/年。详见 {HOST}/m/{code}", trade.lot()["title"].as_str().unwrap())
    );
    assert!(words.chars().count() <= 70);
    assert_eq!(parsed.as_object().unwrap().len(), 3);
    let (of_one, of_other) = (message_id(&mails[0]), message_id(&mails[1]));
    assert_eq!(of_one, of_other, "a receiver knows it again");
    assert!(
        mails[1].starts_with("RCPT TO:<Chen.A@example.com>")
            && mails[1].contains("Content-Type: text/plain; charset=utf-8"),
        "{}",
        mails[1]
    );
    assert_eq!(ok(trade.as_("A").get(&format!("/m/{code}"))).status, 200);

    // Gone from the account: what waits is not sent any more.
    wants(&trade.as_("A"), &json!({}));
    assert_eq!(
        Behind::of(world).texts("SELECT coalesce(phone, mail, 'none') AS v FROM account_contacts ORDER BY 1")[1],
        "none"
    );
    ok(trade.as_("trader").post(&trade.path("/steering"), &steering("terminate", "公告内容有误")));
    tell(world);
    let told = text.heard();
    let to_b: Value = serde_json::from_str(told.last().unwrap()).unwrap();
    assert_eq!((told.len(), &to_b["to"], mail.heard().len()), (3, &json!("13900003333"), 2));
    assert!(!to_b["text"].as_str().unwrap().contains("终止"), "what became of it is read behind the sign-in: {to_b}");
}

fn message_id(mail: &str) -> String {
    mail.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned()
}

#[test]
fn what_was_asked_for_goes_out_on_sqlite() {
    let (mail, text) = (Stand::open(smtp), Stand::open(gateway));
    outbound(&World::sqlite_with(&settings(&mail, &text)), &mail, &text);
}

#[test]
fn what_was_asked_for_goes_out_on_postgres() {
    let (mail, text) = (Stand::open(smtp), Stand::open(gateway));
    if let Some(world) = World::postgres_with(&settings(&mail, &text)) {
        outbound(&world, &mail, &text);
    }
}

/// A gateway that never takes anything is given up, and one that is not there is not asked for each message.
#[test]
fn a_delivery_is_given_up_after_so_many_tries() {
    let (mail, text) = (Stand::open(smtp), Stand::open(gateway));
    let world = World::sqlite_with(&settings(&mail, &text));
    let trade = admitted(&world);
    wants(&trade.as_("A"), &json!({"phone": "13800002222", "mail": "a@example.com"}));
    text.refuses.store(1000, Ordering::SeqCst);
    tell(&world);
    for _ in 0..30 {
        world.pass_s(300);
        deliver(&world);
    }
    assert_eq!(text.heard().len(), 2 * 6, "two messages, six tries each");
    assert_eq!(states(&world), ["mail sent 1 ", "mail sent 1 ", "text given_up 6 refused", "text given_up 6 refused"]);
}

#[test]
fn a_server_that_is_not_there_is_asked_once_a_round() {
    let nobody = Port::kept();
    let mail = Stand { port: nobody.number(), heard: Arc::default(), refuses: Arc::default() };
    let text = Stand::open(gateway);
    let world = World::sqlite_with(&settings(&mail, &text));
    let trade = admitted(&world);
    wants(&trade.as_("A"), &json!({"phone": "13800002222", "mail": "a@example.com"}));
    tell(&world);
    let mut found = states(&world);
    found.sort();
    assert_eq!(found, ["mail waiting 0 ", "mail waiting 1 not_reached", "text sent 1 ", "text sent 1 "]);
}

/// Two instances have the same deliveries before them: each goes out once.
fn two_send(world: &World, text: &Stand) {
    let trade = admitted(world);
    for name in ["A", "B", "C", "P"] {
        wants(&trade.as_(name), &json!({"phone": "13800002222"}));
    }
    world.app.integrate_log().unwrap();
    world.app.messenger.follow(&world.app.db).unwrap();
    let other = xiangji::app::App::open((*world.app.config).clone(), world.clock.clone(), &Default::default()).unwrap();
    let sent: usize = std::thread::scope(|scope| {
        let both = [&world.app, &other].map(|app| scope.spawn(|| app.messenger.deliver(&app.db).unwrap()));
        both.into_iter().map(|one| one.join().unwrap()).sum()
    });
    other.db.stop();
    assert_eq!((sent, text.heard().len()), (8, 8));
    let mut ids: Vec<Value> =
        text.heard().iter().map(|body| serde_json::from_str::<Value>(body).unwrap()["id"].clone()).collect();
    ids.sort_by_key(Value::to_string);
    ids.dedup();
    assert_eq!(ids.len(), 8);
}

#[test]
fn two_instances_send_each_message_once_on_sqlite() {
    let (mail, text) = (Stand::open(smtp), Stand::open(gateway));
    two_send(&World::sqlite_with(&settings(&mail, &text)), &text);
}

#[test]
fn two_instances_send_each_message_once_on_postgres() {
    let (mail, text) = (Stand::open(smtp), Stand::open(gateway));
    if let Some(world) = World::postgres_with(&settings(&mail, &text)) {
        two_send(&world, &text);
    }
}

both_backends!(nothing_goes_out_where_the_operator_has_opened_no_way, |world| {
    let trade: Trade<'_> = admitted(world);
    let refused = put(&trade.as_("A"), "/api/v1/messages/delivery", 0, &json!({"phone": "13800002222"}));
    assert_eq!((refused.status, refused.code()), (409, "channel_not_offered"));
    assert_eq!(wants(&trade.as_("A"), &json!({})), json!({"phone": null, "mail": null, "offered": []}));
    // Even with an address from a time when there was a way.
    let mut behind = Behind::of(world);
    behind.exec("INSERT INTO account_contacts SELECT id, 'x', 'y', 0 FROM accounts WHERE name = 'bidder-B'");
    tell(world);
    assert_eq!((deliver(world), states(world)), (0, Vec::<String>::new()));
    assert!(ok(trade.as_("A").get("/messages/delivery")).text.contains("没有开通短信和邮件"));
});

#[test]
fn settings_that_cannot_be_kept_refuse_to_start_and_tell_no_secret() {
    let world = World::sqlite();
    let opened = |more: &[(&str, &str)]| {
        let mut config = vec![("XIANGJI_PUBLIC_URL", format!("https://{HOST}"))];
        config.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let config = xiangji::config::Config::from_pairs(config.into_iter().map(|(k, v)| (k.to_owned(), v))).unwrap();
        assert!(!format!("{config:?} {}", config.redacted()).contains("hush"), "{config:?}");
        let made = xiangji::notify::Messenger::new(&config, &world.app.vault, &world.app.policies);
        made.err().unwrap_or_default()
    };
    let from = ("XIANGJI_MAIL_FROM", "a@xiangji.example");
    assert_eq!(opened(&[("XIANGJI_SMTP_URL", "smtp://127.0.0.1:25"), from]), "", "the control");
    for (more, name) in [
        (vec![("XIANGJI_SMTP_URL", "smtp://127.0.0.1:25")], "XIANGJI_MAIL_FROM"),
        (vec![from], "XIANGJI_SMTP_URL"),
        (vec![("XIANGJI_SMTP_URL", "smtp://u:hush@mail.example"), from], "XIANGJI_SMTP_URL"),
        (vec![("XIANGJI_SMTP_URL", "smtp://127.0.0.1:25"), ("XIANGJI_MAIL_FROM", "nobody")], "XIANGJI_MAIL_FROM"),
        (vec![("XIANGJI_SMS_URL", "http://sms.example/?key=hush")], "XIANGJI_SMS_URL"),
        (vec![("XIANGJI_SMS_URL", "sms.example?key=hush")], "XIANGJI_SMS_URL"),
    ] {
        let error = opened(&more);
        assert!(error.contains(name) && !error.contains("hush") && !error.contains('\n'), "{error}");
    }
    let long = format!("https://{}.example", "x".repeat(40));
    let config = [("XIANGJI_PUBLIC_URL", long.as_str()), ("XIANGJI_SMS_URL", "http://127.0.0.1:1/")];
    let config = xiangji::config::Config::from_pairs(config.map(|(k, v)| (k.to_owned(), v.to_owned()))).unwrap();
    let made = xiangji::notify::Messenger::new(&config, &world.app.vault, &world.app.policies);
    assert!(made.err().unwrap().contains("40"));
}
