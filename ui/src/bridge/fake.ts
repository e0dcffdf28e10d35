/**
 * A believable room in memory, for tests and screenshots. It answers like the real bridges and does what a test tells
 * it: holds messages back, refuses them, loses the connection. In no shipped build.
 */
import type {
  Bridge,
  CommandError,
  Exported,
  ExportOptions,
  FeedEvent,
  Hosted,
  HostOptions,
  Invitation,
  JoinOptions,
  Keeps,
  KnownRoom,
  LoadedPreferences,
  Preferences,
  RoomHandle,
  Sight,
  Target,
} from './bridge';
import type { Fault } from './generated/Fault';
import { FakeRoom, PAGE_MAX } from './fake-room';
import { playScene } from './fake-scenes';
import type { Lobby } from './lobby';

export { FakeRoom } from './fake-room';

export interface FakeOptions {
  kind?: Bridge['kind'];
  now?: () => number;
  preferences?: Partial<Preferences>;
  notice?: LoadedPreferences['notice'];
}

/** A certificate's key, and the addresses of a room as an invite has them. */
const PIN = 'mPq0o2Yd3K8a1xVtRr7Jc5u9Wb4Zs6Ne0Hg2Lf8Ti3Q';
const WAYS = `a=192.168.0.10:4567&a=100.64.3.7:4567&room=cs1uhCLEB_ttCYaQ8RMLfQ&pin=${PIN}`;

export class FakeBridge implements Bridge {
  readonly kind: Bridge['kind'];
  readonly now: () => number;
  readonly rooms = new Map<RoomHandle, FakeRoom>();
  readonly calls: string[] = [];
  preferences: Preferences;
  notice: LoadedPreferences['notice'];
  hosted: Hosted | null = null;
  /** What the next hosting or joining fails with. */
  fault: string | null = null;
  /** What hosted rooms of before keep, by their names. */
  readonly kept = new Map<string, Keeps>();
  /** Rooms that ask for a passphrase, by what is dialled, and the hosted ones by their names. */
  readonly passphrases = new Map<string, string>();
  /** Hosts whose certificate is another than it was. */
  readonly changed = new Set<string>();
  /** Somebody looks at the rooms nearby. */
  watches_nearby = false;
  /** What was seen of the rooms' connections, for whoever looks. */
  readonly sights = new Map<RoomHandle, Sight[]>();
  readonly invitation: Invitation | null;
  /** The next room that is joined is away, and was kept here. */
  away = false;
  /** Joining neither succeeds nor fails. */
  stall = false;
  #hear: ((events: FeedEvent[]) => void) | null = null;
  #early: FeedEvent[] = [];

  constructor({ kind = 'fake', now = Date.now, preferences = {}, notice = null }: FakeOptions = {}) {
    this.kind = kind;
    this.now = now;
    this.notice = notice;
    this.invitation =
      kind === 'browser' ? { url: `http://192.168.0.10:4567/#${WAYS}`, invite: `maru://join?${WAYS}` } : null;
    this.preferences = {
      version: 1,
      nickname: null,
      language: 'system',
      theme: 'system',
      announce: true,
      recent_rooms: [],
      window: null,
      ...preferences,
    };
  }

