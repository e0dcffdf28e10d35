// @vitest-environment node
// Good-byes and close codes.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ByeCode } from '../generated/ByeCode';
import { afterClose, byeCode, CLOSE_CODES, faultOf } from './codes';

test('each row of the table in the protocol says what we do', () => {
  const page = readFileSync('../docs/PROTOCOL.md', 'utf8');
  let rows = 0;
  for (const [, names, numbers, next] of page.matchAll(/^\| (`[^|]+) \| ([\d, ]+) \| (retry|stop) \|/gm)) {
    const codes = [...names!.matchAll(/`(\w+)`/g)].map(([, name]) => name as Exclude<ByeCode, 'unknown'>);
    expect(codes.map((code) => CLOSE_CODES[code])).toEqual(numbers!.split(', ').map(Number));
    for (const code of codes) {
      expect(afterClose(CLOSE_CODES[code]), code).toBe(next);
      expect(byeCode(CLOSE_CODES[code])).toBe(code);
      rows += 1;
    }
  }
  expect(rows).toBe(Object.keys(CLOSE_CODES).length);
});

test('close codes that nobody named mean come back, those of misbehaviour mean stay away', () => {
  expect([1000, 1001, 1005, 1006, 1011, 1012, 1015, 4000, 4499].map(afterClose)).not.toContain('stop');
  expect([1002, 1003, 1007, 1008, 1009, 1010, 4500, 4777, 4999].map(afterClose)).not.toContain('retry');
  expect(byeCode(1006)).toBe('unknown');
});

test('a good-bye of a newer room is judged by its number', () => {
  expect(faultOf('unknown', 'retry')).toBe('lost');
  expect(faultOf('unknown', 'stop')).toBe('rejected');
});
