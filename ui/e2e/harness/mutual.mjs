// What holds between everybody in a room: all see the same, once, in the same order.
import assert from 'node:assert/strict';
import { messages } from './person.mjs';
import { until } from './waiting.mjs';

/** One that sees a room: a page, or a raw member. What the room has not taken yet has no place in its order. */
export function seenBy(name, side) {
  const taken = async () => (await messages(side)).filter(({ state }) => state === 'sent').map(({ text }) => text);
  return { name, texts: side.run ? taken : () => side.texts() };
}

/** Resolves once all of `sides` have heard all of `said`; fails unless each heard each once, all in one order. Gives that order. */
export async function assertAllSeeTheSame(sides, said) {
  const views = () => Promise.all(sides.map((side) => side.texts()));
  await until('everybody has heard everything', async () =>
    (await views()).every((view) => said.every((text) => view.includes(text))), {
    seen: async () => Object.fromEntries((await views()).map((view, at) => [sides[at].name, view])),
  });
  const [first, ...others] = (await views()).map((view) => view.filter((text) => said.includes(text)));
  assert.deepEqual([...first].sort(), [...said].sort(), `${sides[0].name} sees each line once`);
  others.forEach((view, at) => assert.deepEqual(view, first, `${sides[at + 1].name} sees what ${sides[0].name} sees`));
  return first;
}
