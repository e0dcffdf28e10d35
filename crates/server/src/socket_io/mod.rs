//! Members on Socket.IO v4 (Engine.IO 4), by `socketioxide`, on the room's own port: polling, upgrade and WebSocket. Each
//! has a seat like everybody else and a task of its own; what all of them hear is in a bounded [`Ring`], in which each
//! holds a position. Decides nothing.
//!
//! # Layout
//! - [`Sockets`]: the requests, and who may make them. `member`: the task. `ring`: what everybody hears. `session`,
//!   `held`: how a session and its connection end.

mod held;
mod member;
mod ring;
mod session;

use std::convert::Infallible;
use std::fmt;
use std::future::{Ready, ready};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use hyper::service::Service;
use hyper_util::rt::TokioIo;
use maru_wire::limits::{
    CLOSE_MS_MAX, FRAME_BYTES_MAX, HELLO_MS_MAX, MESSAGE_BYTES_MAX, PING_INTERVAL_MS, SOCKETS_SPARE,
};
use socketioxide::SocketIo;
use socketioxide::extract::SocketRef;
use socketioxide::service::SocketIoService;
use tokio::sync::{mpsc, watch};

use crate::hub::SeatId;
use crate::keeper::Request as Ask;
use crate::listener::{Afterwards, Gate};
use crate::options::{HostLimits, Language};
use crate::page::{plain, secure};
use crate::upgrade::{handshake, is_upgrade};
use held::Held;
pub(crate) use member::Told;
pub(crate) use ring::{Event, Ring};
use session::{Closer, Cut, Peer, Session};

/// The door for Socket.IO.
#[derive(Clone)]
pub(crate) struct Sockets {
    service: Arc<SocketIoService<Elsewhere>>,
    io: SocketIo,
    closer: Closer,
    /// Sessions, which outlast the connections of those who poll.
    sessions: Gate,
    /// How many are in the room.
    seated: Arc<watch::Sender<usize>>,
}

impl Sockets {
    /// A door to the room that these requests go to.
    pub(crate) fn new(requests: mpsc::Sender<Vec<Ask>>, limits: HostLimits, language: Language) -> Self {
        let (service, io) = SocketIo::builder()
            .ping_interval(Duration::from_millis(PING_INTERVAL_MS))
            .ping_timeout(Duration::from_millis(PING_INTERVAL_MS))
            .connect_timeout(Duration::from_millis(HELLO_MS_MAX))
            .max_payload(FRAME_BYTES_MAX as u64)
            .ws_max_message_size(FRAME_BYTES_MAX)
            .ws_max_frame_size(FRAME_BYTES_MAX)
            .ws_read_buffer_size(READ_BYTES)
            .max_buffer_size(PACKETS_MAX)
            .build_with_inner_svc(Elsewhere);
        let service = Arc::new(service);
        let closer = Closer::new(&service);
        let closing = closer.clone();
        let seats = Arc::new(AtomicU64::new(SOCKET_BIT));
        let seated = Arc::new(watch::Sender::new(0));
        let seating = Arc::clone(&seated);
        // What a handler does before its future is done at once, and in order.
        io.ns("/", move |socket: SocketRef| {
            if let Some(peer) = socket.req_parts().extensions.get::<Peer>() {
                let seat = SeatId(seats.fetch_add(1, Ordering::Relaxed));
                let seated = Seated::new(seating);
                let session = Session::of(peer, socket.id.to_string(), closing);
                member::seat(&socket, seat, peer.address(), requests, language, (session, seated));
            }
            ready(())
        });
        let sessions =
            Gate::new(limits.members_max + SOCKETS_SPARE, limits.per_address_max + SOCKETS_SPARE / 4);
        Self { service, io, closer, sessions, seated }
    }

