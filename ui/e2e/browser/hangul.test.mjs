// A guest writes Korean in Chromium with a real keyboard through a real input method.
import { after, before, describe, it } from 'node:test';
import { openChromiumWindow } from '../harness/chromium.mjs';
import { written_by_keyboard } from '../harness/composition.mjs';
import { openKoreanDesktop } from '../harness/hangul.mjs';
import { hostRoom } from '../harness/maru.mjs';
import { by, put, untilInRoom, untilShown } from '../harness/person.mjs';
import { endEverything } from '../harness/processes.mjs';
import { together } from '../harness/waiting.mjs';

describe('a guest writes Korean in Chromium', () => {
  let room, desktop, page;
  before(async () => {
    [room, desktop] = await together(hostRoom(), openKoreanDesktop());
    page = await openChromiumWindow(desktop, room.url);
    await untilShown(page, 'nickname');
    await put(page, 'nickname', '민지');
    await page.click(by('guest-enter'));
    await untilInRoom(page);
  });
  after(endEverything);

  for (const [behaviour, write] of Object.entries(written_by_keyboard)) {
    it(behaviour, () => write(desktop, page));
  }
});
