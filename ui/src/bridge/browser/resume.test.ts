// @vitest-environment node
// Coming back: after cuts, silence, sleep, good-byes and refusals at the door. The last test cuts at random.
import { expect, test } from 'vitest';
import type { ClientFrame } from '../generated/ClientFrame';
import { entry, Guest, HASH, page, refused, ROOM, said, welcome } from './rig';

function comesBack(guest: Guest, answer: string): void {
  guest.passes(30_000);
  guest.opens();
  guest.hears(ROOM, answer);
}

test('what was missed follows in pages and is heard once, in order', () => {
  const guest = Guest.live();
  guest.isCut();
  comesBack(guest, welcome({ seq: 12, caught_up: 'resumed', seqs: [8, 9], more: true }));
  guest.hears(page('missed', [10, 11], true), page('missed', [12], false), entry(13));
  expect(guest.seqs).toEqual([8, 9, 10, 11, 12, 13]);
});

test('a hole is never heard past: the connection is dropped and the room resumed', () => {
  const guest = Guest.live();
  guest.hears(entry(9));
  expect(guest.seqs).toEqual([]);
  expect(guest.open).toBe(false);
  comesBack(guest, welcome({ seq: 9, caught_up: 'resumed', seqs: [8, 9] }));
  expect(guest.said.at(-1)).toMatchObject({ type: 'hello', cursor: { seq: 7 } });
  expect(guest.seqs).toEqual([8, 9]);
});

test('a welcome that lacks its end, or does not fit, begins anew with a gap that is told', () => {
  for (const seqs of [[8], [9, 10], []]) {
    const guest = Guest.live();
    guest.isCut();
    comesBack(guest, welcome({ seq: 10, caught_up: 'resumed', seqs }));
    expect(guest.seqs).toEqual([]);
    comesBack(guest, welcome({ seq: 10, seqs: [9, 10] }));
    expect(guest.said.at(-1)).not.toHaveProperty('cursor');
    expect(guest.take('entered').map((event) => event.caught_up)).toEqual(['new_epoch']);
  }
});

test('a restored room resumes in a new epoch what both share', () => {
  const guest = Guest.live();
  guest.isCut();
  comesBack(guest, welcome({ seq: 8, epoch: 'e2', caught_up: 'resumed', seqs: [8] }));
  expect(guest.take('entered').map((event) => event.caught_up)).toEqual(['resumed']);
  guest.isCut();
  comesBack(guest, welcome({ seq: 8, epoch: 'e2', caught_up: 'resumed' }));
  const hellos = guest.said.filter((frame) => frame.type === 'hello');
  expect(hellos.at(-1)).toMatchObject({ cursor: { epoch: 'e2', seq: 8 } });
});

test('a gap is told as the room names it, and history goes on before the new page', () => {
  for (const caught_up of ['new_epoch', 'trimmed', 'diverged']) {
    const guest = Guest.live();
    guest.isCut();
    comesBack(guest, welcome({ seq: 900, caught_up, seqs: [899, 900], more: true }));
    expect(guest.take('entered')).toMatchObject([{ caught_up, older: true }]);
    guest.act((session, now) => session.loadHistory(now));
    expect(guest.said.at(-1)).toEqual({ type: 'history', before: 899 });
    guest.hears(entry(901));
    expect(guest.seqs).toEqual([901]);
  }
});

test('what was said offline is said in order after the welcome, and what was acknowledged meanwhile is not', () => {
  const guest = Guest.live();
  guest.says('x8');
  guest.isCut();
  guest.says('x9');
  guest.says('x10');
  comesBack(guest, welcome({ seq: 8, caught_up: 'resumed', seqs: [8] }));
  expect(guest.said.flatMap((frame) => (frame.type === 'say' ? [frame.id] : []))).toEqual(['x8', 'x9', 'x10']);
});

test('a message of ours from before a gap is told too, so that its line does not wait for ever', () => {
  const guest = Guest.live();
  guest.says('x8');
  guest.isCut();
  comesBack(guest, welcome({ seq: 900, caught_up: 'trimmed', seqs: [900] }));
  guest.hears(entry(8));
  expect(guest.take('entries').map((event) => event.entries[0]!.seq)).toEqual([8]);
  guest.hears(entry(901));
  expect(guest.seqs.at(-1)).toBe(901);
});

