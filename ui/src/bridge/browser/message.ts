// The text of a message as the room takes it: the mirror of `crates/wire/src/message_text.rs`, so that what is shown
// as pending is what will come back, and what would be refused is never queued.
import { utf8Bytes } from '../../shared/utf8';
import { MESSAGE_BYTES_MAX } from './limits';

export function readMessage(id: string, text: string): { id: string; text: string } | 'bad_id' | 'too_long' | 'empty' {
  if (!/^[A-Za-z0-9_-]{1,40}$/.test(id)) return 'bad_id';
  if (utf8Bytes(text) > MESSAGE_BYTES_MAX) return 'too_long';
  const lines = wellFormed(text).replaceAll('\r\n', '\n').replaceAll('\r', '\n');
  const clean = trimEnd(lines.replaceAll(CONTROL, ''));
  return clean === '' ? 'empty' : { id, text: clean };
}

/** Control characters but the line end and the tab: nobody sees them, and the room takes them out. */
const CONTROL = /(?![\n\t])\p{Cc}/gu;
const WHITE_SPACE = /\p{White_Space}/u;

/** Half of a surrogate pair is no text to the room, and its refusal would name no message. */
function wellFormed(text: string): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text));
}

/** Unlike `String.trimEnd` it leaves U+FEFF, as the room does; one by one, so that a run of blanks inside costs nothing. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && WHITE_SPACE.test(text[end - 1]!)) end -= 1;
  return text.slice(0, end);
}
