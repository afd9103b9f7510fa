/** What images, tasks and updates have in common: data of the wire that never change, and showing themselves without secrets. */

/** What `console.log` calls; from here, so that the types of the package do not need those of Node. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');

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
