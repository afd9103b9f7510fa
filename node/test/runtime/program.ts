// Running one of `programs/` in a process of its own.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Seconds: far more than anything here takes on a busy machine. What hangs fails then. */
export const PATIENCE = 60;

/** How a program ended: its exit code, or the signal that ended it, and what it wrote. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs a program to its end. */
export function run(name: string, ...args: string[]): Promise<Ending> {
  return runWith({}, name, ...args);
}

/** As `run`, with more in its environment. */
export async function runWith(env: NodeJS.ProcessEnv, name: string, ...args: string[]): Promise<Ending> {
  const program = join(__dirname, 'programs', `${name}.js`);
  const child = spawn(process.execPath, ['--expose-gc', program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    timeout: PATIENCE * 1000,
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, output, errors };
}

/** Runs a program that must end by itself, well and without a word on stderr, and gives what it printed. */
export async function runsWell(name: string, ...args: string[]): Promise<string> {
  const { output, ...ending } = await run(name, ...args);
  assert.deepEqual(ending, { code: 0, signal: null, errors: '' }, `${name} ${args.join(' ')}\n${output}`);
  return output;
}
