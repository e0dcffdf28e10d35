//! Being found on a network: which addresses others can use, the invite that carries them, and the invite as
//! a picture. Owns no socket and no room.
//!
//! # Layout
//! - [`mod@addresses`]: [`addresses()`], this machine's addresses, the likeliest first.
//! - [`invite`]: [`invite::link`], all that somebody needs to come in.
//! - [`nearby`]: [`Nearby`], a room on this network. [`reach`]: [`Reach`], whether others reach ours.
//! - [`qr`]: [`qr::terminal`], the same for a camera.

pub mod addresses;
pub mod invite;
pub mod nearby;
pub mod qr;
pub mod reach;

pub use addresses::{Address, Kind, addresses};
pub use nearby::Nearby;
pub use reach::Reach;
