//! The whole process of a trade as its people see it: how far each milestone is, and who acts next. Pure.

use super::super::model::{LotState, Phase};

/// How far a milestone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MilestoneState {
    Done,
    /// Under way, in somebody's hands.
    Now,
    /// Sent back to be changed.
    Returned,
    Later,
    /// The trade ended before it, or at it.
    Stopped,
}

/// One milestone of the process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Milestone {
    pub name: &'static str,
    pub state: MilestoneState,
    /// Who acts, while it is under way.
    pub who: &'static str,
}

const NAMES: [&str; 8] = ["立项", "民主决策", "镇街审核", "发布公告", "报名交保证金", "竞价", "结果公示", "签订合同"];

/// Who acts next, in one sentence.
pub fn next_actor(phase: Phase) -> &'static str {
    match phase {
        Phase::Draft => "村会计或理事填写完毕后提交",
        Phase::Submitted => "镇街资产管理员审核",
        Phase::Returned => "村会计或理事修改后重新提交",
        Phase::Approved => "镇街交易员发布公告",
        Phase::Enrolling => "竞买人报名，镇街交易员登记保证金",
        Phase::Waiting => "到时间自动开始竞价",
        Phase::Bidding => "竞买人出价，到时间自动结束",
        Phase::Suspended => "镇街交易员恢复或终止竞价",
        Phase::Closing => "系统正在确认结果",
        Phase::Undecided => "镇街交易员按公告的办法拟定先后，镇街资产管理员复核",
        Phase::Sold => "公示期满后由镇街交易员确认成交，再签订合同",
        Phase::Failed => "没有成交，可以重新发起",
        Phase::Terminated => "已终止，可以重新发起",
        Phase::Practised => "演练结束，可以正式发起",
        Phase::Undone => "成交作废，可以重新发起",
    }
}

/// The eight milestones. `decided`: the decision with its minutes is filled in; `published`: the notice went out.
pub fn milestones(state: LotState, phase: Phase, decided: bool, published: bool) -> Vec<Milestone> {
    use MilestoneState::{Done, Later, Now, Returned, Stopped};
    // The milestone in hand, counted from 0, and how it stands.
    let (now, how) = match phase {
        Phase::Draft => (0, Now),
        Phase::Returned => (0, Returned),
        Phase::Submitted => (2, Now),
        Phase::Approved => (3, Now),
        Phase::Enrolling => (4, Now),
        Phase::Waiting | Phase::Bidding | Phase::Suspended | Phase::Closing | Phase::Undecided => (5, Now),
        Phase::Sold => (6, Now),
        Phase::Failed | Phase::Practised => (5, Stopped),
        Phase::Undone => (6, Stopped),
        Phase::Terminated if published => (5, Stopped),
        Phase::Terminated => (3, Stopped),
    };
    let ended = matches!(state, LotState::Practised) || state.may_be_relisted();
    let one = |(place, name): (usize, &'static str)| {
        let state = match place {
            1 if state.is_open_to_change() && decided => Done,
            1 if state.is_open_to_change() => Now,
            place if place < now => Done,
            place if place == now => how,
            _ if ended => Stopped,
            _ => Later,
        };
        let who = match (place, state) {
            (1, Now) => "村会计或理事填写决策情况，上传会议记录",
            (_, Now | Returned) => next_actor(phase),
            _ => "",
        };
        Milestone { name, state, who }
    };
    NAMES.into_iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use MilestoneState::{Done, Later, Now, Returned, Stopped};

    fn states(state: LotState, phase: Phase, decided: bool) -> Vec<MilestoneState> {
        milestones(state, phase, decided, true).into_iter().map(|s| s.state).collect()
    }

    #[test]
    fn every_phase_has_its_place() {
        let l = Later;
        assert_eq!(states(LotState::Draft, Phase::Draft, false), [Now, Now, l, l, l, l, l, l]);
        assert_eq!(states(LotState::Returned, Phase::Returned, true), [Returned, Done, l, l, l, l, l, l]);
        assert_eq!(states(LotState::Submitted, Phase::Submitted, true), [Done, Done, Now, l, l, l, l, l]);
        assert_eq!(states(LotState::Published, Phase::Bidding, true), [Done, Done, Done, Done, Done, Now, l, l]);
        assert_eq!(states(LotState::Sold, Phase::Sold, true), [Done, Done, Done, Done, Done, Done, Now, l]);
        let s = Stopped;
        assert_eq!(states(LotState::Failed, Phase::Failed, true), [Done, Done, Done, Done, Done, s, s, s]);
    }
}
