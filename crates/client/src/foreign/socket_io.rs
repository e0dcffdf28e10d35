//! Socket.IO (protocol 5) in Engine.IO (protocol 4), as one client of one namespace speaks it: packets in, what they tell
//! out. Whether they come in a WebSocket or by long polling is the business of [`crate::engine_io`].
//!
//! A chat line is an event `message` with one text, `id: text` or any other. Other events are shown as the server's, as
//! `event: data`, so that nobody misses what is said under a name that we do not know.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use maru_wire::limits::{FRAME_BYTES_MAX, PING_INTERVAL_MS};
use serde::Deserialize;
use serde_json::Value as Json;
use socketioxide_core::packet::{Packet, PacketData};
use socketioxide_core::parser::{Parse, ParseConfig, ParseError, ParserState};
use socketioxide_core::{Str, Value};
use socketioxide_parser_common::CommonParser;

use super::codec::{By, Payload, Told, line};
use crate::event::Fault;

/// One connection to a namespace.
pub(super) struct SocketIo {
    namespace: String,
    /// How the server calls us there, once it let us in.
    id: Option<String>,
    silence_max: Duration,
    /// A packet whose binary parts are still to come.
    parts: ParserState,
    config: ParseConfig,
}

/// The first packet of Engine.IO, as far as it concerns us.
#[derive(Deserialize)]
struct Open {
    #[serde(rename = "pingInterval")]
    ping_interval: u64,
    #[serde(rename = "pingTimeout")]
    ping_timeout: u64,
}

impl SocketIo {
    /// The namespace is the path of the address: `http://host:3000/admin` leads to `/admin`. A path that begins with that
    /// of Socket.IO itself names none.
    pub(super) fn new(path: &str) -> Self {
        let path = path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let is_own = path.is_empty() || path == "/socket.io" || path.starts_with("/socket.io/");
        // A comma ends a namespace within a packet.
        let namespace = if is_own { "/".into() } else { path.replace(',', "%2C") };
        let config = ParseConfig {
            max_incoming_binary_buf_size: BINARY_BYTES_MAX,
            max_incoming_binaries: BINARY_PARTS_MAX,
            ..ParseConfig::default()
        };
        Self { namespace, id: None, silence_max: SILENCE_MAX, parts: ParserState::default(), config }
    }

    /// A new connection: nothing of the one before holds.
    pub(super) fn handle_connected(&mut self) {
        (self.id, self.silence_max, self.parts) = (None, SILENCE_MAX, ParserState::default());
    }

    pub(super) fn handle_payload(&mut self, payload: Payload<'_>) -> Vec<Told> {
        match payload {
            Payload::Text(packet) => self.engine_packet(packet),
            Payload::Binary(bytes) => {
                let part = Bytes::copy_from_slice(bytes);
                let whole = CommonParser.decode_bin(&self.config, &self.parts, part);
                self.whole(whole)
            }
        }
    }

    pub(super) fn say(&self, text: &str) -> String {
        let event = CommonParser.encode_value(text, Some("message"));
        let event = event.expect("a text is JSON");
        self.encoded(Packet::event(Str::from(self.namespace.clone()), event))
    }

    pub(super) fn own_name(&self) -> Option<&str> {
        self.id.as_deref()
    }

    pub(super) fn silence_max(&self) -> Duration {
        self.silence_max
    }

    /// A packet of Engine.IO: a digit, and what belongs to it.
    fn engine_packet(&mut self, packet: &str) -> Vec<Told> {
        let mut chars = packet.chars();
        match (chars.next(), chars.as_str()) {
            (Some('0'), open) => self.opened(open),
            (Some('1'), _) => vec![Told::Broken],
            (Some('2'), data) => vec![Told::Answer(format!("3{data}"))],
            (Some('4'), packet) if packet.starts_with('4') => vec![self.turned_away(&packet[1..])],
            (Some('4'), packet) => {
                let packet = Str::copy_from_slice(packet);
                let whole = CommonParser.decode_str(&self.config, &self.parts, packet);
                self.whole(whole)
            }
            // Pongs, the end of an upgrade, and what is not known.
            _ => Vec::new(),
        }
    }

