import { connect } from 'node:http2';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type AcknowledgedPlan, AcknowledgedStream } from '../harness/acknowledged-stream.js';
import { inBenchFolder } from '../harness/bench-folder.js';
import { playRole } from '../harness/role.js';
import { pause } from '../harness/stream.js';
import { endServer, serverProgram, startServer } from './server-process.js';

const nodes = 3;
const startMsMax = 15_000;

/** Three nodes of etcd on this machine, and a client of their leader that puts values under new keys, by gRPC. */
playRole<AcknowledgedPlan>((plan) =>
  inBenchFolder(async (folder) => {
    const ports = await freePorts(2 * nodes);
    const url = (port: number) => `http://127.0.0.1:${port}`;
    const names = Array.from({ length: nodes }, (_, node) => `n${node}`);
    const cluster = names.map((name, node) => `${name}=${url(ports[nodes + node]!)}`).join();
    const servers = names.map((name, node) => {
      const client = url(ports[node]!);
      const peer = url(ports[nodes + node]!);
      return startServer(serverProgram('etcd', 'etcd-server'), [
        ...['--name', name, '--data-dir', join(folder, name), '--log-level', 'error'],
        ...['--listen-client-urls', client, '--advertise-client-urls', client],
        ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
        ...['--initial-cluster', cluster, '--initial-cluster-state', 'new'],
      ]);
    });
    const leader = await leaderOf(ports.slice(0, nodes).map(url), () => servers[0]!.lastWords());
    const session = connect(leader);
    const value = Buffer.alloc(plan.bytes, 0x5a);
    let key = 0;
    const stream = new AcknowledgedStream(plan, () => {
      const request = session.request({
        ':method': 'POST',
        ':path': '/etcdserverpb.KV/Put',
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      request.on('trailers', (trailers) => {
        if (trailers['grpc-status'] !== '0') throw new Error(`etcd says ${String(trailers['grpc-message'])}`);
      });
      request.on('end', stream.acknowledged);
      request.resume();
      request.end(putRequest(`key${++key}`, value));
    });
    const readings = await stream.run();
    session.destroy();
    await Promise.all(servers.map(({ server }) => endServer(server)));
    return readings;
  }),
);

/** A message of gRPC, with the key and the value as fields 1 and 2. */
function putRequest(key: string, value: Buffer): Buffer {
  const low = 0x80 | (value.length & 0x7f);
  const head = Buffer.concat([
    Buffer.from([0x0a, key.length]),
    Buffer.from(key),
    Buffer.from([0x12, low, value.length >>> 7]),
  ]);
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(head.length + value.length, 1);
  return Buffer.concat([frame, head, value]);
}

/** The address of the node that leads, once there is one. */
async function leaderOf(urls: readonly string[], lastWords: () => string): Promise<string> {
  const end = performance.now() + startMsMax;
  while (performance.now() < end) {
    for (const url of urls) {
      const status = await statusOf(url);
      if (status !== undefined && status.leader === status.header.member_id) return url;
    }
    await pause(50);
  }
  throw new Error(`etcd did not start: ${lastWords()}`);
}

async function statusOf(url: string): Promise<{ leader: string; header: { member_id: string } } | undefined> {
  try {
    const answer = await fetch(`${url}/v3/maintenance/status`, { method: 'POST', body: '{}' });
    return (await answer.json()) as { leader: string; header: { member_id: string } };
  } catch {
    return undefined;
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
