/**
 * The keys that work everywhere. They go by the key's place (`code`), so that a Hangul layout changes nothing, and
 * never act while a composition has them.
 */
import type { App } from '../state/app.svelte';

export interface Pressed {
  code: string;
  key: string;
  keyCode: number;
  isComposing: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

export type Act =
  'switcher' | 'search' | 'settings' | 'keys' | 'details' | 'inspector' | 'next' | 'previous' | 'unread';

export const IS_MAC = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);

/** What a key means; null for every key that is none of ours. */
export function meaningOf(event: Pressed, mac = IS_MAC): Act | null {
  if (event.isComposing || event.keyCode === 229) return null;
  const command = mac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  if (event.code === 'Tab' && event.ctrlKey && !event.altKey) return event.shiftKey ? 'previous' : 'next';
  if (command && !event.altKey && !event.shiftKey) return COMMAND[event.code] ?? null;
  if (command && !event.altKey && event.shiftKey) return event.code === 'KeyL' ? 'inspector' : null;
  if (event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey) return ALT[event.code] ?? null;
  return null;
}

export function actOnKey(app: App, event: KeyboardEvent): void {
  const act = meaningOf(event);
  if (act === null) return;
  const open = app.overlay?.kind;
  // A dialog keeps its keys; only what opened it may change into another.
  if (document.querySelector('dialog[open]') && open !== 'switcher' && open !== 'keys' && open !== 'settings') return;
  if (app.guest && GUEST_WITHOUT.has(act)) return;
  // Where there is no room to look in, the browser's own search may help.
  if (act === 'search' && app.open?.room.id == null) return;
  if (act === 'inspector' && app.open?.room.id == null) return;
  event.preventDefault();
  if (act === 'switcher' || act === 'settings' || act === 'keys') app.overlay = open === act ? null : { kind: act };
  else if (act === 'search') search(app);
  else if (act === 'inspector') app.toggleInspector();
  else if (act === 'details') app.toggleDetails();
  else if (act === 'unread') app.nextUnread();
  else app.step(act === 'next' ? 1 : -1);
}

/** Open already, it is gone to. */
function search(app: App): void {
  app.overlay = null;
  app.openSearch();
  document.querySelector<HTMLInputElement>('[data-search]')?.select();
}

const COMMAND: Record<string, Act> = {
  KeyK: 'switcher',
  KeyF: 'search',
  Comma: 'settings',
  Slash: 'keys',
  Backslash: 'details',
};
const ALT: Record<string, Act> = { ArrowDown: 'next', ArrowUp: 'previous', KeyA: 'unread' };
/** A guest has one room. */
const GUEST_WITHOUT = new Set<Act>(['switcher', 'next', 'previous', 'unread']);
