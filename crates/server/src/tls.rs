//! TLS on a room's port: who the room is there, what a handshake may be like, and what came over which. Reads the
//! files that a host names; opens no connection.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use maru_wire::identity::{EXPORTER_LABEL, channel_exporter, channel_https, channel_plain, pin_of};
use maru_wire::scram::EXPORTER_BYTES;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{NoServerSessionStorage, ServerConnection};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{Error, InconsistentKeys, ServerConfig};

/// A certificate with the key that fits it: who the room is over TLS. It has been looked at, and can be used.
#[derive(Clone)]
pub struct Identity {
    key: Arc<CertifiedKey>,
    pin: String,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("pin", &self.pin).finish_non_exhaustive()
    }
}

/// Why a certificate can't be used.
#[derive(Debug)]
pub enum IdentityError {
    /// A file could not be read.
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file holds no certificate in PEM.
    NoCertificate {
        /// Which; none where it was no file.
        path: Option<PathBuf>,
    },
    /// A file holds no private key in PEM.
    NoKey {
        /// Which.
        path: PathBuf,
    },
    /// The key belongs to another certificate.
    DoesNotFit,
    /// The certificate or the key is of a kind that is not understood here: neither ECDSA, Ed25519 nor RSA, or broken.
    Unusable(Error),
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, source } => write!(f, "{} could not be read: {source}", path.display()),
            Self::NoCertificate { path: Some(path) } => {
                write!(f, "{} holds no certificate; one in PEM is needed", path.display())
            }
            Self::NoCertificate { path: None } => f.write_str("there is no certificate"),
            Self::NoKey { path } => {
                write!(f, "{} holds no private key; one in PEM is needed", path.display())
            }
            Self::DoesNotFit => f.write_str("the private key belongs to another certificate"),
            Self::Unusable(error) => write!(f, "the certificate or its key can't be used: {error}"),
        }
    }
}

impl std::error::Error for IdentityError {}

impl Identity {
    /// Takes a chain, the room's own certificate first, and its key: PKCS #8, SEC 1 or PKCS #1. All in DER.
    pub fn from_der(chain: Vec<Vec<u8>>, key: &[u8]) -> Result<Self, IdentityError> {
        let chain: Vec<_> = chain.into_iter().map(CertificateDer::from).collect();
        let key = PrivateKeyDer::try_from(key)
            .map_err(|what| IdentityError::Unusable(Error::General(what.into())))?;
        Self::new(chain, key.clone_key(), None)
    }

    /// Reads a chain, the room's own certificate first, and its key from files in PEM.
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, IdentityError> {
        let chain = read(certificate)?;
        let chain: Result<Vec<_>, pem::Error> = CertificateDer::pem_slice_iter(&chain).collect();
        let chain = chain.map_err(|_| IdentityError::NoCertificate { path: Some(certificate.into()) })?;
        let found = PrivateKeyDer::from_pem_slice(&read(key)?);
        let key = found.map_err(|_| IdentityError::NoKey { path: key.into() })?;
        Self::new(chain, key, Some(certificate))
    }

    fn new(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
        path: Option<&Path>,
    ) -> Result<Self, IdentityError> {
        if chain.is_empty() {
            return Err(IdentityError::NoCertificate { path: path.map(Path::to_path_buf) });
        }
        let key = CertifiedKey::from_der(chain, key, &provider()).map_err(|error| match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => IdentityError::DoesNotFit,
            error => IdentityError::Unusable(error),
        })?;
        let spki = key.key.public_key().ok_or(IdentityError::DoesNotFit)?;
        let pin = pin_of(&spki);
        Ok(Self { key: Arc::new(key), pin })
    }

    /// By what a client knows it again; see [`pin_of`].
    pub fn pin(&self) -> &str {
        &self.pin
    }

    /// How a room that is this speaks TLS.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        let builder = ServerConfig::builder_with_provider(Arc::new(provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has what TLS 1.2 and 1.3 need")
            .with_no_client_auth();
        let mut config =
            builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(CertifiedKey::clone(&self.key))));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // What is exported of a connection of TLS 1.2 is its own only with this (RFC 9266, section 3).
        config.require_ems = true;
        // A handshake costs less than a millisecond, and sessions remembered or handed out would be secrets to keep.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Arc::new(config)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, IdentityError> {
    let unreadable = |source| IdentityError::Unreadable { path: path.into(), source };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > FILE_BYTES_MAX {
        return Err(unreadable(io::ErrorKind::FileTooLarge.into()));
    }
    std::fs::read(path).map_err(unreadable)
}

fn provider() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}

/// What a request, and the WebSocket it becomes, came over. Every request carries one in its extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// Nothing that protects it.
    Plain,
    /// TLS.
    Tls {
        /// What only the two ends of this connection can know; none where it could not be had.
        exported: Option<[u8; EXPORTER_BYTES]>,
    },
}

impl Carrier {
    pub(crate) fn of(connection: &ServerConnection) -> Self {
        let exported = connection.export_keying_material([0; EXPORTER_BYTES], EXPORTER_LABEL, Some(&[]));
        Self::Tls { exported: exported.ok() }
    }

    /// The scheme of a page that came over it.
    pub(crate) fn scheme(self) -> &'static str {
        match self {
            Self::Plain => "http",
            Self::Tls { .. } => "https",
        }
    }

    /// What a hello over it may be bound to, where it was dialed under this authority; see [`maru_wire::identity`].
    pub(crate) fn channels(self, authority: &str) -> Vec<String> {
        match self {
            Self::Plain => vec![channel_plain(authority)],
            Self::Tls { exported } => {
                let own = exported.as_ref().map(channel_exporter);
                own.into_iter().chain([channel_https(authority)]).collect()
            }
        }
    }
}

/// The first byte of a connection on which TLS is spoken: a record of a handshake (RFC 8446, section 5.1). No
/// request begins with it.
pub(crate) const HANDSHAKE_RECORD: u8 = 22;

/// Bytes of a file that is read at all: a chain of certificates takes some thousands.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
