// The text of a message as the room takes it: the mirror of `crates/wire/src/message_text.rs`, so that what is shown
// as pending is what will come back, and what would be refused is never queued.
import { MESSAGE_BYTES_MAX } from './limits';

export function readMessage(id: string, text: string): { id: string; text: string } | 'bad_id' | 'too_long' | 'empty' {
  if (!/^[A-Za-z0-9_-]{1,40}$/.test(id)) return 'bad_id';
  if (new TextEncoder().encode(text).length > MESSAGE_BYTES_MAX) return 'too_long';
  const clean = text.replaceAll('\r\n', '\n').replaceAll('\r', '\n').trimEnd();
  return clean === '' ? 'empty' : { id, text: clean };
}
