// A guest with a phone: the page at its width, under fingers, and what it remembers.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openChromium } from '../harness/chromium.mjs';
import { hostRoom } from '../harness/maru.mjs';
import { assertAllSeeTheSame, seenBy } from '../harness/mutual.mjs';
import { by, copiedAndPasted, enterAsGuest, messages, say, texts, untilGone, untilInRoom, untilNoticed, untilSaid, untilShown, words, wordsOf } from '../harness/person.mjs';
import { endEverything } from '../harness/processes.mjs';
import { joinRaw } from '../harness/raw.mjs';
import { assertShownAsText, HOSTILE_NAMES, HOSTILE_TEXTS } from '../harness/strangers.mjs';
import { together, until } from '../harness/waiting.mjs';

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 3, locale: 'ko-KR' };
const AXE = readFileSync(fileURLToPath(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url)), 'utf8');

describe('a guest with a phone', () => {
  let room, chromium, page;
  before(async () => {
    [room, chromium] = await together(hostRoom(), openChromium());
    page = await chromium.page(room.url, PHONE);
  });
  after(endEverything);

  it('finds a door without barriers', async () => {
    await untilShown(page, 'guest-enter');
    assert.deepEqual(await barriers(page), []);
    await assertNothingSticksOut(page);
  });

  it('enters with a name and one touch, and writes', async () => {
    await page.fill(by('nickname'), '느긋한 수달');
    await page.tap(by('guest-enter'));
    await untilInRoom(page);
    await page.fill(by('composer'), '안녕하세요');
    await page.tap(by('send'));
    const said = await untilSaid(page, '안녕하세요');
    assert.equal(said.mine, true);
    await assertNothingSticksOut(page);
  });

  it('finds a room without barriers, by day and by night', async () => {
    const found = {};
    for (const colorScheme of ['light', 'dark']) {
      await page.page.emulateMedia({ colorScheme });
      found[`the room, ${colorScheme}`] = await barriers(page);
      await page.tap(by('settings'));
      await untilShown(page, 'settings-nickname');
      found[`the settings, ${colorScheme}`] = await barriers(page);
      await assertNothingSticksOut(page);
      await page.press('Escape');
      await untilGone(page, 'settings-nickname');
    }
    for (const [where, what] of Object.entries(found)) if (what.length === 0) delete found[where];
    assert.deepEqual(found, {});
  });

  it('makes a new line with Enter on its touch keyboard', async () => {
    await page.fill(by('composer'), '첫 줄');
    await page.press('Enter');
    await page.page.keyboard.type('둘째 줄');
    await page.tap(by('send'));
    await untilSaid(page, '첫 줄\n둘째 줄');
    assert.deepEqual(await texts(page), ['안녕하세요', '첫 줄\n둘째 줄']);
  });

  it('is still the same person after a reload, and finds what was said', async () => {
    await page.reload();
    await untilInRoom(page);
    const said = await untilSaid(page, '안녕하세요');
    assert.equal(said.mine, true, 'what the same browser said before is still its own');
    await say(page, '다시 왔어요');
    assert.equal((await untilSaid(page, '다시 왔어요')).author, '느긋한 수달');
    assert.deepEqual(page.complaints, []);
  });
});

describe('two guests in one room', () => {
  let room, chromium, minji, otter;
  before(async () => {
    [room, chromium] = await together(hostRoom(), openChromium());
    [minji, otter] = await together(chromium.page(room.url), chromium.page(room.url));
    await enterAsGuest(minji, '민지');
    await enterAsGuest(otter, '수달');
  });
  after(endEverything);

  it('see each other come', async () => {
    await untilNoticed(minji, '수달');
    const third = await joinRaw(room.url, '토끼');
    await Promise.all([untilNoticed(minji, '토끼'), untilNoticed(otter, '토끼')]);
    third.close();
  });

  it('hear the same, once, in one order', async () => {
    const lines = Array.from({ length: 5 }, (_, at) => [`민지 ${at}`, `수달 ${at}`]);
    for (const [hers, his] of lines) await Promise.all([say(minji, hers), say(otter, his)]);
    await assertAllSeeTheSame([seenBy('민지', minji), seenBy('수달', otter)], lines.flat());
    assert.deepEqual((await messages(minji)).filter(({ mine }) => mine).map(({ text }) => text), lines.map(([hers]) => hers));
  });

  it('see each other write', async () => {
    await minji.run((css) => document.querySelector(css).focus(), by('composer'));
    await minji.page.keyboard.type('음');
    await until('the other page says who writes', async () => /민지/.test(await wordsOf(otter, 'typing')), { seen: () => words(otter) });
    await minji.page.keyboard.press('Backspace');
    await until('the other page says it no longer', async () => (await wordsOf(otter, 'typing')) === '', { seen: () => words(otter) });
  });

  it('see each other take another name', async () => {
    const raw = await joinRaw(room.url, '옛 이름');
    raw.send({ type: 'rename', nickname: '새 이름' });
    await Promise.all([minji, otter].map((page) => untilNoticed(page, '옛 이름', '새 이름')));
    raw.close();
  });

  it('see what a stranger sends as text and nothing else', async () => {
    const stranger = await joinRaw(room.url, HOSTILE_NAMES[0]);
    for (const name of HOSTILE_NAMES.slice(1)) stranger.send({ type: 'rename', nickname: name });
    for (const text of HOSTILE_TEXTS) await stranger.say(text);
    await untilNoticed(otter, HOSTILE_NAMES[2]);
    await assertShownAsText(otter, { names: HOSTILE_NAMES });
    stranger.close();
  });

  it('can copy what somebody shows', async () => {
    const code = 'let 마루 = 1;\nmaru()';
    const raw = await joinRaw(room.url, '개발자');
    await raw.say(`\`\`\`js\n${code}\n\`\`\``);
    assert.equal(await copiedAndPasted(minji), code);
    raw.close();
  });
});

/** What keeps somebody out: axe's serious and critical findings. */
async function barriers(page) {
  await page.run(`() => { ${AXE} }`);
  return page.run(async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => ({ id, help, where: nodes.map(({ target, any }) => `${target}: ${any[0]?.message ?? ''}`) })));
}

/** Fails when the page is wider than the phone, or a control is out of the finger's reach. */
async function assertNothingSticksOut(page) {
  const out = await page.run(() => ({
    wide: document.documentElement.scrollWidth - innerWidth,
    controls: [...document.querySelectorAll('button, input, textarea, a[href]')]
      .map((element) => [element.dataset.testid ?? element.outerHTML.slice(0, 80), element.getBoundingClientRect()])
      .filter(([, { width, left, right }]) => width > 0 && (left < 0 || right > innerWidth))
      .map(([name]) => name),
  }));
  assert.deepEqual(out, { wide: 0, controls: [] });
}
