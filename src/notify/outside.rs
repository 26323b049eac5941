//! Out of the house: mail by SMTP, text messages by the county's gateway. Only where the operator has set an address.
//!
//! Promise: what goes out names the lot, the price and the link, and nothing of the receiver's affair. A delivery is begun on
//! record before it leaves and ended on record after; whoever dies in between leaves one that is begun again, under the same
//! id. Addresses are opened for the sending alone; neither they nor the operator's secrets are written anywhere.

use std::time::{Duration, Instant};

use lettre::{
    Message, SmtpTransport, Transport,
    message::{Mailbox, header::ContentType},
    transport::smtp::SmtpTransportBuilder,
};
use serde_json::json;

use super::{
    model::DeliveryId,
    rules::{LONGEST_HOST, LONGEST_TEXT, again_at, outside},
    store::{self, MessageRow},
};
use crate::{
    access::{self, Channel},
    config::{Config, is_local},
    db::{Db, Lane, Result},
    outward::{Advice, agent, check_transport},
    vault::{Clear, Vault},
};

/// How long one sending may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// After so long a round begins no further sending: a server that is stopped waits for its end.
const ROUND: Duration = Duration::from_secs(15);
/// Deliveries of a channel in one round.
const AT_ONCE: i64 = 50;

const ADVICE: Advice = Advice { has_tls: cfg!(feature = "delivery-tls"), feature: "delivery-tls", consent: None };

/// The ways out that the operator has opened.
pub(super) struct Outside {
    vault: Vault,
    /// Host and port of the links in messages, and what stands before them.
    host: String,
    scheme: String,
    mail: Option<Post>,
    text: Option<Gateway>,
}

struct Post {
    smtp: SmtpTransport,
    from: Mailbox,
}

struct Gateway {
    agent: ureq::Agent,
    url: String,
}

/// Why a try failed: a word for the record.
struct Trouble {
    word: &'static str,
    /// Whether the next one would meet the same.
    is_everybodys: bool,
}

const NOT_REACHED: Trouble = Trouble { word: "not_reached", is_everybodys: true };
const REFUSED: Trouble = Trouble { word: "refused", is_everybodys: false };

impl Outside {
    /// Errors: one line that names the setting, without its value.
    pub fn open(config: &Config, vault: &Vault) -> std::result::Result<Outside, String> {
        let mail = match (&config.smtp_url, &config.mail_from) {
            (None, None) => None,
            (Some(url), Some(from)) => Some(Post {
                smtp: smtp(url.expose()).map_err(|e| format!("XIANGJI_SMTP_URL {e}"))?,
                from: from.parse().map_err(|_| format!("XIANGJI_MAIL_FROM={from:?}: a mail address is needed"))?,
            }),
            (Some(_), None) => return Err("XIANGJI_SMTP_URL needs XIANGJI_MAIL_FROM: whom the mails come from".into()),
            (None, Some(_)) => return Err("XIANGJI_MAIL_FROM needs XIANGJI_SMTP_URL: where mails are handed in".into()),
        };
        let text = match &config.sms_url {
            None => None,
            Some(url) => {
                let plain = check_transport(url.expose(), false, &ADVICE);
                plain.map_err(|e| format!("XIANGJI_SMS_URL {e}"))?;
                Some(Gateway { agent: agent(PATIENCE), url: url.expose().to_owned() })
            }
        };
        let base = config.base_url();
        let (scheme, host) = base.split_once("://").unwrap_or(("http", &base));
        if (mail.is_some() || text.is_some()) && config.public_url.is_none() {
            return Err("XIANGJI_SMTP_URL and XIANGJI_SMS_URL need XIANGJI_PUBLIC_URL: messages end with a link".into());
        }
        if text.is_some() && host.chars().count() > LONGEST_HOST {
            return Err(format!("XIANGJI_PUBLIC_URL: with text messages at most {LONGEST_HOST} characters after ://"));
        }
        Ok(Outside { vault: vault.clone(), host: host.to_owned(), scheme: scheme.to_owned(), mail, text })
    }

    pub fn channels(&self) -> Vec<Channel> {
        let text = self.text.as_ref().map(|_| Channel::Text);
        text.into_iter().chain(self.mail.as_ref().map(|_| Channel::Mail)).collect()
    }

    /// Sends what is due; returns how many deliveries were taken. It waits for the network.
    pub fn deliver_once(&self, db: &Db) -> Result<usize> {
        let (mut sent, begun) = (0, Instant::now());
        for channel in self.channels() {
            let due = db.read_now(|rx| store::list_due(rx, channel, db.now(), AT_ONCE))?;
            for id in due {
                if begun.elapsed() > ROUND {
                    return Ok(sent);
                }
                match self.deliver(db, channel, &id)? {
                    Some(Ok(())) => sent += 1,
                    Some(Err(trouble)) if trouble.is_everybodys => {
                        tracing::warn!(channel = channel.as_str(), "messages cannot be handed in; it is tried again");
                        break;
                    }
                    Some(Err(_)) | None => {}
                }
            }
        }
        Ok(sent)
    }

