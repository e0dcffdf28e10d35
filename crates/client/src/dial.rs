//! Opening a connection: names to addresses, TCP, TLS where asked for, and the WebSocket handshake, within one
//! deadline. Every way it can fail is a [`Fault`] with words of its own.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::select_ok;
use maru_wire::limits::DIAL_MS_MAX;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode, header};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::event::{Fault, Security};
use crate::http::{headers, status_line};
use crate::inspector::Seen;
use crate::target::{Endpoint, Host, Target};

/// Any byte stream a WebSocket runs on.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// An open WebSocket to somewhere.
pub type Socket = WebSocketStream<Box<dyn Stream>>;

/// What messages go and come by: a WebSocket, or what stands for one.
pub(crate) trait Wire:
    futures_util::Stream<Item = Result<Message, Error>>
    + futures_util::Sink<Message, Error = Error>
    + Send
    + Unpin
{
}
impl<W> Wire for W where
    W: futures_util::Stream<Item = Result<Message, Error>>
        + futures_util::Sink<Message, Error = Error>
        + Send
        + Unpin
{
}

/// A socket, and where it was opened.
pub struct Dialed {
    /// The open WebSocket.
    pub socket: Socket,
    /// The authority that stood in the request's `Host` (RFC 9110, section 7.2), which a hello is bound to.
    pub authority: String,
    /// What guards it.
    pub security: Security,
    /// What was seen until it was open.
    pub seen: Vec<Seen>,
}

/// A stream to somewhere, before anything is said on it.
pub(crate) struct Reached {
    pub(crate) stream: Box<dyn Stream>,
    pub(crate) security: Security,
    pub(crate) seen: Vec<Seen>,
}

/// How to dial.
#[derive(Debug, Clone, Copy)]
pub struct DialOptions {
    /// The subprotocol the other side has to speak.
    pub subprotocol: Option<&'static str>,
    /// Bytes in one message from there.
    pub message_bytes_max: usize,
}

impl Default for DialOptions {
    fn default() -> Self {
        Self { subprotocol: Some(maru_wire::SUBPROTOCOL), message_bytes_max: ROOM_MESSAGE_BYTES_MAX }
    }
}

/// Dials all addresses of a target at once and takes the first that opens, within ten seconds.
pub async fn dial(target: &Target, options: DialOptions) -> Result<Dialed, Fault> {
    if target.addresses.is_empty() {
        return Err(Fault::NotFound);
    }
    let dials = target.addresses.iter().map(|endpoint| Box::pin(dial_one(target, endpoint, options)));
    let first = select_ok(dials);
    match tokio::time::timeout(Duration::from_millis(DIAL_MS_MAX), first).await {
        Ok(Ok((dialed, _others))) => Ok(dialed),
        Ok(Err(fault)) => Err(fault),
        Err(_) => Err(Fault::Timeout),
    }
}

async fn dial_one(target: &Target, endpoint: &Endpoint, options: DialOptions) -> Result<Dialed, Fault> {
    let reached = reach(target, endpoint).await?;
    upgrade(reached, &target.ws_url(endpoint), options).await
}

/// Opens a stream to one address of a target.
pub(crate) async fn reach(target: &Target, endpoint: &Endpoint) -> Result<Reached, Fault> {
    let tcp = connect(endpoint).await.map_err(|error| fault_of_io(&error))?;
    // Small frames must not wait for each other's acknowledgements (Nagle).
    let _ = tcp.set_nodelay(true);
    let (stream, security): (Box<dyn Stream>, _) = if target.tls {
        (Box::new(secure(tcp, &endpoint.host).await?), Security::Authority)
    } else {
        (Box::new(tcp), Security::Plain)
    };
    Ok(Reached { stream, security, seen: Vec::new() })
}

/// Makes a WebSocket of a stream.
pub(crate) async fn upgrade(reached: Reached, url: &str, options: DialOptions) -> Result<Dialed, Fault> {
    let Reached { stream, security, mut seen } = reached;
    let mut request = url.into_client_request().map_err(|_| Fault::NotFound)?;
    if let Some(subprotocol) = options.subprotocol {
        let subprotocol = HeaderValue::from_static(subprotocol);
        request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, subprotocol);
    }
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = host.ok_or(Fault::NotFound)?.to_owned();
    let config = WebSocketConfig::default()
        .max_write_buffer_size(options.message_bytes_max + WRITE_SPARE_BYTES)
        .read_buffer_size(READ_BUFFER_BYTES)
        .max_message_size(Some(options.message_bytes_max))
        .max_frame_size(Some(options.message_bytes_max));
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let line = format!("GET {path} HTTP/1.1");
    seen.push(Seen::Request { url: url.into(), line, headers: headers(request.headers()) });
    let opened = client_async_with_config(request, stream, Some(config)).await;
    let (socket, response) = opened.map_err(|error| fault_of_handshake(&error))?;
    let line = status_line(response.status());
    seen.push(Seen::Response { line, headers: headers(response.headers()) });
    Ok(Dialed { socket, authority, security, seen })
}

