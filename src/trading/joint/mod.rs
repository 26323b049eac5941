//! Bidding together (联合体): who stands beside the lead of an enrolment, with which share, and that each of them agreed.
//!
//! Promise: shares are exact and come to a hundred per cent; nobody stands in two enrolments of one lot, alone or in a group;
//! each partner agrees from an account of its own with a code that the lead hands over; the group has no bid number, and so
//! cannot bid, before all of them have. The names are sealed off like those of other bidders until the end.

pub mod api;
mod model;
pub mod pages;
mod rules;
mod service;
pub(super) mod store;

pub use model::{Agreed, Agreement, NewPartner, Partner, PartnerId, Share};
pub use rules::{ALL as CODES, Group, MOST_PARTNERS, read};
pub use service::{add, agree, all_agreed, award_name, full_name, is_taken, list, own, sums_up};
