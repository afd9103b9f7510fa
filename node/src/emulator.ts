/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The API on this machine, with real pixels: for tests and examples that need no account. What it does not reproduce, and the
 * faults that it can be given, are in the README of the emulator's crate.
 */
import { fileURLToPath } from 'node:url';

import { call, invoke } from './calls.js';
import type { EmulatorCommand, EmulatorSettings } from './commands.js';
import { ConfigError } from './errors.js';
import type { NativeEmulator } from './native.js';
import { checked, json, SIGNAL, type SignalOption } from './options.js';
import { INSPECT } from './record.js';

/** How an emulator runs. */
export interface EmulatorOptions extends SignalOption {
  /** The port on 127.0.0.1; 0, the default, takes a free one. */
  readonly port?: number | undefined;

  /**
   * `instant`, the default; `fast`, 3 s a generation; `real`, up to 150 s; `virtual`, by a clock that only `clockAdvance` moves.
   */
  readonly speed?: 'instant' | 'fast' | 'real' | 'virtual' | undefined;

  /** Makes the run repeat itself: the n-th submission has the same ids and the same picture. */
  readonly seed?: number | undefined;

  /** The tokens that are right; without any, every one is. */
  readonly tokens?: readonly string[] | undefined;

  /** The words that moderation refuses, instead of `forbidden-word` and `gore`. */
  readonly moderatedWords?: readonly string[] | undefined;

  /** Its limits; without any, everything is accepted. */
  readonly limits?:
    | {
        /** Jobs that may run at once. */
        readonly inFlight?: number | undefined;
        /** Submissions that may be accepted within one second. */
        readonly submissionsPerSecond?: number | undefined;
        /** Units that may be spent. */
        readonly balance?: number | undefined;
      }
    | undefined;

  /** The prices of successful jobs, in units of your choice. */
  readonly prices?:
    | {
        /** A generation, and every action that draws anew (1). */
        readonly generation?: number | undefined;
        /** An upscale (0.2). */
        readonly upscale?: number | undefined;
      }
    | undefined;

  /** How many finished tasks stay in memory (50,000). */
  readonly retainedTasks?: number | undefined;

  /** Whether prompt, tile, action and seed are printed on each tile (false): for those who look for a mistake. */
  readonly overlay?: boolean | undefined;

  /** A folder that keeps finished tasks for later emulators. */
  readonly stateFolder?: string | URL | undefined;
}

/** The ledger of a run. A client that never pays twice leaves `started` equal to the generations asked of it. */
export interface Ledger {
  /** Submissions that reached the service, refused ones included. */
  readonly submissions: number;
  /** Jobs that started. */
  readonly started: number;
  /** Jobs that succeeded. */
  readonly succeeded: number;
  /** Jobs that failed. */
  readonly failed: number;
  /** The sum of all charges. */
  readonly charged: number;
  /** What is left to spend; null when it is not limited. */
  readonly balance: number | null;
  /** The newest 10,000 jobs, in the order in which they started. */
  readonly entries: readonly Job[];
}

/** One started job in the ledger. */
export interface Job {
  /** The task that the job is. */
  readonly task_id: string;
  /** `generate`, or the action on a picture. */
  readonly action: string;
  /** The queue: `fast`, `relax` or `turbo`. */
  readonly mode: string;
  /** What it costs if it succeeds. */
  readonly price: number;
  /** How it stands. */
  readonly state: 'running' | 'succeeded' | 'failed' | (string & {});
  /** What was charged: the price after success, else 0. */
  readonly charged: number;
}

/** One request and its answer, without the token. */
export interface JournalEntry {
  /** Counts the requests of a run from 0. */
  readonly number: number;
  /** `GET`, `POST` … */
  readonly method: string;
  /** The path, and the query if there is one. */
  readonly path: string;
  /** The headers by their names in lower case; credentials are hidden. */
  readonly headers: Readonly<Record<string, string>>;
  /** The first 16 KiB of the body. */
  readonly body: string;
  /** The whole body's length in bytes. */
  readonly body_bytes: number;
  /** When the request had arrived in full, in Unix seconds. */
  readonly received_at: number;
  /** When the answer began, in Unix seconds. */
  readonly answered_at: number | null;
  /** The status of the answer, which a fault may have kept from the client. */
  readonly status: number | null;
  /** The faults that happened, as a prompt names them. */
  readonly faults: readonly string[];
  /** Whether the answer came from a script. */
  readonly scripted: boolean;
  /** Whether the client closed the connection before the answer was complete. */
  readonly abandoned: boolean;
}

