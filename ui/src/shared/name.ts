/**
 * A name that a stranger's room states of itself, made fit to be shown: in one line, within bounds, and without what
 * turns the words around it. A room of ours never states another (`crates/wire/src/nickname.rs`).
 */
import { graphemes } from './graphemes';

/** `wire::limits::ROOM_NAME_GRAPHEMES_MAX`. */
export const ROOM_NAME_GRAPHEMES_MAX = 64;

/** The name, or the beginning of the room's id where nothing is left of it. */
export function cleanRoomName(name: string, id: string): string {
  return clean(name) || clean(id.slice(0, ID_CHARS)) || '?';
}

function clean(name: string): string {
  const visible = name
    .slice(0, CHARS_MAX)
    .normalize('NFC')
    .replace(/\s+/gu, ' ')
    .replace(INVISIBLE, '')
    .replace(MARKS, '$1');
  const short = graphemes(visible.trim()).slice(0, ROOM_NAME_GRAPHEMES_MAX).join('').trim();
  return VISIBLE.test(short) ? short : '';
}

/** Characters looked at, before any work: the longest honest name is of 64 emoji of 11 characters and a few more. */
const CHARS_MAX = 1_024;
/** Characters of an id that tell rooms apart. */
const ID_CHARS = 8;
/** Control, format (bidirectional, zero-width), private and unassigned characters and letters that show as nothing;
 *  the joiner stays between two emoji, and the tags that make up flags stay. */
const INVISIBLE =
  /(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}]\uFE0F?)\u200D|\u200D(?!\p{Extended_Pictographic})|(?![\u200D\u{E0020}-\u{E007F}])[\p{C}\p{Zl}\p{Zp}]|[\u115F\u1160\u3164\uFFA0\u034F\u2800\u302E\u302F\u{1D159}\u{16FE4}]/gu;
/** More marks on one letter reach into the lines around it (`wire::limits::NICKNAME_MARKS_MAX`). */
const MARKS = /(\p{M}{4})\p{M}+/gu;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;
