import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LogicalClock } from '../../runtime/multicast/logical-clock.js';

/** Members with clocks that are off and may be set back, who write, show their clocks, and see each other's. */
interface Step {
  readonly member: number;
  readonly action: 'advance' | 'write' | 'show' | 'see';
  readonly by: number;
}

const steps = fc.array(
  fc.record({
    member: fc.nat(2),
    action: fc.constantFrom('advance', 'write', 'show', 'see'),
    by: fc.integer({ min: -1000, max: 1000 }),
  }),
  { maxLength: 200 },
) as fc.Arbitrary<Step[]>;

describe('the hybrid logical clock', () => {
  it('never goes back, whatever the physical one does, and is later than all that it has seen and shown', () => {
    fc.assert(
      fc.property(steps, (course) => {
        const physical = [1_000, 5_000, 9_000];
        const clocks = physical.map((_, m) => new LogicalClock({ nowUs: () => physical[m]! }));
        const row = new Float64Array(3);
        const least = [0, 0, 0];
        for (const { member, action, by } of course) {
          const clock = clocks[member]!;
          const other = Math.abs(by) % 3;
          if (action === 'advance') {
            physical[member]! += by;
            clock.advance(clock.nowUs());
            assert.ok(clock.lastUs >= physical[member]!);
          } else if (action === 'show') {
            clock.showIn(row, member);
            least[member] = Math.max(least[member]!, row[member]! + 1);
          } else if (action === 'see') {
            clock.observe(row[other]!);
            least[member] = Math.max(least[member]!, row[other]! + 1);
          }
          const time = clock.lastUs;
          assert.ok(time >= least[member]!, `${action}: ${time} after ${least[member]}`);
          assert.ok(Number.isSafeInteger(time));
          least[member] = time;
        }
      }),
    );
  });

  it('is no further ahead of the physical clocks than there were shows', () => {
    fc.assert(
      fc.property(steps, (course) => {
        const physical = [0, 0, 0];
        const clocks = physical.map((_, m) => new LogicalClock({ nowUs: () => physical[m]! }));
        const row = new Float64Array(3);
        let [latest, passed] = [1, 0];
        for (const { member, action, by } of course) {
          if (action === 'advance') {
            physical[member]! += Math.abs(by);
            clocks[member]!.advance(physical[member]!);
            latest = Math.max(latest, physical[member]!);
          } else if (action === 'see') {
            clocks[member]!.observe(row[Math.abs(by) % 3]!);
            passed++;
          } else if (action === 'show') {
            clocks[member]!.showIn(row, member);
            passed++;
          }
          assert.ok(clocks[member]!.lastUs <= latest + passed);
        }
      }),
    );
  });

  it('does not follow a time that is none', () => {
    const clock = new LogicalClock({ nowUs: () => 7 });
    clock.advance(7);
    for (const time of [NaN, Infinity, Number.MAX_SAFE_INTEGER, -1, 0]) clock.observe(time);
    assert.equal(clock.lastUs, 7);
  });
});
