/** Running programs from tests: node, the TypeScript compiler, npm. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { PACKAGE } from './emulated.js';

const execute = promisify(execFile);

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs node; a failure rejects with what the program said. */
export async function node(
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<Output> {
  // The outer test run would otherwise take an inner one for a part of itself.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, ...environment };
  try {
    return await execute(process.execPath, args, { cwd, env, maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as Partial<Output>;
    throw new Error(`${args.join(' ')}\n${stdout}\n${stderr}`, { cause: error });
  }
}

/** Compiles a project; what the compiler complains of rejects. */
export async function compile(project: string, ...options: readonly string[]): Promise<void> {
  await node(
    [join(PACKAGE, 'node_modules', 'typescript', 'bin', 'tsc'), '--project', project, ...options],
    project,
  );
}

/** Runs npm, without the network and without the package's own scripts. */
export async function npm(args: readonly string[], cwd: string): Promise<string> {
  const program =
    process.env.npm_execpath ?? join(process.execPath, '..', '..', 'lib/node_modules/npm/bin/npm-cli.js');
  const quiet = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier'];
  return (await node([program, ...args, ...quiet], cwd)).stdout;
}