test('another room at the same address is a new one: fresh cursor, and what waited is not said there', () => {
  const guest = Guest.live();
  guest.isCut();
  guest.says('x8', '우리끼리');
  guest.passes(30_000);
  guest.opens();
  guest.said = [];
  guest.hears(ROOM.replace('r1', 'r2'), welcome({ seq: 3, seqs: [3] }));
  expect(guest.said).toEqual([{ type: 'hello', nickname: '민지', key: 'QUJD', signature: 'r2/n1' }]);
  expect(guest.take('unsent')).toEqual([{ type: 'unsent', id: 'x8', code: 'unavailable' }]);
  expect(guest.take('entered')).toMatchObject([{ room: 'r2', caught_up: 'new_epoch' }]);
});

test('waits double up to half a minute, at random within, and begin again after a settled visit', () => {
  const guest = new Guest(() => 0.999);
  guest.act((session, now) => session.retryNow(now));
  const waits: number[] = [];
  for (let n = 0; n < 9; n += 1) {
    guest.isCut();
    const { link } = guest.take('link').at(-1)!;
    waits.push('retry_in_ms' in link ? link.retry_in_ms : NaN);
    guest.passes(waits.at(-1)!);
  }
  expect(waits).toEqual([999, 1998, 3996, 7992, 15984, 29970, 29970, 29970, 29970]);
  guest.opens();
  guest.hears(ROOM, welcome({ seq: 7 }));
  guest.passes(10_000);
  guest.isCut();
  expect(guest.take('link').at(-1)!.link).toEqual({ state: 'waiting', attempt: 0, retry_in_ms: 499, fault: 'lost' });
});

test('a room that lets in and lets go at once is not stormed', () => {
  const guest = new Guest(() => 0.999);
  guest.act((session, now) => session.retryNow(now));
  for (let n = 0; n < 40; n += 1) {
    guest.opens();
    guest.hears(ROOM, welcome({ seq: 7 }));
    guest.isCut();
    guest.passes(2_000);
  }
  expect(guest.dials).toBeLessThan(8);
});

test('good-byes and close codes say whether to come back', () => {
  const bye = (code: string, then: string) => `{"type":"bye","code":"${code}","then":"${then}","message":""}`;
  const after = (happens: (guest: Guest) => void) => {
    const guest = Guest.live();
    happens(guest);
    return guest.links.at(-1);
  };
  expect(after((guest) => guest.hears(bye('restarting', 'retry')))).toBe('waiting lost');
  expect(after((guest) => guest.hears(bye('room_full', 'retry')))).toBe('waiting room_full');
  expect(after((guest) => guest.hears(bye('room_closed', 'stop')))).toBe('ended room_closed');
  expect(after((guest) => guest.hears(bye('moonlight', 'stop')))).toBe('ended rejected');
  expect(after((guest) => guest.isCut(4500))).toBe('ended room_closed');
  expect(after((guest) => guest.isCut(4000))).toBe('waiting lost');
  expect(after((guest) => guest.isCut(1009))).toBe('ended rejected');
});

test('a nickname that is taken ends the visit until there is another', () => {
  const guest = new Guest();
  guest.act((session, now) => session.retryNow(now));
  guest.opens();
  guest.hears(ROOM, refused('nickname_taken', 'hello'));
  expect(guest.links.at(-1)).toBe('ended nickname_taken');
  guest.act((session) => session.rename('민지 2'));
  guest.act((session, now) => session.retryNow(now));
  guest.opens();
  guest.hears(ROOM);
  expect(guest.said.at(-1)).toMatchObject({ type: 'hello', nickname: '민지 2' });
});

test('one’s new name is taken along when coming back', () => {
  const guest = Guest.live();
  guest.act((session) => session.rename('Min'));
  const by = '"by":{"id":"m1","nickname":"Min","number":3}';
  guest.hears(`{"type":"entry","seq":8,"at":1,"hash":"${HASH}",${by},"kind":"renamed","from":"민지"}`);
  guest.isCut();
  guest.passes(30_000);
  guest.opens();
  guest.hears(ROOM);
  expect(guest.said.at(-1)).toMatchObject({ type: 'hello', nickname: 'Min' });
});

