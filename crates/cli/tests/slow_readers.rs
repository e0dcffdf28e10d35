//! Members who never read, while much is said: what they cost the host is bounded, and the others do not notice. The
//! real binary, so that the memory looked at is the host's alone. Linux only, which tells a process's memory in a file.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails")]

mod common;

use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::Duration;

use common::Maru;

#[test]
fn two_hundred_who_never_read_cost_the_host_less_than_64_mib() {
    let words = ["--rate", "100000", "--max-members", "300", "--name", "Slow"];
    let (host, url) = Maru::host(&words);
    let silent: Vec<Peer> = (0..SLOW).map(|n| Peer::join(&url, &format!("slow {n}"))).collect();
    let mut speaker = Peer::join(&url, "speaker");
    let listener = Peer::join(&url, "listener");
    let before = memory_kib(host.id(), "VmRSS:");
    let (hears, heard) = mpsc::channel();
    let listening = std::thread::spawn(move || listener.hear_all(&hears));
    speaker.say_all(&heard);
    listening.join().unwrap();
    let grown = memory_kib(host.id(), "VmHWM:").saturating_sub(before);
    println!("{before} KiB, and {grown} more at its highest");
    assert!(grown < GROWTH_KIB_MAX, "the host has taken {grown} KiB more at its highest");
    drop(silent);
}

/// One connection by hand, which reads only where it is told to.
struct Peer {
    from: BufReader<TcpStream>,
    frame: Vec<u8>,
}

impl Peer {
    /// Joins as nobody in particular, and reads until it is let in.
    fn join(url: &str, nickname: &str) -> Self {
        let host = url.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let handshake = format!(
            "GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: maru.v1\r\n\r\n"
        );
        stream.write_all(handshake.as_bytes()).unwrap();
        let mut peer = Self { from: BufReader::with_capacity(256 * 1024, stream), frame: Vec::new() };
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            peer.from.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&head));
        peer.send(&format!(r#"{{"type":"hello","nickname":"{nickname}"}}"#));
        while !peer.frame.starts_with(br#"{"type":"welcome""#) {
            peer.read();
        }
        peer
    }

    fn send(&mut self, text: &str) {
        self.send_frame(0x81, text.as_bytes());
    }

    /// Sends a frame, masked by zeros, which is a mask like any other.
    fn send_frame(&mut self, first: u8, payload: &[u8]) {
        let length = payload.len();
        let mut frame = vec![first];
        match length {
            0..=125 => frame.push(0x80 | length as u8),
            126..=0xffff => {
                frame.push(0x80 | 126);
                frame.extend((length as u16).to_be_bytes());
            }
            _ => {
                frame.push(0x80 | 127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        self.from.get_mut().write_all(&frame).unwrap();
    }

    /// Reads the next frame into its buffer, and answers pings on the way: on a busy machine all this takes longer than
    /// two of them may go unanswered.
    fn read(&mut self) {
        while self.read_frame() == PING {
            let payload = std::mem::take(&mut self.frame);
            self.send_frame(0x80 | PONG, &payload);
        }
    }

    /// Reads a frame. Returns its opcode (RFC 6455, section 5.2).
    fn read_frame(&mut self) -> u8 {
        let mut head = [0; 2];
        self.from.read_exact(&mut head).unwrap();
        let opcode = head[0] & 0x0f;
        assert_ne!(opcode, CLOSE, "let go");
        let length = match head[1] {
            126 => {
                let mut length = [0; 2];
                self.from.read_exact(&mut length).unwrap();
                u64::from(u16::from_be_bytes(length))
            }
            127 => {
                let mut length = [0; 8];
                self.from.read_exact(&mut length).unwrap();
                u64::from_be_bytes(length)
            }
            length => u64::from(length),
        };
        self.frame.resize(length as usize, 0);
        self.from.read_exact(&mut self.frame).unwrap();
        opcode
    }

    /// Reads until so many messages were heard, in the order of the log, each as it is heard.
    fn hear_message(&mut self, count: u64, mut each: impl FnMut(&mut Self)) {
        let mut heard = 0;
        while heard < count {
            self.read();
            if let Some(seq) = seq_of_entry(&self.frame) {
                heard += 1;
                assert_eq!(seq, heard, "each once, in order");
                each(self);
            }
        }
    }

    /// Hears everything, and says so.
    fn hear_all(mut self, hears: &mpsc::Sender<()>) {
        self.hear_message(MESSAGES, |_| hears.send(()).unwrap());
    }

    /// Says everything, with so much under way that the room is never idle; no faster than the listener hears it, who
    /// would be let go as well otherwise.
    fn say_all(&mut self, heard: &mpsc::Receiver<()>) {
        let text = "x".repeat(MESSAGE_BYTES);
        let mut said = 0;
        let mut say = move |peer: &mut Self| {
            if said < MESSAGES {
                peer.send(&format!(r#"{{"type":"say","id":"m{said}","text":"{text}"}}"#));
                said += 1;
            }
        };
        (0..UNDER_WAY).for_each(|_| say(self));
        self.hear_message(MESSAGES, |peer| {
            heard.recv_timeout(PATIENCE).expect("the listener hears it");
            say(peer);
        });
    }
}

/// The place in the log that an `entry` frame tells; none for any other.
fn seq_of_entry(frame: &[u8]) -> Option<u64> {
    let head = std::str::from_utf8(&frame[..frame.len().min(200)]).ok()?;
    let is_entry = head.starts_with(r#"{"type":"entry""#);
    let digits = head.split_once(r#""seq":"#)?.1.split(|c: char| !c.is_ascii_digit()).next()?;
    is_entry.then(|| digits.parse().ok()).flatten()
}

/// What the kernel says of a process's memory.
fn memory_kib(process: u32, what: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Fails rather than hangs. Never a measure of speed.
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xa;

const PATIENCE: Duration = Duration::from_secs(60);

const SLOW: usize = 200;

/// Together 100 MB.
const MESSAGES: u64 = 3_200;
const MESSAGE_BYTES: usize = 32 * 1024;

/// Messages that wait for their entry.
const UNDER_WAY: u64 = 16;

const GROWTH_KIB_MAX: u64 = 64 * 1024;
