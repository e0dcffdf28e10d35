/**
 * When to tell the others that one is writing: at once, then every few seconds while it lasts, and when it ends.
 * Pure but for the call out; the moment is an argument.
 */
export class Typing {
  #told_at: number | null = null;
  readonly #tell: (active: boolean) => void;

  constructor(tell: (active: boolean) => void) {
    this.#tell = tell;
  }

  wrote(text: string, now: number): void {
    if (text.trim() === '') return this.stop();
    if (this.#told_at !== null && now - this.#told_at < RENEW_MS) return;
    this.#told_at = now;
    this.#tell(true);
  }

  stop(): void {
    if (this.#told_at === null) return;
    this.#told_at = null;
    this.#tell(false);
  }
}

/** Milliseconds between two notes: half of what one holds (`wire::limits::TYPING_MS_MAX`). */
const RENEW_MS = 3_000;
