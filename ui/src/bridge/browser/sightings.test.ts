import { expect, test } from 'vitest';
import type { Sight } from '../generated/Sight';
import { Sightings } from './sightings';

function seen(...said: string[]): string[] {
  const told: Sight[] = [];
  const sightings = new Sightings((sights) => told.push(...sights));
  for (const text of said) sightings.frame('in', text);
  sightings.show(true);
  return told.map(({ what }) => (what.type === 'frame' ? what.text : ''));
}

test('what proves a passphrase is left out', () => {
  expect(
    seen(
      '{"type":"challenge","data":"r=nonce,s=salt,i=50000"}',
      '{"type":"authenticate","mechanism":"SCRAM-SHA-256","data":"c=biws,r=nonce,p=proof"}',
      '{"type":"authenticated","data":"v=promise"}',
    ),
  ).toEqual([
    '{"type":"challenge","data":"…"}',
    '{"type":"authenticate","mechanism":"SCRAM-SHA-256","data":"…"}',
    '{"type":"authenticated","data":"…"}',
  ]);
});

test('what only speaks of it is shown as it was said', () => {
  const said = ['{"type":"say","id":"x1","text":"a challenge"}', 'challenge', '"authenticate"'];
  expect(seen(...said)).toEqual(said);
});