  emit(...events: FeedEvent[]): void {
    if (this.#hear) this.#hear(events);
    else this.#early.push(...events);
  }

  open(name: string, nickname: string, host = false): FakeRoom {
    const handle = `room${this.rooms.size + 1}`;
    const room = new FakeRoom(this, handle, name, { id: 'me', nickname, number: host ? 0 : 3, ...(host && { host }) });
    this.rooms.set(handle, room);
    return room;
  }

  async listen(hear: (events: FeedEvent[]) => void): Promise<void> {
    this.#hear = hear;
    if (this.#early.length > 0) hear(this.#early.splice(0));
  }

  async loadPreferences(): Promise<LoadedPreferences> {
    return { preferences: this.preferences, notice: this.notice, languages: [...navigator.languages] };
  }

  async savePreferences(preferences: Preferences): Promise<void> {
    this.preferences = preferences;
  }

  async hostRoom({ name, nickname, port, keeps, passphrase, ...doors }: HostOptions): Promise<Hosted> {
    this.#fail();
    const room = this.open(name, nickname, true);
    if (keeps) room.keeps = keeps;
    if (passphrase === null) this.passphrases.delete(name);
    else if (passphrase !== undefined) this.passphrases.set(name, passphrase);
    this.calls.push(`host ${name} ${keeps?.kind ?? 'as before'}`);
    this.calls.push(
      `doors ${doors.origins}${doors.lets_foreign_in ? ' foreign' : ''}${doors.announce ? '' : ' quiet'}`,
    );
    this.host(room, port);
    room.enter();
    return this.hosted!;
  }

  /** Makes a room the hosted one. */
  host(room: FakeRoom, port: number, asked_port: number | null = null): void {
    const { handle, name } = room;
    const at = (host: string) => `http://${host}:${port}/`;
    this.hosted = {
      room: handle,
      name,
      port,
      asked_port,
      addresses: [
        { url: at('192.168.0.10'), kind: 'lan' },
        { url: at('maru-desk.local'), kind: 'name' },
        { url: at('100.64.3.7'), kind: 'vpn' },
        { url: at('172.17.0.1'), kind: 'virtual' },
        { url: at('127.0.0.1'), kind: 'loopback' },
      ],
      url: `${at('192.168.0.10')}#${WAYS}`,
      invite: `maru://join?${WAYS}`,
      pin: PIN,
      passphrase: this.passphrases.has(name),
    };
    this.emit({ type: 'hosting', hosted: this.hosted }, { type: 'reach', reach: { state: 'waiting' } });
  }

  async stopHosting(): Promise<void> {
    const room = this.hosted && this.rooms.get(this.hosted.room);
    this.hosted = null;
    this.emit({ type: 'hosting', hosted: null });
    room?.end('room_closed');
  }

  async knownRoom(name: string): Promise<KnownRoom | null> {
    const keeps = this.kept.get(name);
    return keeps ? { keeps, passphrase: this.passphrases.has(name) } : null;
  }

  async watchNearby(on: boolean): Promise<void> {
    this.watches_nearby = on;
  }

  async lookHarder(): Promise<void> {
    this.calls.push('look harder');
  }

  async inspect(handle: RoomHandle, on: boolean): Promise<void> {
    this.calls.push(`inspect ${handle} ${on}`);
    const sights = this.sights.get(handle);
    if (on && sights) this.emit({ type: 'sights', room: handle, sights });
  }

  /** The hosted room dies of itself. */
  failHost(): void {
    const room = this.rooms.get(this.hosted!.room)!;
    room.lose(1_000);
    this.emit({ type: 'host_failed', room: room.handle });
    this.hosted = null;
    this.emit({ type: 'hosting', hosted: null });
  }

  async forgetRoom(id: string): Promise<void> {
    this.#fail();
    this.calls.push(`forget ${id}`);
  }

  async parseAddress(text: string): Promise<Target> {
    const typed = text.trim();
    if (typed === '') throw problem('address_empty');
    const invited = /^(?:maru:\/\/join\?|https?:\/\/[^#]*#)a=([^&]+)/.exec(typed)?.[1];
    const match = /^(?:([a-z]+):\/\/)?([\p{L}\p{N}.-]+)(?::(\d+))?\/?$/u.exec(invited ?? typed);
    if (!match) throw problem('address_unreadable');
    const [, scheme = 'http', host = '', port = '4567'] = match;
    if (!['http', 'https', 'ws', 'wss'].includes(scheme)) throw problem('address_scheme');
    if (Number(port) < 1 || Number(port) > 65535) throw problem('address_port');
    return { host, port: Number(port), tls: scheme === 'https' || scheme === 'wss' };
  }

  async joinRoom({ address, nickname, dialect, passphrase, take_certificate }: JoinOptions): Promise<RoomHandle> {
    const { host } = await this.parseAddress(address);
    this.calls.push(`join ${address} ${nickname}${dialect === null ? '' : ` as ${dialect}`}`);
    if (take_certificate) this.changed.delete(host);
    const asked = this.passphrases.get(host);
    if (this.changed.has(host)) throw problem('certificate_changed');
    if (asked !== undefined && passphrase === null) throw problem('passphrase_needed');
    if (asked !== undefined && passphrase !== asked) throw problem('wrong_passphrase');
    const room = this.open(host, nickname);
    // `timeout.test` fails with a timeout, and so on: every fault has an address.
    const fault = this.fault ?? (host.endsWith('.test') ? host.slice(0, -'.test'.length) : null);
    if (this.stall) return room.handle;
    if (this.away) room.keep({ by: room.you, at: this.now(), text: 'kept' }).enterKept();
    else if (fault !== null) room.lose(1_000, fault as Fault);
    else if (dialect !== null && dialect !== 'maru') room.enterForeign(dialect);
    else room.enter();
    return room.handle;
  }

  async leaveRoom(handle: RoomHandle): Promise<void> {
    this.calls.push(`leave ${handle}`);
    this.#room(handle).end('left');
  }

  async say(handle: RoomHandle, id: string, text: string): Promise<void> {
    this.calls.push(`say ${text}`);
    const room = this.#room(handle);
    room.tell({ type: 'queued', id, text, at: this.now() });
    if (room.refuse) room.tell({ type: 'unsent', id, code: room.refuse });
    else if (!room.hold) room.say(room.you, text, this.now(), id);
  }

  async dismiss(_room: RoomHandle, id: string): Promise<void> {
    this.calls.push(`dismiss ${id}`);
  }

  async rename(handle: RoomHandle, nickname: string): Promise<void> {
    const room = this.#room(handle);
    if (room.refuse) room.tell({ type: 'refused', code: room.refuse, frame: 'rename' });
    else room.renamed(room.you, nickname);
  }

  async setTyping(_room: RoomHandle, active: boolean): Promise<void> {
    this.calls.push(`typing ${active}`);
  }

  async loadHistory(handle: RoomHandle): Promise<void> {
    const room = this.#room(handle);
    const from = Math.max(0, room.heard_from - 100);
    const entries = room.log.slice(from, room.heard_from);
    room.heard_from = from;
    room.tell({ type: 'history', entries, older: from > 0 });
  }

  async loadExcerpt(handle: RoomHandle, from: number): Promise<void> {
    this.calls.push(`excerpt ${from}`);
    const room = this.#room(handle);
    const entries = room.log.slice(from - 1, from - 1 + PAGE_MAX);
    if (!room.silent) room.tell({ type: 'excerpt', entries, more: from - 1 + PAGE_MAX < room.log.length });
  }

  async search(handle: RoomHandle, words: string, before: number | null): Promise<void> {
    this.calls.push(`search ${words}${before === null ? '' : ` before ${before}`}`);
    const room = this.#room(handle);
    if (!room.silent) room.tell({ type: 'found', words, ...room.find(words, before) });
  }

  async exportRoom(_room: RoomHandle, { name, format, loaded }: ExportOptions): Promise<Exported | null> {
    this.#fail();
    this.calls.push(`export ${format} ${loaded().length > 0}`);
    return this.kind === 'browser' ? null : { path: `/home/minji/Downloads/${name}-2026-07-03.${format}` };
  }

  async openExports(): Promise<void> {
    this.calls.push('open exports');
  }

  async loadRoster(): Promise<void> {
    this.calls.push('roster');
  }

  async retryNow(handle: RoomHandle): Promise<void> {
    this.calls.push(`retry ${handle}`);
    this.#room(handle).tell({ type: 'link', link: { state: 'live' } });
  }

  async openLink(url: string): Promise<void> {
    this.calls.push(`open ${url}`);
  }

  async diagnostics(): Promise<string> {
    return 'Maru 0.1.0, fake';
  }

  async quit(): Promise<void> {
    this.calls.push('quit');
  }

  #room(handle: RoomHandle): FakeRoom {
    const room = this.rooms.get(handle);
    if (!room) throw problem('not_joined');
    return room;
  }

  #fail(): void {
    if (this.fault !== null) throw problem(this.fault);
  }
}

/** The bridge for `?fake=<scene>`, with `lang`, `theme` and `nickname` beside it. */
export function createFakeBridge(
  scene: string,
  params: URLSearchParams,
): { bridge: FakeBridge; lobby: () => Promise<Lobby | null> } {
  const played = playScene(scene, params);
  // Within reach of a test that drives the page from outside.
  Object.assign(globalThis, { maru_fake: played.bridge });
  return played;
}

export function problem(code: string): CommandError {
  return { code, message: `the fake bridge says ${code}` };
}
