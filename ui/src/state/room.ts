/**
 * The room as this page has heard it: one pure fold over what the bridge tells. Knows no clock (the moment of
 * hearing is an argument), no screen and no words. Never changes what it was given.
 */
import type { CaughtUp } from '../bridge/generated/CaughtUp';
import type { Dialect } from '../bridge/generated/Dialect';
import type { Entry } from '../bridge/generated/Entry';
import type { Keeps } from '../bridge/generated/Keeps';
import type { Link } from '../bridge/generated/Link';
import type { Member } from '../bridge/generated/Member';
import type { MemberId } from '../bridge/generated/MemberId';
import type { NotebookFault } from '../bridge/generated/NotebookFault';
import type { RefusalCode } from '../bridge/generated/RefusalCode';
import type { RoomEvent } from '../bridge/generated/RoomEvent';
import type { Security } from '../bridge/generated/Security';
import type { StatedLimits } from '../bridge/generated/StatedLimits';
import { cleanRoomName } from '../shared/name';
import { utf8Bytes } from '../shared/utf8';

/** One person's coming or going, and when it was heard here. */
export interface Move {
  member: Member;
  kind: 'joined' | 'left';
  at: number;
}

export type GapReason = Exclude<CaughtUp, 'first' | 'resumed'>;

/** What the timeline is made of, in the order it was heard. `key` is unique in the room and stays. */
export type Item =
  | { type: 'entry'; key: string; entry: Entry }
  | { type: 'presence'; key: string; moves: readonly Move[] }
  /** Something of a foreign server that is no text. */
  | { type: 'binary'; key: string; by: Member; bytes: number; at: number }
  | { type: 'gap'; key: string; reason: GapReason; at: number };

/** A message of ours whose entry has not come yet. `code` says why it failed, where it did. */
export interface Pending {
  id: string;
  text: string;
  at: number;
  code: string | null;
}

export interface RoomState {
  link: Link;
  /** How it is spoken there. */
  dialect: Dialect;
  /** What guards the connection; null until one was opened. */
  security: Security | null;
  /** When `link` was heard; a countdown starts here. */
  link_at: number;
  /** Since when there has been no connection, through all the dials; null while live. */
  down_since: number | null;
  /** The room's identifier; null until it let us in for the first time. */
  id: string | null;
  name: string;
  you: Member | null;
  /** Every id we have had here: without a key, it changes with the connection. */
  selves: readonly MemberId[];
  items: readonly Item[];
  /** Bytes of text in `items`. */
  bytes: number;
  /** How many logs have been begun; part of the keys, because sequence numbers start again. */
  era: number;
  /** Counts presence and gap items, for their keys. */
  turn: number;
  older: boolean;
  pending: readonly Pending[];
  count: number;
  /** By number. */
  members: readonly Member[];
  more_members: boolean;
  typing: readonly { member: MemberId; at: number }[];
  limits: StatedLimits | null;
  can: readonly string[];
  /** What the host keeps of what is said; null until it let us in for the first time. */
  keeps: Keeps | null;
  /** The host's disk takes what is said: otherwise that waits. */
  disk_well: boolean;
  /** Why what is heard and said here is not kept on this machine; null where it is, or need not be. */
  notebook: NotebookFault | null;
  /** This is what was kept on this machine of before: the room has not let us in yet. */
  kept: boolean;
  /** The last refusal of something other than a message, with a number that tells a new one. */
  refused: { code: RefusalCode; frame: string | null; nth: number } | null;
}

/** As many as the client's mirror keeps (`wire::limits::MIRROR_ENTRIES_MAX`). */
export const MIRROR_ENTRIES_MAX = 10_000;

/** Bytes of text kept (`wire::limits::MIRROR_BYTES_MAX`). */
export const MIRROR_BYTES_MAX = 16 * 1024 * 1024;

/** Entries shown while somebody scrolls back: months of a busy room. */
export const SCROLLED_ENTRIES_MAX = 200_000;

/** Bytes of text shown meanwhile. */
export const SCROLLED_BYTES_MAX = 64 * 1024 * 1024;

/** Items kept with those that are no entries: between two entries there is one at most, unless logs keep beginning. */
const ITEMS_MAX = 3 * MIRROR_ENTRIES_MAX;

