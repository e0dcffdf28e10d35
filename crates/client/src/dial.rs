//! Opening a connection: names to addresses, TCP, TLS where asked for, and the WebSocket handshake, within one
//! deadline. Every way it can fail is a [`Fault`] with words of its own.

use std::io;
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
use tokio_tungstenite::tungstenite::{self, Error};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::event::Fault;
use crate::target::{Endpoint, Host, Target};

/// Any byte stream a WebSocket runs on.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// An open WebSocket to somewhere.
pub type Socket = WebSocketStream<Box<dyn Stream>>;

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
        Self { subprotocol: Some(maru_wire::SUBPROTOCOL), message_bytes_max: MESSAGE_BYTES_MAX }
    }
}

/// Dials all addresses of a target at once and takes the first that opens, within ten seconds.
pub async fn dial(target: &Target, options: DialOptions) -> Result<Socket, Fault> {
    if target.addresses.is_empty() {
        return Err(Fault::NotFound);
    }
    let dials = target.addresses.iter().map(|endpoint| Box::pin(dial_one(target, endpoint, options)));
    let first = select_ok(dials);
    match tokio::time::timeout(Duration::from_millis(DIAL_MS_MAX), first).await {
        Ok(Ok((socket, _others))) => Ok(socket),
        Ok(Err(fault)) => Err(fault),
        Err(_) => Err(Fault::Timeout),
    }
}

async fn dial_one(target: &Target, endpoint: &Endpoint, options: DialOptions) -> Result<Socket, Fault> {
    let tcp = connect(endpoint).await.map_err(|error| fault_of_io(&error))?;
    // Small frames must not wait for each other's acknowledgements (Nagle).
    let _ = tcp.set_nodelay(true);
    let stream: Box<dyn Stream> =
        if target.tls { Box::new(secure(tcp, &endpoint.host).await?) } else { Box::new(tcp) };
    let mut request = target.ws_url(endpoint).into_client_request().map_err(|_| Fault::NotFound)?;
    if let Some(subprotocol) = options.subprotocol {
        let subprotocol = HeaderValue::from_static(subprotocol);
        request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, subprotocol);
    }
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .max_message_size(Some(options.message_bytes_max))
        .max_frame_size(Some(options.message_bytes_max));
    let opened = client_async_with_config(request, stream, Some(config)).await;
    opened.map(|(socket, _)| socket).map_err(|error| fault_of_handshake(&error))
}

async fn connect(endpoint: &Endpoint) -> io::Result<TcpStream> {
    match &endpoint.host {
        Host::Domain(name) => {
            let found = tokio::net::lookup_host((name.as_str(), endpoint.port)).await;
            let addresses: Vec<_> = found.map_err(|_| io::Error::from(io::ErrorKind::NotFound))?.collect();
            TcpStream::connect(&*addresses).await
        }
        Host::Ipv4(address) => TcpStream::connect((*address, endpoint.port)).await,
        Host::Ipv6(address) => TcpStream::connect((*address, endpoint.port)).await,
    }
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
const MESSAGE_BYTES_MAX: usize = 1024 * 1024;

const READ_BUFFER_BYTES: usize = 16 * 1024;
