//! Standard input, line by line. It is read on a thread of its own: a read that waits for a person cannot be
//! given up, and must not hold up the end of the program.

use std::io::{self, BufRead, Read};

use maru_wire::limits::MESSAGE_BYTES_MAX;
use tokio::sync::mpsc;

/// One line of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    /// Without its line end.
    Text(String),
    /// Longer than a message may be. It was read to its end and dropped.
    TooLong,
    /// Not UTF-8.
    NotText,
}

/// Begins to read. The channel closes at the end of the input; while it is full nothing is read, so that whoever
/// writes has to wait.
pub(crate) fn of_stdin() -> io::Result<mpsc::Receiver<Line>> {
    let (lines, heard) = mpsc::channel(LINES_WAITING_MAX);
    std::thread::Builder::new().name("maru-stdin".into()).spawn(move || {
        let mut stdin = io::stdin().lock();
        // An input that cannot be read any more has ended.
        while let Ok(Some(line)) = next_line(&mut stdin, MESSAGE_BYTES_MAX) {
            if lines.blocking_send(line).is_err() {
                return;
            }
        }
    })?;
    Ok(heard)
}

/// All of standard input as one text.
pub(crate) fn all_of_stdin() -> io::Result<Line> {
    let mut bytes = Vec::new();
    // Two more for a line end, and one to see that it is too long.
    io::stdin().lock().take(MESSAGE_BYTES_MAX as u64 + 3).read_to_end(&mut bytes)?;
    let end = bytes.trim_ascii_end().len();
    if end > MESSAGE_BYTES_MAX || bytes.len() > MESSAGE_BYTES_MAX + 2 {
        return Ok(Line::TooLong);
    }
    bytes.truncate(end);
    Ok(String::from_utf8(bytes).map_or(Line::NotText, Line::Text))
}

fn next_line(input: &mut impl BufRead, bytes_max: usize) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    let mut too_long = false;
    let mut any = false;
    loop {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if chunk.is_empty() {
            break;
        }
        any = true;
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let part = &chunk[..end.unwrap_or(chunk.len())];
        // One more for the CR of a line end.
        too_long |= line.len() + part.len() > bytes_max + 1;
        if !too_long {
            line.extend_from_slice(part);
        }
        let used = end.map_or(chunk.len(), |end| end + 1);
        input.consume(used);
        if end.is_some() {
            break;
        }
    }
    if !any {
        return Ok(None);
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    if too_long || line.len() > bytes_max {
        return Ok(Some(Line::TooLong));
    }
    Ok(Some(String::from_utf8(line).map_or(Line::NotText, Line::Text)))
}

/// Lines that may wait to be said; the outbox holds the others.
const LINES_WAITING_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8]) -> Vec<Line> {
        let mut input = io::BufReader::with_capacity(3, input);
        std::iter::from_fn(|| next_line(&mut input, 8).unwrap()).collect()
    }

    fn text(line: &str) -> Line {
        Line::Text(line.into())
    }

    #[test]
    fn lines_end_with_lf_or_crlf_or_the_input() {
        assert_eq!(lines("안녕\r\n\nb".as_bytes()), [text("안녕"), text(""), text("b")]);
        assert_eq!(lines(b"a\n"), [text("a")]);
        assert_eq!(lines(b""), []);
    }

    #[test]
    fn a_line_over_the_bound_is_dropped_and_the_next_one_is_read() {
        assert_eq!(lines(b"12345678\n123456789\r\nb\n"), [text("12345678"), Line::TooLong, text("b")]);
        assert_eq!(lines(b"12345678\r\n"), [text("12345678")], "a line end is no part of it");
        assert_eq!(lines(&[b'a'; 100]), [Line::TooLong]);
    }

    #[test]
    fn what_is_not_utf_8_is_no_line() {
        assert_eq!(lines(b"\xff\nb"), [Line::NotText, text("b")]);
    }
}
