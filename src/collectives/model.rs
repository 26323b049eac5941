//! Regions, collectives and officers as the rest of the program sees them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::{
    Day, Id,
    codes::{CollectiveLevel, CreditCode, RegionCode, RegionLevel},
};

crate::text_enum! {
    /// Where a collective stands in its life.
    pub enum CollectiveState {
        Active = "active" => "正常",
        /// Cancelled from the register (LREC art. 23–25); its records stay.
        Cancelled = "cancelled" => "已注销",
    }
}

crate::text_enum! {
    /// Offices of a collective (LREC art. 29–34).
    pub enum Post {
        Chair = "chair" => "理事长",
        ViceChair = "vice_chair" => "副理事长",
        Director = "director" => "理事",
        HeadSupervisor = "head_supervisor" => "监事长",
        Supervisor = "supervisor" => "监事",
        Accountant = "accountant" => "会计",
        Cashier = "cashier" => "出纳",
    }
}

impl Post {
    /// LREC art. 34: directors and finance staff may not be supervisors.
    pub fn supervises(self) -> bool {
        matches!(self, Post::HeadSupervisor | Post::Supervisor)
    }
}

/// A node of the region tree.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Region {
    pub code: RegionCode,
    pub name: String,
    pub level: RegionLevel,
    pub parent_code: Option<RegionCode>,
}

/// A collective economic organisation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Collective {
    /// Region code: 12 digits, 14 for a group.
    pub code: RegionCode,
    pub name: String,
    pub level: CollectiveLevel,
    /// Unified social credit code (GB 32100): N1 group, N2 village, N3 township.
    #[schema(value_type = Option<String>)]
    pub credit_code: Option<CreditCode>,
    /// What is doubtful about the credit code and was confirmed by a person.
    pub credit_code_warnings: Vec<String>,
    pub address: String,
    pub certificate_number: String,
    pub certificate_issuer: String,
    #[schema(value_type = Option<String>, example = "2019-10-30")]
    pub registered_on: Option<Day>,
    #[schema(value_type = Option<String>)]
    pub certificate_until: Option<Day>,
    pub state: CollectiveState,
    pub version: i32,
}

/// What a person fills in to register a collective or to change it. All text, as typed; the rules read it.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCollective {
    /// Region code. Cannot be changed later.
    #[serde(default)]
    pub code: String,
    pub name: String,
    #[serde(default)]
    pub credit_code: Option<String>,
    /// True: the person has compared a doubtful credit code with the certificate.
    #[serde(default)]
    pub credit_code_confirmed: bool,
    #[serde(default)]
    pub address: String,
    #[serde(default)]
    pub certificate_number: String,
    #[serde(default)]
    pub certificate_issuer: String,
    /// `2019-10-30`, or as people write it.
    #[serde(default)]
    pub registered_on: Option<String>,
    #[serde(default)]
    pub certificate_until: Option<String>,
}

/// A person in office.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Officer {
    #[schema(value_type = String)]
    pub id: Id<Officer>,
    pub collective_code: RegionCode,
    pub name: String,
    pub post: Post,
    #[schema(value_type = String)]
    pub since: Day,
    /// Null while in office.
    #[schema(value_type = Option<String>)]
    pub until: Option<Day>,
    pub version: i32,
}

/// A term that begins.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOfficer {
    pub name: String,
    pub post: Post,
    #[schema(value_type = String)]
    pub since: Day,
}
