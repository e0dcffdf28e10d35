// The ways into a room in the real window: a passphrase set there, another window that shows it, the lock, what goes over
// the wire, and an invite.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openChromium } from '../harness/chromium.mjs';
import { by, say, shows, takeName, untilGone, untilInRoom, untilSaid, untilShown, wordsOf } from '../harness/person.mjs';
import { endEverything } from '../harness/processes.mjs';
import { together, until } from '../harness/waiting.mjs';
import { openWindow } from '../harness/window.mjs';
import { openDesktop } from '../harness/xvfb.mjs';

const PASSPHRASE = '열려라 참깨';

describe('a room with a passphrase, hosted in the window', () => {
  let desktops, chromium, host, member, url;
  before(async () => {
    // Each window needs the keyboard for itself.
    [chromium, ...desktops] = await together(openChromium(), openDesktop(), openDesktop());
    host = await openWindow(desktops[0]);
    member = await openWindow(desktops[1]);
  });
  after(endEverything);

  it('is opened with it, and its own window needs none', async () => {
    await takeName(host.page, '방장');
    await host.page.click(by('host-options'));
    await untilShown(host.page, 'host-dialog');
    await host.page.run(() => (document.querySelector('[data-testid=host-dialog] details').open = true));
    await host.page.fill(by('host-passphrase'), PASSPHRASE);
    await host.page.click(by('host-open'));
    await untilInRoom(host.page);
    url = await until('the invite has an address', () => wordsOf(host.page, 'invite-address'));
    assert.equal(await shows(host.page, 'invite-passphrase'), true);
  });

  it('asks a guest in a browser', async () => {
    const guest = await chromium.page(url);
    await takeName(guest, '손님');
    await guest.fill(by('guest-passphrase'), PASSPHRASE);
    await guest.click(by('guest-enter'));
    await untilInRoom(guest);
    await say(guest, '브라우저에서 왔어요');
    await untilSaid(host.page, '브라우저에서 왔어요');
  });

  it('asks another window in a dialog, says what was wrong, and lets it in over TLS', async () => {
    await takeName(member.page, '민지');
    await member.page.fill(by('join-address'), url);
    await member.page.click(by('join'));
    await untilShown(member.page, 'passphrase');
    await member.page.fill(by('passphrase'), '닫혀라 참깨');
    await member.page.click(by('passphrase-enter'));
    await untilShown(member.page, 'passphrase-error');
    await member.page.fill(by('passphrase'), PASSPHRASE);
    await member.page.click(by('passphrase-enter'));
    await untilInRoom(member.page);
    await untilGone(member.page, 'passphrase-dialog');
    await say(member.page, '창에서 왔어요');
    await untilSaid(host.page, '창에서 왔어요');
    const security = await member.page.run((css) => document.querySelector(css).dataset.security, by('guard'));
    assert.ok(['first_seen', 'pinned'].includes(security), security);
  });

  it('shows the handshake, TLS and each frame, and no passphrase', async () => {
    await member.page.click(by('guard'));
    await untilShown(member.page, 'inspector');
    await say(member.page, '들여다봐요');
    await untilSaid(member.page, '들여다봐요');
    const lines = () => member.page.run(() => [...document.querySelectorAll('[data-testid=frame]')].map(({ textContent }) => textContent));
    await until('the line is seen on the wire, both ways', async () => (await lines()).filter((line) => line.includes('들여다봐요')).length >= 2, { seen: lines });
    const handshake = await wordsOf(member.page, 'handshake');
    assert.match(handshake, /TLS/);
    assert.ok(!(await lines()).some((line) => line.includes('참깨')));
  });

  it('is entered again without asking, once the host has opened it again', async () => {
    await host.page.click(by('stop-hosting'));
    await untilShown(host.page, 'confirm-stop');
    await host.page.click(by('confirm-stop'));
    await untilShown(member.page, 'ended');
    await untilShown(host.page, 'ended');
    await host.page.click(by('rejoin'));
    await untilInRoom(host.page);
    await member.page.click(by('rejoin'));
    await untilInRoom(member.page);
    await say(member.page, '다시 왔어요');
    await untilSaid(host.page, '다시 왔어요');
  });
});
