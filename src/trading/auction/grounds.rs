//! On which grounds an auction is suspended or a trade terminated, and which of them need a paper. Pure.

use serde::Serialize;
use utoipa::ToSchema;

use super::store::CommandKind;
use crate::kernel::{FieldError, Problem, Timestamp};

crate::text_enum! {
    /// Why an auction stands still, or a trade has come to its end.
    pub enum Ground as "SteeringGround" {
        AuthorityOrder = "authority_order" => "法院、监察、公安等机关的决定",
        OwnershipDispute = "ownership_dispute" => "权属有异议",
        NoticeError = "notice_error" => "公告内容有错误",
        PlatformFault = "platform_fault" => "交易系统发生故障",
        CollusionReport = "collusion_report" => "有人举报串通、利诱或者威胁",
        ForceMajeure = "force_majeure" => "不可抗力",
        CollectiveDecision = "collective_decision" => "村集体依法另行决议",
        AssetLost = "asset_lost" => "标的灭失、被征收或者改变用途",
    }
}

impl Ground {
    /// What can pass: a decision to sell no more and a thing that is gone do not.
    pub fn suspends(self) -> bool {
        !matches!(self, Ground::CollectiveDecision | Ground::AssetLost)
    }

    /// Those that an action may rest on.
    pub fn of(action: CommandKind) -> impl Iterator<Item = Ground> {
        let fits = move |ground: &Ground| match action {
            CommandKind::Suspend => ground.suspends(),
            CommandKind::Terminate => true,
            _ => false,
        };
        Ground::ALL.iter().copied().filter(fits)
    }
}

/// Whether an action on this ground needs a paper: what is ended for good was decided by somebody in writing, and so was what
/// an authority orders.
pub fn needs_paper(action: CommandKind, ground: Option<Ground>) -> bool {
    match action {
        CommandKind::Terminate => true,
        CommandKind::Suspend => ground == Some(Ground::AuthorityOrder),
        _ => false,
    }
}

/// Most characters of the public sentence, and of the number or name of a paper.
const LONGEST_REASON: usize = 500;
const LONGEST_PAPER: usize = 100;

/// What is told of a step, read and right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub reason: String,
    pub ground: Option<Ground>,
    pub paper: Option<String>,
}

/// Reads what was told of a step.
///
/// Errors: field errors; of a ground those that would have been accepted stand beside it.
pub fn read(action: CommandKind, reason: &str, ground: Option<Ground>, paper: &str) -> Result<Told, Problem> {
    let mut errors = Vec::new();
    let grounds: Vec<Ground> = Ground::of(action).collect();
    let offered: Vec<&str> = grounds.iter().map(Ground::label).collect();
    match ground {
        None if !grounds.is_empty() => {
            errors.push(FieldError::new(
                "ground",
                None,
                format!("请选择{}的事由：{}", action.label(), offered.join("、")),
            ));
        }
        Some(other) if grounds.is_empty() => {
            let detail = format!("{}不用选事由，写明原因就可以", action.label());
            errors.push(FieldError::new("ground", Some(other.as_str()), detail));
        }
        Some(other) if !grounds.contains(&other) => {
            let detail = format!("“{}”不能作为{}的事由，可以选：{}", other.label(), action.label(), offered.join("、"));
            errors.push(FieldError::new("ground", Some(other.as_str()), detail));
        }
        _ => {}
    }
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON || reason.chars().any(char::is_control) {
        let detail = format!("请写明原因（最多 {LONGEST_REASON} 个字，写在一行里），它会向社会公布");
        errors.push(FieldError::new("reason", None, detail));
    }
    let paper = paper.trim();
    if paper.is_empty() && needs_paper(action, ground) {
        let detail = "请填写决定文书的名称和文号，例如 杜阮镇人民政府终止交易决定书 杜府决〔2026〕3号";
        errors.push(FieldError::new("paper", None, detail));
    }
    if paper.chars().count() > LONGEST_PAPER || paper.chars().any(char::is_control) {
        let detail = format!("文书的名称和文号最多 {LONGEST_PAPER} 个字，写在一行里");
        errors.push(FieldError::new("paper", Some(paper), detail));
    }
    let words: Vec<&str> = grounds.iter().map(Ground::as_str).collect();
    match errors.iter().any(|error| error.pointer == "/ground") {
        _ if errors.is_empty() => {
            let paper = Some(paper).filter(|paper| !paper.is_empty()).map(str::to_owned);
            Ok(Told { reason: reason.to_owned(), ground, paper })
        }
        true => Err(Problem::fields(errors).with("grounds", words)),
        false => Err(Problem::fields(errors)),
    }
}

