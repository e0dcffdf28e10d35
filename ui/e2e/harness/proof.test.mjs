// The tests, tested: each way of looking must see the fault it looks for, on pages and sides made faulty on purpose.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { openChromium } from './chromium.mjs';
import { sent_by_protocol, sendByProtocol } from './composition.mjs';
import { assertAllSeeTheSame } from './mutual.mjs';
import { say } from './person.mjs';
import { endEverything } from './processes.mjs';
import { serveStandIn } from './stand_in.mjs';
import { assertShownAsText, HOSTILE_TEXTS } from './strangers.mjs';
import { together, until } from './waiting.mjs';

const first = sent_by_protocol['Enter while composing, then the commit, then Enter'];
const late = sent_by_protocol['the commit, then an Enter that still belongs to it, then Enter'];

describe('a faulty page is caught', () => {
  let site, chromium;
  before(async () => {
    [site, chromium] = await together(serveStandIn(), openChromium());
  });
  after(endEverything);

  it('one that sends at every Enter', async () => {
    const page = await chromium.page(`${site.url}?enter=unguarded`);
    await assert.rejects(sendByProtocol(page, first), /sends nothing/);
  });

  it('one that looks at isComposing alone', async () => {
    const page = await chromium.page(`${site.url}?enter=composing_only`);
    await sendByProtocol(page, first);
    await assert.rejects(sendByProtocol(page, late), /sends nothing/);
  });

  it('one that makes markup of what is said', async () => {
    const page = await chromium.page(`${site.url}?markup`);
    for (const text of HOSTILE_TEXTS) await say(page, text);
    await assert.rejects(assertShownAsText(page), /made nothing|letter by letter/);
  });

  it('and one that does none of it is not', async () => {
    const page = await chromium.page(site.url);
    for (const sequence of Object.values(sent_by_protocol)) await sendByProtocol(page, sequence);
    const fresh = await chromium.page(site.url);
    for (const text of HOSTILE_TEXTS) await say(fresh, text);
    await assertShownAsText(fresh);
  });
});

describe('a faulty room is caught', () => {
  const side = (name, ...texts) => ({ name, texts: () => texts });

  it('one that says a line twice, or in another order', async () => {
    await assert.rejects(assertAllSeeTheSame([side('a', 'x', 'y'), side('b', 'x', 'y', 'x')], ['x', 'y']));
    await assert.rejects(assertAllSeeTheSame([side('a', 'x', 'y'), side('b', 'y', 'x')], ['x', 'y']));
    assert.deepEqual(await assertAllSeeTheSame([side('a', 'y', 'x'), side('b', 'old', 'y', 'x')], ['x', 'y']), ['y', 'x']);
  });
});

describe('what a test started', () => {
  it('dies with the test, even when that is killed', async () => {
    const script = `import { openDesktop } from ${JSON.stringify(new URL('./xvfb.mjs', import.meta.url).href)};
      const { env } = await openDesktop(); console.log(env.HOME); await new Promise(() => setInterval(() => {}, 1000));`;
    const test = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const home = await new Promise((resolve) => test.stdout.once('data', (text) => resolve(`${text}`.trim())));
    const ours = () => execFileSync('sh', ['-c', `grep -lz '^HOME=${home}$' /proc/[0-9]*/environ 2>/dev/null || true`], { encoding: 'utf8' });
    assert.notEqual(ours(), '');
    test.kill('SIGKILL');
    await until('nothing of it is left', () => ours() === '', { seen: ours });
  });
});
