//! A sealed bid as it travels: what is in it, what it looks like from outside, and opening it. Pure.
//!
//! The format is `xiangji-sealed-bid/1`, made to be written and opened with `age`, `gfsplit`, `gfcombine`, `jq` and
//! `base64` alone (docs/sealed-bids.md). Every part has one length whatever is in it, so lengths tell nothing.

use std::str::FromStr;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::Fen;

/// What an envelope calls its format.
pub const FORMAT: &str = "xiangji-sealed-bid/1";
/// Bytes of the bid before it is encrypted: JSON, then spaces.
pub const BID_BYTES: usize = 512;
/// Bytes of the secret line of an age identity, `AGE-SECRET-KEY-1…`; of a share of it as well.
pub const SECRET_BYTES: usize = 74;
/// What encrypting to one recipient adds: 168 bytes of header, 16 of nonce, 16 of tag.
const AGE_BYTES: usize = 200;
/// Bytes of an encrypted bid.
pub const SEALED_BID_BYTES: usize = BID_BYTES + AGE_BYTES;
/// Bytes of an encrypted share.
pub const SEALED_SHARE_BYTES: usize = SECRET_BYTES + AGE_BYTES;
/// The greatest amount that a sealed bid can say.
pub const MOST_FEN: i64 = 1_000_000_000_000;

/// What stands in the place of a bid number on the envelope of the secret floor: no bidder can have it, numbers are digits.
pub const RESERVE: &str = "reserve";

/// How an age file for one X25519 recipient begins.
const AGE_HEAD: &[u8] = b"age-encryption.org/v1\n-> X25519 ";

/// A sealed bid: the encrypted bid, and the key to it in shares that only their trustees can read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SealedEnvelope)]
pub struct Envelope {
    /// `xiangji-sealed-bid/1`.
    pub format: String,
    pub lot: String,
    /// Bid number; `reserve` on the envelope of the secret floor.
    #[schema(example = "03")]
    pub bidder: String,
    /// Public key of this one bid, `age1…`.
    pub recipient: String,
    /// The bid encrypted to it, in Base64.
    pub ciphertext: String,
    /// One for each trustee of the lot, in the notice's order.
    pub shares: Vec<SealedShare>,
}

/// A share of the bid's secret key, encrypted to a trustee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SealedShare {
    /// The trustee's public key, `age1…`.
    pub trustee: String,
    /// The number in the name of the share's file: 1 to 255.
    pub number: u8,
    /// The encrypted share, in Base64.
    pub share: String,
}

/// What is inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inner {
    pub lot: String,
    pub bidder: String,
    pub amount_fen: i64,
    /// 32 hexadecimal digits that nobody can guess.
    pub nonce: String,
}

impl Inner {
    /// The bid as it is encrypted; `None` where it does not fit.
    pub fn padded(&self) -> Option<Vec<u8>> {
        let mut text = serde_json::to_vec(self).ok().filter(|text| text.len() <= BID_BYTES)?;
        text.resize(BID_BYTES, b' ');
        Some(text)
    }
}

/// What is wrong with an envelope seen from outside: the field and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub field: String,
    pub detail: String,
}

impl Fault {
    fn new(field: &str, detail: impl Into<String>) -> Fault {
        Fault { field: field.to_owned(), detail: detail.into() }
    }
}

/// The bytes of an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    pub ciphertext: Vec<u8>,
    /// In the envelope's order.
    pub shares: Vec<Vec<u8>>,
}

