// The edge on a clock that jumps: sleep, and a clock set back. The way over a real socket is in `index.test.ts`.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ROOM, welcome } from './rig';
import { Session } from './session';
import { RoomSocket } from './socket';

/** The room asks for no passphrase. */
const NO_DOOR = { passphrase: null, makeNonce: () => '' };

class PaperSocket {
  static last: PaperSocket;
  sent: string[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor() {
    PaperSocket.last = this;
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.closed = true;
  }
}

let socket: RoomSocket;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', PaperSocket);
  const introduce = () => ({ key: 'QUJD', signature: 'REVG' });
  const session = new Session({ nickname: '민지', random: () => 0.5, introduce, keptLines: () => [], ...NO_DOOR });
  socket = new RoomSocket(
    'ws://127.0.0.1:1/',
    session,
    () => {},
    () => {},
  );
  socket.act((session, now) => session.retryNow(now));
  PaperSocket.last.onopen!();
  PaperSocket.last.onmessage!({ data: ROOM });
  PaperSocket.last.onmessage!({ data: welcome({ seq: 7 }) });
  PaperSocket.last.sent = [];
});

afterEach(() => {
  socket.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('a computer that slept asks the room within seconds of waking, and dials when nothing answers', () => {
  const before = PaperSocket.last;
  vi.advanceTimersByTime(4_000);
  vi.setSystemTime(Date.now() + 20_000);
  vi.advanceTimersByTime(1_000);
  expect(before.sent).toEqual(['{"type":"roster","after":4294967295}']);
  vi.advanceTimersByTime(6_000);
  expect(before.closed).toBe(true);
  expect(PaperSocket.last).not.toBe(before);
});

test('a computer that is awake is left in peace', () => {
  vi.advanceTimersByTime(39_000);
  expect(PaperSocket.last.sent).toEqual([]);
});

test('a clock that is set back by an hour delays nothing', () => {
  const before = PaperSocket.last;
  vi.setSystemTime(Date.now() - 3_600_000);
  vi.advanceTimersByTime(45_000);
  expect(before.sent).toHaveLength(1);
});

test('an abandoned socket is not heard any more', () => {
  const abandoned = PaperSocket.last;
  socket.act((session) => session.leave());
  expect([abandoned.onmessage, abandoned.onclose, abandoned.closed]).toEqual([null, null, true]);
  expect(vi.getTimerCount()).toBe(0);
});