    fn opened(&mut self, open: &str) -> Vec<Told> {
        let Ok(Open { ping_interval, ping_timeout }) = serde_json::from_str(open) else {
            return vec![Told::Broken];
        };
        let silence = Duration::from_millis(ping_interval.saturating_add(ping_timeout));
        self.silence_max = silence.clamp(SILENCE_MIN, SILENCE_MAX);
        let connect = Packet::connect(Str::from(self.namespace.clone()), None);
        vec![Told::Answer(self.encoded(connect))]
    }

    fn whole(&mut self, packet: Result<Packet, ParseError>) -> Vec<Told> {
        let packet = match packet {
            Ok(packet) if packet.ns.as_str() == self.namespace => packet,
            // Nothing that we asked for.
            Ok(_) | Err(ParseError::NeedsMoreBinaryData) => return Vec::new(),
            Err(_) => return vec![Told::Broken],
        };
        match packet.inner {
            PacketData::Connect(data) => {
                #[derive(Deserialize)]
                struct Connected {
                    sid: String,
                }
                let data = data.as_ref().and_then(Value::as_str).map(|text| serde_json::from_str(text));
                let Some(Ok(Connected { sid })) = data else { return vec![Told::Broken] };
                self.id = Some(sid);
                vec![Told::LetIn]
            }
            // The server did so on purpose: socket.io-client does not come back by itself either.
            PacketData::Disconnect => vec![Told::Over(Fault::RoomClosed)],
            PacketData::Event(data, _) => event(&data).into_iter().collect(),
            PacketData::BinaryEvent(Value::Str(_, parts), _) => {
                let bytes = parts.iter().flatten().map(Bytes::len).sum();
                vec![Told::Binary { bytes }]
            }
            PacketData::BinaryEvent(Value::Bytes(part), _) => vec![Told::Binary { bytes: part.len() }],
            // We ask for no acknowledgement, and errors were taken out before.
            PacketData::EventAck(..) | PacketData::BinaryAck(..) | PacketData::ConnectError(_) => Vec::new(),
        }
    }

    /// Why the namespace is not open to us: `{"message":…}`, behind the namespace.
    fn turned_away(&self, rest: &str) -> Told {
        #[derive(Deserialize)]
        struct Refused {
            message: String,
        }
        let json = rest.find('{').map(|at| &rest[at..]).unwrap_or_default();
        let message = serde_json::from_str(json).map(|Refused { message }| message).unwrap_or_default();
        Told::Over(if message == "Invalid namespace" { Fault::NotARoom } else { Fault::Forbidden })
    }

    /// As a message packet of Engine.IO.
    fn encoded(&self, packet: Packet) -> String {
        match CommonParser.encode(packet) {
            Value::Str(text, _) => format!("4{text}"),
            Value::Bytes(_) => unreachable!("this parser makes texts"),
        }
    }
}

/// An event: its name first, then its data.
fn event(data: &Value) -> Option<Told> {
    let mut data: Vec<Json> = serde_json::from_str(data.as_str()?).ok()?;
    if data.is_empty() {
        return None;
    }
    let name = data.remove(0);
    let name = name.as_str()?;
    let text = match data.as_slice() {
        [Json::String(text)] => text.clone(),
        [one] => one.to_string(),
        several => several.iter().map(Json::to_string).collect::<Vec<_>>().join(" "),
    };
    Some(match name {
        "message" => line(&text),
        other => Told::Line { by: By::Server, text: format!("{other}: {text}") },
    })
}

impl fmt::Debug for SocketIo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketIo").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

/// Bytes of the binary parts of one packet.
const BINARY_BYTES_MAX: usize = FRAME_BYTES_MAX;

/// Binary parts of one packet.
const BINARY_PARTS_MAX: usize = 16;

/// The shortest silence that a server may ask us to take for its end.
const SILENCE_MIN: Duration = Duration::from_secs(2);

/// The longest one, and the one until it has said its own: Socket.IO's defaults are 25 and 20 s.
const SILENCE_MAX: Duration = Duration::from_millis(6 * PING_INTERVAL_MS);
