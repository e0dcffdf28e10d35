// How others come to the room that served this page: by the address that this page came from, first of all, and by those
// that stood in its fragment. What is no address, no room and no certificate there is left out: a fragment is written by
// whoever made the link.
import type { Invitation } from '../bridge';

/** `wire::limits::INVITE_ADDRESSES_MAX`. */
const ADDRESSES_MAX = 8;

const ADDRESS = /^(?:[\w.-]{1,253}|\[[0-9a-f:.]{2,45}\]):\d{1,5}$/i;
/** 16 and 32 bytes in base64url (`wire::RoomId`, the SHA-256 of a certificate's key). */
const ROOM = /^[\w-]{22}$/;
const PIN = /^[\w-]{43}$/;

export function invitationFrom(location: Pick<Location, 'protocol' | 'host'> & { hash?: string }): Invitation {
  const said = new URLSearchParams((location.hash ?? '').replace(/^#/, ''));
  const here = location.host.includes(':', location.host.lastIndexOf(']') + 1)
    ? location.host
    : `${location.host}:${location.protocol === 'https:' ? 443 : 80}`;
  const others = said.getAll('a').filter((address) => ADDRESS.test(address) && address !== here);
  const ways = [here, ...others].slice(0, ADDRESSES_MAX).map((address) => `a=${escaped(address)}`);
  const room = said.get('room') ?? '';
  const pin = said.get('pin') ?? '';
  if (ROOM.test(room)) ways.push(`room=${room}`);
  if (PIN.test(pin)) ways.push(`pin=${pin}`);
  const page = `${location.protocol}//${location.host}/`;
  // Without a room or another address the fragment would say nothing that the address does not.
  const url = ways.length > 1 ? `${page}#${ways.join('&')}` : page;
  return { url, invite: `maru://join?${ways.join('&')}` };
}

/** A query has no brackets (RFC 3986, section 3.4). */
function escaped(address: string): string {
  return address.replace('[', '%5B').replace(']', '%5D');
}
