// The bridge of a guest in a browser: the one room whose host served this page, joined by a session of its own over
// WebSocket. Hosts nothing, dials nowhere else.
import type { Bridge, CommandError, FeedEvent, RoomHandle } from '../bridge';
import type { RoomEvent } from '../generated/RoomEvent';
import { download } from './download';
import { invitationFrom } from './invitation';
import { introduce } from './keys';
import { loadPreferences, savePreferences } from './preferences';
import { makeNonce, prepare } from './scram';
import { Session, type Unsayable } from './session';
import { keepLines, keptLines } from './shelf';
import { RoomSocket } from './socket';
import { openStorage } from './storage';
import { Sightings } from './sightings';

/** The only room there is. */
const HERE: RoomHandle = 'here';

/** The name of the room's passphrase in the tab's storage. */
const PASSPHRASE = 'maru.passphrase';

/** Changes of the connection kept for a bug report. */
const HISTORY_MAX = 50;

const LINK_SCHEMES = ['http:', 'https:', 'mailto:'];

export function createBrowserBridge(location: Pick<Location, 'protocol' | 'host'> & { hash?: string }): Bridge {
  const keep = openStorage(() => window.localStorage);
  // Gone with the tab: a page that is reloaded need not ask again, and the next person at this computer is asked.
  const tab = openStorage(() => window.sessionStorage);
  const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/`;
  const feed = new Feed();
  const links: string[] = [];
  let socket: RoomSocket | null = null;
  const sightings = new Sightings((sights) => feed.tell({ type: 'sights', room: HERE, sights }));

  function tell(event: RoomEvent): void {
    if (event.type === 'link') {
      links.push(`${new Date().toISOString()} ${JSON.stringify(event.link)}`);
      links.splice(0, links.length - HISTORY_MAX);
      if (event.link.state === 'ended' && event.link.fault === 'wrong_passphrase') tab.set(PASSPHRASE, '');
    }
    if (event.type === 'entered') {
      // What a page may know of it: over https the browser vouches for the certificate, or asked its person about it.
      const security = location.protocol === 'https:' ? 'authority' : 'plain';
      feed.tell({ type: 'room', room: HERE, event: { type: 'connected', dialect: 'maru', security } });
    }
    feed.tell({ type: 'room', room: HERE, event });
  }

  async function here<T>(room: RoomHandle, doing: (session: Session, now: number) => T): Promise<T> {
    if (room !== HERE || !socket) throw commandError('no_such_room', 'this room is not open in this page');
    return socket.act(doing);
  }

  return {
    kind: 'browser',
    invitation: invitationFrom(location),
    listen: async (hear) => feed.listen(hear),

    loadPreferences: async () => loadPreferences(keep, Date.now()),
    savePreferences: async (preferences) => savePreferences(keep, preferences),

    hostRoom: async () => notHere(),
    stopHosting: async () => notHere(),
    knownRoom: async () => notHere(),
    watchNearby: async () => notHere(),
    lookHarder: async () => notHere(),
    parseAddress: async () => notHere(),

    async joinRoom({ nickname, passphrase: typed }) {
      socket?.stop();
      if (typeof typed === 'string') {
        const prepared = prepare(typed);
        if (prepared === null) throw commandError('bad_passphrase', 'this cannot be a passphrase');
        tab.set(PASSPHRASE, prepared);
      }
      const proof = (room: string, nonce: string) => introduce(keep, location, room, nonce);
      const session = new Session({
        nickname,
        random: Math.random,
        introduce: proof,
        passphrase: tab.get(PASSPHRASE) || null,
        makeNonce,
        keptLines: (room) => keptLines(keep, room),
      });
      socket = new RoomSocket(url, session, tell, (room, lines) => keepLines(keep, room, lines), sightings);
      socket.act((session, now) => session.retryNow(now));
      return HERE;
    },
    leaveRoom: (room) => here(room, (session) => session.leave()),
    forgetRoom: async () => notHere(),

    async say(room, id, text) {
      const unsayable = await here(room, (session, now) => session.say(id, text, now));
      if (unsayable) throw commandError(unsayable, UNSAYABLE[unsayable]);
    },
    // What failed is kept by nobody but the page.
    dismiss: async () => undefined,
    rename: (room, nickname) => here(room, (session) => session.rename(nickname)),
    setTyping: (room, active) => here(room, (session, now) => session.setTyping(active, now)),
    loadHistory: (room) => here(room, (session, now) => session.loadHistory(now)),
    loadExcerpt: (room, from) => here(room, (session, now) => session.loadExcerpt(from, now)),
    search: (room, words, before) => here(room, (session, now) => session.search(words, before, now)),
    loadRoster: (room) => here(room, (session, now) => session.loadRoster(now)),
    inspect: async (_room, on) => sightings.show(on),
    retryNow: (room) => here(room, (session, now) => session.retryNow(now)),

    async exportRoom(_room, { name, format, loaded }) {
      download(name, format, loaded(), Date.now());
      return null;
    },
    openExports: async () => notHere(),

    async openLink(link) {
      if (!LINK_SCHEMES.includes(schemeOf(link))) {
        throw commandError('link_scheme', 'only http, https and mailto links are opened');
      }
      window.open(link, '_blank', 'noopener,noreferrer');
    },
    async diagnostics() {
      const page = [`guest page of ${url}`, 'protocol maru.v1', navigator.userAgent];
      const context = `secure context ${window.isSecureContext}, online ${navigator.onLine}`;
      return [...page, context, 'connection:', ...links].join('\n');
    },
    quit: async () => notHere(),
  };
}

/** Hands events on in order, all of one turn together: a page of a hundred is one fold, not a hundred. */
class Feed {
  #hear: ((events: FeedEvent[]) => void) | null = null;
  #waiting: FeedEvent[] = [];

  listen(hear: (events: FeedEvent[]) => void): void {
    this.#hear = hear;
  }

  tell(event: FeedEvent): void {
    if (!this.#hear) return; // Nothing happens before a room is joined, and the page listens before that.
    if (this.#waiting.push(event) > 1) return;
    queueMicrotask(() => this.#hear?.(this.#waiting.splice(0)));
  }
}

function schemeOf(link: string): string {
  try {
    return new URL(link).protocol;
  } catch {
    return ''; // `URL.canParse` is younger than the phones of four years ago.
  }
}

function notHere(): never {
  throw commandError('not_here', 'a guest in a browser cannot do this; the desktop app can');
}

/** An error that is a `CommandError`, with the trace a developer wants to see. */
function commandError(code: string, message: string): Error & CommandError {
  return Object.assign(new Error(message), { code });
}

const UNSAYABLE: Record<Unsayable, string> = {
  empty: 'there is nothing in this message',
  too_long: 'a message has at most 65536 bytes',
  bad_id: 'a message id has 1 to 40 letters, digits, - and _',
  id_reused: 'another text waits under this id',
  outbox_full: 'too many messages wait for the connection',
};
