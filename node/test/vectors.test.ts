/** Runs every vector of `tests/vectors` against `Client`, each with an emulator of its own. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

import { Client, Emulator, type Image, MidjourneyError, type Updates } from 'midjourney-imagine';

import { PATIENCE } from './runtime/program.js';
import {
  actArguments,
  type Case,
  camelCase,
  cases,
  inCamelCase,
  judge,
  Outcome,
  settings,
} from './vectors.js';

const CASES = cases();
const executed: string[] = [];

// Most of them wait, so one after the other they would take minutes.
describe('vectors', { concurrency: 16 }, () => {
  for (const vector of CASES) {
    it(vector.id, async () => {
      executed.push(vector.id);
      const emulator = await Emulator.start();
      try {
        assert.deepEqual(await run(vector, emulator), [], vector.about);
      } finally {
        await emulator.stop();
      }
    });
  }
});

it('their ids are unique', () => {
  assert.equal(new Set(CASES.map(({ id }) => id)).size, CASES.length);
  assert.ok(CASES.length > 200);
});

after(() => {
  // `cargo xtask conformance` compares the ids that the languages have run.
  const folder = process.env.MJ_EXECUTED_IDS;
  if (folder) {
    writeFileSync(join(folder, 'node'), executed.map((id) => `${id}\n`).join(''));
  }
});

async function run(vector: Case, emulator: Emulator): Promise<readonly string[]> {
  await emulator.script(vector.replies);
  const outcome = new Outcome();
  try {
    await call(vector, new Client(await settings(vector, emulator)), emulator, outcome);
  } catch (error) {
    if (!(error instanceof MidjourneyError)) {
      throw error;
    }
    outcome.failure = error;
  }
  return judge(vector, outcome, emulator);
}

async function call(vector: Case, client: Client, emulator: Emulator, outcome: Outcome): Promise<void> {
  const { verb, prompt, id, ids, image, method, text, trace_id } = vector.call;
  const options = camelCase(vector.call.options ?? {});
  const watched = { ...options, onProgress: outcome.hear.bind(outcome) };
  switch (verb) {
    case 'parse':
      return outcome.giveImage(client.image(text));
    case 'imagine':
      if (vector.call.cancel_when_requested) {
        return leave(vector.call.cancel_when_requested, emulator, (signal) =>
          client.imagine(prompt, { signal }),
        );
      }
      return outcome.giveImage(await client.imagine(prompt, watched));
    case 'act': {
      const source = client.image(image) as unknown as Record<
        string,
        (...given: unknown[]) => Promise<Image>
      >;
      const action = source[inCamelCase(method)]?.bind(source);
      assert.ok(action, `an image has no ${method}`);
      return outcome.giveImage(await action(...actArguments(vector), watched));
    }
    case 'submit':
      return outcome.giveTask(await client.submit(prompt, options));
    case 'stream':
      return read(vector, client.stream(prompt, options), outcome);
    case 'result':
      return outcome.giveImage(await client.stream(prompt, options).result());
    case 'stream_action':
      return read(vector, client.image(image).stream(String(actArguments(vector)[0]), options), outcome);
    case 'submit_action':
      return outcome.giveTask(await client.image(image).submit(String(actArguments(vector)[0]), options));
    case 'task':
      return outcome.giveTask(await client.task(id));
    case 'task_by_trace':
      return outcome.giveTask(await client.task({ traceId: trace_id }));
    case 'tasks':
      outcome.task_ids = (await client.tasks(ids)).map((task) => task?.task_id ?? null);
      return;
    default:
      assert.fail(`${vector.id}: the runner knows no verb ${verb}`);
  }
}

async function read(vector: Case, updates: Updates, outcome: Outcome): Promise<void> {
  try {
    for await (const update of updates) {
      outcome.giveUpdate(update);
      if (outcome.updates.length === vector.call.cancel_after_updates) {
        break;
      }
    }
  } finally {
    outcome.task_id = updates.taskId ?? null;
  }
}

/** Leaves a call as soon as a path was requested. */
async function leave(
  path: string,
  emulator: Emulator,
  begin: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const controller = new AbortController();
  const left = assert.rejects(begin(controller.signal), (reason) => reason === controller.signal.reason);
  await emulator.journal({ requests: 1, path, waitSeconds: PATIENCE });
  controller.abort(new Error('left'));
  await left;
}
