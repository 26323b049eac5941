//! A PostgreSQL cluster of the test process's own, on loopback and a port kept for it, in a temporary folder. It ends with the
//! process: a watcher holds a pipe from us and stops the server when the pipe closes, however we die.

use std::{
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use super::port::Port;

/// A world has up to 14 connections, with a second instance or a child process twice as many, and some from behind: room for
/// sixteen tests at a time.
const MOST_CONNECTIONS: u32 = 1000;

pub struct Cluster {
    port: Port,
    _watcher: Child,
}

static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The cluster, started at first use; `None` (after saying so) where PostgreSQL's programs are not on this machine.
pub fn cluster() -> Option<&'static Cluster> {
    CLUSTER
        .get_or_init(|| match programs() {
            Some(bin) => Some(Cluster::start(&bin, false)),
            None => {
                super::skip("tests on PostgreSQL", "initdb and postgres are not on this machine");
                None
            }
        })
        .as_ref()
}

/// A database of the cluster that nobody needs any more goes, whoever is still connected: two hundred of them are three
/// gigabytes.
pub fn gone(url: &str) {
    let Some(Some(cluster)) = CLUSTER.get() else { return };
    if let Some(name) = url.strip_prefix(&cluster.url("")) {
        let _it_goes_with_the_cluster =
            xiangji::db::execute(&cluster.url("postgres"), &format!("DROP DATABASE {name} WITH (FORCE)"));
    }
}

impl Cluster {
    /// `durable`: commits wait for the disk. Tests of what is stored do not need it.
    pub fn start(bin: &Path, durable: bool) -> Cluster {
        let dir = tempfile::Builder::new().prefix("xiangji-pg-").tempdir().unwrap().keep();
        let user = unprivileged(&dir);
        let data = dir.join("data");
        let run = |program: &str, args: &[&str]| {
            let mut command = Command::new(bin.join(program));
            command.args(args).stdout(Stdio::null()).stderr(Stdio::piped()).current_dir(&dir);
            if let Some((uid, gid)) = user {
                command.uid(uid).gid(gid);
            }
            let out = command.output().unwrap();
            assert!(out.status.success(), "{program}: {}", String::from_utf8_lossy(&out.stderr));
        };
        run(
            "initdb",
            &[
                "-D",
                data.to_str().unwrap(),
                "-U",
                "xiangji",
                "-A",
                "trust",
                "--no-sync",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
            ],
        );
        let port = Port::kept();
        // Nobody works in the tables but the test: while an analysis of the server's own looks at them, what was deleted stays
        // in the files, and what is a template cannot be copied. What ends us and all that belongs to us, such as a time limit
        // or a key of the terminal, is not for the watcher: it has the folder to remove.
        let script = format!(
            "trap '' HUP INT TERM; '{}' -D '{}' -k '{}' -p {} -c listen_addresses=127.0.0.1 -c fsync={} -c max_connections={MOST_CONNECTIONS} \
             -c autovacuum=off >/dev/null 2>&1 & pid=$!; read -r _; kill -INT $pid; wait $pid; rm -rf '{}'",
            bin.join("postgres").display(),
            data.display(),
            dir.display(),
            port.number(),
            if durable { "on" } else { "off" },
            dir.display()
        );
        let mut watcher = Command::new("sh");
        watcher.arg("-c").arg(script).stdin(Stdio::piped()).current_dir(&dir);
        if let Some((uid, gid)) = user {
            watcher.uid(uid).gid(gid);
        }
        let watcher = watcher.spawn().unwrap();
        let cluster = Cluster { port, _watcher: watcher };
        cluster.wait_until_ready();
        cluster
    }

    fn wait_until_ready(&self) {
        let target = xiangji::db::Target::parse(&self.url("postgres")).unwrap();
        super::until("the test cluster", || xiangji::db::can_connect(&target));
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://xiangji@{}/{database}", self.port.address())
    }

    /// A database of its own for one test, copied from a migrated template.
    pub fn fresh(&self) -> String {
        static TEMPLATE: OnceLock<()> = OnceLock::new();
        TEMPLATE.get_or_init(|| {
            xiangji::db::execute(&self.url("postgres"), "CREATE DATABASE template_xiangji").unwrap();
            xiangji::db::migrate(&xiangji::db::Target::parse(&self.url("template_xiangji")).unwrap()).unwrap();
        });
        let name = self.empty_name();
        // Copies of one template exclude each other; one at a time.
        static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
        let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        xiangji::db::execute(&self.url("postgres"), &format!("CREATE DATABASE {name} TEMPLATE template_xiangji"))
            .unwrap();
        self.url(&name)
    }

    /// A database without tables.
    pub fn empty(&self) -> String {
        let name = self.empty_name();
        xiangji::db::execute(&self.url("postgres"), &format!("CREATE DATABASE {name}")).unwrap();
        self.url(&name)
    }

    fn empty_name(&self) -> String {
        format!("t{}", DATABASES.fetch_add(1, Ordering::Relaxed))
    }
}

/// Where `initdb` and `postgres` are.
pub fn programs() -> Option<PathBuf> {
    let named = std::env::var_os("PG_BIN").map(PathBuf::from);
    let on_path = std::env::var_os("PATH").map(|p| std::env::split_paths(&p).collect::<Vec<_>>()).unwrap_or_default();
    let mut debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|d| d.flatten().map(|e| e.path().join("bin")).collect())
        .unwrap_or_default();
    debian.sort();
    debian.reverse();
    named.into_iter().chain(on_path).chain(debian).find(|d| d.join("initdb").is_file() && d.join("postgres").is_file())
}

/// PostgreSQL refuses to run as root: then it runs as the user `postgres`, to whom the folder is given.
fn unprivileged(dir: &Path) -> Option<(u32, u32)> {
    if std::fs::metadata("/proc/self").map(|m| m.uid()).ok()? != 0 {
        return None;
    }
    let passwd = std::fs::read_to_string("/etc/passwd").ok()?;
    let line = passwd.lines().find(|l| l.starts_with("postgres:"))?;
    let mut fields = line.split(':').skip(2);
    let (uid, gid) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    std::os::unix::fs::chown(dir, Some(uid), Some(gid)).unwrap();
    Some((uid, gid))
}
