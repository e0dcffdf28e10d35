// @vitest-environment node
// What a guest hears and says, frame by frame. Coming back after losses is in `resume.test.ts`.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readFrame } from './frames';
import { entry, Guest, HASH, page, refused, ROOM, said, welcome } from './rig';

const OTHER = '{"id":"m2","nickname":"도윤","number":4}';

test('every frame a room says on the protocol page is read', () => {
  const text = readFileSync('../docs/PROTOCOL.md', 'utf8').split('## From the room to a member')[1]!;
  const frames = text.split('\n').filter((line) => line.startsWith('{"type"'));
  expect(new Set(frames.map((frame) => JSON.parse(frame).type)).size).toBe(15);
  for (const frame of frames) expect(readFrame(frame), frame).toMatchObject({ type: JSON.parse(frame).type });
});

test('what is no frame is broken, what is of a newer room is unknown', () => {
  for (const text of ['', '안녕', '[]', '{"type":3}', '{"type":"entry","seq":-1}', '{"type":"room"}', entry(1.5)]) {
    expect(readFrame(text), text).toBe('broken');
  }
  expect(readFrame('{"type":"moonrise","at":3}')).toBe('unknown');
  expect(readFrame('{"type":"refused","code":"moonlight","message":""}')).toMatchObject({ code: 'unknown' });
  const danced = said(9).replace('"kind":"said"', '"kind":"danced"');
  expect(readFrame(`{"type":"entry",${danced.slice(1)}`)).toMatchObject({ seq: 9, kind: 'unknown' });
});

test('a visit from the first dial to leaving, as it was recorded', () => {
  const guest = new Guest();
  guest.act((session, now) => session.retryNow(now));
  guest.opens();
  guest.hears(ROOM);
  expect(guest.said).toEqual([{ type: 'hello', nickname: '민지', key: 'QUJD', signature: 'r1/n1' }]);
  guest.hears(welcome({ seq: 2, seqs: [1, 2] }));
  guest.hears(`{"type":"joined","member":${OTHER},"count":2,"after":2}`);
  guest.says('x3', '안녕\r\n');
  guest.hears(entry(3), entry(4, 'y1', OTHER));
  guest.act((session) => session.leave());
  expect(guest.told.map((event) => (event.type === 'link' ? event.link.state : event.type))).toEqual([
    ...['connecting', 'live', 'entered', 'presence', 'queued', 'entries', 'entries', 'ended'],
  ]);
  expect(guest.seqs).toEqual([1, 2, 3, 4]);
  expect(guest.said.slice(1)).toEqual([{ type: 'say', id: 'x3', text: '안녕' }, { type: 'leave' }]);
  expect(guest.links.at(-1)).toBe('ended left');
  expect(guest.session.pollTimeout()).toBeNull();
});

test('frames of a newer room pass by without harm', () => {
  const guest = Guest.live();
  guest.hears('{"type":"moonrise"}', entry(8));
  expect(guest.seqs).toEqual([8]);
});

test('an entry that comes again is heard once', () => {
  const guest = Guest.live();
  guest.hears(entry(8), entry(8), entry(7), entry(9));
  expect(guest.seqs).toEqual([8, 9]);
});

test('older pages are asked for one at a time and precede what is there', () => {
  const guest = new Guest();
  guest.act((session, now) => session.retryNow(now));
  guest.opens();
  guest.hears(ROOM, welcome({ seq: 7, seqs: [6, 7], more: true }));
  guest.act((session, now) => session.loadHistory(now));
  guest.act((session, now) => session.loadHistory(now));
  expect(guest.said.slice(1)).toEqual([{ type: 'history', before: 6 }]);
  guest.hears(page('history', [4, 5], true));
  guest.act((session, now) => session.loadHistory(now));
  expect(guest.said.at(-1)).toEqual({ type: 'history', before: 4 });
  guest.hears(page('history', [1, 2, 3], false));
  expect(guest.take('history').map((event) => event.older)).toEqual([true, false]);
  guest.act((session, now) => session.loadHistory(now));
  expect(guest.take('history')).toEqual([{ type: 'history', entries: [], older: false }]);
});

test('the roster is asked for after the last member known by page', () => {
  const guest = Guest.live();
  guest.act((session, now) => session.loadRoster(now));
  expect(guest.said).toEqual([{ type: 'roster', after: 3 }]);
  guest.hears(`{"type":"roster","members":[${OTHER}],"more":true}`);
  guest.act((session, now) => session.loadRoster(now));
  expect(guest.said.at(-1)).toEqual({ type: 'roster', after: 4 });
  expect(guest.take('members')).toHaveLength(1);
});

