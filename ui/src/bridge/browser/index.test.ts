// A guest's bridge against a tiny room on a real socket: the edge of the session, and what a browser cannot do.
import { ed25519 } from '@noble/curves/ed25519.js';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type * as Ws from 'ws';
import { decodeBase64url } from '../../shared/base64url';
import type { Bridge, FeedEvent, RoomEvent } from '../bridge';
import { createBrowserBridge } from '.';
import { entry, ROOM, welcome } from './rig';

const WAY = { address: '', nickname: '민지', dialect: null, passphrase: null, take_certificate: false };

// By its path: under the page's resolution the package's name leads to its stub for browsers.
const { WebSocket: Peer, WebSocketServer } = createRequire(import.meta.url)(
  '../../../node_modules/ws/index.js',
) as typeof Ws;

type Json = Record<string, unknown> & { type: string };

/** jsdom's own fires events that Node does not take for events; and a browser's throws no error that nobody awaits. */
class BrowserSocket extends Peer {
  constructor(url: string, protocol: string) {
    super(url, protocol);
    this.on('error', () => {});
  }
}

const authority = () => `127.0.0.1:${(server.address() as AddressInfo).port}`;

let server: Ws.WebSocketServer;
let peers: Ws.WebSocket[];
let heard: Json[];
let bridge: Bridge;
let events: RoomEvent[];
let batches: number;

beforeEach(async () => {
  localStorage.clear();
  vi.stubGlobal('WebSocket', BrowserSocket);
  [peers, heard, events, batches] = [[], [], [], 0];
  server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => 'maru.v1' });
  await new Promise((resolve) => server.once('listening', resolve));
  server.on('connection', (peer) => {
    peers.push(peer);
    peer.on('message', (data) => heard.push(JSON.parse(String(data)) as Json));
    peer.send(ROOM);
  });
  bridge = createBrowserBridge({ protocol: 'http:', host: authority() });
  await bridge.listen((batch: FeedEvent[]) => {
    batches += 1;
    events.push(...batch.flatMap((one) => (one.type === 'room' ? [one.event] : [])));
  });
});

afterEach(async () => {
  await bridge.leaveRoom('here').catch(() => {});
  for (const peer of peers) peer.terminate();
  await new Promise((resolve) => server.close(resolve));
  vi.unstubAllGlobals();
});

// A busy machine is no failure.
vi.setConfig({ testTimeout: 15_000 });

function until<T>(holds: () => T) {
  return vi.waitUntil(holds, { interval: 5, timeout: 10_000 });
}

function nth(type: string, count = 1): Promise<Json> {
  return until(() => heard.filter((frame) => frame.type === type)[count - 1]);
}

const toldSeqs = () => events.flatMap((event) => ('entries' in event ? event.entries.map(({ seq }) => seq) : []));

test('over a real socket: a signed hello, a cut, a resume with the cursor, and the line said offline arrives once', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  expect(await bridge.joinRoom(WAY)).toBe('here');
  const hello = await nth('hello');
  const proven = new TextEncoder().encode(`maru.v1 hello\nr1\nn1\nplain ${authority()}`);
  const [key, signature] = [hello.key, hello.signature].map((text) => decodeBase64url(String(text))!);
  expect(ed25519.verify(signature!, proven, key!)).toBe(true);
  expect(peers[0]!.protocol).toBe('maru.v1');

  peers[0]!.send(welcome({ seq: 7, seqs: [6, 7] }));
  await until(() => toldSeqs().length === 2);
  peers[0]!.terminate();
  await until(() => events.some((event) => event.type === 'link' && event.link.state === 'waiting'));
  await bridge.say('here', 'x8', '끊긴 사이에');

  expect(await nth('hello', 2)).toMatchObject({ key: hello.key, cursor: { epoch: 'e1', seq: 7 } });
  peers.at(-1)!.send(welcome({ seq: 7, caught_up: 'resumed' }));
  expect(await nth('say')).toEqual({ type: 'say', id: 'x8', text: '끊긴 사이에' });
  peers.at(-1)!.send(entry(8));
  await until(() => toldSeqs().length === 3);
  expect(toldSeqs()).toEqual([6, 7, 8]);
  expect(heard.filter((frame) => frame.type === 'say')).toHaveLength(1);
  expect(await bridge.diagnostics()).not.toContain('끊긴');
});

test('coming online again asks the room at once', async () => {
  await bridge.joinRoom(WAY);
  await nth('hello');
  peers[0]!.send(welcome({ seq: 0 }));
  await until(() => events.some((event) => event.type === 'entered'));
  window.dispatchEvent(new Event('online'));
  expect(await nth('roster')).toEqual({ type: 'roster', after: 4294967295 });
});

test('what happens in one turn comes as one batch, in order', async () => {
  await bridge.joinRoom(WAY);
  const before = batches;
  void bridge.say('here', 'a', '하나');
  void bridge.say('here', 'b', '둘');
  await bridge.retryNow('here');
  await until(() => events.filter((event) => event.type === 'queued').length === 2);
  expect(events.flatMap((event) => (event.type === 'queued' ? [event.id] : []))).toEqual(['a', 'b']);
  expect(batches - before).toBeLessThanOrEqual(1);
});

test('leaving says so to the room, and joining anew begins anew', async () => {
  await bridge.joinRoom(WAY);
  await nth('hello');
  peers[0]!.send(welcome({ seq: 7 }));
  await until(() => events.some((event) => event.type === 'entered'));
  await bridge.leaveRoom('here');
  await nth('leave');
  await bridge.joinRoom(WAY);
  expect(await nth('hello', 2)).not.toHaveProperty('cursor');
});

test('a guest cannot host, dial elsewhere or quit, and is told so by a code', async () => {
  const doors = { origins: 'own', lets_foreign_in: false, announce: true } as const;
  const options = { name: '', nickname: '', port: 0, keeps: null, ...doors };
  const calls = [bridge.hostRoom(options), bridge.stopHosting(), bridge.parseAddress('a:1'), bridge.quit()];
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'not_here' });
  await expect(bridge.say('here', 'x', 'a')).rejects.toMatchObject({ code: 'no_such_room' });
  await bridge.joinRoom(WAY);
  await expect(bridge.say('here', 'x', ' ')).rejects.toMatchObject({ code: 'empty' });
});

test('only links of the three harmless kinds are opened, and without a way back', async () => {
  const open = vi.spyOn(window, 'open').mockReturnValue(null);
  for (const link of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'no link', '/here']) {
    await expect(bridge.openLink(link), link).rejects.toMatchObject({ code: 'link_scheme' });
  }
  expect(open).not.toHaveBeenCalled();
  await bridge.openLink('https://example.org/');
  expect(open).toHaveBeenCalledWith('https://example.org/', '_blank', 'noopener,noreferrer');
});
