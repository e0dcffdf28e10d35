// Looking for messages, looking at earlier ones, and what a room says it keeps: on the fake bridge, as a person meets it.
import { cleanup, fireEvent, render, screen as seen } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeBridge, type FakeRoom } from '../bridge/fake';
import type { Member } from '../bridge/generated/Member';
import { App } from '../state/app.svelte';
import Page from './Page.svelte';

const minji: Member = { id: 'm1', nickname: '민지', number: 0, host: true };

let app: App;
let bridge: FakeBridge;
let room: FakeRoom;
let shown: Element[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  shown = [];
  // jsdom draws nothing; where it would scroll to is what counts.
  Element.prototype.scrollIntoView = function () {
    shown.push(this);
  };
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

/** A room of 150 messages, of which the last twenty are loaded and stay so; every tenth is about lunch. */
async function startIn(set: (room: FakeRoom) => void = () => {}): Promise<void> {
  bridge = new FakeBridge({ preferences: { language: 'en' } });
  bridge.loadHistory = async () => {};
  room = bridge.open('점심 모임', 'Otter');
  room.members = [minji, room.you];
  for (let i = 1; i <= 150; i += 1) {
    room.keep({ by: minji, at: 1_000_000 * i, text: i % 10 === 0 ? `${i}번째 점심시간` : `message ${i}` });
  }
  set(room);
  room.enter('first', 20);
  app = new App(bridge);
  await app.start(async () => null);
  render(Page, { app });
  await settle();
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
  flushSync();
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}

const get = (id: string) => seen.getByTestId(id);
const has = (id: string) => seen.queryByTestId(id) !== null;
const results = () => seen.queryAllByTestId('search-result');
const asked = (what: string) => bridge.calls.filter((call) => call.startsWith(what));

async function click(id: string): Promise<void> {
  await fireEvent.click(get(id));
  await settle();
}

async function type(text: string, isComposing = false): Promise<void> {
  await fireEvent.input(get('search-input'), { target: { value: text }, isComposing });
}

async function look(text: string): Promise<void> {
  await type(text);
  vi.advanceTimersByTime(250);
  await settle();
}

describe('looking for a message', () => {
  it('opens by its button and by its key, and has the caret', async () => {
    await startIn();
    await fireEvent.keyDown(document.body, { code: 'KeyF', key: 'ㄹ', ctrlKey: true });
    await settle();
    expect(document.activeElement).toBe(get('search-input'));
    await fireEvent.keyDown(get('search-input'), { key: 'Escape' });
    await settle();
    expect(has('search')).toBe(false);
    await click('search-open');
    expect(has('search')).toBe(true);
  });

  it('asks once for what is typed in one go, from the first syllable on', async () => {
    await startIn();
    await click('search-open');
    await type('ㅈ', true);
    await type('저', true);
    await type('점', true);
    expect(asked('search')).toEqual([]);
    vi.advanceTimersByTime(250);
    await settle();
    expect(asked('search')).toEqual(['search 점']);
    expect(results()).toHaveLength(15);
  });

  it('shows the latest first, each with its author and its words marked as text', async () => {
    await startIn((one) => one.say(minji, '<mark>점심</mark> & <b>', 400_000_000));
    await click('search-open');
    await look('점심');
    const [first] = results();
    expect(first?.textContent).toContain('민지');
    expect(first?.textContent).toContain('<mark>점심</mark> & <b>');
    expect([...first!.querySelectorAll('mark')].map((one) => one.textContent)).toEqual(['점심']);
    expect(first?.querySelector('b')).toBeNull();
  });

  it('gives older results when asked', async () => {
    await startIn();
    await click('search-open');
    await look('message');
    expect(results()).toHaveLength(50);
    await click('search-older');
    expect(results()).toHaveLength(100);
    expect(asked('search')).toHaveLength(2);
    await look('message 1 message');
    expect(has('search-older')).toBe(true);
  });

  it('says what to do where nothing is found', async () => {
    await startIn();
    await click('search-open');
    await look('저녁');
    expect(get('search-none').textContent).toContain('Try fewer letters');
  });

  it('says that it waits for the connection, and asks again once it is back', async () => {
    await startIn();
    await click('search-open');
    room.silent = true;
    await look('점심');
    room.lose(5_000);
    await settle();
    expect(get('search-offline').textContent).toContain('once reconnected');
    room.silent = false;
    await bridge.retryNow(room.handle);
    await settle();
    expect(has('search-offline')).toBe(false);
    expect(results()).toHaveLength(15);
  });

  it('says why there is none in a room that keeps nothing', async () => {
    await startIn((one) => (one.keeps = { kind: 'nothing' }));
    await click('search-open');
    expect(get('search-impossible').textContent).toContain('keeps nothing');
    expect((get('search-input') as HTMLInputElement).disabled).toBe(true);
  });

  it('says what a room refuses, in its place', async () => {
    await startIn();
    await click('search-open');
    room.silent = true;
    await look('점심');
    room.tell({ type: 'refused', code: 'too_fast', frame: 'search' });
    await settle();
    expect(get('search').textContent).toContain('Too fast');
    expect(has('toast')).toBe(false);
  });
});

describe('going to a message', () => {
  const marked = () => document.querySelector('.marked [data-testid="message-text"]')?.textContent?.trim();

  it('that is loaded brings it into view and marks it for a moment', async () => {
    await startIn();
    await click('search-open');
    await look('140번째');
    await fireEvent.click(results()[0]!);
    await settle();
    expect(has('excerpt')).toBe(false);
    expect(marked()).toBe('140번째 점심시간');
    expect(shown.at(-1)?.textContent).toContain('140번째');
    vi.advanceTimersByTime(3_000);
    await settle();
    expect(marked()).toBeUndefined();
  });

  it('that is not loaded opens the log around it, and leads back to the present', async () => {
    await startIn();
    await click('search-open');
    await look('100번째');
    await fireEvent.click(results()[0]!);
    await settle();
    expect(asked('excerpt')[0]).toBe('excerpt 60');
    expect(get('excerpt').textContent).toContain('earlier messages');
    expect(marked()).toBe('100번째 점심시간');
    expect(shown.at(-1)?.textContent).toContain('100번째');
    await click('excerpt-back');
    expect(has('excerpt')).toBe(false);
  });

  it('shows the one that was chosen last, though the answer to another comes first', async () => {
    await startIn();
    room.silent = true;
    app.looking.goTo(room.handle, 100);
    app.looking.goTo(room.handle, 30);
    await settle();
    expect(asked('excerpt')).toEqual(['excerpt 60', 'excerpt 1']);
    room.tell({ type: 'excerpt', entries: room.log.slice(59), more: false });
    await settle();
    expect(marked()).toBeUndefined();
    room.tell({ type: 'excerpt', entries: room.log.slice(0, 100), more: true });
    await settle();
    expect(marked()).toBe('30번째 점심시간');
  });

  it('gives up the past for the present when one writes', async () => {
    await startIn();
    await click('search-open');
    await look('100번째');
    await fireEvent.click(results()[0]!);
    await settle();
    await fireEvent.input(get('composer'), { target: { value: '지금이에요' } });
    await click('send');
    expect(has('excerpt')).toBe(false);
    expect(asked('say')).toEqual(['say 지금이에요']);
  });
});

describe('what a room keeps', () => {
  it.each([
    [{ kind: 'everything' } as const, 'kept on the host’s machine'],
    [{ kind: 'last', entries: 1_000 } as const, 'Only the latest 1,000 messages are kept'],
    [{ kind: 'nothing' } as const, 'This room keeps nothing'],
  ])('is told to everybody in it: %o', async (keeps, words) => {
    await startIn((one) => {
      one.keeps = keeps;
      one.log.splice(0, 140);
    });
    app.toggleDetails();
    await settle();
    expect(get('keeps').textContent).toContain(words);
    if (keeps.kind !== 'everything') expect(get('beginning').textContent).toContain(words);
  });

  it('is chosen by its host', async () => {
    bridge = new FakeBridge({ preferences: { language: 'en', nickname: 'Otter' } });
    app = new App(bridge);
    await app.start(async () => null);
    render(Page, { app });
    await settle();
    await click('host-options');
    await fireEvent.change(get('keep'), { target: { value: 'last' } });
    await fireEvent.input(get('keep-entries'), { target: { value: 'ten' } });
    await click('host-open');
    expect(get('keep-entries-error').textContent).toContain('a number');
    await fireEvent.input(get('keep-entries'), { target: { value: '10,000' } });
    await click('host-open');
    expect([...bridge.rooms.values()][0]?.keeps).toEqual({ kind: 'last', entries: 10_000 });
    expect(get('beginning').textContent).toContain('10,000');
  });

  it('stays as it was for a room that is opened again', async () => {
    const recent_rooms = [{ id: 'r', name: '점심 모임', address: null, at: 0 }];
    bridge = new FakeBridge({ preferences: { language: 'en', nickname: 'Otter', recent_rooms } });
    app = new App(bridge);
    await app.start(async () => null);
    render(Page, { app });
    await settle();
    await click('recent-room');
    expect(asked('host')).toEqual(['host 점심 모임 as before']);
  });
});

describe('a host’s disk in trouble', () => {
  it('is told, leaves the composer usable, and is over when it is', async () => {
    await startIn((one) => (one.hold = true));
    room.disk(false);
    await settle();
    expect(get('disk-bar').textContent).toContain('What you write waits');
    await fireEvent.input(get('composer'), { target: { value: '안녕' } });
    await click('send');
    expect(seen.getAllByTestId('message').at(-1)?.textContent).toContain('once the disk is well');
    room.disk(true);
    await settle();
    expect(has('disk-bar')).toBe(false);
  });
});

describe('a room as a file', () => {
  it('is written where it says', async () => {
    await startIn();
    app.toggleDetails();
    await settle();
    await click('export');
    await click('export-go');
    expect(asked('export')).toEqual(['export html true']);
    expect(get('export-path').textContent).toContain('Downloads/점심 모임-2026-07-03.html');
    await click('export-folder');
    expect(asked('open')).toEqual(['open exports']);
  });

  it('that cannot be written says why', async () => {
    await startIn();
    app.toggleDetails();
    await settle();
    await click('export');
    bridge.fault = 'data_unwritable';
    await click('export-go');
    expect(get('export-error').textContent).toContain('space');
  });
});
