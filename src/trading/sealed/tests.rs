//! Envelopes against the programs of others, and against those who break them.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use age::x25519;
use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;

use super::model::{BID_BYTES, SEALED_BID_BYTES, SEALED_SHARE_BYTES, SECRET_BYTES};
use super::*;
use crate::kernel::Fen;

const LOT: &str = "lot_0123456789abcdef";

struct Trustees(Vec<x25519::Identity>);

impl Trustees {
    fn new(count: usize) -> Trustees {
        Trustees((0..count).map(|_| x25519::Identity::generate()).collect())
    }
    fn keys(&self) -> Vec<String> {
        self.0.iter().map(|identity| identity.to_public().to_string()).collect()
    }
    /// What these trustees decrypt of an envelope; where one cannot, nothing.
    fn shares(&self, envelope: &Envelope, who: &[usize]) -> Vec<ClearShare> {
        let one = |i: &usize| {
            let share = envelope.shares.get(*i)?;
            let bytes = age::decrypt(&self.0[*i], &STANDARD.decode(&share.share).ok()?).ok()?;
            Some(ClearShare { number: share.number, bytes })
        };
        who.iter().filter_map(one).collect()
    }
}

fn opened(attempt: Attempt) -> Opening {
    match attempt {
        Attempt::Done(opening) => opening,
        other => panic!("{other:?}"),
    }
}

fn pairs_and_triples(n: usize, k: usize) -> Vec<Vec<usize>> {
    (0..1usize << n)
        .map(|bits| (0..n).filter(|i| bits >> i & 1 == 1).collect::<Vec<_>>())
        .filter(|set| set.len() == k)
        .collect()
}

#[test]
fn any_three_of_five_open_it_and_no_two_do() {
    let trustees = Trustees::new(5);
    let envelope = seal(LOT, "03", Fen(8_200_000), 3, &trustees.keys()).unwrap();
    let parts = envelope.checked(LOT, "03", &trustees.keys()).unwrap();
    assert_eq!((parts.ciphertext.len(), parts.shares[4].len()), (SEALED_BID_BYTES, SEALED_SHARE_BYTES));
    let threes = pairs_and_triples(5, 3);
    assert_eq!(threes.len(), 10);
    for set in threes {
        let opening = opened(open(&envelope, 3, &trustees.shares(&envelope, &set), false));
        assert_eq!((opening.outcome, opening.amount), (Opened::Opened, Some(Fen(8_200_000))));
        let secret = opening.identity.clone().unwrap();
        assert_eq!(open_with(&envelope, &secret), Some(opening), "whoever has the published key opens it again");
    }
    for set in pairs_and_triples(5, 2) {
        let two = trustees.shares(&envelope, &set);
        assert_eq!(open(&envelope, 3, &two, true), Attempt::Missing);
        let claimed = opened(open(&envelope, 2, &two, true));
        assert_eq!((claimed.outcome, claimed.identity), (Opened::SharesDoNotFit, None), "two alone give no key");
    }
}

#[test]
fn a_wrong_share_hinders_nothing_while_enough_right_ones_are_there() {
    let trustees = Trustees::new(5);
    let envelope = seal(LOT, "03", Fen(100), 3, &trustees.keys()).unwrap();
    let mut shares = trustees.shares(&envelope, &[0, 1, 2, 3]);
    shares[0].bytes = vec![b'x'; SECRET_BYTES];
    assert_eq!(opened(open(&envelope, 3, &shares, false)).outcome, Opened::Opened);
    assert_eq!(open(&envelope, 3, &shares[..3], false), Attempt::NotYet);
    assert_eq!(opened(open(&envelope, 3, &shares[..3], true)).outcome, Opened::SharesDoNotFit);
}

#[test]
fn lengths_tell_nothing() {
    let trustees = Trustees::new(3);
    let mut lengths = std::collections::BTreeSet::new();
    for exponent in 0..=12 {
        for bidder in ["01", "9999"] {
            let amount = Fen(10_i64.pow(exponent));
            let envelope = seal(LOT, bidder, amount, 2, &trustees.keys()).unwrap();
            let shares: Vec<usize> = envelope.shares.iter().map(|share| share.share.len()).collect();
            lengths.insert((envelope.ciphertext.len(), shares));
        }
    }
    assert_eq!(lengths.len(), 1, "{lengths:?}");
}

