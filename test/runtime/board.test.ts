import assert from 'node:assert/strict';
import { LocalHost } from '../../transport/local/host.js';
import { Board } from '../../runtime/table/board.js';
import { Poller, type Predicates } from '../../runtime/table/poller.js';

/** The slot of a topic: any but the domain's, which is 0. */
const slot = 3;

interface Member {
  host: LocalHost;
  board: Board;
  poller: Poller;
  rings: number;
}

function enter(): Member {
  const host = new LocalHost({ domain: 'board' });
  const board = new Board(host);
  const member = { host, board, poller: new Poller(host, board), rings: 0 };
  host.onBell(() => member.rings++);
  return member;
}

describe('a member that puts something into a topic', () => {
  let members: Member[] = [];

  beforeEach(() => {
    members = [enter(), enter(), enter()];
    const ids = members.map(({ host }) => host.self);
    for (const { board } of members) assert.ok(board.watch(ids));
    // They see each other's boards while nobody sleeps.
    for (const { host } of members) host.flush();
  });

  afterEach(() => Promise.all(members.map(({ host }) => host.close())));

  /** How often each of the others was rung out of its sleep once the first had put something into `slot` for the second. */
  async function ringsOf(slot: number): Promise<number[]> {
    const [writer, reader, bystander] = members as [Member, Member, Member];
    for (const { host } of [reader, bystander]) host.raiseSleeping();
    writer.host.allocate(`group${slot}`, 64, [reader.host.self]).put(0, 8);
    writer.board.mark(slot);
    writer.host.flush();
    await new Promise((resolve) => setTimeout(resolve, 5));
    return [reader.rings, bystander.rings];
  }

  it('wakes those who are in it, and nobody else', async () => {
    assert.deepEqual(await ringsOf(slot), [1, 0]);
  });

  it('wakes everyone where the topic is the domain itself', async () => {
    assert.deepEqual(await ringsOf(0), [1, 1]);
  });

  it('keeps nobody else awake, who may come into it later', () => {
    const [writer, reader, bystander] = members as [Member, Member, Member];
    const evaluated: string[] = [];
    const predicates = (name: string): Predicates => ({
      evaluate: () => evaluated.push(name) < 0,
      expects: false,
    });
    reader.poller.assign(slot, predicates('reader'));
    // A later slot, so that the bystander looks as far as the topic's.
    bystander.poller.assign(slot + 1, predicates('elsewhere'));
    for (const { poller } of [reader, bystander]) while (poller.pass());
    evaluated.length = 0;
    writer.board.mark(slot);
    assert.deepEqual([reader.poller.pass(), bystander.poller.pass()], [true, false]);
    assert.deepEqual(evaluated, ['reader']);
    bystander.poller.assign(slot, predicates('bystander'));
    assert.ok(bystander.poller.pass());
    assert.deepEqual(evaluated, ['reader', 'bystander']);
  });
});

describe('predicates that wait for what no put announces', () => {
  let one: Member;
  let other: Member;
  let looks: number;
  let isThere: boolean;

  beforeEach(() => {
    [one, other] = [enter(), enter()];
    const ids = [one.host.self, other.host.self];
    for (const { board } of [one, other]) assert.ok(board.watch(ids));
    looks = 0;
    isThere = false;
    one.poller.assign(0, {
      evaluate: () => (looks++, !isThere),
      get waits() {
        return !isThere;
      },
      expects: false,
    });
    one.poller.assign(slot, { evaluate: () => false, expects: false });
    assert.equal(one.poller.pass(), true);
    assert.equal(looks, 1);
  });

  afterEach(() => Promise.all([one, other].map(({ host }) => host.close())));

  it('are looked at again in each pass in which nothing else moves, which then counts as idle', () => {
    assert.equal(one.poller.waiting, true);
    assert.deepEqual([one.poller.pass(), one.poller.pass(), looks], [false, false, 3]);
    isThere = true;
    assert.deepEqual([one.poller.pass(), looks, one.poller.waiting], [true, 4, false]);
    assert.deepEqual([one.poller.pass(), looks], [false, 4]);
  });

  it('hold up nothing that moves, unless they move themselves or the time has come', () => {
    for (let n = 0; n < 10; n++) {
      other.board.mark(slot);
      assert.equal(one.poller.pass(), true);
    }
    assert.equal(looks, 1);
    other.board.mark(0);
    assert.equal(one.poller.pass(), false);
    assert.equal(looks, 2);
    one.poller.lookAgain();
    other.board.mark(slot);
    assert.equal(one.poller.pass(), true);
    assert.deepEqual([looks, one.poller.waiting], [3, true]);
  });
});
