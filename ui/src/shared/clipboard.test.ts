// Copying with and without the clipboard API.
import { afterEach, expect, test, vi } from 'vitest';
import { copyText } from './clipboard';

afterEach(() => {
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

/** jsdom has no `execCommand`; this one copies what is selected in the focused field, as browsers do. */
function withCopyCommand(works = true): { copied: string | null } {
  const clipboard = { copied: null as string | null };
  document.execCommand = (command) => {
    const field = document.activeElement as HTMLTextAreaElement;
    if (works && command === 'copy') clipboard.copied = field.value.slice(field.selectionStart, field.selectionEnd);
    return works;
  };
  return clipboard;
}

function withClipboardApi(writeText: (text: string) => Promise<void>): void {
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('navigator', { clipboard: { writeText } });
}

test('in a secure context the clipboard API takes the text', async () => {
  const writeText = vi.fn(async () => {});
  withClipboardApi(writeText);
  expect(await copyText('안녕')).toBe(true);
  expect(writeText).toHaveBeenCalledWith('안녕');
});

test('on plain http the text is copied from a field that is gone afterwards', async () => {
  const clipboard = withCopyCommand();
  expect(await copyText('http://192.168.0.10:4567/')).toBe(true);
  expect(clipboard.copied).toBe('http://192.168.0.10:4567/');
  expect(document.querySelector('textarea')).toBeNull();
});

test('a clipboard API that refuses leaves the other way', async () => {
  const clipboard = withCopyCommand();
  withClipboardApi(() => Promise.reject(new Error('NotAllowedError')));
  expect(await copyText('안녕')).toBe(true);
  expect(clipboard.copied).toBe('안녕');
});

test('focus and selection are as before', async () => {
  withCopyCommand();
  document.body.innerHTML = '<p>가나다라</p><button>복사</button>';
  const button = document.querySelector('button')!;
  button.focus();
  const words = document.querySelector('p')!.firstChild!;
  document.getSelection()!.setBaseAndExtent(words, 1, words, 3);
  await copyText('안녕');
  expect(document.activeElement).toBe(button);
  expect(document.getSelection()!.toString()).toBe('나다');
});

test('a browser that copies in neither way is told of honestly', async () => {
  withCopyCommand(false);
  expect(await copyText('안녕')).toBe(false);
});
