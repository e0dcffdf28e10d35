/**
 * What was seen of a connection, as the inspector shows it: the latest within bounds, what of it was asked for, and each
 * as text. Pure; knows no words and no screen.
 */
import type { RoomHandle, Sight } from '../bridge/bridge';
import type { Direction } from '../bridge/generated/Direction';
import type { Header } from '../bridge/generated/Header';
import type { Opcode } from '../bridge/generated/Opcode';
import { machineTime } from '../shared/time';
import type { Seen } from '../bridge/generated/Seen';

export type Sights = ReadonlyMap<RoomHandle, readonly Sight[]>;
export type Frame = Extract<Seen, { type: 'frame' }>;

/** What is looked for among what was seen. */
export interface Filter {
  text: string;
  direction: Direction | 'all';
  opcode: Opcode | 'all';
}

/** A line of the list: something seen, or that something between two of them was let go of. */
export type Row = { kind: 'sight'; key: number; sight: Sight } | { kind: 'gap'; key: number; count: number };

/** The latest handshake, as far as it was seen. */
export interface Handshake {
  tls: Extract<Seen, { type: 'tls' }> | null;
  request: Extract<Seen, { type: 'request' }> | null;
  response: Extract<Seen, { type: 'response' }> | null;
}

/** Things shown at most: as many as the client keeps (`client::inspector::SIGHTS_MAX`). */
export const SIGHTS_MAX = 1_000;

/** Bytes of a frame in one line of a dump. */
const HEX_LINE_BYTES = 16;

/** What was seen with what comes now. A number that was there already begins anew: it is another connection's count. */
export function seen(sights: Sights, room: RoomHandle, more: readonly Sight[]): Sights {
  if (more.length === 0) return sights;
  const before = sights.get(room) ?? [];
  const last = before.at(-1);
  const again = last !== undefined && more[0]!.nth <= last.nth;
  const all = again ? more : [...before, ...more];
  return new Map(sights).set(room, all.slice(-SIGHTS_MAX));
}

export function unseen(sights: Sights, room: RoomHandle): Sights {
  const rest = new Map(sights);
  rest.delete(room);
  return rest;
}

/** The list as it is shown. A gap is one of the record, not one that the filter made. */
export function rowsOf(sights: readonly Sight[], filter: Filter, after = 0): Row[] {
  const rows: Row[] = [];
  let before: number | null = null;
  for (const sight of sights) {
    if (sight.nth <= after) continue;
    const lost: number = before === null ? 0 : sight.nth - before - 1;
    if (lost > 0) rows.push({ kind: 'gap', key: -sight.nth, count: lost });
    before = sight.nth;
    if (fits(sight.what, filter)) rows.push({ kind: 'sight', key: sight.nth, sight });
  }
  return rows;
}

/** The last upgrade to a WebSocket, or the last request where there was none. */
export function handshakeOf(sights: readonly Sight[]): Handshake {
  const found: Handshake = { tls: null, request: null, response: null };
  for (const { what } of sights) {
    if (what.type === 'tls') found.tls = what;
    else if (what.type === 'request') [found.request, found.response] = [what, null];
    else if (what.type === 'response') found.response = what;
  }
  return found;
}

/** The subprotocol that was agreed on; null for none. */
export function subprotocolOf(headers: readonly Header[]): string | null {
  return headers.find(({ name }) => name.toLowerCase() === 'sec-websocket-protocol')?.value ?? null;
}

/** One line of it, whatever it is. */
export function lineOf(what: Seen): string {
  switch (what.type) {
    case 'request':
      return what.line === '' ? what.url : what.line;
    case 'response':
      return what.line === '' ? (subprotocolOf(what.headers) ?? '') : what.line;
    case 'tls':
      return `${what.version} ${what.cipher}`;
    case 'frame':
      return oneLine(what.text);
    case 'closed':
      return [what.code ?? '', what.reason].join(' ').trim();
  }
}

/** All of it: JSON indented, other text as it is, bytes as a dump. */
export function wholeOf(what: Seen): string {
  switch (what.type) {
    case 'request':
      return [what.url, what.line, ...what.headers.map(headerLine)].filter((line) => line !== '').join('\n');
    case 'response':
      return [what.line, ...what.headers.map(headerLine)].filter((line) => line !== '').join('\n');
    case 'tls':
      return [what.version, what.cipher, `SHA-256 ${what.pin}`].join('\n');
    case 'frame':
      return what.opcode === 'text' || what.opcode === 'close' ? indented(what.text) : dump(what.text);
    case 'closed':
      return lineOf(what);
  }
}

/** As it is copied: when, which way, what, and all of it. */
export function copyOf({ at, what }: Sight): string {
  const time = machineTime(at);
  if (what.type !== 'frame') return `${time} ${what.type} ${wholeOf(what)}`;
  return `${time} ${what.direction} ${what.opcode} ${what.bytes} ${what.text}${what.cut ? '…' : ''}`;
}

function fits(what: Seen, { text, direction, opcode }: Filter): boolean {
  if (direction !== 'all' && directionOf(what) !== direction) return false;
  if (opcode !== 'all' && (what.type !== 'frame' || what.opcode !== opcode)) return false;
  const words = text.trim().normalize('NFC').toLowerCase();
  return words === '' || wholeText(what).normalize('NFC').toLowerCase().includes(words);
}

export function directionOf(what: Seen): Direction | null {
  if (what.type === 'frame') return what.direction;
  if (what.type === 'request') return 'out';
  return what.type === 'response' ? 'in' : null;
}

function wholeText(what: Seen): string {
  return what.type === 'frame' ? `${what.opcode} ${what.text}` : wholeOf(what);
}

function headerLine({ name, value }: Header): string {
  return `${name}: ${value}`;
}

/** Control characters are shown as such: a frame must not look like two. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) => {
    const code = control.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\u2421';
  });
}

function indented(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? JSON.stringify(value, null, 2) : text;
  } catch {
    return text; // Cut off, or no JSON.
  }
}

/** Lines of an offset, bytes and what they would be as ASCII. */
function dump(hex: string): string {
  const bytes = hex.match(/[0-9a-f]{2}/gi) ?? [];
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += HEX_LINE_BYTES) {
    const line = bytes.slice(at, at + HEX_LINE_BYTES);
    const ascii = line.map((byte) => parseInt(byte, 16)).map((n) => (n > 31 && n < 127 ? String.fromCharCode(n) : '.'));
    lines.push(
      `${at.toString(16).padStart(4, '0')}  ${line.join(' ').padEnd(HEX_LINE_BYTES * 3 - 1)}  ${ascii.join('')}`,
    );
  }
  return lines.join('\n');
}
