/** A line between real sockets: what passes, what is cut, and what waits while it is stalled. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, it } from 'node:test';
import { Line } from './line.ts';

const open: { close(): void }[] = [];

afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

/** A server that says everything back, and the other ends of its connections. */
async function echo(): Promise<{ port: number; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(server);
  const address = server.address();
  ok(typeof address === 'object' && address !== null);
  return { port: address.port, sockets };
}

async function lineTo(...ports: number[]): Promise<Line> {
  const line = await Line.open(() => ports.map((port, n) => ({ name: `server-${n}`, port })));
  open.push(line);
  return line;
}

async function client(line: Line): Promise<Socket> {
  const socket = connect({ port: line.port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  open.push({ close: () => socket.destroy() });
  return socket;
}

async function answer(socket: Socket, word: string): Promise<string> {
  socket.write(word);
  const [bytes] = await once(socket, 'data');
  return `${bytes}`;
}

it('carries both ways, and an end after what came before it', async () => {
  const line = await lineTo((await echo()).port);
  const socket = await client(line);
  strictEqual(await answer(socket, 'hello'), 'hello');
  socket.end('goodbye');
  const [bytes] = await once(socket, 'data');
  strictEqual(`${bytes}`, 'goodbye');
  await once(socket, 'end');
});

it('leads to the first that can be reached, and resets who comes when none can', async () => {
  const free = await lineTo(1);
  const socket = connect({ port: free.port, host: '127.0.0.1' });
  const [error] = await once(socket, 'error');
  strictEqual(error.code, 'ECONNRESET');
  const line = await lineTo(1, (await echo()).port);
  strictEqual(await answer(await client(line), 'hello'), 'hello');
  deepStrictEqual(
    line.through.map(({ target }) => target),
    ['server-1'],
  );
});

it('is cut at both ends, by a reset if it is to be one', async () => {
  for (const how of ['end', 'reset'] as const) {
    const { port, sockets } = await echo();
    const line = await lineTo(port);
    const socket = await client(line);
    await answer(socket, 'hello');
    const far = sockets[0];
    ok(far !== undefined);
    const errors: string[] = [];
    socket.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code ?? ''));
    const near = new Promise((done) => socket.once(how === 'reset' ? 'close' : 'end', done));
    const gone = [near, new Promise((done) => far.once('close', done))];
    line.cut(how);
    await Promise.all(gone);
    deepStrictEqual(errors, how === 'reset' ? ['ECONNRESET'] : []);
    deepStrictEqual(line.through, []);
  }
});

it('lets nothing pass while it is stalled, and loses nothing by it', async () => {
  const { port, sockets } = await echo();
  const line = await lineTo(port);
  const socket = await client(line);
  await answer(socket, 'hello');
  line.stall(true);
  const waiting = answer(socket, 'later');
  // Another line answers meanwhile: whatever would have passed here has had its time.
  const other = await client(await lineTo(port));
  for (const word of ['1', '2', '3']) await answer(other, word);
  strictEqual(sockets[0]?.bytesRead, 'hello'.length);
  line.stall(false);
  strictEqual(await waiting, 'later');
});

it('knows a connection that becomes a WebSocket, also after other requests', async () => {
  const line = await lineTo((await echo()).port);
  const socket = await client(line);
  await answer(socket, 'GET /api/config HTTP/1.1\r\n\r\n');
  strictEqual(line.through[0]?.isSocket, false);
  await answer(socket, 'GET /ws/ HTTP/1.1\r\n\r\n');
  strictEqual(line.through[0]?.isSocket, true);
});

it('is tapped each way apart, and for each connection anew', async () => {
  const { port } = await echo();
  const heard: string[] = [];
  const line = await Line.open(
    () => [{ name: 'server', port }],
    (way) => {
      const tap = heard.push(`${way}:`) - 1;
      return (bytes) => {
        heard[tap] += `${bytes}`;
      };
    },
  );
  open.push(line);
  for (const word of ['one', 'two']) {
    const socket = await client(line);
    strictEqual(await answer(socket, word), word);
  }
  deepStrictEqual(heard, ['there:one', 'back:one', 'there:two', 'back:two']);
});
