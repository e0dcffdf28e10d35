//! Every bound of the product, with its unit in the name and the reason for the number.
//! A bound that a host may move is the default of a flag; the others are fixed by the protocol.

/// Bytes of UTF-8 in one message: a long pasted log fits, a flood does not.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;

/// Bytes in one WebSocket message from a member: a message in which every character is escaped as six
/// (`\u00e9`) still fits, with room for the fields around it.
pub const FRAME_BYTES_MAX: usize = 6 * MESSAGE_BYTES_MAX + 1024;

/// WebSocket frames that may make up one message (RFC 6455, section 5.4): 64 KiB in pieces of 1 KiB with
/// as much again to spare. Without it, empty continuation frames cost CPU for ever.
pub const FRAMES_PER_MESSAGE_MAX: u32 = 128;

/// Control frames (ping, pong, close) heard from a peer between two data frames or within one ping
/// interval; honest peers send a handful.
pub const CONTROL_FRAMES_MAX: u32 = 64;

/// Graphemes in a nickname: as long as a full name with a title, as short as one syllable.
pub const NICKNAME_GRAPHEMES_MAX: usize = 32;

/// Bytes of UTF-8 in a nickname. 32 emoji families take up to 800; without it one grapheme could carry
/// a thousand combining marks.
pub const NICKNAME_BYTES_MAX: usize = 1024;

/// Marks (Unicode category M) on one base character in a nickname: the richest living scripts use four.
pub const NICKNAME_MARKS_MAX: usize = 4;

/// Graphemes in a room's name.
pub const ROOM_NAME_GRAPHEMES_MAX: usize = 64;

/// Characters in a message's identifier: a UUID has 36, and nothing longer is needed.
pub const MESSAGE_ID_CHARS_MAX: usize = 40;

/// Bytes of a request's head (request line and headers): browsers send less than 2 KiB to a LAN address.
pub const HEAD_BYTES_MAX: usize = 8 * 1024;

/// Bytes of a room's card: a name of 64 graphemes with as many marks as may be, and five short fields.
pub const CARD_BYTES_MAX: usize = 8 * 1024;

/// Headers in one request: browsers send about 20.
pub const HEADERS_MAX: usize = 64;

/// Milliseconds for a request's head to arrive: slower ones hold a socket for nothing.
pub const HEAD_MS_MAX: u64 = 10_000;

/// Milliseconds for the first byte to arrive, and then for a TLS handshake: as long as for a request's head.
pub const TLS_MS_MAX: u64 = HEAD_MS_MAX;

/// Bytes that are encrypted for one connection and not yet written: four records of the largest kind (RFC 8446,
/// section 5.1), as much as one write takes on most systems. What goes beyond waits in the feed, where it lies once
/// for all.
pub const SEALED_BYTES_MAX: usize = 64 * 1024;

/// Milliseconds one connection may speak HTTP, and then those its last answer may take: a peer that does not
/// read what it asked for would hold a socket for ever.
pub const HTTP_MS_MAX: u64 = 60_000;

/// Milliseconds from the room's first frame to the peer's `hello` where `maru.v1` was negotiated.
pub const HELLO_MS_MAX: u64 = 5_000;

/// Milliseconds from the room's first frame to the `hello` in a room with a passphrase: a slow phone computes for
/// several seconds before it can show it, and more when it is busy.
pub const PASSPHRASE_MS_MAX: u64 = 30_000;

/// Characters of a passphrase: a sentence, or what a password manager makes.
pub const PASSPHRASE_CHARS_MAX: usize = 256;

/// Times a room's passphrase is hashed (PBKDF2, RFC 8018) before it is stored or shown: what the page does on a phone in
/// about a second. Measured in docs/BENCHMARKS.md, where it says why not more.
pub const PASSPHRASE_ITERATIONS: u32 = 50_000;

/// Fewest times that a member takes for an answer (RFC 7677, section 4): less would be easy to guess from.
pub const PASSPHRASE_ITERATIONS_MIN: u32 = 4_096;

/// Most times: a hostile room must not keep a phone busy for longer than half a minute.
pub const PASSPHRASE_ITERATIONS_MAX: u32 = 1_000_000;

/// Fewest bytes of a passphrase's salt (RFC 8018, section 4.1).
pub const SALT_BYTES_MIN: usize = 8;

/// Most bytes of a passphrase's salt: a hash's length, twice.
pub const SALT_BYTES_MAX: usize = 64;

/// Bytes of one message of SCRAM: ours take up to 200.
pub const SCRAM_BYTES_MAX: usize = 1_024;

