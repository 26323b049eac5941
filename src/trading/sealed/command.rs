//! `xiangji seal` and `xiangji unseal`: on the own machine, from files, without a database and without a network.

use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    model::{Envelope, FORMAT, Opened, RESERVE, SealedShare, open_with},
    seal::seal,
};
use crate::{kernel::Fen, trading::price::PriceUnit};

fn read(file: &Path) -> Result<Value, String> {
    let text = std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    serde_json::from_str(&text).map_err(|e| format!("{}: {e}", file.display()))
}

/// The envelope of a bid of `amount` in the lot's price unit as JSON; `lot` is the answer of `/api/v1/lots/ID`.
///
/// Errors: one line.
pub fn seal_bid(lot: &Path, bidder: &str, amount: &str) -> Result<String, String> {
    let document = read(lot)?;
    let sealed = document.pointer("/terms/method/sealed").filter(|sealed| !sealed.is_null());
    let sealed = sealed.ok_or_else(|| format!("{}: this lot does not take sealed bids", lot.display()))?;
    let keys = sealed.get("trustees").and_then(Value::as_array).into_iter().flatten();
    let keys = keys.filter_map(|trustee| trustee.get("recipient").and_then(Value::as_str).map(str::to_owned));
    let needed = sealed.get("needed").and_then(Value::as_u64).and_then(|k| usize::try_from(k).ok()).unwrap_or(0);
    let id = document.get("id").and_then(Value::as_str).unwrap_or_default();
    let unit = document.pointer("/terms/price_unit").and_then(Value::as_str).and_then(|unit| unit.parse().ok());
    let unit: PriceUnit = unit.ok_or_else(|| format!("{}: no price_unit in its terms", lot.display()))?;
    let amount = unit.read(amount).map_err(|e| format!("--amount {amount}: {e}"))?;
    if amount <= Fen::ZERO || amount.0 > super::model::MOST_FEN {
        return Err(format!("--amount {amount}: it must be more than 0 and at most 10000000000.00"));
    }
    let bidder = match bidder.parse::<i32>() {
        _ if bidder == RESERVE => RESERVE.to_owned(),
        Ok(number) if number > 0 => crate::trading::bid_number(number),
        _ => {
            return Err(format!(
                "--bidder {bidder}: the own bid number, such as 03, or reserve for the collective's secret floor"
            ));
        }
    };
    let envelope = seal(id, &bidder, amount, needed, &keys.collect::<Vec<_>>()).map_err(|e| e.to_string())?;
    serde_json::to_string(&envelope).map(|text| text + "\n").map_err(|e| e.to_string())
}

/// The own shares of every counting bid, decrypted, as JSON to hand in; `bids` is the answer of `/api/v1/lots/ID/sealed-bids`,
/// `key` the file that `age-keygen` made. A share that does not open is left out and named in the second text.
///
/// Errors: one line.
pub fn unseal_shares(bids: &Path, key: &Path) -> Result<(String, String), String> {
    let document = read(bids)?;
    let text = std::fs::read_to_string(key).map_err(|e| format!("{}: {e}", key.display()))?;
    let secret = text.lines().map(str::trim).find(|line| line.starts_with("AGE-SECRET-KEY-1"));
    let identity: Option<age::x25519::Identity> = secret.and_then(|secret| secret.parse().ok());
    let identity = identity.ok_or_else(|| format!("{}: no key of age-keygen in it", key.display()))?;
    let own = identity.to_public().to_string();
    let (mut shares, mut left_out) = (Vec::new(), String::new());
    for bid in counting(&document) {
        let id = bid.get("id").and_then(Value::as_str).unwrap_or_default();
        let sealed = bid.get("shares").and_then(Value::as_array).into_iter().flatten();
        let mut sealed = sealed.filter(|share| share.get("trustee").and_then(Value::as_str) == Some(&own));
        let share = sealed.next().and_then(|share| share.get("share")).and_then(Value::as_str);
        let file = share.and_then(|share| STANDARD.decode(share).ok());
        match file.and_then(|file| age::decrypt(&identity, &file).ok()) {
            Some(clear) => shares.push(json!({ "bid": id, "share": STANDARD.encode(clear) })),
            None => left_out.push_str(&format!("{id}: the share of {own} does not open\n")),
        }
    }
    let text = json!({ "trustee": own, "shares": shares }).to_string() + "\n";
    Ok((text, left_out))
}

/// Opens every bid again with the keys that were published: a line for each, and whether all agree with what the server says.
///
/// Errors: one line.
pub fn unseal_bids(bids: &Path) -> Result<(String, bool), String> {
    let document = read(bids)?;
    let lot = document.get("lot").and_then(Value::as_str).unwrap_or_default();
    let (mut lines, mut all_agree) = (String::new(), true);
    for bid in counting(&document) {
        let text = |name: &str| bid.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let envelope = Envelope {
            format: FORMAT.to_owned(),
            lot: lot.to_owned(),
            bidder: text("bidder"),
            recipient: text("recipient"),
            ciphertext: text("ciphertext"),
            shares: Vec::<SealedShare>::new(),
        };
        let opening = open_with(&envelope, &text("identity"));
        let (outcome, amount) =
            opening.map_or((Opened::SharesDoNotFit, None), |opening| (opening.outcome, opening.amount));
        let amount = amount.map(|amount| amount.to_string()).unwrap_or_default();
        // Which of two nonces came first is the server's to say.
        let agrees = (text("outcome") == outcome.as_str() && text("amount") == amount)
            || (text("outcome") == Opened::RepeatedNonce.as_str() && outcome == Opened::Opened);
        all_agree &= agrees;
        let verdict = if agrees { "as published" } else { "NOT AS PUBLISHED" };
        lines.push_str(&format!("{} {outcome} {amount} {verdict}\n", envelope.bidder));
    }
    Ok((lines, all_agree))
}

fn counting(document: &Value) -> impl Iterator<Item = &Value> {
    let bids = document.get("bids").and_then(Value::as_array).into_iter().flatten();
    bids.filter(|bid| bid.get("counts").and_then(Value::as_bool) == Some(true))
}
