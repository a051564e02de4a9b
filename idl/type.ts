export type PrimitiveName =
  | 'boolean'
  | 'octet'
  | 'char'
  /** One UTF-16 unit. */
  | 'wchar'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float'
  | 'double'
  | 'longdouble';

/** What a reader does with a value that does not fit its type (XTypes 1.3, 7.2.2.7). */
export type TryConstruct = 'discard' | 'useDefault' | 'trim';

/** What annotations say of the elements of a collection, as in `sequence<@external T>`. */
export interface ElementModel {
  readonly external: boolean;
  readonly tryConstruct: TryConstruct;
}

/** A type as a member has it. */
export type Type =
  | { readonly kind: 'primitive'; readonly name: PrimitiveName }
  /** The bound of a string counts the bytes of its UTF-8 text. */
  | { readonly kind: 'string'; readonly bound?: number | undefined }
  /** The bound of a wide string counts UTF-16 units. */
  | { readonly kind: 'wstring'; readonly bound?: number | undefined }
  | {
      readonly kind: 'sequence';
      readonly element: Type;
      readonly bound?: number | undefined;
      /** Absent where no annotation stands before the element type. */
      readonly elements?: ElementModel | undefined;
    }
  | {
      readonly kind: 'map';
      readonly key: Type;
      readonly value: Type;
      readonly bound?: number | undefined;
      readonly keys?: ElementModel | undefined;
      readonly values?: ElementModel | undefined;
    }
  /** A decimal number of up to 31 digits, `scale` of them after the point. */
  | { readonly kind: 'fixed'; readonly digits: number; readonly scale: number }
  /** One or more dimensions, the outermost first. */
  | {
      readonly kind: 'array';
      readonly element: Type;
      readonly dimensions: readonly number[];
      readonly elements?: ElementModel | undefined;
    }
  /** A struct, union, enum, bitmask, bitset or typedef, by its scoped name. */
  | { readonly kind: 'named'; readonly name: string };

export type ConstantValue =
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  /** `value` units of 10 to the power of -`scale`. */
  | { readonly kind: 'fixed'; readonly value: bigint; readonly scale: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** Also of wide strings: text is text. */
  | { readonly kind: 'string'; readonly value: string; readonly wide?: true }
  /** A code of ISO 8859-1 or, where it is wide, a UTF-16 unit. */
  | { readonly kind: 'character'; readonly value: number; readonly wide?: true }
  | {
      readonly kind: 'enumerator';
      readonly enum: string;
      readonly name: string;
      readonly value: number;
    }
  /** Bits of a bitmask. */
  | { readonly kind: 'flags'; readonly bitmask: string; readonly value: bigint };
