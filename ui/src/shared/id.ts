// Names for things made here. `crypto.randomUUID` is missing from pages on plain http; `getRandomValues` is not.
import { encodeBase64url } from './base64url';

/**
 * The time in 48 bits of milliseconds and 80 random bits, 22 characters: the sender's name for a message. What is
 * said at one time is in one place of the host's index (`MessageId::at`).
 */
export function newMessageId(now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setUint16(0, Math.floor(now / 2 ** 32));
  new DataView(bytes.buffer).setUint32(2, now % 2 ** 32);
  return encodeBase64url(bytes);
}
