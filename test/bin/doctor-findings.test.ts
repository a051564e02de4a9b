import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import koffi from 'koffi';
import { clockFinding, lookAtClock } from '../../bin/doctor/clock.js';
import { deviceFindings, limitFindings } from '../../bin/doctor/rdma.js';
import { choosePort, type Gid } from '../../transport/verbs/ports.js';
import { timexType, type Timex } from './timex.js';

const TIME_OK = 0;
const TIME_ERROR = 5;
const STA_PLL = 0x1;
const STA_UNSYNC = 0x40;
const STA_NANO = 0x2000;

describe('what bowecho doctor says of the clock', () => {
  const now = '2026-01-31T12:00:00.000Z';

  function say(state: number, fields: Partial<Timex>) {
    const bytes = new Uint8Array(koffi.sizeof(timexType));
    koffi.encode(bytes, 0, timexType, { ...koffi.decode(bytes, timexType), ...fields });
    return clockFinding(now, state, bytes);
  }

  it('is how far off it is, where the kernel has it for synchronised', () => {
    const chrony = {
      status: STA_PLL | STA_NANO,
      offset: -123_456,
      maxerror: 25_432,
      esterror: 321,
      tick: 10_000,
    };
    const found = `synchronised: ${now}; -123.5 µs still to be corrected, estimated error 321 µs, at most 25.4 ms`;
    assert.deepEqual(say(TIME_OK, chrony), { check: 'clock', status: 'ok', found });
    // Without STA_NANO it is in microseconds. A leap second to come (1, 2) is no fault.
    for (const state of [TIME_OK, 1, 2])
      assert.match(
        say(state, { ...chrony, status: STA_PLL, offset: 250 }).found,
        /^synchronised: .*; 250\.0 µs still/,
      );
  });

  it('tells an error that has grown large, as long as the kernel goes by the clock', () => {
    const { status, found } = say(TIME_OK, { status: STA_NANO, maxerror: 15_999_500, esterror: 2 ** 33 });
    assert.equal(status, 'ok');
    assert.match(found, /estimated error 8589934592 µs, at most 15999\.5 ms$/);
  });

  it('is a warning where it is not synchronised, by its status or by what the call gives', () => {
    const fresh = { status: STA_UNSYNC | STA_NANO, maxerror: 16_000_000, esterror: 16_000_000 };
    for (const finding of [
      say(TIME_ERROR, fresh),
      say(TIME_OK, fresh),
      say(TIME_ERROR, { status: STA_NANO | STA_PLL }),
    ]) {
      assert.deepEqual([finding.status, finding.found], ['warning', `not synchronised: ${now}`]);
      assert.match(finding.advice!, /run chrony or ntpd$/);
    }
  });

  it('is a warning where the kernel refuses to tell', () => {
    const { status, found, advice } = say(-1, {});
    assert.equal(status, 'warning');
    assert.equal(found, `${now}; the kernel does not tell of it (adjtimex is refused)`);
    assert.ok(advice);
  });

  it('is what another program hears of the kernel on this machine', function () {
    const first = askByPython();
    if (first === undefined) return this.skip();
    // What the service that keeps the clock does, it may do between two looks: then again.
    for (let tries = 5, before = first; ; tries--) {
      const [finding] = lookAtClock();
      const after = askByPython()!;
      try {
        const isSynchronised = (seen: Seen) => seen.state !== TIME_ERROR && (seen.status & STA_UNSYNC) === 0;
        assert.equal(isSynchronised(before), isSynchronised(after));
        assert.equal(finding!.status, isSynchronised(after) ? 'ok' : 'warning', finding!.found);
        if (!isSynchronised(after)) return;
        const [, estimated, most] = /estimated error (\d+) µs, at most ([\d.]+) ms/.exec(finding!.found)!;
        assert.equal(Number(estimated), after.esterror);
        assert.ok(
          Number(most) >= before.maxerror / 1000 - 0.1 && Number(most) <= after.maxerror / 1000 + 0.1,
        );
        return;
      } catch (error) {
        if (tries === 0) throw error;
        before = after;
      }
    }
  });
});

interface Seen {
  readonly state: number;
  readonly status: number;
  readonly maxerror: number;
  readonly esterror: number;
}

