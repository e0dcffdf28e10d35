//! What the page hears by itself: one ordered channel, batched, acknowledged and bounded. A page that does not
//! answer stops the feed, and with it the rooms' updates, which turn into a snapshot once it answers again.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use maru_client::RoomEvent;
use maru_client::inspector::Sight;
use maru_lan::{Nearby, Reach};
use serde::Serialize;
use tauri::ipc::Channel;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;
use ts_rs::TS;

/// Names one room that is open in the window.
pub type RoomHandle = String;

/// One thing the page hears.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
#[allow(clippy::large_enum_variant, reason = "events are passed on at once and never kept in lists")]
pub enum FeedEvent {
    /// Something happened in a room.
    Room {
        /// Which.
        room: RoomHandle,
        /// What.
        event: RoomEvent,
    },
    /// Forget what was heard of this room here: it is told again from the start.
    Reset {
        /// Which.
        room: RoomHandle,
    },
    /// What was seen of the room's connection, for whoever looks at it.
    Sights {
        /// Which.
        room: RoomHandle,
        /// In order.
        sights: Vec<Sight>,
    },
    /// The room is not open in this window any more.
    Closed {
        /// Which.
        room: RoomHandle,
    },
    /// The hosted room, on every change of it; none once hosting has ended.
    Hosting {
        /// What is hosted.
        hosted: Option<Hosted>,
    },
    /// The room hosted here has ended, though nobody closed it: something in it has failed.
    HostFailed {
        /// Which.
        room: RoomHandle,
    },
    /// The rooms that are open on this network, on every change of them.
    Nearby {
        /// By name.
        rooms: Vec<Nearby>,
        /// Whether the addresses of the network are being asked one by one.
        is_scanning: bool,
    },
    /// Whether others reach the hosted room, on every change of it.
    Reach {
        /// What is known.
        reach: Reach,
    },
    /// An invite was opened outside. Nothing is joined before the person has said so.
    Opened {
        /// As it was opened.
        invite: String,
    },
    /// The person wants to close the window while a room with others in it is hosted.
    QuitAsked {
        /// How many others.
        members: u32,
    },
}

/// A room that this window hosts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Hosted {
    /// The room in this window.
    pub room: RoomHandle,
    /// What it is called.
    pub name: String,
    /// Where it listens.
    pub port: u16,
    /// The port that was asked for, where it was taken and the next free one was used.
    pub asked_port: Option<u16>,
    /// Where others reach it, the likeliest first.
    pub addresses: Vec<Address>,
}

/// One address others can use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Address {
    /// What to type or scan.
    pub url: String,
    /// What lies behind it.
    #[ts(type = "'lan' | 'vpn' | 'virtual' | 'loopback' | 'name'")]
    pub kind: maru_lan::Kind,
}

/// Some events, in order.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export)]
pub struct FeedBatch {
    /// To be acknowledged by this number once the page has applied it.
    #[ts(type = "number")]
    pub batch: u64,
    /// The events.
    pub events: Vec<FeedEvent>,
}

/// The end that is filled.
#[derive(Debug, Clone)]
pub struct Feed {
    events: mpsc::Sender<FeedEvent>,
    page: Arc<Page>,
}

/// The end that feeds the page.
#[derive(Debug)]
pub struct Outlet {
    events: mpsc::Receiver<FeedEvent>,
    page: Arc<Page>,
}

/// The page, as far as it has answered.
#[derive(Default)]
struct Page {
    state: Mutex<Listening>,
    answered: Notify,
}

#[derive(Default)]
struct Listening {
    channel: Option<Channel<FeedBatch>>,
    sent: u64,
    acknowledged: u64,
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Page")
    }
}

/// A feed nobody listens to yet.
pub fn feed() -> (Feed, Outlet) {
    let (events, queue) = mpsc::channel(QUEUE_MAX);
    let page = Arc::new(Page::default());
    (Feed { events, page: Arc::clone(&page) }, Outlet { events: queue, page })
}

impl Feed {
    /// Adds an event, waiting while the page is behind.
    pub async fn tell(&self, event: FeedEvent) {
        // The outlet lives as long as the program.
        let _ = self.events.send(event).await;
    }

    /// A page listens from now on, perhaps a new one after a reload.
    pub fn listen(&self, channel: Channel<FeedBatch>) {
        let mut state = self.page.lock();
        state.channel = Some(channel);
        state.acknowledged = state.sent;
        drop(state);
        self.page.answered.notify_one();
    }

    /// The page has applied a batch and all before it.
    pub fn acknowledge(&self, batch: u64) {
        let mut state = self.page.lock();
        state.acknowledged = batch.clamp(state.acknowledged, state.sent);
        drop(state);
        self.page.answered.notify_one();
    }

