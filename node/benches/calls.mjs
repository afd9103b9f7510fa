/**
 * Calls per second and processor time of this package beside `fetch` and `undici.request`, which do the same exchange, in one run.
 *
 * Each call submits a generation and reads the task's id from the answer. The service is an emulator in a process of its own, so
 * that its work is not counted; it shares the machine, so trust the processor seconds and the ratios most.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { Client, Emulator } from 'midjourney-imagine';
import { Agent, request } from 'undici';

const ROUNDS = 5;
const AT_ONCE = 64;
const PATH = '/midjourney/imagine';
const HEADERS = {
  authorization: 'Bearer bench-token',
  accept: 'application/x-ndjson',
  'content-type': 'application/json',
};
const BODY = JSON.stringify({ prompt: 'A cat', async: true });

/** What is compared: a name, how many calls a round has, and what makes the call. */
function contenders(url) {
  const dispatcher = new Agent({ connections: AT_ONCE });
  const client = new Client({ baseUrl: url, token: 'bench-token' });
  return [
    [
      'fetch',
      3000,
      async () => {
        const answer = await fetch(url + PATH, { method: 'POST', headers: HEADERS, body: BODY });
        return (await answer.json()).task_id;
      },
    ],
    [
      'undici.request',
      10_000,
      async () => {
        const { body } = await request(url + PATH, {
          method: 'POST',
          headers: HEADERS,
          body: BODY,
          dispatcher,
        });
        return (await body.json()).task_id;
      },
    ],
    ['this package', 10_000, async () => (await client.submit('A cat')).task_id],
  ];
}

async function atOnce(calls, call) {
  let left = calls;
  const work = async () => {
    while (left-- > 0) {
      if (typeof (await call()) !== 'string') {
        throw new Error('an answer names no task');
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** Calls per second, and processor seconds per 10,000 calls. */
async function measure(calls, call) {
  const began = performance.now();
  const used = process.cpuUsage();
  await atOnce(calls, call);
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(used);
  return [calls / seconds, ((user + system) / 1e6 / calls) * 10_000];
}

function median(numbers) {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)];
}

async function serve() {
  const emulator = await Emulator.start();
  console.log(emulator.url);
  // A running emulator keeps no process alive; the one who started this one does, until it closes the pipe.
  process.stdin.resume();
}

async function main() {
  const service = spawn(process.execPath, [fileURLToPath(import.meta.url), 'serve'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [url] = await once(service.stdout.setEncoding('utf8'), 'data');
  const compared = contenders(url.trim());
  const figures = new Map(compared.map(([name]) => [name, []]));
  for (const [, , call] of compared) {
    // Connections, and the compiler's first look at the code.
    await measure(AT_ONCE * 4, call);
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, calls, call] of compared) {
      figures.get(name).push(await measure(calls, call));
    }
  }
  console.log(
    `${AT_ONCE} calls at once, median of ${ROUNDS} interleaved rounds, Node ${process.versions.node}`,
  );
  console.log(`${''.padEnd(28)} ${'calls/s'.padStart(9)} ${'CPU s per 10,000'.padStart(18)}`);
  for (const [name, rounds] of figures) {
    const rate = median(rounds.map(([rate]) => rate));
    const processor = median(rounds.map(([, processor]) => processor));
    console.log(`${name.padEnd(28)} ${rate.toFixed(0).padStart(9)} ${processor.toFixed(2).padStart(18)}`);
  }
  service.stdin.end();
  process.exit();
}

await (process.argv[2] === 'serve' ? serve() : main());
