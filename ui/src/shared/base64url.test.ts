// @vitest-environment node
// Bytes to text and back.
import { expect, test } from 'vitest';
import { decodeBase64url, encodeBase64url } from './base64url';

test('the examples of RFC 4648 come out without padding', () => {
  const texts = ['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'];
  const encoded = texts.map((text) => encodeBase64url(new TextEncoder().encode(text)));
  expect(encoded).toEqual(['', 'Zg', 'Zm8', 'Zm9v', 'Zm9vYg', 'Zm9vYmE', 'Zm9vYmFy']);
});

test('the two characters that a URL would garble are never used', () => {
  expect(encodeBase64url(Uint8Array.of(0xfb, 0xef, 0xff))).toBe('--__');
});

test('every byte survives at every length', () => {
  for (let length = 0; length < 300; length += 1) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 7 + length) & 0xff);
    expect(decodeBase64url(encodeBase64url(bytes))).toEqual(bytes);
  }
});

test('what is no base64url is no bytes', () => {
  for (const text of ['a', 'ab=', 'a+b/', '가나', 'a b']) expect(decodeBase64url(text), text).toBeNull();
});
