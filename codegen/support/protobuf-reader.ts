import { nowhere } from './in-place.js';
import { halves, highHalf, int64, lowHalf, uint64 } from './long.js';
import { copyOctets } from './octets.js';
import { SampleReader } from './sample-reader.js';
import type { Memory } from './topic-type.js';
import { readUtf8 } from './utf8.js';
import { readVarint64 } from './varint64.js';

const skipDepthMax = 64;
/** Of a varint. */
const varintBytesMax = 10;

/**
 * Reads protobuf from memory that may hold anything. No byte outside the sample is read; what breaks protobuf's rules or the
 * type's throws {@link MalformedSampleError}. One reader serves a generated file: decoding calls no code of the user.
 *
 * Each method reads at the place that it is given, and leaves in `at` where reading goes on. The generated code keeps that place in a
 * local variable, since through memory each field would wait for the one before.
 */
export class ProtobufReader extends SampleReader {
  #source: Memory = nowhere;
  #bytes: Uint8Array = nowhere.bytes;
  /** The memory, for numbers of fixed size: `need` says that they are there. */
  view: DataView = nowhere.view;
  /** Where reading goes on. */
  at = 0;
  /** Where the message at hand ends. */
  end = 0;

  /** Begins with a sample of `length` bytes at `offset`; `type` is for messages. */
  start(source: Memory, offset: number, length: number, type: string): this {
    this.#source = source;
    this.#bytes = source.bytes;
    this.begin(type);
    this.view = source.view;
    this.at = offset;
    this.end = offset + length;
    if (offset < 0 || length < 0 || this.end > source.bytes.length)
      this.fail('it lies outside of its memory');
    return this;
  }

  /** A field's number and wire type. */
  tag(at: number): number {
    const tag = this.uint32(at);
    if (tag < 8) this.fail('a field has the number 0');
    return tag;
  }

  /** The low 32 bits of a varint, as protobuf reads `uint32`. */
  uint32(at: number): number {
    // Most tags, lengths and small numbers are one byte.
    if (at < this.end) {
      const byte = this.#bytes[at]!;
      if (byte < 0x80) {
        this.at = at + 1;
        return byte;
      }
    }
    return this.#longUint32(at);
  }

