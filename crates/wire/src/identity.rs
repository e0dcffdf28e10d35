//! What a member signs to prove who they are, and how a key becomes a [`MemberId`]. The signing itself
//! (Ed25519, RFC 8032) is done where keys are kept; no secret is ever part of a frame.

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

use crate::scram::EXPORTER_BYTES;
use crate::{MemberId, Nonce, RoomId};

/// Bytes of an Ed25519 public key.
pub const PUBLIC_KEY_BYTES: usize = 32;
/// Bytes of an Ed25519 signature.
pub const SIGNATURE_BYTES: usize = 64;

/// What a TLS connection is asked for its channel under, with an empty context (RFC 9266, section 2).
pub const EXPORTER_LABEL: &[u8] = b"EXPORTER-Channel-Binding";

/// What a `hello` over a connection without TLS is bound to: the authority that was dialed, as the request's
/// `Host` has it (RFC 9110, section 7.2), in lower case. Whoever passes a room's nonce on under another address
/// gets a signature that is worth nothing to that room.
pub fn channel_plain(authority: &str) -> String {
    format!("plain {}", authority.to_ascii_lowercase())
}

/// What TLS exported (RFC 9266), where a hello is bound to that.
pub fn exporter_of(channel: &str) -> Option<[u8; EXPORTER_BYTES]> {
    BASE64URL_NOPAD.decode(channel.strip_prefix("tls-exporter ")?.as_bytes()).ok()?.try_into().ok()
}

/// What a `hello` over TLS is bound to where the client can see no more of the connection than whom it dialed, as in a
/// browser.
pub fn channel_https(authority: &str) -> String {
    format!("https {}", authority.to_ascii_lowercase())
}

/// What a `hello` over TLS is bound to where the client sees the connection: these bytes of it, exported under
/// [`EXPORTER_LABEL`], are on both ends of one connection and on no other (RFC 9266).
pub fn channel_exporter(exported: &[u8; EXPORTER_BYTES]) -> String {
    format!("tls-exporter {}", BASE64URL_NOPAD.encode(exported))
}

/// By what a certificate is known again: the SHA-256 of its public key (SubjectPublicKeyInfo, RFC 5280, section
/// 4.1.2.7, in DER) in base64url. It stays the same when a certificate is made anew for the same key.
pub fn pin_of(public_key_info: &[u8]) -> String {
    BASE64URL_NOPAD.encode(&Sha256::digest(public_key_info))
}

/// The member a public key is: the first 128 bits of its SHA-256. A successor of the host knows members by
/// it, since whoever comes back shows the key that fits.
pub fn member_id(public_key: &[u8; PUBLIC_KEY_BYTES]) -> MemberId {
    let digest: [u8; 32] = Sha256::digest(public_key).into();
    let mut bits = [0; 16];
    bits.copy_from_slice(&digest[..16]);
    MemberId::from_random(bits)
}

/// The bytes a `hello` signs: bound to this room, this connection's nonce and the channel, so that a
/// signature overheard or asked for elsewhere is worth nothing here.
pub fn hello_to_sign(room: &RoomId, nonce: &Nonce, channel: &str) -> Vec<u8> {
    format!("maru.v1 hello\n{room}\n{nonce}\n{channel}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_always_the_same_member() {
        assert_eq!(member_id(&[1; 32]).as_str(), "cs1uhCLEB_ttCYaQ8RMLfQ");
        assert_ne!(member_id(&[1; 32]), member_id(&[2; 32]));
    }

    #[test]
    fn an_exporter_is_read_from_its_channel_and_from_no_other() {
        let channel = format!("tls-exporter {}", BASE64URL_NOPAD.encode(&[5; 32]));
        assert_eq!(exporter_of(&channel), Some([5; 32]));
        for other in ["plain maru.local", "https maru.local", "tls-exporter AAAA", "tls-exporter "] {
            assert_eq!(exporter_of(other), None, "{other}");
        }
    }

    #[test]
    fn each_kind_of_channel_is_told_apart() {
        assert_eq!(channel_https("Maru.local:4567"), "https maru.local:4567");
        assert_eq!(channel_exporter(&[0xfb; 32]), "tls-exporter -_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s");
    }

    #[test]
    fn what_is_signed_names_room_nonce_and_channel() {
        let room = RoomId::parse("room").unwrap();
        let nonce = Nonce::parse("nonce").unwrap();
        let channel = channel_plain("Maru.local:4567");
        assert_eq!(
            hello_to_sign(&room, &nonce, &channel),
            b"maru.v1 hello\nroom\nnonce\nplain maru.local:4567"
        );
    }
}
