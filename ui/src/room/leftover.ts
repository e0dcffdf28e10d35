/**
 * What an input method may still hand over after the Send button took the text with its last syllable in it. It is
 * taken out once; the next key or composition ends the watch. Pure.
 */
export class Leftover {
  #sent = '';

  /** `text` was sent while a composition was still open at its end. */
  expect(text: string): void {
    this.#sent = text;
  }

  /** The person writes again: whatever comes now is theirs. */
  forget(): void {
    this.#sent = '';
  }

  /** Whether the text that stands in the field now is the end of what was sent, come once more. */
  isIn(text: string): boolean {
    const again = text !== '' && this.#sent.endsWith(text);
    this.#sent = '';
    return again;
  }
}
