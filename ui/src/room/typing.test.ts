// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { Typing } from './typing';

describe('telling the others that one is writing', () => {
  it('happens at once, again after a while, and once at the end', () => {
    const told: boolean[] = [];
    const typing = new Typing((active) => told.push(active));
    typing.wrote('ㅇ', 0);
    typing.wrote('안', 1_000);
    typing.wrote('안녕', 3_000);
    typing.stop();
    typing.stop();
    expect(told).toEqual([true, true, false]);
  });

  it('ends when the text is taken back', () => {
    const told: boolean[] = [];
    const typing = new Typing((active) => told.push(active));
    typing.wrote('a', 0);
    typing.wrote('  ', 10);
    expect(told).toEqual([true, false]);
  });

  it('says nothing about nothing', () => {
    const told: boolean[] = [];
    new Typing((active) => told.push(active)).wrote('', 0);
    expect(told).toEqual([]);
  });
});
