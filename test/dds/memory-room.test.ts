import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { checkRoom, epochBytes } from '../../runtime/dds/memory-room.js';
import { Bytes, Participant } from '../../runtime/dds/index.js';
import type { Endpoint, View } from '../../runtime/membership/view.js';
import { newDomain } from './member-process.js';

const MiB = 2 ** 20;

function viewOf(...endpoints: [member: number, role: Endpoint['role'], topic: string][]): View {
  return {
    endpoints: endpoints.map(([member, role, topic], id) => ({ member, role, topic, id, info: null })),
    topics: [
      { name: 'radar', slot: 1, epoch: 1, ordered: true, ringBytes: 4 * MiB, largeBytes: 0, info: null },
    ],
  } as Partial<View> as View;
}

describe('room for a topic', () => {
  it('is a ring for each member that sends, once somebody receives', () => {
    const writers = viewOf(
      [1, 'writer', 'radar'],
      [1, 'writer', 'radar'],
      [2, 'writer', 'radar'],
      [3, 'reader', 'other'],
    );
    assert.ok(epochBytes(writers, 'radar', 4 * MiB) < MiB);
    const bytes = epochBytes(writers, 'radar', 4 * MiB, { member: 1, role: 'reader' });
    assert.equal(Math.floor(bytes / MiB), 8);
  });

  it('is refused where it is not there, with what it takes and what there is', () => {
    const view = viewOf([1, 'writer', 'radar']);
    const reader = { member: 2, role: 'reader', topic: 'radar' } as const;
    checkRoom(view, 6 * MiB, reader, { ringBytes: 64 });
    assert.throws(() => checkRoom(view, 4.5 * MiB, reader, { ringBytes: 64 }), {
      code: 'BE_NO_MEMORY',
      message: /a reader of radar: its rings take 4\.0 MiB, and 4\.5 MiB are free/,
    });
    // A topic that nobody has opened yet has the rings that its first endpoint asks for.
    checkRoom(view, 2 * MiB, { ...reader, topic: 'new' }, { ringBytes: 64 });
  });

  it('is limited over TCP, too, by what a member may use for its domain', async () => {
    const tcp = { memoryBytesMax: 8 * MiB };
    const qos = (ringBytesMin: number) =>
      ({ base: 'atomic', transport: { ringBytesMin, ringBytesMax: 16 * MiB } }) as const;
    const participant = await Participant.join({ domain: newDomain('tcp'), tcp });
    const writer = await participant.writer(Bytes, { topic: 'small', qos: qos(MiB) });
    const reader = await participant.reader(Bytes, { topic: 'small', qos: qos(MiB) });
    await participant.writer(Bytes, { topic: 'large', qos: qos(8 * MiB) });
    await assert.rejects(participant.reader(Bytes, { topic: 'large', qos: qos(8 * MiB) }), {
      code: 'BE_NO_MEMORY',
      message:
        /a reader of large: its rings take 8\.0 MiB, and [56]\.\d MiB are free\. .*tcp\.memoryBytesMax/,
    });
    await writer.write(new Uint8Array(100));
    for await (const { data } of reader) {
      assert.equal(data.length, 100);
      break;
    }
    await participant.close();
  });

  it('is asked for before the view changes: a full /dev/shm refuses one topic, and the others go on', function () {
    this.timeout(60_000);
    const script = fileURLToPath(new URL('./roles/little-memory.ts', import.meta.url));
    const shell = 'mount -t tmpfs -o size=12m tmpfs /dev/shm && exec "$@"';
    const command = [
      '--mount',
      'sh',
      '-c',
      shell,
      'sh',
      process.execPath,
      '--import',
      'tsx',
      script,
      newDomain('memory'),
    ];
    try {
      execFileSync('unshare', ['--mount', 'sh', '-c', 'mount -t tmpfs tmpfs /dev/shm'], { stdio: 'pipe' });
    } catch {
      if (process.env.CI === 'true')
        throw new Error('this must run here, and cannot: nothing can be mounted');
      console.log('      left out: this machine does not let us mount a file system');
      this.skip();
    }
    const said = JSON.parse(execFileSync('unshare', command, { encoding: 'utf8' })) as {
      opened: number;
      refusal: { code: string; message: string };
      received: number;
      members: number;
    };
    assert.equal(said.refusal.code, 'BE_NO_MEMORY');
    assert.match(said.refusal.message, /a (reader|writer) of topic\d+/);
    assert.ok(said.opened >= 5 && said.opened <= 11, `${said.opened} topics`);
    assert.equal(said.received, 1000);
    assert.equal(said.members, 1);
  });
});
