//! TLS around one connection's bytes, once its handshake is done: what is due goes in and comes out encrypted, what
//! came goes in and comes out in the clear. Knows no socket. What is encrypted and not written is bounded; what is
//! opened is handed out at once, so nothing waits in here unseen.

use std::io::{self, IoSlice, Read, Write};

use maru_wire::limits::SEALED_BYTES_MAX;
use rustls::{Error, ServerConnection};

/// The TLS of one connection.
#[derive(Debug)]
pub(crate) struct Seal {
    tls: ServerConnection,
    /// Whether the peer has said that it writes nothing more (RFC 8446, section 6.1).
    has_peer_closed: bool,
    /// Whether we have.
    is_closed: bool,
}

/// What a write came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    /// Bytes taken of what was due.
    pub(crate) count: usize,
    /// Whether the socket took anything.
    pub(crate) progress: bool,
    /// Whether it takes nothing more now.
    pub(crate) is_blocked: bool,
}

impl Seal {
    pub(crate) fn new(mut tls: ServerConnection) -> Self {
        tls.set_buffer_limit(Some(SEALED_BYTES_MAX));
        Self { tls, has_peer_closed: false, is_closed: false }
    }

    /// Opens bytes of the peer, and appends what they mean.
    pub(crate) fn open(&mut self, mut sealed: &[u8], into: &mut Vec<u8>) -> Result<(), Error> {
        loop {
            // First of all what came before and is in here already.
            let state = self.tls.process_new_packets()?;
            let start = into.len();
            into.resize(start + state.plaintext_bytes_to_read(), 0);
            if let Err(error) = self.tls.reader().read_exact(&mut into[start..]) {
                return Err(Error::General(error.to_string()));
            }
            self.has_peer_closed |= state.peer_has_closed();
            if sealed.is_empty() || self.has_peer_closed {
                return Ok(());
            }
            if let Err(error) = self.tls.read_tls(&mut sealed) {
                return Err(Error::General(error.to_string()));
            }
        }
    }

