//! The commitment and the seed.

use sha2::{Digest, Sha256};

use super::model::{Draw, DrawFault, Party};
use crate::{
    kernel::{FieldError, Problem, Timestamp, hex},
    log::note::Checkpoint,
};

crate::codes! {
    DRAW_NOT_HERE 409 "draw_not_here" "公告没有规定抽签";
    DRAW_NOT_COMMITTING 409 "draw_not_committing" "现在不收承诺值";
    DRAW_COMMITTED 409 "draw_committed" "您已经交过承诺值，不能更换";
    DRAW_NOT_OPENING 409 "draw_not_opening" "现在不是公开数值的时间";
    DRAW_NOT_BOUND 409 "draw_not_bound" "您在这一轮没有交过承诺值";
    DRAW_OTHER_VALUE 409 "draw_other_value" "数值与承诺值不符";
    DRAW_WITHHELD 409 "draw_withheld" "您在前一轮没有公开数值，已排到最后";
}

/// Reads 32 bytes in hex, as `sha256sum` and `od` write them.
///
/// Errors: a field error.
pub fn read_32(field: &str, typed: &str) -> Result<[u8; 32], Problem> {
    let text: String = typed.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
    let bytes: Option<Vec<u8>> = (0..text.len())
        .step_by(2)
        .map(|at| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    let plain = text.bytes().all(|b| b.is_ascii_hexdigit());
    bytes.filter(|_| plain).and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| {
        let detail = format!("应为 64 位的十六进制数（0 到 9、a 到 f），现在有 {} 位", text.chars().count());
        Problem::fields(vec![FieldError::new(field, Some(typed), detail)])
    })
}

/// Whether parties may bind themselves at `now`.
///
/// Errors: `draw_not_committing`.
pub fn must_be_committing(until: Option<Timestamp>, now: Timestamp) -> Result<(), Problem> {
    match until {
        Some(until) if now < until => Ok(()),
        Some(until) => Err(Problem::new(&DRAW_NOT_COMMITTING, format!("承诺值收到 {} 为止", until.second_text()))
            .with("until", until.to_string())),
        None => Err((&DRAW_NOT_COMMITTING).into()),
    }
}

/// The number that a bidder draws, in hex.
pub fn digest(seed: &[u8], bidder: &str) -> String {
    hex(&Sha256::new_with_prefix(seed).chain_update(bidder).finalize())
}

/// What a party publishes before the auction: SHA-256 over five lines, each ended by LF:
/// `xiangji-draw-commitment/1`, lot, round, party, value in lower-case hex.
pub fn commitment(lot: &str, round: u64, party: &str, value: &[u8; 32]) -> [u8; 32] {
    let lines = format!("xiangji-draw-commitment/1\n{lot}\n{round}\n{party}\n{}\n", hex(value));
    Sha256::digest(lines).into()
}

/// The seed: SHA-256 over the lines `xiangji-draw-seed/1`, lot, round, the three lines of the checkpoint, and one line
/// `party value` for each party in the byte order of the names, each ended by LF.
///
/// Errors: whatever makes the draw one that somebody could have steered.
pub fn seed(draw: &Draw) -> Result<[u8; 32], DrawFault> {
    check_checkpoint(draw)?;
    let mut parties: Vec<&Party> = draw.parties.iter().collect();
    parties.sort_by_key(|party| party.name.as_bytes());
    if parties.len() < 2 {
        return Err(DrawFault::TooFewParties);
    }
    let twice = parties.windows(2).find_map(|pair| match pair {
        [a, b] if a.name == b.name => Some(a.name.clone()),
        _ => None,
    });
    if let Some(name) = twice {
        return Err(DrawFault::NamedTwice(name));
    }
    check_line(&draw.lot)?;
    let mut hash = Sha256::new_with_prefix(format!("xiangji-draw-seed/1\n{}\n{}\n", draw.lot, draw.round));
    hash.update(&draw.checkpoint);
    for party in parties {
        hash.update(format!("{} {}\n", party.name, hex(&opened(draw, party)?)));
    }
    Ok(hash.finalize().into())
}

fn check_checkpoint(draw: &Draw) -> Result<(), DrawFault> {
    let Checkpoint { size, .. } = draw.checkpoint.parse().map_err(|_| DrawFault::NotACheckpoint)?;
    if draw.checkpoint.lines().count() != 3 {
        return Err(DrawFault::NotACheckpoint);
    }
    if size <= draw.closing_index {
        return Err(DrawFault::TooEarly { size });
    }
    if size > draw.first_opening_index {
        return Err(DrawFault::TooLate { size });
    }
    Ok(())
}

fn check_line(text: &str) -> Result<(), DrawFault> {
    let fits = !text.is_empty() && !text.chars().any(char::is_control);
    fits.then_some(()).ok_or_else(|| DrawFault::BadName(text.to_owned()))
}

fn opened(draw: &Draw, party: &Party) -> Result<[u8; 32], DrawFault> {
    check_line(&party.name)?;
    let value = party.value.ok_or_else(|| DrawFault::NotOpened(party.name.clone()))?;
    if commitment(&draw.lot, draw.round, &party.name, &value) != party.commitment {
        return Err(DrawFault::OtherValue(party.name.clone()));
    }
    Ok(value)
}
