// A member in a terminal (`maru join`) and a guest in a browser, in a room hosted by `maru host`.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openChromium } from '../harness/chromium.mjs';
import { hostRoom, joinRoom } from '../harness/maru.mjs';
import { enterAsGuest, say, shows, untilNoticed, untilSaid, untilShown } from '../harness/person.mjs';
import { endEverything } from '../harness/processes.mjs';
import { together } from '../harness/waiting.mjs';

describe('a terminal and a browser in one room', () => {
  let room, chromium, page, terminal;
  before(async () => {
    [room, chromium] = await together(hostRoom(), openChromium());
    page = await chromium.page(room.url);
    await enterAsGuest(page, '민지');
    terminal = joinRoom(room.url, '터미널');
    await terminal.event('the terminal is in the room', ({ event }) => event === 'entered');
  });
  after(endEverything);

  it('hear each other', async () => {
    await untilNoticed(page, '터미널');
    terminal.say('from the terminal');
    assert.equal((await untilSaid(page, 'from the terminal')).author, '터미널');
    await say(page, '브라우저에서');
    const said = await terminal.event('the terminal hears it', (event) => event.event === 'said' && event.text === '브라우저에서' && event);
    assert.equal(said.by.nickname, '민지');
  });

  it('part politely', async () => {
    const { code } = await terminal.stop();
    assert.ok([0, 130, 143].includes(code), `it ended with ${code}`);
    await untilNoticed(page, '터미널', 'left');
    await room.close();
    await untilShown(page, 'ended');
    assert.equal(await shows(page, 'timeline'), true);
  });
});
