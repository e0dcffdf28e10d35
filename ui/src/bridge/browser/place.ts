// Where a guest stands in the room's log: the stretch of entries heard without a hole, as two ends and a cursor.
// The entries themselves are kept once, by the page's fold; here is only how long each of the latest is, so that what
// is said live pushes out the same here and there.
import type { Cursor } from '../generated/Cursor';
import type { Entry } from '../generated/Entry';
import { utf8Bytes } from '../../shared/utf8';
import { MIRROR_BYTES_MAX, MIRROR_ENTRIES_MAX } from './limits';

export class Place {
  #cursor: Cursor | null = null;
  /** The oldest entry shown; one past the cursor while there is none. */
  #oldest = 1;
  #older = false;
  /** Bytes of text of each of the latest entries up to the cursor, within the bounds. */
  #sizes: number[] = [];
  #bytes = 0;

  /** What to show the room in order to hear what follows; null before anything was heard. */
  get cursor(): Cursor | null {
    return this.#cursor;
  }

  get oldest(): number {
    return this.#oldest;
  }

  /** Whether the room has more before the oldest. */
  get older(): boolean {
    return this.#older;
  }

  /** The latest page of a log of which nothing, or something else, was heard so far. False if it has a hole. */
  begin(head: Cursor, entries: Entry[], older: boolean): boolean {
    const first = entries[0]?.seq ?? head.seq + 1;
    if (!isDense(entries, first)) return false;
    const last = entries.at(-1);
    // Where the page ends before the head, what comes next shows the hole, and resuming fills it.
    this.#cursor = last ? { epoch: head.epoch, seq: last.seq, hash: last.hash } : head;
    this.#oldest = first;
    this.#older = older;
    this.#sizes = entries.map(textBytes);
    this.#bytes = sum(this.#sizes);
    this.#trim();
    return true;
  }

  /** A restored room goes on in a new epoch, and still knows the places that both share. */
  continueIn(epoch: string): void {
    if (this.#cursor) this.#cursor = { ...this.#cursor, epoch };
  }

  /** Takes what follows; returns what of it is new, or null for a hole. */
  append(entries: Entry[]): Entry[] | null {
    const cursor = this.#cursor;
    if (!cursor) return null;
    const fresh = entries.filter((entry) => entry.seq > cursor.seq);
    if (!isDense(fresh, cursor.seq + 1)) return null;
    const last = fresh.at(-1);
    if (last) {
      this.#cursor = { epoch: cursor.epoch, seq: last.seq, hash: last.hash };
      const sizes = fresh.map(textBytes);
      this.#sizes.push(...sizes);
      this.#bytes += sum(sizes);
      this.#trim();
    }
    return fresh;
  }

  /** Takes what came before; returns what of it is new, or null for a hole. */
  prepend(entries: Entry[], older: boolean): Entry[] | null {
    const fresh = entries.filter((entry) => entry.seq < this.#oldest);
    if (!isDense(fresh, this.#oldest - fresh.length)) return null;
    // Past the bounds they are shown all the same, so that scrolling back ends with the first entry only.
    const adjoins = this.#cursor !== null && this.#oldest === this.#cursor.seq + 1 - this.#sizes.length;
    let kept = 0;
    for (const size of adjoins ? fresh.map(textBytes).reverse() : []) {
      if (this.#sizes.length + kept >= MIRROR_ENTRIES_MAX || this.#bytes + size > MIRROR_BYTES_MAX) break;
      this.#bytes += size;
      kept += 1;
    }
    this.#sizes.unshift(...fresh.slice(fresh.length - kept).map(textBytes));
    this.#oldest -= fresh.length;
    this.#older = older && fresh.length > 0;
    return fresh;
  }

  /** Lets go of the oldest, and of what was shown before them; the room has them still. */
  #trim(): void {
    let over = Math.max(0, this.#sizes.length - MIRROR_ENTRIES_MAX);
    for (const size of this.#sizes.slice(0, over)) this.#bytes -= size;
    for (; this.#bytes > MIRROR_BYTES_MAX; over += 1) this.#bytes -= this.#sizes[over] ?? this.#bytes;
    this.#sizes.splice(0, over);
    const first = (this.#cursor?.seq ?? 0) + 1 - this.#sizes.length;
    if (this.#oldest >= first) return;
    this.#oldest = first;
    this.#older = true;
  }
}

function isDense(entries: Entry[], first: number): boolean {
  return entries.every((entry, at) => entry.seq === first + at);
}

function textBytes(entry: Entry): number {
  return entry.kind === 'said' ? utf8Bytes(entry.text) : 0;
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((all, one) => all + one, 0);
}