/** Comings and goings kept between two messages: past it nobody reads the names. */
export const MOVES_MAX = 100;

/** Members known by name: as many as the largest room has (`wire::limits::MEMBERS_MAX`) would freeze the list. */
export const MEMBERS_SHOWN_MAX = 2_000;

/** Milliseconds a typing note holds without being renewed (`wire::limits::TYPING_MS_MAX`). */
export const TYPING_MS_MAX = 6_000;

export function emptyRoom(now = 0): RoomState {
  return {
    link: { state: 'connecting', attempt: 0 },
    dialect: 'maru',
    security: null,
    link_at: now,
    down_since: now,
    id: null,
    name: '',
    you: null,
    selves: [],
    items: [],
    bytes: 0,
    era: 0,
    turn: 0,
    older: false,
    pending: [],
    count: 0,
    members: [],
    more_members: false,
    typing: [],
    limits: null,
    can: [],
    keeps: null,
    disk_well: true,
    notebook: null,
    kept: false,
    refused: null,
  };
}

/** The room after one more event, heard at `now` (milliseconds since the Unix epoch). */
export function fold(room: RoomState, event: RoomEvent, now = 0): RoomState {
  switch (event.type) {
    case 'link':
      return { ...room, ...linkHeard(room, event.link, now) };
    case 'connected':
      return { ...room, dialect: event.dialect, security: event.security };
    case 'entered':
      return enter(room, event, now);
    case 'entries':
      return hear(room, event.entries);
    case 'history':
      return prepend(room, event.entries, event.older);
    case 'binary':
      return binary(room, event);
    case 'members':
      return { ...room, members: merge(room.members, event.members), more_members: event.more };
    case 'presence':
      return presence(room, event, now);
    case 'typing':
      return { ...room, typing: typingAfter(room, event.member, event.active, now) };
    case 'queued':
      return queue(room, { id: event.id, text: event.text, at: event.at, code: null });
    case 'unsent':
      return fail(room, event.id, event.code);
    case 'disk':
      return room.disk_well === event.well ? room : { ...room, disk_well: event.well };
    case 'found':
    case 'excerpt':
      return room; // Beside the talk: `looking.ts` folds them.
    case 'notebook':
      return room.notebook === event.fault ? room : { ...room, notebook: event.fault };
    case 'refused':
      return { ...room, refused: { code: event.code, frame: event.frame, nth: (room.refused?.nth ?? 0) + 1 } };
  }
}

/** The key of the item that this entry of the present log is; null where it is not loaded. */
export function keyOf(room: RoomState, seq: number): string | null {
  const key = `${room.era}:${seq}`;
  return room.items.some((item) => item.key === key) ? key : null;
}

/** A message of ours failed, for a reason of the room or of this machine. */
export function fail(room: RoomState, id: string, code: string): RoomState {
  return { ...room, pending: room.pending.map((one) => (one.id === id ? { ...one, code } : one)) };
}

/** Forgets a message that failed, because the person gave it up. */
export function giveUp(room: RoomState, id: string): RoomState {
  return { ...room, pending: room.pending.filter((one) => one.id !== id) };
}

export function isMine(room: RoomState, by: Member): boolean {
  return room.selves.includes(by.id);
}

function linkHeard(room: RoomState, link: Link, now: number): Partial<RoomState> {
  const down_since = link.state === 'live' ? null : (room.down_since ?? now);
  return { link, link_at: now, down_since, typing: link.state === 'live' ? room.typing : [] };
}

function enter(room: RoomState, event: Extract<RoomEvent, { type: 'entered' }>, now: number): RoomState {
  const selves = room.selves.includes(event.you.id) ? room.selves : [...room.selves, event.you.id];
  const entered: RoomState = {
    ...room,
    id: event.room,
    name: cleanRoomName(event.name, event.room),
    you: event.you,
    selves,
    count: event.count,
    members: merge([], event.members),
    more_members: event.members.length < event.count,
    typing: [],
    limits: event.limits,
    can: event.can,
    keeps: event.keeps,
    kept: event.kept ?? false,
  };
  if (event.caught_up === 'resumed' && room.items.length > 0) return hear(entered, event.entries);
  const era = room.era + 1;
  const fresh = { ...entered, era, older: event.older };
  const before: Item[] = [];
  if (event.caught_up !== 'first' && event.caught_up !== 'resumed' && room.items.length > 0) {
    before.push(...room.items, { type: 'gap', key: `gap${room.turn}`, reason: event.caught_up, at: now });
  }
  const bytes = before.length > 0 ? room.bytes : 0;
  return hear({ ...fresh, turn: room.turn + before.length, items: before, bytes }, event.entries);
}

