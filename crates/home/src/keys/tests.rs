use std::fs;

use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use maru_wire::identity::{PUBLIC_KEY_BYTES, SIGNATURE_BYTES, channel_plain};

use super::*;

fn room(n: usize) -> RoomId {
    RoomId::parse(&format!("room-{n}")).unwrap()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn seeds(rooms: usize, used_at: impl Fn(usize) -> u64) -> KeysFile {
    let key = |n| RoomKey { room: room(n), seed: Seed([n as u8; 32]), used_at: used_at(n) };
    KeysFile { version: 1, rooms: (0..rooms).map(key).collect() }
}

#[test]
fn a_person_is_the_same_member_of_a_room_after_a_restart() {
    let folder = folder();
    let key = Keys::open(&folder).unwrap().key_for(&room(1)).unwrap();
    assert_eq!(Keys::open(&folder).unwrap().key_for(&room(1)).unwrap().to_bytes(), key.to_bytes());
}

#[test]
fn nobody_can_tell_that_members_of_two_rooms_are_one_person() {
    let folder = folder();
    let keys = Keys::open(&folder).unwrap();
    assert_ne!(keys.key_for(&room(1)).unwrap().to_bytes(), keys.key_for(&room(2)).unwrap().to_bytes());
}

#[test]
fn the_proof_of_a_hello_verifies_for_this_room_and_nonce_alone() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let (nonce, other) = (Nonce::parse("n1").unwrap(), Nonce::parse("n2").unwrap());
    let proof = sign_hello(&key, &room(1), &nonce, &channel_plain("maru.local:4567"));
    let bytes: [u8; PUBLIC_KEY_BYTES] =
        BASE64URL_NOPAD.decode(proof.key.as_bytes()).unwrap().try_into().unwrap();
    let signature: [u8; SIGNATURE_BYTES] =
        BASE64URL_NOPAD.decode(proof.signature.as_bytes()).unwrap().try_into().unwrap();
    let (key, signature) = (VerifyingKey::from_bytes(&bytes).unwrap(), Signature::from_bytes(&signature));
    let verifies = |room: &RoomId, nonce: &Nonce, channel: &str| {
        key.verify(&hello_to_sign(room, nonce, channel), &signature).is_ok()
    };
    assert!(verifies(&room(1), &nonce, &channel_plain("maru.local:4567")));
    assert!(!verifies(&room(2), &nonce, &channel_plain("maru.local:4567")));
    assert!(!verifies(&room(1), &other, &channel_plain("maru.local:4567")));
    assert!(!verifies(&room(1), &nonce, "other"));
}

#[test]
fn the_room_unused_for_longest_makes_place_for_a_new_one() {
    let folder = folder();
    let now = kept::unix_ms();
    let keys = Keys::open(&folder).unwrap();
    keys.write(&seeds(KEYS_MAX, |n| if n == 3 { 1 } else { now - n as u64 })).unwrap();
    let new = keys.key_for(&room(KEYS_MAX)).unwrap();
    let rooms = keys.read().unwrap().0.rooms;
    assert_eq!(rooms.len(), KEYS_MAX);
    assert!(!rooms.iter().any(|kept| kept.room == room(3)));
    assert_eq!(keys.key_for(&room(KEYS_MAX)).unwrap().to_bytes(), new.to_bytes());
    assert_eq!(keys.key_for(&room(4)).unwrap().to_bytes(), [4; 32]);
}

#[test]
fn a_new_key_stays_also_where_the_clock_was_put_back() {
    let folder = folder();
    let keys = Keys::open(&folder).unwrap();
    keys.write(&seeds(KEYS_MAX, |_| u64::MAX)).unwrap();
    let new = keys.key_for(&room(KEYS_MAX)).unwrap();
    assert_eq!(keys.read().unwrap().0.rooms.len(), KEYS_MAX);
    assert_eq!(keys.key_for(&room(KEYS_MAX)).unwrap().to_bytes(), new.to_bytes());
}

#[test]
fn a_full_file_of_keys_can_be_read() {
    let folder = folder();
    let keys = Keys::open(&folder).unwrap();
    keys.write(&seeds(KEYS_MAX, |_| u64::MAX)).unwrap();
    assert_eq!(Keys::open(&folder).unwrap().broken(), None);
    assert!(fs::metadata(folder.path().join("keys.json")).unwrap().len() < KEYS_BYTES_MAX / 2);
}

#[test]
fn a_use_is_noted_once_a_day() {
    let folder = folder();
    let keys = Keys::open(&folder).unwrap();
    let now = kept::unix_ms();
    keys.write(&seeds(2, |n| if n == 0 { now - USE_NOTED_AFTER_MS - 1 } else { now - 1_000 })).unwrap();
    assert_eq!(keys.key_for(&room(0)).unwrap().to_bytes(), [0; 32]);
    assert_eq!(keys.key_for(&room(1)).unwrap().to_bytes(), [1; 32]);
    let used: Vec<_> = keys.read().unwrap().0.rooms.iter().map(|kept| kept.used_at).collect();
    assert!(used[0] >= now && used[1] == now - 1_000, "{used:?}");
}

#[test]
fn broken_keys_are_set_aside_told_and_not_lost() {
    let short = r#"{"version":1,"rooms":[{"room":"a","seed":"AAAA","used_at":1}]}"#;
    let large = " ".repeat(KEYS_BYTES_MAX as usize + 1);
    for text in ["", "{", "[]", r#"{"version":1}"#, short, &large] {
        let folder = folder();
        fs::write(folder.path().join("keys.json"), text).unwrap();
        let keys = Keys::open(&folder).unwrap();
        let aside = keys.broken().expect("the caller is told");
        assert_eq!(fs::read_to_string(aside).unwrap(), text);
        keys.key_for(&room(1)).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn keys_that_may_not_be_read_are_named_and_left_alone() {
    let folder = folder();
    let path = folder.path().join("keys.json");
    std::os::unix::fs::symlink(&path, &path).unwrap();
    let error = Keys::open(&folder).unwrap_err();
    assert!(
        matches!(error, KeyError::Unreadable { .. }) && error.to_string().contains("keys.json"),
        "{error}"
    );
    assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
}

#[cfg(unix)]
#[test]
fn keys_are_for_their_owners_eyes_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    Keys::open(&folder).unwrap().key_for(&room(1)).unwrap();
    let mode = fs::metadata(folder.path().join("keys.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn two_processes_that_make_a_key_at_once_both_keep_theirs() {
    let folder = folder();
    let made: Vec<Vec<_>> = std::thread::scope(|scope| {
        let makers: Vec<_> = (0..2)
            .map(|_| {
                let keys = Keys::open(&folder).unwrap();
                scope.spawn(move || (0..20).map(|n| keys.key_for(&room(n)).unwrap().to_bytes()).collect())
            })
            .collect();
        makers.into_iter().map(|maker| maker.join().unwrap()).collect()
    });
    assert_eq!(made[0], made[1], "one key a room, whoever was first");
    assert_eq!(Keys::open(&folder).unwrap().read().unwrap().0.rooms.len(), 20);
}
