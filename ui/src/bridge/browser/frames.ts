// Reads what a room says: parsed at the door, so that past it every field is what its type says. Unknown fields are
// dropped or ignored, an entry of an unknown kind keeps its place.
import type { Cursor } from '../generated/Cursor';
import type { Entry } from '../generated/Entry';
import type { Keeps } from '../generated/Keeps';
import type { Member } from '../generated/Member';
import type { RoomFrame } from '../generated/RoomFrame';
import type { StatedLimits } from '../generated/StatedLimits';
import { CLOSE_CODES } from './codes';

/** `unknown` is a type of a newer room, to be ignored; `broken` is no frame at all, or one without what it must have. */
export type Read = RoomFrame | 'unknown' | 'broken';

export function readFrame(text: string): Read {
  try {
    return frame(object(JSON.parse(text)));
  } catch (error) {
    if (error instanceof Broken || error instanceof SyntaxError) return 'broken';
    throw error;
  }
}

class Broken extends Error {}

type Json = Record<string, unknown>;

function frame(it: Json): Read {
  const type = string(it.type);
  switch (type) {
    case 'room':
      return {
        type,
        id: string(it.id),
        name: string(it.name),
        nonce: string(it.nonce),
        ...(it.mechanisms !== undefined && { mechanisms: list(it.mechanisms, string) }),
      };
    case 'challenge':
    case 'authenticated':
      return { type, data: string(it.data) };
    case 'welcome':
      return {
        type,
        you: member(it.you),
        name: string(it.name),
        head: cursor(it.head),
        caught_up: oneOf(it.caught_up, CAUGHT_UP),
        entries: list(it.entries, entry),
        more: bool(it.more),
        count: number(it.count),
        members: list(it.members, member),
        limits: stated(it.limits),
        can: list(it.can, string),
        keeps: keeps(it.keeps),
      };
    case 'entry':
      return { type, ...entry(it) };
    case 'page':
      return { type, of: oneOf(it.of, PAGE_OF), entries: list(it.entries, entry), more: bool(it.more) };
    case 'found':
      return { type, words: string(it.words), entries: list(it.entries, entry), more: bool(it.more) };
    case 'disk':
      return { type, well: bool(it.well) };
    case 'roster':
      return { type, members: list(it.members, member), more: bool(it.more) };
    case 'joined':
    case 'left':
      return { type, member: member(it.member), count: number(it.count), after: number(it.after) };
    case 'presence':
      return {
        type,
        count: number(it.count),
        joined: list(it.joined, member),
        left: list(it.left, member),
        after: number(it.after),
      };
    case 'typing':
      return { type, member: string(it.member), active: bool(it.active), after: number(it.after) };
    case 'refused':
      return {
        type,
        code: known(it.code, REFUSALS),
        message: string(it.message),
        ...(typeof it.frame === 'string' && { frame: it.frame }),
        ...(typeof it.id === 'string' && { id: it.id }),
      };
    case 'bye':
      return { type, code: known(it.code, BYES), then: oneOf(it.then, THEN), message: string(it.message) };
    default:
      return 'unknown';
  }
}

function entry(value: unknown): Entry {
  const it = object(value);
  const place = { seq: number(it.seq), at: moment(it.at), hash: string(it.hash), by: member(it.by) };
  switch (string(it.kind)) {
    case 'said':
      return { ...place, kind: 'said', id: string(it.id), text: string(it.text) };
    case 'renamed':
      return { ...place, kind: 'renamed', from: string(it.from) };
    default:
      return { ...place, kind: 'unknown' };
  }
}

function member(value: unknown): Member {
  const it = object(value);
  const who = { id: string(it.id), nickname: string(it.nickname), number: number(it.number) };
  return it.host === true ? { ...who, host: true } : who;
}

function cursor(value: unknown): Cursor {
  const it = object(value);
  return { epoch: string(it.epoch), seq: number(it.seq), hash: string(it.hash) };
}

function stated(value: unknown): StatedLimits {
  const it = object(value);
  return {
    message_bytes: number(it.message_bytes),
    nickname_graphemes: number(it.nickname_graphemes),
    rate_per_second: number(it.rate_per_second),
    rate_burst: number(it.rate_burst),
    members: number(it.members),
  };
}

function keeps(value: unknown): Keeps {
  const it = object(value);
  const kind = oneOf(it.kind, KEEPS);
  return kind === 'last' ? { kind, entries: number(it.entries) } : { kind };
}

function object(value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Broken();
  return value as Json;
}

function list<T>(value: unknown, item: (value: unknown) => T): T[] {
  if (!Array.isArray(value)) throw new Broken();
  return value.map(item);
}

function string(value: unknown): string {
  if (typeof value !== 'string') throw new Broken();
  return value;
}

function bool(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new Broken();
  return value;
}

/** A moment in milliseconds, of 64 bits on the wire: beyond what a number holds exactly, it is the last that it does. */
function moment(value: unknown): number {
  if (!Number.isInteger(value) || (value as number) < 0) throw new Broken();
  return Math.min(value as number, Number.MAX_SAFE_INTEGER);
}

/** Whole and not negative: every number of the protocol is. */
function number(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Broken();
  return value as number;
}

function oneOf<T extends string>(value: unknown, all: readonly T[]): T {
  const found = all.find((one) => one === value);
  if (found === undefined) throw new Broken();
  return found;
}

/** A code of a newer room is kept as `unknown`. */
function known<T extends string>(value: unknown, all: readonly T[]): T | 'unknown' {
  return all.find((one) => one === string(value)) ?? 'unknown';
}

const CAUGHT_UP = ['resumed', 'first', 'new_epoch', 'trimmed', 'diverged'] as const;
const PAGE_OF = ['missed', 'history', 'excerpt'] as const;
const KEEPS = ['everything', 'last', 'nothing'] as const;
const THEN = ['retry', 'stop'] as const;
const BYES = Object.keys(CLOSE_CODES) as (keyof typeof CLOSE_CODES)[];
const REFUSALS = [
  'not_json',
  'not_text',
  'unknown_type',
  'bad_frame',
  'hello_first',
  'already_here',
  'bad_nickname',
  'nickname_taken',
  'bad_signature',
  'passphrase_first',
  'wrong_passphrase',
  'empty',
  'too_long',
  'id_reused',
  'too_fast',
  'unavailable',
] as const;
