/** `import` and `require` open on one implementation. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as required from 'midjourney-imagine';

import { emulated, PACKAGE } from './emulated.js';
import { node } from './programs.js';

type Api = typeof required;

// This file is compiled to `require`; a plain `import()` stays what it is.
const imported = import('midjourney-imagine') as Promise<Api>;

describe('the two doors', () => {
  it('give the same names, and the same things', async () => {
    const {
      default: whole,
      __esModule: _,
      'module.exports': __,
      ...names
    } = (await imported) as unknown as Record<string, unknown>;
    assert.deepEqual(Object.keys(names).sort(), Object.keys(required).sort());
    for (const [name, value] of Object.entries(required)) {
      assert.equal(names[name], value, name);
    }
    assert.equal(whole, undefined, 'there is no default export');
  });

  it('hold `instanceof` across', async (test) => {
    const { Client, InvalidRequestError, MidjourneyError, Image } = await imported;
    const { emulator } = await emulated(test);
    const client = new Client({ baseUrl: emulator.url, token: 't' });
    assert.ok(client instanceof required.Client);
    assert.ok((await client.submit('A cat')) instanceof required.Task);
    assert.ok(new required.Client({ token: 't' }).image('1') instanceof Image);
    await assert.rejects(client.imagine(''), required.InvalidRequestError);
    assert.ok(new required.InvalidRequestError('x') instanceof InvalidRequestError);
    assert.ok(new required.InvalidRequestError('x') instanceof MidjourneyError);
  });

  it('load no native code before it is needed', async () => {
    const program = `
      const api = require('midjourney-imagine');
      const loaded = () => Object.keys(require.cache).filter((file) => file.endsWith('.node')).length;
      const before = loaded();
      new api.Client({ token: 't' });
      console.log(before, loaded());`;
    assert.equal((await node(['-e', program], PACKAGE)).stdout, '0 1\n');
  });

  it('tell the version of the package', () => {
    assert.equal(required.version, require('midjourney-imagine/package.json').version);
  });
});
