import { MalformedSampleError } from './errors.js';
import { depthMax } from './nesting.js';

/**
 * What the readers of all representations have in common: bytes that are no sample are refused at once; a value that is well
 * formed, and does not fit the reader's type, is refused where `@try_construct` lets nothing else become of it.
 */
export abstract class SampleReader {
  #type = '';
  #depth = 0;
  /** How many values are being read that something else is taken for where they do not fit, one in another. */
  #attempts = 0;
  #isUnfit = false;

  /** Begins with a sample; `type` is for messages. */
  protected begin(type: string): void {
    this.#type = type;
    this.#depth = 0;
    this.#attempts = 0;
    this.#isUnfit = false;
  }

  fail(problem: string): never {
    throw new MalformedSampleError(this.#type, problem);
  }

  /** Enters a type that can contain itself. */
  enter(): void {
    if (++this.#depth > depthMax) this.fail(`it is nested more than ${depthMax} deep`);
  }

  leave(): void {
    this.#depth--;
  }

  /** Begins to read what something else is taken for where it does not fit; returns what `failed` is to be given. */
  attempt(): boolean {
    const around = this.#isUnfit;
    this.#attempts++;
    this.#isUnfit = false;
    return around;
  }

  /** Ends that; whether something in it did not fit, and was left to whatever holds it. */
  failed(around: boolean): boolean {
    const failed = this.#isUnfit;
    this.#attempts--;
    this.#isUnfit = around;
    return failed;
  }

  /**
   * What was read does not fit its type. What holds it does not fit either, and so on outwards up to an attempt; its bytes are read to
   * their end, since what follows may stay. Without any attempt the sample is refused.
   */
  unfit(problem: string): void {
    if (this.#attempts === 0) this.fail(problem);
    this.#isUnfit = true;
  }

  /** A value of an enum of `count` values, counted from 0. */
  enumerator(value: number, count: number, member: string): number {
    if (value < 0 || value >= count) this.unfit(`${member} is ${value}, which is no value of its enum`);
    return value;
  }

  /** A value of an enum whose values are not counted from 0. */
  enumeratorOf(value: number, values: ReadonlySet<number>, member: string): number {
    if (!values.has(value)) this.unfit(`${member} is ${value}, which is no value of its enum`);
    return value;
  }

  /** Checks the number of elements of a sequence. */
  checkSequence(length: number, max: number, member: string): void {
    if (length > max) this.unfit(`${member} has ${length} elements, more than ${max}`);
  }
}
