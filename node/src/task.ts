/** One generation as it was last seen, with the client to look it up again. */
import { call } from './calls.js';
import type { MidjourneyError } from './errors.js';
import { fromPayload } from './failure.js';
import { finished, Image } from './image.js';
import type { TaskData } from './models.js';
import type { NativeClient } from './native.js';
import {
  checked,
  DEADLINE,
  type DeadlineOption,
  json,
  type ProgressOption,
  SIGNAL,
  type SignalOption,
  WATCHED,
} from './options.js';
import { frozen, INSPECT, MAKE, present, shown } from './record.js';
import type { Update } from './update.js';
import { Updates } from './updates.js';

export interface Task extends Readonly<Omit<TaskData, 'image' | 'error'>> {}

/**
 * One generation as it was last seen, running or finished; `refresh` looks it up again. The data have the names of the wire and cannot
 * be changed. Times are seconds since 1970 (UTC), durations are seconds.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the fields are generated, and the constructor copies them
export class Task {
  readonly #client: NativeClient;
  readonly #data: TaskData;

  /** The finished picture, or the latest preview of an unfinished one. */
  declare readonly image?: Image | undefined;

  /** Why the task failed. */
  declare readonly error?: MidjourneyError | undefined;

  private constructor(client: NativeClient, data: TaskData) {
    this.#client = client;
    this.#data = frozen(present(data));
    const { image, error, ...facts } = this.#data;
    Object.assign(this, facts);
    if (image) {
      this.image = Image[MAKE](client, image);
    }
    if (error) {
      this.error = fromPayload(error);
    }
    Object.freeze(this);
  }

  /** Takes the data over: they are frozen. @internal */
  static [MAKE](client: NativeClient, data: TaskData): Task {
    return new Task(client, data);
  }

  /**
   * Waits until the task is finished. One poll serves all tasks that wait on one client; polling is free.
   *
   * @throws TaskFailedError - The task failed; or another class, where the service's code says more.
   * @throws OutcomeUnknownError - The service has not known the task for 30 s.
   * @throws DeadlineError - The deadline passed; the task goes on.
   */
  async wait(options: DeadlineOption & ProgressOption<Update> = {}): Promise<Image> {
    checked(options, [...DEADLINE, ...WATCHED]);
    return finished(this.#client, 'wait', this.#watched(options), options);
  }

  /** Gives the updates that polling sees from now on, until the task is finished. */
  stream(options: DeadlineOption = {}): Updates {
    return Updates[MAKE](this.#client, options.signal, async () => this.#watched(checked(options, DEADLINE)));
  }

  /**
   * Looks the task up again, and gives it as it is now.
   *
   * @throws MidjourneyError - As `Client.task`.
   */
  async refresh(options: SignalOption = {}): Promise<Task> {
    checked(options, SIGNAL);
    const asked = json({ id: this.task_id });
    const data = await call((_, into) => this.#client.call(...into, 'task', asked), options);
    return new Task(this.#client, data as TaskData);
  }

  /** Gives the data under the wire's names. */
  toJSON(): TaskData {
    return this.#data;
  }

  /** Shows the task without its prompt and URLs. */
  toString(): string {
    return shown(this, ['task_id', 'state', 'progress']);
  }

  /** @internal */
  [INSPECT](): string {
    return this.toString();
  }

  #watched({ deadline }: DeadlineOption): string {
    return json({ task: this.#data, deadline });
  }
}
