import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiskReplica } from '../../runtime/durability/disk-replica.js';
import { digestTopicLog } from '../../runtime/durability/open-topic-log.js';
import { ReplicaLog } from '../../runtime/durability/replica/replica-log.js';
import { topUp } from '../../runtime/durability/top-up.js';
import type { TopicPast } from '../../runtime/membership/topic-past.js';
import { EntryRef, entryBytes } from '../../runtime/history/entry.js';
import { frameKind } from '../../runtime/multicast/frame.js';
import { regionMemory } from '../../transport/transport.js';
import { identity } from './log-on-disk.js';

const samples = 4000;
const lineage = 'tower.1';
const path = 'flights';

function sample(epoch: number, sequence: number) {
  const payload = 1024;
  const memory = regionMemory(new ArrayBuffer(entryBytes(payload)));
  memory.f64.set([epoch, sequence, 1]);
  memory.u32.set([payload, frameKind.data], 6);
  return new EntryRef(memory, 0).asDelivery();
}

describe('a log that is topped up from one that is not in use', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bowecho-top-up-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  async function open(name: string): Promise<{ disk: DiskReplica; replica: ReplicaLog }> {
    const opened: { replica?: ReplicaLog } = {};
    const directory = join(folder, name, path);
    const disk = await DiskReplica.open({ ...identity, directory, moved: () => opened.replica?.moved() });
    const replica = (opened.replica = new ReplicaLog(disk, () => undefined));
    return { disk, replica };
  }

  const past = (): TopicPast => ({ topic: 'flights', epoch: 5, disks: [join(folder, 'source')] });

  /** What a replica left behind that was in epoch 4, and the source in epoch 5, too; neither knows where they end. */
  async function leave(name: string, count: number): Promise<void> {
    const { disk, replica } = await open(name);
    replica.begin(4, { topic: 'flights', lineage, ended: -1, orphaned: false }, true);
    for (let i = 0; i < count; i++) {
      while (replica.full) await new Promise((resolve) => setTimeout(resolve, 1));
      replica.append(sample(i < samples / 2 ? 4 : 5, i));
    }
    await disk.close();
  }

  beforeEach(async () => {
    await leave('source', samples);
    await leave('other', 100);
  });

  it('is like it, and reaches the end of its topic', async () => {
    const { disk, replica } = await open('other');
    assert.equal(await topUp(replica, past(), lineage, past().disks, path), true);
    assert.equal(replica.reachesEndOf(past()), true);
    await disk.close();
    assert.equal(
      await digestTopicLog(join(folder, 'other', path)),
      await digestTopicLog(join(folder, 'source', path)),
    );
    const again = await open('other');
    assert.equal(again.replica.reachesEndOf(past()), true);
    // Nobody knows the end: it is all there is only where the domain goes by it.
    const origin = { topic: 'flights', lineage, ended: 5, orphaned: true };
    again.replica.begin(6, origin, false);
    assert.equal(again.replica.isWhole, false);
    await again.disk.close();
  });

  it('does not reach the end of its topic where its process ends in the midst of it', async function () {
    // A machine that halts may look too late; then there is nothing to see.
    this.retries(5);
    const { disk, replica } = await open('other');
    const done = topUp(replica, past(), lineage, past().disks, path);
    while (disk.log.durableEpoch < 5) await new Promise((resolve) => setTimeout(resolve, 1));
    // As a crash would leave it.
    cpSync(join(folder, 'other'), join(folder, 'crashed'), { recursive: true });
    await done;
    await disk.close();
    const crashed = await open('crashed');
    const { lastEpoch, lastSequence } = crashed.disk.log;
    assert.ok(lastEpoch === 5 && lastSequence < samples - 1, 'too late to find it in the midst of it');
    assert.equal(crashed.replica.reachesEndOf(past()), false);
    assert.equal(await topUp(crashed.replica, past(), lineage, past().disks, path), true);
    assert.equal(crashed.replica.reachesEndOf(past()), true);
    await crashed.disk.close();
    assert.equal(
      await digestTopicLog(join(folder, 'crashed', path)),
      await digestTopicLog(join(folder, 'source', path)),
    );
  });
});
