//! The live stream of a lot: Server-Sent Events. The rows are the truth: what is new is read by command number whenever a
//! commit has woken us, and every second besides, for another instance may have written.
//!
//! Whoever follows a lot stands in its hall. One reading there serves everybody: a lot with five hundred watchers costs the
//! database what it costs with one. Only who comes in, or was too slow to listen, reads alone.

use std::{
    collections::{HashMap, VecDeque},
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use actix_web::web::Bytes;
use futures_util::{Stream, stream};
use tokio::sync::broadcast::{self, Receiver, Sender, error::RecvError};

use super::{Moment, service};
use crate::{
    db::{self, Db, Wake},
    trading::{
        auction,
        listing::{LotId, Phase},
    },
};

/// Most commands of one reading; what is left is read at once.
const AT_ONCE: i64 = 200;
/// A stream that has nothing to say says so, or proxies cut it off.
const QUIET: Duration = Duration::from_secs(15);
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Readings that a slow watcher may be behind before it reads alone.
const BEHIND: usize = 32;

/// The `id` of the last event: who comes back with it needs nothing more.
pub const END: &str = "end";

/// What one reading found, as events.
struct News {
    /// The command that it begins behind.
    after: i64,
    /// Number and event of each command, in order.
    bids: Vec<(i64, Bytes)>,
    /// Whether more of them wait.
    more: bool,
    stands: (Phase, auction::Live),
    state: Bytes,
    /// The last event of all.
    closed: Option<Bytes>,
}

async fn read(db: &Db, id: &LotId, after: i64) -> db::Result<News> {
    let (id, now) = (id.clone(), db.now());
    let found = db.read(move |rx| Ok((auction::since(rx, &id, after, AT_ONCE, now)?, service::moment(rx, &id, now)?)));
    let (bids, moment) = found.await?;
    let is_over =
        matches!(moment.phase, Phase::Sold | Phase::Failed | Phase::Terminated | Phase::Practised | Phase::Undone);
    Ok(News {
        after,
        more: i64::try_from(bids.len()).is_ok_and(|n| n >= AT_ONCE),
        bids: bids.iter().map(|bid| (bid.seq, event(bid.kind.as_str(), Some(&bid.seq.to_string()), bid))).collect(),
        state: event("state", None, &moment),
        closed: is_over.then(|| event("closed", Some(END), &moment)),
        stands: (moment.phase, moment.live),
    })
}

fn event(name: &str, id: Option<&str>, data: &impl serde::Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_default();
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    Bytes::from(format!("event: {name}\n{id}data: {data}\n\n"))
}

type Shared = Arc<News>;

/// The halls of all lots that somebody follows.
#[derive(Clone, Default)]
pub struct Halls(Arc<Mutex<HashMap<LotId, Sender<Shared>>>>);

impl Halls {
    fn open(&self) -> MutexGuard<'_, HashMap<LotId, Sender<Shared>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is new from now on; `seen` is a command that has been, for a hall that begins.
    fn enter(&self, db: &Db, id: &LotId, seen: i64) -> Receiver<Shared> {
        let mut open = self.open();
        if let Some(hall) = open.get(id) {
            return hall.subscribe();
        }
        let (hall, receiver) = broadcast::channel(BEHIND);
        open.insert(id.clone(), hall.clone());
        tokio::spawn(self.clone().read_out(db.clone(), id.clone(), hall, seen));
        receiver
    }

    /// Reads for everybody, as long as anybody listens.
    async fn read_out(self, db: Db, id: LotId, hall: Sender<Shared>, mut seen: i64) {
        let (mut wakes, topic) = (db.wakes(), auction::topic(&id));
        loop {
            wait(&mut wakes, &topic).await;
            loop {
                match read(&db, &id, seen).await {
                    Ok(news) => {
                        seen = news.bids.last().map_or(seen, |(seq, _)| *seq);
                        let more = news.more;
                        let _nobody_listens = hall.send(Arc::new(news));
                        if !more {
                            break;
                        }
                    }
                    // A database that cannot be reached for a moment is asked again; watchers keep what they have.
                    Err(e) => {
                        tracing::debug!(error = %e, "a hall could not read");
                        break;
                    }
                }
            }
            let mut open = self.open();
            if hall.receiver_count() == 0 {
                open.remove(&id);
                return;
            }
        }
    }
}

/// Until something was said about this lot, or a second has passed.
async fn wait(wakes: &mut Receiver<Wake>, topic: &str) {
    let woken = async {
        loop {
            match wakes.recv().await {
                Ok(Wake(said)) if said == topic => break,
                // Too many wakes at once: one of them may have been ours.
                Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => std::future::pending::<()>().await,
                Ok(_) => {}
            }
        }
        // One reading answers all the wakes that have come by now.
        while wakes.try_recv().is_ok() {}
    };
    let _or_a_second = tokio::time::timeout(LOOK_AGAIN, woken).await;
}

/// What a stream holds between two events.
struct Watcher {
    db: Db,
    id: LotId,
    /// The last command that was told.
    seen: i64,
    hall: Receiver<Shared>,
    waiting: VecDeque<Bytes>,
    /// What was last told of the state.
    told: Option<(Phase, auction::Live)>,
    ended: bool,
}

/// The events after command `after`; without it, from now on.
pub fn events(
    halls: &Halls,
    db: Db,
    id: LotId,
    first: &Moment,
    after: Option<i64>,
) -> impl Stream<Item = Result<Bytes, Infallible>> + use<> {
    let hall = halls.enter(&db, &id, first.live.seq);
    let seen = after.unwrap_or(first.live.seq);
    let waiting = VecDeque::from([Bytes::from_static(b"retry: 2000\n\n")]);
    let watcher = Watcher { db, id, seen, hall, waiting, told: None, ended: false };
    stream::unfold(watcher, |mut watcher| async move {
        loop {
            if let Some(next) = watcher.waiting.pop_front() {
                return Some((Ok(next), watcher));
            }
            if watcher.ended {
                return None;
            }
            watcher.listen().await;
        }
    })
}

impl Watcher {
    async fn listen(&mut self) {
        // Who comes in reads alone until it has what there is.
        if self.told.is_none() {
            return self.look().await;
        }
        match tokio::time::timeout(QUIET, self.hear()).await {
            Ok(Some(news)) => self.tell(&news),
            Ok(None) => self.look().await,
            Err(_) => self.waiting.push_back(Bytes::from_static(b": quiet\n\n")),
        }
    }

    /// The next reading of the hall that says something; `None` where something was missed.
    async fn hear(&mut self) -> Option<Shared> {
        loop {
            match self.hall.recv().await {
                Ok(news) if news.after > self.seen => return None,
                Ok(news) if self.is_new(&news) => return Some(news),
                Ok(_) => {}
                Err(RecvError::Lagged(_) | RecvError::Closed) => return None,
            }
        }
    }

    fn is_new(&self, news: &News) -> bool {
        // A reading that was made before one of our own says nothing new.
        let is_older = self.told.as_ref().is_some_and(|(_, live)| news.stands.1.seq < live.seq);
        let changed = !news.more && !is_older && self.told.as_ref() != Some(&news.stands);
        changed || news.bids.iter().any(|(seq, _)| *seq > self.seen)
    }

    async fn look(&mut self) {
        match read(&self.db, &self.id, self.seen).await {
            Ok(news) => self.tell(&news),
            Err(e) => {
                tracing::debug!(error = %e, "a live stream could not read");
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
    }

    fn tell(&mut self, news: &News) {
        for (seq, event) in &news.bids {
            if *seq > self.seen {
                self.seen = *seq;
                self.waiting.push_back(event.clone());
            }
        }
        if news.more {
            return;
        }
        if self.told.as_ref() != Some(&news.stands) {
            self.waiting.push_back(news.state.clone());
            self.told = Some(news.stands.clone());
        }
        if let Some(closed) = &news.closed {
            self.waiting.push_back(closed.clone());
            self.ended = true;
        }
    }
}
