/**
 * From message to message by the arrow keys: the timeline is one stop of the Tab key, its rows are reached inside it.
 */
export function rove(scroller: HTMLElement, event: KeyboardEvent): void {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const rows = [...scroller.querySelectorAll<HTMLElement>('[data-row]')];
  const focused = document.activeElement?.closest<HTMLElement>('[data-row]') ?? null;
  const to = next(event.key, focused === null ? -1 : rows.indexOf(focused), rows.length);
  const row = to === null ? undefined : rows[to];
  if (!row) return;
  event.preventDefault();
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: 'nearest' });
}

/** Which row a key leads to, from the one at `at` (-1 for none); null for keys that lead nowhere. */
export function next(key: string, at: number, count: number): number | null {
  if (count === 0) return null;
  if (key === 'End') return count - 1;
  if (key === 'Home') return 0;
  if (key === 'ArrowUp') return at < 0 ? count - 1 : Math.max(0, at - 1);
  if (key === 'ArrowDown') return at < 0 ? count - 1 : Math.min(count - 1, at + 1);
  return null;
}
