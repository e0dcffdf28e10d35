/**
 * The present second, for countdowns and for what fades. Nothing else on the page asks what time it is while drawing.
 */
class Clock {
  now = $state(Date.now());

  /** Ticks until the returned function is called. */
  start(): () => void {
    this.now = Date.now();
    const timer = setInterval(() => (this.now = Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }
}

/** Milliseconds between two ticks: a countdown in seconds needs no more. */
const TICK_MS = 1_000;

export const clock = new Clock();
