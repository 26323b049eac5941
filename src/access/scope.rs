//! Where an account may act: a node of the region tree, as a half-open range of collective codes.

use super::Role;

/// A set of collective codes (12-digit statistical codes, 14 digits for groups).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every code that begins with these digits: a township officer's `440703103`.
    Within(String),
    /// One collective alone: a town-level collective's clerk has no say in the villages.
    Only(String),
    /// Nothing that is not public: bidders.
    Nothing,
}

impl Scope {
    /// The scope of a role at a region code. Zeros at the end of a 12-digit code mean "all below": `440703103000` is the
    /// town, `440703103213` a village (with its groups).
    pub fn of(role: Role, code: &str) -> Scope {
        let significant = significant(code);
        match role {
            Role::Bidder => Scope::Nothing,
            Role::Clerk | Role::Director | Role::Supervisor | Role::Member if significant.len() < 12 => {
                Scope::Only(code.to_owned())
            }
            _ => Scope::Within(significant.to_owned()),
        }
    }

    /// `[from, to)` for a column in C collation: `code >= from AND code < to`.
    pub fn range(&self) -> (String, String) {
        match self {
            // Codes are digits only, so `a` is above every continuation and `!` below every digit.
            Scope::Within(prefix) => (prefix.clone(), format!("{prefix}a")),
            Scope::Only(code) => (code.clone(), format!("{code}!")),
            Scope::Nothing => ("~".into(), "~".into()),
        }
    }

    pub fn contains(&self, code: &str) -> bool {
        let (from, to) = self.range();
        code >= from.as_str() && code < to.as_str()
    }
}

/// The digits that select: a 12-digit code without the zeros of the levels below it.
fn significant(code: &str) -> &str {
    if code.len() != 12 {
        return code;
    }
    for (len, rest) in [(2, "0000000000"), (4, "00000000"), (6, "000000"), (9, "000")] {
        if code.get(len..) == Some(rest) {
            return code.get(..len).unwrap_or(code);
        }
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_holds_its_own_subtree_and_nothing_beside_it() {
        let officer = Scope::of(Role::TownshipOfficer, "440703103000");
        assert!(
            officer.contains("440703103213") && officer.contains("44070310321301") && officer.contains("440703103000")
        );
        assert!(!officer.contains("440703102216"));
        let clerk = Scope::of(Role::Clerk, "440703103213");
        assert!(clerk.contains("440703103213") && clerk.contains("44070310321301") && !clerk.contains("440703103214"));
        let town_clerk = Scope::of(Role::Clerk, "440703103000");
        assert!(town_clerk.contains("440703103000") && !town_clerk.contains("440703103213"));
        assert!(!Scope::of(Role::Bidder, "440703103213").contains("440703103213"));
        assert!(Scope::of(Role::Auditor, "440000000000").contains("440703103213"));
    }
}
