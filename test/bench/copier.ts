import net from 'node:net';

/** A process on a host: takes so many bytes, and tells its parent the seconds they took; or sends them. */
const [what, bytes, address] = process.argv.slice(2);
const port = 7000;

function receive(): void {
  const server = net.createServer((socket) => {
    let received = 0;
    const began = performance.now();
    socket.on('data', (chunk) => {
      received += chunk.length;
      if (received < Number(bytes)) return;
      process.send?.((performance.now() - began) / 1000, () => process.exit());
    });
  });
  server.listen(port, () => process.send?.('ready'));
}

function send(): void {
  net.connect(port, address!).end(Buffer.alloc(Number(bytes)), () => process.exit());
}

if (what === 'receive') receive();
else send();
