// Has everything at hand that must not keep a process alive: finished, failed and aborted calls, an idle stream, an emulator.

import { Client, Emulator } from 'midjourney-imagine';

async function main(): Promise<void> {
  const emulator = await Emulator.start();
  await emulator.script([
    { path: '/midjourney/imagine', lines: [{ success: true, task_id: 'a', progress: 5 }], then: 'hold' },
    { path: '/midjourney/imagine', lines: [], then: 'hold' },
  ]);
  const client = new Client({ baseUrl: emulator.url, token: 'runtime-token', pollInterval: 0.05 });

  const idle = client.stream('A cat');
  await idle.next();

  const controller = new AbortController();
  const aborted = client.imagine('A cat', { signal: controller.signal });
  await emulator.journal({ requests: 2 });
  controller.abort();
  await aborted.catch(() => {});

  await client.task('unknown').catch(() => {});
  const image = await client.imagine('A cat');
  console.log(image.progress, idle.taskId);
}

main();
