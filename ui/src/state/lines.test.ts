// @vitest-environment node
import { describe, expect, it } from 'vitest';
import type { Member } from '../bridge/generated/Member';
import { GROUP_MS_MAX, toLines, type Line } from './lines';
import { emptyRoom, type Item, type RoomState } from './room';

const me: Member = { id: 'me', nickname: 'me', number: 0 };
const minji: Member = { id: 'm1', nickname: '민지', number: 1 };
const NOON = new Date(2026, 6, 3, 12).getTime();

function said(seq: number, by: Member, at: number): Item {
  return {
    type: 'entry',
    key: `1:${seq}`,
    entry: { seq, at, hash: '', by, kind: 'said', id: `i${seq}`, text: `${seq}` },
  };
}

function room(items: Item[], over: Partial<RoomState> = {}): RoomState {
  return { ...emptyRoom(), era: 1, you: me, selves: ['me'], items, ...over };
}

function drawn(of: RoomState, read_to: string | null = null): string[] {
  return toLines(of, of.items, read_to).map((line: Line) =>
    line.kind === 'message'
      ? `${line.first ? '+' : ' '}${line.text}${line.state === 'sent' ? '' : ` ${line.state}`}`
      : line.kind,
  );
}

describe('toLines', () => {
  it('groups what one person says within five minutes', () => {
    const items = [
      said(1, minji, NOON),
      said(2, minji, NOON + GROUP_MS_MAX),
      said(3, minji, NOON + 2 * GROUP_MS_MAX + 1),
    ];
    expect(drawn(room(items))).toEqual(['day', '+1', ' 2', '+3']);
  });

  it('opens a group for another person, after a notice, and on another day', () => {
    const items: Item[] = [
      said(1, minji, NOON),
      { type: 'presence', key: 'moves0', moves: [{ member: { ...minji, id: 'x' }, kind: 'joined', at: NOON }] },
      said(2, minji, NOON + 1),
      said(3, me, NOON + 2),
      said(4, me, NOON + 24 * 3600_000),
    ];
    expect(drawn(room(items))).toEqual(['day', '+1', 'moves', '+2', '+3', 'day', '+4']);
  });

  it('puts the seam after what was read', () => {
    expect(drawn(room([said(1, minji, NOON), said(2, minji, NOON)]), '1:1')).toEqual(['day', '+1', 'seam', '+2']);
  });

  it('puts what is on its way last, with its fate', () => {
    const pending = [
      { id: 'p1', text: 'a', at: NOON + 1, code: null },
      { id: 'p2', text: 'b', at: NOON + 2, code: 'too_fast' },
    ];
    expect(drawn(room([said(1, minji, NOON)], { pending }))).toEqual(['day', '+1', '+a pending', ' b failed']);
  });

  it('keeps the key of our own message from pending to heard', () => {
    const waiting = room([], { pending: [{ id: 'i1', text: '1', at: NOON, code: null }] });
    const heard = room([said(1, me, NOON)]);
    expect(toLines(waiting, waiting.items, null)[1]?.key).toBe(toLines(heard, heard.items, null)[1]?.key);
  });

  it('never gives two lines one key, whatever a room repeats', () => {
    const twice = [said(1, me, NOON), said(2, me, NOON)].map((item) =>
      item.type === 'entry' ? { ...item, entry: { ...item.entry, id: 'same' } as typeof item.entry } : item,
    );
    const of = room(twice, { pending: [{ id: 'same', text: 'x', at: NOON, code: null }] });
    const keys = toLines(of, of.items, null).map((line) => line.key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
