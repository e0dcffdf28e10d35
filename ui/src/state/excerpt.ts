/**
 * A stretch of the log that is looked at apart from what is heard, around a message that was found. Grows at both ends
 * without a hole, within bounds. Pure; what to ask of the room next is part of the state.
 */
import type { Entry } from '../bridge/generated/Entry';
import type { RoomEvent } from '../bridge/generated/RoomEvent';

export interface Excerpt {
  /** The message one came for. */
  at: number;
  /** Dense, in the order of the log. */
  entries: readonly Entry[];
  /** Whether there may be older ones than the first. */
  older: boolean;
  /** Whether there were newer ones than the last when it was told. */
  newer: boolean;
  /** What the room was asked for last and has not answered; a new one is to be sent. */
  asked: Asked | null;
}

export interface Asked {
  from: number;
  /** Older entries begin at `from` and are shown once they reach those that are; newer ones follow those. */
  direction: 'older' | 'newer';
  /** Older entries that have come so far: an answer may be shorter than the way. */
  come: readonly Entry[];
}

/** Entries shown before the one that one came for, and asked for at a time further back. */
export const BEFORE = 40;

/** Entries of an excerpt that are kept: past it those at the other end go. */
export const EXCERPT_ENTRIES_MAX = 1_000;

export function excerptAt(at: number): Excerpt {
  const from = Math.max(1, at - BEFORE);
  return { at, entries: [], older: from > 1, newer: true, asked: { from, direction: 'newer', come: [] } };
}

/** Asks for what came before, unless something is asked for already. */
export function further(excerpt: Excerpt, direction: Asked['direction']): Excerpt {
  const [first, last] = [excerpt.entries[0], excerpt.entries.at(-1)];
  if (excerpt.asked !== null || !first || !last) return excerpt;
  if (direction === 'newer') return asking(excerpt, last.seq + 1, 'newer');
  return excerpt.older ? asking(excerpt, Math.max(1, first.seq - BEFORE), 'older') : excerpt;
}

/** Whether this entry is in it. */
export function holds(excerpt: Excerpt, seq: number): boolean {
  return excerpt.entries.some((entry) => entry.seq === seq);
}

/** The excerpt after one more event of its room; null where it is of a log that is no more. */
export function excerptHeard(excerpt: Excerpt, event: RoomEvent): Excerpt | null {
  switch (event.type) {
    case 'excerpt':
      return excerpt.asked?.direction === 'older' ? older(excerpt, excerpt.asked, event) : newer(excerpt, event);
    case 'refused':
      return event.frame === 'excerpt' ? { ...excerpt, asked: null } : excerpt;
    case 'entered': {
      if (event.caught_up === 'new_epoch' || event.caught_up === 'diverged') return null;
      // What was asked on the connection before is asked anew.
      return excerpt.asked === null ? excerpt : { ...excerpt, asked: { ...excerpt.asked } };
    }
    default:
      return excerpt;
  }
}

type Page = Extract<RoomEvent, { type: 'excerpt' }>;

function newer(excerpt: Excerpt, { entries, more }: Page): Excerpt {
  const { asked, at } = excerpt;
  if (asked === null) return excerpt;
  const fresh = entries.filter((entry) => entry.seq >= asked.from);
  const first = excerpt.entries.length === 0;
  const joined = fresh[0]?.seq === asked.from;
  // Where the room has let go of what was between, what comes now stands alone; nothing is left before it.
  const follows = !first && (joined || fresh.length === 0);
  const older = follows ? excerpt.older : asked.from > 1 && joined;
  const all = follows ? [...excerpt.entries, ...fresh] : fresh;
  const gone = Math.max(0, all.length - EXCERPT_ENTRIES_MAX);
  const after = { ...excerpt, entries: all.slice(gone), older: older || gone > 0, newer: more, asked: null };
  const last = fresh.at(-1);
  return more && last && last.seq < at ? asking(after, last.seq + 1, 'newer') : after;
}

function older(excerpt: Excerpt, asked: Asked, { entries, more }: Page): Excerpt {
  const before = excerpt.entries[0]!.seq;
  const come = [...asked.come, ...entries.filter((entry) => entry.seq >= asked.from && entry.seq < before)];
  const last = come.at(-1);
  if (more && last && entries.length > 0 && last.seq + 1 < before) {
    return { ...excerpt, asked: { from: last.seq + 1, direction: 'older', come } };
  }
  const joined = last?.seq === before - 1 ? come : [];
  const all = [...joined, ...excerpt.entries];
  const kept = all.slice(0, EXCERPT_ENTRIES_MAX);
  // A room that keeps the last ones alone begins where it can.
  const wanted = Math.max(1, before - BEFORE);
  const older = wanted > 1 && joined[0]?.seq === wanted;
  return { ...excerpt, entries: kept, older, newer: excerpt.newer || kept.length < all.length, asked: null };
}

function asking(excerpt: Excerpt, from: number, direction: Asked['direction']): Excerpt {
  return { ...excerpt, asked: { from, direction, come: [] } };
}
