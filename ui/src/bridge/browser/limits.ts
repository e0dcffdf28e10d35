// The bounds a guest's session keeps. Those that `crates/wire/src/limits.rs` names too have its names and numbers
// (`limits.test.ts` compares them); the others hold for this session alone.

/** Bytes of UTF-8 in one message. */
export const MESSAGE_BYTES_MAX = 64 * 1024;
/** Messages waiting here to be taken by the room. At this many the composer says so and keeps the text. */
export const OUTBOX_MESSAGES_MAX = 1_000;
/** Entries of a room that are shown; older ones are asked for again. */
export const MIRROR_ENTRIES_MAX = 10_000;
/** Bytes of text of a room that are kept; older entries are asked for again. */
export const MIRROR_BYTES_MAX = 16 * 1024 * 1024;
/** Milliseconds to wait for a connection. */
export const DIAL_MS_MAX = 10_000;
/** Milliseconds to be let in where a passphrase has to be shown first, which a phone works out. */
export const PASSPHRASE_MS_MAX = 30_000;
/** Characters of a passphrase. */
export const PASSPHRASE_CHARS_MAX = 256;
/** How often a room may want it hashed. */
export const PASSPHRASE_ITERATIONS_MIN = 4_096;
export const PASSPHRASE_ITERATIONS_MAX = 1_000_000;
/** Bytes of its salt. */
export const SALT_BYTES_MIN = 8;
export const SALT_BYTES_MAX = 64;
/** Bytes of one text in which it is shown, and characters of the nonce in it. */
export const SCRAM_BYTES_MAX = 1_024;
export const SCRAM_NONCE_CHARS_MAX = 256;
/** Milliseconds of the first wait before dialing again; doubled each time, with full jitter. */
export const RETRY_MS_MIN = 500;
/** Milliseconds of the longest wait before dialing again. */
export const RETRY_MS_MAX = 30_000;
/** Milliseconds a "typing" note holds without being renewed. */
export const TYPING_MS_MAX = 6_000;
/** Milliseconds between two "typing" notes of one member. */
export const TYPING_INTERVAL_MS = 2_000;
/** Rooms remembered in the preferences. */
export const RECENT_ROOMS_MAX = 20;

/** Messages said and not yet taken. Below the 50 refusals for speed after which a room lets go of a member, so
 *  that one misjudged burst never ends the visit. */
export const IN_FLIGHT_MAX = 32;
/** Milliseconds to hold back after having been too fast: a second's allowance has come together by then. */
export const TOO_FAST_PAUSE_MS = 1_000;
/** Milliseconds from being let in to being asked whether the room is still there: the page sees no pings, so
 *  silence means nothing until then. Two of the room's ping intervals. */
export const SILENCE_MS_MAX = 40_000;
/** Milliseconds without any sign of the room while a message of ours is on its way. */
export const UNACKED_MS_MAX = 5_000;
/** Milliseconds for the answer to such a question. */
export const ANSWER_MS_MAX = 5_000;
/** Milliseconds a connection must have held for the next loss to count as the first. Else a room that lets in and
 *  lets go at once would be dialed without pause. */
export const SETTLED_MS = 10_000;
/** Members noted as writing at once; more than any line can name. */
export const TYPING_MEMBERS_MAX = 200;
