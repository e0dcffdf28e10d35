/** One room of the fake bridge: what was said there, who is there, and what a test has it do. */
import type { FeedEvent, Keeps, RoomEvent, RoomHandle } from './bridge';
import type { FakeBridge } from './fake';
import type { CaughtUp } from './generated/CaughtUp';
import type { Dialect } from './generated/Dialect';
import type { Entry } from './generated/Entry';
import type { Fault } from './generated/Fault';
import type { Member } from './generated/Member';
import type { RefusalCode } from './generated/RefusalCode';
import type { Security } from './generated/Security';

/** Entries of a page and messages of an answer to a search, as a real room has them. */
export const PAGE_MAX = 100;
const FOUND_MAX = 50;

type Said = { by: Member; at: number; text: string; id?: string };

/** One room as the fake keeps it. `log` is all there is; `heard_from` is where the page's own begins. */
export class FakeRoom {
  log: Entry[] = [];
  members: Member[] = [];
  heard_from = 0;
  /** Messages said here that are neither taken nor refused until told. */
  hold = false;
  refuse: RefusalCode | null = null;
  keeps: Keeps = { kind: 'everything' };
  /** Searches and excerpts are neither answered nor refused until told. */
  silent = false;
  /** What it can do, where that is not what rooms of ours can. */
  can: string[] | null = null;

  readonly handle: RoomHandle;
  readonly name: string;
  you: Member;
  readonly #bridge: FakeBridge;

  constructor(bridge: FakeBridge, handle: RoomHandle, name: string, you: Member) {
    this.#bridge = bridge;
    this.handle = handle;
    this.name = name;
    this.you = you;
    this.members = [you];
  }

  /** Into the log, unheard: what was there before one came. */
  keep(...said: Said[]): this {
    for (const one of said) this.log.push(this.#entry(one.by, one.at, 'said', one.text, one.id));
    return this;
  }

  enter(caught_up: CaughtUp = 'first', page = 100, kept = false): this {
    this.heard_from = Math.max(0, this.log.length - page);
    return this.tell(
      { type: 'link', link: kept ? { state: 'connecting', attempt: 0 } : { state: 'live' } },
      {
        type: 'entered',
        room: `id-${this.handle}`,
        name: this.name,
        you: this.you,
        caught_up,
        entries: this.log.slice(this.heard_from),
        older: this.heard_from > 0,
        count: this.members.length,
        members: this.members,
        limits: { message_bytes: 65536, nickname_graphemes: 32, rate_per_second: 1000, rate_burst: 2000, members: 256 },
        can: this.can ?? [
          ...['history', 'roster', 'typing', 'excerpt'],
          ...(this.keeps.kind === 'nothing' ? [] : ['search']),
        ],
        keeps: this.keeps,
        ...(kept && { kept }),
      },
    );
  }

  /** A room of another program: nothing is kept, nothing can be asked. */
  enterForeign(dialect: Dialect, security: Security = 'plain'): this {
    this.keeps = { kind: 'nothing' };
    this.tell({ type: 'connected', dialect, security });
    this.can = [];
    return this.enter();
  }

  say(by: Member, text: string, at = this.#bridge.now(), id?: string): this {
    const entry = this.#entry(by, at, 'said', text, id);
    this.log.push(entry);
    return this.tell({ type: 'entries', entries: [entry] });
  }

  renamed(by: Member, nickname: string): Member {
    const now = { ...by, nickname };
    const entry = this.#entry(now, this.#bridge.now(), 'renamed', by.nickname);
    this.log.push(entry);
    this.members = this.members.map((one) => (one.id === by.id ? now : one));
    if (by.id === this.you.id) this.you = now;
    this.tell({ type: 'entries', entries: [entry] });
    return now;
  }

  move(joined: Member[], left: Member[] = []): this {
    const gone = new Set([...joined, ...left].map((one) => one.id));
    this.members = [...this.members.filter((one) => !gone.has(one.id)), ...joined];
    return this.tell({ type: 'presence', joined, left, count: this.members.length });
  }

  typing(member: Member, active = true): this {
    return this.tell({ type: 'typing', member: member.id, active });
  }

  /** As it was kept on this machine, while it is away. */
  enterKept(): this {
    const { members } = this;
    this.members = [];
    this.enter('first', 100, true);
    this.members = members;
    return this.tell({ type: 'link', link: { state: 'waiting', attempt: 1, retry_in_ms: 9_000, fault: 'refused' } });
  }

  disk(well: boolean): this {
    return this.tell({ type: 'disk', well });
  }

  /** Messages that have all of the words, as many as a page holds. */
  find(words: string, before: number | null): { entries: Entry[]; more: boolean } {
    const each = words.toLowerCase().split(' ');
    const has = (text: string) => each.every((word) => text.normalize('NFC').toLowerCase().includes(word));
    const all = this.log.filter((one) => one.kind === 'said' && has(one.text) && one.seq < (before ?? Infinity));
    return { entries: all.slice(-FOUND_MAX), more: all.length > FOUND_MAX };
  }

  lose(retry_in_ms: number, fault: Fault = 'lost'): this {
    return this.tell({ type: 'link', link: { state: 'waiting', attempt: 1, retry_in_ms, fault } });
  }

  end(fault: Fault): this {
    return this.tell({ type: 'link', link: { state: 'ended', fault } });
  }

  tell(...events: RoomEvent[]): this {
    this.#bridge.emit(...events.map((event): FeedEvent => ({ type: 'room', room: this.handle, event })));
    return this;
  }

  #entry(by: Member, at: number, kind: 'said' | 'renamed', text: string, id?: string): Entry {
    const seq = this.log.length + 1;
    const head = { seq, at, hash: `hash-${seq}`, by };
    return kind === 'said' ? { ...head, kind, id: id ?? `id-${seq}`, text } : { ...head, kind, from: text };
  }
}
