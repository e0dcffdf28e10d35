/**
 * Scenes for looking at the page: what an empty, a busy, a broken and a long-named room are like. For `fake.ts` alone.
 */
import { FakeBridge, type FakeRoom } from './fake';
import type { CaughtUp } from './generated/CaughtUp';
import type { Dialect } from './generated/Dialect';
import type { Direction } from './generated/Direction';
import type { Language } from './generated/Language';
import type { Member } from './generated/Member';
import type { NotebookFault } from './generated/NotebookFault';
import type { Opcode } from './generated/Opcode';
import type { Seen } from './generated/Seen';
import type { Security } from './generated/Security';
import type { Sight } from './generated/Sight';
import type { Theme } from './generated/Theme';
import type { Lobby } from './lobby';
import { utf8Bytes } from '../shared/utf8';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

interface Words {
  me: string;
  room: string;
  others: string[];
  /** Who comes while one looks. */
  late: string[];
  rooms: string[];
  /** Author by index (-1 is me), minutes ago, text. */
  talk: [number, number, string][];
}

const KO: Words = {
  me: '느긋한 수달',
  room: '점심 모임',
  others: ['민지', '서준', '하윤', '도현'],
  late: ['지우', '유진', '태오'],
  rooms: ['개발 방', '이번 주말 산행'],
  talk: [
    [1, DAY / MINUTE + 214, '내일 점심은 어디로 갈까요?'],
    [0, DAY / MINUTE + 212, '비 온다니까 가까운 데가 좋겠어요'],
    [0, 47, '국밥 어때요?'],
    [0, 47, '어제 새로 생긴 데 지나가다 봤는데 줄이 짧더라고요'],
    [1, 45, '좋아요. 메뉴는 여기 있어요 https://example.com/menu?day=fri (사진은 흐려요)'],
    [2, 44, '저는 매운 거 빼고 다 괜찮아요'],
    [-1, 42, '그럼 열두 시 반에 1층에서 봐요.\n늦으면 먼저 들어가 있을게요.'],
    [2, 41, '👍'],
    [
      3,
      12,
      '자리 예약은 이렇게 넣었어요:\n```\n이름  점심 모임\n시간  12:30\n인원  5\n```\n바뀌면 `/예약` 페이지에서 고치면 돼요',
    ],
    [-1, 3, '고마워요, 도현 님'],
  ],
};

const EN: Words = {
  me: 'Easygoing Otter',
  room: 'Lunch table',
  others: ['Minji', 'Theo', 'Hana', 'Rafael'],
  late: ['Jiwoo', 'Eugene', 'Tara'],
  rooms: ['Build room', 'Weekend hike'],
  talk: [
    [1, DAY / MINUTE + 214, 'Where should we go for lunch tomorrow?'],
    [0, DAY / MINUTE + 212, 'It is going to rain, so somewhere close'],
    [0, 47, 'How about gukbap?'],
    [0, 47, 'I walked past the new place yesterday and the line was short'],
    [1, 45, 'Sounds good. The menu is at https://example.com/menu?day=fri (the photo is blurry)'],
    [2, 44, 'Anything that is not spicy works for me'],
    [-1, 42, 'Half past twelve on the ground floor, then.\nIf you are late, we will be inside.'],
    [2, 41, '👍'],
    [
      3,
      12,
      'I booked it like this:\n```\nname   Lunch table\ntime   12:30\npeople 5\n```\nChange it on the `/booking` page',
    ],
    [-1, 3, 'Thank you, Rafael'],
  ],
};

type Scene = (bridge: FakeBridge, words: Words, params: URLSearchParams) => void;

