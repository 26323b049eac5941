//! Households, persons, memberships: what they are made of.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Relation;
use crate::kernel::{Day, Id, codes::Sex};

/// Marker of household identifiers.
#[derive(Debug)]
pub struct Household;
/// Marker of person identifiers.
#[derive(Debug)]
pub struct Person;
/// Marker of membership identifiers.
#[derive(Debug)]
pub struct Membership;

crate::text_enum! {
    /// How a membership was come by (LREC arts. 11, 12, 66).
    pub enum Ground {
        /// Member of the former production team and its descendants.
        Original = "original" => "原始取得",
        /// Born to a member: must be confirmed (art. 12).
        Birth = "birth" => "出生取得",
        Marriage = "marriage" => "婚姻取得",
        Adoption = "adoption" => "收养取得",
        /// Resettled by policy.
        Migration = "migration" => "政策性移民取得",
        /// Taken in on application by the assembly.
        Application = "application" => "申请取得",
        /// Confirmed in the reform before the law: not confirmed anew (art. 66).
        Reform = "reform" => "改革时已确认",
    }
}

crate::text_enum! {
    /// Where a membership stands. A membership that ended stays on record.
    pub enum MembershipState {
        Active = "active" => "在册",
        /// Ended, but rights are kept for an agreed time (LREC art. 17).
        Retained = "retained" => "保留权益",
        Lost = "lost" => "已丧失",
    }
}

crate::text_enum! {
    /// The only causes by which a membership ends (LREC arts. 16 and 17).
    pub enum LossCause {
        Death = "death" => "死亡",
        NationalityLost = "nationality_lost" => "丧失中国国籍",
        /// Member of another collective now.
        OtherCollective = "other_collective" => "已取得其他农村集体经济组织成员身份",
        /// Civil servant, those on contract excepted.
        CivilServant = "civil_servant" => "已成为公务员（聘任制公务员除外）",
        /// Written application and consent (art. 16).
        Exit = "exit" => "自愿退出",
        LawOrCharter = "law_or_charter" => "法律法规和章程规定的其他情形",
    }
}

crate::text_enum! {
    /// Whether people live in the household still.
    pub enum HouseholdState { Active = "active" => "在册", Dissolved = "dissolved" => "已销户" }
}

/// A member as lists and pages show it: personal numbers masked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MemberView {
    #[schema(value_type = String)]
    pub id: Id<Membership>,
    #[schema(value_type = String)]
    pub person_id: Id<Person>,
    #[schema(value_type = String)]
    pub household_id: Id<Household>,
    pub household_number: String,
    /// Region code of the collective.
    pub collective_code: String,
    pub name: String,
    /// Null where the person was erased.
    pub sex: Option<Sex>,
    /// Null where the person was erased.
    #[schema(value_type = Option<String>, format = Date)]
    pub birth: Option<Day>,
    /// `4407**********1234`.
    pub id_number_masked: String,
    /// `138****5678`; null where none is recorded.
    pub phone_masked: Option<String>,
    pub has_address: bool,
    /// Code of GB/T 4761.
    #[schema(value_type = String, example = "02")]
    pub relation: Relation,
    pub relation_label: &'static str,
    pub ground: Ground,
    /// The decision or document that confirmed the membership.
    pub basis: String,
    #[schema(value_type = String, format = Date)]
    pub acquired_on: Day,
    pub note: String,
    pub state: MembershipState,
    /// Why the membership was last changed, or by which decision.
    pub change_reason: Option<String>,
    pub loss: Option<Loss>,
    /// When the personal data were erased.
    #[schema(value_type = Option<String>)]
    pub erased_at: Option<crate::kernel::Timestamp>,
    /// Version of the membership, for If-Match.
    pub version: i32,
    /// Version of the person, for If-Match.
    pub person_version: i32,
}

/// How a membership ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Loss {
    pub cause: LossCause,
    pub basis: String,
    #[schema(value_type = String, format = Date)]
    pub on: Day,
    /// Last day on which agreed rights are kept.
    #[schema(value_type = Option<String>, format = Date)]
    pub retained_until: Option<Day>,
}

/// A household as lists show it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HouseholdView {
    #[schema(value_type = String)]
    pub id: Id<Household>,
    pub collective_code: String,
    pub number: String,
    /// Null while no member is the head.
    pub head_name: Option<String>,
    #[schema(value_type = Option<String>)]
    pub head_id: Option<Id<Person>>,
    /// Members in good standing.
    pub members: i64,
    pub state: HouseholdState,
    pub version: i32,
}

/// A household with everybody who belongs or belonged to it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HouseholdWithMembers {
    #[serde(flatten)]
    pub household: HouseholdView,
    pub people: Vec<MemberView>,
}

/// A person with every membership that lies in the reader's scope, and what was corrected.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonView {
    #[schema(value_type = String)]
    pub id: Id<Person>,
    pub name: String,
    pub memberships: Vec<MemberView>,
    pub former: Vec<FormerPerson>,
    /// When the personal data were erased.
    #[schema(value_type = Option<String>)]
    pub erased_at: Option<crate::kernel::Timestamp>,
    pub version: i32,
}

/// What a person's record said before a correction.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FormerPerson {
    pub version: i32,
    pub name: String,
    #[schema(value_type = String)]
    pub until: crate::kernel::Timestamp,
    pub reason: String,
}

/// A new member, as typed: the service reads and checks every field and answers with all that must be changed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct RegisterMember {
    /// Region code of the collective (12 or 14 digits).
    pub collective_code: String,
    /// Number of the household within the collective; a new household is opened where there is none of this number.
    pub household_number: String,
    pub name: String,
    pub id_number: String,
    #[serde(default)]
    pub phone: String,
    #[serde(default)]
    pub address: String,
    /// Code or name of GB/T 4761.
    pub relation: String,
    /// Word or name of the ground.
    pub ground: String,
    /// The decision that confirmed the membership.
    pub basis: String,
    pub acquired_on: String,
    #[serde(default)]
    pub note: String,
}

/// A correction of a person's record; fields that are left out stay.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct CorrectPerson {
    pub name: Option<String>,
    /// Empty removes it.
    pub phone: Option<String>,
    /// Empty removes it.
    pub address: Option<String>,
    /// Why it is corrected.
    pub reason: String,
}

/// A change of a membership; fields that are left out stay.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct ChangeMembership {
    pub household_number: Option<String>,
    pub relation: Option<String>,
    pub note: Option<String>,
    /// Why, or by which decision.
    pub reason: String,
}

/// The end of a membership.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct EndMembership {
    /// Word or name of one of the causes of LREC arts. 16 and 17.
    pub cause: String,
    /// The paper that proves it.
    pub basis: String,
    pub lost_on: String,
    /// Only after joining another collective or becoming a civil servant.
    #[serde(default)]
    pub retained_until: String,
}

/// Which members are listed.
#[derive(Debug, Clone, Default)]
pub struct MemberFilter {
    /// Only this collective and what lies below it.
    pub collective: Option<String>,
    /// Part of the name.
    pub name: Option<String>,
    pub household: Option<Id<Household>>,
    /// `None`: those in good standing.
    pub state: Option<MembershipState>,
}
