import type { PrimitiveName } from '../idl/index.js';

/** How a primitive type is handled: the names of the support library's functions for it, and its other forms. */
export interface ScalarCodec {
  readonly check: string;
  /** Undefined where the size is fixed: then it is put without a call. */
  readonly put?: string;
  readonly write: string;
  /** Which part of the memory `write` takes. */
  readonly memory: 'bytes' | 'view';
  /** The condition under which a value is written where defaults are not. */
  readonly isWritten: (value: string) => string;
  /** A call on the reader, where `member` is the path for messages. Undefined where the size is fixed. */
  readonly read?: (member: string) => string;
  readonly zero: string;
  /** The type in a `.proto` file. */
  readonly proto: string;
  /** Bytes in place, and the name of DataView's accessors. */
  readonly size: 1 | 2 | 4 | 8;
  readonly accessor: string;
  /** The method of KeyWriter. */
  readonly key: string;
}

const isNotZero = (value: string) => `${value} !== 0`;
const notZeroBigint = (value: string) => `${value} !== 0n`;
const notPositiveZero = (value: string) => `!Object.is(${value}, 0)`;

const unsigned = {
  put: 'putUint32',
  write: 'writeUint32',
  memory: 'bytes',
  isWritten: isNotZero,
  zero: '0',
  proto: 'uint32',
} as const;
const signed = {
  put: 'putInt32',
  write: 'writeInt32',
  memory: 'bytes',
  isWritten: isNotZero,
  zero: '0',
  proto: 'int32',
} as const;
const long = {
  put: 'putInt64',
  write: 'writeInt64',
  memory: 'bytes',
  isWritten: notZeroBigint,
  zero: '0n',
  size: 8,
  key: 'int64',
} as const;

const uint8: ScalarCodec = {
  ...unsigned,
  check: 'checkUint8',
  read: (member) => `uint8(at, ${member})`,
  size: 1,
  accessor: 'Uint8',
  key: 'uint8',
};

const uint16: ScalarCodec = {
  ...unsigned,
  check: 'checkUint16',
  read: (member) => `uint16(at, ${member})`,
  size: 2,
  accessor: 'Uint16',
  key: 'uint16',
};

const double: ScalarCodec = {
  check: 'checkDouble',
  write: 'writeDouble',
  memory: 'view',
  isWritten: notPositiveZero,
  zero: '0',
  proto: 'double',
  size: 8,
  accessor: 'Float64',
  key: 'double',
};

export const scalarCodecs: Readonly<Record<PrimitiveName, ScalarCodec>> = {
  boolean: {
    check: 'checkBoolean',
    put: 'putBoolean',
    write: 'writeBoolean',
    memory: 'bytes',
    isWritten: (value) => value,
    read: () => 'boolean(at)',
    zero: 'false',
    proto: 'bool',
    size: 1,
    accessor: 'Uint8',
    key: 'boolean',
  },
  octet: uint8,
  uint8,
  // Its value in TypeScript is a string; `charCode` checks it and gives the number that is written.
  char: { ...uint8, check: 'charCode', read: (member) => `char(at, ${member})`, zero: "'\\0'" },
  wchar: { ...uint16, check: 'wcharCode', read: (member) => `wchar(at, ${member})`, zero: "'\\0'" },
  int8: {
    ...signed,
    check: 'checkInt8',
    read: (m) => `int8(at, ${m})`,
    size: 1,
    accessor: 'Int8',
    key: 'uint8',
  },
  int16: {
    ...signed,
    check: 'checkInt16',
    read: (m) => `int16(at, ${m})`,
    size: 2,
    accessor: 'Int16',
    key: 'uint16',
  },
  uint16,
  int32: {
    ...signed,
    check: 'checkInt32',
    read: () => 'int32(at)',
    size: 4,
    accessor: 'Int32',
    key: 'uint32',
  },
  uint32: {
    ...unsigned,
    check: 'checkUint32',
    read: () => 'uint32(at)',
    size: 4,
    accessor: 'Uint32',
    key: 'uint32',
  },
  int64: { ...long, check: 'checkInt64', read: () => 'int64(at)', proto: 'int64', accessor: 'BigInt64' },
  uint64: { ...long, check: 'checkUint64', read: () => 'uint64(at)', proto: 'uint64', accessor: 'BigUint64' },
  float: {
    check: 'checkFloat',
    write: 'writeFloat',
    memory: 'view',
    isWritten: notPositiveZero,
    zero: '0',
    proto: 'float',
    size: 4,
    accessor: 'Float32',
    key: 'float',
  },
  double,
  // A value is a double; only XCDR2 and keys have it as IEEE 754's binary128.
  longdouble: { ...double, key: 'float128' },
};

/** What carries the values of an enum, by the bytes that it takes: in memory a signed number. */
export function enumCodec(bytes: 1 | 2 | 4, hasNegative: boolean): ScalarCodec {
  const carrier = bytes === 1 ? scalarCodecs.int8 : bytes === 2 ? scalarCodecs.int16 : scalarCodecs.int32;
  const { put, write } = hasNegative ? signed : unsigned;
  return { ...carrier, put, write, proto: hasNegative ? 'int32' : 'uint32' };
}

/** What carries so many bits. */
export function bitsCodec(bits: number): ScalarCodec {
  return scalarCodecs[bits <= 8 ? 'uint8' : bits <= 16 ? 'uint16' : bits <= 32 ? 'uint32' : 'uint64'];
}
