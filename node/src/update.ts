/** One observed step of a running generation. The stream of them is in `updates.ts`. */
import { Image } from './image.js';
import type { UpdateData } from './models.js';
import type { NativeClient } from './native.js';
import { INSPECT, MAKE, present, shown } from './record.js';

/** One observed step of a running generation: none is invented, and progress never runs backwards. */
export class Update {
  /** The task, once the service has named it. */
  declare readonly task_id?: string | undefined;

  /** How far the picture is drawn, in percent (0 to 100). */
  declare readonly progress: number;

  /** The preview, which the service destroys when the picture is finished; in the last update the picture itself. */
  declare readonly image?: Image | undefined;

  /** Whether this is the last update. Exactly one is. */
  declare readonly done: boolean;

  private constructor(client: NativeClient, data: UpdateData) {
    const { image, ...facts } = present(data);
    Object.assign(this, facts);
    if (image) {
      this.image = Image[MAKE](client, image);
    }
    Object.freeze(this);
  }

  /** Its image goes on with the client. @internal */
  static [MAKE](client: NativeClient, data: UpdateData): Update {
    return new Update(client, data);
  }

  /** Gives the data under the wire's names. */
  toJSON(): UpdateData {
    return { ...this, ...(this.image && { image: this.image.toJSON() }) };
  }

  /** Shows the update without its URL, which is signed. */
  toString(): string {
    return shown(this, ['task_id', 'progress', 'done']);
  }

  /** @internal */
  [INSPECT](): string {
    return this.toString();
  }
}
