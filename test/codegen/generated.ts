import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import protobuf from 'protobufjs';
import type { GenerateOptions } from '../../codegen/index.js';
import { generate } from '../../codegen/index.js';
import type {
  Codec,
  MalformedSampleError,
  Memory,
  SampleError,
  TopicType,
} from '../../codegen/support/index.js';
import type { Model } from '../../idl/index.js';
import { compile, formatDiagnostic, memoryHost } from '../../idl/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = `${root}node_modules/.cache/bowecho-test/${process.pid}`;
let count = 0;

process.on('exit', () => rmSync(cache, { recursive: true, force: true }));

/** The model of IDL sources, which must be right. The first is compiled; it may include the others. */
export function modelOf(files: Readonly<Record<string, string>>): Model {
  const { model, diagnostics } = compile({ files: [Object.keys(files)[0]!], host: memoryHost(files) });
  if (model === undefined) throw new Error(diagnostics.map(formatDiagnostic).join('\n'));
  return model;
}

/** Generates into a folder of its own, in which generated code finds the support library of this checkout. */
export function generateInto(
  model: Model,
  options: GenerateOptions = {},
): { folder: string; files: string[] } {
  const folder = `${cache}/${count++}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/package.json`, '{ "type": "module" }');
  const support = `${relative(folder, `${root}codegen/support`)}/index.js`;
  const files = generate(model, { support, ...options }).map(({ name, text }) => {
    writeFileSync(`${folder}/${name}`, text);
    return `${folder}/${name}`;
  });
  return { folder, files };
}

/** A sample whose type is known only when the test runs. */
export type Sample = Record<string, unknown>;

/** What generated modules export, and protobufjs's reading of the `.proto` beside them. */
export interface Generated {
  readonly model: Model;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly folder: string;
  readonly files: readonly { readonly path: string; readonly text: string }[];
  topic(name: string): TopicType<Sample>;
  oracle(fullName: string): protobuf.Type;
}

/** Compiles IDL, generates, and imports what was generated. */
export async function load(files: Readonly<Record<string, string>>): Promise<Generated> {
  const model = modelOf(files);
  const { folder, files: paths } = generateInto(model, { proto: true, xcdr2: true });
  const first = Object.keys(files)[0]!.replace(/\.idl$/, '');
  const exports = (await import(pathToFileURL(`${folder}/${first}.ts`).href)) as Record<string, unknown>;
  const types = new protobuf.Root();
  types.resolvePath = (_origin, target) => (target.startsWith('/') ? target : `${folder}/${target}`);
  types.loadSync(`${folder}/${first}.proto`, { keepCase: true });
  return {
    model,
    exports,
    folder,
    files: paths
      .filter((path) => path.endsWith('.ts'))
      .map((path) => ({ path, text: readFileSync(path, 'utf8') })),
    topic: (name) => exports[name] as TopicType<Sample>,
    oracle: (fullName) => types.lookupType(fullName),
  };
}

/** Memory of a size, all of it 0xaa, so that a byte too many is seen. */
export function memoryOf(size: number): Memory {
  const bytes = new Uint8Array(size).fill(0xaa);
  return { bytes, view: new DataView(bytes.buffer) };
}

export function memoryFrom(bytes: Uint8Array): Memory {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

/** Encodes into memory of just the right size: one byte less is found not to fit. */
export function encoded(codec: Codec<Sample>, sample: Sample): Uint8Array {
  const large = memoryOf(1 << 20);
  const end = codec.encode(sample, large, 0, large.bytes.length);
  if (end < 0) throw new Error('it does not fit');
  return large.bytes.slice(0, end);
}

// By code, not by class: the loader of the tests may load the support library twice, once for them and once for generated code.

/** Whether something thrown is the {@link SampleError} of a member. */
export function isSampleError(error: unknown, member?: string): error is SampleError {
  const wanted = error instanceof Error && 'code' in error && error.code === 'BE_SAMPLE' && 'member' in error;
  return wanted && (member === undefined || error.member === member);
}

/** Whether something thrown is a {@link MalformedSampleError}. */
export function isMalformed(error: unknown): error is MalformedSampleError {
  return error instanceof Error && 'code' in error && error.code === 'BE_MALFORMED_SAMPLE';
}
