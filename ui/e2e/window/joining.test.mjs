// The window as a guest of a room on another program: joining by address, and coming back after that program died.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { hostRoom } from '../harness/maru.mjs';
import { by, joinByAddress, messages, say, shows, takeName, texts, untilGone, untilInRoom, untilSaid, untilShown, valueOf, wordsOf } from '../harness/person.mjs';
import { endEverything } from '../harness/processes.mjs';
import { joinRaw } from '../harness/raw.mjs';
import { serveStandIn } from '../harness/stand_in.mjs';
import { together, until } from '../harness/waiting.mjs';
import { freePort } from '../harness/webdriver.mjs';
import { openWindow } from '../harness/window.mjs';
import { openDesktop } from '../harness/xvfb.mjs';

describe('a room joined from the window', () => {
  let desktop, app, room, page, elsewhere;
  before(async () => {
    [desktop, room, elsewhere] = await together(openDesktop(), hostRoom(), serveStandIn());
    app = await openWindow(desktop);
    page = app.page;
  });
  after(endEverything);

  it('says why an address leads nowhere, and keeps what was typed', async () => {
    await takeName(page, '수달');
    const reasons = [];
    for (const address of ['not an address at all', `127.0.0.1:${await freePort()}`, elsewhere.url]) {
      await page.fill(by('join-address'), address);
      await untilGone(page, 'join-error');
      await page.click(by('join'));
      await untilShown(page, 'join-error');
      reasons.push(await wordsOf(page, 'join-error'));
      assert.equal(await valueOf(page, 'join-address'), address);
    }
    assert.equal(new Set(reasons).size, 3, `each has a reason of its own: ${reasons.join(' | ')}`);
  });

  it('lets the window in by its address', async () => {
    await joinByAddress(page, '수달', room.url);
    await say(page, 'before');
    await untilSaid(page, 'before');
  });

  it('goes on taking lines while the host is away', async () => {
    await room.kill();
    await untilShown(page, 'link-bar');
    await say(page, 'while away');
    const waiting = await until('what was written is there', async () => (await messages(page)).find(({ text }) => text === 'while away'), { seen: () => messages(page) });
    assert.equal(waiting.state, 'pending');
    assert.equal(await shows(page, 'composer'), true);
  });

  it('comes back by itself once the host does, and what was written arrives once', async () => {
    room = await room.again();
    await untilGone(page, 'link-bar');
    await untilSaid(page, 'while away');
    const raw = await joinRaw(room.url, 'raw');
    await raw.say('after');
    await untilSaid(page, 'after');
    assert.equal(raw.texts().filter((text) => text === 'while away').length, 1);
    const shown = await texts(page);
    assert.deepEqual(shown.filter((text) => ['before', 'while away', 'after'].includes(text)), ['before', 'while away', 'after']);
    raw.close();
  });

  it('can be left and joined again', async () => {
    await page.click(by('leave'));
    await page.click(by('confirm-leave'));
    await untilShown(page, 'ended');
    assert.equal(await shows(page, 'composer'), false);
    await page.click(by('rejoin'));
    await untilSaid(page, 'after');
  });

  it('loses nothing of what is written as soon as it can be', async () => {
    await page.click(by('leave'));
    await page.click(by('confirm-leave'));
    await page.click(by('rejoin'));
    await untilInRoom(page);
    await say(page, 'back again');
    await untilSaid(page, 'back again');
  });

  it('is one click away after the app was started anew', async () => {
    app = await app.again();
    page = app.page;
    await untilShown(page, 'recent-room');
    await page.click(by('recent-room'));
    await untilInRoom(page);
    const said = await untilSaid(page, 'while away');
    assert.deepEqual([said.author, said.mine], ['수달', true]);
  });
});
