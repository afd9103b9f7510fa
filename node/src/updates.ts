/// <reference lib="esnext.disposable" preserve="true" />
/** The updates of one generation, as they come. One of them is in `update.ts`. */
import { whenAborted } from './abort.js';
import { call, invoke } from './calls.js';
import type { StreamCommand } from './commands.js';
import type { Image } from './image.js';
import type { UpdateData } from './models.js';
import type { NativeClient, NativeStream } from './native.js';
import { json } from './options.js';
import { INSPECT, MAKE } from './record.js';
import { Update } from './update.js';

/**
 * The updates of one generation, as they come. Nothing is sent before the first is asked for, and a request that is refused
 * rejects only then. Leaving a `for await` before its end, by `break` or by an error, ends the exchange at once, as `close` and
 * the end of an `await using` block do; the task goes on at the service.
 *
 * ```ts
 * for await (const update of client.stream('A lighthouse')) {
 *   console.log(update.progress, update.image?.image_url);
 * }
 * ```
 */
export class Updates implements AsyncIterableIterator<Update> {
  readonly #client: NativeClient;
  readonly #signal: AbortSignal | undefined;
  readonly #asked: () => Promise<StreamCommand>;
  // A generator, because it queues calls of `next` that come before the last is answered.
  readonly #steps: AsyncGenerator<Update, undefined>;
  #stream: NativeStream | undefined;
  #isClosed = false;
  #image: Image | undefined;
  #failure: { readonly reason: unknown } | undefined;

  private constructor(
    client: NativeClient,
    signal: AbortSignal | undefined,
    asked: () => Promise<StreamCommand>,
  ) {
    this.#client = client;
    this.#signal = signal;
    this.#asked = asked;
    this.#steps = this.#pull();
  }

  /** Makes a stream that begins with what `asked` gives when the first update is asked for. @internal */
  static [MAKE](
    client: NativeClient,
    signal: AbortSignal | undefined,
    asked: () => Promise<StreamCommand>,
  ): Updates {
    return new Updates(client, signal, asked);
  }

  /** The task's id, once the service has named it. */
  get taskId(): string | undefined {
    return this.#stream?.taskId ?? undefined;
  }

  /**
   * Waits for the next update. Asking again before the answer is allowed; the answers come in order.
   *
   * @throws MidjourneyError - As `Client.imagine`; the signal's reason when it is aborted.
   */
  next(): Promise<IteratorResult<Update, undefined>> {
    return this.#steps.next();
  }

  /** Ends the exchange, as `close` does: called by a `for await` that ends early. */
  return(): Promise<IteratorResult<Update, undefined>> {
    this.close();
    return this.#steps.return(undefined);
  }

  /**
   * Reads to the end, and gives the finished picture. A second call gives the same.
   *
   * @throws MidjourneyError - As `next`. A plain `Error` when the stream was closed before its end.
   */
  async result(): Promise<Image> {
    for await (const _ of this.#steps) {
      // The last one sets the image.
    }
    if (this.#failure !== undefined) {
      throw this.#failure.reason;
    }
    if (this.#image === undefined) {
      throw new Error(
        'the stream was closed before the picture was finished; `client.task(updates.taskId)` finds the task',
      );
    }
    return this.#image;
  }

  /** Ends the exchange at once; the task goes on at the service. A pending `next` resolves as done. */
  close(): void {
    this.#isClosed = true;
    this.#stream?.close();
  }

  /** Gives itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends the exchange at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** Shows the task. */
  toString(): string {
    return `Updates(${this.taskId === undefined ? '' : `taskId: ${this.taskId}`})`;
  }

  /** @internal */
  [INSPECT](): string {
    return this.toString();
  }

  async *#pull(): AsyncGenerator<Update, undefined> {
    let settle = () => {};
    try {
      const asked = this.#isClosed ? undefined : await this.#asked();
      if (asked === undefined || this.#isClosed) {
        return;
      }
      const command = json(asked);
      const stream = invoke(() => this.#client.stream(command));
      this.#stream = stream;
      settle = closedOnAbort(stream, this.#signal);
      for (;;) {
        const data = await call((_, into) => stream.pull(...into), { signal: this.#signal });
        if (data === null) {
          return;
        }
        const update = Update[MAKE](this.#client, data as UpdateData);
        if (update.done) {
          this.#image = update.image;
        }
        yield update;
        // A signal that is aborted after the last update takes no picture away.
        if (update.done) {
          return;
        }
      }
    } catch (reason) {
      this.#failure = { reason };
      throw reason;
    } finally {
      settle();
      this.close();
    }
  }
}

/**
 * Ends the exchange on abort also while no update is asked for. A stream that the program has dropped can be collected all the
 * same, which ends its exchange.
 */
function closedOnAbort(stream: NativeStream, signal: AbortSignal | undefined): () => void {
  // An aborted one rejects the first pull, which closes the stream.
  if (signal === undefined || signal.aborted) {
    return () => {};
  }
  const weak = new WeakRef(stream);
  return whenAborted(signal, () => weak.deref()?.close());
}
