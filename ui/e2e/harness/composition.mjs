// Korean being composed, and what must come of it in any engine. `written_by_keyboard` are real keys through a real input
// method; `sent_by_protocol` are the orders of events that other systems produce and X never does (CDP, Chromium only).
import assert from 'node:assert/strict';
import { clickOn, KEYS } from './hangul.mjs';
import { by, focusOn, messages, put, valueOf } from './person.mjs';
import { until } from './waiting.mjs';

const 안녕 = KEYS.안녕;

/** Sentences of behaviour, each with what to do; all of them on one page, one after the other. */
export const written_by_keyboard = {
  'Enter sends the whole text once': async (desktop, page) => {
    await writing(desktop, page, ['안녕'], () => desktop.keys(...안녕, 'Return'));
  },
  'Enter twice sends one message': async (desktop, page) => {
    await writing(desktop, page, ['안녕'], () => desktop.keys(...안녕, 'Return', 'Return'));
  },
  'two quick messages are two whole messages': async (desktop, page) => {
    await writing(desktop, page, ['안녕', '반가워'], () => desktop.keys(...안녕, 'Return', ...KEYS.반가워, 'Return'));
  },
  'Enter while composing a later word sends both words': async (desktop, page) => {
    await writing(desktop, page, ['안녕 반가워'], () => desktop.keys(...안녕, 'space', ...KEYS.반가워, 'Return'));
  },
  'a click on the timeline while composing loses nothing': async (desktop, page) => {
    await writing(desktop, page, ['안녕'], async () => {
      await desktop.keys(...안녕);
      await clickOn(desktop, page, by('timeline'));
      await until('the composer holds the whole word', async () => (await valueOf(page, 'composer')) === '안녕', { seen: () => valueOf(page, 'composer') });
      await focusOn(page, 'composer');
      await desktop.keys('Return');
    });
  },
  'a click on send while composing sends the whole text': async (desktop, page) => {
    await writing(desktop, page, ['안녕'], async () => {
      await desktop.keys(...안녕);
      await clickOn(desktop, page, by('send'));
    });
  },
};

/** Each a sequence of events for a DevTools session, while the composer has the focus; each must send 안녕 once, by its last Enter. */
export const sent_by_protocol = {
  'Enter while composing, then the commit, then Enter': async ({ compose, enter, commit, kept }) => {
    await compose('안녕');
    await enter(229);
    await kept('안녕');
    await commit('안녕');
    await kept('안녕');
    await enter(13);
  },
  'the commit, then an Enter that still belongs to it, then Enter': async ({ compose, enter, commit, kept }) => {
    await compose('안녕');
    await commit('안녕');
    await enter(229);
    await kept('안녕');
    await enter(13);
  },
  'Enter while composing that comes twice, then the commit, then Enter': async ({ compose, enter, commit, kept }) => {
    await compose('안녕');
    await enter(229);
    await enter(229);
    await kept('안녕');
    await commit('안녕');
    await enter(13);
  },
  'the commit, then Enter twice': async ({ compose, enter, commit }) => {
    await compose('안녕');
    await commit('안녕');
    await enter(13);
    await enter(13);
  },
};

/** Runs one of `sent_by_protocol` on a page whose composer is there; fails unless it sends 안녕, once. */
export async function sendByProtocol(page, sequence) {
  await focusOn(page, 'composer');
  const before = (await messages(page)).length;
  const tools = await page.devTools();
  await sequence({
    compose: (text) => tools.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length }),
    commit: (text) => tools.send('Input.insertText', { text }),
    enter: (code) => pressEnter(tools, code),
    kept: async (text) => assert.equal(await valueOf(page, 'composer'), text, 'an Enter that belongs to the composition sends nothing'),
  });
  await sayMarker(page, before, 'end', () => tools.send('Input.insertText', { text: 'end' }).then(() => pressEnter(tools, 13)));
  await tools.detach();
  assert.deepEqual((await messages(page)).slice(before).map(({ text }) => text), ['안녕', 'end']);
}

/** Writes from an empty composer; fails unless exactly `expected` comes of it, and the composer is empty again. */
async function writing(desktop, page, expected, write) {
  await put(page, 'composer', '');
  await focusOn(page, 'composer');
  const before = (await messages(page)).length;
  await write();
  const fresh = async () => (await messages(page)).slice(before);
  await until(`${page.engine} has sent ${expected.join(', ')}`, async () => (await fresh()).length >= expected.length, {
    seen: async () => ({ sent: (await fresh()).map(({ text }) => text), composer: await valueOf(page, 'composer') }),
  });
  // The next line by the same keyboard: it must be whole, with nothing left over from the one before.
  await sayMarker(page, before, '마루', async () => {
    await focusOn(page, 'composer');
    await desktop.keys(...KEYS.마루, 'Return');
  });
  assert.deepEqual((await fresh()).map(({ text }) => text), [...expected, '마루']);
}

/** Says one line more and waits for it: whatever else the keys before it sent stands before it then. */
async function sayMarker(page, before, marker, write) {
  await write();
  const fresh = async () => (await messages(page)).slice(before);
  await until('the marker is there', async () => (await fresh()).some(({ text }) => text.endsWith(marker)), { seen: fresh });
}

async function pressEnter(tools, code) {
  const key = { key: 'Enter', code: 'Enter' };
  const down = code === 229 ? { type: 'rawKeyDown' } : { type: 'keyDown', text: '\r' };
  await tools.send('Input.dispatchKeyEvent', { ...key, ...down, windowsVirtualKeyCode: code, nativeVirtualKeyCode: code });
  await tools.send('Input.dispatchKeyEvent', { ...key, type: 'keyUp', windowsVirtualKeyCode: 13, nativeVirtualKeyCode: 13 });
}
