// A desktop nobody sees: a display, a session bus, a window manager and a home of its own, apart from the person's and
// from every other test's. Knows nothing of Maru.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder, run, start } from './processes.mjs';
import { until } from './waiting.mjs';

const SCREEN = { width: 1280, height: 800 };

/** Opens one. `input` adds environment for an input method; `language` is what the system is said to speak. */
export async function openDesktop({ input = {}, language = 'C.UTF-8' } = {}) {
  const home = newFolder('home');
  chmodSync(home, 0o700);
  const env = { ...cleanEnvironment(), ...homeEnvironment(home), LANG: language, LC_ALL: language, ...input };

  const xvfb = start('Xvfb', ['-displayfd', '1', '-screen', '0', `${SCREEN.width}x${SCREEN.height}x24`, '-nolisten', 'tcp', '-noreset'], { env, lines: true });
  env.DISPLAY = `:${await xvfb.line('the display has a number', (line) => /^\d+$/.test(line) && line)}`;

  // The bus lives as long as its standard input, which ends with this process at the latest.
  const bus = start('dbus-run-session', ['--', 'sh', '-c', 'echo "bus $DBUS_SESSION_BUS_ADDRESS"; exec cat'], { env, lines: true, stdin: 'pipe' });
  env.DBUS_SESSION_BUS_ADDRESS = await bus.line('the session bus has an address', (line) => /^bus (.+)$/.exec(line)?.[1]);

  const rules = join(home, 'openbox.xml');
  writeFileSync(rules, OPENBOX);
  start('openbox', ['--config-file', rules, '--sm-disable'], { env });
  await until('the window manager manages', async () =>
    (await run('xprop', ['-root', '_NET_SUPPORTING_WM_CHECK'], { env })).includes('window id'));

  return {
    env,
    home,
    screen: SCREEN,
    /** Presses keys as a person's keyboard would; below 40 ms between them Chromium reorders. */
    keys: (...keys) => run('xdotool', ['key', '--delay', '50', ...keys], { env }),
    /** Clicks at a place on the screen. */
    click: (x, y) => run('xdotool', ['mousemove', `${Math.round(x)}`, `${Math.round(y)}`, 'click', '1'], { env }),
    /** Asks the window in front to close, as its × does. */
    closeWindow: () => run('xdotool', ['key', 'alt+F4'], { env }),
    /** Resolves once a window is in front that covers the screen. */
    windowInFront: () =>
      until('a window is in front', async () => {
        const shape = await run('xdotool', ['getactivewindow', 'getwindowgeometry', '--shell'], { env });
        return shape.includes(`WIDTH=${SCREEN.width}`) && shape.includes(`HEIGHT=${SCREEN.height}`);
      }),
  };
}

/** What programs need of the environment this runs in, and nothing that could lead them to the person's own desktop. */
export function cleanEnvironment() {
  const kept = ['PATH', 'TMPDIR', 'RUST_BACKTRACE', 'RUST_LOG', 'LD_LIBRARY_PATH'];
  return Object.fromEntries(kept.filter((name) => process.env[name]).map((name) => [name, process.env[name]]));
}

function homeEnvironment(home) {
  const env = { HOME: home, NO_AT_BRIDGE: '1', GDK_BACKEND: 'x11' };
  for (const [name, folder] of Object.entries({ XDG_RUNTIME_DIR: 'run', XDG_CONFIG_HOME: 'config', XDG_DATA_HOME: 'data', XDG_CACHE_HOME: 'cache', XDG_STATE_HOME: 'state' })) {
    env[name] = join(home, folder);
    mkdirSync(env[name], { mode: 0o700 });
  }
  return env;
}

/** Windows fill the screen without a frame, so that a place in the page is a place on the screen. */
const OPENBOX = `<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew><followMouse>no</followMouse></focus>
  <keyboard><keybind key="A-F4"><action name="Close"/></keybind></keyboard>
  <mouse><context name="Client"><mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind></context></mouse>
  <applications><application class="*" type="normal"><decor>no</decor><maximized>yes</maximized><focus>yes</focus></application></applications>
</openbox_config>
`;