/// Whether a step on record has what its ground asks for. Of a step of an older program nothing is asked: it has no ground.
pub fn fits(action: CommandKind, ground: Option<Ground>, paper: Option<&str>) -> bool {
    match ground {
        None => true,
        Some(ground) => {
            Ground::of(action).any(|one| one == ground) && (paper.is_some() || !needs_paper(action, Some(ground)))
        }
    }
}

/// That an auction stands still, or that a trade was terminated: on which ground, by which decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Halted {
    /// `suspend` or `terminate`.
    pub action: CommandKind,
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Null for what an older program wrote.
    pub ground: Option<Ground>,
    pub reason: String,
    /// Name and number of the decision.
    pub paper: Option<String>,
    /// SHA-256 of the stored, encrypted paper, as the log names it.
    pub paper_sha256: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(action: CommandKind, reason: &str, ground: Option<Ground>, paper: &str) -> Vec<String> {
        let told = read(action, reason, ground, paper);
        told.err().map(|problem| problem.fields.into_iter().map(|field| field.pointer).collect()).unwrap_or_default()
    }

    #[test]
    fn a_suspension_has_a_ground_and_a_termination_a_paper_too() {
        use CommandKind::{Outage, Resume, Suspend, Terminate};
        let none: [&str; 0] = [];
        assert_eq!(pointers(Suspend, "停电", None, ""), ["/ground"]);
        assert_eq!(pointers(Suspend, "停电", Some(Ground::PlatformFault), ""), none);
        assert_eq!(pointers(Suspend, "法院来函", Some(Ground::AuthorityOrder), ""), ["/paper"]);
        assert_eq!(pointers(Suspend, "法院来函", Some(Ground::AuthorityOrder), "（2026）粤0703执保12号"), none);
        assert_eq!(pointers(Suspend, "另行决议", Some(Ground::CollectiveDecision), "决议"), ["/ground"]);
        assert_eq!(pointers(Terminate, "另行决议", Some(Ground::CollectiveDecision), "成员大会决议"), none);
        assert_eq!(pointers(Terminate, " ", None, " "), ["/ground", "/reason", "/paper"]);
        assert_eq!(pointers(Terminate, "停电", Some(Ground::PlatformFault), &"字".repeat(101)), ["/paper"]);
        assert_eq!(pointers(Resume, "故障排除", None, ""), none);
        assert_eq!(pointers(Outage, "停电", Some(Ground::PlatformFault), ""), ["/ground"]);
        assert_eq!(pointers(Resume, "法院同意", Some(Ground::AuthorityOrder), ""), ["/ground"]);
        let offered = read(Suspend, "停电", None, "").err().and_then(|problem| problem.extra.get("grounds").cloned());
        assert!(offered.is_some_and(|words| words.to_string().contains("platform_fault")));
    }

    #[test]
    fn what_stands_on_record_has_what_its_ground_asks_for() {
        use CommandKind::{Resume, Suspend, Terminate};
        assert!(fits(Terminate, None, None), "an older program asked for no ground");
        assert!(fits(Suspend, Some(Ground::PlatformFault), None));
        assert!(!fits(Suspend, Some(Ground::AuthorityOrder), None));
        assert!(!fits(Terminate, Some(Ground::PlatformFault), None));
        assert!(!fits(Suspend, Some(Ground::AssetLost), Some("决议")));
        assert!(!fits(Resume, Some(Ground::PlatformFault), None));
    }
}
