#!/usr/bin/env node
/**
 * Stands where the test library starts Firefox, starts it, and passes on what the two say to each
 * other (WebDriver BiDi over RFC 6455) but for one command: the library sets media features as
 * soon as a context is made, whether asked to or not, and a Firefox that does not know the command
 * yet refuses, which ends the context. The command is answered here: nothing is set, nothing is lost.
 */
import { spawn } from 'node:child_process';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

const NOT_YET_KNOWN = 'emulation.setMediaFeaturesOverride';
const LISTENS = /WebDriver BiDi listening on ws:\/\/127\.0\.0\.1:(\d+)/;
const TEXT_AND_FINAL = 0x81;

const { FIREFOX = '/usr/bin/firefox-esr' } = process.env;

/** Cuts a stream into the frames that it is made of, each as it came. */
class Frames {
  #rest = Buffer.alloc(0);

  *of(bytes: Buffer): Generator<Buffer> {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (let size = sizeOf(this.#rest); size <= this.#rest.length; size = sizeOf(this.#rest)) {
      yield this.#rest.subarray(0, size);
      this.#rest = this.#rest.subarray(size);
    }
  }
}

/** Of the first frame; more than there is if its head has not come whole (RFC 6455, 5.2). */
function sizeOf(bytes: Buffer): number {
  if (bytes.length < 2) return Number.POSITIVE_INFINITY;
  const { head, payload } = measure(bytes);
  return bytes.length < head ? Number.POSITIVE_INFINITY : head + payload;
}

function measure(frame: Buffer): { readonly head: number; readonly payload: number } {
  const second = frame[1] ?? 0;
  const mask = (second & 0x80) === 0 ? 0 : 4;
  const short = second & 0x7f;
  if (short < 126) return { head: 2 + mask, payload: short };
  if (short === 126)
    return { head: 4 + mask, payload: frame.length < 4 ? 0 : frame.readUInt16BE(2) };
  return { head: 10 + mask, payload: frame.length < 10 ? 0 : Number(frame.readBigUInt64BE(2)) };
}

/** What a client's frame says: its text is masked. */
function textOf(frame: Buffer): string {
  const { head } = measure(frame);
  const mask = frame.subarray(head - 4, head);
  return Buffer.from(frame.subarray(head).map((byte, at) => byte ^ (mask[at % 4] ?? 0))).toString();
}

function frameOf(text: string): Buffer {
  const payload = Buffer.from(text);
  if (payload.length > 125) throw new Error('an answer of one short frame');
  return Buffer.concat([Buffer.from([TEXT_AND_FINAL, payload.length]), payload]);
}

function relay(near: Socket, port: number): void {
  const far = connect(port, '127.0.0.1');
  const end = () => {
    near.destroy();
    far.destroy();
  };
  for (const socket of [near, far]) socket.on('error', end).on('close', end);
  afterHead(near, (head, rest) => {
    // Compression would hide what is said, and Firefox is asked for by its own address alone.
    const asked = head
      .replace(/^sec-websocket-extensions:.*\r\n/im, '')
      .replace(/^host:.*\r\n/im, `Host: 127.0.0.1:${port}\r\n`);
    far.write(asked, 'latin1');
    frameByFrame(near, rest, (frame) => {
      const answer = answerTo(frame);
      if (answer === null) far.write(frame);
      else near.write(answer);
    });
  });
  afterHead(far, (head, rest) => {
    near.write(head, 'latin1');
    frameByFrame(far, rest, (frame) => near.write(frame));
  });
}

/** The HTTP with which a WebSocket begins, and what came with it. */
function afterHead(socket: Socket, then: (head: string, rest: Buffer) => void): void {
  let came = Buffer.alloc(0);
  const collect = (bytes: Buffer) => {
    came = Buffer.concat([came, bytes]);
    const end = came.indexOf('\r\n\r\n');
    if (end === -1) return;
    socket.off('data', collect);
    then(came.toString('latin1', 0, end + 4), came.subarray(end + 4));
  };
  socket.on('data', collect);
}

function frameByFrame(socket: Socket, rest: Buffer, tell: (frame: Buffer) => void): void {
  const frames = new Frames();
  const hear = (bytes: Buffer) => {
    for (const frame of frames.of(bytes)) tell(frame);
  };
  hear(rest);
  socket.on('data', hear);
}

/** `null` for whatever Firefox answers itself. */
function answerTo(frame: Buffer): Buffer | null {
  if (frame[0] !== TEXT_AND_FINAL) return null;
  const text = textOf(frame);
  if (!text.includes(NOT_YET_KNOWN)) return null;
  const { id, method } = JSON.parse(text) as { id: number; method: string };
  if (method !== NOT_YET_KNOWN) return null;
  return frameOf(JSON.stringify({ type: 'success', id, result: {} }));
}

const firefox = spawn(FIREFOX, process.argv.slice(2), { stdio: ['ignore', 'inherit', 'pipe'] });
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => firefox.kill(signal));
firefox.on('exit', (code) => process.exit(code ?? 1));
createInterface({ input: firefox.stderr }).on('line', (line) => {
  const port = LISTENS.exec(line)?.[1];
  if (port === undefined) {
    process.stderr.write(`${line}\n`);
    return;
  }
  const server = createServer((near) => relay(near, Number(port)));
  server.listen(0, '127.0.0.1', () => {
    const ours = (server.address() as AddressInfo).port;
    process.stderr.write(`${line.replace(`:${port}`, `:${ours}`)}\n`);
  });
});
