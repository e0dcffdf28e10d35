//! An Engine.IO session as those see it who are not its transports: that it lasts, and how it is ended where its client
//! does not end it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::Method;
use hyper::service::Service;
use maru_wire::limits::CLOSE_MS_MAX;
use socketioxide::service::SocketIoService;
use tokio::sync::watch;

use super::{Elsewhere, PATH};
use crate::listener::Pass;

/// Who made the request that a session began with, and the session's place, given back with it.
#[derive(Debug, Clone)]
pub(super) struct Peer(Arc<Begun>);

#[derive(Debug)]
struct Begun {
    address: IpAddr,
    cut: Arc<Cut>,
    /// Dropped with the session.
    lasting: watch::Sender<()>,
    _place: Pass,
}

impl Peer {
    pub(super) fn new(address: IpAddr, place: Pass) -> Self {
        let (cut, lasting) = (Arc::new(Cut::new()), watch::Sender::new(()));
        Self(Arc::new(Begun { address, cut, lasting, _place: place }))
    }

    pub(super) fn address(&self) -> IpAddr {
        self.0.address
    }

    /// What cuts the connection of a session that began as a WebSocket.
    pub(super) fn cut(&self) -> Arc<Cut> {
        Arc::clone(&self.0.cut)
    }
}

/// Ends a connection that carries a session.
#[derive(Debug)]
pub(super) struct Cut(watch::Sender<bool>);

impl Cut {
    fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    fn cut(&self) {
        self.0.send_replace(true);
    }

    /// Waits for the end. Whoever waits keeps this too.
    pub(super) fn wait(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut is_cut = self.0.subscribe();
        async move {
            let _ = is_cut.wait_for(|is_cut| *is_cut).await;
        }
    }
}

/// How sessions are ended from here.
#[derive(Clone)]
pub(super) struct Closer {
    /// Not kept alive by those in it.
    service: Weak<SocketIoService<Elsewhere>>,
    upgrades: Arc<Mutex<HashMap<String, Weak<Cut>>>>,
}

impl Closer {
    pub(super) fn new(service: &Arc<SocketIoService<Elsewhere>>) -> Self {
        Self { service: Arc::downgrade(service), upgrades: Arc::default() }
    }

    /// What cuts the connections to which the session of that name goes over. There are as many as are inside the gate.
    pub(super) fn upgrade(&self, session: &str) -> Arc<Cut> {
        let mut upgrades = self.upgrades.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cut) = upgrades.get(session).and_then(Weak::upgrade) {
            return cut;
        }
        upgrades.retain(|_, cut| cut.strong_count() > 0);
        let cut = Arc::new(Cut::new());
        upgrades.insert(session.to_owned(), Arc::downgrade(&cut));
        cut
    }

    fn upgraded(&self, session: &str) -> Option<Arc<Cut>> {
        let upgrades = self.upgrades.lock().unwrap_or_else(PoisonError::into_inner);
        upgrades.get(session).and_then(Weak::upgrade)
    }
}

/// A session whose member may be let go.
pub(super) struct Session {
    name: String,
    cut: Arc<Cut>,
    over: watch::Receiver<()>,
    closer: Closer,
}

impl Session {
    pub(super) fn of(peer: &Peer, name: String, closer: Closer) -> Self {
        Self { name, cut: peer.cut(), over: peer.0.lasting.subscribe(), closer }
    }

    /// Waits until it is over, which polite clients see to once they are let go. Others have as long as for any close.
    pub(super) async fn end(mut self) {
        let patience = Duration::from_millis(CLOSE_MS_MAX);
        if tokio::time::timeout(patience, self.over.changed()).await.is_ok() {
            return;
        }
        self.cut.cut();
        if let Some(cut) = self.closer.upgraded(&self.name) {
            cut.cut();
        }
        // One that polls is ended by what its client would say; for others this is nothing.
        let Some(service) = self.closer.service.upgrade() else { return };
        let mut request = Request::new(Body::from(CLOSE));
        *request.method_mut() = Method::POST;
        if let Ok(uri) = format!("{PATH}/?EIO=4&transport=polling&sid={}", self.name).parse() {
            *request.uri_mut() = uri;
            let Ok(_) = service.call(request).await;
        }
    }
}

/// The packet by which an Engine.IO client ends its session.
const CLOSE: &str = "1";
