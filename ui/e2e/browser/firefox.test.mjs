// A guest in Firefox: another engine, the same room.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { firefoxIsHere, openFirefox } from '../harness/firefox.mjs';
import { hostRoom } from '../harness/maru.mjs';
import { by, enterAsGuest, say, untilInRoom, untilNoticed, untilSaid, untilShown, wordsOf } from '../harness/person.mjs';
import { endEverything } from '../harness/processes.mjs';
import { joinRaw } from '../harness/raw.mjs';
import { together } from '../harness/waiting.mjs';

describe('a guest in Firefox', { skip: firefoxIsHere ? false : 'there is no firefox-esr here' }, () => {
  let room, firefox, page;
  before(async () => {
    [room, firefox] = await together(hostRoom(), openFirefox());
    page = await firefox.page(room.url);
  });
  after(endEverything);

  it('is spoken to in Korean, enters with a name and writes', async () => {
    await untilShown(page, 'guest-enter');
    assert.equal(await page.run(() => document.documentElement.lang), 'ko');
    assert.match(await wordsOf(page, 'guest-enter'), /들어가기/);
    await enterAsGuest(page, '느긋한 수달');
    await say(page, '안녕하세요, 불여우예요');
    const said = await untilSaid(page, '안녕하세요, 불여우예요');
    assert.equal(said.author, '느긋한 수달');
  });

  it('hears what others say, and is heard by them', async () => {
    const raw = await joinRaw(room.url, '토끼');
    await untilNoticed(page, '토끼');
    await raw.say('반가워요');
    await untilSaid(page, '반가워요');
    await page.fill(by('composer'), '한글도 돼요');
    await page.press('Enter');
    await raw.frame('the line from Firefox', ({ type, text }) => type === 'entry' && text === '한글도 돼요');
    await untilSaid(page, '한글도 돼요');
    raw.close();
  });

  it('sees what goes over its wire', async () => {
    await page.press('Control+Shift+L');
    await untilShown(page, 'inspector');
    const frames = await page.run(() => [...document.querySelectorAll('[data-testid=frame]')].map(({ innerText }) => innerText));
    assert.ok(frames.some((frame) => frame.includes('한글도 돼요')), frames.join('\n'));
    await page.press('Escape');
  });

  it('is the same person after a reload', async () => {
    await page.reload();
    await untilInRoom(page);
    assert.equal((await untilSaid(page, '한글도 돼요')).mine, true);
    assert.deepEqual(page.complaints, []);
  });
});
