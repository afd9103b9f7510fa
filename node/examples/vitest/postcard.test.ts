/** Tests of `postcard.ts` with vitest: a fixture gives each an emulator of its own. */
import { Client, Emulator, ModerationError, OutcomeUnknownError } from 'midjourney-imagine';
import { test as base, expect } from 'vitest';

import { postcard } from '../postcard.js';

const test = base.extend<{ emulator: Emulator; client: Client }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures that it needs from here
  emulator: async ({}, use) => {
    const emulator = await Emulator.start();
    await use(emulator);
    await emulator.stop();
  },
  client: async ({ emulator }, use) => {
    await use(new Client({ baseUrl: emulator.url, token: 'any', pollInterval: 0.05 }));
  },
});

test('a postcard is a picture, and costs a generation and an upscale', async ({ emulator, client }) => {
  const picture = await postcard(client, 'Lisbon');
  expect(Buffer.from(picture.subarray(1, 4)).toString()).toBe('PNG');
  expect(await emulator.ledger()).toMatchObject({ started: 2, charged: 1.2 });
});

test('a lost answer is not paid twice', async ({ emulator, client }) => {
  await emulator.addFault('drop_after_accept');
  await expect(postcard(client, 'Lisbon')).rejects.toThrow(OutcomeUnknownError);
  expect(await emulator.ledger()).toMatchObject({ started: 1 });
});

test('a service that forbids a place says so, and nothing is charged', async ({ emulator, client }) => {
  await emulator.addFault('refuse', 'forbidden');
  await expect(postcard(client, 'Lisbon')).rejects.toThrow(ModerationError);
  expect(await emulator.ledger()).toMatchObject({ charged: 0 });
});
