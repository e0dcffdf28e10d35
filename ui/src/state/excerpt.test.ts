// @vitest-environment node
import { describe, expect, it } from 'vitest';
import type { Entry } from '../bridge/generated/Entry';
import type { RoomEvent } from '../bridge/generated/RoomEvent';
import { BEFORE, excerptAt, excerptHeard, EXCERPT_ENTRIES_MAX, further, holds, type Excerpt } from './excerpt';

function said(seq: number): Entry {
  const by = { id: 'm', nickname: 'm', number: 0 };
  return { seq, at: seq, hash: '', by, kind: 'said', id: `i${seq}`, text: `${seq}` };
}

function range(from: number, to: number): Entry[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => said(from + i));
}

/** A room of `head` entries, of which those up to `trimmed` are gone, with pages of `page`; answers until it is asked no
 *  more. */
function answered(before: Excerpt | null, { head = 500, trimmed = 0, page = 100 } = {}): Excerpt {
  let excerpt = before!;
  for (let i = 0; i < 50 && excerpt.asked; i += 1) {
    const from = Math.max(excerpt.asked.from, trimmed + 1);
    const to = Math.min(head, from + page - 1);
    excerpt = excerptHeard(excerpt, { type: 'excerpt', entries: range(from, to), more: to < head })!;
  }
  expect(excerpt.asked).toBeNull();
  return excerpt;
}

const ends = (excerpt: Excerpt) => [excerpt.entries[0]?.seq, excerpt.entries.at(-1)?.seq];

function expectDense(excerpt: Excerpt): void {
  const first = excerpt.entries[0]?.seq ?? 0;
  expect(excerpt.entries.map((entry) => entry.seq)).toEqual(excerpt.entries.map((_, i) => first + i));
}

describe('an excerpt', () => {
  it('begins some messages before the one that one came for', () => {
    const excerpt = excerptAt(200);
    expect(excerpt.asked?.from).toBe(200 - BEFORE);
    expect(ends(answered(excerpt))).toEqual([160, 259]);
    expect(excerptAt(7).asked?.from).toBe(1);
  });

  it('asks on until that one is there, however short the pages are', () => {
    const excerpt = answered(excerptAt(200), { page: 7 });
    expect(holds(excerpt, 200)).toBe(true);
    expectDense(excerpt);
  });

  it('grows at both ends without a hole, one question at a time', () => {
    let excerpt = answered(excerptAt(200), { page: 60 });
    const asking = further(excerpt, 'older');
    expect(further(asking, 'newer')).toBe(asking);
    excerpt = answered(asking, { page: 15 });
    expect(ends(excerpt)).toEqual([120, 219]);
    excerpt = answered(further(excerpt, 'newer'), { page: 60 });
    expect(ends(excerpt)).toEqual([120, 279]);
    expectDense(excerpt);
  });

  it('ends where the log does', () => {
    let excerpt = answered(excerptAt(30), { head: 90 });
    expect([excerpt.older, excerpt.newer]).toEqual([false, false]);
    expect(ends(excerpt)).toEqual([1, 90]);
    excerpt = answered(further(excerpt, 'newer'), { head: 95 });
    expect(ends(excerpt)).toEqual([1, 95]);
  });

  it('begins where a room that keeps the last ones alone begins', () => {
    const first = answered(excerptAt(200), { trimmed: 180 });
    expect([ends(first), first.older]).toEqual([[181, 280], false]);
    const later = answered(further(answered(excerptAt(200)), 'older'), { trimmed: 150 });
    expect([ends(later), later.older]).toEqual([[151, 259], false]);
    expect(further(later, 'older')).toBe(later);
    expect(answered(excerptAt(20), { trimmed: 500 }).entries).toEqual([]);
  });

  it('shows no hole where the room let go of what came between', () => {
    const excerpt = answered(further(answered(excerptAt(100)), 'newer'), { trimmed: 300 });
    expect([ends(excerpt), excerpt.older]).toEqual([[301, 400], false]);
  });

  it('shows no hole where an answer stops short of what is there', () => {
    const asking = further(answered(excerptAt(200)), 'older');
    const after = excerptHeard(asking, { type: 'excerpt', entries: range(120, 130), more: false })!;
    expect([ends(after), after.older, after.asked]).toEqual([[160, 259], false, null]);
  });

  it('stays within its bounds by letting go of the other end', () => {
    let excerpt = answered(excerptAt(5_000), { head: 10_000 });
    for (let i = 0; i < 20; i += 1) excerpt = answered(further(excerpt, 'newer'), { head: 10_000 });
    expect(excerpt.entries).toHaveLength(EXCERPT_ENTRIES_MAX);
    expect(excerpt.older).toBe(true);
    for (let i = 0; i < 40; i += 1) excerpt = answered(further(excerpt, 'older'), { head: 10_000 });
    expect(excerpt.entries).toHaveLength(EXCERPT_ENTRIES_MAX);
    expect(excerpt.newer).toBe(true);
    expectDense(excerpt);
  });

  it('asks again after a loss, and ends with its log', () => {
    const entered = (caught_up: string) => ({ type: 'entered', caught_up }) as RoomEvent;
    const asked = excerptAt(200);
    const again = excerptHeard(asked, entered('resumed'))!;
    expect(again.asked).not.toBe(asked.asked);
    expect(again.asked).toEqual(asked.asked);
    expect(excerptHeard(asked, entered('trimmed'))).not.toBeNull();
    expect(excerptHeard(asked, entered('diverged'))).toBeNull();
    expect(excerptHeard(asked, entered('new_epoch'))).toBeNull();
  });
});
