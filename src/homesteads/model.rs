//! Homestead parcels as values. Pure.

use serde::{Deserialize, Serialize};

use crate::{
    kernel::{Area, Id},
    text_enum,
};

/// Marker of parcel identifiers.
#[derive(Debug)]
pub struct Parcel;
pub type ParcelId = Id<Parcel>;

text_enum! {
    /// How the plot is used (利用状况).
    pub enum Occupancy {
        Lived = "lived" => "自住",
        /// A house that nobody lives in (闲置).
        Idle = "idle" => "闲置",
        Rented = "rented" => "出租",
        /// A plot without a house (空闲).
        Empty = "empty" => "空地",
    }
}

text_enum! {
    /// Whether the right stands. Nothing is deleted: a right that ended stays on record and its ground is free again.
    pub enum ParcelState {
        Registered = "registered" => "已登记",
        Cancelled = "cancelled" => "已注销",
    }
}

/// Everything that is written down about a parcel beside its shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ParcelFacts {
    /// 宗地代码, 19 characters (GB/T 37346).
    #[serde(default)]
    pub parcel_code: Option<String>,
    /// The household that holds it: its number or its head, as people say it.
    pub household: String,
    /// Identifier of the household in the register of members, where it is known.
    #[serde(default)]
    pub household_id: Option<String>,
    /// 坐落.
    pub location: String,
    /// What the certificate or the approval says, m². The measured area stands beside it.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "120.00")]
    pub registered_area: Option<Area>,
    /// Why the two areas differ, where they do.
    #[serde(default)]
    pub area_reason: String,
    /// Number of the certificate (不动产权证号).
    #[serde(default)]
    pub certificate: Option<String>,
    #[serde(default = "lived")]
    pub occupancy: Occupancy,
    #[serde(default = "registered")]
    pub state: ParcelState,
    #[serde(default)]
    pub note: String,
}

fn lived() -> Occupancy {
    Occupancy::Lived
}
fn registered() -> ParcelState {
    ParcelState::Registered
}
