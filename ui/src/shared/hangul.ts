/**
 * Finding by first consonants: ㅈㅅ finds 점심. Also finds a syllable that is still being typed (저 finds 점심).
 * Only Hangul arithmetic (Unicode, section 3.12); knows nothing of what is searched.
 */
const BASE = 0xac00;
const LAST = 0xd7a3;
const FINALS = 28;
const VOWELS = 21;
const INITIALS = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ';

/** Whether `query` occurs in `text`, taking a lone initial for any syllable that begins with it. */
export function matchesHangul(text: string, query: string): boolean {
  const hay = [...fold(text)];
  const needle = [...fold(query)];
  if (needle.length === 0) return true;
  for (let from = 0; from + needle.length <= hay.length; from += 1) {
    if (needle.every((want, i) => matchesAt(hay[from + i]!, want, i === needle.length - 1))) return true;
  }
  return false;
}

function fold(text: string): string {
  return text.normalize('NFC').toLocaleLowerCase().replace(/\s+/g, '');
}

function matchesAt(have: string, want: string, last: boolean): boolean {
  if (have === want) return true;
  const syllable = have.codePointAt(0)! - BASE;
  if (syllable < 0 || syllable > LAST - BASE) return false;
  const initial = Math.floor(syllable / (VOWELS * FINALS));
  if (INITIALS[initial] === want) return true;
  // A syllable without its final, at the end of what was typed so far, stands for all that begin like it.
  const open = want.codePointAt(0)! - BASE;
  return last && open >= 0 && open <= LAST - BASE && open % FINALS === 0 && syllable - (syllable % FINALS) === open;
}
