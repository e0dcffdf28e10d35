//! What the servers under test want to hear: how a member comes in, says a message, and knows one from the rest.

use crate::said::Said;

/// One way of talking over a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    /// `maru.v1`, see docs/PROTOCOL.md.
    Maru,
    /// Whatever one says, everybody hears.
    Plain,
    /// Socket.IO 4 over the WebSocket transport of Engine.IO 4.
    SocketIo,
    /// The same in a hosted room: one says text, and hears each message as text and as an event of its own, which counts.
    MarusSocketIo,
}

/// What to do with a text frame before one is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Greeting {
    /// Wait for the next.
    Wait,
    /// Answer this.
    Answer(String),
    /// One is in.
    Present,
}

/// What to do with a text frame that is no message, once one is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reaction {
    /// Let it pass.
    Pass,
    /// Answer this.
    Answer(&'static str),
    /// The server refuses or ends it.
    LetGo(String),
}

impl Tongue {
    /// The request that asks for a WebSocket.
    pub fn upgrade(self, port: u16) -> String {
        let path = if self.is_socket_io() { "/socket.io/?EIO=4&transport=websocket" } else { "/" };
        let protocol = if self == Self::Maru { "Sec-WebSocket-Protocol: maru.v1\r\n" } else { "" };
        format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{protocol}\r\n"
        )
    }

    /// Whether members come by Socket.IO.
    pub fn is_socket_io(self) -> bool {
        matches!(self, Self::SocketIo | Self::MarusSocketIo)
    }

    /// Whether members hear of each other's coming.
    pub fn tells_presence(self) -> bool {
        matches!(self, Self::Maru | Self::MarusSocketIo)
    }

    /// Whether the upgrade alone makes one a member.
    pub fn is_present_at_once(self) -> bool {
        self == Self::Plain
    }

    /// What follows a text frame that is heard before one is in.
    pub fn greet(self, payload: &[u8], name: &str) -> Greeting {
        match self {
            Self::Maru if payload.starts_with(br#"{"type":"room""#) => {
                Greeting::Answer(format!(r#"{{"type":"hello","nickname":"{name}"}}"#))
            }
            Self::Maru if payload.starts_with(br#"{"type":"welcome""#) => Greeting::Present,
            _ if !self.is_socket_io() => Greeting::Wait,
            _ if payload.starts_with(b"0") => Greeting::Answer("40".into()),
            _ if payload.starts_with(b"40") => Greeting::Present,
            _ => Greeting::Wait,
        }
    }

    /// Appends the text frame's payload that says a message. Peers without a protocol get the same bytes as Maru.
    pub fn say(self, said: Said, text_bytes: usize, into: &mut Vec<u8>) {
        let Said { sender, number } = said;
        let text = said.text(text_bytes);
        if self == Self::MarusSocketIo {
            into.extend_from_slice(format!(r#"42["message","{text}"]"#).as_bytes());
            return;
        }
        // What is said at one time has names with one beginning, as those that Maru's own clients give.
        let frame = format!(r#"{{"type":"say","id":"{number:06}-{sender:04}","text":"{text}"}}"#);
        if self == Self::SocketIo {
            into.extend_from_slice(br#"42["message","#);
            into.extend_from_slice(frame.as_bytes());
            into.push(b']');
        } else {
            into.extend_from_slice(frame.as_bytes());
        }
    }

    /// Tells a message of somebody from what else the server says.
    pub fn is_delivery(self) -> fn(&[u8]) -> bool {
        match self {
            Self::Maru => |payload| payload.starts_with(br#"{"type":"entry""#),
            Self::Plain => |_| true,
            Self::SocketIo => |payload| payload.starts_with(b"42"),
            Self::MarusSocketIo => |payload| payload.starts_with(br#"42["entry","#),
        }
    }

    /// What follows a text frame that is no message.
    pub fn react(self, payload: &[u8]) -> Reaction {
        let ends = [&br#"{"type":"refused""#[..], br#"{"type":"bye""#];
        match self {
            Self::Maru if ends.iter().any(|end| payload.starts_with(end)) => {
                Reaction::LetGo(String::from_utf8_lossy(payload).into_owned())
            }
            _ if !self.is_socket_io() => Reaction::Pass,
            _ if payload == b"2" => Reaction::Answer("3"),
            _ if payload.starts_with(b"41") => Reaction::LetGo("disconnected".into()),
            // In a room of ours: it is told why not.
            _ if payload.starts_with(br#"42["message","* Not sent"#) => {
                Reaction::LetGo(String::from_utf8_lossy(payload).into_owned())
            }
            _ => Reaction::Pass,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_of_a_maru_room_comes_in_by_a_nickname_alone() {
        let greeting = Tongue::Maru.greet(br#"{"type":"room","id":"r1","name":"r","nonce":"n"}"#, "m1");
        assert_eq!(greeting, Greeting::Answer(r#"{"type":"hello","nickname":"m1"}"#.into()));
        assert_eq!(Tongue::Maru.greet(br#"{"type":"welcome","you":{}}"#, "m1"), Greeting::Present);
    }

    #[test]
    fn a_member_of_socket_io_connects_to_the_main_namespace_and_answers_its_pings() {
        assert_eq!(Tongue::SocketIo.greet(br#"0{"sid":"a"}"#, ""), Greeting::Answer("40".into()));
        assert_eq!(Tongue::SocketIo.greet(br#"40{"sid":"b"}"#, ""), Greeting::Present);
        assert_eq!(Tongue::SocketIo.react(b"2"), Reaction::Answer("3"));
    }

    #[test]
    fn on_socket_io_a_message_of_a_hosted_room_counts_once() {
        let is_delivery = Tongue::MarusSocketIo.is_delivery();
        let said = Said { sender: 3, number: 4 };
        let text = said.text(120);
        let entry = format!(r#"42["entry",{{"type":"entry","seq":8,"text":"{text}"}}]"#);
        assert!(is_delivery(entry.as_bytes()));
        assert_eq!(Said::find(entry.as_bytes()), Some(said));
        assert!(!is_delivery(format!(r#"42["message","Guest 3: {text}"]"#).as_bytes()));
        let mut payload = Vec::new();
        Tongue::MarusSocketIo.say(said, 120, &mut payload);
        assert_eq!(payload, format!(r#"42["message","{text}"]"#).as_bytes());
        let refused = br#"42["message","* Not sent: that was too fast. Wait a moment and say it again."]"#;
        assert!(matches!(Tongue::MarusSocketIo.react(refused), Reaction::LetGo(_)));
    }

    #[test]
    fn what_is_said_is_found_in_what_is_heard() {
        for tongue in [Tongue::Plain, Tongue::SocketIo] {
            let mut payload = Vec::new();
            let said = Said { sender: 3, number: 4 };
            tongue.say(said, 120, &mut payload);
            assert!((tongue.is_delivery())(&payload));
            assert_eq!(Said::find(&payload), Some(said));
        }
    }

    #[test]
    fn an_old_message_in_a_page_is_no_delivery() {
        let is_delivery = Tongue::Maru.is_delivery();
        assert!(is_delivery(br#"{"type":"entry","seq":8}"#));
        assert!(!is_delivery(
            br##"{"type":"page","of":"history","entries":[{"text":"#00001.0000000001."}]}"##
        ));
    }

    #[test]
    fn a_refusal_is_not_passed_over() {
        let refused = br#"{"type":"refused","code":"too_fast"}"#;
        assert!(matches!(Tongue::Maru.react(refused), Reaction::LetGo(_)));
    }
}
