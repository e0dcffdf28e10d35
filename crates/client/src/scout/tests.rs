//! What a server says in the first second, over pipes and on a clock of the test's own.

use tokio::io::{DuplexStream, duplex};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::*;
use crate::dial::Stream;

const INTRODUCED: &str = r#"{"type":"nickname","payload":"민지"}"#;

type Server = WebSocketStream<DuplexStream>;

/// Listens to a server, and returns what was found and what the server heard.
async fn listened<F: Future<Output = Server> + Send + 'static>(
    server: impl FnOnce(Server) -> F,
) -> (Result<Foreigner, Fault>, Server) {
    let (here, there) = duplex(1 << 20);
    let here: Box<dyn Stream> = Box::new(here);
    let socket = WebSocketStream::from_raw_socket(here, Role::Client, None).await;
    let there = WebSocketStream::from_raw_socket(there, Role::Server, None).await;
    let served = tokio::spawn(server(there));
    let (security, seen) = (Security::Plain, Vec::new());
    let endpoint = "a.test:80".parse().unwrap();
    let authority = "a.test".into();
    let dialed = Dialed { socket, endpoint, authority, security, pin: None, exporter: None, seen };
    let found = listen(dialed, &Nickname::parse("민지").unwrap()).await;
    (found, served.await.unwrap())
}

async fn heard(server: &mut Server) -> Message {
    server.next().await.unwrap().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_hears_a_name_in_json_and_nothing_else() {
    let began = Instant::now();
    let (found, mut server) = listened(|mut server| async {
        assert_eq!(heard(&mut server).await, Message::text(INTRODUCED));
        server
    })
    .await;
    let found = found.unwrap();
    assert_eq!((found.dialect, found.introduced, found.heard.len()), (Dialect::NicknameJson, true, 0));
    assert_eq!(began.elapsed(), SILENCE + ANSWER);
    drop(found);
    assert!(!matches!(server.next().await, Some(Ok(_))), "that was all");
}

#[tokio::test(start_paused = true)]
async fn a_greeting_means_plain_text_and_is_kept() {
    for greeting in ["hello", "Hello, WebSocket!", "[서버 접속 완료]"] {
        let (found, _server) = listened(async move |mut server: Server| {
            server.send(Message::text(greeting)).await.unwrap();
            server
        })
        .await;
        let found = found.unwrap();
        assert_eq!((found.dialect, found.introduced), (Dialect::Plain, false), "{greeting}");
        assert_eq!(found.heard, [Message::text(greeting)]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_the_name_means_plain_text() {
    let answers = [
        Message::text(INTRODUCED),
        Message::text(format!("user 3: {INTRODUCED}")),
        Message::binary(format!("서버로부터 응답: {INTRODUCED}").into_bytes()),
        Message::text("메세지 수신완료."),
        Message::binary(vec![0xff]),
    ];
    for answer in answers {
        let said = answer.clone();
        let (found, _server) = listened(async move |mut server: Server| {
            heard(&mut server).await;
            server.send(said).await.unwrap();
            server
        })
        .await;
        let found = found.unwrap();
        assert_eq!((found.dialect, found.introduced), (Dialect::Plain, true), "{answer}");
        assert_eq!(found.heard, [answer]);
    }
}

#[tokio::test(start_paused = true)]
async fn lines_of_others_are_no_answer() {
    let (found, _server) = listened(|mut server: Server| async {
        server.send(Message::text("철수: 안녕")).await.unwrap();
        heard(&mut server).await;
        server.send(Message::text("영희: 응")).await.unwrap();
        server
    })
    .await;
    let found = found.unwrap();
    assert_eq!(found.dialect, Dialect::NicknameJson);
    assert_eq!(found.heard, [Message::text("철수: 안녕"), Message::text("영희: 응")]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_up_is_lost() {
    let (found, _server) = listened(|mut server: Server| async {
        let _ = server.close(None).await;
        server
    })
    .await;
    assert_eq!(found.err(), Some(Fault::Lost));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_much_at_once_costs_no_more_than_a_few_of_its_lines() {
    let line = format!("철수: {}", "x".repeat(MESSAGE_BYTES_MAX));
    let (found, _server) = listened(async move |mut server: Server| {
        for _ in 0..200 {
            // What is not listened to any more is not taken.
            let said = server.send(Message::text(line.clone()));
            if tokio::time::timeout(ANSWER, said).await.is_err() {
                break;
            }
        }
        server
    })
    .await;
    let found = found.unwrap();
    let bytes: usize = found.heard.iter().map(Message::len).sum();
    assert!(bytes <= HEARD_BYTES_MAX + 2 * MESSAGE_BYTES_MAX, "{bytes}");
}
