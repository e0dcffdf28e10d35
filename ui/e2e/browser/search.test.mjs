// A guest looks for what was said, goes there, and is told what the room keeps.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openChromium } from '../harness/chromium.mjs';
import { hostRoom } from '../harness/maru.mjs';
import { by, enterAsGuest, found, lookFor, markedText, shows, untilGone, untilSaid, untilShown, wordsOf } from '../harness/person.mjs';
import { endEverything } from '../harness/processes.mjs';
import { joinRaw } from '../harness/raw.mjs';
import { together, until } from '../harness/waiting.mjs';

describe('a guest who looks for something', () => {
  let room, chromium, page, raw;
  before(async () => {
    [room, chromium] = await together(hostRoom(), openChromium());
    raw = await joinRaw(room.url, '민지');
    await raw.say('어제 점심시간에 본 김밥집');
    // More than a first page, so that the first of them is not loaded.
    for (let i = 1; i <= 250; i += 1) raw.send({ type: 'say', id: `m${i}`, text: `그다음 이야기 ${i}` });
    await raw.say('오늘 점심은 국밥');
    page = await chromium.page(room.url);
    await enterAsGuest(page, '서준');
    await untilSaid(page, '오늘 점심은 국밥');
  });
  after(endEverything);

  it('finds it by one syllable inside a word, the latest first', async () => {
    await page.click(by('search-open'));
    await lookFor(page, '점');
    await until('both are found', async () => (await found(page)).length === 2, { seen: () => found(page) });
    const [latest, first] = await found(page);
    assert.match(latest, /오늘 점심은 국밥/);
    assert.match(first, /김밥집/);
    await lookFor(page, '점심 김밥');
    await until('each word has to be there', async () => (await found(page)).length === 1, { seen: () => found(page) });
  });

  it('goes to one that is not loaded, and back to the present', async () => {
    await page.click(by('search-result'));
    await untilShown(page, 'excerpt');
    await until('it is marked', async () => (await markedText(page)) === '어제 점심시간에 본 김밥집', { seen: () => markedText(page) });
    await page.click(by('excerpt-back'));
    await untilGone(page, 'excerpt');
  });

  it('goes to one that is loaded in the talk itself', async () => {
    if (!(await shows(page, 'search'))) await page.click(by('search-open'));
    await lookFor(page, '국밥');
    await until('it is found', async () => (await found(page)).some((one) => /국밥/.test(one)), { seen: () => found(page) });
    await page.click(by('search-result'));
    await until('it is marked', async () => (await markedText(page)) === '오늘 점심은 국밥', { seen: () => markedText(page) });
    assert.equal(await shows(page, 'excerpt'), false);
  });

  it('is told what to do where nothing is found', async () => {
    if (!(await shows(page, 'search'))) await page.click(by('search-open'));
    await lookFor(page, '아무도 하지 않은 말');
    await untilShown(page, 'search-none');
  });
});

describe('a room that keeps', () => {
  let chromium;
  before(async () => {
    chromium = await openChromium();
  });
  after(endEverything);

  it('nothing says so, and has no search', async () => {
    const room = await hostRoom({ args: ['--keep', 'nothing'] });
    const page = await chromium.page(room.url);
    await enterAsGuest(page, '민지');
    await until('it is said', async () => /keeps nothing/.test(await wordsOf(page, 'beginning')), { seen: () => wordsOf(page, 'beginning') });
    await page.click(by('search-open'));
    await untilShown(page, 'search-impossible');
  });

  it('the latest ones alone says how many', async () => {
    const room = await hostRoom({ args: ['--keep', '1000'] });
    const page = await chromium.page(room.url);
    await enterAsGuest(page, '민지');
    await until('it is said', async () => /latest 1,000 messages/.test(await wordsOf(page, 'beginning')), { seen: () => wordsOf(page, 'beginning') });
  });
});
