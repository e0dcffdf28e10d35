/**
 * What the page has heard of a room, as a file: one JSON line an entry, or one page to be read anywhere. What strangers
 * wrote is text in it, never markup. Pure; the language is an argument.
 */
import type { ExportFormat } from '../bridge/generated/ExportFormat';
import { format as say, type Spoken } from '../i18n/catalogue';
import { clockTime, dayName, isSameDay, machineTime } from '../shared/time';
import type { Item, RoomState } from './room';

export function toExport(room: RoomState, format: ExportFormat, language: Spoken): string {
  return format === 'jsonl' ? toLines(room.items) : toPage(room, language);
}

function toLines(items: readonly Item[]): string {
  return items.flatMap((item) => (item.type === 'entry' ? [`${JSON.stringify(item.entry)}\n`] : [])).join('');
}

function toPage(room: RoomState, language: Spoken): string {
  const parts: string[] = [];
  let day: number | null = null;
  for (const item of room.items) {
    if (item.type === 'gap') parts.push(`<p class="aside">${escape(say(language, `gap-${item.reason}`))}</p>`);
    if (item.type !== 'entry') continue;
    const { entry } = item;
    if (day === null || !isSameDay(day, entry.at)) parts.push(`<h2>${escape(dayName(entry.at, language, NEVER))}</h2>`);
    day = entry.at;
    if (entry.kind === 'renamed') {
      const names = { old: entry.from, new: entry.by.nickname };
      parts.push(`<p class="aside">${escape(say(language, 'renamed', names))}</p>`);
    } else if (entry.kind === 'said') {
      const time = `<time datetime="${machineTime(entry.at)}">${escape(clockTime(entry.at, language))}</time>`;
      const by = `<b><bdi>${escape(entry.by.nickname)}</bdi></b>`;
      parts.push(`<article>${by} ${time}<p dir="auto">${escape(entry.text)}</p></article>`);
    }
  }
  const name = escape(room.name);
  return `${head(language, name)}<body><h1><bdi>${name}</bdi></h1>\n${parts.join('\n')}\n</body></html>\n`;
}

function head(language: Spoken, name: string): string {
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><title>${name}</title><style>${STYLE}</style></head>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** Every day is written with its year: nobody knows when the file is read. */
const NEVER = 0;

const STYLE = `body{max-width:720px;margin:32px auto;padding:0 16px;font:15px/24px sans-serif;word-break:keep-all;overflow-wrap:anywhere}
h1{font-size:20px}h2{margin:24px 0 8px;font-size:13px}article{margin:12px 0}article p{margin:0;white-space:pre-wrap}
time,.aside,h2{color:#5c574d;font-size:13px}`;
