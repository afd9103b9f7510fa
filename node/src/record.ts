/**
 * What images, tasks, updates and their streams have in common: who makes them, data that never change, and text without secrets.
 */

/** The method that `console.log` calls; named here, so that the package's types do not need those of Node. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');

/**
 * Names the static method that makes an object of a class whose constructor is private: users get these objects from a client,
 * and the classes, each in a file of its own, make each other's. A symbol, so that no name of it is on the classes.
 */
export const MAKE: unique symbol = Symbol('make');

/** Freezes an object that was read from JSON, with all that is in it. */
export function frozen<T>(data: T): T {
  if (typeof data === 'object' && data !== null) {
    Object.values(data).forEach(frozen);
    Object.freeze(data);
  }
  return data;
}

/** Gives an object without what is null, which may be itself: to users, what is absent is not there. */
export function present<T extends object>(data: T): T {
  return Object.values(data).includes(null)
    ? (Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null)) as T)
    : data;
}

/** Shows an object by its class and some of its fields: ids and numbers, never URLs, which are signed, or prompts. */
export function shown<T extends object>(target: T, fields: readonly (keyof T & string)[]): string {
  const facts = fields.filter((field) => target[field] !== undefined);
  return `${target.constructor.name}(${facts.map((field) => `${field}: ${target[field]}`).join(', ')})`;
}