const SCENES: Record<string, Scene> = {
  welcome: (bridge, words) => {
    bridge.passphrases.set('secret.example', '열려라 참깨');
    bridge.changed.add('moved.example');
    near(bridge, words);
  },
  scanning: (bridge) => bridge.emit({ type: 'nearby', rooms: [], is_scanning: true }),
  opened: (bridge) =>
    bridge.emit({ type: 'opened', invite: 'maru://join?a=192.168.0.10:4567&room=cs1uhCLEB_ttCYaQ8RMLfQ' }),
  inspector: (bridge, words) => {
    const { room } = busy(bridge, words);
    room.tell({ type: 'connected', dialect: 'maru', security: 'pinned' });
    bridge.sights.set(room.handle, sightsOf(bridge, words));
  },
  foreign: (bridge, words, params) => {
    const room = bridge.open('chat.example', words.me);
    const others = crowd(words, false);
    room.members = [room.you, ...others];
    room.enterForeign((params.get('dialect') ?? 'plain') as Dialect, 'first_seen');
    for (const [author, ago, text] of words.talk.slice(2, 7)) {
      room.say(author < 0 ? room.you : others[author]!, text, bridge.now() - ago * MINUTE);
    }
  },
  walled: (bridge, words) => {
    const { room } = busy(bridge, words, true);
    bridge.passphrases.set(words.room, 'x');
    bridge.host(room, 4567);
    bridge.emit({ type: 'reach', reach: { state: 'firewall', command: 'sudo ufw allow 4567/tcp' } });
  },
  shut: (bridge, words) => void busy(bridge, words).room.end('wrong_passphrase'),
  hosting: (bridge, words) => {
    const room = bridge.open(words.room, words.me, true);
    bridge.host(room, 4568, 4567);
    room.enter();
  },
  room: (bridge, words, params) => {
    const { room, others } = busy(bridge, words);
    const security = (params.get('security') ?? (bridge.kind === 'browser' ? 'plain' : 'pinned')) as Security;
    room.tell({ type: 'connected', dialect: 'maru', security });
    room.move(words.late.map((nickname, i) => ({ id: `l${i}`, nickname, number: 6 + i })));
    room.typing(others[0]!);
    otherRooms(bridge, words);
  },
  hosted: (bridge, words) => {
    const { room, others } = busy(bridge, words, true);
    bridge.host(room, 4567);
    room.typing(others[0]!);
  },
  fates: (bridge, words) => {
    const { room } = busy(bridge, words);
    const at = bridge.now() - 5_000;
    room.tell({ type: 'queued', id: 'p1', text: words.talk[2]![2], at });
    room.tell({ type: 'queued', id: 'p2', text: words.talk[3]![2], at });
    room.tell({ type: 'unsent', id: 'p2', code: 'too_fast' });
  },
  reconnecting: (bridge, words) => {
    const { room } = busy(bridge, words);
    room.lose(9_000);
    room.tell({ type: 'queued', id: 'p1', text: words.talk[6]![2], at: bridge.now() });
  },
  closed: (bridge, words) => void busy(bridge, words).room.end('room_closed'),
  left: (bridge, words) => void busy(bridge, words).room.end('left'),
  names: (bridge, words) => {
    const { room } = busy(bridge, words);
    const strange = [
      '가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허고노도로',
      'عبد الرحمن بن محمد',
      '👩‍👩‍👧‍👦🏳️‍🌈',
      'W'.repeat(32),
    ];
    strange.forEach((nickname, i) => {
      const member: Member = { id: `s${i}`, nickname, number: 5 + i };
      room.move([member]);
      room.say(member, ['안녕하세요, 처음 왔어요', 'مرحبا بكم في هذه الغرفة، كيف حالكم؟', '🎉🎉', 'x'.repeat(200)][i]!);
    });
  },
  long: (bridge, words) => {
    const room = bridge.open(words.room, words.me);
    const others = crowd(words);
    room.members = [room.you, ...others];
    const from = bridge.now() - 900 * MINUTE;
    for (let i = 0; i < 900; i += 1) {
      const [, , text] = words.talk[i % words.talk.length]!;
      room.keep({ by: others[Math.floor(i / 3) % others.length]!, at: from + i * MINUTE, text: `${i}: ${text}` });
    }
    room.enter();
  },
  diverged: (bridge, words) => anew(bridge, words, 'diverged'),
  anew: (bridge, words) => anew(bridge, words, 'new_epoch'),
  disk: (bridge, words) => {
    const { room } = busy(bridge, words);
    room.hold = true;
    room.tell({ type: 'queued', id: 'p1', text: words.talk[6]![2], at: bridge.now() });
    room.disk(false);
  },
  away: (bridge, words) => {
    const room = bridge.open(words.room, words.me);
    const others = crowd(words);
    for (const [author, ago, text] of words.talk) {
      room.keep({ by: author < 0 ? room.you : others[author]!, at: bridge.now() - ago * MINUTE, text });
    }
    room.enterKept();
    room.tell({ type: 'queued', id: 'p1', text: words.talk[6]![2], at: bridge.now() });
  },
  notebook: (bridge, words, params) => {
    const fault = (params.get('fault') ?? 'in_use') as NotebookFault;
    busy(bridge, words).room.tell({ type: 'notebook', fault });
  },
  failed: (bridge, words) => {
    const { room } = busy(bridge, words, true);
    bridge.host(room, 4567);
    bridge.failHost();
  },
  unkept: (bridge, words) => {
    const room = bridge.open(words.room, words.me);
    room.keeps = { kind: 'nothing' };
    const by = crowd(words)[0]!;
    room.members = [room.you, ...crowd(words)];
    room.keep({ by, at: bridge.now() - 4 * MINUTE, text: words.talk[2]![2] }).enter();
  },
  latest: (bridge, words) => {
    const room = bridge.open(words.room, words.me);
    room.keeps = { kind: 'last', entries: 1_000 };
    const by = crowd(words)[0]!;
    room.members = [room.you, ...crowd(words)];
    room.keep({ by, at: bridge.now() - 4 * MINUTE, text: words.talk[2]![2] }).enter();
  },
  empty: (bridge, words) => void bridge.open(words.room, words.me).enter(),
  gap: (bridge, words) => {
    const { room, others } = busy(bridge, words);
    room.renamed(others[0]!, `${others[0]!.nickname} 2`);
    room.enter('trimmed', 2);
    room.move(
      [],
      others.slice(1).map((one) => one),
    );
  },
  quit: (bridge, words) => {
    const { room } = busy(bridge, words, true);
    bridge.host(room, 4567);
    bridge.emit({ type: 'quit_asked', members: 5 });
  },
};

