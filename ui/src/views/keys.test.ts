// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { meaningOf, type Pressed } from './keys';

const key = (code: string, over: Partial<Pressed> = {}): Pressed => ({
  code,
  key: code,
  keyCode: 65,
  isComposing: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...over,
});
const ctrl = { ctrlKey: true };

describe('keys that work everywhere', () => {
  it.each([
    ['KeyK', ctrl, 'switcher'],
    ['Comma', ctrl, 'settings'],
    ['Slash', ctrl, 'keys'],
    ['Backslash', ctrl, 'details'],
    ['Tab', ctrl, 'next'],
    ['Tab', { ctrlKey: true, shiftKey: true }, 'previous'],
    ['ArrowDown', { altKey: true }, 'next'],
    ['ArrowUp', { altKey: true }, 'previous'],
    ['KeyA', { altKey: true }, 'unread'],
  ])('%s with %o is %s', (code, over, act) => expect(meaningOf(key(code, over), false)).toBe(act));

  it('go by the place of the key, so that ㅏ on a Hangul layout is K', () => {
    expect(meaningOf(key('KeyK', { ...ctrl, key: 'ㅏ' }), false)).toBe('switcher');
  });

  it('are Command on a Mac', () => {
    expect(meaningOf(key('KeyK', { metaKey: true }), true)).toBe('switcher');
    expect(meaningOf(key('KeyK', ctrl), true)).toBeNull();
  });

  it('never act while composing, nor with keys held besides', () => {
    expect(meaningOf(key('KeyK', { ...ctrl, isComposing: true }), false)).toBeNull();
    expect(meaningOf(key('KeyK', { ...ctrl, keyCode: 229 }), false)).toBeNull();
    expect(meaningOf(key('KeyK', { ...ctrl, altKey: true }), false)).toBeNull();
    expect(meaningOf(key('KeyK'), false)).toBeNull();
  });
});
