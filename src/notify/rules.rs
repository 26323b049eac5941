//! The words of messages, in the house and outside of it, and when a delivery is tried again. Pure.

use super::model::{Kind, News};
use crate::kernel::Timestamp;

crate::codes! {
    CHANNEL_NOT_OFFERED 409 "channel_not_offered" "这里没有开通这种发送方式，消息只在站内看；请把这一项留空";
}

/// Hours before its opening in which a lot starts soon.
pub const SOON_S: i64 = 3600;
/// A text message of one part has as many characters where one of them is Chinese (3GPP TS 23.040: 140 octets of UCS-2).
pub const LONGEST_TEXT: usize = 70;
/// Longest host and port with which a text message still names its lot.
pub const LONGEST_HOST: usize = 40;
/// A delivery is given up after as many tries.
pub const MOST_TRIES: i32 = 6;

impl News {
    pub const fn kind(&self) -> Kind {
        match self {
            News::DepositReceived => Kind::DepositReceived,
            News::DepositRefused => Kind::DepositRefused,
            News::Admitted { .. } => Kind::Admitted,
            News::PapersPassed => Kind::PapersPassed,
            News::PapersRefused => Kind::PapersRefused,
            News::PriorityGranted => Kind::PriorityGranted,
            News::PriorityRefused => Kind::PriorityRefused,
            News::MeritGranted => Kind::MeritGranted,
            News::MeritRefused => Kind::MeritRefused,
            News::QuestionAnswered => Kind::QuestionAnswered,
            News::NoticeCorrected { .. } => Kind::NoticeCorrected,
            News::Postponed { .. } | News::GivenBack { .. } => Kind::Postponed,
            News::Suspended => Kind::Suspended,
            News::Resumed { .. } => Kind::Resumed,
            News::Terminated => Kind::Terminated,
            News::StartsSoon { .. } => Kind::StartsSoon,
            News::Outbid { .. } => Kind::Outbid,
            News::Won { .. } => Kind::Won,
            News::MayFollow { .. } | News::Follows { .. } => Kind::NextInLine,
            News::NotWon { .. } | News::NotSold => Kind::NotWon,
            News::ResultPublished { .. } => Kind::ResultPublished,
            News::ObjectionAnswered => Kind::ObjectionAnswered,
            News::SaleLost => Kind::SaleLost,
            News::NobodyFollows | News::Voided => Kind::Undone,
            News::ContractDue { .. } => Kind::ContractDue,
            News::DepositReturned { .. } => Kind::DepositReturned,
            News::DepositApplied { .. } => Kind::DepositApplied,
            News::DepositKept { .. } => Kind::DepositKept,
        }
    }

    /// What its receiver reads in the house, under the title of the lot. A partner reads the same as the lead of those who bid
    /// together, without anybody's name, and is sent to the lead with what stands on the lead's pages alone.
    pub fn words(&self, to_partner: bool) -> String {
        let at = |time: &Timestamp| time.minute_text();
        let (you, see) =
            if to_partner { ("你们", "请问牵头人") } else { ("您", "请到“我的竞买”里看") };
        let words = match self {
            News::DepositReceived => format!("{you}的保证金已到账。"),
            News::DepositRefused => format!("有一笔写着{you}报名备注的款没有作为保证金收下，原因{see}。"),
            News::Admitted { number, opens_at } => {
                let opens = opens_at.map(|time| format!("，竞价 {} 开始", at(&time))).unwrap_or_default();
                format!("{you}已取得竞买资格，竞买号是 {number}{opens}。")
            }
            News::PapersPassed => format!("{you}交的资格材料已审查通过。"),
            News::PapersRefused => format!("{you}交的资格材料没有通过审查，原因和补交的办法{see}。"),
            News::PriorityGranted => format!("{you}申报的优先权已审核通过。"),
            News::PriorityRefused => format!("{you}申报的优先权没有审核通过，原因{see}；竞价仍可参加。"),
            News::MeritGranted => format!("{you}申报的一项加分已审核通过。"),
            News::MeritRefused => format!("{you}申报的一项加分没有审核通过，这一项按不加分算，原因{see}。"),
            News::QuestionAnswered => "您对公告提的问题已有答复，问题和答复都已公开。".to_owned(),
            News::NoticeCorrected { version, opens_at } => {
                format!("公告有更正（第 {version} 版），请看更正的内容。竞价时间不变，{} 开始。", at(opens_at))
            }
            News::Postponed { version, opens_at, closes_at } => {
                format!("公告有更正（第 {version} 版），竞价改为 {} 开始、{} 结束。", at(opens_at), at(closes_at))
            }
            News::GivenBack { closes_at } => format!("系统停机的时间已补回，竞价改为 {} 结束。", at(closes_at)),
            News::Suspended => "竞价已中止，原因请看项目页面；恢复以前不能出价。".to_owned(),
            News::Resumed { closes_at } => format!("竞价已恢复，{} 结束。", at(closes_at)),
            News::Terminated => "交易已终止，原因请看项目页面。缴了保证金的，按规定办理退还。".to_owned(),
            News::StartsSoon { number, opens_at } => {
                format!("竞价快开始了：{}。{you}的竞买号是 {number}。", at(opens_at))
            }
            News::Outbid { price } => format!("{you}不再领先，现在是 {price}。竞价还没有结束，可以再出价。"),
            News::Won { price, notice_until } => {
                format!("{you}竞得了，成交价 {price}。结果公示到 {notice_until}，公示期满再由镇街确认成交。")
            }
            News::MayFollow { price, notice_until } => format!(
                "竞价已结束，成交价 {price}，{you}排在竞得人之后第一位：竞得人不履行时轮到{you}递补。结果公示到 {notice_until}。"
            ),
            News::Follows { answer_by } => {
                format!("排在{you}前面的人没有履行，轮到{you}递补。请在 {answer_by} 以前到项目页面答复。")
            }
            News::NotWon { price, notice_until } => format!(
                "竞价已结束，{you}没有竞得，成交价 {price}。结果公示到 {notice_until}。{you}的保证金按规定办理退还。"
            ),
            News::NotSold => format!("竞价已结束，没有成交。{you}的保证金按规定办理退还。"),
            News::ResultPublished { number, notice_until } => {
                format!("竞买号 {number} 递补，结果公示到 {notice_until}；有异议的，请在公示期内到项目页面提出。")
            }
            News::ObjectionAnswered => "您对结果提的异议已有答复，请到项目页面看。".to_owned(),
            News::SaleLost => format!("{you}的成交资格已取消，理由和决定文件请到项目页面看。"),
            News::NobodyFollows => "成交的人没有履行，也没有人递补，这次交易没有成交。".to_owned(),
            News::Voided => "这次成交已作废，理由和决定文件请到项目页面看。".to_owned(),
            News::ContractDue { by } => format!("成交已确认，请在 {by} 以前签合同。"),
            News::DepositReturned { amount } => format!("{you}的保证金 {} 元已退还。", amount.grouped()),
            News::DepositApplied { amount } => format!("{you}的保证金 {} 元已抵作价款。", amount.grouped()),
            News::DepositKept { amount } => format!("{you}的保证金 {} 元不予退还，理由{see}。", amount.grouped()),
        };
        if to_partner { format!("您与他人联合竞买，手续由牵头人办理。{words}") } else { words }
    }

