//! What a collective owns, as values. Pure.

use serde::{Deserialize, Serialize};

use crate::{
    kernel::{Area, Fen, Id},
    text_enum,
};

/// Marker of asset identifiers.
#[derive(Debug)]
pub struct Asset;
pub type AssetId = Id<Asset>;

text_enum! {
    /// The three parts of a collective's property (LREC art. 36; local acts divide it in the same way).
    pub enum Kind as "AssetKind" {
        /// Land, woods, water.
        Resource = "resource" => "资源性资产",
        /// Earns money: shops, workshops, markets. Only its income rights can be quantified to members (LREC art. 40).
        Operating = "operating" => "经营性资产",
        /// Schools, clinics, roads: not for gain.
        PublicService = "public_service" => "公益性资产",
    }
}

text_enum! {
    /// What it is: the classes of the provincial trading platform, and the public-service classes of the national stocktaking.
    pub enum Class as "AssetClass" {
        Farmland = "farmland" => "耕地",
        Orchard = "orchard" => "园地",
        Forest = "forest" => "林地",
        Grassland = "grassland" => "草地",
        Irrigation = "irrigation" => "农田水利设施用地",
        Pond = "pond" => "养殖水面",
        OtherFarmland = "other_farmland" => "其他农用地",
        Unused = "unused" => "未利用地",
        FourWastes = "four_wastes" => "四荒地",
        ConstructionLand = "construction_land" => "集体建设用地",
        OtherLand = "other_land" => "其他土地资产",
        Shop = "shop" => "商铺",
        Factory = "factory" => "厂房",
        Warehouse = "warehouse" => "仓库",
        Office = "office" => "办公楼",
        Market = "market" => "市场",
        TemporaryBuilding = "temporary_building" => "临时建筑",
        ShopHouse = "shop_house" => "商住楼",
        OtherBuilding = "other_building" => "其他物业",
        Equipment = "equipment" => "其他固定资产",
        Education = "education" => "教育设施",
        Health = "health" => "卫生设施",
        Culture = "culture" => "文化体育设施",
        Elderly = "elderly" => "养老服务设施",
        PublicWorks = "public_works" => "道路水利等公共设施",
        OtherPublic = "other_public" => "其他公益设施",
    }
}

impl Class {
    /// Land is measured; buildings and things may be counted instead.
    pub const fn is_land(self) -> bool {
        use Class::*;
        matches!(
            self,
            Farmland
                | Orchard
                | Forest
                | Grassland
                | Irrigation
                | Pond
                | OtherFarmland
                | Unused
                | FourWastes
                | ConstructionLand
                | OtherLand
        )
    }

    /// The kinds it can belong to, the usual one first. A village office is public service; commercial land earns.
    pub const fn kinds(self) -> &'static [Kind] {
        use Class::*;
        match self {
            ConstructionLand | OtherLand => &[Kind::Resource, Kind::Operating],
            Education | Health | Culture | Elderly | PublicWorks | OtherPublic => &[Kind::PublicService],
            _ if self.is_land() => &[Kind::Resource],
            _ => &[Kind::Operating, Kind::PublicService],
        }
    }
}

text_enum! {
    /// How it is used (使用状况).
    pub enum State as "AssetState" {
        SelfUsed = "self_used" => "自用",
        Leased = "leased" => "出租",
        Idle = "idle" => "闲置",
        /// Used by others without rent.
        Lent = "lent" => "借用",
        /// Taken by somebody without a right to it.
        Occupied = "occupied" => "被占用",
        /// Sold, scrapped or expropriated; stays on record.
        Disposed = "disposed" => "已处置",
    }
}

/// Everything that is written down about an asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AssetFacts {
    /// The collective's own number (资产编码); unique within the collective.
    #[serde(default)]
    pub code: Option<String>,
    pub name: String,
    pub kind: Kind,
    pub class: Class,
    /// In m²; land always has one.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "120.00")]
    pub area: Option<Area>,
    /// Pieces, in `unit`.
    #[serde(default)]
    pub quantity: Option<i64>,
    /// What is counted: 间, 台, 口.
    #[serde(default)]
    pub unit: Option<String>,
    /// 坐落.
    pub location: String,
    /// 原值, yuan; operating and public-service assets always have one.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "820.00")]
    pub original_value: Option<Fen>,
    /// 净值, yuan, at most the original value.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "820.00")]
    pub net_value: Option<Fen>,
    /// Part of the value whose income rights are quantified to members (LREC art. 40); zero where it is not.
    #[serde(default)]
    #[schema(value_type = String, example = "0.00")]
    pub quantified: Fen,
    pub state: State,
    /// Identifier of a document that is its photo.
    #[serde(default)]
    pub photo: Option<String>,
    #[serde(default)]
    pub note: String,
}

/// Sums over assets of one kind that are not disposed of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct KindTotals {
    pub kind: Kind,
    pub count: i64,
    #[schema(value_type = String)]
    pub area: Area,
    #[schema(value_type = String)]
    pub original_value: Fen,
    #[schema(value_type = String)]
    pub net_value: Fen,
    #[schema(value_type = String)]
    pub quantified: Fen,
}
