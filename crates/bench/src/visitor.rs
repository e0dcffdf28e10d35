//! One member of a Maru room on a thread of their own, who waits for each answer: for those who disturb, where speed
//! does not matter.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::framing::{self, Header};
use crate::tongue::Tongue;

/// A connection to a room.
#[derive(Debug)]
pub struct Visitor {
    stream: TcpStream,
    heard: Vec<u8>,
}

impl Visitor {
    /// Comes in, from a cursor on where there is one. Returns the `welcome` too.
    pub fn enter(port: u16, name: &str, cursor: Option<&Value>) -> io::Result<(Self, Value)> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        let mut visitor = Self { stream, heard: Vec::new() };
        visitor.stream.write_all(Tongue::Maru.upgrade(port).as_bytes())?;
        let head_bytes = loop {
            match visitor.heard.windows(4).position(|four| four == b"\r\n\r\n") {
                Some(end) => break end + 4,
                None => visitor.read_more()?,
            }
        };
        visitor.heard.drain(..head_bytes);
        visitor.wait_for("room")?;
        let mut hello = json!({"type": "hello", "nickname": name});
        if let Some(cursor) = cursor {
            hello["cursor"] = cursor.clone();
        }
        visitor.say(&hello)?;
        let welcome = visitor.wait_for("welcome")?;
        Ok((visitor, welcome))
    }

    /// Says a frame.
    pub fn say(&mut self, frame: &Value) -> io::Result<()> {
        let mut bytes = Vec::new();
        framing::masked(framing::TEXT, frame.to_string().as_bytes(), &mut bytes);
        self.stream.write_all(&bytes)
    }

    /// The next frame of a type; everything else is passed over, a refusal and a good-bye apart.
    pub fn wait_for(&mut self, kind: &str) -> io::Result<Value> {
        let start = |kind: &str| format!(r#"{{"type":"{kind}""#).into_bytes();
        let ends = [start("refused"), start("bye")];
        let wanted = start(kind);
        loop {
            let payload = self.next_text()?;
            if payload.starts_with(&wanted) {
                return Ok(serde_json::from_slice(&payload)?);
            }
            if ends.iter().any(|end| payload.starts_with(end)) {
                return Err(io::Error::other(String::from_utf8_lossy(&payload).into_owned()));
            }
        }
    }

    fn next_text(&mut self) -> io::Result<Vec<u8>> {
        loop {
            let Some(header) = Header::read(&self.heard).filter(|h| h.frame_bytes() <= self.heard.len())
            else {
                self.read_more()?;
                continue;
            };
            let payload = self.heard[header.bytes..header.frame_bytes()].to_vec();
            self.heard.drain(..header.frame_bytes());
            match header.opcode {
                framing::TEXT => return Ok(payload),
                framing::PING => {
                    let mut pong = Vec::new();
                    framing::masked(framing::PONG, &payload, &mut pong);
                    self.stream.write_all(&pong)?;
                }
                framing::CLOSE => return Err(ErrorKind::ConnectionAborted.into()),
                _ => {}
            }
        }
    }

    fn read_more(&mut self) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        match self.stream.read(&mut buffer)? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            count => {
                self.heard.extend_from_slice(&buffer[..count]);
                Ok(())
            }
        }
    }
}

const ANSWER_WITHIN: Duration = Duration::from_secs(10);
