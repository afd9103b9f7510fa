/** The vectors as types, and the comparison of what a call gave with what must come of it. They run in `vectors.test.ts`. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { inspect, isDeepStrictEqual } from 'node:util';

import {
  type ClientOptions,
  type Emulator,
  type Image,
  Mask,
  type MidjourneyError,
  type Task,
  type Update,
} from 'midjourney-imagine';

import { PACKAGE } from './emulated.js';

export const TOKEN = 'vector-token-0123456789';
export const FOLDER = join(PACKAGE, '..', 'tests', 'vectors');
const FILES = ['models', 'requests', 'exchanges', 'errors', 'retries', 'cancels', 'redaction'];

type Facts = Readonly<Record<string, unknown>>;

/** One case of a file; the format is described in `tests/vectors/README.md`. */
export interface Case {
  readonly id: string;
  readonly about: string;
  readonly client?: Facts;
  readonly call: {
    readonly verb: string;
    readonly prompt: string;
    readonly options?: Facts;
    readonly image: string;
    readonly method: string;
    readonly arguments: readonly unknown[];
    readonly id: string;
    readonly trace_id: string;
    readonly ids: readonly string[];
    readonly text: string;
    readonly cancel_after_updates?: number;
    readonly cancel_when_requested?: string;
  };
  readonly replies: readonly Facts[];
  readonly expect: Facts;
}

/** All cases of all files. */
export function cases(): readonly Case[] {
  return FILES.flatMap(
    (name) => JSON.parse(exact(readFileSync(join(FOLDER, `${name}.json`), 'utf8'))) as Case[],
  );
}

/** Integers beyond 2^53 as text, in which form the package gives them, too. */
function exact(json: string): string {
  return json.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d{17,}(?![\d.eE])/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  );
}

/** The client's settings. */
export async function settings(vector: Case, emulator: Emulator): Promise<ClientOptions> {
  const { baseUrl = emulator.url, ...given } = camelCase(vector.client ?? {}) as ClientOptions;
  const port = baseUrl.includes('{{closed_port}}') ? await closedPort() : '';
  return { token: TOKEN, ...given, baseUrl: baseUrl.replace('{{closed_port}}', port) };
}

/** The arguments of an action, the mask among them. */
export function actArguments(vector: Case): readonly unknown[] {
  return vector.call.arguments.map((given) => (typeof given === 'object' ? mask(given as Facts) : given));
}

function mask({ url, base64 }: Facts): Mask {
  return Mask.url(String(url ?? `data:image/png;base64,${base64}`));
}

/** Options under their names in this language; what is in them is the wire's. */
export function camelCase(options: Facts): Facts {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [inCamelCase(name), value]));
}

export function inCamelCase(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, initial: string) => initial.toUpperCase());
}

/** An address where nothing listens. */
async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

/** What a call gave, in the terms of the vectors. */
export class Outcome {
  image: unknown = null;
  expires_at: string | null = null;
  size: readonly number[] | null = null;
  progress: number[] = [];
  updates: Facts[] = [];
  task: Facts = {};
  task_ids: (string | null)[] = [];
  task_id: string | null = null;
  failure: MidjourneyError | undefined;

  giveImage(image: Image): void {
    this.image = JSON.parse(JSON.stringify(image));
    this.size = image.size ? [image.size.width, image.size.height] : null;
    this.expires_at = image.expires_at?.toISOString().replace('.000Z', 'Z') ?? null;
  }

  giveTask(task: Task): void {
    // Every field as a caller reads it.
    const image = task.image && JSON.parse(JSON.stringify(task.image));
    this.task = { ...task, image, error: task.error && facts(task.error) };
    this.task_id = task.task_id;
  }

  hear(update: Update): void {
    this.progress.push(update.progress);
  }

  giveUpdate(update: Update): void {
    const { task_id = null, progress, image, done } = update;
    this.updates.push({ task_id, progress, image_id: image?.image_id ?? null, done });
    if (done && image) {
      this.giveImage(image);
    }
  }
}

/** An error's facts under the names of the vectors. */
export function facts(error: MidjourneyError): Facts {
  const { kind, message, status, code } = error;
  const known = {
    kind,
    message,
    status,
    code,
    trace_id: error.traceId,
    task_id: error.taskId,
    retry_after: error.retryAfter,
    may_have_been_accepted: error.mayHaveBeenAccepted,
  };
  return Object.fromEntries(Object.entries(known).filter(([, fact]) => fact !== undefined));
}

/** Says what is not as it must be. */
export async function judge(vector: Case, outcome: Outcome, emulator: Emulator): Promise<readonly string[]> {
  const problems: string[] = [];
  const compare = (what: string, expected: unknown, got: unknown) => {
    if (!isDeepStrictEqual(expected, got ?? null)) {
      problems.push(`${what}: expected ${inspect(expected)}, got ${inspect(got)}`);
    }
  };
  const { failure } = outcome;
  for (const [what, expected] of Object.entries(vector.expect)) {
    if (what === 'requests') {
      problems.push(...(await judgeRequests(expected as Facts[], emulator)));
    } else if (what === 'message_has') {
      for (const part of expected as string[]) {
        // Options have the names that users write; what an image offers has the wire's.
        const names = /^`(?!image_id)\w+`$/.test(part) ? inCamelCase(part) : part;
        compare(`${failure?.message} has ${names}`, true, failure?.message.includes(names));
      }
    } else if (what === 'task' || what === 'error') {
      const got = what === 'task' ? outcome.task : failure ? facts(failure) : {};
      for (const [name, value] of Object.entries(expected as Facts)) {
        compare(`${what}.${name}`, value, got[name]);
      }
    } else {
      compare(what, expected, outcome[what as keyof Outcome]);
    }
  }
  if (failure !== undefined) {
    if (!('error' in vector.expect)) {
      problems.push(`it failed: ${inspect(failure)}`);
    }
    const shown = `${failure} ${inspect(failure, { depth: 9 })} ${JSON.stringify(failure)} ${failure.stack}`;
    const secrets = [TOKEN, vector.client?.proxy].filter((secret) => typeof secret === 'string');
    problems.push(
      ...secrets.filter((secret) => shown.includes(secret)).map(() => `a secret is in the error: ${shown}`),
    );
  }
  return problems;
}

/** Compares the requests; the connection's end reaches the emulator a moment after the client let go. */
async function judgeRequests(expected: readonly Facts[], emulator: Emulator): Promise<readonly string[]> {
  const abandoned = expected.filter((request) => request.abandoned).length;
  const journal = await emulator.journal({ requests: expected.length, abandoned });
  const problems: string[] = [];
  if (journal.length !== expected.length) {
    problems.push(`requests: expected ${expected.length}, got ${inspect(journal.map(({ path }) => path))}`);
  }
  for (const [number, request] of expected.entries()) {
    const entry = journal[number];
    const got: Facts = {
      path: entry?.path,
      accept: entry?.headers.accept ?? null,
      body: JSON.parse(entry?.body || 'null'),
      abandoned: entry?.abandoned,
    };
    for (const [name, value] of Object.entries(request)) {
      if (!isDeepStrictEqual(value, got[name])) {
        problems.push(
          `request ${number}: ${name}: expected ${inspect(value, { depth: 9 })}, got ${inspect(got[name], { depth: 9 })}`,
        );
      }
    }
  }
  return problems;
}
