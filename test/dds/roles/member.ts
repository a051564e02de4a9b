import { createHash } from 'node:crypto';
import {
  Bytes,
  FileReceiver,
  FileSender,
  type FileSenderOptions,
  Participant,
  type ParticipantOptions,
  type QosSpec,
  type Reader,
  type Writer,
} from '../../../runtime/dds/index.js';
import { Permissions } from '../../../runtime/dds/permissions.js';
import type { SecurityChange } from '../../../transport/index.js';
import { answerCalls } from '../../transport/processes/called-process.js';
import { Pump, type PumpOptions } from './pump.js';
import { Recorder } from './recorder.js';

/** A member in a process of its own, driven by the test through the channel of `fork`; see member-process.ts. */
let participant: Participant | undefined;
const readers = new Map<string, Reader<Uint8Array>>();
const writers = new Map<string, Writer<Uint8Array>>();
const recorders = new Map<string, Recorder>();
const pumps = new Map<string, Pump>();
const contents = new Map<string, string[]>();
const fileSenders = new Map<string, FileSender>();
const fileReceivers = new Map<string, FilesReceived>();
const views: { viewId: number; members: number[]; atMs: number }[] = [];
const endings: string[] = [];
let sizeMax = 0;
let sizeWatch: NodeJS.Timeout | undefined;
let openGate: () => void = () => undefined;
let gate = closeGate();

/** What came of the files of a topic. */
interface FilesReceived {
  readonly files: { readonly name: string; readonly sha256: string }[];
  readonly errors: { readonly code: string; readonly name: string | undefined; readonly message: string }[];
}

export type Consuming = 'samples$' | 'borrow' | 'consume' | 'gated' | 'contents';

const { joinProblem, endpointProblem } = Permissions.prototype;
const lawful = { joinProblem, endpointProblem };

