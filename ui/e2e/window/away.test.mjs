// A room that is away when the window is started anew: it is read as it was kept, written to, and forgotten at a click.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { hostRoom } from '../harness/maru.mjs';
import { by, joinByAddress, messages, say, shows, untilGone, untilInRoom, untilSaid, untilShown, words, wordsOf } from '../harness/person.mjs';
import { endEverything } from '../harness/processes.mjs';
import { joinRaw } from '../harness/raw.mjs';
import { together, until } from '../harness/waiting.mjs';
import { openWindow } from '../harness/window.mjs';
import { openDesktop } from '../harness/xvfb.mjs';

describe('a joined room whose host is away', () => {
  let desktop, app, room;
  before(async () => {
    [desktop, room] = await together(openDesktop(), hostRoom());
    app = await openWindow(desktop);
    await joinByAddress(app.page, '수달', room.url);
    await say(app.page, '어제 한 이야기');
    await untilSaid(app.page, '어제 한 이야기');
    await quit(desktop, app.page);
    await together(app.close(), room.stop());
  });
  after(endEverything);

  it('opens as it was kept here, and says that it is away', async () => {
    app = await openWindow(desktop, { data: app.data });
    await openRecent(app.page);
    await untilSaid(app.page, '어제 한 이야기');
    await untilShown(app.page, 'link-bar');
    assert.match(await wordsOf(app.page, 'link-bar'), /away; this is what was kept here/);
    assert.equal(await wordsOf(app.page, 'member-count'), 'kept here');
  });

  it('takes lines, which wait also while the app is closed', async () => {
    await say(app.page, '오늘 한 이야기');
    await untilWaiting(app.page, '오늘 한 이야기');
    app = await app.again();
    await openRecent(app.page);
    await untilSaid(app.page, '어제 한 이야기');
    await untilWaiting(app.page, '오늘 한 이야기');
  });

  it('gets what waited once, as soon as its host is back', async () => {
    room = await room.again();
    await untilSaid(app.page, '오늘 한 이야기');
    await untilGone(app.page, 'link-bar');
    assert.match(await wordsOf(app.page, 'member-count'), /1 person/);
    const raw = await joinRaw(room.url, 'raw');
    assert.deepEqual(raw.texts(), ['어제 한 이야기', '오늘 한 이야기']);
  });

  it('is forgotten after a question, and not there after a restart', async () => {
    await untilShown(app.page, 'forget');
    await app.page.click(by('forget'));
    await untilShown(app.page, 'forget-dialog');
    await app.page.click(by('confirm-forget'));
    await untilShown(app.page, 'host');
    await untilGone(app.page, 'recent-room');
    app = await app.again();
    await untilShown(app.page, 'host');
    assert.equal(await shows(app.page, 'recent-room'), false);
  });
});

/** As a person does it, so that all that was heard is on disk. */
async function quit(desktop, page) {
  await desktop.closeWindow();
  await until('the program has ended', async () => page.url().then(() => false, () => true));
}

async function openRecent(page) {
  await untilShown(page, 'recent-room');
  await page.click(by('recent-room'));
  await untilInRoom(page);
}

function untilWaiting(page, text) {
  return until(`‘${text}’ waits`, async () => (await messages(page)).some((one) => one.text === text && one.state === 'pending'), { seen: () => words(page) });
}
