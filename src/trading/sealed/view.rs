//! Sealed bids as people see them. Pure values.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    model::{Opened, SealedShare},
    store::{SealedBidId, TrusteeId},
};
use crate::{
    kernel::{Fen, Timestamp, codes::RegionCode},
    trading::listing::{NamedTrustee, ReserveCommitment},
};

/// Who keeps shares of the keys to sealed bids. Public.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Trustee {
    #[schema(value_type = String)]
    pub id: TrusteeId,
    /// The place whose auctions the trustee may serve, with all below it.
    pub region_code: RegionCode,
    pub name: String,
    /// What the person is: 监事会主任, 镇街经管站, 抽签产生的村民, 律师.
    pub office: String,
    /// Public key of `age`.
    pub recipient: String,
    #[schema(value_type = String)]
    pub registered_at: Timestamp,
    #[schema(value_type = Option<String>)]
    pub retired_at: Option<Timestamp>,
    pub version: i32,
}

/// A trustee to register.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTrustee)]
pub struct NewTrustee {
    /// Region code of the place: a town serves all its villages.
    pub region_code: RegionCode,
    pub name: String,
    pub office: String,
    /// What `age-keygen` shows as public key; the secret key never leaves its holder.
    #[schema(example = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")]
    pub recipient: String,
}

/// An own sealed bid or withdrawal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnSealedBid {
    #[schema(value_type = String)]
    pub id: SealedBidId,
    pub seq: i64,
    /// When the request had been read whole.
    #[schema(value_type = String)]
    pub at: Timestamp,
    pub bidder: String,
    pub withdrawal: bool,
    /// Whether it is the one that counts so far.
    pub counts: bool,
    /// Public key of this bid.
    pub recipient: Option<String>,
    /// Of the encrypted bid; the log's entry holds it too.
    pub ciphertext_sha256: Option<String>,
}

crate::text_enum! {
    /// How far the opening of a sealed auction is.
    pub enum OpeningState {
        Sealed = "sealed" => "尚未结束，报价封存",
        Waiting = "waiting" => "等待密钥保管人开标",
        Opened = "opened" => "已开标",
        CannotOpen = "cannot_open" => "保管人不足，未能开标",
        ReserveVoid = "reserve_void" => "保留价信封打不开，全部没有开启",
        Terminated = "terminated" => "已终止，不再开标",
    }
}

/// The sealed bids of an ended auction: all that it takes to open them again. Public.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SealedBids {
    pub lot: String,
    pub state: OpeningState,
    /// So many trustees open a bid together.
    pub needed: u32,
    pub trustees: Vec<NamedTrustee>,
    /// The secret floor's envelope, as the notice binds it; null: there is none.
    pub reserve: Option<ReserveCommitment>,
    #[schema(value_type = String)]
    pub end_at: Timestamp,
    /// Where the bids are not opened by then, nobody wins.
    #[schema(value_type = String)]
    pub open_until: Timestamp,
    /// In the order in which they came; the secret floor, as `bidder` `reserve`, before them.
    pub bids: Vec<SealedBidOnRecord>,
}

/// The envelope of a secret floor before the notice.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SealedReserve {
    #[schema(value_type = String)]
    pub id: SealedBidId,
    pub seq: i64,
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Public key of this one envelope.
    pub recipient: String,
    /// Of the encrypted floor; the notice and the log's entry hold it too.
    pub ciphertext_sha256: String,
    /// Whether it is for the trustees that the listing names now.
    pub fits: bool,
}

/// A sealed bid after the end.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SealedBidOnRecord {
    #[schema(value_type = String)]
    pub id: SealedBidId,
    pub seq: i64,
    #[schema(value_type = String)]
    pub at: Timestamp,
    pub bidder: String,
    /// A withdrawal has no envelope.
    pub withdrawal: bool,
    /// The last of its bidder, not withdrawn; the floor, where some bid counts. Others stay sealed for good.
    pub counts: bool,
    pub recipient: Option<String>,
    pub ciphertext: Option<String>,
    pub shares: Vec<SealedShare>,
    /// Public keys of the trustees whose decrypted share is in.
    pub handed_in: Vec<String>,
    pub outcome: Option<Opened>,
    #[schema(value_type = Option<String>)]
    pub amount: Option<Fen>,
    /// Secret key of this bid, from its opening on: `age -d` with it opens the ciphertext.
    pub identity: Option<String>,
}

/// Decrypted shares of one trustee.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClearShares {
    /// The trustee's public key.
    pub trustee: String,
    /// At most 500 at once.
    pub shares: Vec<ClearShareOf>,
}

/// A decrypted share of one bid.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClearShareOf {
    /// The bid's identifier.
    pub bid: String,
    /// Base64 of what `age -d` gave: 74 bytes.
    pub share: String,
}

/// What a trustee's shares came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HandedIn {
    /// So many shares are new.
    pub taken: usize,
    /// Bids that count.
    pub counting: usize,
    /// Of these, so many lack shares.
    pub lacking: usize,
}
