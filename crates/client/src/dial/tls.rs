//! The TLS handshake, and the judgement of the certificate in it. One that is not the pinned one ends the handshake, so
//! that nothing of ours is ever said to whoever shows it.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use maru_wire::identity::{self, EXPORTER_LABEL};
use maru_wire::scram::EXPORTER_BYTES;
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, ProtocolVersion,
    RootCertStore, SignatureScheme,
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::event::Fault;
use crate::inspector::Seen;
use crate::target::Host;

/// Which certificate is taken.
#[derive(Debug)]
pub(super) struct Judge {
    /// The one with this pin; none takes any, to be judged by whoever knows more then.
    pub(super) pin: Option<String>,
    /// Also one for which one of these vouches under the name that was dialed.
    pub(super) authorities: Option<Arc<RootCertStore>>,
}

/// What a handshake has shown.
#[derive(Debug)]
pub(super) struct Shown {
    /// The pin of the certificate.
    pub(super) pin: String,
    /// Whether an authority vouches for it under the name that was dialed.
    pub(super) vouched: bool,
    /// What both ends of this connection know and nobody else (RFC 9266).
    pub(super) exporter: Option<[u8; EXPORTER_BYTES]>,
    /// What there is to see of it.
    pub(super) seen: Seen,
}

/// Speaks TLS with a host.
pub(super) async fn secure(
    tcp: TcpStream,
    host: &Host,
    judge: Judge,
) -> Result<(TlsStream<TcpStream>, Shown), Fault> {
    let name = match host {
        Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|_| Fault::Tls)?,
        Host::Ipv4(address) => ServerName::from(IpAddr::V4(*address)),
        Host::Ipv6(address) => ServerName::from(IpAddr::V6(*address)),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Arc::new(Verifier::new(judge, &provider));
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Fault::Tls)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&verifier) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    // A session that is resumed shows no certificate.
    config.resumption = Resumption::disabled();
    let stream = TlsConnector::from(Arc::new(config)).connect(name.clone(), tcp).await;
    let stream = stream.map_err(|error| fault_of_handshake(&error))?;
    let shown = verifier.shown(stream.get_ref().1, &name).ok_or(Fault::Tls)?;
    Ok((stream, shown))
}

/// The pin of a certificate: the SHA-256 of its public key (SPKI, RFC 5280, section 4.1) in base64url. A certificate
/// made anew for the same key has the same.
pub fn pin_of(certificate: &CertificateDer<'_>) -> Result<String, Error> {
    let parsed = ParsedCertificate::try_from(certificate)?;
    Ok(identity::pin_of(parsed.subject_public_key_info().as_ref()))
}

/// Takes one certificate, and makes sure in any case that the other side has its key.
#[derive(Debug)]
struct Verifier {
    judge: Judge,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    fn new(judge: Judge, provider: &CryptoProvider) -> Self {
        Self { judge, algorithms: provider.signature_verification_algorithms }
    }

    fn is_vouched(&self, chain: &[CertificateDer<'_>], name: &ServerName<'_>, now: UnixTime) -> bool {
        let (Some(authorities), Some((certificate, between))) =
            (&self.judge.authorities, chain.split_first())
        else {
            return false;
        };
        let Ok(parsed) = ParsedCertificate::try_from(certificate) else { return false };
        let algorithms = self.algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&parsed, authorities, between, now, algorithms).is_ok()
            && verify_server_name(&parsed, name).is_ok()
    }

    fn shown(&self, connection: &ClientConnection, name: &ServerName<'_>) -> Option<Shown> {
        let chain = connection.peer_certificates()?;
        let pin = pin_of(chain.first()?).ok()?;
        let version = connection.protocol_version()?;
        let exported = connection.export_keying_material([0; EXPORTER_BYTES], EXPORTER_LABEL, Some(&[]));
        // Before TLS 1.3 it is only worth something with an extension that the other side may lack (RFC 9266, section 4).
        let exporter = exported.ok().filter(|_| version == ProtocolVersion::TLSv1_3);
        let suite = format!("{:?}", connection.negotiated_cipher_suite()?.suite());
        let seen = Seen::Tls {
            version: if version == ProtocolVersion::TLSv1_3 { "TLS 1.3" } else { "TLS 1.2" }.into(),
            cipher: suite.replacen("TLS13_", "TLS_", 1),
            pin: pin.clone(),
        };
        Some(Shown { pin, vouched: self.is_vouched(chain, name, UnixTime::now()), exporter, seen })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let pin = pin_of(certificate)?;
        let is_right = match &self.judge.pin {
            None => true,
            Some(known) if *known == pin => true,
            Some(_) => {
                let chain: Vec<_> = std::iter::once(certificate).chain(between).cloned().collect();
                self.is_vouched(&chain, name, now)
            }
        };
        if is_right { Ok(ServerCertVerified::assertion()) } else { Err(OTHER_CERTIFICATE) }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

fn fault_of_handshake(error: &io::Error) -> Fault {
    match error.get_ref().and_then(|error| error.downcast_ref::<Error>()) {
        Some(error) if *error == OTHER_CERTIFICATE => Fault::CertificateChanged,
        Some(_) => Fault::Tls,
        None if error.kind() == io::ErrorKind::TimedOut => Fault::Timeout,
        None => Fault::Tls,
    }
}

const OTHER_CERTIFICATE: Error = Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure);
