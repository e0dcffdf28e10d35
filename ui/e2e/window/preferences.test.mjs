// What the window keeps for its person between two starts, and what it does when that cannot be read.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { by, choose, untilGone, untilShown, valueOf, wordsOf } from '../harness/person.mjs';
import { endEverything } from '../harness/processes.mjs';
import { until } from '../harness/waiting.mjs';
import { openWindow } from '../harness/window.mjs';
import { openDesktop } from '../harness/xvfb.mjs';

describe('preferences', () => {
  let desktop, app;
  before(async () => {
    desktop = await openDesktop();
    app = await openWindow(desktop);
  });
  after(endEverything);

  it('outlive the app', async () => {
    await untilShown(app.page, 'nickname');
    assert.equal(await language(app.page), 'en', 'a system that speaks neither of our languages gets English');
    await app.page.click(by('settings'));
    await untilShown(app.page, 'settings-nickname');
    await app.page.fill(by('settings-nickname'), '느긋한 수달');
    await app.page.click(by('settings-nickname-save'));
    await choose(app.page, 'language', 'ko');
    await choose(app.page, 'theme', 'dark');
    await until('the page speaks Korean', async () => (await language(app.page)) === 'ko');
    await until('the preferences are on disk', () => /느긋한 수달/.test(preferences(app.data)?.text) && /"dark"/.test(preferences(app.data)?.text));
    app = await app.again();
    await untilShown(app.page, 'nickname');
    await until('the name is kept', async () => (await valueOf(app.page, 'nickname')) === '느긋한 수달', { seen: () => valueOf(app.page, 'nickname') });
    assert.equal(await language(app.page), 'ko');
    assert.match(await wordsOf(app.page, 'host'), /방 열기/);
    await app.page.click(by('settings'));
    await untilShown(app.page, 'theme');
    assert.equal(await valueOf(app.page, 'theme'), 'dark');
    await app.page.press('Escape');
    await untilGone(app.page, 'settings-nickname');
  });

  it('that cannot be read are set aside, and the person is told', async () => {
    const broken = '{"version":1,"nickname":"느긋';
    const { path, folder } = preferences(app.data);
    await app.close();
    writeFileSync(path, broken);
    app = await openWindow(desktop, { data: app.data });
    await untilShown(app.page, 'prefs-notice');
    assert.equal(await language(app.page), 'en');
    const aside = readdirSync(folder).filter((file) => {
      try {
        return readFileSync(join(folder, file), 'utf8') === broken;
      } catch {
        return false;
      }
    });
    assert.equal(aside.length, 1, 'what could not be read is kept');
    assert.notEqual(join(folder, aside[0]), path);
  });
});

/** The preferences file below a person's folder. */
function preferences(data) {
  const relative = readdirSync(data, { recursive: true }).find((file) => /preferences\.json$/.test(file));
  if (!relative) return undefined;
  const path = join(data, relative);
  return { path, folder: join(path, '..'), text: readFileSync(path, 'utf8') };
}

function language(page) {
  return page.run(() => document.documentElement.lang.slice(0, 2));
}
