// A guest's session: keeps their place in the room, says what waits, comes back after every loss. Pure: what happens
// comes in by `handle*` and by the person's calls, what to do goes out by `pollEffects` and `pollTimeout`; the time
// (milliseconds since the Unix epoch, never running back) and chance are arguments. No socket, no clock, no storage.
import type { ClientFrame } from '../generated/ClientFrame';
import type { Entry } from '../generated/Entry';
import type { Fault } from '../generated/Fault';
import type { RoomEvent } from '../generated/RoomEvent';
import type { RoomFrame } from '../generated/RoomFrame';
import type { Then } from '../generated/Then';
import { afterClose, byeCode, faultOf } from './codes';
import { Door, type Step } from './door';
import { readFrame } from './frames';
import * as limits from './limits';
import { readMessage } from './message';
import { type Line, Outbox } from './outbox';
import { Place } from './place';
import type { Asked } from './scram';
import { Typing } from './typing';

/** What the edge is to do, in this order. `close` is due also where the connection is gone already. */
export type Effect =
  | { do: 'dial' }
  | { do: 'send'; frame: ClientFrame }
  | { do: 'close' }
  /** Work out what the passphrase is worth to the room; answer with `handleSalted`. */
  | { do: 'salt'; passphrase: string; asked: Asked }
  | { do: 'tell'; event: RoomEvent }
  | { do: 'keep'; room: string; lines: Line[] };

/** Why a message is not even queued. */
export type Unsayable = 'empty' | 'too_long' | 'bad_id' | 'id_reused' | 'outbox_full';

export interface SessionOptions {
  nickname: string;
  /** From 0 to below 1. */
  random: () => number;
  /** Proves to this room, on this connection, who we are. */
  introduce: (room: string, nonce: string) => { key: string; signature: string };
  /** What to show a room that asks for it; null for nothing. */
  passphrase: string | null;
  /** Chance for a nonce. */
  makeNonce: () => string;
  /** What was said to this room before this page, and not taken. */
  keptLines: (room: string) => Line[];
}

type Phase =
  | { at: 'ended' }
  | { at: 'dialing' | 'greeting' | 'waiting'; until: number }
  | { at: 'live'; since: number; heardAt: number; saidAt: number; answerBy: number | null };

