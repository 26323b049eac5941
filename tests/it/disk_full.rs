//! A disk that fills up while bids come: nothing is answered that is not stored, the pages go on, and when there is room again
//! the server goes on by itself (AUC-5). The disk is a `tmpfs` of 16 MB in a mount namespace of the server's own.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use xiangji::db::{Target, backup::backup};

use crate::{
    crash::{CHILD, Stage},
    support::{
        app::{World, agent},
        behind::Behind,
        until,
    },
};

/// Mounts the disk, serves from it, and does what it is told by lines: `fill`, `free`, `leave`.
const SCRIPT: &str = r#"
mount -t tmpfs -o size=16m none "$DISK" && cp "$SEED" "$DISK/xiangji.db" || exit 9
"$@" & server=$!
while read -r told; do
  case $told in
    fill) cat /dev/zero > "$DISK/filler" 2>/dev/null; : > "$SAID/full" ;;
    free) rm "$DISK/filler"; : > "$SAID/freed" ;;
    leave) kill "$server"; wait "$server"; cp "$DISK/xiangji.db" "$SAID/left.db"; exit 0 ;;
  esac
done
kill "$server"
"#;

#[test]
fn a_full_disk_loses_nothing_and_says_so() {
    let world = World::sqlite();
    let stage = Stage::open(&world, false);
    let dir = tempfile::tempdir().unwrap();
    let (disk, seed) = (dir.path().join("disk"), dir.path().join("seed.db"));
    std::fs::create_dir(&disk).unwrap();
    backup(&Target::parse(&world.app.config.database_url).unwrap(), &seed).unwrap();
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", SCRIPT, "sh"]).arg(std::env::current_exe().unwrap()).args(CHILD);
    command.env("DISK", &disk).env("SEED", &seed).env("SAID", dir.path()).stdin(Stdio::piped());
    let mut server = stage.launch(&mut command, &format!("sqlite://{}", disk.join("xiangji.db").display()));
    let mut orders = server.child.stdin.take().unwrap();
    let mut order = |what: &str, sign: &str| {
        writeln!(orders, "{what}").unwrap();
        if !sign.is_empty() {
            until(sign, || dir.path().join(sign).exists());
        }
    };

    let agent = agent();
    let mut answered: Vec<i64> = Vec::new();
    // Two of the bidders in turn, each ten yuan above the other.
    let mut bid = |n: i64| {
        let request = agent.post(format!("{}{}", server.base, stage.trade.path("/bids")));
        let token = &stage.tokens[usize::try_from(n % 2).unwrap()];
        let sent = request
            .header("authorization", &format!("Bearer {token}"))
            .send_json(json!({"amount": format!("{}.00", 700 + 10 * n)}));
        let mut answer = sent.unwrap();
        let kind = answer.headers().get("content-type").unwrap().to_str().unwrap().to_owned();
        let (status, body) = (answer.status().as_u16(), answer.body_mut().read_json::<Value>().unwrap());
        match status {
            201 => answered.push(body["seq"].as_i64().unwrap()),
            _ => assert_eq!(
                (status, kind.as_str(), body["status"].as_i64()),
                (503, "application/problem+json", Some(503)),
                "{body}"
            ),
        }
        status
    };
    for n in 0..20 {
        assert_eq!(bid(n), 201);
    }
    order("fill", "full");
    let mut n = 20;
    // What lies ready in the write-ahead log is used up first.
    while bid(n) == 201 {
        n += 1;
        assert!(n < 20_000, "a full disk was never noticed");
    }
    for _ in 0..20 {
        assert_eq!(bid(n), 503);
    }
    for path in [stage.trade.path(""), "/lots".to_owned(), "/log/checkpoint".to_owned()] {
        assert_eq!(agent.get(format!("{}{path}", server.base)).call().unwrap().status(), 200, "{path} is still there");
    }
    order("free", "freed");
    for n in n..n + 20 {
        assert_eq!(bid(n), 201, "there is room again");
    }
    println!("{n} bids before the disk was noticed to be full");

    order("leave", "");
    assert!(server.child.wait().unwrap().success());
    let left = format!("sqlite://{}", dir.path().join("left.db").display());
    let stored = Behind::open(&left).texts("SELECT '' || seq AS v FROM auction_commands ORDER BY auction_commands.seq");
    let answered: Vec<String> = answered.iter().map(ToString::to_string).collect();
    assert_eq!(stored, answered, "stored is what was answered, no more and no less");
    assert_eq!(Behind::open(&left).texts("SELECT integrity_check AS v FROM pragma_integrity_check"), ["ok"]);
}
