import { Link } from '../../transport/verbs/link.js';
import { rdma, soon } from './domain.js';

describe('the way to a peer by RDMA', () => {
  const { connect } = Link.prototype;
  afterEach(() => {
    Link.prototype.connect = connect;
  });

  it('is the end of that peer where nothing answers there, though their connection stands', async () => {
    let isFirst = true;
    Link.prototype.connect = function (this: Link, peer) {
      if (!isFirst) connect.call(this, peer);
      isFirst = false;
    };
    const { members, end } = await rdma(2);
    for (const one of members) for (const other of members) if (one !== other) one.watch(other.self);
    // Of these two, one has not connected its queue pair: what the other puts is never taken.
    for (const [i, one] of members.entries()) {
      const region = one.allocate('row', 64, [members[1 - i]!.self]);
      region.put(0, 8);
      one.flush();
    }
    const look = () => {
      for (const one of members) one.flush();
      return Promise.resolve(members.map((one, i) => one.isDead(members[1 - i]!.self)));
    };
    await soon(look, (dead) => dead.every(Boolean));
    await end();
  });
});
