/** Tests of `postcard.ts` with `node:test`: each has an emulator of its own. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Client, Emulator, ModerationError, OutcomeUnknownError } from 'midjourney-imagine';

import { postcard } from '../postcard.js';

async function service(test: TestContext): Promise<{ emulator: Emulator; client: Client }> {
  const emulator = await Emulator.start();
  test.after(() => emulator.stop());
  return { emulator, client: new Client({ baseUrl: emulator.url, token: 'any', pollInterval: 0.05 }) };
}

test('a postcard is a picture, and costs a generation and an upscale', async (test) => {
  const { emulator, client } = await service(test);
  const picture = await postcard(client, 'Lisbon');
  assert.equal(Buffer.from(picture.subarray(1, 4)).toString(), 'PNG');
  const { started, charged } = await emulator.ledger();
  assert.deepEqual({ started, charged }, { started: 2, charged: 1.2 });
});

test('a lost answer is not paid twice', async (test) => {
  const { emulator, client } = await service(test);
  await emulator.addFault('drop_after_accept');
  await assert.rejects(postcard(client, 'Lisbon'), OutcomeUnknownError);
  assert.equal((await emulator.ledger()).started, 1);
});

test('a service that forbids a place says so, and nothing is charged', async (test) => {
  const { emulator, client } = await service(test);
  await emulator.addFault('refuse', 'forbidden');
  await assert.rejects(postcard(client, 'Lisbon'), ModerationError);
  assert.equal((await emulator.ledger()).charged, 0);
});
