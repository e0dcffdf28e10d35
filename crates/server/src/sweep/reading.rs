//! What comes from the peers: bounded work for each connection in each turn, and none for one that is not
//! listened to. Readiness is told once, so it is noted and acted on when there is room.

use std::io::{self, Read};

use super::Handler;
use super::connection::Connection;
use super::connections::{Line, Marks};
use super::encode;
use super::private::Then;
use super::reader::{Broken, Piece};
use super::sweeper::Sweeper;

impl<H: Handler> Sweeper<H> {
    /// Reads from everybody who may have something.
    pub(super) fn read_all(&mut self) {
        self.is_handler_waited_for = false;
        for index in std::mem::take(&mut self.reads) {
            if let Some((line, _)) = self.connections.get(index) {
                line.marks.clear(Marks::IN_READS);
                self.read(index);
                self.read_on(index);
            }
        }
    }

    /// Puts a connection on the list if there is something to be heard and it is listened to.
    pub(super) fn read_on(&mut self, index: u32) {
        let limits = self.limits;
        if let Some((line, connection)) = self.connections.get(index)
            && (connection.reader.has_input() || line.marks.has(Marks::READABLE))
            && connection.listens(&limits)
        {
            self.queue_read(index);
        }
    }

    fn read(&mut self, index: u32) {
        let Some((line, connection)) = self.connections.get(index) else { return };
        if !connection.listens(&self.limits) {
            return;
        }
        if connection.is_open() && !self.handler.listens() {
            self.is_handler_waited_for = true;
            return;
        }
        if connection.reader.has_input() {
            let kept = connection.reader.take_kept();
            return self.hear(index, &kept);
        }
        if !line.marks.has(Marks::READABLE) {
            return;
        }
        if connection.sealed.as_ref().is_some_and(|seal| seal.has_peer_closed()) {
            return self.handle_peer_shut(index);
        }
        let is_sealed = line.marks.has(Marks::SEALED);
        let mut buffer = std::mem::take(&mut self.buffer);
        match read_once(line, &mut buffer) {
            Ok(Some(0)) => self.handle_peer_shut(index),
            Ok(Some(count)) if is_sealed => self.open_seal(index, &[], &buffer[..count]),
            Ok(Some(count)) => self.take_bytes(index, &buffer[..count]),
            Ok(None) => {}
            Err(_) => self.drop_connection(index),
        }
        self.buffer = buffer;
    }

    /// Takes bytes that came over TLS, after some that were opened before.
    pub(super) fn open_seal(&mut self, index: u32, already_opened: &[u8], sealed: &[u8]) {
        let Some((line, connection)) = self.connections.get(index) else { return };
        if connection.is_deaf() {
            return;
        }
        let Some(seal) = connection.sealed.as_mut() else { return };
        let mut opened = std::mem::take(&mut self.opened);
        opened.extend_from_slice(already_opened);
        let result = seal.open(sealed, &mut opened);
        if seal.has_peer_closed() {
            // The end is read like that of the socket: after everything before it was heard.
            line.marks.set(Marks::READABLE);
        }
        if seal.has_pending() {
            self.queue_write(index);
        }
        match result {
            Ok(()) => self.take_bytes(index, &opened),
            Err(error) => self.break_seal(index, &error),
        }
        opened.clear();
        self.opened = opened;
    }

    /// Takes bytes as they came.
    pub(super) fn take_bytes(&mut self, index: u32, bytes: &[u8]) {
        let Some((_, connection)) = self.connections.get(index) else { return };
        if connection.is_deaf() {
            return;
        }
        match connection.reader.count(bytes) {
            Ok(()) => self.hear(index, bytes),
            Err(broken) => self.handle_broken(index, broken),
        }
    }

    /// Makes messages of bytes, for as long as somebody listens.
    fn hear(&mut self, index: u32, mut bytes: &[u8]) {
        while let Some((_, connection)) = self.connections.get(index).filter(|(_, c)| !c.is_deaf()) {
            let is_handler_deaf = connection.is_open() && !self.handler.listens();
            if is_handler_deaf || !connection.listens(&self.limits) {
                self.is_handler_waited_for |= is_handler_deaf;
                return connection.reader.keep(bytes);
            }
            match connection.reader.next(&mut bytes, &self.limits) {
                Ok(Some(piece)) => {
                    connection.handle_piece();
                    self.handle_piece(index, piece);
                }
                Ok(None) => return,
                Err(broken) => return self.handle_broken(index, broken),
            }
        }
    }

    fn handle_piece(&mut self, index: u32, piece: Piece) {
        let Some((line, connection)) = self.connections.get(index) else { return };
        match piece {
            Piece::Message(heard) if connection.is_open() => {
                let share = self.handler.heard(connection.id, heard);
                connection.handle_heard(share);
            }
            Piece::Ping(payload) if connection.is_open() => {
                let pong = encode::frame(encode::PONG, &payload);
                // Who is listened to has room for it.
                connection.tell(pong, line.due_after(&self.feeds), Then::Nothing, &self.limits);
                line.marks.set(Marks::APART);
                self.queue_write(index);
            }
            Piece::Close(close) => {
                let reply = match close {
                    Some(close) => encode::close_frame(close.code.into(), &close.reason),
                    None => encode::frame(encode::CLOSE, b""),
                };
                self.handle_peer_close(index, reply);
            }
            Piece::Message(_) | Piece::Ping(_) | Piece::Pong => {}
        }
    }

    fn handle_peer_close(&mut self, index: u32, reply: Vec<u8>) {
        let Some((_, connection)) = self.connections.get(index) else { return };
        if connection.is_open() {
            // Answered after what was heard before it.
            self.closes.push((connection.id, reply));
        }
        stop_listening(connection);
        self.go_on_ending(index);
    }

    fn handle_peer_shut(&mut self, index: u32) {
        let Some((line, connection)) = self.connections.get(index) else { return };
        line.marks.clear(Marks::READABLE);
        if connection.handle_peer_shut() {
            self.go_on_ending(index);
        } else {
            self.drop_connection(index);
        }
    }

    fn handle_broken(&mut self, index: u32, broken: Broken) {
        let Some((_, connection)) = self.connections.get(index) else { return };
        if !connection.is_open() {
            stop_listening(connection);
            return self.go_on_ending(index);
        }
        self.break_off(index, broken);
    }
}

fn stop_listening(connection: &mut Connection) {
    connection.handle_peer_close();
    connection.reader.stop();
}

/// Reads what there is, and notes whether there may be more.
fn read_once(line: &mut Line, buffer: &mut [u8]) -> io::Result<Option<usize>> {
    let read = line.stream()?.read(buffer);
    match read {
        Ok(count) => {
            // Less than was asked for is all there is, where readiness is told by the system and not guessed
            // by a library, and where the end does not hide behind it.
            let is_all = count < buffer.len() && cfg!(unix) && !line.marks.has(Marks::PEER_SHUT);
            if is_all {
                line.marks.clear(Marks::READABLE);
            }
            Ok(Some(count))
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            line.marks.clear(Marks::READABLE);
            Ok(None)
        }
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
        Err(error) => Err(error),
    }
}
