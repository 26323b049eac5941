//! How much of a personal value may be seen where the reader has no need of it. One rule for each kind, in one place.

/// An identity number or credit code: `4407**********1234`. Shorter values keep less.
pub fn mask_id(number: &str) -> String {
    keep(number, 4, 4)
}

/// A telephone number: `138****5678`.
pub fn mask_phone(number: &str) -> String {
    keep(number, 3, 4)
}

/// A bank account: `****5678`, whatever its length.
pub fn mask_account(number: &str) -> String {
    let tail: String = tail(number, 4);
    if number.chars().count() > 8 { format!("****{tail}") } else { "****".to_owned() }
}

/// A mail address: `c***@example.com`; how long the name is does not show.
pub fn mask_mail(address: &str) -> String {
    let (name, host) = address.split_once('@').unwrap_or((address, ""));
    let first: String = name.chars().take(1).collect();
    format!("{first}***@{host}")
}

/// A person's name: `张*`, `欧**`; at most two stars, so that a long name does not give itself away by its length.
pub fn mask_name(name: &str) -> String {
    let mut letters = name.chars();
    let first: String = letters.next().into_iter().collect();
    format!("{first}{}", "*".repeat(letters.count().min(2)))
}

/// The first `head` and last `last` characters, a star for each between; a value too short to hide anything between them
/// keeps only its first character.
fn keep(value: &str, head: usize, last: usize) -> String {
    let length = value.chars().count();
    if length < head + last + 2 {
        let first: String = value.chars().take(1).collect();
        return format!("{first}{}", "*".repeat(length.saturating_sub(1)));
    }
    let start: String = value.chars().take(head).collect();
    format!("{start}{}{}", "*".repeat(length - head - last), tail(value, last))
}

fn tail(value: &str, last: usize) -> String {
    value.chars().skip(value.chars().count().saturating_sub(last)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_by_its_rule() {
        assert_eq!(mask_id("440703199001011234"), "4407**********1234");
        assert_eq!(mask_id("44070319"), "4*******");
        assert_eq!(mask_phone("13812345678"), "138****5678");
        assert_eq!(mask_phone("12"), "1*");
        assert_eq!(mask_account("6222020012345678"), "****5678");
        assert_eq!(mask_account("5678"), "****");
        assert_eq!(mask_mail("chen@example.com"), "c***@example.com");
        assert_eq!(mask_name("张三"), "张*");
        assert_eq!(mask_name("阿依古丽·买买提"), "阿**");
        assert_eq!((mask_name(""), mask_id(""), mask_phone("")), (String::new(), String::new(), String::new()));
    }
}
