// What outlasts this window and what does not: rooms that are away, lines given up, rooms forgotten, a host that died.
import { cleanup, fireEvent, render, screen as seen } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeBridge, type FakeRoom } from '../bridge/fake';
import type { Member } from '../bridge/generated/Member';
import type { RecentRoom } from '../bridge/generated/RecentRoom';
import { App } from '../state/app.svelte';
import { clock } from '../state/clock.svelte';
import Page from './Page.svelte';

const minji: Member = { id: 'm1', nickname: '민지', number: 0, host: true };
const RECENT: RecentRoom[] = [
  { id: 'r1', name: '점심 모임', address: 'http://lunch.example:4567/', at: 1 },
  { id: 'r2', name: '내 마루', address: null, at: 0 },
];

afterEach(cleanup);

interface Started {
  app: App;
  bridge: FakeBridge;
}

async function start(before: (bridge: FakeBridge) => void = () => {}): Promise<Started> {
  const preferences = { language: 'en', nickname: 'Otter', recent_rooms: RECENT } as const;
  const bridge = new FakeBridge({ preferences: { ...preferences, recent_rooms: [...RECENT] } });
  before(bridge);
  const app = new App(bridge);
  await app.start(async () => null);
  render(Page, { app });
  await settle();
  return { app, bridge };
}

async function startIn(set: (room: FakeRoom) => void = () => {}): Promise<Started & { room: FakeRoom }> {
  let room!: FakeRoom;
  const started = await start((bridge) => {
    room = bridge.open('점심 모임', 'Otter');
    room.members = [minji, room.you];
    set(room);
    room.enter();
  });
  return { ...started, room };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 30; i += 1) await Promise.resolve();
  flushSync();
  for (let i = 0; i < 30; i += 1) await Promise.resolve();
}

const get = (id: string) => seen.getByTestId(id);
const has = (id: string) => seen.queryByTestId(id) !== null;

async function click(id: string, nth = 0): Promise<void> {
  await fireEvent.click(seen.getAllByTestId(id)[nth]!);
  await settle();
}

async function say(text: string): Promise<void> {
  await fireEvent.input(get('composer'), { target: { value: text } });
  await click('send');
}

describe('what is not kept on this disk', () => {
  it.each([
    ['in_use', 'open in another Maru'],
    ['newer', 'A newer Maru'],
    ['full', 'Forget one'],
    ['unwritable', 'has space'],
  ] as const)('is told, with why and what to do: %s', async (fault, words) => {
    const { room } = await startIn();
    expect(has('notebook-bar')).toBe(false);
    room.tell({ type: 'notebook', fault });
    await settle();
    expect(get('notebook-bar').textContent).toContain(words);
    expect(has('notebook-understood')).toBe(false);
    room.tell({ type: 'notebook', fault: null });
    await settle();
    expect(has('notebook-bar')).toBe(false);
  });

  it('and was set aside is told until one has read it', async () => {
    const { room } = await startIn();
    room.tell({ type: 'notebook', fault: 'set_aside' });
    await settle();
    expect(get('notebook-bar').textContent).toContain('set aside');
    await click('notebook-understood');
    expect(has('notebook-bar')).toBe(false);
  });
});

describe('a room that is away', () => {
  it('opens as it was kept here, says so, and takes lines that wait', async () => {
    const { app, bridge } = await start((fake) => (fake.away = true));
    await click('recent-room');
    expect(seen.getAllByTestId('message').map((one) => one.dataset.state)).toEqual(['sent']);
    expect(get('member-count').textContent).toBe('kept here');
    clock.now = Date.now() + 3_000;
    await settle();
    expect(get('link-bar').textContent).toContain('The room is away; this is what was kept here.');
    bridge.rooms.get(app.current!)!.hold = true;
    await say('still there');
    expect(seen.getAllByTestId('message').map((one) => one.dataset.state)).toEqual(['sent', 'pending']);
    expect(bridge.calls.filter((call) => call.startsWith('leave'))).toEqual([]);
  });

  it('shows who is here only once it has let us in', async () => {
    const { app, bridge } = await start((fake) => (fake.away = true));
    await click('recent-room');
    if (!app.details_shown) app.toggleDetails();
    await settle();
    expect(has('roster')).toBe(false);
    bridge.rooms.get(app.current!)!.enter('resumed');
    await settle();
    expect(get('member-count').textContent).toBe('1 person');
    expect(has('roster')).toBe(true);
    expect(seen.getAllByTestId('message')).toHaveLength(1);
  });
});

describe('what is given up', () => {
  it('is so for good: it is not told again after a restart', async () => {
    const { bridge } = await startIn((before) => (before.refuse = 'too_fast'));
    await say('never mind');
    const id = get('message').dataset.id;
    await click('give-up');
    expect(bridge.calls).toContain(`dismiss ${id}`);
    expect(has('message')).toBe(false);
  });
});

describe('forgetting', () => {
  it('a recent room asks first, and says what others keep', async () => {
    const { bridge } = await start();
    await click('forget-recent');
    expect(get('forget-dialog').textContent).toContain('What the host and others have stays');
    expect(bridge.calls).toEqual([]);
    await click('confirm-forget');
    expect(bridge.calls).toEqual(['forget r1']);
    expect(seen.getAllByTestId('recent-room').map((one) => one.textContent)).toHaveLength(1);
    expect(bridge.preferences.recent_rooms.map((one) => one.id)).toEqual(['r2']);
  });

  it('a room of our own says that it goes with everything in it', async () => {
    await start();
    await click('forget-recent', 1);
    expect(get('forget-dialog').textContent).toContain('with everything said in it, for good');
  });

  it('the room in view puts it away', async () => {
    const { app, bridge } = await startIn();
    if (!app.details_shown) app.toggleDetails();
    await settle();
    await click('forget');
    await click('confirm-forget');
    expect(bridge.calls[0]).toBe('forget id-room1');
    expect(app.list).toEqual([]);
  });

  it('that fails says why, and leaves the room where it is', async () => {
    const { bridge } = await start();
    await click('forget-recent');
    bridge.fault = 'room_in_use';
    await click('confirm-forget');
    expect(document.body.textContent).toContain('open in another Maru. Close it there first');
    expect(seen.getAllByTestId('recent-room')).toHaveLength(2);
  });
});

describe('a hosted room that dies of itself', () => {
  it('is told, and opened again under its name', async () => {
    const { bridge } = await start();
    await click('host');
    bridge.failHost();
    await settle();
    expect(get('failed-bar').textContent).toContain('Something in the room has failed');
    expect(get('composer')).toBeTruthy();
    await click('reopen');
    const once = 'host Otter’s room as before';
    expect(bridge.calls.filter((call) => call.startsWith('host'))).toEqual([once, once]);
    expect(has('failed-bar')).toBe(false);
  });
});

describe('the options of a room to host', () => {
  it('follow the room of that name, and say that it goes on', async () => {
    await start((bridge) => bridge.kept.set('점심', { kind: 'last', entries: 500 }));
    await click('host-options');
    expect(has('known-room')).toBe(false);
    await fireEvent.input(get('room-name'), { target: { value: '점심' } });
    await settle();
    expect(get('known-room').textContent).toContain('it goes on');
    expect((get('keep-entries') as HTMLInputElement).value).toBe('500');
    await fireEvent.input(get('room-name'), { target: { value: '점심 모임' } });
    await settle();
    expect(has('known-room')).toBe(false);
    expect(has('keep-entries')).toBe(false);
  });
});
