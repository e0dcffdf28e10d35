// Who a guest is: an Ed25519 key (RFC 8032) of its own for each room, so that rooms cannot tell that two members are
// one person. The secret stays in this browser. By @noble/curves: a page on plain http has no `crypto.subtle`.
import { ed25519 } from '@noble/curves/ed25519.js';
import { decodeBase64url, encodeBase64url } from '../../shared/base64url';
import type { Keep } from './storage';

const SEED_BYTES = 32;

type Place = Pick<Location, 'protocol' | 'host'>;

export interface Proof {
  key: string;
  signature: string;
}

/** Returns the proof for a `hello`: the public key and the signature over room, nonce and channel. `place` is what was
 *  dialed, its host as the `Host` header has it. */
export function introduce(keep: Keep, place: Place, room: string, nonce: string): Proof {
  const seed = seedFor(keep, room);
  const said = new TextEncoder().encode(`maru.v1 hello\n${room}\n${nonce}\n${channel(place)}`);
  return {
    key: encodeBase64url(ed25519.getPublicKey(seed)),
    signature: encodeBase64url(ed25519.sign(said, seed)),
  };
}

/** What a `hello` is bound to: whoever passes a room's nonce on under another address gets a signature that is worth
 *  nothing to that room. A browser cannot see its TLS session, so over https it names the address as well. */
function channel({ protocol, host }: Place): string {
  return `${protocol === 'https:' ? 'https' : 'plain'} ${host.toLowerCase()}`;
}

function seedFor(keep: Keep, room: string): Uint8Array {
  const name = `maru.key.${room}`;
  const kept = decodeBase64url(keep.get(name) ?? '');
  if (kept?.length === SEED_BYTES) return kept;
  const seed = crypto.getRandomValues(new Uint8Array(SEED_BYTES));
  keep.set(name, encodeBase64url(seed));
  return seed;
}