test('a rename the room has not told of is asked for again after coming back, until it has or refuses', () => {
  const renames = (guest: Guest) => guest.said.flatMap((frame) => (frame.type === 'rename' ? [frame.nickname] : []));
  const back = () => welcome({ seq: 7, caught_up: 'resumed' });
  const told = `{"type":"entry","seq":8,"at":1,"hash":"${HASH}","by":{"id":"m1","nickname":"Min","number":3},"kind":"renamed","from":"민지"}`;

  const live = Guest.live();
  live.act((session) => session.rename('  Min '));
  live.isCut();
  comesBack(live, back());
  expect(renames(live)).toEqual(['Min', 'Min']);
  live.hears(told);
  live.isCut();
  comesBack(live, welcome({ seq: 8, caught_up: 'resumed' }));
  expect(renames(live)).toEqual(['Min', 'Min']);

  const away = Guest.live();
  away.isCut();
  away.act((session) => session.rename('Min'));
  comesBack(away, back());
  away.isCut();
  comesBack(away, back());
  expect(renames(away)).toEqual(['Min', 'Min']);

  const denied = Guest.live();
  denied.act((session) => session.rename('Min'));
  denied.hears(refused('nickname_taken', 'rename'));
  denied.isCut();
  comesBack(denied, back());
  expect(renames(denied)).toEqual(['Min']);
  expect(denied.said.at(-1)).toMatchObject({ type: 'hello', nickname: '민지' });
});

test('after a wake the room is asked whether it is there, and given up after five seconds without an answer', () => {
  const guest = Guest.live();
  guest.act((session, now) => session.handleWake(now));
  guest.act((session, now) => session.handleWake(now));
  expect(guest.said).toEqual([{ type: 'roster', after: 4294967295 }]);
  guest.hears('{"type":"roster","members":[],"more":false}');
  expect(guest.take('members')).toEqual([]);
  guest.passes(5_000);
  expect(guest.open).toBe(true);
  guest.act((session, now) => session.handleWake(now));
  guest.passes(5_000);
  expect(guest.links).toEqual(['waiting lost']);
});

test('a wake while waiting dials at once', () => {
  const guest = Guest.live();
  guest.isCut();
  guest.act((session, now) => session.handleWake(now));
  expect(guest.links.at(-1)).toBe('connecting');
});

test('a silent room is asked after forty seconds, and after five where a message waits for it', () => {
  const guest = Guest.live();
  guest.passes(39_999);
  expect(guest.said).toEqual([]);
  guest.passes(1);
  expect(guest.said).toHaveLength(1);
  guest.hears('{"type":"roster","members":[],"more":false}');
  guest.says('x8');
  guest.passes(5_000);
  expect(guest.said.at(-1)).toMatchObject({ type: 'roster' });
});

test('a dial and a greeting that lead nowhere are given up', () => {
  const guest = new Guest(() => 0.999);
  guest.act((session, now) => session.retryNow(now));
  guest.passes(10_000);
  expect(guest.links).toEqual(['connecting', 'waiting timeout']);
  guest.passes(1_000);
  guest.opens();
  guest.passes(10_000);
  expect(guest.links).toEqual(['connecting', 'waiting timeout']);
});

/** A room as simple as the promises allow: takes each id once, resumes from where a guest stood. */
class ModelRoom {
  log: { id: string; by?: string }[] = [];

  handle(frame: ClientFrame): string[] {
    if (frame.type === 'hello') return [this.welcome(frame.cursor?.seq)];
    if (frame.type === 'roster') return ['{"type":"roster","members":[],"more":false}'];
    if (frame.type !== 'say') return [];
    const known = this.log.findIndex(({ id, by }) => id === frame.id && !by);
    return [this.entry(known >= 0 ? known + 1 : this.log.push({ id: frame.id }))];
  }

  entry(seq: number): string {
    const { id, by } = this.log[seq - 1]!;
    return entry(seq, id, by);
  }

  welcome(seen: number | undefined): string {
    const from = seen ?? Math.max(0, this.log.length - 5);
    const entries = this.log.slice(from).map(({ id, by }, at) => said(from + at + 1, id, by));
    const caught_up = seen === undefined ? 'first' : 'resumed';
    return welcome({ seq: this.log.length, caught_up }).replace('"entries":[]', `"entries":[${entries.join()}]`);
  }
}

