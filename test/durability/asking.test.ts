import assert from 'node:assert/strict';
import { completed, run } from '../../runtime/durability/log/steps.js';
import { LogAsker } from '../../runtime/durability/replica/log-asker.js';
import { LogDesk } from '../../runtime/durability/replica/log-desk.js';
import type { LogReader } from '../../runtime/durability/replica/replica-disk.js';
import { SimulatedNetwork } from '../../transport/simulated/network.js';
import { SeededRandom } from '../../transport/simulated/random.js';
import { append, layoutOf, originOf, Replica } from './replicas.js';

interface Course {
  readonly from: number;
  readonly to: number;
  readonly got: string[];
  reading: LogReader;
  over: boolean;
  error: Error | undefined;
}

/** Three replicas whose logs are alike, and two members that keep none. */
class Scene {
  readonly net: SimulatedNetwork;
  readonly random: SeededRandom;
  readonly replicas: Replica[];
  readonly desks: LogDesk[];
  readonly askers: LogAsker[];
  #epoch = 1;

  constructor(seed: number, mode: 'aliased' | 'delayed') {
    this.random = new SeededRandom(seed);
    this.net = new SimulatedNetwork({ seed, mode });
    this.replicas = [1, 2, 3].map((id) => new Replica(this.net, id));
    const nothing = () => undefined;
    this.desks = this.replicas.map(
      ({ transport, replica }) => new LogDesk(transport, replica, nothing, nothing, 1000),
    );
    this.askers = [4, 5].map((id) => new LogAsker(this.net.addMember(id), nothing, nothing));
    for (const { catchUp } of this.replicas) catchUp.begin(layoutOf(1, [1, 2, 3]), originOf(-1));
    this.net.runFor(10_000);
    for (let sequence = 0; sequence < 500; sequence++) append(this.replicas, 1, sequence);
    this.net.runFor(10_000);
    this.begin([1, 2, 3]);
  }

  /** Another epoch, with these of the replicas. */
  begin(ids: readonly number[]): void {
    for (const { replica } of this.replicas) replica.end(this.#epoch, this.#epoch === 1 ? 499 : -1);
    const ended = this.#epoch++;
    const layout = layoutOf(this.#epoch, ids, [4, 5]);
    for (const { catchUp } of this.replicas) catchUp.begin(layout, originOf(ended));
    for (const part of [...this.desks, ...this.askers]) part.begin(layout);
  }

  step(): void {
    for (const part of [...this.desks, ...this.askers]) part.step();
    this.net.runFor(50);
  }

  read(from: number, to: number): Course {
    const asker = this.askers[this.random.below(2)]!;
    const upTo = { epoch: 1, sequence: to };
    // From the first on is without a bound.
    const reading = asker.reading(from === 0 ? { upTo } : { from: { epoch: 1, sequence: from }, upTo });
    const course: Course = { from, to, got: [], reading, over: false, error: undefined };
    const next = (): void =>
      reading.advance((error, isThere) => {
        course.error = error;
        course.over = error !== undefined || !isThere;
        if (course.over) return;
        course.got.push(`${reading.entry.epoch}.${reading.entry.sequence}`);
        // Not all at once.
        if (course.got.length % 7 === 0) this.net.schedule(this.net.clock.nowUs() + 100, next);
        else next();
      });
    next();
    return course;
  }
}

const expected = ({ from, to }: Course) =>
  Array.from({ length: Math.max(0, Math.min(to, 499) - from + 1) }, (_, index) => `1.${from + index}`);

describe('a log that others read', () => {
  it('gives each of them what it asked for, in order, over epochs, replicas that come and go, and readers that have enough', () => {
    let again = 0;
    let whole = 0;
    for (let seed = 1; seed <= 30; seed++) {
      const scene = new Scene(seed, seed % 2 === 0 ? 'aliased' : 'delayed');
      const { random } = scene;
      const courses: Course[] = [];
      const left = new Set<Course>();
      for (let turn = 0; turn < 400; turn++) {
        if (turn < 200 && random.below(20) === 0) {
          const from = Math.max(0, random.below(600) - 150);
          courses.push(scene.read(from, from + random.below(200) - 5));
        }
        if (turn < 200 && random.below(25) === 0) {
          again++;
          scene.begin([[1, 2, 3], [2, 3], [3, 1], [2]][random.below(4)]!);
        }
        const course = courses[random.below(Math.max(1, courses.length))];
        if (random.below(30) === 0 && course?.over === false) {
          left.add(course);
          run(
            completed((done) => course.reading.close(done)),
            () => undefined,
          );
        }
        scene.step();
      }
      for (const course of courses) {
        assert.equal(course.error, undefined);
        assert.equal(course.over, true, `seed ${seed}: ${course.from} to ${course.to} is not over`);
        const all = expected(course);
        assert.deepEqual(
          course.got,
          left.has(course) ? all.slice(0, course.got.length) : all,
          `seed ${seed}`,
        );
      }
      whole += courses.filter((course) => course.got.length > 50 && !left.has(course)).length;
    }
    assert.ok(again > 150 && whole > 50, `${again} epochs, ${whole} read to their end`);
  });

  it('is asked for at another replica where one cannot give it; and where none can, that is told', () => {
    const scene = new Scene(1, 'delayed');
    const fail = (index: number) => {
      const { log } = scene.replicas[index]!.disk.replica('t');
      log.reading = () => {
        throw new Error('the disk cannot be read');
      };
    };
    fail(0);
    const first = scene.read(0, 499);
    for (let turn = 0; turn < 1000; turn++) scene.step();
    assert.deepEqual(first.got, expected(first));
    fail(1);
    fail(2);
    const second = scene.read(0, 499);
    for (let turn = 0; turn < 1000; turn++) scene.step();
    assert.equal((second.error as { code?: string } | undefined)?.code, 'BE_HISTORY_LOST');
  });

  it('waits for a replica that has all; and whoever is a replica itself by then is told to read at home', () => {
    const scene = new Scene(1, 'aliased');
    scene.begin([]);
    const course = scene.read(3, 20);
    for (let turn = 0; turn < 50; turn++) scene.step();
    assert.equal(course.over, false);
    scene.begin([2]);
    for (let turn = 0; turn < 50; turn++) scene.step();
    assert.deepEqual(course.got, expected(course));
    scene.begin([]);
    const waiting = scene.read(3, 20);
    for (const asker of scene.askers) asker.begin(layoutOf(9, [4, 5]));
    assert.match(String(waiting.error), /keeps the log itself now/);
    const ended = new Error('closed');
    for (const asker of scene.askers) asker.end(ended);
    assert.equal(scene.read(3, 20).error, ended);
  });
});
