// What a guest's page sees of its own connection, for whoever looks at it: where it dialled, what was agreed on, every
// frame, how it ended. The headers of the handshake and pings are the browser's own, and hidden from a page.
import { utf8Bytes } from '../../shared/utf8';
import type { Direction } from '../generated/Direction';
import type { Seen } from '../generated/Seen';
import type { Sight } from '../generated/Sight';

/** As many, and as much of each, as the app keeps (`client::inspector`). */
const SIGHTS_MAX = 1_000;
const TEXT_CHARS_MAX = 8 * 1024;
const TEXT_CHARS_ALL_MAX = 1024 * 1024;

/** The frames that prove a passphrase, and what of them is no secret (`client::inspector`). */
const SECRET_FRAMES = ['authenticate', 'challenge', 'authenticated'];
const OPEN_FIELDS = new Set(['type', 'mechanism']);

export class Sightings {
  readonly #tell: (sights: Sight[]) => void;
  readonly #sights: Sight[] = [];
  #chars = 0;
  #last = 0;
  #shown = false;

  constructor(tell: (sights: Sight[]) => void) {
    this.#tell = tell;
  }

  /** Tells what is kept, and from now on what comes; or no longer. */
  show(on: boolean): void {
    this.#shown = on;
    if (on && this.#sights.length > 0) this.#tell([...this.#sights]);
  }

  dialled(url: string, subprotocol: string): void {
    this.#see({ type: 'request', url, line: '', headers: [{ name: 'Sec-WebSocket-Protocol', value: subprotocol }] });
  }

  opened(subprotocol: string): void {
    const headers = subprotocol === '' ? [] : [{ name: 'Sec-WebSocket-Protocol', value: subprotocol }];
    this.#see({ type: 'response', line: '', headers });
  }

  frame(direction: Direction, said: string): void {
    const bytes = utf8Bytes(said);
    const text = withoutSecrets(said);
    const cut = text.length > TEXT_CHARS_MAX;
    const shown = cut ? text.slice(0, TEXT_CHARS_MAX) : text;
    this.#see({ type: 'frame', direction, opcode: 'text', bytes, text: shown, cut });
  }

  closed(code: number, reason: string): void {
    this.#see({ type: 'closed', code, reason });
  }

  #see(what: Seen): void {
    const sight = { nth: (this.#last += 1), at: Date.now(), what };
    this.#sights.push(sight);
    this.#chars += charsOf(sight);
    while (this.#sights.length > SIGHTS_MAX || this.#chars > TEXT_CHARS_ALL_MAX) {
      this.#chars -= charsOf(this.#sights.shift()!);
    }
    if (this.#shown) this.#tell([sight]);
  }
}

/** What proves a passphrase is left out: with a copy of it, passphrases could be tried elsewhere. */
function withoutSecrets(text: string): string {
  if (!SECRET_FRAMES.some((secret) => text.includes(secret))) return text;
  try {
    const frame = JSON.parse(text) as Record<string, unknown>;
    if (!SECRET_FRAMES.includes(String(frame.type))) return text;
    const shown = Object.entries(frame).map(([name, value]) => [name, OPEN_FIELDS.has(name) ? value : '…']);
    return JSON.stringify(Object.fromEntries(shown));
  } catch {
    return text;
  }
}

function charsOf({ what }: Sight): number {
  return what.type === 'frame' ? what.text.length : 0;
}
