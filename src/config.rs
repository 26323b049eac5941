//! Configuration: the environment, read once into one struct, printed redacted at start. A name that begins with
//! `XIANGJI_` (but not `XIANGJI_TEST_`) and is not known, or a value that cannot be read, refuses to start.

use std::{net::SocketAddr, path::PathBuf};

use crate::{
    db::Target,
    kernel::{Timestamp, time::Clock},
};

/// An address that may hold a password; printed nowhere.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Everything an operator can set.
#[derive(Debug, Clone)]
pub struct Config {
    /// `XIANGJI_DATABASE_URL`: `sqlite://PATH` or `postgres://…`; default `sqlite://xiangji.db`.
    pub database_url: String,
    /// `XIANGJI_LISTEN`: address and port; default `127.0.0.1:8080`; `[::1]:8080` for IPv6.
    pub listen: SocketAddr,
    /// `XIANGJI_KEYS`: the key file; default: beside the embedded database with the ending `.keys`, else `xiangji.keys`.
    pub keys: PathBuf,
    /// `XIANGJI_PUBLIC_URL`: how people reach this server; `https://` makes cookies secure. Default: the listen address.
    pub public_url: Option<String>,
    /// `XIANGJI_REQUESTS_PER_MINUTE`: per client address; default 600.
    pub requests_per_minute: u32,
    /// `XIANGJI_SIGN_INS_PER_MINUTE`: per client address; default 20.
    pub sign_ins_per_minute: u32,
    /// `XIANGJI_ALLOW_PLAINTEXT_DATABASE=yes`: consent to an unencrypted connection to a PostgreSQL elsewhere.
    pub allow_plaintext_database: bool,
    /// `XIANGJI_WITNESS_POLICY`: a C2SP tlog-policy file with the witnesses of the log, each with its address.
    pub witness_policy: Option<PathBuf>,
    /// `XIANGJI_ALLOW_PLAINTEXT_WITNESSES=yes`: consent to `http://` to witnesses on other machines.
    pub allow_plaintext_witnesses: bool,
    /// `XIANGJI_HELP_PHONE`: the township office's number, shown on every page.
    pub help_phone: String,
    /// `XIANGJI_CALENDAR`: a file with further years of the State Council's working days.
    pub calendar: Option<PathBuf>,
    /// `XIANGJI_POLICIES`: a file with rule sets of this place.
    pub policies: Option<PathBuf>,
    /// `XIANGJI_OCID_PREFIX`: what stands before the identifiers of trades in OCDS; the default is registered with nobody.
    pub ocid_prefix: String,
    /// `XIANGJI_PUBLISHER`: who publishes the trades in OCDS; default: the town of each lot.
    pub publisher: Option<String>,
    /// `XIANGJI_SMTP_URL`: where mails to people are handed in; default: none are sent.
    pub smtp_url: Option<Secret>,
    /// `XIANGJI_MAIL_FROM`: whom they come from.
    pub mail_from: Option<String>,
    /// `XIANGJI_SMS_URL`: where text messages to people are handed in; default: none are sent.
    pub sms_url: Option<Secret>,
}

const KNOWN: &[&str] = &[
    "XIANGJI_DATABASE_URL",
    "XIANGJI_LISTEN",
    "XIANGJI_KEYS",
    "XIANGJI_PUBLIC_URL",
    "XIANGJI_REQUESTS_PER_MINUTE",
    "XIANGJI_SIGN_INS_PER_MINUTE",
    "XIANGJI_ALLOW_PLAINTEXT_DATABASE",
    "XIANGJI_WITNESS_POLICY",
    "XIANGJI_ALLOW_PLAINTEXT_WITNESSES",
    "XIANGJI_HELP_PHONE",
    "XIANGJI_CALENDAR",
    "XIANGJI_POLICIES",
    "XIANGJI_OCID_PREFIX",
    "XIANGJI_PUBLISHER",
    "XIANGJI_SMTP_URL",
    "XIANGJI_MAIL_FROM",
    "XIANGJI_SMS_URL",
];

/// Of the form that the standard gives out, and plainly given out to nobody.
const UNREGISTERED_PREFIX: &str = "ocds-000000";

/// What the tests read; no setting of the program.
const OF_TESTS: &str = "XIANGJI_TEST_";

impl Config {
    /// Reads the process's environment.
    pub fn from_env() -> Result<Config, String> {
        Self::from_pairs(std::env::vars())
    }

