// Begins a call, and leaves it to Node to keep the process alive until it is answered.

import { Client } from 'midjourney-imagine';

const client = new Client({ baseUrl: process.argv[2], token: 'runtime-token', pollInterval: 0.05 });
client.imagine('A cat').then((image) => console.log(image.progress));
