//! The one table of rights: which role may do what. Where it may do it is the [`Scope`](super::Scope) of its account.
//! Pure; `tests/it/access_matrix.rs` tries every route with every role and writes `openapi/access-matrix.md`.

crate::text_enum! {
    /// What an account is for. One account has one role; a person with two offices has two accounts, so that two pairs of
    /// eyes stay two (LREC art. 34 bars supervisors from keeping the books).
    pub enum Role {
        /// Keeps the books and registers of a collective.
        Clerk = "clerk" => "村会计",
        /// Member of the board (理事会): decides and submits.
        Director = "director" => "理事",
        /// Supervisory board (监事会).
        Supervisor = "supervisor" => "监事",
        /// A member of the collective.
        Member = "member" => "成员",
        /// Township asset office: reviews listings.
        TownshipOfficer = "township_officer" => "镇街资产管理员",
        /// Township trading service: runs auctions, receives deposits.
        TradingOfficer = "trading_officer" => "镇街交易员",
        /// Reads everything, changes nothing.
        Auditor = "auditor" => "审计员",
        /// Bids in auctions; sees what the public sees, and the own bids.
        Bidder = "bidder" => "竞买人",
        /// Accounts, regions, calendars; no business of the village.
        Admin = "admin" => "系统管理员",
    }
}

/// A right as a type: `Allowed<may::PlaceBid>` is the proof that the actor has it.
pub trait Permission: 'static {
    const ACTION: Action;
}