/** Which requests a journal waits for. */
export interface JournalOptions extends SignalOption {
  /** Waits until so many have arrived. */
  readonly requests?: number | undefined;
  /** Waits until so many were abandoned by their clients. */
  readonly abandoned?: number | undefined;
  /** Counts only those of one path. */
  readonly path?: string | undefined;
  /** How long it waits at most, in seconds (10). */
  readonly waitSeconds?: number | undefined;
}

/** A rule that makes a fault happen. */
export interface FaultRule {
  /** The fault's name. */
  readonly fault: string;
  /** Its argument. */
  readonly arg?: number | string | undefined;
  /** How often it is still to happen; 0 means until the rules are cleared. */
  readonly times: number;
  /** The exact path of the requests that it happens to. */
  readonly path?: string | undefined;
}

/** When a fault happens. */
export interface FaultOptions {
  /** How often (1); 0 means until `clearFaults`. */
  readonly times?: number | undefined;
  /** The exact path of the requests that it happens to, instead of those that it is meant for. */
  readonly path?: string | undefined;
}

const OPTIONS = {
  port: 'port',
  speed: 'speed',
  seed: 'seed',
  tokens: 'tokens',
  moderatedWords: 'moderated_words',
  limits: 'limits',
  prices: 'prices',
  retainedTasks: 'retained_tasks',
  overlay: 'overlay',
  stateFolder: 'state_folder',
} as const satisfies Record<Exclude<keyof EmulatorOptions, 'signal'>, keyof EmulatorSettings>;

/** The running emulators: like any server, one does not end because the program has dropped its object. */
const running = new Set<NativeEmulator>();

/**
 * A running emulator of the API, on a thread of its own. It runs until it is stopped or the process ends, which it does not keep
 * alive.
 *
 * ```ts
 * await using emulator = await Emulator.start();
 * const client = new Client({ baseUrl: emulator.url, token: 'test' });
 * await emulator.addFault('cut_after_frame', 2);
 * await client.stream('A cat').result();
 * assert.equal((await emulator.ledger()).started, 1);
 * ```
 */
export class Emulator {
  /** The base URL, for a client: `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly #native: NativeEmulator;

  private constructor(native: NativeEmulator, url: string) {
    this.#native = native;
    this.url = url;
  }

  /**
   * Starts an emulator; it accepts connections when this resolves.
   *
   * @throws ConfigError - An option cannot be read, the port cannot be had, the folder cannot be written.
   */
  static async start(options: EmulatorOptions = {}): Promise<Emulator> {
    checked(options, [...Object.keys(OPTIONS), ...SIGNAL], wrongOption);
    const { limits, prices, stateFolder } = options;
    const given: Record<string, unknown> = {};
    for (const [name, wireName] of Object.entries(OPTIONS)) {
      given[wireName] = options[name as keyof typeof OPTIONS] ?? undefined;
    }
    if (limits) {
      const { inFlight, submissionsPerSecond, balance } = checked(limits, LIMITS, wrongOption);
      given[OPTIONS.limits] = { in_flight: inFlight, submissions_per_second: submissionsPerSecond, balance };
    }
    if (prices) {
      checked(prices, PRICES, wrongOption);
    }
    if (stateFolder instanceof URL) {
      given[OPTIONS.stateFolder] = fileURLToPath(stateFolder);
    }
    const text = json(given);
    const native = invoke((module) => new module.Emulator());
    const url = await call((_, into) => native.start(...into, text), { signal: options.signal });
    running.add(native);
    return new Emulator(native, url as string);
  }

