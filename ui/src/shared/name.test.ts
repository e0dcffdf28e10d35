// @vitest-environment node
// What a hostile room calls itself.
import { expect, test } from 'vitest';
import { graphemes } from './graphemes';
import { cleanRoomName, ROOM_NAME_GRAPHEMES_MAX } from './name';

const ID = 'AbCdEfGhIjKl';

test('an honest name stays as it is', () => {
  for (const name of ['점심 모임', 'Lunch, 1st floor', '👩‍👩‍👧 가족', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '❤️‍🔥'])
    expect(cleanRoomName(name, ID)).toBe(name.normalize('NFC'));
});

test('nothing that turns, hides or breaks a line comes through', () => {
  expect(cleanRoomName('점심\u202Egpj\u200B.\u2066x\n\ttwo\u0007\uFEFF', ID)).toBe('점심gpj.x two');
  expect(cleanRoomName('a\u200Db', ID)).toBe('ab');
  expect(cleanRoomName(`a${'\u0316'.repeat(500)}`, ID)).toBe(`a${'\u0316'.repeat(4)}`);
});

test('it has 64 graphemes at most', () => {
  expect(graphemes(cleanRoomName('가'.repeat(100_000), ID))).toHaveLength(ROOM_NAME_GRAPHEMES_MAX);
});

test('where nothing is left of it, the beginning of the id stands in', () => {
  for (const empty of ['', '  ', '\u200B\u202E', '\u3164', '\u0301']) expect(cleanRoomName(empty, ID)).toBe('AbCdEfGh');
  expect(cleanRoomName('', '\u202E')).toBe('?');
});
