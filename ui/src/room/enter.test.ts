// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { decideEnter, isSendable, type EnterEvent } from './enter';

type Key = Partial<EnterEvent>;
const enter = (over: Key = {}): EnterEvent => ({
  key: 'Enter',
  code: 'Enter',
  isComposing: false,
  keyCode: 13,
  shiftKey: false,
  ...over,
});
const decide = (over: Key = {}, touch = false) => decideEnter(enter(over), { touch });

describe('Enter', () => {
  it('sends', () => {
    expect(decide()).toBe('send');
    expect(decide({ code: 'NumpadEnter' })).toBe('send');
  });

  it('breaks the line with Shift, with Alt, and on a touch keyboard', () => {
    expect(decide({ shiftKey: true })).toBe('newline');
    expect(decide({ altKey: true })).toBe('newline');
    expect(decide({}, true)).toBe('newline');
  });

  it('sends with Ctrl or Command even on a touch keyboard', () => {
    expect(decide({ ctrlKey: true }, true)).toBe('send');
    expect(decide({ metaKey: true }, true)).toBe('send');
  });

  it('is no business of ours when it is another key', () => {
    expect(decide({ key: 'a', code: 'KeyA', keyCode: 65 })).toBe('ignore');
  });

  it('does not send nothing', () => {
    expect(isSendable(' \n\t')).toBe(false);
    expect(isSendable(' 안 ')).toBe(true);
  });
});

/** The keydowns of one composition of 안녕 and the Enter after it, as each engine gave them. */
const RECORDED: Record<string, EnterEvent[]> = {
  'WebKitGTK with ibus-hangul, preedit on': [
    enter({ key: 'Unidentified', code: 'KeyD', isComposing: true, keyCode: 229 }),
    // compositionend '', then a 229 of its own, then insertFromComposition, then the Enter.
    enter({ key: 'Enter', isComposing: false, keyCode: 229 }),
    enter(),
  ],
  'Chromium with ibus-hangul': [
    enter({ key: 'Process', code: 'KeyD', isComposing: true, keyCode: 229 }),
    enter({ key: 'Process', code: 'Enter', isComposing: true, keyCode: 229 }),
    // compositionend '', insertText '녕' in a task of its own, then the Enter.
    enter(),
  ],
  'Chromium, the 229 named Enter': [enter({ isComposing: true, keyCode: 229 }), enter()],
  'macOS Safari: the 229 comes after compositionend': [enter({ isComposing: false, keyCode: 229 }), enter()],
  'macOS Chrome: the 229 comes before compositionend': [enter({ isComposing: true, keyCode: 229 }), enter()],
  'Windows with Microsoft IME': [
    enter({ key: 'Process', code: 'KeyD', isComposing: true, keyCode: 229 }),
    enter({ key: 'Process', isComposing: true, keyCode: 229 }),
    enter(),
  ],
};

describe('Enter at the end of a composition', () => {
  it.each(Object.entries(RECORDED))('sends once: %s', (_engine, keys) => {
    const decisions = keys.map((key) => decideEnter(key, { touch: false }));
    expect(decisions.filter((decision) => decision === 'send')).toHaveLength(1);
    expect(decisions.at(-1)).toBe('send');
  });

  it('where the composition eats its Enter, the next one sends, however soon', () => {
    const eaten = enter({ isComposing: false, keyCode: 229 });
    expect([eaten, enter(), enter()].map((key) => decideEnter(key, { touch: false }))).toEqual([
      'ignore',
      'send',
      'send',
    ]);
  });
});
