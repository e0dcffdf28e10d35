// @vitest-environment node
import { describe, expect, it } from 'vitest';
import type { Member } from '../bridge/generated/Member';
import { condense, RETURN_MS_MAX, withoutReturns } from './notices';
import type { Item, Move } from './room';

const who = (id: string): Member => ({ id, nickname: id, number: 1 });
const move = (id: string, kind: Move['kind'], at = 0): Move => ({ member: who(id), kind, at });
const door = (key: string, ...moves: Move[]): Item => ({ type: 'presence', key, moves });
const words: Item = {
  type: 'entry',
  key: '1:1',
  entry: { seq: 1, at: 0, hash: 'h', by: who('a'), kind: 'said', id: 'i', text: 't' },
};

describe('condense', () => {
  it('makes one notice of many arrivals', () => {
    expect(condense([move('a', 'joined'), move('b', 'joined')])).toEqual([
      { kind: 'joined', members: [who('a'), who('b')] },
    ]);
  });

  it('tells those who only looked in apart from those who stayed and those who left', () => {
    const notices = condense([move('a', 'joined'), move('b', 'left'), move('a', 'left'), move('c', 'joined')]);
    expect(notices.map(({ kind, members }) => [kind, members.map((one) => one.id).join()])).toEqual([
      ['left', 'b'],
      ['visited', 'a'],
      ['joined', 'c'],
    ]);
  });

  it('says nothing about nobody', () => {
    expect(condense([])).toEqual([]);
  });
});

describe('withoutReturns', () => {
  it('hides who was back within a minute, also when something was said between', () => {
    const items = [door('d1', move('a', 'left', 0)), words, door('d2', move('a', 'joined', RETURN_MS_MAX))];
    expect(withoutReturns(items)).toEqual([words]);
  });

  it('tells of both when it took longer', () => {
    const items = [door('d1', move('a', 'left', 0)), door('d2', move('a', 'joined', RETURN_MS_MAX + 1))];
    expect(withoutReturns(items)).toEqual(items);
  });

  it('keeps what others did at the same door', () => {
    const items = [door('d1', move('a', 'left', 0), move('b', 'left', 1), move('a', 'joined', 2))];
    expect(withoutReturns(items)).toEqual([door('d1', move('b', 'left', 1))]);
  });

  it('does not take a first arrival for a return', () => {
    const items = [door('d1', move('a', 'joined', 0))];
    expect(withoutReturns(items)).toEqual(items);
  });
});
