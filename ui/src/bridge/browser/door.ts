// Showing a room its passphrase, between `room` and `hello`, and never to one that cannot prove that it has it too: as
// `client::session::door` does, but that a page sees nothing of its TLS session to bind it to. Pure.
import type { Fault } from '../generated/Fault';
import { answer, type Asked, challenged, first, isKept, MECHANISM } from './scram';

/** What is next. */
export type Step =
  | { do: 'authenticate'; mechanism: string; data: string }
  /** Work out what the passphrase is worth to the room; answer with `handleSalted`. */
  | { do: 'salt'; passphrase: string; asked: Asked }
  /** All is shown: a hello for this room and its nonce is due. */
  | { do: 'hello'; room: string; nonce: string }
  | { do: 'end'; fault: Fault };

/** How far it has come on this connection. */
type Showing =
  | { at: 'begun'; nonce: string; room: string; roomNonce: string }
  | { at: 'salting'; asked: Asked; room: string; roomNonce: string }
  | { at: 'proven'; promise: string; room: string; roomNonce: string };

export class Door {
  readonly #passphrase: string | null;
  readonly #makeNonce: () => string;
  #showing: Showing | null = null;
  /** What the passphrase is worth to the room, worked out once. */
  #worth: { salt: string; iterations: number; worth: Uint8Array } | null = null;

  constructor(passphrase: string | null, makeNonce: () => string) {
    this.#passphrase = passphrase;
    this.#makeNonce = makeNonce;
  }

  /** The room has told which one it is, and how it wants to be shown its passphrase. */
  handleRoom(room: string, roomNonce: string, mechanisms: readonly string[]): Step {
    if (!mechanisms.includes(MECHANISM)) return { do: 'end', fault: 'not_a_room' };
    if (this.#passphrase === null) return { do: 'end', fault: 'passphrase_needed' };
    const nonce = this.#makeNonce();
    this.#showing = { at: 'begun', nonce, room, roomNonce };
    return { do: 'authenticate', mechanism: MECHANISM, data: first(nonce) };
  }

  handleChallenge(data: string): Step | null {
    if (this.#showing?.at !== 'begun' || this.#passphrase === null) return null;
    const { nonce, room, roomNonce } = this.#showing;
    const asked = challenged(nonce, data);
    if (!asked) return { do: 'end', fault: 'not_a_room' };
    const salting = { at: 'salting', asked, room, roomNonce } as const;
    this.#showing = salting;
    const known = this.#worth;
    if (known?.salt === asked.salt.join() && known.iterations === asked.iterations) {
      return this.#prove(salting, known.worth);
    }
    return { do: 'salt', passphrase: this.#passphrase, asked };
  }

  /** The passphrase is salted, as `salt` asked for. */
  handleSalted(asked: Asked, worth: Uint8Array): Step | null {
    this.#worth = { salt: asked.salt.join(), iterations: asked.iterations, worth };
    // It may have been for a connection that is over.
    if (this.#showing?.at !== 'salting' || this.#showing.asked !== asked) return null;
    return this.#prove(this.#showing, worth);
  }

  /** Whoever takes any passphrase and does not have it is not the room we mean. */
  handleAuthenticated(data: string): Step | null {
    if (this.#showing?.at !== 'proven') return null;
    const { promise, room, roomNonce } = this.#showing;
    if (!isKept(promise, data)) return { do: 'end', fault: 'wrong_passphrase' };
    this.#showing = null;
    return { do: 'hello', room, nonce: roomNonce };
  }

  handleDisconnected(): void {
    this.#showing = null;
  }

  /** Whether something of it is said on this connection, and not all. */
  get isShowing(): boolean {
    return this.#showing !== null;
  }

  #prove({ asked, room, roomNonce }: Extract<Showing, { at: 'salting' }>, worth: Uint8Array): Step {
    const { last, promise } = answer(asked, worth);
    this.#showing = { at: 'proven', promise, room, roomNonce };
    return { do: 'authenticate', mechanism: MECHANISM, data: last };
  }
}
