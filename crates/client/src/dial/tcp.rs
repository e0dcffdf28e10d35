//! A connection to a machine, by its name or its address.

use std::io;
use std::net::SocketAddr;

use futures_util::future::select_ok;
use tokio::net::TcpStream;

use crate::event::Fault;
use crate::target::{Endpoint, Host};

pub(crate) async fn connect(endpoint: &Endpoint) -> Result<TcpStream, Fault> {
    let connected = match &endpoint.host {
        Host::Domain(name) => match tokio::net::lookup_host((name.as_str(), endpoint.port)).await {
            Ok(found) => connect_any(found.take(RESOLVED_MAX).collect()).await,
            Err(_) => Err(io::ErrorKind::NotFound.into()),
        },
        Host::Ipv4(address) => TcpStream::connect((*address, endpoint.port)).await,
        Host::Ipv6(address) => TcpStream::connect((*address, endpoint.port)).await,
    };
    let tcp = connected.map_err(|error| fault_of_io(&error))?;
    // Small frames must not wait for each other's acknowledgements (Nagle).
    let _ = tcp.set_nodelay(true);
    Ok(tcp)
}

/// Connects to all addresses of one name at once: where one of them leads nowhere and says nothing, as IPv6 does
/// behind some routers, another is found all the same (RFC 8305).
async fn connect_any(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    if addresses.is_empty() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let connects = addresses.into_iter().map(|address| Box::pin(TcpStream::connect(address)));
    select_ok(connects).await.map(|(tcp, _others)| tcp)
}

fn fault_of_io(error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Fault::Refused,
        io::ErrorKind::NotFound | io::ErrorKind::InvalidInput => Fault::NotFound,
        _ => Fault::Timeout,
    }
}

/// Addresses of one name that are dialed: a machine has a handful.
const RESOLVED_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    /// A listener that takes no connection any more and does not say so, where the system does that.
    async fn silent() -> (SocketAddr, TcpListener, Vec<TcpStream>) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut waiting = Vec::new();
        // Until one is not answered: then nobody is.
        while let Ok(Ok(tcp)) =
            tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await
        {
            waiting.push(tcp);
            if waiting.len() > 64 {
                break;
            }
        }
        (address, listener, waiting)
    }

    #[tokio::test]
    async fn an_address_that_does_not_answer_hides_no_other() {
        let (silent, _listener, _waiting) = silent().await;
        let there = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = there.local_addr().unwrap();
        let connecting = connect_any(vec![silent, address]);
        let tcp = tokio::time::timeout(Duration::from_secs(5), connecting).await.expect("in time").unwrap();
        assert!(cfg!(not(target_os = "linux")) || tcp.peer_addr().unwrap() == address);
        assert_eq!(connect_any(vec![]).await.unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