impl Envelope {
    /// Reads the parts and tests all that can be seen from outside: for this lot, this bidder, these trustees.
    ///
    /// Errors: the first fault.
    pub fn checked(&self, lot: &str, bidder: &str, trustees: &[String]) -> Result<Parts, Fault> {
        let fail = |bad: bool, field: &str, detail: String| if bad { Err(Fault::new(field, detail)) } else { Ok(()) };
        fail(self.format != FORMAT, "format", format!("信封的格式应写 {FORMAT}"))?;
        fail(self.lot != lot, "lot", format!("这个信封不是给本标的的；本标的的编号是 {lot}，请重新制作"))?;
        fail(self.bidder != bidder, "bidder", format!("信封上的竞买号应写 {bidder}，请重新制作"))?;
        if read_recipient(&self.recipient).is_none() {
            return Err(Fault::new("recipient", "应是 age-keygen 给出的公钥，以 age1 开头"));
        }
        let ciphertext = read_age(&self.ciphertext, SEALED_BID_BYTES).ok_or_else(|| {
            let detail = format!("应是用 age 加密 {BID_BYTES} 个字节得到的 {SEALED_BID_BYTES} 个字节，写成 Base64");
            Fault::new("ciphertext", detail)
        })?;
        let count = trustees.len();
        fail(self.shares.len() != count, "shares", format!("应正好有 {count} 份密钥，每位保管人一份"))?;
        let mut shares = Vec::with_capacity(count);
        for (i, (share, trustee)) in self.shares.iter().zip(trustees).enumerate() {
            let at = |name: &str| format!("shares/{i}/{name}");
            fail(share.trustee != *trustee, &at("trustee"), format!("第 {} 份应给 {trustee}", i + 1))?;
            let twice = self.shares.iter().filter(|other| other.number == share.number).count() > 1;
            fail(share.number == 0 || twice, &at("number"), "份号应为 1 到 255，各份不同".to_owned())?;
            shares.push(read_age(&share.share, SEALED_SHARE_BYTES).ok_or_else(|| {
                let what = format!("{SECRET_BYTES} 个字节得到的 {SEALED_SHARE_BYTES} 个字节");
                Fault::new(&at("share"), format!("应是用 age 加密 {what}，写成 Base64"))
            })?);
        }
        Ok(Parts { ciphertext, shares })
    }
}

/// Base64 of an age file for one recipient, of exactly this length.
fn read_age(text: &str, length: usize) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok().filter(|bytes| bytes.len() == length && bytes.starts_with(AGE_HEAD))
}

/// A public key as `age-keygen` writes it.
pub fn read_recipient(text: &str) -> Option<age::x25519::Recipient> {
    age::x25519::Recipient::from_str(text).ok().filter(|recipient| recipient.to_string() == text)
}

crate::text_enum! {
    /// What opening a bid came to. All but the first leave the bidder without a bid.
    pub enum Opened {
        Opened = "opened" => "已开启",
        SharesDoNotFit = "shares_do_not_fit" => "各份密钥合不成信封上的钥匙",
        NotDecrypted = "not_decrypted" => "用合成的钥匙解不开报价",
        Unreadable = "unreadable" => "信封里的报价读不懂",
        OtherLot = "other_lot" => "信封里写的是另一个标的",
        OtherBidder = "other_bidder" => "信封里写的是另一个竞买号",
        AmountOutOfRange = "amount_out_of_range" => "信封里的金额超出范围",
        RepeatedNonce = "repeated_nonce" => "信封里的随机数与先收到的报价相同",
    }
}

/// An opened bid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    pub outcome: Opened,
    /// Where it was opened.
    pub amount: Option<Fen>,
    pub nonce: Option<String>,
    /// The bid's secret key, once its shares gave it: with it everybody opens the bid again.
    pub identity: Option<String>,
}

/// What can be done with the shares that are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    Done(Opening),
    /// Fewer shares than are needed.
    Missing,
    /// Enough shares, and no set of them gives the key; another trustee's may.
    NotYet,
}

/// A share that a trustee has decrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClearShare {
    pub number: u8,
    pub bytes: Vec<u8>,
}

