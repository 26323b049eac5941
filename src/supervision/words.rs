//! Entries in plain Chinese: what happened, and the public facts that stand in them. Pure.
//!
//! Promise: every kind of entry that this program writes has its words here (a test reads the sources and compares); an
//! entry of an older or a newer program is shown by its own name rather than not at all.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    access::Role,
    assets, collectives, contracts, documents, erasures, homesteads,
    kernel::{Area, Code, Day, Fen, Timestamp, codes::CollectiveLevel},
    log::ERASURE,
    members, settlement, trading,
};

crate::text_enum! {
    /// What an entry is about, for the filter.
    pub enum Group {
        Members = "members" => "成员和户",
        Looks = "looks" => "查看和删除个人信息",
        Assets = "assets" => "资产",
        Homesteads = "homesteads" => "宅基地",
        Contracts = "contracts" => "合同",
        Trades = "trades" => "交易",
        Bids = "bids" => "出价",
        Deposits = "deposits" => "报名和保证金",
        Collectives = "collectives" => "组织和任职",
        Documents = "documents" => "文件",
        Accounts = "accounts" => "账号",
        Log = "log" => "核对存证",
    }
}

/// Kinds of entries, the group of each, and what was done.
pub const KINDS: &[(&str, Group, &str)] = &[
    ("program.served", Group::Log, "公布了网页程序文件的摘要"),
    ("log.key_changed", Group::Log, "为存证更换了密钥"),
    ("log.frozen", Group::Log, "封存了存证，由另一个名称的存证接续"),
    ("log.opened", Group::Log, "启用了存证的新密钥"),
    ("member.registered", Group::Members, "登记了成员"),
    ("member.changed", Group::Members, "变更了成员的户或关系"),
    ("member.ended", Group::Members, "登记了成员身份丧失"),
    ("person.corrected", Group::Members, "更正了个人信息"),
    ("roster.imported", Group::Members, "从表格导入了成员名册"),
    ("personal_data.opened", Group::Looks, "查看了完整的个人信息"),
    ("bidders.looked_at", Group::Looks, "竞价结束前查看了全部竞买人"),
    ("bidders.look_asked", Group::Looks, "申请在竞价结束前查看全部竞买人，等另一人同意"),
    ("bidders.look_agreed", Group::Looks, "同意在竞价结束前查看全部竞买人"),
    ("bidders.look_refused", Group::Looks, "没有同意在竞价结束前查看竞买人"),
    ("enrolment.looked_at", Group::Looks, "竞价结束前查看了一份报名"),
    ("erasure.requested", Group::Looks, "申请删除个人信息"),
    ("erasure.declined", Group::Looks, "没有同意删除个人信息"),
    ("erasure.carried_out", Group::Looks, "办完了删除个人信息的申请"),
    (ERASURE, Group::Looks, "删除了个人信息，留底一并销毁"),
    ("asset.registered", Group::Assets, "登记了资产"),
    ("asset.changed", Group::Assets, "修改了资产"),
    ("asset.state_changed", Group::Assets, "资产的使用状况变了"),
    ("assets.imported", Group::Assets, "从表格导入了资产"),
    ("parcel.registered", Group::Homesteads, "登记了宗地"),
    ("parcel.changed", Group::Homesteads, "修改了宗地"),
    ("parcels.imported", Group::Homesteads, "导入了宗地测量成果"),
    ("contract.registered", Group::Contracts, "登记了合同"),
    ("contract.changed", Group::Contracts, "修改了合同"),
    ("contracts.imported", Group::Contracts, "从表格导入了合同"),
    ("lot.drafted", Group::Trades, "起草了交易项目"),
    ("lot.changed", Group::Trades, "修改了交易项目"),
    ("lot.submitted", Group::Trades, "提交镇街审核"),
    ("lot.approved", Group::Trades, "审核通过"),
    ("lot.returned", Group::Trades, "审核后退回修改"),
    ("lot.published", Group::Trades, "发布了交易公告"),
    ("notice.corrected", Group::Trades, "更正了交易公告"),
    ("question.asked", Group::Trades, "对公告提了问题"),
    ("question.answered", Group::Trades, "答复了对公告的提问"),
    ("lot.terminated", Group::Trades, "在竞价开始前终止了交易"),
    ("auction.suspended", Group::Trades, "中止了竞价"),
    ("auction.resumed", Group::Trades, "恢复了竞价"),
    ("auction.terminated", Group::Trades, "终止了竞价"),
    ("auction.given_back", Group::Trades, "登记了停机，补回时间"),
    ("exercise.closed", Group::Trades, "竞价演练结束"),
    ("draw.committed", Group::Trades, "交了抽签的承诺值"),
    ("draw.called", Group::Trades, "竞价结束，宣布抽签"),
    ("draw.fixed", Group::Trades, "确定了抽签所用的检查点"),
    ("draw.opened", Group::Trades, "公开了抽签的数值"),
    ("draw.drawn", Group::Trades, "算出了抽签的种子"),
    ("draw.repeated", Group::Trades, "抽签作废，重来一轮"),
    ("draw.ended", Group::Trades, "交易终止，抽签随之结束"),
    ("ranking.called", Group::Trades, "竞价结束，几个人同在限价，等待按公告的办法评定"),
    ("ranking.prepared", Group::Trades, "拟定了同价评定"),
    ("ranking.returned", Group::Trades, "复核后退回了同价评定"),
    ("ranking.confirmed", Group::Trades, "复核通过了同价评定"),
    ("ranking.ended", Group::Trades, "交易终止，同价评定随之结束"),
    ("auction.closed", Group::Trades, "竞价结束，结果已写下"),
    ("objection.raised", Group::Trades, "对成交结果提出了异议"),
    ("objection.answered", Group::Trades, "答复了对成交结果的异议"),
    ("award.confirmed", Group::Trades, "确认了成交结果"),
    ("award.failed", Group::Trades, "登记了竞得人未履行"),
    ("award.taken_over", Group::Trades, "递补人同意递补"),
    ("award.declined", Group::Trades, "递补人放弃递补"),
    ("award.voided", Group::Trades, "登记了成交作废"),
    ("negotiation.proposed", Group::Trades, "提出了公开协商方案"),
    ("negotiation.returned", Group::Trades, "审核后退回了公开协商方案"),
    ("negotiation.published", Group::Trades, "审核通过，公示了公开协商结果"),
    ("negotiation.concluded", Group::Trades, "办结了公开协商，可以签合同"),
    ("negotiation.withdrawn", Group::Trades, "撤回了公开协商"),
    ("hall_bid.refused", Group::Bids, "号牌不在现场，没有代记出价"),
    ("bid.accepted", Group::Bids, "出价有效"),
    ("bid.matched", Group::Bids, "行使了优先权"),
    ("bid.taken", Group::Bids, "应了价"),
    ("sealed_bid.filed", Group::Bids, "收到一份暗标报价"),
    ("sealed_bid.withdrawn", Group::Bids, "撤回了暗标报价"),
    ("sealed_bid.refused", Group::Bids, "暗标信封没有被接受"),
    ("sealed_bid.opened", Group::Bids, "开启了一份暗标报价"),
    ("sealed_bid.voided", Group::Bids, "一份暗标报价作废"),
    ("sealed_reserve.filed", Group::Trades, "收到保留价信封"),
    ("sealed_reserve.opened", Group::Bids, "开启了保留价信封"),
    ("sealed_reserve.voided", Group::Bids, "保留价信封打不开"),
    ("sealed_shares.handed_in", Group::Trades, "交来开标用的密钥份"),
    ("sealed_shares.refused", Group::Trades, "没有收下开标用的密钥份"),
    ("trustee.registered", Group::Trades, "登记了密钥保管人"),
    ("trustee.retired", Group::Trades, "密钥保管人卸任"),
    (BID_REFUSED, Group::Bids, "出价没有被接受"),
    ("enrolment.made", Group::Deposits, "报名参加竞价"),
    ("joint.agreed", Group::Deposits, "联合竞买的一方同意参加"),
    ("priority.claimed", Group::Deposits, "申报了优先权"),
    ("priority.granted", Group::Deposits, "审核通过了优先权"),
    ("priority.refused", Group::Deposits, "优先权没有审核通过"),
    ("priority.waived", Group::Deposits, "放弃了优先权"),
    ("paddle.issued", Group::Deposits, "领了现场号牌"),
    ("paddle.checked_in", Group::Deposits, "在现场核对了号牌"),
    ("paddle.refused", Group::Deposits, "现场核对号牌，编码不对"),
    ("paddle.handed_back", Group::Deposits, "交回了现场号牌"),
    ("merit.claimed", Group::Deposits, "申报了加分"),
    ("merit.granted", Group::Deposits, "审核通过了加分"),
    ("merit.refused", Group::Deposits, "加分没有审核通过"),
    ("qualification.handed_in", Group::Deposits, "交了资格材料"),
    ("qualification.passed", Group::Deposits, "资格审查通过"),
    ("qualification.refused", Group::Deposits, "资格审查没有通过"),
    ("enrolment.ranked", Group::Deposits, "认定了优先权的顺位"),
    ("exclusion.recorded", Group::Deposits, "登记了限制竞买"),
    ("exclusion.lifted", Group::Deposits, "解除了限制竞买"),
    ("deposit.received", Group::Deposits, "登记保证金到账"),
    ("deposit.refused", Group::Deposits, "保证金没有通过核对"),
    ("refund.ordered", Group::Deposits, "项目结束，列出要退还的保证金"),
    ("payment.prepared", Group::Deposits, "经办了保证金的处理，等另一人复核"),
    ("payment.confirmed", Group::Deposits, "复核了保证金的处理，已记账"),
    ("payment.sent_back", Group::Deposits, "退回了保证金的处理，没有记账"),
    ("statement.imported", Group::Deposits, "导入了银行对账单"),
    ("statement.ticked", Group::Deposits, "勾对了银行流水和账"),
    ("payee.prepared", Group::Deposits, "登记了收款账户，等另一人复核"),
    ("payee.confirmed", Group::Deposits, "复核了收款账户，已启用"),
    ("payee.refused", Group::Deposits, "退回了收款账户，没有启用"),
    ("payment.taken_back", Group::Deposits, "撤下了还没动账的处理单"),
    ("unidentified.booked", Group::Deposits, "登记了一笔待查款"),
    ("unidentified.return_prepared", Group::Deposits, "经办了待查款的退回，等另一人复核"),
    ("unidentified.return_refused", Group::Deposits, "没有同意退回待查款"),
    ("unidentified.returned", Group::Deposits, "复核了待查款的退回，已记账"),
    ("books.closed", Group::Deposits, "结了一个月的账"),
    ("books.opened", Group::Deposits, "把原有的保证金记入账簿"),
    ("collective.registered", Group::Collectives, "登记了集体经济组织"),
    ("collective.changed", Group::Collectives, "修改了集体经济组织"),
    ("officer.term_started", Group::Collectives, "登记了任职"),
    ("officer.term_ended", Group::Collectives, "登记了卸任"),
    ("regions.imported", Group::Collectives, "更新了行政区划"),
    ("document.added", Group::Documents, "上传了文件"),
    ("account.created", Group::Accounts, "开设了账号"),
    ("account.enabled", Group::Accounts, "恢复了账号"),
    ("account.disabled", Group::Accounts, "停用了账号"),
    ("account.tied", Group::Accounts, "把账号关联到本人"),
    ("account.untied", Group::Accounts, "解除了账号和人的关联"),
    (LOG_VERIFIED, Group::Log, "核对了存证和全部台账"),
];

