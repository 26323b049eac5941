//! Policy as data: dated, regional rule sets with their legal basis.
//!
//! Promise: no number that a law, an ordinance or a township may change stands in the code of another domain. A rule is
//! chosen by place and day (the nearest place above wins, then the latest rule in force), and carries its basis, so that a
//! page can show why. A set that cannot be read is refused with the key and the reason. Pure: the shipped sets are embedded.

mod retention;
mod rules;
mod sets;
mod thresholds;
mod votes;

pub use retention::{Duty, DutyEnd, Keeping, Kept, KeptFor};
pub use rules::{DepositShare, Extension, KeptDeposit, LeaseLimits, Rule, Rules, Successors, Terrain};
pub use sets::{ALL, POLICY_MISSING, PolicyBook, PolicyFault, RuleSet};
pub use thresholds::{Deal, Deciders, PlatformLevel};
pub use votes::{Base, Body, Majority, Share, Vote};