export function playScene(
  scene: string,
  params: URLSearchParams,
): { bridge: FakeBridge; lobby: () => Promise<Lobby | null> } {
  const language = (params.get('lang') ?? 'system') as Language;
  const theme = (params.get('theme') ?? 'system') as Theme;
  const words = language === 'en' ? EN : KO;
  const guest = scene.startsWith('guest');
  const name = scene.replace(/^guest-?/, '');
  const bridge = new FakeBridge({
    kind: guest ? 'browser' : 'fake',
    notice: scene === 'broken' ? { code: 'broken', file: 'preferences.broken-1.json' } : null,
    preferences: {
      language,
      theme,
      nickname: params.get('nickname') ?? (guest && (name === '' || name === 'passphrase') ? null : words.me),
      recent_rooms: scene === 'first' || guest ? [] : recent(words),
    },
  });
  (SCENES[name] ?? SCENES.welcome!)(bridge, words, params);
  return {
    bridge,
    lobby: async () => (guest ? { name: words.room, count: 4, id: '', passphrase: name === 'passphrase' } : null),
  };
}

/** Rooms on this network: one of ours to come, one that is guarded, one with a name that fills its line. */
function near(bridge: FakeBridge, words: Words): void {
  const room = (id: string, name: string, members: number | null, guarded: boolean) => ({
    ...{ id, name, members, tls: true, passphrase: guarded },
    addresses: [`${id}.example:4567`],
    invite: `maru://join?a=${id}.example:4567&room=cs1uhCLEB_ttCYaQ8RMLfQ`,
  });
  const long = `${words.rooms[1]} ${words.rooms[0]} ${words.room} ${words.me}`;
  const rooms = [
    room('lunch', words.room, 4, false),
    room('secret', words.rooms[0]!, 12, true),
    room('long', long, null, false),
  ];
  bridge.emit({ type: 'nearby', rooms, is_scanning: false });
}

