/**
 * Looking for something in a room and going there: asks the bridge what the pure states of `search.ts` and `excerpt.ts`
 * want to know. Keeps nothing of its own.
 */
import type { Bridge, RoomHandle } from '../bridge/bridge';
import { excerptAt, further, holds, type Asked, type Excerpt } from './excerpt';
import { keyOf } from './room';
import type { OpenRoom } from './rooms';
import { lookFor, lookFurther, oldestFound, wordsOf, type Search } from './search';

export class Looking {
  readonly #bridge: Bridge;
  readonly #open: (handle: RoomHandle) => OpenRoom | undefined;
  readonly #change: (handle: RoomHandle, change: (open: OpenRoom) => OpenRoom) => void;

  constructor(
    bridge: Bridge,
    open: (handle: RoomHandle) => OpenRoom | undefined,
    change: (handle: RoomHandle, change: (open: OpenRoom) => OpenRoom) => void,
  ) {
    this.#bridge = bridge;
    this.#open = open;
    this.#change = change;
  }

  /** What the person has written so far is looked for; the same again asks anew. */
  search(handle: RoomHandle, typed: string, composing = false): void {
    const before = this.#open(handle);
    if (!before) return;
    this.#ask(handle, lookFor({ ...before.search, typed }, wordsOf(typed, composing)), null);
  }

  searchFurther(handle: RoomHandle): void {
    const before = this.#open(handle)?.search;
    const search = before && lookFurther(before);
    if (search && search !== before) this.#ask(handle, search, oldestFound(search));
  }

  /** Where a message of the log is shown: returns the key of its item in the talk, or null where it is looked at apart. */
  goTo(handle: RoomHandle, seq: number): string | null {
    const open = this.#open(handle);
    if (!open) return null;
    const key = keyOf(open.room, seq);
    if (key !== null) this.leave(handle);
    else if (open.excerpt && holds(open.excerpt, seq)) this.#look(handle, { ...open.excerpt, at: seq });
    else this.#look(handle, excerptAt(seq));
    return key;
  }

  /** More of the excerpt, unless more is on its way. */
  grow(handle: RoomHandle, direction: Asked['direction']): void {
    const open = this.#open(handle);
    if (open?.excerpt && open.room.link.state === 'live') this.#look(handle, further(open.excerpt, direction));
  }

  /** Back to the present. */
  leave(handle: RoomHandle): void {
    this.#change(handle, (open) => (open.excerpt === null ? open : { ...open, excerpt: null }));
  }

  /** Sends what an excerpt wants to know next, where that is new. */
  askOn(handle: RoomHandle, before: Excerpt | null, { excerpt }: OpenRoom): void {
    const asked = excerpt?.asked ?? null;
    if (asked === null || asked === before?.asked) return;
    this.#change(handle, (open) => ({ ...open, excerpts_due: open.excerpts_due + 1 }));
    // Where there is no connection it is asked anew by the next one.
    void this.#bridge.loadExcerpt(handle, asked.from).catch(() => undefined);
  }

  #ask(handle: RoomHandle, search: Search, before: number | null): void {
    this.#change(handle, (open) => ({ ...open, search }));
    if (search.words === '') return;
    this.#bridge.search(handle, search.words, before).catch((error: unknown) => {
      const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
      this.#change(handle, (open) => ({ ...open, search: { ...open.search, awaited: null, code } }));
    });
  }

  #look(handle: RoomHandle, excerpt: Excerpt): void {
    const before = this.#open(handle)?.excerpt ?? null;
    if (excerpt === before) return;
    this.#change(handle, (open) => ({ ...open, excerpt }));
    const open = this.#open(handle);
    if (open) this.askOn(handle, before, open);
  }
}
