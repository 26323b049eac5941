//! What is shown of a lot. Pure.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    kernel::{Area, Day, Fen, Timestamp, codes::RegionCode},
    log::OnRecord,
    trading::{
        auction::{ComparedBid, Halted, Live, Mode},
        award::Award,
        enrolment::Enrolment,
        listing::{Beside, DealForm, LotId, LotState, Phase, Round, Stage, Terms},
        looks::{BidderLook, GlassRequest},
        negotiation::Negotiation,
        notices::NoticeBrief,
        price::PriceUnit,
        qualification::Need,
        ranking::Ranking,
    },
};

/// A lot in full.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LotView {
    #[schema(value_type = String)]
    pub id: LotId,
    /// Number of the trade, from the notice on.
    pub number: Option<String>,
    pub collective_code: RegionCode,
    pub collective_name: String,
    /// The town it lies in: villages of one name are told apart by it.
    pub town: String,
    pub asset_id: String,
    pub title: String,
    /// 1, and one more each time that it is listed again.
    pub round: i32,
    /// The rounds that it belongs to, itself among them; empty where it is the only one.
    pub rounds: Vec<Round>,
    /// The versions of its notice, the first one first; empty before the notice, and for one of an older program.
    pub notices: Vec<NoticeBrief>,
    /// Number of the notice, where several lots stand in one, and those others.
    pub notice_number: Option<String>,
    pub beside: Vec<Beside>,
    pub state: LotState,
    /// The state with the clock taken into account.
    pub phase: Phase,
    pub terms: Terms,
    /// Whether there is a reserve price; its amount is kept from everybody until the end.
    pub has_reserve: bool,
    /// What the opening price comes to over the term.
    #[schema(value_type = Option<String>)]
    pub opening_total: Option<Fen>,
    #[schema(value_type = Option<String>)]
    pub submitted_at: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    pub reviewed_at: Option<Timestamp>,
    /// What the reviewer wrote; null for the public.
    pub review_note: Option<String>,
    #[schema(value_type = Option<String>)]
    pub published_at: Option<Timestamp>,
    /// Last moment to enrol and to pay the deposit.
    #[schema(value_type = Option<String>)]
    pub enrol_until: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    pub opens_at: Option<Timestamp>,
    /// The planned end; the real one is in `live`.
    #[schema(value_type = Option<String>)]
    pub closes_at: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    pub ended_at: Option<Timestamp>,
    /// For an approved lot: the earliest day on which its auction could be held if it were published now.
    #[schema(value_type = Option<String>)]
    pub earliest_opening: Option<Day>,
    /// From the notice on.
    pub live: Option<Live>,
    /// What the current price comes to over the term.
    #[schema(value_type = Option<String>)]
    pub price_total: Option<Fen>,
    /// From the end on.
    pub award: Option<Award>,
    /// From the end on, where answers to the criteria of the notice count beside the price: every price that counted and what it was
    /// compared by, the best first.
    pub compared: Vec<ComparedBid>,
    /// What was negotiated after the lot had failed and was published, the oldest first.
    pub negotiations: Vec<Negotiation>,
    /// Who stands at the ceiling where the notice has a criterion for that, and in which order officers have put them.
    pub ranking: Option<Ranking>,
    /// Who of the staff looked at the bidders before the end, and why: from the end on.
    pub looks_at_bidders: Vec<BidderLook>,
    /// Who asked to look at all bidders before the end, who agreed or did not, and why: from the end on.
    pub break_glass: Vec<GlassRequest>,
    /// Why it was terminated before its auction opened.
    pub given_up: Option<String>,
    /// Why its auction stands still, or why it was terminated: on which ground, by which decision.
    pub halted: Option<Halted>,
    /// Whether the log's entry of the end stands under a head that enough witnesses have cosigned; null before the end, and
    /// where the log has no witnesses.
    pub witnessed: Option<bool>,
    /// The entry that ended it, for its page.
    #[serde(skip)]
    pub ended_on_record: Option<OnRecord>,
    /// The server's time of this picture.
    #[schema(value_type = String)]
    pub now: Timestamp,
    pub version: i32,
}

