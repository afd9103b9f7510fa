/** The error classes: the table in docs/money.md, what they carry, and how they are shown. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';

import * as api from 'midjourney-imagine';

import { emulated } from './emulated.js';
import { FOLDER } from './vectors.js';

interface Row {
  readonly kind: api.ErrorKind;
  readonly class: string;
  readonly may_have_been_accepted: boolean;
}

const ROWS: readonly Row[] = JSON.parse(readFileSync(join(FOLDER, 'kinds.json'), 'utf8'));

type ErrorClass = typeof api.MidjourneyError;

function classes(): readonly ErrorClass[] {
  return Object.values(api).filter(
    (value): value is ErrorClass =>
      typeof value === 'function' && value.prototype instanceof api.MidjourneyError,
  );
}

describe('errors', () => {
  it('have the classes of the table, and no others', () => {
    assert.deepEqual(
      classes()
        .map(({ name }) => name)
        .sort(),
      ROWS.map((row) => row.class).sort(),
    );
  });

  for (const row of ROWS) {
    it(`${row.class} knows its kind, its name and what it says of money`, () => {
      const ErrorClass = classes().find(({ name }) => name === row.class);
      assert.ok(ErrorClass);
      const error = new ErrorClass('text');
      assert.ok(error instanceof Error && error instanceof api.MidjourneyError);
      assert.equal(error.kind, row.kind);
      assert.equal(error.mayHaveBeenAccepted, row.may_have_been_accepted);
      assert.equal(new ErrorClass('text', { mayHaveBeenAccepted: true }).mayHaveBeenAccepted, true);
      assert.equal(new ErrorClass('text', { mayHaveBeenAccepted: false }).mayHaveBeenAccepted, false);
      assert.equal(String(error), `${row.class}: text`);
      assert.match(error.stack ?? '', new RegExp(`^${row.class}: text\n`));
    });
  }

  for (const prepare of [() => null, () => ({}), () => assert.fail('no stack today')]) {
    it(`settle their call and no other, whatever becomes of their stack: ${prepare}`, async (test) => {
      const { emulator, client } = await emulated(test);
      await emulator.addFault('error_500');
      const before = Error.prepareStackTrace;
      Error.prepareStackTrace = prepare;
      test.after(() => {
        Error.prepareStackTrace = before;
      });
      const ends = await Promise.allSettled([client.imagine('A cat'), client.imagine('A dog')]);
      Error.prepareStackTrace = before;
      assert.deepEqual(ends.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
      assert.ok(ends.some((end) => end.status === 'rejected' && end.reason instanceof api.ServerError));
    });
  }

  it('travel as JSON in the form of all languages', () => {
    const error = new api.DeadlineError('too late', { taskId: 't-1', status: 504 });
    assert.deepEqual(JSON.parse(JSON.stringify(error)), {
      kind: 'deadline',
      message: 'too late',
      status: 504,
      task_id: 't-1',
      may_have_been_accepted: true,
    });
  });

  it('show what is known, and nothing else', () => {
    const cause = new Error('a reason');
    const error = new api.RateLimitError('slow down', { status: 429, retryAfter: 2.5, taskId: 't-1', cause });
    assert.deepEqual(
      { ...error },
      { kind: 'rate_limit', status: 429, retryAfter: 2.5, taskId: 't-1', mayHaveBeenAccepted: false },
    );
    assert.equal(error.cause, cause);
    assert.match(inspect(error), /RateLimitError: slow down[\s\S]*retryAfter: 2.5[\s\S]*a reason/);
    assert.ok(!('cause' in new api.RateLimitError('slow down')));
  });

  it('come from the place of the call', async (test) => {
    const { client } = await emulated(test);
    async function placeOfTheCall(): Promise<void> {
      await client.task('11111111-2222-4333-8444-555555555555');
    }
    await assert.rejects(placeOfTheCall, (error: Error) => {
      assert.ok(error instanceof api.NotFoundError);
      assert.match(error.stack ?? '', /^NotFoundError: .*\n[\s\S]*placeOfTheCall/);
      return true;
    });
  });

  it('carry what the service said', async (test) => {
    const { client } = await emulated(test, {}, { maxRetries: 0 });
    await assert.rejects(client.imagine('A cat --emulate rate_limit:7'), (error: Error) => {
      assert.ok(error instanceof api.RateLimitError);
      const { status, code, retryAfter, mayHaveBeenAccepted } = error;
      assert.deepEqual(
        { status, code, retryAfter, mayHaveBeenAccepted },
        { status: 429, code: 'too_many_requests', retryAfter: 7, mayHaveBeenAccepted: false },
      );
      assert.ok(error.traceId);
      return true;
    });
  });
});
