//! The port: taking it, accepting connections within bounds, and speaking HTTP on them, over TLS or not.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use maru_wire::limits::{HEAD_BYTES_MAX, HEAD_MS_MAX, HEADERS_MAX, HTTP_MS_MAX, TLS_MS_MAX};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::address::AddressKey;
use crate::options::PortChoice;
use crate::tls::{Carrier, HANDSHAKE_RECORD, Identity};

/// What answers requests, which carry what they came over ([`Carrier`]). The address is the peer's.
pub trait Answer: Clone + Send + Sync + 'static {
    /// Answers one request.
    fn answer(&self, request: Request, peer: SocketAddr) -> impl Future<Output = Response> + Send;
}

impl<F, R> Answer for F
where
    F: Fn(Request, SocketAddr) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Response> + Send,
{
    fn answer(&self, request: Request, peer: SocketAddr) -> impl Future<Output = Response> + Send {
        self(request, peer)
    }
}

/// What a connection is for after a request has been answered, a WebSocket mostly. Every request carries one in
/// its extensions. It is handed the connection's place inside the gate, to be kept for as long as that lasts.
#[derive(Clone, Default)]
pub struct Afterwards(Arc<Mutex<Option<Task>>>);

type Task = Box<dyn FnOnce(Pass) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

impl Afterwards {
    /// Says what comes once the answer is written.
    pub fn then<F: Future<Output = ()> + Send + 'static>(
        &self,
        what: impl FnOnce(Pass) -> F + Send + 'static,
    ) {
        let task: Task = Box::new(move |pass| Box::pin(what(pass)));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
    }

    fn take(&self) -> Option<Task> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Takes a port. With [`PortChoice::From`], the next free one where it is taken; where the machine has no
/// IPv6, its unspecified address means that of IPv4.
pub fn bind(address: IpAddr, port: PortChoice) -> io::Result<TcpListener> {
    let (first, tries) = match port {
        PortChoice::Exactly(port) => (port, 1),
        PortChoice::From(port) => (port, PORTS_TRIED),
    };
    let mut last_error = None;
    for port in (first..=u16::MAX).take(tries) {
        match bind_one(SocketAddr::new(address, port)) {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => last_error = Some(error),
            Err(error) => return Err(error),
        }
    }
    match port {
        PortChoice::From(_) => bind_one(SocketAddr::new(address, 0)),
        PortChoice::Exactly(_) => Err(last_error.unwrap_or_else(|| io::ErrorKind::AddrInUse.into())),
    }
}

fn bind_one(address: SocketAddr) -> io::Result<TcpListener> {
    let any_v6 = address.ip() == IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED);
    match listen(address, any_v6) {
        Err(error) if any_v6 && error.kind() != io::ErrorKind::AddrInUse => {
            listen(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), address.port()), false)
        }
        result => result,
    }
}

fn listen(address: SocketAddr, both_kinds: bool) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if both_kinds {
        socket.set_only_v6(false)?;
    }
    // Elsewhere than on Windows it lets a restarted host have its port back at once; there it would let
    // somebody else have it too.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Accepts connections until `stop` turns true, answers the requests on them, and returns when all have ended or
/// gone on to something else. Where it is dropped before, they end with it. With an identity TLS is spoken too, with
/// whoever begins so; without, such a connection is closed.
pub async fn serve(
    listener: TcpListener,
    identity: Option<&Identity>,
    gate: Gate,
    answer: impl Answer,
    mut stop: watch::Receiver<bool>,
) {
    let acceptor = identity.map(|identity| TlsAcceptor::from(identity.config()));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, mostly: others close in a moment.
                tracing::warn!(%error, "no connection could be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Some(pass) = gate.let_in(peer.ip()) else {
            tracing::debug!("a connection over the bounds was dropped");
            continue;
        };
        // Small frames must not wait for each other's acknowledgements (Nagle).
        let _ = stream.set_nodelay(true);
        let (acceptor, answer, mut stop) = (acceptor.clone(), answer.clone(), stop.clone());
        connections.spawn(async move {
            let afterwards = Afterwards::default();
            let opened = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                opened = open(stream, acceptor) => opened,
            };
            match opened {
                Some(Opened::Plain(stream)) => {
                    let carried = (Carrier::Plain, afterwards.clone());
                    serve_http(stream, peer, answer, carried, stop).await;
                }
                Some(Opened::Tls(stream)) => {
                    let carried = (Carrier::of(stream.get_ref().1), afterwards.clone());
                    serve_http(*stream, peer, answer, carried, stop).await;
                }
                None => return,
            }
            if let Some(what) = afterwards.take() {
                what(pass).await;
            }
        });
    }
    // The port is free for the next room while the last words are said here.
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// A connection on which requests can be spoken.
enum Opened {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Finds out by its first byte what is spoken on a connection, and shakes hands where that is TLS. None where it does
/// not come to that in time, or at all.
async fn open(stream: TcpStream, acceptor: Option<TlsAcceptor>) -> Option<Opened> {
    let mut first = [0];
    let looked = tokio::time::timeout(TLS_MAX, stream.peek(&mut first)).await;
    // A peer that has closed already has nothing to be answered.
    let Ok(Ok(1)) = looked else { return None };
    if first[0] != HANDSHAKE_RECORD {
        return Some(Opened::Plain(stream));
    }
    let shaken = tokio::time::timeout(TLS_MAX, acceptor?.accept(stream)).await;
    match shaken {
        Ok(Ok(stream)) => Some(Opened::Tls(Box::new(stream))),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a TLS handshake failed");
            None
        }
        Err(_) => None,
    }
}

