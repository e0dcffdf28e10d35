//! A hosted room on one port: the page for browsers, `/room.json`, the WebSocket, and the thread that owns the
//! room. Knows neither windows nor preferences, and never the client.
//!
//! # Layout
//! - [`Host`]: opens a room with [`HostOptions`], and closes it.
//! - [`listener`]: the port, and HTTP on it. [`visit`]: who may come from where. `page`: the files.
//! - [`upgrade`], [`ws`], [`frame_guard`]: one WebSocket connection; the product passes a room's seat to
//!   [`ws::serve_ws`], `examples/echo_server.rs` an echo.
//! - `seat`: a member's end of a connection. `keeper`: the thread that owns the room. `feed`: what everybody
//!   hears. [`hub`]: everything that is decided, without any of these.

pub mod address;
mod feed;
pub mod frame_guard;
mod host;
pub mod hub;
mod keeper;
pub mod listener;
pub mod options;
mod page;
mod seat;
pub mod upgrade;
pub mod visit;
pub mod ws;

pub use host::{Host, HostError};
pub use options::{HostLimits, HostOptions, PortChoice};
