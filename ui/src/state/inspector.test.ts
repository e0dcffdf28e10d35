// @vitest-environment node
// What was seen of a connection: kept within bounds, with its holes told, filtered, and as text.
import { describe, expect, it } from 'vitest';
import type { Sight } from '../bridge/bridge';
import type { Seen } from '../bridge/generated/Seen';
import { copyOf, handshakeOf, lineOf, rowsOf, seen, SIGHTS_MAX, wholeOf, type Filter } from './inspector';

const ALL: Filter = { text: '', direction: 'all', opcode: 'all' };
const frame = (text: string, over: Partial<Extract<Seen, { type: 'frame' }>> = {}): Seen => ({
  ...{ type: 'frame', direction: 'in', opcode: 'text', bytes: text.length, text, cut: false },
  ...over,
});
const sight = (nth: number, what: Seen): Sight => ({ nth, at: 0, what });
const frames = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => sight(from + i, frame(`f${from + i}`)));
const keys = (rows: ReturnType<typeof rowsOf>) =>
  rows.map((row) => (row.kind === 'gap' ? `gap ${row.count}` : row.key));

describe('what was seen', () => {
  it('is the latest, within bounds', () => {
    let sights = seen(new Map(), 'r', frames(1, SIGHTS_MAX));
    sights = seen(sights, 'r', frames(SIGHTS_MAX + 1, 7));
    expect(sights.get('r')).toHaveLength(SIGHTS_MAX);
    expect(sights.get('r')![0]!.nth).toBe(8);
  });

  it('begins anew where another connection counts from the start', () => {
    const sights = seen(seen(new Map(), 'r', frames(1, 5)), 'r', frames(1, 2));
    expect(sights.get('r')).toHaveLength(2);
  });

  it('tells how many are missing between two, and no gap that only the filter made', () => {
    const sights = [...frames(1, 2), ...frames(12, 3)];
    expect(keys(rowsOf(sights, ALL))).toEqual([1, 2, 'gap 9', 12, 13, 14]);
    expect(keys(rowsOf(sights, { ...ALL, text: 'f13' }))).toEqual(['gap 9', 13]);
    expect(keys(rowsOf(frames(5, 2), ALL))).toEqual([5, 6]);
    expect(keys(rowsOf(sights, ALL, 12))).toEqual([13, 14]);
  });

  it('is filtered by text, direction and kind of frame, in any composition of Hangul', () => {
    const sights = [
      sight(1, frame('{"text":"안녕"}')),
      sight(2, frame('hi', { direction: 'out' })),
      sight(3, frame('', { direction: 'out', opcode: 'ping' })),
      sight(4, { type: 'closed', code: 1000, reason: 'bye' }),
    ];
    expect(keys(rowsOf(sights, { ...ALL, text: '안녕'.normalize('NFD') }))).toEqual([1]);
    expect(keys(rowsOf(sights, { ...ALL, direction: 'out' }))).toEqual([2, 3]);
    expect(keys(rowsOf(sights, { ...ALL, opcode: 'ping' }))).toEqual([3]);
    expect(keys(rowsOf(sights, { ...ALL, text: 'bye' }))).toEqual([4]);
  });
});

describe('a sight as text', () => {
  it('is one line, whatever control characters it has', () => {
    expect(lineOf(frame('a\r\nb\u001b[2J\u0085c\u007f'))).toBe('a␍␊b␛[2J␡c␡');
  });

  it('is indented JSON, text as it is, or a dump of bytes', () => {
    expect(wholeOf(frame('{"a":[1]}'))).toBe('{\n  "a": [\n    1\n  ]\n}');
    expect(wholeOf(frame('{"a":'))).toBe('{"a":');
    expect(wholeOf(frame('철수: 안녕'))).toBe('철수: 안녕');
    expect(wholeOf(frame('48690aff'.repeat(5), { opcode: 'binary' }))).toBe(
      '0000  48 69 0a ff 48 69 0a ff 48 69 0a ff 48 69 0a ff  Hi..Hi..Hi..Hi..\n' +
        `0010  48 69 0a ff${' '.repeat(36)}  Hi..`,
    );
  });

  it('is copied with its time, way and size', () => {
    expect(copyOf(sight(1, frame('hi', { cut: true })))).toBe('1970-01-01T00:00:00.000Z in text 2 hi…');
    const request = {
      type: 'request',
      url: 'ws://a/',
      line: 'GET / HTTP/1.1',
      headers: [{ name: 'Host', value: 'a' }],
    } as const;
    expect(copyOf(sight(1, { ...request, headers: [...request.headers] }))).toContain('GET / HTTP/1.1\nHost: a');
  });
});

it('the handshake is the latest, and its answer is never that of an earlier one', () => {
  const request = (url: string): Seen => ({ type: 'request', url, line: '', headers: [] });
  const response: Seen = { type: 'response', line: 'HTTP/1.1 101', headers: [] };
  expect(handshakeOf([sight(1, request('a')), sight(2, response)]).response).toEqual(response);
  const again = handshakeOf([sight(1, request('a')), sight(2, response), sight(3, request('b'))]);
  expect([again.request?.url, again.response]).toEqual(['b', null]);
});