    /// Reads name-value pairs. Errors are one line and name the variable.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Config, String> {
        let ours: std::collections::BTreeMap<String, String> =
            pairs.into_iter().filter(|(name, _)| name.starts_with("XIANGJI_") && !name.starts_with(OF_TESTS)).collect();
        if let Some(strange) = ours.keys().find(|name| !KNOWN.contains(&name.as_str())) {
            return Err(format!("{strange} is not a setting; known are: {}", KNOWN.join(", ")));
        }
        let get = |name: &str| ours.get(name).map(String::as_str);
        if let Some((name, _)) = ours.iter().find(|(_, value)| value.trim().is_empty()) {
            return Err(format!("{name} is set but empty; give it a value or unset it"));
        }
        let number = |name: &str, default: u32| match get(name) {
            None => Ok(default),
            Some(text) => {
                text.parse().ok().filter(|n| *n > 0).ok_or(format!("{name}={text:?}: a whole number above 0 is needed"))
            }
        };
        let database_url = get("XIANGJI_DATABASE_URL").unwrap_or("sqlite://xiangji.db").to_owned();
        let target = Target::parse(&database_url).map_err(|_| {
            format!(
                "XIANGJI_DATABASE_URL={}: sqlite://PATH or postgres://USER@HOST/NAME is needed",
                shorten(&database_url)
            )
        })?;
        let listen = get("XIANGJI_LISTEN").unwrap_or("127.0.0.1:8080");
        let listen = listen.parse().map_err(|_| {
            format!("XIANGJI_LISTEN={listen:?}: an address with a port is needed, such as 127.0.0.1:8080 or [::1]:8080")
        })?;
        let keys = get("XIANGJI_KEYS").map_or_else(|| default_keys(&target), PathBuf::from);
        let consent = |name: &str| match get(name) {
            None | Some("no") => Ok(false),
            Some("yes") => Ok(true),
            Some(other) => Err(format!("{name}={other:?}: yes or no is needed")),
        };
        let public_url = get("XIANGJI_PUBLIC_URL").map(|u| u.trim_end_matches('/').to_owned());
        if let Some(url) = &public_url
            && !(url.starts_with("http://") || url.starts_with("https://"))
        {
            return Err(format!("XIANGJI_PUBLIC_URL={url:?}: an address with http:// or https:// is needed"));
        }
        let ocid_prefix = get("XIANGJI_OCID_PREFIX").unwrap_or(UNREGISTERED_PREFIX).to_owned();
        let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if ocid_prefix.len() > 40 || ocid_prefix.split('-').any(|part| part.is_empty() || !part.chars().all(lower)) {
            let form = "small letters, digits and single hyphens are needed, such as ocds-a1b2c3";
            return Err(format!("XIANGJI_OCID_PREFIX={ocid_prefix:?}: {form}"));
        }
        let config = Config {
            database_url,
            listen,
            keys,
            public_url,
            requests_per_minute: number("XIANGJI_REQUESTS_PER_MINUTE", 600)?,
            sign_ins_per_minute: number("XIANGJI_SIGN_INS_PER_MINUTE", 20)?,
            allow_plaintext_database: consent("XIANGJI_ALLOW_PLAINTEXT_DATABASE")?,
            witness_policy: get("XIANGJI_WITNESS_POLICY").map(PathBuf::from),
            allow_plaintext_witnesses: consent("XIANGJI_ALLOW_PLAINTEXT_WITNESSES")?,
            help_phone: get("XIANGJI_HELP_PHONE").unwrap_or("请咨询所在镇（街道）农业农村办公室").to_owned(),
            calendar: get("XIANGJI_CALENDAR").map(PathBuf::from),
            policies: get("XIANGJI_POLICIES").map(PathBuf::from),
            ocid_prefix,
            publisher: get("XIANGJI_PUBLISHER").map(|name| name.trim().to_owned()),
            smtp_url: get("XIANGJI_SMTP_URL").map(|url| Secret(url.to_owned())),
            mail_from: get("XIANGJI_MAIL_FROM").map(|from| from.trim().to_owned()),
            sms_url: get("XIANGJI_SMS_URL").map(|url| Secret(url.to_owned())),
        };
        config.check_transport(&target)?;
        Ok(config)
    }

    /// A PostgreSQL that is not on this machine needs TLS or an explicit consent: libpq's default falls back to plain text
    /// without a word.
    fn check_transport(&self, target: &Target) -> Result<(), String> {
        let Target::Postgres(url) = target else { return Ok(()) };
        let demands_tls =
            ["sslmode=require", "sslmode=verify-ca", "sslmode=verify-full"].iter().any(|m| url.contains(m));
        if demands_tls || self.allow_plaintext_database || postgres_hosts(url).iter().all(|h| is_local(h)) {
            return Ok(());
        }
        Err("XIANGJI_DATABASE_URL names a PostgreSQL on another machine without TLS: add ?sslmode=verify-full (and build with \
             --features pg-tls), or consent with XIANGJI_ALLOW_PLAINTEXT_DATABASE=yes"
            .into())
    }

    /// How people reach this server, without a slash at the end.
    pub fn base_url(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.listen))
    }

    /// Cookies are marked Secure where people come by https.
    pub fn secure_cookies(&self) -> bool {
        self.public_url.as_deref().is_some_and(|u| u.starts_with("https://"))
    }

    /// One line for the start, without secrets.
    pub fn redacted(&self) -> String {
        let database = Target::parse(&self.database_url).map_or_else(|_| "?".into(), |t| t.redacted());
        format!(
            "database={database} listen={} keys={} public_url={} requests_per_minute={} sign_ins_per_minute={} \
             allow_plaintext_database={} witness_policy={} allow_plaintext_witnesses={} ocid_prefix={} publisher={} \
             mail={} text_messages={}",
            self.listen,
            self.keys.display(),
            self.public_url.as_deref().unwrap_or("-"),
            self.requests_per_minute,
            self.sign_ins_per_minute,
            self.allow_plaintext_database,
            self.witness_policy.as_ref().map_or_else(|| "-".into(), |path| path.display().to_string()),
            self.allow_plaintext_witnesses,
            self.ocid_prefix,
            self.publisher.as_deref().unwrap_or("-"),
            if self.smtp_url.is_some() { "yes" } else { "no" },
            if self.sms_url.is_some() { "yes" } else { "no" },
        )
    }
}