test('a typing note lapses by itself after six seconds, and at once when its author speaks', () => {
  const guest = Guest.live();
  const typing = '{"type":"typing","member":"m2","active":true,"after":7}';
  guest.hears(typing);
  guest.passes(4_000);
  guest.hears(typing);
  guest.passes(5_999);
  expect(guest.take('typing').map((event) => event.active)).toEqual([true, true]);
  guest.passes(1);
  expect(guest.take('typing')).toEqual([{ type: 'typing', member: 'm2', active: false }]);
  guest.hears(typing, entry(8, 'y1', OTHER));
  guest.take('typing');
  guest.passes(10_000);
  expect(guest.take('typing')).toEqual([]);
});

test('our own typing is told at most every two seconds, its end always, and never after nothing', () => {
  const guest = Guest.live();
  const types = (active: boolean) => guest.act((session, now) => session.setTyping(active, now));
  types(false);
  for (let ms = 0; ms <= 4_000; ms += 100) {
    types(true);
    guest.passes(100);
  }
  types(false);
  types(false);
  expect(guest.said.map((frame) => frame.type === 'typing' && frame.active)).toEqual([true, true, true, false]);
});

test('a message is queued once, under a good id, with something in it, and within bounds', () => {
  const guest = Guest.live();
  const say = (id: string, text: string) => guest.act((session, now) => session.say(id, text, now));
  expect([say('x1', '안녕'), say('x1', '안녕'), say('x1', '다른 말')]).toEqual([null, null, 'id_reused']);
  expect([say('!', 'a'), say('x2', ' \n '), say('x3', '가'.repeat(21_846))]).toEqual(['bad_id', 'empty', 'too_long']);
  expect(guest.take('queued').map((event) => event.id)).toEqual(['x1']);
  for (let n = 1; n < 1000; n += 1) expect(say(`n${n}`, 'a')).toBeNull();
  expect(say('one-more', 'a')).toBe('outbox_full');
});

test('somebody else’s message under the same id acknowledges nothing', () => {
  const guest = Guest.live();
  guest.says('x1');
  guest.hears(entry(8, 'x1', OTHER));
  guest.isCut();
  guest.passes(1_000);
  guest.opens();
  guest.hears(ROOM, welcome({ seq: 8, caught_up: 'resumed' }));
  expect(guest.said.filter((frame) => frame.type === 'say')).toHaveLength(2);
});

test('a message refused for good is told, and can be said again', () => {
  const guest = Guest.live();
  guest.says('x1');
  guest.hears(refused('too_long', 'say', 'x1'));
  expect(guest.take('unsent')).toEqual([{ type: 'unsent', id: 'x1', code: 'too_long' }]);
  guest.says('x1');
  expect(guest.said).toHaveLength(2);
});

test('a message refused for speed is said again after a pause, and nothing overtakes it', () => {
  const guest = Guest.live();
  guest.says('x1');
  guest.hears(refused('too_fast', 'say', 'x1'));
  guest.says('x2');
  guest.passes(999);
  expect(guest.said).toHaveLength(1);
  guest.passes(10);
  expect(guest.said.map((frame) => frame.type === 'say' && frame.id)).toEqual(['x1', 'x1', 'x2']);
  expect(guest.take('unsent')).toEqual([]);
});

test('a message the room cannot keep just now is said again after a pause, not given up', () => {
  for (const code of ['unavailable', 'hello_first']) {
    const guest = Guest.live();
    guest.says('x1');
    guest.hears(refused(code, 'say', 'x1'));
    guest.passes(999);
    expect(guest.said).toHaveLength(1);
    guest.passes(10);
    expect(guest.said).toHaveLength(2);
    expect(guest.take('unsent')).toEqual([]);
  }
});

test('a frame that cannot be read is passed over; where it was an entry, the hole is seen', () => {
  const guest = Guest.live();
  guest.hears('no frame', '{"type":"typing"}', '{"type":"joined","member":3}', entry(8));
  expect(guest.seqs).toEqual([8]);
  guest.hears(entry(9).replace('"hash"', '"hush"'));
  expect(guest.links).toEqual([]);
  guest.hears(entry(10));
  expect(guest.links).toEqual(['waiting lost']);
});

test('a time of more than 53 bits is the last one that a number holds', () => {
  const guest = Guest.live();
  guest.hears(entry(8).replace('1763695166000', '18446744073709551615'));
  expect(guest.take('entries').map((event) => event.entries[0]!.at)).toEqual([Number.MAX_SAFE_INTEGER]);
});

test('a full outbox goes out no faster than the room allows', () => {
  const guest = new Guest();
  guest.act((session, now) => session.retryNow(now));
  for (let n = 1; n <= 40; n += 1) guest.says(`x${n}`);
  guest.opens();
  guest.hears(ROOM, welcome({ seq: 0, rate: 5, burst: 10 }));
  const count = () => guest.said.filter((frame) => frame.type === 'say').length;
  expect(count()).toBe(5); // Half of the burst, and then nine tenths of the rate.
  for (let seq = 1; seq <= 5; seq += 1) guest.hears(entry(seq));
  guest.passes(2_000);
  expect(count()).toBe(14);
  guest.passes(222);
  expect(count()).toBe(14);
  guest.passes(1);
  expect(count()).toBe(15);
});

