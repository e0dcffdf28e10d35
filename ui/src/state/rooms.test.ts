// @vitest-environment node
import { describe, expect, it } from 'vitest';
import type { RoomEvent } from '../bridge/generated/RoomEvent';
import { afresh, closed, entered, heard, openRoom, remember, RECENT_ROOMS_MAX, type Rooms } from './rooms';

const me = { id: 'me', nickname: 'me', number: 0 };
const other = { id: 'o', nickname: 'o', number: 1 };
const enter: RoomEvent = {
  type: 'entered',
  room: 'r1',
  name: 'Lunch',
  you: me,
  caught_up: 'first',
  entries: [{ seq: 1, at: 0, hash: '', by: other, kind: 'said', id: 'i1', text: '1' }],
  older: false,
  count: 2,
  members: [me, other],
  limits: { message_bytes: 1, nickname_graphemes: 1, rate_per_second: 1, rate_burst: 1, members: 1 },
  can: [],
  keeps: { kind: 'everything' },
};
const news = (seq: number, by = other): Extract<RoomEvent, { type: 'entries' }> => ({
  type: 'entries',
  entries: [{ seq, at: 0, hash: '', by, kind: 'said', id: `i${seq}`, text: `${seq}` }],
});

function after(events: RoomEvent[], watched: boolean, from: Rooms = new Map()): Rooms {
  return events.reduce((rooms, event) => heard(rooms, 'a', event, watched, 0), from);
}

describe('rooms', () => {
  it('counts what others say while nobody looks, and remembers where reading stopped', () => {
    const open = after([enter, news(2), news(3), news(4, me)], false).get('a')!;
    expect(open.unread).toBe(2);
    expect(open.read_to).toBe('1:1');
  });

  it('does not take the first page for news', () => {
    expect(after([enter], false).get('a')!.unread).toBe(0);
  });

  it('counts what was missed after resuming', () => {
    const back = { ...enter, caught_up: 'resumed', entries: news(2).entries } as RoomEvent;
    expect(after([enter, back], false).get('a')!.unread).toBe(1);
  });

  it('counts nothing while somebody looks', () => {
    expect(after([enter, news(2)], true).get('a')!.unread).toBe(0);
  });

  it('lists a room only once it let us in', () => {
    const rooms: Rooms = new Map([['b', openRoom('b', 0)]]);
    expect(entered(rooms)).toEqual([]);
    expect(entered(after([enter], true, rooms)).map((open) => open.handle)).toEqual(['a']);
  });

  it('keeps the name of a room that is told again from the start', () => {
    const again = afresh(after([enter, news(2)], true).get('a')!, 9);
    expect(again.room.items).toEqual([]);
    expect(again.room.name).toBe('Lunch');
  });

  it('keeps the history of a room that the bridge closed, and drops one that never opened', () => {
    const gone = closed(after([enter], true), 'a', 0).get('a')!;
    expect(gone.room.link).toEqual({ state: 'ended', fault: 'left' });
    expect(gone.room.items).toHaveLength(1);
    expect(closed(new Map([['b', openRoom('b', 0)]]), 'b', 0).size).toBe(0);
  });

  it('remembers the latest rooms first, each once, and no more than the bound', () => {
    const room = (id: string) => ({ id, name: id, address: null, at: 0 });
    const many = Array.from({ length: RECENT_ROOMS_MAX }, (_, i) => room(`r${i}`));
    const now = remember(many, room('r5'));
    expect(now[0]?.id).toBe('r5');
    expect(now).toHaveLength(RECENT_ROOMS_MAX);
    expect(remember(many, room('new'))).toHaveLength(RECENT_ROOMS_MAX);
  });
});
