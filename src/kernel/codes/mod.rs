//! The official numbers of people, organisations and places, checked by the standards that define them.
//!
//! Promise: a value of these types has the shape its standard asks for, whatever a person typed. What the standards
//! call wrong but real life contains (a credit code whose check digit fails) is reported as a warning beside the value.

mod credit_code;
mod region;
mod resident_id;

pub use credit_code::{CheckedCreditCode, CollectiveLevel, CreditCode, CreditCodeFault, CreditCodeWarning};
pub use region::{NotARegionCode, RegionCode, RegionLevel};
pub use resident_id::{ResidentId, ResidentIdFault, Sex, check_character as resident_check};
