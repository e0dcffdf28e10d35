// What a script in the window could do, had a stranger got one in: nothing beyond the commands that the page needs.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { shows, untilShown } from '../harness/person.mjs';
import { endEverything } from '../harness/processes.mjs';
import { until } from '../harness/waiting.mjs';
import { openWindow } from '../harness/window.mjs';
import { openDesktop } from '../harness/xvfb.mjs';

const UNLISTED = [
  ['plugin:fs|read_text_file', { path: '/etc/passwd' }],
  ['plugin:shell|execute', { program: 'true', args: [] }],
  ['plugin:http|fetch', { clientConfig: { url: 'http://127.0.0.1/' } }],
  ['plugin:opener|open_path', { path: '/' }],
  ['plugin:clipboard-manager|read_text', {}],
  ['plugin:webview|create_webview_window', { options: { label: 'other', url: 'https://example.invalid' } }],
  ['plugin:window|create', { options: { label: 'other' } }],
  ['plugin:window|destroy', { label: 'main' }],
  ['plugin:path|resolve_directory', { directory: 6 }],
  ['plugin:app|version', {}],
  ['no_such_command', {}],
];

describe('a script in the window', () => {
  let desktop, app, page;
  before(async () => {
    desktop = await openDesktop();
    app = await openWindow(desktop);
    page = app.page;
    await untilShown(page, 'host');
  });
  after(endEverything);

  it('finds no global Tauri', async () => {
    assert.equal(await page.run(() => typeof window.__TAURI__), 'undefined');
  });

  it('can call no command but the listed ones', async () => {
    for (const [command, args] of UNLISTED) {
      const outcome = await page.run((command, args) =>
        window.__TAURI_INTERNALS__.invoke(command, args).then((value) => `let through: ${JSON.stringify(value)}`, (error) => `refused: ${typeof error === 'string' ? error : JSON.stringify(error)}`), command, args);
      assert.match(outcome, /^refused: .*(not allowed|not found|denied)/i, command);
    }
  });

  it('can open no link but to the web and to mail', async () => {
    for (const url of ['file:///etc/passwd', 'javascript:1', 'smb://127.0.0.1/x', '/etc/passwd', 'data:text/html,x', 'maru://join']) {
      const outcome = await page.run((url) => window.__TAURI_INTERNALS__.invoke('open_link', { url }).then(() => 'opened', (error) => `refused: ${JSON.stringify(error)}`), url);
      assert.match(outcome, /^refused/, url);
    }
  });

  it('cannot lead the window elsewhere', async () => {
    const home = await page.url();
    await page.run(() => {
      window.stillHere = true;
      location.href = 'https://example.invalid/';
    });
    await page.run(() => {
      const link = Object.assign(document.createElement('a'), { href: 'http://127.0.0.1:1/', textContent: 'x' });
      document.body.append(link);
      link.click();
      link.remove();
    });
    assert.equal(await page.run(() => String(window.open('http://127.0.0.1:1/'))), 'null');
    // A round through the page and the shell: whatever was to happen to the page has happened by then.
    await until('the page still answers its person', () => shows(page, 'host'));
    assert.equal(await page.run(() => window.stillHere), true);
    assert.equal(await page.url(), home);
  });

  it('can fetch nothing from elsewhere, and run no text as code', async () => {
    assert.equal(await page.run(() => fetch('http://127.0.0.1:1/').then(() => 'fetched', (error) => error.name)), 'TypeError');
    const ran = await page.run(() => new Promise((resolve) => {
      const script = document.createElement('script');
      script.textContent = 'window.ranInline = true';
      document.body.append(script);
      setTimeout(() => resolve(window.ranInline === true));
    }));
    assert.equal(ran, false);
    const blocked = await page.run(() => new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true });
      document.body.append(Object.assign(document.createElement('img'), { src: 'http://127.0.0.1:1/spy.png' }));
    }));
    assert.equal(blocked, 'img-src');
  });
});
