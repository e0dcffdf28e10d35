// Who is writing. A note lapses by itself, because the one that ends it may be lost; our own is renewed no more
// often than the room passes it on. Knows no clock.
import { TYPING_INTERVAL_MS, TYPING_MEMBERS_MAX, TYPING_MS_MAX } from './limits';

export class Typing {
  /** Members writing, and until when that holds; the first lapses first. */
  #others = new Map<string, number>();
  /** When we last told the room that we are writing; null while it thinks we are not. */
  #toldAt: number | null = null;

  /** Somebody else's note. Returns whether it changes anything. */
  hear(member: string, active: boolean, now: number): boolean {
    const was = this.#others.delete(member);
    if (active && this.#others.size < TYPING_MEMBERS_MAX) this.#others.set(member, now + TYPING_MS_MAX);
    return was || active;
  }

  /** Takes out those whose note has lapsed. */
  lapsed(now: number): string[] {
    const gone = [...this.#others].filter(([, until]) => until <= now).map(([member]) => member);
    for (const member of gone) this.#others.delete(member);
    return gone;
  }

  timeout(): number | null {
    return this.#others.values().next().value ?? null;
  }

  /** Our own state, as often as the composer likes. Returns whether to tell the room. */
  own(active: boolean, now: number): boolean {
    if (active) {
      if (this.#toldAt !== null && now - this.#toldAt < TYPING_INTERVAL_MS) return false;
      this.#toldAt = now;
      return true;
    }
    const told = this.#toldAt !== null;
    this.#toldAt = null;
    return told;
  }

  /** A message, or a new connection, ends our own note without a word. */
  forgetOwn(): void {
    this.#toldAt = null;
  }
}
