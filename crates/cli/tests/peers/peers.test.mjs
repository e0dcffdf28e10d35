// Maru and the programs that people learn WebSocket with, each as it comes from its registry: our client on their servers,
// and their clients in a room of ours. `cargo xtask test peers` installs them and runs this.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const { MARU_BIN, PEERS_NODE, PEERS_PYTHON } = process.env;
assert(MARU_BIN && PEERS_NODE && PEERS_PYTHON, 'run by cargo xtask test peers');

const DEADLINE_MS = 30_000;
const env = { ...process.env, NODE_PATH: PEERS_NODE, PYTHONPATH: PEERS_PYTHON, LANG: 'C.UTF-8' };
const running = new Set();
const folders = [];

after(() => {
  for (const program of running) program.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A program, read line by line with a deadline. */
class Program {
  constructor(command, args) {
    this.name = args.join(' ');
    this.child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.lines = [];
    this.wanted = [];
    this.complaints = '';
    this.child.stderr.on('data', (data) => (this.complaints += data));
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      this.lines.push(line);
      this.wanted.forEach((look) => look());
    });
    this.ended = new Promise((resolve) =>
      this.child.on('close', (code) => {
        running.delete(this);
        this.closed = true;
        this.wanted.forEach((look) => look());
        resolve(code);
      }),
    );
    running.add(this);
  }

  /** What the first line says for which `pick` says something, from the beginning on. */
  async first(what, pick) {
    const found = () => this.lines.map(pick).find((picked) => picked !== undefined);
    return within(`${this.name}: ${what}`, this, (resolve) => {
      const look = () => {
        const picked = found();
        if (picked !== undefined) resolve(picked);
      };
      this.wanted.push(look);
      look();
    });
  }

  say(line) {
    this.child.stdin.write(`${line}\n`);
  }

  /** Ends its input, and waits for its end. */
  async end() {
    this.child.stdin.end();
    return within(`${this.name}: an end`, this, (resolve) => void this.ended.then(resolve));
  }

  stop() {
    this.child.kill('SIGKILL');
  }
}

function within(what, program, begin) {
  return new Promise((resolve, reject) => {
    const seen = () => `\n${program.lines.join('\n')}\n${program.complaints}`;
    const late = setTimeout(() => reject(new Error(`no ${what}; seen:${seen()}`)), DEADLINE_MS);
    begin((value) => {
      clearTimeout(late);
      resolve(value);
    });
  });
}

async function server(file, ...args) {
  const command = file.endsWith('.py') ? 'python3' : process.execPath;
  const program = new Program(command, [join(here, 'servers', file), ...args]);
  const port = await program.first('a port', (line) => /^listening (\d+)$/.exec(line)?.[1]);
  return { program, port };
}

async function client(file, ...args) {
  const program = new Program(process.execPath, [join(here, 'clients', file), ...args]);
  await program.first('a connection', (line) => (line === 'open' ? true : undefined));
  return program;
}

function maru(...args) {
  const folder = mkdtempSync(join(tmpdir(), 'maru-peers-'));
  folders.push(folder);
  return new Program(MARU_BIN, [...args, '--data-dir', folder]);
}

async function joined(url, nick, dialect) {
  const member = maru('join', url, '--nick', nick, '--json');
  const connected = await member.first('connected', event('connected'));
  assert.equal(connected.dialect, dialect);
  await member.first('entered', event('entered'));
  return member;
}

const json = (line) => (line.startsWith('{') ? JSON.parse(line) : {});
const event = (name) => (line) => (json(line).event === name ? json(line) : undefined);
const said = (text) => (line) =>
  json(line).event === 'said' && json(line).text === text ? json(line) : undefined;
const heard = (text) => (line) => (line === JSON.stringify(text) ? true : undefined);
const times = (program, pick) => program.lines.filter((line) => pick(line) !== undefined).length;

async function sends(url, text) {
  assert.equal(await maru('send', url, text, '--nick', '보내미').end(), 0);
}

