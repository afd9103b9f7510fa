/** What `import 'midjourney-imagine'` gives: the same implementation, so that `instanceof` holds across both doors. */
export * from './index.js';
