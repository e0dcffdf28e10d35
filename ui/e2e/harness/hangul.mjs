// A Korean keyboard on a desktop of its own: ibus with the hangul engine, and fingers that press its keys.
// Real compositions, as GTK and Chromium get them from a person; what X never shows is in composition.mjs.
import { run, start } from './processes.mjs';
import { until } from './waiting.mjs';
import { openDesktop } from './xvfb.mjs';

/** Keys of the two-set layout (두벌식). */
export const KEYS = { 안녕: ['d', 'k', 's', 's', 'u', 'd'], 반가워: ['q', 'k', 's', 'r', 'k', 'd', 'n', 'j'], 마루: ['a', 'k', 'f', 'n'] };

/** A desktop on which every key is Korean. */
export async function openKoreanDesktop() {
  const desktop = await openDesktop({ input: { GTK_IM_MODULE: 'ibus', XMODIFIERS: '@im=ibus' } });
  const { env } = desktop;
  for (const [schema, key, value] of [
    ['engine.hangul', 'initial-input-mode', 'hangul'],
    ['general', 'preload-engines', "['hangul']"],
    ['general', 'engines-order', "['hangul']"],
    ['general', 'use-system-keyboard-layout', 'true'],
  ]) {
    await run('gsettings', ['set', `org.freedesktop.ibus.${schema}`, key, value], { env });
  }
  start('ibus-daemon', ['-rx', '--panel', 'disable', '--config', 'default'], { env });
  await until('the Korean keyboard is chosen', async () => {
    await run('ibus', ['engine', 'hangul'], { env });
    return (await run('ibus', ['engine'], { env })).trim() === 'hangul';
  });
  return desktop;
}

/** Clicks with the real mouse on the middle of the first element that `css` finds, in a window that fills the screen. */
export async function clickOn(desktop, page, css) {
  const { x, y } = await page.run((css) => {
    const { left, top, width, height } = document.querySelector(css).getBoundingClientRect();
    return { x: left + width / 2, y: outerHeight - innerHeight + top + height / 2 };
  }, css);
  await desktop.click(x, y);
}