/// A command of an auction that came to nothing.
pub const BID_REFUSED: &str = "bid.refused";
/// A verification of the log, with what it found.
pub const LOG_VERIFIED: &str = "log.verified";

/// What was done, in words; a kind that is not known is named as it is.
pub fn what(kind: &str) -> String {
    let known = KINDS.iter().find(|(k, ..)| *k == kind);
    known.map_or_else(|| format!("记录了一件事（{kind}）"), |(_, _, words)| (*words).to_owned())
}

/// The kinds of a group.
pub fn kinds_of(group: Group) -> Vec<&'static str> {
    KINDS.iter().filter(|(_, g, _)| *g == group).map(|(kind, ..)| *kind).collect()
}

/// Every kind but bids.
pub fn all_but_bids() -> Vec<&'static str> {
    KINDS.iter().filter(|(_, g, _)| *g != Group::Bids).map(|(kind, ..)| *kind).collect()
}

/// The role of whoever did it.
pub fn role(word: &str) -> String {
    match (word, word.parse::<Role>()) {
        ("system", _) => "系统".to_owned(),
        (_, Ok(role)) => role.label().to_owned(),
        (other, Err(_)) => other.to_owned(),
    }
}

/// How the value of a field is written.
#[derive(Clone, Copy)]
enum How {
    Text,
    /// With a unit behind.
    Unit(&'static str),
    /// `第 2 版`.
    Nth(&'static str),
    Yuan(&'static str),
    /// A price per unit of the notice, which the entry does not name.
    Price,
    Area,
    Day,
    Time,
    /// A word of a closed list, by the noun of the entry's kind.
    Word,
}

/// The fields of entries in the order in which they are shown.
const FIELDS: &[(&str, &str, How)] = &[
    ("name", "名称", How::Text),
    ("number", "编号", How::Text),
    ("level", "层级", How::Word),
    ("post", "职务", How::Word),
    ("role", "角色", How::Word),
    ("kind", "类别", How::Word),
    ("class", "种类", How::Word),
    ("area", "面积", How::Area),
    ("registered_area", "登记面积", How::Area),
    ("quantity", "数量", How::Text),
    ("quantified", "量化金额", How::Yuan("元")),
    ("state_before", "原来", How::Word),
    ("state", "状态", How::Word),
    ("ground", "取得方式", How::Word),
    ("why", "理由", How::Word),
    ("acquired_on", "取得日期", How::Day),
    ("relation", "与户主关系", How::Word),
    ("cause", "丧失原因", How::Word),
    ("lost_on", "丧失日期", How::Day),
    ("retained_until", "保留权益至", How::Day),
    ("field", "查看的内容", How::Word),
    ("changed", "更正的内容", How::Word),
    ("members", "成员", How::Unit("人")),
    ("households", "新立户", How::Unit("户")),
    ("joined", "并入原有户", How::Unit("户")),
    ("count", "数量", How::Unit("项")),
    ("month", "月份", How::Text),
    ("starts_on", "起始日期", How::Day),
    ("ends_on", "到期日期", How::Day),
    ("annual_rent", "年租金", How::Yuan("元/年")),
    ("total", "总金额", How::Yuan("元")),
    ("method", "交易方式", How::Word),
    ("opens_at", "竞价开始", How::Time),
    ("bidder", "竞买号", How::Unit("号")),
    ("amount", "出价", How::Price),
    ("via", "出价方式", How::Word),
    ("wrong_codes", "编码错过", How::Unit("次")),
    ("outcome", "开标结果", How::Word),
    ("recipient", "公钥", How::Text),
    ("ciphertext_sha256", "密文的 SHA-256", How::Text),
    ("shares_sha256", "各份密钥的 SHA-256", How::Text),
    ("trustee", "保管人公钥", How::Text),
    ("identity", "公布的私钥", How::Text),
    ("status", "结果", How::Word),
    ("winner", "竞得人", How::Unit("号")),
    ("price", "价格", How::Price),
    ("bound", "当时可接受的界限", How::Price),
    ("paid", "金额", How::Yuan("元")),
    ("counts_from", "期限起算日", How::Day),
    ("reason", "原因", How::Word),
    ("closes_at", "竞价结束", How::Time),
    ("closed_at", "结束时间", How::Time),
    ("extensions", "延时", How::Unit("次")),
    ("notice_from", "结果公示自", How::Day),
    ("notice_until", "结果公示至", How::Day),
    ("contract_by", "应签合同", How::Day),
    ("rank", "优先顺位", How::Nth("位")),
    ("visibility", "公开范围", How::Word),
    ("length", "大小", How::Unit("字节")),
    ("sha256", "文件摘要（SHA-256）", How::Text),
    ("sm3", "文件摘要（SM3）", How::Text),
    ("note", "说明", How::Text),
    ("entries", "存证记录", How::Unit("条")),
    ("rows", "台账", How::Unit("行")),
    ("faults", "问题", How::Unit("处")),
    ("root", "存证的根", How::Text),
    ("successor", "从此使用的存证名称", How::Text),
    ("predecessor", "接续的存证名称", How::Text),
    ("key_sha256", "新公钥的 SHA-256", How::Text),
    ("predecessor_key_sha256", "旧公钥的 SHA-256", How::Text),
    ("version", "版次", How::Nth("版")),
    ("notice", "看过的公告", How::Nth("版")),
    ("declaration", "作出的声明", How::Nth("版")),
];

/// The public facts of an entry: a label and a value for each that is there.
pub fn facts(kind: &str, data: &Value) -> Vec<(&'static str, String)> {
    let noun = kind.split('.').next().unwrap_or_default();
    let shown =
        FIELDS.iter().filter_map(|(name, label, how)| Some((*label, value(noun, name, *how, data.get(name)?)?)));
    shown.filter(|(_, text)| !text.is_empty()).collect()
}

fn value(noun: &str, name: &str, how: How, value: &Value) -> Option<String> {
    let plain = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        Value::Array(all) => {
            all.iter().filter_map(|one| self::value(noun, name, how, one)).collect::<Vec<_>>().join("、")
        }
        other => other.to_string(),
    };
    if value.is_array() {
        return Some(plain);
    }
    let told = match how {
        How::Text => None,
        How::Unit(unit) => Some(format!("{plain} {unit}")),
        How::Nth(unit) => Some(format!("第 {plain} {unit}")),
        How::Yuan(unit) => read::<Fen>(value).map(|fen| format!("{} {unit}", fen.grouped())),
        How::Price => read::<Fen>(value).map(|fen| format!("{}（按公告的计价单位）", fen.grouped())),
        How::Area => read::<Area>(value).map(crate::web::html::filters::area_text),
        How::Day => read::<Day>(value).map(|day| day.to_string()),
        How::Time => read::<Timestamp>(value).map(Timestamp::second_text),
        How::Word => word(noun, name, &plain).map(str::to_owned),
    };
    // What cannot be read is shown as it stands.
    Some(told.unwrap_or(plain))
}

fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    serde_json::from_value(value.clone()).ok()
}

/// The label of a word of a closed list.
fn word(noun: &str, name: &str, text: &str) -> Option<&'static str> {
    macro_rules! label {
        ($list:ty) => {
            text.parse::<$list>().ok().map(|one| one.label())
        };
    }
    match (noun, name) {
        ("asset", "kind") => label!(assets::Kind),
        ("asset", "class") => label!(assets::Class),
        ("asset", "state" | "state_before") => label!(assets::State),
        ("parcel", "state") => label!(homesteads::ParcelState),
        ("contract", "kind") => label!(contracts::Kind),
        ("contract", "state") => label!(contracts::State),
        ("contract", "method") => label!(contracts::Method),
        ("collective", "level") => label!(CollectiveLevel),
        ("officer", "post") => label!(collectives::Post),
        ("account", "role") => label!(Role),
        ("member", "ground") => label!(members::Ground),
        ("erasure", "why") => label!(erasures::Ground),
        ("exclusion", "why") => label!(trading::exclusions::Ground),
        ("member", "cause") => label!(members::LossCause),
        ("member", "relation") => text.parse::<members::Relation>().ok().map(|r| r.label()),
        ("lot", "state") => label!(trading::listing::LotState),
        ("document", "visibility") => label!(documents::Visibility),
        ("auction", "status") => label!(trading::auction::Status),
        ("auction", "reason") => label!(trading::auction::Failure),
        ("bid", "via") => label!(trading::auction::Via),
        ("bid", "reason") => refusal(&[trading::auction::CODES], text),
        ("sealed_bid" | "sealed_shares", "reason") => {
            refusal(&[trading::auction::CODES, trading::auction::LIVE_CODES, trading::sealed::CODES], text)
        }
        ("sealed_bid" | "sealed_reserve", "outcome") => label!(trading::sealed::Opened),
        ("deposit", "reason") => refusal(&[settlement::CODES, trading::enrolment::CODES], text),
        ("payment", "kind") => label!(settlement::orders::OrderKind),
        ("payee", "state") => label!(settlement::payees::PayeeState),
        ("person" | "personal_data", "changed" | "field") => match text {
            "name" => Some("姓名"),
            "id_number" => Some("身份证号"),
            "phone" => Some("联系电话"),
            "address" => Some("户籍地址"),
            "bank_account" => Some("银行账号"),
            _ => None,
        },
        _ => None,
    }
}

