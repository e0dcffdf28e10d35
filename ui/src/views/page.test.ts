// The page as a person meets it, on the fake bridge: what they see, press and read. Behaviour, never markup.
import { cleanup, fireEvent, render, screen as seen } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeBridge, type FakeOptions, type FakeRoom } from '../bridge/fake';
import type { Fault } from '../bridge/generated/Fault';
import type { Member } from '../bridge/generated/Member';
import { App } from '../state/app.svelte';
import Page from './Page.svelte';

const minji: Member = { id: 'm1', nickname: '민지', number: 0, host: true };

afterEach(cleanup);

interface Started {
  app: App;
  bridge: FakeBridge;
}

async function start(options: FakeOptions = {}, before: (bridge: FakeBridge) => void = () => {}): Promise<Started> {
  const bridge = new FakeBridge({ ...options, preferences: { language: 'en', ...options.preferences } });
  before(bridge);
  const app = new App(bridge);
  await app.start(async () => ({ name: '점심 모임', count: 3, id: 'AbCd', passphrase: false }));
  render(Page, { app });
  await settle();
  return { app, bridge };
}

/** A room with Minji in it, in view. */
async function startIn(set: (room: FakeRoom) => void = () => {}): Promise<Started & { room: FakeRoom }> {
  let room!: FakeRoom;
  const started = await start({}, (bridge) => {
    room = bridge.open('점심 모임', 'Otter');
    room.members = [minji, room.you];
    set(room);
    room.enter();
  });
  return { ...started, room };
}

