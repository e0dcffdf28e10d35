// @vitest-environment node
import { describe, expect, it } from 'vitest';
import type { Entry } from '../bridge/generated/Entry';
import type { RoomEvent } from '../bridge/generated/RoomEvent';
import {
  emptySearch,
  FOUND_SHOWN_MAX,
  lookFor,
  lookFurther,
  oldestFound,
  SEARCH_CHARS_MAX,
  searchHeard,
  wordsOf,
  type Search,
} from './search';

function said(seq: number): Entry {
  const by = { id: 'm', nickname: 'm', number: 0 };
  return { seq, at: seq, hash: '', by, kind: 'said', id: `i${seq}`, text: `${seq}` };
}

function found(words: string, seqs: number[], more = false): RoomEvent {
  return { type: 'found', words, entries: seqs.map(said), more };
}

function after(...events: RoomEvent[]): Search {
  return events.reduce(searchHeard, lookFor(emptySearch(), '점심'));
}

const seqs = (search: Search) => search.entries.map((entry) => entry.seq);

describe('what is looked for', () => {
  it('is in the form in which a room answers', () => {
    expect(wordsOf('  점심\u3000 김밥\n', false)).toBe('점심 김밥');
    expect(wordsOf('\u1112\u1161\u11ab\u0000글', false)).toBe('한 글');
    expect(wordsOf(' \n\u0007 ', false)).toBe('');
  });

  it('leaves a syllable that is only begun out, and nothing else', () => {
    expect(wordsOf('점ㅅ', true)).toBe('점');
    expect(wordsOf('ㅈ', true)).toBe('');
    expect(wordsOf('점시', true)).toBe('점시');
    expect(wordsOf('ㅋㅋ', false)).toBe('ㅋㅋ');
  });

  it('is never longer than a room takes', () => {
    expect(Array.from(wordsOf('😀'.repeat(300), false))).toHaveLength(SEARCH_CHARS_MAX);
  });
});

describe('a search', () => {
  it('takes the answer to what is looked for now, and no other', () => {
    const stale = after(found('점', [1, 2, 3]));
    expect(seqs(stale)).toEqual([]);
    expect(stale.awaited).toBe('latest');
    expect(seqs(searchHeard(stale, found('점심', [2])))).toEqual([2]);
  });

  it('shows what was found before until the next answer comes', () => {
    const next = lookFor(after(found('점심', [1, 2])), '점심 김밥');
    expect(seqs(next)).toEqual([1, 2]);
    expect(seqs(searchHeard(next, found('점심 김밥', [])))).toEqual([]);
  });

  it('puts older results before those there are, each once', () => {
    const first = after(found('점심', [8, 9], true));
    const further = lookFurther(first);
    expect([further.awaited, oldestFound(further)]).toEqual(['older', 8]);
    expect(lookFurther(further)).toBe(further);
    const all = searchHeard(further, found('점심', [2, 5, 8]));
    expect([seqs(all), all.older, all.awaited]).toEqual([[2, 5, 8, 9], false, null]);
    expect(lookFurther(all)).toBe(all);
  });

  it('has an end, however much is found', () => {
    const many = Array.from({ length: FOUND_SHOWN_MAX }, (_, i) => i + 1);
    const further = lookFurther(after(found('점심', [2_000], true)));
    expect(searchHeard(further, found('점심', many, true)).older).toBe(false);
  });

  it('says why there was no answer', () => {
    const refused = after({ type: 'refused', code: 'too_fast', frame: 'search' });
    expect([refused.code, refused.awaited]).toEqual(['too_fast', null]);
    expect(after({ type: 'refused', code: 'too_fast', frame: 'rename' }).code).toBeNull();
  });

  it('ends with its words', () => {
    expect(lookFor(after(found('점심', [1])), '')).toEqual(emptySearch());
  });
});
