// @vitest-environment node
import { describe, expect, it } from 'vitest';
import type { Entry } from '../bridge/generated/Entry';
import type { Member } from '../bridge/generated/Member';
import type { RoomEvent } from '../bridge/generated/RoomEvent';
import {
  emptyRoom,
  fail,
  fold,
  giveUp,
  keyOf,
  MIRROR_BYTES_MAX,
  MIRROR_ENTRIES_MAX,
  MOVES_MAX,
  type RoomState,
} from './room';

const me: Member = { id: 'me', nickname: '느긋한 수달', number: 3 };
const minji: Member = { id: 'm1', nickname: '민지', number: 0, host: true };
const theo: Member = { id: 'm2', nickname: 'Theo', number: 1 };

function said(seq: number, by: Member, text = `${seq}`, id = `id${seq}`): Entry {
  return { seq, at: seq * 1000, hash: `h${seq}`, by, kind: 'said', id, text };
}

function entered(over: Partial<Extract<RoomEvent, { type: 'entered' }>> = {}): RoomEvent {
  return {
    type: 'entered',
    room: 'r1',
    name: '점심 모임',
    you: me,
    caught_up: 'first',
    entries: [],
    older: false,
    count: 2,
    members: [minji, me],
    limits: { message_bytes: 65536, nickname_graphemes: 32, rate_per_second: 1000, rate_burst: 2000, members: 256 },
    can: ['history'],
    keeps: { kind: 'everything' },
    ...over,
  };
}

function after(...events: RoomEvent[]): RoomState {
  return events.reduce((room, event, i) => fold(room, event, i), emptyRoom());
}

function texts(room: RoomState): string[] {
  return room.items.map((item) => (item.type === 'entry' && item.entry.kind === 'said' ? item.entry.text : item.type));
}

