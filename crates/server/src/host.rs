//! A hosted room from opening to closing.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::writer::unix_ms;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE, HOST, ORIGIN, VARY};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use maru_store::{OpenError, Store, StoreOptions};
use maru_wire::limits::{CLOSE_MS_MAX, SOCKETS_SPARE};
use maru_wire::{ByeCode, Dialect, Epoch, Keeps, RoomCard, SUBPROTOCOL};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::keeper::{self, Door, Guest, Kept, Request as Ask, random};
use crate::listener::{Gate, bind, serve};
use crate::options::HostOptions;
use crate::page::{answer as page, plain, secure};
use crate::seat::Seats;
use crate::socket_io::Sockets;
use crate::sweep::{Entrance, Sweep, SweepPlace, WsLimits, order_channel};
use crate::tls::Carrier;
use crate::upgrade::{is_upgrade, upgrade};
use crate::visit::{OwnNames, Rules, TurnedAway, Welcome, is_from_elsewhere};

/// An open room. Dropping it closes port and connections without a word; [`Host::stop`] says good-bye.
#[derive(Debug)]
pub struct Host {
    address: SocketAddr,
    members: watch::Receiver<u32>,
    reached: watch::Receiver<bool>,
    requests: mpsc::Sender<Vec<Ask>>,
    /// Ends when the log on disk is closed.
    log: watch::Receiver<()>,
    stop: watch::Sender<bool>,
    /// Ends when the last request is answered, and they with it.
    serving: JoinHandle<()>,
    /// Ends when the last connection has, and they with it.
    sweep: Sweep<Guest>,
    sockets: Sockets,
}

/// Why a room could not be opened.
#[derive(Debug)]
pub enum HostError {
    /// The port is taken, and no other was to be used.
    PortTaken,
    /// The system does not let this program listen there (ports below 1024, mostly).
    PortForbidden,
    /// The address is not one of this machine's.
    AddressUnavailable,
    /// The room's log on disk could not be opened.
    Log(OpenError),
    /// Something else that the system refused.
    Io(io::Error),
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PortTaken => f.write_str("another program uses this port; choose another"),
            Self::PortForbidden => f.write_str("this port is not allowed; choose one above 1023"),
            Self::AddressUnavailable => f.write_str("this machine does not have that address"),
            Self::Log(error) => write!(f, "{error}"),
            Self::Io(error) => write!(f, "the room could not be opened: {error}"),
        }
    }
}

impl std::error::Error for HostError {}

impl From<io::Error> for HostError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AddrInUse => Self::PortTaken,
            io::ErrorKind::PermissionDenied => Self::PortForbidden,
            io::ErrorKind::AddrNotAvailable => Self::AddressUnavailable,
            _ => Self::Io(error),
        }
    }
}

