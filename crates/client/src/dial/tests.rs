use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::header;

use super::*;

#[tokio::test]
async fn a_dial_tells_the_authority_that_stood_in_its_host_header_and_what_was_said() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let room = tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        let mut host = String::new();
        #[allow(clippy::result_large_err, reason = "the library's own")]
        let look = |request: &Request, response: Response| {
            host = request.headers()[header::HOST].to_str().unwrap().to_owned();
            Ok(response)
        };
        let socket = tokio_tungstenite::accept_hdr_async(tcp, look).await.unwrap();
        (host, socket)
    });
    let route = Route::to(Target::parse(&format!("127.0.0.1:{port}/a?b")).unwrap());
    let options = DialOptions { subprotocol: None, ..DialOptions::default() };
    let Ok(dialed) = dial_url(&route, options).await else { panic!("somebody listens there") };
    let (host, _socket) = room.await.unwrap();
    assert_eq!(dialed.authority, host);
    assert_eq!(dialed.channel(), format!("plain 127.0.0.1:{port}"));
    let [Seen::Request { url, line, headers }, Seen::Response { line: told, .. }] = &dialed.seen[..] else {
        panic!("{:?}", dialed.seen)
    };
    assert_eq!((url.as_str(), line.as_str()), (&*format!("ws://127.0.0.1:{port}/a?b"), "GET /a?b HTTP/1.1"));
    assert!(headers.iter().any(|header| header.name == "host" && header.value == host));
    assert_eq!(told, "HTTP/1.1 101 Switching Protocols");
}

#[test]
fn of_several_addresses_the_fault_that_says_most_is_told() {
    use Fault::{CertificateChanged, NotARoom, OtherRoom, Refused, Timeout};
    for (faults, first, again) in [
        (&[Timeout, Refused][..], Refused, Refused),
        (&[CertificateChanged, Timeout], CertificateChanged, Timeout),
        (&[Refused, OtherRoom, NotARoom], OtherRoom, NotARoom),
        (&[CertificateChanged], CertificateChanged, CertificateChanged),
        (&[], Fault::NotFound, Fault::NotFound),
    ] {
        assert_eq!(most_telling(faults, false), first, "{faults:?}");
        assert_eq!(most_telling(faults, true), again, "{faults:?}, come back");
    }
}
