//! What a verification can say: the faults in the words of the command line and of the pages, how far it is, and what it
//! looked at and what not.

use std::fmt;

use super::merkle::Hash;

crate::text_enum! {
    /// What can be wrong, in the words of the command line and of the pages.
    pub enum Wrong {
        NoSignedHead = "the log has no head that this key has signed"
            => "存证里没有用本密钥签名的检查点",
        WrongSize = "the size is not that of the last signed head"
            => "存证的条数与最后一个签名检查点不一致",
        WrongRoot = "the signed root is not that of the entries, here and perhaps in later heads"
            => "签名的根与存证记录算出来的不一致，从这个检查点起都要查",
        ExtraTile = "the signed log has no such full tile"
            => "多出一块签名存证里没有的数据",
        WrongHead = "size or root is not that of the signed note"
            => "检查点的条数或根与签名内容不一致",
        NotAnnounced = "it is signed by a key that was not announced under the heads before"
            => "检查点用的新密钥没有在以前的检查点下公告过",
        ForeignNote = "the note is not signed by the log's key"
            => "检查点不是用本存证的密钥签名的",
        EmptyPlace = "the place in the log is empty"
            => "存证的这个位置是空的",
        OutsideHeads = "the place is in no signed head"
            => "这个位置不在任何签名检查点之内",
        EntryGone = "the entry is gone"
            => "这条存证记录不见了",
        EntryChanged = "the bytes are not those that were logged"
            => "这条存证记录的内容被改动过",
        LeafChanged = "the hash is not that of the entry"
            => "这个位置的摘要与存证记录不一致",
        TileChanged = "the tile is not made of the log's hashes"
            => "这块数据与存证的摘要不一致",
        TileGone = "the full tile is missing"
            => "缺少一块应有的数据",
        NotAnEntry = "the bytes are no entry of this program"
            => "这条存证记录读不懂，不是本系统写的",
        ColumnChanged = "a column is not what the entry says"
            => "存证记录旁的检索栏目与记录内容不一致",
        DigestUnreadable = "a digest in the entry cannot be read"
            => "存证记录里的一个摘要读不出来",
        KeptOut = "the entry has no place in the log and does not wait for one"
            => "这条记录没有编入存证，也不在等待编入",
        WaitsForNothing = "nothing waits here: the entry is gone or has its place"
            => "等待编入的名单里有一项不该在的",
        PayloadGone = "the rows that the entry's digests stand for are not kept"
            => "存证记录所指的各行内容没有留底",
        PayloadChanged = "a kept row is not what the entry's digest stands for"
            => "留底的内容与存证记录的摘要不一致",
        PayloadOfNothing = "no entry speaks of these kept rows"
            => "有留底内容，却没有对应的存证记录",
        ErasedByNothing = "a kept row is marked as erased, and the entry that is named did not erase it"
            => "留底里有一行标成已删除，所指的存证记录却没有删除它",
        StillKept = "the row was erased later, and what this entry told of it is still kept"
            => "这一行后来已删除，这条存证记录的留底里却还留着它的内容",
        NotNamed = "the entry does not name this record"
            => "来龙去脉的索引多出一条：存证记录并没有提到它",
        SubjectsMissing = "records that entries name are missing from timelines"
            => "来龙去脉的索引缺了存证记录提到的内容",
        RowAdded = "no entry names this row: it was added outside the program"
            => "这一行没有任何存证记录：有人绕过系统添加了它",
        ForeignColumn = "a column holds what the program never writes"
            => "这一行有一栏是系统从不会写入的内容",
        RowBack = "the row was removed, and is back"
            => "这一行已经移除，却又出现了",
        RowChanged = "the row is not as its last entry left it: it was changed outside the program"
            => "这一行与最后一次登记时不一样：有人绕过系统改动了它",
        RowGone = "the row is gone: it was removed outside the program"
            => "这一行不见了：有人绕过系统删除了它",
        NoSuchTable = "this program has no such table"
            => "本系统没有这张表",
        HeadOfNothing = "no signed head has the size that this line is about"
            => "见证签名所指的检查点不存在",
        CosignatureWrong = "the line of the witness does not fit the head"
            => "见证签名与检查点不符",
        CutOff = "the log is shorter than the head that was kept: its end was cut off"
            => "存证比您保存的检查点还短：末尾被截掉了",
        NotContinued = "the log does not continue the head that was kept: its history was rewritten"
            => "存证接不上您保存的检查点：历史被改写过",
    }
}

