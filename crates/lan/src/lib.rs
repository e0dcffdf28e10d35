//! Being found on a network: which addresses others can use, the invite that carries them, the invite as a picture,
//! announcing a room and hearing of others. Knows cards and names of rooms, and nothing of what is said in them.
//!
//! # Layout
//! - [`mod@addresses`]: [`addresses()`], this machine's addresses, the likeliest first. [`watch`]: whenever they change.
//! - [`invite`]: [`invite::link`], all that somebody needs to come in. [`qr`]: [`qr::terminal`], the same for a camera.
//! - [`discovery`]: a hosted room announced, others heard of. [`scan`]: others asked for, where nothing can be heard.
//! - [`nearby`]: [`Nearby`], a room on this network. [`reach`]: [`Reach`], whether others reach ours.

pub mod addresses;
pub mod discovery;
pub mod invite;
pub mod nearby;
pub mod qr;
pub mod reach;
pub mod scan;
pub mod watch;

pub use addresses::{Address, Kind, addresses};
pub use discovery::{Announced, Announcer, Browser};
pub use nearby::Nearby;
pub use reach::Reach;
