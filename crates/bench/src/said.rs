//! The messages of a run: each carries who said it and its number, and is found again in whatever a server makes of it.

/// One message: the how-manieth of which member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// The member, by their place in the crowd.
    pub sender: u32,
    /// Counted from 0 for each sender.
    pub number: u64,
}

impl Said {
    /// The text, filled up to that many bytes; at least [`TEXT_BYTES_MIN`].
    pub fn text(self, bytes: usize) -> String {
        let mut text = format!("#{:05}.{:010}.", self.sender, self.number);
        text.extend(std::iter::repeat_n('x', bytes.saturating_sub(text.len())));
        text
    }

    /// The message in a payload, wherever its server has put the text.
    pub fn find(payload: &[u8]) -> Option<Self> {
        payload.windows(TEXT_BYTES_MIN).find(|window| window[0] == b'#').and_then(Self::read)
    }

    fn read(marker: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(marker.get(1..)?).ok()?;
        let (sender, rest) = text.split_once('.')?;
        let (number, _) = rest.split_once('.')?;
        Some(Self { sender: sender.parse().ok()?, number: number.parse().ok()? })
    }
}

/// Bytes of a message that is nothing but its sender and number.
pub const TEXT_BYTES_MIN: usize = 18;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_found_again_wherever_its_text_stands() {
        let said = Said { sender: 999, number: 1_234_567 };
        let text = said.text(120);
        assert_eq!(text.len(), 120);
        for payload in
            [format!(r#"{{"type":"say","id":"x","text":"{text}"}}"#), format!(r#"42["m","{text}"]"#)]
        {
            assert_eq!(Said::find(payload.as_bytes()), Some(said));
        }
        assert_eq!(Said::find(said.text(0).as_bytes()), Some(said));
    }

    #[test]
    fn what_holds_no_message_is_none() {
        assert_eq!(Said::find(br#"{"type":"presence","count":1200,"joined":[],"left":[]}"#), None);
        assert_eq!(Said::find(b"#"), None);
    }
}
