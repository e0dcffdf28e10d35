//! How connections end: with the last words written and the peer's awaited, in bounded time, or at once where
//! there is nobody to say anything to.

use std::net::Shutdown;
use std::time::Duration;

use maru_wire::ByeCode;

use super::Handler;
use super::connection::Farewell;
use super::connections::Marks;
use super::encode::close_frame;
use super::reader::Broken;
use super::sweeper::Sweeper;

/// Close codes of RFC 6455, section 7.4.1.
const PROTOCOL_ERROR: u16 = 1002;
const INVALID_TEXT: u16 = 1007;
const TOO_LARGE: u16 = 1009;

impl<H: Handler> Sweeper<H> {
    /// Ends a connection with these words, after everything that was announced before them.
    pub(super) fn end(&mut self, index: u32, words: Vec<u8>, awaits_close: bool) {
        self.end_within(index, words, awaits_close, self.limits.close_max);
    }

    fn end_within(&mut self, index: u32, words: Vec<u8>, awaits_close: bool, patience: Duration) {
        let Some((line, connection)) = self.connections.get(index) else { return };
        if connection.is_ending() {
            return;
        }
        connection.end(words, line.due_after(&self.feeds), awaits_close, self.now + patience);
        line.marks.set(Marks::APART);
        let due = connection.poll_timeout(&self.limits);
        // The seat is free while the last words are still on their way.
        self.handler.gone(connection.id);
        self.schedule(due, index);
        self.queue_write(index);
        self.read_on(index);
    }

    /// Lets a connection go, however much it has not heard yet.
    pub(super) fn let_go(&mut self, index: u32, code: ByeCode) {
        if let Some((line, connection)) = self.connections.get(index) {
            let words = self.handler.farewell(line.tongue, code);
            if !connection.is_ending() {
                connection.forget_private();
            }
            self.leave_feed(index);
            // Who is behind may hear why as late as it may hear anything.
            let patience = match code {
                ByeCode::TooSlow => self.limits.write_stall_max,
                _ => self.limits.close_max,
            };
            self.end_within(index, words, true, patience);
        }
    }

    /// Ends a connection whose bytes make no sense any more.
    pub(super) fn break_off(&mut self, index: u32, broken: Broken) {
        let Some((line, _)) = self.connections.get(index) else { return };
        let words = match broken {
            Broken::TooManyFrames => self.handler.farewell(line.tongue, ByeCode::TooManyFrames),
            Broken::TooLarge => close_frame(TOO_LARGE, "message too large"),
            Broken::NotUtf8 => close_frame(INVALID_TEXT, "text that is not UTF-8"),
            Broken::Framing => close_frame(PROTOCOL_ERROR, "broken framing"),
        };
        self.leave_feed(index);
        self.end(index, words, false);
    }

    /// Drops a connection whose TLS is broken: nothing can be said on it any more but why.
    pub(super) fn break_seal(&mut self, index: u32, error: &rustls::Error) {
        tracing::debug!(%error, "TLS broke off");
        self.write_alert(index);
        self.drop_connection(index);
    }

    /// Answers peers that have said that they close.
    pub(super) fn answer_closes(&mut self) {
        for (id, reply) in std::mem::take(&mut self.closes) {
            if let Some(index) = self.connections.index_of(id) {
                self.leave_feed(index);
                self.end(index, reply, false);
            }
        }
    }

    /// A connection hears no more of the feed than the frame it stands in.
    pub(super) fn leave_feed(&mut self, index: u32) {
        let Some((line, connection)) = self.connections.get(index) else { return };
        if line.marks.has(Marks::LIVE) {
            connection.leave_feed(line.feed(&self.feeds).rest_of_frame(line.position));
            line.marks.clear(Marks::LIVE);
            line.marks.set(Marks::APART);
        }
    }

    /// Takes an ending further, once its words are written and the peer has said its own.
    pub(super) fn go_on_ending(&mut self, index: u32) {
        let Some((line, connection)) = self.connections.get(index) else { return };
        match connection.poll_farewell() {
            Farewell::Wait => {}
            Farewell::Seal => self.queue_write(index),
            Farewell::Shut => match line.stream().and_then(|stream| stream.shutdown(Shutdown::Write)) {
                Ok(()) => self.read_on(index),
                Err(_) => self.drop_connection(index),
            },
            Farewell::Over => self.drop_connection(index),
        }
    }

    /// Drops a connection without a word.
    pub(super) fn drop_connection(&mut self, index: u32) {
        let Some((mut stream, connection)) = self.connections.remove(index) else { return };
        self.deregister(&mut stream);
        if !connection.is_ending() {
            self.handler.gone(connection.id);
        }
    }
}
