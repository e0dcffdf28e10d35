import { expect, test } from 'vitest';
import { keepLines, keptLines } from './shelf';
import type { Keep } from './storage';

function storage(text?: string): Keep & { text: () => string | undefined } {
  const kept = new Map<string, string>(text === undefined ? [] : [['maru.outbox', text]]);
  const get = (name: string) => kept.get(name) ?? null;
  return { get, set: (name, value) => void kept.set(name, value), text: () => kept.get('maru.outbox') };
}

const line = (id: string) => ({ id, text: '안녕', at: 5 });

test('lines of a room are there again, and only its own', () => {
  const keep = storage();
  keepLines(keep, 'r1', [line('a'), line('b')]);
  keepLines(keep, 'r2', [line('c')]);
  expect(keptLines(keep, 'r1')).toEqual([line('a'), line('b')]);
  expect(keptLines(keep, 'r2')).toEqual([line('c')]);
  expect(keptLines(keep, 'r3')).toEqual([]);
});

test('lines that were taken are gone', () => {
  const keep = storage();
  keepLines(keep, 'r1', [line('a')]);
  keepLines(keep, 'r1', []);
  expect(keep.text()).toBe('[]');
});

test('a few rooms are remembered, the latest ones', () => {
  const keep = storage();
  for (let room = 1; room <= 9; room += 1) keepLines(keep, `r${room}`, [line('a')]);
  expect(keptLines(keep, 'r4')).toEqual([]);
  expect(keptLines(keep, 'r5')).toEqual([line('a')]);
});

test('what is too much for storage leaves what is there as it is', () => {
  const keep = storage();
  keepLines(keep, 'r1', [line('a')]);
  keepLines(keep, 'r1', [{ ...line('b'), text: 'x'.repeat(3_000_000) }]);
  expect(keptLines(keep, 'r1')).toEqual([line('a')]);
});

test.each(['', 'nonsense', '{}', '[1]', '[["r1"]]', '[["r1",[1,null,{"id":1}]]]'])('%s is no line', (text) => {
  expect(keptLines(storage(text), 'r1')).toEqual([]);
});
