//! WebSocket frames as a server writes them: whole, final, unmasked (RFC 6455, section 5.2).

/// Opcodes (RFC 6455, section 5.2).
pub(crate) const TEXT: u8 = 0x1;
pub(crate) const BINARY: u8 = 0x2;
pub(crate) const CLOSE: u8 = 0x8;
pub(crate) const PING: u8 = 0x9;
pub(crate) const PONG: u8 = 0xa;

/// Appends a frame whose payload `write` appends: nothing is copied but a payload that needs another header
/// than most.
pub(crate) fn append_frame(into: &mut Vec<u8>, opcode: u8, write: impl FnOnce(&mut Vec<u8>)) {
    let start = into.len();
    into.extend([FINAL | opcode, LENGTH_IN_TWO, 0, 0]);
    write(into);
    let end = into.len();
    let length = end - start - 4;
    match length {
        0..=125 => {
            into.copy_within(start + 4..end, start + 2);
            into.truncate(end - 2);
            into[start + 1] = length as u8;
        }
        126..=0xffff => into[start + 2..start + 4].copy_from_slice(&(length as u16).to_be_bytes()),
        _ => {
            into.extend([0; 6]);
            into.copy_within(start + 4..end, start + 10);
            into[start + 1] = LENGTH_IN_EIGHT;
            into[start + 2..start + 10].copy_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

/// A frame with this payload.
pub(crate) fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(payload.len() + HEADER_BYTES_MAX);
    append_frame(&mut bytes, opcode, |into| into.extend_from_slice(payload));
    bytes
}

/// An encoded text frame whose text `write` appends.
pub fn text_frame(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    append_frame(&mut bytes, TEXT, write);
    bytes
}

/// An encoded binary frame.
pub fn binary_frame(bytes: &[u8]) -> Vec<u8> {
    frame(BINARY, bytes)
}

/// An encoded close frame (RFC 6455, section 5.5.1); `reason` has at most 123 bytes.
pub fn close_frame(code: u16, reason: &str) -> Vec<u8> {
    frame(CLOSE, &[&code.to_be_bytes(), reason.as_bytes()].concat())
}

/// How long the frame is that these bytes begin with, header included.
pub(crate) fn frame_len(bytes: &[u8]) -> usize {
    match bytes[1] {
        LENGTH_IN_TWO => 4 + usize::from(u16::from_be_bytes([bytes[2], bytes[3]])),
        LENGTH_IN_EIGHT => {
            let length = u64::from_be_bytes(bytes[2..10].try_into().expect("eight bytes"));
            10 + usize::try_from(length).expect("a frame that is in memory")
        }
        short => 2 + usize::from(short),
    }
}

pub(crate) const FINAL: u8 = 0x80;
pub(crate) const LENGTH_IN_TWO: u8 = 126;
pub(crate) const LENGTH_IN_EIGHT: u8 = 127;
const HEADER_BYTES_MAX: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_length_gets_the_shortest_header_that_says_it() {
        for (length, header) in [
            (0, vec![0x81, 0]),
            (125, vec![0x81, 125]),
            (126, vec![0x81, 126, 0, 126]),
            (0xffff, vec![0x81, 126, 0xff, 0xff]),
            (0x10000, vec![0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let payload: Vec<u8> = (0..length).map(|i| i as u8).collect();
            let mut bytes = b"before".to_vec();
            append_frame(&mut bytes, TEXT, |into| into.extend(&payload));
            let written = &bytes[6..];
            assert!(written[..header.len()] == header && written[header.len()..] == payload, "{length}");
            assert_eq!(frame_len(written), written.len());
        }
    }
}
