import { DiskLog, type LogLimits } from '../../runtime/durability/log/disk-log.js';
import type { LogIdentity, LogOwner } from '../../runtime/durability/log/identity.js';
import { LogReading, type ReadRange } from '../../runtime/durability/log/log-reading.js';
import { openForAppending, openForReading } from '../../runtime/durability/log/open-log.js';
import type { Signer } from '../../runtime/durability/log/signing.js';
import { type Steps, run } from '../../runtime/durability/log/steps.js';
import { Delivery } from '../../runtime/multicast/delivery.js';
import { kindWord } from '../../runtime/multicast/frame.js';
import { regionMemory } from '../../transport/transport.js';
import type { FaultyDisk } from './faulty-disk.js';

export const identity: LogIdentity = {
  domain: 'tower',
  topic: 'flights',
  typeName: 'flights::Flight',
  typeHash: '0123456789abcdef0123456789abcdef',
};

/** Segments so small that a few records fill one. */
export const smallLimits: LogLimits = { segmentBytesMax: 8192, bufferBytesMax: 4096 };

export const logId = 0x1234_5678_9abc;

/** A sample as tests know it. */
export interface TestSample {
  readonly epoch: number;
  readonly sequence: number;
  readonly text: string;
  readonly instance?: number;
  readonly timeUs?: number;
}

/** Takes steps to their end, letting the disk answer. Undefined where the disk crashed on the way. */
export function finish<T>(disk: FaultyDisk, steps: Steps<T>): T | undefined {
  let outcome: { error: Error | undefined; value: T } | undefined;
  run(steps, (error, value) => (outcome = { error, value }));
  disk.drain();
  if (outcome === undefined) {
    if (disk.crashed) return undefined;
    throw new Error('the steps never came to their end');
  }
  if (outcome.error !== undefined) throw outcome.error;
  return outcome.value;
}

/** Opens the log on a disk, or makes it. Undefined where the disk crashed on the way. */
export function openOn(
  disk: FaultyDisk,
  options: { owner?: LogOwner; logId?: number; limits?: LogLimits; signer?: Signer; moved?: () => void } = {},
): DiskLog | undefined {
  const limits = options.limits ?? smallLimits;
  const { segmentBytesMax } = limits;
  const steps = openForAppending(disk, { owner: identity, logId, segmentBytesMax, ...options });
  const recovered = finish(disk, steps);
  return recovered && new DiskLog(disk, recovered, limits, options.moved ?? (() => undefined));
}

const memory = regionMemory(new ArrayBuffer(1 << 16));
const message = new Delivery(0, 0, 0, memory);

/** The sample as the core hands it over: its frame's header and its payload in a ring. */
export function deliveryOf(sample: TestSample): Delivery {
  const { epoch, sequence, text, instance = 0, timeUs = 1000 + sequence } = sample;
  const payload = new TextEncoder().encode(text);
  // What is behind the payload in a ring is the next frame.
  memory.bytes.fill(0xee, 0, 64 + payload.length + 64);
  memory.u32[0] = payload.length;
  memory.u32[1] = kindWord(1, 2, 3);
  memory.u32[2] = instance;
  memory.u32[3] = 0;
  memory.f64[2] = sequence + 1;
  memory.f64[3] = timeUs;
  memory.bytes.set(payload, 32);
  Object.assign(message, { epoch, sender: 77, sequence, header: 0, offset: 32, length: payload.length });
  return message;
}

export function append(log: DiskLog, samples: Iterable<TestSample>): void {
  for (const sample of samples) log.append(deliveryOf(sample));
}

/** What a log holds: `epoch.sequence text`. */
export function read(disk: FaultyDisk, log: DiskLog, range: ReadRange = {}): string[] {
  return collect(disk, log.reading(range));
}

/** The same of a log that nobody has open. */
export function readClosed(disk: FaultyDisk, range: ReadRange = {}): string[] {
  const { catalog } = finish(disk, openForReading(disk))!;
  return collect(disk, new LogReading(disk, catalog, range, () => undefined));
}

function collect(disk: FaultyDisk, reading: LogReading): string[] {
  const found: string[] = [];
  while (finish(disk, reading.next())) {
    const { epoch, sequence, payload, length, memory: from } = reading.record;
    const text = new TextDecoder().decode(from.bytes.subarray(payload, payload + length));
    found.push(`${epoch}.${sequence} ${text}`);
  }
  return found;
}

export function close(disk: FaultyDisk, log: DiskLog): void {
  let closed = false;
  log.finish((error) => {
    if (error !== undefined) throw error;
    closed = true;
  });
  disk.drain();
  if (!closed && !disk.crashed) throw new Error('the log was not closed');
}

/** Samples of one epoch, of such a length that a few of them fill a small segment. */
export function samples(count: number, epoch = 1, from = 0): TestSample[] {
  return Array.from({ length: count }, (_, index) => ({
    epoch,
    sequence: from + index,
    text: `${from + index}:${'x'.repeat(((from + index) * 37) % 400)}`,
  }));
}

export function textsOf(some: readonly TestSample[]): string[] {
  return some.map(({ epoch, sequence, text }) => `${epoch}.${sequence} ${text}`);
}
