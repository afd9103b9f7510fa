// Calls that are begun while the process ends, before and after the package has its own word in that.

import { Client } from 'midjourney-imagine';

const [url = ''] = process.argv.slice(2);
const client = new Client({ baseUrl: url, token: 'runtime-token' });

process.on('exit', () => {
  // This one begins at once, the others in a moment that may never come.
  client.task('an id').catch(() => {});
  client.submit('A cat').catch(() => {});
  client.imagine('A cat').catch(() => {});
  client
    .stream('A cat')
    .next()
    .catch(() => {});
  // Time for another thread to send them.
  const end = performance.now() + 50;
  while (performance.now() < end);
});
