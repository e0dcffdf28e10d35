// A member that is no page at all: a WebSocket that speaks `maru.v1` as docs/PROTOCOL.md says, and keeps all it heard.
import { randomUUID } from 'node:crypto';
import WebSocket from 'ws';
import { atEnd } from './processes.mjs';
import { until } from './waiting.mjs';

/** Joins by `url` (http or ws) and resolves once the room has let it in. */
export async function joinRaw(url, nickname) {
  const member = new RawMember(url.replace(/^http/, 'ws'));
  await member.frame('the room says what it is', ({ type }) => type === 'room');
  member.send({ type: 'hello', nickname });
  member.welcome = await member.frame(`the room lets ${nickname} in`, ({ type }) => type === 'welcome');
  return member;
}

/** What an upgrade is answered with: the HTTP status, or 101. `headers` may lie about Origin and Host. */
export function upgradeStatus(url, headers = {}) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace(/^http/, 'ws'), ['maru.v1'], { headers });
    socket.once('open', () => (socket.terminate(), resolve(101)));
    socket.once('unexpected-response', (request, response) => (request.destroy(), resolve(response.statusCode)));
    socket.once('error', reject);
  });
}

class RawMember {
  constructor(url) {
    this.frames = [];
    this.closed = undefined;
    this.socket = new WebSocket(url, ['maru.v1']);
    this.socket.on('message', (data) => this.frames.push(JSON.parse(data)));
    this.socket.on('close', (code) => (this.closed = code));
    this.socket.on('error', (error) => (this.error = error));
    atEnd(() => this.close());
  }

  send(frame) {
    this.socket.send(JSON.stringify(frame));
  }

  /** Says something and resolves to its entry, once the room has taken it. */
  async say(text, id = randomUUID()) {
    this.send({ type: 'say', id, text });
    return this.frame(`the room takes ${text}`, (frame) => frame.type === 'entry' && frame.id === id);
  }

  /** The first frame, past or to come, that `is` accepts. */
  frame(what, is) {
    return until(what, () => {
      const found = this.frames.find(is);
      if (!found && (this.error || this.closed)) throw this.error ?? new Error(`closed with ${this.closed}`);
      return found;
    }, { seen: () => this.frames.slice(-5) });
  }

  /** All that was said and heard, in the order of the room; the welcome's entries come first. */
  texts() {
    const entries = this.frames.flatMap((frame) =>
      frame.type === 'entry' ? [frame] : frame.type === 'welcome' || frame.type === 'page' ? frame.entries : []);
    return entries.filter(({ kind }) => kind === 'said').map(({ text }) => text);
  }

  close() {
    this.socket.terminate();
  }
}