/** A handshake, and as many frames as are kept. */
function sightsOf(bridge: FakeBridge, words: Words): Sight[] {
  const [name, value] = ['Sec-WebSocket-Protocol', 'maru.v1'];
  const seen: Seen[] = [
    {
      type: 'tls',
      version: 'TLS 1.3',
      cipher: 'TLS13_AES_256_GCM_SHA384',
      pin: 'mPq0o2Yd3K8a1xVtRr7Jc5u9Wb4Zs6Ne0Hg2Lf8Ti3Q',
    },
    {
      ...{ type: 'request', url: 'wss://192.168.0.10:4567/', line: 'GET / HTTP/1.1' },
      headers: [
        { name: 'Host', value: '192.168.0.10:4567' },
        { name: 'Connection', value: 'Upgrade' },
        { name: 'Upgrade', value: 'websocket' },
        { name: 'Sec-WebSocket-Key', value: 'dGhlIHNhbXBsZSBub25jZQ==' },
        { name, value },
      ],
    },
    {
      ...{ type: 'response', line: 'HTTP/1.1 101 Switching Protocols' },
      headers: [
        { name: 'Sec-WebSocket-Accept', value: 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' },
        { name, value },
      ],
    },
  ];
  const frame = (direction: Direction, opcode: Opcode, text: string): Seen => {
    const bytes = opcode === 'binary' ? text.length / 2 : utf8Bytes(text);
    return { type: 'frame', direction, opcode, bytes, text, cut: false };
  };
  for (let i = 0; seen.length < 990; i += 1) {
    const [author, , text] = words.talk[i % words.talk.length]!;
    const said = { id: `m${i}`, text };
    if (author < 0) seen.push(frame('out', 'text', JSON.stringify({ type: 'say', ...said })));
    seen.push(frame('in', 'text', JSON.stringify({ type: 'entry', seq: i, kind: 'said', ...said })));
    if (i % 7 === 0) seen.push(frame('out', 'ping', ''), frame('in', 'pong', ''));
    if (i % 40 === 39) seen.push(frame('in', 'binary', '89504e470d0a1a0a0000000d49484452'));
  }
  const from = bridge.now() - seen.length * 250;
  // Ten were let go of after the handshake.
  return seen.map((what, i) => ({ nth: i < 3 ? i + 1 : i + 11, at: from + i * 250, what }));
}

function busy(bridge: FakeBridge, words: Words, host = false): { room: FakeRoom; others: Member[] } {
  const room = bridge.open(words.room, words.me, host);
  const others = crowd(words, !host);
  room.members = [...others, room.you].sort((a, b) => a.number - b.number);
  for (const [author, ago, text] of words.talk) {
    room.keep({ by: author < 0 ? room.you : others[author]!, at: bridge.now() - ago * MINUTE, text });
  }
  room.enter();
  return { room, others };
}

/** The room comes back with another log than was heard. */
function anew(bridge: FakeBridge, words: Words, how: CaughtUp): void {
  const { room, others } = busy(bridge, words);
  room.log = [];
  room.keep({ by: others[0]!, at: bridge.now() - MINUTE, text: words.talk[2]![2] }).enter(how);
}

function crowd(words: Words, first_hosts = true): Member[] {
  const numbers = first_hosts ? [0, 1, 2, 4] : [1, 2, 4, 5];
  return words.others.map((nickname, i) => ({
    id: `m${i}`,
    nickname,
    number: numbers[i]!,
    ...(i === 0 && first_hosts && { host: true }),
  }));
}

function otherRooms(bridge: FakeBridge, words: Words): void {
  words.rooms.forEach((name, i) => {
    const room = bridge.open(name, words.me);
    const by: Member = { id: `o${i}`, nickname: words.others[i]!, number: i };
    room.you = { ...room.you, number: 7 + i };
    room.members = [by, room.you];
    room.keep({ by, at: bridge.now() - 90 * MINUTE, text: words.talk[0]![2] }).enter();
    if (i === 0) for (const [, , text] of words.talk.slice(1, 4)) room.say(by, text);
  });
}

function recent(words: Words) {
  const now = Date.now();
  return [
    { id: 'r1', name: words.room, address: 'http://192.168.0.10:4567/', at: now - 20 * MINUTE },
    { id: 'r2', name: words.rooms[0]!, address: null, at: now - DAY },
    { id: 'r3', name: words.rooms[1]!, address: 'wss://maru.example.com:443/', at: now - 5 * DAY },
  ];
}