async fn connect(endpoint: &Endpoint) -> io::Result<TcpStream> {
    match &endpoint.host {
        Host::Domain(name) => {
            let found = tokio::net::lookup_host((name.as_str(), endpoint.port)).await;
            let found = found.map_err(|_| io::Error::from(io::ErrorKind::NotFound))?;
            connect_any(found.take(RESOLVED_MAX).collect()).await
        }
        Host::Ipv4(address) => TcpStream::connect((*address, endpoint.port)).await,
        Host::Ipv6(address) => TcpStream::connect((*address, endpoint.port)).await,
    }
}

/// Connects to all addresses of one name at once: where one of them leads nowhere and says nothing, as IPv6 does
/// behind some routers, another is found all the same (RFC 8305).
async fn connect_any(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    if addresses.is_empty() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let connects = addresses.into_iter().map(|address| Box::pin(TcpStream::connect(address)));
    select_ok(connects).await.map(|(tcp, _others)| tcp)
}

async fn secure(tcp: TcpStream, host: &Host) -> Result<impl Stream + use<>, Fault> {
    let name = match host {
        Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|_| Fault::Tls)?,
        Host::Ipv4(address) => ServerName::from(std::net::IpAddr::V4(*address)),
        Host::Ipv6(address) => ServerName::from(std::net::IpAddr::V6(*address)),
    };
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Fault::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config)).connect(name, tcp).await.map_err(|_| Fault::Tls)
}

fn fault_of_io(error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Fault::Refused,
        io::ErrorKind::NotFound | io::ErrorKind::InvalidInput => Fault::NotFound,
        _ => Fault::Timeout,
    }
}

fn fault_of_handshake(error: &Error) -> Fault {
    match error {
        Error::Http(response) => match response.status() {
            StatusCode::FORBIDDEN | StatusCode::MISDIRECTED_REQUEST => Fault::Forbidden,
            _ => Fault::NotARoom,
        },
        Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => Fault::Timeout,
        Error::Url(tungstenite::error::UrlError::UnableToConnect(_)) => Fault::Timeout,
        _ => Fault::NotARoom,
    }
}

/// Bytes in one message of a room: a welcome or a page of 64 KiB, or one entry whose every character is
/// escaped; with as much again to spare.
const ROOM_MESSAGE_BYTES_MAX: usize = 1024 * 1024;

const READ_BUFFER_BYTES: usize = 16 * 1024;

/// Bytes that wait in a socket to be written, beyond a message as long as one from there: our longest frame, the
/// 128 KiB after which the socket writes, and pongs. A room that pings and does not read gets no more than that.
const WRITE_SPARE_BYTES: usize = 1024 * 1024;

/// Addresses of one name that are dialed: a machine has a handful.
const RESOLVED_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpSocket};
    use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};

    use super::*;

    const _: () = assert!(WRITE_SPARE_BYTES > 128 * 1024 + 2 * maru_wire::limits::FRAME_BYTES_MAX);

    /// A listener that takes no connection any more and does not say so, where the system does that.
    async fn silent() -> (SocketAddr, TcpListener, Vec<TcpStream>) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut waiting = Vec::new();
        // Until one is not answered: then nobody is.
        while let Ok(Ok(tcp)) =
            tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await
        {
            waiting.push(tcp);
            if waiting.len() > 64 {
                break;
            }
        }
        (address, listener, waiting)
    }

    #[tokio::test]
    async fn an_address_that_does_not_answer_hides_no_other() {
        let (silent, _listener, _waiting) = silent().await;
        let there = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = there.local_addr().unwrap();
        let connecting = connect_any(vec![silent, address]);
        let tcp = tokio::time::timeout(Duration::from_secs(5), connecting).await.expect("in time").unwrap();
        assert!(cfg!(not(target_os = "linux")) || tcp.peer_addr().unwrap() == address);
        assert_eq!(connect_any(vec![]).await.unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[tokio::test]
    async fn a_dial_tells_the_authority_that_stood_in_its_host_header() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let room = tokio::spawn(async move {
            let (tcp, _) = listener.accept().await.unwrap();
            let mut host = String::new();
            #[allow(clippy::result_large_err, reason = "the library's own")]
            let look = |request: &Request, response: Response| {
                host = request.headers()[header::HOST].to_str().unwrap().to_owned();
                Ok(response)
            };
            let socket = tokio_tungstenite::accept_hdr_async(tcp, look).await.unwrap();
            (host, socket)
        });
        let target = Target::parse(&format!("127.0.0.1:{port}")).unwrap();
        let options = DialOptions { subprotocol: None, ..DialOptions::default() };
        let Ok(dialed) = dial(&target, options).await else { panic!("somebody listens there") };
        let (host, _socket) = room.await.unwrap();
        assert_eq!(dialed.authority, host);
        assert_eq!(dialed.authority, format!("127.0.0.1:{port}"));
    }
}
