// The member's side against the example of RFC 7677, and against what the other side of the house takes for the same.
import { expect, test } from 'vitest';
import { answer, type Asked, challenged, first, isKept, makeNonce, prepare, salted } from './scram';

const CHALLENGE = 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096';

test('the example of RFC 7677 comes out as there', async () => {
  const asked = challenged('rOprNGfwEbeRWgbNEkqO', CHALLENGE)!;
  const example: Asked = { ...asked, firstBare: 'n=user,r=rOprNGfwEbeRWgbNEkqO' };
  const { last, promise } = answer(example, await salted(prepare('pencil')!, asked));
  expect(last).toBe(
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  );
  expect(promise).toBe('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
  expect(isKept(promise, promise)).toBe(true);
  expect(isKept(promise, `${promise},x=later`)).toBe(true);
  for (const other of ['', 'v=', 'e=other-error', promise.slice(2), promise.toLowerCase()]) {
    expect(isKept(promise, other), other).toBe(false);
  }
});

test('a passphrase is prepared as the room does it', () => {
  const korean = '한글 열쇠';
  expect(prepare(korean.normalize('NFD'))).toBe(korean);
  for (const typed of [' 열린 마루 ', '열린\u3000마루', '열린\u00A0마루', '열\u00AD린 마루\u200B']) {
    expect(prepare(typed), typed).toBe('열린 마루');
  }
  expect(prepare('열린  마루')).toBe('열린  마루');
  expect([prepare('I\u00ADX'), prepare('\u00AA'), prepare('\u2168')]).toEqual(['IX', 'a', 'IX']);
  for (const none of ['', '  ', '\u200B', '\u3000', 'a\nb', '\u0007', 'a\u202Eb', '\uE000', '\uFFFF', '\u{1FFFE}']) {
    expect(prepare(none), JSON.stringify(none)).toBeNull();
  }
  expect(prepare('가'.repeat(256))).not.toBeNull();
  expect(prepare('가'.repeat(257))).toBeNull();
});

test('a challenge that is none, or asks for too much work or too little, is refused', () => {
  const nonce = makeNonce();
  expect(first(nonce)).toBe(`n,,n=maru,r=${nonce}`);
  const asked = (text: string) => challenged(nonce, text) !== null;
  const salt = 'AAAAAAAAAAAAAAAAAAAAAA==';
  expect(asked(`r=${nonce}x,s=${salt},i=4096`)).toBe(true);
  expect(asked(`r=${nonce}x,s=${salt},i=1000000,x=later`)).toBe(true);
  for (const text of [
    '',
    `r=${nonce}x,s=${salt},i=4095`,
    `r=${nonce}x,s=${salt},i=1000001`,
    `r=${nonce}x,s=${salt},i=99999999999`,
    `r=${nonce}x,s=${salt},i=-1`,
    `r=${nonce}x,s=${salt}`,
    `r=${nonce}x,s=AA==,i=4096`,
    `r=${nonce}x,s=${'A'.repeat(400)},i=4096`,
    `r=${nonce}x,s=====,i=4096`,
    `r=${nonce},s=${salt},i=4096`,
    `r=other,s=${salt},i=4096`,
    `r=${nonce}${'x'.repeat(300)},s=${salt},i=4096`,
    `m=new,r=${nonce}x,s=${salt},i=4096`,
    `r=${nonce}x,s=${salt},i=4096,${'x=y,'.repeat(400)}`,
  ]) {
    expect(asked(text), text).toBe(false);
  }
});
