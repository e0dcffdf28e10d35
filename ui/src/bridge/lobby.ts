/**
 * What a room says of itself before anybody enters: `GET /room.json` of the page's own origin, for the guest screen.
 * It is a courtesy: where it does not answer, the screen does without.
 */
import { cleanRoomName } from '../shared/name';

export interface Lobby {
  name: string;
  /** How many are here; null where the room does not say. */
  count: number | null;
  /** Whether it asks for a passphrase. */
  passphrase: boolean;
}

/** Milliseconds to wait for it: the person should not be kept from entering. */
const LOBBY_MS_MAX = 3_000;

export async function fetchLobby(origin: string): Promise<Lobby | null> {
  try {
    const answer = await fetch(new URL('/room.json', origin), { signal: AbortSignal.timeout(LOBBY_MS_MAX) });
    return answer.ok ? readLobby(await answer.json()) : null;
  } catch {
    return null;
  }
}

export function readLobby(said: unknown): Lobby | null {
  if (typeof said !== 'object' || said === null) return null;
  const { id, name, count, passphrase } = said as Record<string, unknown>;
  if (typeof name !== 'string') return null;
  const clean = cleanRoomName(name, typeof id === 'string' ? id : '');
  const counted = typeof count === 'number' && Number.isSafeInteger(count) && count >= 0;
  return { name: clean, count: counted ? count : null, passphrase: passphrase === true };
}
