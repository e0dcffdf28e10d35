// Lines that a guest said and the room has not taken, in the browser's storage: a page that is reloaded, or a phone
// that let go of it, says them once it is back. A few rooms' worth; the key that makes saying them again harmless
// lies beside them (`keys.ts`).
import { OUTBOX_MESSAGES_MAX } from './limits';
import type { Line } from './outbox';
import type { Keep } from './storage';

const NAME = 'maru.outbox';

/** Rooms at one address over time; whoever has lines for more has forgotten the first of them. */
const ROOMS_MAX = 5;

/** Characters of it in all: storage holds about five million, and keys and preferences have their part. */
const CHARS_MAX = 2_000_000;

/** The lines of a room, in the order they were said. */
export function keptLines(keep: Keep, room: string): Line[] {
  return rooms(keep).find(([id]) => id === room)?.[1] ?? [];
}

/** Keeps these lines of a room, and no others. What is too much is kept by the page alone. */
export function keepLines(keep: Keep, room: string, lines: Line[]): void {
  const others = rooms(keep).filter(([id]) => id !== room);
  const all = lines.length > 0 ? [[room, lines] as const, ...others] : others;
  const text = JSON.stringify(all.slice(0, ROOMS_MAX));
  if (text.length <= CHARS_MAX) keep.set(NAME, text);
}

/** Whatever stands there may be of another version, or of nobody's making. */
function rooms(keep: Keep): [string, Line[]][] {
  let read: unknown;
  try {
    read = JSON.parse(keep.get(NAME) ?? '[]');
  } catch {
    return [];
  }
  if (!Array.isArray(read)) return [];
  return read.flatMap((room: unknown) => {
    if (!Array.isArray(room) || typeof room[0] !== 'string' || !Array.isArray(room[1])) return [];
    const lines = room[1].filter(isLine).slice(0, OUTBOX_MESSAGES_MAX);
    return [[room[0], lines.map(({ id, text, at }) => ({ id, text, at }))]];
  });
}

function isLine(line: unknown): line is Line {
  const { id, text, at } = (line ?? {}) as Partial<Line>;
  return typeof id === 'string' && typeof text === 'string' && Number.isSafeInteger(at);
}
