//! One question over HTTP/1.1 and its answer, bounded in every way: what is asked of a server before it is known what it
//! speaks, and the transport of Engine.IO where there is no WebSocket.

use std::pin::{Pin, pin};
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use maru_wire::limits::HEADERS_MAX;

use crate::dial::Stream;
use crate::inspector::{Header, Seen};

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// Where, for whoever looks at it.
    pub url: String,
    /// The host and port in it.
    pub authority: String,
    /// Path and query.
    pub path: String,
    /// What is posted; nothing is a GET.
    pub body: Option<String>,
    /// Bytes of the answer that are read at most.
    pub bytes_max: usize,
    /// How long all of it may take.
    pub patience: Duration,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: Vec<u8>,
    /// Both, as they are seen.
    pub seen: Vec<Seen>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// What came was no HTTP, or more than was asked for.
    Strange,
    /// Nothing came in time.
    Late,
}

/// Asks over a stream of its own.
pub(crate) async fn ask(stream: Box<dyn Stream>, question: Question) -> Result<Answer, NoAnswer> {
    let patience = question.patience;
    tokio::time::timeout(patience, asked(stream, question)).await.map_err(|_| NoAnswer::Late)?
}

async fn asked(stream: Box<dyn Stream>, question: Question) -> Result<Answer, NoAnswer> {
    let mut http = http1::Builder::new();
    http.max_headers(HEADERS_MAX).max_buf_size(HEAD_BUFFER_BYTES);
    let (mut sender, connection) =
        http.handshake(TokioIo::new(stream)).await.map_err(|_| NoAnswer::Strange)?;
    let asking = async {
        let method = if question.body.is_some() { Method::POST } else { Method::GET };
        let mut request =
            Request::builder().method(&method).uri(&question.path).header(HOST, &question.authority);
        if question.body.is_some() {
            request = request.header(CONTENT_TYPE, "text/plain;charset=UTF-8");
        }
        let body = question.body.unwrap_or_default();
        let request = request.body(body).map_err(|_| NoAnswer::Strange)?;
        let asked = Seen::Request {
            url: question.url,
            line: format!("{method} {} HTTP/1.1", question.path),
            headers: headers(request.headers()),
        };
        let response = sender.send_request(request).await.map_err(|_| NoAnswer::Strange)?;
        let status = response.status();
        let answered = Seen::Response { line: status_line(status), headers: headers(response.headers()) };
        let body = read(response.into_body(), question.bytes_max).await?;
        Ok(Answer { status, body, seen: vec![asked, answered] })
    };
    let (mut asking, mut connection) = (pin!(asking), pin!(connection));
    tokio::select! {
        biased;
        answer = &mut asking => answer,
        // The connection may end before the last of its answer is taken up.
        _ = &mut connection => asking.await,
    }
}

async fn read(mut body: Incoming, bytes_max: usize) -> Result<Vec<u8>, NoAnswer> {
    let mut read = Vec::new();
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(data) = frame.map_err(|_| NoAnswer::Strange)?.into_data() else { continue };
        if read.len() + data.len() > bytes_max {
            return Err(NoAnswer::Strange);
        }
        read.extend_from_slice(&data);
    }
    Ok(read)
}

/// A status line, as it stood there but for words that a server chose itself.
pub(crate) fn status_line(status: StatusCode) -> String {
    format!("HTTP/1.1 {} {}", status.as_u16(), status.canonical_reason().unwrap_or_default())
        .trim_end()
        .into()
}

/// Headers, for whoever looks at them.
pub(crate) fn headers(headers: &HeaderMap) -> Vec<Header> {
    let header = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| Header {
        name: name.to_string(),
        value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
    };
    headers.iter().take(HEADERS_MAX).map(header).collect()
}

/// Bytes of an answer's head that are buffered: twice what we ask others to make do with (`HEAD_BYTES_MAX`), the least that
/// the library takes.
const HEAD_BUFFER_BYTES: usize = 2 * maru_wire::limits::HEAD_BYTES_MAX;
