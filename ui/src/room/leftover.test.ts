// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { Leftover } from './leftover';

describe('what a composition hands over after the button sent its text', () => {
  it('is recognised as the end of what was sent, once', () => {
    const leftover = new Leftover();
    leftover.expect('안녕');
    expect(leftover.isIn('녕')).toBe(true);
    expect(leftover.isIn('녕')).toBe(false);
  });

  it('is the person’s own once another key came', () => {
    const leftover = new Leftover();
    leftover.expect('안녕');
    leftover.forget();
    expect(leftover.isIn('녕')).toBe(false);
  });

  it('is never anything else', () => {
    const leftover = new Leftover();
    leftover.expect('안녕');
    expect(leftover.isIn('반')).toBe(false);
  });

  it('is not an empty field', () => {
    const leftover = new Leftover();
    leftover.expect('안녕');
    expect(leftover.isIn('')).toBe(false);
  });
});
