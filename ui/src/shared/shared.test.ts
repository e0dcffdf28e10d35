// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { graphemes, initial, isEmojiOnly } from './graphemes';
import { matchesHangul } from './hangul';
import { clockTime, dayName, machineTime, secondsUntil, shortMoment } from './time';

const AT = new Date(2026, 6, 3, 15, 7).getTime();

describe('moments in words', () => {
  it('tell the time in each language', () => {
    expect(clockTime(AT, 'ko')).toBe('오후 3:07');
    expect(clockTime(AT, 'en')).toBe('3:07 PM');
  });

  it('name the day, with its year only when it is another', () => {
    expect(dayName(AT, 'ko', AT)).toBe('7월 3일 금요일');
    expect(dayName(AT, 'en', AT)).toBe('Friday, July 3');
    const next_year = new Date(2027, 0, 1).getTime();
    expect(dayName(AT, 'ko', next_year)).toBe('2026년 7월 3일 금요일');
    expect(dayName(AT, 'en', next_year)).toBe('Friday, July 3, 2026');
  });

  it('are short in a list', () => {
    expect(shortMoment(AT, 'ko', AT)).toBe('오후 3:07');
    expect(shortMoment(AT, 'en', AT + 3 * 86_400_000)).toBe('Jul 3');
  });

  it('survive whatever a room states as its time', () => {
    for (const at of [NaN, Infinity, 1e300, -1e300]) {
      expect(clockTime(at, 'ko')).toBe('');
      expect(machineTime(at)).toBe('');
    }
  });

  it('count down in whole seconds to zero', () => {
    expect(secondsUntil(1000, 1)).toBe(1);
    expect(secondsUntil(1000, 1000)).toBe(0);
    expect(secondsUntil(1000, 9000)).toBe(0);
  });
});

describe('the letter on a seal', () => {
  it.each([
    ['느긋한 수달', '느'],
    ['minji', 'M'],
    ['  .. élan', 'É'],
    ['ß', 'ß'],
    ['عبد', 'ع'],
    ['👩‍👩‍👧‍👦 family', '👩‍👩‍👧‍👦'],
    ['7up', '7'],
    ['---', '-'],
    ['', '?'],
  ])('of %s is %s', (name, letter) => expect(initial(name)).toBe(letter));
});

describe('a message of emoji alone', () => {
  it.each(['👍', '🎉🎉', '👩‍👩‍👧‍👦 🇰🇷 ❤️', '1️⃣'])('is %s', (text) => expect(isEmojiOnly(text)).toBe(true));
  it.each(['', '1', '#', 'a👍', '👍👍👍👍', '©', '안녕'])('is not %s', (text) => expect(isEmojiOnly(text)).toBe(false));
});

describe('graphemes', () => {
  it('are what a reader counts', () => expect(graphemes('각👩‍👧e\u0301')).toHaveLength(3));
});

describe('finding by first consonants', () => {
  it.each([
    ['점심 모임', 'ㅈㅅ'],
    ['점심 모임', 'ㅁㅇ'],
    ['점심 모임', '점ㅅ'],
    ['점심 모임', '저'],
    ['점심 모임', '점시'],
    ['개발 방', 'ㄱㅂㅂ'],
    ['Lunch table', 'LUN'],
    ['점심 모임', ''],
  ])('%s is found by %s', (text, query) => expect(matchesHangul(text, query)).toBe(true));

  it.each([
    ['점심 모임', 'ㅈㅁ'],
    ['점심 모임', '저심'],
    ['점심', '점심 모임'],
    ['Lunch', 'ㅈ'],
  ])('%s is not found by %s', (text, query) => expect(matchesHangul(text, query)).toBe(false));
});
