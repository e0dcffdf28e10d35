// Waiting for what must come. Polls, so that a test ends as soon as it is so; the deadline is only met by a broken product.

/** How long anything may take before it counts as never, in milliseconds. Generous: CI machines are slow. */
export const DEADLINE_MS = Number(process.env.MARU_E2E_DEADLINE_MS ?? 45_000);
const POLL_MS = 40;

/**
 * Resolves to the first truthy value of `probe`. A probe that throws is asked again: pages come and go while one
 * looks at them. `what` is the sentence a person reads when it never came.
 */
export async function until(what, probe, { within_ms = DEADLINE_MS, seen = () => undefined } = {}) {
  const end = performance.now() + within_ms;
  let thrown;
  for (;;) {
    try {
      const value = await probe();
      if (value) return value;
      thrown = undefined;
    } catch (error) {
      thrown = error;
    }
    if (performance.now() > end) break;
    await pause(POLL_MS);
  }
  const last = await Promise.resolve().then(seen).catch((error) => `nothing: ${error.message}`);
  const found = last === undefined ? '' : `; there was ${typeof last === 'string' ? last : JSON.stringify(last)}`;
  throw new Error(`waited ${within_ms} ms in vain until ${what}${found}`, { cause: thrown });
}

/** `promise`, or an error once `within_ms` have passed. */
export async function inTime(what, promise, within_ms = DEADLINE_MS) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${within_ms} ms in vain for ${what}`)), within_ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** All of them, or the first error once all have come to an end: what is still being opened could not be ended. */
export async function together(...promises) {
  const outcomes = await Promise.allSettled(promises);
  const failed = outcomes.find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
  return outcomes.map(({ value }) => value);
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
