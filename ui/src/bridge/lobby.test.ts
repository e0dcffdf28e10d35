// @vitest-environment node
// What a room says of itself before anybody enters, and what of it reaches the window's title.
import { expect, test } from 'vitest';
import { readLobby } from './lobby';

test('a name that turns its line around is cleaned, and an empty one is the beginning of the id', () => {
  expect(readLobby({ id: 'AbCdEfGhIjKl', name: '점심\u202E\u200B 모임', count: 3 })).toEqual({
    name: '점심 모임',
    count: 3,
    id: 'AbCdEfGhIjKl',
    passphrase: false,
  });
  expect(readLobby({ id: 'AbCdEfGhIjKl', name: '\u202E' })).toMatchObject({ name: 'AbCdEfGh', count: null });
});

test('a room says whether it asks for a passphrase', () => {
  const card = { id: 'AbCdEfGhIjKl', name: '방', tls: true };
  expect(readLobby({ ...card, passphrase: true })?.passphrase).toBe(true);
  for (const passphrase of [undefined, 'true', 1, null]) {
    expect(readLobby({ ...card, passphrase })?.passphrase).toBe(false);
  }
});

test('what is no answer is none', () => {
  for (const said of [null, 3, 'room', {}, { name: 3 }]) expect(readLobby(said)).toBeNull();
});
