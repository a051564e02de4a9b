import { reject } from './checks.js';
import { fixedBytes, fixedText, setFixed } from './fixed.js';
import { setFloat128 } from './float128.js';
import { md5 } from './md5.js';
import { writeUtf8 } from './utf8.js';

/**
 * Serializes the key members of a sample as DDS does for its key hash: PLAIN_CDR2, big-endian, members by id
 * (XTypes 1.3, 7.6.8; RTPS 2.5, 9.6.4.8). Nothing is aligned to more than 4.
 */
export class KeyWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  start(): this {
    this.#at = 0;
    return this;
  }

  boolean(value: boolean): void {
    this.uint8(value ? 1 : 0);
  }

  uint8(value: number): void {
    const at = this.#room(1, 1);
    this.#view.setUint8(at, value);
  }

  uint16(value: number): void {
    const at = this.#room(2, 2);
    this.#view.setUint16(at, value);
  }

  uint32(value: number): void {
    const at = this.#room(4, 4);
    this.#view.setUint32(at, value);
  }

  int64(value: bigint): void {
    const at = this.#room(8, 4);
    this.#view.setBigInt64(at, value);
  }

  float(value: number): void {
    const at = this.#room(4, 4);
    this.#view.setFloat32(at, value);
  }

  double(value: number): void {
    const at = this.#room(8, 4);
    this.#view.setFloat64(at, value);
  }

  string(value: string, member: string): void {
    if (typeof value !== 'string') reject(member, value, 'a string');
    const start = this.#room(4, 4);
    const text = this.#room(value.length * 3 + 1, 1);
    const end = writeUtf8(this.#bytes, text, this.#bytes.length, value, 0, member);
    this.#bytes[end] = 0;
    this.#view.setUint32(start, end + 1 - text);
    this.#at = end + 1;
  }

  float128(value: number): void {
    const at = this.#room(16, 4);
    setFloat128(this.#view, at, value, false);
  }

  wstring(value: string): void {
    this.uint32(2 * value.length);
    const at = this.#room(2 * value.length, 2);
    for (let i = 0; i < value.length; i++) this.#view.setUint16(at + 2 * i, value.charCodeAt(i));
  }

  fixed(value: string, digits: number, scale: number, member: string): void {
    const at = this.#room(fixedBytes(digits), 1);
    setFixed(this.#bytes, at, fixedText(value, digits, scale, member), digits);
  }

  /** Room for a length in bytes; `close` is to be given what it returns. */
  open(): number {
    return this.#room(4, 4);
  }

  close(start: number): void {
    this.#view.setUint32(start, this.#at - start - 4);
  }

  bytes(value: Uint8Array): void {
    const at = this.#room(value.length, 1);
    this.#bytes.set(value, at);
  }

  /** The key hash: the bytes themselves, padded with zeros, where no sample's key can exceed 16; else their MD5. */
  hash(fits: boolean): Uint8Array {
    if (!fits) return md5(this.#bytes, this.#at);
    const hash = new Uint8Array(16);
    hash.set(this.#bytes.subarray(0, this.#at));
    return hash;
  }

  #room(size: number, alignment: number): number {
    const at = (this.#at + alignment - 1) & -alignment;
    if (at + size > this.#bytes.length) {
      const grown = new Uint8Array(2 * (at + size));
      grown.set(this.#bytes.subarray(0, this.#at));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#bytes.fill(0, this.#at, at);
    this.#at = at + size;
    return at;
  }
}

/** A floating-point key as a map's key: 0 and -0 are two instances, as their key hashes are. */
export function floatKey(value: number): string | number {
  return Object.is(value, -0) ? '-0' : value;
}

/** A text as a part of a composite key: its length before it keeps the parts apart. */
export function textKey(value: string): string {
  return `${value.length}:${value}`;
}

/** Bytes as a part of a key. */
export function bytesKey(value: Uint8Array): string {
  let text = `${value.length}:`;
  for (const byte of value) text += byte.toString(16).padStart(2, '0');
  return text;
}
