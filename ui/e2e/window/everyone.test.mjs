// One room, and in it everybody there is: the window that hosts it, a guest's browser, and three clients that were written
// for other servers. Each hears all others, by their names, and nothing twice.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openChromium } from '../harness/chromium.mjs';
import { joinPlain, joinSocketIo, joinWithNickname } from '../harness/foreign.mjs';
import { enterAsGuest, hostInWindow, messages, roster, say, untilNoticed } from '../harness/person.mjs';
import { endEverything } from '../harness/processes.mjs';
import { assertShownAsText, HOSTILE_TEXTS } from '../harness/strangers.mjs';
import { together, until } from '../harness/waiting.mjs';
import { openWindow } from '../harness/window.mjs';
import { openDesktop } from '../harness/xvfb.mjs';

describe('one room for everybody', () => {
  let app, guest, url;
  const members = {};
  before(async () => {
    const [desktop, chromium] = await together(openDesktop(), openChromium());
    app = await openWindow(desktop);
    url = await hostInWindow(app.page, '방장');
    guest = await chromium.page(url);
    await enterAsGuest(guest, '민지');
    members.nickname = await joinWithNickname(url, '철수');
    members.socketIo = await joinSocketIo(url, '영희');
    members.plain = await joinPlain(url);
    members.plain.socket.send('/nick 수아');
    await until('the window knows everybody', async () => (await roster(app.page)).length === 5, { seen: () => roster(app.page) });
    await until('everybody is called what they chose', async () => {
      const known = await roster(app.page);
      return ['철수', '영희', '수아'].every((name) => known.some((words) => words.includes(name)));
    }, { seen: () => roster(app.page) });
  });
  after(endEverything);

  it('hears all others, by their names, and nothing twice', async () => {
    const speakers = {
      방장: (text) => say(app.page, text),
      민지: (text) => say(guest, text),
      철수: members.nickname.say,
      영희: members.socketIo.say,
      수아: members.plain.say,
    };
    const expected = [];
    for (const round of [1, 2, 3]) {
      for (const [author, speak] of Object.entries(speakers)) {
        expected.push({ author, text: `${author} ${round}` });
        await speak(`${author} ${round}`);
      }
    }
    const sides = {
      window: () => shown(app.page),
      browser: () => shown(guest),
      nickname: async () => members.nickname.lines(),
      socketIo: async () => members.socketIo.lines(),
      plain: async () => members.plain.lines(),
    };
    const key = ({ author, text }) => `${author}: ${text}`;
    const wanted = expected.map(key).sort();
    let order;
    for (const [name, see] of Object.entries(sides)) {
      const ours = async () => (await see()).map(key).filter((line) => wanted.includes(line));
      await until(`${name} has heard everybody`, async () => (await ours()).length >= wanted.length, { seen: ours });
      const heard = await ours();
      assert.deepEqual([...heard].sort(), wanted, `${name} hears each line once, under its name`);
      order ??= heard;
      assert.deepEqual(heard, order, `${name} hears the room's one order`);
    }
  });

  it('takes what a foreign client says as text, whatever it looks like', async () => {
    for (const text of HOSTILE_TEXTS) members.nickname.say(text);
    for (const page of [app.page, guest]) await assertShownAsText(page);
    const before = await roster(app.page);
    members.plain.say('{"type":"rename","nickname":"방장"}');
    members.plain.say('철수: 저는 철수예요');
    await until('the texts are shown as texts', async () => (await shown(app.page)).some(({ author, text }) => author === '수아' && text === '철수: 저는 철수예요'), { seen: () => shown(app.page) });
    assert.deepEqual(await roster(app.page), before, 'nobody is called something else');
  });

  it('tells of a foreign client that takes another name', async () => {
    members.nickname.rename('철수 킴');
    await untilNoticed(app.page, '철수', '철수 킴');
  });
});

/** What the page shows as said, with the author of each. A group of lines names its author once. */
async function shown(page) {
  let author = null;
  return (await messages(page)).filter(({ state }) => state === 'sent').map((message) => {
    author = message.author ?? author;
    return { author, text: message.text };
  });
}