    /// One try; `None` where another instance has begun it.
    fn deliver(&self, db: &Db, channel: Channel, id: &DeliveryId) -> Result<Option<std::result::Result<(), Trouble>>> {
        let own = id.clone();
        let begun = db.write_now(Lane::of("delivery", id), move |tx| {
            let now = tx.now();
            store::begin(tx, &own, now, |tries| again_at(now, tries))
        })?;
        let Some((tries, message)) = begun else { return Ok(None) };
        let address = db.read_now(|rx| access::address_of(rx, &self.vault, &message.account_id, channel))?;
        // Switched off meanwhile: there is nobody to send it to, now or later.
        let (tries, end) = match address {
            Some(address) => (tries, self.send(channel, &address, id, &message)),
            None => (i32::MAX, Err(Trouble { word: "no_address", is_everybodys: false })),
        };
        let (own, word) = (id.clone(), end.as_ref().err().map(|trouble| trouble.word));
        db.write_now(Lane::of("delivery", id), move |tx| {
            let now = tx.now();
            store::end(tx, &own, tries, word.map_or(Ok(()), Err), now)
        })?;
        Ok(Some(end))
    }

    fn send(
        &self,
        channel: Channel,
        to: &Clear,
        id: &DeliveryId,
        message: &MessageRow,
    ) -> std::result::Result<(), Trouble> {
        let (title, price) = (message.title.as_str(), message.price.as_deref());
        let link = format!("{}/m/{}", self.host, message.code);
        match (channel, &self.text, &self.mail) {
            (Channel::Text, Some(gateway), _) => gateway.send(to, &outside(title, price, &link, LONGEST_TEXT), id),
            (Channel::Mail, _, Some(post)) => {
                let text = outside(title, price, &format!("{}://{link}", self.scheme), usize::MAX);
                post.send(to, &format!("乡集：{title}"), text, &format!("<{id}@{}>", self.host))
            }
            _ => Err(NOT_REACHED),
        }
    }
}

impl Gateway {
    fn send(&self, to: &Clear, text: &str, id: &DeliveryId) -> std::result::Result<(), Trouble> {
        let body = json!({ "to": to.expose(), "text": text, "id": id }).to_string();
        let request = self.agent.post(&self.url).content_type("application/json");
        let response = request.send(body).map_err(|_| NOT_REACHED)?;
        if response.status().is_success() { Ok(()) } else { Err(REFUSED) }
    }
}

impl Post {
    fn send(&self, to: &Clear, subject: &str, text: String, id: &str) -> std::result::Result<(), Trouble> {
        let to = to.expose().parse().map_err(|_| REFUSED)?;
        let mail = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .message_id(Some(id.to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(text + "\n")
            .map_err(|_| REFUSED)?;
        match self.smtp.send(&mail) {
            Ok(_) => Ok(()),
            Err(e) if e.is_transient() || e.is_permanent() => Err(REFUSED),
            Err(_) => Err(NOT_REACHED),
        }
    }
}

/// Where mails are handed in. In the clear on this machine only, and without a password: whoever listens would have the addresses.
fn smtp(url: &str) -> std::result::Result<SmtpTransport, String> {
    const NEEDED: &str =
        "needs smtps://…, or smtp://…?tls=required; smtp://127.0.0.1:25 and the like are for this machine";
    let builder = match url.strip_prefix("smtp://") {
        Some(local) if !local.contains(['@', '/', '?', '#']) => {
            let (host, port) = local.rsplit_once(':').unwrap_or((local, "25"));
            let port = port.parse().ok().filter(|_| is_local(host)).ok_or(NEEDED)?;
            SmtpTransport::builder_dangerous(host).port(port)
        }
        _ if url.starts_with("smtps://") || url.ends_with("?tls=required") => under_tls(url)?,
        _ => return Err(NEEDED.to_owned()),
    };
    Ok(builder.timeout(Some(PATIENCE)).build())
}

#[cfg(feature = "delivery-tls")]
fn under_tls(url: &str) -> std::result::Result<SmtpTransportBuilder, String> {
    SmtpTransport::from_url(url).map_err(|_| "cannot be read: smtps://name:password@host is needed".into())
}

#[cfg(not(feature = "delivery-tls"))]
fn under_tls(_: &str) -> std::result::Result<SmtpTransportBuilder, String> {
    Err("needs TLS: build with --features delivery-tls".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_leave_the_machine_under_tls_alone() {
        for local in ["smtp://127.0.0.1:2525", "smtp://localhost"] {
            assert!(smtp(local).is_ok(), "{local}");
        }
        for bad in [
            "smtp://mail.example",
            "smtp://name:pass@127.0.0.1:25",
            "smtp://127.0.0.1@mail.example",
            "smtp://127.0.0.1:x",
            "http://127.0.0.1",
            "smtp://m?tls=opportunistic",
        ] {
            let error = smtp(bad).err().unwrap();
            assert!(error.contains("tls=required") && !error.contains("mail.example"), "{error}");
        }
        for tls in ["smtps://name:pass@mail.example", "smtp://mail.example:587?tls=required"] {
            assert_eq!(smtp(tls).is_ok(), cfg!(feature = "delivery-tls"), "{tls}");
        }
    }
}
