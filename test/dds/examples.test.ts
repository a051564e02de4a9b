import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { Bytes, Json, Participant, Text } from '../../runtime/dds/index.js';
import { LocalDomain, sleep } from './local-domain.js';
import { Point } from './point.js';

const folder = new URL('../../runtime/dds/', import.meta.url);

interface Example {
  /** The line of the declaration that it documents. */
  readonly title: string;
  readonly code: string;
}

function examplesOf(file: string): Example[] {
  const source = readFileSync(new URL(file, folder), 'utf8');
  return [...source.matchAll(/\/\*\*(?:(?!\*\/)[^])*?\*\/\s*\n([^\n]*)/g)].flatMap(([comment, declaration]) =>
    [...comment.matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => ({
      title: `${file}: ${declaration!.trim().replace(/[<(=].*/, '')}`,
      code: code!.replace(/^\s*\* ?/gm, ''),
    })),
  );
}

/** What an example has at hand, besides its own declarations: endpoints of one topic, and something to write. */
async function stageOf(participant: Participant, code: string): Promise<Record<string, unknown>> {
  if (code.includes('Participant.join')) return {};
  if (/asOf|\.at\(|between|replicated/.test(code)) return pastOf(participant);
  const topic = 'example';
  const type = code.includes('loan()') ? Point : code.includes('.memory') ? Bytes : Json;
  const reader = await participant.reader(type as typeof Json, { topic });
  const qos = type === Point ? { representation: ['inPlace', 'protobuf'] as const } : 'atomic';
  const writer = await participant.writer(type as typeof Json, { topic, qos });
  return { participant, reader, writer, total: 0, flights: [{ callsign: 'BAW117' }, { callsign: 'KLM601' }] };
}

/** A persistent topic that has a past. */
async function pastOf(participant: Participant): Promise<Record<string, unknown>> {
  const reader = await participant.reader(Json, { topic: 'example', qos: 'persistent' });
  const writer = await participant.writer(Json, { topic: 'example', qos: 'persistent' });
  await writer.write({ id: 7, amount: 3 });
  await writer.whenCommitted();
  const timeUs = participant.nowUs();
  const { last: sample } = await reader.asOf(timeUs);
  const reducer = (state: object): object => state;
  return { participant, reader, orderReader: reader, stockReader: reader, sample, timeUs, reducer, total: 0 };
}

describe('the examples in the documentation of the public classes', () => {
  let domain: LocalDomain;

  let storage: string;
  beforeEach(() => {
    domain = new LocalDomain();
    storage = mkdtempSync(join(tmpdir(), 'bowecho-storage-'));
  });
  afterEach(async () => {
    await domain.close();
    rmSync(storage, { recursive: true, force: true });
  });

  const examples = readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .flatMap(examplesOf);

  it('are there', () => {
    assert.ok(examples.length >= 4);
  });

  for (const { title, code } of examples) {
    it(`run: ${title}`, async () => {
      const participant = await domain.join({ storage });
      const printed: unknown[] = [];
      const console = { log: (value: unknown) => printed.push(value) };
      const scope = {
        console,
        Participant,
        Bytes,
        Json,
        Text,
        generateKeyPairSync,
        folder: join(storage, 'of the example'),
        ...(await stageOf(participant, code)),
      };
      const script = await transform(
        `export default async (${Object.keys(scope).join(', ')}) => {${code}\n};`,
        {
          loader: 'ts',
          format: 'esm',
        },
      );
      const module = (await import(`data:text/javascript,${encodeURIComponent(script.code)}`)) as {
        default: (...values: unknown[]) => Promise<void>;
      };
      await module.default(...Object.values(scope));
      await sleep(5);
      if (code.includes('console.log')) assert.deepEqual(printed, ['hello']);
    });
  }

  it('a first topic takes ten lines', () => {
    const [first] = examplesOf('participant.ts');
    assert.ok(first!.code.trim().split('\n').length <= 10);
  });
});
