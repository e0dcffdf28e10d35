// A guest's preferences in the browser's storage, in the shape of the desktop's file. Fields of a newer version
// survive; what cannot be read is set aside, never overwritten.
import type { LoadedPreferences, Preferences } from '../bridge';
import type { RecentRoom } from '../generated/RecentRoom';
import { RECENT_ROOMS_MAX } from './limits';
import type { Keep } from './storage';

const NAME = 'maru.preferences';

export function loadPreferences(keep: Keep, now: number): LoadedPreferences {
  const text = keep.get(NAME);
  const languages = [...navigator.languages];
  if (text === null) return { preferences: DEFAULTS, notice: null, languages };
  const preferences = read(text);
  if (preferences) return { preferences, notice: null, languages };
  const file = `${NAME}.broken-${now}`;
  keep.set(file, text);
  keep.set(NAME, JSON.stringify(DEFAULTS));
  return { preferences: DEFAULTS, notice: { code: 'broken', file }, languages };
}

export function savePreferences(keep: Keep, preferences: Preferences): void {
  const others = read(keep.get(NAME) ?? '') ?? {};
  const recent_rooms = preferences.recent_rooms.slice(0, RECENT_ROOMS_MAX);
  keep.set(NAME, JSON.stringify({ ...others, ...preferences, recent_rooms }));
}

const DEFAULTS: Preferences = {
  version: 1,
  nickname: null,
  language: 'system',
  theme: 'system',
  announce: true,
  recent_rooms: [],
  window: null,
};

/** The preferences with whatever else is there; null for what has not their shape. */
function read(text: string): Preferences | null {
  let it: Partial<Record<keyof Preferences, unknown>>;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
    it = { ...DEFAULTS, ...parsed };
  } catch {
    return null;
  }
  const fits =
    typeof it.version === 'number' &&
    (it.nickname === null || typeof it.nickname === 'string') &&
    ['system', 'ko', 'en'].includes(it.language as string) &&
    ['system', 'light', 'dark'].includes(it.theme as string) &&
    Array.isArray(it.recent_rooms) &&
    it.recent_rooms.every(isRecentRoom) &&
    typeof it.window === 'object';
  return fits ? (it as Preferences) : null;
}

function isRecentRoom(value: unknown): value is RecentRoom {
  const it = value as Partial<RecentRoom> | null;
  return typeof it?.id === 'string' && typeof it.name === 'string' && typeof it.at === 'number';
}
