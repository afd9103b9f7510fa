// A stream is pulled: in order, one update for each that asks, and left at any moment.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { frame, Service } from './service.js';

test('leaving `for await` ends the exchange', async () => {
  await using service = await Service.start();
  await service.hold({ lines: [frame(5)] });
  const updates = service.client().stream('A cat');
  for await (const update of updates) {
    assert.equal(update.progress, 5);
    break;
  }
  await service.journal({ abandoned: 1 });
  assert.deepEqual(await updates.next(), { done: true, value: undefined });
});

test('an error inside of `for await` ends the exchange', async () => {
  await using service = await Service.start();
  await service.hold({ lines: [frame(5)] });
  const watch = async () => {
    for await (const _ of service.client().stream('A cat')) {
      throw new Error('mine');
    }
  };
  await assert.rejects(watch(), /mine/);
  await service.journal({ abandoned: 1 });
});

test('`close` ends the exchange and the pulls that wait', async () => {
  await using service = await Service.start();
  await service.hold({ lines: [frame(5)] });
  const updates = service.client().stream('A cat');
  await updates.next();
  const waiting = [updates.next(), updates.next()];
  updates.close();
  updates.close();
  for (const step of await Promise.all(waiting)) {
    assert.equal(step.done, true);
  }
  await service.journal({ abandoned: 1 });
});

test('`await using` ends the exchange', async () => {
  await using service = await Service.start();
  await service.hold({ lines: [frame(5)] });
  {
    await using updates = service.client().stream('A cat');
    await updates.next();
  }
  await service.journal({ abandoned: 1 });
});

test('those who ask at the same time are answered in order', async () => {
  await using service = await Service.start();
  const updates = service.client().stream('A cat');
  const steps = await Promise.all(Array.from({ length: 8 }, () => updates.next()));
  const progress = steps.map((step) => step.value?.progress);
  assert.deepEqual(progress, [5, 35, 60, 85, 100, undefined, undefined, undefined]);
});

test('nothing is sent before the first update is asked for', async () => {
  await using service = await Service.start();
  const client = service.client();
  client.stream('A cat');
  // A call that was answered would have come after a request of the stream.
  await client.tasks(['unknown']);
  const journal = await service.emulator.journal();
  assert.deepEqual(
    journal.map((entry) => entry.path),
    ['/midjourney/tasks'],
  );
});
