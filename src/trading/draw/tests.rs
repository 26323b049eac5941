//! What makes a draw one that nobody steered, and each way in which it is not.

use super::*;
use crate::kernel::hex;

const CHECKPOINT: &str = "xiangji.example/log\n41\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

fn draw() -> Draw {
    let party = |name: &str, byte: u8| Party {
        name: name.to_owned(),
        commitment: commitment("lot_1", 1, name, &[byte; 32]),
        value: Some([byte; 32]),
    };
    Draw {
        lot: "lot_1".to_owned(),
        round: 1,
        checkpoint: CHECKPOINT.to_owned(),
        closing_index: 40,
        first_opening_index: 41,
        parties: vec![party("监督小组", 3), party("02", 2), party("01", 1)],
        withheld: Vec::new(),
    }
}

fn fault(change: impl FnOnce(&mut Draw)) -> DrawFault {
    let mut changed = draw();
    change(&mut changed);
    seed(&changed).expect_err("a fault")
}

/// The same by hand: `printf 'xiangji-draw-seed/1\nlot_1\n1\n…' | sha256sum`.
#[test]
fn the_seed_is_what_sha256sum_gives() {
    assert_eq!(
        hex(&commitment("lot_1", 1, "01", &[1; 32])),
        "7ae605c9cfb510bad9553f394a7c6e9ff47b242b4b56bf5079181d227ec12ae4"
    );
    assert_eq!(
        hex(&seed(&draw()).expect("a seed")),
        "04c21fa7a9f8846a4bd231b6cdf891c11ffe2ac46e6239346c660bb8ec542976"
    );
}

#[test]
fn every_value_counts_and_the_order_of_the_list_does_not() {
    let whole = seed(&draw()).expect("a seed");
    let mut turned = draw();
    turned.parties.reverse();
    assert_eq!(seed(&turned), Ok(whole));
    let mut seen = std::collections::BTreeSet::from([whole]);
    for i in 0..3 {
        let mut other = draw();
        let party = &mut other.parties[i];
        party.value = Some([9; 32]);
        party.commitment = commitment("lot_1", 1, &party.name, &[9; 32]);
        assert!(seen.insert(seed(&other).expect("a seed")), "the value of party {i} does not count");
    }
    let mut other = draw();
    other.checkpoint = CHECKPOINT.replace("CsUY", "DsUY");
    assert!(seen.insert(seed(&other).expect("a seed")), "the checkpoint does not count");
}

#[test]
fn whoever_could_have_steered_is_named() {
    assert_eq!(fault(|d| d.parties[1].value = None), DrawFault::NotOpened("02".into()));
    assert_eq!(fault(|d| d.parties[1].value = Some([7; 32])), DrawFault::OtherValue("02".into()));
    // A commitment for another lot, round or party is none.
    assert_eq!(fault(|d| d.lot = "lot_2".into()), DrawFault::OtherValue("01".into()));
    assert_eq!(fault(|d| d.round = 2), DrawFault::OtherValue("01".into()));
    assert_eq!(fault(|d| d.parties[2].commitment = d.parties[1].commitment), DrawFault::OtherValue("01".into()));
    assert_eq!(fault(|d| d.closing_index = 41), DrawFault::TooEarly { size: 41 });
    assert_eq!(fault(|d| d.first_opening_index = 40), DrawFault::TooLate { size: 41 });
    assert_eq!(fault(|d| d.parties.truncate(1)), DrawFault::TooFewParties);
    assert_eq!(fault(|d| d.parties[1].name = "01".into()), DrawFault::NamedTwice("01".into()));
    assert_eq!(fault(|d| d.parties[2].name = "0\n1".into()), DrawFault::BadName("0\n1".into()));
    assert_eq!(fault(|d| d.checkpoint.push_str("one more line\n")), DrawFault::NotACheckpoint);
    assert_eq!(fault(|d| d.checkpoint = "41".into()), DrawFault::NotACheckpoint);
}