/** The same call by Python, whose own struct gives the layout; undefined where there is none. */
function askByPython(): Seen | undefined {
  if (process.platform !== 'linux') return undefined;
  const script = `
import ctypes, json
class Timex(ctypes.Structure):
    _fields_ = [("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long), ("maxerror", ctypes.c_long),
                ("esterror", ctypes.c_long), ("status", ctypes.c_int), ("rest", ctypes.c_long * 40)]
t = Timex()
state = ctypes.CDLL(None).adjtimex(ctypes.byref(t))
print(json.dumps({"state": state, "status": t.status, "maxerror": t.maxerror, "esterror": t.esterror}))`;
  const { status, stdout } = spawnSync('python3', ['-c', script], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  const seen = JSON.parse(stdout) as Seen;
  return seen.state < 0 ? undefined : seen;
}

describe('what bowecho doctor says of RDMA devices', () => {
  const gids: Gid[] = [{ port: 1, index: 1, hex: '00000000000000000000ffff0a090001', type: 2 }];

  /** A device whose port is in that state: 1 down, 2 init, 3 armed, 4 active. */
  function device(name: string, state: number) {
    const port = choosePort(gids, undefined, () => {
      const view = new DataView(new ArrayBuffer(64));
      view.setInt32(0, state, true);
      view.setInt32(8, 3, true);
      view.setUint8(46, 2);
      return new Uint8Array(view.buffer);
    });
    return { name, port };
  }

  it('is the port of each that is up, and the address by which peers reach it', () => {
    assert.deepEqual(deviceFindings([device('mlx5_0', 4)]), [
      {
        check: 'mlx5_0',
        status: 'ok',
        found: 'port 1 is up, GID 1 (00000000000000000000ffff0a090001), MTU code 3',
      },
    ]);
  });

  it('is a warning for one whose port is not, beside one whose port is', () => {
    const findings = deviceFindings([device('mlx5_0', 1), device('mlx5_1', 4)]);
    assert.deepEqual(
      findings.map(({ check, status }) => [check, status]),
      [
        ['mlx5_0', 'warning'],
        ['mlx5_1', 'ok'],
      ],
    );
    assert.match(findings[0]!.found, /^has no port that is up: port 1 is in state 1, wanted 4 \(active\)$/);
    assert.match(findings[0]!.advice!, /bring its link up/);
  });

  it('fails where none can be used, and where there is none', () => {
    const cannot = { name: 'rxe0', port: 'cannot be opened: EACCES' };
    const findings = deviceFindings([device('mlx5_0', 1), device('mlx5_1', 2), device('mlx5_2', 3), cannot]);
    assert.deepEqual(
      findings.map(({ status }) => status),
      ['fails', 'fails', 'fails', 'fails'],
    );
    assert.equal(findings[3]!.found, 'cannot be opened: EACCES');
    const [none] = deviceFindings([]);
    assert.deepEqual([none!.check, none!.status, none!.found], ['devices', 'fails', 'there is none']);
    assert.match(none!.advice!, /modprobe rdma_rxe/);
  });

  describe('and of memory that may be pinned', () => {
    /** As Linux writes /proc/…/limits. */
    const limits = (soft: string, hard: string) =>
      [
        'Limit                     Soft Limit           Hard Limit           Units     ',
        'Max resident set          unlimited            unlimited            bytes     ',
        'Max open files            1024                 1048576              files     ',
        `Max locked memory         ${soft.padEnd(20)} ${hard.padEnd(20)} bytes     `,
        'Max address space         unlimited            unlimited            bytes     ',
        '',
      ].join('\n');

    it('is a warning where sixteen topics would not go into it, by the soft limit', () => {
      for (const [soft, hard, found] of [
        ['8388608', '8388608', 'at most 8.0 MiB'],
        ['65536', 'unlimited', 'at most 0.1 MiB'],
        [String(64 * 2 ** 20 - 1), 'unlimited', 'at most 64.0 MiB'],
        ['0', '0', 'at most 0.0 MiB'],
      ] as const) {
        const [finding] = limitFindings(limits(soft, hard));
        assert.deepEqual([finding!.status, finding!.found], ['warning', found]);
        assert.match(finding!.advice!, /ulimit -l unlimited.*--ulimit memlock=-1/);
      }
    });

    it('is fine where they would, or it is not limited', () => {
      const said = (soft: string) =>
        limitFindings(limits(soft, 'unlimited')).map(({ status, found }) => [status, found]);
      assert.deepEqual(said(String(64 * 2 ** 20)), [['ok', 'at most 64.0 MiB']]);
      assert.deepEqual(said(String(2 ** 31)), [['ok', 'at most 2.0 GiB']]);
      assert.deepEqual(said('unlimited'), [['ok', 'is not limited']]);
    });

    it('is found in what this kernel writes', function () {
      if (process.platform !== 'linux') this.skip();
      assert.equal(limitFindings(readFileSync('/proc/self/limits', 'latin1')).length, 1);
    });
  });
});
