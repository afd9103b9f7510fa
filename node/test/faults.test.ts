/** The fault matrix: whatever goes wrong, no second job is started, and the error says what the first may have cost. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { type Client, MidjourneyError } from 'midjourney-imagine';

import { emulated } from './emulated.js';
import { PATIENCE } from './runtime/program.js';

/** What is struck, and what then comes of `imagine` and of `stream`: a picture, or the error's kind. */
const FAULTS: Readonly<Record<string, readonly [imagine: string, stream: string]>> = {
  refuse_before_accept: ['outcome_unknown', 'outcome_unknown'],
  html_502_before: ['outcome_unknown', 'outcome_unknown'],
  'rate_limit:0': ['rate_limit', 'rate_limit'],
  error_500: ['server', 'server'],
  'refuse:bad_request': ['bad_request', 'bad_request'],
  'refuse:no_token': ['authentication', 'authentication'],
  'refuse:used_up': ['insufficient_balance', 'insufficient_balance'],
  'refuse:disabled': ['disabled', 'disabled'],
  'refuse:forbidden': ['moderation', 'moderation'],
  'error_200:forbidden': ['moderation', 'moderation'],
  payment_required: ['insufficient_balance', 'insufficient_balance'],
  drop_after_accept: ['outcome_unknown', 'outcome_unknown'],
  html_502: ['outcome_unknown', 'outcome_unknown'],
  error_500_started: ['picture', 'picture'],
  error_504: ['picture', 'picture'],
  'cut_after_bytes:20': ['outcome_unknown', 'outcome_unknown'],
  'cut_body_after_bytes:5': ['outcome_unknown', 'outcome_unknown'],
  'cut_after_frame:2': ['picture', 'picture'],
  'reset_after_frame:2': ['picture', 'picture'],
  'end_after_frame:1': ['picture', 'picture'],
  truncated_json: ['outcome_unknown', 'picture'],
  'dribble:1': ['picture', 'picture'],
  'error_line:1': ['task_failed', 'task_failed'],
  'fail_task:api_error': ['task_failed', 'task_failed'],
  'fail_task:forbidden': ['moderation', 'moderation'],
  'late_task:200': ['picture', 'picture'],
  no_async: ['picture', 'picture'],
  ack_bare: ['picture', 'picture'],
  ack_202: ['picture', 'picture'],
  progress_backwards: ['picture', 'picture'],
  string_numbers: ['picture', 'picture'],
  number_ids: ['picture', 'picture'],
  no_sizes: ['picture', 'picture'],
  success_missing: ['picture', 'picture'],
  extra_fields: ['picture', 'picture'],
  record_nulls: ['picture', 'picture'],
  record_old: ['picture', 'picture'],
  crlf: ['picture', 'picture'],
  blank_lines: ['picture', 'picture'],
  no_final_newline: ['picture', 'picture'],
};

async function imagine(client: Client, prompt: string): Promise<void> {
  assert.equal((await client.imagine(prompt)).progress, 100);
}

async function stream(client: Client, prompt: string): Promise<void> {
  const seen: number[] = [];
  let done = 0;
  for await (const update of client.stream(prompt)) {
    seen.push(update.progress);
    done += Number(update.done);
  }
  assert.deepEqual(
    seen,
    [...seen].sort((one, other) => one - other),
    'progress never runs backwards',
  );
  assert.equal(done, 1);
}

describe('faults', { concurrency: 16 }, () => {
  for (const [fault, kinds] of Object.entries(FAULTS)) {
    for (const [how, expected] of [
      [imagine, kinds[0]],
      [stream, kinds[1]],
    ] as const) {
      it(`${fault}: ${how.name} gives ${expected}`, async (test) => {
        const { emulator, client } = await emulated(test, {}, { deadline: PATIENCE });
        let came = 'picture';
        let accepted = true;
        try {
          await how(client, `A cat --emulate ${fault}`);
        } catch (error) {
          if (!(error instanceof MidjourneyError)) {
            throw error;
          }
          came = error.kind;
          accepted = error.mayHaveBeenAccepted;
        }
        const { started } = await emulator.ledger();
        assert.equal(came, expected);
        assert.ok(started <= 1, 'it was paid for twice');
        assert.ok(accepted || started === 0, 'an error that promises that nothing was started');
        assert.ok(started === 1 || came !== 'picture');
      });
    }
  }
});
