// @vitest-environment node
// The text of a message, as the room would make it.
import { expect, test } from 'vitest';
import { readMessage } from './message';

const clean = (text: string) => {
  const read = readMessage('x1', text);
  return typeof read === 'string' ? `(${read})` : read.text;
};

test('line ends become one kind and trailing blanks go', () => {
  expect(clean('가\r\n나\r다\n\n \u3000')).toBe('가\n나\n다');
  expect(clean('  들여쓰기')).toBe('  들여쓰기');
});

test('control characters go and tabs stay', () => {
  expect(clean('a\u001b[31m\tb\u0000\u007f\u009bc')).toBe('a[31m\tbc');
  expect(clean('가\u0001 ')).toBe('가');
  expect(clean('\u0001\u001b \n')).toBe('(empty)');
});

test('half a pair becomes the replacement character, since JSON would carry what the room cannot read', () => {
  expect(clean('a\ud83d')).toBe('a\ufffd');
  expect(clean('\ufeff😀')).toBe('\ufeff😀');
});
