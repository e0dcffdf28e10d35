// A guest whose connection breaks: the page says so, goes on taking what is written, and comes back by itself.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openChromium } from '../harness/chromium.mjs';
import { hostRoom } from '../harness/maru.mjs';
import { by, enterAsGuest, messages, say, shows, texts, untilGone, untilNoticed, untilSaid, untilShown, wordsOf } from '../harness/person.mjs';
import { endEverything } from '../harness/processes.mjs';
import { joinRaw } from '../harness/raw.mjs';
import { together, until } from '../harness/waiting.mjs';

describe('a guest whose host goes away', () => {
  let room, chromium, page;
  before(async () => {
    [room, chromium] = await together(hostRoom(), openChromium());
    page = await chromium.page(room.url);
    await enterAsGuest(page, '민지');
    await say(page, 'before');
    await untilSaid(page, 'before');
  });
  after(endEverything);

  it('sees a countdown and may try at once, and goes on writing', async () => {
    await room.kill();
    await untilShown(page, 'link-bar');
    await until('the bar counts down', async () => /\d+/.test(await wordsOf(page, 'link-bar')), { seen: () => wordsOf(page, 'link-bar') });
    await say(page, 'while away');
    const waiting = await until('what was written is there', async () => (await messages(page)).find(({ text }) => text === 'while away'), { seen: () => messages(page) });
    assert.equal(waiting.state, 'pending');
    await untilShown(page, 'try-now');
    await page.click(by('try-now'));
    await untilShown(page, 'link-bar');
  });

  it('comes back by itself, and what was written arrives once', async () => {
    room = await room.again();
    await untilGone(page, 'link-bar');
    await untilSaid(page, 'while away');
    const raw = await joinRaw(room.url, 'raw');
    await raw.say('after');
    await untilSaid(page, 'after');
    assert.equal(raw.texts().filter((text) => text === 'while away').length, 1);
    assert.equal((await texts(page)).filter((text) => text === 'while away').length, 1);
    assert.ok((await texts(page)).includes('before'), 'what was heard before is still shown');
    raw.close();
  });

  it('loses nothing while the network is gone for a moment', async () => {
    // The host is stopped in its tracks: to a connection that stands, the network is gone without a word.
    await page.page.context().setOffline(true);
    room.process.signal('SIGSTOP', room.process.pid);
    await say(page, 'from a tunnel');
    room.process.signal('SIGCONT', room.process.pid);
    await page.page.context().setOffline(false);
    await untilSaid(page, 'from a tunnel');
    await untilGone(page, 'link-bar');
    assert.equal((await texts(page)).filter((text) => text === 'from a tunnel').length, 1);
  });

  it('waits for a host that restarts', async () => {
    const raw = await joinRaw(room.url, 'first');
    await room.stop();
    const bye = await raw.frame('the room says goodbye', ({ type }) => type === 'bye');
    assert.deepEqual([bye.code, bye.then], ['restarting', 'retry']);
    await untilShown(page, 'link-bar');
    room = await room.again();
    await untilGone(page, 'link-bar');
  });

  it('is told when the host closes the room, and keeps what was said', async () => {
    const raw = await joinRaw(room.url, 'last');
    await untilNoticed(page, 'last');
    await room.close();
    const bye = await raw.frame('the room says goodbye', ({ type }) => type === 'bye');
    assert.deepEqual([bye.code, bye.then], ['room_closed', 'stop']);
    await untilShown(page, 'ended');
    assert.equal(await shows(page, 'composer'), false);
    assert.ok((await texts(page)).includes('before'));
  });
});