macro_rules! permissions {
    ($($(#[$meta:meta])* $name:ident = $word:literal [$($role:ident),+ $(,)?];)+) => {
        /// Everything that needs a right.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action { $($(#[$meta])* $name),+ }
        impl Action {
            pub const ALL: &'static [Action] = &[$(Action::$name),+];
            pub const fn as_str(self) -> &'static str { match self { $(Action::$name => $word),+ } }
            /// The roles that have it.
            pub const fn roles(self) -> &'static [Role] { match self { $(Action::$name => &[$(Role::$role),+]),+ } }
        }
        /// Each right as a type.
        pub mod may {
            $($(#[$meta])* #[derive(Debug, Clone, Copy)] pub struct $name;
              impl super::Permission for $name { const ACTION: super::Action = super::Action::$name; })+
        }
    };
}

permissions! {
    /// See collectives, officers, certificates of the own scope.
    ReadCollectives = "collectives.read" [Clerk, Director, Supervisor, Member, TownshipOfficer, TradingOfficer, Auditor, Admin];
    /// Register and change collectives and their officers.
    KeepCollectives = "collectives.keep" [TownshipOfficer, Admin];
    /// See the roster with masked personal data.
    ReadMembers = "members.read" [Clerk, Director, Supervisor, TownshipOfficer, Auditor];
    /// Register households, persons and memberships, import rosters.
    KeepMembers = "members.keep" [Clerk];
    /// Open a sealed ID number or phone, with a reason that goes on record.
    OpenPersonalData = "personal_data.open" [Clerk, TownshipOfficer, Auditor];
    /// Ask that a person's data be erased.
    RequestErasures = "erasures.request" [Clerk];
    /// Erase a person's data, or decline to: never the person who asked.
    CarryOutErasures = "erasures.carry_out" [TownshipOfficer];
    /// Tie an account to a person of the roster, who then sees the own record.
    TieAccounts = "accounts.tie" [Clerk];
    /// See the own record, and who has looked at it.
    ReadOwnRecord = "own_record.read" [Clerk, Director, Supervisor, Member, TownshipOfficer, TradingOfficer, Auditor, Bidder, Admin];
    /// See assets.
    ReadAssets = "assets.read" [Clerk, Director, Supervisor, Member, TownshipOfficer, TradingOfficer, Auditor];
    /// Register and change assets, import them.
    KeepAssets = "assets.keep" [Clerk];
    /// See homestead parcels.
    ReadHomesteads = "homesteads.read" [Clerk, Director, Supervisor, TownshipOfficer, Auditor];
    /// Register parcels, import them.
    KeepHomesteads = "homesteads.keep" [Clerk];
    /// See contracts.
    ReadContracts = "contracts.read" [Clerk, Director, Supervisor, TownshipOfficer, TradingOfficer, Auditor];
    /// Register contracts, import them.
    KeepContracts = "contracts.keep" [Clerk];
    /// See uploaded papers of the own scope.
    ReadDocuments = "documents.read" [Clerk, Director, Supervisor, TownshipOfficer, TradingOfficer, Auditor];
    /// Upload papers and photos.
    KeepDocuments = "documents.keep" [Clerk, Director, TownshipOfficer, TradingOfficer];
    /// See listings before they are public.
    ReadListings = "listings.read" [Clerk, Director, Supervisor, TownshipOfficer, TradingOfficer, Auditor];
    /// Draft a listing.
    DraftListings = "listings.draft" [Clerk, Director];
    /// Approve or send back a listing: never the person who drafted or submitted it.
    ReviewListings = "listings.review" [TownshipOfficer];
    /// Publish approved listings, suspend, resume and end auctions.
    RunAuctions = "auctions.run" [TradingOfficer];
    /// Give a public negotiation up before its contract is signed.
    WithdrawNegotiations = "negotiations.withdraw" [Clerk, Director, TradingOfficer];
    /// Object to a result; the trading officer writes down what came on paper.
    RaiseObjections = "objections.raise" [Clerk, Director, Supervisor, Member, Bidder, TradingOfficer];
    /// Record deposits as received.
    ReceiveDeposits = "deposits.receive" [TradingOfficer];
    /// Look at the bidders of a lot before its end, where it cannot be helped; goes on record and is told afterwards.
    BreakGlass = "bidders.break_glass" [TownshipOfficer];
    /// See what is done with deposits after the end of a lot: refunds, and what is kept.
    ReadMoney = "money.read" [TownshipOfficer, TradingOfficer, Auditor];
    /// Prepare refunds and other orders over deposits.
    PrepareMoney = "money.prepare" [TradingOfficer];
    /// Confirm what another person prepared: only then does money move.
    ConfirmMoney = "money.confirm" [TownshipOfficer, TradingOfficer];
    /// See who may not bid for a time, and why.
    ReadExclusions = "exclusions.read" [TownshipOfficer, TradingOfficer, Auditor];
    /// Record decisions by which somebody may not bid for a time, and lift them.
    KeepExclusions = "exclusions.keep" [TradingOfficer];
    /// Register and retire those who keep shares of the keys to sealed bids.
    KeepTrustees = "trustees.keep" [TownshipOfficer];
    /// Hand in decrypted shares of sealed bids, as a trustee or for one.
    OpenSealedBids = "sealed_bids.open" [Supervisor, TownshipOfficer, TradingOfficer];
    /// Bind the collective in a draw, and open its value.
    DrawForCollective = "draws.collective" [Clerk, Director];
    /// The same for the supervisory board.
    DrawForSupervisors = "draws.supervisors" [Supervisor];
    /// Enrol for a lot and bid.
    Bid = "bids.place" [Bidder];
    /// Read the log's entries of the own scope, and verify.
    Audit = "log.audit" [Auditor, TownshipOfficer, Supervisor];
    /// Check paddles in at the hall and enter the bids that are raised with them: for nobody without the code on the bidder's slip,
    /// and for nobody of the collective, which sells and gains by each raise.
    EnterHallBids = "hall_bids.enter" [TradingOfficer];
    /// Create accounts, switch them off.
    KeepAccounts = "accounts.keep" [Admin];
}

/// Whether a role has a right.
pub fn permits(role: Role, action: Action) -> bool {
    action.roles().contains(&role)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_auditor_changes_nothing_and_an_admin_does_no_business() {
        use Action::*;
        let changing = [
            KeepCollectives,
            KeepMembers,
            RequestErasures,
            CarryOutErasures,
            TieAccounts,
            KeepAssets,
            KeepHomesteads,
            KeepContracts,
            KeepDocuments,
            DraftListings,
            ReviewListings,
            RunAuctions,
            WithdrawNegotiations,
            RaiseObjections,
            ReceiveDeposits,
            PrepareMoney,
            ConfirmMoney,
            KeepExclusions,
            Bid,
            EnterHallBids,
            KeepAccounts,
        ];
        assert!(changing.iter().all(|a| !permits(Role::Auditor, *a)));
        assert!(
            [
                DraftListings,
                ReviewListings,
                RunAuctions,
                ReceiveDeposits,
                PrepareMoney,
                ConfirmMoney,
                Bid,
                EnterHallBids
            ]
            .iter()
            .all(|a| !permits(Role::Admin, *a))
        );
    }

    #[test]
    fn who_asks_never_does_and_who_drafts_never_reviews() {
        for role in Role::ALL {
            let has = |a| usize::from(permits(*role, a));
            assert!(has(Action::RequestErasures) + has(Action::CarryOutErasures) <= 1, "{role}");
            assert!(has(Action::DraftListings) + has(Action::ReviewListings) + has(Action::RunAuctions) <= 1, "{role}");
        }
    }
}
