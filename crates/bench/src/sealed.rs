//! TLS, where a server speaks it: one certificate for a run, which its members trust and nothing else, and a socket that
//! is spoken to through it or not.

use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use mio::net::TcpStream;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore};

/// What all servers and members of this run use.
struct Trusted {
    certificate: String,
    key: String,
    config: Arc<ClientConfig>,
}

/// Writes the certificate and its key into a folder. Returns where they are.
pub fn files(folder: &Path) -> io::Result<(PathBuf, PathBuf)> {
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    fs::write(&certificate, &trusted().certificate)?;
    fs::write(&key, &trusted().key)?;
    Ok((certificate, key))
}

fn trusted() -> &'static Trusted {
    static TRUSTED: OnceLock<Trusted> = OnceLock::new();
    TRUSTED.get_or_init(|| {
        let made = rcgen::generate_simple_self_signed([NAME.to_owned()]).expect("a certificate for loopback");
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).expect("a certificate that was just made");
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has what TLS needs")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        Trusted { certificate, key, config: Arc::new(config) }
    })
}

/// A socket that does not block, with or without TLS.
pub struct Line {
    pub(crate) socket: TcpStream,
    tls: Option<Box<ClientConnection>>,
}

impl Line {
    /// A socket as it is.
    pub fn plain(socket: TcpStream) -> Self {
        Self { socket, tls: None }
    }

    /// One over which TLS is spoken. What is written waits for the handshake.
    pub fn sealed(socket: TcpStream) -> io::Result<Self> {
        let name = ServerName::try_from(NAME).map_err(io::Error::other)?;
        let tls = ClientConnection::new(Arc::clone(&trusted().config), name).map_err(io::Error::other)?;
        Ok(Self { socket, tls: Some(Box::new(tls)) })
    }

    /// Whether a read that did not fill its buffer may have left something.
    pub fn may_have_more(&self) -> bool {
        self.tls.is_some()
    }

    fn flush_sealed(&mut self) -> io::Result<()> {
        let Some(tls) = &mut self.tls else { return Ok(()) };
        while tls.wants_write() {
            match tls.write_tls(&mut self.socket) {
                Ok(_) => {}
                // The rest is written when the socket says that it takes more.
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut count = 0;
        loop {
            let Some(tls) = &mut self.tls else { return self.socket.read(buffer) };
            match tls.reader().read(&mut buffer[count..]) {
                Ok(0) => return Ok(count),
                Ok(more) => count += more,
                Err(error) if error.kind() == ErrorKind::WouldBlock => match tls.read_tls(&mut self.socket) {
                    Ok(0) => return Ok(count),
                    Ok(_) => {
                        tls.process_new_packets().map_err(io::Error::other)?;
                        self.flush_sealed()?;
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock && count > 0 => return Ok(count),
                    Err(error) => return Err(error),
                },
                Err(error) => return Err(error),
            }
        }
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(tls) = &mut self.tls else { return self.socket.write(bytes) };
        let count = tls.writer().write(bytes)?;
        self.flush_sealed()?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flush_sealed()
    }
}

const NAME: &str = "127.0.0.1";
