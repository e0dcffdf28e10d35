// @vitest-environment node
// Names for messages.
import { expect, test } from 'vitest';
import { newMessageId } from './id';

test('a message id is one the room takes, and never the same twice', () => {
  const ids = Array.from({ length: 1000 }, () => newMessageId());
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(new Set(ids).size).toBe(1000);
});

test('messages of one time have names with one beginning', () => {
  expect(newMessageId(0x010203040506).slice(0, 8)).toBe('AQIDBAUG');
});
