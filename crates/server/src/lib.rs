//! A hosted room on one port: the page for browsers, `/room.json`, the WebSocket, and the thread that owns the
//! room. Knows neither windows nor preferences, and never the client.
//!
//! # Layout
//! - [`Host`]: opens a room with [`HostOptions`], and closes it.
//! - [`listener`]: the port, and HTTP on it. [`tls`]: who the room is over TLS. [`visit`]: who may come from where.
//!   `page`: the files.
//! - [`upgrade`], [`frame_guard`], [`sweep`]: the WebSocket connections, all on one thread; the product passes a
//!   room's seats to the sweep, `examples/echo_server.rs` an echo.
//! - `seat`: the members' end of the connections. `keeper`: the thread that owns the room; `writer` and `readers`:
//!   those that have to do with its store. [`hub`]: everything that is decided, without any of these. `words`: what a
//!   peer that hears only text is told. `socket_io`: members on Socket.IO, each a task of its own.

pub mod address;
pub mod frame_guard;
mod host;
pub mod hub;
mod keeper;
pub mod listener;
pub mod options;
mod page;
mod readers;
mod seat;
mod socket_io;
pub mod sweep;
pub mod tls;
pub mod upgrade;
pub mod visit;
mod words;
mod writer;

pub use host::{Host, HostError};
pub use options::{HostLimits, HostOptions, Language, PortChoice};
