/**
 * A server that draws what a page asks for: `npm run example`. It submits with a callback, sends the page the progress as
 * server-sent events, and serves the picture. Without `ACEDATACLOUD_API_TOKEN` it uses an emulator, and costs nothing.
 *
 * The service posts its callbacks to `PUBLIC_URL`, which it must be able to reach; the emulator reaches this machine.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express, { type ErrorRequestHandler } from 'express';
import { Client, Emulator, MidjourneyError } from 'midjourney-imagine';

import { Pictures } from './pictures.js';

/** The page lies beside the source, not beside what was compiled. */
const PAGE = join(__dirname.replace(/([\\/])build[\\/]/, '$1'), 'page.html');

/** Starts the server, and gives it with its own URL. */
export async function start(client: Client, port = 0): Promise<{ server: Server; url: string }> {
  const pictures = new Pictures(client);
  const app = express();
  const server = createServer(app).listen(port);
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // A path that cannot be guessed. It is no proof of the sender: see `Pictures.heard`.
  const callbacks = `/callbacks/${randomUUID()}`;
  const callbackUrl = `${process.env.PUBLIC_URL ?? url}${callbacks}`;

  app.get('/', (_, response) => response.sendFile(PAGE));

  app.post('/pictures', express.urlencoded(), async (request, response) => {
    const taskId = await pictures.begin(String(request.body?.prompt ?? ''), callbackUrl);
    response.status(202).json({ task_id: taskId });
  });

  app.post(callbacks, express.json(), async (request, response) => {
    await pictures.heard(String(request.body?.task_id));
    response.end();
  });

  app.get('/pictures/:taskId/events', async (request, response) => {
    if (!pictures.has(request.params.taskId)) {
      response.sendStatus(404);
      return;
    }
    const closed = new AbortController();
    response.on('close', () => closed.abort());
    response.type('text/event-stream').set('cache-control', 'no-store').flushHeaders();
    for await (const status of pictures.follow(request.params.taskId, closed.signal)) {
      response.write(`data: ${JSON.stringify(status)}\n\n`);
    }
    response.end();
  });

  app.get('/pictures/:taskId/image', async (request, response) => {
    const image = pictures.image(request.params.taskId);
    if (image === undefined) {
      response.status(404).json({ error: 'there is no such picture' });
      return;
    }
    response.type('png');
    await pipeline(Readable.fromWeb(image.readable()), response);
  });

  app.use(failed);
  return { server, url };
}

/** What went wrong, in words that may be shown: they never hold the token, a prompt or a signed URL. */
const failed: ErrorRequestHandler = (error, _, response, next) => {
  if (response.headersSent || !(error instanceof MidjourneyError)) {
    next(error);
    return;
  }
  response.status(error.kind === 'invalid_request' ? 400 : 502).json({ error: error.message });
};

async function main(): Promise<void> {
  const isReal = process.env.ACEDATACLOUD_API_TOKEN !== undefined;
  const client = isReal
    ? new Client({ appName: 'express-example' })
    : new Client({ baseUrl: (await Emulator.start({ speed: 'fast' })).url, token: 'any' });
  const { url } = await start(client, Number(process.env.PORT ?? 3000));
  console.log(`${url} draws with ${isReal ? 'the service, which is paid for' : 'an emulator'}`);
}

if (require.main === module) {
  void main();
}
