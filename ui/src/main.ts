/**
 * Where the page begins: chooses the bridge by where it runs, starts the app and puts it on the screen.
 */
import { mount } from 'svelte';
import type { Bridge } from './bridge/bridge';
import { fetchLobby, type Lobby } from './bridge/lobby';
import { App } from './state/app.svelte';
import Page from './views/Page.svelte';
import './shared/tokens.css';
import './shared/base.css';

const FAKE_ALLOWED = import.meta.env.DEV || import.meta.env.MODE === 'fake';

void begin();

async function begin(): Promise<void> {
  const { bridge, lobby } = await chooseBridge();
  const app = new App(bridge);
  await app.start(lobby);
  mount(Page, { target: document.getElementById('app')!, props: { app } });
}

async function chooseBridge(): Promise<{ bridge: Bridge; lobby: () => Promise<Lobby | null> }> {
  const scenario = new URLSearchParams(location.search).get('fake');
  if (FAKE_ALLOWED && scenario !== null) {
    const { createFakeBridge } = await import('./bridge/fake');
    return createFakeBridge(scenario, new URLSearchParams(location.search));
  }
  if ('__TAURI_INTERNALS__' in window) {
    const { createDesktopBridge } = await import('./bridge/desktop');
    return { bridge: createDesktopBridge(), lobby: async () => null };
  }
  const { createBrowserBridge } = await import('./bridge/browser');
  return { bridge: createBrowserBridge(location), lobby: () => fetchLobby(location.origin) };
}
