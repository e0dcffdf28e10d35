//! TLS, as a client of these tests speaks it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use maru_server::tls::Identity;
use maru_server::{Host, HostOptions, PortChoice};
use maru_wire::RoomId;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::soon;

/// Who the room is, and what a client trusts.
pub(crate) struct Secured {
    pub(crate) identity: Identity,
    pub(crate) certificate: CertificateDer<'static>,
    pub(crate) key: Vec<u8>,
}

impl Secured {
    pub(crate) fn new() -> Self {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let (certificate, key) = (made.cert.der().clone(), made.signing_key.serialize_der());
        let identity = Identity::from_der(vec![certificate.to_vec()], &key).unwrap();
        Self { identity, certificate, key }
    }

    /// A room on loopback that speaks TLS.
    pub(crate) fn options(&self) -> HostOptions {
        HostOptions {
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: PortChoice::Exactly(0),
            tls: Some(self.identity.clone()),
            ..HostOptions::new(RoomId::parse("r1").unwrap(), "점심 모임")
        }
    }

    pub(crate) async fn host(&self) -> Host {
        Host::start(self.options()).await.unwrap()
    }

    pub(crate) async fn connect(&self, to: SocketAddr) -> TlsStream<TcpStream> {
        self.connect_over(soon(TcpStream::connect(to)).await.unwrap(), rustls::DEFAULT_VERSIONS).await
    }

    /// Shakes hands on a stream, in one of these versions.
    pub(crate) async fn connect_over(
        &self,
        stream: TcpStream,
        versions: &[&'static SupportedProtocolVersion],
    ) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("127.0.0.1").unwrap();
        soon(TlsConnector::from(Arc::new(config)).connect(name, stream)).await.unwrap()
    }
}
