//! Who this person is: their folders, what they are called, and the keys that make them the same member again.

use std::path::Path;
use std::sync::Arc;

use maru_client::{Proof, Prove, Trust};
use maru_home::diagnostics::{self, Diagnostics, Role};
use maru_home::{Folders, JoinedRooms, Keys, NoHome, Pins, PreferencesFile, sign_hello};
use maru_wire::identity::member_id;
use maru_wire::{MemberId, Nickname, RoomId};

use crate::output::complain;
use crate::trust::KnownPins;
use crate::words::{Word, Words};

/// The person who runs this.
pub(crate) struct Person {
    folders: Folders,
    keys: Option<Arc<Keys>>,
    trust: Arc<dyn Trust>,
    nickname: Option<Nickname>,
    announces: bool,
    /// Logs for as long as it is held.
    _diagnostics: Diagnostics,
}

impl Person {
    /// The person to whom these folders belong; by default whoever runs the program. What is broken there is
    /// told of and done without.
    pub(crate) fn open(data_dir: Option<&Path>, words: Words) -> Result<Self, NoHome> {
        let folders = data_dir.map_or_else(Folders::of_this_person, |folder| Ok(Folders::under(folder)))?;
        let diagnostics = diagnostics::init(&folders.state, Role::Terminal { verbose: false });
        let keys = match Keys::open(&folders.data) {
            Ok(keys) => {
                if let Some(path) = keys.broken() {
                    complain(&words.with(Word::KeysBroken, &[("path", &path.display().to_string())]));
                }
                Some(Arc::new(keys))
            }
            Err(error) => {
                complain(&words.with(Word::KeysUnusable, &[("why", &error.to_string())]));
                None
            }
        };
        let trust: Arc<dyn Trust> = match Pins::open(&folders.data) {
            Ok(pins) => {
                if let Some(path) = pins.broken() {
                    complain(&words.with(Word::PinsBroken, &[("path", &path.display().to_string())]));
                }
                Arc::new(KnownPins(Some(pins)))
            }
            Err(error) => {
                complain(&words.with(Word::PinsUnusable, &[("why", &error.to_string())]));
                Arc::new(KnownPins(None))
            }
        };
        // The name of the last resort is good enough where they cannot be read.
        let preferences =
            PreferencesFile::open(folders.preferences()).load().map(|loaded| loaded.preferences);
        // Whoever may have said that nobody is to be told is taken at their word.
        let announces = preferences.as_ref().is_ok_and(|preferences| preferences.announce);
        let chosen = preferences.ok().and_then(|preferences| preferences.nickname);
        let nickname = chosen.and_then(|name| Nickname::parse(&name).ok()).or_else(of_the_system);
        Ok(Self { folders, keys, trust, nickname, announces, _diagnostics: diagnostics })
    }

    pub(crate) fn folders(&self) -> &Folders {
        &self.folders
    }

    /// The certificates they know.
    pub(crate) fn trust(&self) -> Arc<dyn Trust> {
        Arc::clone(&self.trust)
    }

    /// The rooms they have joined.
    pub(crate) fn joined_rooms(&self) -> JoinedRooms {
        JoinedRooms::open(&self.folders.data)
    }

    /// What they call themselves, or what the system calls them.
    pub(crate) fn nickname(&self) -> Option<&Nickname> {
        self.nickname.as_ref()
    }

    /// Whether the network is told of the rooms they host.
    pub(crate) fn announces(&self) -> bool {
        self.announces
    }

    /// A name for somebody who has none.
    pub(crate) fn guest(words: Words) -> Nickname {
        let number = getrandom::u32().unwrap_or_default() % 900 + 100;
        let name = words.with(Word::Guest, &[("n", &number.to_string())]);
        Nickname::parse(&name).expect("a word and a number are a nickname")
    }

    /// Which member of a room they are; none where no key can be kept.
    pub(crate) fn member_of(&self, room: &RoomId) -> Option<MemberId> {
        let key = self.keys.as_ref()?.key_for(room).ok()?;
        Some(member_id(key.verifying_key().as_bytes()))
    }

    /// How they prove who they are. Without keys they are nobody in particular.
    pub(crate) fn prove(&self) -> Prove {
        let keys = self.keys.clone();
        Box::new(move |room, nonce, channel| {
            let key = match keys.as_ref()?.key_for(room) {
                Ok(key) => key,
                Err(error) => {
                    tracing::warn!(%error, "no key for a room");
                    return None;
                }
            };
            let proof = sign_hello(&key, room, nonce, channel);
            Some(Proof { key: proof.key, signature: proof.signature })
        })
    }
}

/// The name under which this person has logged in, without a Windows domain.
fn of_the_system() -> Option<Nickname> {
    ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .filter_map(|variable| std::env::var(variable).ok())
        .find_map(|name| Nickname::parse(name.rsplit(['\\', '/']).next().unwrap_or_default()).ok())
}
