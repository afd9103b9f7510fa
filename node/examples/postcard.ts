/** A small module of an application: the picture of a postcard. Its tests are in `node-test/` and `vitest/`. */
import { type Client, type Image, MidjourneyError } from 'midjourney-imagine';

/** Draws a postcard and gives the file's content. A failure that may have cost something is picked up, not repeated. */
export async function postcard(client: Client, place: string): Promise<Uint8Array> {
  const grid = await drawn(client, `A postcard of ${place}, watercolour`);
  const picture = await grid.upscale(1);
  return picture.bytes();
}

async function drawn(client: Client, prompt: string): Promise<Image> {
  try {
    return await client.imagine(prompt, { deadline: 300 });
  } catch (error) {
    if (error instanceof MidjourneyError && error.mayHaveBeenAccepted && error.taskId) {
      const task = await client.task(error.taskId);
      return task.wait();
    }
    throw error;
  }
}
