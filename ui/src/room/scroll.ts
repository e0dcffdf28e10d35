/**
 * Keeping the eye's place: which row is at the top of what one sees, and putting it back there after the page changed.
 */
export interface Anchor {
  row: Element;
  top: number;
}

/** Pixels from the bottom that still count as the bottom. */
export const STICK_PX = 100;

export function isAtBottom(scroller: HTMLElement): boolean {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight <= STICK_PX;
}

/** The first row that is in view; null where there is none. */
export function anchorIn(scroller: HTMLElement): Anchor | null {
  const edge = scroller.getBoundingClientRect().top;
  for (const row of scroller.querySelectorAll('[data-row]')) {
    const { top, bottom } = row.getBoundingClientRect();
    if (bottom > edge) return { row, top };
  }
  return null;
}

export function restore(scroller: HTMLElement, anchor: Anchor): void {
  if (!anchor.row.isConnected) return;
  const moved = anchor.row.getBoundingClientRect().top - anchor.top;
  if (moved !== 0) scroller.scrollTop += moved;
}
