//! A room joined from here: where to dial, the session that keeps its place, and the driver that moves bytes.
//! Owns what one member has heard and still has to say; knows nothing of windows, terminals or hosting.
//!
//! # Layout
//! - [`target`]: what a person typed, as a place to dial. [`trust`]: which certificate is the right one there.
//! - [`session`]: the room as heard, sans-IO. [`event`]: what it tells whoever shows the room.
//! - [`inspector`]: what is seen of its connections by somebody who wants to know how they work.
//! - [`notebook`]: what of it outlasts this run, on disk.
//! - [`dial`]: opening a connection. [`driver`]: a session on a real one; [`join`] starts it.

pub mod dial;
pub mod driver;
pub mod event;
pub mod inspector;
pub mod notebook;
pub mod session;
pub mod target;
pub mod trust;

pub use driver::{Finder, Finding, JoinOptions, Joined, Prove, SayError, Update, join};
pub use event::{Fault, Link, NotebookFault, RoomEvent, Security};
pub use notebook::{ForgetError, Notebooks};
pub use session::{Proof, Session, SessionOptions};
pub use target::{Endpoint, Target, TargetError};
pub use trust::{FirstUse, Trust};