/// Characters of a nonce in it, both sides' together.
pub const SCRAM_NONCE_CHARS_MAX: usize = 256;

/// Passphrases that may be tried at once from one address (IPv6: one /64; loopback is one too). A person mistypes a few
/// times, and a class behind one router comes in one by one, since whoever is right does not count.
pub const PASSPHRASE_TRIES_MAX: u32 = 10;

/// Milliseconds after which one more may be tried: with the ten at once, 60 in any ten minutes.
pub const PASSPHRASE_TRY_MS: u64 = 12_000;

/// Addresses whose tries are counted one by one; while so many are counted, all others share one count.
pub const PASSPHRASE_ADDRESSES_MAX: usize = 4_096;

/// Milliseconds for which a peer that negotiated nothing may show by its first frame how it speaks; then it speaks plain
/// text. Our own client asks a silent server after 300 ms, and waits 500 ms more.
pub const FOREIGN_DECIDE_MS: u64 = 1_000;

/// Milliseconds between two pings: below the shortest idle timeout found on home routers and proxies (30 s).
pub const PING_INTERVAL_MS: u64 = 20_000;

/// Unanswered pings after which the other side counts as gone.
pub const PINGS_MISSED_MAX: u32 = 2;

/// Milliseconds one write may wait for the peer to read: as long as a peer may stay silent.
pub const WRITE_STALL_MS_MAX: u64 = PING_INTERVAL_MS * PINGS_MISSED_MAX as u64;

/// Milliseconds for a polite close (RFC 6455, section 7.1.1) before the socket is dropped.
pub const CLOSE_MS_MAX: u64 = 2_000;

/// Milliseconds to wait for a TCP connection, TLS and the WebSocket handshake together when joining.
pub const DIAL_MS_MAX: u64 = 10_000;

/// Default of `--max-members`: members of one room at once. A building's floor, not a stadium.
pub const MEMBERS_MAX_DEFAULT: usize = 256;

/// Largest value of `--max-members`.
pub const MEMBERS_MAX: usize = 100_000;

/// Default of `--max-per-address`: connections from one address (IPv6: one /64). A classroom behind one
/// router fits; loopback is exempt from this one alone.
pub const PER_ADDRESS_MAX_DEFAULT: usize = 64;

/// Default of `--rate`: messages a second one member may send, over time.
pub const RATE_PER_SECOND_DEFAULT: u32 = 1_000;

/// Seconds' worth of the rate that a member may send at once: an outbox emptied after a long time away.
pub const RATE_BURST_SECONDS: u32 = 2;

/// Renames a second: each is kept in the log and told to everybody.
pub const RENAMES_PER_SECOND_MAX: u32 = 2;

/// Hellos a second: each may have a signature to verify.
pub const HELLOS_PER_SECOND_MAX: u32 = 10;

/// Pages of history or roster a second: each is up to 32 KiB to make.
pub const PAGES_PER_SECOND_MAX: u32 = 20;

/// Searches a second: each may read thousands of entries.
pub const SEARCHES_PER_SECOND_MAX: u32 = 5;

/// Characters of what is looked for in one search: a sentence, not a text.
pub const SEARCH_CHARS_MAX: usize = 200;

/// Messages in one answer to a search; older ones can be asked for.
pub const FOUND_ENTRIES_MAX: usize = 50;

/// Refusals for speed before the connection is closed: enough to be told, too few to be a lever.
pub const RATE_REFUSALS_MAX: u32 = 50;

/// Milliseconds without a refusal for speed after which those before are forgotten.
pub const RATE_FORGIVEN_MS: u64 = 1_000;

/// Milliseconds for which a member who lost their connection keeps their name: a restarted router, a lift.
pub const NAME_RESERVED_MS: u64 = 60_000;

/// Refusals of any other kind on one connection before it is closed: a peer that only errs is broken.
pub const REFUSALS_MAX: u32 = 1_000;

/// Sockets a host keeps beyond its members, for pages being fetched and handshakes under way.
pub const SOCKETS_SPARE: usize = 256;

/// Entries that a room which keeps nothing on disk has in memory. Older ones are trimmed, and whoever stood before
/// them is told of the gap.
pub const LOG_ENTRIES_MAX: usize = 50_000;

/// Bytes of text that a room which keeps nothing on disk has in memory.
pub const LOG_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The latest entries that a room kept on disk has in memory too: those who were away for minutes need no disk.
pub const TAIL_ENTRIES_MAX: usize = 4_000;

