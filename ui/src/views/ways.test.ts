// The ways into a room and what guards them, as a person meets them on the fake bridge: rooms nearby, invites, the
// passphrase, a changed certificate, how it is spoken there, and what goes over the wire.
import { cleanup, fireEvent, render, screen as seen } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeBridge, type FakeOptions, type FakeRoom } from '../bridge/fake';
import type { Reach } from '../bridge/bridge';
import { App } from '../state/app.svelte';
import Page from './Page.svelte';

afterEach(cleanup);

const NEAR = {
  ...{ id: 'n1', name: '점심 모임', members: 4, tls: true, passphrase: false },
  addresses: ['192.168.0.10:4567', '100.64.3.7:4567'],
  invite: 'maru://join?a=192.168.0.10:4567&room=cs1uhCLEB_ttCYaQ8RMLfQ',
};

interface Started {
  app: App;
  bridge: FakeBridge;
}

async function start(options: FakeOptions = {}, before: (bridge: FakeBridge) => void = () => {}): Promise<Started> {
  const bridge = new FakeBridge({
    ...options,
    preferences: { language: 'en', nickname: 'Otter', ...options.preferences },
  });
  before(bridge);
  const app = new App(bridge);
  await app.start(async () => ({ name: '점심 모임', count: 3, id: 'AbCd', passphrase: bridge.passphrases.size > 0 }));
  render(Page, { app });
  await settle();
  return { app, bridge };
}

async function startIn(set: (room: FakeRoom, bridge: FakeBridge) => void): Promise<Started & { room: FakeRoom }> {
  let room!: FakeRoom;
  const started = await start({}, (bridge) => {
    room = bridge.open('점심 모임', 'Otter');
    set(room, bridge);
  });
  return { ...started, room };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 30; i += 1) await Promise.resolve();
  flushSync();
}

const get = (id: string) => seen.getByTestId(id);
const shows = (id: string) => seen.queryByTestId(id) !== null;
const joins = (bridge: FakeBridge) => bridge.calls.filter((call) => call.startsWith('join'));

async function click(id: string): Promise<void> {
  await fireEvent.click(get(id));
  await settle();
}

async function type(id: string, value: string): Promise<void> {
  await fireEvent.input(get(id), { target: { value } });
  await settle();
}

async function joinTo(address: string): Promise<void> {
  await type('join-address', address);
  await click('join');
}

describe('rooms nearby', () => {
  it('come and go by themselves for as long as one looks', async () => {
    const { app, bridge } = await start();
    expect(bridge.watches_nearby).toBe(true);
    expect(get('nearby-none').textContent).toContain('No rooms nearby');
    bridge.emit({ type: 'nearby', rooms: [NEAR], is_scanning: false });
    await settle();
    expect(get('nearby-room').title).toBe('Join 점심 모임, 4 people, encrypted');
    for (const words of ['점심 모임', '4 people', 'encrypted']) expect(get('nearby-room').textContent).toContain(words);
    bridge.emit({ type: 'nearby', rooms: [], is_scanning: false });
    await settle();
    expect(shows('nearby-room')).toBe(false);
    app.show(bridge.open('Other', 'Otter').enter().handle);
    await settle();
    expect(bridge.watches_nearby).toBe(false);
  });

  it('are joined at one click, by all their addresses', async () => {
    const { bridge } = await start();
    bridge.emit({ type: 'nearby', rooms: [NEAR], is_scanning: false });
    await settle();
    await click('nearby-room');
    expect(joins(bridge)).toEqual([`join ${NEAR.invite} Otter`]);
    expect(shows('composer')).toBe(true);
  });

  it('leave out the room one is in', async () => {
    const { app, bridge, room } = await startIn((one) => void one.enter());
    app.show(null);
    bridge.emit({ type: 'nearby', rooms: [{ ...NEAR, id: `id-${room.handle}` }], is_scanning: false });
    await settle();
    expect(shows('nearby-room')).toBe(false);
  });

  it('are looked for harder only when asked, and that shows', async () => {
    const { bridge } = await start();
    expect(bridge.calls).not.toContain('look harder');
    await click('look-harder');
    expect(bridge.calls).toContain('look harder');
    bridge.emit({ type: 'nearby', rooms: [], is_scanning: true });
    await settle();
    expect(get('look-harder').getAttribute('aria-busy')).toBe('true');
    expect(seen.getByRole('progressbar')).toBeTruthy();
  });
});

