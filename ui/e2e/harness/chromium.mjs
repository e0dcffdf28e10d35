// A page in Chromium, driven by playwright-core. Knows the browser, not the app.
import { chromium } from 'playwright-core';
import { atEnd, newFolder } from './processes.mjs';
import { DEADLINE_MS, until } from './waiting.mjs';

const BINARY = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';
const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable'];

/** Starts a browser without a window; `args` are added to the quiet ones. */
export async function openChromium({ args = [], env = process.env, headless = true } = {}) {
  const browser = await chromium.launch({
    executablePath: BINARY,
    args: [...QUIET, ...args],
    env,
    headless,
  });
  atEnd(() => browser.close());
  return {
    browser,
    /** A page of its own person: nothing is shared with other pages. */
    async page(url, context = {}) {
      const person = await browser.newContext({ locale: 'en-US', ...context });
      person.setDefaultTimeout(DEADLINE_MS);
      const page = new ChromiumPage(await person.newPage());
      if (url) await page.open(url);
      return page;
    },
    close: () => browser.close(),
  };
}

/** Starts a browser with a window of the page alone, on a desktop: for a real keyboard and a real mouse. */
export async function openChromiumWindow(desktop, url) {
  const person = await chromium.launchPersistentContext(newFolder('chromium'), {
    executablePath: BINARY,
    args: [...QUIET, '--ozone-platform=x11', '--kiosk', `--app=${url}`],
    env: desktop.env,
    headless: false,
    viewport: null,
  });
  atEnd(() => person.close());
  await desktop.windowInFront();
  return new ChromiumPage(await until('the browser shows the page', () => person.pages().find((page) => page.url() === url)));
}

class ChromiumPage {
  engine = 'Chromium';

  constructor(page) {
    this.page = page;
    /** What the page complained of: uncaught errors and console errors. */
    this.complaints = [];
    page.on('pageerror', (error) => this.complaints.push(`${error}`));
    page.on('console', (message) => message.type() === 'error' && this.complaints.push(message.text()));
  }

  /** Runs `body` in the page and gives what it returns or resolves to. */
  run(body, ...args) {
    // As one expression: the page's own rules (CSP) forbid eval.
    return this.page.evaluate(`(${body})(...${JSON.stringify(args)})`).catch((error) => {
      throw new Error(`in the page: ${error.message}`, { cause: error });
    });
  }

  click(css) {
    return this.page.locator(css).first().click();
  }

  tap(css) {
    return this.page.locator(css).first().tap();
  }

  fill(css, text) {
    return this.page.locator(css).first().fill(text);
  }

  press(key) {
    return this.page.keyboard.press(key);
  }

  async url() {
    return this.page.url();
  }

  open(url) {
    return this.page.goto(url, { waitUntil: 'domcontentloaded' });
  }

  reload() {
    return this.page.reload({ waitUntil: 'domcontentloaded' });
  }

  async screenshot(path) {
    await this.page.screenshot({ path });
  }

  /** The DevTools protocol, for what no ordinary call does. */
  devTools() {
    return this.page.context().newCDPSession(this.page);
  }

  close() {
    return this.page.context().close();
  }
}
