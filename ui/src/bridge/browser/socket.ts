// The edge of a guest's session: moves its frames over a WebSocket, wakes it in time, and tells it when the page was
// asleep or the network changed. Decides nothing.
import type { RoomEvent } from '../generated/RoomEvent';
import type { Line } from './outbox';
import { salted } from './scram';
import type { Sightings } from './sightings';
import type { Session } from './session';

/** The subprotocol of docs/PROTOCOL.md. */
const SUBPROTOCOL = 'maru.v1';

/** Milliseconds between two looks at the clock: timers may stand still while a computer sleeps, so a long one would
 *  notice a wake only after as long awake. */
const TICK_MS_MAX = 5_000;

/** Milliseconds a tick may be late before the page counts as having slept. */
const LATE_MS_MAX = 3_000;

export class RoomSocket {
  readonly #url: string;
  readonly #session: Session;
  readonly #tell: (event: RoomEvent) => void;
  readonly #keep: (room: string, lines: Line[]) => void;
  readonly #sightings: Sightings | null;
  readonly #away = new AbortController();
  readonly #now = steadyClock();
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    url: string,
    session: Session,
    tell: (event: RoomEvent) => void,
    keep: (room: string, lines: Line[]) => void,
    sightings: Sightings | null = null,
  ) {
    this.#url = url;
    this.#session = session;
    this.#tell = tell;
    this.#keep = keep;
    this.#sightings = sightings;
    const wake = () => this.act((session, now) => session.handleWake(now));
    const { signal } = this.#away;
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && wake(), { signal });
    window.addEventListener('online', wake, { signal });
    window.addEventListener('pageshow', wake, { signal });
  }

  /** Does something with the session, and then all that follows from it. */
  act<T>(doing: (session: Session, now: number) => T): T {
    const done = doing(this.#session, this.#now());
    for (const effect of this.#session.pollEffects()) {
      switch (effect.do) {
        case 'dial':
          this.#dial();
          break;
        case 'send':
          this.#send(JSON.stringify(effect.frame));
          break;
        case 'salt':
          void salted(effect.passphrase, effect.asked).then((worth) => {
            if (!this.#away.signal.aborted) this.act((session) => session.handleSalted(effect.asked, worth));
          });
          break;
        case 'close':
          this.#drop();
          break;
        case 'tell':
          this.#tell(effect.event);
          break;
        case 'keep':
          this.#keep(effect.room, effect.lines);
      }
    }
    this.#setTimer();
    return done;
  }

  /** Lets go of everything, for good and without a word. */
  stop(): void {
    this.#away.abort();
    this.#drop();
    clearTimeout(this.#timer);
  }

  #dial(): void {
    this.#drop();
    let socket: WebSocket;
    try {
      socket = new WebSocket(this.#url, SUBPROTOCOL);
    } catch {
      // Forbidden by the browser; after this turn, since the session is being asked right now.
      queueMicrotask(() => this.#socket === null && this.act((session, now) => session.handleClosed(1006, now)));
      return;
    }
    this.#socket = socket;
    this.#sightings?.dialled(this.#url, SUBPROTOCOL);
    socket.onopen = () => {
      this.#sightings?.opened(socket.protocol);
      this.act((session, now) => session.handleOpen(now));
    };
    socket.onmessage = ({ data }) => {
      if (typeof data !== 'string') return;
      this.#sightings?.frame('in', data);
      this.act((session, now) => session.handleText(data, now));
    };
    socket.onclose = ({ code, reason }) => {
      this.#sightings?.closed(code, reason);
      this.#socket = null;
      this.act((session, now) => session.handleClosed(code, now));
    };
  }

  #send(text: string): void {
    if (!this.#socket) return;
    this.#sightings?.frame('out', text);
    this.#socket.send(text);
  }

  /** What an abandoned socket still has to say is nobody's business: the session has gone on. */
  #drop(): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = null;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    const due = this.#session.pollTimeout();
    if (due === null || this.#away.signal.aborted) return;
    const now = this.#now();
    const wait = Math.min(Math.max(0, due - now), TICK_MS_MAX);
    this.#timer = setTimeout(() => {
      const late = this.#now() - now - wait;
      this.act((session, now) => {
        if (late > LATE_MS_MAX) session.handleWake(now);
        session.handleTimeout(now);
      });
    }, wait);
  }
}

/** Wall time, because that of `performance.now` stands still in sleep; never running back when the clock is set. */
function steadyClock(): () => number {
  let ahead = 0;
  let last = Date.now();
  return () => {
    const wall = Date.now();
    if (wall < last) ahead += last - wall;
    last = wall;
    return wall + ahead;
  };
}
