/**
 * As much of a long message as is shown before somebody asks for all of it: a pasted log should not bury the talk.
 */
export const LINES_SHOWN_MAX = 40;
export const CHARS_SHOWN_MAX = 4_000;
/** A cut that saves less than this is not worth a button. */
const SLACK = 1.25;

export function beginning(text: string): string {
  const lines = text.split('\n');
  if (text.length <= CHARS_SHOWN_MAX * SLACK && lines.length <= LINES_SHOWN_MAX * SLACK) return text;
  const head = lines.slice(0, LINES_SHOWN_MAX).join('\n').slice(0, CHARS_SHOWN_MAX);
  // Never half a surrogate pair.
  return /[\uD800-\uDBFF]$/.test(head) ? head.slice(0, -1) : head;
}
