// A guest's preferences.
import { beforeEach, expect, test } from 'vitest';
import { loadPreferences, savePreferences } from './preferences';
import { openStorage } from './storage';

const keep = openStorage(() => localStorage);

beforeEach(() => localStorage.clear());

test('what was saved is there again, and at first the defaults are', () => {
  const { preferences, notice } = loadPreferences(keep, 1);
  expect([preferences.version, preferences.nickname, notice]).toEqual([1, null, null]);
  savePreferences(keep, { ...preferences, nickname: '민지', theme: 'dark' });
  expect(loadPreferences(keep, 1).preferences).toEqual({ ...preferences, nickname: '민지', theme: 'dark' });
});

test('fields of a newer version survive being saved by this one', () => {
  localStorage.setItem('maru.preferences', '{"version":1,"nickname":"민지","moon":{"phase":3}}');
  const { version, nickname, language, theme, announce, recent_rooms, window } = loadPreferences(keep, 1).preferences;
  savePreferences(keep, {
    version,
    nickname,
    language,
    theme: theme === 'dark' ? 'dark' : 'light',
    announce,
    recent_rooms,
    window,
  });
  expect(JSON.parse(localStorage.getItem('maru.preferences')!)).toMatchObject({ theme: 'light', moon: { phase: 3 } });
});

test('what cannot be read is set aside and told, once', () => {
  for (const [at, broken] of ['{"versi', '[]', '{"theme":"plaid"}', '{"recent_rooms":[3]}'].entries()) {
    localStorage.setItem('maru.preferences', broken);
    const file = `maru.preferences.broken-${at}`;
    expect(loadPreferences(keep, at).notice).toEqual({ code: 'broken', file });
    expect(localStorage.getItem(file)).toBe(broken);
    expect(loadPreferences(keep, at).notice).toBeNull();
  }
});
