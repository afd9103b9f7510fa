/**
 * The pictures under way: the state of each, and its listeners. It knows nothing of HTTP; the server is in `server.ts`.
 */
import { EventEmitter } from 'node:events';
import type { Client, Image } from 'midjourney-imagine';

/** The state of a picture, as the page gets it. */
export interface Status {
  /** In percent, never backwards. */
  readonly progress: number;
  readonly state: 'drawing' | 'finished' | 'failed';
}

interface Picture {
  status: Status;
  image?: Image;
  readonly changes: EventEmitter<{ change: [Status] }>;
}

export class Pictures {
  readonly #client: Client;
  readonly #all = new Map<string, Picture>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** Submits a prompt, and gives the id of its task. */
  async begin(prompt: string, callbackUrl: string): Promise<string> {
    const task = await this.#client.submit(prompt, { callbackUrl });
    this.#known(task.task_id);
    return task.task_id;
  }

  /**
   * Takes a callback. This client's submissions ask for every frame, so the service posts one for each. Callbacks are not signed,
   * may come twice, and may be lost, so they are only a hint to look the task up, which is free.
   */
  async heard(taskId: string): Promise<void> {
    const picture = this.#all.get(taskId);
    if (picture === undefined || picture.status.state !== 'drawing') {
      return;
    }
    const task = await this.#client.task(taskId);
    const state = task.state === 'succeeded' ? 'finished' : task.state === 'failed' ? 'failed' : 'drawing';
    if (state === 'finished' && task.image) {
      picture.image = task.image;
    }
    if (state !== 'drawing' || task.progress > picture.status.progress) {
      picture.status = { progress: task.progress, state };
      picture.changes.emit('change', picture.status);
    }
  }

  /** Whether it was begun here. */
  has(taskId: string): boolean {
    return this.#all.has(taskId);
  }

  /** The finished picture, as far as it is one. */
  image(taskId: string): Image | undefined {
    return this.#all.get(taskId)?.image;
  }

  /** Gives a picture's state, now and at each change, until it is finished or failed, or the signal is aborted. */
  async *follow(taskId: string, signal: AbortSignal): AsyncGenerator<Status> {
    const picture = this.#all.get(taskId);
    if (picture === undefined) {
      return;
    }
    // A page that comes late, or a callback that was lost.
    await this.heard(taskId);
    for (let seen: Status | undefined; !signal.aborted; ) {
      if (seen !== picture.status) {
        seen = picture.status;
        yield seen;
      } else if (seen.state !== 'drawing') {
        return;
      } else {
        await change(picture.changes, signal);
      }
    }
  }

  #known(taskId: string): void {
    this.#all.set(taskId, {
      status: { progress: 0, state: 'drawing' },
      changes: new EventEmitter<{ change: [Status] }>().setMaxListeners(0),
    });
  }
}

/** Waits for the next change, or for the signal. */
function change(changes: EventEmitter<{ change: [Status] }>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      changes.off('change', settle);
      signal.removeEventListener('abort', settle);
      resolve();
    };
    changes.once('change', settle);
    signal.addEventListener('abort', settle);
  });
}