#[test]
fn what_is_inside_must_be_what_is_outside() {
    let trustees = Trustees::new(3);
    let keys = trustees.keys();
    let told = |inner: &[u8], envelope: Envelope| {
        let identity = x25519::Identity::generate();
        let secret = age::secrecy::ExposeSecret::expose_secret(&identity.to_string()).to_owned();
        let recipient = identity.to_public();
        let ciphertext = STANDARD.encode(encrypt(&recipient, inner).unwrap());
        let envelope = Envelope { recipient: recipient.to_string(), ciphertext, ..envelope };
        open_with(&envelope, &secret).unwrap().outcome
    };
    let envelope = seal(LOT, "03", Fen(1), 2, &keys).unwrap();
    let inner = |lot: &str, bidder: &str, amount_fen, nonce: &str| {
        let inner = Inner { lot: lot.into(), bidder: bidder.into(), amount_fen, nonce: nonce.into() };
        inner.padded().unwrap()
    };
    let nonce = "0123456789abcdef0123456789abcdef";
    for (inner, outcome) in [
        (inner(LOT, "03", 1, nonce), Opened::Opened),
        (inner("lot_other", "03", 1, nonce), Opened::OtherLot),
        (inner(LOT, "04", 1, nonce), Opened::OtherBidder),
        (inner(LOT, "03", 0, nonce), Opened::AmountOutOfRange),
        (inner(LOT, "03", 1_000_000_000_001, nonce), Opened::AmountOutOfRange),
        (inner(LOT, "03", 1, "short"), Opened::Unreadable),
        (vec![0xff; BID_BYTES], Opened::Unreadable),
        (b"{}".to_vec(), Opened::Unreadable),
    ] {
        assert_eq!(told(&inner, envelope.clone()), outcome);
    }
    let copied = Envelope { bidder: "04".into(), ..envelope.clone() };
    let opening = opened(open(&copied, 2, &trustees.shares(&copied, &[0, 2]), false));
    assert_eq!(opening.outcome, Opened::OtherBidder, "another's envelope under the own number");
    let faults = |envelope: &Envelope| envelope.checked(LOT, "03", &keys).unwrap_err().field;
    assert_eq!(faults(&Envelope { lot: "lot_x".into(), ..envelope.clone() }), "lot");
    assert_eq!(faults(&copied), "bidder");
    assert_eq!(faults(&Envelope { recipient: keys[0].to_uppercase(), ..envelope.clone() }), "recipient");
    assert_eq!(faults(&Envelope { shares: envelope.shares[1..].to_vec(), ..envelope.clone() }), "shares");
    let mut swapped = envelope.clone();
    swapped.shares.swap(0, 1);
    assert_eq!(faults(&swapped), "shares/0/trustee");
    let mut same = envelope.clone();
    same.shares[1].number = same.shares[0].number;
    assert_eq!(faults(&same), "shares/0/number");
    let mut longer = envelope;
    longer.shares[2].share = STANDARD.encode([STANDARD.decode(&longer.shares[2].share).unwrap(), vec![0]].concat());
    assert_eq!(faults(&longer), "shares/2/share");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]
    /// Bits of every part are turned: the envelope is refused, or opens to a named outcome; what opens is what was sealed.
    #[test]
    fn broken_envelopes_end_in_a_named_outcome(part in 0usize..6, place in any::<prop::sample::Index>(), bits in 1u8..=255, trustee in 0usize..3) {
        use std::sync::OnceLock;
        static MADE: OnceLock<(Trustees, Envelope, Vec<ClearShare>)> = OnceLock::new();
        let (trustees, good, clear) = MADE.get_or_init(|| {
            let trustees = Trustees::new(3);
            let envelope = seal(LOT, "03", Fen(77_700), 2, &trustees.keys()).unwrap();
            let shares = trustees.shares(&envelope, &[0, 1, 2]);
            (trustees, envelope, shares)
        });
        let (mut envelope, mut shares) = (good.clone(), clear.clone());
        let flip = |text: &str, raw: bool| {
            let mut bytes = if raw { text.as_bytes().to_vec() } else { STANDARD.decode(text).unwrap() };
            let at = place.index(bytes.len());
            bytes[at] ^= bits;
            if raw { String::from_utf8_lossy(&bytes).into_owned() } else { STANDARD.encode(bytes) }
        };
        match part {
            0 => envelope.ciphertext = flip(&good.ciphertext, false),
            1 => envelope.ciphertext = flip(&good.ciphertext, true),
            2 => envelope.recipient = flip(&good.recipient, true),
            3 => envelope.shares[trustee].share = flip(&good.shares[trustee].share, false),
            4 => {
                let bytes = &mut shares[trustee].bytes;
                let at = place.index(bytes.len());
                bytes[at] ^= bits;
                // Of the three, two are right.
            }
            _ => shares[trustee].bytes.truncate(place.index(SECRET_BYTES)),
        }
        let seen = envelope.checked(LOT, "03", &trustees.keys());
        let attempt = open(&envelope, 2, &shares, true);
        if let (Ok(_), Attempt::Done(opening)) = (&seen, &attempt)
            && opening.outcome == Opened::Opened
        {
            prop_assert_eq!(opening.amount, Some(Fen(77_700)));
        }
        if part >= 4 {
            prop_assert_eq!(opened(attempt).outcome, Opened::Opened);
        }
    }
}

/// Runs one of the programs of others; `None` where it is not installed, which CI does not allow.
fn run(dir: &Path, program: &str, args: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    let made = Command::new(program).args(args).current_dir(dir).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = made else {
        assert!(std::env::var_os("XIANGJI_TEST_ALL").is_none(), "{program} is not installed");
        eprintln!("skipped: {program} is not installed");
        return None;
    };
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program} {args:?}");
    Some(output.stdout)
}

