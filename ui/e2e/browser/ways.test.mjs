// What guards a room and what goes over its wire, for a guest in a browser; and a phone that slept.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openChromium } from '../harness/chromium.mjs';
import { hostRoom } from '../harness/maru.mjs';
import { by, enterAsGuest, say, shows, takeName, untilInRoom, untilSaid, untilShown } from '../harness/person.mjs';
import { endEverything, newFolder } from '../harness/processes.mjs';
import { together, until } from '../harness/waiting.mjs';

describe('a room with a passphrase', () => {
  let room, chromium, page;
  before(async () => {
    const file = join(newFolder('secret'), 'passphrase');
    writeFileSync(file, '열려라 참깨\n', { mode: 0o600 });
    [room, chromium] = await together(hostRoom({ args: ['--passphrase-file', file] }), openChromium());
    page = await chromium.page(room.url);
  });
  after(endEverything);

  it('asks a guest for it, and says what was wrong', async () => {
    await takeName(page, '민지');
    await untilShown(page, 'guest-passphrase');
    await page.fill(by('guest-passphrase'), '닫혀라 참깨');
    await page.click(by('guest-enter'));
    await until('it was wrong', () => shows(page, 'passphrase-error'));
    assert.equal(await shows(page, 'composer'), false);
  });

  it('lets them in with the right one, however it was composed, and again after a reload', async () => {
    await page.fill(by('guest-passphrase'), '열려라 참깨'.normalize('NFD'));
    await page.click(by('guest-enter'));
    await untilInRoom(page);
    await say(page, '들어왔어요');
    await untilSaid(page, '들어왔어요');
    await page.reload();
    await untilInRoom(page);
    await untilSaid(page, '들어왔어요');
  });

  it('never shows it on the wire', async () => {
    await page.press('Control+Shift+KeyL');
    await untilShown(page, 'inspector');
    const frames = await page.run(() => [...document.querySelectorAll('[data-testid=frame]')].map(({ innerText }) => innerText));
    assert.ok(frames.some((frame) => frame.includes('authenticate')), frames.join('\n'));
    assert.ok(frames.every((frame) => !frame.normalize('NFC').includes('참깨')));
  });
});

describe('a guest who calls others', () => {
  let room, chromium, page;
  before(async () => {
    [room, chromium] = await together(hostRoom(), openChromium());
    page = await chromium.page(`${room.url}#a=127.0.0.1:${room.port}&a=192.168.0.10:4567&pin=${'A'.repeat(43)}`);
  });
  after(endEverything);

  it('passes on the invite they came by, with its addresses and its certificate', async () => {
    await enterAsGuest(page, '민지');
    await page.click(by('invite'));
    await untilShown(page, 'qr');
    const link = await page.run((css) => document.querySelector(css).href, by('open-in-app'));
    assert.equal(link, `maru://join?a=127.0.0.1:${room.port}&a=192.168.0.10:4567&pin=${'A'.repeat(43)}`);
  });
});

describe('a phone that slept', () => {
  let room, chromium, page;
  before(async () => {
    [room, chromium] = await together(hostRoom(), openChromium());
    page = await chromium.page(room.url);
  });
  after(endEverything);

  it('is back as soon as somebody looks at it, and no clock has to run for that', async () => {
    await enterAsGuest(page, '민지');
    await say(page, '자기 전');
    await untilSaid(page, '자기 전');
    // From here on no timer of the page fires: as in a phone's pocket.
    await page.page.clock.install();
    await page.page.clock.pauseAt(Date.now() + 1_000);
    await room.kill();
    room = await room.again();
    await page.run(() => window.dispatchEvent(new Event('pageshow')));
    await say(page, '깬 뒤');
    await until('the line is taken', async () => {
      // Each look is one of the person's: the page may have found the room still away.
      await page.run(() => window.dispatchEvent(new Event('pageshow')));
      return page.run(() => [...document.querySelectorAll('[data-testid=message]')].some(
        (message) => message.dataset.state === 'sent' && message.innerText.includes('깬 뒤')));
    });
  });
});
