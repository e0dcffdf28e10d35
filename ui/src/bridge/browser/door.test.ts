// A guest at the door of a room that asks for a passphrase.
import { expect, test } from 'vitest';
import { entry, Guest, refused, ROOM, welcome } from './rig';
import { answer, challenged, prepare, salted } from './scram';

const GUARDED = ROOM.replace('}', ',"mechanisms":["SCRAM-SHA-256-PLUS","SCRAM-SHA-256"]}');
const CHALLENGE = 'r=c1server,s=AwMDAwMDAwMDAwMDAwMDAw==,i=4096';
const asked = challenged('c1', CHALLENGE)!;
const worth = await salted(prepare('열린 마루')!, asked);
const right = answer(asked, worth);

const challenge = JSON.stringify({ type: 'challenge', data: CHALLENGE });
const authenticated = (data: string) => JSON.stringify({ type: 'authenticated', data });

function atTheDoor(passphrase: string | null): Guest {
  const guest = new Guest(undefined, undefined, passphrase);
  guest.act((session, now) => session.retryNow(now));
  guest.opens();
  guest.hears(GUARDED);
  return guest;
}

function salts(guest: Guest): void {
  const wanted = guest.salting.shift()!;
  guest.act((session) => session.handleSalted(wanted, worth));
}

test('the passphrase is shown before anything else is said, and coming back needs no second of computing', () => {
  const guest = atTheDoor('열린 마루');
  expect(guest.said).toEqual([{ type: 'authenticate', mechanism: 'SCRAM-SHA-256', data: 'n,,n=maru,r=c1' }]);
  guest.hears(challenge);
  salts(guest);
  expect(guest.said[1]).toEqual({ type: 'authenticate', mechanism: 'SCRAM-SHA-256', data: right.last });
  guest.hears(authenticated(right.promise));
  expect(guest.said[2]).toMatchObject({ type: 'hello', signature: 'r1/n1' });
  guest.hears(welcome({ seq: 7 }));
  expect(guest.links.at(-1)).toBe('live');

  guest.isCut();
  guest.said = [];
  guest.passes(60_000);
  guest.opens();
  guest.hears(GUARDED, challenge, authenticated(right.promise));
  expect(guest.said.map((frame) => frame.type)).toEqual(['authenticate', 'authenticate', 'hello']);
  expect(guest.salting).toEqual([]);
});

test('without a passphrase nothing is said and the page is told to ask', () => {
  const guest = atTheDoor(null);
  expect([guest.said, guest.open, guest.links.at(-1)]).toEqual([[], false, 'ended passphrase_needed']);
});

test('a room that lets us in without having proven itself is not believed', () => {
  for (const answered of ['v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=', '', 'e=other-error']) {
    const guest = atTheDoor('열린 마루');
    guest.hears(welcome({ seq: 7, seqs: [7] }), authenticated(right.promise), entry(8));
    expect(guest.seqs, 'it has proven nothing yet').toEqual([]);
    guest.hears(challenge, welcome({ seq: 7 }));
    salts(guest);
    guest.hears(welcome({ seq: 7 }), authenticated(answered), welcome({ seq: 7 }));
    expect(
      guest.said.some((frame) => frame.type === 'hello'),
      answered,
    ).toBe(false);
    expect(guest.links.at(-1)).toBe('ended wrong_passphrase');
  }
});

test('a room that asks for too much work, or in another way, is left', () => {
  const guest = atTheDoor('열린 마루');
  guest.hears(challenge.replace('4096', '1000001'));
  expect([guest.salting, guest.links.at(-1)]).toEqual([[], 'ended not_a_room']);
  const other = new Guest(undefined, undefined, '열린 마루');
  other.act((session, now) => session.retryNow(now));
  other.opens();
  other.hears(GUARDED.replaceAll('SHA-256', 'SHA-512'));
  expect([other.said, other.links.at(-1)]).toEqual([[], 'ended not_a_room']);
});

test('each way of being turned away is told, and waits for a person', () => {
  for (const code of ['wrong_passphrase', 'passphrase_needed', 'too_many_attempts']) {
    const guest = atTheDoor('닫힌 마루');
    guest.hears(JSON.stringify({ type: 'bye', code, then: 'stop', message: '' }));
    expect(guest.links.at(-1)).toBe(`ended ${code}`);
    guest.passes(600_000);
    expect(guest.dials).toBe(1);
  }
  const guest = atTheDoor('열린 마루');
  guest.hears(refused('passphrase_first', 'hello'));
  expect(guest.links.at(-1)).toBe('ended passphrase_needed');
});

test('the room has half a minute, and what was worked out for a lost connection serves the next', () => {
  const guest = atTheDoor('열린 마루');
  guest.hears(challenge);
  guest.passes(29_999);
  expect(guest.links.at(-1)).toBe('connecting');
  guest.passes(1);
  expect(guest.links.at(-1)).toBe('waiting timeout');
  guest.said = [];
  salts(guest);
  expect(guest.said).toEqual([]);
  guest.passes(60_000);
  guest.opens();
  guest.hears(GUARDED, challenge);
  expect(guest.said.at(-1)).toMatchObject({ data: right.last });
});
