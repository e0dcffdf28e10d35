/**
 * What somebody wrote, cut into pieces that are drawn as text nodes: paragraphs, code, links. Never makes markup,
 * and links only what begins with http, https or mailto in plain sight.
 */
export type Span =
  { type: 'text'; text: string } | { type: 'code'; text: string } | { type: 'link'; text: string; url: string };
export type Block = { type: 'text'; spans: Span[] } | { type: 'code'; text: string };

export function toBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  let from = 0;
  let fence = -1;
  lines.forEach((line, i) => {
    if (!line.startsWith(FENCE)) return;
    if (fence < 0) {
      // What follows the opening fence names a language; a fence that closes in its own line is inline code.
      if (!line.slice(FENCE.length).includes('`')) fence = i;
    } else if (line.trim() === FENCE) {
      pushText(blocks, lines.slice(from, fence).join('\n'));
      blocks.push({ type: 'code', text: lines.slice(fence + 1, i).join('\n') });
      from = i + 1;
      fence = -1;
    }
  });
  if (from < lines.length) pushText(blocks, lines.slice(from).join('\n'));
  return blocks;
}

/** Links in a line without code. */
export function toSpans(text: string): Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole] = match;
    const span: Span | null = whole.startsWith('`') ? { type: 'code', text: whole.slice(1, -1) } : toLink(whole);
    if (!span) continue;
    const length = span.type === 'link' ? span.text.length : whole.length;
    if (match.index > from) spans.push({ type: 'text', text: text.slice(from, match.index) });
    spans.push(span);
    from = match.index + length;
  }
  if (from < text.length) spans.push({ type: 'text', text: text.slice(from) });
  return spans;
}

/** What a link really leads to, for the person to judge: the host as the browser will dial it, or the address as it is
 *  written, since decoded it could read as another one. */
export function linkHost(url: string): string {
  try {
    const parsed = new URL(url);
    return parsed.protocol === 'mailto:' ? plain(parsed.pathname) : parsed.host;
  } catch {
    return plain(url);
  }
}

const FENCE = '```';
const INLINE = /`[^`\n]+`|(?<![\p{L}\p{N}_])(?:https?:\/\/|mailto:)[^\s<>"`\u3000]{1,2048}/giu;
const PROTOCOLS = new Set(['http:', 'https:', 'mailto:']);
/** Punctuation that ends the sentence and not the address. */
const TRAILING = /[.,;:!?'"’”…。、，」』》〉]$/u;
/** Characters of such punctuation taken off: a bound, so that a line of brackets costs nothing. */
const TRAILING_CHARS_MAX = 16;
/** What a mail program is asked to fill in; `bcc`, `attach` and the like are not for a stranger to choose. */
const MAIL_FIELDS = new Set(['subject', 'body', 'cc']);
/** Line ends in an address begin another header. */
const LINE_END = /%0[ad]/iu;
/** Bidirectional controls could make an address read as another one. */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

function pushText(blocks: Block[], text: string): void {
  if (text !== '') blocks.push({ type: 'text', spans: toSpans(text) });
}

function toLink(raw: string): Span | null {
  const cut = raw.search(BIDI);
  const text = trimTrailing(cut < 0 ? raw : raw.slice(0, cut));
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return null;
  }
  if (!PROTOCOLS.has(url.protocol)) return null;
  if (url.protocol === 'mailto:' ? !url.pathname.includes('@') : url.host === '') return null;
  if (url.protocol !== 'mailto:') return { type: 'link', text, url: url.href };
  return LINE_END.test(url.pathname) ? null : { type: 'link', text, url: mailUrl(url) };
}

function mailUrl({ pathname, search }: URL): string {
  const fields = search.slice(1).split('&');
  const kept = fields.filter((field) => MAIL_FIELDS.has(field.split('=', 1)[0]!.toLowerCase()));
  return `mailto:${pathname}${kept.length > 0 ? '?' : ''}${kept.join('&')}`;
}

function plain(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '');
}

function trimTrailing(text: string): string {
  let head = text;
  for (let i = 0; i < TRAILING_CHARS_MAX; i += 1) {
    const last = head.at(-1) ?? '';
    const opening = { ')': '(', ']': '[', '}': '{' }[last];
    const unpaired = opening !== undefined && count(head, last) > count(head, opening);
    if (!unpaired && !TRAILING.test(head)) break;
    head = head.slice(0, -1);
  }
  return head;
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}
