// The bridge of the desktop app: each call a command of the shell, and one ordered channel back. The only file that
// imports Tauri.
import { Channel, invoke } from '@tauri-apps/api/core';
import type { Bridge, CommandError, Exported, FeedEvent } from './bridge';

/** What the shell sends down the channel. It waits when too many batches are not acknowledged, so that a frozen page
 *  costs a bounded amount of memory. */
interface FeedBatch {
  batch: number;
  events: FeedEvent[];
}

export function createDesktopBridge(): Bridge {
  return {
    kind: 'desktop',
    invitation: null,
    async listen(hear) {
      const channel = new Channel<FeedBatch>();
      channel.onmessage = ({ batch, events }) => {
        try {
          hear(events);
        } finally {
          // Acknowledged even where the page stumbled over it: it will not come again, and the next ones must.
          call('ack_feed', { batch }).catch(() => {});
        }
      };
      await call('listen', { channel });
    },

    loadPreferences: () => call('load_preferences'),
    savePreferences: (preferences) => call('save_preferences', { preferences }),

    hostRoom: (options) => call('host_room', { options }),
    stopHosting: () => call('stop_hosting'),
    knownRoom: (name) => call('known_room', { name }),
    watchNearby: (on) => call('watch_nearby', { on }),
    lookHarder: () => call('look_harder'),
    parseAddress: (text) => call('parse_address', { text }),
    joinRoom: (options) => call('join_room', { options }),
    leaveRoom: (room) => call('leave_room', { room }),
    forgetRoom: (id) => call('forget_room', { id }),

    say: (room, id, text) => call('say', { room, id, text }),
    dismiss: (room, id) => call('dismiss', { room, id }),
    rename: (room, nickname) => call('rename', { room, nickname }),
    setTyping: (room, active) => call('set_typing', { room, active }),
    loadHistory: (room) => call('load_history', { room }),
    loadExcerpt: (room, from) => call('load_excerpt', { room, from }),
    search: (room, words, before) => call('search', { room, words, before }),
    loadRoster: (room) => call('load_roster', { room }),
    inspect: (room, on) => call('inspect', { room, on }),
    retryNow: (room) => call('retry_now', { room }),

    async exportRoom(room, { name, format, loaded }) {
      const write = (text: string | null) =>
        call<Exported>('export_room', { room, options: { name, format, loaded: text } });
      try {
        return await write(null);
      } catch (error) {
        if ((error as CommandError).code !== 'not_kept_here') throw error;
        return write(loaded());
      }
    },
    openExports: () => call('open_exports'),

    openLink: (url) => call('open_link', { url }),
    diagnostics: () => call('diagnostics'),
    quit: () => call('quit'),
  };
}

async function call<T>(command: string, args?: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(command, args);
  } catch (error) {
    throw commandError(error);
  }
}

/** The shell rejects with `{ code, message }`; Tauri itself (a missing command, a wrong argument) with a text. */
function commandError(error: unknown): Error & CommandError {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') {
    const message = 'message' in error && typeof error.message === 'string' ? error.message : '';
    return Object.assign(new Error(message), { code: error.code });
  }
  const message = error instanceof Error ? error.message : String(error);
  return Object.assign(new Error(message), { code: 'unknown' });
}
