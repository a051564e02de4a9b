import { type Socket, createConnection } from 'node:net';
import { join } from 'node:path';
import { type AcknowledgedPlan, AcknowledgedStream } from '../harness/acknowledged-stream.js';
import { inBenchFolder } from '../harness/bench-folder.js';
import { playRole } from '../harness/role.js';
import { pause } from '../harness/stream.js';
import { endServer, serverProgram, startServer } from './server-process.js';

const startMsMax = 10_000;

/** One Redis that flushes before it answers, and a client on its Unix socket that adds to a stream, as many as are to be on their way. */
playRole<AcknowledgedPlan>((plan) =>
  inBenchFolder(async (folder) => {
    const path = join(folder, 'socket');
    const { server, lastWords } = startServer(serverProgram('redis-server', 'redis-server'), [
      ...['--port', '0', '--unixsocket', path, '--dir', folder, '--save', ''],
      ...['--appendonly', 'yes', '--appendfsync', 'always', '--auto-aof-rewrite-percentage', '0'],
    ]);
    const socket = await connected(path, lastWords);
    const add = Buffer.concat([
      Buffer.from(`*5\r\n$4\r\nXADD\r\n$1\r\ns\r\n$1\r\n*\r\n$1\r\nd\r\n$${plan.bytes}\r\n`),
      Buffer.alloc(plan.bytes, 0x5a),
      Buffer.from('\r\n'),
    ]);
    const stream = new AcknowledgedStream(plan, () => {
      // What is sent in one turn goes out as one write.
      if (socket.writableCorked === 0) {
        socket.cork();
        queueMicrotask(() => socket.uncork());
      }
      socket.write(add);
    });
    // Each answer is two lines: the length of the new id, and the id.
    let lines = 0;
    socket.on('data', (answers: Buffer) => {
      if (answers[0] === 0x2d) throw new Error(`Redis says ${answers.toString()}`);
      for (const byte of answers) if (byte === 0x0a && ++lines % 2 === 0) stream.acknowledged();
    });
    const readings = await stream.run();
    socket.destroy();
    await endServer(server);
    return readings;
  }),
);

async function connected(path: string, lastWords: () => string): Promise<Socket> {
  const end = performance.now() + startMsMax;
  while (performance.now() < end) {
    const socket = createConnection(path);
    const there = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (there) return socket;
    await pause(20);
  }
  throw new Error(`redis-server did not start: ${lastWords()}`);
}
