// The door of a hosted room: what its port answers to browsers that know nothing yet, and whom it turns away.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { hostname } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { openChromium } from '../harness/chromium.mjs';
import { hostRoom } from '../harness/maru.mjs';
import { copiedAndPasted, enterAsGuest, say, shows, untilSaid } from '../harness/person.mjs';
import { endEverything } from '../harness/processes.mjs';
import { joinRaw, upgradeStatus } from '../harness/raw.mjs';
import { serveStandIn } from '../harness/stand_in.mjs';
import { together } from '../harness/waiting.mjs';

const NAME = `${hostname().split('.')[0].toLowerCase()}.local`;

describe('the door of a hosted room', () => {
  let room, chromium;
  before(async () => {
    [room, chromium] = await together(
      hostRoom(),
      openChromium({ args: [`--host-resolver-rules=MAP ${NAME} 127.0.0.1`] }),);
  });
  after(endEverything);

  it('shows the page to a plain GET, and 426 to nobody', async () => {
    for (const path of ['', '?from=qr', 'room', 'a/b/c', '.well-known/x', 'index.html']) {
      const answer = await fetch(room.url + path);
      assert.equal(answer.status, 200, `GET /${path}`);
    }
    const page = await fetch(room.url);
    assert.match(page.headers.get('content-type'), /^text\/html/);
    assert.match(page.headers.get('content-security-policy') ?? '', /script-src 'self'/);
    assert.equal((await fetch(room.url, { method: 'HEAD' })).status, 200);
  });

  it('has an icon for the tab', async () => {
    const answer = await fetch(new URL('favicon.ico', room.url));
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type'), /^image\//);
  });

  it('says what room it is', async () => {
    const answer = await (await fetch(new URL('room.json', room.url))).json();
    assert.deepEqual(answer.maru, ['maru.v1']);
    assert.ok(answer.id && typeof answer.name === 'string');
  });

  it('leads an unknown path to the room', async () => {
    const page = await chromium.page(`${room.url}some/old/link?x=1`);
    await enterAsGuest(page, 'Lost');
    assert.equal(new URL(await page.url()).pathname, '/');
    await page.close();
  });

  it('turns pages of other origins away', async () => {
    assert.equal(await upgradeStatus(room.url, { origin: 'http://evil.example' }), 403);
    assert.equal(await upgradeStatus(room.url, { origin: `http://127.0.0.1:${room.port + 1}` }), 403);
    assert.equal(await upgradeStatus(room.url, { origin: `https://127.0.0.1:${room.port}` }), 403);
    assert.equal(await upgradeStatus(room.url, { origin: 'null' }), 403);
    assert.equal(await upgradeStatus(room.url, { origin: `http://127.0.0.1:${room.port}` }), 101);
    assert.equal(await upgradeStatus(room.url), 101);

    const elsewhere = await serveStandIn();
    const page = await chromium.page(elsewhere.url);
    const outcome = await page.run((url) => new Promise((resolve) => {
      const socket = new WebSocket(url, ['maru.v1']);
      socket.onopen = () => resolve('let in');
      socket.onerror = () => resolve('turned away');
    }), room.url.replace('http', 'ws'));
    assert.equal(outcome, 'turned away');
    await page.close();
  });

  it('turns away whoever calls it by a name that is not its own', async () => {
    const status = (host) => new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port: room.port, headers: { host } }, (answer) => (answer.resume(), resolve(answer.statusCode))).on('error', reject).end();
    });
    assert.equal(await status('evil.example'), 421);
    assert.equal(await status(`evil.example:${room.port}`), 421);
    assert.equal(await status(`localhost:${room.port}`), 200);
    assert.equal(await status(`${NAME}:${room.port}`), 200);
  });

  it('serves a guest who comes by plain http, where a browser gives less', async () => {
    const page = await chromium.page(`http://${NAME}:${room.port}/`);
    assert.equal(await page.run(() => window.isSecureContext), false);
    assert.equal(await page.run(() => typeof crypto.subtle), 'undefined');
    await enterAsGuest(page, '수달');
    const raw = await joinRaw(room.url, 'raw');
    await say(page, 'no secure context');
    await untilSaid(page, 'no secure context');
    await raw.frame('the raw member hears it', (frame) => frame.text === 'no secure context');
    await raw.say('heard you');
    await untilSaid(page, 'heard you');
    await raw.say('```\nno clipboard API here\n```');
    assert.equal(await copiedAndPasted(page), 'no clipboard API here');
    assert.equal(await shows(page, 'link-bar'), false);
    assert.deepEqual(page.complaints, []);
    raw.close();
    await page.close();
  });
});
