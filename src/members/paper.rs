//! What a member's paper says and opens: the number of an entry and a code, with which anybody who holds the paper sees that
//! the own record stands in the public log as it stands in the register (LOG-19). No account, no name is asked for.

use super::{
    MemberView, Membership,
    service::{load_member, view},
    store::{MembershipRow, PersonRow},
};
use crate::{
    access::Scope,
    db::{LoggedRow, Result, Rx},
    kernel::{Id, Problem},
    log::{self, RowOnRecord},
    vault::Vault,
};

crate::codes! {
    PAPER_UNKNOWN 422 "paper_unknown" "存证编号和核对码对不上";
}

/// What stands on the paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperCode(String);

impl PaperCode {
    /// Twelve digits out of a keyed digest: nothing is stored for it, and it changes with the installation's keys only.
    pub fn of(vault: &Vault, id: &Id<Membership>) -> PaperCode {
        PaperCode(vault.digits("member", id.as_str()))
    }

    /// In groups of four, as it is printed.
    pub fn grouped(&self) -> String {
        let digits: Vec<char> = self.0.chars().collect();
        digits.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
    }

    fn is(&self, typed: &str) -> bool {
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        digits == self.0
    }
}

/// One row of the member's own data, against the log.
pub struct OwnRow {
    pub label: &'static str,
    pub table: &'static str,
    /// The row as JSON, word for word what the digest is over.
    pub state: String,
    /// base64url, SHA-256 over the table's name, a zero byte and the state.
    pub digest: String,
    /// The newest entry that names the row. `None`: no entry does.
    pub entry: Option<RowOnRecord>,
}

impl OwnRow {
    /// Whether the log says of the row what the register says.
    pub fn agrees(&self) -> bool {
        self.entry.as_ref().is_some_and(|entry| entry.digest.as_deref() == Some(&self.digest))
    }

    fn find<R: LoggedRow>(rx: &mut Rx<'_>, label: &'static str, subjects: &[String], row: &R) -> Result<OwnRow> {
        let state = row.state()?;
        let digest = log::digest_text(R::TABLE, &state);
        let entry = log::newest_of_row(rx, subjects, R::TABLE, &row.key())?;
        Ok(OwnRow { label, table: R::TABLE, state, digest, entry })
    }
}

/// The record that a paper is about.
pub struct Paper {
    pub member: MemberView,
    pub rows: Vec<OwnRow>,
}

impl Paper {
    /// Whether the log says what the register says, of every row.
    pub fn agrees(&self) -> bool {
        self.rows.iter().all(OwnRow::agrees)
    }
}

/// Reads the paper: the entry's number and the code. `entry` may be any entry that ever named the membership.
///
/// Errors: `paper_unknown`.
pub fn read_paper(rx: &mut Rx<'_>, vault: &Vault, entry: i64, code: &str) -> Result<Paper> {
    let keys = log::rows_of_entry(rx, entry, MembershipRow::TABLE)?;
    let ids = keys.into_iter().filter_map(|key| key.parse::<Id<Membership>>().ok());
    let Some(id) = ids.into_iter().find(|id| PaperCode::of(vault, id).is(code)) else {
        let words = "没有找到：请对照纸上的存证编号和核对码，再填一次";
        return Err(Problem { code: &PAPER_UNKNOWN, ..Problem::field("code", None, words) }.into());
    };
    // The code is the right to see this one record, wherever it lies.
    let (row, person, number) = load_member(rx, &Scope::Within(String::new()), &id)?;
    // An import names its members, a correction the person.
    let subjects = [format!("member/{id}"), format!("person/{}", person.id)];
    let rows = vec![
        OwnRow::find::<MembershipRow>(rx, "成员登记", &subjects, &row)?,
        OwnRow::find::<PersonRow>(rx, "个人信息", &subjects, &person)?,
    ];
    Ok(Paper { member: view(vault, (row, person, number))?, rows })
}
