//! What goes over the wire, as lines for whoever wants to know how it works: what goes out behind `>`, what comes in behind
//! `<`, and what is neither behind `*`. The words are those of the protocols, in every language.

use maru_client::inspector::{Direction, Header, Opcode, Seen, Sight};

/// The lines for one sight.
pub(crate) fn lines(sight: &Sight) -> Vec<String> {
    match &sight.what {
        Seen::Request { url, line, headers } => {
            [format!("* {url}"), format!("> {line}")].into_iter().chain(under(">", headers)).collect()
        }
        Seen::Response { line, headers } => {
            std::iter::once(format!("< {line}")).chain(under("<", headers)).collect()
        }
        Seen::Tls { version, cipher, pin } => vec![format!("* {version} {cipher} sha256/{pin}")],
        Seen::Frame { direction, opcode, bytes, text, cut } => {
            let way = if *direction == Direction::Out { ">" } else { "<" };
            let more = if *cut { "…" } else { "" };
            vec![format!("{way} [{} {bytes}] {text}{more}", opcode_name(*opcode)).trim_end().to_owned()]
        }
        Seen::Closed { code, reason } => {
            let code = code.map_or("-".into(), |code| code.to_string());
            vec![format!("* closed {code} {reason}").trim_end().to_owned()]
        }
    }
}

fn under(way: &str, headers: &[Header]) -> impl Iterator<Item = String> {
    headers.iter().map(move |Header { name, value }| format!("{way}   {name}: {value}"))
}

fn opcode_name(opcode: Opcode) -> &'static str {
    match opcode {
        Opcode::Text => "text",
        Opcode::Binary => "binary",
        Opcode::Ping => "ping",
        Opcode::Pong => "pong",
        Opcode::Close => "close",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(what: Seen) -> Vec<String> {
        lines(&Sight { nth: 1, at: 0, what })
    }

    #[test]
    fn a_handshake_and_its_frames_read_as_they_stood() {
        let headers = vec![Header { name: "upgrade".into(), value: "websocket".into() }];
        let request = Seen::Request { url: "ws://a.test/".into(), line: "GET / HTTP/1.1".into(), headers };
        assert_eq!(shown(request), ["* ws://a.test/", "> GET / HTTP/1.1", ">   upgrade: websocket"]);
        let text = "철수: 안녕".to_owned();
        let (direction, opcode) = (Direction::In, Opcode::Text);
        let frame = Seen::Frame { direction, opcode, bytes: 14, text, cut: false };
        assert_eq!(shown(frame), ["< [text 14] 철수: 안녕"]);
        let closed = Seen::Closed { code: Some(1000), reason: String::new() };
        assert_eq!(shown(closed), ["* closed 1000"]);
    }
}
