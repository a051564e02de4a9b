import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

/** A record: its kind (8 bits) and a number (24 bits), then three words. */
const recordWords = 4;
const recordBytes = recordWords * 4;
const bufferedRecords = 2048;
const kind = { member: 1, writer: 2, delivery: 3, stable: 4, closed: 5, attempted: 6 } as const;
const low32 = 2 ** 32;

/** Who wrote a sample: `member:writer`. */
export type WriterName = string;

/** What one incarnation of a member delivered, in the order of delivery; sample i is column i. */
export interface History {
  readonly file: string;
  readonly member: number;
  readonly writers: readonly WriterName[];
  readonly epoch: Uint32Array;
  readonly sequence: Uint32Array;
  /** Index into `writers`. */
  readonly writer: Uint32Array;
  readonly writerSequence: Uint32Array;
  /** How many of its own samples its application had begun to write, where it says so before. */
  readonly attempted: number;
  /** How many of its own samples were acknowledged to its application. */
  readonly acknowledged: number;
  /** Whether it went on to the end, when all was stable: nothing is missing at its end. */
  readonly isWhole: boolean;
}

/**
 * Writes down what an incarnation delivers. What was not flushed when the process is killed is missing at the end of the file: a
 * history is then a prefix of what was delivered.
 */
export class Recorder {
  readonly #file: number;
  readonly #words = new Uint32Array(bufferedRecords * recordWords);
  readonly #writers = new Map<number, Map<number, number>>();
  #writerCount = 0;
  #records = 0;

  constructor(path: string, member: number) {
    this.#file = openSync(path, 'wx');
    this.#add(kind.member, 0, member % low32, Math.floor(member / low32), 0);
    this.flush();
  }

  delivered(
    member: number,
    writer: number,
    writerSequence: number,
    version: { epoch: number; sequence: number },
  ) {
    const index = this.#indexOf(member, writer);
    this.#add(kind.delivery, index, version.epoch, version.sequence, writerSequence);
  }

  /** The application is about to write, so many with these. */
  attempts(count: number): void {
    this.#add(kind.attempted, 0, count, 0, 0);
    this.flush();
  }

  /** The application was told that so many of its samples are stable, or committed. */
  acknowledged(count: number): void {
    this.#add(kind.stable, 0, count, 0, 0);
    this.flush();
  }

  /** Everything was delivered, and nothing more is to come. */
  close(): void {
    this.#add(kind.closed, 0, 0, 0, 0);
    this.flush();
    closeSync(this.#file);
  }

  flush(): void {
    if (this.#records === 0) return;
    const bytes = new Uint8Array(this.#words.buffer, 0, this.#records * recordBytes);
    for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at);
    this.#records = 0;
  }

  #indexOf(member: number, writer: number): number {
    const known = this.#writers.get(member)?.get(writer);
    if (known !== undefined) return known;
    const index = this.#writerCount++;
    this.#writers.set(member, (this.#writers.get(member) ?? new Map<number, number>()).set(writer, index));
    this.#add(kind.writer, index, member % low32, Math.floor(member / low32), writer);
    return index;
  }

  #add(recordKind: number, number: number, a: number, b: number, c: number): void {
    if (this.#records === bufferedRecords) this.flush();
    this.#words.set([(recordKind << 24) | number, a, b, c], this.#records++ * recordWords);
  }
}

/** Reads what a recorder wrote, up to the last whole record. */
export function readHistory(file: string): History {
  const bytes = readFileSync(file);
  const count = Math.floor(bytes.length / recordBytes);
  const words = new Uint32Array(count * recordWords);
  new Uint8Array(words.buffer).set(bytes.subarray(0, count * recordBytes));
  const columns = Array.from({ length: 4 }, () => new Uint32Array(count));
  const [epoch, sequence, writer, writerSequence] = columns as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  const writers: WriterName[] = [];
  let length = 0;
  let member = 0;
  let attempted = 0;
  let acknowledged = 0;
  let isWhole = false;
  for (let at = 0; at < words.length; at += recordWords) {
    const [head, a, b, c] = words.subarray(at, at + recordWords) as unknown as [
      number,
      number,
      number,
      number,
    ];
    switch (head >>> 24) {
      case kind.member:
        member = a + b * low32;
        break;
      case kind.writer:
        writers.push(`${a + b * low32}:${c}`);
        break;
      case kind.delivery:
        writer[length] = head & 0xffffff;
        epoch[length] = a;
        sequence[length] = b;
        writerSequence[length] = c;
        length++;
        break;
      case kind.stable:
        acknowledged = a;
        break;
      case kind.attempted:
        attempted = a;
        break;
      case kind.closed:
        isWhole = true;
        break;
      default:
        throw new Error(`${file}: no record at ${at}`);
    }
  }
  const [e, s, w, n] = columns.map((column) => column.subarray(0, length)) as typeof columns;
  return {
    file,
    member,
    writers,
    epoch: e!,
    sequence: s!,
    writer: w!,
    writerSequence: n!,
    attempted,
    acknowledged,
    isWhole,
  };
}
