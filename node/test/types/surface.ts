/** What the types promise: this file need only compile. What must not compile says so. */
import {
  type ActionOptions,
  Client,
  type ErrorKind,
  type GenerationOptions,
  type Image,
  type ImageData,
  type ImagineOptions,
  type MidjourneyError,
  type Mode,
  RateLimitError,
  type RegionOptions,
  type Task,
  type TaskState,
  type Update,
  type Updates,
  upscale,
} from 'midjourney-imagine';

type Equal<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;

function holds<_ extends true>(): void {}

export async function uses(client: Client, image: Image, task: Task, undecided: boolean): Promise<void> {
  // Options are the generated ones and those of every call, everywhere the same.
  holds<Equal<keyof RegionOptions, keyof ImagineOptions | 'extra' | 'deadline' | 'signal'>>();
  holds<Equal<keyof GenerationOptions, keyof RegionOptions | 'mask'>>();
  holds<Equal<keyof ActionOptions, keyof GenerationOptions | 'prompt'>>();

  // What comes back.
  holds<Equal<Awaited<ReturnType<Client['imagine']>>, Image>>();
  holds<Equal<Awaited<ReturnType<Client['submit']>>, Task>>();
  holds<Equal<Awaited<ReturnType<Client['tasks']>>, (Task | null)[]>>();
  holds<Equal<Awaited<ReturnType<Image['save']>>, string>>();
  holds<Equal<Task['state'], TaskState>>();
  holds<Equal<Task['image'], Image | undefined>>();
  holds<Equal<Task['error'], MidjourneyError | undefined>>();
  holds<Equal<Update['image'], Image | undefined>>();
  holds<Equal<Image['expires_at'], Date | undefined>>();
  for await (const update of client.stream('A cat')) {
    holds<Equal<typeof update, Update>>();
  }
  new Blob([await image.bytes()]);
  await new Response(image.readable()).blob();
  for await (const update of image.stream('upscale1', { mode: 'fast' })) {
    holds<Equal<typeof update, Update>>();
  }
  const updates = client.stream('A cat');
  holds<Equal<Awaited<ReturnType<typeof updates.result>>, Image>>();
  holds<Equal<typeof updates.taskId, string | undefined>>();
  const data: ImageData = image;
  await upscale(data, 1);
  await upscale(image.image_id, 1);

  // Unions stay open: new words pass, known ones are offered.
  const mode: Mode = 'fast';
  await client.imagine('A cat', { mode: 'a mode of next year' });
  await client.imagine('A cat', { mode });
  // @ts-expect-error: a mode is text
  await client.imagine('A cat', { mode: 1 });

  // An option may be undefined, also under `exactOptionalPropertyTypes`.
  await client.imagine('A cat', {
    hd: undecided ? true : undefined,
    signal: undefined,
    onProgress: undecided ? (update) => update.done : undefined,
  });

  // @ts-expect-error: a misspelt option
  await client.imagine('A cat', { splitimages: true });
  // @ts-expect-error: the wire's name of an option
  await client.imagine('A cat', { split_images: true });
  // @ts-expect-error: what is not waited for makes no progress
  await client.submit('A cat', { onProgress() {} });
  // @ts-expect-error: a misspelt setting
  new Client({ baseURL: 'https://gateway.example' });
  // @ts-expect-error: the version is text
  await client.imagine('A cat', { version: 7 });
  // @ts-expect-error: the controller in the place of its signal
  await client.imagine('A cat', { signal: new AbortController() });
  // @ts-expect-error: a grid has four quadrants
  await image.upscale(5);
  // @ts-expect-error: there are two factors
  await image.zoomOut(3);
  // @ts-expect-error: there are four directions
  await image.pan('north');
  // @ts-expect-error: mask and prompt of a region are arguments
  await image.variationRegion('mask.png', 'A hat', { prompt: 'A coat' });
  // @ts-expect-error: an image has no such field
  image.imageId;
  // @ts-expect-error: data do not change
  image.image_id = '1';
  // @ts-expect-error: nor do lists in them
  image.actions?.push('upscale1');
  // @ts-expect-error: images come from clients
  new (image.constructor as typeof Image)();
  // @ts-expect-error: and tasks
  new (task.constructor as typeof Task)();
  // @ts-expect-error: and streams of updates
  new (updates.constructor as typeof Updates)();
  // @ts-expect-error: and updates from streams
  new (({}) as typeof Update)();
  // @ts-expect-error: a stream is of an action; the picture's bytes are `readable`
  image.stream();

  // The kind tells the class apart, and every kind can be handled.
  const error: MidjourneyError | undefined = task.error;
  if (error instanceof RateLimitError) {
    holds<Equal<typeof error.kind, 'rate_limit'>>();
  }
  const kind: ErrorKind | undefined = error?.kind;
  // @ts-expect-error: no such kind
  kind === 'rate_limited';
}
