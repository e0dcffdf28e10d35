//! How a room is joined: where, as whom, and what is known of it.

use std::pin::Pin;
use std::sync::Arc;

use maru_wire::scram::Passphrase;
use maru_wire::{Dialect, Nickname, Nonce, RoomId};
use rustls::RootCertStore;

use crate::dial::{Route, public_authorities};
use crate::notebook::Notebooks;
use crate::session::Proof;
use crate::target::{Endpoint, Target};
use crate::trust::{FirstUse, Trust};

/// Signs a hello for a room, a nonce and the channel it goes over; none makes us nobody in particular.
pub type Prove = Box<dyn FnMut(&RoomId, &Nonce, &str) -> Option<Proof> + Send>;

/// Asks where a room is now: its addresses at the moment, the likeliest first.
pub type Finder = Arc<dyn Fn(RoomId) -> Finding + Send + Sync>;

/// The answer of a [`Finder`], on its way.
pub type Finding = Pin<Box<dyn Future<Output = Vec<Endpoint>> + Send>>;

/// How a room is joined.
pub struct JoinOptions {
    /// Where to dial.
    pub target: Target,
    /// What to be called.
    pub nickname: Nickname,
    /// Who we are there.
    pub prove: Prove,
    /// Where to keep what must not be lost; none keeps nothing beyond this run.
    pub notebooks: Option<Notebooks>,
    /// The room that was found at this target before: it is shown as it was kept until the target answers, and its
    /// certificate is the one to expect there.
    pub met: Option<RoomId>,
    /// The certificates that are known.
    pub trust: Arc<dyn Trust>,
    /// Whether the person has chosen to take the certificate that is there now, in place of the one that is known.
    pub take_certificate: bool,
    /// The passphrase of the room, for one that asks for it. It is shown over TLS only, and never said.
    pub passphrase: Option<Passphrase>,
    /// Whether this is the host's own window, which a room lets in by its key.
    pub is_host: bool,
    /// Who may vouch for the certificate of a name that was typed with TLS; by default those that browsers know.
    pub authorities: Arc<RootCertStore>,
    /// Who knows where a room is now that was found elsewhere before.
    pub finder: Option<Finder>,
    /// What is spoken there, where the person says so; otherwise it is found out.
    pub dialect: Option<Dialect>,
}

impl JoinOptions {
    /// A room at a target, as somebody: with nothing that is kept, and nothing known of it.
    pub fn new(target: Target, nickname: Nickname, prove: Prove) -> Self {
        let trust = Arc::new(FirstUse::default());
        let authorities = Arc::new(public_authorities());
        Self {
            target,
            nickname,
            prove,
            notebooks: None,
            met: None,
            trust,
            take_certificate: false,
            authorities,
            passphrase: None,
            is_host: false,
            finder: None,
            dialect: None,
        }
    }

    pub(super) fn route(&self) -> Route {
        Route {
            target: self.target.clone(),
            met: self.met.clone(),
            trust: Arc::clone(&self.trust),
            authorities: Arc::clone(&self.authorities),
            take_certificate: self.take_certificate,
            returns: false,
        }
    }
}

impl std::fmt::Debug for JoinOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoinOptions").field("target", &self.target).finish_non_exhaustive()
    }
}