/** Lets everything that was promised happen, and be drawn. No clock is involved. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
  flushSync();
}

const get = (id: string) => seen.getByTestId(id);
const messages = () => seen.queryAllByTestId('message');
const composer = () => get('composer') as HTMLTextAreaElement;

async function click(id: string): Promise<void> {
  await fireEvent.click(get(id));
  await settle();
}

async function write(text: string): Promise<void> {
  await fireEvent.input(composer(), { target: { value: text } });
}

async function press(over: KeyboardEventInit = {}): Promise<boolean> {
  const went_on = await fireEvent.keyDown(composer(), { key: 'Enter', code: 'Enter', keyCode: 13, ...over });
  await settle();
  return went_on;
}

describe('the first screen', () => {
  it('has a name ready, and another one at a click', async () => {
    await start();
    const field = get('nickname') as HTMLInputElement;
    const first = field.value;
    expect(first).toMatch(/^\w+ \w+$/);
    await click('reroll');
    expect(field.value).not.toBe(first);
  });

  it('opens a room at once, with the invite in it', async () => {
    const { bridge } = await start({ preferences: { nickname: 'Otter' } });
    await click('host');
    expect(get('room-title').textContent).toBe('Otter’s room');
    expect(get('invite-address').textContent).toBe('http://192.168.0.10:4567/');
    expect(bridge.preferences.recent_rooms).toMatchObject([{ name: 'Otter’s room', address: null }]);
  });

  it('says in place why hosting failed', async () => {
    await start({}, (bridge) => (bridge.fault = 'already_hosting'));
    await click('host');
    expect(get('host-error').textContent).toContain('Close it first');
  });

  it('shows where a typed address leads', async () => {
    await start();
    await fireEvent.input(get('join-address'), { target: { value: '192.168.0.10:5000' } });
    await settle();
    expect(document.body.textContent).toContain('Goes to 192.168.0.10, port 5000');
  });

  it.each<[Fault, string]>([
    ['not_found', 'Check spelling'],
    ['refused', 'Check the port'],
    ['timeout', 'same Wi‑Fi'],
    ['not_a_room', 'Not a chat room'],
    ['room_full', 'Room full'],
    ['nickname_taken', 'Name taken'],
    ['tls', 'Certificate not valid'],
  ])('on %s says what to do, keeps the text, and stops trying', async (fault, words) => {
    const { app, bridge } = await start({}, (fake) => (fake.fault = fault));
    await fireEvent.input(get('join-address'), { target: { value: 'maru.example:4567' } });
    await click('join');
    expect(get('join-error').textContent).toContain(words);
    expect((get('join-address') as HTMLInputElement).value).toBe('maru.example:4567');
    expect(bridge.calls.filter((call) => call.startsWith('leave'))).toHaveLength(1);
    expect(app.list).toEqual([]);
  });

  it('takes an unreadable address no further', async () => {
    const { bridge } = await start();
    await fireEvent.input(get('join-address'), { target: { value: 'not an address' } });
    await click('join');
    expect(get('join-error').textContent).toContain('Unreadable');
    expect(bridge.calls).toEqual([]);
  });

  it('lets one give up on a room that does not answer', async () => {
    await start({}, (bridge) => (bridge.stall = true));
    await fireEvent.input(get('join-address'), { target: { value: 'maru.example:4567' } });
    await click('join');
    await click('join-cancel');
    expect(seen.queryByTestId('join-error')).toBeNull();
    expect(get('join')).toBeTruthy();
  });

  it('lets one give up while it is still being dialled, and leaves it should it answer', async () => {
    let answer!: (handle: string) => void;
    const { app, bridge } = await start({}, (fake) => {
      fake.joinRoom = () => new Promise((done) => (answer = done));
    });
    await fireEvent.input(get('join-address'), { target: { value: 'maru.example:4567' } });
    await click('join');
    await click('join-cancel');
    expect(get('join')).toBeTruthy();
    answer(bridge.open('late', 'Otter').enter().handle);
    await settle();
    expect(bridge.calls).toContain('leave room1');
    expect(app.list).toEqual([]);
  });

  it('goes to a room that is open already, though its connection is lost', async () => {
    const { app, bridge, room } = await startIn();
    room.lose(5_000);
    app.show(null);
    await settle();
    bridge.joinRoom = async () => room.handle;
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 1_000);
    await fireEvent.input(get('join-address'), { target: { value: 'maru.example:4567' } });
    await click('join');
    expect(get('room-title').textContent).toBe('점심 모임');
  });

  it('goes to a recent room at one click', async () => {
    const recent_rooms = [{ id: 'r', name: '점심 모임', address: 'http://192.168.0.10:4567/', at: 0 }];
    const { bridge } = await start({ preferences: { nickname: 'Otter', recent_rooms } });
    await click('recent-room');
    expect(bridge.calls).toContain('join http://192.168.0.10:4567/ Otter');
    expect(get('composer')).toBeTruthy();
  });
});

describe('writing', () => {
  it('shows our message at once as pending, and as sent when the room has it', async () => {
    const { room } = await startIn((one) => (one.hold = true));
    await write('안녕');
    expect(await press()).toBe(false);
    const [message] = messages();
    expect(message?.dataset).toMatchObject({ state: 'pending', mine: 'true' });
    expect(composer().value).toBe('');
    room.say(room.you, '안녕', 0, message!.dataset.id);
    await settle();
    expect(messages()).toHaveLength(1);
    expect(messages()[0]?.dataset.state).toBe('sent');
  });

  it('keeps the row of our message when the room confirms it', async () => {
    const { room } = await startIn((one) => (one.hold = true));
    await write('안녕');
    await press();
    const [row] = messages();
    room.say(room.you, '안녕', Date.now(), row!.dataset.id);
    await settle();
    expect(messages()[0]).toBe(row);
  });

  it('says why a message failed, and sends the same one again', async () => {
    const { room } = await startIn((one) => (one.refuse = 'too_fast'));
    await write('안녕');
    await press();
    const id = messages()[0]!.dataset.id;
    expect(messages()[0]?.dataset.state).toBe('failed');
    expect(messages()[0]?.textContent).toContain('Too fast');
    room.refuse = null;
    await click('retry');
    expect(messages()).toHaveLength(1);
    expect(messages()[0]?.dataset).toMatchObject({ state: 'sent', id });
  });

  it('fails a message that the bridge would not take', async () => {
    const { bridge } = await startIn();
    bridge.say = () => Promise.reject(Object.assign(new Error(), { code: 'outbox_full' }));
    await write('안녕');
    await press();
    expect(messages()[0]?.textContent).toContain('waiting');
    await click('give-up');
    expect(messages()).toEqual([]);
  });

  it('does not send what is still being composed, nor nothing, nor on Shift+Enter', async () => {
    const { bridge } = await startIn();
    await write('안녀');
    expect(await press({ isComposing: true, keyCode: 229 })).toBe(true);
    expect(await press({ keyCode: 229 })).toBe(true);
    expect(await press({ shiftKey: true })).toBe(true);
    await write('  ');
    await press();
    expect(bridge.calls.filter((call) => call.startsWith('say'))).toEqual([]);
  });

  it('reads the text as it stands, not as it was last heard of', async () => {
    const { bridge } = await startIn();
    composer().value = '안녕';
    await press();
    expect(bridge.calls).toContain('say 안녕');
  });

  it('sends the last syllable with the button, once', async () => {
    const { bridge } = await startIn();
    await fireEvent.compositionStart(composer());
    await write('안녕');
    await click('send');
    expect(bridge.calls).toContain('say 안녕');
    await write('녕');
    await fireEvent.compositionEnd(composer());
    expect(composer().value).toBe('');
    await write('녕');
    expect(composer().value).toBe('녕');
  });

  it('keeps a text that is too long', async () => {
    const { bridge } = await startIn();
    await write('가'.repeat(30_000));
    await press();
    expect(get('composer-error').textContent).toContain('Too long');
    expect(composer().value).toHaveLength(30_000);
    expect(bridge.calls.filter((call) => call.startsWith('say'))).toEqual([]);
  });

  it('keeps a draft for each room', async () => {
    const { app, bridge } = await startIn();
    await write('half a thought');
    bridge.open('Other', 'Otter').enter();
    app.show('room2');
    await settle();
    expect(composer().value).toBe('');
    app.show('room1');
    await settle();
    expect(composer().value).toBe('half a thought');
  });
});

describe('what strangers say', () => {
  it('is text, whatever it looks like', async () => {
    const hostile = '<img src=x onerror=alert(1)><script>alert(1)</script> javascript:alert(1)';
    const { room } = await startIn();
    room.say({ ...minji, nickname: '<b>민지</b>' }, hostile);
    await settle();
    expect(get('message-text').textContent?.trim()).toBe(hostile);
    expect(get('message-author').textContent).toBe('<b>민지</b>');
    expect(get('timeline').querySelector('img, script, b, a')).toBeNull();
  });

  it('leads out of the page only after its real host was shown', async () => {
    const { bridge, room } = await startIn();
    room.say(minji, 'https://bank.example@evil.example/login');
    await settle();
    const link = get('message-text').querySelector('a')!;
    expect(link.rel).toBe('noopener noreferrer nofollow');
    expect(await fireEvent.click(link)).toBe(false);
    await settle();
    expect(get('link-host').textContent).toBe('evil.example');
    expect(bridge.calls).toEqual([]);
    await click('link-open');
    expect(bridge.calls).toEqual(['open https://bank.example@evil.example/login']);
  });
});

describe('the room', () => {
  it('tells who is here and folds who comes and goes', async () => {
    const { room } = await startIn();
    room.move([
      { id: 'a', nickname: 'Ann', number: 5 },
      { id: 'b', nickname: 'Bo', number: 6 },
    ]);
    await settle();
    expect(get('member-count').textContent).toBe('4 people');
    expect(seen.getAllByTestId('notice').map((one) => one.textContent?.trim())).toEqual(['Ann and 1 other joined']);
    room.move([], [{ id: 'a', nickname: 'Ann', number: 5 }]);
    await settle();
    expect(seen.getAllByTestId('notice').map((one) => one.textContent?.trim())).toEqual([
      'Ann came by and left',
      'Bo joined',
    ]);
  });

  it('stays to be read once the host closed it, and can be entered again', async () => {
    const { bridge, room } = await startIn();
    room.say(minji, 'bye').end('room_closed');
    await settle();
    expect(get('ended').textContent).toContain('History stays');
    expect(messages()).toHaveLength(1);
    await click('rejoin');
    expect(bridge.calls).toContain('retry room1');
    expect(get('composer')).toBeTruthy();
  });

  it('is left after a question', async () => {
    const { app, bridge } = await startIn();
    app.toggleDetails();
    await settle();
    await click('leave');
    await click('confirm-leave');
    expect(bridge.calls).toContain('leave room1');
    expect(get('ended').textContent).toBe('You left');
  });

  it('is closed by its host after a question', async () => {
    const { app, bridge } = await start({ preferences: { nickname: 'Otter' } });
    await click('host');
    app.toggleDetails();
    await settle();
    await click('stop-hosting');
    expect(bridge.hosted).not.toBeNull();
    await click('confirm-stop');
    expect(bridge.hosted).toBeNull();
    expect(get('ended').textContent).toContain('You closed the room');
  });

  it('asks before quitting closes it for others', async () => {
    const { bridge } = await startIn();
    bridge.emit({ type: 'quit_asked', members: 4 });
    await settle();
    expect(get('quit-dialog').textContent).toContain('closes the room for 4');
    await click('quit-confirm');
    expect(bridge.calls).toContain('quit');
  });

  it('counts what is unread in the title and the list, until one goes there', async () => {
    const { app, bridge } = await startIn();
    const other = bridge.open('Other', 'Otter').enter();
    other.say(minji, 'psst');
    await settle();
    expect(document.title).toBe('(1) 점심 모임 · Maru');
    app.nextUnread();
    await settle();
    expect(document.title).toBe('Other · Maru');
  });
});

describe('settings', () => {
  it('change the language and the theme of the whole page at once', async () => {
    const { bridge } = await start();
    await click('settings');
    await fireEvent.change(get('language'), { target: { value: 'ko' } });
    await fireEvent.change(get('theme'), { target: { value: 'dark' } });
    await settle();
    expect(document.documentElement.lang).toBe('ko');
    expect(document.documentElement.dataset.theme).toBe('dark');
    expect(document.body.textContent).toContain('마루에 모여요');
    expect(bridge.preferences).toMatchObject({ language: 'ko', theme: 'dark' });
  });

  it('rename us in the room, or say why not', async () => {
    const { app, room } = await startIn();
    await click('settings');
    room.refuse = 'nickname_taken';
    await fireEvent.input(get('settings-nickname'), { target: { value: '민지' } });
    await click('settings-nickname-save');
    expect(get('settings-nickname-error').textContent).toContain('taken');
    room.refuse = null;
    await fireEvent.input(get('settings-nickname'), { target: { value: '새 이름' } });
    await click('settings-nickname-save');
    expect(app.open?.room.you?.nickname).toBe('새 이름');
    expect(get('notice').textContent).toContain('Otter is now 새 이름');
  });

  it('that could not be read are told of once', async () => {
    await start({ notice: { code: 'broken', file: 'preferences.broken.json' } });
    expect(get('prefs-notice').textContent).toContain('preferences.broken.json');
  });
});

describe('a guest in a browser', () => {
  it('sees which room it is, gives a name and is in', async () => {
    const { bridge } = await start({ kind: 'browser' });
    expect(document.body.textContent).toContain('점심 모임');
    expect(get('guest-count').textContent).toBe('3 people are here');
    await fireEvent.input(get('nickname'), { target: { value: 'Guest' } });
    await click('guest-enter');
    expect(get('composer')).toBeTruthy();
    expect(bridge.preferences.nickname).toBe('Guest');
  });

  it('who was here before is in without a screen between', async () => {
    const { bridge } = await start({ kind: 'browser', preferences: { nickname: 'Guest' } });
    expect(bridge.calls[0]).toMatch(/^join .* Guest$/);
    expect(get('composer')).toBeTruthy();
  });

  it('can choose another name when this one is taken', async () => {
    const { bridge } = await start({ kind: 'browser', preferences: { nickname: '민지' } }, (fake) => {
      fake.fault = 'nickname_taken';
    });
    expect(document.body.textContent).toContain('Name taken');
    bridge.fault = null;
    await fireEvent.input(get('nickname'), { target: { value: '민지2' } });
    await click('guest-enter');
    expect(get('composer')).toBeTruthy();
  });

  it('is asked for the passphrase once the room wants one, and told when it is another', async () => {
    const { bridge } = await start({ kind: 'browser', preferences: { nickname: 'Guest' } }, (fake) => {
      fake.fault = 'passphrase_needed';
    });
    const joining = vi.spyOn(bridge, 'joinRoom');
    expect(seen.queryByRole('alert'), 'nobody made a mistake yet').toBeNull();
    expect((get('guest-passphrase') as HTMLInputElement).type).toBe('password');
    expect((get('guest-enter') as HTMLButtonElement).disabled).toBe(true);
    bridge.fault = 'wrong_passphrase';
    await fireEvent.input(get('guest-passphrase'), { target: { value: '닫힌 마루' } });
    await click('guest-enter');
    expect(document.body.textContent).toContain('Wrong passphrase');
    bridge.fault = null;
    await fireEvent.input(get('guest-passphrase'), { target: { value: '열린 마루' } });
    await click('guest-enter');
    expect(get('composer')).toBeTruthy();
    expect(joining.mock.lastCall?.[0]).toMatchObject({ nickname: 'Guest', passphrase: '열린 마루' });
    expect(JSON.stringify(bridge.preferences)).not.toContain('마루');
  });
});
