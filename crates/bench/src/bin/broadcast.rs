//! The peer that Rust's tutorials build: tokio-tungstenite, a `broadcast` channel, a task for each member. Whatever one
//! says, everybody hears. Nothing is tuned.

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() -> std::io::Result<()> {
    room::open().await
}

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
mod room {
    use futures_util::{SinkExt, StreamExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::broadcast;
    use tokio::sync::broadcast::error::RecvError;
    use tokio_tungstenite::accept_async;
    use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

    #[expect(clippy::print_stdout, reason = "its port is asked for there")]
    pub(crate) async fn open() -> std::io::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{{\"port\":{}}}", listener.local_addr()?.port());
        let (say, _) = broadcast::channel(CHANNEL_MESSAGES_MAX);
        loop {
            let (stream, _) = listener.accept().await?;
            tokio::spawn(seat(stream, say.clone()));
        }
    }

    async fn seat(stream: TcpStream, say: broadcast::Sender<Utf8Bytes>) {
        let mut said = say.subscribe();
        let Ok(()) = stream.set_nodelay(true) else { return };
        let Ok(mut member) = accept_async(stream).await else { return };
        loop {
            tokio::select! {
                heard = member.next() => match heard {
                    // Nobody listening is no fault: the room may be empty by then.
                    Some(Ok(Message::Text(text))) => drop(say.send(text)),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return,
                },
                text = said.recv() => match text {
                    Ok(text) => if member.send(Message::Text(text)).await.is_err() { return },
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }

    /// More than a run has outstanding, so that nobody who reads misses anything.
    const CHANNEL_MESSAGES_MAX: usize = 4096;
}
