//! Whose signatures make a head believable: the trust policy of C2SP tlog-policy.
//!
//! Promise: pure. A policy names logs, witnesses and groups of them, and one quorum. It is refused at load, with one line that
//! names the line, unless two heads that each have their quorum must share more than a third of the witnesses. Only then
//! must two sets of witnesses that a dishonest log shows two histories share an honest one (k > 2n/3; trust model, LOG-10).
//!
//! Groups may stand in groups. What counts is the quorum as a whole: n is the number of all witnesses below it, and k the
//! least number of them that satisfies it. Any two quorums then share at least 2k − n > n/3, whatever the groups are.

use std::{collections::HashMap, fmt};

use super::{
    cosignature::{CosignerKey, cosigned_at},
    note::{Note, NoteError, VerifierKey},
};

/// A witness of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// What the policy calls it; no more than that.
    pub name: String,
    pub key: CosignerKey,
    /// Where it is asked: its submission prefix (tlog-witness). Without one its lines are only checked.
    pub url: Option<String>,
}

/// Why a policy is refused: the line, from 1, and what is wrong there. Line 0 stands for the whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    pub line: usize,
    pub what: String,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        f.write_str(&self.what)
    }
}

impl std::error::Error for PolicyError {}

/// What a name of the policy stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Party {
    /// The place in [`Policy::witnesses`].
    Witness(usize),
    /// `threshold` of the members, which are places in [`Policy::parties`].
    Group { threshold: usize, members: Vec<usize> },
}

/// A policy that was read and found sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<VerifierKey>,
    witnesses: Vec<Witness>,
    /// Members stand before their groups, so nothing runs in circles.
    parties: Vec<Party>,
    /// The place in `parties`; `None` for `quorum none`.
    quorum: Option<usize>,
}

impl Policy {
    /// Reads a policy file. Comments may be in any encoding; everything else is UTF-8.
    ///
    /// Errors: the first line that is wrong.
    pub fn parse(file: &[u8]) -> Result<Policy, PolicyError> {
        let mut reader = Reader::default();
        for (line, number) in file.split(|byte| *byte == b'\n').zip(1..) {
            reader.line(line).map_err(|what| PolicyError { line: number, what })?;
        }
        let quorum = reader.quorum.ok_or_else(|| PolicyError { line: 0, what: "there is no quorum line".into() })?;
        Ok(Policy { logs: reader.logs, witnesses: reader.witnesses, parties: reader.parties, quorum })
    }

    /// The witnesses in the order of the file, those outside the quorum too.
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// Whether heads of this log are meant; a policy without logs means whichever the reader has in mind.
    pub fn covers(&self, log: &VerifierKey) -> bool {
        self.logs.is_empty() || self.logs.contains(log)
    }

    /// Whether any cosignature is asked for: `false` for `quorum none`.
    pub fn asks_for_witnesses(&self) -> bool {
        self.quorum.is_some()
    }

    /// The least number of witnesses that can satisfy the quorum, of how many; (0, 0) for `quorum none`.
    pub fn least(&self) -> (usize, usize) {
        self.quorum.map_or((0, 0), |quorum| least(&self.parties, quorum))
    }

    /// Whether the note's cosignatures are the quorum. The log's own signature is another question.
    ///
    /// Errors: a line of one of the witnesses does not fit, which spoils the whole note (signed-note).
    pub fn is_satisfied_by(&self, note: &Note) -> Result<bool, NoteError> {
        let signed = self.witnesses.iter().map(|witness| Ok(cosigned_at(note, &witness.key)?.is_some()));
        let signed = signed.collect::<Result<Vec<bool>, NoteError>>()?;
        Ok(self.quorum.is_none_or(|quorum| self.has_witnessed(quorum, &signed)))
    }

    fn has_witnessed(&self, party: usize, signed: &[bool]) -> bool {
        match self.parties.get(party) {
            Some(Party::Witness(at)) => signed.get(*at).copied().unwrap_or(false),
            Some(Party::Group { threshold, members }) => {
                members.iter().filter(|member| self.has_witnessed(**member, signed)).count() >= *threshold
            }
            None => false,
        }
    }
}

