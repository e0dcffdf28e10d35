//! SCRAM's texts taken apart (RFC 5802, section 7): `a=value`, between commas.

use data_encoding::BASE64;

use super::ScramError;
use crate::limits::{
    PASSPHRASE_ITERATIONS_MAX, PASSPHRASE_ITERATIONS_MIN, SALT_BYTES_MAX, SALT_BYTES_MIN, SCRAM_BYTES_MAX,
    SCRAM_NONCE_CHARS_MAX,
};

/// The attributes of a message, in their order.
pub(super) struct Attributes<'a>(std::str::Split<'a, char>);

impl<'a> Attributes<'a> {
    pub(super) fn of(message: &'a str) -> Result<Self, ScramError> {
        if message.len() > SCRAM_BYTES_MAX {
            return Err(ScramError::OutOfBounds);
        }
        Ok(Self(message.split(',')))
    }

    /// The value of the next attribute, which has to be this one.
    pub(super) fn next(&mut self, name: char) -> Result<&'a str, ScramError> {
        let attribute = self.0.next().ok_or(ScramError::Malformed)?;
        // `m` says: whoever does not understand what follows must not go on.
        if attribute.starts_with("m=") {
            return Err(ScramError::Unsupported);
        }
        let value = attribute.strip_prefix(name).and_then(|rest| rest.strip_prefix('='));
        value.filter(|value| !value.is_empty()).ok_or(ScramError::Malformed)
    }

    /// Extensions may follow, which are not looked at.
    pub(super) fn rest(self) -> Result<(), ScramError> {
        let is_attribute = |text: &str| {
            let mut chars = text.chars();
            chars.next().is_some_and(|name| name.is_ascii_alphabetic()) && chars.next() == Some('=')
        };
        self.0.into_iter().all(is_attribute).then_some(()).ok_or(ScramError::Malformed)
    }
}

/// A nonce: printable ASCII without a comma, and not without end.
pub(super) fn nonce(text: &str) -> Result<&str, ScramError> {
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ScramError::Malformed);
    }
    (text.len() <= SCRAM_NONCE_CHARS_MAX).then_some(text).ok_or(ScramError::OutOfBounds)
}

/// A salt and iterations within bounds: neither easy to guess from nor more work than a phone may be kept busy with.
pub(super) fn check_work(salt: &[u8], iterations: u32) -> Result<(), ScramError> {
    let in_bounds = (SALT_BYTES_MIN..=SALT_BYTES_MAX).contains(&salt.len())
        && (PASSPHRASE_ITERATIONS_MIN..=PASSPHRASE_ITERATIONS_MAX).contains(&iterations);
    if in_bounds { Ok(()) } else { Err(ScramError::OutOfBounds) }
}

/// 32 bytes in base64: a proof or a signature.
pub(super) fn key(text: &str) -> Result<[u8; 32], ScramError> {
    let bytes = BASE64.decode(text.as_bytes()).map_err(|_| ScramError::Malformed)?;
    bytes.try_into().map_err(|_| ScramError::Malformed)
}
