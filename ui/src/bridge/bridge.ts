/**
 * The one way from the page to what lies outside it. Three implementations: `desktop` (commands and one ordered
 * channel of the Tauri shell), `browser` (a guest's own session over WebSocket) and `fake` (a room in memory, for
 * tests and screenshots). Nothing else in the page knows which of them it is talking to.
 */
import type { Member } from './generated/Member';
import type { Preferences } from './generated/Preferences';
import type { RoomEvent } from './generated/RoomEvent';

/** Names one room that is open in this window; chosen by the bridge, meaningless outside. */
export type RoomHandle = string;

/** One address others can use, best first in every list. */
export interface Address {
  /** What to type or scan, e.g. `http://192.168.0.10:4567/`. */
  url: string;
  /** What lies behind it; drawn as a hint beside the address. */
  kind: 'lan' | 'vpn' | 'virtual' | 'loopback' | 'name';
}

/** A room that this window hosts. */
export interface Hosted {
  room: RoomHandle;
  name: string;
  port: number;
  /** The port that was asked for, where it was taken and the next free one was used. */
  asked_port: number | null;
  addresses: Address[];
}

/** Where a typed text leads, or why it leads nowhere. */
export type Target = { host: string; port: number; tls: boolean };

/** What every call rejects with. The page branches on `code` and never on `message`. */
export interface CommandError {
  code: string;
  message: string;
}

export interface HostOptions {
  name: string;
  nickname: string;
  port: number;
}

export interface JoinOptions {
  /** As typed or pasted. */
  address: string;
  nickname: string;
}

/** What comes from outside by itself, in order. */
export type FeedEvent =
  | { type: 'room'; room: RoomHandle; event: RoomEvent }
  /** Forget what was heard of this room here: it is told again from the start (opened, or fallen behind). */
  | { type: 'reset'; room: RoomHandle }
  /** The room is not open in this window any more. */
  | { type: 'closed'; room: RoomHandle }
  /** The hosted room, on every change of it; null once hosting has ended. */
  | { type: 'hosting'; hosted: Hosted | null }
  /** The person wants to close the window while a room with others in it is hosted. */
  | { type: 'quit_asked'; members: number };

/** The preferences, and what to tell about how they were found. */
export interface LoadedPreferences {
  preferences: Preferences;
  /** `broken`: the file could not be read, was set aside under `file`, and defaults are in force. */
  notice: { code: 'broken'; file: string } | null;
}

export interface Bridge {
  readonly kind: 'desktop' | 'browser' | 'fake';
  /** Starts the feed: first what is open already, then whatever happens. Called once. */
  listen(hear: (events: FeedEvent[]) => void): Promise<void>;

  loadPreferences(): Promise<LoadedPreferences>;
  savePreferences(preferences: Preferences): Promise<void>;

  hostRoom(options: HostOptions): Promise<Hosted>;
  stopHosting(): Promise<void>;
  /** Understands ws, wss, http, https, maru://join and bare host:port; rejects with a code for everything else. */
  parseAddress(text: string): Promise<Target>;
  joinRoom(options: JoinOptions): Promise<RoomHandle>;
  leaveRoom(room: RoomHandle): Promise<void>;

  /** Queues a message under an id chosen by the caller; saying the same id and text again is harmless. */
  say(room: RoomHandle, id: string, text: string): Promise<void>;
  rename(room: RoomHandle, nickname: string): Promise<void>;
  setTyping(room: RoomHandle, active: boolean): Promise<void>;
  loadHistory(room: RoomHandle): Promise<void>;
  loadRoster(room: RoomHandle): Promise<void>;
  /** Dials at once instead of waiting, or again after the link has ended. */
  retryNow(room: RoomHandle): Promise<void>;

  /** Opens an http, https or mailto link outside the page. */
  openLink(url: string): Promise<void>;
  /** What to paste into a bug report: versions, platform, settings, the last log lines; never what was said. */
  diagnostics(): Promise<string>;
  /** Ends the program, hosted room and all. */
  quit(): Promise<void>;
}

export type { Member, Preferences, RoomEvent };
