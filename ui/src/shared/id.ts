// Names for things made here. `crypto.randomUUID` is missing from pages on plain http; `getRandomValues` is not.
import { encodeBase64url } from './base64url';

/** 128 random bits, 22 characters: the sender's name for a message. */
export function newMessageId(): string {
  return encodeBase64url(crypto.getRandomValues(new Uint8Array(16)));
}
