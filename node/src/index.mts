/** The entry point of `import`: the same implementation as that of `require`, so that `instanceof` holds across both. */
export * from './index.js';