export class Session {
  readonly #options: SessionOptions;
  readonly #outbox = new Outbox();
  readonly #typing = new Typing();
  #place = new Place();
  #effects: Effect[] = [];
  #phase: Phase = { at: 'ended' };
  #failures = 0;
  #room: { id: string } | null = null;
  #entered = false;
  /** Whether what an earlier page left unsaid was taken up. */
  #restored = false;
  #you: string | null = null;
  /** What we go by, or have asked to. */
  #nickname: string;
  /** What the room calls us. */
  #called: string | null = null;
  /** The person asked for `#nickname`, and the room has not told of it yet. */
  #renameWanted = false;
  #greeted = false;
  readonly #door: Door;
  #historyAsked = false;
  /** Whether the host's disk takes what is said, as told last. */
  #diskWell = true;
  /** What the coming `roster` frames answer: a question of the page's, or only "are you there". */
  #rosterAsked: ('page' | 'probe')[] = [];
  #rosterAfter = 0;
  /** What is to be asked of the room as soon as its rate allows. */
  #questions: ClientFrame[] = [];

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#nickname = options.nickname;
    this.#door = new Door(options.passphrase, options.makeNonce);
  }

  // What the person does.

  /** Dials: at first, at once instead of after a wait, or again after the end. */
  retryNow(now: number): void {
    if (this.#phase.at === 'ended') this.#failures = 0;
    if (this.#phase.at === 'ended' || this.#phase.at === 'waiting') this.#dial(now);
  }

  leave(): void {
    if (this.#phase.at === 'live') this.#send({ type: 'leave' });
    if (this.#phase.at !== 'ended') this.#end('left');
  }

  /** Queues a message, whatever the connection does. */
  say(id: string, text: string, now: number): Unsayable | null {
    const read = readMessage(id, text);
    if (typeof read === 'string') return read;
    const known = this.#outbox.has(id);
    const taken = this.#outbox.put({ ...read, at: now });
    if (taken !== 'taken') return taken === 'full' ? 'outbox_full' : taken;
    if (!known) this.#tell({ type: 'queued', id, text: read.text, at: now });
    this.#typing.forgetOwn();
    this.#keep();
    this.#sayWaiting(now);
    return null;
  }

  /** In the room it asks the room, again after a loss; otherwise it is the name of the next `hello`. */
  rename(nickname: string): void {
    // As the room would tell it, so that it is known when it comes back.
    this.#nickname = nickname.normalize('NFC').trim().replace(/\s+/gu, ' ');
    this.#renameWanted = true;
    if (this.#phase.at === 'live') this.#send({ type: 'rename', nickname: this.#nickname });
  }

  setTyping(active: boolean, now: number): void {
    if (this.#phase.at === 'live' && this.#typing.own(active, now)) this.#send({ type: 'typing', active });
  }

  loadHistory(now: number): void {
    if (this.#phase.at !== 'live' || this.#historyAsked) return;
    if (!this.#place.older) return this.#tell({ type: 'history', entries: [], older: false });
    this.#historyAsked = true;
    this.#ask({ type: 'history', before: this.#place.oldest }, now);
  }

  /** Asks for the log from a place on, to be shown apart from what is heard. */
  loadExcerpt(from: number, now: number): void {
    if (this.#phase.at === 'live') this.#ask({ type: 'excerpt', from }, now);
  }

  /** Looks for messages, the latest or those before a place. */
  search(words: string, before: number | null, now: number): void {
    if (this.#phase.at === 'live') this.#ask({ type: 'search', words, ...(before !== null && { before }) }, now);
  }

  loadRoster(now: number): void {
    if (this.#phase.at !== 'live' || this.#rosterAsked.includes('page')) return;
    this.#rosterAsked.push('page');
    this.#ask({ type: 'roster', after: this.#rosterAfter }, now);
  }

  // What happens.

  handleOpen(now: number): void {
    if (this.#phase.at === 'dialing') this.#phase = { at: 'greeting', until: now + limits.DIAL_MS_MAX };
  }

  handleText(text: string, now: number): void {
    if (this.#phase.at !== 'greeting' && this.#phase.at !== 'live') return;
    if (this.#phase.at === 'live') this.#phase = { ...this.#phase, heardAt: now, answerBy: null };
    const frame = readFrame(text);
    // What cannot be read is passed over; where it was an entry, the next one shows the hole.
    if (frame !== 'broken' && frame !== 'unknown') this.#hear(frame, now);
  }

  /** The passphrase is salted, as `salt` asked for. */
  handleSalted(asked: Asked, worth: Uint8Array): void {
    this.#take(this.#door.handleSalted(asked, worth));
  }

  handleClosed(closeCode: number, now: number): void {
    if (this.#phase.at === 'ended' || this.#phase.at === 'waiting') return;
    const unopened = this.#phase.at === 'dialing' && afterClose(closeCode) === 'retry';
    this.#goAway(unopened ? 'refused' : faultOf(byeCode(closeCode), afterClose(closeCode)), afterClose(closeCode), now);
  }

  /** The page was asleep or away, or the network changed: what looks alive may not be. */
  handleWake(now: number): void {
    if (this.#phase.at === 'waiting') this.#dial(now);
    if (this.#phase.at === 'live' && this.#phase.answerBy === null) this.#probe(now);
  }

  handleTimeout(now: number): void {
    for (const member of this.#typing.lapsed(now)) this.#tell({ type: 'typing', member, active: false });
    if (now >= this.#phaseTimeout()) this.#phaseOver(now);
    this.#askWaiting(now);
    this.#sayWaiting(now);
  }

  // What to do.

  pollEffects(): Effect[] {
    return this.#effects.splice(0);
  }

  /** When to call `handleTimeout` next; null for not at all. */
  pollTimeout(): number | null {
    const saying = this.#phase.at === 'live' ? this.#outbox.timeout() : null;
    const [question] = this.#questions;
    const asking = question ? this.#outbox.besidesAt(partOf(question)) : Infinity;
    const due = Math.min(this.#phaseTimeout(), this.#typing.timeout() ?? Infinity, saying ?? Infinity, asking);
    return due === Infinity ? null : due;
  }

  // What the room says.

  #hear(frame: RoomFrame, now: number): void {
    if (frame.type === 'bye') return this.#goAway(faultOf(frame.code, frame.then), frame.then, now);
    if (this.#phase.at === 'greeting') {
      if (frame.type === 'room') return this.#greet(frame, now);
      if (frame.type === 'challenge') return this.#take(this.#door.handleChallenge(frame.data));
      if (frame.type === 'authenticated') return this.#take(this.#door.handleAuthenticated(frame.data));
      if (frame.type === 'welcome' && this.#greeted) return this.#enter(frame, now);
      if (frame.type === 'refused') return this.#turnedAway(frame.code, now);
      return;
    }
    switch (frame.type) {
      case 'entry': {
        const entry: Entry & { type?: string } = { ...frame };
        delete entry.type;
        if (entry.kind === 'renamed' && entry.by.id === this.#you) this.#followName(entry.by.nickname);
        return this.#hearEntries([entry], now);
      }
      case 'page':
        if (frame.of === 'missed') return this.#hearEntries(frame.entries, now);
        if (frame.of === 'history') return this.#hearHistory(frame, now);
        return this.#tell({ type: 'excerpt', entries: frame.entries, more: frame.more });
      case 'found':
        return this.#tell({ type: 'found', words: frame.words, entries: frame.entries, more: frame.more });
      case 'disk':
        this.#diskWell = frame.well;
        return this.#tell({ type: 'disk', well: frame.well });
      case 'roster':
        return this.#hearRoster(frame);
      case 'joined':
        return this.#tell({ type: 'presence', joined: [frame.member], left: [], count: frame.count });
      case 'left':
        this.#typing.hear(frame.member.id, false, now);
        return this.#tell({ type: 'presence', joined: [], left: [frame.member], count: frame.count });
      case 'presence':
        return this.#tell({ type: 'presence', joined: frame.joined, left: frame.left, count: frame.count });
      case 'typing':
        if (frame.member === this.#you || !this.#typing.hear(frame.member, frame.active, now)) return;
        return this.#tell({ type: 'typing', member: frame.member, active: frame.active });
      case 'refused':
        return this.#hearRefusal(frame, now);
      case 'room':
      case 'challenge':
      case 'authenticated':
      case 'welcome':
        return this.#lose('lost', now); // Neither is due here: this connection is out of step.
    }
  }

  #greet(frame: Extract<RoomFrame, { type: 'room' }>, now: number): void {
    if (this.#greeted || this.#door.isShowing) return this.#lose('lost', now);
    if (this.#room && this.#room.id !== frame.id) this.#moveTo();
    this.#room = { id: frame.id };
    if (!frame.mechanisms?.length) return this.#hello(frame.id, frame.nonce);
    const step = this.#door.handleRoom(frame.id, frame.nonce, frame.mechanisms);
    if (step?.do === 'authenticate') this.#phase = { at: 'greeting', until: now + limits.PASSPHRASE_MS_MAX };
    this.#take(step);
  }

  /** Does what is next in showing the passphrase. */
  #take(step: Step | null): void {
    switch (step?.do) {
      case 'authenticate':
        return this.#send({ type: 'authenticate', mechanism: step.mechanism, data: step.data });
      case 'salt':
        return void this.#effects.push(step);
      case 'hello':
        return this.#hello(step.room, step.nonce);
      case 'end':
        return this.#end(step.fault);
    }
  }

  #hello(room: string, nonce: string): void {
    this.#greeted = true;
    const cursor = this.#place.cursor;
    const proof = this.#options.introduce(room, nonce);
    this.#send({ type: 'hello', nickname: this.#nickname, ...proof, ...(cursor && { cursor }) });
  }

  /** Another room opened at this address. What was meant for the one before is not said to strangers unasked. */
  #moveTo(): void {
    this.#place = new Place();
    for (const id of this.#outbox.ids()) this.#giveUp(id, 'unavailable');
    this.#keep();
    this.#restored = false;
  }

  #enter(frame: Extract<RoomFrame, { type: 'welcome' }>, now: number): void {
    const entries = this.#takeWelcome(frame);
    if (!entries) {
      this.#place = new Place(); // The next welcome begins anew, with a gap that is told.
      return this.#lose('lost', now);
    }
    this.#you = frame.you.id;
    this.#phase = { at: 'live', since: now, heardAt: now, saidAt: now, answerBy: null };
    this.#historyAsked = false;
    this.#questions = [];
    this.#rosterAsked = [];
    this.#rosterAfter = frame.members.at(-1)?.number ?? 0;
    this.#typing.forgetOwn();
    this.#settle(frame.entries);
    if (!this.#diskWell) this.#tell({ type: 'disk', well: true });
    this.#diskWell = true;
    this.#tell({ type: 'link', link: { state: 'live' } });
    const { you, name, count, members, limits: stated, can, keeps } = frame;
    const caught_up = frame.caught_up === 'first' && this.#entered ? 'new_epoch' : frame.caught_up;
    const older = this.#place.older;
    const room = this.#room?.id ?? '';
    const told = { room, name, you, caught_up, entries, older, count, members, limits: stated, can, keeps };
    this.#tell({ type: 'entered', ...told });
    if (!this.#restored) this.#restore(room);
    this.#entered = true;
    this.#outbox.startOver(stated.rate_per_second, stated.rate_burst, now);
    this.#settleName(you.nickname);
    this.#sayWaiting(now);
  }

  /** Takes up what a page before this one could not say. */
  #restore(room: string): void {
    this.#restored = true;
    for (const line of this.#options.keptLines(room)) {
      const read = readMessage(line.id, line.text);
      if (typeof read === 'string' || this.#outbox.has(read.id)) continue;
      if (this.#outbox.put({ ...read, at: line.at }) !== 'taken') return;
      this.#tell({ type: 'queued', id: read.id, text: read.text, at: line.at });
    }
    this.#keep();
  }

  /** A room where we are over another connection too keeps calling us what it did. A rename that it has not told of
   *  is asked for again; otherwise the room's name for us is ours. */
  #settleName(called: string): void {
    this.#called = called;
    if (this.#renameWanted && called !== this.#nickname) this.#send({ type: 'rename', nickname: this.#nickname });
    else this.#takeName(called);
  }

  /** Goes by the name the room calls us from now on, unless the person has asked for another since. */
  #followName(called: string): void {
    const settled = this.#called === this.#nickname || called === this.#nickname;
    this.#called = called;
    if (settled) this.#takeName(called);
  }

  #takeName(called: string): void {
    this.#nickname = called;
    this.#renameWanted = false;
  }

  /** What of a welcome is new, or null where it does not fit what was heard. */
  #takeWelcome({ head, caught_up, entries, more }: Extract<RoomFrame, { type: 'welcome' }>): Entry[] | null {
    if (caught_up !== 'resumed') {
      this.#place = new Place();
      return this.#place.begin(head, entries, more) ? entries : null;
    }
    if (!this.#place.cursor) return null;
    this.#place.continueIn(head.epoch);
    const fresh = this.#place.append(entries);
    return more || this.#place.cursor.seq === head.seq ? fresh : null;
  }

  #hearEntries(heard: Entry[], now: number): void {
    const settled = this.#settle(heard);
    const fresh = this.#place.append(heard);
    if (!fresh) return this.#lose('lost', now);
    for (const { by } of fresh) this.#typing.hear(by.id, false, now);
    // An entry of ours from before a gap is told too: the line that waits for it must not wait for ever.
    const entries = heard.filter((entry) => fresh.includes(entry) || settled.includes(entry));
    if (entries.length > 0) this.#tell({ type: 'entries', entries });
    this.#sayWaiting(now);
  }

  #hearHistory(frame: Extract<RoomFrame, { type: 'page' }>, now: number): void {
    if (!this.#historyAsked) return;
    this.#historyAsked = false;
    this.#settle(frame.entries);
    const entries = this.#place.prepend(frame.entries, frame.more);
    if (!entries) return this.#lose('lost', now);
    this.#tell({ type: 'history', entries, older: this.#place.older });
  }

  #hearRoster({ members, more }: Extract<RoomFrame, { type: 'roster' }>): void {
    if (this.#rosterAsked.shift() !== 'page') return;
    this.#rosterAfter = members.at(-1)?.number ?? this.#rosterAfter;
    this.#tell({ type: 'members', members, more });
  }

  #hearRefusal({ code, frame, id }: Extract<RoomFrame, { type: 'refused' }>, now: number): void {
    if (id !== undefined && this.#outbox.has(id)) {
      if (WAITING_HELPS.has(code)) this.#outbox.pause(id, now);
      else {
        this.#giveUp(id, code);
        this.#keep();
      }
      return this.#sayWaiting(now);
    }
    if (frame === 'rename' && this.#called !== null) this.#takeName(this.#called);
    if (frame === 'history') this.#historyAsked = false;
    if (frame === 'roster' && this.#rosterAsked.shift() !== 'page') return;
    if (frame !== 'typing') this.#tell({ type: 'refused', code, frame: frame ?? null });
  }

  /** A refusal before the welcome is one of the `hello`. */
  #turnedAway(code: Extract<RoomFrame, { type: 'refused' }>['code'], now: number): void {
    if (code === 'nickname_taken' || code === 'bad_nickname') this.#end(code);
    else if (code === 'passphrase_first') this.#end('passphrase_needed');
    else if (code === 'unavailable' || code === 'too_fast') this.#lose('lost', now);
    else this.#end('rejected');
  }

  // The connection.

  #dial(now: number): void {
    this.#phase = { at: 'dialing', until: now + limits.DIAL_MS_MAX };
    this.#greeted = false;
    this.#door.handleDisconnected();
    this.#tell({ type: 'link', link: { state: 'connecting', attempt: this.#failures } });
    this.#effects.push({ do: 'dial' });
  }

  #goAway(fault: Fault, next: Then, now: number): void {
    if (next === 'stop') this.#end(fault);
    else this.#lose(fault, now);
  }

  /** Comes back after a wait: doubled each time and at random within it, so that a room is not stormed. */
  #lose(fault: Fault, now: number): void {
    const settled = this.#phase.at === 'live' && now - this.#phase.since >= limits.SETTLED_MS;
    const attempt = settled ? 0 : this.#failures + 1;
    const longest = Math.min(limits.RETRY_MS_MAX, limits.RETRY_MS_MIN * 2 ** attempt);
    const retry_in_ms = Math.floor(this.#options.random() * longest);
    this.#failures = attempt;
    this.#door.handleDisconnected();
    this.#phase = { at: 'waiting', until: now + retry_in_ms };
    this.#effects.push({ do: 'close' });
    this.#tell({ type: 'link', link: { state: 'waiting', attempt, retry_in_ms, fault } });
  }

  #end(fault: Fault): void {
    this.#phase = { at: 'ended' };
    this.#door.handleDisconnected();
    this.#effects.push({ do: 'close' });
    this.#tell({ type: 'link', link: { state: 'ended', fault } });
  }

  /** Asks for the members after the last number there can be: the cheapest question with an answer. */
  #probe(now: number): void {
    if (this.#phase.at !== 'live') return;
    if (this.#rosterAsked.length >= ROSTER_ASKED_MAX) return this.#lose('lost', now);
    this.#phase = { ...this.#phase, answerBy: now + limits.ANSWER_MS_MAX };
    this.#rosterAsked.push('probe');
    this.#send({ type: 'roster', after: NUMBER_MAX });
  }

  #phaseTimeout(): number {
    const phase = this.#phase;
    if (phase.at === 'ended') return Infinity;
    if (phase.at !== 'live') return phase.until;
    if (phase.answerBy !== null) return phase.answerBy;
    const unacked = Math.max(phase.heardAt, phase.saidAt) + limits.UNACKED_MS_MAX;
    return this.#outbox.inFlight > 0 ? unacked : phase.heardAt + limits.SILENCE_MS_MAX;
  }

  #phaseOver(now: number): void {
    if (this.#phase.at === 'waiting') this.#dial(now);
    else if (this.#phase.at !== 'live') this.#lose('timeout', now);
    else if (this.#phase.answerBy !== null) this.#lose('lost', now);
    else this.#probe(now);
  }

  // The outbox.

  #sayWaiting(now: number): void {
    while (this.#phase.at === 'live') {
      const line = this.#outbox.poll(now);
      if (!line) return;
      this.#phase = { ...this.#phase, saidAt: now };
      this.#send({ type: 'say', ...line });
    }
  }

  /** Takes out of the outbox what these entries acknowledge, and returns those that did. */
  #settle(entries: Entry[]): Entry[] {
    const ours = entries.filter((one) => one.kind === 'said' && one.by.id === this.#you && this.#outbox.has(one.id));
    for (const entry of ours) if (entry.kind === 'said') this.#outbox.settle(entry.id);
    if (ours.length > 0) this.#keep();
    return ours;
  }

  #giveUp(id: string, code: Extract<RoomFrame, { type: 'refused' }>['code']): void {
    this.#outbox.settle(id);
    this.#tell({ type: 'unsent', id, code });
  }

  /** Has what waits kept for a later page, once it is known for which room. */
  #keep(): void {
    if (this.#room && this.#restored)
      this.#effects.push({ do: 'keep', room: this.#room.id, lines: this.#outbox.lines() });
  }

  // Questions.

  /** Whoever scrolls faster than the room allows waits, and is not sent away for it. */
  #ask(question: ClientFrame, now: number): void {
    this.#questions.push(question);
    this.#questions.splice(0, this.#questions.length - QUESTIONS_MAX);
    this.#askWaiting(now);
  }

  #askWaiting(now: number): void {
    while (this.#phase.at === 'live') {
      const [question] = this.#questions;
      if (!question || !this.#outbox.takeBesides(partOf(question), now)) return;
      this.#questions.shift();
      this.#send(question);
    }
  }

  #send(frame: ClientFrame): void {
    this.#effects.push({ do: 'send', frame });
  }

  #tell(event: RoomEvent): void {
    this.#effects.push({ do: 'tell', event });
  }
}

/** Questions that wait for the room's rate. */
const QUESTIONS_MAX = 16;

/** The part of a second's rate that a question takes: `crates/wire/src/frames.rs` cost. */
function partOf(question: ClientFrame): number {
  return question.type === 'search' ? 1 / 5 : 1 / 20;
}

/** Refusals of a message that the room may take a little later. */
const WAITING_HELPS = new Set<string>(['too_fast', 'unavailable', 'hello_first']);

/** The largest member number (32 bits on the wire). */
const NUMBER_MAX = 0xffff_ffff;

/** Roster questions open at once: a room that answers everything but these is as good as gone. */
const ROSTER_ASKED_MAX = 8;