    /// Encrypts as much of this as there is room for, and writes what is encrypted.
    pub(crate) fn write(&mut self, due: &[IoSlice<'_>], mut to: impl Write) -> io::Result<Written> {
        let count = self.tls.writer().write_vectored(due)?;
        Ok(Written { count, ..self.write_pending(&mut to)? })
    }

    /// Writes what is encrypted.
    pub(crate) fn write_pending(&mut self, mut to: impl Write) -> io::Result<Written> {
        let mut written = Written { count: 0, progress: false, is_blocked: false };
        while self.tls.wants_write() {
            match self.tls.write_tls(&mut to) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(_) => written.progress = true,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    written.is_blocked = true;
                    break;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(written)
    }

    /// Says that we write nothing more, once. Says whether that is still to be written.
    pub(crate) fn close(&mut self) -> bool {
        if std::mem::replace(&mut self.is_closed, true) {
            return false;
        }
        self.tls.send_close_notify();
        true
    }

    /// Whether something is encrypted and not written.
    pub(crate) fn has_pending(&self) -> bool {
        self.tls.wants_write()
    }

    /// Whether the peer writes nothing more.
    pub(crate) fn has_peer_closed(&self) -> bool {
        self.has_peer_closed
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig};

    use super::*;

    /// What came of one end and is not yet at the other.
    #[derive(Default)]
    struct Wire(Vec<u8>);

    impl Write for Wire {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A socket that takes nothing.
    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::WouldBlock.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Both ends of a connection whose handshake is done.
    fn pair() -> (ClientConnection, Seal) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let certificate = CertificateDer::from(made.cert.der().to_vec());
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(certificate).unwrap();
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut client = ClientConnection::new(Arc::new(client), "localhost".try_into().unwrap()).unwrap();
        let mut server = ServerConnection::new(Arc::new(server)).unwrap();
        while client.is_handshaking() || server.is_handshaking() {
            let mut wire = Wire::default();
            while client.wants_write() {
                client.write_tls(&mut wire).unwrap();
            }
            feed(&mut wire.0.as_slice(), |bytes| server.read_tls(bytes).map(drop));
            server.process_new_packets().unwrap();
            let mut wire = Wire::default();
            while server.wants_write() {
                server.write_tls(&mut wire).unwrap();
            }
            feed(&mut wire.0.as_slice(), |bytes| client.read_tls(bytes).map(drop));
            client.process_new_packets().unwrap();
        }
        (client, Seal::new(server))
    }

    fn feed(bytes: &mut &[u8], mut read: impl FnMut(&mut &[u8]) -> io::Result<()>) {
        while !bytes.is_empty() {
            read(bytes).unwrap();
        }
    }

    /// What the client makes of bytes on the wire.
    fn heard(client: &mut ClientConnection, wire: Wire) -> Vec<u8> {
        let (mut bytes, mut heard) = (wire.0.as_slice(), Vec::new());
        while !bytes.is_empty() {
            client.read_tls(&mut bytes).unwrap();
            let waiting = client.process_new_packets().unwrap().plaintext_bytes_to_read();
            let start = heard.len();
            heard.resize(start + waiting, 0);
            client.reader().read_exact(&mut heard[start..]).unwrap();
        }
        heard
    }

    fn said(client: &mut ClientConnection, words: &[u8]) -> Vec<u8> {
        client.writer().write_all(words).unwrap();
        let mut wire = Wire::default();
        while client.wants_write() {
            client.write_tls(&mut wire).unwrap();
        }
        wire.0
    }

    #[test]
    fn what_is_said_comes_out_in_whatever_pieces_it_came() {
        for piece in [1, 7, 4_096, 16 * 1024, usize::MAX] {
            let (mut client, mut seal) = pair();
            let words: Vec<u8> = (0..40_000u32).map(|i| i as u8).collect();
            let (sealed, mut opened) = (said(&mut client, &words), Vec::new());
            for part in sealed.chunks(piece) {
                seal.open(part, &mut opened).unwrap();
            }
            assert!(opened == words, "{piece}");
        }
    }

    #[test]
    fn what_waits_encrypted_for_a_socket_that_takes_nothing_is_bounded_and_nothing_of_it_is_lost() {
        let (mut client, mut seal) = pair();
        let words: Vec<u8> = (0..1_000_000u32).map(|i| i as u8).collect();
        let mut taken = 0;
        loop {
            // Small ones, for which the records weigh the most.
            let due = [IoSlice::new(&words[taken..taken + 10]), IoSlice::new(&words[taken + 10..taken + 30])];
            let written = seal.write(&due, Full).unwrap();
            assert!(written.is_blocked && !written.progress);
            taken += written.count;
            if written.count == 0 {
                break;
            }
        }
        let mut wire = Wire::default();
        let written = seal.write(&[], &mut wire).unwrap();
        assert_eq!(written, Written { count: 0, progress: true, is_blocked: false });
        assert!(!seal.has_pending());
        const RECORD: usize = 64;
        assert!(wire.0.len() <= SEALED_BYTES_MAX + RECORD, "{}", wire.0.len());
        assert!(heard(&mut client, wire) == words[..taken]);
        // And it goes on from there.
        let mut wire = Wire::default();
        let rest = [IoSlice::new(&words[taken..])];
        let written = seal.write(&rest, &mut wire).unwrap();
        assert!(written.count > 0 && heard(&mut client, wire) == words[taken..taken + written.count]);
    }

    #[test]
    fn an_end_is_said_once_and_that_of_the_peer_is_noticed_after_its_last_words() {
        let (mut client, mut seal) = pair();
        assert!(seal.close() && seal.has_pending() && !seal.close());
        client.writer().write_all(b"bye").unwrap();
        client.send_close_notify();
        let (sealed, mut opened) = (said(&mut client, b""), Vec::new());
        seal.open(&sealed, &mut opened).unwrap();
        assert!(opened == b"bye" && seal.has_peer_closed());
    }

    #[test]
    fn bytes_that_were_changed_on_the_way_are_an_error() {
        let (mut client, mut seal) = pair();
        let mut sealed = said(&mut client, b"hello");
        *sealed.last_mut().unwrap() ^= 1;
        let mut opened = Vec::new();
        assert!(seal.open(&sealed, &mut opened).is_err() && opened.is_empty());
        assert!(seal.has_pending(), "the peer is told");
    }
}
