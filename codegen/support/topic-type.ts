/**
 * What the runtime knows of a topic's type. Generated code makes one `TopicType` for each `@topic` type; `Bytes`, `Text` and
 * `Json` are built in. Everything here is safe in a browser.
 */

/** Memory that codecs read and write in place: the bytes, and a DataView over exactly the same bytes. */
export interface Memory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** One data representation of a type. */
export interface Codec<T> {
  /**
   * Encodes `sample` into `target` from `offset`, never touching a byte at or past `limit`.
   * Returns the offset after the last byte, or -1 where it does not fit (bytes from `offset` on are then undefined).
   * Throws {@link SampleError} where the sample does not fit its type; nothing is then to be sent.
   */
  encode(sample: T, target: Memory, offset: number, limit: number): number;
  /**
   * Decodes an owned sample (it shares no memory with `source`) from exactly `length` bytes at `offset`.
   * Throws {@link MalformedSampleError} on bytes that no writer of this type could have made.
   */
  decode(source: Memory, offset: number, length: number): T;
}

/** An accessor of one sample in place: one getter and one setter for each member, over memory that `attach` points it at. */
export interface InPlaceView {
  attach(memory: Memory, offset: number): void;
}

/** The fixed little-endian layout of a fixed-size `@final` type. */
export interface InPlaceCodec<T, V extends InPlaceView = InPlaceView> extends Codec<T> {
  /** Bytes of one sample: a multiple of 8. */
  readonly byteLength: number;
  createView(): V;
}

/** A topic's type: what `participant.reader(Type)` and `participant.writer(Type)` take. */
export interface TopicType<T, V extends InPlaceView = InPlaceView> {
  /** The scoped IDL name, such as `flights::Flight`. */
  readonly name: string;
  /** 32 hex digits; equal for equal types, whatever file or order they were declared in. */
  readonly typeHash: string;
  readonly extensibility: 'final' | 'appendable' | 'mutable';
  /** The type's model as JSON, for tools that have no generated code. It is interpreted, never evaluated. */
  readonly schema: string;
  readonly protobuf: Codec<T>;
  /** Present for fixed-size `@final` types. */
  readonly inPlace?: InPlaceCodec<T, V>;
  /** Present where it was generated: the representation of other DDS products, with its encapsulation header. */
  readonly xcdr2?: Codec<T>;
  /** Present for types with `@key` members. */
  readonly key?: KeyCodec<T>;
}

/** How the instance of a sample is found. */
export interface KeyCodec<T> {
  /** A string (or number) equal for samples of one instance and different for others: the key of caches and maps. */
  of(sample: T): string | number;
  /** DDS's 16-byte key hash: the big-endian CDR of the key members, padded with zeros, or its MD5 where it can exceed 16 bytes. */
  hash(sample: T): Uint8Array;
}