const methods = {
  join: async (options: ParticipantOptions) => {
    // One that halted gives back its folder a moment after it has said so.
    await participant?.close();
    participant = await Participant.join(options);
    participant.view$.subscribe({
      next: ({ viewId, members }) =>
        views.push({ viewId, members: members.map(({ id }) => id), atMs: hostMs() }),
      error: (error: unknown) => endings.push(`view$ ${codeOf(error)}`),
    });
    return participant.id;
  },
  read: async (topic: string, how: Consuming, qos: QosSpec = 'atomic', durableName?: string) => {
    const reader = await participant!.reader(Bytes, { topic, qos, ...(durableName && { durableName }) });
    readers.set(topic, reader);
    consume(reader, how);
  },
  open: async (topic: string, qos: QosSpec = 'atomic') => {
    writers.set(topic, await participant!.writer(Bytes, { topic, qos }));
  },
  whenMatched: async (topic: string, count: number) => {
    await writers.get(topic)!.whenMatched(count);
  },
  /** Begins to write, and gives no word before `stop` or `finish`. */
  start: (topic: string, options: PumpOptions) => {
    pumps.set(topic, new Pump(writers.get(topic)!, options));
  },
  written: (topic: string) => pumps.get(topic)!.written,
  committed: (topic: string) => pumps.get(topic)!.committed,
  whenCommitted: async (topic: string) => {
    await writers.get(topic)!.whenCommitted();
  },
  replica: (topic: string) => participant!.replica(topic),
  traffic: () => participant!.traffic(),
  stop: (topic: string) => pumps.get(topic)!.stop(),
  finish: async (topic: string) => {
    await pumps.get(topic)!.done;
    return pumps.get(topic)!.written;
  },
  /** Writes one sample of `bytes` random bytes; gives its hash. */
  writeRandom: async (topic: string, bytes: number, seed: number) => {
    const sample = randomBytes(bytes, seed);
    const digest = hashOf(sample);
    await writers.get(topic)!.write(sample);
    return digest;
  },
  whenStable: async (topic: string) => {
    await writers.get(topic)!.whenStable();
  },
  // ---- files ----
  openFiles: async (options: FileSenderOptions) => {
    fileSenders.set(options.topic, await FileSender.open(participant!, options));
  },
  whenReceivers: (topic: string, count: number) => fileSenders.get(topic)!.whenMatched(count),
  sendFile: (topic: string, path: string, name?: string) =>
    fileSenders.get(topic)!.send(path, { ...(name !== undefined && { name }) }),
  receiveFiles: async (topic: string, folder: string) => {
    const received: FilesReceived = { files: [], errors: [] };
    const receiver = await FileReceiver.open(participant!, folder, { topic });
    receiver.files$.subscribe({
      next: ({ name, sha256 }) => received.files.push({ name, sha256 }),
      error: (error: unknown) => endings.push(`files$ ${codeOf(error)}`),
    });
    receiver.errors$.subscribe(({ code, fileName: name, message }) =>
      received.errors.push({ code, name, message }),
    );
    fileReceivers.set(topic, received);
  },
  filesReceived: (topic: string) => fileReceivers.get(topic)!,
  /** By how many bytes the process was larger at most, from now on until it is asked. */
  watchSize: () => {
    const before = process.memoryUsage.rss();
    sizeMax = before;
    clearInterval(sizeWatch);
    sizeWatch = setInterval(() => (sizeMax = Math.max(sizeMax, process.memoryUsage.rss())), 5);
    return before;
  },
  sizeMax: () => sizeMax,
  report: (topic: string, withOrder = false) => recorders.get(topic)!.report(withOrder),
  contents: (topic: string) => contents.get(topic)!,
  /** Consumes `from`, and answers each sample with two to `to`. */
  echo: async (from: string, to: string, qos: QosSpec) => {
    const reader = await participant!.reader(Bytes, { topic: from, qos });
    const writer = writers.get(to)!;
    reader
      .consume(async ({ data }) => {
        await writer.write(data);
        await writer.write(data);
      })
      .catch((error: unknown) => endings.push(`consume ${codeOf(error)}`));
  },
  /** Lets the consumers that wait at the gate go on. */
  openGate: () => openGate(),
  closeReader: (topic: string) => readers.get(topic)!.close(),
  closeWriter: (topic: string) => writers.get(topic)!.close(),
  views: () => views,
  endings: () => endings,
  /** The share of a core that this process uses, measured for so long. */
  cpuShare: async (ms: number) => {
    const before = process.cpuUsage();
    const begin = performance.now();
    await new Promise((resolve) => setTimeout(resolve, ms));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 / (performance.now() - begin);
  },
  /** Blocks the event loop, busily. */
  compute: (ms: number) => {
    for (const until = performance.now() + ms; performance.now() < until;);
  },
  /** From now on, this process thinks that everything is permitted. */
  disregardPermissions: () => {
    Permissions.prototype.joinProblem = () => undefined;
    Permissions.prototype.endpointProblem = () => undefined;
  },
  view: () => participant!.view,
  reloadSecurity: (security?: SecurityChange) => participant!.reloadSecurity(security),
  close: () => participant!.close(),
  /** Ready for another test: as if it had just been started. */
  reset: async () => {
    openGate();
    Object.assign(Permissions.prototype, lawful);
    await participant?.close({ timeoutMs: 50 });
    participant = undefined;
    for (const map of [readers, writers, recorders, pumps, contents, fileSenders, fileReceivers]) map.clear();
    clearInterval(sizeWatch);
    views.length = 0;
    endings.length = 0;
    gate = closeGate();
  },
};

export type MemberMethods = typeof methods;

function consume(reader: Reader<Uint8Array>, how: Consuming): void {
  const recorder = new Recorder();
  recorders.set(reader.topic, recorder);
  switch (how) {
    case 'samples$':
      reader.samples$.subscribe({
        next: ({ info }) => recorder.add(info),
        error: (error: unknown) => endings.push(`samples$ ${codeOf(error)}`),
      });
      break;
    case 'borrow':
      reader.borrow(({ info }) => recorder.add(info));
      break;
    case 'consume':
      void reader.consume(({ info }) => recorder.add(info));
      break;
    case 'contents': {
      const hashes: string[] = [];
      contents.set(reader.topic, hashes);
      reader
        .consume(({ data }) => void hashes.push(hashOf(data)))
        .catch((error: unknown) => endings.push(`consume ${codeOf(error)}`));
      break;
    }
    case 'gated':
      void reader.consume(async ({ info }) => {
        recorder.add(info);
        await gate;
      });
  }
}

function closeGate(): Promise<void> {
  return new Promise((resolve) => (openGate = resolve));
}

/** A clock that all processes of this host share, in milliseconds. */
function hostMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? String(error);
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function randomBytes(length: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = seed;
  for (let i = 0; i < words.length; i++) words[i] = state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return new Uint8Array(words.buffer, 0, length);
}

answerCalls(methods);
