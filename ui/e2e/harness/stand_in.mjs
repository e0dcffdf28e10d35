// A page with a composer and nothing else, to prove the tests themselves: one that holds the rule of Enter, and one
// that breaks it as pages do. Served from 127.0.0.1.
import { createServer } from 'node:http';
import { atEnd } from './processes.mjs';

/** Serves the page and anything in `pages` by path; gives its address. */
export async function serveStandIn(pages = {}) {
  const server = createServer((request, answer) => {
    const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1');
    answer.setHeader('content-type', 'text/html; charset=utf-8');
    answer.end(pages[pathname] ?? standIn(searchParams.get('enter') ?? 'guarded', searchParams.has('markup') ? 'innerHTML' : 'textContent'));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  atEnd(() => (server.closeAllConnections(), new Promise((resolve) => server.close(resolve))));
  return { url: `http://127.0.0.1:${server.address().port}/` };
}

const RULES = {
  guarded: `event.key === 'Enter' && !event.isComposing && event.keyCode !== 229`,
  unguarded: `event.key === 'Enter'`,
  composing_only: `event.key === 'Enter' && !event.isComposing`,
};

function standIn(enter, property) {
  return `<!doctype html><html lang="ko"><meta charset="utf-8"><title>stand-in</title>
<style>html,body{height:100%;margin:0}body{display:flex;flex-direction:column;font-size:20px}[data-testid=timeline]{flex:1}form{display:flex}textarea{flex:1}</style>
<div data-testid="timeline"></div>
<form><textarea data-testid="composer" rows="2"></textarea><button type="button" data-testid="send">send</button></form>
<script>
const composer = document.querySelector('textarea'), timeline = document.querySelector('[data-testid=timeline]');
let count = 0;
window.heard = [];
for (const type of ['keydown','compositionstart','compositionupdate','compositionend','beforeinput','input'])
  composer.addEventListener(type, (e) => heard.push([type, e.key ?? e.inputType ?? '', e.keyCode ?? '', e.data ?? '', e.isComposing ?? ''].join(' ')));
function send() {
  const text = composer.value.trim();
  if (!text) return;
  const message = document.createElement('p');
  Object.assign(message.dataset, { testid: 'message', id: String(++count), state: 'sent', mine: 'true' });
  message.innerHTML = '<span data-testid="message-text"></span>';
  message.firstChild.${property} = text;
  timeline.append(message);
  composer.value = '';
}
composer.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && ${RULES[enter]}) { event.preventDefault(); send(); }
});
document.querySelector('button').onclick = send;
composer.focus();
</script></html>`;
}