function hear(before: RoomState, entries: readonly Entry[]): RoomState {
  const room = acknowledge(before, entries);
  const fresh = rising(entries, lastSeq(room), Infinity);
  if (fresh.length === 0) return room;
  const items = [...room.items, ...fresh.map((entry) => toItem(room.era, entry))];
  const speakers = new Set(fresh.map((entry) => entry.by.id));
  return renameAll(
    bounded({
      ...room,
      items,
      bytes: room.bytes + textBytes(fresh),
      typing: room.typing.filter((one) => !speakers.has(one.member)),
    }),
    fresh,
  );
}

/** Our own entry takes its message off what is pending, wherever in the log it stands: also from before a gap. */
function acknowledge(room: RoomState, entries: readonly Entry[]): RoomState {
  if (room.pending.length === 0) return room;
  const ours = new Set(entries.flatMap((one) => (one.kind === 'said' && isMine(room, one.by) ? [one.id] : [])));
  const pending = room.pending.filter((one) => !ours.has(one.id));
  return pending.length === room.pending.length ? room : { ...room, pending };
}

function renameAll(room: RoomState, entries: readonly Entry[]): RoomState {
  const renamed = new Map(entries.filter((entry) => entry.kind === 'renamed').map((entry) => [entry.by.id, entry.by]));
  if (renamed.size === 0) return room;
  const called = (member: Member) => {
    const now = renamed.get(member.id);
    return now ? { ...member, nickname: now.nickname } : member;
  };
  return { ...room, members: room.members.map(called), you: room.you && called(room.you) };
}

/** Older entries belong before the first of the present era, after any gap. */
function prepend(past: RoomState, entries: readonly Entry[], older: boolean): RoomState {
  const room = acknowledge(past, entries);
  const at = room.items.findLastIndex((item) => item.type === 'gap') + 1;
  const first = room.items.slice(at).find((item) => item.type === 'entry');
  const before = first?.type === 'entry' ? first.entry.seq : Infinity;
  const fresh = rising(entries, 0, before);
  const present = room.items.slice(at).flatMap((item) => (item.type === 'entry' ? [item.entry] : []));
  const kept = fitting(fresh, SCROLLED_ENTRIES_MAX - present.length, SCROLLED_BYTES_MAX - textBytes(present));
  const after: RoomState = { ...room, older: older && kept.length === fresh.length };
  if (kept.length === 0) return after;
  const added = kept.map((entry) => toItem(room.era, entry));
  const items = [...room.items.slice(0, at), ...added, ...room.items.slice(at)];
  // Whoever scrolls back sees the room to its first entry; what is said next lets go of the oldest again.
  return { ...after, items, bytes: room.bytes + textBytes(kept) };
}

/** The latest of these entries, as many as there is space for. */
function fitting(entries: readonly Entry[], count: number, bytes: number): readonly Entry[] {
  let from = entries.length;
  for (let free = bytes; from > 0 && entries.length - from < count; from -= 1) {
    free -= textBytes([entries[from - 1]!]);
    if (free < 0) break;
  }
  return entries.slice(from);
}

/** Lets go of the oldest items until the rest is within the bounds. Where that takes entries of the present log, there
 *  are older ones to ask for. */
function bounded(room: RoomState): RoomState {
  let entries = room.items.reduce((count, item) => count + (item.type === 'entry' ? 1 : 0), 0);
  let { bytes, older } = room;
  let from = 0;
  while (entries > MIRROR_ENTRIES_MAX || bytes > MIRROR_BYTES_MAX || room.items.length - from > ITEMS_MAX) {
    const item = room.items[from++]!;
    if (item.type !== 'entry') continue;
    entries -= 1;
    bytes -= textBytes([item.entry]);
    older ||= item.key.startsWith(`${room.era}:`);
  }
  return from === 0 ? room : { ...room, items: room.items.slice(from), bytes, older };
}

