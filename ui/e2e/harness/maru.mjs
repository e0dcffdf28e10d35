// The command line's `maru`, as the other side of a test: hosts rooms and joins them without a window.
import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';
import { newFolder, start } from './processes.mjs';
import { cleanEnvironment } from './xvfb.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const MARU_BIN = process.env.MARU_BIN ?? `${ROOT}target/debug/maru`;
export const DESKTOP_BIN = process.env.MARU_DESKTOP_BIN ?? `${ROOT}target/debug/maru-desktop`;

/** Hosts a room on loopback. Give `port` and `data` of an earlier one to open the same room again. */
export async function hostRoom({ port = 0, data = newFolder('room'), args = [] } = {}) {
  const process = startMaru(['host', '--json', '--bind', '127.0.0.1', '--port', `${port}`, '--data-dir', data, ...args]);
  const listening = await process.line('the room listens', (line) => {
    const event = parsed(line);
    return event?.event === 'listening' && event;
  });
  const url = new URL(listening.url);
  const page = await fetch(listening.url);
  if (page.status !== 200) throw new Error(`${MARU_BIN} shows no page (${page.status}): ${await page.text()}`);
  return {
    process,
    data,
    port: Number(url.port),
    /** The page, by the address that every browser on this machine reaches. */
    url: `http://127.0.0.1:${url.port}/`,
    listening,
    /** As a person at the keyboard ends it: the room is closed. */
    close: () => process.stop('SIGINT'),
    /** As a service is ended: the program goes, the room comes again. */
    stop: () => process.stop('SIGTERM'),
    kill: () => process.kill(),
    /** The same room on the same port, after this one has ended. */
    again: () => hostRoom({ port: Number(url.port), data, args }),
  };
}

/** Joins a room; each line it prints is one event. */
export function joinRoom(url, nickname, { args = [] } = {}) {
  const process = startMaru(['join', url, '--nick', nickname, '--json', '--data-dir', newFolder('member'), ...args], { stdin: 'pipe' });
  return {
    process,
    say: (text) => process.child.stdin.write(`${text}\n`),
    /** The first event for which `choose` gives something truthy. */
    event: (what, choose) => process.line(what, (line) => choose(parsed(line) ?? {})),
    stop: () => process.stop(),
  };
}

function startMaru(args, options) {
  if (!existsSync(MARU_BIN)) throw new Error(`there is no ${MARU_BIN}: build it (cargo build -p maru-cli) or set MARU_BIN`);
  return start(MARU_BIN, args, { env: { ...cleanEnvironment(), HOME: newFolder('home') }, lines: true, ...options });
}

function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
