/** `Client`, which sends. The functions of the package, on a client made from the environment, are in `default.ts`. */
import { readFileSync } from 'node:fs';

import { ask, invoke } from './calls.js';
import type { ClientSettings, Generation } from './commands.js';
import { ConfigError } from './errors.js';
import { refusal } from './failure.js';
import { finished, Image, submitted } from './image.js';
import type { ImageData, TaskData } from './models.js';
import type { Inspected, NativeClient } from './native.js';
import {
  checked,
  GENERATION,
  type GenerationOptions,
  generation,
  json,
  own,
  type ProgressOption,
  SIGNAL,
  type SignalOption,
  snapshot,
  WATCHED,
} from './options.js';
import { INSPECT, MAKE } from './record.js';
import { Task } from './task.js';
import type { Update } from './update.js';
import { Updates } from './updates.js';

/**
 * A client's settings. What is left out comes from the environment (`ACEDATACLOUD_API_TOKEN`, `ACEDATACLOUD_API_BASE_URL`) or
 * has the default named here.
 */
export interface ClientOptions {
  /** The API token, with or without a leading `Bearer`. */
  readonly token?: string | undefined;

  /** Where the API is; a path is kept as a prefix. Default: `https://api.acedata.cloud`. */
  readonly baseUrl?: string | undefined;

  /**
   * How long a whole call may take, in seconds. Default: the service's own `timeout` (480 s unless the request says otherwise)
   * and a minute.
   */
  readonly deadline?: number | undefined;

  /** How long one attempt may take to connect, in seconds. Default: 10. */
  readonly connectTimeout?: number | undefined;

  /** How often a request is tried again that was not sent, was refused with 429, or is free. Default: 4. */
  readonly maxRetries?: number | undefined;

  /**
   * How often running tasks are polled, in seconds; one poll serves all of a client. Default: 2, and 1 while one of them is nearly
   * done (60 % and more, or an upscale).
   */
  readonly pollInterval?: number | undefined;

  /** Send a paid request again after a 500 `api_error`. Default: false. */
  readonly retryServerErrors?: boolean | undefined;

  /** The proxy for every request: `http://`, `https://` or `socks5://`. Default: the environment's. */
  readonly proxy?: string | undefined;

  /** Certificates to trust beside the machine's: PEM text, its bytes, or the path of a PEM file, which is read at once. */
  readonly caCertificates?: string | URL | Uint8Array | undefined;

  /** Your application's name, which then opens the `User-Agent` header. */
  readonly appName?: string | undefined;
}

/** What an image can be brought back from: its id, its JSON as text or parsed, or an image of any client. */
export type ImageSource = string | ImageData | Image;

const SETTINGS = {
  token: 'token',
  baseUrl: 'base_url',
  deadline: 'deadline',
  connectTimeout: 'connect_timeout',
  maxRetries: 'max_retries',
  pollInterval: 'poll_interval',
  retryServerErrors: 'retry_server_errors',
  proxy: 'proxy',
  caCertificates: 'ca_certificates',
  appName: 'app_name',
} as const satisfies Record<keyof ClientOptions, keyof ClientSettings>;

/**
 * Sends requests to the API. One client serves a whole program, and one poll serves all tasks that wait on it. It holds nothing
 * that has to be closed, and does not keep a process alive.
 *
 * ```ts
 * const client = new Client();
 * const grid = await client.imagine('A cat sitting on a table');
 * const cat = await grid.upscale(2);
 * await cat.save('cat.png');
 * ```
 */
export class Client {
  readonly #native: NativeClient;

  /**
   * Makes a client. Nothing is sent.
   *
   * @throws ConfigError - There is no token, or a setting has an impossible value; the message names it.
   */
  constructor(options: ClientOptions = {}) {
    const given = own(checked(options, Object.keys(SETTINGS), wrongSetting));
    const settings: Record<string, unknown> = own({});
    for (const [name, wireName] of Object.entries(SETTINGS)) {
      settings[wireName] = given[name as keyof ClientOptions] ?? undefined;
    }
    if (given.caCertificates) {
      settings[SETTINGS.caCertificates] = pem(given.caCertificates);
    }
    const text = json(settings, (wireName, problem) => {
      const name = Object.entries(SETTINGS).find(([, known]) => known === wireName)?.[0];
      return wrongSetting(name ?? wireName, problem);
    });
    this.#native = invoke((native) => new native.Client(text));
  }

  /** The base URL in force, whether an argument, the environment or the default set it. */
  get baseUrl(): string {
    return this.#native.baseUrl;
  }

