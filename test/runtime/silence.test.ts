import assert from 'node:assert/strict';
import { Silence } from '../../runtime/membership/silence.js';
import type { Board } from '../../runtime/table/board.js';
import type { Transport } from '../../transport/transport.js';

const limitUs = 1_000_000;
/** As a participant does: twice in the limit. */
const lookUs = limitUs / 2;
const peer = 7;

/** One peer, seen through a board and a clock that the test sets. */
class Scene {
  life = 1;
  progress = 1;
  starved = false;
  nowUs = 0;
  #beatSeenAtUs = 0;
  readonly silence = new Silence(
    { isStarved: () => this.starved } as unknown as Transport,
    { lifeOf: () => this.life, progressOf: () => this.progress } as unknown as Board,
    limitUs,
    30 * limitUs,
  );

  look(afterUs = lookUs): 'silent' | 'blocked' | undefined {
    this.nowUs += afterUs;
    return this.silence.look([peer], this.nowUs)[0]?.[1];
  }

  /** Beats at every multiple of `gapUs`, for so long; whoever is suspected meanwhile fails the test. */
  beat(gapUs: number, forUs: number): void {
    for (const end = this.nowUs + forUs; this.nowUs < end;) {
      const before = Math.floor(this.nowUs / gapUs);
      const beats = Math.floor((this.nowUs + lookUs) / gapUs) > before;
      if (beats) this.life++;
      this.progress++;
      assert.equal(this.look(), undefined, `at ${this.nowUs} µs`);
      if (beats) this.#beatSeenAtUs = this.nowUs;
    }
  }

  /** From the last beat that was seen to the suspicion, in microseconds. */
  untilSuspected(): number {
    while (this.look() === undefined)
      assert.ok(this.nowUs - this.#beatSeenAtUs < 600 * limitUs, 'never suspected');
    return this.nowUs - this.#beatSeenAtUs;
  }
}

describe('silence', () => {
  it('of a member whose heart beat as it should is found once the limit has passed', () => {
    const scene = new Scene();
    scene.beat(250_000, 20_000_000);
    assert.equal(scene.untilSuspected(), limitUs);
  });

  it('of a member whose beats come late is given more time, and yet no more than one and a half of the limit', () => {
    for (const gapUs of [700_000, 900_000, 950_000]) {
      const scene = new Scene();
      scene.beat(gapUs, 60_000_000);
      assert.equal(scene.untilSuspected(), 1.5 * limitUs, `${gapUs} µs`);
    }
  });

  it('is given less time again once the beats are regular', () => {
    const scene = new Scene();
    scene.beat(900_000, 60_000_000);
    scene.beat(250_000, 60_000_000);
    assert.equal(scene.untilSuspected(), limitUs);
  });

  it('of a stopped member is found within twice the limit, however late its beats came and whenever it stopped', () => {
    for (let stopUs = 0; stopUs < 4_000_000; stopUs += 50_000) {
      const scene = new Scene();
      scene.beat(900_000, 30_000_000);
      const stoppedAt = scene.nowUs + stopUs;
      while (scene.nowUs + lookUs <= stoppedAt) scene.beat(900_000, lookUs);
      if (Math.floor(stoppedAt / 900_000) > Math.floor(scene.nowUs / 900_000)) scene.life++;
      while (scene.look() === undefined);
      assert.ok(scene.nowUs - stoppedAt <= 2 * limitUs, `${scene.nowUs - stoppedAt} µs`);
    }
  });

  it('does not count while this member was not scheduled itself: the others are looked at first', () => {
    const scene = new Scene();
    scene.beat(250_000, 5_000_000);
    assert.equal(scene.look(60 * limitUs), undefined);
    assert.equal(scene.look(60 * limitUs), undefined);
    scene.beat(250_000, lookUs);
    assert.equal(scene.untilSuspected(), limitUs);
  });

  it('of a process that runs, and is starved, is given ten times as long', () => {
    const scene = new Scene();
    scene.beat(250_000, 5_000_000);
    scene.starved = true;
    assert.equal(scene.untilSuspected(), 10 * limitUs);
  });

  it('of an event loop is found after the progress limit, though the heart beats', () => {
    const scene = new Scene();
    let found: string | undefined;
    while (found === undefined) {
      scene.life++;
      found = scene.look();
    }
    assert.equal(found, 'blocked');
    assert.ok(scene.nowUs >= 30 * limitUs && scene.nowUs <= 32 * limitUs);
  });
});
