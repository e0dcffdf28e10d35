// What a hostile stranger calls themselves and says, and the proof that a page took it as text.
import assert from 'node:assert/strict';
import { until } from './waiting.mjs';
import { messages, texts } from './person.mjs';

/** Names of at most 32 graphemes that would do something if a page took them for markup. */
export const HOSTILE_NAMES = ['<img src=x onerror=hacked=1>', '"><svg/onload=hacked=1>', '<script>hacked=1</script>'];

export const HOSTILE_TEXTS = [
  '<img src=x onerror="globalThis.hacked=1">',
  '<script>globalThis.hacked=1</script>',
  '"><svg/onload=globalThis.hacked=1>',
  "'><iframe srcdoc=\"<script>parent.hacked=1</script>\"></iframe>",
  'javascript:globalThis.hacked=1',
  '[here](javascript:globalThis.hacked=1) <a href="javascript:globalThis.hacked=1">there</a>',
  '{@html "<b>bold</b>"} &lt;b&gt; ${globalThis.hacked=1}',
  '<style>body{display:none}</style><base href=https://example.invalid/>',
];

/** Waits until the page shows the hostile texts and names; fails unless it shows them letter by letter and as nothing else. */
export async function assertShownAsText(page, { said = HOSTILE_TEXTS, names = [] } = {}) {
  await until(`${page.engine} shows what the stranger said`, async () => (await texts(page)).length >= said.length, { seen: () => messages(page) });
  await assertNothingMade(page);
  assert.deepEqual((await texts(page)).filter((text) => said.includes(text)), said, `${page.engine} shows each text letter by letter`);
  for (const name of names) {
    const seen = await page.run((name) => document.body.textContent.includes(name), name);
    assert.ok(seen, `${page.engine} shows the name ${name} letter by letter`);
  }
}

async function assertNothingMade(page) {
  const made = await page.run(() => {
    const hostile = 'img[src="x"], iframe, svg[onload], base, a[href^="javascript"], [onerror], [onload], [data-testid="timeline"] style, [data-testid="message-text"] b';
    const scripts = [...document.scripts].filter((script) => script.textContent.includes('hacked'));
    return { elements: [...document.querySelectorAll(hostile), ...scripts].map((element) => element.outerHTML.slice(0, 200)), global: typeof globalThis.hacked };
  });
  assert.deepEqual(made, { elements: [], global: 'undefined' }, `${page.engine} made nothing of what a stranger sent`);
}
