import assert from 'node:assert/strict';
import { Agreement } from '../../runtime/membership/agreement.js';
import { Requests } from '../../runtime/membership/requests.js';
import { Suspicions } from '../../runtime/membership/suspicions.js';
import { firstView, type View } from '../../runtime/membership/view.js';
import { ViewTable } from '../../runtime/membership/view-table.js';
import { Board } from '../../runtime/table/board.js';
import { SimulatedNetwork } from '../../transport/simulated/network.js';

/** What one member has to do with agreement, stepped by hand. */
class Voter {
  readonly board: Board;
  readonly requests: Requests;
  readonly suspicions: Suspicions;
  readonly agreement: Agreement;

  constructor(network: SimulatedNetwork, view: View, id: number) {
    const transport = network.addMember(id);
    this.board = new Board(transport);
    this.requests = new Requests(this.board, 0);
    const table = new ViewTable(transport, this.board, view);
    this.suspicions = new Suspicions(table, transport, { freeze: () => undefined, stop: () => undefined });
    this.agreement = new Agreement(table, this.suspicions, this.requests, () => true);
  }

  request(): void {
    this.requests.add([{ op: 'close', endpoint: 1 }]);
    this.requests.publish(0);
  }

  get decided(): string[] | undefined {
    return this.agreement.decided?.map(({ kind, member }) => `${kind} ${member}`);
  }
}

describe('agreement on the end of a view', () => {
  it('adds nothing to what is decided when the leader dies, however long a proposal somebody dead has left', () => {
    const network = new SimulatedNetwork({ seed: 1, mode: 'aliased' });
    const view = firstView(0, 1, null);
    for (const id of [2, 3]) view.members.push({ id, info: null, applied: 0 });
    const [first, second, third] = [1, 2, 3].map((id) => new Voter(network, view, id)) as [
      Voter,
      Voter,
      Voter,
    ];
    first.request();
    third.request();

    // The second takes the first for dead, which only then proposes two changes: they are in its row as the third freezes it.
    first.board.watch([3]);
    second.suspicions.add(0, 'silent');
    first.agreement.evaluate();
    third.suspicions.judge();

    // The second, which has not met the third's board yet, proposes one change; it is decided.
    second.agreement.evaluate();
    third.agreement.evaluate();
    second.agreement.evaluate();
    third.agreement.evaluate();
    assert.deepEqual(second.decided, ['remove 1']);
    assert.deepEqual(third.decided, ['remove 1']);

    third.suspicions.add(1, 'died');
    third.agreement.evaluate();
    assert.deepEqual(third.decided, ['remove 1']);
  });
});
