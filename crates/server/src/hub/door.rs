//! The door of a room with a passphrase: whoever is outside hears nothing but which room this is, until they have shown
//! that they know it. How often that may be tried from one address is counted here.

use std::collections::HashMap;
use std::time::Duration;

use maru_wire::limits::{PASSPHRASE_ADDRESSES_MAX, PASSPHRASE_TRIES_MAX, PASSPHRASE_TRY_MS};
use maru_wire::scram::Awaited;
use maru_wire::{ByeCode, ClientFrame, MemberId, RefusalCode, RoomFrame};

use super::hello::proven;
use super::seat::Stage;
use super::{Hub, Now, SeatId};
use crate::address::AddressKey;

/// Who is outside has begun to show the passphrase, or not.
#[derive(Debug, Default)]
pub(super) struct Outside {
    /// Each connection has one nonce, so one try.
    awaited: Option<Awaited>,
}

impl Hub {
    /// Whether a connection has still to show the passphrase.
    pub(super) fn is_outside(&self, id: SeatId) -> bool {
        self.seats.get(&id).is_some_and(|seat| matches!(seat.stage, Stage::Outside(_)))
    }

    /// Takes a frame of one who is outside. Returns it where it may be looked at as any other.
    pub(super) fn at_the_door(&mut self, id: SeatId, frame: ClientFrame, now: Now) -> Option<ClientFrame> {
        match frame {
            ClientFrame::Authenticate { mechanism, data } => self.authenticate(id, &mechanism, &data, now),
            ClientFrame::Leave => return Some(ClientFrame::Leave),
            ClientFrame::Hello { ref key, ref signature, .. } => {
                let proof = key.as_deref().zip(signature.as_deref());
                if proof.is_some_and(|(key, signature)| self.is_hosts_own(id, key, signature)) {
                    return Some(frame);
                }
                self.refuse(id, RefusalCode::PassphraseFirst, Some("hello"), None);
            }
            frame => {
                let (kind, message) = super::named(&Ok(frame));
                self.refuse(id, RefusalCode::PassphraseFirst, kind, message);
            }
        }
        None
    }

    fn authenticate(&mut self, id: SeatId, mechanism: &str, data: &str, now: Now) {
        let Some(verifier) = self.passphrase.clone() else { return };
        let Some(seat) = self.seats.get_mut(&id) else { return };
        let (address, exporter) = (seat.address, seat.exporter());
        let Stage::Outside(outside) = &mut seat.stage else { return };
        let Some(awaited) = outside.awaited.take() else {
            let challenge = verifier.challenge(mechanism, data, seat.nonce.as_str(), exporter.as_ref());
            let Ok((data, awaited)) = challenge else {
                return self.refuse(id, RefusalCode::BadFrame, Some("authenticate"), None);
            };
            outside.awaited = Some(awaited);
            // Better told before a phone computes for a second.
            if !self.tries.may_try(address, now.since_start) {
                return self.dismiss(id, ByeCode::TooManyAttempts);
            }
            return self.tell(id, RoomFrame::Challenge { data });
        };
        if !self.tries.take(address, now.since_start) {
            return self.dismiss(id, ByeCode::TooManyAttempts);
        }
        let Ok(data) = verifier.verify(&awaited, data) else {
            return self.dismiss(id, ByeCode::WrongPassphrase);
        };
        self.tries.give_back(address, now.since_start);
        seat.stage = Stage::Stranger;
        self.tell(id, RoomFrame::Authenticated { data });
    }

    /// Whether it is the host's own window: a hello that the host's key has signed, from this machine itself. A room
    /// that is opened again has forgotten the passphrase, and its host need not remember it.
    fn is_hosts_own(&self, id: SeatId, key: &str, signature: &str) -> bool {
        let Some(seat) = self.seats.get(&id).filter(|seat| seat.is_loopback()) else { return false };
        let member: Option<MemberId> = proven(key, signature, &self.id, seat);
        member.is_some() && member == self.host
    }
}

/// How often the passphrase was tried, by address. What is right does not count.
#[derive(Debug, Default)]
pub(super) struct Tries {
    /// For each address when it will have all its tries again (a virtual scheduling of the generic cell rate algorithm,
    /// ITU-T I.371): one number instead of a count and a time.
    whole_at: HashMap<Option<AddressKey>, Duration>,
    /// The same for all whom the table has no place for.
    others_whole_at: Duration,
}

impl Tries {
    fn may_try(&self, address: Option<AddressKey>, now: Duration) -> bool {
        let full = self.whole_at.len() >= PASSPHRASE_ADDRESSES_MAX;
        let others = if full { self.others_whole_at } else { Duration::ZERO };
        let whole_at = self.whole_at.get(&address).copied().unwrap_or(others);
        whole_at.saturating_sub(now) <= TRY * (PASSPHRASE_TRIES_MAX - 1)
    }

    /// Takes one try, if there is one.
    fn take(&mut self, address: Option<AddressKey>, now: Duration) -> bool {
        if self.whole_at.len() >= PASSPHRASE_ADDRESSES_MAX && !self.whole_at.contains_key(&address) {
            self.whole_at.retain(|_, whole_at| *whole_at > now);
        }
        let may = self.may_try(address, now);
        if may {
            let whole_at = self.entry(address);
            *whole_at = (*whole_at).max(now) + TRY;
        }
        may
    }

    fn give_back(&mut self, address: Option<AddressKey>, now: Duration) {
        let whole_at = self.entry(address);
        *whole_at = whole_at.saturating_sub(TRY);
        if *whole_at <= now {
            self.whole_at.remove(&address);
        }
    }

    fn entry(&mut self, address: Option<AddressKey>) -> &mut Duration {
        if self.whole_at.len() >= PASSPHRASE_ADDRESSES_MAX && !self.whole_at.contains_key(&address) {
            return &mut self.others_whole_at;
        }
        self.whole_at.entry(address).or_default()
    }
}

const TRY: Duration = Duration::from_millis(PASSPHRASE_TRY_MS);

#[cfg(test)]
impl Tries {
    pub(super) fn counted(&self) -> usize {
        self.whole_at.len()
    }

    /// Whether nothing is counted of anybody.
    pub(super) fn is_forgotten(&self) -> bool {
        self.whole_at.is_empty() && self.others_whole_at == Duration::ZERO
    }

    pub(super) fn is_spent(&self, address: std::net::IpAddr, now: Duration) -> bool {
        !self.may_try(AddressKey::of(address), now)
    }
}
