// `NODE_DEBUG=midjourney-imagine` shows what the core does, and no secret. That nothing is shown without it is part of every
// program that must run without a word on stderr.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { runWith } from './program.js';
import { Service } from './service.js';

test('the lines tell of requests and look-ups, and hold neither the token nor the prompt', async () => {
  await using service = await Service.start();
  const url = service.emulator.url;
  const { code, output, errors } = await runWith({ NODE_DEBUG: 'midjourney-imagine' }, 'pending', url);
  assert.deepEqual({ code, output }, { code: 0, output: '100\n' });
  const lines = errors.trimEnd().split('\n');
  for (const line of lines) {
    assert.match(line, /^MIDJOURNEY-IMAGINE \d+: (debug|info|warning|error): /);
  }
  assert.ok(lines.some((line) => line.includes('path=/midjourney/imagine')));
  assert.ok(lines.some((line) => line.includes('path=/midjourney/tasks')));
  assert.doesNotMatch(errors, /runtime-token|A cat/);
});

test('a log that cannot be written keeps no call from its answer', async () => {
  const { code, output } = await runWith({ NODE_DEBUG: 'midjourney-imagine' }, 'log-fails');
  assert.deepEqual({ code, output }, { code: 0, output: '2 the disk is full\n' });
});
