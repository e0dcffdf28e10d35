// Enter in a guest's page, in the orders of events that macOS and Windows produce and Linux never does.
import { after, before, describe, it } from 'node:test';
import { openChromium } from '../harness/chromium.mjs';
import { sent_by_protocol, sendByProtocol } from '../harness/composition.mjs';
import { hostRoom } from '../harness/maru.mjs';
import { enterAsGuest } from '../harness/person.mjs';
import { endEverything } from '../harness/processes.mjs';
import { together } from '../harness/waiting.mjs';

describe('Enter belongs to the composition until it has ended', () => {
  let room, chromium, page;
  before(async () => {
    [room, chromium] = await together(hostRoom(), openChromium());
    page = await chromium.page(room.url);
    await enterAsGuest(page, '민지');
  });
  after(endEverything);

  for (const [order, sequence] of Object.entries(sent_by_protocol)) {
    it(`${order}: one message`, () => sendByProtocol(page, sequence));
  }
});
