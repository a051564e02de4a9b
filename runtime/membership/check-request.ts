import type { Change, RequestItem } from './view.js';

const ringBytesMax = 2 ** 30;

/** Whether `value`, parsed from another member's memory, is something that a correct member asks for. */
export function isRequestItem(value: unknown): value is RequestItem {
  if (!isObject(value)) return false;
  switch (value.op) {
    case 'open':
      return isEndpoint(value.endpoint) && isTerms(value.terms);
    case 'close':
    case 'whole':
      return Number.isSafeInteger(value.endpoint);
    case 'join':
      return Number.isSafeInteger(value.member) && value.info !== undefined;
    case 'grow':
      return (
        typeof value.topic === 'string' && Number.isSafeInteger(value.epoch) && isRingBytes(value.ringBytes)
      );
    case 'keep':
      return typeof value.disk === 'string';
    case 'leave':
      return true;
    default:
      return false;
  }
}

/** Whether `value`, parsed from another member's log, is a change that a correct leader proposes. */
export function isChange(value: unknown): value is Change {
  if (!isObject(value) || !Number.isSafeInteger(value.member)) return false;
  if (value.kind === 'remove') return true;
  return (
    value.kind === 'request' &&
    Number.isSafeInteger(value.request) &&
    Array.isArray(value.items) &&
    value.items.every(isRequestItem)
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEndpoint(value: unknown): boolean {
  return (
    isObject(value) &&
    Number.isSafeInteger(value.id) &&
    (value.role === 'writer' || value.role === 'reader') &&
    typeof value.topic === 'string' &&
    value.info !== undefined &&
    (value.disk === undefined || typeof value.disk === 'string') &&
    (value.reaches === undefined || Number.isSafeInteger(value.reaches)) &&
    (value.last === undefined || Number.isSafeInteger(value.last)) &&
    value.whole === undefined
  );
}

function isTerms(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value.ordered === 'boolean' &&
    (value.persistent === undefined ||
      (value.ordered && (value.persistent === 'commit' || value.persistent === 'stable'))) &&
    isRingBytes(value.ringBytes) &&
    Number.isSafeInteger(value.largeBytes) &&
    (value.largeBytes as number) > 0 &&
    value.info !== undefined
  );
}

/** A power of two, at least a page. */
function isRingBytes(value: unknown): boolean {
  return (
    typeof value === 'number' && value >= 4096 && value <= ringBytesMax && Number.isInteger(Math.log2(value))
  );
}