/// Opens a bid: tries every set of `needed` shares until one gives the key that the envelope names. A wrong share can
/// hinder nothing as long as enough right ones are there. `all`: no other share can come.
pub fn open(envelope: &Envelope, needed: usize, shares: &[ClearShare], all: bool) -> Attempt {
    if needed == 0 || shares.len() < needed {
        return Attempt::Missing;
    }
    let sets = subsets(shares.len(), needed);
    let found = sets.into_iter().find_map(|set| {
        let picked: Vec<&ClearShare> = set.iter().filter_map(|i| shares.get(*i)).collect();
        let secret = combine(&picked)?;
        let identity = read_identity(&secret)?;
        (identity.to_public().to_string() == envelope.recipient).then_some((secret, identity))
    });
    match found {
        Some((secret, identity)) => Attempt::Done(unseal(envelope, secret, &identity)),
        None if all => {
            Attempt::Done(Opening { outcome: Opened::SharesDoNotFit, amount: None, nonce: None, identity: None })
        }
        None => Attempt::NotYet,
    }
}

/// Opens a bid with the secret key that was published with its opening.
pub fn open_with(envelope: &Envelope, secret: &str) -> Option<Opening> {
    let identity = read_identity(secret)?;
    (identity.to_public().to_string() == envelope.recipient).then(|| unseal(envelope, secret.to_owned(), &identity))
}

fn unseal(envelope: &Envelope, secret: String, identity: &age::x25519::Identity) -> Opening {
    let void = |outcome| Opening { outcome, amount: None, nonce: None, identity: Some(secret.clone()) };
    let Some(text) = STANDARD.decode(&envelope.ciphertext).ok().and_then(|file| age::decrypt(identity, &file).ok())
    else {
        return void(Opened::NotDecrypted);
    };
    if text.len() != BID_BYTES {
        return void(Opened::Unreadable);
    }
    let Ok(inner) = serde_json::from_slice::<Inner>(&text) else { return void(Opened::Unreadable) };
    if inner.nonce.len() != 32 || !inner.nonce.bytes().all(|b| b.is_ascii_hexdigit()) {
        return void(Opened::Unreadable);
    }
    if inner.lot != envelope.lot {
        return void(Opened::OtherLot);
    }
    if inner.bidder != envelope.bidder {
        return void(Opened::OtherBidder);
    }
    if !(1..=MOST_FEN).contains(&inner.amount_fen) {
        return void(Opened::AmountOutOfRange);
    }
    Opening {
        outcome: Opened::Opened,
        amount: Some(Fen(inner.amount_fen)),
        nonce: Some(inner.nonce),
        identity: Some(secret),
    }
}

fn read_identity(secret: &str) -> Option<age::x25519::Identity> {
    if secret.len() != SECRET_BYTES { None } else { age::x25519::Identity::from_str(secret).ok() }
}

/// Puts shares together as `gfcombine` does: Shamir over GF(2^8) with the polynomial 0x11d, byte by byte.
fn combine(shares: &[&ClearShare]) -> Option<String> {
    let read = |share: &&ClearShare| {
        let mut bytes = Vec::with_capacity(share.bytes.len() + 1);
        bytes.push(share.number);
        bytes.extend(&share.bytes);
        blahaj::Share::try_from(bytes.as_slice()).ok()
    };
    let read: Vec<blahaj::Share> = shares.iter().map(read).collect::<Option<_>>()?;
    let needed = u8::try_from(shares.len()).ok()?;
    let secret = blahaj::Sharks(needed).recover(&read).ok()?;
    String::from_utf8(secret).ok()
}

/// Every set of `k` of the first `n` numbers, in order. `n` is at most 7 here, so there are at most 35.
fn subsets(n: usize, k: usize) -> Vec<Vec<usize>> {
    let mut found = vec![Vec::new()];
    for _ in 0..k {
        found = found
            .into_iter()
            .flat_map(|set: Vec<usize>| {
                let from = set.last().map_or(0, |last| last + 1);
                (from..n).map(move |next| [set.clone(), vec![next]].concat())
            })
            .collect();
    }
    found
}
