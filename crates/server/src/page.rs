//! The page for browser guests, built into the program: the same chat as in the window.

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../ui/dist"]
#[allow_missing = true]
struct Built;

/// Answers a plain GET: a file of the page, or the way to it. `host` is the checked `Host` of the request.
pub(crate) fn answer(path: &str, host: &str) -> Response<Body> {
    let path = path.trim_start_matches('/');
    if path == "favicon.ico" {
        return file("favicon.ico", FAVICON.into(), host);
    }
    let name = if path.is_empty() { "index.html" } else { path };
    match Built::get(name) {
        Some(built) => file(name, built.data.into_owned(), host),
        None if path.is_empty() => {
            let mut response = file("missing.html", NOT_BUILT.as_bytes().to_vec(), host);
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            response
        }
        None if path.starts_with("assets/") => plain(StatusCode::NOT_FOUND, "no such file"),
        None => {
            let mut response = plain(StatusCode::FOUND, "the chat is at /");
            response.headers_mut().insert(LOCATION, HeaderValue::from_static("/"));
            response
        }
    }
}

/// A few words, for programs and people who lost their way.
pub(crate) fn plain(status: StatusCode, words: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(words));
    *response.status_mut() = status;
    secure(response.headers_mut());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// The headers of every answer: no sniffing, no framing, no referrer, nobody else's page may read it.
pub(crate) fn secure(headers: &mut HeaderMap) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
}

fn file(name: &str, bytes: Vec<u8>, host: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    secure(headers);
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    let text = kind.type_() == "text" || kind.subtype() == "javascript";
    let kind = if text { format!("{}; charset=utf-8", kind.essence_str()) } else { kind.to_string() };
    headers.insert(CONTENT_TYPE, HeaderValue::try_from(kind).expect("a media type is ASCII"));
    // Built files carry a hash of their content in their names.
    if name.starts_with("assets/") {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    }
    if let Ok(policy) = HeaderValue::try_from(content_security_policy(host)) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Nothing but the page's own files and its own room. The WebSocket is named in full: `'self'` does not
/// cover `ws:` in every browser a phone may have.
fn content_security_policy(host: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self' ws://{host} wss://{host}; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
}

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

const FAVICON: &[u8] = include_bytes!("../../../icons/icon.ico");

const NOT_BUILT: &str = "<!doctype html><meta charset=utf-8><title>Maru</title><p>This program was built without \
its page. Build it with <code>cargo xtask run</code>. The room itself is open.";
