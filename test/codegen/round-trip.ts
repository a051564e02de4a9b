import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { moduleNames } from '../../codegen/module-names.js';
import { topicsOf } from '../../codegen/module-writer.js';
import type { Aggregate } from '../../codegen/shape.js';
import type { Codec, Memory, TopicType } from '../../codegen/support/index.js';
import type { Model } from '../../idl/index.js';
import { compile, diskHost, formatDiagnostic } from '../../idl/index.js';
import { samplesOf } from './arbitrary.js';
import type { Sample } from './generated.js';
import { generateInto } from './generated.js';
import { problems } from './type-check.js';

export interface RoundTripOptions {
  /** Folders in which included files are looked for. */
  readonly includePaths?: readonly string[];
  /** Samples of each type. */
  readonly values: number;
  readonly seed: number;
  /** Is told each file that is done. */
  readonly progress?: (report: FileReport, done: number, all: number) => void;
}

/** What became of one IDL file. */
export interface FileReport {
  /** Below the folder. */
  readonly file: string;
  /** The topics and top-level types that were sent. */
  readonly types: string[];
  /** Samples that came through, by codec. */
  readonly samples: Record<string, number>;
  readonly failures: Failure[];
}

export interface Failure {
  /** `compile`, `types`, or the codec. */
  readonly step: string;
  readonly type?: string;
  readonly message: string;
  /** The smallest sample that shows it. */
  readonly counterexample?: string;
}

/** The longest sequences. */
const elementsMax = 150;
/** How long a failure may be made smaller. */
const shrinkMsMax = 60_000;

/**
 * Sends random samples of all types of all IDL files in a folder through all generated codecs: what is decoded is to be equal, to be encoded as
 * the same bytes, and to have the same key, with the labels of unions or without. What was generated is checked under the strictest settings.
 */
export async function roundTrip(folder: string, options: RoundTripOptions): Promise<FileReport[]> {
  const files = idlFilesIn(folder);
  const reports: FileReport[] = [];
  const generated: { report: FileReport; paths: string[] }[] = [];
  for (const path of files) {
    const report: FileReport = { file: relative(folder, path), types: [], samples: {}, failures: [] };
    reports.push(report);
    const paths = await sendTypesOf(path, report, options);
    if (paths !== undefined) generated.push({ report, paths });
    options.progress?.(report, reports.length, files.length);
  }
  for (const problem of problems(generated.flatMap(({ paths }) => paths))) {
    const of = generated.find(({ paths }) => paths.some((path) => problem.startsWith(path)));
    (of ?? generated[0]!).report.failures.push({ step: 'types', message: problem });
  }
  return reports;
}

function idlFilesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.toLowerCase().endsWith('.idl'))
    .sort()
    .map((name) => join(folder, name));
}

/** The paths of what was generated; nothing where the file does not compile. */
async function sendTypesOf(
  path: string,
  report: FileReport,
  options: RoundTripOptions,
): Promise<string[] | undefined> {
  const { model, diagnostics } = compile({ files: [path], host: diskHost, ...options });
  if (model === undefined) {
    report.failures.push({ step: 'compile', message: diagnostics.map(formatDiagnostic).join('\n') });
    return undefined;
  }
  const { files } = generateInto(model, { xcdr2: true });
  const file = model.files.at(-1)!;
  const names = moduleNames(model, file);
  // The file itself is generated last: what it includes comes before it.
  const exports = (await import(pathToFileURL(files.at(-1)!).href)) as Record<string, TopicType<Sample>>;
  for (const type of topicsOf(model, file)) {
    report.types.push(type.name);
    send(model, type, exports[names.get(type.name)!.type]!, report, options);
  }
  return files;
}

function send(
  model: Model,
  type: Aggregate,
  topic: TopicType<Sample>,
  report: FileReport,
  { values, seed }: RoundTripOptions,
): void {
  const codecs: Record<string, Codec<Sample> | undefined> = {
    protobuf: topic.protobuf,
    XCDR2: topic.xcdr2,
    'in place': topic.inPlace,
  };
  for (const [step, codec] of Object.entries(codecs)) {
    if (codec === undefined) continue;
    const property = fc.property(samplesOf(model, type, { nul: false, elementsMax }), (sample) =>
      check(topic, codec, sample),
    );
    const found = fc.check(property, { numRuns: values, seed, endOnFailure: true });
    report.samples[step] = (report.samples[step] ?? 0) + found.numRuns;
    if (!found.failed) continue;
    const smaller = fc.check(property, {
      seed,
      path: found.counterexamplePath!,
      interruptAfterTimeLimit: shrinkMsMax,
    });
    const { counterexample, errorInstance } = smaller.failed ? smaller : found;
    const message = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
    const smallest = counterexample === null ? {} : { counterexample: fc.stringify(counterexample[0]) };
    report.failures.push({ step, type: type.name, message, ...smallest });
  }
}

/** Throws where a sample does not come back as it was, byte by byte. */
function check({ key }: TopicType<Sample>, codec: Codec<Sample>, sample: Sample): void {
  const bytes = encode(codec, sample);
  const again = codec.decode(memoryOf(bytes), 0, bytes.length);
  assert.deepEqual(again, sample, 'what is decoded differs');
  assert.deepEqual(encode(codec, again), bytes, 'what is decoded is encoded as other bytes');
  if (key === undefined) return;
  const bare = withoutLabels(sample) as Sample;
  const bareBytes = encode(codec, bare);
  const bareAgain = codec.decode(memoryOf(bareBytes), 0, bareBytes.length);
  for (const [before, after] of [
    [sample, again],
    [bare, bareAgain],
  ] as const) {
    assert.equal(key.of(after), key.of(before), 'the key differs');
    assert.deepEqual(key.hash(after), key.hash(before), 'the key hash differs');
  }
}

/** The sample of a writer that leaves it to the codecs which value of the rest a union's discriminator has. */
function withoutLabels(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLabels);
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, withoutLabels(each)]));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const kept = Object.entries(value).filter(([name]) => name !== '$label');
  return Object.fromEntries(kept.map(([name, each]) => [name, withoutLabels(each)]));
}

/** Room for samples, which grows. */
let room = memoryOf(new Uint8Array(1 << 16));

function encode(codec: Codec<Sample>, sample: Sample): Uint8Array {
  for (;;) {
    const end = codec.encode(sample, room, 0, room.bytes.length);
    if (end >= 0) return room.bytes.slice(0, end);
    room = memoryOf(new Uint8Array(room.bytes.length * 4));
  }
}

function memoryOf(bytes: Uint8Array): Memory {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}
