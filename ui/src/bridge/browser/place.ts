// Where a guest stands in the room's log: the stretch of entries heard without a hole, as two ends and a cursor.
// The entries themselves are kept once, by the page's fold; the log is dense, so its ends say how many there are.
import type { Cursor } from '../generated/Cursor';
import type { Entry } from '../generated/Entry';
import { MIRROR_ENTRIES_MAX } from './limits';

export class Place {
  #cursor: Cursor | null = null;
  /** The oldest entry heard; one past the cursor while there is none. */
  #oldest = 1;
  #older = false;

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
    return true;
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
      if (last.seq - this.#oldest >= MIRROR_ENTRIES_MAX) {
        this.#oldest = last.seq - MIRROR_ENTRIES_MAX + 1;
        this.#older = true;
      }
    }
    return fresh;
  }

  /** Takes what came before; returns what of it is new, or null for a hole. */
  prepend(entries: Entry[], older: boolean): Entry[] | null {
    const fresh = entries.filter((entry) => entry.seq < this.#oldest);
    if (!isDense(fresh, this.#oldest - fresh.length)) return null;
    this.#oldest -= fresh.length;
    // As much as is shown at once; beyond it, scrolling further back would push out what is live.
    const full = (this.#cursor?.seq ?? 0) - this.#oldest + 1 >= MIRROR_ENTRIES_MAX;
    this.#older = older && fresh.length > 0 && !full;
    return fresh;
  }
}

function isDense(entries: Entry[], first: number): boolean {
  return entries.every((entry, at) => entry.seq === first + at);
}