    /// Whether a request is for this door.
    pub(crate) fn is_asked(path: &str) -> bool {
        path.strip_prefix(PATH).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Answers a request. A page of `origin`, which is from elsewhere and let in, may read the answer.
    pub(crate) async fn answer(
        &self,
        mut request: Request,
        address: IpAddr,
        origin: Option<HeaderValue>,
    ) -> Response {
        if request.method() == Method::OPTIONS {
            let mut response = plain(StatusCode::NO_CONTENT, "");
            let_read(response.headers_mut(), origin);
            return response;
        }
        let session = session_of(request.uri().query()).map(String::from);
        let mut cut =
            session.as_deref().filter(|_| is_upgrade(&request)).map(|name| self.closer.upgrade(name));
        if session.is_none() {
            let Some(place) = self.sessions.let_in(address) else {
                return plain(StatusCode::SERVICE_UNAVAILABLE, "too many connections");
            };
            let peer = Peer::new(address, place);
            cut = is_upgrade(&request).then(|| peer.cut());
            request.extensions_mut().insert(peer);
        }
        if let Some(cut) = cut {
            return self.upgrade(request, cut);
        }
        let Ok(response) = self.service.call(request).await;
        let mut response = response.map(Body::new);
        secure(response.headers_mut());
        let_read(response.headers_mut(), origin);
        response
    }

    fn upgrade(&self, mut request: Request, cut: Arc<Cut>) -> Response {
        let response = match handshake(&mut request) {
            Ok(response) => response,
            Err(response) => return *response,
        };
        let Some(afterwards) = request.extensions_mut().remove::<Afterwards>() else {
            return plain(StatusCode::INTERNAL_SERVER_ERROR, "no connection to upgrade");
        };
        let upgraded = hyper::upgrade::on(&mut request);
        let request = request.map(|_| ());
        let service = Arc::clone(&self.service);
        afterwards.then(move |pass| async move {
            let Ok(upgraded) = upgraded.await else { return };
            // One that asks for what is not spoken is dropped.
            let _ = service.call((Held::new(TokioIo::new(upgraded), cut, pass), request)).await;
        });
        response
    }

    /// Ends all sessions, once those in the room have heard why, in bounded time. They are answered until then.
    pub(crate) async fn close(&self) {
        let mut seated = self.seated.subscribe();
        let parted = seated.wait_for(|count| *count == 0);
        let _ = tokio::time::timeout(Duration::from_millis(CLOSE_MS_MAX), parted).await;
        self.io.close().await;
    }
}

/// Counts one who is in the room, until its session has ended.
struct Seated(Arc<watch::Sender<usize>>);

impl Seated {
    fn new(count: Arc<watch::Sender<usize>>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(count)
    }
}

impl Drop for Seated {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl fmt::Debug for Sockets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sockets").finish_non_exhaustive()
    }
}

/// What the library asks for the requests that are not for it: there are none.
#[derive(Clone)]
struct Elsewhere;

impl Service<Request> for Elsewhere {
    type Response = Response;
    type Error = Infallible;
    type Future = Ready<Result<Response, Infallible>>;

    fn call(&self, _: Request) -> Self::Future {
        ready(Ok(plain(StatusCode::NOT_FOUND, "no Socket.IO here")))
    }
}

/// Whether a seat is one of these.
pub(crate) fn is_socket(seat: SeatId) -> bool {
    seat.0 & SOCKET_BIT != 0
}

/// The name of the session that a request is for, where it begins none.
fn session_of(query: Option<&str>) -> Option<&str> {
    query?.split('&').find_map(|part| part.strip_prefix("sid="))
}

/// Lets a page from elsewhere read an answer.
fn let_read(headers: &mut HeaderMap, origin: Option<HeaderValue>) {
    headers.insert(VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
    }
}

/// Where Socket.IO is spoken.
const PATH: &str = "/socket.io";

/// Names of these seats are unlike all others': those of the sweep begin from zero, and count how often a place was taken
/// in what would have to overflow into this bit.
const SOCKET_BIT: u64 = 1 << 63;

/// What is read of one connection at once.
const READ_BYTES: usize = 4 * 1024;

/// Packets that wait for one connection, beside those in the ring. Each is a copy of its own, as long as the longest
/// message and longer, and one who does not read costs all of them.
const PACKETS_MAX: usize = 64;

const _: () = assert!(PACKETS_MAX * MESSAGE_BYTES_MAX <= 4 * 1024 * 1024);
