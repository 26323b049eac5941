//! Which lines of the bank and which transfers may belong together, and whether books and bank explain each other. Pure.

use std::collections::BTreeMap;

use super::model::{Booked, Line, Proposal, Reason, Span};
use crate::{kernel::Fen, settlement::same_name};

/// Days that a line and its transfer may be apart when nothing but name and amount speaks for them.
const DAYS_APART: u64 = 5;

/// What may belong together, each line and each transfer in one proposal at the most: the same number of the bank first, then
/// name and amount, then one against the sum of all the others of that name.
pub fn propose(lines: &[Line], booked: &[Booked]) -> Vec<Proposal> {
    let (mut lines, mut booked) = (lines.to_vec(), booked.to_vec());
    let mut found = Vec::new();
    let same_number = |line: &Line, entry: &Booked| {
        !line.reference.is_empty() && line.reference == entry.reference && line.amount == entry.amount
    };
    let alike = |line: &Line, entry: &Booked| {
        let near = line.on.max(entry.on) <= line.on.min(entry.on).plus_days(DAYS_APART);
        near && line.amount == entry.amount && same_name(&line.counterparty, &entry.counterparty)
    };
    pairs(&mut lines, &mut booked, same_number, Reason::Reference, &mut found);
    pairs(&mut lines, &mut booked, alike, Reason::NameAndAmount, &mut found);
    sums(lines, booked, &mut found);
    found
}

fn pairs(
    lines: &mut Vec<Line>,
    booked: &mut Vec<Booked>,
    fits: impl Fn(&Line, &Booked) -> bool,
    reason: Reason,
    found: &mut Vec<Proposal>,
) {
    lines.retain(|line| match booked.iter().position(|entry| fits(line, entry)) {
        Some(at) => {
            found.push(Proposal { reason, lines: vec![line.clone()], booked: vec![booked.remove(at)] });
            false
        }
        None => true,
    });
}

/// By name as it is compared, and by direction.
type Groups = BTreeMap<(String, bool), (Vec<Line>, Vec<Booked>)>;

fn sums(lines: Vec<Line>, booked: Vec<Booked>, found: &mut Vec<Proposal>) {
    let plain = |name: &str| name.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let mut groups = Groups::new();
    for line in lines {
        groups.entry((plain(&line.counterparty), line.amount > Fen::ZERO)).or_default().0.push(line);
    }
    for entry in booked {
        groups.entry((plain(&entry.counterparty), entry.amount > Fen::ZERO)).or_default().1.push(entry);
    }
    for ((name, _), (lines, booked)) in groups {
        let reason = match (lines.len(), booked.len()) {
            (1, 2..) => Reason::LineOfMany,
            (2.., 1) => Reason::ManyLines,
            _ => continue,
        };
        if !name.is_empty() && is_one_sum(&lines, &booked) {
            found.push(Proposal { reason, lines, booked });
        }
    }
}

/// What the earliest of the statements begins with and the newest ends with, where all lines together (`total`) lead from the
/// one to the other; `None`: there is a gap. Of several that begin or end on one day, those that fit.
pub fn ends(spans: &[Span], total: Fen) -> Option<(Fen, Fen)> {
    let first = spans.iter().map(|span| span.first_on).min()?;
    let last = spans.iter().map(|span| span.last_on).max()?;
    let openings = spans.iter().filter(|span| span.first_on == first).map(|span| span.opening);
    let closings: Vec<Fen> = spans.iter().filter(|span| span.last_on == last).map(|span| span.closing).collect();
    openings
        .filter_map(|opening| Some((opening, opening.checked_add(total)?)))
        .find(|(_, closing)| closings.contains(closing))
}

/// Whether lines and transfers come to the same.
pub fn is_one_sum(lines: &[Line], booked: &[Booked]) -> bool {
    let of_lines = Fen::checked_sum(lines.iter().map(|line| line.amount));
    of_lines.is_some() && of_lines == Fen::checked_sum(booked.iter().map(|entry| entry.amount))
}

/// What is not explained by ticking off: the opening of which the books know nothing, and everything that stands alone on
/// either side. `None`: out of range.
pub fn explained(opening: Fen, lines: &[Line], booked: &[Booked]) -> Option<Fen> {
    let of_lines = Fen::checked_sum(lines.iter().map(|line| line.amount))?;
    let of_books = Fen::checked_sum(booked.iter().map(|entry| entry.amount))?;
    opening.checked_add(of_lines)?.checked_sub(of_books)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Day, Id};

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }
    fn line(id: &str, on: &str, amount: i64, name: &str, reference: &str) -> Line {
        Line {
            id: Id::from_trusted(id),
            on: day(on),
            amount: Fen(amount),
            counterparty: name.into(),
            reference: reference.into(),
        }
    }
    fn entry(id: &str, on: &str, amount: i64, name: &str, reference: &str) -> Booked {
        Booked {
            id: id.into(),
            on: day(on),
            amount: Fen(amount),
            counterparty: name.into(),
            reference: reference.into(),
        }
    }
    fn told(found: &[Proposal]) -> Vec<(Reason, Vec<String>, Vec<String>)> {
        let lines = |p: &Proposal| p.lines.iter().map(|l| l.id.to_string()).collect();
        found.iter().map(|p| (p.reason, lines(p), p.booked.iter().map(|b| b.id.clone()).collect())).collect()
    }

    #[test]
    fn numbers_first_then_names_then_sums_and_nothing_twice() {
        let lines = [
            line("a", "2026-03-10", 100, "陈A", ""),
            line("b", "2026-03-10", 100, "陈A", "r1"),
            line("c", "2026-03-11", -300, "陈B", ""),
            line("d", "2026-03-12", 60, "陈C", ""),
            line("e", "2026-03-12", 40, "陈 C", ""),
            line("f", "2026-03-12", 7, "陈D", "r1"),
            line("g", "2026-03-30", 9, "陈E", ""),
        ];
        let booked = [
            entry("1", "2026-03-10", 100, "陈A", "r1"),
            entry("2", "2026-03-09", 100, "陈 A", "r9"),
            entry("3", "2026-03-11", -100, "陈B", ""),
            entry("4", "2026-03-11", -200, "陈B", ""),
            entry("5", "2026-03-12", 100, "陈C", ""),
            entry("6", "2026-03-12", 9, "陈E", ""),
        ];
        let s = |items: &[&str]| items.iter().map(|i| (*i).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            told(&propose(&lines, &booked)),
            [
                (Reason::Reference, s(&["b"]), s(&["1"])),
                (Reason::NameAndAmount, s(&["a"]), s(&["2"])),
                (Reason::LineOfMany, s(&["c"]), s(&["3", "4"])),
                (Reason::ManyLines, s(&["d", "e"]), s(&["5"])),
            ],
            "a number at another amount and a day too far off are no reason"
        );
        assert_eq!(explained(Fen(5), &lines, &booked), Some(Fen(5 + 100 + 100 - 300 + 60 + 40 + 7 + 9 - 9)));
    }
}
