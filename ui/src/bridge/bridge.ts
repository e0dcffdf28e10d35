/**
 * The one way from the page to what lies outside it. Three implementations: `desktop` (commands and one ordered
 * channel of the Tauri shell), `browser` (a guest's own session over WebSocket) and `fake` (a room in memory, for
 * tests and screenshots). Nothing else in the page knows which of them it is talking to.
 */
import type { Address } from './generated/Address';
import type { CommandError } from './generated/CommandError';
import type { Dialect } from './generated/Dialect';
import type { Exported } from './generated/Exported';
import type { ExportFormat } from './generated/ExportFormat';
import type { FeedEvent } from './generated/FeedEvent';
import type { Hosted } from './generated/Hosted';
import type { Keeps } from './generated/Keeps';
import type { KnownRoom } from './generated/KnownRoom';
import type { LoadedPreferences } from './generated/LoadedPreferences';
import type { Member } from './generated/Member';
import type { Nearby } from './generated/Nearby';
import type { Preferences } from './generated/Preferences';
import type { Reach } from './generated/Reach';
import type { RoomEvent } from './generated/RoomEvent';
import type { Sight } from './generated/Sight';

/** Names one room that is open in this window; chosen by the bridge, meaningless outside. */
export type RoomHandle = string;

/** Where a typed text leads, or why it leads nowhere. */
export type Target = { host: string; port: number; tls: boolean };

export interface HostOptions {
  name: string;
  nickname: string;
  port: number;
  /** What to keep of what is said; null for what was chosen for this room before. */
  keeps: Keeps | null;
  /** What everybody has to show: one to set, null for none from now on; left out, what was chosen for it before. */
  passphrase?: string | null;
  /** Which web pages may come in: the room's own, or those from anywhere. */
  origins: 'own' | 'any';
  /** Whether programs that cannot show a passphrase come in without it. */
  lets_foreign_in: boolean;
  /** Whether this network is told of the room. */
  announce: boolean;
}

/** How others come in, as links: for a browser, and for the app. */
export interface Invitation {
  url: string;
  invite: string;
}

export interface ExportOptions {
  /** What the room is called: a part of the file's name. */
  name: string;
  format: ExportFormat;
  /** What the page has of the room, in that format. Asked for where nothing more of it is at hand. */
  loaded: () => string;
}

export interface JoinOptions {
  /** As typed or pasted. */
  address: string;
  nickname: string;
  /** How it is spoken there; null to find out. */
  dialect: Dialect | null;
  /** What the room asks for; null for nothing, or for what this page has shown already. */
  passphrase: string | null;
  /** The person takes the certificate that is there now, in place of the one that is known. */
  take_certificate: boolean;
}

/** Every call rejects with a `CommandError`. The page branches on its `code` and never on its `message`. */
export interface Bridge {
  readonly kind: 'desktop' | 'browser' | 'fake';
  /** How others come to the room that served this page; null where the page came from no room. */
  readonly invitation: Invitation | null;
  /** Starts the feed: first what is open already, then whatever happens. Called once. */
  listen(hear: (events: FeedEvent[]) => void): Promise<void>;

  loadPreferences(): Promise<LoadedPreferences>;
  savePreferences(preferences: Preferences): Promise<void>;

  hostRoom(options: HostOptions): Promise<Hosted>;
  stopHosting(): Promise<void>;
  /** What is known of the room that was hosted here under this name; null where there was none. */
  knownRoom(name: string): Promise<KnownRoom | null>;
  /** Tells of the rooms on this network from now on, by `nearby` events, or no longer. */
  watchNearby(on: boolean): Promise<void>;
  /** Asks the addresses of this network one by one. */
  lookHarder(): Promise<void>;
  /** Understands ws, wss, http, https, maru://join and bare host:port; rejects with a code for everything else. */
  parseAddress(text: string): Promise<Target>;
  joinRoom(options: JoinOptions): Promise<RoomHandle>;
  leaveRoom(room: RoomHandle): Promise<void>;
  /** Deletes all that is kept of a room on this machine, by the room's identifier. One that is open is left first. */
  forgetRoom(id: string): Promise<void>;

  /** Queues a message under an id chosen by the caller; saying the same id and text again is harmless. */
  say(room: RoomHandle, id: string, text: string): Promise<void>;
  /** Gives up a message that failed: it is not told again. */
  dismiss(room: RoomHandle, id: string): Promise<void>;
  rename(room: RoomHandle, nickname: string): Promise<void>;
  setTyping(room: RoomHandle, active: boolean): Promise<void>;
  loadHistory(room: RoomHandle): Promise<void>;
  /** Asks for the log from a place on, wherever that is; answered by an `excerpt` event. */
  loadExcerpt(room: RoomHandle, from: number): Promise<void>;
  /** Looks for messages that have all of the words, the latest or those before a place; answered by `found`. */
  search(room: RoomHandle, words: string, before: number | null): Promise<void>;
  loadRoster(room: RoomHandle): Promise<void>;
  /** Shows what goes over the room's connection from now on, and what is still kept of before, by `sights` events. */
  inspect(room: RoomHandle, on: boolean): Promise<void>;
  /** Dials at once instead of waiting, or again after the link has ended. */
  retryNow(room: RoomHandle): Promise<void>;

  /** Writes the room into a file: all that is kept where it was hosted here, otherwise what the page has. Null where
   *  the browser has taken it over. */
  exportRoom(room: RoomHandle, options: ExportOptions): Promise<Exported | null>;
  /** Shows the folder where such files go. */
  openExports(): Promise<void>;

  /** Opens an http, https or mailto link outside the page. */
  openLink(url: string): Promise<void>;
  /** What to paste into a bug report: versions, platform, settings, the last log lines; never what was said. */
  diagnostics(): Promise<string>;
  /** Ends the program, hosted room and all. */
  quit(): Promise<void>;
}

export type {
  Address,
  CommandError,
  Exported,
  ExportFormat,
  FeedEvent,
  Hosted,
  Dialect,
  Keeps,
  KnownRoom,
  LoadedPreferences,
  Member,
  Nearby,
  Preferences,
  Reach,
  RoomEvent,
  Sight,
};