describe('fold', () => {
  it('never changes the room it was given', () => {
    const before = after(entered({ entries: [said(1, minji)] }), { type: 'queued', id: 'x', text: 'a', at: 1 });
    const frozen = structuredClone(before);
    const events: RoomEvent[] = [
      { type: 'entries', entries: [said(2, me, 'a', 'x')] },
      { type: 'presence', joined: [theo], left: [minji], count: 2 },
      { type: 'typing', member: 'm1', active: true },
      { type: 'history', entries: [], older: false },
    ];
    events.forEach((event) => fold(before, event, 5));
    expect(before).toEqual(frozen);
  });

  it('shows where something that is no text was sent, between what was said', () => {
    const room = after(entered({ entries: [said(1, minji)] }), { type: 'binary', by: theo, at: 9, bytes: 3 });
    const more = fold(fold(room, { type: 'binary', by: theo, at: 9, bytes: 4 }), {
      type: 'entries',
      entries: [said(2, minji)],
    });
    expect(more.items.map((item) => item.type)).toEqual(['entry', 'binary', 'binary', 'entry']);
    expect(new Set(more.items.map((item) => item.key)).size).toBe(4);
  });

  it('replaces a pending message by its entry, by id', () => {
    const pending = after(entered(), { type: 'queued', id: 'x1', text: '안녕', at: 7 });
    expect(pending.pending).toEqual([{ id: 'x1', text: '안녕', at: 7, code: null }]);
    const heard = fold(pending, { type: 'entries', entries: [said(1, me, '안녕', 'x1')] });
    expect(heard.pending).toEqual([]);
    expect(texts(heard)).toEqual(['안녕']);
  });

  it('takes an entry of ours from before a gap for its acknowledgement only', () => {
    const room = after(
      entered({ entries: [said(1, minji)] }),
      { type: 'queued', id: 'x1', text: '안녕', at: 7 },
      entered({ caught_up: 'trimmed', entries: [said(50, theo)], older: true }),
      { type: 'entries', entries: [said(20, me, '안녕', 'x1'), said(51, theo)] },
    );
    expect(room.pending).toEqual([]);
    expect(texts(room)).toEqual(['1', 'gap', '50', '51']);
  });

  it('keeps our pending message when somebody else used its id', () => {
    const room = after(entered(), { type: 'queued', id: 'x1', text: '안녕', at: 7 });
    expect(fold(room, { type: 'entries', entries: [said(1, theo, 'mine', 'x1')] }).pending).toHaveLength(1);
  });

  it('shows a message queued twice under one id once', () => {
    const queued: RoomEvent = { type: 'queued', id: 'x1', text: '안녕', at: 7 };
    expect(after(entered(), queued, queued).pending).toHaveLength(1);
  });

  it('does not show as pending what was heard already', () => {
    const room = after(entered({ entries: [said(1, me, 'a', 'x1')] }), { type: 'queued', id: 'x1', text: 'a', at: 1 });
    expect(room.pending).toEqual([]);
  });

  it('marks a refused message as failed, and as pending once it is said again', () => {
    const failed = after(
      entered(),
      { type: 'queued', id: 'x1', text: 'a', at: 1 },
      { type: 'unsent', id: 'x1', code: 'too_fast' },
    );
    expect(failed.pending[0]?.code).toBe('too_fast');
    expect(fold(failed, { type: 'queued', id: 'x1', text: 'a', at: 2 }).pending).toEqual([
      { id: 'x1', text: 'a', at: 2, code: null },
    ]);
    expect(fail(failed, 'x1', 'outbox_full').pending[0]?.code).toBe('outbox_full');
    expect(giveUp(failed, 'x1').pending).toEqual([]);
  });

  it('appends what was missed after resuming, each entry once', () => {
    const room = after(
      entered({ entries: [said(1, minji), said(2, minji)] }),
      entered({ caught_up: 'resumed', entries: [said(2, minji), said(3, theo), said(3, theo)] }),
    );
    expect(texts(room)).toEqual(['1', '2', '3']);
  });

  it('sets a new epoch apart with a gap, and takes its numbers from the start', () => {
    const room = after(
      entered({ entries: [said(1, minji), said(2, minji)] }),
      entered({ caught_up: 'new_epoch', entries: [said(1, theo, 'anew')], older: true }),
    );
    expect(texts(room)).toEqual(['1', '2', 'gap', 'anew']);
    expect(new Set(room.items.map((item) => item.key)).size).toBe(4);
    expect(room.older).toBe(true);
  });

  it('puts older entries after the gap, where they belong', () => {
    const room = after(
      entered({ entries: [said(1, minji, 'old')] }),
      entered({ caught_up: 'trimmed', entries: [said(50, theo)], older: true }),
      { type: 'history', entries: [said(48, theo), said(49, theo), said(50, theo)], older: false },
    );
    expect(texts(room)).toEqual(['old', 'gap', '48', '49', '50']);
    expect(room.older).toBe(false);
  });

  it('puts history before everything else', () => {
    const room = after(entered({ entries: [said(3, minji)], older: true }), {
      type: 'history',
      entries: [said(1, theo), said(2, theo)],
      older: false,
    });
    expect(texts(room)).toEqual(['1', '2', '3']);
  });

  it('starts over when it is told the first page again', () => {
    const room = after(entered({ entries: [said(1, minji)] }), entered({ entries: [said(5, minji)] }));
    expect(texts(room)).toEqual(['5']);
  });

  it('keeps as many entries as the mirror, the latest', () => {
    const many = Array.from({ length: MIRROR_ENTRIES_MAX }, (_, i) => said(i + 1, minji));
    const room = after(entered({ entries: many }), { type: 'entries', entries: [said(MIRROR_ENTRIES_MAX + 1, minji)] });
    expect(room.items).toHaveLength(MIRROR_ENTRIES_MAX);
    expect(texts(room).at(-1)).toBe(`${MIRROR_ENTRIES_MAX + 1}`);
  });

  it('shows what lies before while somebody scrolls back to the first entry, and lets go of it with the next', () => {
    const many = Array.from({ length: MIRROR_ENTRIES_MAX }, (_, i) => said(i + 2, minji));
    let room = after(entered({ entries: many, older: true }));
    room = fold(room, { type: 'history', entries: [said(1, minji)], older: false });
    expect([texts(room)[0], room.items.length, room.older]).toEqual(['1', MIRROR_ENTRIES_MAX + 1, false]);
    room = fold(room, { type: 'entries', entries: [said(MIRROR_ENTRIES_MAX + 2, minji)] });
    expect([texts(room)[0], room.items.length, room.older]).toEqual(['3', MIRROR_ENTRIES_MAX, true]);
  });

  it('keeps as much text as the mirror, and has older entries to ask for then', () => {
    const text = '가'.repeat(21_845) + 'a'; // 64 KiB
    const most = MIRROR_BYTES_MAX / 65_536;
    const long = (first: number, last: number) =>
      Array.from({ length: last - first + 1 }, (_, i) => said(first + i, minji, text));
    let room = after(entered({ entries: long(2, most) }));
    room = fold(room, { type: 'history', entries: [said(1, minji, text)], older: false });
    expect([room.items.length, room.bytes, room.older]).toEqual([most, MIRROR_BYTES_MAX, false]);
    room = fold(room, { type: 'entries', entries: [said(most + 1, minji, 'b')] });
    expect([room.items.length, room.bytes, room.older]).toEqual([most, MIRROR_BYTES_MAX - 65_535, true]);
    room = fold(room, { type: 'history', entries: [said(1, minji, text)], older: false });
    expect([room.items.length, room.older]).toEqual([most + 1, false]);
  });

  it('lets go of an earlier log first, and has nothing older for it', () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => said(i + 1, minji));
    let room = after(entered({ entries: many(6_000) }), entered({ caught_up: 'new_epoch', entries: many(6_000) }));
    expect(room.items.filter((item) => item.type === 'entry')).toHaveLength(MIRROR_ENTRIES_MAX);
    expect(room.older).toBe(false);
    expect(room.items.findIndex((item) => item.type === 'gap')).toBe(4_000);
    room = fold(room, { type: 'entries', entries: many(MIRROR_ENTRIES_MAX + 1) });
    expect(room.older).toBe(true);
  });

  it('counts no comings and goings against the entries', () => {
    const many = Array.from({ length: MIRROR_ENTRIES_MAX }, (_, i) => said(i + 1, minji));
    const room = after(entered({ entries: many }), { type: 'presence', joined: [theo], left: [], count: 3 });
    expect(texts(room)[0]).toBe('1');
  });

  it('settles our message by its entry in whatever way it comes, also one older than what was heard', () => {
    const pending = after(entered({ entries: [said(50, theo)], older: true }), {
      type: 'queued',
      id: 'x1',
      text: '안녕',
      at: 7,
    });
    const mine = [said(20, me, '안녕', 'x1')];
    for (const event of [
      { type: 'entries', entries: mine } as const,
      { type: 'history', entries: mine, older: true } as const,
      entered({ caught_up: 'resumed', entries: mine }),
      entered({ caught_up: 'trimmed', entries: mine }),
    ]) {
      expect(fold(pending, event).pending, JSON.stringify(event)).toEqual([]);
    }
  });

  it('shows no name of a room that turns its line around, and part of the id where none is left', () => {
    expect(after(entered({ name: '점심\u202E\u200B 모임' })).name).toBe('점심 모임');
    expect(after(entered({ name: '\u202E' })).name).toBe('r1');
  });

  it('never lets a busy door push messages out', () => {
    let room = after(entered({ entries: [said(1, minji)] }));
    for (let i = 0; i < MOVES_MAX * 2; i += 1) {
      room = fold(room, {
        type: 'presence',
        joined: [{ id: `j${i}`, nickname: `${i}`, number: i + 9 }],
        left: [],
        count: i,
      });
    }
    expect(texts(room)).toEqual(['1', 'presence']);
    const last = room.items.at(-1);
    expect(last?.type === 'presence' && last.moves.length).toBe(MOVES_MAX);
  });

  it('knows who is here, by number, and takes the count as told', () => {
    const room = after(entered(), { type: 'presence', joined: [theo], left: [minji], count: 40 });
    expect(room.members.map((member) => member.id)).toEqual(['m2', 'me']);
    expect(room.count).toBe(40);
  });

  it('does not tell us of our own coming', () => {
    expect(after(entered(), { type: 'presence', joined: [me], left: [], count: 2 }).items).toEqual([]);
  });

  it('renames a member in the roster, and us', () => {
    const renamed = (by: Member, from: string): RoomEvent => ({
      type: 'entries',
      entries: [
        { seq: by === me ? 1 : 2, at: 0, hash: 'h', by: { ...by, nickname: '새 이름' }, kind: 'renamed', from },
      ],
    });
    const room = after(entered(), renamed(me, me.nickname), renamed(minji, '민지'));
    expect(room.you?.nickname).toBe('새 이름');
    expect(room.members.map((member) => member.nickname)).toEqual(['새 이름', '새 이름']);
  });

  it('forgets that somebody types once they spoke, left, or six seconds went by', () => {
    const typing: RoomEvent = { type: 'typing', member: 'm1', active: true };
    const room = after(entered(), typing);
    expect(room.typing).toHaveLength(1);
    expect(fold(room, { type: 'entries', entries: [said(1, minji)] }).typing).toEqual([]);
    expect(fold(room, { type: 'presence', joined: [], left: [minji], count: 1 }).typing).toEqual([]);
    expect(fold(room, { type: 'typing', member: 'm2', active: true }, 7000).typing).toEqual([
      { member: 'm2', at: 7000 },
    ]);
  });

  it('remembers since when the connection is gone, through every dial', () => {
    let room = fold(after(entered()), { type: 'link', link: { state: 'live' } }, 50);
    expect(room.down_since).toBeNull();
    room = fold(room, { type: 'link', link: { state: 'waiting', attempt: 1, retry_in_ms: 900, fault: 'lost' } }, 100);
    room = fold(room, { type: 'link', link: { state: 'connecting', attempt: 1 } }, 1000);
    expect(room.down_since).toBe(100);
    expect(room.link_at).toBe(1000);
  });

  it('counts refusals, so that the same one twice is two', () => {
    const refused: RoomEvent = { type: 'refused', code: 'nickname_taken', frame: 'rename' };
    expect(after(entered(), refused, refused).refused).toEqual({ code: 'nickname_taken', frame: 'rename', nth: 2 });
  });

  it('knows our own words after our id changed with the connection', () => {
    const room = after(entered(), entered({ caught_up: 'resumed', you: { ...me, id: 'me2' } }));
    expect(room.selves).toEqual(['me', 'me2']);
  });
});

describe('what a room keeps', () => {
  it('is what its host said last', () => {
    const room = after(entered({ keeps: { kind: 'last', entries: 1_000 } }));
    expect(room.keeps).toEqual({ kind: 'last', entries: 1_000 });
    expect(fold(room, entered({ caught_up: 'resumed', keeps: { kind: 'nothing' } })).keeps).toEqual({
      kind: 'nothing',
    });
  });
});

describe('the host’s disk', () => {
  it('is in trouble until it is told to be well', () => {
    const trouble = after(entered(), { type: 'disk', well: false });
    expect(trouble.disk_well).toBe(false);
    expect(fold(trouble, { type: 'disk', well: true }).disk_well).toBe(true);
  });
});

describe('an entry of the log', () => {
  it('has a key where it is loaded, and none where a gap lies before it', () => {
    const room = after(
      entered({ entries: [said(1, minji), said(2, minji)] }),
      entered({ caught_up: 'trimmed', entries: [said(50, theo)], older: true }),
    );
    expect(keyOf(room, 50)).toBe('2:50');
    expect(keyOf(room, 2)).toBeNull();
  });
});