describe('a passphrase', () => {
  const guarded = (bridge: FakeBridge) => void bridge.passphrases.set('maru.example', '열려라 참깨');

  it('is asked for, kept where it was wrong, and lets one in where it is right', async () => {
    const { bridge } = await start({}, guarded);
    await joinTo('maru.example:4567');
    expect(shows('join-error')).toBe(false);
    const field = () => get('passphrase') as HTMLInputElement;
    expect([field().type, document.activeElement]).toEqual(['password', field()]);
    await type('passphrase', 'open sesame');
    await click('passphrase-enter');
    expect(get('passphrase-error').textContent).toContain('Wrong passphrase');
    expect(field().value).toBe('open sesame');
    expect(document.activeElement).toBe(field());
    await type('passphrase', '열려라 참깨');
    await click('passphrase-enter');
    expect(shows('passphrase-dialog')).toBe(false);
    expect(shows('composer')).toBe(true);
    expect(JSON.stringify([bridge.preferences, [...bridge.calls]])).not.toContain('참깨');
  });

  it('that was changed meanwhile is asked for where one was', async () => {
    const { app, room } = await startIn((one) => void one.enter().end('wrong_passphrase'));
    app.rooms = new Map(app.rooms).set(room.handle, { ...app.open!, address: 'maru.example:4567' });
    app.bridge.joinRoom = async () => room.handle;
    await settle();
    expect(get('rejoin').textContent?.trim()).toBe('Enter the passphrase');
    await click('rejoin');
    expect(get('passphrase-error').textContent).toContain('Wrong');
  });

  it('is set, kept or taken away when a room is opened', async () => {
    const { bridge } = await start({}, (fake) => {
      fake.kept.set('Guarded', { kind: 'everything' });
      fake.passphrases.set('Guarded', 'before');
    });
    const given: unknown[] = [];
    const host = bridge.hostRoom.bind(bridge);
    bridge.hostRoom = (options) => {
      given.push([options.passphrase, options.lets_foreign_in, options.origins, options.announce]);
      return host({ ...options, name: `${options.name} ${given.length}` });
    };
    const open = async (name: string, choose: () => Promise<void>) => {
      await click('host-options');
      await type('room-name', name);
      await choose();
      await click('host-open');
      (seen.queryByTestId('another-room') ?? get('nickname')).click();
      await settle();
    };
    await open('Open', async () => {});
    await open('Mine', async () => {
      await type('host-passphrase', 'new');
      await fireEvent.click(get('host-foreign'));
      await fireEvent.click(get('host-pages'));
      await fireEvent.click(get('host-announce'));
    });
    await open('Guarded', async () => {});
    await open('Guarded', () => click('host-passphrase-remove'));
    expect(given).toEqual([
      [undefined, false, 'own', true],
      ['new', true, 'any', false],
      [undefined, false, 'own', true],
      [null, false, 'own', true],
    ]);
  });

  it('is asked of a guest by the room’s card', async () => {
    const { bridge } = await start({ kind: 'browser', preferences: { nickname: null } }, (fake) =>
      fake.passphrases.set(location.hostname, 'x'),
    );
    expect((get('guest-enter') as HTMLButtonElement).disabled).toBe(true);
    await type('guest-passphrase', 'y');
    await click('guest-enter');
    expect(get('passphrase-error').textContent).toContain('Wrong passphrase');
    await type('guest-passphrase', 'x');
    await click('guest-enter');
    expect(shows('composer')).toBe(true);
    expect(joins(bridge)).toHaveLength(2);
  });
});

describe('a certificate that changed', () => {
  it('stops, and is taken only by a choice of its own', async () => {
    const { bridge } = await start({}, (fake) => void fake.changed.add('maru.example'));
    await joinTo('maru.example:4567');
    expect(document.activeElement).toBe(get('certificate-back'));
    await click('certificate-back');
    expect(shows('certificate-dialog')).toBe(false);
    expect(joins(bridge)).toHaveLength(1);
    await click('join');
    await click('certificate-take');
    expect(shows('certificate-dialog')).toBe(false);
    expect(shows('composer')).toBe(true);
  });

  it('is still taken where the room asks for a passphrase then', async () => {
    const taken: boolean[] = [];
    const { bridge } = await start({}, (fake) => {
      fake.changed.add('maru.example');
      fake.passphrases.set('maru.example', 'x');
    });
    const join = bridge.joinRoom.bind(bridge);
    bridge.joinRoom = (way) => {
      taken.push(way.take_certificate);
      return join(way);
    };
    await joinTo('maru.example:4567');
    await click('certificate-take');
    await type('passphrase', 'x');
    await click('passphrase-enter');
    expect(taken).toEqual([false, true, true]);
    expect(shows('composer')).toBe(true);
  });
});