fn shorten(url: &str) -> String {
    url.split("://").next().unwrap_or("").chars().take(20).collect::<String>() + "://…"
}

/// Beside the embedded database, so that its URL alone is enough for every command.
fn default_keys(target: &Target) -> PathBuf {
    match target {
        Target::Sqlite(path) => path.with_extension("keys"),
        Target::Postgres(_) => PathBuf::from("xiangji.keys"),
    }
}

/// Hosts of a libpq URL: those of the authority and those of `host=`/`hostaddr=` parameters; none means the local socket.
fn postgres_hosts(url: &str) -> Vec<String> {
    let rest = url.split_once("://").map_or("", |(_, r)| r);
    let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
    let authority = authority.split('/').next().unwrap_or("");
    let hosts = authority.rsplit_once('@').map_or(authority, |(_, h)| h);
    let in_query = query.split('&').filter_map(|p| p.strip_prefix("host=").or_else(|| p.strip_prefix("hostaddr=")));
    hosts
        .split(',')
        .map(|h| match h.strip_prefix('[') {
            Some(v6) => v6.split(']').next().unwrap_or("").to_owned(),
            None => h.split(':').next().unwrap_or("").to_owned(),
        })
        .chain(in_query.flat_map(|v| v.split(',')).map(|v| v.replace("%2F", "/").replace("%2f", "/")))
        .filter(|h| !h.is_empty())
        .collect()
}

/// Whether a host is this machine: a loopback address, or the folder of a local socket.
pub fn is_local(host: &str) -> bool {
    host == "localhost" || host.starts_with('/') || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The machine's clock: the only reading of it in the program.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the rim where time enters")]
    fn now(&self) -> Timestamp {
        Timestamp::from_chrono(chrono::Utc::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, String> {
        Config::from_pairs(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
    }

    #[test]
    fn defaults_are_loopback_and_embedded() {
        let c = read(&[]).expect("defaults");
        assert_eq!((c.database_url.as_str(), c.listen.to_string().as_str()), ("sqlite://xiangji.db", "127.0.0.1:8080"));
        assert_eq!(read(&[("XIANGJI_LISTEN", "[::1]:0")]).expect("IPv6").listen.to_string(), "[::1]:0");
    }

    #[test]
    fn what_is_unknown_or_unreadable_refuses_and_names_the_variable() {
        for (name, value) in [
            ("XIANGJI_LISTN", "x"),
            ("XIANGJI_LISTEN", "8080"),
            ("XIANGJI_DATABASE_URL", "mysql://x"),
            ("XIANGJI_KEYS", " "),
            ("XIANGJI_REQUESTS_PER_MINUTE", "0"),
            ("XIANGJI_ALLOW_PLAINTEXT_DATABASE", "true"),
            ("XIANGJI_ALLOW_PLAINTEXT_WITNESSES", "1"),
            ("XIANGJI_WITNESS_POLICY", ""),
            ("XIANGJI_PUBLIC_URL", "example"),
            ("XIANGJI_OCID_PREFIX", "ocds--x"),
            ("XIANGJI_OCID_PREFIX", "ocds-A1b2c3"),
            ("XIANGJI_OCID_PREFIX", "../x"),
            ("XIANGJI_PUBLISHER", " "),
        ] {
            let error = read(&[(name, value)]).expect_err(name);
            assert!(error.starts_with(name) && !error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn a_postgres_elsewhere_needs_tls_or_consent() {
        for local in [
            "postgres://u@localhost/x",
            "postgres://u:p@127.0.0.1:5433/x",
            "postgres://[::1]/x",
            "postgres:///x?host=/run/pg",
            "postgres:///x",
        ] {
            assert!(read(&[("XIANGJI_DATABASE_URL", local)]).is_ok(), "{local}");
        }
        for remote in [
            "postgres://u@db.example/x",
            "postgres://u@localhost,10.0.0.2/x",
            "postgres://localhost/x?host=db.example",
            "postgres://u@db.example/x?sslmode=prefer",
        ] {
            assert!(read(&[("XIANGJI_DATABASE_URL", remote)]).is_err(), "{remote}");
            assert!(read(&[("XIANGJI_DATABASE_URL", remote), ("XIANGJI_ALLOW_PLAINTEXT_DATABASE", "yes")]).is_ok());
        }
        assert!(read(&[("XIANGJI_DATABASE_URL", "postgres://u@db.example/x?sslmode=verify-full")]).is_ok());
    }
}