/// What is wrong, for both kinds of readers: English for the command line, Chinese for the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    pub line: &'static str,
    pub page: &'static str,
}

impl From<Wrong> for Words {
    fn from(wrong: Wrong) -> Words {
        Words { line: wrong.as_str(), page: wrong.label() }
    }
}

/// Something that is not as the log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub table: String,
    pub key: String,
    /// The place in the log of the entry concerned; `None` where it has none.
    pub index: Option<i64>,
    pub what: Words,
}

/// One line.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fault: table={} key={} index=", self.table.escape_debug(), self.key.escape_debug())?;
        match self.index {
            Some(index) => write!(f, "{index}")?,
            None => f.write_str("-")?,
        }
        write!(f, ": {}", self.what.line)
    }
}

/// What `verify` says while it works.
#[derive(Debug)]
pub enum Event {
    Fault(Fault),
    /// So many of so many entries are done.
    Entries(u64, u64),
    /// So many rows of tables are done.
    Rows(u64),
}

/// What was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Entries in the signed tree, and its root.
    pub entries: u64,
    pub root: Hash,
    /// Entries that wait for their place; the next head will cover them.
    pub waiting: u64,
    pub checkpoints: u64,
    /// Lines of witnesses that were recomputed.
    pub cosignatures: u64,
    pub unchecked: Unchecked,
    pub tables: u64,
    pub rows: u64,
    /// Checks of meaning that were run.
    pub checks: u64,
    pub faults: u64,
    /// Only what came after this many entries was looked at.
    pub since: Option<u64>,
}

/// Lines of witnesses that nobody could check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unchecked {
    /// Because no policy says who the witnesses are.
    pub without_policy: u64,
    /// Because the policy does not name the witness; such a line fits at least its own key.
    pub unnamed: u64,
}

impl Summary {
    /// What was left out, in one line; `None` where everything was looked at.
    pub fn not_looked_at(&self) -> Option<String> {
        let mut left_out = Vec::new();
        if let Some(since) = self.since {
            left_out.push(format!(
                "the first {since} entries and what only they tell, timelines, checks of meaning on tables that have not changed"
            ));
        }
        if self.unchecked.without_policy > 0 {
            let lines = self.unchecked.without_policy;
            left_out.push(format!("{lines} cosignatures, since no witness policy is set"));
        }
        if self.unchecked.unnamed > 0 {
            left_out
                .push(format!("{} cosignatures of witnesses that the policy does not name", self.unchecked.unnamed));
        }
        (!left_out.is_empty()).then(|| left_out.join("; "))
    }

    /// What was looked at, in one line.
    pub fn looked_at(&self) -> String {
        let Summary { entries, waiting, checkpoints, cosignatures, tables, rows, checks, .. } = self;
        let entries = match self.since {
            Some(since) => format!("entries {since} to {entries}"),
            None => format!("{entries} entries"),
        };
        format!(
            "{entries} (root {}), {waiting} waiting for their place, {checkpoints} checkpoints, {cosignatures} cosignatures, \
             {rows} rows of {tables} tables, {checks} checks of meaning",
            self.root
        )
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.looked_at())?;
        if let Some(left_out) = self.not_looked_at() {
            write!(f, "; not looked at: {left_out}")?;
        }
        write!(f, ": {} faults", self.faults)
    }
}
