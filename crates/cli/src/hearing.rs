//! What a room tells, as events in order, each entry once: also where the connection came back, and where
//! whoever shows the events fell behind and was given everything anew. Knows no socket and no output.

use std::collections::HashSet;

use maru_client::{Link, RoomEvent, Security, Update};
use maru_wire::limits::PAGE_ENTRIES_MAX;
use maru_wire::{CaughtUp, ChainHash, Dialect, Entry, Happening, MessageId, Seq};

use crate::events::{Event, GapCause};
use crate::outstanding::Outstanding;

/// Where we stand in what is told.
#[derive(Debug, Default)]
pub(crate) struct Hearing {
    entered: bool,
    kept_told: bool,
    count: u32,
    link: Option<Link>,
    /// How it is spoken and guarded, as told last.
    connected: Option<(Dialect, Security)>,
    /// The host's disk takes nothing, as far as was told.
    disk_full: bool,
    last: Option<(Seq, ChainHash)>,
    outstanding: Outstanding,
}

impl Hearing {
    /// Takes what a session tells.
    pub(crate) fn hear(&mut self, update: Update) -> Vec<Event> {
        let mut news = Vec::new();
        match update {
            Update::Events(events) => self.events(events, &mut news),
            Update::Snapshot(events) => self.snapshot(events, &mut news),
            Update::Sights(sights) => news.extend(sights.into_iter().map(Event::Sight)),
        }
        news
    }

    /// A message was handed to the session.
    pub(crate) fn handle_said(&mut self, id: MessageId) {
        self.outstanding.hand_over(id);
    }

    /// Whether the room has let us in.
    pub(crate) fn entered(&self) -> bool {
        self.entered
    }

    /// How many messages the room has not acknowledged.
    pub(crate) fn outstanding(&self) -> usize {
        self.outstanding.count()
    }

    fn events(&mut self, events: Vec<RoomEvent>, news: &mut Vec<Event>) {
        // What another run was told about is no news here.
        let unsent = events.iter().filter_map(unsent).filter(|id| !self.outstanding.awaits(id));
        let unsent: HashSet<MessageId> = unsent.cloned().collect();
        for event in events {
            match event {
                RoomEvent::Queued { id, .. } if unsent.contains(&id) => {}
                event => self.event(event, news),
            }
        }
    }

    /// The room has not answered yet: what was kept of it, as much as it would show itself to begin with.
    fn kept(&mut self, event: Event, news: &mut Vec<Event>) {
        let Event::Kept { room, name, you, mut entries } = event else { return };
        entries.drain(..entries.len().saturating_sub(PAGE_ENTRIES_MAX));
        let entries = self.new_of(entries);
        if !std::mem::replace(&mut self.kept_told, true) {
            news.push(Event::Kept { room, name, you, entries: entries.clone() });
        }
        self.entries(entries, news);
    }

    fn event(&mut self, event: RoomEvent, news: &mut Vec<Event>) {
        match event {
            RoomEvent::Link { link } => self.link(link, news),
            RoomEvent::Entered { room, name, you, entries, kept: true, .. } => {
                self.kept(Event::Kept { room, name, you, entries }, news);
            }
            RoomEvent::Entered { room, name, you, caught_up, entries, count, members, keeps, .. } => {
                let gap = match caught_up {
                    CaughtUp::NewEpoch => Some(GapCause::NewEpoch),
                    CaughtUp::Diverged => Some(GapCause::Diverged),
                    CaughtUp::Trimmed => Some(GapCause::Trimmed),
                    CaughtUp::First | CaughtUp::Resumed => None,
                };
                news.extend(gap.map(|why| Event::Gap { why }));
                if caught_up != CaughtUp::Resumed {
                    self.last = None;
                }
                let entries = self.new_of(entries);
                self.entered = true;
                self.count = count;
                let listed = entries.clone();
                news.push(Event::Entered {
                    room,
                    name,
                    you,
                    count,
                    members,
                    caught_up,
                    keeps,
                    entries: listed,
                });
                self.entries(entries, news);
            }
            RoomEvent::Entries { entries } => {
                let entries = self.new_of(entries);
                self.entries(entries, news);
            }
            RoomEvent::Presence { joined, left, count } => {
                let named = !joined.is_empty() || !left.is_empty();
                self.count = count;
                news.extend(joined.into_iter().map(|member| Event::Joined { member, count }));
                news.extend(left.into_iter().map(|member| Event::Left { member, count }));
                if !named {
                    news.push(Event::Members { count });
                }
            }
            RoomEvent::Queued { id, text, .. } => {
                if self.outstanding.handle_queued(&id) {
                    news.push(Event::Queued { id, text });
                }
            }
            RoomEvent::Unsent { id, code } => {
                if self.outstanding.settle(&id) {
                    news.push(Event::Unsent { id: Some(id), line: None, code });
                }
            }
            RoomEvent::Disk { well } => self.disk(well, news),
            RoomEvent::Refused { code, frame } => news.push(Event::Refused { code, frame }),
            RoomEvent::Notebook { fault } => news.push(Event::Notebook { fault }),
            RoomEvent::Connected { dialect, security } => self.connected(dialect, security, news),
            RoomEvent::Binary { by, at, bytes } => news.push(Event::Binary { at, by, bytes }),
            // Not asked for, or of the moment.
            RoomEvent::History { .. }
            | RoomEvent::Excerpt { .. }
            | RoomEvent::Found { .. }
            | RoomEvent::Members { .. }
            | RoomEvent::Typing { .. } => {}
        }
    }