/// Bytes of text of those entries.
pub const TAIL_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Smallest number of entries of a room that keeps the last ones.
pub const KEPT_ENTRIES_MIN: u32 = 1;
/// Largest number of entries of a room that keeps the last ones; whoever wants more keeps everything.
pub const KEPT_ENTRIES_MAX: u32 = 1_000_000_000;

/// Milliseconds for which a message's name is known after the message itself was trimmed: an outbox that was away
/// on holiday still says nothing twice.
pub const MESSAGE_ID_KNOWN_MS: u64 = 30 * 24 * 60 * 60 * 1_000;

/// Bytes of text that wait for the disk, from all members together. Past it the room refuses what is said with
/// `unavailable`: this is what a disk that stalls costs.
pub const DRAFTS_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Entries in one page of history.
pub const PAGE_ENTRIES_MAX: usize = 100;

/// Bytes of entries in one page: with the roster beside it, a `welcome` stays within 64 KiB, except for one
/// entry that alone is larger.
pub const PAGE_BYTES_MAX: usize = 32 * 1024;

/// Members in one page of the roster.
pub const ROSTER_PAGE_MEMBERS_MAX: usize = 100;

/// Bytes of members in one frame: beside a page of entries, a room's name and oneself, within 64 KiB.
pub const ROSTER_PAGE_BYTES_MAX: usize = 26 * 1024;

/// Members up to which each arrival is announced by itself; above, presence is one frame a second.
pub const PRESENCE_SINGLE_MEMBERS_MAX: usize = 200;

/// Milliseconds between two `presence` frames.
pub const PRESENCE_INTERVAL_MS: u64 = 1_000;

/// Names in one `presence` frame in each direction; the count is exact even where names are left out.
pub const PRESENCE_NAMES_MAX: usize = 50;

/// Bytes of encoded frames the fan-out keeps for readers that are behind. Past it they are let go with
/// "retry" and resume: this is what all slow readers together cost.
pub const FEED_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Frames waiting for one member alone (pages, refusals); one that does not take them is let go.
pub const PRIVATE_FRAMES_MAX: usize = 64;

/// Bytes waiting for one member alone past which it is not read: two pages, and what comes between them.
pub const PRIVATE_BYTES_MAX: usize = 64 * 1024;

/// What a question for a page takes of [`SHARE_FRAMES_MAX`]: two pages at a time wait for a reader, whose
/// entries may be large.
pub const PAGE_SHARE_FRAMES: usize = SHARE_FRAMES_MAX / 2;

/// Frames of one connection that are on their way to the keeper or whose answers are not written. At this
/// many it is not read: an outbox said again, all of it known, must not overflow the queue of its answers.
/// What the room says unasked (pages of what was missed, the seam, good-bye) has the rest of that queue.
pub const SHARE_FRAMES_MAX: usize = PRIVATE_FRAMES_MAX - 16;

/// Bytes of a message that take one more of [`SHARE_FRAMES_MAX`]: its answer is as large where it was said before, and
/// whoever says the longest ones again without reading has three of them wait, not all.
pub const SHARE_FRAME_BYTES: usize = 4 * 1024;

/// Requests waiting for the keeper, from all members together. A full queue stops reading sockets.
pub const KEEPER_QUEUE_MAX: usize = 4_096;

/// Milliseconds a "typing" note holds without being renewed.
pub const TYPING_MS_MAX: u64 = 6_000;

/// Milliseconds between two "typing" notes of one member that are passed on.
pub const TYPING_INTERVAL_MS: u64 = 2_000;

/// Messages waiting in a client's outbox. At this many the composer says so and keeps the text.
pub const OUTBOX_MESSAGES_MAX: usize = 1_000;

/// Bytes of text a client keeps in memory of a joined room.
pub const MIRROR_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Entries a client keeps in memory of a joined room.
pub const MIRROR_ENTRIES_MAX: usize = 10_000;

/// Milliseconds of the first wait before dialing again; doubled each time, with full jitter.
pub const RETRY_MS_MIN: u64 = 500;

/// Milliseconds of the longest wait before dialing again.
pub const RETRY_MS_MAX: u64 = 30_000;

/// Rooms remembered in the preferences.
pub const RECENT_ROOMS_MAX: usize = 20;

/// Bytes of a preferences file that is read at all.
pub const PREFERENCES_BYTES_MAX: u64 = 1024 * 1024;

/// Characters of an address that a person typed or pasted.
pub const ADDRESS_CHARS_MAX: usize = 2_048;

/// Addresses taken from one invite.
pub const INVITE_ADDRESSES_MAX: usize = 8;

/// Rooms nearby that are listed: more than a building has, and what a flood of announcements costs at most.
pub const ROOMS_NEARBY_MAX: usize = 64;
