//! What a verification can say: the faults in the words of the command line and of the pages, and how far it is.

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
    }
}

/// Something that is not as the log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub table: String,
    pub key: String,
    /// The place in the log of the entry concerned; `None` where it has none.
    pub index: Option<i64>,
    pub what: Wrong,
}

/// One line.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fault: table={} key={} index=", self.table.escape_debug(), self.key.escape_debug())?;
        match self.index {
            Some(index) => write!(f, "{index}")?,
            None => f.write_str("-")?,
        }
        write!(f, ": {}", self.what)
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
    pub tables: u64,
    pub rows: u64,
    pub faults: u64,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary { entries, root, waiting, checkpoints, tables, rows, faults } = self;
        write!(
            f,
            "{entries} entries (root {root}), {waiting} waiting for their place, {checkpoints} checkpoints, {rows} rows of {tables} tables: {faults} faults"
        )
    }
}
