// @vitest-environment node
// The stretch of the log a guest has heard.
import { expect, test } from 'vitest';
import type { Entry } from '../generated/Entry';
import { MESSAGE_BYTES_MAX, MIRROR_BYTES_MAX, MIRROR_ENTRIES_MAX } from './limits';
import { Place } from './place';
import { HASH, said } from './rig';

const HEAD = { epoch: 'e1', seq: 7, hash: HASH };

function entries(first: number, last: number): Entry[] {
  return Array.from({ length: last - first + 1 }, (_, at) => JSON.parse(said(first + at)) as Entry);
}

function begun(first: number, last: number, older = true): Place {
  const place = new Place();
  expect(place.begin({ ...HEAD, seq: last }, entries(first, last), older)).toBe(true);
  return place;
}

test('a page with a hole in it is no beginning', () => {
  expect(new Place().begin(HEAD, [...entries(4, 5), ...entries(7, 7)], true)).toBe(false);
});

test('history that does not touch what is there is a hole', () => {
  expect(begun(6, 7).prepend(entries(3, 4), true)).toBeNull();
  expect(begun(6, 7).prepend([...entries(2, 3), ...entries(5, 5)], true)).toBeNull();
  expect(begun(6, 7).prepend(entries(4, 7), true)).toEqual(entries(4, 5));
});

test('a room that promises more history and has none is not asked for ever', () => {
  const place = begun(6, 7);
  place.prepend([], true);
  expect(place.older).toBe(false);
});

test('live entries push out the oldest of ten thousand, and scrolling back goes on to the first', () => {
  const place = begun(1, 1, false);
  place.append(entries(2, MIRROR_ENTRIES_MAX));
  expect([place.oldest, place.older]).toEqual([1, false]);
  place.append(entries(MIRROR_ENTRIES_MAX + 1, MIRROR_ENTRIES_MAX + 1));
  expect([place.oldest, place.older]).toEqual([2, true]);
  expect(place.prepend(entries(1, 1), false)).toEqual(entries(1, 1));
  expect([place.oldest, place.older]).toEqual([1, false]);
  place.append(entries(MIRROR_ENTRIES_MAX + 2, MIRROR_ENTRIES_MAX + 2));
  expect([place.oldest, place.older]).toEqual([3, true]);
});

test('pages before the bound follow one another without a hole', () => {
  const place = begun(301, 300 + MIRROR_ENTRIES_MAX);
  for (const first of [201, 101, 1]) {
    expect(place.prepend(entries(first, first + 99), first > 1)).toHaveLength(100);
    expect([place.oldest, place.older]).toEqual([first, first > 1]);
  }
});

test('an empty room begins before its first entry', () => {
  const place = new Place();
  expect(place.begin({ ...HEAD, seq: 0 }, [], false)).toBe(true);
  expect(place.append(entries(1, 2))).toEqual(entries(1, 2));
  expect(place.oldest).toBe(1);
});

test('no more is kept than sixteen mebibytes of text, and what went is older history again', () => {
  const long = (first: number, last: number) =>
    entries(first, last).map((one): Entry => ({ ...one, kind: 'said', id: 'x', text: 'a'.repeat(MESSAGE_BYTES_MAX) }));
  const most = MIRROR_BYTES_MAX / MESSAGE_BYTES_MAX;
  const place = begun(1, 1, false);
  place.append(long(2, most));
  expect([place.oldest, place.older]).toEqual([1, false]);
  place.append(long(most + 1, most + 1));
  expect([place.oldest, place.older]).toEqual([2, true]);
  place.prepend(long(1, 1), false);
  expect([place.oldest, place.older]).toEqual([1, false]);
  place.append(long(most + 2, most + 2));
  expect([place.oldest, place.older]).toEqual([3, true]);
});
