/**
 * Looking for messages: what was asked of the room and what it has answered. Pure; sends nothing and knows no words of
 * the page.
 */
import type { Entry } from '../bridge/generated/Entry';
import type { RoomEvent } from '../bridge/generated/RoomEvent';

export interface Search {
  /** As the person has written it. */
  typed: string;
  /** What the room was asked for; empty while there is nothing to look for. */
  words: string;
  /** In the order of the log, of `words` or, while those are awaited, of the words before. */
  entries: readonly Entry[];
  /** Whether there are older ones. */
  older: boolean;
  /** The answer that is awaited: the latest messages, or those before the oldest known. */
  awaited: 'latest' | 'older' | null;
  /** Why there was no answer. */
  code: string | null;
}

/** Characters of what is looked for (`wire::limits::SEARCH_CHARS_MAX`). */
export const SEARCH_CHARS_MAX = 200;

/** Messages found that are shown; whoever needs more looks for more words. */
export const FOUND_SHOWN_MAX = 1_000;

export function emptySearch(): Search {
  return { typed: '', words: '', entries: [], older: false, awaited: null, code: null };
}

/** What to look for, in the form in which a room answers: NFC, with single spaces between. Of a syllable that is only
 *  begun, the lone letter at the end finds nothing yet and stays out. */
export function wordsOf(typed: string, composing: boolean): string {
  const begun = composing ? typed.replace(/[ㄱ-ㅣ]$/u, '') : typed;
  const words = begun.split(/[\s\p{Cc}]+/u).filter((word) => word !== '');
  return Array.from(words.join(' ').normalize('NFC')).slice(0, SEARCH_CHARS_MAX).join('').trim();
}

/** The person looks for this now. What was found stays in view until the answer comes. */
export function lookFor(search: Search, words: string): Search {
  if (words === '') return { ...emptySearch(), typed: search.typed };
  return { ...search, words, awaited: 'latest', code: null };
}

export function lookFurther(search: Search): Search {
  return search.older && search.awaited === null ? { ...search, awaited: 'older', code: null } : search;
}

/** The oldest message found: older ones come before it. */
export function oldestFound(search: Search): number | null {
  return search.entries[0]?.seq ?? null;
}

/** The search after one more event of its room. */
export function searchHeard(search: Search, event: RoomEvent): Search {
  switch (event.type) {
    case 'found':
      return event.words === search.words ? found(search, event) : search;
    case 'refused':
      return event.frame === 'search' ? { ...search, awaited: null, code: event.code } : search;
    case 'entered':
      // What was found in another log leads nowhere in this one.
      return event.caught_up === 'new_epoch' || event.caught_up === 'diverged'
        ? { ...search, entries: [], older: false }
        : search;
    default:
      return search;
  }
}

function found(search: Search, { entries, more }: Extract<RoomEvent, { type: 'found' }>): Search {
  if (search.awaited !== 'older') return { ...search, entries, older: more, awaited: null, code: null };
  const before = oldestFound(search) ?? Infinity;
  const all = [...entries.filter((entry) => entry.seq < before), ...search.entries];
  return { ...search, entries: all, older: more && all.length < FOUND_SHOWN_MAX, awaited: null, code: null };
}
