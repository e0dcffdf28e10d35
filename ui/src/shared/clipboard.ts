// Puts text on the clipboard. A page on plain http has no clipboard API; selecting the text and asking for
// "copy" works everywhere, as long as it happens within the person's click.

/** Returns whether it worked; where it did not, the page shows the text to be copied by hand. */
export async function copyText(text: string): Promise<boolean> {
  if (window.isSecureContext && navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Refused by a permission: the other way may still be open.
    }
  }
  return copyBySelection(text);
}

function copyBySelection(text: string): boolean {
  const focused = document.activeElement;
  const selection = document.getSelection();
  const ranges = Array.from({ length: selection?.rangeCount ?? 0 }, (_, at) => selection!.getRangeAt(at).cloneRange());

  const area = document.createElement('textarea');
  area.value = text;
  area.readOnly = true; // No keyboard slides in on a phone.
  area.setAttribute('aria-hidden', 'true');
  area.style.cssText = 'position:fixed;top:0;left:0;opacity:0;font-size:16px'; // Below 16px iOS zooms.
  // Beside what has the focus, so that a dialog's focus trap lets it have it.
  (focused?.closest('dialog,[role="dialog"]') ?? document.body).append(area);
  try {
    area.focus({ preventScroll: true });
    area.select();
    area.setSelectionRange(0, text.length);
    return document.execCommand('copy');
  } catch {
    return false;
  } finally {
    area.remove();
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
    // A field keeps its own selection and takes it up with the focus; ranges put beside it would steal the caret.
    if (!(focused instanceof HTMLTextAreaElement || focused instanceof HTMLInputElement)) {
      selection?.removeAllRanges();
      for (const range of ranges) selection?.addRange(range);
    }
  }
}
