// Looks at the page: builds it with the fake bridge, walks it through scenes in a headless Chromium, runs axe on each,
// and writes PNGs: the README's few to docs/screenshots, and all to MARU_SHOTS or a folder of the system's temporary
// ones. `node scripts/screenshots.mjs [pattern]`
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const UI = resolve(fileURLToPath(import.meta.url), '../..');
const OUT = process.env.MARU_SHOTS ?? join(tmpdir(), 'maru-shots');
const DOCS = resolve(UI, '../docs/screenshots');
const BUILD = join(tmpdir(), 'maru-ui-fake');
const ONLY = process.argv[2];

/** The afternoon that every scene plays in: 3:07 pm on Friday, July 3. */
const NOW = new Date('2026-07-03T15:07:00+09:00');
const DESK = { width: 1080, height: 720 };
const WIDE = { width: 1280, height: 800 };
const MID = { width: 800, height: 600 };
const PHONE = { width: 360, height: 740, phone: true };

// name, scene, size, language, theme, then what to do before the picture; `docs` goes into the README.
const SHOTS = [
  ['welcome-ko-light', 'welcome', DESK, 'ko', 'light', null, 'docs'],
  ['welcome-en-dark', 'welcome', DESK, 'en', 'dark', null, 'docs'],
  ['welcome-phone-ko-dark', 'welcome', PHONE, 'ko', 'dark'],
  ['first-en-light', 'first', MID, 'en', 'light'],
  ['broken-ko-light', 'broken', DESK, 'ko', 'light'],
  ['join-error-ko-light', 'welcome', DESK, 'ko', 'light', (page) => joinTo(page, 'timeout.test:4567')],
  ['join-unreadable-en-dark', 'welcome', PHONE, 'en', 'dark', (page) => joinTo(page, 'not an address at all')],
  ['join-target-en-light', 'welcome', DESK, 'en', 'light', (page) => type(page, 'join-address', '192.168.0.10:4567')],
  ['host-dialog-ko-light', 'welcome', DESK, 'ko', 'light', (page) => hostOptions(page)],
  ['host-dialog-phone-en-dark', 'welcome', PHONE, 'en', 'dark', (page) => hostOptions(page)],
  ['host-guarded-ko-light', 'welcome', DESK, 'ko', 'light', (page) => hostGuarded(page)],
  ['host-guarded-phone-en-dark', 'welcome', PHONE, 'en', 'dark', (page) => hostGuarded(page)],
  ['scanning-ko-light', 'scanning', DESK, 'ko', 'light'],
  ['join-dialect-ko-light', 'welcome', DESK, 'ko', 'light', (page) => dialect(page)],
  ['join-dialect-phone-en-dark', 'welcome', PHONE, 'en', 'dark', (page) => dialect(page)],
  ['passphrase-ko-light', 'welcome', DESK, 'ko', 'light', (page) => passphrase(page)],
  ['passphrase-phone-en-dark', 'welcome', PHONE, 'en', 'dark', (page) => passphrase(page)],
  ['certificate-ko-dark', 'welcome', MID, 'ko', 'dark', (page) => moved(page)],
  ['certificate-phone-en-light', 'welcome', PHONE, 'en', 'light', (page) => moved(page)],
  ['opened-ko-light', 'opened', DESK, 'ko', 'light'],
  ['opened-phone-en-dark', 'opened', PHONE, 'en', 'dark'],
  ['inspector-ko-light', 'inspector', WIDE, 'ko', 'light', (page) => inspector(page), 'docs'],
  ['inspector-en-dark', 'inspector', WIDE, 'en', 'dark', (page) => inspector(page)],
  ['inspector-mid-ko-dark', 'inspector', MID, 'ko', 'dark', (page) => inspector(page)],
  ['inspector-phone-en-light', 'inspector', PHONE, 'en', 'light', (page) => inspector(page)],
  ['inspector-guest-ko-light', 'guest-inspector', MID, 'ko', 'light', (page) => inspector(page)],
  ['foreign-ko-light', 'foreign', WIDE, 'ko', 'light', (page) => page.getByTestId('guard').hover()],
  ['foreign-phone-en-dark', 'foreign', PHONE, 'en', 'dark', (page) => page.getByTestId('guard').focus()],
  ['foreign-mid-ko-dark', 'foreign', MID, 'ko', 'dark'],
  ['shut-ko-light', 'shut', DESK, 'ko', 'light'],
  ['walled-ko-light', 'walled', DESK, 'ko', 'light', (page) => click(page, 'invite')],
  ['walled-phone-en-dark', 'walled', PHONE, 'en', 'dark', (page) => click(page, 'invite')],
  ['guest-invite-ko-light', 'guest-room', PHONE, 'ko', 'light', (page) => click(page, 'invite')],
  ['guest-invite-en-dark', 'guest-room', DESK, 'en', 'dark', (page) => click(page, 'invite')],
  ['guest-passphrase-phone-ko-light', 'guest-passphrase', PHONE, 'ko', 'light'],
  ['invite-ko-light', 'hosting', DESK, 'ko', 'light', null, 'docs'],
  ['invite-en-dark', 'hosting', WIDE, 'en', 'dark'],
  ['invite-phone-ko-light', 'hosting', PHONE, 'ko', 'light'],
  ['invite-dialog-ko-dark', 'hosted', DESK, 'ko', 'dark', (page) => click(page, 'invite')],
  ['invite-dialog-phone-en-light', 'hosted', PHONE, 'en', 'light', (page) => click(page, 'invite')],
  ['room-ko-light', 'room', WIDE, 'ko', 'light', null, 'docs'],
  ['room-en-dark', 'room', WIDE, 'en', 'dark', null, 'docs'],
  ['room-desk-ko-dark', 'room', DESK, 'ko', 'dark'],
  ['room-mid-ko-light', 'room', MID, 'ko', 'light'],
  ['room-mid-details-en-light', 'room', MID, 'en', 'light', (page) => click(page, 'details-toggle')],
  ['phone-ko-light', 'room', PHONE, 'ko', 'light', null, 'docs'],
  ['phone-en-dark', 'guest-room', PHONE, 'en', 'dark', null, 'docs'],
  ['phone-list-ko-light', 'room', PHONE, 'ko', 'light', (page) => click(page, 'back')],
  ['phone-details-ko-dark', 'hosted', PHONE, 'ko', 'dark', (page) => click(page, 'details-toggle')],
  ['guest-ko-light', 'guest', PHONE, 'ko', 'light', null, 'docs'],
  ['guest-en-dark', 'guest', DESK, 'en', 'dark'],
  ['guest-room-ko-light', 'guest-room', DESK, 'ko', 'light'],
  ['fates-ko-light', 'fates', DESK, 'ko', 'light'],
  ['fates-phone-en-dark', 'fates', PHONE, 'en', 'dark'],
  ['reconnecting-ko-light', 'reconnecting', DESK, 'ko', 'light', (page) => later(page, 3)],
  ['reconnecting-phone-en-dark', 'reconnecting', PHONE, 'en', 'dark', (page) => later(page, 3)],
  ['away-ko-light', 'away', WIDE, 'ko', 'light', (page) => later(page, 3)],
  ['away-phone-en-dark', 'away', PHONE, 'en', 'dark', (page) => later(page, 3)],
  ['notebook-ko-light', 'notebook', DESK, 'ko', 'light'],
  ['notebook-phone-en-dark', 'notebook', PHONE, 'en', 'dark'],
  ['failed-ko-dark', 'failed', DESK, 'ko', 'dark'],
  ['failed-phone-en-light', 'failed', PHONE, 'en', 'light'],
  ['forget-ko-light', 'welcome', DESK, 'ko', 'light', (page) => page.getByTestId('forget-recent').first().click()],
  ['forget-phone-en-dark', 'welcome', PHONE, 'en', 'dark', (page) => page.getByTestId('forget-recent').first().click()],
  ['closed-ko-dark', 'closed', DESK, 'ko', 'dark'],
  ['left-phone-en-light', 'left', PHONE, 'en', 'light'],
  ['names-ko-light', 'names', WIDE, 'ko', 'light'],
  ['names-phone-ko-dark', 'names', PHONE, 'ko', 'dark'],
  ['empty-ko-light', 'empty', DESK, 'ko', 'light'],
  ['gap-ko-light', 'gap', DESK, 'ko', 'light'],
  ['search-ko-light', 'long', WIDE, 'ko', 'light', (page) => search(page, '점심')],
  ['search-en-dark', 'long', DESK, 'en', 'dark', (page) => search(page, 'lunch')],
  ['search-phone-ko-light', 'long', PHONE, 'ko', 'light', (page) => search(page, '점심')],
  ['search-none-ko-dark', 'long', WIDE, 'ko', 'dark', (page) => search(page, '저녁밥')],
  ['search-unkept-ko-light', 'unkept', WIDE, 'ko', 'light', (page) => search(page, null)],
  ['search-jump-ko-light', 'long', WIDE, 'ko', 'light', (page) => jump(page, '점심', 0)],
  ['excerpt-ko-light', 'long', WIDE, 'ko', 'light', (page) => jump(page, '점심', 40)],
  ['excerpt-en-dark', 'long', WIDE, 'en', 'dark', (page) => jump(page, 'lunch', 40)],
  ['excerpt-phone-en-dark', 'long', PHONE, 'en', 'dark', (page) => jump(page, 'lunch', 40)],
  ['excerpt-phone-ko-light', 'long', PHONE, 'ko', 'light', (page) => jump(page, '점심', 40)],
  ['disk-ko-light', 'disk', DESK, 'ko', 'light'],
  ['disk-phone-en-dark', 'disk', PHONE, 'en', 'dark'],
  ['unkept-ko-light', 'unkept', WIDE, 'ko', 'light'],
  ['latest-en-dark', 'latest', WIDE, 'en', 'dark'],
  ['latest-phone-ko-light', 'latest', PHONE, 'ko', 'light', (page) => click(page, 'details-toggle')],
  ['keep-ko-light', 'welcome', DESK, 'ko', 'light', (page) => keep(page, 'last')],
  ['keep-phone-en-dark', 'welcome', PHONE, 'en', 'dark', (page) => keep(page, 'nothing')],
  ['export-ko-light', 'room', WIDE, 'ko', 'light', (page) => click(page, 'export')],
  ['exported-en-dark', 'room', WIDE, 'en', 'dark', (page) => exported(page)],
  ['gap-diverged-en-dark', 'diverged', DESK, 'en', 'dark'],
  ['gap-anew-ko-light', 'anew', DESK, 'ko', 'light'],
  ['long-en-light', 'long', DESK, 'en', 'light', (page) => scrollUp(page)],
  ['settings-ko-light', 'room', DESK, 'ko', 'light', (page) => click(page, 'settings'), 'docs'],
  ['settings-phone-en-dark', 'guest-room', PHONE, 'en', 'dark', (page) => click(page, 'settings')],
  ['keys-ko-dark', 'room', DESK, 'ko', 'dark', (page) => page.keyboard.press('Control+Slash')],
  ['switcher-ko-light', 'room', DESK, 'ko', 'light', (page) => switcher(page)],
  ['link-ko-light', 'room', DESK, 'ko', 'light', (page) => page.locator('[data-testid=message-text] a').click()],
  ['leave-ko-dark', 'room', WIDE, 'ko', 'dark', (page) => click(page, 'leave')],
  ['stop-phone-ko-light', 'hosted', PHONE, 'ko', 'light', (page) => stop(page)],
  ['quit-en-light', 'quit', DESK, 'en', 'light'],
  ['zoom-ko-light', 'room', { width: 540, height: 360, scale: 2 }, 'ko', 'light'],
  ['contrast-ko-light', 'room', DESK, 'ko', 'light', null, null, { contrast: 'more' }],
  ['forced-en', 'fates', DESK, 'en', 'dark', null, null, { forcedColors: 'active' }],
  ['focus-ko-light', 'room', WIDE, 'ko', 'light', (page) => roam(page)],
];

