// A page in WebKitGTK, driven over WebDriver (W3C) by fetch. Knows the protocol, not the app.
import { createServer } from 'node:net';
import { writeFileSync } from 'node:fs';
import { start } from './processes.mjs';
import { inTime, until } from './waiting.mjs';

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
const DELETE_MS = 3_000;

/** Starts WebKitWebDriver and, through it, `binary`; resolves to its page. */
export async function openWebKitPage({ binary, args = [], env }) {
  const port = await freePort();
  const driver = start('WebKitWebDriver', ['--host=127.0.0.1', `--port=${port}`], { env });
  const base = `http://127.0.0.1:${port}`;
  await until('the driver answers', async () => {
    if (driver.gone) throw new Error(`the driver is gone: ${driver.tail()}`);
    return (await fetch(`${base}/status`)).ok;
  });
  try {
    const { sessionId } = await call('POST', `${base}/session`, {
      capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': { binary, args } } },
    });
    return new WebKitPage(`${base}/session/${sessionId}`, driver);
  } catch (error) {
    await driver.kill();
    throw new Error(`${binary} gave no page: ${driver.tail()}`, { cause: error });
  }
}

class WebKitPage {
  engine = 'WebKitGTK';

  constructor(session, driver) {
    this.session = session;
    this.driver = driver;
  }

  /** Runs `body` in the page and gives what it returns or resolves to. */
  async run(body, ...args) {
    const script = `const args = [...arguments], done = args.pop();
      Promise.resolve().then(() => (${body})(...args)).then((value) => done({ value }), (error) => done({ error: String(error?.message ?? error) }));`;
    const { value, error } = await call('POST', `${this.session}/execute/async`, { script, args });
    if (error !== undefined) throw new Error(`in the page: ${error}`);
    return value;
  }

  /** Clicks on the first element that `css` finds, once there is one that can be clicked. */
  async click(css) {
    await until(`${css} can be clicked`, async () => {
      await this.command('POST', `/element/${await this.find(css)}/click`, {});
      return true;
    });
  }

  /** Replaces what a field holds by typing. */
  async fill(css, text) {
    const id = await until(`there is ${css}`, () => this.find(css));
    await this.run((css) => (document.querySelector(css).focus(), document.querySelector(css).select()), css);
    await this.command('POST', `/element/${id}/value`, { text: text === '' ? '\uE017' : text });
  }

  /** Presses one key in whatever has the focus: a character, or Enter, Escape, Tab. */
  async press(key) {
    const value = { Enter: '\uE007', Escape: '\uE00C', Tab: '\uE004' }[key] ?? key;
    await this.command('POST', '/actions', {
      actions: [{ type: 'key', id: 'keyboard', actions: [{ type: 'keyDown', value }, { type: 'keyUp', value }] }],
    });
  }

  url() {
    return this.command('GET', '/url');
  }

  open(url) {
    return this.command('POST', '/url', { url });
  }

  async screenshot(path) {
    writeFileSync(path, Buffer.from(await this.command('GET', '/screenshot'), 'base64'));
  }

  /** Ends the page and its program. Asking may hang while a dialog is open, so it is asked briefly and then ended. */
  async close() {
    await call('DELETE', this.session, undefined, DELETE_MS).catch(() => {});
    await this.driver.kill();
  }

  async find(css) {
    return (await this.command('POST', '/element', { using: 'css selector', value: css }))[ELEMENT];
  }

  command(method, path, body) {
    return call(method, this.session + path, body);
  }
}

async function call(method, url, body, within_ms) {
  const answer = await inTime(`${method} ${url}`, fetch(url, { method, body: body && JSON.stringify(body), headers: { 'content-type': 'application/json' } }), within_ms);
  const { value } = await answer.json();
  if (!answer.ok) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

/** A port nobody listens on now. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