test('the course’s chat: names both ways, nothing twice', async () => {
  const { program, port } = await server('zoom.cjs');
  const url = `http://127.0.0.1:${port}`;
  const chulsoo = await client('ws.cjs', 'json', `ws://127.0.0.1:${port}`, '철수');
  const minji = await joined(url, '민지', 'nickname_json');
  minji.say('안녕');
  await chulsoo.first('our line', heard('민지: 안녕'));
  chulsoo.say('응: 안녕');
  const line = await minji.first('theirs', said('응: 안녕'));
  assert.equal(line.by.nickname, '철수');
  const own = await minji.first('our own', said('안녕'));
  assert.equal(own.by.nickname, '민지');
  await sends(url, '한 줄만');
  await chulsoo.first('a line that was sent', heard('보내미: 한 줄만'));
  await minji.first('the same', said('한 줄만'));
  assert.equal(times(minji, said('안녕')), 1);
  assert.equal(times(minji, said('한 줄만')), 1);
  assert.equal(times(chulsoo, heard('민지: 안녕')), 1);
  assert(!program.closed, 'it heard nothing but JSON');
  assert.equal(await minji.end(), 0);
});

for (const [kind, greeting] of [
  ['all', '[서버 접속 완료]'],
  ['others', 'hello'],
]) {
  test(`plain text to ${kind}: greeting and lines are the server’s`, async () => {
    const { port } = await server('plain.cjs', kind);
    const url = `ws://127.0.0.1:${port}`;
    const other = await client('ws.cjs', 'plain', url);
    const minji = await joined(url, '민지', 'plain');
    const greeted = await minji.first('a greeting', said(greeting));
    assert.equal(greeted.by.host, true);
    minji.say('안녕');
    await other.first('our line', heard('안녕'));
    other.say('여기도');
    await minji.first('theirs', said('여기도'));
    await sends(url, '한 줄만');
    await other.first('a line that was sent', heard('한 줄만'));
  });
}

for (const [kind, answer] of [
  ['echo', (text) => text],
  ['answer', (text) => `서버로부터 응답: ${text}`],
]) {
  test(`plain text, ${kind}: what comes back is the server’s`, async () => {
    const { port } = await server('plain.cjs', kind);
    const minji = await joined(`ws://127.0.0.1:${port}`, '민지', 'plain');
    minji.say('안녕');
    const theirs = (line) => (said(answer('안녕'))(line)?.by.host ? json(line) : undefined);
    await minji.first('an answer', theirs);
    assert.equal(times(minji, theirs), 1);
  });
}

for (const kind of ['echo', 'broadcast']) {
  test(`Python’s websockets, ${kind}`, async () => {
    const { port } = await server('websockets_server.py', kind);
    const minji = await joined(`ws://127.0.0.1:${port}`, '민지', 'plain');
    minji.say('안녕');
    await minji.first('it back', (line) => (said('안녕')(line)?.by.host ? true : undefined));
    await sends(`ws://127.0.0.1:${port}`, '한 줄만');
  });
}

test('Tornado’s chat, at a path of its own', async () => {
  const { port } = await server('tornado_chat.py');
  const url = `ws://127.0.0.1:${port}/ws`;
  const other = await client('ws.cjs', 'plain', url);
  const minji = await joined(url, '민지', 'plain');
  await minji.first('a greeting', said('Welcome to the chat'));
  minji.say('안녕');
  await other.first('our line', heard('안녕'));
  other.say('여기도');
  await minji.first('theirs', said('여기도'));
});

for (const [kind, transport, path] of [
  ['both', 'websocket', '/'],
  ['both', 'polling', '/admin'],
  ['polling', 'polling', '/'],
  ['websocket', 'websocket', '/admin'],
]) {
  test(`Socket.IO, a server of ${kind} and a page by ${transport}, at ${path}`, async () => {
    const { port } = await server('io.cjs', kind);
    const url = `http://127.0.0.1:${port}${path}`;
    const other = await client('io.cjs', transport, url);
    const minji = await joined(url, '민지', 'socket_io');
    minji.say('안녕');
    await other.first('our line', (line) => (line.endsWith(': 안녕"') ? true : undefined));
    other.say('여기도');
    const line = await minji.first('theirs', said('여기도'));
    assert.match(line.by.nickname, /^[\w-]{20}$/);
    const own = await minji.first('our own', said('안녕'));
    assert.equal(own.by.nickname, '민지');
    await sends(url, '한 줄만');
    await minji.first('a line that was sent', said('한 줄만'));
    assert.equal(times(minji, said('안녕')), 1, 'nothing shows twice');
    assert.equal(await minji.end(), 0);
  });
}

