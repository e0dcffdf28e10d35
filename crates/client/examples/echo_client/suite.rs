//! The client's side of the Autobahn fuzzing protocol, over the product's own dial code: ask how many cases there
//! are, echo through each of them, ask for the report.

use std::fmt;

use futures_util::{SinkExt, StreamExt};
use maru_client::dial::{DialOptions, Route, Socket, dial_url};
use maru_client::{Fault, Target};
use tokio_tungstenite::tungstenite::Message;

/// Why the suite could not be run. That a case fails is the server's to report.
#[derive(Debug)]
pub(crate) enum SuiteError {
    /// Not the address of a WebSocket server.
    Address,
    /// The server could not be dialed.
    Dial(Fault),
    /// It did not say how many cases there are.
    Count,
}

impl fmt::Display for SuiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => f.write_str("this is no address of a WebSocket server"),
            Self::Dial(fault) => write!(f, "it could not be dialed ({fault:?})"),
            Self::Count => f.write_str("it did not say how many cases there are"),
        }
    }
}

/// Goes through all cases and returns how many there were.
pub(crate) async fn run(
    server: &str,
    agent: &str,
    mut progress: impl FnMut(u32, u32),
) -> Result<u32, SuiteError> {
    let server = server.trim_end_matches('/');
    let agent = percent_encoded(agent);
    let cases = count(open(&format!("{server}/getCaseCount")).await?).await?;
    for case in 1..=cases {
        progress(case, cases);
        echo(open(&format!("{server}/runCase?case={case}&agent={agent}")).await?).await;
    }
    let mut report = open(&format!("{server}/updateReports?agent={agent}")).await?;
    while let Some(Ok(_)) = report.next().await {}
    Ok(cases)
}

async fn open(url: &str) -> Result<Socket, SuiteError> {
    let target = Target::parse(url).map_err(|_| SuiteError::Address)?;
    let options = DialOptions { subprotocol: None, message_bytes_max: MESSAGE_BYTES_MAX };
    dial_url(&Route::to(target), options).await.map(|dialed| dialed.socket).map_err(SuiteError::Dial)
}

async fn count(mut socket: Socket) -> Result<u32, SuiteError> {
    let mut cases = Err(SuiteError::Count);
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Text(text) = message {
            cases = text.trim().parse().map_err(|_| SuiteError::Count);
        }
    }
    cases
}

async fn echo(mut socket: Socket) {
    while let Some(Ok(message)) = socket.next().await {
        let echoed = matches!(message, Message::Text(_) | Message::Binary(_));
        // What goes wrong on the way is what the server looks at.
        if echoed && socket.send(message).await.is_err() {
            break;
        }
    }
}

/// Every byte but the unreserved ones (RFC 3986, section 2.3).
fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}

/// The suite's largest messages have 16 MiB.
const MESSAGE_BYTES_MAX: usize = 64 * 1024 * 1024;