function textBytes(entries: readonly Entry[]): number {
  return entries.reduce((bytes, entry) => bytes + (entry.kind === 'said' ? utf8Bytes(entry.text) : 0), 0);
}

function presence(room: RoomState, event: Extract<RoomEvent, { type: 'presence' }>, now: number): RoomState {
  const others = (member: Member) => !room.selves.includes(member.id);
  const moves: Move[] = [
    ...event.left.filter(others).map((member): Move => ({ member, kind: 'left', at: now })),
    ...event.joined.filter(others).map((member): Move => ({ member, kind: 'joined', at: now })),
  ];
  const gone = new Set(event.left.map((member) => member.id));
  return {
    ...room,
    ...withMoves(room, moves),
    count: event.count,
    members: merge(
      room.members.filter((member) => !gone.has(member.id)),
      event.joined,
    ),
    typing: room.typing.filter((one) => !gone.has(one.member)),
  };
}

function binary(room: RoomState, event: Extract<RoomEvent, { type: 'binary' }>): RoomState {
  const { by, bytes, at } = event;
  const item: Item = { type: 'binary', key: `binary${room.turn}`, by, bytes, at };
  return bounded({ ...room, items: [...room.items, item], turn: room.turn + 1 });
}

/** Moves join the item before them when nothing was said between: a busy door never pushes messages out. */
function withMoves(room: RoomState, moves: readonly Move[]): Pick<RoomState, 'items' | 'turn'> {
  if (moves.length === 0) return { items: room.items, turn: room.turn };
  const last = room.items.at(-1);
  if (last?.type === 'presence') {
    const joined: Item = { ...last, moves: [...last.moves, ...moves].slice(-MOVES_MAX) };
    return { items: [...room.items.slice(0, -1), joined], turn: room.turn };
  }
  const item: Item = { type: 'presence', key: `moves${room.turn}`, moves: moves.slice(-MOVES_MAX) };
  return { items: [...room.items, item], turn: room.turn + 1 };
}

function typingAfter(room: RoomState, member: MemberId, active: boolean, now: number): RoomState['typing'] {
  const rest = room.typing.filter((one) => one.member !== member && now - one.at < TYPING_MS_MAX);
  return active && !room.selves.includes(member) ? [...rest, { member, at: now }] : rest;
}

/** Said again under the same id, a message takes its old place. */
function queue(room: RoomState, message: Pending): RoomState {
  if (room.pending.some((one) => one.id === message.id)) {
    return { ...room, pending: room.pending.map((one) => (one.id === message.id ? message : one)) };
  }
  const heard = room.items.some(
    (item) =>
      item.type === 'entry' &&
      item.entry.kind === 'said' &&
      item.entry.id === message.id &&
      isMine(room, item.entry.by),
  );
  return heard ? room : { ...room, pending: [...room.pending, message] };
}

function merge(known: readonly Member[], more: readonly Member[]): readonly Member[] {
  const by_id = new Map(known.map((member) => [member.id, member]));
  for (const member of more) by_id.set(member.id, member);
  return [...by_id.values()].sort((a, b) => a.number - b.number).slice(0, MEMBERS_SHOWN_MAX);
}

/** Those between two places, each after the one before it: a room that repeats itself is heard once. */
function rising(entries: readonly Entry[], after: number, before: number): Entry[] {
  let last = after;
  return entries.filter((entry) => {
    if (entry.seq <= last || entry.seq >= before) return false;
    last = entry.seq;
    return true;
  });
}

export function toItem(era: number, entry: Entry): Item {
  return { type: 'entry', key: `${era}:${entry.seq}`, entry };
}

/** The last entry heard of the present log; 0 for none. */
export function lastSeq(room: RoomState): number {
  for (let i = room.items.length - 1; i >= 0; i -= 1) {
    const item = room.items[i]!;
    if (item.type === 'gap') return 0;
    if (item.type === 'entry') return item.entry.seq;
  }
  return 0;
}
