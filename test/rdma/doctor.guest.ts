import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import koffi from 'koffi';
import { lookAtClock } from '../../bin/doctor/clock.js';
import type { Report } from '../../bin/doctor/report.js';
import { timexType, type Timex } from '../bin/timex.js';

const command = fileURLToPath(new URL('bowecho.mjs', import.meta.url));
const address = 'rdma://10.9.0.1:7400/tower';

describe('bowecho doctor on a machine with an RDMA device', () => {
  const work = mkdtempSync(join(tmpdir(), 'bowecho-doctor-'));

  before(() => {
    // Where the command, which is one file here, finds its package.
    mkdirSync(join(work, 'modules'));
    symlinkSync(process.cwd(), join(work, 'modules/bowecho'));
  });

  after(() => rmSync(work, { recursive: true }));

  function doctor(...under: string[]) {
    const [program, ...args] = [...under, process.execPath, command, 'doctor', '--json', address, '--plain'];
    const { status, stdout, stderr } = spawnSync(program!, [...args, '--storage', work], {
      encoding: 'utf8',
      env: { ...process.env, NODE_PATH: join(work, 'modules') },
    });
    assert.match(stdout, /^\{/, stderr);
    const report = JSON.parse(stdout) as Report;
    const { needed, findings } = report.groups.find(({ name }) => name === 'RDMA')!;
    assert.equal(needed, true);
    return { code: status, report, findings, checks: findings.map(({ check, status }) => [check, status]) };
  }

  it('finds the device, its port that is up, and that memory can be pinned', () => {
    const { code, report, findings, checks } = doctor();
    assert.equal(code, 0, JSON.stringify(report));
    assert.deepEqual(checks, [
      ['libibverbs', 'ok'],
      ['rxe0', 'ok'],
      ['locked memory', 'ok'],
    ]);
    assert.match(
      findings[1]!.found,
      /^port 1 is up, GID \d+ \(00000000000000000000ffff0a090001\), MTU code [1-5]$/,
    );
    assert.equal(findings[2]!.found, 'is not limited');
  });

  it('warns of one whose port is down, and of a low limit of memory', () => {
    const run = (line: string) => execFileSync('sh', ['-c', line]);
    run('ip link add idle type dummy && rdma link add rxe1 type rxe netdev idle');
    try {
      const { code, findings, checks } = doctor('sh', '-c', 'ulimit -S -l 1024 && exec "$@"', 'sh');
      assert.equal(code, 0);
      assert.deepEqual(checks, [
        ['libibverbs', 'ok'],
        ['rxe0', 'ok'],
        ['rxe1', 'warning'],
        ['locked memory', 'warning'],
      ]);
      assert.match(findings[2]!.found, /^has no port that is up: port 1 is in state 1, wanted 4/);
      assert.equal(findings[3]!.found, 'at most 1.0 MiB');
    } finally {
      run('rdma link delete rxe1 && ip link delete idle');
    }
  });

  it('says of the clock what the kernel is told of it', () => {
    const adjtimex = koffi
      .load(null as never)
      .func('adjtimex', 'int', [koffi.inout(koffi.pointer(timexType))]) as (timex: Partial<Timex>) => number;
    const [ADJ_MAXERROR, ADJ_ESTERROR, ADJ_STATUS] = [0x4, 0x8, 0x10];
    const STA_UNSYNC = 0x40;
    // Nobody keeps the guest's clock.
    assert.match(lookAtClock()[0]!.found, /^not synchronised/);
    const modes = ADJ_STATUS | ADJ_MAXERROR | ADJ_ESTERROR;
    assert.ok(adjtimex({ modes, status: 0, maxerror: 2_500_000, esterror: 1234 }) >= 0);
    try {
      const { status, found } = lookAtClock()[0]!;
      assert.equal(status, 'ok', found);
      // It grows by 500 µs a second.
      assert.match(found, /^synchronised: .* estimated error 1234 µs, at most 250[0-9]\.\d ms$/);
    } finally {
      adjtimex({ modes: ADJ_STATUS, status: STA_UNSYNC });
    }
    assert.equal(lookAtClock()[0]!.status, 'warning');
  });
});