/** What the shipped page is served with; a violation shows up as a console error. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'";

const click = (page, id) => page.getByTestId(id).click();
const type = (page, id, text) => page.getByTestId(id).fill(text);
const later = (page, seconds) => page.clock.runFor(seconds * 1000);

async function joinTo(page, address) {
  await type(page, 'join-address', address);
  await click(page, 'join');
  await page.getByTestId('join-error').waitFor();
}

async function hostOptions(page) {
  await click(page, 'host-options');
  await page.getByTestId('host-dialog').locator('summary').click();
}

async function hostGuarded(page) {
  await hostOptions(page);
  await type(page, 'host-passphrase', '열려라 참깨');
  await page.getByTestId('host-announce').scrollIntoViewIfNeeded();
}

async function dialect(page) {
  await type(page, 'join-address', 'ws://192.168.0.20:8080');
  await page.getByTestId('join-more').locator('summary').click();
  await page.getByTestId('dialect-choice').selectOption('nickname_json');
}

async function passphrase(page) {
  await type(page, 'join-address', 'secret.example:4567');
  await click(page, 'join');
  await type(page, 'passphrase', '열려라');
  await click(page, 'passphrase-enter');
  await page.getByTestId('passphrase-error').waitFor();
}

async function moved(page) {
  await type(page, 'join-address', 'moved.example:4567');
  await click(page, 'join');
  await page.getByTestId('certificate-dialog').waitFor();
}

async function inspector(page) {
  await page.keyboard.press('Control+Shift+KeyL');
  await page.getByTestId('frame').last().click();
  await page.getByTestId('frame-whole').scrollIntoViewIfNeeded();
}

async function switcher(page) {
  await page.keyboard.press('Control+KeyK');
  await type(page, 'switcher-input', 'ㄱㅂ');
}

async function stop(page) {
  await click(page, 'details-toggle');
  await click(page, 'stop-hosting');
}

async function search(page, words) {
  await click(page, 'search-open');
  if (words === null) return;
  await type(page, 'search-input', words);
  await later(page, 1);
}

async function jump(page, words, nth) {
  await search(page, words);
  await page.getByTestId('search-result').nth(nth).click();
}

async function keep(page, kind) {
  await click(page, 'host-options');
  await page.getByTestId('keep').selectOption(kind);
}

async function exported(page) {
  await click(page, 'export');
  await click(page, 'export-go');
  await page.getByTestId('export-path').waitFor();
}

async function scrollUp(page) {
  await page.getByTestId('timeline').evaluate((element) => (element.scrollTop -= 900));
}

async function roam(page) {
  await page.getByTestId('timeline').focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
}

if (!process.env.MARU_NO_BUILD) {
  const built = spawnSync('npx', ['vite', 'build', '--mode', 'fake', '--outDir', BUILD, '--logLevel', 'warn'], {
    cwd: UI,
    stdio: 'inherit',
  });
  if (built.status !== 0) process.exit(built.status ?? 1);
}
await mkdir(OUT, { recursive: true });
await mkdir(DOCS, { recursive: true });
const axe = await readFile(join(UI, 'node_modules/axe-core/axe.min.js'), 'utf8');
const server = await serve(BUILD);
const origin = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    ...['--disable-component-update', '--disable-sync'],
  ],
});
let problems = 0;
for (const shot of SHOTS) {
  if (!ONLY || new RegExp(ONLY).test(shot[0])) problems += await take(shot);
}
await browser.close();
server.close();
console.log(problems === 0 ? 'no problems' : `${problems} problems`);
process.exitCode = problems === 0 ? 0 : 1;

async function take([name, scene, size, lang, theme, act, docs, media = {}]) {
  const context = await browser.newContext({
    viewport: { width: size.width, height: size.height },
    deviceScaleFactor: size.scale ?? (size.phone ? 2 : 1),
    hasTouch: size.phone ?? false,
    isMobile: size.phone ?? false,
    locale: lang === 'ko' ? 'ko-KR' : 'en-US',
    timezoneId: 'Asia/Seoul',
    colorScheme: theme,
    ...media,
  });
  const page = await context.newPage();
  const found = [];
  page.on('pageerror', (error) => found.push(`error ${error.message}`));
  page.on('console', (message) => message.type() === 'error' && found.push(`console ${message.text()}`));
  await page.clock.install({ time: NOW });
  await page.goto(`${origin}/?fake=${scene}&lang=${lang}&theme=${theme}`);
  await page.locator('main, [data-testid=timeline]').first().waitFor();
  await act?.(page);
  await page.clock.runFor(400);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (wide > 0) found.push(`the page is ${wide}px too wide`);
  const path = join(OUT, `${name}.png`);
  await page.screenshot({ path, animations: 'disabled' });
  if (docs === 'docs') await page.screenshot({ path: join(DOCS, `${name}.png`), animations: 'disabled' });
  await page.clock.resume();
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  for (const { id, impact, nodes } of violations) {
    found.push(
      `axe ${impact} ${id}: ${nodes
        .map((node) => node.target.join(' '))
        .slice(0, 3)
        .join(' | ')}`,
    );
  }
  await context.close();
  for (const one of found) console.log(`${name}: ${one}`);
  return found.length;
}

/** Static files under the policy that the shipped page has to live with. */
async function serve(root) {
  const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
  const files = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://127.0.0.1');
    const file = join(root, pathname === '/' ? 'index.html' : pathname);
    try {
      const content = await readFile(file);
      response.writeHead(200, {
        'content-type': types[extname(file)] ?? 'application/octet-stream',
        'content-security-policy': POLICY,
      });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => files.listen(0, '127.0.0.1', listening));
  return files;
}
