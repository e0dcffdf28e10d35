// What a person does and sees in Maru's page, in whichever engine shows it. The one place that knows the data-testids.
import { until } from './waiting.mjs';

export const by = (testid) => `[data-testid="${testid}"]`;

/** Whether something of that name is on the page and can be seen. */
export function shows(page, testid) {
  return page.run((css) => [...document.querySelectorAll(css)].some((element) => element.getClientRects().length > 0), by(testid));
}

export function untilShown(page, testid, options) {
  return until(`${page.engine} shows ${testid}`, () => shows(page, testid), { seen: () => words(page), ...options });
}

export function untilGone(page, testid, options) {
  return until(`${page.engine} no longer shows ${testid}`, async () => !(await shows(page, testid)), { seen: () => words(page), ...options });
}

/** The words of the first element of that name, as a reader gets them. */
export function wordsOf(page, testid) {
  return page.run((css) => document.querySelector(css)?.textContent.trim() ?? null, by(testid));
}

/** All the words on the page: for the reader of a failed test. */
export function words(page) {
  return page.run(() => document.body.innerText.slice(0, 1500));
}

export function valueOf(page, testid) {
  return page.run((css) => document.querySelector(css)?.value ?? null, by(testid));
}

/** Puts the caret where one writes. */
export function focusOn(page, testid) {
  return page.run((css) => document.querySelector(css).focus(), by(testid));
}

/** Fills a field without keys, for a keyboard that would compose them. */
export function put(page, testid, text) {
  return page.run((css, text) => {
    const field = document.querySelector(css);
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }, by(testid), text);
}

/** Takes the name a person wants to have, where the page asks for it. */
export async function takeName(page, nickname) {
  await untilShown(page, 'nickname');
  await page.fill(by('nickname'), nickname);
}

/** From a guest's page into its room. */
export async function enterAsGuest(page, nickname) {
  await takeName(page, nickname);
  await page.click(by('guest-enter'));
  await untilInRoom(page);
}

/** From the window's first view into a room of another machine. */
export async function joinByAddress(page, nickname, address) {
  await takeName(page, nickname);
  await page.fill(by('join-address'), address);
  await page.click(by('join'));
  await untilInRoom(page);
}

/** From the window's first view into a room hosted there; gives the address others use. */
export async function hostInWindow(page, nickname) {
  await takeName(page, nickname);
  await page.click(by('host'));
  await untilInRoom(page);
  return until('the invite has an address', () => wordsOf(page, 'invite-address'));
}

export async function untilInRoom(page) {
  await untilShown(page, 'composer');
}

/** Writes a line and sends it with the button, as a finger would. */
export async function say(page, text) {
  await page.fill(by('composer'), text);
  await page.click(by('send'));
}

/** Presses the button that copies a block of code, and gives what a paste into the composer makes of it. */
export async function copiedAndPasted(page) {
  await page.page.getByRole('button', { name: 'Copy code' }).last().click();
  await page.click(by('composer'));
  await page.press('Control+v');
  const text = await until('something is pasted', () => valueOf(page, 'composer'));
  await page.fill(by('composer'), '');
  return text;
}

/** The timeline as the page shows it. */
export function messages(page) {
  return page.run(() => [...document.querySelectorAll('[data-testid="message"]')].map((message) => ({
    id: message.dataset.id,
    state: message.dataset.state,
    mine: message.dataset.mine === 'true',
    text: message.querySelector('[data-testid="message-text"]')?.textContent ?? null,
    author: message.querySelector('[data-testid="message-author"]')?.textContent.trim() ?? null,
  })));
}

export async function texts(page) {
  return (await messages(page)).map(({ text }) => text);
}

/** Resolves once a message of that text is there, taken by the room, and gives it. */
export function untilSaid(page, text) {
  return until(`${page.engine} shows ‘${text}’ as said`, async () =>
    (await messages(page)).find((message) => message.text === text && message.state === 'sent'), { seen: () => messages(page) });
}

/** The names in the list of who is here. */
export function roster(page) {
  return page.run(() => [...document.querySelectorAll('[data-testid="member"]')].map((member) => member.textContent.trim()));
}

/** The lines of the room about itself: who came, who went, who is called something else now. */
export function notices(page) {
  // Runs of comings are folded into a line; the names are in its title then.
  return page.run(() => [...document.querySelectorAll('[data-testid="notice"]')].map((notice) =>
    [notice.textContent.trim(), ...[...notice.querySelectorAll('[title]')].map(({ title }) => title)].join(' | ')));
}

export function untilNoticed(page, ...words) {
  return until(`${page.engine} tells of ${words.join(' and ')}`, async () =>
    (await notices(page)).some((notice) => words.every((word) => notice.includes(word))), { seen: () => notices(page) });
}

/** Chooses in a select: its list is the system's, out of a page's reach. */
export function choose(page, testid, value) {
  return page.run((css, value) => {
    const select = document.querySelector(css);
    select.value = value;
    select.dispatchEvent(new Event('change', { bubbles: true }));
  }, by(testid), value);
}

/** Types what to look for into the open search. */
export async function lookFor(page, words) {
  await untilShown(page, 'search-input');
  await page.fill(by('search-input'), words);
}

/** The messages that were found, as they are shown. */
export function found(page) {
  return page.run((css) => [...document.querySelectorAll(css)].map((result) => result.textContent.trim()), by('search-result'));
}

/** What the message says that stands out because one went there. */
export function markedText(page) {
  return page.run(() => document.querySelector('.marked [data-testid="message-text"]')?.textContent.trim() ?? null);
}
