/**
 * Comings and goings, made few: what a crowd at the door comes to in a line or two. Pure; knows no words.
 */
import type { Member } from '../bridge/generated/Member';
import type { Item, Move } from './room';

/** Everybody in one notice did the same. `visited` came and went within it. */
export interface MoveNotice {
  kind: 'joined' | 'left' | 'visited';
  members: Member[];
}

/** Milliseconds within which going and coming back is nothing to tell: a reload, a tunnel, a sleeping phone. */
export const RETURN_MS_MAX = 60_000;

/** The items without the comings and goings of those who were back within `RETURN_MS_MAX`. */
export function withoutReturns(items: readonly Item[]): Item[] {
  const hidden = new Set<Move>();
  const left = new Map<string, Move>();
  for (const item of items) {
    if (item.type !== 'presence') continue;
    for (const move of item.moves) {
      const gone = left.get(move.member.id);
      if (move.kind === 'left') {
        left.set(move.member.id, move);
      } else if (gone) {
        left.delete(move.member.id);
        if (move.at - gone.at <= RETURN_MS_MAX) hidden.add(gone).add(move);
      }
    }
  }
  if (hidden.size === 0) return [...items];
  return items.flatMap((item): Item[] => {
    if (item.type !== 'presence') return [item];
    const moves = item.moves.filter((move) => !hidden.has(move));
    return moves.length === 0 ? [] : [{ ...item, moves }];
  });
}

/** What a run of moves comes to: who is here now that was not, who is gone, who only looked in. */
export function condense(moves: readonly Move[]): MoveNotice[] {
  const runs = new Map<string, { first: Move; last: Move }>();
  for (const move of moves) {
    const run = runs.get(move.member.id);
    runs.set(move.member.id, { first: run?.first ?? move, last: move });
  }
  const notices: Record<MoveNotice['kind'], Member[]> = { left: [], visited: [], joined: [] };
  for (const { first, last } of runs.values()) {
    const kind = first.kind === 'joined' && last.kind === 'left' ? 'visited' : last.kind;
    notices[kind].push(last.member);
  }
  return (['left', 'visited', 'joined'] as const)
    .filter((kind) => notices[kind].length > 0)
    .map((kind) => ({ kind, members: notices[kind] }));
}
