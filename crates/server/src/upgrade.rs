//! From an HTTP request to a WebSocket: the handshake of RFC 6455, section 4.2, over hyper's upgrade.

use axum::body::Body;
use axum::http::header::{CONNECTION, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE};
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;

use crate::listener::Afterwards;
use crate::page::{plain, secure};
use crate::sweep::{Arrival, Entrance, Seal};

/// Whether a request asks for a WebSocket, well-formed or not.
pub fn is_upgrade<B>(request: &Request<B>) -> bool {
    has_token(request.headers(), &UPGRADE, "websocket")
        && has_token(request.headers(), &CONNECTION, "upgrade")
}

/// Answers a request for a WebSocket, and lets the connection in once it is open, as the guest that `make` knows.
/// The first of `subprotocols` that the peer offers is chosen; `make` hears which.
pub fn upgrade<G: Send + 'static>(
    mut request: Request<Body>,
    subprotocols: &[&'static str],
    entrance: &Entrance<G>,
    make: impl FnOnce(Option<&'static str>) -> G,
) -> Response<Body> {
    let mut response = match handshake(&mut request) {
        Ok(response) => response,
        Err(response) => return *response,
    };
    let chosen = subprotocols.iter().copied().find(|protocol| offers(request.headers(), protocol));
    if let Some(chosen) = chosen {
        response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(chosen));
    }
    let Some(afterwards) = request.extensions().get::<Afterwards>().cloned() else {
        return plain(StatusCode::INTERNAL_SERVER_ERROR, "no connection to upgrade");
    };
    let upgraded = hyper::upgrade::on(&mut request);
    let (entrance, guest) = (entrance.clone(), make(chosen));
    afterwards.then(move |pass| async move {
        let Ok(upgraded) = upgraded.await else { return };
        let (stream, sealed, already_read) = match upgraded.downcast::<TokioIo<TcpStream>>() {
            Ok(parts) => (parts.io.into_inner(), None, parts.read_buf),
            Err(upgraded) => {
                let Ok(parts) = upgraded.downcast::<TokioIo<TlsStream<TcpStream>>>() else { return };
                let (stream, connection) = parts.io.into_inner().into_inner();
                (stream, Some(Box::new(Seal::new(connection))), parts.read_buf)
            }
        };
        match stream.into_std() {
            Ok(stream) => entrance.let_in(Arrival { stream, sealed, already_read, pass: Some(pass), guest }),
            Err(error) => tracing::warn!(%error, "a connection could not be handed over"),
        }
    });
    response
}

/// The answer to a handshake, which agrees on no subprotocol; else what is wrong with it.
pub(crate) fn handshake(request: &mut Request<Body>) -> Result<Response<Body>, Box<Response<Body>>> {
    if is_upgrade(request) {
        // Tokens may be spread over several lines (RFC 9110, section 5.3); the library looks at the first.
        request.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
        request.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
    }
    let Ok(mut response) = create_response_with_body(request, Body::empty) else {
        return Err(Box::new(not_a_handshake(request.headers())));
    };
    secure(response.headers_mut());
    Ok(response)
}

/// 426 names the version we speak (RFC 6455, section 4.4); everything else that is wrong is a 400.
fn not_a_handshake(headers: &HeaderMap) -> Response<Body> {
    let version = headers.get(SEC_WEBSOCKET_VERSION);
    if version.is_some_and(|version| version != "13") {
        let mut response = plain(StatusCode::UPGRADE_REQUIRED, "WebSocket version 13 is spoken here");
        response.headers_mut().insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        return response;
    }
    plain(StatusCode::BAD_REQUEST, "not a WebSocket handshake")
}

fn offers(headers: &HeaderMap, protocol: &str) -> bool {
    has_token(headers, &SEC_WEBSOCKET_PROTOCOL, protocol)
}

/// Whether a comma-separated header has a token, in whatever case (RFC 9110, section 5.6.1).
fn has_token(headers: &HeaderMap, name: &axum::http::HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|value| value.trim().eq_ignore_ascii_case(token))
}
