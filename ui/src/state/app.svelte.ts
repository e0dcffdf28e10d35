/**
 * The page's whole state, and everything a person can do to it. It hears the bridge through the fold, and acts by
 * calling the bridge; components read it and call its verbs. Knows no markup.
 */
import { getContext, setContext } from 'svelte';
import type {
  Bridge,
  CommandError,
  Exported,
  ExportFormat,
  FeedEvent,
  Hosted,
  HostOptions,
  JoinOptions,
  Nearby,
  Preferences,
  Reach,
  RoomHandle,
  Sight,
} from '../bridge/bridge';
import type { Lobby } from '../bridge/lobby';
import type { RecentRoom } from '../bridge/generated/RecentRoom';
import { speech } from '../i18n/i18n.svelte';
import { newMessageId } from '../shared/id';
import {
  afresh,
  changed,
  closed,
  entered,
  heard,
  openRoom,
  remember,
  without,
  type OpenRoom,
  type Rooms,
} from './rooms';
import { toExport } from './export';
import { Looking } from './looking';
import { seen, unseen } from './inspector';
import { fail, fold, giveUp, type RoomState } from './room';
import { screen } from './screen.svelte';

export type Overlay =
  | { kind: 'settings' | 'keys' | 'switcher' | 'invite' | 'licences' }
  | { kind: 'quit'; members: number }
  | { kind: 'stop' | 'leave' | 'export'; room: RoomHandle }
  | { kind: 'forget'; id: string; name: string; hosted: boolean }
  | { kind: 'link'; url: string }
  /** A way into a room that needs a word of the person's, and why. */
  | { kind: 'passphrase' | 'certificate'; way: JoinOptions; code: string }
  | { kind: 'opened'; invite: string };

/** A line that passes by, for what has no place of its own. Either a message's key or the code of an error. */
export type Toast = { key: string } | { code: string };

/** The port that a host tries first; the number in every example. */
export const PORT_DEFAULT = 4567;

export class App {
  rooms = $state.raw<Rooms>(new Map());
  /** The room in view; null shows the first screen. */
  current = $state<RoomHandle | null>(null);
  hosted = $state.raw<Hosted | null>(null);
  preferences = $state.raw<Preferences>(FRESH);
  /** What the person may be called, before they have chosen: the same wherever it is asked for. */
  nickname_draft = $state('');
  /** The file that broken preferences were set aside under, until the person has seen it. */
  broken_file = $state<string | null>(null);
  lobby = $state.raw<Lobby | null>(null);
  overlay = $state.raw<Overlay | null>(null);
  toast = $state.raw<Toast | null>(null);
  ready = $state(false);
  /** In one column: the list instead of the room. */
  list_shown = $state(false);
  /** The details where there is space beside the talk, and where they lie over it. */
  details_beside = $state(true);
  details_over = $state(false);
  /** Looking for messages in the room in view, where the details are otherwise. */
  search_shown = $state(false);
  /** What goes over the connection of the room in view, where the details are otherwise. */
  inspector_shown = $state(false);
  /** What was seen of the connections of those rooms that are looked at. */
  sights = $state.raw<ReadonlyMap<RoomHandle, readonly Sight[]>>(new Map());
  /** The rooms on this network, and whether it is being searched address by address. */
  nearby = $state.raw<readonly Nearby[]>([]);
  scanning = $state(false);
  /** Whether others reach the hosted room; null before that is known. */
  reach = $state.raw<Reach | null>(null);

  list = $derived(entered(this.rooms));
  open = $derived(this.current === null ? null : (this.rooms.get(this.current) ?? null));
  unread = $derived(this.list.reduce((sum, open) => sum + open.unread, 0));
  details_shown = $derived(screen.wide ? this.details_beside : this.details_over);

  readonly bridge: Bridge;
  /** What one looks for in a room, and where one has gone for it. */
  readonly looking: Looking;
  readonly drafts = new Map<RoomHandle, string>();
  /** Where the last room was opened: opened again, it should be found at the same place. */
  #port = PORT_DEFAULT;
  /** How the last room was opened, for when it is opened again. */
  #opened: HostOptions | null = null;
  #giveUpDialling = (): void => {};
  readonly #entering = new Map<RoomHandle, { since: number; done: (fault: string | null) => void }>();

