import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { generate } from '../codegen/index.js';
import { Bytes, Json, Text, type TopicType } from '../codegen/support/index.js';
import type { LogRecord } from '../runtime/durability/log/record.js';
import { surveyTopicLog } from '../runtime/durability/open-topic-log.js';
import { frameFlags } from '../runtime/multicast/frame.js';
import { compileFiles } from './compile-files.js';
import type { CompileFlags } from './compile-flags.js';
import { CommandFailure } from './failure.js';

/** What is printed of a sample. */
type SampleLine = Readonly<Record<string, unknown>>;
type AnyType = TopicType<unknown>;

/** How the samples of the log in a folder are printed: decoded by the IDL in a file, or by a built-in type, or as hex. */
export async function decoderFor(
  folder: string,
  idl: string | undefined,
  flags: CompileFlags,
): Promise<(record: LogRecord) => SampleLine> {
  const { typeName, typeHash, earlierTypes } = await surveyTopicLog(folder);
  const types = idl === undefined ? [Bytes, Text, Json] : await typesOf(idl, flags);
  const type = (types as AnyType[]).find(({ name }) => name === typeName);
  if (idl !== undefined && type === undefined)
    throw new CommandFailure(`there is no topic of type ${typeName} in '${idl}'`);
  // All types of a log go together: any of them reads what was written with the others.
  if (type !== undefined && ![typeHash, ...earlierTypes].includes(type.typeHash))
    throw new CommandFailure(
      `${typeName} in '${idl}' has hash ${type.typeHash}, the log was written with ${typeHash}: use the IDL of that time`,
    );
  return (record) => lineOf(record, type);
}

/** The types of an IDL file, generated and loaded as programs do it. */
async function typesOf(idl: string, flags: CompileFlags): Promise<AnyType[]> {
  const model = compileFiles([idl], flags, 'failure');
  const folder = mkdtempSync(join(tmpdir(), 'bowecho-log-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const files = generate(model, { language: 'javascript', xcdr2: true, support: supportSpecifier() });
    for (const { name, text } of files) writeFileSync(join(folder, name), text);
    const modules = files.filter(({ name }) => name.endsWith('.js'));
    const loaded = await Promise.all(
      modules.map(
        ({ name }) => import(pathToFileURL(join(folder, name)).href) as Promise<Record<string, unknown>>,
      ),
    );
    return loaded.flatMap((exported) => topicTypesIn(exported));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Also of the namespaces that stand for modules. */
function topicTypesIn(exported: object): AnyType[] {
  return Object.values(exported).flatMap((value: unknown) => {
    if (typeof value !== 'object' || value === null) return [];
    if ('typeHash' in value && 'protobuf' in value) return [value as AnyType];
    return Object.prototype.toString.call(value) === '[object Module]' ? topicTypesIn(value) : [];
  });
}

/** Beside this module: compiled, or as source where this is run from source. */
function supportSpecifier(): string {
  const compiled = new URL('../codegen/support/index.js', import.meta.url);
  return existsSync(compiled) ? compiled.href : new URL('../codegen/support/index.ts', import.meta.url).href;
}

function lineOf(record: LogRecord, type: AnyType | undefined): SampleLine {
  const { epoch, sequence, sender: member, writer, writerSequence, sourceTimeUs, flags } = record;
  const { memory, payload, length } = record;
  const half = (word: number): string => word.toString(16).padStart(8, '0');
  const instance = half(record.instanceHigh) + half(record.instanceLow);
  const head = { epoch, sequence, member, writer, writerSequence, sourceTimeUs, instance };
  const codec =
    flags & frameFlags.inPlace ? type?.inPlace : flags & frameFlags.xcdr2 ? type?.xcdr2 : type?.protobuf;
  if (codec === undefined)
    return { ...head, bytes: Buffer.from(memory.bytes.subarray(payload, payload + length)).toString('hex') };
  return { ...head, data: plain(codec.decode(memory, payload, length)) };
}

/** As JSON can say it: 64-bit integers as their digits, octets in hex, maps as pairs. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(plain);
  if (ArrayBuffer.isView(value)) return [...(value as unknown as Iterable<unknown>)].map(plain);
  if (value instanceof Map) return [...value].map(([key, item]) => [plain(key), plain(item)]);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]));
}