    /// Whether the page has answered everything it was told.
    pub fn is_answered(&self) -> bool {
        let state = self.page.lock();
        state.channel.is_some() && state.acknowledged == state.sent
    }
}

impl Outlet {
    /// Feeds the page until the program ends: at once when idle, otherwise a batch about every 16 ms.
    pub async fn run(mut self) {
        let mut next_at = Instant::now();
        while let Some(first) = self.events.recv().await {
            let mut events = vec![first];
            tokio::time::sleep_until(next_at).await;
            self.page.ready().await;
            while events.len() < BATCH_MAX {
                let Ok(event) = self.events.try_recv() else { break };
                events.push(event);
            }
            self.page.send(events);
            next_at = Instant::now() + BATCH_INTERVAL;
        }
    }
}

impl Page {
    /// Waits until the page listens and is not too far behind.
    async fn ready(&self) {
        loop {
            {
                let state = self.lock();
                if state.channel.is_some() && state.sent - state.acknowledged < UNANSWERED_MAX {
                    return;
                }
            }
            self.answered.notified().await;
        }
    }

    fn send(&self, events: Vec<FeedEvent>) {
        let mut state = self.lock();
        state.sent += 1;
        let batch = FeedBatch { batch: state.sent, events };
        if let Some(channel) = &state.channel
            && let Err(error) = channel.send(batch)
        {
            tracing::warn!(%error, "the page could not be fed");
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Listening> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Events that wait for the outlet.
const QUEUE_MAX: usize = 256;

/// Events in one batch.
const BATCH_MAX: usize = 256;

/// Batches the page may be behind: a few frames on the screen.
const UNANSWERED_MAX: u64 = 8;

/// One frame of a common screen.
const BATCH_INTERVAL: Duration = Duration::from_millis(16);

#[cfg(test)]
mod tests {
    use super::*;
    use tauri::ipc::InvokeResponseBody;

    /// A page that keeps the batches it hears.
    fn page() -> (Channel<FeedBatch>, mpsc::UnboundedReceiver<serde_json::Value>) {
        let (heard, batches) = mpsc::unbounded_channel();
        let channel = Channel::new(move |body| {
            let InvokeResponseBody::Json(text) = body else { panic!("a batch is JSON") };
            heard.send(serde_json::from_str(&text).expect("a batch is JSON")).expect("the test listens");
            Ok(())
        });
        (channel, batches)
    }

    fn closed(room: usize) -> FeedEvent {
        FeedEvent::Closed { room: room.to_string() }
    }

    fn rooms(batch: &serde_json::Value) -> Vec<usize> {
        let events = batch["events"].as_array().unwrap();
        events.iter().map(|event| event["room"].as_str().unwrap().parse().unwrap()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn events_come_in_order_and_together() {
        let (feed, outlet) = feed();
        tokio::spawn(outlet.run());
        let (channel, mut batches) = page();
        for room in 0..100 {
            feed.tell(closed(room)).await;
        }
        feed.listen(channel);
        let mut heard = Vec::new();
        while heard.len() < 100 {
            let batch = batches.recv().await.unwrap();
            heard.extend(rooms(&batch));
            feed.acknowledge(batch["batch"].as_u64().unwrap());
        }
        assert_eq!(heard, (0..100).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_does_not_answer_is_told_a_bounded_amount() {
        let (feed, outlet) = feed();
        tokio::spawn(outlet.run());
        let (channel, mut batches) = page();
        feed.listen(channel);
        let teller = feed.clone();
        let telling = tokio::spawn(async move {
            for room in 0..100_000 {
                teller.tell(closed(room)).await;
            }
        });
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert!(!telling.is_finished(), "the teller waits");
        assert!(!feed.is_answered());
        let mut count = 0;
        while batches.try_recv().is_ok() {
            count += 1;
        }
        assert_eq!(count, UNANSWERED_MAX);
        feed.acknowledge(UNANSWERED_MAX);
        assert_eq!(batches.recv().await.unwrap()["batch"], UNANSWERED_MAX + 1, "and goes on");
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_was_loaded_again_is_fed_again() {
        let (feed, outlet) = feed();
        tokio::spawn(outlet.run());
        let (old, _gone) = page();
        feed.listen(old);
        for room in 0..5 {
            feed.tell(closed(room)).await;
            tokio::time::sleep(BATCH_INTERVAL).await;
        }
        let (channel, mut batches) = page();
        feed.listen(channel);
        feed.tell(closed(7)).await;
        assert_eq!(rooms(&batches.recv().await.unwrap()), [7]);
    }
}