test('whoever looks sees the handshake and every frame', async () => {
  const { port } = await server('zoom.cjs');
  const minji = maru('join', `ws://127.0.0.1:${port}`, '--nick', '민지', '--json', '--inspect');
  const seen = (pick) => (line) => (json(line).event === 'sight' ? pick(json(line).what) || undefined : undefined);
  await minji.first('a request', seen((what) => what.type === 'request' && what.line === 'GET / HTTP/1.1'));
  await minji.first('its answer', seen((what) => what.type === 'response' && what.line.includes('101')));
  await minji.first('entered', event('entered'));
  minji.say('안녕');
  const frame = (way, text) => seen((what) => what.direction === way && what.text === text);
  await minji.first('a frame out', frame('out', '{"type":"new_message","payload":"안녕"}'));
  await minji.first('a frame in', frame('in', '민지: 안녕'));
});

test('in a room of ours everybody hears everybody, names right and nothing twice', async () => {
  const host = maru('host', '--json', '--bind', '127.0.0.1', '--port', '0', '--keep', 'nothing');
  const { port } = await host.first('a room', event('listening'));
  const minji = await joined(`http://127.0.0.1:${port}`, '민지', 'maru');
  const ws = `ws://127.0.0.1:${port}`;
  const members = {
    철수: await client('ws.cjs', 'json', ws, '철수'),
    plain: await client('ws.cjs', 'plain', ws),
    polling: await client('io.cjs', 'polling', `http://127.0.0.1:${port}`),
    websocket: await client('io.cjs', 'websocket', `http://127.0.0.1:${port}`),
  };
  // Whoever has not said what it speaks has a moment before it is seated.
  await minji.first('four more', (line) => (json(line).count === 5 ? true : undefined));
  for (const [name, member] of Object.entries(members)) {
    const text = `${name} 말해요`;
    member.say(text);
    const line = await minji.first(text, said(text));
    if (name === '철수') assert.equal(line.by.nickname, '철수');
    for (const [other, listener] of Object.entries(members)) {
      if (other === name && name === 'plain') continue;
      await listener.first(text, (line) => (line.includes(`: ${text}`) ? true : undefined));
    }
  }
  minji.say('다들 안녕');
  for (const listener of Object.values(members)) {
    await listener.first('our line', (line) => (line.includes('민지: 다들 안녕') ? true : undefined));
  }
  for (const listener of Object.values(members)) {
    const lines = listener.lines.filter((line) => line.includes('민지: 다들 안녕'));
    assert.equal(lines.length, 1, `${listener.name} hears it once`);
  }
});

async function room(...options) {
  const host = maru('host', '--json', '--bind', '127.0.0.1', '--port', '0', '--keep', 'nothing', ...options);
  const { port } = await host.first('a room', event('listening'));
  return { host, port };
}

