import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Participant, type ParticipantOptions } from '../../runtime/dds/index.js';
import { freePort } from '../transport/tcp-domain.js';

describe('what a participant turned away', () => {
  const secret = 'known to all members';

  async function counted(tcp: ParticipantOptions['tcp']): Promise<object> {
    const port = await freePort();
    const domain = `tcp://127.0.0.1:${port}/tower`;
    await using participant = await Participant.join({ domain, tcp });
    assert.deepEqual(participant.turnedAway(), {});
    for (const words of ['GET / HTTP/1.1\r\n\r\n', 'EHLO here\r\n']) {
      const socket = connect(port, '127.0.0.1')
        .resume()
        .on('error', () => undefined);
      socket.write(words);
      await once(socket, 'close');
    }
    const other = Participant.join({ domain: domain.replace('tower', 'other'), tcp });
    await assert.rejects(other, { code: 'BE_JOIN_REFUSED' });
    return participant.turnedAway();
  }

  it('is counted by kind, also where neighbours share pages', async () => {
    assert.deepEqual(await counted({ secret, plain: true }), { garbage: 2, domain: 1 });
    assert.deepEqual(await counted({ secret, plain: true, sharePages: true }), { garbage: 2, domain: 1 });
  });

  it('is nothing where nobody can connect', async () => {
    await using participant = await Participant.join({ domain: 'local:alone' });
    assert.deepEqual(participant.turnedAway(), {});
  });
});
