import assert from 'node:assert/strict';
import { endAll, MemberProcess, newDomain, until } from './member-process.js';

describe('eight members that start at once', function () {
  this.timeout(60_000);
  afterEach(endAll);

  it('form one domain; one leader after another is killed, and those that are left go on, to the last', async () => {
    const domain = newDomain('memory');
    const members = await Promise.all(Array.from({ length: 8 }, () => MemberProcess.spawn()));
    await Promise.all(members.map((member) => member.joinAgain(domain)));
    await agreeOnView(members);
    for (const member of members) {
      await member.call('read', 't', 'samples$');
      await member.call('open', 't');
    }
    await Promise.all(members.map((member) => member.call('whenMatched', 't', 8)));
    await Promise.all(members.map((member) => member.call('start', 't', { batch: 5, pauseMs: 2 })));

    let left = members;
    while (left.length > 1) {
      const [leader] = (await left[0]!.call('views')).at(-1)!.members;
      await left.find(({ id }) => id === leader)!.kill();
      left = left.filter(({ id }) => id !== leader);
      await agreeOnView(left);
      await goOn(left);
      if (left.length === 2) await agreeOnOrder(left);
    }
  });

  /** All have the same view, in the same order, of them and nobody else. */
  async function agreeOnView(members: readonly MemberProcess[]): Promise<void> {
    const ids = members.map(({ id }) => id).sort(byNumber);
    const viewOf = async (member: MemberProcess) => (await member.call('views')).at(-1)!;
    for (const member of members)
      await until(
        async () => isEqual([...(await viewOf(member)).members].sort(byNumber), ids),
        'a view of all',
      );
    const views = await Promise.all(members.map(viewOf));
    for (const view of views) {
      assert.equal(view.viewId, views[0]!.viewId);
      assert.deepEqual(view.members, views[0]!.members);
    }
  }

  /** What each of them writes from now on is delivered by all. */
  async function goOn(members: readonly MemberProcess[]): Promise<void> {
    for (const member of members) {
      const before = (await member.call('report', 't')).byMember;
      await until(async () => {
        const { byMember } = await member.call('report', 't');
        return members.every(({ id }) => (byMember[id] ?? 0) > (before[id] ?? 0) + 10);
      }, 'what is written after the kill');
    }
  }

  async function agreeOnOrder(members: readonly MemberProcess[]): Promise<void> {
    const written = await Promise.all(members.map((member) => member.call('stop', 't')));
    const isWhole = async (member: MemberProcess) => {
      const { byMember } = await member.call('report', 't');
      return members.every(({ id }, i) => byMember[id] === written[i]);
    };
    for (const member of members) await until(() => isWhole(member), 'all that was written');
    const reports = await Promise.all(members.map((member) => member.call('report', 't')));
    for (const { hash, faults } of reports) {
      assert.deepEqual(faults, []);
      assert.equal(hash, reports[0]!.hash);
    }
    await Promise.all(members.map((member) => member.call('start', 't', { batch: 5, pauseMs: 2 })));
  }
});

function isEqual(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function byNumber(a: number, b: number): number {
  return a - b;
}
