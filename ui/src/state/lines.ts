/**
 * What the timeline shows, line by line: days, groups, notices, the seam, what is still on its way.
 * Pure; a slice of the room goes in, lines come out. Knows no words and no screen.
 */
import type { Member } from '../bridge/generated/Member';
import { condense, withoutReturns, type MoveNotice } from './notices';
import { isMine, type GapReason, type Item, type RoomState } from './room';

export interface MessageLine {
  kind: 'message';
  key: string;
  /** The key of the item it shows; null for one that is still on its way. */
  item: string | null;
  id: string;
  by: Member;
  at: number;
  text: string;
  mine: boolean;
  /** Whether it opens a group and so carries the seal, the name and the time. */
  first: boolean;
  state: 'sent' | 'pending' | 'failed';
  code: string | null;
}

export type Line =
  | MessageLine
  | { kind: 'day'; key: string; at: number }
  | { kind: 'moves'; key: string; notice: MoveNotice }
  | { kind: 'renamed'; key: string; from: string; to: string }
  | { kind: 'unknown'; key: string }
  | { kind: 'binary'; key: string; name: string; bytes: number }
  | { kind: 'gap'; key: string; reason: GapReason }
  | { kind: 'seam'; key: string };

/** Milliseconds after which a person's next message opens a new group. */
export const GROUP_MS_MAX = 5 * 60_000;

/** The lines of `items`, a run of the room's own, then of what is pending; the seam follows the item `read_to`. */
export function toLines(room: RoomState, items: readonly Item[], read_to: string | null): Line[] {
  const lines: Line[] = [];
  let day = '';
  let last: MessageLine | null = null;
  const keys = new Set<string>();
  // Our own line keeps its key from pending to heard, so that the row on the screen stays the same one.
  const ownKey = (era: string, id: string, otherwise: string) => {
    const key = `${era}:m${id}`;
    if (keys.has(key)) return otherwise;
    keys.add(key);
    return key;
  };
  const open = (at: number, key: string) => {
    if (dayOf(at) === day) return;
    day = dayOf(at);
    last = null;
    lines.push({ kind: 'day', key: `day-${key}`, at });
  };
  const say = (line: Omit<MessageLine, 'first' | 'kind'>) => {
    open(line.at, line.key);
    const first =
      last === null || last.by.id !== line.by.id || last.by.nickname !== line.by.nickname || late(last, line);
    last = { kind: 'message', ...line, first };
    lines.push(last);
  };
  for (const item of withoutReturns(items)) {
    if (item.type === 'entry' && item.entry.kind === 'said') {
      const { by, at, id, text } = item.entry;
      const mine = isMine(room, by);
      const key = mine ? ownKey(item.key.split(':')[0]!, id, item.key) : item.key;
      say({ key, item: item.key, id, by, at, text, mine, state: 'sent', code: null });
    } else {
      if (item.type === 'entry') open(item.entry.at, item.key);
      lines.push(...asides(item));
      last = null;
    }
    if (item.key === read_to) {
      lines.push({ kind: 'seam', key: 'seam' });
      last = null;
    }
  }
  if (room.you) {
    for (const { id, text, at, code } of room.pending) {
      const key = ownKey(String(room.era), id, `p${id}`);
      const state = code === null ? 'pending' : 'failed';
      say({ key, item: null, id, by: room.you, at, text, mine: true, state, code });
    }
  }
  return lines;
}

function late(before: MessageLine, line: { at: number }): boolean {
  return line.at - before.at > GROUP_MS_MAX;
}

function asides(item: Item): Line[] {
  if (item.type === 'gap') return [{ kind: 'gap', key: item.key, reason: item.reason }];
  if (item.type === 'presence') {
    return condense(item.moves).map((notice) => ({ kind: 'moves', key: `${item.key}-${notice.kind}`, notice }));
  }
  if (item.type === 'binary') {
    return [{ kind: 'binary', key: item.key, name: item.by.nickname, bytes: item.bytes }];
  }
  if (item.entry.kind === 'renamed') {
    return [{ kind: 'renamed', key: item.key, from: item.entry.from, to: item.entry.by.nickname }];
  }
  return [{ kind: 'unknown', key: item.key }];
}

function dayOf(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}
