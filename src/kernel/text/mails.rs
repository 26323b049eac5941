//! Addresses of electronic mail.

use std::fmt;

use super::compact;

/// The text is no mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailFault;

impl fmt::Display for MailFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("电子邮箱应写成“名字@网站”的样子，例如 chen@example.com")
    }
}
impl std::error::Error for MailFault {}

/// Longest address (RFC 5321, 4.5.3.1.3: a path has 256 octets with its brackets).
const LONGEST: usize = 254;

/// Reads a mail address; the part after the @ in small letters.
///
/// # Errors
/// A [`MailFault`]; of what RFC 5321 allows only what mailboxes are called in practice.
pub fn read_mail(text: &str) -> Result<String, MailFault> {
    let typed = compact(text);
    let (name, host) = typed.split_once('@').ok_or(MailFault)?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let dots = |name: &str| name.split('.').all(|part| !part.is_empty());
    let fits = typed.len() <= LONGEST
        && (1..=64).contains(&name.len())
        && name.chars().all(is_name)
        && dots(name)
        && host.contains('.')
        && host.split('.').all(is_label);
    if fits { Ok(format!("{name}@{}", host.to_ascii_lowercase())) } else { Err(MailFault) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_they_are_typed() {
        assert_eq!(read_mail(" Chen.A@Example.COM "), Ok("Chen.A@example.com".into()));
        assert_eq!(read_mail("chen＠example.com"), Ok("chen@example.com".into()));
        let long = format!("{}@{}.example.com", "a".repeat(64), "b.".repeat(100));
        for none in ["", "chen", "chen@", "@example.com", "a@b", "a b@c@d.e", "a@-b.cn", "a..b@c.cn", "陈@c.cn", &*long]
        {
            assert_eq!(read_mail(none), Err(MailFault), "{none}");
        }
        assert_eq!(read_mail("a@b.cn\r\nBcc: x@y.cn"), Err(MailFault));
    }
}
