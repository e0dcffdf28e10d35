//! A room joined from here: where to dial, the session that keeps its place, and the driver that moves bytes.
//! Owns what one member has heard and still has to say; knows nothing of windows, terminals or hosting.
//!
//! # Layout
//! - [`event`]: [`RoomEvent`], what a session tells whoever shows the room.

pub mod event;
pub mod target;

pub use event::{Fault, Link, RoomEvent};
