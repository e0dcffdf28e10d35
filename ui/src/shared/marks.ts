/**
 * Where words occur in a text, so that they can be marked as text nodes. Pure; makes no markup.
 */
import { graphemes } from './graphemes';

export interface Piece {
  text: string;
  hit: boolean;
}

/** Graphemes of a text shown before the first hit. */
const BEFORE_MAX = 24;
/** Characters of a text that are looked at from there on: three lines of the widest panel, and to spare. */
const SHOWN_CHARS_MAX = 400;

/** The part of a text around its first hit, on one line and cut at its hits. */
export function snippet(text: string, words: string): Piece[] {
  // On one line a fence of code is but noise.
  const line = text
    .normalize('NFC')
    .replace(/```|\s+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  const from = start(line, pattern(words)?.exec(line)?.index ?? 0);
  const shown = clip(line.slice(from));
  const pieces = toMarks(shown, words);
  return from > 0 ? [{ text: '…', hit: false }, ...pieces] : pieces;
}

/** A text cut at the words in it, whatever their case. */
export function toMarks(text: string, words: string): Piece[] {
  const hits = pattern(words);
  if (!hits) return [{ text, hit: false }];
  const pieces: Piece[] = [];
  let from = 0;
  for (const { 0: hit, index } of text.matchAll(hits)) {
    if (index > from) pieces.push({ text: text.slice(from, index), hit: false });
    pieces.push({ text: hit, hit: true });
    from = index + hit.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), hit: false });
  return pieces;
}

/** Longer words first: where one begins another, the longer is marked. */
function pattern(words: string): RegExp | null {
  const each = words.split(' ').filter((word) => word !== '');
  if (each.length === 0) return null;
  const escaped = each.sort((a, b) => b.length - a.length).map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  return new RegExp(escaped.join('|'), 'giu');
}

function start(line: string, hit: number): number {
  const before = graphemes(line.slice(Math.max(0, hit - BEFORE_MAX * 16), hit));
  if (before.length <= BEFORE_MAX) return 0;
  const from = hit - before.slice(-BEFORE_MAX).join('').length;
  // At the beginning of a word, where one begins before the hit.
  const space = line.indexOf(' ', from);
  return space >= 0 && space < hit ? space + 1 : from;
}

function clip(line: string): string {
  if (line.length <= SHOWN_CHARS_MAX) return line;
  // Whole graphemes: the last one of the cut may be half of one.
  return `${graphemes(line.slice(0, SHOWN_CHARS_MAX)).slice(0, -1).join('')}…`;
}
