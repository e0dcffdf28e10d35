// Hands a text to the browser as a file, which then asks or goes to the person's downloads.
import type { ExportFormat } from '../generated/ExportFormat';

/** Milliseconds after which the browser has surely begun to read what it was handed. */
const READ_MS_MAX = 60_000;

export function download(room: string, format: ExportFormat, text: string, now: number): void {
  const type = format === 'html' ? 'text/html;charset=utf-8' : 'application/x-ndjson;charset=utf-8';
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${fileName(room)}-${day(now)}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), READ_MS_MAX);
}

/** A room's name as part of a file's on every system: a stranger may have chosen it. */
export function fileName(room: string): string {
  const plain = Array.from(room)
    .slice(0, NAME_CHARS_MAX)
    .join('')
    .replace(/[^\p{L}\p{N}\p{M}_()-]+/gu, ' ');
  return plain.trim() || 'maru';
}

function day(now: number): string {
  const date = new Date(now);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Characters of a room's name in the name of a file (`NAME_CHARS_MAX` of the app's own exports). */
const NAME_CHARS_MAX = 60;
