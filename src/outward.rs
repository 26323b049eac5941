//! Requests to other servers: one client, and one rule about plain text.

use std::time::Duration;

use crate::config::is_local;

/// Servers close what has been idle for some seconds, and a request that is sent at that moment is lost without an answer.
const MOST_IDLE: Duration = Duration::from_secs(1);

/// A client that goes where it is told and nowhere else: no redirects, no proxy of the environment. A refusal is an answer.
pub fn agent(patience: Duration) -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .timeout_global(Some(patience))
        .max_idle_age(MOST_IDLE)
        .build()
        .new_agent()
}

/// What an operator can do where an address is refused.
pub struct Advice {
    /// Whether the program can speak TLS there, and the feature with which it is built to.
    pub has_tls: bool,
    pub feature: &'static str,
    /// The setting that consents to plain text; `None`: nothing does.
    pub consent: Option<&'static str>,
}

/// Plain http:// is for this machine, or by consent; https:// needs a program that was built with it.
///
/// Errors: what is wrong, to be read after the address.
pub fn check_transport(url: &str, allow_plaintext: bool, advice: &Advice) -> Result<(), String> {
    let feature = advice.feature;
    if url.starts_with("https://") {
        return if advice.has_tls { Ok(()) } else { Err(format!("needs TLS: build with --features {feature}")) };
    }
    let authority = url.strip_prefix("http://").and_then(|rest| rest.split(['/', '?', '#']).next());
    let Some(authority) = authority.filter(|authority| !authority.is_empty()) else {
        return Err("is no address with http:// or https://".into());
    };
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    // What stands before an @ is no host.
    if allow_plaintext || (is_local(host) && !authority.contains('@')) {
        return Ok(());
    }
    let consent = advice.consent.map(|name| format!(", or consent with {name}=yes")).unwrap_or_default();
    Err(format!("is on another machine without TLS: use https:// (and build with --features {feature}){consent}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_elsewhere_needs_tls_or_consent() {
        let advice = Advice { has_tls: false, feature: "x-tls", consent: Some("XIANGJI_X") };
        for local in ["http://127.0.0.1:8090", "http://[::1]:8090/w", "http://localhost"] {
            assert_eq!(check_transport(local, false, &advice), Ok(()), "{local}");
        }
        for remote in ["http://10.0.0.2:8090", "http://127.0.0.1@evil.example/", "http://w.example/127.0.0.1"] {
            assert!(check_transport(remote, false, &advice).unwrap_err().contains("XIANGJI_X=yes"), "{remote}");
            assert_eq!(check_transport(remote, true, &advice), Ok(()));
        }
        for none in ["w.example", "ftp://w.example", "http://", "/run/w"] {
            assert!(check_transport(none, true, &advice).is_err(), "{none}");
        }
        assert!(check_transport("https://w.example", false, &advice).unwrap_err().contains("--features x-tls"));
        assert_eq!(check_transport("https://w.example", false, &Advice { has_tls: true, ..advice }), Ok(()));
    }
}