test('a long message takes of the rate one and one more for each kibibyte', () => {
  const guest = new Guest();
  guest.act((session, now) => session.retryNow(now));
  guest.says('x1', '가'.repeat(1_024)); // 3 KiB: it costs 4.
  guest.says('x2', 'a'.repeat(1_023)); // It costs 1.
  guest.says('x3', 'a'.repeat(20 * 1_024)); // It costs 21, more than there ever is at once.
  guest.says('x4');
  guest.opens();
  guest.hears(ROOM, welcome({ seq: 0, rate: 10, burst: 10 }));
  const said = () => guest.said.flatMap((frame) => (frame.type === 'say' ? [frame.id] : []));
  expect(said()).toEqual(['x1', 'x2']);
  guest.passes(555);
  expect(said()).toHaveLength(2);
  guest.passes(1); // Five at nine in a second.
  expect(said()).toEqual(['x1', 'x2', 'x3']);
  guest.hears(entry(1, 'x1'), entry(2, 'x2'), entry(3, 'x3'));
  guest.passes(1_888);
  expect(said()).toHaveLength(3);
  guest.passes(2); // The sixteen owed, and one.
  expect(said().at(-1)).toBe('x4');
});

test('the edge is asked to wait, never to spin', () => {
  const guest = new Guest();
  guest.act((session, now) => session.retryNow(now));
  for (let n = 1; n <= 40; n += 1) guest.says(`x${n}`);
  guest.opens();
  guest.hears(ROOM, welcome({ seq: 0, rate: 7, burst: 1 }));
  for (let n = 0; n < 30; n += 1) {
    const due = guest.session.pollTimeout()!;
    expect(due).toBeGreaterThan(guest.now);
    guest.passes(due - guest.now);
  }
});

test('the cursor is the last entry heard, by all three of its names', () => {
  const guest = Guest.live();
  guest.hears(entry(8));
  guest.isCut();
  guest.passes(1_000);
  guest.opens();
  guest.hears(ROOM);
  expect(guest.said.at(-1)).toMatchObject({ type: 'hello', cursor: { epoch: 'e1', seq: 8, hash: HASH } });
});

test('what is looked for is asked of the room, and its answer is told as it comes', () => {
  const guest = Guest.live();
  guest.act((session, now) => session.search('점심 김밥', null, now));
  guest.act((session, now) => session.search('점심 김밥', 42, now));
  guest.act((session, now) => session.loadExcerpt(42, now));
  expect(guest.said).toEqual([
    { type: 'search', words: '점심 김밥' },
    { type: 'search', words: '점심 김밥', before: 42 },
    { type: 'excerpt', from: 42 },
  ]);
  guest.hears(`{"type":"found","words":"점심 김밥","entries":[${said(2)},${said(5)}],"more":true}`);
  guest.hears(page('excerpt', [2, 3], true));
  expect(guest.take('found')).toMatchObject([{ words: '점심 김밥', entries: [{ seq: 2 }, { seq: 5 }], more: true }]);
  expect(guest.take('excerpt')).toMatchObject([{ entries: [{ seq: 2 }, { seq: 3 }], more: true }]);
  // Neither of them is part of what was heard: the next entry follows the seventh.
  guest.hears(entry(8));
  expect(guest.seqs).toEqual([8]);
});

test('nothing is looked for without a connection', () => {
  const guest = Guest.live();
  guest.isCut();
  guest.said = [];
  guest.act((session, now) => session.search('점심', null, now));
  guest.act((session, now) => session.loadExcerpt(1, now));
  expect(guest.said).toEqual([]);
});

test('trouble of the disk is told, and is over with the next welcome', () => {
  const guest = Guest.live();
  guest.hears('{"type":"disk","well":false}');
  guest.isCut();
  guest.passes(60_000);
  guest.opens();
  guest.hears(ROOM, welcome({ seq: 7, caught_up: 'resumed' }));
  expect(guest.take('disk')).toEqual([
    { type: 'disk', well: false },
    { type: 'disk', well: true },
  ]);
});

test('what the room keeps is told with everything else', () => {
  const keeping = (keeps: string) => {
    const guest = new Guest();
    guest.act((session, now) => session.retryNow(now));
    guest.opens();
    guest.hears(ROOM, welcome({ seq: 0 }).replace('{"kind":"everything"}', keeps));
    return guest.take('entered').map((event) => event.keeps);
  };
  expect(keeping('{"kind":"last","entries":1000}')).toEqual([{ kind: 'last', entries: 1000 }]);
  expect(keeping('{"kind":"nothing"}')).toEqual([{ kind: 'nothing' }]);
  expect(keeping('{"kind":"last"}')).toEqual([]);
});
