// For tests: a session on a virtual clock, with what it told and said written down; and the frames of
// docs/PROTOCOL.md with other places and texts in them.
import type { ClientFrame } from '../generated/ClientFrame';
import type { RoomEvent } from '../generated/RoomEvent';
import type { Line } from './outbox';
import type { Asked } from './scram';
import { Session } from './session';

export const HASH = 'AAAAAAAAAAAAAAAAAAAAAA';
export const ROOM = '{"type":"room","id":"r1","name":"점심 모임","nonce":"n1"}';
const YOU = '{"id":"m1","nickname":"민지","number":3}';

export class Guest {
  now = 1_000_000;
  /** What the page was told. */
  told: RoomEvent[] = [];
  /** What the room was told, on all connections. */
  said: ClientFrame[] = [];
  dials = 0;
  open = false;
  readonly session: Session;

  /** What is kept of each room for a later page. */
  kept = new Map<string, Line[]>();

  /** What is to be salted. */
  salting: Asked[] = [];

  constructor(random: () => number = () => 0.5, kept = new Map<string, Line[]>(), passphrase: string | null = null) {
    const introduce = (room: string, nonce: string) => ({ key: 'QUJD', signature: `${room}/${nonce}` });
    this.kept = kept;
    const keptLines = (room: string) => this.kept.get(room) ?? [];
    const makeNonce = () => 'c1';
    this.session = new Session({ nickname: '민지', random, introduce, keptLines, passphrase, makeNonce });
  }

  /** A guest who was let in and is at entry 7 of 7; what happened until then is not written down. */
  static live(): Guest {
    const guest = new Guest();
    guest.act((session, now) => session.retryNow(now));
    guest.opens();
    guest.hears(ROOM, welcome({ seq: 7 }));
    guest.told = [];
    guest.said = [];
    return guest;
  }

  act<T>(doing: (session: Session, now: number) => T): T {
    const done = doing(this.session, this.now);
    for (const effect of this.session.pollEffects()) {
      if (effect.do === 'tell') this.told.push(effect.event);
      if (effect.do === 'send') this.said.push(effect.frame);
      if (effect.do === 'close') this.open = false;
      if (effect.do === 'salt') this.salting.push(effect.asked);
      if (effect.do === 'dial') this.dials += 1;
      if (effect.do === 'keep') this.kept.set(effect.room, effect.lines);
    }
    return done;
  }

  opens(): void {
    this.open = true;
    this.act((session, now) => session.handleOpen(now));
  }

  hears(...texts: string[]): void {
    for (const text of texts) this.act((session, now) => session.handleText(text, now));
  }

  isCut(code = 1006): void {
    this.open = false;
    this.act((session, now) => session.handleClosed(code, now));
  }

  /** Lets time go by, with every timer on the way. */
  passes(ms: number): void {
    const end = this.now + ms;
    for (let due = this.session.pollTimeout(); due !== null && due <= end; due = this.session.pollTimeout()) {
      this.now = Math.max(this.now, due);
      this.act((session, now) => session.handleTimeout(now));
    }
    this.now = end;
  }

  says(id: string, text = id): void {
    this.act((session, now) => session.say(id, text, now));
  }

  /** What was told of one type, and is forgotten here then. */
  take<T extends RoomEvent['type']>(type: T): Extract<RoomEvent, { type: T }>[] {
    const taken = this.told.filter((event) => event.type === type);
    this.told = this.told.filter((event) => event.type !== type);
    return taken as Extract<RoomEvent, { type: T }>[];
  }

  get seqs(): number[] {
    return this.told.flatMap((event) => ('entries' in event ? event.entries.map((entry) => entry.seq) : []));
  }

  get links(): string[] {
    return this.take('link').map(({ link }) => ('fault' in link ? `${link.state} ${link.fault}` : link.state));
  }
}

export function said(seq: number, id = `x${seq}`, by = YOU): string {
  return `{"seq":${seq},"at":1763695166000,"hash":"${HASH}","by":${by},"kind":"said","id":"${id}","text":"${id}"}`;
}

export function entry(seq: number, id?: string, by?: string): string {
  return `{"type":"entry",${said(seq, id, by).slice(1)}`;
}

export function page(of: 'missed' | 'history' | 'excerpt', seqs: number[], more: boolean): string {
  return `{"type":"page","of":"${of}","entries":[${seqs.map((seq) => said(seq)).join()}],"more":${more}}`;
}

interface Welcome {
  seq: number;
  epoch?: string;
  caught_up?: string;
  seqs?: number[];
  more?: boolean;
  rate?: number;
  burst?: number;
}

export function welcome(it: Welcome): string {
  const { seq, epoch = 'e1', caught_up = 'first', seqs = [], more = false, rate = 1000, burst = 2000 } = it;
  const limits = `{"message_bytes":65536,"nickname_graphemes":32,"rate_per_second":${rate},"rate_burst":${burst},"members":256}`;
  return `{"type":"welcome","you":${YOU},"name":"점심 모임","head":{"epoch":"${epoch}","seq":${seq},"hash":"${HASH}"},"caught_up":"${caught_up}","entries":[${seqs.map((one) => said(one)).join()}],"more":${more},"count":1,"members":[${YOU}],"limits":${limits},"can":["history","roster","typing"],"keeps":{"kind":"everything"}}`;
}

export function refused(code: string, frame: string, id?: string): string {
  return JSON.stringify({ type: 'refused', code, frame, id, message: 'in English' });
}