  #longUint32(start: number): number {
    const bytes = this.#bytes;
    const { end } = this;
    let at = start;
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) this.fail('it ends within a number');
      const byte = bytes[at++]!;
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.at = at;
        return value >>> 0;
      }
    }
    return this.fail('a number has more than ten bytes');
  }

  int32(at: number): number {
    return this.uint32(at) | 0;
  }

  boolean(at: number): boolean {
    return this.int64(at) !== 0n;
  }

  int64(at: number): bigint {
    this.#varint64(at);
    return int64[0]!;
  }

  uint64(at: number): bigint {
    this.#varint64(at);
    return uint64[0]!;
  }

  uint8(at: number, member: string): number {
    const value = this.uint32(at);
    if (value > 0xff) this.#range(member, value);
    return value;
  }

  int8(at: number, member: string): number {
    const value = this.int32(at);
    if ((value << 24) >> 24 !== value) this.#range(member, value);
    return value;
  }

  uint16(at: number, member: string): number {
    const value = this.uint32(at);
    if (value > 0xffff) this.#range(member, value);
    return value;
  }

  int16(at: number, member: string): number {
    const value = this.int32(at);
    if ((value << 16) >> 16 !== value) this.#range(member, value);
    return value;
  }

  char(at: number, member: string): string {
    return String.fromCharCode(this.uint8(at, member));
  }

  /** A value of an enum of `count` values, counted from 0. */
  enum(at: number, count: number, member: string): number {
    const value = this.uint32(at);
    return value < count ? value : this.enumerator(value | 0, count, member);
  }

  string(at: number, max: number, member: string): string {
    const length = this.uint32(at);
    if (length > max) this.unfit(`${member} has ${length} bytes, more than ${max}`);
    const start = this.at;
    const end = start + length;
    if (end > this.end) this.#endsEarly(start, length);
    this.at = end;
    return readUtf8(this.#source, start, end) ?? this.fail(`${member} is not valid UTF-8`);
  }

  /** One unit of UTF-16. */
  wchar(at: number, member: string): string {
    return String.fromCharCode(this.uint16(at, member));
  }

  /** A text whose bound counts units of UTF-16. */
  wstring(at: number, max: number, member: string): string {
    const text = this.string(at, Infinity, member);
    if (text.length > max) this.unfit(`${member} has ${text.length} units of UTF-16, more than ${max}`);
    return text;
  }

  /** A decimal number. */
  fixed(at: number, digits: number, scale: number, member: string): string {
    const text = this.string(at, digits + 3, member);
    const [whole, fraction = ''] = text.replace(/^-/, '').split('.') as [string, string?];
    const isWhole = /^(?:0|[1-9]\d*)$/.test(whole) && (whole === '0' || whole.length <= digits - scale);
    const isFraction = /^\d*$/.test(fraction) && fraction.length === scale;
    if (!isWhole || !isFraction) this.fail(`${member} is no decimal number of its type`);
    return text;
  }

  /** A copy of bytes. */
  bytes(at: number, max: number, member: string): Uint8Array<ArrayBuffer> {
    const length = this.uint32(at);
    if (length > max) this.unfit(`${member} has ${length} bytes, more than ${max}`);
    const start = this.#take(length);
    return copyOctets(this.#source, start, length);
  }

  byteArray(at: number, size: number, member: string): Uint8Array<ArrayBuffer> {
    const value = this.bytes(at, size, member);
    if (value.length !== size) this.fail(`${member} has ${value.length} bytes instead of ${size}`);
    return value;
  }

  /** Enters a nested message or a packed field; returns what `close` is to be given. */
  open(at: number): number {
    const length = this.uint32(at);
    const outer = this.end;
    if (length > outer - this.at) this.fail('a nested part is longer than what is around it');
    this.end = this.at + length;
    return outer;
  }

  /** Leaves it, once it was read to its end; gives its end. */
  close(outer: number): number {
    const { end } = this;
    this.end = outer;
    return end;
  }

  /** Checks that so many bytes follow. */
  need(at: number, length: number): void {
    if (length > this.end - at) this.#endsEarly(at, length);
  }

  #endsEarly(at: number, length: number): never {
    this.fail(`it ends ${length - (this.end - at)} bytes too early`);
  }

  /** Checks the number of elements of an array. */
  checkArray(length: number, size: number, member: string): void {
    if (length !== size) this.fail(`${member} has ${length} elements instead of ${size}`);
  }

  /** Passes over a field that this type does not have, a newer writer's; gives where reading goes on. */
  skip(tag: number, at: number, depth = 0): number {
    this.at = at;
    switch (tag & 7) {
      case 0:
        this.uint32(at);
        break;
      case 1:
        this.#take(8);
        break;
      case 2:
        this.#take(this.uint32(at));
        break;
      case 3:
        this.#skipGroup(tag >>> 3, depth + 1);
        break;
      case 5:
        this.#take(4);
        break;
      default:
        this.fail(`a field has the wire type ${tag & 7}`);
    }
    return this.at;
  }

  #skipGroup(number: number, depth: number): void {
    if (depth > skipDepthMax) this.fail('groups are nested too deep');
    for (;;) {
      const inner = this.tag(this.at);
      if ((inner & 7) !== 4) this.skip(inner, this.at, depth);
      else if (inner >>> 3 === number) return;
      else this.fail('a group ends that was not begun');
    }
  }

  /** Passes over `length` bytes; gives where they begin. */
  #take(length: number): number {
    const { at } = this;
    this.need(at, length);
    this.at = at + length;
    return at;
  }

  #varint64(start: number): void {
    const length = this.end - start < varintBytesMax ? 0 : readVarint64(this.view, start);
    if (length > 0) this.at = start + length;
    else this.#varint64ByBytes(start);
  }

  #varint64ByBytes(start: number): void {
    const bytes = this.#bytes;
    const { end } = this;
    let at = start;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) this.fail('it ends within a number');
      const byte = bytes[at++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.at = at;
        halves[lowHalf] = low;
        halves[highHalf] = high;
        return;
      }
    }
    this.fail('a number has more than ten bytes');
  }

  #range(member: string, value: number): never {
    this.fail(`${member} is ${value}, which is not in its range`);
  }
}