/// The least number of witnesses that satisfies the party, and the number of all below it. No name is a member twice, so the
/// numbers of different members add up.
fn least(parties: &[Party], party: usize) -> (usize, usize) {
    match parties.get(party) {
        Some(Party::Witness(_)) => (1, 1),
        Some(Party::Group { threshold, members }) => {
            let (mut needs, sizes): (Vec<usize>, Vec<usize>) =
                members.iter().map(|member| least(parties, *member)).unzip();
            needs.sort_unstable();
            (needs.iter().take(*threshold).sum(), sizes.iter().sum())
        }
        None => (0, 0),
    }
}

/// The policy so far.
#[derive(Default)]
struct Reader {
    logs: Vec<VerifierKey>,
    witnesses: Vec<Witness>,
    parties: Vec<Party>,
    names: HashMap<String, usize>,
    /// Which parties are members of a group already.
    taken: Vec<usize>,
    /// The outer `None`: no such line yet.
    quorum: Option<Option<usize>>,
}

impl Reader {
    fn line(&mut self, line: &[u8]) -> Result<(), String> {
        if line.iter().any(|byte| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f) {
            return Err("holds a control character; lines end with a line feed alone".into());
        }
        let is_blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
        if line.iter().find(|byte| !is_blank(byte)).is_none_or(|first| *first == b'#') {
            return Ok(());
        }
        let line = str::from_utf8(line).map_err(|_| "is not UTF-8")?;
        let items: Vec<&str> = line.split([' ', '\t']).filter(|item| !item.is_empty()).collect();
        match *items.as_slice() {
            ["log", key] | ["log", key, _] => self.log(key),
            ["witness", name, key] => self.witness(name, key, None),
            ["witness", name, key, url] => self.witness(name, key, Some(url)),
            ["group", name, threshold, ref members @ ..] => self.group(name, threshold, members),
            ["quorum", name] => self.quorum(name),
            [word @ ("log" | "witness" | "group" | "quorum"), ..] => Err(format!(
                "{word} needs other items: log VKEY [URL], witness NAME VKEY [URL], group NAME all|any|K NAME…, quorum NAME|none"
            )),
            [word, ..] => Err(format!("{word:?} is none of log, witness, group, quorum")),
            [] => Ok(()),
        }
    }

    fn log(&mut self, key: &str) -> Result<(), String> {
        let key: VerifierKey = key.parse().map_err(|e| format!("the log's key: {e}"))?;
        if self.logs.iter().any(|known| known.material() == key.material()) {
            return Err(format!("the key of {} is there twice", key.name()));
        }
        if self.witnesses.iter().any(|witness| witness.key.material() == key.material()) {
            return Err(format!("{} is its own witness: one key for both", key.name()));
        }
        self.logs.push(key);
        Ok(())
    }

    fn witness(&mut self, name: &str, key: &str, url: Option<&str>) -> Result<(), String> {
        let key: CosignerKey = key
            .parse()
            .map_err(|e| format!("the key of witness {name} (an Ed25519 cosigner, type 4, is needed): {e}"))?;
        if self.witnesses.iter().any(|witness| witness.key.material() == key.material()) {
            return Err(format!("the key of witness {name} is there twice"));
        }
        if self.logs.iter().any(|log| log.material() == key.material()) {
            return Err(format!("witness {name} has the key of the log itself"));
        }
        self.name(name, Party::Witness(self.witnesses.len()))?;
        self.witnesses.push(Witness { name: name.to_owned(), key, url: url.map(str::to_owned) });
        Ok(())
    }

    fn group(&mut self, name: &str, threshold: &str, members: &[&str]) -> Result<(), String> {
        let n = members.len();
        let threshold = match threshold {
            "all" => n,
            "any" => 1,
            number => number.parse().ok().filter(|k: &usize| k.to_string() == number && (1..=n).contains(k)).ok_or(
                format!(
                    "group {name} wants {number} of {n}: all, any or a number from 1 to the number of members is needed"
                ),
            )?,
        };
        let mut found = Vec::new();
        for member in members {
            let party = self.known(member)?;
            if self.taken.contains(&party) {
                return Err(format!("{member} is a member already; a name can be one once"));
            }
            self.taken.push(party);
            found.push(party);
        }
        if threshold == 0 {
            return Err(format!("group {name} has no members"));
        }
        self.name(name, Party::Group { threshold, members: found })
    }