/// A lot on the screen of its notice: what [`LotView`] says of its price, and no more.
#[derive(Debug, Clone)]
pub struct SittingLot {
    pub id: LotId,
    pub number: Option<String>,
    pub notice_number: Option<String>,
    pub title: String,
    pub state: LotState,
    pub phase: Phase,
    pub terms: Terms,
    pub live: Option<Live>,
    /// From the end on.
    pub awarded: Option<Fen>,
    /// The end as it stands, and as it was.
    pub ends_at: Option<Timestamp>,
}

/// A lot in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LotSummary {
    #[schema(value_type = String)]
    pub id: LotId,
    pub number: Option<String>,
    pub collective_code: RegionCode,
    pub collective_name: String,
    pub town: String,
    pub title: String,
    pub asset_name: String,
    pub asset_location: String,
    #[schema(value_type = Option<String>)]
    pub asset_area: Option<Area>,
    pub round: i32,
    pub mode: Mode,
    /// An exercise: nobody wins.
    pub practice: bool,
    pub state: LotState,
    pub phase: Phase,
    pub form: DealForm,
    pub price_unit: PriceUnit,
    #[schema(value_type = String, example = "700.00")]
    pub opening_price: Fen,
    #[schema(value_type = String)]
    pub deposit: Fen,
    pub term_months: u32,
    /// The current or last price.
    #[schema(value_type = Option<String>)]
    pub price: Option<Fen>,
    #[schema(value_type = Option<String>)]
    pub published_at: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    pub enrol_until: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    pub opens_at: Option<Timestamp>,
    /// The end as it stands, extensions included.
    #[schema(value_type = Option<String>)]
    pub end_at: Option<Timestamp>,
    #[schema(value_type = String)]
    pub updated_at: Timestamp,
    pub version: i32,
}

/// A stage of the public board: how many lots are in it, and the first of them.
#[derive(Debug, Clone)]
pub struct BoardPart {
    pub stage: Stage,
    pub count: i64,
    pub first: Vec<LotSummary>,
}

impl BoardPart {
    pub fn has_more(&self) -> bool {
        usize::try_from(self.count).is_ok_and(|count| count > self.first.len())
    }
}

crate::text_enum! {
    /// How one's own affair in a lot stands; in the order in which it wants attention.
    pub enum Standing {
        Outbid = "outbid" => "已被超过",
        Ready = "ready" => "可出价",
        DepositDue = "deposit_due" => "待缴保证金",
        PapersDue = "papers_due" => "待交资格材料",
        Waiting = "waiting" => "等待竞价",
        /// The papers are with the township.
        Examined = "examined" => "资格审查中",
        Suspended = "suspended" => "竞价中止",
        Leading = "leading" => "领先",
        Closing = "closing" => "正在确认结果",
        /// Officers have still to put equals in order.
        Undecided = "undecided" => "同价，等待评定",
        Won = "won" => "已竞得",
        Lost = "lost" => "未竞得",
        /// The deposit did not come in time.
        Missed = "missed" => "未取得资格",
        Terminated = "terminated" => "交易终止",
        Practised = "practised" => "演练结束",
    }
}

/// What [`standing`] looks at.
#[derive(Debug, Clone, Copy)]
pub struct Affair<'a> {
    pub phase: Phase,
    /// Own bid number, once the deposit is in.
    pub number: Option<&'a str>,
    pub leader: Option<&'a str>,
    pub winner: Option<&'a str>,
    pub has_bid: bool,
    /// The deposit is in.
    pub paid: bool,
    /// What is asked of the own papers.
    pub need: Need,
}

