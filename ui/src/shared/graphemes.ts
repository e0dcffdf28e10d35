/**
 * Text as a reader counts it: grapheme clusters (UAX #29). Falls back to code points where a browser has no segmenter.
 */
const segmenter =
  typeof Intl !== 'undefined' && 'Segmenter' in Intl
    ? new Intl.Segmenter(undefined, { granularity: 'grapheme' })
    : null;

export function graphemes(text: string): string[] {
  return segmenter ? Array.from(segmenter.segment(text), (part) => part.segment) : Array.from(text);
}

/** The first of them that is a letter, a digit or an emoji; else the first at all. */
export function initial(text: string): string {
  const all = graphemes(text.trim());
  const first =
    all.find((one) => /[\p{L}\p{N}\p{Extended_Pictographic}\p{Regional_Indicator}]/u.test(one)) ?? all[0] ?? '?';
  // Upper case may be longer than one letter (ß): then the letter itself is the better stamp.
  const upper = first.toLocaleUpperCase();
  return graphemes(upper).length === 1 ? upper : first;
}

/** Whether a text is one to three emoji and nothing else: such a message is drawn large. */
export function isEmojiOnly(text: string): boolean {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > 64) return false;
  const all = graphemes(trimmed).filter((one) => one.trim() !== '');
  return all.length <= 3 && all.every(isEmoji);
}

const EMOJI =
  /^(?:\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3|\p{Emoji_Presentation}.*|\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier}).*)$/su;

function isEmoji(grapheme: string): boolean {
  return EMOJI.test(grapheme);
}
