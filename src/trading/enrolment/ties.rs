//! What the system knows of a bidder that stands against bidding for a lot: the facts for [`rules::check_ties`].

use super::{
    BidderKind,
    rules::{self, Ties},
};
use crate::{
    access::{self, Action},
    collectives,
    db::{Result, Rx},
    kernel::{Day, codes::RegionCode},
    members,
    vault::BlindIndex,
};

/// Rights by which a lot is prepared, reviewed, steered or its money booked.
const STEERING: &[Action] = &[
    Action::DraftListings,
    Action::ReviewListings,
    Action::RunAuctions,
    Action::ReceiveDeposits,
    Action::PrepareMoney,
    Action::ConfirmMoney,
    Action::OpenSealedBids,
];

/// Whether who has this number may bid for a lot of a collective. A person is known where a roster has the number: by the
/// account that is tied to the person, and by the office that the collective has recorded for a member of that name.
///
/// Errors: `conflict_of_interest`.
pub fn check(
    rx: &mut Rx<'_>,
    (kind, id_number, index): (BidderKind, &str, &BlindIndex),
    collective: &RegionCode,
    today: Day,
) -> Result<()> {
    let mut ties = Ties::default();
    match kind {
        BidderKind::Organisation => {
            let seller = collectives::get_public(rx, collective)?.credit_code;
            ties.is_seller = seller.is_some_and(|code| code.as_str() == id_number);
        }
        BidderKind::Person => {
            let Some(known) = members::on_roster(rx, index)? else { return Ok(()) };
            let office = access::office_of(rx, &known.person)?;
            let steers = |role| STEERING.iter().any(|action| action.roles().contains(&role));
            ties.office = office
                .filter(|(role, scope)| steers(*role) && scope.contains(collective.as_str()))
                .map(|(role, _)| role.label());
            if known.member_of.contains(collective) {
                ties.post = collectives::post_of(rx, collective, &known.name, today)?.map(|post| post.label());
            }
        }
    }
    Ok(rules::check_ties(&ties)?)
}