/// How one's own affair stands.
pub fn standing(affair: Affair<'_>) -> Standing {
    let Some(number) = affair.number else {
        return match affair.phase {
            Phase::Enrolling | Phase::Waiting if affair.need == Need::Waiting && affair.paid => Standing::Examined,
            Phase::Enrolling if affair.need == Need::Due => Standing::PapersDue,
            Phase::Enrolling => Standing::DepositDue,
            Phase::Terminated | Phase::Undone => Standing::Terminated,
            _ => Standing::Missed,
        };
    };
    match affair.phase {
        Phase::Bidding if affair.leader == Some(number) => Standing::Leading,
        // Nobody leads while prices are hidden, and nobody is overtaken.
        Phase::Bidding if affair.has_bid && affair.leader.is_none() => Standing::Waiting,
        Phase::Bidding if affair.has_bid => Standing::Outbid,
        Phase::Bidding => Standing::Ready,
        Phase::Suspended => Standing::Suspended,
        Phase::Closing => Standing::Closing,
        Phase::Undecided => Standing::Undecided,
        // Who won, or is asked to step in.
        Phase::Sold if affair.need == Need::Due => Standing::PapersDue,
        Phase::Sold if affair.need == Need::Waiting => Standing::Examined,
        Phase::Sold if affair.winner == Some(number) => Standing::Won,
        Phase::Sold | Phase::Failed => Standing::Lost,
        Phase::Terminated | Phase::Undone => Standing::Terminated,
        Phase::Practised => Standing::Practised,
        _ => Standing::Waiting,
    }
}

/// A lot that one's own account has enrolled for.
#[derive(Debug, Clone)]
pub struct OwnLot {
    pub enrolment: Enrolment,
    pub lot: LotSummary,
    pub standing: Standing,
    /// How many bids officers have entered for the own paddle.
    pub raised: i64,
}

/// How a public lot stands at one moment: what the live stream says.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Moment {
    pub phase: Phase,
    pub live: Live,
    /// What the current price comes to over the term.
    #[schema(value_type = Option<String>)]
    pub price_total: Option<Fen>,
    #[schema(value_type = String)]
    pub opens_at: Timestamp,
    /// The server's time.
    #[schema(value_type = String)]
    pub now: Timestamp,
    pub award: Option<Award>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_affair_from_the_deposit_to_the_result() {
        let before = Affair {
            phase: Phase::Enrolling,
            number: None,
            leader: None,
            winner: None,
            has_bid: false,
            paid: false,
            need: Need::Nothing,
        };
        assert_eq!(standing(before), Standing::DepositDue);
        assert_eq!(standing(Affair { phase: Phase::Bidding, ..before }), Standing::Missed);
        let admitted = Affair { number: Some("03"), ..before };
        assert_eq!(standing(admitted), Standing::Waiting);
        let open = Affair { phase: Phase::Bidding, leader: Some("01"), ..admitted };
        assert_eq!(standing(open), Standing::Ready, "others lead, but nobody has overtaken");
        assert_eq!(standing(Affair { has_bid: true, ..open }), Standing::Outbid);
        assert_eq!(standing(Affair { leader: Some("03"), has_bid: true, ..open }), Standing::Leading);
        assert_eq!(standing(Affair { phase: Phase::Undecided, ..open }), Standing::Undecided);
        let sold = Affair { phase: Phase::Sold, winner: Some("03"), ..open };
        assert_eq!(standing(sold), Standing::Won);
        assert_eq!(standing(Affair { winner: Some("01"), ..sold }), Standing::Lost);
        let asked = Affair { need: Need::Due, ..before };
        assert_eq!(standing(asked), Standing::PapersDue);
        assert_eq!(standing(Affair { need: Need::Waiting, ..before }), Standing::DepositDue);
        let examined = Affair { need: Need::Waiting, paid: true, ..before };
        assert_eq!(standing(examined), Standing::Examined);
        assert_eq!(standing(Affair { phase: Phase::Waiting, ..examined }), Standing::Examined);
        assert_eq!(standing(Affair { phase: Phase::Bidding, ..examined }), Standing::Missed);
        assert_eq!(standing(Affair { need: Need::Due, ..sold }), Standing::PapersDue, "examined after the auction");
        assert_eq!(standing(Affair { need: Need::Passed, ..sold }), Standing::Won);
        assert!(Standing::Outbid < Standing::DepositDue && Standing::DepositDue < Standing::Leading);
    }
}
