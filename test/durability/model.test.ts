import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { DiskLog } from '../../runtime/durability/log/disk-log.js';
import { inspect } from '../../runtime/durability/log/inspection.js';
import { FaultyDisk, type Random, randomOf } from './faulty-disk.js';
import { type TestSample, append, close, finish, openOn, read, textsOf } from './log-on-disk.js';

/** A log, and beside it what it must hold. */
class Real {
  disk = new FaultyDisk();
  log: DiskLog;
  readonly random: Random;

  constructor(seed: number) {
    this.log = openOn(this.disk)!;
    this.random = randomOf(seed);
  }

  reopen(disk: FaultyDisk): void {
    this.disk = disk;
    this.log = openOn(disk)!;
  }
}

interface Model {
  /** All that was appended and not cut; what a crash took is taken out. */
  samples: TestSample[];
  epoch: number;
  sequence: number;
}

type Step = fc.Command<Model, Real>;

class Append implements Step {
  readonly sizes: readonly number[];
  readonly settle: number;

  constructor(sizes: readonly number[], settle: number) {
    this.sizes = sizes;
    this.settle = settle;
  }

  check = () => true;

  run(model: Model, { log, disk }: Real): void {
    for (const size of this.sizes) {
      const sample = { epoch: model.epoch, sequence: model.sequence, text: 'x'.repeat(size) };
      model.sequence += 1 + (size % 3);
      model.samples.push(sample);
      append(log, [sample]);
    }
    // The disk answers some of it: the rest is on its way when the next thing happens.
    for (let turn = 0; turn < this.settle; turn++) disk.turn();
  }

  toString = () => `append ${this.sizes.join()} and ${this.settle} answers`;
}

class EndEpoch implements Step {
  readonly back: number;

  constructor(back: number) {
    this.back = back;
  }

  check = () => true;

  run(model: Model, { log }: Real): void {
    const ofEpoch = model.samples.filter(({ epoch }) => epoch === model.epoch);
    const last = ofEpoch.at(-1 - this.back)?.sequence ?? -1;
    log.end(model.epoch, last);
    model.samples = model.samples.filter(({ epoch, sequence }) => epoch < model.epoch || sequence <= last);
    model.epoch++;
    model.sequence = 0;
  }

  toString = () => `end the epoch, ${this.back} back`;
}

class Crash implements Step {
  check = () => true;

  run(model: Model, real: Real): void {
    const { durableEpoch, durableSequence } = real.log;
    real.reopen(real.disk.afterCrash(real.random));
    const found = read(real.disk, real.log);
    const kept = model.samples.filter(
      ({ epoch, sequence }) =>
        epoch < durableEpoch || (epoch === durableEpoch && sequence <= durableSequence),
    );
    assert.ok(found.length >= kept.length, `${found.length} of ${kept.length} that were durable`);
    // The end of an epoch, and so its cut, may be lost with the tail: then what it cut is there, and is cut again here.
    const wanted = textsOf(model.samples);
    const prefix = found.filter((text) => wanted.includes(text));
    assert.deepEqual(prefix, wanted.slice(0, prefix.length));
    model.samples = model.samples.slice(0, prefix.length);
    if (found.length > prefix.length) real.log.end(...lastOf(model));
    model.epoch = Math.max(model.epoch, ...found.map((text) => Number.parseInt(text))) + 1;
    model.sequence = 0;
  }

  toString = () => 'crash';
}

function lastOf({ samples }: Model): [epoch: number, sequence: number] {
  const last = samples.at(-1);
  return last === undefined ? [0, -1] : [last.epoch, last.sequence];
}

class Reopen implements Step {
  check = () => true;

  run(model: Model, real: Real): void {
    close(real.disk, real.log);
    real.reopen(real.disk.afterExit());
    assert.equal(real.log.torn, undefined);
    assert.deepEqual(read(real.disk, real.log), textsOf(model.samples));
    assert.deepEqual(finish(real.disk, inspect(real.disk))!.findings, []);
  }

  toString = () => 'close and open';
}

describe('a log, whatever is done to it', () => {
  it('holds a prefix of what was appended, with all that was durable, and nothing that was cut', function () {
    this.timeout(120_000);
    const steps = fc.commands(
      [
        fc
          .tuple(fc.array(fc.integer({ min: 0, max: 1500 }), { minLength: 1, maxLength: 12 }), fc.nat(30))
          .map(([sizes, settle]) => new Append(sizes, settle)),
        fc.nat(4).map((back) => new EndEpoch(back)),
        fc.constant(new Crash()),
        fc.constant(new Reopen()),
      ],
      { maxCommands: 30 },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 1 << 30 }), (commands, seed) => {
        fc.modelRun(() => {
          const real = new Real(seed);
          return { model: { samples: [], epoch: 1, sequence: 0 }, real };
        }, [...commands, new Reopen()]);
      }),
      { numRuns: 300 },
    );
  });
});