  /** Gives the ledger: the submissions, the jobs that ran, the charges. */
  async ledger(): Promise<Ledger> {
    return (await this.#call({ ledger: {} })) as Ledger;
  }

  /**
   * Gives the newest thousand requests. With `requests` or `abandoned` it waits until so many have arrived, or were abandoned by
   * their clients, in all or on one `path`, for at most `waitSeconds`, and gives what there is then.
   */
  async journal(options: JournalOptions = {}): Promise<readonly JournalEntry[]> {
    const { requests, abandoned, path, waitSeconds, signal } = checked(options, JOURNAL);
    const isWaiting = requests !== undefined || abandoned !== undefined;
    const look = isWaiting ? { requests, abandoned, path, wait_seconds: waitSeconds } : {};
    return (await this.#call({ journal: look }, signal)) as JournalEntry[];
  }

  /** Gives the newest thousand callbacks, each with its tries, as the emulator's README describes them. */
  async deliveries(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.#call({ deliveries: {} })) as Record<string, unknown>[];
  }

  /** Gives speed, seed, clock, counts and limits. */
  async state(): Promise<Readonly<Record<string, unknown>>> {
    return (await this.#call({ state: {} })) as Record<string, unknown>;
  }

  /**
   * Makes a fault happen to coming requests.
   *
   * @param fault - Its name, such as `drop_after_accept`; the emulator's README lists them.
   * @param argument - Its argument, such as the 2 of `cut_after_frame:2`.
   * @throws InvalidRequestError - There is no such fault, or it takes another argument.
   */
  async addFault(fault: string, argument?: number | string, options: FaultOptions = {}): Promise<void> {
    const { times = 1, path } = checked(options, FAULT);
    await this.#call({ add_fault: { fault, arg: argument, times, path } });
  }

  /** Gives the rules in force, each with the times it is still to happen. */
  async faults(): Promise<readonly FaultRule[]> {
    return (await this.#call({ faults: {} })) as FaultRule[];
  }

  /** Forgets all rules. */
  async clearFaults(): Promise<void> {
    await this.#call({ clear_faults: {} });
  }

  /**
   * Queues literal answers, each for the next request of its path, ahead of rules and pictures. Their fields are in the
   * emulator's README.
   *
   * @throws InvalidRequestError - One of them cannot be given; then none is queued.
   */
  async script(replies: Iterable<Readonly<Record<string, unknown>>>): Promise<void> {
    await this.#call({ script: { replies: [...replies] } });
  }

  /** Sets what may still be spent; null lifts the limit. */
  async setBalance(balance: number | null): Promise<void> {
    await this.#call({ set_balance: { balance } });
  }

  /**
   * Moves the clock of a `virtual` emulator on; every step that falls due has been taken when this resolves.
   *
   * @throws InvalidRequestError - The emulator has another speed.
   */
  async clockAdvance(seconds: number): Promise<void> {
    await this.#call({ clock_advance: { seconds } });
  }

  /** Begins anew: tasks, ledger, rules and logs are forgotten, and a seeded run starts over. */
  async reset(): Promise<void> {
    await this.#call({ reset: {} });
  }

  /** Stops it; the port is free when this resolves. A second time does nothing. */
  async stop(): Promise<void> {
    running.delete(this.#native);
    await call((_, into) => this.#native.stop(...into));
  }

  /** Stops it at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Shows where it is. */
  toString(): string {
    return `Emulator(${this.url})`;
  }

  /** @internal */
  [INSPECT](): string {
    return this.toString();
  }

  #call(command: EmulatorCommand, signal?: AbortSignal): Promise<unknown> {
    const text = json(command);
    return call((_, into) => this.#native.call(...into, text), { signal });
  }
}

const LIMITS: readonly string[] = ['inFlight', 'submissionsPerSecond', 'balance'];
const PRICES: readonly string[] = ['generation', 'upscale'];
const JOURNAL: readonly string[] = ['requests', 'abandoned', 'path', 'waitSeconds', ...SIGNAL];
const FAULT: readonly string[] = ['times', 'path'];

function wrongOption(name: string, problem: string): ConfigError {
  return new ConfigError(`\`${name}\`: ${problem}`);
}
