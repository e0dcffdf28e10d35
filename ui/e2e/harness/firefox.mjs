// A page in Firefox, driven by WebDriver BiDi over a WebSocket: Debian has no geckodriver, and BiDi needs none
// (https://w3c.github.io/webdriver-bidi/). Knows the browser, not the app.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import WebSocket from 'ws';
import { atEnd, newFolder, start } from './processes.mjs';
import { inTime, until } from './waiting.mjs';

const BINARY = process.env.FIREFOX_BIN ?? '/usr/bin/firefox-esr';

/** Nothing of its own on the network, nothing over the page. */
const PREFERENCES = {
  'app.update.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'browser.startup.page': 0,
  'datareporting.policy.dataSubmissionEnabled': false,
  'dom.security.https_first': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,#remote-settings-dummy/v1',
  'toolkit.telemetry.enabled': false,
};

export const firefoxIsHere = existsSync(BINARY);

/** Starts a browser without a window, with a profile of its own. */
export async function openFirefox({ language = 'ko-KR' } = {}) {
  const profile = newFolder('firefox');
  const preferences = { ...PREFERENCES, 'intl.accept_languages': language };
  const lines = Object.entries(preferences).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`);
  writeFileSync(join(profile, 'user.js'), lines.join('\n'));
  const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0', 'about:blank'];
  const browser = start(BINARY, args, { env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: '1' } });
  const address = await until('Firefox listens', () => /WebDriver BiDi listening on (ws:\S+)/.exec(browser.tail())?.[1], {
    seen: () => browser.tail(),
  });
  const session = await connect(`${address}/session`);
  await session.ask('session.new', { capabilities: {} });
  await session.ask('session.subscribe', { events: ['log.entryAdded'] });
  return {
    browser,
    async page(url) {
      const { context } = await session.ask('browsingContext.create', { type: 'tab' });
      const page = new FirefoxPage(session, context);
      if (url) await page.open(url);
      return page;
    },
    close: () => browser.kill(),
  };
}

class FirefoxPage {
  engine = 'Firefox';

  constructor(session, context) {
    this.session = session;
    this.context = context;
    /** What the page complained of: uncaught errors and console errors. */
    this.complaints = [];
    session.listen('log.entryAdded', (entry) => {
      if (entry.source?.context === context && entry.level === 'error') this.complaints.push(entry.text);
    });
  }

  /** Runs `body` in the page and gives what it returns or resolves to. */
  async run(body, ...args) {
    const { type, result, exceptionDetails } = await this.session.ask('script.evaluate', {
      // What comes back as JSON needs no reading of the protocol's own values.
      expression: `Promise.resolve((${body})(...${JSON.stringify(args)})).then((value) => JSON.stringify(value) ?? 'null')`,
      target: { context: this.context },
      awaitPromise: true,
    });
    if (type === 'exception') throw new Error(`in the page: ${exceptionDetails.text}`);
    return JSON.parse(result.value);
  }

  async click(css) {
    const at = await until(`${css} is there to be clicked`, () => this.run(placeOf, css));
    await this.#perform([
      {
        type: 'pointer',
        id: 'mouse',
        actions: [
          { type: 'pointerMove', ...at },
          { type: 'pointerDown', button: 0 },
          { type: 'pointerUp', button: 0 },
        ],
      },
    ]);
  }

  /** Types into a field as a keyboard without an input method does, in place of what is there. */
  async fill(css, text) {
    await this.click(css);
    await this.press('Control+a');
    await this.press('Delete');
    const keys = [...text].flatMap((value) => [{ type: 'keyDown', value }, { type: 'keyUp', value }]);
    if (keys.length > 0) await this.#perform([{ type: 'key', id: 'keyboard', actions: keys }]);
  }

  /** Presses keys together: `Control+a`, `Enter`. */
  press(keys) {
    const values = keys.split('+').map((key) => KEYS[key] ?? key);
    const down = values.map((value) => ({ type: 'keyDown', value }));
    const up = values.toReversed().map((value) => ({ type: 'keyUp', value }));
    return this.#perform([{ type: 'key', id: 'keyboard', actions: [...down, ...up] }]);
  }

  url() {
    return this.run(() => location.href);
  }

  open(url) {
    return this.session.ask('browsingContext.navigate', { context: this.context, url, wait: 'complete' });
  }

  reload() {
    return this.session.ask('browsingContext.reload', { context: this.context, wait: 'complete' });
  }

  setSize(width, height) {
    return this.session.ask('browsingContext.setViewport', { context: this.context, viewport: { width, height } });
  }

  async screenshot(path) {
    const { data } = await this.session.ask('browsingContext.captureScreenshot', { context: this.context });
    writeFileSync(path, Buffer.from(data, 'base64'));
  }

  close() {
    return this.session.ask('browsingContext.close', { context: this.context });
  }

  #perform(actions) {
    return this.session.ask('input.performActions', { context: this.context, actions });
  }
}

/** The middle of an element that can be seen, once it is where it stays; runs in the page. */
function placeOf(css) {
  const element = document.querySelector(css);
  if (!element) return null;
  element.scrollIntoView({ block: 'nearest' });
  const { left, top, width, height } = element.getBoundingClientRect();
  return width > 0 ? { x: Math.round(left + width / 2), y: Math.round(top + height / 2) } : null;
}

/** Commands and events over one WebSocket. */
async function connect(url) {
  const socket = new WebSocket(url);
  const asked = new Map();
  const listeners = [];
  let last = 0;
  await inTime('Firefox to answer', new Promise((open, fail) => socket.once('open', open).once('error', fail)));
  atEnd(() => socket.terminate());
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    if (message.type === 'event') return listeners.forEach(([method, hear]) => method === message.method && hear(message.params));
    const { answer, fail } = asked.get(message.id) ?? {};
    asked.delete(message.id);
    if (message.type === 'error') fail?.(new Error(`${message.error}: ${message.message}`));
    else answer?.(message.result);
  });
  return {
    listen: (method, hear) => listeners.push([method, hear]),
    ask(method, params) {
      const id = (last += 1);
      const answered = new Promise((answer, fail) => asked.set(id, { answer, fail }));
      socket.send(JSON.stringify({ id, method, params }));
      return inTime(`Firefox to do ${method}`, answered);
    },
  };
}

/** Keys without a character, as WebDriver names them (its section on keyboard actions). */
const KEYS = { Control: '\uE009', Shift: '\uE008', Enter: '\uE007', Escape: '\uE00C', Delete: '\uE017', Backspace: '\uE003' };
