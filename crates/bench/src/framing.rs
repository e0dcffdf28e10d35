//! WebSocket frames as bytes (RFC 6455, section 5.2), both directions. Knows no socket.

/// A text message.
pub const TEXT: u8 = 0x1;
/// The good-bye.
pub const CLOSE: u8 = 0x8;
/// "Are you there?"
pub const PING: u8 = 0x9;
/// "I am."
pub const PONG: u8 = 0xA;

/// What stands before a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// What kind of frame it is.
    pub opcode: u8,
    /// Whether the message ends with it.
    pub is_final: bool,
    /// The key a client has put over the payload.
    pub mask: Option<[u8; 4]>,
    /// Bytes of the header.
    pub bytes: usize,
    /// Bytes of the payload after it.
    pub payload_bytes: usize,
}

impl Header {
    /// Reads the header that these bytes begin with, if all of it is there.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let [first, second] = *bytes.first_chunk()?;
        let (length_bytes, payload_bytes) = match second & 0x7f {
            126 => (2, usize::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?))),
            127 => (8, usize::try_from(u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?)).ok()?),
            short => (0, usize::from(short)),
        };
        let after_length = 2 + length_bytes;
        let mask = match second & 0x80 {
            0 => None,
            _ => Some(*bytes.get(after_length..)?.first_chunk()?),
        };
        Some(Self {
            opcode: first & 0x0f,
            is_final: first & 0x80 != 0,
            mask,
            bytes: after_length + if mask.is_some() { 4 } else { 0 },
            payload_bytes,
        })
    }

    /// Bytes of header and payload.
    pub fn frame_bytes(&self) -> usize {
        self.bytes + self.payload_bytes
    }
}

/// Appends a whole message as a server says it.
pub fn frame(opcode: u8, payload: &[u8], into: &mut Vec<u8>) {
    head(opcode, payload.len(), 0, into);
    into.extend_from_slice(payload);
}

/// Appends a whole message as a client says it.
pub fn masked(opcode: u8, payload: &[u8], into: &mut Vec<u8>) {
    head(opcode, payload.len(), 0x80, into);
    into.extend_from_slice(&MASK);
    let start = into.len();
    into.extend_from_slice(payload);
    unmask(MASK, &mut into[start..]);
}

/// Takes a mask off, or puts it on.
pub fn unmask(mask: [u8; 4], payload: &mut [u8]) {
    for (byte, key) in payload.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= key;
    }
}

fn head(opcode: u8, payload_bytes: usize, masked: u8, into: &mut Vec<u8>) {
    into.push(0x80 | opcode);
    match (u8::try_from(payload_bytes), u16::try_from(payload_bytes)) {
        (Ok(short @ 0..=125), _) => into.push(masked | short),
        (_, Ok(medium)) => {
            into.push(masked | 126);
            into.extend_from_slice(&medium.to_be_bytes());
        }
        _ => {
            into.push(masked | 127);
            into.extend_from_slice(&(payload_bytes as u64).to_be_bytes());
        }
    }
}

/// Nobody between the generator and the server could be fooled, so one key does for all.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_reads_as_it_was_written_at_every_length_of_length() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let payload = vec![b'x'; length];
            let mut bytes = Vec::new();
            frame(TEXT, &payload, &mut bytes);
            let header = Header::read(&bytes).unwrap();
            assert_eq!((header.opcode, header.is_final, header.mask), (TEXT, true, None));
            assert_eq!((header.payload_bytes, header.frame_bytes()), (length, bytes.len()));
        }
    }

    #[test]
    fn a_client_frame_is_the_example_of_the_rfc() {
        let mut bytes = Vec::new();
        masked(TEXT, b"Hello", &mut bytes);
        assert_eq!(bytes, [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
        let header = Header::read(&bytes).unwrap();
        unmask(header.mask.unwrap(), &mut bytes[header.bytes..]);
        assert_eq!(&bytes[header.bytes..], b"Hello");
    }

    #[test]
    fn a_header_that_is_cut_anywhere_is_not_read() {
        let mut bytes = Vec::new();
        masked(TEXT, &[b'x'; 70_000], &mut bytes);
        let header = Header::read(&bytes).unwrap();
        for cut in 0..header.bytes {
            assert_eq!(Header::read(&bytes[..cut]), None, "cut at {cut}");
        }
    }
}
