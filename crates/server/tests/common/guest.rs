//! Rooms to test, and somebody in them, by hand.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use maru_server::{Host, HostLimits, HostOptions, PortChoice};
use maru_wire::{ByeCode, Cursor, Entry, RoomFrame, RoomId};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream};

use super::{Raw, soon};

pub(crate) async fn host() -> Host {
    host_with(HostLimits::default()).await
}

/// Bounds under which one member may say a great deal at once.
pub(crate) const UNHURRIED: HostLimits =
    HostLimits { members_max: 256, per_address_max: 64, rate_per_second: 1_000_000 };

pub(crate) async fn host_with(limits: HostLimits) -> Host {
    host_at(0, limits).await
}

pub(crate) async fn host_at(port: u16, limits: HostLimits) -> Host {
    let options = HostOptions {
        bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: PortChoice::Exactly(port),
        limits,
        ..HostOptions::new(RoomId::parse("r1").unwrap(), "점심 모임")
    };
    Host::start(options).await.unwrap()
}

/// Somebody in the room, by hand.
pub(crate) struct Guest<S = TcpStream>(pub(crate) Raw<S>);

impl Guest {
    /// Joins, and returns what the welcome said.
    pub(crate) async fn join(to: SocketAddr, nickname: &str) -> Self {
        Self::join_from(to, nickname, None).await.0
    }

    pub(crate) async fn join_from(
        to: SocketAddr,
        nickname: &str,
        cursor: Option<&Cursor>,
    ) -> (Self, RoomFrame) {
        Self::join_over(Raw::open(to).await, nickname, cursor).await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Guest<S> {
    /// Joins over a connection that is open.
    pub(crate) async fn join_over(raw: Raw<S>, nickname: &str, cursor: Option<&Cursor>) -> (Self, RoomFrame) {
        let mut guest = Self(raw);
        assert!(matches!(guest.hear().await, RoomFrame::Room { .. }));
        let cursor = cursor
            .map(|c| {
                format!(
                    r#","cursor":{{"epoch":"{}","seq":{},"hash":"{}"}}"#,
                    c.epoch,
                    c.seq.0,
                    String::from(c.hash)
                )
            })
            .unwrap_or_default();
        guest.0.say(&format!(r#"{{"type":"hello","nickname":"{nickname}"{cursor}}}"#)).await;
        let welcome = guest.hear().await;
        assert!(matches!(welcome, RoomFrame::Welcome { .. }), "{welcome:?}");
        (guest, welcome)
    }

    pub(crate) async fn hear(&mut self) -> RoomFrame {
        let text = self.0.text().await;
        RoomFrame::parse(&text).unwrap_or_else(|error| panic!("{error:?}: {text}"))
    }

    /// The next entry, whatever else is told before it.
    pub(crate) async fn entry(&mut self) -> Entry {
        loop {
            if let RoomFrame::Entry(entry) = self.hear().await {
                return entry;
            }
        }
    }

    pub(crate) async fn say(&mut self, id: &str, text: &str) {
        let text = serde_json::to_string(text).unwrap();
        self.0.say(&format!(r#"{{"type":"say","id":"{id}","text":{text}}}"#)).await;
    }

    pub(crate) async fn refusal(&mut self) -> String {
        match self.hear().await {
            RoomFrame::Refused { code, .. } => serde_json::to_string(&code).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn goodbye(&mut self, code: ByeCode) {
        let (last, close) = self.0.closed().await;
        let bye = RoomFrame::parse(&last.expect("words before the close")).unwrap();
        assert!(
            matches!(bye, RoomFrame::Bye { code: said, then, .. } if said == code && then == code.then())
        );
        assert_eq!(close, code.close_code());
    }
}

/// A connection whose receive buffer holds next to nothing.
pub(crate) async fn small_reader(to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 * 1024).unwrap();
    soon(socket.connect(to)).await.unwrap()
}
