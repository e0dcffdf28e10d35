//! Texts into frames, and what is wrong with those that are none.

use std::borrow::Cow;

use serde::Deserialize;

use super::{ClientFrame, FrameError, RoomFrame};
use crate::limits::SCRAM_BYTES_MAX;
use crate::{Cursor, MessageId, MessageText, MessageTextError, Nickname, RefusalCode, SearchWords, Seq};

impl ClientFrame {
    /// Reads a frame that a member sent.
    pub fn parse(text: &str) -> Result<Self, FrameError> {
        if let Ok(Say { id, text, .. }) = serde_json::from_str(text) {
            return Self::say(id, &text);
        }
        let typed: Typed = serde_json::from_str(text).map_err(|error| misread(text, &error))?;
        let kind = typed.kind();
        let fail = |code, id, message: String| FrameError { code, frame: Some(kind.into()), id, message };
        let nickname = |text: String| {
            Nickname::parse(&text).map_err(|error| fail(RefusalCode::BadNickname, None, error.to_string()))
        };
        Ok(match typed {
            Typed::Authenticate { data, .. } if data.len() > SCRAM_BYTES_MAX => {
                let message = format!("what is shown has at most {SCRAM_BYTES_MAX} bytes");
                return Err(fail(RefusalCode::BadFrame, None, message));
            }
            Typed::Authenticate { mechanism, data } => Self::Authenticate { mechanism, data },
            Typed::Hello { nickname: name, key, signature, cursor } => {
                Self::Hello { nickname: nickname(name)?, key, signature, cursor }
            }
            Typed::Say { id, text } => return Self::say(id, &text),
            Typed::Rename { nickname: name } => Self::Rename { nickname: nickname(name)? },
            Typed::Typing { active } => Self::Typing { active },
            Typed::History { before } => Self::History { before },
            Typed::Excerpt { from } => Self::Excerpt { from },
            Typed::Search { words, before } => Self::Search {
                words: SearchWords::parse(&words)
                    .map_err(|error| fail(RefusalCode::BadFrame, None, error.to_string()))?,
                before,
            },
            Typed::Roster { after } => Self::Roster { after },
            Typed::Leave => Self::Leave,
        })
    }

    fn say(id: MessageId, text: &str) -> Result<Self, FrameError> {
        match MessageText::parse(text) {
            Ok(text) => Ok(Self::Say { id, text }),
            Err(error) => {
                let code = match error {
                    MessageTextError::Empty => RefusalCode::Empty,
                    MessageTextError::TooLong => RefusalCode::TooLong,
                };
                let (frame, message) = (Some("say".into()), error.to_string());
                Err(FrameError { code, frame, id: Some(id), message })
            }
        }
    }
}

impl RoomFrame {
    /// Reads a frame that a room sent.
    pub fn parse(text: &str) -> Result<Self, FrameError> {
        serde_json::from_str(text).map_err(|error| {
            let kind = match frame_type(text) {
                Ok(kind) => kind,
                Err(error) => return error,
            };
            FrameError {
                code: RefusalCode::BadFrame,
                frame: Some(kind),
                id: None,
                message: clipped(&error.to_string()),
            }
        })
    }
}

/// What nearly all frames are, read at one go: of a type that is not known beforehand each field has to be kept
/// until it is.
#[derive(Deserialize)]
struct Say<'a> {
    #[serde(rename = "type")]
    _kind: SayType,
    id: MessageId,
    #[serde(borrow)]
    text: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum SayType {
    Say,
}

/// A frame with the right fields, its texts not looked at yet.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Typed {
    Authenticate {
        mechanism: String,
        data: String,
    },
    Hello {
        nickname: String,
        #[serde(default)]
        key: Option<String>,
        #[serde(default)]
        signature: Option<String>,
        #[serde(default)]
        cursor: Option<Cursor>,
    },
    Say {
        id: MessageId,
        text: String,
    },
    Rename {
        nickname: String,
    },
    Typing {
        active: bool,
    },
    History {
        before: Seq,
    },
    Excerpt {
        from: Seq,
    },
    Search {
        words: String,
        #[serde(default)]
        before: Option<Seq>,
    },
    Roster {
        after: u32,
    },
    Leave,
}

impl Typed {
    fn kind(&self) -> &'static str {
        match self {
            Self::Authenticate { .. } => "authenticate",
            Self::Hello { .. } => "hello",
            Self::Say { .. } => "say",
            Self::Rename { .. } => "rename",
            Self::Typing { .. } => "typing",
            Self::History { .. } => "history",
            Self::Excerpt { .. } => "excerpt",
            Self::Search { .. } => "search",
            Self::Roster { .. } => "roster",
            Self::Leave => "leave",
        }
    }
}

/// Why a text is no frame of a member, found out by reading it once more.
fn misread(text: &str, error: &serde_json::Error) -> FrameError {
    let kind = match frame_type(text) {
        Ok(kind) => kind,
        Err(error) => return error,
    };
    let (code, message) = if KNOWN_TYPES.contains(&kind.as_str()) {
        (RefusalCode::BadFrame, clipped(&error.to_string()))
    } else {
        (RefusalCode::UnknownType, format!("this room knows no type \"{kind}\""))
    };
    FrameError { code, frame: Some(kind), id: None, message }
}

const KNOWN_TYPES: [&str; 10] =
    ["authenticate", "hello", "say", "rename", "typing", "history", "excerpt", "search", "roster", "leave"];

/// Characters of a stranger's text that are repeated back to them.
const ECHO_CHARS_MAX: usize = 80;

fn frame_type(text: &str) -> Result<String, FrameError> {
    #[derive(Deserialize)]
    struct Tag {
        #[serde(rename = "type")]
        kind: String,
    }
    serde_json::from_str::<Tag>(text).map(|tag| clipped(&tag.kind)).map_err(|error| FrameError {
        code: RefusalCode::NotJson,
        frame: None,
        id: None,
        message: format!("a frame is a JSON object with a \"type\": {}", clipped(&error.to_string())),
    })
}

fn clipped(text: &str) -> String {
    text.chars().take(ECHO_CHARS_MAX).collect()
}
