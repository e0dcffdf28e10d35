/**
 * The rooms open in this window, and what the person has read of each. Pure; the bridge and the screen stay outside.
 */
import type { RoomEvent } from '../bridge/generated/RoomEvent';
import type { RecentRoom } from '../bridge/generated/RecentRoom';
import { excerptHeard, type Excerpt } from './excerpt';
import { emptyRoom, fold, isMine, type RoomState } from './room';
import { emptySearch, searchHeard, type Search } from './search';

export interface OpenRoom {
  handle: string;
  room: RoomState;
  /** The address it was joined by; null for a room hosted here, or not known. */
  address: string | null;
  /** Messages of others that nobody looked at yet. */
  unread: number;
  /** The last item that was read when something unread came: the seam follows it. */
  read_to: string | null;
  search: Search;
  /** Earlier messages that are looked at instead of the present ones. */
  excerpt: Excerpt | null;
  /** It was hosted here and has ended, though nobody closed it. */
  failed: boolean;
  /** Excerpts asked for on this connection and not answered: all but the last are not wanted any more. */
  excerpts_due: number;
}

export type Rooms = ReadonlyMap<string, OpenRoom>;

/** Rooms remembered (`wire::limits::RECENT_ROOMS_MAX`). */
export const RECENT_ROOMS_MAX = 20;

/** The rooms after one event; `watched` says whether somebody looks at that room now. */
export function heard(rooms: Rooms, handle: string, event: RoomEvent, watched: boolean, now: number): Rooms {
  const before = rooms.get(handle) ?? openRoom(handle, now);
  const room = fold(before.room, event, now);
  const search = searchHeard(before.search, event);
  const excerpts_due = dueAfter(before.excerpts_due, event);
  const late = event.type === 'excerpt' && excerpts_due > 0;
  const excerpt = before.excerpt && (late ? before.excerpt : excerptHeard(before.excerpt, event));
  const failed = before.failed && room.link.state !== 'live';
  const same = room === before.room && search === before.search && excerpt === before.excerpt;
  if (same && excerpts_due === before.excerpts_due && failed === before.failed) return rooms;
  const beside = { search, excerpt, excerpts_due, failed };
  const after: OpenRoom = { ...before, room, ...beside, ...(watched ? {} : unreadAfter(before, event)) };
  return new Map(rooms).set(handle, after);
}

export function openRoom(handle: string, now: number): OpenRoom {
  return {
    handle,
    room: emptyRoom(now),
    address: null,
    unread: 0,
    read_to: null,
    search: emptySearch(),
    excerpt: null,
    failed: false,
    excerpts_due: 0,
  };
}

export function changed(rooms: Rooms, handle: string, change: (open: OpenRoom) => OpenRoom): Rooms {
  const open = rooms.get(handle);
  return open ? new Map(rooms).set(handle, change(open)) : rooms;
}

export function without(rooms: Rooms, handle: string): Rooms {
  const rest = new Map(rooms);
  rest.delete(handle);
  return rest;
}

/** The room is about to be told again from the start. Its name stays, so that it does not vanish meanwhile. */
export function afresh(open: OpenRoom, now: number): OpenRoom {
  const { id, name, you, selves } = open.room;
  return { ...open, room: { ...emptyRoom(now), id, name, you, selves } };
}

/** The bridge has let go of the room: what was heard stays to be read, until the person puts it away. */
export function closed(rooms: Rooms, handle: string, now: number): Rooms {
  const open = rooms.get(handle);
  if (!open) return rooms;
  if (open.room.id === null) return without(rooms, handle);
  if (open.room.link.state === 'ended') return rooms;
  return heard(rooms, handle, { type: 'link', link: { state: 'ended', fault: 'left' } }, true, now);
}

/** Rooms that were entered at least once, as they came. */
export function entered(rooms: Rooms): OpenRoom[] {
  return [...rooms.values()].filter((open) => open.room.id !== null);
}

/** The recent rooms with this one first. */
export function remember(recent: readonly RecentRoom[], room: RecentRoom): RecentRoom[] {
  return [room, ...recent.filter((one) => one.id !== room.id)].slice(0, RECENT_ROOMS_MAX);
}

/** Answers come in the order of their questions, and none after the connection they were asked on. */
function dueAfter(due: number, event: RoomEvent): number {
  if (event.type === 'entered') return 0;
  const answered = event.type === 'excerpt' || (event.type === 'refused' && event.frame === 'excerpt');
  return answered ? Math.max(0, due - 1) : due;
}

/** The first page of a room is history, not news; what follows it is. */
function unreadAfter(before: OpenRoom, event: RoomEvent): Partial<OpenRoom> {
  const news = event.type === 'entries' || (event.type === 'entered' && event.caught_up === 'resumed');
  if (!news || before.room.id === null) return {};
  const last = lastKey(before.room);
  const fresh = event.entries.filter((entry) => entry.kind === 'said' && !isMine(before.room, entry.by)).length;
  if (fresh === 0) return {};
  return { unread: before.unread + fresh, read_to: before.unread === 0 ? last : before.read_to };
}

function lastKey(room: RoomState): string | null {
  return room.items.findLast((item) => item.type === 'entry')?.key ?? null;
}
