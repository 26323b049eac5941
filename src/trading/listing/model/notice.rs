//! What a notice says besides the price and the conditions; every field may be left out. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::{Day, Fen};

/// What a collective fills in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NoticeDraft {
    /// Whether the price includes tax, and who bears which.
    #[schema(example = "不含税，税费由双方依法各自承担")]
    pub tax: String,
    /// How and when the rent is paid.
    #[schema(example = "先交后用，每年 12 月 10 日前付清下一年租金")]
    pub payment: String,
    /// Months without rent at the beginning.
    pub rent_free_months: Option<u32>,
    /// Bond for the contract, in yuan.
    #[schema(example = "20000.00")]
    pub performance_bond: String,
    /// State and day of the handing over.
    pub delivery: String,
    /// 四至.
    pub boundaries: String,
    /// Certificates and permits of the asset.
    pub title_papers: String,
    /// Acceptance of fire protection, for buildings.
    pub fire_safety: String,
    /// When and with whom the asset can be looked at.
    pub viewing: String,
    /// Trades that are not allowed in it, and other limits.
    pub restrictions: String,
    /// Whether several may bid together.
    pub joint_bidders: bool,
    /// Whom to complain to.
    pub complaint_phone: String,
    /// The day on which the right that is handed on ends by itself; the term cannot reach beyond it.
    #[schema(example = "2028-12-31")]
    pub right_until: Option<String>,
    /// Identifiers of public documents that belong to the notice: pictures, plans, a specimen of the contract.
    pub attachments: Vec<String>,
}

/// As it stands. Stored as it is serialised here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LotNoticeFields)]
#[serde(default)]
pub struct NoticeFields {
    pub tax: String,
    pub payment: String,
    pub rent_free_months: Option<u32>,
    #[schema(value_type = Option<String>)]
    pub performance_bond: Option<Fen>,
    pub delivery: String,
    pub boundaries: String,
    pub title_papers: String,
    pub fire_safety: String,
    pub viewing: String,
    pub restrictions: String,
    pub joint_bidders: bool,
    pub complaint_phone: String,
    #[schema(value_type = Option<String>)]
    pub right_until: Option<Day>,
    pub attachments: Vec<Attachment>,
}

/// A public paper of the notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LotAttachment)]
pub struct Attachment {
    pub document: String,
    /// As it was called when it was attached.
    pub title: String,
}

impl NoticeFields {
    /// As it would be filled in.
    pub fn draft(&self) -> NoticeDraft {
        NoticeDraft {
            tax: self.tax.clone(),
            payment: self.payment.clone(),
            rent_free_months: self.rent_free_months,
            performance_bond: self.performance_bond.map(|fen| fen.to_string()).unwrap_or_default(),
            delivery: self.delivery.clone(),
            boundaries: self.boundaries.clone(),
            title_papers: self.title_papers.clone(),
            fire_safety: self.fire_safety.clone(),
            viewing: self.viewing.clone(),
            restrictions: self.restrictions.clone(),
            joint_bidders: self.joint_bidders,
            complaint_phone: self.complaint_phone.clone(),
            right_until: self.right_until.map(|day| day.to_string()),
            attachments: self.attachments.iter().map(|a| a.document.clone()).collect(),
        }
    }

    /// Its lines in the order of a notice; `empty` where something is left out.
    pub fn lines(&self, empty: &str) -> Vec<(&'static str, String)> {
        let text = |text: &str| if text.is_empty() { empty.to_owned() } else { text.to_owned() };
        let joint = if self.joint_bidders { "接受" } else { "不接受" };
        let papers: Vec<&str> = self.attachments.iter().map(|a| a.title.as_str()).collect();
        vec![
            ("税费", text(&self.tax)),
            ("租金怎样交", text(&self.payment)),
            ("免租期", text(&self.rent_free_months.map(|n| format!("{n} 个月")).unwrap_or_default())),
            (
                "合同履约保证金",
                text(&self.performance_bond.map(|fen| format!("{} 元", fen.grouped())).unwrap_or_default()),
            ),
            ("交付", text(&self.delivery)),
            ("四至", text(&self.boundaries)),
            ("产权证件和批准文件", text(&self.title_papers)),
            ("消防验收", text(&self.fire_safety)),
            ("看现场", text(&self.viewing)),
            ("行业要求和限制", text(&self.restrictions)),
            ("联合竞买", joint.to_owned()),
            ("监督投诉电话", text(&self.complaint_phone)),
            ("原权利到期日", text(&self.right_until.map(|day| day.to_string()).unwrap_or_default())),
            ("附件", text(&papers.join("、"))),
        ]
    }
}