    fn quorum(&mut self, name: &str) -> Result<(), String> {
        if self.quorum.is_some() {
            return Err("there is a quorum line already".into());
        }
        if name == "none" {
            self.quorum = Some(None);
            return Ok(());
        }
        let party = self.known(name)?;
        let (k, n) = least(&self.parties, party);
        if 3 * k <= 2 * n {
            return Err(format!(
                "quorum {name} can be {k} of {n} witnesses: more than two thirds are needed, {} of {n}, or a log could show two histories",
                2 * n / 3 + 1
            ));
        }
        self.quorum = Some(Some(party));
        Ok(())
    }

    fn known(&self, name: &str) -> Result<usize, String> {
        self.names.get(name).copied().ok_or_else(|| format!("no line above defines {name}"))
    }

    fn name(&mut self, name: &str, party: Party) -> Result<(), String> {
        if name == "none" {
            return Err("the name none is taken: it means no quorum".into());
        }
        if self.names.insert(name.to_owned(), self.parties.len()).is_some() {
            return Err(format!("the name {name} is there twice"));
        }
        self.parties.push(party);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            cosignature::{CosignerSecret, cosign},
            merkle::Hash,
            note::{Checkpoint, SignerKey},
        },
        *,
    };

    fn log() -> SignerKey {
        SignerKey::from_seed("example.com/log", &[200; 32]).unwrap()
    }

    fn witness(n: u8) -> CosignerSecret {
        CosignerSecret::from_seed(&format!("w{n}.example"), &[n; 32]).unwrap()
    }

    /// A log, witnesses W1 to Wn, then these lines.
    fn policy(n: u8, lines: &str) -> Result<Policy, PolicyError> {
        let mut text = format!("log {}\n", log().verifier());
        for w in 1..=n {
            text.push_str(&format!(
                "witness W{w} {} http://127.0.0.1:{}\n",
                witness(w).verifier(),
                8000 + u32::from(w)
            ));
        }
        Policy::parse(format!("{text}{lines}").as_bytes())
    }

    fn note(cosigners: &[u8]) -> Note {
        let head = Checkpoint { origin: "example.com/log".into(), size: 3, root: Hash([9; 32]) };
        let mut note = head.sign(&log()).unwrap();
        for n in cosigners {
            let line = cosign(note.unverified_text(), 1_700_000_000, &witness(*n));
            note.push(line);
        }
        note
    }

    fn refused(found: Result<Policy, PolicyError>, line: usize, words: &str) {
        let error = found.unwrap_err();
        let said = error.to_string();
        assert!(error.line == line && said.contains(words) && !said.contains('\n'), "{said}");
    }

    #[test]
    fn the_quorum_is_counted() {
        let four_of_five = policy(5, "group village 4 W1 W2 W3 W4 W5\nquorum village\n").unwrap();
        assert_eq!((four_of_five.least(), four_of_five.witnesses().len()), ((4, 5), 5));
        assert_eq!(four_of_five.witnesses()[1].url.as_deref(), Some("http://127.0.0.1:8002"));
        for (signed, enough) in [(&[][..], false), (&[1, 2, 3], false), (&[1, 2, 3, 5], true), (&[5, 4, 3, 2, 1], true)]
        {
            assert_eq!(four_of_five.is_satisfied_by(&note(signed)), Ok(enough), "{signed:?}");
        }
        // One witness twice is one, a stranger none.
        assert_eq!(four_of_five.is_satisfied_by(&note(&[1, 1, 2, 3])), Ok(false));
        assert_eq!(four_of_five.is_satisfied_by(&note(&[1, 2, 3, 9])), Ok(false));
        let spoiled = note(&[1, 2, 3, 4]).to_string().replace("\n3\n", "\n4\n").parse().unwrap();
        assert_eq!(four_of_five.is_satisfied_by(&spoiled), Err(NoteError::BadSignature("w1.example".into())));
        assert!(four_of_five.covers(log().verifier()));
        assert!(!four_of_five.covers(SignerKey::from_seed("example.com/log", &[201; 32]).unwrap().verifier()));

        let single = policy(2, "quorum W2").unwrap();
        assert_eq!(single.is_satisfied_by(&note(&[1])), Ok(false));
        assert_eq!(single.is_satisfied_by(&note(&[2])), Ok(true));
        let none = policy(1, "quorum none\n").unwrap();
        assert_eq!((none.is_satisfied_by(&note(&[])), none.asks_for_witnesses()), (Ok(true), false));
        assert!(Policy::parse(b"quorum none").unwrap().covers(log().verifier()));
    }

    #[test]
    fn more_than_two_thirds_are_needed() {
        for (n, k, sound) in
            [(1, 1, true), (2, 1, false), (2, 2, true), (3, 2, false), (3, 3, true), (4, 2, false), (4, 3, true)]
                .into_iter()
                .chain([(5, 3, false), (5, 4, true), (6, 4, false), (6, 5, true), (7, 4, false), (7, 5, true)])
        {
            let members: String = (1..=n).map(|w| format!(" W{w}")).collect();
            let found = policy(n, &format!("group g {k}{members}\nquorum g\n"));
            if sound {
                assert_eq!(found.unwrap().least(), (k, usize::from(n)));
            } else {
                let line = usize::from(n) + 3;
                refused(found, line, &format!("can be {k} of {n} witnesses: more than two thirds are needed"));
            }
        }
    }

    #[test]
    fn nested_groups_count_by_their_least_quorum() {
        let nested = "group x 2 W1 W2 W3\ngroup y any W4 W5 W6\ngroup both all x y\nquorum both\n";
        refused(policy(6, nested), 11, "can be 3 of 6");
        let strict = policy(6, "group x 3 W1 W2 W3\ngroup y 2 W4 W5 W6\ngroup both all x y\nquorum both\n").unwrap();
        assert_eq!(strict.least(), (5, 6));
        assert_eq!(strict.is_satisfied_by(&note(&[1, 2, 3, 4, 5])), Ok(true));
        assert_eq!(strict.is_satisfied_by(&note(&[1, 2, 4, 5, 6])), Ok(false));
        // The cheapest member counts: W4 alone would do.
        refused(policy(4, "group x all W1 W2 W3\ngroup either any x W4\nquorum either\n"), 8, "can be 1 of 4");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let w1 = witness(1).verifier().to_string();
        let same = CosignerSecret::from_seed("other.example", &[1; 32]).unwrap().verifier().to_string();
        let own = CosignerSecret::from_seed("w.example", &[200; 32]).unwrap().verifier().to_string();
        for (lines, line, words) in [
            ("", 0, "no quorum line"),
            ("quorum nobody", 4, "no line above defines nobody"),
            ("group a all W1 b\ngroup b all W2\nquorum a", 4, "no line above defines b"),
            ("group a all W1 a\nquorum a", 4, "no line above defines a"),
            ("group a all W1 W1\nquorum a", 4, "W1 is a member already"),
            ("group a all W1\ngroup b all W1 W2\nquorum b", 5, "W1 is a member already"),
            ("group W1 all W1 W2\nquorum W1", 4, "the name W1 is there twice"),
            ("group none all W1 W2\nquorum none", 4, "the name none is taken"),
            ("group a all W1 none\nquorum a", 4, "no line above defines none"),
            ("group a 3 W1 W2\nquorum a", 4, "wants 3 of 2"),
            ("group a 0 W1 W2\nquorum a", 4, "wants 0 of 2"),
            ("group a 02 W1 W2\nquorum a", 4, "wants 02 of 2"),
            ("group a all\nquorum a", 4, "has no members"),
            ("group a\nquorum a", 4, "group needs other items"),
            ("quorum W1\nquorum W1", 5, "a quorum line already"),
            ("quorum W1 W2", 4, "quorum needs other items"),
            ("#\n\n  Quorum W1", 6, "is none of log, witness"),
            ("quorum W1\r", 4, "control character"),
            (&format!("witness W3 {same}\nquorum W1"), 4, "key of witness W3 is there twice"),
            (&format!("witness W3 {own}\nquorum W1"), 4, "the key of the log itself"),
            (&format!("witness W3 {}\nquorum W1", log().verifier()), 4, "type 4"),
            (&format!("witness W3 {}x\nquorum W1", w1), 4, "the key of witness W3"),
            (&format!("log {}\nquorum W1", log().verifier()), 4, "is there twice"),
            (&format!("log {w1}\nquorum W1"), 4, "the log's key"),
            ("quorum \u{7f}", 4, "control character"),
        ] {
            refused(policy(2, lines), line, words);
        }
        let mut bytes = b"# \xd6\xd0 a comment of any encoding\n\t # another\n".to_vec();
        bytes.extend(format!(" witness\tW1  {w1} \nquorum W1").bytes());
        assert_eq!(Policy::parse(&bytes).unwrap().least(), (1, 1));
        refused(Policy::parse(b"quorum none\nquorum \xff"), 2, "is not UTF-8");
    }
}
