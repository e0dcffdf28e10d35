// What the person said and the room has not yet taken, in order. Paces itself by what the room states, so that no
// line is lost to its limits. Knows no socket and no clock.
import { utf8Bytes } from '../../shared/utf8';
import { IN_FLIGHT_MAX, OUTBOX_MESSAGES_MAX, TOO_FAST_PAUSE_MS } from './limits';

export interface Line {
  id: string;
  text: string;
  /** When it was said, in milliseconds since the Unix epoch. */
  at: number;
}

/** Parts of the room's rate and burst that are used, so that nothing of an emptied outbox is refused for a clock that
 *  runs a little differently. As in `crates/client/src/session/outbox.rs`. */
const RATE_PART = 0.9;
const BURST_PART = 0.5;

/** What adding up fractions of a message may lose. */
const ROUNDING = 1e-6;

export class Outbox {
  /** In the order they were said. */
  #lines = new Map<string, { text: string; at: number; cost: number; inFlight: boolean }>();
  #inFlight = 0;
  #ratePerSecond = 1;
  #burst = 1;
  /** Messages of cost 1 that may be said at once, as of `#countedAt`; null before a room stated its limits. */
  #allowance: number | null = null;
  #countedAt = 0;
  #pausedUntil = 0;

  /** Saying the same id and text again changes nothing. */
  put(line: Line): 'taken' | 'full' | 'id_reused' {
    const known = this.#lines.get(line.id);
    if (known) return known.text === line.text ? 'taken' : 'id_reused';
    if (this.#lines.size >= OUTBOX_MESSAGES_MAX) return 'full';
    this.#lines.set(line.id, { text: line.text, at: line.at, cost: sayCost(line.text), inFlight: false });
    return 'taken';
  }

  has(id: string): boolean {
    return this.#lines.has(id);
  }

  /** The room took it, or refused it for good. */
  settle(id: string): void {
    if (this.#lines.get(id)?.inFlight) this.#inFlight -= 1;
    this.#lines.delete(id);
  }

  /** A new connection: whatever was under way may be lost, so all is said again. Ids make that harmless. */
  startOver(ratePerSecond: number, burst: number, now: number): void {
    for (const line of this.#lines.values()) line.inFlight = false;
    this.#inFlight = 0;
    this.#ratePerSecond = Math.max(1, ratePerSecond) * RATE_PART;
    this.#burst = Math.max(1, Math.floor(burst * BURST_PART));
    // The room may count by member and not by connection: coming back does not renew the allowance.
    this.#allowance = this.#allowance === null ? this.#burst : this.#allowed(now);
    this.#countedAt = now;
  }

  /** The room refused it for speed: it is said again after a pause, and what follows waits behind it. */
  pause(id: string, now: number): void {
    const line = this.#lines.get(id);
    if (!line?.inFlight) return;
    line.inFlight = false;
    this.#inFlight -= 1;
    this.#pausedUntil = now + TOO_FAST_PAUSE_MS;
    this.#allowance = 1;
    this.#countedAt = this.#pausedUntil;
  }

  /** The next line that may be said now. */
  poll(now: number): Pick<Line, 'id' | 'text'> | null {
    if (now < this.#pausedUntil || this.#inFlight >= IN_FLIGHT_MAX) return null;
    const allowed = this.#allowed(now);
    for (const [id, line] of this.#lines) {
      if (line.inFlight) continue;
      if (allowed < this.#needed(line.cost) - ROUNDING) return null;
      line.inFlight = true;
      this.#inFlight += 1;
      this.#allowance = allowed - line.cost;
      this.#countedAt = now;
      return { id, text: line.text };
    }
    return null;
  }

  /** When `poll` may have one by the passing of time alone. */
  timeout(): number | null {
    if (this.#inFlight >= IN_FLIGHT_MAX || this.#lines.size === this.#inFlight) return null;
    const next = [...this.#lines.values()].find((line) => !line.inFlight);
    const missing = Math.max(0, this.#needed(next?.cost ?? 1) - (this.#allowance ?? 0));
    return Math.max(this.#pausedUntil, this.#countedAt + Math.ceil((missing * 1000) / this.#ratePerSecond));
  }

  /** Something else takes its part of the rate: `part` of a second's worth. It goes once that is there. */
  takeBesides(part: number, now: number): boolean {
    const cost = Math.max(1, (this.#ratePerSecond / RATE_PART) * part);
    const allowed = this.#allowed(now);
    if (now < this.#pausedUntil || allowed < this.#needed(cost) - ROUNDING) return false;
    this.#allowance = allowed - cost;
    this.#countedAt = now;
    return true;
  }

  /** When `takeBesides` will take it. */
  besidesAt(part: number): number {
    const cost = Math.max(1, (this.#ratePerSecond / RATE_PART) * part);
    const missing = Math.max(0, this.#needed(cost) - (this.#allowance ?? 0));
    return Math.max(this.#pausedUntil, this.#countedAt + Math.ceil((missing * 1000) / this.#ratePerSecond));
  }

  /** All that waits, in the order it was said. */
  lines(): Line[] {
    return [...this.#lines].map(([id, { text, at }]) => ({ id, text, at }));
  }

  ids(): string[] {
    return [...this.#lines.keys()];
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** A line that costs more than a burst goes out of a full allowance, and what follows waits until it is paid. */
  #needed(cost: number): number {
    return Math.min(cost, this.#burst);
  }

  #allowed(now: number): number {
    const earned = (Math.max(0, now - this.#countedAt) * this.#ratePerSecond) / 1000;
    return Math.min(this.#burst, (this.#allowance ?? 0) + earned);
  }
}

/** What a message takes of the rate: `crates/wire/src/frames.rs` say_cost. */
function sayCost(text: string): number {
  return 1 + Math.floor(utf8Bytes(text) / 1024);
}
