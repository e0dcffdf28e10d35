// Why a room says good-bye, and what to do then: the mirror of `crates/wire/src/codes.rs` and of the tables in
// docs/PROTOCOL.md.
import type { ByeCode } from '../generated/ByeCode';
import type { Fault } from '../generated/Fault';
import type { Then } from '../generated/Then';

/** The WebSocket close code that travels beside each `bye`. */
export const CLOSE_CODES: Readonly<Record<Exclude<ByeCode, 'unknown'>, number>> = {
  too_slow: 4000,
  ping_timeout: 4001,
  restarting: 4002,
  room_full: 4003,
  address_full: 4004,
  room_closed: 4500,
  hello_timeout: 4501,
  too_fast: 4502,
  too_many_errors: 4503,
  too_many_frames: 4504,
  left: 4505,
  passphrase_needed: 4506,
  wrong_passphrase: 4507,
  too_many_attempts: 4508,
};

/** What any WebSocket close code asks of a client: the private range from 4500 on, and the codes that say the peer
 *  misbehaved (RFC 6455, section 7.4.1: 1002, 1003, 1007–1010), mean stop.
 *  Not called `then` as on the other side: a module that exports that name is a promise that never settles. */
export function afterClose(closeCode: number): Then {
  const misbehaved = closeCode === 1002 || closeCode === 1003 || (closeCode >= 1007 && closeCode <= 1010);
  return misbehaved || (closeCode >= 4500 && closeCode <= 4999) ? 'stop' : 'retry';
}

/** The code that travels as this close code; `unknown` where it is none of ours. */
export function byeCode(closeCode: number): ByeCode {
  const found = Object.entries(CLOSE_CODES).find(([, number]) => number === closeCode);
  return found ? (found[0] as ByeCode) : 'unknown';
}

/** What a good-bye means for whoever wants to be in the room. */
export function faultOf(code: ByeCode, next: Then): Fault {
  switch (code) {
    case 'room_full':
    case 'address_full':
    case 'room_closed':
    case 'left':
    case 'passphrase_needed':
    case 'wrong_passphrase':
    case 'too_many_attempts':
      return code;
    case 'too_slow':
    case 'ping_timeout':
    case 'restarting':
      return 'lost';
    case 'hello_timeout':
    case 'too_fast':
    case 'too_many_errors':
    case 'too_many_frames':
      return 'rejected';
    case 'unknown':
      return next === 'stop' ? 'rejected' : 'lost';
  }
}
