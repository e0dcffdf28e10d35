// Who a guest is to each room.
import { ed25519 } from '@noble/curves/ed25519.js';
import { expect, test } from 'vitest';
import { decodeBase64url } from '../../shared/base64url';
import { introduce } from './keys';
import { openStorage } from './storage';

const plain = (host: string) => ({ protocol: 'http:', host });
const bytes = (text: string) => decodeBase64url(text)!;

test('the proof is an Ed25519 signature over room, nonce and channel, as the protocol writes it', () => {
  const keep = openStorage(() => localStorage);
  const { key, signature } = introduce(keep, plain('Maru.local:4567'), 'r1', 'n1');
  const said = new TextEncoder().encode('maru.v1 hello\nr1\nn1\nplain maru.local:4567');
  expect(bytes(key)).toHaveLength(32);
  expect(ed25519.verify(bytes(signature), said, bytes(key))).toBe(true);
  for (const other of ['r1\nn2\nplain maru.local:4567', 'r1\nn1\nplain relay.example', 'r1\nn1\nplain']) {
    const elsewhere = new TextEncoder().encode(`maru.v1 hello\n${other}`);
    expect(ed25519.verify(bytes(signature), elsewhere, bytes(key)), other).toBe(false);
  }
});

test('over https the proof is of no worth on plain http', () => {
  const keep = openStorage(() => localStorage);
  const { key, signature } = introduce(keep, { protocol: 'https:', host: 'Maru.local:4567' }, 'r1', 'n1');
  const said = (channel: string) => new TextEncoder().encode(`maru.v1 hello\nr1\nn1\n${channel} maru.local:4567`);
  expect(ed25519.verify(bytes(signature), said('https'), bytes(key))).toBe(true);
  expect(ed25519.verify(bytes(signature), said('plain'), bytes(key))).toBe(false);
});

test('a room knows us again after a reload, and no two rooms see the same key', () => {
  const first = introduce(
    openStorage(() => localStorage),
    plain('a:1'),
    'r1',
    'n1',
  ).key;
  expect(
    introduce(
      openStorage(() => localStorage),
      plain('a:1'),
      'r1',
      'n2',
    ).key,
  ).toBe(first);
  expect(
    introduce(
      openStorage(() => localStorage),
      plain('a:1'),
      'r2',
      'n1',
    ).key,
  ).not.toBe(first);
});

test('without storage the key lasts as long as the page', () => {
  const keep = openStorage(() => {
    throw new Error('SecurityError');
  });
  expect(introduce(keep, plain('a:1'), 'r1', 'n1').key).toBe(introduce(keep, plain('a:1'), 'r1', 'n2').key);
});

test('a damaged secret is replaced', () => {
  localStorage.setItem('maru.key.r9', '!!');
  const keep = openStorage(() => localStorage);
  expect(introduce(keep, plain('a:1'), 'r9', 'n1').key).toBe(introduce(keep, plain('a:1'), 'r9', 'n2').key);
  expect(localStorage.getItem('maru.key.r9')).toMatch(/^[A-Za-z0-9_-]{43}$/);
});
