/** Sockets of the page that the worker uses, and the last words. */
import { describe, expect, it } from 'vitest';
import { good } from '../core/api.ts';
import type { Bytes } from '../core/bytes.ts';
import { Link } from '../core/link/driver.ts';
import type { SocketHandlers } from '../core/ports.ts';
import { encode } from '../core/wire/codec.ts';
import type { PeerFrame } from '../core/wire/frames.ts';
import { BOB, frameId } from '../test/builders.ts';
import { ManualClock } from '../test/manual-clock.ts';
import { seededRandom } from '../test/seeded-random.ts';
import { GATHERED_BYTES_MAX, LARGE_BYTES_MIN } from './gathering.ts';
import { FarSockets, HeldSockets } from './page-sockets.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);

/** What is to be done in later tasks, one after another, when a test lets them come. */
class Tasks {
  readonly #waiting: (() => void)[] = [];
  readonly later = (run: () => void) => void this.#waiting.push(run);

  run(): void {
    for (let run = this.#waiting.shift(); run !== undefined; run = this.#waiting.shift()) run();
  }
}

/** Both halves, with a real socket that writes down what is done to it. */
function pair() {
  const tasks = new Tasks();
  const crossed: string[] = [];
  const done: string[] = [];
  const waiting = { bytes: 0 };
  const reals: SocketHandlers[] = [];
  const connect = (handlers: SocketHandlers) => {
    reals.push(handlers);
    const n = reals.length;
    return {
      send: (bytes: Bytes) => void done.push(`${n} sends ${new TextDecoder().decode(bytes)}`),
      buffered: () => waiting.bytes,
      close: (code: number) => void done.push(`${n} closes ${code}`),
    };
  };
  const crosses = <Message extends { type: string }>(message: Message, given?: ArrayBuffer[]) => {
    crossed.push(message.type);
    return structuredClone(message, { transfer: given ?? [] });
  };
  const { later } = tasks;
  const held = new HeldSockets(connect, (...news) => far.hear(crosses(...news)), later);
  const far = new FarSockets((...order) => held.perform(crosses(...order)), later);
  return { far, held, done, reals, waiting, tasks, crossed };
}

function noting(heard: string[]): SocketHandlers {
  return {
    opened: () => void heard.push('opened'),
    received: (bytes) => void heard.push(`received ${new TextDecoder().decode(bytes)}`),
    closed: (code) => void heard.push(`closed ${code}`),
  };
}

describe('a socket of the page', () => {
  it('[PAGE6] carries bytes both ways, each socket its own', () => {
    const { far, done, reals } = pair();
    const heard: string[][] = [[], []];
    const [first, second] = heard.map((log) => far.connect(noting(log)));
    reals[0]?.opened();
    reals[1]?.opened();
    // A view into a larger buffer, as encoders make it.
    second?.send(utf8('..two..').subarray(2, 5));
    first?.send(utf8('one'));
    reals[0]?.received(utf8('heard'));
    reals[1]?.closed(1006);
    second?.send(utf8('into the void'));
    first?.close(1000);
    expect(done).toEqual(['2 sends two', '1 sends one', '1 closes 1000']);
    expect(heard).toEqual([
      ['opened', 'received heard'],
      ['opened', 'closed 1006'],
    ]);
  });

  it('[PAGE11] tells how much waits in the page, as it was a moment ago', () => {
    const { far, waiting, tasks } = pair();
    const socket = far.connect(noting([]));
    const buffered = () => {
      const bytes = socket.buffered();
      tasks.run();
      return bytes;
    };
    expect(buffered()).toBe(0);
    waiting.bytes = 70;
    socket.send(new Uint8Array(100));
    // The answer counts from the next time on.
    expect(buffered()).toBe(100);
    expect(buffered()).toBe(70);
    socket.send(new Uint8Array(5));
    expect(buffered()).toBe(75);
    waiting.bytes = 0;
    expect(buffered()).toBe(70);
    expect(buffered()).toBe(0);
  });

  it('[PAGE11] tells that less waits, and nothing while as much does', () => {
    const { far, waiting, tasks } = pair();
    let told = 0;
    const socket = far.connect({
      ...noting([]),
      // As somebody does who waits for room: a socket that stands still must not keep them busy.
      drained: () => {
        told += 1;
        socket.buffered();
      },
    });
    waiting.bytes = 70;
    socket.send(new Uint8Array(100));
    expect(told).toBe(0);
    socket.buffered();
    tasks.run();
    socket.buffered();
    tasks.run();
    expect(told).toBe(1);
    waiting.bytes = 0;
    socket.buffered();
    tasks.run();
    expect(told).toBe(2);
  });

  it('[PAGE33] takes the chunks of one task, and the question after them, in one message', () => {
    const { far, done, tasks, crossed, waiting } = pair();
    const socket = far.connect(noting([]));
    waiting.bytes = 10;
    for (let chunk = 0; chunk < 3; chunk += 1) {
      socket.send(new Uint8Array(LARGE_BYTES_MIN));
      socket.buffered();
    }
    expect(crossed).toEqual(['connect']);
    tasks.run();
    expect(crossed).toEqual(['connect', 'send', 'measured']);
    expect(done).toHaveLength(3);
    // The answer is about all of them.
    expect(socket.buffered()).toBe(10);
  });

  it('[PAGE33] takes a word at once, after the chunks before it, and no more of them than so many', () => {
    const { far, done, tasks, crossed } = pair();
    const socket = far.connect(noting([]));
    socket.send(new Uint8Array(LARGE_BYTES_MIN));
    socket.send(utf8('word'));
    expect(done.map((act) => act.length > 100)).toEqual([true, false]);
    socket.send(new Uint8Array(LARGE_BYTES_MIN));
    socket.close(1000);
    expect(done.at(-1)).toBe('1 closes 1000');
    expect(done).toHaveLength(4);
    const most = GATHERED_BYTES_MAX / LARGE_BYTES_MIN;
    for (let chunk = 0; chunk < most; chunk += 1) socket.send(new Uint8Array(LARGE_BYTES_MIN));
    expect(crossed.filter((type) => type === 'send')).toHaveLength(3);
    tasks.run();
    expect(crossed.filter((type) => type === 'send')).toHaveLength(3);
  });

  it('[PAGE6] says the last words when the page goes away, and only then', () => {
    const { far, held, done } = pair();
    const socket = far.connect(noting([]));
    socket.lastWords(utf8('too early'));
    socket.lastWords(utf8('goodbye'));
    expect(done).toEqual([]);
    held.hangUp();
    held.hangUp();
    expect(done).toEqual(['1 sends goodbye', '1 closes 1000']);
  });

  it('[PAGE6] hangs up without a word when the page is put aside, and tells when it is back', () => {
    const { far, held, done, reals } = pair();
    const heard: string[] = [];
    const socket = far.connect(noting(heard));
    socket.lastWords(utf8('goodbye'));
    held.putAside();
    expect(done).toEqual(['1 closes 1000']);
    reals[0]?.closed(1000);
    expect(heard).toEqual(['closed 1000']);
    held.hangUp();
    expect(done).toEqual(['1 closes 1000']);
  });

  it('[PAGE6] says nothing where the words were taken back, or the socket is gone', () => {
    const { far, held, done, reals } = pair();
    const silent = far.connect(noting([]));
    silent.lastWords(utf8('goodbye'));
    silent.lastWords(null);
    const gone = far.connect(noting([]));
    gone.lastWords(utf8('goodbye'));
    reals[1]?.closed(1006);
    held.hangUp();
    expect(done).toEqual(['1 closes 1000']);
  });

  it('[PAGE6] the link gives its last words to each of its sockets', async () => {
    const clock = new ManualClock();
    const given: (Bytes | null)[][] = [];
    const hangUps: (() => void)[] = [];
    const token = async () => good('t');
    const link = new Link({
      sockets: {
        connect(handlers) {
          const words: (Bytes | null)[] = [];
          given.push(words);
          hangUps.push(() => handlers.closed(1006));
          const lastWords = (bytes: Bytes | null) => void words.push(bytes);
          return { send: () => {}, buffered: () => 0, lastWords, close: () => {} };
        },
      },
      clock,
      random: seededRandom(1),
      visibility: { visible: () => true, watch: () => () => {} },
      tokens: { accessToken: token, renewedToken: token },
    });
    const body = new Uint8Array([2, 3]);
    const frame: PeerFrame = {
      ...{ type: 'peer', label: 'message', attempt: 0, peer: BOB, id: frameId(1), body },
    };
    link.start();
    await waitFor(() => given.length === 1);
    link.lastWords(frame);
    hangUps[0]?.();
    clock.advance(60_000);
    await waitFor(() => given.length === 2);
    link.lastWords(null);
    expect(given).toEqual([
      [null, encode(frame)],
      [encode(frame), null],
    ]);
  });
});

async function waitFor(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn += 1) {
    if (turn > 1_000) throw new Error(`never: ${condition}`);
    await Promise.resolve();
  }
}
