/**
 * What a room says of itself before anybody enters: `GET /room.json` of the page's own origin, for the guest screen.
 * It is a courtesy: where it does not answer, the screen does without.
 */
import { cleanRoomName } from '../shared/name';

export interface Lobby {
  name: string;
  /** How many are here; null where the room does not say. */
  count: number | null;
  /** The room's identifier; empty where it does not say. */
  id: string;
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
  const { id: said_id, name, count, passphrase } = said as Record<string, unknown>;
  if (typeof name !== 'string') return null;
  const id = typeof said_id === 'string' ? said_id : '';
  const known = typeof count === 'number' && Number.isSafeInteger(count) && count >= 0;
  return { name: cleanRoomName(name, id), count: known ? count : null, id, passphrase: passphrase === true };
}