  constructor(bridge: Bridge) {
    this.bridge = bridge;
    this.looking = new Looking(
      bridge,
      (handle) => this.rooms.get(handle),
      (handle, change) => this.#change(handle, change),
    );
  }

  /** A guest's page is of one room: there is nothing to host, and nowhere else to go. */
  get guest(): boolean {
    return this.bridge.kind === 'browser';
  }

  /** Preferences first, so that nothing is ever shown in the wrong language or theme; then the feed. */
  async start(lobby: () => Promise<Lobby | null>): Promise<void> {
    await this.bridge.loadPreferences().then(
      ({ preferences, notice, languages }) => {
        speech.system = languages;
        this.preferences = preferences;
        this.broken_file = notice?.file ?? null;
      },
      () => undefined,
    );
    speech.choose(this.preferences.language);
    await this.bridge.listen((events) => this.hear(events));
    if (this.guest) {
      void lobby().then((said) => (this.lobby = said));
    }
    this.ready = true;
  }

  hear(events: readonly FeedEvent[]): void {
    const now = Date.now();
    let rooms = this.rooms;
    for (const event of events) {
      if (event.type === 'hosting') this.#hostingHeard(event.hosted);
      else if (event.type === 'quit_asked') this.overlay = { kind: 'quit', members: event.members };
      else if (event.type === 'nearby') [this.nearby, this.scanning] = [event.rooms, event.is_scanning];
      else if (event.type === 'reach') this.reach = event.reach;
      else if (event.type === 'opened') this.overlay = { kind: 'opened', invite: event.invite };
      else if (event.type === 'sights') this.sights = seen(this.sights, event.room, event.sights);
      else if (event.type === 'host_failed') rooms = changed(rooms, event.room, (open) => ({ ...open, failed: true }));
      else if (event.type === 'reset') rooms = changed(rooms, event.room, (open) => afresh(open, now));
      else if (event.type === 'closed') rooms = closed(rooms, event.room, now);
      else if (event.type === 'room') {
        rooms = heard(rooms, event.room, event.event, this.#watches(event.room), now);
        if (event.event.type === 'refused' && !PLACED.has(event.event.frame)) this.toast = { code: event.event.code };
      }
    }
    const before = this.rooms;
    this.rooms = rooms;
    for (const [handle, open] of rooms) this.looking.askOn(handle, before.get(handle)?.excerpt ?? null, open);
    for (const event of events) {
      if (event.type === 'room') this.#settle(event.room, event.event.type === 'entered');
      else if (event.type === 'closed') this.#entering.get(event.room)?.done('left');
    }
    // Rooms that were open before this page was (a reload) come back into view.
    if (this.current === null && !this.ready && this.list.length > 0) this.show(this.list[0]!.handle);
  }

  // Rooms

  /** What is not chosen is as it was for this room before, or as it usually is. */
  async host(name: string, nickname: string, choice: Partial<HostOptions> = {}): Promise<void> {
    await this.#keepNickname(nickname);
    const since = Date.now();
    const usual = { port: this.#port, keeps: null, announce: this.preferences.announce };
    const options: HostOptions = { origins: 'own', lets_foreign_in: false, ...usual, ...choice, name, nickname };
    this.#port = options.port;
    const hosted = await this.bridge.hostRoom(options);
    this.#opened = options;
    this.hosted ??= hosted;
    await this.#enter(hosted.room, null, since);
  }

  /** Rejects with what keeps us out: with `asked` where a dialog asks the person about it now. */
  async join(address: string, nickname: string, choice: Partial<JoinOptions> = {}): Promise<void> {
    const usual = { dialect: null, passphrase: null, take_certificate: false };
    const way: JoinOptions = { ...usual, ...choice, address, nickname };
    try {
      await this.#join(way);
    } catch (error) {
      throw this.#ask(way, codeOf(error)) ? ({ code: 'asked', message: '' } satisfies CommandError) : error;
    }
  }

  async #join(way: JoinOptions): Promise<void> {
    const { address, nickname } = way;
    await this.#keepNickname(nickname);
    const since = Date.now();
    const dialling = this.bridge.joinRoom(way);
    const open_before = new Set(this.rooms.keys());
    const given_up = new Promise<null>((done) => (this.#giveUpDialling = () => done(null)));
    const handle = await Promise.race([dialling, given_up]);
    if (handle !== null) return this.#enter(handle, address, since);
    // Where it answers after all, it is left again, unless it was open anyway.
    dialling.then(
      (late) => open_before.has(late) || this.forget(late),
      () => undefined,
    );
    throw { code: 'cancelled', message: '' } satisfies CommandError;
  }

  /** Gives up on a room that has not let us in yet; `join` then rejects with `cancelled`. */
  cancelEntering(): void {
    this.#giveUpDialling();
    for (const { done } of this.#entering.values()) done('cancelled');
  }

  /** A room that was left or closed, once more. There is nowhere to write before it is clear where that goes. */
  async rejoin(open: OpenRoom): Promise<void> {
    const { handle, room } = open;
    const known = this.addressOf(open);
    const fault = room.link.state === 'ended' ? room.link.fault : null;
    const nickname = room.you?.nickname ?? this.preferences.nickname ?? '';
    if (fault !== null && known !== null) {
      const way = { address: known, nickname, dialect: null, passphrase: null, take_certificate: false };
      if (this.#ask(way, fault)) return;
    }
    try {
      await this.bridge.retryNow(handle);
    } catch (error) {
      if (!GONE.has(codeOf(error)) || known === null) return this.#ended(handle, room, error);
      try {
        await this.join(known, nickname);
        if (this.current !== handle) this.forget(handle);
      } catch (again) {
        this.#ended(handle, room, again);
      }
    }
  }

  async reopen(open: OpenRoom): Promise<void> {
    const before = this.#opened?.name === open.room.name ? this.#opened : null;
    const doors = before && {
      origins: before.origins,
      lets_foreign_in: before.lets_foreign_in,
      announce: before.announce,
    };
    await this.host(open.room.name, open.room.you?.nickname ?? this.preferences.nickname ?? '', doors ?? {});
    if (this.current !== open.handle) this.forget(open.handle);
  }

  /** Where a room was found; null for one of our own, or where that is not known. */
  addressOf({ address, room }: OpenRoom): string | null {
    return address ?? this.preferences.recent_rooms.find((one) => one.id === room.id)?.address ?? null;
  }

  /** Rooms on this network are told of for as long as somebody looks at the first screen. */
  watchNearby(on: boolean): void {
    void this.bridge.watchNearby(on).catch(() => undefined);
  }

  lookHarder(): void {
    this.#do(this.bridge.lookHarder());
  }

  tryNow(handle: RoomHandle): void {
    this.#do(this.bridge.retryNow(handle));
  }

  leave(handle: RoomHandle): void {
    const gone = () =>
      this.#change(handle, (one) => ({ ...one, room: fold(one.room, { type: 'link', link: LEFT }, Date.now()) }));
    this.#do(this.bridge.leaveRoom(handle).then(gone));
  }

  stopHosting(): void {
    this.#do(this.bridge.stopHosting());
  }

  /** Takes a room off the list; its history goes with it. */
  forget(handle: RoomHandle): void {
    // Also one that has ended: the bridge still holds it.
    void this.bridge.leaveRoom(handle).catch(() => undefined);
    this.rooms = without(this.rooms, handle);
    this.drafts.delete(handle);
    if (this.current === handle) this.show(this.list[0]?.handle ?? null);
  }

  /** Forgets all that is kept of a room on this machine. An open one is left and put away first. */
  async forgetKept(id: string): Promise<void> {
    try {
      await this.bridge.forgetRoom(id);
      const recent_rooms = this.preferences.recent_rooms.filter((one) => one.id !== id);
      await this.prefer({ recent_rooms });
      this.list.filter(({ room }) => room.id === id).forEach(({ handle }) => this.forget(handle));
    } catch (error) {
      this.toast = { code: codeOf(error) };
    }
  }

  /** The person has read that what was kept here could not be, and is kept anew. */
  understood(handle: RoomHandle): void {
    this.#change(handle, (open) => ({ ...open, room: fold(open.room, { type: 'notebook', fault: null }) }));
  }

  show(handle: RoomHandle | null): void {
    const before = this.current;
    if (before !== null && before !== handle) this.#change(before, (open) => ({ ...open, read_to: null }));
    this.current = handle;
    this.list_shown = false;
    this.details_over = false;
    this.search_shown = false;
    if (!screen.wide) this.inspector_shown = false;
    this.markRead();
  }

  /** Somebody looks at the current room. */
  markRead(): void {
    if (this.current === null || !screen.watched || !this.open?.unread) return;
    this.#change(this.current, (open) => ({ ...open, unread: 0 }));
  }

  step(by: 1 | -1): void {
    const at = this.list.findIndex((open) => open.handle === this.current);
    const next = this.list[(at + by + this.list.length) % this.list.length];
    if (next) this.show(next.handle);
  }

  nextUnread(): void {
    const next = this.list.find((open) => open.unread > 0 && open.handle !== this.current);
    if (next) this.show(next.handle);
  }

  toggleDetails(): void {
    if (this.search_shown || this.inspector_shown) {
      this.search_shown = this.inspector_shown = false;
      if (this.details_shown) return;
    }
    if (screen.wide) this.details_beside = !this.details_beside;
    else this.details_over = !this.details_over;
  }

  toggleInspector(): void {
    if (this.open?.room.id == null) return;
    this.inspector_shown = !this.inspector_shown;
    this.search_shown = false;
    this.details_over = false;
  }

  /** What goes over a room's connection is told for as long as somebody looks. */
  inspect(handle: RoomHandle, on: boolean): void {
    void this.bridge.inspect(handle, on).catch(() => undefined);
    if (!on) this.sights = unseen(this.sights, handle);
  }

  // In a room

  /** Shown as pending before the bridge has even heard of it; what the bridge says about it comes under the same id. */
  say(handle: RoomHandle, text: string, id = newMessageId()): void {
    const event = { type: 'queued', id, text, at: Date.now() } as const;
    this.#change(handle, (open) => ({ ...open, room: fold(open.room, event), read_to: null }));
    this.bridge.say(handle, id, text).catch((error: unknown) => {
      this.#change(handle, (open) => ({ ...open, room: fail(open.room, id, codeOf(error)) }));
    });
  }

  sayAgain(handle: RoomHandle, id: string): void {
    const message = this.rooms.get(handle)?.room.pending.find((one) => one.id === id);
    if (!message) return;
    if (message.code !== 'id_reused') return this.say(handle, message.text, id);
    this.giveUp(handle, id);
    this.say(handle, message.text);
  }

  giveUp(handle: RoomHandle, id: string): void {
    // One that never left the page is unknown there, and nothing to give up.
    void this.bridge.dismiss(handle, id).catch(() => undefined);
    this.#change(handle, (open) => ({ ...open, room: giveUp(open.room, id) }));
  }

  setTyping(handle: RoomHandle, active: boolean): void {
    void this.bridge.setTyping(handle, active).catch(() => undefined);
  }

  loadHistory(handle: RoomHandle): void {
    void this.bridge.loadHistory(handle).catch(() => undefined);
  }

  // Looking for something in it

  openSearch(): void {
    if (this.open?.room.id == null || (this.open.room.dialect !== 'maru' && !this.open.room.can.includes('search')))
      return;
    this.details_over = this.inspector_shown = false;
    this.search_shown = true;
  }

  /** The room as a file. Rejects with what went wrong. */
  exportRoom(open: OpenRoom, format: ExportFormat): Promise<Exported | null> {
    const loaded = () => toExport(open.room, format, speech.language);
    return this.bridge.exportRoom(open.handle, { name: open.room.name, format, loaded });
  }

  openExports(): void {
    this.#do(this.bridge.openExports());
  }

  loadRoster(handle: RoomHandle): void {
    void this.bridge.loadRoster(handle).catch(() => undefined);
  }

  // The person

  async rename(nickname: string): Promise<void> {
    await this.#keepNickname(nickname);
    const live = this.list.filter((open) => open.room.link.state !== 'ended');
    await Promise.all(live.map((open) => this.bridge.rename(open.handle, nickname)));
  }

  async prefer(change: Partial<Preferences>): Promise<void> {
    this.preferences = { ...this.preferences, ...change };
    if (change.language) speech.choose(change.language);
    try {
      await this.bridge.savePreferences(this.preferences);
    } catch (error) {
      this.toast = { code: codeOf(error) };
    }
  }

  openLink(url: string): void {
    this.#do(this.bridge.openLink(url));
  }

  close(): void {
    this.overlay = null;
  }

  quit(): void {
    this.#do(this.bridge.quit());
  }

  #watches(handle: RoomHandle): boolean {
    return handle === this.current && screen.watched && !(screen.narrow && this.list_shown);
  }

  /** Resolves once the room has let us in; rejects with the first thing that keeps us out, and stops trying. */
  async #enter(handle: RoomHandle, address: string | null, since: number): Promise<void> {
    if (!this.rooms.has(handle)) this.rooms = new Map(this.rooms).set(handle, openRoom(handle, since));
    this.#change(handle, (open) => ({ ...open, address }));
    const fault = await new Promise<string | null>((done) => {
      this.#entering.set(handle, { since, done });
      this.#settle(handle, false);
    });
    this.#entering.delete(handle);
    if (fault !== null) {
      this.rooms = without(this.rooms, handle);
      await this.bridge.leaveRoom(handle).catch(() => undefined);
      throw { code: fault, message: '' } satisfies CommandError;
    }
    this.#remember(handle);
    this.show(handle);
  }

  /** Decides an entering that waits, by how the room stands now. */
  #settle(handle: RoomHandle, just_entered: boolean): void {
    const room = this.rooms.get(handle)?.room;
    const entering = this.#entering.get(handle);
    if (!room) return;
    if (entering) {
      const { link } = room;
      const failed = link.state === 'ended' || link.state === 'waiting';
      // A room that was open before is simply gone to; how its connection does is told there.
      const of_before = room.link_at < entering.since;
      if (room.kept && link.state !== 'ended') entering.done(null);
      else if (failed && !of_before) entering.done(link.fault);
      else if (room.id !== null) entering.done(null);
    } else if (just_entered) this.#remember(handle);
  }

  #remember(handle: RoomHandle): void {
    const open = this.rooms.get(handle);
    if (!open || open.room.id === null || this.guest) return;
    const known = this.preferences.recent_rooms.find((one) => one.id === open.room.id);
    const own = this.hosted?.room === handle;
    const address = own ? null : (open.address ?? known?.address ?? null);
    if (!own && address === null) return;
    const room: RecentRoom = { id: open.room.id, name: open.room.name, address, at: Date.now() };
    void this.prefer({ recent_rooms: remember(this.preferences.recent_rooms, room) });
  }

  /** Asks the person for what a way into a room lacks. A guest's page has a place of its own for that. */
  #ask(way: JoinOptions, code: string): boolean {
    const kind = ASKS[code];
    if (!kind || this.guest) return false;
    this.overlay = { kind, way, code };
    return true;
  }

