//! The rooms that others announce, as they come and go.

use std::net::SocketAddr;
use std::time::Duration;

use maru_wire::{RoomCard, RoomId};
use mdns_sd::{Receiver, ServiceEvent};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::claim::Claim;
use super::heard::Heard;
use super::{DiscoveryError, SERVICE, Voice};
use crate::{Nearby, addresses, scan};

/// Listens until it is dropped.
#[derive(Debug)]
pub struct Browser {
    asked: mpsc::Sender<Asked>,
    rooms: watch::Receiver<Vec<Nearby>>,
    task: JoinHandle<()>,
}

/// What became of asking addresses one by one.
#[derive(Debug)]
enum Asked {
    Begun,
    Found(SocketAddr, RoomCard),
}

impl Browser {
    /// Begins to listen, within a tokio runtime.
    pub fn start() -> Result<Self, DiscoveryError> {
        let ear = Ear::open()?;
        let (told, rooms) = watch::channel(Vec::new());
        let (asked, answers) = mpsc::channel(ANSWERS_MAX);
        let task = tokio::spawn(listen(ear, answers, told));
        Ok(Self { asked, rooms, task })
    }

    /// The rooms that are open nearby, each once, by name; and whenever that changes.
    pub fn rooms(&self) -> watch::Receiver<Vec<Nearby>> {
        self.rooms.clone()
    }

    /// Asks the addresses of the network one by one, as [`scan::ask_all`] does, and shows the rooms that answer among the
    /// others. What was answered before is not shown any more.
    pub async fn ask_around<Asking>(&self, doors: Vec<SocketAddr>, ask: impl FnMut(SocketAddr) -> Asking)
    where
        Asking: Future<Output = Option<RoomCard>> + Send + 'static,
    {
        let _ = self.asked.send(Asked::Begun).await;
        // Each of them answers once at most.
        let (found, mut answers) = mpsc::channel(doors.len().max(1));
        let asking = async move {
            scan::ask_all(doors, ask, |at, card| drop(found.try_send(Asked::Found(at, card)))).await;
        };
        let showing = async {
            while let Some(answer) = answers.recv().await {
                let _ = self.asked.send(answer).await;
            }
        };
        tokio::join!(asking, showing);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Where a room is on this network, as soon as anybody tells; nowhere where nobody does within `patience`. For a room
/// that was known by an address it has no more.
pub async fn find(room: &RoomId, patience: Duration) -> Vec<SocketAddr> {
    let Ok(browser) = Browser::start() else { return Vec::new() };
    let mut rooms = browser.rooms();
    let found = async {
        let known = rooms.wait_for(|rooms| rooms.iter().any(|found| found.id == *room)).await.ok()?;
        let found = known.iter().find(|found| found.id == *room)?;
        Some(found.addresses.iter().filter_map(|address| address.parse().ok()).collect())
    };
    timeout(patience, found).await.ok().flatten().unwrap_or_default()
}

/// A voice that has asked for rooms, and what it hears.
struct Ear {
    voice: Voice,
    events: Receiver<ServiceEvent>,
}

impl Ear {
    fn open() -> Result<Self, DiscoveryError> {
        let voice = Voice::raise()?;
        let events = voice.0.browse(SERVICE)?;
        Ok(Self { voice, events })
    }

    /// Whether it holds more than rooms have to say. It forgets nothing before its time, and the time is the
    /// announcer's choice.
    async fn is_flooded(&self) -> bool {
        let Ok(counted) = self.voice.0.get_metrics() else { return false };
        let Ok(Ok(counts)) = timeout(COUNT_MAX, counted.recv_async()).await else { return false };
        let held = counts.iter().filter(|(name, _)| name.starts_with("cached-") || *name == "timer");
        held.map(|(_, count)| count).sum::<i64>() > RECORDS_MAX
    }
}

async fn listen(mut ear: Ear, mut answers: mpsc::Receiver<Asked>, told: watch::Sender<Vec<Nearby>>) {
    let mut heard = Heard::default();
    let mut look = interval(LOOK_INTERVAL);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_deaf = false;
    loop {
        let mut has_changed = tokio::select! {
            event = ear.events.recv_async(), if !is_deaf => match event {
                Ok(event) => handle(&mut heard, event),
                Err(_) => {
                    is_deaf = true;
                    false
                }
            },
            Some(answer) = answers.recv() => match answer {
                Asked::Begun => heard.handle_asking(),
                Asked::Found(at, card) => heard.handle_card(at, card),
            },
            _ = look.tick() => {
                let has_moved = heard.handle_networks(addresses::networks());
                if is_deaf || ear.is_flooded().await {
                    // What is announced is announced again to a new one.
                    is_deaf = match Ear::open() {
                        Ok(fresh) => {
                            ear = fresh;
                            false
                        }
                        Err(error) => {
                            tracing::debug!(%error, "this network is not listened to");
                            true
                        }
                    };
                    heard.handle_silence() || has_moved
                } else {
                    has_moved
                }
            }
        };
        // What came meanwhile is shown together.
        for _ in 0..EVENTS_AT_ONCE_MAX {
            let Ok(event) = ear.events.try_recv() else { break };
            has_changed |= handle(&mut heard, event);
        }
        if has_changed {
            told.send_if_modified(|rooms| {
                let now = heard.rooms();
                let differs = *rooms != now;
                *rooms = now;
                differs
            });
        }
    }
}

fn handle(heard: &mut Heard, event: ServiceEvent) -> bool {
    match event {
        ServiceEvent::ServiceResolved(service) => {
            let claim = Claim::read(|key| service.get_property_val_str(key));
            let port = service.get_port();
            let addresses = service.get_addresses().iter();
            let addresses = addresses.map(|address| SocketAddr::new(address.to_ip_addr(), port));
            heard.handle_announced(service.get_fullname(), claim, addresses)
        }
        ServiceEvent::ServiceRemoved(_, service) => heard.handle_gone(&service),
        // A room is one once it has told its address; and the library may learn to tell more.
        _ => false,
    }
}

/// How often it is looked which networks there are, and how much the listener holds.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);

/// The longest wait for the listener to count what it holds; a busy one is asked again.
const COUNT_MAX: Duration = Duration::from_millis(500);

/// Records and timers of a listener: some for each of as many rooms as are shown, and as many again for their changes.
const RECORDS_MAX: i64 = 8_192;

/// Answers that wait to be shown.
const ANSWERS_MAX: usize = 64;

/// Announcements that are taken in before anything is shown.
const EVENTS_AT_ONCE_MAX: usize = 256;
