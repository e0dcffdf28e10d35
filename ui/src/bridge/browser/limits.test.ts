// @vitest-environment node
// The bounds that both sides name have one number.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as limits from './limits';

test('each bound that the wire names too has the number it has there', () => {
  const rust = readFileSync('../crates/wire/src/limits.rs', 'utf8');
  const ours = new Map<string, number>(Object.entries(limits));
  const shared = [...rust.matchAll(/pub const (\w+): \w+ = ([\d_ *]+);/g)].filter(([, name]) => ours.has(name!));
  expect(shared.length).toBeGreaterThanOrEqual(9);
  for (const [, name, value] of shared) {
    const number = value!
      .replaceAll('_', '')
      .split('*')
      .reduce((product, factor) => product * Number(factor), 1);
    expect(ours.get(name!), name).toBe(number);
  }
});
