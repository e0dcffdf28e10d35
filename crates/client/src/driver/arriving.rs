//! Before it is known what is spoken at an address: scouts, and keeps what the person asks for meanwhile.

use tokio::sync::mpsc;

use super::showing::Showing;
use super::{ASKS_MAX, Ask, JoinOptions, SayError, unix_ms};
use crate::event::{Fault, Link, RoomEvent};
use crate::scout::{Found, scout};
use crate::way::Way;

/// What was asked for and is to be done once there is somebody to do it.
pub(super) struct Arrived {
    pub(super) found: Found,
    pub(super) held: Vec<Ask>,
}

/// Whether there is nothing to find out: a room that was met there, or that an invite names, is ours, and so is one that is
/// hosted here or whose passphrase is known; and a person may say what is spoken.
pub(super) fn is_known(options: &JoinOptions) -> bool {
    let target = &options.target;
    let is_ours = target.room.is_some() || target.pin.is_some() || options.met.is_some();
    options.dialect.is_some() || is_ours || options.is_host || options.passphrase.is_some()
}

/// Finds out what is spoken. None where the person left meanwhile.
pub(super) async fn arrive(
    options: &mut JoinOptions,
    asks: &mut mpsc::Receiver<Ask>,
    showing: &mut Showing,
) -> Option<Arrived> {
    let mut held: Vec<Ask> = Vec::new();
    loop {
        let fault = match attempt(options, asks, showing, &mut held).await {
            Attempt::Found(found) => return Some(Arrived { found, held }),
            Attempt::Left => return None,
            Attempt::Failed(fault) => fault,
        };
        showing.show(vec![RoomEvent::Link { link: Link::Ended { fault } }]);
        if !again(options, asks, showing, &mut held, fault).await {
            return None;
        }
    }
}

enum Attempt {
    Found(Found),
    Failed(Fault),
    Left,
}

async fn attempt(
    options: &mut JoinOptions,
    asks: &mut mpsc::Receiver<Ask>,
    showing: &mut Showing,
    held: &mut Vec<Ask>,
) -> Attempt {
    let link = Link::Connecting { attempt: 0 };
    showing.show(vec![RoomEvent::Link { link: link.clone() }]);
    let Some(way) = Way::to(options.route()) else { return Attempt::Failed(Fault::NotFound) };
    let nickname = options.nickname.clone();
    let mut scouting = std::pin::pin!(scout(&way, &nickname));
    loop {
        tokio::select! {
            found = &mut scouting => return found.map_or_else(Attempt::Failed, Attempt::Found),
            ask = asks.recv() => match ask {
                Some(Ask::Leave { done }) => {
                    leave(done, held);
                    return Attempt::Left;
                }
                None => return Attempt::Left,
                Some(ask) => asked(ask, options, showing, held),
            },
            () = showing.caught_up() => {
                showing.show_snapshot(|| snapshot(link.clone(), held));
            }
        }
    }
}

/// Waits until the person wants to try again. False where they leave.
async fn again(
    options: &mut JoinOptions,
    asks: &mut mpsc::Receiver<Ask>,
    showing: &mut Showing,
    held: &mut Vec<Ask>,
    fault: Fault,
) -> bool {
    answer(showing, held);
    loop {
        tokio::select! {
            ask = asks.recv() => match ask {
                Some(Ask::Leave { done }) => {
                    leave(done, held);
                    return false;
                }
                None => return false,
                Some(Ask::RetryNow) => return true,
                Some(Ask::Show(passphrase)) => {
                    options.passphrase = Some(passphrase);
                    return true;
                }
                Some(ask) => {
                    asked(ask, options, showing, held);
                    answer(showing, held);
                }
            },
            () = showing.caught_up() => {
                showing.show_snapshot(|| snapshot(Link::Ended { fault }, held));
            }
        }
    }
}

fn asked(ask: Ask, options: &mut JoinOptions, showing: &mut Showing, held: &mut Vec<Ask>) {
    match ask {
        Ask::Say { done, .. } if held.len() >= ASKS_MAX => {
            // Whoever said it may have gone on without waiting.
            let _ = done.send(Err(SayError::OutboxFull));
        }
        Ask::Say { .. } => held.push(ask),
        Ask::Dismiss(id) => held.retain(|ask| !matches!(ask, Ask::Say { id: said, .. } if *said == id)),
        Ask::Rename(nickname) => options.nickname = nickname,
        Ask::Show(passphrase) => options.passphrase = Some(passphrase),
        Ask::Snapshot => showing.fall_behind(),
        Ask::Inspect(on) => {
            showing.inspect(on);
            showing.show(Vec::new());
        }
        // There is nobody to ask.
        Ask::SetTyping(_)
        | Ask::LoadHistory
        | Ask::LoadExcerpt(_)
        | Ask::Search { .. }
        | Ask::LoadRoster
        | Ask::RetryNow
        | Ask::TakeUpNotebook
        | Ask::Leave { .. } => {}
    }
}

/// Tells those who wait for it that their lines are queued, though nobody knows yet whether anybody will hear them.
fn answer(showing: &mut Showing, held: &mut [Ask]) {
    for ask in held {
        if let Ask::Say { id, text, done } = ask {
            let (gone, _) = tokio::sync::oneshot::channel();
            let waiting = std::mem::replace(done, gone);
            if !waiting.is_closed() {
                showing.show(vec![RoomEvent::Queued { id: id.clone(), text: text.clone(), at: unix_ms() }]);
                let _ = waiting.send(Ok(()));
            }
        }
    }
}

fn leave(done: tokio::sync::oneshot::Sender<super::Unsaid>, held: &mut Vec<Ask>) {
    let lines = held.drain(..).filter_map(|ask| match ask {
        Ask::Say { id, text, .. } => Some((id, text)),
        _ => None,
    });
    let _ = done.send(lines.collect());
}

fn snapshot(link: Link, held: &[Ask]) -> Vec<RoomEvent> {
    let lines = held.iter().filter_map(|ask| match ask {
        Ask::Say { id, text, .. } => {
            Some(RoomEvent::Queued { id: id.clone(), text: text.clone(), at: unix_ms() })
        }
        _ => None,
    });
    lines.chain([RoomEvent::Link { link }]).collect()
}
