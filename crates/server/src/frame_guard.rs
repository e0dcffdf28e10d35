//! Counts WebSocket frames as their bytes pass by, since the library that reads them counts bytes alone: a
//! message in endless empty pieces, or a flood of pings, would cost time for ever.

/// More frames than a message, or the pause between two messages, may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyFrames;

/// Follows the headers of one direction of a connection (RFC 6455, section 5.2).
#[derive(Debug)]
pub struct FrameCount {
    frames_per_message_max: u32,
    control_frames_max: u32,
    header: [u8; 14],
    header_len: usize,
    payload_left: u64,
    frames: u32,
    control_frames: u32,
}

impl FrameCount {
    /// Counts up to these bounds.
    pub fn new(frames_per_message_max: u32, control_frames_max: u32) -> Self {
        Self {
            frames_per_message_max,
            control_frames_max,
            header: [0; 14],
            header_len: 0,
            payload_left: 0,
            frames: 0,
            control_frames: 0,
        }
    }

    /// Takes the next bytes that were read.
    pub fn handle_bytes(&mut self, mut bytes: &[u8]) -> Result<(), TooManyFrames> {
        while !bytes.is_empty() {
            if self.payload_left > 0 {
                let skipped = usize::try_from(self.payload_left).unwrap_or(usize::MAX).min(bytes.len());
                self.payload_left -= skipped as u64;
                bytes = &bytes[skipped..];
                continue;
            }
            self.header[self.header_len] = bytes[0];
            self.header_len += 1;
            bytes = &bytes[1..];
            if self.header_len == self.header_due() {
                self.take_header()?;
            }
        }
        Ok(())
    }

    /// Forgives the control frames so far: time has passed.
    pub fn handle_interval(&mut self) {
        self.control_frames = 0;
    }

    /// Whether the bytes so far end with a message, or with a control frame outside of any.
    pub fn is_between_messages(&self) -> bool {
        self.header_len == 0 && self.payload_left == 0 && self.frames == 0
    }

    fn header_due(&self) -> usize {
        if self.header_len < 2 {
            return 2;
        }
        let length = match self.header[1] & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let mask = if self.header[1] & 0x80 != 0 { 4 } else { 0 };
        2 + length + mask
    }

    fn take_header(&mut self) -> Result<(), TooManyFrames> {
        let [first, second, ..] = self.header;
        self.payload_left = match second & 0x7f {
            126 => u64::from(u16::from_be_bytes([self.header[2], self.header[3]])),
            127 => u64::from_be_bytes(self.header[2..10].try_into().expect("eight bytes")),
            short => u64::from(short),
        };
        self.header_len = 0;
        let (is_final, is_control) = (first & 0x80 != 0, first & 0x08 != 0);
        if is_control {
            self.control_frames += 1;
        } else {
            self.frames += 1;
        }
        if self.frames > self.frames_per_message_max || self.control_frames > self.control_frames_max {
            return Err(TooManyFrames);
        }
        if is_final && !is_control {
            self.frames = 0;
            self.control_frames = 0;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: u8 = 0x1;
    const CONTINUATION: u8 = 0x0;
    const PING: u8 = 0x9;
    const FINAL: u8 = 0x80;

    /// A masked frame with a payload of zeros.
    fn frame(first: u8, payload: usize) -> Vec<u8> {
        let mut bytes = vec![first];
        match payload {
            0..=125 => bytes.push(0x80 | payload as u8),
            126..=0xffff => {
                bytes.push(0x80 | 126);
                bytes.extend((payload as u16).to_be_bytes());
            }
            _ => {
                bytes.push(0x80 | 127);
                bytes.extend((payload as u64).to_be_bytes());
            }
        }
        bytes.extend([0; 4]);
        bytes.resize(bytes.len() + payload, 0);
        bytes
    }

    #[test]
    fn messages_within_the_bound_pass_in_whatever_pieces_their_bytes_arrive() {
        let mut bytes = frame(TEXT, 5);
        bytes.extend(frame(CONTINUATION, 300));
        bytes.extend(frame(PING | FINAL, 3));
        bytes.extend(frame(FINAL | CONTINUATION, 70_000));
        for piece in [1, 2, 7, 1_000_000] {
            let mut count = FrameCount::new(3, 1);
            for _ in 0..50 {
                for part in bytes.chunks(piece) {
                    assert_eq!(count.handle_bytes(part), Ok(()));
                }
            }
        }
    }

    #[test]
    fn one_piece_more_than_the_bound_is_too_many() {
        let mut count = FrameCount::new(3, 1);
        assert_eq!(count.handle_bytes(&frame(TEXT, 0)), Ok(()));
        assert_eq!(count.handle_bytes(&frame(CONTINUATION, 0)), Ok(()));
        assert_eq!(count.handle_bytes(&frame(CONTINUATION, 0)), Ok(()));
        assert_eq!(count.handle_bytes(&frame(CONTINUATION, 0)), Err(TooManyFrames));
    }

    #[test]
    fn a_flood_of_pings_is_too_many_and_a_few_now_and_then_are_not() {
        let mut count = FrameCount::new(3, 2);
        for _ in 0..100 {
            assert_eq!(count.handle_bytes(&frame(PING | FINAL, 9)), Ok(()));
            assert_eq!(count.handle_bytes(&frame(PING | FINAL, 9)), Ok(()));
            count.handle_interval();
        }
        assert_eq!(count.handle_bytes(&frame(PING | FINAL, 9).repeat(3)), Err(TooManyFrames));
    }
}
