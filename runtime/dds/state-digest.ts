import { createHash, type Hash } from 'node:crypto';
import { BowechoError } from './errors.js';

/** A state nested deeper than this is likely to contain itself. */
const depthMax = 1000;

/**
 * The SHA-256 of a state: equal for states that are equal, however they came about. Of an object the order of its members does not count, of a
 * map or a set it does.
 * @throws BowechoError BE_STATE where something in it is no data
 */
export function digestOf(state: unknown): string {
  const hash = createHash('sha256');
  feed(hash, state, 'the state', 0);
  return hash.digest('hex');
}

function feed(hash: Hash, value: unknown, path: string, depth: number): void {
  if (depth > depthMax) throw notData(path, 'is nested too deeply, or contains itself');
  switch (typeof value) {
    case 'undefined':
    case 'boolean':
    case 'number':
    case 'bigint':
      // All NaNs are one; −0 is another number than 0.
      hash.update(`${typeof value} ${Object.is(value, -0) ? '-0' : String(value)};`);
      return;
    case 'string':
      hash.update(`string ${Buffer.byteLength(value)}:${value};`);
      return;
    case 'object':
      if (value === null) hash.update('null;');
      else feedObject(hash, value, path, depth + 1);
      return;
    default:
      throw notData(path, `is a ${typeof value}`);
  }
}

function feedObject(hash: Hash, value: object, path: string, depth: number): void {
  if (Array.isArray(value)) {
    hash.update(`array ${value.length}[`);
    value.forEach((item, i) => feed(hash, item, `${path}[${i}]`, depth));
    hash.update(']');
  } else if (value instanceof Map) {
    hash.update(`map ${value.size}{`);
    for (const [key, item] of value) {
      feed(hash, key, `a key of ${path}`, depth);
      feed(hash, item, `${path}.get(${String(key)})`, depth);
    }
    hash.update('}');
  } else if (value instanceof Set) {
    hash.update(`set ${value.size}{`);
    for (const item of value) feed(hash, item, `an element of ${path}`, depth);
    hash.update('}');
  } else if (value instanceof Date) {
    hash.update(`date ${value.getTime()};`);
  } else if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    hash.update(`${value.constructor.name} ${bytes.length}:`);
    hash.update(bytes);
  } else {
    feedMembers(hash, value as Record<string, unknown>, path, depth);
  }
}

function feedMembers(hash: Hash, value: Record<string, unknown>, path: string, depth: number): void {
  const prototype = Object.getPrototypeOf(value) as unknown;
  if (prototype !== Object.prototype && prototype !== null)
    throw notData(path, 'is an object of a class, which a snapshot would not keep');
  const names = Object.keys(value).sort();
  hash.update(`object ${names.length}{`);
  for (const name of names) {
    feed(hash, name, path, depth);
    feed(hash, value[name], `${path}.${name}`, depth);
  }
  hash.update('}');
}

function notData(path: string, what: string): BowechoError {
  return new BowechoError(
    'BE_STATE',
    `${path} ${what}: a replicated state consists of plain objects, arrays, maps, sets, dates, typed arrays, strings, numbers, bigints and booleans`,
  );
}
