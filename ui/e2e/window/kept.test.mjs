// What a room hosted in the window keeps: chosen there, told to guests, there again after a restart, and a file on request.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { openChromium } from '../harness/chromium.mjs';
import { by, choose, enterAsGuest, found, lookFor, say, takeName, untilInRoom, untilSaid, untilShown, wordsOf } from '../harness/person.mjs';
import { endEverything } from '../harness/processes.mjs';
import { until } from '../harness/waiting.mjs';
import { openWindow } from '../harness/window.mjs';
import { openDesktop } from '../harness/xvfb.mjs';

describe('a room that keeps the latest thousand', () => {
  let desktop, app;
  before(async () => {
    desktop = await openDesktop();
    app = await openWindow(desktop);
  });
  after(endEverything);

  it('says so to its host and to a guest', async () => {
    await takeName(app.page, '방장');
    await app.page.click(by('host-options'));
    await untilShown(app.page, 'keep');
    await choose(app.page, 'keep', 'last');
    await app.page.click(by('host-open'));
    await untilInRoom(app.page);
    const url = await until('the invite has an address', () => wordsOf(app.page, 'invite-address'));
    const guest = await (await openChromium()).page(url);
    await enterAsGuest(guest, '민지');
    for (const page of [app.page, guest]) {
      await until(`${page.engine} is told`, async () => /latest 1,000 messages/.test(await wordsOf(page, 'beginning')), { seen: () => wordsOf(page, 'beginning') });
    }
    await say(guest, '어제 점심시간에 본 김밥집');
    await untilSaid(app.page, '어제 점심시간에 본 김밥집');
  });

  it('is found in', async () => {
    await app.page.click(by('search-open'));
    await lookFor(app.page, '김');
    await until('it is found', async () => (await found(app.page)).length === 1, { seen: () => found(app.page) });
  });

  it('is there again after a restart, with everything in it and the same choice', async () => {
    app = await app.again();
    await untilShown(app.page, 'recent-room');
    await app.page.click(by('recent-room'));
    await untilInRoom(app.page);
    await untilSaid(app.page, '어제 점심시간에 본 김밥집');
    assert.match(await wordsOf(app.page, 'beginning'), /latest 1,000 messages/);
  });

  it('is written into a file of all that is kept', async () => {
    await untilShown(app.page, 'export');
    await app.page.click(by('export'));
    await untilShown(app.page, 'export-go');
    await choose(app.page, 'export-format', 'jsonl');
    await app.page.click(by('export-go'));
    const path = await until('it is told where', () => wordsOf(app.page, 'export-path'));
    assert.match(readFileSync(path, 'utf8'), /어제 점심시간에 본 김밥집/);
  });
});
