// A log that cannot be written. What fails there is the program's own to hear of; the calls have their answers.

import { Client, Emulator } from 'midjourney-imagine';

process.stderr.write = () => {
  throw new Error('the disk is full');
};
const heard = new Set<string>();
process.on('uncaughtException', ({ message }) => heard.add(message));

async function main(): Promise<void> {
  const emulator = await Emulator.start();
  const client = new Client({ baseUrl: emulator.url, token: 'runtime-token', pollInterval: 0.05 });
  const calls = Promise.all([client.submit('A cat'), client.submit('A dog')]);
  await new Promise(setImmediate);
  // Nothing is heard meanwhile, so that what the log has to tell and the answers arrive in one batch.
  const end = performance.now() + 500;
  while (performance.now() < end);
  const { length } = await calls;
  await emulator.stop();
  console.log(length, ...heard);
}

void main();
