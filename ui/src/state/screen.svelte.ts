/**
 * What the window is like: how wide, touched or pointed at, dark or light, watched or not. Knows no chat.
 */
class Screen {
  /** One column at a time: below 640 px. */
  narrow = $state(false);
  /** Room for the details beside the talk: from 1280 px. */
  wide = $state(false);
  /** Fingers: Enter breaks the line, and nothing takes the focus by itself. */
  touch = $state(false);
  dark = $state(false);
  /** Somebody looks at it: what comes now is read. */
  watched = $state(true);

  start(): () => void {
    const stops = [
      follow('(max-width: 639.98px)', (yes) => (this.narrow = yes)),
      follow('(min-width: 1280px)', (yes) => (this.wide = yes)),
      follow('(pointer: coarse)', (yes) => (this.touch = yes)),
      follow('(prefers-color-scheme: dark)', (yes) => (this.dark = yes)),
    ];
    const look = () => (this.watched = !document.hidden && document.hasFocus());
    look();
    document.addEventListener('visibilitychange', look);
    window.addEventListener('focus', look);
    window.addEventListener('blur', look);
    return () => {
      stops.forEach((stop) => stop());
      document.removeEventListener('visibilitychange', look);
      window.removeEventListener('focus', look);
      window.removeEventListener('blur', look);
    };
  }
}

export const screen = new Screen();

function follow(query: string, hear: (matches: boolean) => void): () => void {
  if (typeof matchMedia !== 'function') return () => {};
  const list = matchMedia(query);
  const tell = () => hear(list.matches);
  tell();
  list.addEventListener('change', tell);
  return () => list.removeEventListener('change', tell);
}
