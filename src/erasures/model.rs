//! Erasures as values. Pure.

use serde::Serialize;
use utoipa::ToSchema;

use crate::kernel::{Day, Timestamp};

crate::text_enum! {
    /// Why data are erased (PIPL art. 47, art. 49 for relatives of the dead). A closed list: it stands in the public log.
    pub enum Ground as "ErasureGround" {
        PurposeEnded = "purpose_ended" => "处理目的已实现，或者不再必要",
        RetentionOver = "retention_over" => "保存期限已满",
        AskedByPerson = "asked_by_person" => "本人要求",
        AskedByFamily = "asked_by_family" => "已去世，近亲属要求",
        Unlawful = "unlawful" => "登记得不合法",
    }
}

crate::text_enum! {
    /// How far a request has come.
    pub enum ErasureState {
        Requested = "requested" => "等镇街办理",
        Declined = "declined" => "没有同意",
        CarriedOut = "carried_out" => "已删除",
    }
}

/// What stands against an erasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DutyView {
    /// The record that must be kept.
    #[schema(value_type = String, example = "membership")]
    pub what: &'static str,
    /// The first day on which this no longer stands against it; null while its matter runs, or where it is kept for good.
    #[schema(value_type = Option<String>, format = Date)]
    pub until: Option<Day>,
    /// One sentence with the reason and its basis.
    pub sentence: String,
}

/// A request and what became of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ErasureRequest {
    pub ground: Ground,
    pub state: ErasureState,
    #[schema(value_type = String)]
    pub requested_at: Timestamp,
    #[schema(value_type = Option<String>)]
    pub ended_at: Option<Timestamp>,
}

/// Where the erasure of a person's data stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ErasureView {
    pub person_id: String,
    /// When the data were erased.
    #[schema(value_type = Option<String>)]
    pub erased_at: Option<Timestamp>,
    /// Empty where nothing stands against it.
    pub duties: Vec<DutyView>,
    /// The last request.
    pub request: Option<ErasureRequest>,
}
