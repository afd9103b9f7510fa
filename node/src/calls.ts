/**
 * Calls across the border: numbers and batches, which nothing else in this package knows. A call is a promise for parsed JSON or
 * bytes.
 */
import { AsyncResource } from 'node:async_hooks';
import { debuglog, types } from 'node:util';

import { whenAborted } from './abort.js';
import type { Command } from './commands.js';
import { NotSentError } from './errors.js';
import { fromPayload } from './failure.js';
import {
  type Happening,
  type Into,
  type Native,
  type NativeChannel,
  type NativeClient,
  native,
} from './native.js';
import { json } from './options.js';

export { version } from './native.js';

/** What the caller may give. */
export interface Waiting {
  /** Ends the exchange; the promise then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Called with each update. What it throws, or rejects with, ends the call and is what the promise rejects with. */
  onProgress?: ((update: unknown) => unknown) | undefined;
}

/** A pending call. It is removed when it is answered. */
interface Waiter {
  progress(update: unknown): void;
  answer(answer: unknown): void;
  fail(error: Error): void;
}

/** The pending calls, by their numbers. */
const waiters = new Map<number, Waiter>();
let nextNumber = 0;
let channel: NativeChannel | undefined;

/** A call that begins while the process ends may still be sent, and paid for, and its answer would be lost. */
let isEnding = false;
process.prependOnceListener('exit', () => {
  isEnding = true;
});

/** The core's log records, which never hold the token, a prompt or a signed URL. */
const log = debuglog('midjourney-imagine');

/**
 * Makes a call.
 *
 * @param begin - Hands the call to what begins it: `(native, into) => client.call(...into, '{"task":{"id":"…"}}')`. What is
 * refused there is what the promise rejects with.
 * @returns What the call gives: parsed JSON, or bytes. It rejects with the class of the error, with the signal's reason, or with
 * what `onProgress` threw. With a signal that is aborted already, nothing is begun.
 */
export function call(
  begin: (native: Native, into: Into) => void,
  { signal, onProgress }: Waiting = {},
): Promise<unknown> {
  if (signal?.aborted) {
    return Promise.reject(signal.reason);
  }
  const origin = placeOf(call);
  return new Promise((resolve, reject) => {
    const number = nextNumber++;
    const channel = connected();
    if (isEnding) {
      throw new NotSentError('the process is ending: nothing is sent any more');
    }
    const leave = () => {
      forgetSignal?.();
      return waiters.delete(number);
    };
    /** Whether there was something to end. */
    const end = (reason: unknown) => {
      channel.end(number);
      reject(reason);
      return leave();
    };
    // Before it begins: what would throw here must not leave behind a call that is under way.
    const forgetSignal = signal && whenAborted(signal, () => end(signal.reason));
    try {
      invoke((module) => begin(module, [channel, number, onProgress !== undefined]), origin);
    } catch (error) {
      forgetSignal?.();
      throw error;
    }
    waiters.set(number, {
      progress: onProgress === undefined ? ignore : telling(onProgress, end),
      answer(answer) {
        resolve(answer);
        leave();
      },
      fail(error) {
        reject(from(origin, error));
        leave();
      },
    });
  });
}

/** Makes a call of a client; see `call`. */
export function ask(client: NativeClient, command: Command, waiting?: Waiting): Promise<unknown> {
  const text = json(command);
  return call((_, into) => client.call(...into, text), waiting);
}

/** Runs a native function that answers at once. Its refusals become the classes of the errors. */
export function invoke<T>(work: (native: Native) => T, origin: Place = placeOf(invoke)): T {
  try {
    return work(native());
  } catch (error) {
    // Not `instanceof`: the module's errors are those of Node's own realm, which Jest's tests, for one, are not in.
    if (types.isNativeError(error) && (error as NodeJS.ErrnoException).code === 'MidjourneyError') {
      throw from(origin, fromPayload(JSON.parse(error.message)));
    }
    throw error;
  }
}

function connected(): NativeChannel {
  channel ??= new (native().Channel)(hear, log.enabled === true);
  return channel;
}

/** Takes what has happened since it was called last. */
function hear(events: string, contents: Uint8Array[]): void {
  for (const happening of JSON.parse(events) as Happening[]) {
    try {
      hearOne(happening, contents);
    } catch (error) {
      // The others' answers are in the same batch: a log that cannot be written must not keep them from being heard.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

function hearOne([number, what, fact]: Happening, contents: Uint8Array[]): void {
  const waiter = waiters.get(number);
  switch (what) {
    case 'progress':
      waiter?.progress(fact);
      break;
    case 'log':
      log('%s: %s', fact.level, fact.message);
      break;
    case 'done':
      waiter?.answer(fact);
      break;
    case 'bytes':
      waiter?.answer(contents[fact]);
      break;
    case 'failed':
      waiter?.fail(fromPayload(fact));
      break;
    case 'lost':
      waiter?.fail(new Error('the call ended without an answer: a defect in midjourney-imagine'));
      break;
  }
}

function ignore(): void {}

/** A callback of the user's as a listener: it runs in the async context of the call, and its failure ends the call. */
function telling(
  onProgress: (update: unknown) => unknown,
  end: (reason: unknown) => boolean,
): (update: unknown) => void {
  const inContext = AsyncResource.bind(onProgress);
  return (update) => {
    try {
      const told = inContext(update);
      if (types.isPromise(told)) {
        told.catch((reason: unknown) => {
          // Too late to fail the call: it is as unhandled as any other rejection that nobody awaits.
          if (!end(reason)) {
            throw reason;
          }
        });
      }
    } catch (reason) {
      end(reason);
    }
  };
}

/** Where a call was made: what an error of it shows, instead of the batch that it arrived in. */
interface Place {
  readonly stack?: string;
}

function placeOf(callee: (...args: never[]) => unknown): Place {
  const place = {};
  try {
    Error.captureStackTrace(place, callee);
  } catch {
    // A program's own `Error.prepareStackTrace` may fail.
  }
  return place;
}

function from<E extends Error>(place: Place, error: E): E {
  try {
    const [opening] = split(error.stack);
    const [, frames] = split(place.stack);
    error.stack = `${opening}${frames}`;
  } catch {
    // As above, or it made something else than text of a stack. The error itself is what matters.
  }
  return error;
}

/** The first lines of a stack trace, and its frames. */
function split(stack = ''): [opening: string, frames: string] {
  const at = stack.indexOf('\n    at ');
  return at < 0 ? [stack, ''] : [stack.slice(0, at), stack.slice(at)];
}
