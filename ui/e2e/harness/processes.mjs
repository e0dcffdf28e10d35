// The programs a test starts. Owns that none of them outlives the test, however the test ends; knows none by name.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { inTime, until } from './waiting.mjs';

/** Every program of this run carries this in its environment, and by it strays are found. */
const MARK = `MARU_E2E_RUN=${randomUUID()}`;
const LINES_MAX = 20_000;
const LOG_TAIL_CHARS = 4_000;

const endings = [];
let scratch;
let watchdog;

/** A folder that goes when the run ends; MARU_E2E_KEEP=1 keeps it for reading. */
export function newFolder(name) {
  return mkdtempSync(join(scratchFolder(), `${name}-`));
}

/** Has `end` called by `endEverything`, unless that came before. */
export function atEnd(end) {
  endings.push(end);
}

/** Ends whatever was started or opened, the last first; for `after`, so that nothing is left of a set-up that failed halfway. */
export async function endEverything() {
  const errors = [];
  while (endings.length > 0) {
    await Promise.resolve().then(endings.pop()).catch((error) => errors.push(error));
  }
  if (errors.length > 0) throw new AggregateError(errors, 'not everything could be ended');
}

/** Starts `command` as the head of a process group of its own. Its stderr goes to a file, its stdout to `lines` or there too. */
export function start(command, args = [], { env = process.env, cwd, lines = false, stdin = 'ignore' } = {}) {
  wakeWatchdog();
  const log = join(newFolder('log'), 'output');
  const file = openSync(log, 'a');
  const [key, value] = MARK.split('=');
  // A pipe that a grandchild inherits keeps node alive after the child is gone: pipes only where lines are read.
  const child = spawn(command, args, {
    cwd,
    env: { ...env, [key]: value },
    stdio: [stdin, lines ? 'pipe' : file, file],
    detached: true,
  });
  closeSync(file);
  const started = new Process(child, `${command} ${args.join(' ')}`, log);
  atEnd(() => started.kill());
  return started;
}

/** Runs `command` to its end and gives its standard output; an error with its last words when it fails. */
export async function run(command, args = [], options = {}) {
  const program = start(command, args, { ...options, lines: true });
  const { code } = await inTime(`${program.name} to end`, program.ended);
  if (code !== 0) throw new Error(`${program.name} ended with ${code}: ${program.tail()}`);
  return program.lines.join('\n');
}

class Process {
  constructor(child, name, log) {
    this.child = child;
    this.name = name;
    this.log = log;
    this.lines = [];
    this.gone = false;
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve({ code: null, signal: null, error }));
      child.once(child.stdout ? 'close' : 'exit', (code, signal) => resolve({ code, signal }));
    }).then((end) => ((this.gone = true), end));
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (this.lines.length < LINES_MAX) this.lines.push(line);
      });
    }
  }

  get pid() {
    return this.child.pid;
  }

  /** The first line for which `choose` gives something truthy, and gives that. */
  line(what, choose, options = {}) {
    return until(what, () => {
      for (const line of this.lines) {
        const chosen = choose(line);
        if (chosen) return chosen;
      }
      if (this.gone) throw new Error(`${this.name} is gone: ${this.tail()}`);
    }, { seen: () => `${this.lines.slice(-5).join(' | ')} ${this.tail()}`, ...options });
  }

  /** Asks it to end, and waits until it has. */
  async stop(signal = 'SIGTERM') {
    if (this.gone) return this.ended;
    this.signal(signal, this.pid);
    return inTime(`${this.name} to end after ${signal}: ${this.tail()}`, this.ended);
  }

  /** Ends it and everything in its group at once, and waits until it is gone. */
  async kill() {
    if (this.gone) return this.ended;
    this.signal('SIGKILL', -this.pid);
    return inTime(`${this.name} to be gone`, this.ended);
  }

  /** What it said last, for a person who reads why a test failed. */
  tail() {
    return readFileSync(this.log, 'utf8').slice(-LOG_TAIL_CHARS).trim();
  }

  signal(signal, pid) {
    if (!this.pid) return;
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
}

/** Programs can leave their group (a bus starts services), and this process can be killed: what carries our mark goes. */
function wakeWatchdog() {
  if (watchdog) return;
  const sweep = `
    while read -r _; do :; done
    for round in 1 2 3; do
      for environ in $(grep -lzx '${MARK}' /proc/[0-9]*/environ 2>/dev/null); do
        pid=\${environ#/proc/}; kill -9 "\${pid%/environ}" 2>/dev/null
      done
    done
    [ -n "$MARU_E2E_KEEP" ] || rm -rf '${scratchFolder()}'`;
  watchdog = spawn('/bin/sh', ['-c', sweep], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  watchdog.unref();
  watchdog.stdin.unref();
}

function scratchFolder() {
  if (!scratch) {
    scratch = mkdtempSync(join(tmpdir(), 'maru-e2e-'));
    if (process.env.MARU_E2E_KEEP) console.error(`what the programs said is kept in ${scratch}`);
    else process.once('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }));
  }
  return scratch;
}