  /**
   * Draws a 2×2 grid from a prompt and waits for it, about a minute.
   *
   * @param prompt - What to draw, in English unless `translation`; flags such as `--ar 16:9` and up to five leading image URLs are
   * part of it.
   * @throws InvalidRequestError - Refused here, before anything was sent.
   * @throws OutcomeUnknownError - The request left and no usable answer came; it may have been paid for.
   * @throws DeadlineError - The deadline passed; `taskId` names the task where it is known.
   * @throws MidjourneyError - Any other of its classes; `mayHaveBeenAccepted` says whether it may have been paid for.
   */
  async imagine(prompt: string, options: GenerationOptions & ProgressOption<Update> = {}): Promise<Image> {
    const asked = await this.#asked(prompt, options, WATCHED);
    return finished(this.#native, { imagine: asked }, options);
  }

  /**
   * Draws a 2×2 grid and gives every frame as it is drawn. Nothing is sent before the first update is asked for. Leaving the loop
   * ends the exchange; the task goes on at the service.
   *
   * ```ts
   * for await (const update of client.stream('A lighthouse')) {
   *   console.log(update.progress, update.image);
   * }
   * ```
   *
   * The updates reject with what `imagine` rejects with.
   */
  stream(prompt: string, options: GenerationOptions = {}): Updates {
    const asked = snapshot(options);
    return Updates[MAKE](this.#native, options?.signal, async () => ({
      generation: await this.#asked(prompt, asked),
    }));
  }

  /**
   * Submits a 2×2 grid and gives its task as soon as the service has named it.
   *
   * @throws MidjourneyError - As `imagine`.
   */
  async submit(prompt: string, options: GenerationOptions = {}): Promise<Task> {
    return submitted(this.#native, await this.#asked(prompt, options), options);
  }

  /**
   * Looks a task up, by its id or by the trace id of an error or an answer. Free of charge.
   *
   * @throws NotFoundError - The service knows no such task; right after a submission it may not know it yet.
   * @throws MidjourneyError - `AuthenticationError`, `RateLimitError`, `ServerError`, `NotSentError`, `DecodeError` or
   * `DeadlineError`.
   */
  async task(task: string | { readonly traceId: string }, options: SignalOption = {}): Promise<Task> {
    checked(options, SIGNAL);
    const asked = typeof task === 'string' ? { id: task } : { trace_id: task?.traceId };
    const data = await ask(this.#native, { task: asked }, options);
    return Task[MAKE](this.#native, data as TaskData);
  }

  /**
   * Looks tasks up, in the order asked, with `null` in the place of one that the service does not know. Free of charge.
   *
   * @throws MidjourneyError - As `task`, but for `NotFoundError`.
   */
  async tasks(taskIds: Iterable<string>, options: SignalOption = {}): Promise<(Task | null)[]> {
    checked(options, SIGNAL);
    if (typeof taskIds === 'string') {
      throw refusal('taskIds', 'they are a list; `task` looks one up');
    }
    const found = await ask(this.#native, { tasks: { ids: [...taskIds] } }, options);
    return (found as (TaskData | null)[]).map((data) => data && Task[MAKE](this.#native, data));
  }

  /**
   * Gives a picture made earlier, from its id, from its JSON, or from another client. Nothing is sent. From an id alone everything
   * but `image_id` is absent, and every action is offered.
   *
   * @throws InvalidRequestError - It is none of these.
   */
  image(image: ImageSource): Image {
    if (image === '') {
      throw refusal('image', 'an id is not empty');
    }
    if (typeof image === 'string' && !image.trimStart().startsWith('{')) {
      return Image[MAKE](this.#native, { image_id: image });
    }
    if (typeof image !== 'string' && (typeof image !== 'object' || image === null)) {
      throw refusal('image', 'it is an id, the JSON of an image, or an image');
    }
    const id: unknown = typeof image === 'string' ? undefined : image.image_id;
    if (typeof id === 'number' && !Number.isSafeInteger(id)) {
      throw refusal('image_id', 'as a number it has lost its last digits; pass the JSON as text');
    }
    const text = typeof image === 'string' ? image : json(image instanceof Image ? image.toJSON() : image);
    const inspected: Inspected = JSON.parse(invoke((native) => native.inspect(text)));
    return Image[MAKE](this.#native, inspected.image);
  }

  /** Shows the base URL, and no secret. */
  toString(): string {
    return `Client(${this.baseUrl})`;
  }

  /** @internal */
  [INSPECT](): string {
    return this.toString();
  }

  async #asked(
    prompt: string,
    options: GenerationOptions,
    more: readonly string[] = [],
  ): Promise<Generation> {
    checked(options, [...GENERATION, ...more]);
    if (options.signal?.aborted) {
      throw options.signal.reason;
    }
    return generation({ ...options, prompt });
  }
}

/** Reads PEM text: given as such, or in a file. */
function pem(source: string | URL | Uint8Array): string {
  if (typeof source === 'string' && source.includes('-----BEGIN')) {
    return source;
  }
  try {
    return Buffer.from(
      typeof source === 'string' || source instanceof URL ? readFileSync(source) : source,
    ).toString('latin1');
  } catch (error) {
    // The path stays out of the error, and so does the cause, which repeats it: it may be a secret in the wrong argument.
    const { code = 'it is no path' } = error as NodeJS.ErrnoException;
    throw wrongSetting('caCertificates', `the file cannot be read: ${code}`);
  }
}

function wrongSetting(name: string, problem: string): ConfigError {
  return new ConfigError(`\`${name}\`: ${problem}`);
}