#[test]
fn the_programs_of_others_open_what_is_sealed_here() {
    let dir = tempfile::tempdir().unwrap();
    let mut trustees = Trustees(Vec::new());
    for _ in 0..3 {
        let Some(key) = run(dir.path(), "age-keygen", &[], b"") else { return };
        let text = String::from_utf8(key).unwrap();
        trustees.0.push(text.lines().find(|l| l.starts_with("AGE-")).unwrap().parse().unwrap());
    }
    let envelope = seal(LOT, "03", Fen(123_456), 2, &trustees.keys()).unwrap();
    let mut names = Vec::new();
    for i in [2, 0] {
        let secret = trustees.0[i].to_string();
        let secret = age::secrecy::ExposeSecret::expose_secret(&secret);
        std::fs::write(dir.path().join("key"), secret).unwrap();
        let share = &envelope.shares[i];
        let sealed = STANDARD.decode(&share.share).unwrap();
        let clear = run(dir.path(), "age", &["-d", "-i", "key"], &sealed).unwrap();
        let name = format!("share.{:03}", share.number);
        std::fs::write(dir.path().join(&name), clear).unwrap();
        names.push(name);
    }
    let args: Vec<&str> = ["-o", "id"].into_iter().chain(names.iter().map(String::as_str)).collect();
    if run(dir.path(), "gfcombine", &args, b"").is_none() {
        return;
    }
    let recipient = run(dir.path(), "age-keygen", &["-y", "id"], b"").unwrap();
    assert_eq!(String::from_utf8(recipient).unwrap().trim(), envelope.recipient);
    let text = run(dir.path(), "age", &["-d", "-i", "id"], &STANDARD.decode(&envelope.ciphertext).unwrap()).unwrap();
    let inner: Inner = serde_json::from_slice(&text).unwrap();
    assert_eq!((inner.amount_fen, text.len()), (123_456, BID_BYTES));
}

#[test]
fn what_the_programs_of_others_seal_opens_here() {
    let dir = tempfile::tempdir().unwrap();
    let trustees = Trustees::new(3);
    let Some(key) = run(dir.path(), "age-keygen", &[], b"") else { return };
    let key = String::from_utf8(key).unwrap();
    let secret = key.lines().find(|l| l.starts_with("AGE-")).unwrap();
    let recipient = key.lines().find_map(|l| l.strip_prefix("# public key: ")).unwrap();
    std::fs::write(dir.path().join("id"), secret).unwrap();
    if run(dir.path(), "gfsplit", &["-n", "2", "-m", "3", "id", "share"], b"").is_none() {
        return;
    }
    let mut files: Vec<String> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("share."))
        .collect();
    files.sort();
    let keys = trustees.keys();
    let seal_to = |to: &str, bytes: &[u8]| STANDARD.encode(run(dir.path(), "age", &["-r", to], bytes).unwrap());
    let shares = files.iter().zip(&keys).map(|(name, trustee)| SealedShare {
        trustee: trustee.clone(),
        number: name.rsplit('.').next().unwrap().parse().unwrap(),
        share: seal_to(trustee, &std::fs::read(dir.path().join(name)).unwrap()),
    });
    let nonce = "00112233445566778899aabbccddeeff".to_owned();
    let inner = Inner { lot: LOT.into(), bidder: "03".into(), amount_fen: 42, nonce };
    let envelope = Envelope {
        format: "xiangji-sealed-bid/1".into(),
        lot: LOT.into(),
        bidder: "03".into(),
        recipient: recipient.to_owned(),
        ciphertext: seal_to(recipient, &inner.padded().unwrap()),
        shares: shares.collect(),
    };
    envelope.checked(LOT, "03", &keys).unwrap();
    for pair in pairs_and_triples(3, 2) {
        let opening = opened(open(&envelope, 2, &trustees.shares(&envelope, &pair), false));
        assert_eq!((opening.outcome, opening.amount), (Opened::Opened, Some(Fen(42))));
    }
}

/// The lot says what its bids are, so an amount that names another measure is no bid.
#[test]
fn an_envelope_is_made_in_the_unit_of_its_lot() {
    let dir = tempfile::tempdir().expect("a folder");
    let lot = dir.path().join("lot.json");
    let keys = Trustees::new(2).keys();
    let trustees: Vec<_> = keys.iter().map(|key| serde_json::json!({ "recipient": key })).collect();
    let sealed_in = |unit: &str, amount: &str| {
        let told = serde_json::json!({"id": "lot_1", "terms": {"price_unit": unit,
            "method": {"sealed": {"trustees": trustees, "needed": 2}}}});
        std::fs::write(&lot, told.to_string()).expect("written");
        super::command::seal_bid(&lot, "03", amount).map(|_| ())
    };
    assert_eq!(sealed_in("m2", "3240㎡"), Ok(()));
    assert!(sealed_in("m2", "3240元").is_err_and(|why| why.contains("平方米")));
    assert_eq!(sealed_in("yuan", "3240元"), Ok(()));
    assert!(sealed_in("yuan", "3240㎡").is_err());
}
