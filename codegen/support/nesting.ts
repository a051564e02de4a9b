import { SampleError } from './errors.js';

/** How deep a type that contains itself may be nested. */
export const depthMax = 500;

/** Of the sample that is being encoded: one at a time is. */
let depth = 0;

/** Begins with a sample. What was left of one before, which did not fit, is forgotten. */
export function startNesting(): void {
  depth = 0;
}

/** Enters a type that can contain itself: what is deeper than readers take must not be sent. Throws {@link SampleError}. */
export function enterNested(type: string): void {
  if (++depth > depthMax) throw new SampleError(type, `it is nested more than ${depthMax} deep`);
}

export function leaveNested(): void {
  depth--;
}
