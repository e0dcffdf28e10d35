// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { snippet, toMarks } from './marks';

function drawn(text: string, words: string): string {
  return toMarks(text, words)
    .map((piece) => (piece.hit ? `[${piece.text}]` : piece.text))
    .join('');
}

describe('marks', () => {
  it('stand at every word, inside a compound and in either case', () => {
    expect(drawn('점심시간에 점심', '점심')).toBe('[점심]시간에 [점심]');
    expect(drawn('Maru and MARU', 'maru')).toBe('[Maru] and [MARU]');
    expect(drawn('김밥은 점심에', '점심 김밥')).toBe('[김밥]은 [점심]에');
  });

  it('take what is looked for as letters, whatever it means elsewhere', () => {
    expect(drawn('a.b (c) [d] \\e $f /g', '. ( [d] \\e $f /g')).toBe('a[.]b [(]c) [[d]] [\\e] [$f] [/g]');
    expect(drawn('안녕', '')).toBe('안녕');
  });

  it('never lose a letter', () => {
    for (const text of ['İstanbul ß', '👩‍👩‍👧', 'ﬁne']) expect(drawn(text, 'i')).toBeTruthy();
    expect(
      toMarks('İi', 'i')
        .map((piece) => piece.text)
        .join(''),
    ).toBe('İi');
  });
});

describe('a snippet', () => {
  const text = (pieces: { text: string }[]) => pieces.map((piece) => piece.text).join('');

  it('is one line around the first hit', () => {
    const pieces = snippet(`${'가나다 '.repeat(50)}\n점심\n${'라'.repeat(1_000)}`, '점심');
    expect(pieces[0]?.text).toBe('…');
    expect(text(pieces)).toMatch(/^…가나다 /);
    expect(pieces.find((piece) => piece.hit)?.text).toBe('점심');
    expect(text(pieces).indexOf('점심')).toBeLessThan(40);
    expect(text(pieces).endsWith('…')).toBe(true);
    expect(text(pieces)).not.toContain('\n');
  });

  it('is all of a short message', () => {
    expect(text(snippet('오늘 점심 어때요?', '점심'))).toBe('오늘 점심 어때요?');
  });

  it('finds what was written in pieces of syllables', () => {
    expect(snippet('\u1112\u1161\u11ab글', '한글')).toEqual([{ text: '한글', hit: true }]);
  });
});
