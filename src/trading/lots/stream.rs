//! The live stream of a lot: Server-Sent Events. The rows are the truth: a stream re-reads them by command number whenever
//! a commit wakes it, and every second besides, for another instance may have written.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use actix_web::web::Bytes;
use futures_util::{Stream, stream};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{Moment, service};
use crate::{
    db::{Db, Wake},
    trading::{
        auction::{self, BidView},
        listing::{LotId, Phase},
    },
};

/// Most events of one reading; what is left follows at once.
const AT_ONCE: i64 = 200;
/// A stream that has nothing to say says so, or proxies cut it off.
const QUIET: Duration = Duration::from_secs(15);
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The `id` of the last event: who comes back with it needs nothing more.
pub const END: &str = "end";

/// What a stream holds between two events.
pub struct Live {
    db: Db,
    id: LotId,
    /// The last command that was told.
    seen: i64,
    wakes: Receiver<Wake>,
    waiting: VecDeque<Bytes>,
    /// What was last told of the state.
    told: Option<(Phase, auction::Live)>,
    quiet: Duration,
    ended: bool,
}

/// The events after command `after`; without it, from now on.
pub fn events(db: Db, id: LotId, first: Moment, after: Option<i64>) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let wakes = db.wakes();
    let seen = after.unwrap_or(first.live.seq);
    let waiting = VecDeque::from([Bytes::from_static(b"retry: 2000\n\n")]);
    let live = Live { db, id, seen, wakes, waiting, told: None, quiet: Duration::ZERO, ended: false };
    stream::unfold(live, |mut live| async move {
        loop {
            if let Some(next) = live.waiting.pop_front() {
                live.quiet = Duration::ZERO;
                return Some((Ok(next), live));
            }
            if live.ended {
                return None;
            }
            if live.told.is_some() {
                live.wait().await;
            }
            live.look().await;
        }
    })
}

impl Live {
    /// Until something was said about this lot, or a second has passed.
    async fn wait(&mut self) {
        let topic = auction::topic(&self.id);
        let wakes = &mut self.wakes;
        let woken = async move {
            loop {
                match wakes.recv().await {
                    Ok(Wake(said)) if said == topic => return,
                    // Too many wakes at once: one of them may have been ours.
                    Err(RecvError::Lagged(_)) => return,
                    Err(RecvError::Closed) => std::future::pending::<()>().await,
                    Ok(_) => {}
                }
            }
        };
        if tokio::time::timeout(LOOK_AGAIN, woken).await.is_err() {
            self.quiet += LOOK_AGAIN;
        }
    }

    /// Reads what is new. A database that cannot be reached for a moment is asked again; the client keeps what it has.
    async fn look(&mut self) {
        let (id, seen, now) = (self.id.clone(), self.seen, self.db.now());
        let read = self.db.read(move |rx| {
            let bids = auction::since(rx, &id, seen, AT_ONCE)?;
            Ok((bids, service::moment(rx, &id, now)?))
        });
        match read.await {
            Ok((bids, moment)) => self.tell(bids, &moment),
            Err(e) => {
                tracing::debug!(error = %e, "a live stream could not read");
                tokio::time::sleep(LOOK_AGAIN).await;
                self.quiet += LOOK_AGAIN;
            }
        }
        if self.waiting.is_empty() && self.quiet >= QUIET {
            self.waiting.push_back(Bytes::from_static(b": quiet\n\n"));
        }
    }

    fn tell(&mut self, bids: Vec<BidView>, moment: &Moment) {
        let more = i64::try_from(bids.len()).is_ok_and(|n| n >= AT_ONCE);
        for bid in bids {
            self.seen = self.seen.max(bid.seq);
            self.waiting.push_back(event(bid.kind.as_str(), Some(&bid.seq.to_string()), &bid));
        }
        if more {
            return;
        }
        let state = (moment.phase, moment.live.clone());
        if self.told.as_ref() != Some(&state) {
            self.waiting.push_back(event("state", None, moment));
            self.told = Some(state);
        }
        if matches!(moment.phase, Phase::Sold | Phase::Failed | Phase::Terminated | Phase::Practised) {
            self.waiting.push_back(event("closed", Some(END), moment));
            self.ended = true;
        }
    }
}

fn event(name: &str, id: Option<&str>, data: &impl serde::Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_default();
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    Bytes::from(format!("event: {name}\n{id}data: {data}\n\n"))
}
