//! A room joined from here: where to dial, the session that keeps its place, and the driver that moves bytes.
//! Owns what one member has heard and still has to say; knows nothing of windows, terminals or hosting.
//!
//! # Layout
//! - [`target`]: what a person typed, as a place to dial. [`trust`]: which certificate is the right one there.
//! - [`session`]: the room as heard, sans-IO. [`event`]: what it tells whoever shows the room.
//! - [`foreign`]: a server that is none of ours, sans-IO too. `scout`: finding out what is spoken, over `http` and on the
//!   `way` there. `engine_io`: the transport of Socket.IO. `backoff`: how long to wait before dialing again.
//! - [`inspector`]: what is seen of its connections by somebody who wants to know how they work.
//! - [`notebook`]: what of it outlasts this run, on disk.
//! - [`card`]: asking who is there. [`dial`]: opening a connection. [`driver`]: a session on a real one; [`join`] starts it.

mod backoff;
pub mod card;
pub mod dial;
pub mod driver;
mod engine_io;
pub mod event;
pub mod foreign;
mod http;
pub mod inspector;
pub mod notebook;
mod scout;
pub mod session;
pub mod target;
pub mod trust;
mod way;

pub use driver::{Finder, Finding, JoinOptions, Joined, Prove, SayError, Update, join};
pub use event::{Fault, Link, NotebookFault, RoomEvent, Security};
pub use notebook::{ForgetError, Notebooks};
pub use session::{Proof, Session, SessionOptions};
pub use target::{Endpoint, Target, TargetError};
pub use trust::{FirstUse, Trust};