  #hostingHeard(hosted: Hosted | null): void {
    if (hosted?.room !== this.hosted?.room) this.reach = null;
    this.hosted = hosted;
  }

  #ended(handle: RoomHandle, before: RoomState, error: unknown): void {
    this.#change(handle, (one) => ({ ...one, room: { ...one.room, link: before.link } }));
    if (codeOf(error) !== 'asked') this.toast = { code: codeOf(error) };
  }

  async #keepNickname(nickname: string): Promise<void> {
    if (nickname !== this.preferences.nickname) await this.prefer({ nickname });
  }

  #change(handle: RoomHandle, change: (open: OpenRoom) => OpenRoom): void {
    this.rooms = changed(this.rooms, handle, change);
  }

  #do(act: Promise<unknown>): void {
    act.catch((error: unknown) => (this.toast = { code: codeOf(error) }));
  }
}

/** The code of what a bridge rejected with; anything else has none. */
export function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : 'unknown';
}

/** Frames whose refusal is shown where they were asked. */
const PLACED = new Set<string | null>(['search']);

/** What one is asked where a room does not let us in. */
const ASKS: Record<string, 'passphrase' | 'certificate' | undefined> = {
  passphrase_needed: 'passphrase',
  wrong_passphrase: 'passphrase',
  certificate_changed: 'certificate',
};

/** What a bridge rejects with for a room that it does not have open any more. */
const GONE = new Set(['not_joined', 'no_such_room']);
const LEFT = { state: 'ended', fault: 'left' } as const;
const FRESH: Preferences = {
  version: 1,
  nickname: null,
  language: 'system',
  theme: 'system',
  announce: true,
  recent_rooms: [],
  window: null,
};

const KEY = Symbol('app');
export const provideApp = (app: App): App => setContext(KEY, app);
export const useApp = (): App => getContext<App>(KEY);
