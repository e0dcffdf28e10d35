// @vitest-environment node
// The desktop bridge against a shell of paper: which command each call is, and how the feed is acknowledged.
import { beforeEach, expect, test, vi } from 'vitest';
import type { FeedEvent } from './bridge';
import { createDesktopBridge } from './desktop';

interface PaperChannel {
  onmessage: (batch: { batch: number; events: FeedEvent[] }) => void;
}

const shell = vi.hoisted(() => ({ invoke: vi.fn(), Channel: class {} }));
vi.mock('@tauri-apps/api/core', () => shell);

beforeEach(() => {
  shell.invoke.mockReset().mockResolvedValue(undefined);
});

test('each call is the command of its name', async () => {
  const bridge = createDesktopBridge();
  const join = { address: 'maru://join', nickname: '민지', dialect: null, passphrase: null, take_certificate: false };
  await bridge.joinRoom(join);
  await bridge.say('room-1', 'x1', '안녕');
  await bridge.setTyping('room-1', true);
  await bridge.openLink('https://example.org/');
  await bridge.stopHosting();
  await bridge.knownRoom('점심');
  await bridge.dismiss('room-1', 'x1');
  await bridge.forgetRoom('AbCd');
  await bridge.inspect('room-1', true);
  await bridge.watchNearby(true);
  await bridge.lookHarder();
  expect(shell.invoke.mock.calls).toEqual([
    ['join_room', { options: join }],
    ['say', { room: 'room-1', id: 'x1', text: '안녕' }],
    ['set_typing', { room: 'room-1', active: true }],
    ['open_link', { url: 'https://example.org/' }],
    ['stop_hosting', undefined],
    ['known_room', { name: '점심' }],
    ['dismiss', { room: 'room-1', id: 'x1' }],
    ['forget_room', { id: 'AbCd' }],
    ['inspect', { room: 'room-1', on: true }],
    ['watch_nearby', { on: true }],
    ['look_harder', undefined],
  ]);
});

test('a batch is acknowledged after the page applied it, and also where the page stumbled over it', async () => {
  const order: string[] = [];
  let stumbles = false;
  shell.invoke.mockImplementation(async (command: string, args: { batch?: number }) => {
    order.push(`${command} ${args.batch ?? ''}`);
  });
  await createDesktopBridge().listen((events) => {
    order.push(`heard ${events.length}`);
    if (stumbles) throw new Error('a fault of the page');
  });
  const { channel } = shell.invoke.mock.calls[0]![1] as { channel: PaperChannel };
  const events: FeedEvent[] = [{ type: 'hosting', hosted: null }];
  channel.onmessage({ batch: 1, events });
  stumbles = true;
  expect(() => channel.onmessage({ batch: 2, events })).toThrow();
  expect(order).toEqual(['listen ', 'heard 1', 'ack_feed 1', 'heard 1', 'ack_feed 2']);
});

test('what the shell rejects with keeps its code, and anything else is unknown', async () => {
  const bridge = createDesktopBridge();
  shell.invoke.mockRejectedValueOnce({ code: 'port_taken', message: 'port 4567 is in use' });
  await expect(bridge.stopHosting()).rejects.toMatchObject({ code: 'port_taken', message: 'port 4567 is in use' });
  shell.invoke.mockRejectedValueOnce('command quit not found');
  await expect(bridge.quit()).rejects.toMatchObject({ code: 'unknown', message: 'command quit not found' });
});