    /// The price that everybody may read, where it is about one.
    pub fn price(&self) -> Option<&str> {
        match self {
            News::Outbid { price }
            | News::Won { price, .. }
            | News::MayFollow { price, .. }
            | News::NotWon { price, .. } => Some(price),
            _ => None,
        }
    }
}

/// What leaves the house: the lot, the price where it is about one, and the link. What became of the receiver's own affair is
/// told behind the sign-in; the carrier, and whoever looks at the phone, need not know it. `most`: characters there is room for.
pub fn outside(title: &str, price: Option<&str>, link: &str, most: usize) -> String {
    let told = price.map(|price| format!("，{price}")).unwrap_or_default();
    let frame = |title: &str| format!("【乡集】{title}{told}。详见 {link}");
    let over = frame(title).chars().count().saturating_sub(most);
    if over == 0 {
        return frame(title);
    }
    let room = title.chars().count().saturating_sub(over + 1);
    if room == 0 && price.is_some() {
        return outside(title, None, link, most);
    }
    let short: String = title.chars().take(room).collect();
    frame(&format!("{short}…"))
}

/// When a delivery that was begun for the `tries`th time at `now` is begun again, unless it is known by then to be over.
pub fn again_at(now: Timestamp, tries: i32) -> Timestamp {
    let minutes = [1, 1, 2, 5, 10];
    let after = usize::try_from(tries).ok().and_then(|tries| minutes.get(tries.saturating_sub(1)));
    now.plus_s(60 * after.copied().unwrap_or(20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_message_has_one_part() {
        let link = "xiangji.jiangmen.gov.cn/m/2k7mqv9t";
        let text = |title: &str, price| outside(title, price, link, LONGEST_TEXT);
        assert_eq!(
            text("3 号鱼塘", Some("820.00 元/亩/年")),
            format!("【乡集】3 号鱼塘，820.00 元/亩/年。详见 {link}")
        );
        assert_eq!(text("3 号鱼塘", None), format!("【乡集】3 号鱼塘。详见 {link}"));
        let long = "上巷村龙门里三号鱼塘及其附属看守房经营权".repeat(3);
        let short = text(&long, Some("1,234,567.00 元/亩/年"));
        assert_eq!(short.chars().count(), LONGEST_TEXT, "{short}");
        assert!(short.starts_with("【乡集】上巷村") && short.contains('…') && short.ends_with(link));
        let host = "h".repeat(LONGEST_HOST);
        let longest = outside(&long, Some("1,234,567.00 元/亩/年"), &format!("{host}/m/2k7mqv9t"), LONGEST_TEXT);
        assert!(longest.chars().count() <= LONGEST_TEXT, "{longest}");
    }

    #[test]
    fn nothing_of_the_receivers_own_leaves_the_house() {
        let kept = News::DepositKept { amount: crate::kernel::Fen(1_000_000) };
        assert!(kept.words(false).contains("10,000.00") && kept.price().is_none());
    }

    #[test]
    fn a_partner_is_not_sent_to_pages_that_are_the_leads() {
        let refused = News::PapersRefused;
        assert_eq!(refused.words(false), "您交的资格材料没有通过审查，原因和补交的办法请到“我的竞买”里看。");
        assert_eq!(
            refused.words(true),
            "您与他人联合竞买，手续由牵头人办理。你们交的资格材料没有通过审查，原因和补交的办法请问牵头人。"
        );
    }

    #[test]
    fn tries_come_ever_less_often() {
        let waits: Vec<i64> = (1..=MOST_TRIES).map(|n| again_at(Timestamp(0), n).0 / 60_000_000).collect();
        assert_eq!(waits, [1, 1, 2, 5, 10, 20]);
    }
}
