//! The commitment and the seed.

use sha2::{Digest, Sha256};

use super::model::{Draw, DrawFault, Party};
use crate::{kernel::hex, log::note::Checkpoint};

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
