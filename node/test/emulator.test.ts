/** The emulator from Node: its books, its faults, its clock, and its end. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

import {
  Client,
  ConfigError,
  Emulator,
  InsufficientBalanceError,
  InvalidRequestError,
} from 'midjourney-imagine';

import { emulated, folder, PACKAGE } from './emulated.js';
import { node } from './programs.js';

describe('an emulator', () => {
  it('stops at the end of its block, and frees its port', async () => {
    let port: number;
    let ended: Emulator;
    {
      await using emulator = await Emulator.start();
      port = Number(new URL(emulator.url).port);
      assert.equal(String(emulator), `Emulator(http://127.0.0.1:${port})`);
      assert.equal((await emulator.state()).speed, 'instant');
      ended = emulator;
    }
    const again = createServer();
    await new Promise<void>((resolve, reject) => {
      again.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    again.close();
    await ended.stop();
    await assert.rejects(ended.ledger(), /stopped/);
  });

  it('runs on when nobody holds it, and does not keep the process alive', async () => {
    const program = `
      const { Emulator } = require('midjourney-imagine');
      (async () => {
        const { url } = await Emulator.start();
        for (let round = 0; round < 5; round++) {
          await new Promise(setImmediate);
          gc();
        }
        console.log((await fetch(url + '/_emulator/state')).status);
      })();`;
    assert.equal((await node(['--expose-gc', '-e', program], PACKAGE)).stdout, '200\n');
  });

  for (const options of [
    { speed: 'slow' },
    { port: -1 },
    { limits: { balance: 'much' } },
    { limits: { in_flight: 1 } },
    { prices: { grid: 1 } },
    { retained_tasks: 1 },
    { seed: Number.NaN },
  ]) {
    it(`names an option that it cannot read: ${JSON.stringify(options)}`, async () => {
      await assert.rejects(Emulator.start(options as never), (error: Error) => {
        assert.ok(error instanceof ConfigError || error instanceof InvalidRequestError);
        const [name, value] = Object.entries(options)[0] ?? [];
        const inner = typeof value === 'object' ? Object.keys(value)[0] : name;
        assert.ok(
          error.message.includes(`\`${name}\``) || error.message.includes(`\`${inner}\``),
          error.message,
        );
        return true;
      });
    });
  }

  it('keeps books and a journal, takes faults and scripts, and begins anew', async (test) => {
    const stateFolder = pathToFileURL(await folder(test));
    const { emulator, client } = await emulated(
      test,
      { seed: 7, tokens: ['right'], limits: { balance: 1.5 }, stateFolder },
      { token: 'right' },
    );
    const grid = await client.imagine('A cat');
    await assert.rejects(grid.reroll(), InsufficientBalanceError);
    const { submissions, started, charged, balance, entries } = await emulator.ledger();
    assert.deepEqual(
      { submissions, started, charged, balance },
      { submissions: 2, started: 1, charged: 1, balance: 0.5 },
    );
    assert.equal(entries[0]?.state, 'succeeded');
    await emulator.setBalance(null);
    await emulator.addFault('rate_limit', 0, { times: 2 });
    assert.deepEqual(await emulator.faults(), [{ fault: 'rate_limit', arg: 0, times: 2 }]);
    await grid.reroll();
    assert.deepEqual(await emulator.faults(), []);
    await emulator.addFault('error_500', undefined, { times: 0, path: '/midjourney/tasks' });
    await emulator.clearFaults();
    await emulator.script([{ path: '/midjourney/imagine', json: { task_id: 't-1' } }]);
    assert.equal((await client.submit('A dog')).task_id, 't-1');
    const last = (await emulator.journal()).at(-1);
    assert.deepEqual([last?.path, last?.status, last?.scripted], ['/midjourney/imagine', 200, true]);
    assert.ok(!JSON.stringify(last).includes('right'));
    assert.deepEqual(await emulator.deliveries(), []);
    await emulator.reset();
    assert.equal((await emulator.ledger()).submissions, 0);
    await assert.rejects(emulator.addFault('no_such_fault'), InvalidRequestError);
    await assert.rejects(emulator.script([{ path: '/x', status: 99 }]), InvalidRequestError);
  });

  it('moves a virtual clock when it is told to', async (test) => {
    const { emulator, client } = await emulated(test, { speed: 'virtual' });
    const task = await client.submit('A cat');
    assert.notEqual((await task.refresh()).state, 'succeeded');
    await emulator.clockAdvance(60);
    assert.equal((await task.refresh()).state, 'succeeded');
    const { emulator: instant } = await emulated(test);
    await assert.rejects(instant.clockAdvance(1), InvalidRequestError);
  });

  it('takes prices, and repeats a run of the same seed', async (test) => {
    const ids: string[] = [];
    for (const _ of [1, 2]) {
      const { emulator, client } = await emulated(test, { seed: 3, prices: { generation: 4, upscale: 0.5 } });
      const grid = await client.imagine('A cat');
      ids.push((await grid.upscale(1)).image_id);
      assert.equal((await emulator.ledger()).charged, 4.5);
    }
    assert.equal(ids[0], ids[1]);
  });

  it('posts callbacks, and tells of them', async (test) => {
    const { emulator, client } = await emulated(test);
    const hook = createHttpServer();
    test.after(() => hook.close());
    const posted = new Promise<string>((resolve) => {
      hook.on('request', async (request, response) => {
        const { task_id } = JSON.parse(await text(request));
        response.end();
        resolve(task_id);
      });
    });
    hook.listen(0, '127.0.0.1');
    await once(hook, 'listening');
    const { port } = hook.address() as AddressInfo;
    const task = await client.submit('A cat', { callbackUrl: `http://127.0.0.1:${port}/hook` });
    assert.equal(await posted, task.task_id);
    assert.equal((await emulator.deliveries())[0]?.task_id, task.task_id);
  });

  it('serves clients with other tokens too, unless it is told which are right', async (test) => {
    const { emulator } = await emulated(test, { tokens: ['right'] });
    const wrong = new Client({ baseUrl: emulator.url, token: 'wrong' });
    await assert.rejects(wrong.imagine('A cat'), { name: 'AuthenticationError' });
    assert.equal((await emulator.ledger()).started, 0);
  });
});