    fn snapshot(&mut self, events: Vec<RoomEvent>, news: &mut Vec<Event>) {
        let unsent: HashSet<MessageId> = events.iter().filter_map(unsent).cloned().collect();
        let waits = |id: &&MessageId| !unsent.contains(*id);
        let queued = events.iter().filter_map(queued).filter(waits).cloned().collect();
        // A snapshot tells of trouble alone.
        self.disk(!events.iter().any(|event| matches!(event, RoomEvent::Disk { well: false })), news);
        for event in events {
            match event {
                RoomEvent::Entered { entries, count, .. } if self.entered => {
                    if count != self.count {
                        self.count = count;
                        news.push(Event::Members { count });
                    }
                    if let Some(why) = self.gap_before(&entries) {
                        news.push(Event::Gap { why });
                        self.last = None;
                    }
                    let entries = self.new_of(entries);
                    self.entries(entries, news);
                }
                // Told when it happened.
                RoomEvent::Notebook { .. } => {}
                // Shown with what became of it.
                RoomEvent::Queued { id, .. } if unsent.contains(&id) => {}
                event => self.event(event, news),
            }
        }
        self.outstanding.handle_snapshot(queued);
    }

    fn link(&mut self, link: Link, news: &mut Vec<Event>) {
        if self.link.as_ref() != Some(&link) {
            self.link = Some(link.clone());
            news.push(Event::Link { link });
        }
    }

    /// Told when it changes: a connection that came back is no news.
    fn connected(&mut self, dialect: Dialect, security: Security, news: &mut Vec<Event>) {
        if self.connected.replace((dialect, security)) != Some((dialect, security)) {
            news.push(Event::Connected { dialect, security });
        }
    }

    fn disk(&mut self, well: bool, news: &mut Vec<Event>) {
        if std::mem::replace(&mut self.disk_full, !well) == well {
            news.push(Event::Disk { well });
        }
    }

    fn entries(&mut self, entries: Vec<Entry>, news: &mut Vec<Event>) {
        for entry in entries {
            if self.last.is_none_or(|(last, _)| entry.seq > last) {
                self.last = Some((entry.seq, entry.hash));
            }
            let event = Event::from(entry);
            if let Event::Said { id, .. } = &event {
                self.outstanding.settle(id);
            }
            news.push(event);
        }
    }

    fn new_of(&self, mut entries: Vec<Entry>) -> Vec<Entry> {
        if let Some((last, _)) = self.last {
            entries.retain(|entry| entry.seq > last || self.is_awaited(entry));
        }
        entries
    }

    /// One of ours from before a gap comes late, and whoever waits for it must not wait for ever.
    fn is_awaited(&self, entry: &Entry) -> bool {
        matches!(&entry.what, Happening::Said { id, .. } if self.outstanding.awaits(id))
    }

    /// What lies between the last entry told and these, which are all that a session keeps.
    fn gap_before(&self, entries: &[Entry]) -> Option<GapCause> {
        let (last, hash) = self.last?;
        match entries.iter().find(|entry| entry.seq == last) {
            Some(same) => (same.hash != hash).then_some(GapCause::NewEpoch),
            None => match entries.first() {
                Some(first) if first.seq == last.next() => None,
                Some(first) if first.seq > last => Some(GapCause::TooSlow),
                // It ends before the place where we stood: the log is another one.
                Some(_) | None => Some(GapCause::NewEpoch),
            },
        }
    }
}

fn queued(event: &RoomEvent) -> Option<&MessageId> {
    if let RoomEvent::Queued { id, .. } = event { Some(id) } else { None }
}

fn unsent(event: &RoomEvent) -> Option<&MessageId> {
    if let RoomEvent::Unsent { id, .. } = event { Some(id) } else { None }
}

#[cfg(test)]
#[path = "hearing/tests.rs"]
mod tests;
