import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Participant } from '../../runtime/dds/index.js';
import { sleep } from './local-domain.js';
import { scriptOf } from '../script.js';
import { hostMs, newDomain, until } from './member-process.js';

describe('Ctrl-C', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  async function start(domain: string, role: 'reader' | 'writer'): Promise<ChildProcess> {
    const child = fork(await scriptOf('dds/roles/plain'), [domain, role], { execArgv: [] });
    children.push(child);
    await once(child, 'message');
    return child;
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`${signal}: a process leaves its view at once, even one that is held back, and leaves no file behind`, async () => {
      const domain = newDomain('memory');
      // Nobody is ever suspected here: who is gone has left.
      const participant = await Participant.join({ domain, closeOnSignals: false, suspicionMs: 60_000 });
      const members: string[] = [];
      const reader = await start(domain, 'reader');
      const writer = await start(domain, 'writer');
      participant.view$.subscribe((view) => members.push(view.members.map(({ pid }) => pid).join()));
      await sleep(100);
      for (const child of [writer, reader]) {
        const told = hostMs();
        const ended = once(child, 'exit');
        child.kill(signal);
        await until(
          () => !participant.view.members.some(({ pid }) => pid === child.pid),
          'the view without it',
        );
        assert.deepEqual(await ended, [null, signal]);
        console.log(`      left ${(hostMs() - told).toFixed(0)} ms after ${signal}`);
      }
      await participant.close();
      assert.deepEqual(filesOf(domain), []);
    });
  }
});

/** What there is of a domain, wherever its files may be. */
function filesOf(domain: string): string[] {
  const name = domain.replace('memory:', '');
  const roots = [process.env.XDG_RUNTIME_DIR, join(tmpdir(), `bowecho-${process.getuid!()}`), '/dev/shm'];
  return roots
    .filter((root) => root !== undefined)
    .flatMap((root) => {
      try {
        return readdirSync(root, { recursive: true, encoding: 'utf8' });
      } catch {
        return [];
      }
    })
    .filter((path) => path.includes(name));
}
