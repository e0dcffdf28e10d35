// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { beginning, CHARS_SHOWN_MAX, LINES_SHOWN_MAX } from './beginning';
import { next } from './rove';
import { tintOf, TINTS } from './tint';

describe('a member’s colour', () => {
  it('differs for each of twelve who came after one another', () => {
    expect(new Set(Array.from({ length: TINTS }, (_, number) => tintOf(number))).size).toBe(TINTS);
  });

  it('is the join number times five, modulo twelve', () => {
    expect([0, 1, 2, 3, 12, 13].map(tintOf)).toEqual([0, 5, 10, 3, 0, 5]);
  });

  it('exists for whatever number a room states', () => {
    for (const number of [-1, NaN, 1.5, Infinity, 2 ** 53 - 1]) {
      expect(tintOf(number)).toBeGreaterThanOrEqual(0);
      expect(tintOf(number)).toBeLessThan(TINTS);
    }
  });
});

describe('a long message', () => {
  it('shows its beginning', () => {
    expect(beginning('a\n'.repeat(1000)).split('\n')).toHaveLength(LINES_SHOWN_MAX);
    expect(beginning('a'.repeat(60_000))).toHaveLength(CHARS_SHOWN_MAX);
  });

  it('is whole when little would be hidden', () => {
    const text = 'a\n'.repeat(LINES_SHOWN_MAX);
    expect(beginning(text)).toBe(text);
  });

  it('is never cut inside an emoji’s pair', () => {
    expect(beginning('a' + '😀'.repeat(30_000)).endsWith('😀')).toBe(true);
  });
});

describe('arrow keys in the timeline', () => {
  it('enter at the latest message and stop at the ends', () => {
    expect(next('ArrowUp', -1, 3)).toBe(2);
    expect(next('ArrowUp', 0, 3)).toBe(0);
    expect(next('ArrowDown', 2, 3)).toBe(2);
    expect(next('Home', 2, 3)).toBe(0);
    expect(next('End', 0, 3)).toBe(2);
    expect(next('a', 0, 3)).toBeNull();
    expect(next('ArrowUp', -1, 0)).toBeNull();
  });
});
