// Maru's own window, on a desktop nobody sees, driven over WebDriver. The app is told where its folders are and that
// rooms bind to loopback; nothing else of it is special.
import { existsSync } from 'node:fs';
import { DESKTOP_BIN } from './maru.mjs';
import { newFolder } from './processes.mjs';
import { openWebKitPage } from './webdriver.mjs';

/** Starts the app. Give `data` of an earlier one to start it as the same person again. */
export async function openWindow(desktop, { data = newFolder('person'), env = {} } = {}) {
  if (!existsSync(DESKTOP_BIN)) {
    throw new Error(`there is no ${DESKTOP_BIN}: build it (cargo build --features tauri/custom-protocol) or set MARU_DESKTOP_BIN`);
  }
  const page = await openWebKitPage({
    binary: DESKTOP_BIN,
    env: {
      ...desktop.env,
      TAURI_AUTOMATION: 'true',
      TAURI_WEBVIEW_AUTOMATION: 'true',
      MARU_DATA_DIR: data,
      MARU_BIND: '127.0.0.1',
      ...env,
    },
  });
  return {
    page,
    data,
    close: () => page.close(),
    /** The same person's app, started anew after this one was closed. */
    async again() {
      await page.close();
      return openWindow(desktop, { data, env });
    },
  };
}