async fn serve_http(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    answer: impl Answer,
    (carrier, afterwards): (Carrier, Afterwards),
    mut stop: watch::Receiver<bool>,
) {
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(afterwards.clone());
        request.extensions_mut().insert(carrier);
        let answer = answer.clone();
        async move {
            let response = answer.answer(request.map(Body::new), peer).await;
            Ok::<_, std::convert::Infallible>(response)
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(HEAD_MS_MAX))
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    tokio::select! {
        // What went wrong on one connection concerns nobody else.
        _ = connection.as_mut() => return,
        _ = stop.wait_for(|stop| *stop) => {}
        () = tokio::time::sleep(HTTP_MAX) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(HTTP_MAX, connection).await;
}

/// How many connections there may be at once, in all and from one address, whatever is spoken on them.
#[derive(Debug, Clone)]
pub struct Gate {
    total_max: usize,
    per_address_max: usize,
    inside: Arc<Mutex<Inside>>,
}

#[derive(Debug, Default)]
struct Inside {
    total: usize,
    per_address: HashMap<AddressKey, usize>,
}

/// A place inside the gate, given back when dropped.
#[derive(Debug)]
pub struct Pass {
    gate: Gate,
    key: Option<AddressKey>,
}

impl Gate {
    /// A gate with these bounds; loopback counts in the total alone.
    pub fn new(total_max: usize, per_address_max: usize) -> Self {
        Self { total_max, per_address_max, inside: Arc::default() }
    }

    /// A place for somebody from there, if there is one.
    pub(crate) fn let_in(&self, address: IpAddr) -> Option<Pass> {
        let key = AddressKey::of(address);
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if inside.total >= self.total_max {
            return None;
        }
        if let Some(key) = key {
            let from_there = inside.per_address.entry(key).or_insert(0);
            if *from_there >= self.per_address_max {
                return None;
            }
            *from_there += 1;
        }
        inside.total += 1;
        Some(Pass { gate: self.clone(), key })
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut inside = self.gate.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.total -= 1;
        if let Some(key) = self.key
            && let Some(count) = inside.per_address.get_mut(&key)
        {
            *count -= 1;
            if *count == 0 {
                inside.per_address.remove(&key);
            }
        }
    }
}

/// Ports tried before any free one is taken.
const PORTS_TRIED: usize = 20;

/// Connections the system holds while we accept: a class that joins at once.
const BACKLOG: i32 = 4_096;

const TLS_MAX: Duration = Duration::from_millis(TLS_MS_MAX);

const HTTP_MAX: Duration = Duration::from_millis(HTTP_MS_MAX);

/// How long accepting rests when the system has no more descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_is_bounded_in_all_and_for_each_address() {
        let gate = Gate::new(3, 2);
        let far: IpAddr = "192.0.2.1".parse().unwrap();
        let near = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let first = gate.let_in(far).unwrap();
        let _second = gate.let_in(far).unwrap();
        assert!(gate.let_in(far).is_none(), "two from there");
        let _third = gate.let_in(near).unwrap();
        assert!(gate.let_in(near).is_none(), "three in all");
        drop(first);
        assert!(gate.let_in(far).is_some());
        drop(gate.let_in(near));
    }
}
