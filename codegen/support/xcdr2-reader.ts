import { fixedBytes, getFixed } from './fixed.js';
import { nowhere } from './in-place.js';
import { copyOctets } from './octets.js';
import { SampleReader } from './sample-reader.js';
import type { Memory } from './topic-type.js';
import { readUtf8 } from './utf8.js';

/** Elements that take no bytes, of which eight bytes could else ask for billions. */
const emptyElementsMax = 65_536;

/**
 * Reads XCDR2 from memory that may hold anything. No byte outside the sample is read; what breaks the rules of XCDR2 or the type's throws
 * {@link MalformedSampleError}. One reader serves a generated file: decoding calls no code of the user.
 *
 * As with protobuf, the generated code keeps its place in a local variable: methods read at the place that they are given, and leave in
 * `at` where reading goes on.
 */
export class Xcdr2Reader extends SampleReader {
  #source: Memory = nowhere;
  #bytes: Uint8Array = nowhere.bytes;
  /** The memory, for numbers of fixed size: `need` says that they are there. */
  view: DataView = nowhere.view;
  /** Where the sample begins, after its encapsulation header: what is aligned, is from there. */
  origin = 0;
  littleEndian = true;
  /** Where reading goes on. */
  at = 0;
  /** Where what is being read ends: the sample, or the part of it that has its length in front. */
  end = 0;
  /** The member id in the header that `openMember` has read. */
  id = 0;
  #mustUnderstand = false;

  /** Begins with a sample of `length` bytes at `offset`; `kind` is the encapsulation's, `type` is for messages. */
  start(source: Memory, offset: number, length: number, kind: number, type: string): this {
    this.#source = source;
    this.#bytes = source.bytes;
    this.begin(type);
    this.view = source.view;
    this.end = offset + length;
    if (offset < 0 || length < 0 || this.end > source.bytes.length)
      this.fail('it lies outside of its memory');
    this.need(offset, 4);
    const [high, low] = [this.#bytes[offset]!, this.#bytes[offset + 1]!];
    if (high !== 0 || (low | 1) !== kind)
      this.fail(`its encapsulation is ${(high << 8) | low} instead of ${kind} or ${kind - 1}`);
    this.littleEndian = low === kind;
    this.at = this.origin = offset + 4;
    // The header says how many bytes were added to fill the last word.
    this.end -= this.#bytes[offset + 3]! & 3;
    if (this.end < this.at) this.fail('it ends before it begins');
    return this;
  }

  /** Checks that so many bytes follow. */
  need(at: number, length: number): void {
    if (length > this.end - at) this.#endsEarly(at, length);
  }

  #endsEarly(at: number, length: number): never {
    this.fail(`it ends ${length - (this.end - at)} bytes too early`);
  }

  /** An unsigned number of 32 bits, aligned. */
  uint32(at: number): number {
    const start = at + ((this.origin - at) & 3);
    this.need(start, 4);
    this.at = start + 4;
    return this.view.getUint32(start, this.littleEndian);
  }

  /** Enters what has its length in front; returns what `close` is to be given. */
  open(at: number): number {
    const length = this.uint32(at);
    const outer = this.end;
    if (length > outer - this.at) this.fail('a nested part is longer than what is around it');
    this.end = this.at + length;
    return outer;
  }

  /** Leaves it; gives its end. What a newer writer added there is passed over. */
  close(outer: number): number {
    const { end } = this;
    this.end = outer;
    return end;
  }

  /** Leaves what must have been read to its end: the elements of a collection. */
  closeExact(at: number, outer: number): void {
    if (at !== this.end) this.fail('a collection is longer than its elements');
    this.end = outer;
  }

  /** Whether another member of a mutable type follows. */
  hasMember(at: number): boolean {
    return at + ((this.origin - at) & 3) < this.end;
  }

  /** Reads a member's header, and enters the member; returns what `close` is to be given. */
  openMember(at: number): number {
    const header = this.uint32(at);
    this.id = header & 0x0fff_ffff;
    this.#mustUnderstand = header >>> 31 === 1;
    const code = (header >>> 28) & 7;
    const outer = this.end;
    let length = code < 4 ? 1 << code : this.uint32(this.at);
    if (code > 4) {
      // The length is also the first of the member.
      length = 4 + length * (code === 5 ? 1 : code === 6 ? 4 : 8);
      this.at -= 4;
    }
    if (length > outer - this.at) this.fail(`the member of id ${this.id} is longer than what is around it`);
    this.end = this.at + length;
    return outer;
  }

  /** Checks that the member at hand is a union's discriminator. */
  expectDiscriminator(): void {
    if (this.id !== 0) this.fail('a union does not begin with its discriminator');
  }

  /** A member that this type does not have: a newer writer's. */
  passOver(): void {
    if (this.#mustUnderstand)
      this.fail(`it has a member of id ${this.id}, which must be understood and is not known`);
  }

  boolean(at: number, member: string): boolean {
    this.need(at, 1);
    this.at = at + 1;
    const value = this.#bytes[at]!;
    if (value > 1) this.fail(`${member} is ${value}, which is no boolean`);
    return value === 1;
  }

  string(at: number, max: number, member: string): string {
    const length = this.uint32(at);
    const start = this.at;
    this.need(start, length);
    // Some writers send an empty string without its NUL.
    if (length === 0) return '';
    const end = start + length - 1;
    if (this.#bytes[end] !== 0) this.fail(`${member} does not end with NUL`);
    if (length - 1 > max) this.unfit(`${member} has ${length - 1} bytes, more than ${max}`);
    this.at = end + 1;
    return readUtf8(this.#source, start, end) ?? this.fail(`${member} is not valid UTF-8`);
  }

  /** A wide string: its bytes are counted, and no NUL ends it. */
  wstring(at: number, max: number, member: string): string {
    const length = this.uint32(at);
    const start = this.at;
    this.need(start, length);
    if ((length & 1) !== 0) this.fail(`${member} has half a unit of UTF-16`);
    if (length / 2 > max) this.unfit(`${member} has ${length / 2} units of UTF-16, more than ${max}`);
    this.at = start + length;
    let text = '';
    for (let i = start; i < this.at; i += 2)
      text += String.fromCharCode(this.view.getUint16(i, this.littleEndian));
    return text;
  }

  /** A decimal number. */
  fixed(at: number, digits: number, scale: number, member: string): string {
    const size = fixedBytes(digits);
    this.need(at, size);
    this.at = at + size;
    return getFixed(this.#bytes, at, digits, scale, member);
  }

  /** A copy of bytes whose number is in front. */
  bytes(at: number, max: number, member: string): Uint8Array<ArrayBuffer> {
    const length = this.uint32(at);
    if (length > max) this.unfit(`${member} has ${length} bytes, more than ${max}`);
    return this.byteArray(this.at, length);
  }

  byteArray(at: number, length: number): Uint8Array<ArrayBuffer> {
    this.need(at, length);
    this.at = at + length;
    return copyOctets(this.#source, at, length);
  }

  /** The number of elements that follow, each of at least `size` bytes. */
  count(at: number, size: number, max: number, member: string): number {
    const count = this.uint32(at);
    if (count > max) this.unfit(`${member} has ${count} elements, more than ${max}`);
    if (size === 0 && count > emptyElementsMax) this.fail(`${member} has ${count} elements of no bytes`);
    if (count * size > this.end - this.at)
      this.fail(`${member} has ${count} elements, and ends too early for them`);
    return count;
  }
}
