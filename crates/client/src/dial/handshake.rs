//! The WebSocket handshake (RFC 6455, section 4.1) on a stream that is open, and what of it somebody may see.

use std::io;

use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode, header};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Error};

use super::{DialOptions, Socket, Stream};
use crate::event::Fault;
use crate::http::{headers, status_line};
use crate::inspector::Seen;

/// Asks for a WebSocket at a URL. Returns it with the authority it was asked for under, and what was said.
pub(super) async fn upgrade(
    stream: Box<dyn Stream>,
    url: &str,
    options: DialOptions,
) -> Result<(Socket, String, [Seen; 2]), Fault> {
    let mut request = url.into_client_request().map_err(|_| Fault::NotFound)?;
    if let Some(subprotocol) = options.subprotocol {
        let subprotocol = HeaderValue::from_static(subprotocol);
        request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, subprotocol);
    }
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = host.ok_or(Fault::NotFound)?.to_owned();
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let line = format!("GET {path} HTTP/1.1");
    let asked = Seen::Request { url: url.into(), line, headers: headers(request.headers()) };
    let config = WebSocketConfig::default()
        .max_write_buffer_size(options.message_bytes_max + WRITE_SPARE_BYTES)
        .read_buffer_size(READ_BUFFER_BYTES)
        .max_message_size(Some(options.message_bytes_max))
        .max_frame_size(Some(options.message_bytes_max));
    let opened = client_async_with_config(request, stream, Some(config)).await;
    let (socket, response) = opened.map_err(|error| fault_of(&error))?;
    let told = Seen::Response { line: status_line(response.status()), headers: headers(response.headers()) };
    Ok((socket, authority, [asked, told]))
}

fn fault_of(error: &Error) -> Fault {
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

const READ_BUFFER_BYTES: usize = 16 * 1024;

/// Bytes that wait in a socket to be written, beyond a message as long as one from there: our longest frame, the
/// 128 KiB after which the socket writes, and pongs. A room that pings and does not read gets no more than that.
const WRITE_SPARE_BYTES: usize = 1024 * 1024;

const _: () = assert!(WRITE_SPARE_BYTES > 128 * 1024 + 2 * maru_wire::limits::FRAME_BYTES_MAX);