describe('an invite that was opened outside', () => {
  it('joins nothing before one says so, and shows where it leads', async () => {
    const { bridge } = await start();
    bridge.emit({ type: 'opened', invite: NEAR.invite });
    await settle();
    expect(get('opened-where').textContent).toBe('192.168.0.10:4567');
    expect(joins(bridge)).toEqual([]);
    await click('opened-join');
    expect(joins(bridge)).toEqual([`join ${NEAR.invite} Otter`]);
    expect(shows('opened-dialog')).toBe(false);
  });

  it('asks under the name that the first screen proposes', async () => {
    const { bridge } = await start({ preferences: { nickname: null } });
    const names = () => seen.getAllByTestId<HTMLInputElement>('nickname').map((field) => field.value);
    const proposed = names()[0];
    expect(proposed).not.toBe('');
    bridge.emit({ type: 'opened', invite: NEAR.invite });
    await settle();
    expect(names()).toEqual([proposed, proposed]);
  });

  it('that leads nowhere says so and cannot be joined', async () => {
    const { bridge } = await start();
    bridge.emit({ type: 'opened', invite: 'maru://nonsense' });
    await settle();
    expect(get('opened-error').textContent).not.toBe('');
    expect((get('opened-join') as HTMLButtonElement).disabled).toBe(true);
  });
});

describe('a room of another program', () => {
  it('says how it speaks, shows what was sent, and offers nothing it cannot do', async () => {
    const { app, bridge } = await start();
    await type('join-address', 'chat.example:8080');
    await fireEvent.change(get('dialect-choice'), { target: { value: 'plain' } });
    await click('join');
    expect(joins(bridge)).toEqual(['join chat.example:8080 Otter as plain']);
    expect(get('dialect').textContent).toBe('Plain text');
    expect(shows('search-open')).toBe(false);
    const room = bridge.rooms.get('room1')!;
    room.say(room.you, 'hi').say(room.you, 'there').say({ id: 'x', nickname: 'server', number: 1 }, 'hi');
    await settle();
    expect(seen.getAllByTestId('sent').map((one) => one.textContent)).toEqual(['Sent']);
    app.toggleDetails();
    await settle();
    expect(get('keeps').textContent).toContain('another program');
  });
});

describe('the lock', () => {
  it.each(['plain', 'first_seen', 'pinned', 'authority'] as const)('says what %s means', async (security) => {
    await startIn((one) => void one.tell({ type: 'connected', dialect: 'maru', security }).enter());
    expect(get('guard').textContent).toContain(security === 'plain' ? 'Not encrypted' : 'Encrypted');
  });

  it('is not shown at a room of our own, which goes over no network', async () => {
    await startIn((one, bridge) => {
      bridge.host(one, 4567);
      one.tell({ type: 'connected', dialect: 'maru', security: 'plain' }).enter();
    });
    expect(shows('guard')).toBe(false);
  });
});

