// A person writes Korean in the window with a real keyboard through a real input method.
import { after, before, describe, it } from 'node:test';
import { written_by_keyboard } from '../harness/composition.mjs';
import { openKoreanDesktop } from '../harness/hangul.mjs';
import { by, put, untilInRoom, untilShown } from '../harness/person.mjs';
import { endEverything } from '../harness/processes.mjs';
import { openWindow } from '../harness/window.mjs';

describe('a person writes Korean in the window', () => {
  let desktop, app;
  before(async () => {
    desktop = await openKoreanDesktop();
    app = await openWindow(desktop);
    await untilShown(app.page, 'nickname');
    await put(app.page, 'nickname', '민지');
    await app.page.click(by('host'));
    await untilInRoom(app.page);
    await desktop.windowInFront();
  });
  after(endEverything);

  for (const [behaviour, write] of Object.entries(written_by_keyboard)) {
    it(behaviour, () => write(desktop, app.page));
  }
});
