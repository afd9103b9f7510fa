// When a program ends: when nothing is pending, and whenever it wants to.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { run, runsWell } from './program.js';
import { Service, TASKS } from './service.js';

/** Each is a race with the end of the process, so it is run often; the figure in a report is from a hundred. */
const RUNS = Number(process.env.MIDJOURNEY_IMAGINE_EXITS ?? 20);

let service: Service;
before(async () => {
  service = await Service.start({ speed: 'real' });
});
after(() => service.emulator.stop());

test('a pending call keeps the process alive until it is answered', async () => {
  await using virtual = await Service.start({ speed: 'virtual' });
  const ending = runsWell('pending', virtual.emulator.url);
  // It waits: the task is there, and time stands still.
  await virtual.journal({ path: TASKS, requests: 1 });
  await virtual.emulator.clockAdvance(1000);
  assert.equal(await ending, '100\n');
});

test('finished and aborted calls, idle streams and emulators keep no process alive', async () => {
  assert.equal(await runsWell('idle'), '100 a\n');
});

for (const when of ['now', '1', '10', '25']) {
  test(`\`process.exit\` with calls in flight is clean (after ${when})`, async () => {
    for (let i = 0; i < RUNS; i++) {
      await runsWell('in-flight', service.emulator.url, when);
    }
  });
}

test('what is begun while the process ends is not sent', async () => {
  await using fresh = await Service.start();
  for (let i = 0; i < RUNS; i++) {
    await runsWell('at-exit', fresh.emulator.url);
  }
  assert.deepEqual(await fresh.emulator.journal(), []);
  assert.equal((await fresh.emulator.ledger()).submissions, 0);
});

test('an uncaught exception with calls in flight ends the process as it does without them', async () => {
  for (let i = 0; i < RUNS; i++) {
    const { code, signal, errors } = await run('in-flight', service.emulator.url, 'exception');
    assert.deepEqual({ code, signal }, { code: 1, signal: null }, errors);
    assert.match(errors, /^Error: the program itself is wrong$/m);
    assert.doesNotMatch(errors, /panicked|FATAL|Assertion/i);
  }
});

test('calls that fail, are aborted or left leave no rejection unhandled', async () => {
  assert.equal(await runsWell('rejections'), 'done\n');
});

test('collecting garbage ends the exchange of a forgotten stream, and nothing that is in use', async () => {
  assert.equal(await runsWell('collected'), '1\n100\n[ null ]\n');
});