describe('the invite', () => {
  it.each<[Reach, string]>([
    [{ state: 'reached' }, 'Others can reach you ✓'],
    [{ state: 'waiting' }, 'No devices connected yet'],
    [{ state: 'here_only' }, 'Only this machine'],
    [{ state: 'no_network' }, 'No network'],
    [{ state: 'vpn_only' }, 'Pause VPN'],
    [{ state: 'firewall', command: null }, 'Allow Maru'],
    [{ state: 'firewall', command: 'sudo ufw allow 4567/tcp' }, 'Run this'],
  ])('says %j', async (reach, words) => {
    const { bridge } = await start();
    await click('host');
    bridge.emit({ type: 'reach', reach });
    await settle();
    expect(get('reach').textContent).toContain(words);
    expect(shows('reach-command')).toBe(reach.state === 'firewall' && reach.command !== null);
  });

  it('advises a network only where the room was not meant for this machine alone', async () => {
    const { app, bridge } = await start();
    await click('host');
    const addresses = [{ url: 'http://127.0.0.1:4567/', kind: 'loopback' as const }];
    bridge.emit({ type: 'hosting', hosted: { ...app.hosted!, addresses } });
    await settle();
    const advises = () => document.body.textContent.includes('Connect to Wi‑Fi');
    expect(advises()).toBe(true);
    bridge.emit({ type: 'reach', reach: { state: 'here_only' } });
    await settle();
    expect(advises()).toBe(false);
  });

  it('is a guest’s to pass on, and leads into the app', async () => {
    await start({ kind: 'browser' });
    await click('invite');
    expect((get('open-in-app') as HTMLAnchorElement).href).toMatch(/^maru:\/\/join\?a=/);
    expect(get('qr').getAttribute('aria-label')).toContain('#a=');
  });
});

describe('the inspector', () => {
  const frame = (nth: number, text: string, direction: 'in' | 'out' = 'in') => ({
    nth,
    at: 0,
    what: { type: 'frame', direction, opcode: 'text', bytes: text.length, text, cut: false } as const,
  });

  async function inspecting(): Promise<Started & { room: FakeRoom }> {
    const started = await startIn((one, bridge) => {
      one.enter();
      bridge.sights.set(one.handle, [frame(1, '{"type":"say","text":"안녕"}', 'out'), frame(2, '<b>hi</b>')]);
    });
    await fireEvent.keyDown(window, { code: 'KeyL', key: 'L', ctrlKey: true, shiftKey: true });
    await settle();
    return started;
  }
  const rows = () => seen.queryAllByTestId('frame');

  it('shows what goes over the wire while it is open, as text', async () => {
    const { bridge } = await inspecting();
    expect(rows().map((row) => row.dataset.direction)).toEqual(['out', 'in']);
    expect(get('frames').querySelector('b')).toBeNull();
    await fireEvent.click(rows()[0]!);
    await settle();
    expect(get('frame-whole').querySelector('pre')?.textContent).toBe('{\n  "type": "say",\n  "text": "안녕"\n}');
    await click('inspector-close');
    expect(bridge.calls.filter((call) => call.startsWith('inspect'))).toEqual([
      'inspect room1 true',
      'inspect room1 false',
    ]);
  });

  it('filters, holds still and clears', async () => {
    const { bridge, room } = await inspecting();
    await type('inspector-filter', '안녕');
    expect(rows()).toHaveLength(1);
    await type('inspector-filter', '');
    await click('inspector-pause');
    bridge.emit({ type: 'sights', room: room.handle, sights: [frame(3, 'more'), frame(7, 'later')] });
    await settle();
    expect(rows()).toHaveLength(2);
    expect(get('inspector').textContent).toContain('2 more since');
    await click('inspector-pause');
    expect(rows()).toHaveLength(4);
    expect(get('frame-gap').textContent).toContain('3 are missing');
    await click('inspector-clear');
    expect(rows()).toHaveLength(0);
    bridge.emit({ type: 'sights', room: room.handle, sights: [frame(8, 'after')] });
    await settle();
    expect(rows()).toHaveLength(1);
  });

  it('is one stop of the Tab key, and goes from row to row by the arrows', async () => {
    await inspecting();
    expect(rows().map((row) => row.tabIndex)).toEqual([-1, 0]);
    rows()[1]!.focus();
    await fireEvent.keyDown(rows()[1]!, { key: 'ArrowUp', code: 'ArrowUp' });
    expect(document.activeElement).toBe(rows()[0]);
    await fireEvent.keyDown(rows()[0]!, { key: 'Escape', code: 'Escape' });
    await settle();
    expect(shows('inspector')).toBe(false);
  });

  it('tells a guest what a page is not shown', async () => {
    await start({ kind: 'browser' });
    await fireEvent.keyDown(window, { code: 'KeyL', key: 'L', ctrlKey: true, shiftKey: true });
    await settle();
    expect(get('handshake').textContent).toContain('not shown the headers');
  });
});

it('settings say whether this network is told of rooms', async () => {
  const { bridge } = await start();
  await click('settings');
  await fireEvent.click(get('announce'));
  await settle();
  expect(bridge.preferences.announce).toBe(false);
});
