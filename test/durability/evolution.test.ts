import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schemaOf, typeHashOf } from '../../codegen/index.js';
import type { Aggregate } from '../../codegen/shape.js';
import { typesApart } from '../../runtime/dds/types-apart.js';
import { LogError } from '../../runtime/durability/log/errors.js';
import {
  openTopicLog,
  readTopicLog,
  repairTopicLog,
  surveyTopicLog,
} from '../../runtime/durability/open-topic-log.js';
import { rowsByTopic } from '../codegen/evolution-rows.js';
import { modelOf } from '../codegen/generated.js';
import { deliveryOf } from './log-on-disk.js';

function typeOf(idl: string) {
  const model = modelOf({ 't.idl': idl });
  const schema = schemaOf(model, model.definitions.get('T') as Aggregate);
  return { typeName: 'T', typeHash: typeHashOf(schema), schema };
}

const struct = (members: string) => typeOf(`@topic @appendable struct T { ${members} };`);
const one = struct('long a;');
const two = struct('long a; string b;');
const three = struct('long a; string b; double c;');
const other = struct('string a;');

describe('a log whose topic is opened with another version of its type', () => {
  let base: string;
  let directory: string;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'bowecho-log-'));
    directory = join(base, 't');
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  let sequence = 0;
  async function appendWith(type: ReturnType<typeof typeOf>): Promise<void> {
    const log = await openTopicLog({
      directory,
      domain: 'tower',
      topic: 'news',
      ...type,
      typeRule: typesApart,
      moved: () => undefined,
    });
    log.append(deliveryOf({ epoch: 1, sequence: sequence++, text: type.typeHash }));
    await log.close();
  }

  async function texts(): Promise<string[]> {
    const found: string[] = [];
    for await (const { memory, payload, length } of readTopicLog(directory))
      found.push(Buffer.from(memory.bytes.subarray(payload, payload + length)).toString());
    return found;
  }

  /** Everything in the folder, but for who has it. */
  const contents = () =>
    readdirSync(directory).map((name) => [name, readFileSync(join(directory, name)).toString('base64')]);

  async function refusal(type: ReturnType<typeof typeOf>): Promise<string> {
    const before = contents();
    try {
      await appendWith(type);
    } catch (error) {
      assert.ok(error instanceof LogError);
      assert.deepEqual([error.code, error.file], ['BE_LOG_FOREIGN', join(directory, 'manifest')]);
      assert.deepEqual(contents(), before);
      return error.reason;
    }
    throw new Error('it was opened');
  }

  for (const [of, rows] of Object.entries(rowsByTopic))
    it(`goes on where a topic in memory would, and is refused with the same reason elsewhere: ${of}`, async () => {
      for (const [what, before, after] of rows) {
        const [old, now] = [typeOf(before), typeOf(after)];
        rmSync(directory, { recursive: true, force: true });
        await appendWith(old);
        const problem = old.typeHash === now.typeHash ? undefined : typesApart(old.schema, now.schema);
        if (problem === undefined) await appendWith(now);
        else
          assert.equal(
            await refusal(now),
            `this log has samples of type T (${old.typeHash.slice(0, 8)}), and is opened with type T (${now.typeHash.slice(0, 8)}): ` +
              `they do not go together: ${problem}. Nothing was changed: move it away, or use another folder`,
            what,
          );
      }
    });

  it('says which type it is written with, and may be opened with the earlier one again', async () => {
    for (const type of [one, two, one]) {
      await appendWith(type);
      assert.equal((await surveyTopicLog(directory)).typeHash, type.typeHash);
    }
    assert.deepEqual(await texts(), [one.typeHash, two.typeHash, one.typeHash]);
  });

  it('compares with each of its types, since what goes together with the last may not with the first', async () => {
    // A type of the same members, but for one that the first does not have.
    const optional = struct('long a; @optional string b;');
    await appendWith(one);
    await appendWith(three);
    assert.match(await refusal(other), new RegExp(`has samples of type T \\(${one.typeHash.slice(0, 8)}\\)`));
    assert.match(
      await refusal(optional),
      new RegExp(`samples of type T \\(${three.typeHash.slice(0, 8)}\\)`),
    );
  });

  it('takes a second type while it is open, or refuses it, and goes on', async () => {
    const owner = { domain: 'tower', topic: 'news', typeRule: typesApart };
    const log = await openTopicLog({ directory, ...owner, ...one, moved: () => undefined });
    await log.adopt({ ...owner, ...two });
    await assert.rejects(log.adopt({ ...owner, ...other }), { code: 'BE_LOG_FOREIGN' });
    log.append(deliveryOf({ epoch: 1, sequence: 0, text: 'x' }));
    await log.close();
    assert.equal((await surveyTopicLog(directory)).typeHash, two.typeHash);
  });

  it('whose manifest was lost learns from a program of its type what that is', async () => {
    await appendWith(one);
    rmSync(join(directory, 'manifest'));
    await repairTopicLog(directory);
    assert.match(await refusal(two), /is lost with the manifest; a program of that type brings it back/);
    await appendWith(one);
    await appendWith(two);
    assert.equal((await texts()).length, 3);
  });
});
