// A room hosted in the real window, with a real browser and a plain WebSocket as its guests.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { openChromium } from '../harness/chromium.mjs';
import { assertAllSeeTheSame, seenBy } from '../harness/mutual.mjs';
import { by, enterAsGuest, hostInWindow, messages, roster, say, shows, untilGone, untilInRoom, untilNoticed, untilSaid, untilShown, valueOf, wordsOf } from '../harness/person.mjs';
import { endEverything } from '../harness/processes.mjs';
import { joinRaw } from '../harness/raw.mjs';
import { assertShownAsText, HOSTILE_NAMES, HOSTILE_TEXTS } from '../harness/strangers.mjs';
import { together, until } from '../harness/waiting.mjs';
import { openWindow } from '../harness/window.mjs';
import { openDesktop } from '../harness/xvfb.mjs';

describe('a room hosted in the window', () => {
  let desktop, app, chromium, guest, raw, url;
  before(async () => {
    [desktop, chromium] = await together(openDesktop(), openChromium());
    app = await openWindow(desktop);
  });
  after(endEverything);

  it('is open at one click, with an address to copy', async () => {
    const address = await hostInWindow(app.page, '느긋한 수달');
    url = address;
    assert.equal(new URL(url).hostname, '127.0.0.1');
    assert.ok((await wordsOf(app.page, 'room-title')).includes('느긋한 수달'));
    await app.page.click(by('copy-address'));
    await app.page.click(by('composer'));
    await desktop.keys('ctrl+v');
    await until('the link is pasted', async () => (await valueOf(app.page, 'composer')).startsWith(address), { seen: () => valueOf(app.page, 'composer') });
    await app.page.fill(by('composer'), '');
  });

  it('is one room for the window, a browser and a plain WebSocket', async () => {
    guest = await chromium.page(url);
    await enterAsGuest(guest, '민지');
    raw = await joinRaw(url, 'bot');
    await untilNoticed(app.page, '민지');
    await until('the window knows who is here', async () => (await roster(app.page)).length === 3, { seen: () => roster(app.page) });
    const said = [];
    for (const round of [1, 2, 3]) {
      const lines = [`window ${round}`, `browser ${round}`, `socket ${round}`];
      said.push(...lines);
      await Promise.all([say(app.page, lines[0]), say(guest, lines[1]), raw.say(lines[2])]);
    }
    await assertAllSeeTheSame([seenBy('the window', app.page), seenBy('the browser', guest), seenBy('the socket', raw)], said);
    for (const page of [app.page, guest]) {
      await until(`${page.engine} has all its lines taken`, async () => (await messages(page)).every(({ state }) => state === 'sent'), { seen: () => messages(page) });
    }
  });

  it('shows what a stranger sends as text and nothing else', async () => {
    const stranger = await joinRaw(url, HOSTILE_NAMES[0]);
    for (const name of HOSTILE_NAMES.slice(1)) stranger.send({ type: 'rename', nickname: name });
    for (const text of HOSTILE_TEXTS) await stranger.say(text);
    for (const page of [app.page, guest]) {
      await untilNoticed(page, HOSTILE_NAMES[2]);
      await assertShownAsText(page, { names: HOSTILE_NAMES });
    }
    stranger.close();
  });

  it('ends for everybody when the host stops it, and frees its port', async () => {
    await app.page.click(by('stop-hosting'));
    await untilShown(app.page, 'confirm-stop');
    await app.page.click(by('confirm-stop'));
    const bye = await raw.frame('the room says goodbye', ({ type }) => type === 'bye');
    assert.deepEqual([bye.code, bye.then], ['room_closed', 'stop']);
    await untilShown(guest, 'ended');
    assert.equal(await shows(guest, 'timeline'), true, 'the talk stays readable');
    await until('the port is free', () => fetch(url).then(() => false, () => true));
  });

  it('can be opened again', async () => {
    await untilShown(app.page, 'ended');
    await app.page.click(by('rejoin'));
    await untilInRoom(app.page);
    await say(app.page, 'open again');
    await untilSaid(app.page, 'open again');
  });
});

describe('closing the window', () => {
  let desktop, app;
  before(async () => {
    desktop = await openDesktop();
  });
  beforeEach(async () => {
    app = await openWindow(desktop);
  });
  afterEach(() => app?.close());
  after(endEverything);

  const gone = () => until('the window is gone', () => app.page.url().then(() => false, () => true));

  it('ends the program at once when nobody else is in the room', async () => {
    await hostInWindow(app.page, '혼자');
    await desktop.closeWindow();
    await gone();
  });

  it('asks first when others are, and says goodbye to them', async () => {
    const url = await hostInWindow(app.page, '방장');
    const raw = await joinRaw(url, 'bot');
    await untilNoticed(app.page, 'bot');
    await app.page.fill(by('composer'), 'half a line');
    await desktop.closeWindow();
    await untilShown(app.page, 'quit-dialog');
    await app.page.press('Escape');
    await untilGone(app.page, 'quit-dialog');
    assert.equal(await valueOf(app.page, 'composer'), 'half a line');
    await raw.say('still open');
    await desktop.closeWindow();
    await untilShown(app.page, 'quit-dialog');
    // The program may have ended before a click of the driver's is answered.
    await app.page.run((css) => void setTimeout(() => document.querySelector(css).click()), by('quit-confirm'));
    const bye = await raw.frame('the room says goodbye', ({ type }) => type === 'bye');
    assert.deepEqual([bye.code, bye.then], ['room_closed', 'stop']);
    await gone();
    raw.close();
  });
});
