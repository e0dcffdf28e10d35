//! Measures a hosted room beside what people build instead: the load, the checks, the figures. Treats Maru as a
//! program with a command line and a protocol; depends on no crate of it, and none depends on this one.
//!
//! # Layout
//! - `framing`, `said`, `order`, `figures`: pure. WebSocket frames, the messages, whether everybody heard the same, and
//!   medians.
//! - `tongue`, `crowd`, `load`, `sealed`: the members that are played, over TLS or not, on one thread and one poll.
//! - `visitor`, `disturbance`: those who trouble a room while it is measured.
//! - `process`, `machine`, `contestant`, `server`, `peers`, `ending`: what is measured, what it costs, and that it ends.
//! - `plan`, `rows`, `report`, `pages`: what is asked for, one file a row, and how it is told.
#![cfg(target_os = "linux")]

pub mod contestant;
pub mod crowd;
pub mod disturbance;
pub mod ending;
pub mod figures;
pub mod framing;
pub mod load;
pub mod machine;
pub mod order;
pub mod pages;
pub mod peers;
pub mod plan;
pub mod process;
pub mod report;
pub mod rows;
pub mod said;
pub mod sealed;
pub mod server;
pub mod tongue;
pub mod visitor;