test.each(Array.from({ length: 40 }, (_, seed) => seed))(
  'with cuts at random nothing is lost or doubled, seed %i',
  (seed) => {
    const random = seeded(seed);
    const guest = new Guest(random);
    const room = new ModelRoom();
    const ids: string[] = [];
    let toRoom: ClientFrame[] = [];
    let toGuest: string[] = [];
    let heard = 0;
    const step = (calm: boolean): void => {
      const before = guest.said.length;
      const dice = calm ? 0.5 + random() / 2 : random();
      if (!guest.open) {
        toRoom = toGuest = [];
        guest.passes(calm ? 30_000 : Math.floor(random() * 2_000));
        if (guest.dials > heard && (calm || random() < 0.7)) {
          heard = guest.dials;
          guest.opens();
          toGuest = [ROOM];
        }
      } else if (dice < 0.06)
        guest.isCut(); // And whatever is under way is lost, in both directions.
      else if (dice < 0.08)
        toGuest.splice(Math.floor(random() * toGuest.length), 1); // A broken middleman.
      else if (dice < 0.3) {
        ids.push(`s${ids.length}`);
        guest.says(ids.at(-1)!);
      } else if (dice < 0.5) toGuest.push(room.entry(room.log.push({ id: `o${room.log.length}`, by: BY_OTHER })));
      else if (dice < 0.75 && toRoom.length > 0) toGuest.push(...room.handle(toRoom.shift()!));
      else if (toGuest.length > 0) guest.hears(toGuest.shift()!);
      else guest.passes(50);
      toRoom.push(...guest.said.slice(before));
      if (!guest.open) toRoom = toGuest = [];
    };

    guest.act((session, now) => session.retryNow(now));
    for (let n = 0; n < 600; n += 1) step(false);
    for (let n = 0; n < 3_000; n += 1) step(true);
    expect(guest.take('link').at(-1)!.link.state).toBe('live');

    const seqs = guest.seqs;
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, at) => seqs[0]! + at));
    expect(seqs.at(-1)).toBe(room.log.length);
    const mine = room.log.filter(({ by }) => !by).map(({ id }) => id);
    expect(mine).toEqual(ids);
  },
);

const BY_OTHER = '{"id":"m2","nickname":"도윤","number":4}';

/** mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

test('what a page could not say is said by the next one, in its order and once', () => {
  const first = Guest.live();
  first.isCut();
  first.says('a');
  first.says('b');
  expect(first.kept.get('r1')?.map(({ id }) => id)).toEqual(['a', 'b']);

  const next = new Guest(undefined, first.kept);
  next.act((session, now) => session.retryNow(now));
  next.opens();
  next.hears(ROOM, welcome({ seq: 7 }));
  expect(next.take('queued').map(({ id }) => id)).toEqual(['a', 'b']);
  expect(next.said.filter(({ type }) => type === 'say')).toEqual([
    { type: 'say', id: 'a', text: 'a' },
    { type: 'say', id: 'b', text: 'b' },
  ]);
  next.hears(entry(8, 'a'));
  expect(next.kept.get('r1')?.map(({ id }) => id)).toEqual(['b']);
  next.hears(entry(9, 'b'));
  expect(next.kept.get('r1')).toEqual([]);
});

test('what was meant for another room is not said in this one', () => {
  const guest = new Guest(undefined, new Map([['r2', [{ id: 'a', text: 'a', at: 1 }]]]));
  guest.act((session, now) => session.retryNow(now));
  guest.opens();
  guest.hears(ROOM, welcome({ seq: 7 }));
  expect(guest.said.filter(({ type }) => type === 'say')).toEqual([]);
  expect(guest.kept.get('r2')).toHaveLength(1);
});

test('whoever scrolls faster than the room allows waits, and is not refused', () => {
  const guest = Guest.live();
  for (let asked = 0; asked < 60; asked += 1) guest.act((session, now) => session.search('점심', null, now));
  const atOnce = guest.said.filter(({ type }) => type === 'search').length;
  expect(atOnce).toBeGreaterThan(0);
  expect(atOnce).toBeLessThan(10);
  guest.passes(1_000);
  expect(guest.said.filter(({ type }) => type === 'search').length).toBeGreaterThan(atOnce);
});
