// What the tests of the runtime share: an emulator whose answers can be held back, and clients of it.

import assert from 'node:assert/strict';

import { Client, type ClientOptions, Emulator } from 'midjourney-imagine';

import { PATIENCE } from './program.js';

const IMAGINE = '/midjourney/imagine';
export const TASKS = '/midjourney/tasks';

/** An emulator, and clients of it. */
export class Service {
  private constructor(readonly emulator: Emulator) {}

  static async start(options?: Parameters<typeof Emulator.start>[0]): Promise<Service> {
    return new Service(await Emulator.start(options));
  }

  client(options: ClientOptions = {}): Client {
    return new Client({ baseUrl: this.emulator.url, token: 'runtime-token', pollInterval: 0.05, ...options });
  }

  /** Answers the next requests of a path with these frames, and then stays silent on the open connection. */
  async hold({ times = 1, lines = [] as object[], path = IMAGINE } = {}): Promise<void> {
    await this.emulator.script(Array(times).fill({ path, lines, then: 'hold' }));
  }

  /** Waits until so many requests of a path have come, and so many of them were left by their client. */
  async journal({ requests = 0, abandoned = 0, path = IMAGINE }): Promise<void> {
    const entries = await this.emulator.journal({ requests, abandoned, path, waitSeconds: PATIENCE });
    const ofPath = entries.filter((entry) => entry.path === path);
    assert.ok(ofPath.length >= requests, `${ofPath.length} requests of ${path}`);
    const left = ofPath.filter((entry) => entry.abandoned).length;
    assert.ok(left >= abandoned, `${left} left requests of ${path}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.emulator.stop();
  }
}

/** A frame of a stream, as the service sends it. */
export function frame(progress: number): object {
  return {
    success: true,
    task_id: '11111111-2222-3333-4444-555555555555',
    image_id: String(1000 + progress),
    image_url: 'http://127.0.0.1:9/picture.webp',
    progress,
  };
}