for (const scheme of ['http', 'https']) {
  for (const transports of ['polling', 'polling,websocket', 'websocket']) {
    test(`socket.io-client in a room of ours by ${transports} over ${scheme}`, async () => {
      const { port } = await room();
      const minji = await joined(`http://127.0.0.1:${port}`, '민지', 'maru');
      const url = `${scheme}://127.0.0.1:${port}`;
      const sora = await client('io.cjs', transports, url);
      // Said while the transport changes, where it does.
      const early = Array.from({ length: 30 }, (_, nth) => `일찍 ${nth}`);
      early.forEach((text) => minji.say(text));
      const line = (text) => (line) => (line === text ? true : undefined);
      await sora.first('its last transport', line(`by ${transports.split(',').at(-1)}`));
      for (const text of early) await sora.first(text, heard(`민지: ${text}`));
      const heardEarly = sora.lines.filter((line) => line.startsWith('"민지: 일찍'));
      assert.deepEqual(heardEarly, early.map((text) => JSON.stringify(`민지: ${text}`)));

      sora.say('/nick 소라');
      const renamed = await minji.first('a name', event('renamed'));
      assert.equal(renamed.by.nickname, '소라');
      const long = '가'.repeat(20_000);
      for (const text of ['안녕 하세요', long]) {
        sora.say(text);
        const theirs = await minji.first('their line', said(text));
        assert.equal(theirs.by.nickname, '소라');
        await sora.first('its own', heard(`소라: ${text}`));
        minji.say(`${text}!`);
        await sora.first('our line', heard(`민지: ${text}!`));
      }
      const other = await client('io.cjs', transports, url);
      other.say('/nick 준호');
      await sora.first('a name', (line) => (/^".* → 준호"$/.test(line) ? true : undefined));
      assert.equal(await other.end(), 0);
      await sora.first('a notice', (line) => (/^".*준호.*"$/.test(line) && !line.includes('→') ? true : undefined));
      await sora.first('who left', line('left 준호'));
      assert.equal(times(sora, (line) => (line.startsWith('joined ') ? true : undefined)), 1);
      for (const text of [...early.map((text) => `민지: ${text}`), '소라: 안녕 하세요', `소라: ${long}`, `민지: ${long}!`]) {
        assert.equal(times(sora, heard(text)), 1, `${text.slice(0, 20)} once`);
        const [, bare] = text.split(': ');
        assert.equal(times(sora, line(`entry ${bare}`)), 1, `${text.slice(0, 20)} once, as an entry`);
        assert.equal(times(minji, said(bare)), 1);
      }
      assert.equal(await sora.end(), 0);
      const left = (line) => (event('left')(line)?.member.nickname === '소라' ? true : undefined);
      await minji.first('who left', left);
    });
  }
}

test('a page from elsewhere polls where its origin is let in, and nowhere else', async () => {
  const page = 'http://tutorial.example:8080';
  const { port } = await room('--allow-origin', page);
  const at = `http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`;
  const shared = (answer) => answer.headers.get('access-control-allow-origin');
  const preflight = (origin) =>
    fetch(at, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });
  const asked = await preflight(page);
  assert.equal(asked.status, 204);
  assert.equal(shared(asked), page);
  assert.match(asked.headers.get('access-control-allow-methods'), /POST/);
  assert.match(asked.headers.get('access-control-allow-headers'), /content-type/i);
  const opened = await fetch(at, { headers: { origin: page } });
  assert.equal(opened.status, 200);
  assert.equal(shared(opened), page);
  assert.match(opened.headers.get('vary'), /origin/i);
  const { sid } = JSON.parse((await opened.text()).slice(1));
  const said = await fetch(`${at}&sid=${sid}`, { method: 'POST', headers: { origin: page }, body: '40' });
  assert.equal(shared(said), page);
  assert.equal(await said.text(), 'ok');
  const polled = await fetch(`${at}&sid=${sid}`, { headers: { origin: page } });
  assert.equal(shared(polled), page);
  assert.match(await polled.text(), /(^|\x1e)40\{"sid":/);
  for (const origin of ['http://tutorial.example', 'null']) {
    for (const answer of [await preflight(origin), await fetch(at, { headers: { origin } })]) {
      assert.equal(answer.status, 403);
      assert.equal(shared(answer), null);
    }
  }
});

test('a room that closes says so to socket.io-client, however it listens', async () => {
  const { host, port } = await room();
  const members = [];
  for (const transports of ['polling', 'polling,websocket', 'websocket']) {
    members.push(await client('io.cjs', transports, `http://127.0.0.1:${port}`));
  }
  host.child.kill('SIGINT');
  for (const member of members) {
    await member.first('why', heard('* The host closed the room.'));
    await member.first('an end', (line) => (line === 'disconnected: io server disconnect' ? true : undefined));
  }
  assert.equal(await within('an end', host, (resolve) => void host.ended.then(resolve)), 0);
});
