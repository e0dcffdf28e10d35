// How a guest shows a room its passphrase without saying it: SCRAM-SHA-256 (RFC 5802, RFC 7677), the member's side of
// `crates/wire/src/scram`. By @noble/hashes: a page on plain http has no `crypto.subtle`. Pure but for `salted`, which
// takes a second and lets the page live meanwhile. A page cannot see its TLS session, so nothing is bound to it.
import { hmac } from '@noble/hashes/hmac.js';
import { pbkdf2Async } from '@noble/hashes/pbkdf2.js';
import { sha256 } from '@noble/hashes/sha2.js';
import {
  PASSPHRASE_CHARS_MAX,
  PASSPHRASE_ITERATIONS_MAX,
  PASSPHRASE_ITERATIONS_MIN,
  SALT_BYTES_MAX,
  SALT_BYTES_MIN,
  SCRAM_BYTES_MAX,
  SCRAM_NONCE_CHARS_MAX,
} from './limits';

export const MECHANISM = 'SCRAM-SHA-256';

/** What the passphrase is to be made of, and for which conversation. */
export interface Asked {
  salt: Uint8Array;
  iterations: number;
  firstBare: string;
  challenge: string;
  lastWithoutProof: string;
}

/** A passphrase as both sides must have it: SASLprep (RFC 4013) as `crates/wire/src/scram/passphrase.rs` does it. Null
 *  where it cannot be one. */
export function prepare(typed: string): string | null {
  if ([...typed].length > PASSPHRASE_CHARS_MAX) return null;
  const whole = typed
    .replace(NOTHING, '')
    .replace(SPACES, ' ')
    .normalize('NFKC')
    .replace(/^ +| +$/g, '');
  return whole === '' || PROHIBITED.test(whole) ? null : whole;
}

/** The first text, with chance for a nonce. */
export function first(nonce: string): string {
  return `n,,${firstBare(nonce)}`;
}

/** Takes the room's challenge; null where it is none, or asks for too much work or for too little. */
export function challenged(nonce: string, challenge: string): Asked | null {
  const parts = /^r=([!-+\--~]+),s=([A-Za-z0-9+/=]+),i=([0-9]{1,10})(,[A-Za-z]=.*)?$/.exec(challenge);
  if (!parts || challenge.length > SCRAM_BYTES_MAX) return null;
  const [, both, salt64, count] = parts as unknown as [string, string, string, string];
  const [salt, iterations] = [decode(salt64), Number(count)];
  if (!both.startsWith(nonce) || both.length === nonce.length || both.length > SCRAM_NONCE_CHARS_MAX) return null;
  if (salt === null || salt.length < SALT_BYTES_MIN || salt.length > SALT_BYTES_MAX) return null;
  if (iterations < PASSPHRASE_ITERATIONS_MIN || iterations > PASSPHRASE_ITERATIONS_MAX) return null;
  return { salt, iterations, firstBare: firstBare(nonce), challenge, lastWithoutProof: `c=biws,r=${both}` };
}

/** What a prepared passphrase is worth to the room. */
export function salted(
  passphrase: string,
  { salt, iterations }: Pick<Asked, 'salt' | 'iterations'>,
): Promise<Uint8Array> {
  return pbkdf2Async(sha256, passphrase, salt, { c: iterations, dkLen: 32, asyncTick: TICK_MS });
}

/** The last text, which proves that we have the passphrase, and what a room that has it too will answer. */
export function answer(asked: Asked, worth: Uint8Array): { last: string; promise: string } {
  const said = bytes(`${asked.firstBare},${asked.challenge},${asked.lastWithoutProof}`);
  const clientKey = hmac(sha256, worth, bytes('Client Key'));
  const signature = hmac(sha256, sha256(clientKey), said);
  const proof = clientKey.map((byte, at) => byte ^ signature[at]!);
  const promise = hmac(sha256, hmac(sha256, worth, bytes('Server Key')), said);
  return { last: `${asked.lastWithoutProof},p=${encode(proof)}`, promise: `v=${encode(promise)}` };
}

/** Whether the room's answer is the one that was promised. */
export function isKept(promise: string, said: string): boolean {
  return said.length <= SCRAM_BYTES_MAX && said.split(',')[0] === promise;
}

/** Chance for a nonce. */
export function makeNonce(): string {
  return encode(crypto.getRandomValues(new Uint8Array(16)));
}

function firstBare(nonce: string): string {
  return `n=maru,r=${nonce}`;
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function encode(of: Uint8Array): string {
  return btoa(String.fromCharCode(...of));
}

function decode(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}

/** Milliseconds without a pause for the page: two frames, and few enough pauses where each takes some milliseconds. */
const TICK_MS = 30;

/** "Commonly mapped to nothing" (RFC 3454, table B.1). */
const NOTHING = new RegExp('[\\u00AD\\u034F\\u1806\\u180B-\\u180D\\u200B-\\u200D\\u2060\\uFE00-\\uFE0F\\uFEFF]', 'gu');

/** Spaces that are not the one of ASCII (RFC 3454, table C.1.2). */
const SPACES = new RegExp('[\\u00A0\\u1680\\u2000-\\u200A\\u202F\\u205F\\u3000]', 'gu');

/** What no keyboard types (RFC 3454, tables C.2 to C.9). */
const PROHIBITED = new RegExp(
  '[\\u0000-\\u001F\\u007F-\\u009F\\u06DD\\u070F\\u180E\\u0340\\u0341\\u200E\\u200F\\u2028-\\u202E\\u2061-\\u2063' +
    '\\u206A-\\u206F\\u2FF0-\\u2FFB\\uD800-\\uDFFF\\uE000-\\uF8FF\\uFDD0-\\uFDEF\\uFFF9-\\uFFFF\\u{1D173}-\\u{1D17A}' +
    '\\u{E0001}\\u{E0020}-\\u{E007F}\\u{F0000}-\\u{10FFFF}\\p{Noncharacter_Code_Point}]',
  'u',
);