impl Host {
    /// Opens a room. Needs to be called within a tokio runtime, which then carries its connections.
    pub async fn start(mut options: HostOptions) -> Result<Self, HostError> {
        if options.folder.is_none() {
            // Nobody is told that something is kept where there is no place for it.
            options.keeps = Keeps::Nothing;
        }
        allow_sockets(options.limits.members_max + SOCKETS_SPARE);
        let listener = bind(options.bind, options.port)?;
        let kept = open_log(&options).await?;
        let address = listener.local_addr()?;
        let place = SweepPlace::new()?;
        let (orders, ordered) = order_channel(place.bell());
        let Door { requests, members, log } = keeper::open(&options, kept, orders)?;
        let sweep =
            place.start(WsLimits::default(), Seats::new(requests.clone(), ordered, options.language))?;
        let (stop, stopped) = watch::channel(false);
        let limits = options.limits;
        let gate = Gate::new(limits.members_max + SOCKETS_SPARE, limits.per_address_max + SOCKETS_SPARE / 4);
        let sockets = Sockets::new(requests.clone(), limits, options.language);
        let (doorway, reached) = Doorway::new(&options, sweep.entrance(), sockets.clone());
        let answer = move |request: Request, peer: SocketAddr| doorway.answer(request, peer);
        let identity = options.tls;
        let serving = tokio::spawn(async move {
            serve(listener, identity.as_ref(), gate, answer, stopped).await;
        });
        tracing::info!(port = address.port(), "a room is open");
        Ok(Self { address, members, reached, requests, log, stop, serving, sweep, sockets })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many members are here, and whenever that changes.
    pub fn members(&self) -> watch::Receiver<u32> {
        self.members.clone()
    }

    /// Whether anybody has come from another machine, and when that happens: the room can be reached then.
    pub fn reached(&self) -> watch::Receiver<bool> {
        self.reached.clone()
    }

    /// Says good-bye to everybody, frees the port, and waits in bounded time until all connections have ended and the
    /// log is closed, so that the room can be opened again.
    pub async fn stop(mut self, code: ByeCode) {
        let (done, closed) = oneshot::channel();
        if self.requests.send(vec![Ask::Close { code, done }]).await.is_ok() {
            let _ = closed.await;
        }
        let mut ended = self.sweep.ended();
        let patience = Duration::from_millis(2 * CLOSE_MS_MAX);
        let all_ended = async {
            // Who polls asks once more, to hear why.
            self.sockets.close().await;
            let _ = self.stop.send(true);
            let _ = (&mut self.serving).await;
            self.sweep.close();
            let _ = ended.changed().await;
        };
        if tokio::time::timeout(patience, all_ended).await.is_err() {
            // Whoever has not taken our good-bye by now is cut off.
            let _ = self.stop.send(true);
            self.serving.abort();
            let _ = (&mut self.serving).await;
            self.sweep.cut();
            let _ = ended.changed().await;
        }
        // Nobody asks anything of the keeper any more: it ends, and the writer with it.
        (self.requests, _) = mpsc::channel(1);
        if tokio::time::timeout(patience, self.log.changed()).await.is_err() {
            tracing::warn!("the disk takes long to close the room's log");
        }
        tracing::info!("the room is closed");
    }

    /// Waits until the room has ended, though nobody stopped it: something in it has failed, and all its
    /// connections have ended. Whoever waits for it should open another, or say so to a person.
    pub fn ended(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut ended = self.sweep.ended();
        async move {
            // Its sender says nothing, and is dropped.
            let _ = ended.changed().await;
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Opens the room's log where it is kept. Only one host has it at a time.
async fn open_log(options: &HostOptions) -> Result<Option<Kept>, HostError> {
    let Some(folder) = options.folder.clone().filter(|_| options.keeps != Keeps::Nothing) else {
        return Ok(None);
    };
    let store_options = StoreOptions {
        room: options.room.clone(),
        keeps: options.keeps,
        epoch_if_new: Epoch::from_random(random()?),
        next_epoch: Epoch::from_random(random()?),
        at: unix_ms(),
    };
    let opening = tokio::task::spawn_blocking(move || Store::open(&folder, &store_options));
    let (store, restored) = opening.await.map_err(io::Error::other)?.map_err(HostError::Log)?;
    Ok(Some(Kept { store, restored }))
}

/// Raises this process's soft limit of open files, as far as its hard one, so that a full room has its sockets.
#[cfg(unix)]
fn allow_sockets(sockets: usize) {
    let wanted = sockets as u64 + FILES_SPARE;
    match rlimit::Resource::NOFILE.get() {
        Ok((soft, _)) if soft >= wanted => {}
        _ => match rlimit::increase_nofile_limit(wanted) {
            Ok(soft) if soft >= wanted => {}
            Ok(soft) => {
                tracing::warn!(soft, wanted, "fewer open files are allowed than a full room has sockets")
            }
            Err(error) => tracing::warn!(%error, "the limit of open files could not be raised"),
        },
    }
}

/// Windows has no such limit.
#[cfg(not(unix))]
fn allow_sockets(_sockets: usize) {}

/// What stands between a request and the room.
#[derive(Clone)]
struct Doorway(Arc<Inner>);

struct Inner {
    entrance: Entrance<Guest>,
    sockets: Sockets,
    rules: Rules,
    card: String,
    own_addresses: fn() -> Vec<IpAddr>,
    reached: watch::Sender<bool>,
}

/// A request for Socket.IO, from a page from elsewhere that is let in, or not.
struct SocketIo {
    request: Request,
    origin: Option<HeaderValue>,
}

impl Doorway {
    fn new(
        options: &HostOptions,
        entrance: Entrance<Guest>,
        sockets: Sockets,
    ) -> (Self, watch::Receiver<bool>) {
        let (tls, guarded) = (options.tls.is_some(), options.passphrase.is_some());
        let card = RoomCard::new(options.room.clone(), options.name.clone(), tls, guarded);
        let card = serde_json::to_string(&card).expect("a card is made of strings");
        let (public_urls, origins) = (options.public_urls.clone(), options.origins.clone());
        let rules = Rules::new(OwnNames::of_this_machine(), public_urls, origins);
        let (reached, is_reached) = watch::channel(false);
        let own_addresses = options.own_addresses;
        (Self(Arc::new(Inner { entrance, sockets, rules, card, own_addresses, reached })), is_reached)
    }

    fn answer(&self, request: Request, peer: SocketAddr) -> impl Future<Output = Response> + Send + use<> {
        let (sockets, answered) = (self.0.sockets.clone(), self.answer_or_pass_on(request, peer));
        async move {
            match answered {
                Ok(response) => response,
                Err(asked) => sockets.answer(asked.request, peer.ip(), asked.origin).await,
            }
        }
    }

    fn answer_or_pass_on(&self, request: Request, peer: SocketAddr) -> Result<Response, Box<SocketIo>> {
        self.note(peer.ip());
        // One that is no text, or one of several, is none of ours; it must not pass for a missing one.
        let only = |name: HeaderName| {
            let mut values = request.headers().get_all(name).iter();
            let first = values.next()?;
            Some(first.to_str().ok().filter(|_| values.next().is_none()).unwrap_or("?"))
        };
        let carrier = request.extensions().get().copied().unwrap_or(Carrier::Plain);
        let (host, origin) = (only(HOST).map(String::from), only(ORIGIN));
        let welcome = match self.0.rules.check(host.as_deref(), origin, carrier) {
            Ok(welcome) => welcome,
            Err(TurnedAway::Host) => return Ok(plain(StatusCode::MISDIRECTED_REQUEST, WRONG_HOST)),
            Err(TurnedAway::Origin) => return Ok(plain(StatusCode::FORBIDDEN, WRONG_ORIGIN)),
        };
        let host = host.unwrap_or_default();
        let asking = request.headers().get(ORIGIN).filter(|_| welcome == Welcome::Elsewhere).cloned();
        if Sockets::is_asked(request.uri().path()) {
            return Err(Box::new(SocketIo { request, origin: asking }));
        }
        if is_upgrade(&request) {
            return Ok(self.upgrade(request, peer.ip(), &host, carrier));
        }
        if request.method() != Method::GET && request.method() != Method::HEAD {
            return Ok(plain(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered here"));
        }
        Ok(match request.uri().path() {
            RoomCard::PATH => self.card(asking.as_ref()),
            path => page(path, &host),
        })
    }

    fn upgrade(&self, request: Request, address: IpAddr, authority: &str, carrier: Carrier) -> Response {
        let channels = self.0.rules.channels(authority, carrier);
        upgrade(request, &SUBPROTOCOLS, &self.0.entrance, |chosen| Guest {
            address,
            channels,
            dialect: chosen.map(dialect_of),
        })
    }

    /// What the room says of itself; a page from elsewhere that is let in may read it.
    fn card(&self, asking: Option<&HeaderValue>) -> Response {
        let mut response = Response::new(Body::from(self.0.card.clone()));
        let headers = response.headers_mut();
        secure(headers);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(VARY, HeaderValue::from_static("origin"));
        if let Some(origin) = asking {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        }
        response
    }

    /// Takes note of whoever comes from another machine, the first time.
    fn note(&self, address: IpAddr) {
        if *self.0.reached.borrow() {
            return;
        }
        if is_from_elsewhere(address, &[]) && is_from_elsewhere(address, &(self.0.own_addresses)()) {
            self.0.reached.send_replace(true);
        }
    }
}

/// Files a program needs besides its sockets: its log, its window, its libraries.
#[cfg(unix)]
const FILES_SPARE: u64 = 256;

/// What may be negotiated, the best first. `chat` and `superchat` are those of RFC 6455, section 1.3, which examples
/// everywhere offer: plain text.
const SUBPROTOCOLS: [&str; 3] = [SUBPROTOCOL, "chat", "superchat"];

fn dialect_of(subprotocol: &str) -> Dialect {
    if subprotocol == SUBPROTOCOL { Dialect::Maru } else { Dialect::Plain }
}

const WRONG_HOST: &str = "This room does not answer to that name. Use the address that the host shows.";
const WRONG_ORIGIN: &str = "Pages from elsewhere are not let in. Open the room's own address.";