fn refusal(lists: &[&[&'static Code]], code: &str) -> Option<&'static str> {
    lists.iter().flat_map(|list| list.iter()).find(|known| known.code == code).map(|known| known.title)
}

/// Tables that `verify` may name, in words, and the noun of the record that a row belongs to, where its key names one.
pub const TABLES: &[(&str, &str, Option<&str>)] = &[
    ("accounts", "账号", Some("account")),
    ("regions", "行政区划", None),
    ("collectives", "集体经济组织", Some("collective")),
    ("officers", "任职", Some("officer")),
    ("documents", "文件", Some("document")),
    ("looks", "查看的理由", None),
    ("erasures", "删除个人信息的申请", None),
    ("assets", "资产", Some("asset")),
    ("parcels", "宗地", Some("parcel")),
    ("households", "户", Some("household")),
    ("persons", "个人", Some("person")),
    ("former_persons", "个人信息的更正", None),
    ("memberships", "成员", Some("member")),
    ("deposits", "保证金", Some("deposit")),
    ("transfers", "保证金的账", None),
    ("money_orders", "保证金的处理单", None),
    ("payees", "收款账户", None),
    ("closed_months", "已结账的月份", None),
    ("unidentified_receipts", "待查款", None),
    ("bank_statements", "银行对账单", None),
    ("bank_lines", "银行流水", None),
    ("bank_ticks", "与银行勾对的账", None),
    ("lots", "交易项目", Some("lot")),
    ("lot_terms", "交易条件", Some("lot")),
    ("lot_reviews", "审核时的交易条件", None),
    ("lot_notices", "各版公告", None),
    ("lot_questions", "对公告的提问", None),
    ("enrolments", "报名", Some("enrolment")),
    ("joint_bidders", "联合竞买的各方", None),
    ("priority_rights", "优先权", None),
    ("qualification_papers", "资格材料", None),
    ("merit_claims", "加分申报", None),
    ("draw_parties", "抽签的各方", None),
    ("draw_rounds", "抽签的各轮", None),
    ("lot_rankings", "同价评定", None),
    ("hall_paddles", "现场号牌", None),
    ("bidder_looks", "竞价结束前对竞买人的查看", None),
    ("bidder_look_requests", "查看全部竞买人的申请", None),
    ("exclusions", "限制竞买的决定", Some("exclusion")),
    ("auctions", "竞价", Some("lot")),
    ("auction_commands", "出价", None),
    ("awards", "成交结果", Some("lot")),
    ("lot_objections", "对成交结果的异议", None),
    ("lot_confirmations", "成交确认和递补", None),
    ("lot_negotiations", "公开协商", None),
    ("trustees", "密钥保管人", Some("trustee")),
    ("sealed_bids", "暗标报价", None),
    ("sealed_reserves", "保留价信封", None),
    ("sealed_shares", "开标用的密钥份", None),
    ("sealed_openings", "开标结果", None),
    ("contracts", "合同", Some("contract")),
    ("log_checkpoints", "存证的检查点", None),
    ("log_state", "存证的条数", None),
    ("log_tiles", "存证的数据块", None),
    ("log_leaves", "存证的位置", None),
    ("log_entries", "存证记录", None),
    ("log_payloads", "存证的留底", None),
    ("log_queue", "等待编入存证的记录", None),
    ("log_subjects", "来龙去脉的索引", None),
    ("log_payloads", "存证所指内容的留底", None),
    ("log_cosignatures", "见证签名", None),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The sources without their tests; this file and the one with a page's `Fact` are left out.
    fn sources() -> Vec<String> {
        fn walk(dir: &std::path::Path, found: &mut Vec<String>) {
            for path in std::fs::read_dir(dir).expect("a folder").flatten().map(|e| e.path()) {
                if path.is_dir() {
                    walk(&path, found);
                } else if !path.ends_with("web/html.rs") && !path.ends_with("words.rs") {
                    let text = std::fs::read_to_string(&path).unwrap_or_default();
                    found.push(text.split("#[cfg(test)]").next().unwrap_or_default().to_owned());
                }
            }
        }
        let mut found = Vec::new();
        walk(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        found
    }

    /// `noun.past_tense` literals of the files that record entries.
    fn kinds_in_the_sources() -> Vec<String> {
        let words = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let mut found = vec![LOG_VERIFIED.to_owned(), ERASURE.to_owned()];
        let records = |code: &&String| code.contains("Fact::new(") || code.contains("papers::on_record(");
        for code in sources().iter().filter(records) {
            let literals = code.split('"').skip(1).step_by(2);
            let kinds = literals.filter(|l| l.split_once('.').is_some_and(|(n, v)| words(n) && words(v)));
            found.extend(kinds.map(str::to_owned));
        }
        found.sort();
        found.dedup();
        found
    }

    #[test]
    fn every_logged_table_has_its_words() {
        let mut seen = 0;
        for code in sources() {
            for rest in code.split("crate::logged_table!(").skip(1) {
                let table = rest.split(" in ").nth(1).and_then(|t| t.split(',').next()).unwrap_or_default();
                assert!(TABLES.iter().any(|(known, ..)| *known == table), "no words in TABLES for {table}");
                seen += 1;
            }
        }
        assert!(seen > 10);
    }

    #[test]
    fn every_kind_has_its_words_and_every_word_its_kind() {
        let written = kinds_in_the_sources();
        assert!(written.iter().any(|k| k == "lot.published") && written.iter().any(|k| k == "personal_data.opened"));
        let silent: Vec<_> = written.iter().filter(|k| !KINDS.iter().any(|(known, ..)| known == k)).collect();
        assert!(silent.is_empty(), "no words in KINDS for {silent:?}");
        let idle: Vec<_> = KINDS.iter().filter(|(kind, ..)| !written.iter().any(|k| k == kind)).collect();
        assert!(idle.is_empty(), "nothing records {idle:?}");
        assert_eq!(what("thing.done"), "记录了一件事（thing.done）");
    }

    #[test]
    fn facts_are_read_as_people_write_them() {
        let told = |kind: &str, data: Value| {
            facts(kind, &data)
                .into_iter()
                .map(|(label, text)| format!("{label}：{text}"))
                .collect::<Vec<_>>()
                .join("；")
        };
        assert_eq!(
            told(
                "asset.changed",
                json!({"area": "15666.67", "quantified": "80000.00", "state": "idle", "quantity": null})
            ),
            "面积：15,666.67 平方米（23.50 亩）；量化金额：80,000.00 元；状态：闲置"
        );
        assert_eq!(
            told(
                "bid.refused",
                json!({"bidder": "03", "amount": "705.00", "reason": "below_step", "bound": "710.00", "note": ""})
            ),
            "竞买号：03 号；出价：705.00（按公告的计价单位）；当时可接受的界限：710.00（按公告的计价单位）；原因：出价幅度不足"
        );
        assert_eq!(told("person.corrected", json!({"changed": ["name", "phone"]})), "更正的内容：姓名、联系电话");
        assert_eq!(
            told("personal_data.opened", json!({"field": "id_number", "reason": "核对股权证"})),
            "查看的内容：身份证号；原因：核对股权证"
        );
        assert_eq!(
            told("lot.published", json!({"closes_at": "2026-03-11T10:00:00+08:00"})),
            "竞价结束：2026-03-11 10:00:00"
        );
        assert_eq!(
            told("member.registered", json!({"acquired_on": "2018-06-30", "ground": "shape unknown"})),
            "取得方式：shape unknown；取得日期：2018-06-30"
        );
    }
}
